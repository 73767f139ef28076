"""Each good row of a return is a fact; a row that cannot be is refused, and money that moved is
never dropped.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.money.doubts import MoneyDoubtKind, Weight
from bot.domain.money.ledger import Ledger, LineState, Result
from bot.domain.money.returns import Answered, SaidRow, Within, answered
from bot.domain.registers.case import PersonKey
from tests.domain.money.builders import TODAY, answer, grant, kept, line, row

THROUGH, FAILED, REVERSED = Result.THROUGH, Result.FAILED, Result.REVERSED


def listed(lines: int, **facts: int) -> Ledger:
    return Ledger(
        grants=(grant(10**9),), lines=tuple(line(number, **facts) for number in range(1, lines + 1))
    )


def read(ledger: Ledger, *rows: SaidRow, within: Within | None = None) -> Answered:
    return answered(ledger, rows, today=TODAY, within=within)


def kinds(got: Answered) -> list[tuple[MoneyDoubtKind, Weight, int | None]]:
    return [(doubt.kind, doubt.weight, doubt.row) for doubt in got.doubts]


def test_a_whole_return_answers_every_line() -> None:
    ledger = listed(3)
    got = read(
        ledger,
        *(row(one, one.number, FAILED if one.number == 2 else THROUGH) for one in ledger.lines),
    )
    assert [one.result for one in got.answers] == [THROUGH, FAILED, THROUGH]
    assert not got.doubts


def test_the_same_rows_again_are_nothing() -> None:
    ledger = listed(3)
    rows = [row(one, one.number, FAILED if one.number == 2 else THROUGH) for one in ledger.lines]
    after = kept(ledger, read(ledger, *rows).answers)
    again = read(after, *reversed(rows))
    assert not again.answers
    assert kinds(again) == [(MoneyDoubtKind.FILE_AGAIN, Weight.NOTHING, None)]
    assert again.unchanged == 3


def test_a_second_payment_under_another_number_is_kept_and_told() -> None:
    ledger = listed(1)
    (one,) = ledger.lines
    after = kept(ledger, read(ledger, row(one)).answers)
    got = read(after, row(one, 2, serial="other", day=28))
    assert kinds(got) == [(MoneyDoubtKind.PAID_TWICE, Weight.WARN, 2)]
    assert kept(after, got.answers).balance().paid == 1_500_000


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"amount": 750_001}, MoneyDoubtKind.AMOUNT_DIFFERS),
        ({"name": PersonKey("another")}, MoneyDoubtKind.NAME_DIFFERS),
        ({"result": None}, MoneyDoubtKind.RESULT_UNKNOWN),
        ({"account": PersonKey("nobody's")}, MoneyDoubtKind.LINE_UNKNOWN),
        ({"day": 500}, MoneyDoubtKind.DATE_FUTURE),
    ],
)
def test_a_row_that_cannot_be_leaves_its_line_in_transit_and_the_others_are_taken(
    changed: dict[str, object], kind: MoneyDoubtKind
) -> None:
    ledger = listed(3)
    one, *others = ledger.lines
    got = read(ledger, row(one, 1, **changed), *(row(other, other.number) for other in others))
    assert kinds(got) == [(kind, Weight.ROW, 1)]
    after = kept(ledger, got.answers)
    assert after.state(one) is LineState.IN_TRANSIT
    assert after.balance().paid == 1_500_000


def test_a_line_without_an_answer_is_named_and_many_of_them_are_counted() -> None:
    ledger = listed(20)
    rows = [row(one, one.number) for one in ledger.lines]
    (named,) = read(ledger, *rows[:-1]).doubts
    assert (named.kind, named.cases) == (MoneyDoubtKind.LINE_MISSING, ("C20",))
    (counted,) = read(ledger, *rows[:10]).doubts
    assert (counted.kind, counted.facts["lines"], counted.cases) == (
        MoneyDoubtKind.LINE_MISSING,
        "10",
        (),
    )
    assert not read(ledger, *rows[:10], within=Within(part=True)).doubts


def test_two_halves_in_either_order_are_the_whole() -> None:
    ledger = listed(9)
    rows = [
        row(one, one.number, FAILED if one.number % 4 == 0 else THROUGH) for one in ledger.lines
    ]
    whole = kept(ledger, read(ledger, *rows).answers)
    for first, second in ((rows[:4], rows[4:]), (rows[4:], rows[:4]), (rows[::2], rows[1::2])):
        half = kept(ledger, read(ledger, *first).answers)
        both = kept(half, read(half, *second).answers)
        assert both.balance() == whole.balance()
        assert {(one.line, one.result) for one in both.answers} == {
            (one.line, one.result) for one in whole.answers
        }


def test_one_row_twice_in_a_file_counts_once() -> None:
    ledger = listed(2)
    one, two = ledger.lines
    got = read(ledger, row(one, 1), row(two, 2), row(one, 3))
    assert kinds(got) == [(MoneyDoubtKind.LINE_TWICE, Weight.NOTHING, 1)]
    assert got.doubts[0].other_row == 3
    assert len(got.answers) == 2


def test_two_equal_lines_of_one_account_are_answered_by_two_equal_rows() -> None:
    ledger = Ledger(
        lines=(
            line(1, case="A", account="shared"),
            replace(line(2, case="B", account="shared"), name=PersonKey("name A")),
        )
    )
    one, two = ledger.lines
    got = read(ledger, row(one, 1, serial="@"), row(two, 2, serial="@"))
    assert {answer.line for answer in got.answers} == {1, 2}
    assert not got.doubts


def test_a_file_of_another_batch_is_refused_whole() -> None:
    ledger = Ledger(lines=(line(1), line(2, batch=2)))
    got = read(ledger, row(ledger.lines[1]), within=Within(batch=1))
    assert kinds(got) == [(MoneyDoubtKind.BATCH_DIFFERS, Weight.FILE, None)]
    assert got.refused
    assert not got.answers


def test_a_form_that_demands_the_same_set_refuses_one_line_too_many_or_too_few() -> None:
    ledger = listed(20)
    rows = [row(one, one.number) for one in ledger.lines]
    stranger = row(line(99), 99)
    for said in (rows[:-1], [*rows, stranger]):
        got = read(ledger, *said, within=Within(same_set=True))
        assert kinds(got) == [(MoneyDoubtKind.SET_DIFFERS, Weight.FILE, None)]
        assert not got.answers
    assert not read(ledger, *rows, within=Within(same_set=True)).doubts


def test_money_that_comes_back_is_an_answer_of_its_own_before_or_after_what_it_reverses() -> None:
    ledger = listed(2)
    one, two = ledger.lines
    through, back = row(one, 1, serial="S", day=25), row(one, 2, REVERSED, serial="S", day=28)
    other = row(two, 3)
    for first, second in (([through, other], [back]), ([back, other], [through])):
        half = kept(ledger, read(ledger, *first).answers)
        both = kept(half, read(half, *second).answers)
        assert both.state(one) is LineState.FAILED
        assert both.balance().failed_waiting == 750_000
        assert not read(both, *first, *second).answers


def test_a_failure_days_later_under_the_same_number_is_a_reversal() -> None:
    ledger = listed(1)
    (one,) = ledger.lines
    after = kept(ledger, read(ledger, row(one, serial="S", day=25)).answers)
    got = read(after, row(one, 1, FAILED, serial="S", day=27))
    assert [new.result for new in got.answers] == [REVERSED]
    assert kinds(got) == [(MoneyDoubtKind.REVERSED, Weight.WARN, 1)]


def test_a_failure_after_a_payment_under_another_number_waits_for_a_person() -> None:
    ledger = listed(1)
    (one,) = ledger.lines
    after = kept(ledger, read(ledger, row(one, serial="S")).answers)
    got = read(after, row(one, 1, FAILED, serial="T", day=27))
    assert kinds(got) == [(MoneyDoubtKind.FAILED_AFTER_PAID, Weight.ASK, 1)]
    assert not got.answers


@pytest.mark.parametrize("first", [THROUGH, FAILED])
def test_two_rows_that_contradict_each_other_are_neither_taken(first: Result) -> None:
    ledger = listed(2)
    one, two = ledger.lines
    second = FAILED if first is THROUGH else THROUGH
    got = read(ledger, row(one, 1, first, "S"), row(one, 2, second, "S"), row(two, 3))
    assert kinds(got) == [(MoneyDoubtKind.RESULT_DIFFERS, Weight.BOTH, 1)]
    assert [new.line for new in got.answers] == [2]


def test_a_line_listed_again_is_answered_in_its_newest_attempt() -> None:
    old, new = line(1, case="C", account="same"), line(2, case="C", account="same", attempt=2)
    ledger = Ledger(lines=(old, new), answers=(answer(1, 1, FAILED, "F"),))
    got = read(ledger, row(new, 1, serial="T"))
    assert [one.line for one in got.answers] == [2]
    # And the first return, filed again, still speaks of the first attempt.
    assert read(ledger, row(old, 1, FAILED, "F")).unchanged == 1


def test_a_row_known_by_our_own_number_must_still_be_of_that_account_and_sum() -> None:
    ledger = listed(2)
    one, two = ledger.lines
    got = read(ledger, row(one, 1, own=1), row(two, 2, own=2, amount=1), row(two, 3, own=9))
    assert [new.line for new in got.answers] == [1]
    assert [doubt[0] for doubt in kinds(got)] == [
        MoneyDoubtKind.AMOUNT_DIFFERS,
        MoneyDoubtKind.LINE_UNKNOWN,
    ]
