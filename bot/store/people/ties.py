"""Ties: who a platform's number is, said by a person; the newest of a campaign holds (law 10)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.people.tables import DbTie


class TieKind(StrEnum):
    """What was tied: a person to a contact's nick, or a chat to a group's key."""

    SENDER = "sender"
    CHAT = "chat"


def add_tie(
    session: Session,
    kind: TieKind,
    *,
    channel: str,
    platform_id: str,
    campaign: CampaignKey,
    name: str,
    decision_number: int,
    at: datetime,
) -> None:
    """Keeps that this number is that contact or group; an empty name takes back what was tied
    before.
    """
    session.add(
        DbTie(
            kind=kind.value,
            channel=channel,
            platform_id=platform_id,
            campaign=campaign,
            name=name,
            decision_id=decision_number,
            tied_at=at,
        )
    )
    session.flush()


def tied(session: Session, kind: TieKind, channel: str, platform_id: str) -> dict[CampaignKey, str]:
    """What the number is in each campaign it is tied in: a contact's nick, or a group's key."""
    rows = session.execute(
        select(DbTie.campaign, DbTie.name)
        .where(DbTie.kind == kind.value, DbTie.channel == channel, DbTie.platform_id == platform_id)
        .order_by(DbTie.id)
    )
    return {
        key: name
        for key, name in {CampaignKey(campaign): name for campaign, name in rows}.items()
        if name
    }


def chats(session: Session) -> dict[tuple[str, str], set[CampaignKey]]:
    """Every chat that is tied, by channel and number, with the campaigns whose group it is."""
    rows = session.execute(
        select(DbTie.channel, DbTie.platform_id, DbTie.campaign, DbTie.name)
        .where(DbTie.kind == TieKind.CHAT.value)
        .order_by(DbTie.id)
    )
    newest = {
        (channel, number, CampaignKey(campaign)): name for channel, number, campaign, name in rows
    }
    found: dict[tuple[str, str], set[CampaignKey]] = {}
    for (channel, number, campaign), name in newest.items():
        if name:
            found.setdefault((channel, number), set()).add(campaign)
    return found


def heard_by(session: Session, campaign: CampaignKey) -> set[str]:
    """The channels on which a person has tied a chat to a group of this campaign."""
    rows = session.execute(
        select(DbTie.channel, DbTie.platform_id, DbTie.name)
        .where(DbTie.kind == TieKind.CHAT.value, DbTie.campaign == campaign)
        .order_by(DbTie.id)
    )
    newest = {(channel, platform_id): name for channel, platform_id, name in rows}
    return {channel for (channel, _), name in newest.items() if name}
