"""Addresses of groups' robots, sealed: who entered them and when, never what they are (law 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey, GroupKey
from bot.store.campaigns.tables import DbAddress
from bot.store.decisions.tables import DbDecision


@dataclass(frozen=True, kw_only=True)
class SealedAddress:
    """The address of a group as it was last entered on a page; `fingerprint` is all of it that may
    be shown.
    """

    campaign: CampaignKey
    group: GroupKey
    sealed: str = field(repr=False)
    fingerprint: str
    person: str
    set_at: datetime


def add_address(
    session: Session,
    campaign: CampaignKey,
    group: GroupKey,
    *,
    sealed: str,
    fingerprint: str,
    decision_number: int,
    at: datetime,
) -> None:
    """Keeps a sealed address, which holds from now on; an empty one takes the group's address
    away.
    """
    session.add(
        DbAddress(
            campaign=campaign,
            group_key=group,
            sealed=sealed,
            fingerprint=fingerprint,
            decision_id=decision_number,
            set_at=at,
        )
    )
    session.flush()


def addresses(
    session: Session, campaign: CampaignKey | None = None
) -> dict[tuple[CampaignKey, GroupKey], SealedAddress]:
    """The address that holds for each group that has one, of one campaign or of all."""
    last = select(func.max(DbAddress.id)).group_by(DbAddress.campaign, DbAddress.group_key)
    if campaign is not None:
        last = last.where(DbAddress.campaign == campaign)
    rows = session.execute(
        select(DbAddress, DbDecision.person)
        .join(DbDecision, DbDecision.id == DbAddress.decision_id)
        .where(DbAddress.id.in_(last), DbAddress.sealed != "")
        .order_by(DbAddress.id)
    )
    found = (
        SealedAddress(
            campaign=CampaignKey(row.campaign),
            group=GroupKey(row.group_key),
            sealed=row.sealed,
            fingerprint=row.fingerprint,
            person=person,
            set_at=row.set_at,
        )
        for row, person in rows
    )
    return {(address.campaign, address.group): address for address in found}


def last_address(session: Session) -> int:
    """The number of the newest address of all, 0 before the first: while it stays, nothing has
    changed.
    """
    return session.scalar(select(func.max(DbAddress.id))) or 0
