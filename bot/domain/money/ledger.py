"""Grants, batches, lines and what the bank answered: the four pots at any moment (law 16).

Everything here is derived from facts that are only added to. A line is one household in one
attempt of a batch; an answer is what the bank said of a line. What a line's state is, what a
household was paid and on which day is never written down: it is what the answers come to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from bot.domain.money.amounts import NOTHING, Fen
from bot.domain.money.reasons import ToDo
from bot.domain.registers.case import CaseCode, PersonKey


class Result(StrEnum):
    """What the bank said of a line."""

    THROUGH = "through"
    FAILED = "failed"
    REVERSED = "reversed"  # 退汇: what went through under that serial number came back


class LineState(StrEnum):
    """Where the money of a line is."""

    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    RELISTED = "relisted"  # failed, and listed again in a newer attempt


@dataclass(frozen=True, kw_only=True)
class Grant:
    """资金下达: money passed down by a paper."""

    number: int
    paper: str
    day: date | None
    amount: Fen
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Batch:
    """批次: a payment run. `approved` is what the paper of the first attempt's decision names."""

    number: int
    name: str
    approved: Fen
    paper: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Line:
    """明细: one household in one attempt of a batch. `listed_at` is when a person let the list
    go.
    """

    number: int
    batch: int
    attempt: int
    case: CaseCode
    name: PersonKey
    account: PersonKey
    amount: Fen
    listed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """回执: what the bank said of a line. Of a reversal, `serial` is that of what came back."""

    number: int
    line: int
    result: Result
    to_do: ToDo | None = None
    words: str = ""
    serial: str
    day: date
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The pots: `granted` is the sum of the other four. `paid_twice` is the part of `paid` beyond
    the lines' amounts.
    """

    granted: Fen
    paid: Fen
    in_transit: Fen
    failed_waiting: Fen
    free: Fen
    paid_households: int
    paid_twice: Fen = NOTHING


@dataclass(frozen=True, kw_only=True)
class AttemptSums:
    """What became of the lines of one attempt: count and amount each."""

    batch: int
    attempt: int
    listed_at: datetime
    lines: int
    amount: Fen
    through: int
    through_amount: Fen
    failed: int
    failed_amount: Fen
    unanswered: int
    unanswered_amount: Fen


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The money of one campaign as known at a moment, folded once. Build it with `known`."""

    grants: tuple[Grant, ...] = ()
    batches: tuple[Batch, ...] = ()
    lines: tuple[Line, ...] = ()
    answers: tuple[Answer, ...] = ()

    @cached_property
    def by_line(self) -> Mapping[int, tuple[Answer, ...]]:
        """The answers of each line that has any, in the order of their numbers."""
        found: defaultdict[int, list[Answer]] = defaultdict(list)
        for answer in sorted(self.answers, key=lambda one: one.number):
            found[answer.line].append(answer)
        return {line: tuple(answers) for line, answers in found.items()}

    @cached_property
    def of_case(self) -> Mapping[CaseCode, tuple[Line, ...]]:
        """The lines of each household, oldest attempt first."""
        found: defaultdict[CaseCode, list[Line]] = defaultdict(list)
        for line in sorted(self.lines, key=lambda one: (one.batch, one.attempt, one.number)):
            found[line.case].append(line)
        return {case: tuple(lines) for case, lines in found.items()}

    @cached_property
    def _newest(self) -> Mapping[tuple[int, CaseCode], int]:
        newest: dict[tuple[int, CaseCode], int] = {}
        for line in self.lines:
            place = (line.batch, line.case)
            newest[place] = max(line.attempt, newest.get(place, 0))
        return newest

    def standing(self, line: Line) -> tuple[Answer, ...]:
        """What went through on the line and has not come back, one answer for each serial
        number.
        """
        answers = self.by_line.get(line.number, ())
        back = {answer.serial for answer in answers if came_back(answer)}
        through: dict[str, Answer] = {}
        for answer in answers:
            if answer.result is Result.THROUGH and answer.serial not in back:
                through.setdefault(answer.serial, answer)
        return tuple(through.values())

    def state(self, line: Line) -> LineState:
        """Where the money of the line is."""
        if self.standing(line):
            return LineState.PAID
        if line.number not in self.by_line:
            return LineState.IN_TRANSIT
        if self._newest[(line.batch, line.case)] > line.attempt:
            return LineState.RELISTED
        return LineState.FAILED

    def failure(self, line: Line) -> Answer | None:
        """The newest answer that says why the line is not paid; None for a line that is, or has no
        answer.
        """
        if self.state(line) not in (LineState.FAILED, LineState.RELISTED):
            return None
        return max(self.by_line[line.number], key=lambda answer: (answer.day, answer.number))

    def paid(self, case: CaseCode, day: date | None = None) -> Fen:
        """What a household has received; with `day`, up to the end of that day."""
        return Fen(sum(amount for _, amount in self._movements(case, day)))

    def paid_on(self, case: CaseCode, due: Fen) -> date | None:
        """The day on which what went through reached the due; None while it has not, or no
        longer.
        """
        if due <= 0 or self.paid(case) < due:
            return None
        total = 0
        for day, amount in sorted(self._payments(case)):
            total += amount
            if total >= due:
                return day
        return None

    def twice(self) -> tuple[Line, ...]:
        """The lines on which money went out more than once and has not come back."""
        return tuple(line for line in self.lines if len(self.standing(line)) > 1)

    def balance(self) -> Balance:
        """The pots. Their sum is what was granted whatever came in, and in whatever order."""
        pots = dict.fromkeys(LineState, 0)
        twice = 0
        households: set[CaseCode] = set()
        for line in self.lines:
            state, times = self.state(line), len(self.standing(line))
            pots[state] += line.amount * max(times, 1)
            twice += line.amount * max(times - 1, 0)
            if state is LineState.PAID:
                households.add(line.case)
        granted = sum(grant.amount for grant in self.grants)
        out = pots[LineState.PAID] + pots[LineState.IN_TRANSIT] + pots[LineState.FAILED]
        return Balance(
            granted=Fen(granted),
            paid=Fen(pots[LineState.PAID]),
            in_transit=Fen(pots[LineState.IN_TRANSIT]),
            failed_waiting=Fen(pots[LineState.FAILED]),
            free=Fen(granted - out),
            paid_households=len(households),
            paid_twice=Fen(twice),
        )

    def attempts(self) -> tuple[AttemptSums, ...]:
        """Every attempt of every batch, in order."""
        found: defaultdict[tuple[int, int], list[Line]] = defaultdict(list)
        for line in self.lines:
            found[(line.batch, line.attempt)].append(line)
        return tuple(self._sums(place, found[place]) for place in sorted(found))

    def to_list_again(self, batch: int | None = None) -> tuple[Line, ...]:
        """The failed lines that wait to be listed again, of one batch or of all, in the order of
        their numbers.
        """
        return tuple(
            line
            for line in sorted(self.lines, key=lambda one: one.number)
            if batch in (None, line.batch) and self.state(line) is LineState.FAILED
        )

    def in_transit(self) -> tuple[Line, ...]:
        """The lines that have no answer yet."""
        return tuple(line for line in self.lines if self.state(line) is LineState.IN_TRANSIT)

    def free_to_approve(self) -> Fen:
        """What is granted and not yet bound by the approval of a batch, money that went out twice
        taken off.
        """
        bound = sum(batch.approved for batch in self.batches)
        return Fen(sum(grant.amount for grant in self.grants) - bound - self.balance().paid_twice)

    def _payments(self, case: CaseCode) -> list[tuple[date, Fen]]:
        return [
            (answer.day, line.amount)
            for line in self.of_case.get(case, ())
            for answer in self.standing(line)
        ]

    def _movements(self, case: CaseCode, day: date | None) -> list[tuple[date, int]]:
        """What went out to a household and what came back, each on its day."""
        if day is None:
            return [(when, int(amount)) for when, amount in self._payments(case)]
        found: list[tuple[date, int]] = []
        for line in self.of_case.get(case, ()):
            answers = self.by_line.get(line.number, ())
            through = {one.serial: one.day for one in answers if one.result is Result.THROUGH}
            back = {one.serial: one.day for one in answers if came_back(one)}
            found += [(when, int(line.amount)) for when in through.values() if when <= day]
            found += [
                (when, -line.amount)
                for serial, when in back.items()
                if serial in through and when <= day
            ]
        return found

    def _sums(self, place: tuple[int, int], lines: Sequence[Line]) -> AttemptSums:
        counts: dict[str, int] = dict.fromkeys(("through", "failed", "unanswered"), 0)
        amounts = dict(counts)
        for line in lines:
            state = self.state(line)
            which = {LineState.PAID: "through", LineState.IN_TRANSIT: "unanswered"}.get(
                state, "failed"
            )
            counts[which] += 1
            amounts[which] += line.amount
        return AttemptSums(
            batch=place[0],
            attempt=place[1],
            listed_at=min(line.listed_at for line in lines),
            lines=len(lines),
            amount=Fen(sum(line.amount for line in lines)),
            through=counts["through"],
            through_amount=Fen(amounts["through"]),
            failed=counts["failed"],
            failed_amount=Fen(amounts["failed"]),
            unanswered=counts["unanswered"],
            unanswered_amount=Fen(amounts["unanswered"]),
        )


