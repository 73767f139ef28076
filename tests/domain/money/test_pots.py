"""M1 to M8 over random orders of lists, returns, halves of returns, doubles and money that comes
back.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.money.amounts import Fen
from bot.domain.money.doubts import MoneyDoubtKind
from bot.domain.money.journal import journal
from bot.domain.money.ledger import Batch, Grant, Ledger, Line, LineState, Result, known, paid_days
from bot.domain.money.lists import ListRow, Payee, Terms, may_go, next_attempt, next_batch, ready
from bot.domain.money.returns import SaidRow, answered
from bot.domain.registers.case import CaseCode, PersonKey
from tests.domain.money.builders import TODAY, batch, grant, kept, line, moment, row
from tests.domain.money.journal_reader import read_journal

DUE = Fen(200_000)
THROUGH, FAILED, REVERSED = Result.THROUGH, Result.FAILED, Result.REVERSED


class Season(RuleBasedStateMachine):
    """A campaign of thirty cases at 2,000 yuan each, played in any order, beside the simplest
    account of the same money.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.payees = {
            CaseCode(f"C{n}"): Payee(
                case=CaseCode(f"C{n}"),
                name=PersonKey(f"name {n}"),
                account=PersonKey(f"account {n}"),
                due=DUE,
                ready_on=date(2021, 10, 1),
            )
            for n in range(30)
        }
        self.day = 0
        self.serial = 0
        self.sent: list[tuple[SaidRow, ...]] = []
        # The other account: where each yuan is, kept by plain addition.
        self.granted = self.out = self.doubled = 0
        self.where: dict[int, str] = {}

    @initialize(amount=st.integers(min_value=0, max_value=10**7))
    def first_grant(self, amount: int) -> None:
        self.give(amount)

    @rule(amount=st.integers(min_value=1, max_value=10**6))
    def give(self, amount: int) -> None:
        facts = grant(amount, number=len(self.ledger.grants) + 1)
        self.ledger = replace_ledger(self.ledger, grants=(*self.ledger.grants, facts))
        self.granted += amount

    @rule(data=st.data())
    def list_new(self, data: st.DataObject) -> None:
        payees = ready(self.payees.values(), self.ledger)
        room = self.ledger.free_to_approve() // DUE
        most = min(len(payees), max(room, 0), 8)
        if most:
            chosen = data.draw(
                st.lists(
                    st.sampled_from(payees), min_size=1, max_size=most, unique_by=lambda p: p.case
                )
            )
            self.go([payee.case for payee in chosen], next_batch(self.ledger))

    @precondition(lambda self: self.ledger.to_list_again())
    @rule(data=st.data())
    def list_again(self, data: st.DataObject) -> None:
        waiting = self.ledger.to_list_again()
        number = data.draw(st.sampled_from(sorted({one.batch for one in waiting})))
        cases = [one.case for one in waiting if one.batch == number]
        for case in cases:
            if data.draw(st.booleans()):
                account = PersonKey(f"new {self.serial} {case}")
                self.serial += 1
                self.payees[case] = replace(self.payees[case], account=account)
        self.go(cases, number)

    def go(self, cases: list[CaseCode], number: int) -> None:
        rows = [
            ListRow(
                row=at,
                cases=(case,),
                identity=None,
                name=self.payees[case].name,
                account=self.payees[case].account,
                amount=DUE,
            )
            for at, case in enumerate(cases, 1)
        ]
        terms = Terms(batch=number, approved=Fen(DUE * len(rows)))
        assert not may_go(rows, self.payees, self.ledger, terms)
        new_batch = number == next_batch(self.ledger)
        attempt = next_attempt(self.ledger, number)
        first = len(self.ledger.lines) + 1
        lines = tuple(
            Line(
                number=first + at,
                batch=number,
                attempt=attempt,
                case=case,
                name=self.payees[case].name,
                account=self.payees[case].account or PersonKey(""),
                amount=DUE,
                listed_at=moment(self.day),
            )
            for at, case in enumerate(cases)
        )
        batches = (batch(number, approved=DUE * len(lines)),) if new_batch else ()
        for one in lines:
            old = [
                other
                for other in self.ledger.of_case.get(one.case, ())
                if self.where[other.number] == "waiting"
            ]
            for other in old:
                self.where[other.number] = "relisted"
            self.where[one.number] = "transit"
        self.ledger = replace_ledger(
            self.ledger,
            lines=(*self.ledger.lines, *lines),
            batches=(*self.ledger.batches, *batches),
        )

    @precondition(lambda self: self.ledger.in_transit())
    @rule(data=st.data(), shuffled=st.randoms(use_true_random=False))
    def bank_answers(self, data: st.DataObject, shuffled: random.Random) -> None:
        open_lines = list(self.ledger.in_transit())
        attempts = sorted({(one.batch, one.attempt) for one in open_lines})
        which = data.draw(st.sampled_from(attempts))
        lines = [one for one in open_lines if (one.batch, one.attempt) == which]
        shuffled.shuffle(lines)
        rows = []
        for at, one in enumerate(lines, 1):
            self.serial += 1
            result = data.draw(st.sampled_from((THROUGH, THROUGH, FAILED)))
            rows.append(row(one, at, result, f"S{self.serial}", day=25 + self.day))
            self.where[one.number] = "paid" if result is THROUGH else "waiting"
        cut = data.draw(st.integers(min_value=0, max_value=len(rows)))
        for half in (rows[cut:], rows[:cut]):
            self.take(half)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def the_same_file_again(self, data: st.DataObject) -> None:
        rows = data.draw(st.sampled_from(self.sent))
        before = self.ledger.balance()
        got = answered(self.ledger, rows, today=TODAY.replace(year=2030))
        assert not got.answers
        assert self.ledger.balance() == before

    @precondition(lambda self: any(place == "paid" for place in self.where.values()))
    @rule(data=st.data())
    def paid_once_more(self, data: st.DataObject) -> None:
        one = self.drawn(data, "paid")
        self.serial += 1
        self.take(
            [row(one, 1, THROUGH, f"S{self.serial}", day=25 + self.day)],
            told=MoneyDoubtKind.PAID_TWICE,
        )
        self.doubled += one.amount
        self.where[one.number] = "paid twice"

    @precondition(lambda self: any(place == "paid" for place in self.where.values()))
    @rule(data=st.data())
    def money_comes_back(self, data: st.DataObject) -> None:
        one = self.drawn(data, "paid")
        (through,) = self.ledger.standing(one)
        self.day += 1
        self.take(
            [row(one, 1, REVERSED, through.serial, day=25 + self.day)], told=MoneyDoubtKind.REVERSED
        )
        self.where[one.number] = "waiting"

    def drawn(self, data: st.DataObject, place: str) -> Line:
        lines = [one for one in self.ledger.lines if self.where[one.number] == place]
        return data.draw(st.sampled_from(lines))

    def take(self, rows: list[SaidRow], told: MoneyDoubtKind | None = None) -> None:
        if not rows:
            return
        got = answered(self.ledger, rows, today=TODAY.replace(year=2030))
        found = {doubt.kind for doubt in got.doubts} - {MoneyDoubtKind.LINE_MISSING}
        assert found == ({told} if told else set())
        assert len(got.answers) == len(rows)
        self.ledger = kept(self.ledger, got.answers, recorded=self.day)
        self.sent.append(tuple(rows))

    @invariant()
    def the_pots_are_those_of_the_other_account(self) -> None:
        balance = self.ledger.balance()
        assert (
            balance.granted
            == balance.paid + balance.in_transit + balance.failed_waiting + balance.free
        )
        sums = dict.fromkeys(("paid", "paid twice", "transit", "waiting", "relisted"), 0)
        for one in self.ledger.lines:
            sums[self.where[one.number]] += one.amount
        assert balance.granted == self.granted
        assert balance.paid == sums["paid"] + 2 * sums["paid twice"]
        assert balance.paid_twice == self.doubled == sums["paid twice"]
        assert balance.in_transit == sums["transit"]
        assert balance.failed_waiting == sums["waiting"]
        assert min(balance.paid, balance.in_transit, balance.failed_waiting) >= 0
        assert balance.free >= -self.doubled

    def teardown(self) -> None:
        book, balance = read_journal(journal(self.ledger, UTC, "season")), self.ledger.balance()
        assert book.fen["Expenses:Paid"] == balance.paid
        assert book.fen["Assets:InTransit"] == balance.in_transit
        assert book.fen["Assets:FailedWaiting"] == balance.failed_waiting
        assert book.fen["Assets:Free"] == balance.free

    @invariant()
    def every_attempt_comes_to_its_lines(self) -> None:
        for sums in self.ledger.attempts():
            assert sums.lines == sums.through + sums.failed + sums.unanswered
            assert sums.amount == sums.through_amount + sums.failed_amount + sums.unanswered_amount

    @invariant()
    def no_household_has_more_than_its_due_but_by_what_is_told(self) -> None:
        twice = {one.case for one in self.ledger.twice()}
        for case in self.ledger.of_case:
            assert self.ledger.paid(case) <= DUE or case in twice
        due = dict.fromkeys(self.ledger.of_case, DUE)
        paid = {case for case in self.ledger.of_case if self.ledger.paid(case) >= DUE}
        assert set(paid_days(self.ledger, due)) == paid


