"""The life of a delivery as a table: every state with everything that may happen to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaigns.campaign import GroupKey
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.delivery import (
    ENDS,
    LEASE,
    MOST_TRIES,
    NEXT,
    Delivery,
    DeliveryState,
    ImpossibleStep,
    PageFault,
    Step,
    answered,
    attempt,
    claimed,
    dropped,
    ended,
    follow,
    given_back,
    lease_ended,
    nothing_left,
    pages_to_repeat,
    perhaps_arrived,
    released,
    settled,
    told_late,
)

AT = datetime(2021, 10, 29, 17, 30, tzinfo=UTC)
DUE, CLAIMED, ATTEMPTED, SENT, REFUSED, UNKNOWN, DROPPED = DeliveryState
OK = Confirmed(detail="ok")
NO = Refused(code="40035", detail="bad request")
DEAD = Refused(code="93000", detail="invalid webhook", robot_dead=True)
NOWHERE = Refused(code="address", detail="no address")
BUSY = TryLater(code="45009", detail="too many", after=timedelta(seconds=60))
SILENT = NoAnswer(detail="timed out")
LOST = PageFault(page=1, state=UNKNOWN, code="", detail="timed out")
SAID_NO = PageFault(page=1, state=REFUSED, code="40035", detail="bad request")


def delivery(state: DeliveryState, **changes: object) -> Delivery:
    one = Delivery(
        number=7,
        notice_number=3,
        group=GroupKey("townships"),
        state=state,
        seq=4,
        attempts=1,
        tries=1,
        page=0,
        of=1,
        last_at=AT,
        not_before=AT,
        detail="",
    )
    return replace(one, **changes)  # type: ignore[arg-type]


# Of how many pages, which are done with, what the platform says → the state, pages done with, when
# it goes on.
ANSWERS: list[tuple[int, tuple[PageFault, ...], Answer, DeliveryState, int, timedelta | None]] = [
    (1, (), OK, SENT, 1, None),
    (1, (), NO, REFUSED, 1, None),
    (1, (), SILENT, UNKNOWN, 1, None),
    (1, (), NOWHERE, REFUSED, 0, None),
    (1, (), DEAD, DUE, 0, timedelta(0)),
    (3, (), OK, CLAIMED, 1, LEASE),
    (3, (), NO, CLAIMED, 1, LEASE),
    (3, (), SILENT, CLAIMED, 1, LEASE),
    (3, (), NOWHERE, REFUSED, 0, None),
    (2, (LOST,), OK, UNKNOWN, 2, None),
    (2, (LOST,), NO, UNKNOWN, 2, None),
    (2, (LOST,), NOWHERE, UNKNOWN, 1, None),
    (2, (SAID_NO,), OK, REFUSED, 2, None),
    (2, (SAID_NO,), SILENT, UNKNOWN, 2, None),
    (2, (SAID_NO,), DEAD, DUE, 1, timedelta(0)),
]


@pytest.mark.parametrize(("of", "faults", "answer", "state", "page", "goes_on"), ANSWERS)
def test_an_answer_leads_to_one_step(
    of: int,
    faults: tuple[PageFault, ...],
    answer: Answer,
    state: DeliveryState,
    page: int,
    goes_on: timedelta | None,
) -> None:
    before = delivery(ATTEMPTED, of=of, faults=faults, page=len(faults))
    step = answered(before, answer, at=AT)
    after = follow(before, step, until=step.until)
    assert (after.state, after.page) == (state, page)
    assert after.not_before == (None if goes_on is None else AT + goes_on)
    assert (after.not_before is None) == (after.state in ENDS)


def test_a_page_not_taken_is_tried_again_later_and_not_for_ever() -> None:
    before = delivery(ATTEMPTED)
    step = answered(before, BUSY, at=AT)
    assert (step.state, step.page, step.hold_until) == (DUE, None, None)
    assert step.until is not None
    assert step.until >= AT + timedelta(seconds=60)
    held = answered(before, replace(BUSY, hold_robot=True), at=AT)
    assert held.hold_until == AT + timedelta(seconds=60)
    last = answered(replace(before, tries=MOST_TRIES), BUSY, at=AT)
    assert (last.state, last.detail) == (
        REFUSED,
        stated(StepCode.GIVEN_UP, tries=MOST_TRIES, told="too many"),
    )
    soon = answered(replace(before, tries=2), replace(BUSY, at_most=2), at=AT)
    assert soon.state is REFUSED


def test_the_next_page_waits_where_the_robot_must_be_silent() -> None:
    free_at = AT + timedelta(seconds=20)
    step = answered(delivery(ATTEMPTED, of=2, robot_free_at=free_at), OK, at=AT)
    assert (step.state, step.until) == (DUE, free_at)


@pytest.mark.parametrize(
    ("state", "repeatable", "after"),
    [
        (CLAIMED, False, DUE),
        (CLAIMED, True, DUE),
        (ATTEMPTED, False, UNKNOWN),
        (ATTEMPTED, True, DUE),
    ],
)
def test_a_lease_that_runs_out(
    state: DeliveryState, repeatable: bool, after: DeliveryState
) -> None:
    assert lease_ended(delivery(state), at=AT, repeatable=repeatable).state is after


LATE = [
    (UNKNOWN, OK, SENT),
    (UNKNOWN, NO, REFUSED),
    (UNKNOWN, SILENT, UNKNOWN),
    (UNKNOWN, BUSY, UNKNOWN),  # it may have been repeated meanwhile: nothing makes it due
    *((stands, OK, None) for stands in (DUE, CLAIMED, ATTEMPTED, SENT, REFUSED, DROPPED)),
]


@pytest.mark.parametrize(("stands", "answer", "after"), LATE)
def test_an_answer_after_its_lease(
    stands: DeliveryState, answer: Answer, after: DeliveryState | None
) -> None:
    step = answered(delivery(ATTEMPTED), answer, at=AT)
    told = told_late(delivery(stands, seq=5), step)
    assert (None if told is None else told.state) is after
    assert told is None or told.not_before is None


STEPS = {
    "given back": (given_back(delivery(CLAIMED), at=AT), DUE),
    "attempt": (attempt(delivery(CLAIMED), at=AT, until=AT + LEASE, page=1, of=1), ATTEMPTED),
    "no group": (ended(delivery(CLAIMED), at=AT, code="group", detail=""), REFUSED),
    "nothing left": (nothing_left(delivery(CLAIMED), at=AT), SENT),
    "dropped": (dropped(delivery(DUE), at=AT, detail=""), DROPPED),
    "released": (released(delivery(DUE), at=AT), DUE),
    "arrived": (settled(delivery(UNKNOWN), at=AT, arrived=True, detail=""), SENT),
    "did not arrive": (settled(delivery(UNKNOWN), at=AT, arrived=False, detail=""), REFUSED),
}


@pytest.mark.parametrize("before", DeliveryState)
@pytest.mark.parametrize("what", STEPS)
def test_no_step_follows_a_state_that_it_cannot(what: str, before: DeliveryState) -> None:
    step, state = STEPS[what]
    assert step.state is state
    if state in NEXT[before]:
        assert follow(delivery(before), step, until=step.until).seq == 5
    else:
        with pytest.raises(ImpossibleStep, match=f"is {before} and cannot become {state}"):
            follow(delivery(before), step, until=step.until)


@pytest.mark.parametrize("before", sorted(set(DeliveryState) - {DUE}))
def test_only_what_is_due_is_claimed(before: DeliveryState) -> None:
    with pytest.raises(ImpossibleStep):
        claimed(delivery(before), at=AT, until=AT + LEASE, worker="w")


@pytest.mark.parametrize(
    ("one", "by_itself", "by_a_person", "marked"),
    [
        (delivery(REFUSED), (), (), False),
        (delivery(UNKNOWN), (), (), True),
        (delivery(DROPPED, of=3), (), (), False),
        (
            delivery(UNKNOWN, of=3, page=3, faults=(LOST, replace(SAID_NO, page=2))),
            (1,),
            (1, 2),
            True,
        ),
        (delivery(REFUSED, of=3, page=1, faults=(SAID_NO,)), (), (1, 2, 3), False),
    ],
)
def test_what_a_repetition_repeats(
    one: Delivery, by_itself: tuple[int, ...], by_a_person: tuple[int, ...], marked: bool
) -> None:
    assert pages_to_repeat(one, by_itself=True) == by_itself
    assert pages_to_repeat(one, by_itself=False) == by_a_person
    assert perhaps_arrived(one) is marked


def test_what_has_ended_stays_so_but_for_what_nobody_knows() -> None:
    for state in ENDS - {UNKNOWN}:
        assert not NEXT[state]
    assert NEXT[UNKNOWN] <= ENDS
    # nothing is sent that was not attempted, or begun with nothing left
    assert SENT not in NEXT[DUE]


@given(
    of=st.integers(1, 4),
    said=st.lists(st.sampled_from([OK, NO, SILENT, BUSY, DEAD, NOWHERE]), min_size=1, max_size=40),
)
def test_a_life_ends_in_truth(of: int, said: list[Answer]) -> None:
    """Whatever a platform says: each page is confirmed or among the faults, and sent means that all
    were confirmed.
    """
    stands, confirmed, states = delivery(DUE, of=of, tries=0), 0, [DUE]
    for answer in said:
        stands = (
            claimed(stands, at=AT, until=AT + LEASE, worker="w") if stands.state is DUE else stands
        )
        step: Step = attempt(stands, at=AT, until=AT + LEASE, page=stands.page + 1, of=of)
        stands = follow(stands, step, until=step.until)
        step = answered(stands, answer, at=AT)
        stands = follow(stands, step, until=step.until)
        confirmed += answer is OK
        states.append(stands.state)
        if stands.state in ENDS:
            break
    assert all(state not in ENDS for state, _ in pairwise(states))
    if stands.state is SENT:
        assert (confirmed, stands.faults) == (of, ())
    if SILENT in said[: len(states) - 1] and stands.state in ENDS:
        assert stands.state is UNKNOWN
