"""Notices, each made once, written together with its deliveries (law 5)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import select

from bot.domain.campaign import CampaignKey, GroupKey, NoticeKind
from bot.domain.notice import Mention, Notice, Table
from bot.store.database import Session
from bot.store.deliveries import add_delivery
from bot.store.tables import DbNotice


def add_notice(session: Session, notice: Notice, groups: Sequence[GroupKey], *, not_before: datetime) -> int | None:
    """Writes a notice and one delivery for each group; its number, or None if that very notice exists already."""
    known = select(DbNotice.id).where(
        DbNotice.campaign == notice.campaign,
        DbNotice.kind == notice.kind.value,
        DbNotice.day == notice.day,
        DbNotice.edition == notice.edition,
    )
    if session.scalar(known) is not None:
        return None
    row = DbNotice(
        campaign=notice.campaign,
        version=notice.version,
        kind=notice.kind.value,
        day=notice.day,
        edition=notice.edition,
        number=notice.number,
        planned=notice.planned,
        made_at=notice.made_at,
        catch_up=notice.catch_up,
        title=notice.title,
        text=notice.text,
        table=json.dumps(notice.table and asdict(notice.table), ensure_ascii=False),
        mentions=json.dumps([asdict(mention) for mention in notice.mentions], ensure_ascii=False),
        rule_version=notice.rule_version,
    )
    session.add(row)
    session.flush()
    for group in groups:
        add_delivery(session, row.id, notice.campaign, group, at=notice.made_at, not_before=not_before)
    return row.id


def get_notice(session: Session, number: int) -> Notice:
    """The notice of that number; KeyError if there is none."""
    row = session.get(DbNotice, number)
    if row is None:
        raise KeyError(number)
    return _notice(row)


def find_notice(session: Session, campaign: str, kind: NoticeKind, day: date) -> tuple[int, Notice] | None:
    """The latest edition of that kind about that day, with its number; None if there is none."""
    row = session.scalar(
        select(DbNotice)
        .where(DbNotice.campaign == campaign, DbNotice.kind == kind.value, DbNotice.day == day)
        .order_by(DbNotice.edition.desc())
        .limit(1)
    )
    return None if row is None else (row.id, _notice(row))


def notices(session: Session, campaign: str) -> list[tuple[int, Notice]]:
    """Every notice of the campaign with its number, in the order they were made."""
    rows = session.scalars(select(DbNotice).where(DbNotice.campaign == campaign).order_by(DbNotice.id))
    return [(row.id, _notice(row)) for row in rows]


def _notice(row: DbNotice) -> Notice:
    table = json.loads(row.table)
    return Notice(
        campaign=CampaignKey(row.campaign),
        version=row.version,
        kind=NoticeKind(row.kind),
        day=row.day,
        edition=row.edition,
        number=row.number,
        planned=row.planned,
        made_at=row.made_at,
        catch_up=row.catch_up,
        title=row.title,
        text=row.text,
        table=table
        and Table(head=tuple(table["head"]), rows=tuple(map(tuple, table["rows"])), notes=tuple(table["notes"])),
        mentions=tuple(Mention(**mention) for mention in json.loads(row.mentions)),
        rule_version=row.rule_version,
    )
