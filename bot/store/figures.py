"""Figures: township × day × stage × category = cumulative value. Only added to; what stands is a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from bot.domain.campaign import CategoryKey, StageKey, TownshipName
from bot.domain.progress import Cell, Figure, standing_figures
from bot.store.database import Session
from bot.store.tables import DbFigure


@dataclass(frozen=True, kw_only=True)
class NewFigure:
    """A figure about to be recorded; `value` None withdraws the one it supersedes."""

    township: TownshipName
    day: date
    stage: StageKey
    category: CategoryKey | None
    value: Decimal | None
    late: bool = False
    supersedes: int | None = None


def add_figures(
    session: Session,
    *,
    campaign: str,
    version: int,
    recorded_at: datetime,
    figures: Sequence[NewFigure],
    reply_number: int | None = None,
    decision_number: int | None = None,
) -> list[int]:
    """Adds figures to the log, with the reply or the decision they come from; their numbers, in order."""
    rows = [
        DbFigure(
            campaign=campaign,
            version=version,
            township=figure.township,
            day=figure.day,
            stage=figure.stage,
            category=figure.category,
            value=figure.value,
            late=figure.late,
            recorded_at=recorded_at,
            supersedes=figure.supersedes,
            reply_id=reply_number,
            decision_id=decision_number,
        )
        for figure in figures
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def figures_until(session: Session, campaign: str, day: date, known_at: datetime) -> list[Figure]:
    """Every figure for days up to `day` that was recorded by `known_at`, in the order of the log."""
    rows = session.scalars(
        select(DbFigure)
        .where(DbFigure.campaign == campaign, DbFigure.day <= day, DbFigure.recorded_at <= known_at)
        .order_by(DbFigure.id)
    )
    return [_figure(row) for row in rows]


def standing(session: Session, campaign: str, day: date, known_at: datetime) -> dict[Cell, Decimal]:
    """What stands for `day` as known at `known_at`."""
    return standing_figures(figures_until(session, campaign, day, known_at), day, known_at)


def latest_figures(session: Session, campaign: str, day: date) -> dict[Cell, Figure]:
    """The figure that stands in each cell for that very day, withdrawn ones left out."""
    rows = session.scalars(
        select(DbFigure).where(DbFigure.campaign == campaign, DbFigure.day == day).order_by(DbFigure.id)
    )
    told = [_figure(row) for row in rows]
    withdrawn = {figure.supersedes for figure in told if figure.value is None}
    return {
        (figure.township, figure.stage, figure.category): figure
        for figure in told
        if figure.value is not None and figure.number not in withdrawn
    }


def _figure(row: DbFigure) -> Figure:
    return Figure(
        number=row.id,
        township=TownshipName(row.township),
        day=row.day,
        stage=StageKey(row.stage),
        category=CategoryKey(row.category) if row.category is not None else None,
        value=row.value,
        recorded_at=row.recorded_at,
        late=row.late,
        supersedes=row.supersedes,
        reply_number=row.reply_id,
    )
