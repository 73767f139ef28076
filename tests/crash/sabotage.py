"""Faults put into the service on purpose, here and nowhere else, so that it is shown the tool would notice them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.domain.notice import Delivery, DeliveryState
from bot.store import deliveries


def send_before_commit() -> None:
    """The attempt is written down together with its outcome, after the message has left, instead of before it."""
    attempt = deliveries.record_attempt
    kept: dict[int, tuple[Delivery, dict[str, Any]]] = {}

    def later(session: Any, delivery: Delivery, **facts: Any) -> Delivery:
        kept[delivery.number] = delivery, facts
        return replace(delivery, state=DeliveryState.ATTEMPTED, attempts=delivery.attempts + 1)

    def both(record: Callable[..., Delivery]) -> Callable[..., Delivery]:
        def recorded(session: Any, delivery: Delivery, **facts: Any) -> Delivery:
            if delivery.number in kept:
                before, attempted = kept.pop(delivery.number)
                delivery = attempt(session, before, **attempted)
            return record(session, delivery, **facts)

        return recorded

    deliveries.record_attempt = later  # type: ignore[assignment]
    for name in ("record_page", "record_sent", "record_refused", "record_unknown", "record_retry"):
        setattr(deliveries, name, both(getattr(deliveries, name)))


def resend_without_mark() -> None:
    """An attempt without an answer is simply made again, as if the group could not have seen it."""
    expire = deliveries.expire
    deliveries.expire = lambda session, at, **_: expire(session, at, repeatable=lambda _: True)  # type: ignore[assignment]


def no_answer_is_sent() -> None:
    """No answer counts as sent, as in nine senders of eleven."""
    deliveries.record_unknown = deliveries.record_sent  # type: ignore[assignment]


def never_resend() -> None:
    """A bulletin of unknown end is left at that."""
    deliveries.add_resend = lambda *_, **__: None  # type: ignore[assignment]


SABOTAGES: dict[str, Callable[[], None]] = {
    "send-before-commit": send_before_commit,
    "resend-without-mark": resend_without_mark,
    "no-answer-is-sent": no_answer_is_sent,
    "never-resend": never_resend,
}