def came_back(answer: Answer) -> bool:
    """Whether the answer says that what went through under its serial number is with the payer
    again.

    A failure says so too when it names a serial: banks return money under the number it went out
    with.
    """
    if answer.result is Result.REVERSED:
        return True
    return answer.result is Result.FAILED and is_number(answer.serial)


NO_NUMBER = "@"
"""How what stands for a serial number begins where the bank gives none: an answer is then known by
its day, if it has one.
"""


def is_number(serial: str) -> bool:
    """Whether that is a serial number of the bank's."""
    return bool(serial) and not serial.startswith(NO_NUMBER)


def known(
    grants: Iterable[Grant],
    batches: Iterable[Batch],
    lines: Iterable[Line],
    answers: Iterable[Answer],
    known_at: datetime,
) -> Ledger:
    """The ledger of what was known at that moment; what was recorded later changes nothing in
    it.
    """
    return Ledger(
        grants=tuple(one for one in grants if one.recorded_at <= known_at),
        batches=tuple(one for one in batches if one.recorded_at <= known_at),
        lines=tuple(one for one in lines if one.listed_at <= known_at),
        answers=tuple(one for one in answers if one.recorded_at <= known_at),
    )


def paid_days(ledger: Ledger, due: Mapping[CaseCode, Fen]) -> dict[CaseCode, date]:
    """The day on which each household had received what was due to it; households not paid whole
    are left out.
    """
    days = {case: ledger.paid_on(case, due[case]) for case in ledger.of_case if case in due}
    return {case: day for case, day in days.items() if day is not None}
