"""Deliveries: every step of one notice to one group. The next step is the next row, so of two who try one gets nothing (law 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from bot.domain.campaign import CampaignKey, GroupKey
from bot.domain.notice import Delivery, DeliveryState
from bot.store.store import lock_campaign
from bot.store.tables import DbDelivery, DbDeliveryEvent, DbOutbox, insert_if_new


class Overtaken(Exception):
    """Somebody else has taken the delivery over since: the lease ran out. Whoever gets this must not send it."""


@dataclass(frozen=True, kw_only=True)
class DeliveryEvent:
    """One thing that happened to a delivery; `attempt` and `page` count attempts made and pages confirmed up to it."""

    seq: int
    state: DeliveryState
    at: datetime
    attempt: int
    page: int
    until: datetime | None
    worker: str
    code: str
    detail: str


def add_delivery(
    session: Session,
    *,
    notice: int,
    campaign: CampaignKey,
    group: GroupKey,
    at: datetime,
    not_before: datetime,
    resend_of: int | None = None,
) -> int | None:
    """Writes a delivery that is due from `not_before` on; its number, or None if this very one exists already.

    Deliveries of a group go out in the order of their numbers: hold `lock_campaign`, or a lower one may be seen later.
    """
    number = session.scalar(
        insert_if_new(session, DbDelivery)
        .values(notice_id=notice, campaign=campaign, group_key=group, resend_of=resend_of)
        .returning(DbDelivery.id)
    )
    if number is None:
        return None
    session.add(
        DbDeliveryEvent(
            delivery_id=number,
            seq=1,
            state=DeliveryState.DUE.value,
            at=at,
            attempt=0,
            page=0,
            until=not_before,
            worker="",
            code="",
            detail="",
        )
    )
    session.add(DbOutbox(delivery_id=number, campaign=campaign, group_key=group, next_at=not_before))
    session.flush()
    return int(number)


def claim_due(session: Session, *, at: datetime, until: datetime, worker: str, limit: int) -> list[Delivery]:
    """Takes up to `limit` deliveries for this worker until `until`: of each group its oldest open one, if that is due at `at`.

    What waits behind it in the same group waits on, whatever its own hour (law 6).
    """
    oldest = select(func.min(DbOutbox.delivery_id)).group_by(DbOutbox.campaign, DbOutbox.group_key)
    due = (
        _latest()
        .join(DbOutbox, DbOutbox.delivery_id == DbDelivery.id)
        .where(
            DbOutbox.next_at <= at,
            DbOutbox.delivery_id.in_(oldest),
            DbDeliveryEvent.state == DeliveryState.DUE.value,
        )
        .order_by(DbOutbox.next_at, DbOutbox.delivery_id)
        .limit(limit)
        .with_for_update(of=DbOutbox, skip_locked=True)
    )
    claimed = []
    for row, last in session.execute(due).all():
        taken = _append(session, last, DeliveryState.CLAIMED, at=at, until=until, worker=worker)
        if taken is not None:
            claimed.append(_delivery(row, taken))
    return claimed


def record_attempt(session: Session, delivery: Delivery, *, at: datetime, until: datetime, page: int) -> Delivery:
    """Writes that page `page` (from 1) is about to leave; commit before it does. Overtaken if the claim no longer holds."""
    return _record(
        session, delivery, DeliveryState.ATTEMPTED, at=at, until=until, attempt=delivery.attempts + 1, page=page - 1
    )


def record_page(session: Session, delivery: Delivery, *, at: datetime, until: datetime) -> Delivery:
    """Writes that the page attempted was confirmed and more are to come; the claim holds until `until`."""
    return _record(session, delivery, DeliveryState.CLAIMED, at=at, until=until, page=delivery.page + 1)


def record_sent(session: Session, delivery: Delivery, *, at: datetime, detail: str) -> Delivery:
    """Writes that the platform confirmed the last page: the delivery is at its end."""
    return _record(session, delivery, DeliveryState.SENT, at=at, page=delivery.page + 1, detail=detail)


def record_refused(session: Session, delivery: Delivery, *, at: datetime, code: str, detail: str) -> Delivery:
    """Writes that the platform said no for good: the delivery is at its end, and the clerk must know."""
    return _record(session, delivery, DeliveryState.REFUSED, at=at, code=code, detail=detail)


def record_unknown(session: Session, delivery: Delivery, *, at: datetime, detail: str) -> Delivery:
    """Writes that the answer never came: the delivery is at its end, and nobody may count it as sent."""
    return _record(session, delivery, DeliveryState.UNKNOWN, at=at, detail=detail)


def record_retry(
    session: Session, delivery: Delivery, *, at: datetime, not_before: datetime, code: str, detail: str
) -> Delivery:
    """Writes that the page was certainly not taken: the delivery is due again from `not_before` on, its confirmed pages kept."""
    return _record(session, delivery, DeliveryState.DUE, at=at, until=not_before, code=code, detail=detail)


def expire(
    session: Session, at: datetime, *, repeatable: Callable[[Delivery], bool] = lambda _: False
) -> list[Delivery]:
    """Ends the leases that ran out by `at`, and returns the deliveries that thereby became *unknown*.

    Unknown is what was attempted and never answered, unless it is `repeatable`; that, and what was only claimed, is due again.
    They come campaign by campaign, so that two who repeat them lock the campaigns in one order and never each other.
    """
    over = (
        _latest()
        .join(DbOutbox, DbOutbox.delivery_id == DbDelivery.id)
        .where(
            DbOutbox.next_at <= at,
            DbDeliveryEvent.state.in_([DeliveryState.CLAIMED.value, DeliveryState.ATTEMPTED.value]),
        )
        .order_by(DbOutbox.campaign, DbOutbox.delivery_id)
        .with_for_update(of=DbOutbox, skip_locked=True)
    )
    unknown = []
    for row, last in session.execute(over).all():
        delivery = _delivery(row, last)
        if delivery.state is DeliveryState.CLAIMED or repeatable(delivery):
            _append(session, last, DeliveryState.DUE, at=at, until=at, detail="the lease ran out")
            continue
        lost = _append(session, last, DeliveryState.UNKNOWN, at=at, detail="no answer before the lease ran out")
        if lost is not None:
            unknown.append(_delivery(row, lost))
    return unknown


def add_resend(session: Session, delivery: Delivery, *, at: datetime, not_before: datetime) -> int | None:
    """Writes one repetition of a delivery, due from `not_before` on; its number, or None if it has been repeated already."""
    row = session.get_one(DbDelivery, delivery.number)
    lock_campaign(session, row.campaign)
    return add_delivery(
        session,
        notice=row.notice_id,
        campaign=CampaignKey(row.campaign),
        group=GroupKey(row.group_key),
        at=at,
        not_before=not_before,
        resend_of=row.id,
    )


def deliveries(session: Session, campaign: CampaignKey) -> list[Delivery]:
    """Every delivery of a campaign as it stands, in the order they were written."""
    rows = session.execute(_latest().where(DbDelivery.campaign == campaign).order_by(DbDelivery.id))
    return [_delivery(row, last) for row, last in rows]


def history(session: Session, number: int) -> list[DeliveryEvent]:
    """Everything that happened to one delivery, first to last."""
    rows = session.scalars(
        select(DbDeliveryEvent).where(DbDeliveryEvent.delivery_id == number).order_by(DbDeliveryEvent.seq)
    )
    return [
        DeliveryEvent(
            seq=row.seq,
            state=DeliveryState(row.state),
            at=row.at,
            attempt=row.attempt,
            page=row.page,
            until=row.until,
            worker=row.worker,
            code=row.code,
            detail=row.detail,
        )
        for row in rows
    ]


def counts(session: Session, campaign: CampaignKey) -> dict[str, int]:
    """How many deliveries of a campaign stand in each state; a state nothing stands in is left out."""
    last = _latest().where(DbDelivery.campaign == campaign).with_only_columns(DbDeliveryEvent.state).subquery()
    rows = session.execute(select(last.c.state, func.count()).group_by(last.c.state))
    return dict(rows.all())


def counts_of_newest(session: Session, most: int) -> dict[CampaignKey, dict[str, int]]:
    """Of the newest `most` deliveries of all campaigns, how many stand in each state: by campaign, then by state."""
    newest = session.scalar(select(func.max(DbDelivery.id))) or 0
    last = _latest().where(DbDelivery.id > newest - most).with_only_columns(DbDelivery.campaign, DbDeliveryEvent.state)
    found = last.subquery()
    counted: dict[CampaignKey, dict[str, int]] = {}
    for campaign, state, count in session.execute(
        select(found.c.campaign, found.c.state, func.count()).group_by(found.c.campaign, found.c.state)
    ):
        counted.setdefault(CampaignKey(campaign), {})[state] = count
    return counted


def oldest_due(session: Session) -> datetime | None:
    """Since when the longest waiting delivery not at its end could have gone out; None when everything is at its end.

    The quiet hours a notice was held through are no waiting.
    """
    return session.scalar(
        select(DbDeliveryEvent.until)
        .join(DbOutbox, DbOutbox.delivery_id == DbDeliveryEvent.delivery_id)
        .where(DbDeliveryEvent.seq == 1)
        .order_by(DbDeliveryEvent.until)
        .limit(1)
    )


def _latest() -> Select[DbDelivery, DbDeliveryEvent]:
    """Deliveries, each with the last thing that happened to it."""
    event = aliased(DbDeliveryEvent)
    last = select(func.max(event.seq)).where(event.delivery_id == DbDelivery.id).correlate(DbDelivery).scalar_subquery()
    return select(DbDelivery, DbDeliveryEvent).join(
        DbDeliveryEvent, (DbDeliveryEvent.delivery_id == DbDelivery.id) & (DbDeliveryEvent.seq == last)
    )


def _record(session: Session, delivery: Delivery, state: DeliveryState, **facts: Any) -> Delivery:
    """Appends what happened to a delivery its caller holds.

    An answer that comes after the lease ran out is still the truth about an *unknown* one: sent and refused stand over it,
    and a mere "try later" leaves it unknown, for it may have been repeated meanwhile.
    """
    # The row of the outbox first, as a claim and the end of a lease take it: in the other order two would wait for each other.
    session.execute(select(DbOutbox.delivery_id).where(DbOutbox.delivery_id == delivery.number).with_for_update())
    row, last = session.execute(_latest().where(DbDelivery.id == delivery.number)).one()
    stands = _delivery(row, last)
    if stands.seq != delivery.seq:
        if stands.state is not DeliveryState.UNKNOWN or state in (DeliveryState.CLAIMED, DeliveryState.ATTEMPTED):
            raise Overtaken(f"delivery {delivery.number} is {stands.state} since {stands.last_at}, not ours any more")
        if state is DeliveryState.DUE:
            state, facts = DeliveryState.UNKNOWN, {**facts, "until": None}
    appended = _append(session, last, state, **facts)
    if appended is None:
        raise Overtaken(f"delivery {delivery.number} was taken over by somebody else at this very moment")
    return _delivery(row, appended)


def _append(
    session: Session,
    last: DbDeliveryEvent,
    state: DeliveryState,
    *,
    at: datetime,
    until: datetime | None = None,
    attempt: int | None = None,
    page: int | None = None,
    worker: str | None = None,
    code: str = "",
    detail: str = "",
) -> DbDeliveryEvent | None:
    """Inserts the event after `last` and keeps the outbox in step; None when somebody else has inserted it."""
    appended: DbDeliveryEvent | None = session.scalar(
        insert_if_new(session, DbDeliveryEvent)
        .values(
            delivery_id=last.delivery_id,
            seq=last.seq + 1,
            state=state.value,
            at=at,
            attempt=last.attempt if attempt is None else attempt,
            page=last.page if page is None else page,
            until=until,
            worker=last.worker if worker is None else worker,
            code=code,
            detail=detail,
        )
        .returning(DbDeliveryEvent)
    )
    if appended is None:
        return None
    mine = DbOutbox.delivery_id == last.delivery_id
    if until is None:
        session.execute(delete(DbOutbox).where(mine))
    else:
        session.execute(update(DbOutbox).where(mine).values(next_at=until))
    return appended


def _delivery(row: DbDelivery, last: DbDeliveryEvent) -> Delivery:
    return Delivery(
        number=row.id,
        notice_number=row.notice_id,
        group=GroupKey(row.group_key),
        resend_of=row.resend_of,
        state=DeliveryState(last.state),
        seq=last.seq,
        attempts=last.attempt,
        page=last.page,
        last_at=last.at,
        not_before=last.until,
        detail=last.detail,
    )
