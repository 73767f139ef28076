"""Replies as they came, unchanged and for ever; a message is known by its channel and number (law
3).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.engine.tables import insert_if_new
from bot.store.replies.tables import DbReading, DbReply


@dataclass(frozen=True, kw_only=True)
class StoredReply:
    """One message of the ledger; `number` is its place in it."""

    number: int
    campaign: CampaignKey
    channel: str
    message_id: str
    sender: str
    text: str
    sent_at: datetime
    arrived_at: datetime
    stated: Mapping[str, Any] | None = None
    """The cells of a form or of a row of a workbook, where it came as these; the text is only their
    record.
    """


def add_reply(  # noqa: PLR0913
    session: Session,
    *,
    campaign: CampaignKey,
    channel: str,
    message_id: str,
    sender: str,
    text: str,
    sent_at: datetime,
    arrived_at: datetime,
    stated: Mapping[str, Any] | None = None,
) -> tuple[StoredReply, bool]:
    """Keeps a message and says whether it is new; one already known is returned as it first
    came.
    """
    inserted = session.scalar(
        insert_if_new(session, DbReply)
        .values(
            campaign=campaign,
            channel=channel,
            message_id=message_id,
            sender=sender,
            text=text,
            sent_at=sent_at,
            arrived_at=arrived_at,
            stated="" if stated is None else json.dumps(stated, ensure_ascii=False),
        )
        .returning(DbReply.id)
    )
    row = session.scalars(
        select(DbReply).where(DbReply.channel == channel, DbReply.message_id == message_id)
    ).one()
    return stored_reply(row), inserted is not None


def get_reply(session: Session, number: int) -> StoredReply:
    """The message of that number; KeyError if there is none."""
    row = session.get(DbReply, number)
    if row is None:
        raise KeyError(number)
    return stored_reply(row)


def get_replies(session: Session, numbers: Collection[int]) -> dict[int, StoredReply]:
    """Those of these messages that there are, by number."""
    rows = session.scalars(select(DbReply).where(DbReply.id.in_(numbers))) if numbers else ()
    return {row.id: stored_reply(row) for row in rows}


def find_reply(session: Session, channel: str, message_id: str) -> StoredReply | None:
    """The message of that number of that channel; None if it never came."""
    row = session.scalar(
        select(DbReply).where(DbReply.channel == channel, DbReply.message_id == message_id)
    )
    return None if row is None else stored_reply(row)


def said_since(
    session: Session, campaign: CampaignKey, channel: str, sender: str, since: datetime
) -> int:
    """How many messages of a sender arrived over a channel since a moment."""
    return (
        session.scalar(
            select(func.count())
            .select_from(DbReply)
            .where(
                DbReply.campaign == campaign,
                DbReply.channel == channel,
                DbReply.sender == sender,
                DbReply.arrived_at >= since,
            )
        )
        or 0
    )


def unread_replies(session: Session, campaign: CampaignKey) -> list[StoredReply]:
    """The messages without a reading, in the order they were stored."""
    rows = session.scalars(
        select(DbReply)
        .outerjoin(DbReading, DbReading.reply_id == DbReply.id)
        .where(DbReply.campaign == campaign, DbReading.id.is_(None))
        .order_by(DbReply.id)
    )
    return [stored_reply(row) for row in rows]


def replies(session: Session, campaign: CampaignKey) -> list[StoredReply]:
    """All messages of a campaign, in the order they were stored."""
    rows = session.scalars(select(DbReply).where(DbReply.campaign == campaign).order_by(DbReply.id))
    return [stored_reply(row) for row in rows]


def sent_after(session: Session, numbers: Collection[int], moment: datetime) -> set[int]:
    """Of these messages those that were written after `moment`, by the platform's own time."""
    if not numbers:
        return set()
    return set(
        session.scalars(select(DbReply.id).where(DbReply.id.in_(numbers), DbReply.sent_at > moment))
    )


def stored_reply(row: DbReply) -> StoredReply:
    """The value of a row."""
    return StoredReply(
        number=row.id,
        campaign=CampaignKey(row.campaign),
        channel=row.channel,
        message_id=row.message_id,
        sender=row.sender,
        text=row.text,
        sent_at=row.sent_at,
        arrived_at=row.arrived_at,
        stated=json.loads(row.stated) if row.stated else None,
    )
