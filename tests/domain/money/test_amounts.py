"""Sums of money are read and written exactly, whatever people put around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money.amounts import Fen, NoAmount, Unit, fen_of, in_words, plain_yuan, wan, yuan

AMOUNTS = st.integers(min_value=0, max_value=10**16).map(Fen)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (56_950_000, "56.95"),
        (85_800_000, "85.8"),
        (305_000_000, "305"),
        (20_700_000, "20.7"),
        (468_450_000, "468.45"),
        (1, "0.000001"),
        (0, "0"),
        (-750_000, "-0.75"),
    ],
)
def test_ten_thousands_of_yuan_have_every_decimal_and_none_more(amount: int, said: str) -> None:
    assert wan(Fen(amount)) == said


@pytest.mark.parametrize(
    ("written", "unit", "amount"),
    [
        ("7500", Unit.YUAN, 750_000),
        ("7,500.00", Unit.YUAN, 750_000),
        ("７５００．０１", Unit.YUAN, 750_001),
        ("¥7500.5", Unit.YUAN, 750_050),
        ("7500元", Unit.YUAN, 750_000),
        ("7500.000", Unit.YUAN, 750_000),
        ("0000000750000", Unit.FEN, 750_000),
        ("170", Unit.WAN, 170_000_000),
        ("409.70", Unit.WAN, 409_700_000),
        ("0.75万元", Unit.WAN, 750_000),
        ("-7500.00", Unit.YUAN, -750_000),
    ],
)
def test_amounts_are_read_as_people_and_banks_write_them(
    written: str, unit: Unit, amount: int
) -> None:
    assert fen_of(written, unit) == amount


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("", Unit.YUAN),
        ("7500.001", Unit.YUAN),
        ("7500.5", Unit.FEN),
        ("75,00.00", Unit.YUAN),
        ("7.5e3", Unit.YUAN),
        ("=7500", Unit.YUAN),
        ("7500元", Unit.WAN),
        ("0.75万元", Unit.YUAN),
        ("约7500", Unit.YUAN),
        ("9" * 40, Unit.FEN),
    ],
)
def test_what_is_no_whole_number_of_fen_is_refused(written: str, unit: Unit) -> None:
    with pytest.raises(NoAmount):
        fen_of(written, unit)


@given(AMOUNTS)
def test_what_is_printed_is_read_again_to_the_fen(amount: Fen) -> None:
    assert fen_of(yuan(amount), Unit.YUAN) == amount
    assert fen_of(plain_yuan(amount), Unit.YUAN) == amount
    assert fen_of(wan(amount), Unit.WAN) == amount


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (56_950_000, "伍拾陆万玖仟伍佰元整"),
        (468_450_000, "肆佰陆拾捌万肆仟伍佰元整"),
        (100_000, "壹仟元整"),
        (1_000_500, "壹万零伍元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_050_000, "壹亿零伍佰元整"),
        (1_010_000_000_00, "壹拾亿壹仟万元整"),
        (12_05, "壹拾贰元零伍分"),
        (12_50, "壹拾贰元伍角整"),
        (5, "伍分"),
        (50, "伍角整"),
        (0, "零元整"),
        (-100, "负壹元整"),
    ],
)
def test_sums_in_words_are_those_of_vouchers(amount: int, words: str) -> None:
    assert in_words(Fen(amount)) == words


def _read(words: str) -> int:
    """The amount of a sum in words, read the simplest way there is."""
    digits = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
    places = {"拾": 10, "佰": 100, "仟": 1_000}
    total = section = digit = part = 0
    whole_done = False
    for sign in words:
        if sign in digits:
            digit = digits[sign]
        elif sign in places:
            section, digit = section + digit * places[sign], 0
        elif sign in "万亿":
            total = (
                (total + section + digit) * 10_000
                if sign == "万" and total == 0
                else total + (section + digit) * (10_000 if sign == "万" else 1)
            )
            section = digit = 0
            if sign == "亿":
                total *= 10**8
        elif sign == "元":
            total, section, digit, whole_done = total + section + digit, 0, 0, True
        elif sign == "角":
            part, digit = part + digit * 10, 0
        elif sign == "分":
            part, digit = part + digit, 0
    assert whole_done or total == 0
    return total * 100 + part


@given(st.integers(min_value=0, max_value=10**10 - 1).map(Fen))
def test_sums_in_words_say_the_same_sum(amount: Fen) -> None:
    assert _read(in_words(amount)) == amount
