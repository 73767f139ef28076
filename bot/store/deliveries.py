"""Deliveries: one notice to one group, and everything that happened to it, event after event (law 5).

due → claimed (lease) → attempted → sent | refused | unknown. The state is the last event; `outbox` holds what is still open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from bot.domain.campaign import GroupKey
from bot.domain.notice import Delivery, DeliveryState
from bot.store.database import Session
from bot.store.tables import DbDelivery, DbDeliveryEvent, DbNotice, DbOutbox

LONGEST_DETAIL = 300


class Overtaken(Exception):
    """Somebody else has gone on with this delivery: its lease was over and it is theirs now, or settled."""


def add_delivery(
    session: Session,
    notice_number: int,
    campaign: str,
    group: GroupKey,
    *,
    at: datetime,
    not_before: datetime,
    resend_of: int | None = None,
) -> int:
    """Makes a delivery due; its number."""
    row = DbDelivery(notice_id=notice_number, group_key=group, resend_of=resend_of or 0)
    session.add(row)
    session.flush()
    session.add(
        DbDeliveryEvent(
            delivery_id=row.id,
            seq=1,
            state=DeliveryState.DUE,
            at=at,
            attempts=0,
            page=0,
            until=not_before,
            worker="",
            code="",
            detail="",
        )
    )
    session.add(DbOutbox(delivery_id=row.id, campaign=campaign, group_key=group, next_at=not_before))
    session.flush()
    return row.id


def claim_due(session: Session, *, at: datetime, until: datetime, worker: str, limit: int) -> list[Delivery]:
    """Takes what is due for this worker until `until`: of each group only the oldest open delivery (law 6)."""
    older = aliased(DbOutbox)
    oldest_first = ~(
        select(older.delivery_id)
        .where(
            older.campaign == DbOutbox.campaign,
            older.group_key == DbOutbox.group_key,
            older.delivery_id < DbOutbox.delivery_id,
        )
        .exists()
    )
    waiting = (
        select(DbOutbox.delivery_id)
        .where(DbOutbox.next_at <= at, oldest_first)
        .order_by(DbOutbox.next_at, DbOutbox.delivery_id)
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        # Two workers at once take different rows instead of waiting for each other.
        waiting = waiting.with_for_update(skip_locked=True)
    claimed = []
    for number in session.scalars(waiting).all():
        delivery = get_delivery(session, number)
        if delivery.state is not DeliveryState.DUE:
            continue  # claimed or attempted, its lease over: `expire` says what becomes of it
        claimed.append(_append(session, delivery, DeliveryState.CLAIMED, at=at, until=until, worker=worker))
    return claimed


def record_attempt(session: Session, delivery: Delivery, *, at: datetime, until: datetime, page: int) -> Delivery:
    """Writes down that page `page` is about to leave; committed before it does."""
    return _append(
        session,
        delivery,
        DeliveryState.ATTEMPTED,
        at=at,
        until=until,
        attempts=delivery.attempts + 1,
        detail=f"page {page}",
    )


def record_page(session: Session, delivery: Delivery, *, at: datetime, until: datetime) -> Delivery:
    """One page is confirmed and more are to come."""
    return _append(session, delivery, DeliveryState.CLAIMED, at=at, until=until, page=delivery.page + 1)


def record_sent(session: Session, delivery: Delivery, *, at: datetime, detail: str) -> Delivery:
    """The platform's own code says that all of it arrived."""
    return _append(session, delivery, DeliveryState.SENT, at=at, page=delivery.page + 1, detail=detail)


def record_refused(session: Session, delivery: Delivery, *, at: datetime, code: str, detail: str) -> Delivery:
    """It will not be sent any more."""
    return _append(session, delivery, DeliveryState.REFUSED, at=at, code=code, detail=detail)


def record_unknown(session: Session, delivery: Delivery, *, at: datetime, detail: str) -> Delivery:
    """Nobody knows whether it arrived; a person or the rule of its kind decides."""
    return _append(session, delivery, DeliveryState.UNKNOWN, at=at, detail=detail)


def record_retry(
    session: Session, delivery: Delivery, *, at: datetime, not_before: datetime, code: str, detail: str
) -> Delivery:
    """It certainly did not arrive, and is due again from `not_before` on."""
    return _append(session, delivery, DeliveryState.DUE, at=at, until=not_before, code=code, detail=detail)


def expire(session: Session, at: datetime, *, repeatable: Callable[[Delivery], bool]) -> list[Delivery]:
    """Ends the leases that are over: what was only claimed is due again, what was attempted is unknown, and given back.

    A `repeatable` delivery, for which sending twice has one effect, is due again in either case.
    """
    unknown = []
    waiting = select(DbOutbox.delivery_id).where(DbOutbox.next_at <= at).order_by(DbOutbox.delivery_id)
    if session.get_bind().dialect.name == "postgresql":
        waiting = waiting.with_for_update(skip_locked=True)
    for number in session.scalars(waiting).all():
        delivery = get_delivery(session, number)
        if delivery.state is DeliveryState.CLAIMED or (
            delivery.state is DeliveryState.ATTEMPTED and repeatable(delivery)
        ):
            record_retry(session, delivery, at=at, not_before=at, code="lease", detail="the worker did not come back")
        elif delivery.state is DeliveryState.ATTEMPTED:
            unknown.append(record_unknown(session, delivery, at=at, detail="no answer before the worker was gone"))
    return unknown