TestSeason = Season.TestCase
TestSeason.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def replace_ledger(ledger: Ledger, **changed: object) -> Ledger:
    """The ledger with other facts, folded anew."""
    facts = {
        "grants": ledger.grants,
        "batches": ledger.batches,
        "lines": ledger.lines,
        "answers": ledger.answers,
        **changed,
    }
    return Ledger(**facts)  # type: ignore[arg-type]


RESULTS = st.sampled_from((THROUGH, FAILED, None))


@given(
    st.lists(RESULTS, min_size=1, max_size=12),
    st.randoms(use_true_random=False),
    st.integers(0, 12),
)
def test_a_return_in_parts_and_in_any_order_is_the_whole(
    results: list[Result | None], order: random.Random, cut: int
) -> None:
    lines = tuple(line(number) for number in range(1, len(results) + 1))
    ledger = Ledger(grants=(grant(10**8),), lines=lines)
    rows = [row(one, one.number, result) for one, result in zip(lines, results, strict=True)]
    whole = kept(ledger, answered(ledger, rows, today=TODAY).answers)
    order.shuffle(rows)
    parts = ledger
    for some in (rows[:cut], rows[cut:], rows):
        parts = kept(parts, answered(parts, some, today=TODAY).answers)
    assert parts.balance() == whole.balance()
    assert {one.number: parts.state(one) for one in lines} == {
        one.number: whole.state(one) for one in lines
    }


