"""The life of a delivery (law 5) as one state machine: which steps there are, and what each comes
to.

Pure: the store keeps the steps, the deliverer has the threads and the clock, and both ask here what
comes next. `NEXT` says which state may follow which; whatever is not in it raises `ImpossibleStep`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from bot.domain.campaigns.campaign import GroupKey
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Pace
from bot.domain.statement import Words


class DeliveryState(StrEnum):
    """Where a delivery stands (law 5): due → claimed → attempted → sent | refused | unknown; or
    dropped, unsaid.
    """

    DUE = "due"
    CLAIMED = "claimed"
    ATTEMPTED = "attempted"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DROPPED = "dropped"  # a person let it pass, or a newer one of its kind went in its place


ENDS = frozenset(
    {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.UNKNOWN, DeliveryState.DROPPED}
)
FAILED = frozenset({DeliveryState.REFUSED, DeliveryState.UNKNOWN, DeliveryState.DROPPED})
"""Ends that a person may repeat."""

UNDER_WAY = frozenset({DeliveryState.CLAIMED, DeliveryState.ATTEMPTED})
"""States in which a worker holds the delivery under a lease."""

NEXT: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.DUE: frozenset({DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.DROPPED}),
    DeliveryState.CLAIMED: frozenset(
        {
            DeliveryState.DUE,
            DeliveryState.ATTEMPTED,
            DeliveryState.SENT,
            DeliveryState.REFUSED,
            DeliveryState.UNKNOWN,
        }
    ),
    DeliveryState.ATTEMPTED: frozenset(
        {
            DeliveryState.DUE,
            DeliveryState.CLAIMED,
            DeliveryState.SENT,
            DeliveryState.REFUSED,
            DeliveryState.UNKNOWN,
        }
    ),
    DeliveryState.SENT: frozenset(),
    DeliveryState.REFUSED: frozenset(),
    # An answer that comes late, or a person's word, says what became of it.
    DeliveryState.UNKNOWN: frozenset(
        {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.UNKNOWN}
    ),
    DeliveryState.DROPPED: frozenset(),
}
"""Which states may follow a state. What was sent, refused or dropped stays so: a repetition is a
new delivery.
"""

LEASE = timedelta(minutes=3)
"""How long a claimed delivery is left to its worker, counted anew from each page: longer than the
slowest platform may take over one."""


class ImpossibleStep(Exception):
    """A step that cannot follow the state a delivery is in; nothing may be written of it."""


@dataclass(frozen=True, kw_only=True)
class PageFault:
    """A page that was not confirmed while others of its message went on: refused or unknown, in the
    platform's own words.
    """

    page: int
    state: DeliveryState
    code: str
    detail: Words


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """投递: one notice to one group. `number` is its own in the ledger; `state` is the last thing
    that happened to it.
    """

    number: int
    notice_number: int
    group: GroupKey
    resend_of: int | None = None  # the delivery that this one repeats
    marked: bool = False  # what it repeats may have arrived, so it says 【重发】
    only: tuple[int, ...] = ()  # of a repetition: the pages that are repeated; none named, all
    # whose queue it stands in, while it is not at its end
    robot: str = field(default="", compare=False)
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
    # when a due or claimed one may next be taken up (retry time, end of lease)
    not_before: datetime | None
    code: str = ""  # the platform's number, where it said no
    detail: Words  # what was said: our own words, or the platform's, shortened and without secrets


def end_of(faults: tuple[PageFault, ...]) -> DeliveryState:
    """How a delivery ends whose pages have all been tried: what may have arrived is never called
    refused, nor sent.
    """
    if any(fault.state is DeliveryState.UNKNOWN for fault in faults):
        return DeliveryState.UNKNOWN
    return DeliveryState.REFUSED if faults else DeliveryState.SENT


def told_of(faults: tuple[PageFault, ...], of: int) -> Words:
    """The faults, page by page; of a message of one page the platform's own words alone."""
    if of <= 1:
        return _in_a_row([fault.detail for fault in faults])
    return _in_a_row(
        [
            stated(
                StepCode.PAGE_UNKNOWN
                if fault.state is DeliveryState.UNKNOWN
                else StepCode.PAGE_REFUSED,
                page=fault.page,
                of=of,
                told=fault.detail,
            )
            for fault in faults
        ]
    )


def _in_a_row(words: Sequence[Words]) -> Words:
    if not words:
        return ""
    return words[0] if len(words) == 1 else stated(StepCode.PAGES, pages=tuple(words))


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens next to a delivery its caller holds; what is None stays as it was. `until` None
    ends it.

    `pace` says that a request is about to leave, `hold_until` that the robot must be silent so
    long; both are kept with the step.
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
    detail: Words = ""
    pace: Pace | None = None
    hold_until: datetime | None = None


