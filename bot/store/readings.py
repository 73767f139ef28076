"""What each reply was read as: one reading a reply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from bot.store.database import Session
from bot.store.replies import StoredReply, _stored
from bot.store.tables import DbReading, DbReply


@dataclass(frozen=True, kw_only=True)
class StoredReading:
    """The outcome of reading one reply: accept, ask or none, with what was asked and what was echoed."""

    reply_number: int
    outcome: str
    day: date | None
    late: bool
    asked: tuple[Mapping[str, Any], ...]
    echo: str
    read_at: datetime


def add_reading(
    session: Session,
    *,
    reply_number: int,
    version: int,
    reader_version: int,
    outcome: str,
    day: date | None,
    late: bool,
    asked: Sequence[Mapping[str, Any]],
    echo: str,
    read_at: datetime,
) -> None:
    """Writes down how a reply was read, by which reader, under which version of the campaign."""
    session.add(
        DbReading(
            reply_id=reply_number,
            version=version,
            reader_version=reader_version,
            outcome=outcome,
            day=day,
            late=late,
            asked=json.dumps(list(asked), ensure_ascii=False),
            echo=echo,
            read_at=read_at,
        )
    )
    session.flush()


def find_reading(session: Session, reply_number: int) -> StoredReading | None:
    """The reading of one reply; None if it was not read yet."""
    row = session.scalar(select(DbReading).where(DbReading.reply_id == reply_number))
    return None if row is None else _read(row)


def readings(session: Session, campaign: str, day: date | None = None) -> list[tuple[StoredReply, StoredReading]]:
    """Replies of a campaign with their readings, in the order they came; of one reporting day if it is given."""
    query = select(DbReply, DbReading).join(DbReading, DbReading.reply_id == DbReply.id)
    query = query.where(DbReply.campaign == campaign).order_by(DbReply.id)
    if day is not None:
        query = query.where(DbReading.day == day)
    return [(_stored(reply), _read(reading)) for reply, reading in session.execute(query)]


def outcome_counts(session: Session, campaign: str) -> dict[str, int]:
    """How many replies were read as accept, ask, none."""
    counted = session.execute(
        select(DbReading.outcome, func.count())
        .join(DbReply, DbReading.reply_id == DbReply.id)
        .where(DbReply.campaign == campaign)
        .group_by(DbReading.outcome)
    )
    return dict(counted.tuples().all())


def _read(row: DbReading) -> StoredReading:
    return StoredReading(
        reply_number=row.reply_id,
        outcome=row.outcome,
        day=row.day,
        late=row.late,
        asked=tuple(json.loads(row.asked)),
        echo=row.echo,
        read_at=row.read_at,
    )