@given(st.data())
def test_what_is_recorded_later_changes_nothing_that_was_known_before(data: st.DataObject) -> None:
    lines = [line(n, listed=data.draw(st.integers(0, 5))) for n in range(1, 6)]
    ledger = Ledger(lines=tuple(lines))
    rows = [row(one, one.number, data.draw(st.sampled_from((THROUGH, FAILED)))) for one in lines]
    got = answered(ledger, rows, today=TODAY).answers
    days = data.draw(st.lists(st.integers(0, 9), min_size=len(got), max_size=len(got)))
    answers = [
        replace(one, recorded_at=moment(at))
        for one, at in zip(kept(ledger, got).answers, days, strict=True)
    ]
    grants = [Grant(number=1, paper="P", day=None, amount=Fen(10**8), recorded_at=moment(0))]
    batches: list[Batch] = []
    at = data.draw(st.integers(0, 9))
    earlier = known(grants, batches, lines, answers, moment(at))
    of_then = known(
        grants,
        batches,
        [one for one in lines if one.listed_at <= moment(at)],
        [one for one in answers if one.recorded_at <= moment(at)],
        moment(9) + timedelta(days=1),
    )
    assert earlier.balance() == of_then.balance()
    assert all(earlier.state(one) in LineState for one in earlier.lines)
