"""Marks become cases: what stands, what is proved, what counts (invariants I1 to I5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.campaigns.register import Mouth
from bot.domain.registers.case import (
    LEFT,
    REACHED,
    UNDONE,
    Case,
    CaseCode,
    Leaving,
    Mark,
    Paid,
    cases,
    is_code,
    numbered_code,
    on_list,
    reached,
    short_codes,
    verified,
)
from bot.domain.registers.doubts import of_case
from tests.domain.registers.small import (
    BUILT,
    CODED,
    PAID,
    REGISTER,
    STARTED,
    entered,
    mark,
    moment,
    on,
)

LATER = moment(100_000)


def folded(
    marks: Sequence[Mark], hours: int = 100_000, paid: dict[CaseCode, Paid] | None = None
) -> dict[str, Case]:
    return {case.code: case for case in cases(REGISTER, marks, moment(hours), paid)}


def test_a_case_exists_by_its_township() -> None:
    assert folded([mark(1, "GC-001", STARTED, day=on("09-02"))]) == {}
    assert folded([entered(1, "GC-001")])["GC-001"].township == "云樟镇"


def test_a_weaker_word_stands_beside_and_counts_as_nothing() -> None:
    told = mark(2, "GC-001", STARTED, day=on("09-02"), mouth=Mouth.TOWNSHIP)
    case = folded([entered(1, "GC-001"), told])["GC-001"]
    assert case.told == {STARTED: on("09-02")}
    assert case.proved == {}
    proved = folded([entered(1, "GC-001"), told, mark(3, "GC-001", STARTED, day=on("09-03"))])[
        "GC-001"
    ]
    assert (proved.proved, proved.told) == ({STARTED: on("09-03")}, {})


def test_what_the_bank_did_is_never_typed() -> None:
    typed = mark(2, "GC-001", PAID, day=on("09-02"), mouth=Mouth.BANK)
    assert folded([entered(1, "GC-001"), typed])["GC-001"].proved == {}
    paid = {CaseCode("GC-001"): Paid(day=on("09-09"), amount=100, batch=1)}
    assert folded([entered(1, "GC-001")], paid=paid)["GC-001"].proved == {PAID: on("09-09")}


def test_undone_restores_nothing_and_a_withdrawal_restores_what_stood() -> None:
    marks = [
        entered(1, "GC-001"),
        mark(2, "GC-001", STARTED, day=on("09-02")),
        mark(3, "GC-001", STARTED, day=on("09-05"), supersedes=2),
    ]
    undone = [*marks, mark(4, "GC-001", STARTED, UNDONE, supersedes=3)]
    assert folded(undone)["GC-001"].proved == {}
    withdrawn = [*marks, mark(4, "GC-001", STARTED, None, supersedes=3)]
    assert folded(withdrawn)["GC-001"].proved == {STARTED: on("09-02")}
    restored = [*withdrawn, mark(5, "GC-001", STARTED, None, supersedes=4)]
    assert folded(restored)["GC-001"].proved == {STARTED: on("09-05")}
    back = [*undone, mark(5, "GC-001", STARTED, None, supersedes=4)]
    assert folded(back)["GC-001"].proved == {STARTED: on("09-05")}


def test_an_undoing_ends_what_was_told_before_it() -> None:
    told = mark(2, "GC-001", STARTED, day=on("09-02"), mouth=Mouth.TOWNSHIP)
    undone = mark(4, "GC-001", STARTED, UNDONE)
    marks = [entered(1, "GC-001"), told, mark(3, "GC-001", STARTED, day=on("09-03")), undone]
    assert folded(marks)["GC-001"].told == {}
    again = replace(told, number=5, recorded_at=moment(5))
    assert folded([*marks, again])["GC-001"].told == {STARTED: on("09-02")}


def test_no_mark_moves_another_case() -> None:
    marks = [
        entered(1, "GC-001"),
        entered(2, "GC-002"),
        mark(3, "GC-001", STARTED, day=on("09-02")),
        mark(4, "GC-002", STARTED, None, supersedes=3),
    ]
    assert folded(marks)["GC-001"].proved == {STARTED: on("09-02")}


def test_who_left_counts_until_the_day_before() -> None:
    left = Leaving(day=on("09-10"), paper="X建〔2021〕8号", why="放弃")
    marks = [
        entered(1, "GC-001"),
        mark(2, "GC-001", STARTED, day=on("09-02")),
        mark(3, "GC-001", LEFT, left.value(), day=left.day),
    ]
    found = cases(REGISTER, marks, LATER)
    assert found[0].left == left
    assert len(on_list(found, on("09-09"))) == 1
    assert on_list(found, on("09-10")) == ()
    assert verified(REGISTER, found, on("09-10")) == {}
    stays = cases(REGISTER, [*marks, mark(4, "GC-001", LEFT, UNDONE)], LATER)
    assert len(on_list(stays, on("09-10"))) == 1


def test_codes() -> None:
    assert is_code(REGISTER, "GC-012")
    assert not is_code(REGISTER, "GC-012X")
    assert numbered_code(REGISTER, 7) == "GC-007"
    assert short_codes(REGISTER, CaseCode("GC-007")) == ("GC-007", "007")


CODES = st.sampled_from(["GC-001", "GC-002", "GC-003"])
DAYS = st.integers(0, 40).map(lambda days: on("09-01") + timedelta(days=days))


@st.composite
def logs(draw: st.DrawFn) -> list[Mark]:
    """A log: three cases that entered, and whatever happened to them."""
    log = [
        entered(number, f"GC-00{number}", "云樟镇" if number < 3 else "桐岗镇")
        for number in (1, 2, 3)
    ]
    log += [
        mark(number, f"GC-00{number - 3}", "kind", draw(st.sampled_from(["three", "two"])))
        for number in (4, 5, 6)
    ]
    for number in range(7, 7 + draw(st.integers(0, 14))):
        code, stage = draw(CODES), draw(st.sampled_from([STARTED, BUILT, CODED]))
        mouth = draw(st.sampled_from([Mouth.OFFICE, Mouth.TOWNSHIP]))
        kind = draw(st.sampled_from(["reached", "reached", "undone", "withdraw", "left"]))
        if kind == "withdraw":
            value: str | None = None
        elif kind == "left":
            leaving = Leaving(day=draw(DAYS), paper="文", why="放弃")
            log.append(mark(number, code, LEFT, leaving.value(), day=leaving.day))
            continue
        else:
            value = REACHED if kind == "reached" else UNDONE
        day = draw(DAYS) if value == REACHED else None
        supersedes = (
            draw(st.sampled_from([one.number for one in log])) if kind == "withdraw" else None
        )
        log.append(mark(number, code, stage, value, day=day, mouth=mouth, supersedes=supersedes))
    return log


PAYMENTS = st.dictionaries(
    CODES.map(CaseCode), DAYS.map(lambda day: Paid(day=day, amount=100, batch=1)), max_size=3
)


@settings(deadline=None)
@given(logs(), PAYMENTS)
def test_stages_count_in_order_and_a_break_is_a_doubt(
    log: list[Mark], paid: dict[CaseCode, Paid]
) -> None:
    for case in cases(REGISTER, log, LATER, paid):
        counted = reached(REGISTER, case, date.max)
        days = [case.proved[stage] for stage in counted]
        assert days == sorted(days)
        order = [stage.key for stage in REGISTER.stages]
        assert list(counted) == [key for key in order if key in counted]
        kinds = {doubt.kind for doubt in of_case(REGISTER, case, date.max)}
        skipped = order[: max((order.index(key) for key in case.proved), default=0)]
        if set(case.proved) - set(counted) or set(skipped) - set(case.proved):
            assert kinds & {"date_order", "stage_skipped", "paid_unaccepted"}
        else:
            assert not kinds & {"date_order", "stage_skipped", "paid_unaccepted"}


def test_what_follows_an_undone_stage_does_not_count() -> None:
    marks = [
        entered(1, "GC-001"),
        mark(2, "GC-001", STARTED, day=on("09-02")),
        mark(3, "GC-001", BUILT, day=on("09-09")),
    ]
    assert reached(REGISTER, folded(marks[:1] + marks[2:])["GC-001"], date.max) == (BUILT,)
    undone = folded([*marks, mark(4, "GC-001", STARTED, UNDONE)])["GC-001"]
    assert reached(REGISTER, undone, date.max) == ()


@settings(deadline=None)
@given(logs(), PAYMENTS, DAYS)
def test_parts_come_to_the_whole(log: list[Mark], paid: dict[CaseCode, Paid], day: date) -> None:
    found = cases(REGISTER, log, LATER, paid)
    counts = verified(REGISTER, found, day)
    for stage in REGISTER.stages:
        whole = sum(
            count
            for (_, key, category), count in counts.items()
            if key == stage.key and category is None
        )
        parts = sum(
            count for (_, key, category), count in counts.items() if key == stage.key and category
        )
        # A case may lose its category by a withdrawal; then no part has it.
        uncategorised = [case for case in on_list(found, day) if "kind" not in case.values]
        assert whole - parts == sum(
            stage.key in reached(REGISTER, case, day) for case in uncategorised
        )
    listed = on_list(found, day)
    assert len(listed) + sum(not case.on_list(day) for case in found) == len(found)


@settings(deadline=None)
@given(logs(), PAYMENTS, st.integers(0, 25), st.randoms())
def test_what_was_known_depends_on_nothing_later(
    log: list[Mark], paid: dict[CaseCode, Paid], hours: int, chance: random.Random
) -> None:
    then = moment(hours)
    known = [one for one in log if one.recorded_at <= then]
    shuffled = list(log)
    chance.shuffle(shuffled)
    assert cases(REGISTER, known, then, paid) == cases(REGISTER, shuffled, then, paid)


@settings(deadline=None)
@given(logs(), st.data())
def test_withdrawing_a_withdrawal_restores_everything(log: list[Mark], data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(log))
    number = log[-1].number + 1
    withdrawal = mark(number, one.case, one.what, None, supersedes=one.number)
    back = mark(number + 1, one.case, one.what, None, supersedes=number)
    assert cases(REGISTER, [*log, withdrawal, back], LATER) == cases(REGISTER, log, LATER)


@settings(deadline=None)
@given(logs(), PAYMENTS, DAYS)
def test_the_count_falls_only_by_who_left(
    log: list[Mark], paid: dict[CaseCode, Paid], day: date
) -> None:
    found = cases(REGISTER, log, LATER, paid)
    before, after = (verified(REGISTER, found, on_day) for on_day in (day, day + timedelta(days=1)))
    for cell in before.keys() - {cell for cell in before if before[cell] <= after.get(cell, 0)}:
        gone = [case for case in found if case.left and case.left.day == day + timedelta(days=1)]
        assert any(case.township == cell[0] for case in gone)