def follow(
    before: Delivery, step: Step, *, until: datetime | None = None, free_at: datetime | None = None
) -> Delivery:
    """The delivery as it stands after the step, at its end or until `until`. Raises ImpossibleStep.

    `free_at` is when its robot may be spoken to again, where the step has just found that out.
    """
    if step.state not in NEXT[before.state]:
        raise ImpossibleStep(
            f"delivery {before.number} is {before.state} and cannot become {step.state}"
        )
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


def claimed(delivery: Delivery, *, at: datetime, until: datetime, worker: str) -> Delivery:
    """The delivery as a worker holds it until `until`. Raises ImpossibleStep for one that is not
    due.
    """
    if delivery.state is not DeliveryState.DUE:
        raise ImpossibleStep(
            f"delivery {delivery.number} is {delivery.state}; only one that is due is claimed"
        )
    step = Step(delivery=delivery, state=DeliveryState.CLAIMED, at=at, until=until)
    return replace(follow(delivery, step, until=until), worker=worker)


def given_back(delivery: Delivery, *, at: datetime) -> Step:
    """The step that a process which stops makes due again what it has only claimed."""
    return Step(
        delivery=delivery,
        state=DeliveryState.DUE,
        at=at,
        until=at,
        detail=stated(StepCode.GIVEN_BACK),
    )


def lease_ended(delivery: Delivery, *, at: datetime, repeatable: bool) -> Step:
    """The step that follows when a lease runs out: its worker has died, or was too slow.

    A page attempted and never answered is unknown, unless sending it twice has one effect
    (`repeatable`); the pages behind it still go out. What was only claimed is due again.
    """
    if delivery.state is DeliveryState.ATTEMPTED and not repeatable:
        return without_answer(delivery, at=at, again=at, detail=stated(StepCode.NO_ANSWER_IN_LEASE))
    return Step(
        delivery=delivery,
        state=DeliveryState.DUE,
        at=at,
        until=at,
        detail=stated(StepCode.LEASE_ENDED),
    )


def told_late(stands: Delivery, step: Step) -> Delivery | None:
    """The delivery after an answer that came when its lease had run out; None when it is not ours
    any more.

    An answer is still the truth about an *unknown* delivery: sent and refused stand over it, and a
    mere "try later" leaves it unknown, for it may have been repeated meanwhile.
    """
    if stands.state is not DeliveryState.UNKNOWN or step.state not in ENDS | {DeliveryState.DUE}:
        return None
    if step.state is DeliveryState.DUE:
        step = replace(step, state=DeliveryState.UNKNOWN, until=None)
    return follow(stands, step, until=step.until)


def answered(delivery: Delivery, answer: Answer, *, at: datetime) -> Step:
    """The step that follows from what the platform said to the page attempted.

    - a dead robot: the page waits, with all others of that robot, until a person switches it on;
    - a refusal about where the message goes, or one try too many: the end, what follows would meet
      the same;
    - not taken: due again after a growing pause;
    - confirmed, refused or without an answer: the page is done with, on to the next or the end.
    """
    match answer:
        case Refused(robot_dead=True, code=code, detail=detail):
            return Step(
                delivery=delivery,
                state=DeliveryState.DUE,
                at=at,
                until=at,
                tries=0,
                code=code,
                detail=detail,
            )
        case Refused(code=code, detail=detail) if code in UNUSABLE:
            return ended(delivery, at=at, code=code, detail=detail)
        case TryLater(code=code, detail=detail, at_most=at_most) if delivery.tries >= (
            at_most or MOST_TRIES
        ):
            return ended(
                delivery,
                at=at,
                code=code,
                detail=stated(StepCode.GIVEN_UP, tries=delivery.tries, told=detail),
            )
        case TryLater(code=code, detail=detail, after=after):
            return Step(
                delivery=delivery,
                state=DeliveryState.DUE,
                at=at,
                until=at + pause_before(delivery, after),
                code=code,
                detail=detail,
                hold_until=at + after if answer.hold_robot else None,
            )
    return _page_answered(delivery, answer, at)


