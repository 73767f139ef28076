"""Figures: the log of what townships reported, and what of it stands on a day as known at a moment
(law 1).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    Exists,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from bot.domain.campaigns.campaign import CampaignKey, CategoryKey, StageKey, TownshipName
from bot.domain.figures.progress import Cell, Figure
from bot.store.figures.tables import DbFigure


@dataclass(frozen=True, kw_only=True)
class NewFigure:
    """A figure about to enter the log. Without a value it withdraws the figure it supersedes."""

    township: TownshipName
    day: date
    stage: StageKey
    category: CategoryKey | None
    value: Decimal | None
    late: bool
    supersedes: int | None = None


def add_figures(
    session: Session,
    *,
    campaign: CampaignKey,
    version: int,
    recorded_at: datetime,
    figures: Sequence[NewFigure],
    reply_number: int | None = None,
    decision_number: int | None = None,
) -> list[int]:
    """Adds figures to the log, from a reply or a person's decision, and returns their numbers in
    the order given.

    The order of the log is that of `lock_campaign`: hold it, or two writers' numbers may
    interleave.
    """
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


def figures_until(
    session: Session, campaign: CampaignKey, day: date, known_at: datetime
) -> list[Figure]:
    """The log up to `day` as known at `known_at`, in its order.

    Corrections are in it whatever their day: one that moves a figure to a later day takes it away
    from the earlier one.
    """
    rows = session.execute(
        select(*COLUMNS)
        .where(
            DbFigure.campaign == campaign,
            DbFigure.recorded_at <= known_at,
            or_(DbFigure.day <= day, DbFigure.supersedes.is_not(None)),
        )
        .order_by(DbFigure.id)
    )
    return [figure_of(row) for row in rows]


def figures_after(session: Session, campaign: CampaignKey, number: int) -> list[Figure]:
    """The log of a campaign after the figure of that number, in its order; the whole of it for
    0.
    """
    rows = session.execute(
        select(*COLUMNS)
        .where(DbFigure.campaign == campaign, DbFigure.id > number)
        .order_by(DbFigure.id)
    )
    return [figure_of(row) for row in rows]


def figures_page(
    session: Session,
    campaign: CampaignKey,
    number: int,
    known_at: datetime,
    *,
    most: int,
    day: date | None = None,
    township: TownshipName | None = None,
) -> list[tuple[Figure, bool]]:
    """At most so many figures of the log after a number, in its order, as known at `known_at`; with
    each, whether it was in force then.

    In force is what neither withdraws nor is withdrawn or moved elsewhere; of a cell and day the
    last of them stands.
    """
    withdrawn = _withdrawn(session, campaign, known_at)
    moved = _moved(
        bindparam("withdrawn", sorted(withdrawn), expanding=True),
        bindparam("known_at", known_at, type_=DbFigure.recorded_at.type),
    )
    query = select(*COLUMNS, moved.label("moved")).where(
        DbFigure.campaign == campaign, DbFigure.id > number, DbFigure.recorded_at <= known_at
    )
    if day is not None:
        query = query.where(DbFigure.day == day)
    if township is not None:
        query = query.where(DbFigure.township == township)
    return [
        (figure_of(row), row.value is not None and row.id not in withdrawn and not row.moved)
        for row in session.execute(query.order_by(DbFigure.id).limit(most))
    ]


def get_figure(session: Session, campaign: CampaignKey, number: int) -> Figure:
    """The figure of that number, in force or not; KeyError if the campaign has none."""
    row = session.execute(
        select(*COLUMNS).where(DbFigure.campaign == campaign, DbFigure.id == number)
    ).one_or_none()
    if row is None:
        raise KeyError(number)
    return figure_of(row)


def get_figures(
    session: Session, campaign: CampaignKey, numbers: Collection[int]
) -> dict[int, Figure]:
    """Those of these figures that there are, in force or not, by number."""
    rows = session.execute(
        select(*COLUMNS).where(DbFigure.campaign == campaign, DbFigure.id.in_(numbers))
    )
    return {row.id: figure_of(row) for row in rows} if numbers else {}


def figures_of_decisions(
    session: Session, campaign: CampaignKey, decisions: Collection[int]
) -> dict[int, list[Figure]]:
    """The figures that each of these decisions brought into the log, in its order."""
    mine = (DbFigure.campaign == campaign, DbFigure.decision_id.in_(decisions))
    found: dict[int, list[Figure]] = {}
    for row in session.execute(
        select(*COLUMNS, DbFigure.decision_id).where(*mine).order_by(DbFigure.id)
    ):
        found.setdefault(row.decision_id, []).append(figure_of(row))
    return found


def figures_of_reply(session: Session, campaign: CampaignKey, reply_number: int) -> list[Figure]:
    """Every figure that came from a reply, in force or not, in the order of the log."""
    rows = session.execute(
        select(*COLUMNS)
        .where(DbFigure.campaign == campaign, DbFigure.reply_id == reply_number)
        .order_by(DbFigure.id)
    )
    return [figure_of(row) for row in rows]


def withdrawn(session: Session, campaign: CampaignKey) -> set[int]:
    """The numbers of the figures that are out of force because a person withdrew them."""
    return _withdrawn(session, campaign, None)


def standing(
    session: Session, campaign: CampaignKey, day: date, known_at: datetime
) -> dict[Cell, Decimal]:
    """What stands for `day` as known at `known_at`: of each cell the latest day's latest figure
    still in force.
    """
    newest = _newest(session, campaign, day, known_at, that_very_day=False)
    return {_cell(figure): figure.value for figure in newest if figure.value is not None}


def first_and_last_day(session: Session, campaign: CampaignKey) -> tuple[date, date] | None:
    """The first and the last day that any figure was ever for, in force or not; None without
    figures.
    """
    first, last = session.execute(
        select(func.min(DbFigure.day), func.max(DbFigure.day)).where(
            DbFigure.campaign == campaign, DbFigure.value.is_not(None)
        )
    ).one()
    return None if first is None or last is None else (first, last)


def latest_figures(session: Session, campaign: CampaignKey, day: date) -> dict[Cell, Figure]:
    """The figure in force of each cell that has one for that very day."""
    return {
        _cell(figure): figure
        for figure in _newest(session, campaign, day, None, that_very_day=True)
    }


def _newest(
    session: Session,
    campaign: CampaignKey,
    day: date,
    known_at: datetime | None,
    *,
    that_very_day: bool,
) -> list[Figure]:
    """The newest figure in force of each cell, chosen by the database; the rules are those of
    `progress.standing`.
    """
    facts = {
        "campaign": campaign,
        "day": day,
        "withdrawn": sorted(_withdrawn(session, campaign, known_at)),
        "known_at": known_at,
    }
    rows = session.execute(_newest_in_force(that_very_day, known_at is not None), facts)
    return [figure_of(row) for row in rows]


@cache
def _newest_in_force(that_very_day: bool, bounded: bool) -> Executable:
    """The question itself, put together once: every reply asks it twice."""
    day, known_at = (
        bindparam("day", type_=DbFigure.day.type),
        bindparam("known_at", type_=DbFigure.recorded_at.type),
    )
    withdrawn: BindParameter[Any] = bindparam("withdrawn", expanding=True)
    moved = _moved(withdrawn, known_at if bounded else None)
    place: ColumnElement[Any] = func.row_number().over(
        partition_by=(DbFigure.township, DbFigure.stage, DbFigure.category),
        order_by=(DbFigure.day.desc(), DbFigure.id.desc()),
    )
    in_force = (
        select(DbFigure.id, place.label("place"))
        .where(
            DbFigure.campaign == bindparam("campaign"),
            DbFigure.day == day if that_very_day else DbFigure.day <= day,
            DbFigure.value.is_not(None),
            DbFigure.id.not_in(withdrawn),
            *([DbFigure.recorded_at <= known_at] if bounded else []),
            ~moved,
        )
        .subquery()
    )
    chosen = (
        select(*COLUMNS).join(in_force, in_force.c.id == DbFigure.id).where(in_force.c.place == 1)
    )
    return chosen.order_by(DbFigure.id)


def _moved(withdrawn: BindParameter[Any], known_at: BindParameter[Any] | None) -> Exists:
    """Whether a later figure in force has taken this one to another cell or day."""
    later = aliased(DbFigure)
    return (
        select(later.id)
        .where(
            later.supersedes == DbFigure.id,
            later.value.is_not(None),
            later.id.not_in(withdrawn),
            *([later.recorded_at <= known_at] if known_at is not None else []),
            or_(
                later.township != DbFigure.township,
                later.stage != DbFigure.stage,
                later.category.is_distinct_from(DbFigure.category),
                later.day != DbFigure.day,
            ),
        )
        .exists()
    )


def _withdrawn(session: Session, campaign: CampaignKey, known_at: datetime | None) -> set[int]:
    """The figures out of force. A withdrawal may itself be withdrawn, to any depth, so the few
    there are are followed here.
    """
    query = select(DbFigure.id, DbFigure.supersedes).where(
        DbFigure.campaign == campaign, DbFigure.value.is_(None), DbFigure.supersedes.is_not(None)
    )
    if known_at is not None:
        query = query.where(DbFigure.recorded_at <= known_at)
    withdrawn: set[int] = set()
    for number, superseded in session.execute(query.order_by(DbFigure.id.desc())):
        if number not in withdrawn and superseded is not None:
            withdrawn.add(superseded)
    return withdrawn


def _cell(figure: Figure) -> Cell:
    return (figure.township, figure.stage, figure.category)


COLUMNS = (
    DbFigure.id,
    DbFigure.township,
    DbFigure.day,
    DbFigure.stage,
    DbFigure.category,
    DbFigure.value,
    DbFigure.recorded_at,
    DbFigure.late,
    DbFigure.supersedes,
    DbFigure.reply_id,
)
"""A sheet reads thousands of figures; plain columns come several times faster than entities."""


def figure_of(row: Any) -> Figure:
    return Figure(
        number=row.id,
        township=TownshipName(row.township),
        day=row.day,
        stage=StageKey(row.stage),
        category=None if row.category is None else CategoryKey(row.category),
        value=row.value,
        recorded_at=row.recorded_at,
        late=row.late,
        supersedes=row.supersedes,
        reply_number=row.reply_id,
    )
