"""Faults put into the service on purpose, here and nowhere else, so that it is shown the tool would
notice them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.notices.delivery import Delivery, DeliveryState, Step
from bot.store import Session
from bot.store.notices import deliveries
from bot.store.notices.deliveries import Overtaken


def send_before_commit() -> None:
    """The attempt is written down together with its outcome, after the message has left, instead of
    before it.
    """
    record = deliveries.record
    kept: dict[int, Step] = {}

    def recorded(session: Session, steps: Sequence[Step]) -> list[Delivery | Overtaken]:
        told: list[Delivery | Overtaken] = []
        for step in steps:
            if step.state is DeliveryState.ATTEMPTED:
                kept[step.delivery.number] = step
                told.append(
                    replace(
                        step.delivery,
                        state=step.state,
                        attempts=step.delivery.attempts + 1,
                        of=step.of or 0,
                    )
                )
                continue
            before = kept.pop(step.delivery.number, None)
            if before is not None:
                (attempted,) = record(session, [before])
                if isinstance(attempted, Overtaken):
                    told.append(attempted)
                    continue
                step = replace(step, delivery=attempted)
            told += record(session, [step])
        return told

    deliveries.record = recorded


def resend_without_mark() -> None:
    """An attempt without an answer is simply made again, as if the group could not have seen it."""
    expire = deliveries.expire
    deliveries.expire = lambda session, at, **_: expire(session, at, repeatable=lambda _: True)  # type: ignore[assignment]


def no_answer_is_sent() -> None:
    """No answer counts as sent, as in nine senders of eleven."""
    record = deliveries.record

    def recorded(session: Session, steps: Sequence[Step]) -> list[Delivery | Overtaken]:
        return record(
            session,
            [
                replace(s, state=DeliveryState.SENT) if s.state is DeliveryState.UNKNOWN else s
                for s in steps
            ],
        )

    deliveries.record = recorded


def never_resend() -> None:
    """A bulletin of unknown end is left at that."""
    deliveries.add_resend = lambda *_, **__: None  # type: ignore[assignment]


SABOTAGES: dict[str, Callable[[], None]] = {
    "send-before-commit": send_before_commit,
    "resend-without-mark": resend_without_mark,
    "no-answer-is-sent": no_answer_is_sent,
    "never-resend": never_resend,
}
