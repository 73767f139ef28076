"""Readings: what each reply was read to say, once for each reply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.store.replies.replies import StoredReply, stored_reply
from bot.store.replies.tables import DbReading, DbReply


@dataclass(frozen=True, kw_only=True)
class StoredReading:
    """What one reply was read to say; `asked` are the doubts put back to its sender, `echo` the
    line he was answered.
    """

    reply_number: int
    outcome: str
    day: date | None
    late: bool
    asked: tuple[dict[str, Any], ...]
    echo: str
    read_at: datetime
    answers: int | None = None  # the reply whose question this one answered


def add_reading(  # noqa: PLR0913
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
    answers: int | None = None,
) -> None:
    """Keeps the reading of a reply. A second one is an IntegrityError: look first, behind
    `lock_campaign`.
    """
    session.add(
        DbReading(
            reply_id=reply_number,
            version=version,
            reader_version=reader_version,
            outcome=outcome,
            day=day,
            late=late,
            asked=json.dumps([dict(doubt) for doubt in asked], ensure_ascii=False),
            echo=echo,
            answers=answers,
            read_at=read_at,
        )
    )
    session.flush()


def find_reading(session: Session, reply_number: int) -> StoredReading | None:
    """The reading of a reply, None while it is unread."""
    row = session.scalar(select(DbReading).where(DbReading.reply_id == reply_number))
    return None if row is None else _reading(row)


def open_question(
    session: Session, campaign: CampaignKey, sender: str, day: date
) -> StoredReading | None:
    """What `sender` was last asked for `day`, if nothing of his was accepted for it since; what was
    no report is passed over.
    """
    last = session.scalars(
        select(DbReading)
        .join(DbReply, DbReading.reply_id == DbReply.id)
        .where(
            DbReply.campaign == campaign,
            DbReply.sender == sender,
            DbReading.day == day,
            DbReading.outcome != "none",
        )
        .order_by(DbReply.id.desc())
        .limit(1)
    ).first()
    return _reading(last) if last is not None and last.outcome == "ask" else None


def readings(
    session: Session, campaign: CampaignKey, day: date | None = None, *, doubted: bool = False
) -> list[tuple[StoredReply, StoredReading]]:
    """Every reply that was read, with its reading, in the order they were stored; of one reporting
    day if it is given.

    With `doubted` only those of which something was asked back.
    """
    rows = session.execute(
        select(DbReply, DbReading)
        .join(DbReading, DbReading.reply_id == DbReply.id)
        .where(
            DbReply.campaign == campaign,
            *([] if day is None else [DbReading.day == day]),
            *([DbReading.asked != "[]"] if doubted else []),
        )
        .order_by(DbReply.id)
    )
    return [(stored_reply(reply), _reading(reading)) for reply, reading in rows]


def asked_for(
    session: Session, campaign: CampaignKey, why: str, known_at: datetime
) -> list[tuple[date, str]]:
    """The reporting day and the sender of every reply that was asked back by then for that
    reason.
    """
    rows = session.execute(
        select(DbReading.day, DbReply.sender)
        .join(DbReply, DbReply.id == DbReading.reply_id)
        .where(
            DbReply.campaign == campaign,
            DbReading.outcome == "ask",
            DbReading.asked.contains(f'"{why}"', autoescape=True),
            DbReading.read_at <= known_at,
            DbReading.day.is_not(None),
        )
    )
    return [(day, sender) for day, sender in rows if day is not None]


def outcome_counts(session: Session, campaign: CampaignKey) -> dict[str, int]:
    """How many replies were read to each outcome."""
    rows = session.execute(
        select(DbReading.outcome, func.count())
        .join(DbReply, DbReading.reply_id == DbReply.id)
        .where(DbReply.campaign == campaign)
        .group_by(DbReading.outcome)
    )
    return dict(rows.all())


def _reading(row: DbReading) -> StoredReading:
    return StoredReading(
        reply_number=row.reply_id,
        outcome=row.outcome,
        day=row.day,
        late=row.late,
        asked=tuple(json.loads(row.asked)),
        echo=row.echo,
        answers=row.answers,
        read_at=row.read_at,
    )


def counts_since(session: Session, number: int) -> tuple[int, dict[str, int], int]:
    """Of the readings after that number: the last number, how many came to each outcome, and how
    many asked something back.

    Where several processes write at once, a reading may get its number before and be kept after one
    already counted.
    """
    later = DbReading.id > number
    outcomes = session.execute(
        select(DbReading.outcome, func.count()).where(later).group_by(DbReading.outcome)
    )
    last, asked = session.execute(
        select(func.max(DbReading.id), func.count().filter(DbReading.asked != "[]")).where(later)
    ).one()
    return last or number, dict(outcomes.all()), asked


def latest_number(session: Session) -> int:
    """The number of the newest reading; 0 when there is none."""
    return session.scalar(select(func.max(DbReading.id))) or 0
