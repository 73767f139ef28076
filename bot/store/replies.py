"""Replies as they came, kept for ever and unchanged; a message is known by its channel and its id there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.store.database import Session
from bot.store.tables import DbReading, DbReply


@dataclass(frozen=True, kw_only=True)
class StoredReply:
    """One message in the ledger."""

    number: int
    campaign: str
    channel: str
    message_id: str
    sender: str
    text: str
    sent_at: datetime
    arrived_at: datetime


def add_reply(
    session: Session,
    *,
    campaign: str,
    channel: str,
    message_id: str,
    sender: str,
    text: str,
    sent_at: datetime,
    arrived_at: datetime,
) -> tuple[StoredReply, bool]:
    """Stores a message and tells whether it is new; a platform's redelivery gives back what is stored already."""
    known = session.scalar(select(DbReply).where(DbReply.channel == channel, DbReply.message_id == message_id))
    if known is not None:
        return _stored(known), False
    row = DbReply(
        campaign=campaign,
        channel=channel,
        message_id=message_id,
        sender=sender,
        text=text,
        sent_at=sent_at,
        arrived_at=arrived_at,
    )
    session.add(row)
    session.flush()
    return _stored(row), True


def unread_replies(session: Session, campaign: str) -> list[StoredReply]:
    """Messages that were stored and never read, oldest first: the process died in between."""
    rows = session.scalars(
        select(DbReply)
        .outerjoin(DbReading, DbReading.reply_id == DbReply.id)
        .where(DbReply.campaign == campaign, DbReading.id.is_(None))
        .order_by(DbReply.id)
    )
    return [_stored(row) for row in rows]


def _stored(row: DbReply) -> StoredReply:
    return StoredReply(
        number=row.id,
        campaign=row.campaign,
        channel=row.channel,
        message_id=row.message_id,
        sender=row.sender,
        text=row.text,
        sent_at=row.sent_at,
        arrived_at=row.arrived_at,
    )
