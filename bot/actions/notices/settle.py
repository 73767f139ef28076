"""A person's word on a delivery that did not end as it should: send it again, let it pass, or say
what became of it (law 10).
"""

from __future__ import annotations

from datetime import datetime

from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import Facts
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import DeliverySubject
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.delivery import (
    FAILED,
    Delivery,
    DeliveryState,
    dropped,
    pages_to_repeat,
    perhaps_arrived,
    settled,
)
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.notices import deliveries
from bot.store.notices.deliveries import Overtaken


class SettlementRefused(Refusal):
    """What was asked for cannot be done to this delivery; the text says why, and what can."""

    room = "settle"


def retry(session: Session, number: int, *, by: Actor, reason: str, at: datetime) -> int:
    """Sends a failed delivery once more, the pages nobody confirmed; the number of the repetition.

    It is marked 【重发】 if any of it may have arrived. SettlementRefused for one that is open,
    sent, or repeated already.
    """
    campaign, delivery = _find(session, number)
    if delivery.state is DeliveryState.SENT:
        raise SettlementRefused(
            "sent", f"delivery {number} is sent; there is nothing to repeat", number=number
        )
    if delivery.state not in FAILED:
        raise SettlementRefused(
            "open",
            f"delivery {number} is {delivery.state} and goes out by itself",
            number=number,
            state=delivery.state,
        )
    again = deliveries.add_resend(
        session,
        delivery,
        at=at,
        not_before=at,
        marked=perhaps_arrived(delivery),
        only=pages_to_repeat(delivery, by_itself=False),
    )
    if again is None:
        by_which = deliveries.repetition_of(session, number)
        raise SettlementRefused(
            "repeated",
            f"delivery {number} has been repeated by delivery {by_which}; settle that one",
            number=number,
            by=by_which,
        )
    _decided(session, campaign, DecisionKind.DELIVERY_RETRIED, number, by, reason, at)
    return again


def drop(session: Session, number: int, *, by: Actor, reason: str, at: datetime) -> None:
    """Lets a delivery that waits pass unsaid. SettlementRefused for one that is under way or at its
    end.
    """
    campaign, delivery = _find(session, number)
    if delivery.state is not DeliveryState.DUE:
        raise SettlementRefused(
            "not_waiting",
            f"delivery {number} is {delivery.state}; only one that waits can be dropped",
            number=number,
            state=delivery.state,
        )
    try:
        deliveries.record_one(
            session,
            dropped(delivery, at=at, detail=stated(StepCode.DROPPED_BY, by=by.name, reason=reason)),
        )
    except Overtaken:
        raise SettlementRefused(
            "leaving", f"delivery {number} is being sent at this very moment", number=number
        ) from None
    _decided(session, campaign, DecisionKind.DELIVERY_DROPPED, number, by, reason, at)


def settle(
    session: Session, number: int, *, arrived: bool, by: Actor, reason: str, at: datetime
) -> None:
    """Keeps a person's word on what became of an *unknown* delivery; if it arrived, a repetition
    that still waits is dropped.
    """
    campaign, delivery = _find(session, number)
    if delivery.state is not DeliveryState.UNKNOWN:
        raise SettlementRefused(
            "not_unknown",
            f"delivery {number} is {delivery.state}; only an unknown one needs to be settled",
            number=number,
            state=delivery.state,
        )
    try:
        code = StepCode.ARRIVED_SAYS if arrived else StepCode.NOT_ARRIVED_SAYS
        told = stated(code, by=by.name, reason=reason)
        deliveries.record_one(session, settled(delivery, at=at, arrived=arrived, detail=told))
    except Overtaken as fault:
        raise SettlementRefused(
            "overtaken", f"delivery {number} was settled by somebody else: {fault}", number=number
        ) from None
    _decided(
        session,
        campaign,
        DecisionKind.DELIVERY_SETTLED,
        number,
        by,
        reason,
        at,
        facts={"arrived": arrived},
    )
    again = deliveries.repetition_of(session, number)
    found = None if again is None else deliveries.get_delivery(session, again)
    if arrived and found is not None and found[1].state is DeliveryState.DUE:
        drop(session, found[1].number, by=by, reason=f"delivery {number} arrived", at=at)


def _find(session: Session, number: int) -> tuple[CampaignKey, Delivery]:
    found = deliveries.get_delivery(session, number)
    if found is None:
        raise SettlementRefused(
            "no_delivery",
            f"there is no delivery {number}; `diaodu deliveries` lists what is not sent",
            number=number,
        )
    lock_campaign(session, found[0])
    found = deliveries.get_delivery(session, number)
    assert found is not None  # noqa: S101 - deliveries are never deleted
    return found


def _decided(
    session: Session,
    campaign: CampaignKey,
    kind: DecisionKind,
    number: int,
    by: Actor,
    reason: str,
    at: datetime,
    facts: Facts | None = None,
) -> None:
    decisions.add_decision(
        session,
        campaign=campaign,
        by=by,
        kind=kind,
        subject=DeliverySubject(number=number),
        facts=facts or {},
        reason=reason,
        at=at,
    )
