"""Figures with what they came from: the message, or the decision of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey, TownshipName
from bot.domain.figures.progress import Figure
from bot.store.decisions.tables import DbDecision
from bot.store.figures.figures import COLUMNS, figure_of
from bot.store.figures.tables import DbFigure
from bot.store.replies.tables import DbReply


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a figure came from: the words of a reply, a person's decision, or both; neither if it
    was put in otherwise.
    """

    sender: str | None
    text: str | None
    sent_at: datetime | None
    person: str | None
    reason: str | None


def figures_of_township(
    session: Session, campaign: CampaignKey, township: TownshipName, day: date, known_at: datetime
) -> list[tuple[Figure, Source]]:
    """Every figure of a township up to `day` as known at `known_at`, in force or not, with its
    source, in the order of the log.
    """
    rows = session.execute(
        select(
            *COLUMNS,
            DbReply.sender,
            DbReply.text,
            DbReply.sent_at,
            DbDecision.person,
            DbDecision.reason,
        )
        .outerjoin(DbReply, DbReply.id == DbFigure.reply_id)
        .outerjoin(DbDecision, DbDecision.id == DbFigure.decision_id)
        .where(
            DbFigure.campaign == campaign,
            DbFigure.township == township,
            DbFigure.day <= day,
            DbFigure.recorded_at <= known_at,
        )
        .order_by(DbFigure.id)
    )
    return [
        (
            figure_of(row),
            Source(
                sender=row.sender,
                text=row.text,
                sent_at=row.sent_at,
                person=row.person,
                reason=row.reason,
            ),
        )
        for row in rows
    ]