def add_resend(session: Session, delivery: Delivery, *, at: datetime, not_before: datetime) -> int:
    """Makes a second delivery of the same notice to the same group, which names the one it repeats."""
    campaign = session.scalar(select(DbNotice.campaign).where(DbNotice.id == delivery.notice_number))
    return add_delivery(
        session,
        delivery.notice_number,
        str(campaign),
        delivery.group,
        at=at,
        not_before=not_before,
        resend_of=delivery.number,
    )


def get_delivery(session: Session, number: int) -> Delivery:
    """One delivery as it stands; KeyError if there is none."""
    row = session.get(DbDelivery, number)
    last = session.scalar(
        select(DbDeliveryEvent)
        .where(DbDeliveryEvent.delivery_id == number)
        .order_by(DbDeliveryEvent.seq.desc())
        .limit(1)
    )
    if row is None or last is None:
        raise KeyError(number)
    return _delivery(row, last)


def deliveries(session: Session, campaign: str) -> list[Delivery]:
    """Every delivery of the campaign as it stands, in the order they were made."""
    later = aliased(DbDeliveryEvent)
    rows = session.execute(
        select(DbDelivery, DbDeliveryEvent)
        .join(DbNotice, DbNotice.id == DbDelivery.notice_id)
        .join(DbDeliveryEvent, DbDeliveryEvent.delivery_id == DbDelivery.id)
        .where(
            DbNotice.campaign == campaign,
            DbDeliveryEvent.seq
            == select(func.max(later.seq)).where(later.delivery_id == DbDelivery.id).scalar_subquery(),
        )
        .order_by(DbDelivery.id)
    )
    return [_delivery(row, last) for row, last in rows]


def history(session: Session, number: int) -> list[tuple[DeliveryState, datetime, str]]:
    """Everything that happened to one delivery: state, moment, detail."""
    rows = session.scalars(
        select(DbDeliveryEvent).where(DbDeliveryEvent.delivery_id == number).order_by(DbDeliveryEvent.seq)
    )
    return [(DeliveryState(row.state), row.at, row.detail) for row in rows]


def counts(session: Session, campaign: str) -> dict[str, int]:
    """How many deliveries of the campaign stand in each state."""
    counted: dict[str, int] = {}
    for delivery in deliveries(session, campaign):
        counted[delivery.state.value] = counted.get(delivery.state.value, 0) + 1
    return counted


def oldest_open(session: Session) -> datetime | None:
    """When the oldest notice was made that some group has still not been sent."""
    return session.scalar(
        select(func.min(DbNotice.made_at))
        .join(DbDelivery, DbDelivery.notice_id == DbNotice.id)
        .join(DbOutbox, DbOutbox.delivery_id == DbDelivery.id)
    )


_OPEN = frozenset({DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.ATTEMPTED})


def _append(
    session: Session,
    delivery: Delivery,
    state: DeliveryState,
    *,
    at: datetime,
    until: datetime | None = None,
    attempts: int | None = None,
    page: int | None = None,
    worker: str = "",
    code: str = "",
    detail: str = "",
) -> Delivery:
    """Adds the next event. Two who go on from the same event collide on its number: the second is Overtaken."""
    event = DbDeliveryEvent(
        delivery_id=delivery.number,
        seq=delivery.seq + 1,
        state=state,
        at=at,
        attempts=delivery.attempts if attempts is None else attempts,
        page=delivery.page if page is None else page,
        until=until,
        worker=worker,
        code=code,
        detail=detail[:LONGEST_DETAIL],
    )
    try:
        with session.begin_nested():
            session.add(event)
            session.flush()
    except IntegrityError:
        raise Overtaken(f"delivery {delivery.number} was taken on by somebody else") from None
    if state in _OPEN:
        session.execute(update(DbOutbox).where(DbOutbox.delivery_id == delivery.number).values(next_at=until or at))
    else:
        session.execute(delete(DbOutbox).where(DbOutbox.delivery_id == delivery.number))
    row = session.get(DbDelivery, delivery.number)
    if row is None:
        raise KeyError(delivery.number)
    return _delivery(row, event)


def _delivery(row: DbDelivery, last: DbDeliveryEvent) -> Delivery:
    return Delivery(
        number=row.id,
        notice_number=row.notice_id,
        group=GroupKey(row.group_key),
        resend_of=row.resend_of or None,
        state=DeliveryState(last.state),
        seq=last.seq,
        attempts=last.attempts,
        page=last.page,
        last_at=last.at,
        not_before=last.until,
        detail=last.detail,
    )
