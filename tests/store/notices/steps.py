"""Single steps of a delivery, as the tests take them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.notices.delivery import Delivery, DeliveryState, Step, attempt
from bot.store.notices.deliveries import record_one


def record_attempt(
    session: Session, delivery: Delivery, *, at: datetime, until: datetime, page: int
) -> Delivery:
    """Writes that page `page` (from 1) is about to leave; commit before it does. Overtaken if the
    claim no longer holds.
    """
    return record_one(session, attempt(delivery, at=at, until=until, page=page))


def record_page(session: Session, delivery: Delivery, *, at: datetime, until: datetime) -> Delivery:
    """Writes that the page attempted was confirmed and more are to come; the claim holds until
    `until`.
    """
    return record_one(
        session,
        Step(
            delivery=delivery,
            state=DeliveryState.CLAIMED,
            at=at,
            until=until,
            page=delivery.page + 1,
            tries=0,
        ),
    )


def record_sent(session: Session, delivery: Delivery, *, at: datetime, detail: str) -> Delivery:
    """Writes that the platform confirmed the last page: the delivery is at its end."""
    return record_one(
        session,
        Step(
            delivery=delivery,
            state=DeliveryState.SENT,
            at=at,
            page=delivery.page + 1,
            tries=0,
            faults=delivery.faults,
            detail=detail,
        ),
    )


def record_refused(
    session: Session, delivery: Delivery, *, at: datetime, code: str, detail: str
) -> Delivery:
    """Writes that the platform said no for good: the delivery is at its end, and the clerk must
    know.
    """
    return record_one(
        session,
        Step(delivery=delivery, state=DeliveryState.REFUSED, at=at, code=code, detail=detail),
    )


def record_unknown(session: Session, delivery: Delivery, *, at: datetime, detail: str) -> Delivery:
    """Writes that the answer never came: the delivery is at its end, and nobody may count it as
    sent.
    """
    return record_one(
        session, Step(delivery=delivery, state=DeliveryState.UNKNOWN, at=at, detail=detail)
    )


def record_retry(
    session: Session,
    delivery: Delivery,
    *,
    at: datetime,
    not_before: datetime,
    code: str,
    detail: str,
) -> Delivery:
    """Writes that the page was certainly not taken: the delivery is due again from `not_before` on,
    its confirmed pages kept.
    """
    return record_one(
        session,
        Step(
            delivery=delivery,
            state=DeliveryState.DUE,
            at=at,
            until=not_before,
            code=code,
            detail=detail,
        ),
    )
