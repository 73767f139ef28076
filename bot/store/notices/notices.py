"""Notices: everything the bot said to groups, made once, together with its deliveries (law 5)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey, GroupKey, NoticeKind
from bot.domain.notices.delivery import DeliveryState
from bot.domain.notices.notice import Mention, Notice, Table
from bot.store.engine.store import lock_campaign
from bot.store.engine.tables import Db, insert_if_new
from bot.store.notices.deliveries import add_delivery
from bot.store.notices.tables import DbDelivery, DbDeliveryEvent, DbNotice


def add_notice(
    session: Session,
    notice: Notice,
    groups: Sequence[GroupKey],
    *,
    not_before: datetime,
    spread: Mapping[GroupKey, timedelta] = {},
) -> int | None:
    """Writes a notice and a delivery to each group, due from `not_before` on, or its `spread`
    later.

    Its number, or None if it exists already.
    """
    lock_campaign(session, notice.campaign)
    number = session.scalar(
        insert_if_new(session, DbNotice)
        .values(
            campaign=notice.campaign,
            version=notice.version,
            kind=notice.kind,
            day=notice.day,
            edition=notice.edition,
            number=notice.number,
            planned=notice.planned,
            made_at=notice.made_at,
            catch_up=notice.catch_up,
            title=notice.title,
            text=notice.text,
            table_json=_json(None if notice.table is None else asdict(notice.table)),
            mentions_json=_json([asdict(mention) for mention in notice.mentions]),
            rule_version=notice.rule_version,
        )
        .returning(DbNotice.id)
    )
    if number is None:
        return None
    for group in groups:
        add_delivery(
            session,
            notice=number,
            campaign=notice.campaign,
            group=group,
            at=notice.made_at,
            not_before=not_before + spread.get(group, timedelta(0)),
        )
    return int(number)


def get_notice(session: Session, number: int) -> Notice:
    """The notice of that number; KeyError if there is none."""
    return get_notices(session, [number])[number]


def get_notices(session: Session, numbers: Iterable[int]) -> dict[int, Notice]:
    """Those of these notices that there are, by number."""
    rows = session.connection().execute(_NUMBERED, {"numbers": list(set(numbers))})
    return {row.id: _notice(row) for row in rows}


_NOTICES = Db.metadata.tables["notices"]
_NUMBERED = select(_NOTICES).where(_NOTICES.c.id.in_(bindparam("numbers", expanding=True)))


def last_edition(session: Session, campaign: CampaignKey, kind: NoticeKind, day: date) -> int:
    """The highest edition of the notices of that kind for that day; 0 if there is none. Hold
    `lock_campaign` to add the next.
    """
    mine = (DbNotice.campaign == campaign, DbNotice.kind == kind, DbNotice.day == day)
    return session.scalar(select(func.max(DbNotice.edition)).where(*mine)) or 0


def find_notice(
    session: Session, campaign: CampaignKey, kind: NoticeKind, day: date
) -> tuple[int, Notice] | None:
    """The number and the notice of that kind for that day, the latest edition; None if none was
    made.
    """
    row = session.scalar(
        select(DbNotice)
        .where(DbNotice.campaign == campaign, DbNotice.kind == kind, DbNotice.day == day)
        .order_by(DbNotice.edition.desc())
        .limit(1)
    )
    return None if row is None else (row.id, _notice(row))


def last_notice(
    session: Session, campaign: CampaignKey, kind: NoticeKind, before: date
) -> Notice | None:
    """The notice of that kind of the latest day before that one, its first edition; None if there
    is none.
    """
    row = session.scalar(
        select(DbNotice)
        .where(DbNotice.campaign == campaign, DbNotice.kind == kind, DbNotice.day < before)
        .order_by(DbNotice.day.desc(), DbNotice.edition)
        .limit(1)
    )
    return None if row is None else _notice(row)


def notices(
    session: Session, campaign: CampaignKey, day: date | None = None
) -> list[tuple[int, Notice]]:
    """Every notice of a campaign with its number, in the order they were made; of one day if it is
    given.
    """
    mine = (DbNotice.campaign == campaign, *([] if day is None else [DbNotice.day == day]))
    rows = session.scalars(select(DbNotice).where(*mine).order_by(DbNotice.id))
    return [(row.id, _notice(row)) for row in rows]


def days_of_notices(session: Session, campaign: CampaignKey) -> list[date]:
    """The days that anything was said about, first to last."""
    days = (
        select(DbNotice.day).where(DbNotice.campaign == campaign).distinct().order_by(DbNotice.day)
    )
    return list(session.scalars(days))


def days_that_arrived(
    session: Session,
    campaign: CampaignKey,
    kinds: Collection[NoticeKind],
    groups: Collection[GroupKey],
    known_at: datetime,
) -> frozenset[date]:
    """The days of those notices of which a platform had confirmed by then that one of the groups
    got them.
    """
    rows = session.scalars(
        select(DbNotice.day)
        .join(DbDelivery, DbDelivery.notice_id == DbNotice.id)
        .join(DbDeliveryEvent, DbDeliveryEvent.delivery_id == DbDelivery.id)
        .where(
            DbNotice.campaign == campaign,
            DbNotice.kind.in_([str(kind) for kind in kinds]),
            DbDelivery.group_key.in_(groups),
            DbDeliveryEvent.state == DeliveryState.SENT.value,
            DbDeliveryEvent.at <= known_at,
        )
        .distinct()
    )
    return frozenset(rows)


def notices_page(
    session: Session,
    campaign: CampaignKey,
    number: int,
    known_at: datetime,
    *,
    most: int,
    kinds: Iterable[NoticeKind],
    day: date | None = None,
) -> list[tuple[int, Notice]]:
    """At most so many notices of these kinds after a number, in the order they were made, those
    made by `known_at`.
    """
    query = select(DbNotice).where(
        DbNotice.campaign == campaign,
        DbNotice.id > number,
        DbNotice.made_at <= known_at,
        DbNotice.kind.in_(list(kinds)),
    )
    if day is not None:
        query = query.where(DbNotice.day == day)
    return [
        (row.id, _notice(row)) for row in session.scalars(query.order_by(DbNotice.id).limit(most))
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _notice(row: DbNotice | Row[*tuple[Any, ...]]) -> Notice:
    table = json.loads(row.table_json)
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
        table=None
        if table is None
        else Table(
            head=tuple(table["head"]),
            rows=tuple(map(tuple, table["rows"])),
            notes=tuple(table["notes"]),
        ),
        mentions=tuple(Mention(**mention) for mention in json.loads(row.mentions_json)),
        rule_version=row.rule_version,
    )
