"""A list goes whole or not at all, and everything for which it may not go is told at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.money.amounts import Fen
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.ledger import Ledger, Result
from bot.domain.money.lists import (
    ListRow,
    Payee,
    StatedSum,
    Terms,
    batch_of,
    may_go,
    next_attempt,
    ready,
)
from bot.domain.registers.case import CaseCode, PersonKey
from tests.domain.money.builders import answer, batch, grant, line

DUE = Fen(750_000)
GRANTED = Ledger(grants=(grant(100_000_000),))


def payee(number: int, **changed: object) -> Payee:
    facts = {
        "case": CaseCode(f"C{number}"),
        "name": PersonKey(f"name C{number}"),
        "account": PersonKey(f"account {number}"),
        "due": DUE,
        "ready_on": date(2021, 10, 20),
        **changed,
    }
    return Payee(**facts)  # type: ignore[arg-type]


PAYEES = {one.case: one for one in map(payee, range(1, 13))}


def listed(number: int, **changed: object) -> ListRow:
    of = PAYEES[CaseCode(f"C{number}")]
    facts = {
        "row": number,
        "cases": (of.case,),
        "identity": PersonKey(f"identity {number}"),
        "name": of.name,
        "account": of.account,
        "amount": DUE,
        **changed,
    }
    return ListRow(**facts)  # type: ignore[arg-type]


def told(
    rows: list[ListRow],
    ledger: Ledger = GRANTED,
    terms: Terms | None = None,
    stated: StatedSum | None = None,
    payees: dict[CaseCode, Payee] | None = None,
) -> list[tuple[MoneyDoubtKind, int | None]]:
    found = may_go(
        rows, payees or PAYEES, ledger, terms or Terms(batch=1), [stated] if stated else []
    )
    assert all(doubt.weight is Weight.LIST for doubt in found)
    return [(doubt.kind, doubt.row) for doubt in found]


def test_a_good_list_has_no_doubt() -> None:
    rows = [listed(1), listed(2)]
    stated = StatedSum(row=9, amount=Fen(2 * DUE), lines=2)
    assert told(rows, terms=Terms(batch=1, approved=Fen(2 * DUE)), stated=stated) == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"cases": ()}, MoneyDoubtKind.CASE_UNKNOWN),
        ({"cases": (CaseCode("C1"), CaseCode("C2"))}, MoneyDoubtKind.CASE_SEVERAL),
        ({"name": PersonKey("another")}, MoneyDoubtKind.NAME_DIFFERS),
        ({"account": PersonKey("another")}, MoneyDoubtKind.ACCOUNT_DIFFERS),
        (
            {"account": None, "unread": {"account": MoneyDoubtKind.ACCOUNT_ROUNDED}},
            MoneyDoubtKind.ACCOUNT_ROUNDED,
        ),
        ({"amount": Fen(DUE + 1)}, MoneyDoubtKind.AMOUNT_OVER),
        ({"amount": Fen(DUE - 1)}, MoneyDoubtKind.AMOUNT_UNDER),
        (
            {"amount": None, "unread": {"amount": MoneyDoubtKind.AMOUNT_FORM}},
            MoneyDoubtKind.AMOUNT_FORM,
        ),
    ],
)
def test_each_fault_of_a_row_is_told_by_itself(
    changed: dict[str, object], kind: MoneyDoubtKind
) -> None:
    assert told([listed(1), replace(listed(2), **changed)]) == [(kind, 2)]  # type: ignore[arg-type]


def test_all_faults_are_told_at_once() -> None:
    rows = [
        listed(1, amount=Fen(1)),
        listed(2, name=PersonKey("another")),
        listed(3, account=PersonKey("another")),
        listed(4, cases=()),
    ]
    kinds = [kind for kind, _ in told(rows)]
    assert kinds == [
        MoneyDoubtKind.AMOUNT_UNDER,
        MoneyDoubtKind.NAME_DIFFERS,
        MoneyDoubtKind.ACCOUNT_DIFFERS,
        MoneyDoubtKind.CASE_UNKNOWN,
    ]


def test_a_row_under_anothers_identity_is_told_once_with_the_row_it_repeats() -> None:
    stranger = listed(2, row=1, cases=(CaseCode("C5"),))
    (doubt,) = may_go([stranger, listed(5)], PAYEES, GRANTED, Terms(batch=1))
    assert (doubt.kind, doubt.row, doubt.other_row) == (MoneyDoubtKind.ID_TWICE, 1, 5)


def test_an_account_of_two_rows_is_told_at_the_row_whose_it_is_not() -> None:
    stranger = listed(2, account=PersonKey("account 5"))
    (doubt,) = may_go([stranger, listed(5)], PAYEES, GRANTED, Terms(batch=1))
    assert (doubt.kind, doubt.row, doubt.other_row) == (MoneyDoubtKind.ACCOUNT_TWICE, 2, 5)


def test_who_is_not_ready_has_left_or_is_without_a_due_is_not_paid() -> None:
    payees = dict(PAYEES)
    payees[CaseCode("C1")] = payee(1, ready_on=None)
    payees[CaseCode("C2")] = payee(2, left=True)
    payees[CaseCode("C3")] = payee(3, due=None)
    assert told([listed(1), listed(2), listed(3)], payees=payees) == [
        (MoneyDoubtKind.NOT_ACCEPTED, 1),
        (MoneyDoubtKind.CASE_LEFT, 2),
        (MoneyDoubtKind.DUE_MISSING, 3),
    ]
    assert next(one.case for one in ready(payees.values(), GRANTED)) == "C3"


def test_who_is_paid_or_whose_money_is_out_is_not_listed_again() -> None:
    ledger = Ledger(
        grants=GRANTED.grants,
        batches=(batch(1, approved=2 * DUE),),
        lines=(line(1), line(2)),
        answers=(answer(1, 1, Result.THROUGH),),
    )
    assert told([listed(1), listed(2), listed(3)], ledger, Terms(batch=2)) == [
        (MoneyDoubtKind.PAID_ALREADY, 1),
        (MoneyDoubtKind.IN_TRANSIT, 2),
    ]
    assert next(one.case for one in ready(PAYEES.values(), ledger)) == "C3"


def failed_once() -> Ledger:
    return Ledger(
        grants=GRANTED.grants,
        batches=(batch(1, approved=2 * DUE),),
        lines=(line(1), line(2)),
        answers=(answer(1, 1, Result.FAILED), answer(2, 2, Result.FAILED)),
    )


def test_what_failed_is_listed_again_in_its_own_batch_and_nothing_else_with_it() -> None:
    ledger = failed_once()
    rows = [listed(1), listed(2)]
    assert batch_of(rows, ledger, None) == 1
    assert next_attempt(ledger, 1) == 2
    assert told(rows, ledger, Terms(batch=1)) == []
    assert told(rows, ledger, Terms(batch=2)) == [
        (MoneyDoubtKind.BATCH_DIFFERS, 1),
        (MoneyDoubtKind.BATCH_DIFFERS, 2),
    ]
    assert batch_of([listed(1), listed(3)], ledger, None) == 2
    assert told([listed(1), listed(3)], ledger, Terms(batch=1)) == [
        (MoneyDoubtKind.BATCH_DIFFERS, 3)
    ]


def test_another_account_needs_the_word_of_a_person_for_that_household() -> None:
    rows = [listed(1, account=PersonKey("new")), listed(2, account=PersonKey("new too"))]
    one = Terms(batch=1, new_accounts=frozenset({CaseCode("C1")}))
    assert told(rows, failed_once(), one) == [(MoneyDoubtKind.ACCOUNT_DIFFERS, 2)]


def test_sums_counts_approval_and_grants_hold_to_the_fen() -> None:
    rows = [listed(1), listed(2)]
    stated = StatedSum(row=7, amount=Fen(2 * DUE - 1), lines=3)
    terms = Terms(batch=1, approved=Fen(2 * DUE + 1))
    poor = Ledger(grants=(grant(2 * DUE - 1),))
    assert told(rows, poor, terms, stated) == [
        (MoneyDoubtKind.TOTAL_DIFFERS, 7),
        (MoneyDoubtKind.COUNT_DIFFERS, 7),
        (MoneyDoubtKind.BATCH_TOTAL_DIFFERS, None),
        (MoneyDoubtKind.GRANTED_EXCEEDED, None),
    ]


def test_a_part_is_paid_only_where_the_campaign_pays_in_parts_and_the_row_says_so() -> None:
    part = listed(1, amount=Fen(300_000), part=True)
    assert told([part]) == [(MoneyDoubtKind.AMOUNT_UNDER, 1)]
    in_parts = Terms(batch=1, in_parts=True)
    assert told([part], terms=in_parts) == []
    assert told([replace(part, part=False)], terms=in_parts) == [(MoneyDoubtKind.AMOUNT_UNDER, 1)]
    after = Ledger(
        grants=GRANTED.grants,
        batches=(batch(1, approved=300_000),),
        lines=(line(1, amount=300_000),),
        answers=(answer(1, 1, Result.THROUGH),),
    )
    rest = listed(1, amount=Fen(450_000))
    second = Terms(batch=2, in_parts=True)
    assert told([rest], after, second) == []
    assert told([replace(rest, amount=Fen(450_001))], after, second) == [
        (MoneyDoubtKind.AMOUNT_OVER, 1)
    ]
    assert ready([PAYEES[CaseCode("C1")]], after, in_parts=True)
    assert not ready([PAYEES[CaseCode("C1")]], after)


def test_an_empty_list_is_none() -> None:
    found: tuple[CaseDoubt, ...] = may_go([], PAYEES, GRANTED, Terms(batch=1))
    assert [doubt.kind for doubt in found] == [MoneyDoubtKind.NO_ROWS]
