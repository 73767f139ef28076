"""What goes to the bank is in its own form, and its sums are read back to the fen before anybody
sends it.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money.amounts import Fen, Unit, fen_of
from bot.domain.money.bank_form import Shape
from bot.domain.money.bank_out import NotWritten, OutForm, Payment, written
from config.banks import FormRefused, known_outs, read_outs

FACTS = {"batch": "1", "attempt": "2", "day": "20211025"}


def payment(number: int, amount: int = 750_000, name: str = "甲一") -> Payment:
    return Payment(
        line=number,
        case=f"C{number}",
        township="甲镇",
        name=name,
        identity="9" * 18,
        account=f"62284800000000{number:05}",
        amount=Fen(amount),
    )


@pytest.mark.parametrize("key", sorted(known_outs()))
@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=9))
def test_every_form_that_comes_with_the_program_writes_what_it_is_given(
    key: str, amounts: list[int]
) -> None:
    out = known_outs()[key]
    payments = [payment(number, amount) for number, amount in enumerate(amounts, 1)]
    content = written(out, payments, FACTS)
    lines = content.decode(out.encoding).split("\r\n")[:-1]
    assert len(lines) == len(amounts) + bool(out.head) + bool(out.heads) + bool(out.tail)
    assert all(any(one.account in line for line in lines) for one in payments)


def test_a_pipe_file_has_its_sums_at_its_head() -> None:
    content = written(known_outs()["pipe"], [payment(1), payment(2, 1)], FACTS).decode("gb18030")
    assert content.split("\r\n")[:2] == [
        "H|1-2|20211025|2|7500.01",
        "D|000001|6228480000000000001|甲一|7500.00|1",
    ]


def test_a_line_of_fixed_width_has_its_amount_in_fen_at_its_bytes() -> None:
    line = written(known_outs()["fixed"], [payment(1)], FACTS)
    assert len(line) == 69 + 2
    assert fen_of(line[46:59].decode(), Unit.FEN) == 750_000


DELIMITED = OutForm(shape=Shape.DELIMITED, separator="|", line=("{account}", "{name}", "{amount}"))


@pytest.mark.parametrize(
    ("form", "name", "why"),
    [
        (DELIMITED, "甲|一", "separator"),
        (DELIMITED, "䶮𬊈", "encoding"),
        (
            OutForm(shape=Shape.FIXED, line=("{name}", "{amount:09}"), widths=(4, 9)),
            "欧阳某",
            "too_long",
        ),
        (OutForm(shape=Shape.DELIMITED, separator="|", line=("{account}",)), "甲", "no_amount"),
        (
            OutForm(shape=Shape.DELIMITED, separator="|", line=("{amount}", "{word}")),
            "甲",
            "unknown_word",
        ),
    ],
)
def test_what_does_not_fit_the_form_is_not_written(form: OutForm, name: str, why: str) -> None:
    with pytest.raises(NotWritten) as refused:
        written(form, [payment(1, name=name)], FACTS)
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("out", "place"),
    [
        ('shape = "csv"\nline = ["{account}"]', "out.line"),
        ('shape = "csv"\nline = ["{amount}", "{word}"]', "out.line"),
        ('shape = "sheet"\nline = ["{amount}"]', "out.shape"),
        ('shape = "fixed"\nline = ["{amount}"]', "out.widths"),
        ('shape = "csv"\nline = ["{amount}"]\nhead = ["{name}"]', "out.head"),
        ('shape = "csv"\nline = "{amount}"', "out.line"),
        ('shape = "csv"\nline = ["{amount}"]\nencoding = "big5"', "out.encoding"),
        ('shape = "csv"\nline = ["{amount}"]\nunit = "wan"', "out.unit"),
        ('shape = "csv"\nline = ["{amount}"]\nelse = 1', "out.else"),
    ],
)
def test_a_description_that_cannot_be_is_told_by_its_place(out: str, place: str) -> None:
    text = (
        'shape = "csv"\ncolumns = { account = "卡", amount = "钱", code = "果" }\nthrough = ["好"]\n[out]\n'
        + out
    )
    with pytest.raises(FormRefused) as refused:
        read_outs(text, "tried")
    assert place in {fault.place for fault in refused.value.faults}