def _page_answered(
    delivery: Delivery, answer: Confirmed | Refused | NoAnswer, at: datetime
) -> Step:
    """A page is done with; the next one stays with the worker where the robot's pace leaves room
    for it.
    """
    page, fault = delivery.page + 1, None
    detail: Words = ""
    match answer:
        case Confirmed(detail=said):
            detail = said
        case Refused(code=code, detail=said):
            fault = PageFault(page=page, state=DeliveryState.REFUSED, code=code, detail=said)
        case NoAnswer(detail=said):
            fault = PageFault(page=page, state=DeliveryState.UNKNOWN, code="", detail=said)
    free_at = max(delivery.robot_free_at or at, at)
    step = page_done(delivery, at=at, again=free_at, fault=fault, detail=detail)
    if step.state is DeliveryState.DUE and free_at <= at:
        return replace(step, state=DeliveryState.CLAIMED, until=at + LEASE)
    return step


def ended(delivery: Delivery, *, at: datetime, code: str, detail: Words) -> Step:
    """The end of a delivery whose further pages would meet the same: refused, unless a page may
    have arrived.
    """
    fault = PageFault(page=delivery.page + 1, state=DeliveryState.REFUSED, code=code, detail=detail)
    faults = (*delivery.faults, fault)
    return Step(
        delivery=delivery,
        state=end_of(faults),
        at=at,
        faults=faults,
        code=code,
        detail=told_of(faults, delivery.of),
    )


def nothing_left(delivery: Delivery, *, at: datetime) -> Step:
    """The end of a delivery that has fewer pages now than when it was begun."""
    return Step(
        delivery=delivery,
        state=end_of(delivery.faults),
        at=at,
        detail=stated(StepCode.NOTHING_LEFT),
    )


def dropped(delivery: Delivery, *, at: datetime, detail: Words) -> Step:
    """The end of a delivery that waits and is let pass unsaid."""
    return Step(delivery=delivery, state=DeliveryState.DROPPED, at=at, detail=detail)


def released(delivery: Delivery, *, at: datetime) -> Step:
    """The step that what waited for a dead robot goes out now, marked 补发."""
    late = replace(delivery, late=True)
    return Step(
        delivery=late,
        state=DeliveryState.DUE,
        at=at,
        until=at,
        detail=stated(StepCode.ROBOT_ON_AGAIN),
    )


def settled(delivery: Delivery, *, at: datetime, arrived: bool, detail: Words) -> Step:
    """A person's word on what became of an *unknown* delivery."""
    state = DeliveryState.SENT if arrived else DeliveryState.REFUSED
    return Step(delivery=delivery, state=state, at=at, code="person", detail=detail)


def perhaps_arrived(delivery: Delivery) -> bool:
    """Whether any part of it may have been seen without our knowing; then a repetition says so."""
    return delivery.state is DeliveryState.UNKNOWN or any(
        fault.state is DeliveryState.UNKNOWN for fault in delivery.faults
    )


def pages_to_repeat(delivery: Delivery, *, by_itself: bool) -> tuple[int, ...]:
    """The pages a repetition has; none named, all.

    By itself only what may have arrived is said again; a person repeats everything nobody
    confirmed.
    """
    if delivery.of <= 1 or delivery.state is DeliveryState.DROPPED:
        return ()
    if by_itself:
        return tuple(
            fault.page for fault in delivery.faults if fault.state is DeliveryState.UNKNOWN
        )
    unconfirmed = {fault.page for fault in delivery.faults} | set(
        range(delivery.page + 1, delivery.of + 1)
    )
    return tuple(sorted(unconfirmed))


def attempt(
    delivery: Delivery,
    *,
    at: datetime,
    until: datetime,
    page: int,
    of: int | None = None,
    pace: Pace | None = None,
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


def without_answer(delivery: Delivery, *, at: datetime, again: datetime, detail: Words) -> Step:
    """The step that the page attempted has no answer: the end if it was the last, else the next one
    is due at `again`.
    """
    page = delivery.page + 1
    fault = PageFault(page=page, state=DeliveryState.UNKNOWN, code="", detail=detail)
    return page_done(delivery, at=at, again=again, fault=fault)


def page_done(
    delivery: Delivery,
    *,
    at: datetime,
    again: datetime,
    fault: PageFault | None,
    detail: Words = "",
) -> Step:
    """The step that a page is done with, confirmed or with a fault: on to the next at `again`, or
    the end that follows.
    """
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
    """How long to wait before the next attempt: growing, spread by up to a quarter, never shorter
    than the platform asks.

    The spread is drawn from the delivery and its attempt, so that the same history always gives the
    same pause.
    """
    growing = min(FIRST_PAUSE * 2 ** max(delivery.tries - 1, 0), LONGEST_PAUSE)
    spread = Random(delivery.number * 1009 + delivery.attempts).random() / 4  # noqa: S311
    pause: timedelta = max(after, growing) * (1 + spread)
    return pause
