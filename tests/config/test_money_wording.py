"""Every kind of doubt about money has a sentence, and every sentence has all its facts."""

from __future__ import annotations

import re

import pytest

from bot.domain.money.bank_form import Field
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.ledger import LineState
from bot.domain.money.reasons import ToDo
from config.wording import money


@pytest.mark.parametrize("kind", MoneyDoubtKind)
def test_every_kind_has_a_chinese_sentence(kind: MoneyDoubtKind) -> None:
    said = money.finding(
        CaseDoubt(
            kind=kind, weight=Weight.ROW, facts={"when": "2021-10-25T17:10:00+08:00", "by": "王"}
        )
    )
    assert re.search("[一-鿿]", said)
    assert "{" not in said


def test_a_sentence_that_no_kind_has_is_none() -> None:
    variants = {"file_again_rows", "batch_differs_none", "line_missing_many"}
    assert money.kinds() - variants == set(MoneyDoubtKind)


def test_a_doubt_is_told_with_its_place() -> None:
    doubt = CaseDoubt(
        kind=MoneyDoubtKind.AMOUNT_DIFFERS,
        weight=Weight.ROW,
        row=15,
        column="amount",
        facts={"said": "7,500.01", "listed": "7,500.00"},
    )
    assert (
        money.finding_at(doubt)
        == "第15行“金额”：金额是7,500.01元，清单里是7,500.00元，没有收入，请与银行核对。"
    )


def test_every_column_state_and_thing_to_do_has_a_word() -> None:
    assert all(money.column(field) != field for field in Field)
    assert all(money.word("states", state) for state in LineState)
    assert all(money.word("to_do", what) for what in ToDo)
