"""The four pots hold at every moment, and what a household was paid is what the bank's answers come
to.
"""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.money.amounts import Fen
from bot.domain.money.ledger import Ledger, LineState, Result, known, paid_days
from bot.domain.registers.case import CaseCode
from tests.domain.money.builders import answer, batch, grant, line, moment

THROUGH, FAILED, REVERSED = Result.THROUGH, Result.FAILED, Result.REVERSED


def pots(ledger: Ledger) -> tuple[int, int, int, int]:
    balance = ledger.balance()
    assert (
        balance.granted == balance.paid + balance.in_transit + balance.failed_waiting + balance.free
    )
    return balance.paid, balance.in_transit, balance.failed_waiting, balance.free


def test_money_goes_from_free_to_transit_to_paid_or_waiting_and_to_transit_again() -> None:
    whole = grant(3_000_000), batch(approved=1_500_000)
    one, two = line(1), line(2)
    again = line(3, case="C2", attempt=2, account="new", listed=3)
    answers = [
        answer(1, 1, THROUGH, recorded=1),
        answer(2, 2, FAILED, recorded=1),
        answer(3, 3, THROUGH, recorded=4),
    ]

    def at(days: int) -> Ledger:
        return known(whole[:1], whole[1:], [one, two, again], answers, moment(days))

    assert pots(at(0)) == (0, 1_500_000, 0, 1_500_000)
    assert pots(at(1)) == (750_000, 0, 750_000, 1_500_000)
    assert at(1).to_list_again() == (two,)
    assert pots(at(3)) == (750_000, 750_000, 0, 1_500_000)
    assert at(3).state(two) is LineState.RELISTED
    assert pots(at(4)) == (1_500_000, 0, 0, 1_500_000)
    assert at(4).balance().paid_households == 2


def test_a_day_of_payment_needs_the_whole_due() -> None:
    parts = [line(1, case="C", amount=300_000), line(2, case="C", amount=450_000, batch=2)]
    first = answer(1, 1, THROUGH, day=25)
    second = answer(2, 2, THROUGH, day=28, recorded=3)
    due = {CaseCode("C"): Fen(750_000)}
    assert paid_days(Ledger(lines=tuple(parts), answers=(first,)), due) == {}
    assert paid_days(Ledger(lines=tuple(parts), answers=(first, second)), due) == {
        "C": date(2021, 10, 28)
    }


def test_money_that_came_back_is_waiting_again_and_the_household_is_unpaid_from_then_on() -> None:
    one = line(1)
    facts = [
        answer(1, 1, THROUGH, "S", day=25, recorded=1),
        answer(2, 1, REVERSED, "S", day=28, recorded=3),
    ]
    before = known([grant(750_000)], [], [one], facts, moment(2))
    after = known([grant(750_000)], [], [one], facts, moment(3))
    due = Fen(750_000)
    assert pots(before) == (750_000, 0, 0, 0)
    assert pots(after) == (0, 0, 750_000, 0)
    assert before.paid_on(one.case, due) == date(2021, 10, 25)
    assert after.paid_on(one.case, due) is None
    assert after.to_list_again() == (one,)
    # What stood before the day it came back stays paid on those days.
    assert after.paid(one.case, date(2021, 10, 27)) == 750_000
    assert after.paid(one.case, date(2021, 10, 28)) == 0


def test_money_that_went_out_twice_is_inside_paid_and_shown_apart() -> None:
    ledger = Ledger(
        grants=(grant(2_000_000),),
        lines=(line(1),),
        answers=(answer(1, 1, THROUGH, "A"), answer(2, 1, THROUGH, "B")),
    )
    assert pots(ledger) == (1_500_000, 0, 0, 500_000)
    assert ledger.balance().paid_twice == 750_000
    assert ledger.twice() == ledger.lines


@pytest.mark.parametrize("order", [(THROUGH, FAILED), (FAILED, THROUGH)])
def test_a_failure_under_the_number_of_a_payment_takes_it_back_in_whatever_order_they_came(
    order: tuple[Result, ...],
) -> None:
    days = {THROUGH: 25, FAILED: 27}
    answers = tuple(
        answer(at, 1, result, "S", day=days[result]) for at, result in enumerate(order, 1)
    )
    ledger = Ledger(grants=(grant(750_000),), lines=(line(1),), answers=answers)
    assert ledger.state(ledger.lines[0]) is LineState.FAILED


def test_the_sums_of_an_attempt_are_its_lines() -> None:
    lines = (line(1), line(2), line(3, amount=100))
    ledger = Ledger(lines=lines, answers=(answer(1, 1, THROUGH), answer(2, 2, FAILED)))
    (sums,) = ledger.attempts()
    assert (sums.through, sums.failed, sums.unanswered) == (1, 1, 1)
    assert (
        sums.amount
        == sums.through_amount + sums.failed_amount + sums.unanswered_amount
        == 1_500_100
    )
