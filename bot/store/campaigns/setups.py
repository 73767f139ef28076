"""Campaigns set up on a page: which of the ledger's campaigns are served without a file, by whose
word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.campaigns.tables import DbSetup
from bot.store.decisions.tables import DbDecision


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A campaign as it was last set up on a page: in force from `set_at` on, or ended then."""

    campaign: CampaignKey
    version: int
    in_force: bool
    person: str
    set_at: datetime


def add_setup(
    session: Session,
    campaign: CampaignKey,
    version: int,
    *,
    in_force: bool,
    decision_number: int,
    at: datetime,
) -> None:
    """Puts that version of the campaign in force, or ends the campaign."""
    session.add(
        DbSetup(
            campaign=campaign,
            version=version,
            in_force=in_force,
            decision_id=decision_number,
            set_at=at,
        )
    )
    session.flush()


def setups(session: Session) -> dict[CampaignKey, Setup]:
    """Of every campaign that was ever set up on a page, how it was last, in the order they were
    first.
    """
    last = select(func.max(DbSetup.id).label("id"), func.min(DbSetup.id).label("first")).group_by(
        DbSetup.campaign
    )
    newest = last.subquery()
    rows = session.execute(
        select(DbSetup, DbDecision.person)
        .join(newest, newest.c.id == DbSetup.id)
        .join(DbDecision, DbDecision.id == DbSetup.decision_id)
        .order_by(newest.c.first)
    )
    return {
        CampaignKey(row.campaign): Setup(
            campaign=CampaignKey(row.campaign),
            version=row.version,
            in_force=row.in_force,
            person=person,
            set_at=row.set_at,
        )
        for row, person in rows
    }


def last_setup(session: Session) -> int:
    """The number of the newest setup of all, 0 before the first: while it stays, nothing has
    changed.
    """
    return session.scalar(select(func.max(DbSetup.id))) or 0
