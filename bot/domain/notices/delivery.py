"""The life of a delivery (law 5): every step it can take, and what a step comes to. Pure; the store keeps the steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from bot.domain.campaigns.campaign import GroupKey
from bot.domain.notices.notice import Pace


class DeliveryState(StrEnum):
    """Where a delivery stands (law 5): due → claimed → attempted → sent | refused | unknown; or dropped, unsaid."""

    DUE = "due"
    CLAIMED = "claimed"
    ATTEMPTED = "attempted"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DROPPED = "dropped"  # a person let it pass, or a newer one of its kind went in its place


ENDS = frozenset({DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.UNKNOWN, DeliveryState.DROPPED})


@dataclass(frozen=True, kw_only=True)
class PageFault:
    """A page that was not confirmed while others of its message went on: refused or unknown, in the platform's own words."""

    page: int
    state: DeliveryState
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """投递: one notice to one group. `number` is its own in the ledger; `state` is the last thing that happened to it."""

    number: int
    notice_number: int
    group: GroupKey
    resend_of: int | None = None  # the delivery that this one repeats
    marked: bool = False  # what it repeats may have arrived, so it says 【重发】
    only: tuple[int, ...] = ()  # of a repetition: the pages that are repeated; none named, all
    robot: str = field(default="", compare=False)  # whose queue it stands in, while it is not at its end
    robot_free_at: datetime | None = field(
        default=None, compare=False
    )  # when that robot may be spoken to again, where a step has just found out
    worker: str = ""  # who took it up last
    state: DeliveryState
    seq: int  # how many things have happened to it; the next one is numbered after this
    attempts: int
    tries: int = 0  # attempts at the page that is next
    page: int  # pages done with so far: confirmed, or among the faults
    of: int = 0  # pages it has, as far as anybody has counted
    faults: tuple[PageFault, ...] = ()
    late: bool = False  # it waited for its robot to be switched on, and says 补发
    last_at: datetime
    not_before: datetime | None  # when a due or claimed one may next be taken up (retry time, end of lease)
    code: str = ""  # the platform's number, where it said no
    detail: str  # the platform's own words, shortened and without secrets


def end_of(faults: tuple[PageFault, ...]) -> DeliveryState:
    """How a delivery ends whose pages have all been tried: what may have arrived is never called refused, nor sent."""
    if any(fault.state is DeliveryState.UNKNOWN for fault in faults):
        return DeliveryState.UNKNOWN
    return DeliveryState.REFUSED if faults else DeliveryState.SENT


def told_of(faults: tuple[PageFault, ...], of: int) -> str:
    """The faults in the operator's language, page by page; of a message of one page the platform's own words alone."""
    if of <= 1:
        return "; ".join(fault.detail for fault in faults)
    return "; ".join(f"page {fault.page} of {of} {fault.state}: {fault.detail}" for fault in faults)


FAILED = frozenset({DeliveryState.REFUSED, DeliveryState.UNKNOWN, DeliveryState.DROPPED})


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens next to a delivery its caller holds; what is None stays as it was. `until` None ends it.

    `pace` says that a request is about to leave, `hold_until` that the robot must be silent so long; both are kept with the step.
    """

    delivery: Delivery
    state: DeliveryState
    at: datetime
    until: datetime | None = None
    attempts: int | None = None
    tries: int | None = None
    page: int | None = None
    of: int | None = None
    faults: tuple[PageFault, ...] | None = None
    code: str = ""
    detail: str = ""
    pace: Pace | None = None
    hold_until: datetime | None = None


def _after(step: Step, before: Delivery, *, until: datetime | None, free_at: datetime | None = None) -> Delivery:
    return replace(
        before,
        state=step.state,
        seq=before.seq + 1,
        attempts=before.attempts if step.attempts is None else step.attempts,
        tries=before.tries if step.tries is None else step.tries,
        page=before.page if step.page is None else step.page,
        of=before.of if step.of is None else step.of,
        faults=before.faults if step.faults is None else step.faults,
        last_at=step.at,
        not_before=until,
        code=step.code,
        detail=step.detail,
        robot_free_at=free_at or before.robot_free_at,
    )


def attempt(
    delivery: Delivery, *, at: datetime, until: datetime, page: int, of: int | None = None, pace: Pace | None = None
) -> Step:
    """The step that page `page` (from 1) of `of` is about to leave."""
    return Step(
        delivery=delivery,
        state=DeliveryState.ATTEMPTED,
        at=at,
        until=until,
        attempts=delivery.attempts + 1,
        tries=delivery.tries + 1,
        page=page - 1,
        of=of,
        pace=pace,
    )


def without_answer(delivery: Delivery, *, at: datetime, again: datetime, detail: str) -> Step:
    """The step that the page attempted has no answer: the end if it was the last, else the next one is due at `again`."""
    page = delivery.page + 1
    fault = PageFault(page=page, state=DeliveryState.UNKNOWN, code="", detail=detail)
    return page_done(delivery, at=at, again=again, fault=fault)


def page_done(delivery: Delivery, *, at: datetime, again: datetime, fault: PageFault | None, detail: str = "") -> Step:
    """The step that a page is done with, confirmed or with a fault: on to the next at `again`, or the end that follows."""
    faults = delivery.faults if fault is None else (*delivery.faults, fault)
    page = delivery.page + 1
    code = "" if fault is None else fault.code
    if page < delivery.of:
        return Step(
            delivery=delivery,
            state=DeliveryState.DUE,
            at=at,
            until=again,
            page=page,
            tries=0,
            faults=faults,
            code=code,
            detail="" if fault is None else told_of((fault,), delivery.of),
        )
    return Step(
        delivery=delivery,
        state=end_of(faults),
        at=at,
        page=page,
        tries=0,
        faults=faults,
        code=code or (faults[0].code if faults else ""),
        detail=told_of(faults, delivery.of) or detail,
    )


FIRST_PAUSE = timedelta(seconds=30)


LONGEST_PAUSE = timedelta(minutes=30)


MOST_TRIES = 12
"""How often one page is tried, certainly not taken each time, before it is given up."""


UNUSABLE = frozenset({"address", "group"})
"""Refusals that are about where a message goes: what follows would meet the same."""


def pause_before(delivery: Delivery, after: timedelta) -> timedelta:
    """How long to wait before the next attempt: growing, spread by up to a quarter, never shorter than the platform asks.

    The spread is drawn from the delivery and its attempt, so that the same history always gives the same pause.
    """
    growing = min(FIRST_PAUSE * 2 ** max(delivery.tries - 1, 0), LONGEST_PAUSE)
    spread = Random(delivery.number * 1009 + delivery.attempts).random() / 4  # noqa: S311
    pause: timedelta = max(after, growing) * (1 + spread)
    return pause
