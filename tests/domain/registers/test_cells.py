"""What one cell says."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.registers import cells

AS_OF, FILED, FIXED = date(2021, 10, 14), date(2021, 10, 15), date(2021, 9, 15)


@pytest.mark.parametrize(
    "raw",
    [
        date(2021, 10, 6),
        datetime(2021, 10, 6, 9, 30),  # noqa: DTZ001  as a workbook holds it
        "2021-10-06",
        "2021.10.6",
        "2021/10/6",
        "2021年10月6日",
        "10月6日",
        "20211006",
        20211006.0,
        44475.0,
        "44475",
        "２０２１．１０．６",
        " 2021-10-6\u200b",
        "2021-10-06 00:00:00",
    ],
)
def test_a_day_is_read_in_every_way_people_write_it(raw: object) -> None:
    assert cells.day_said(raw, AS_OF, FILED, FIXED).value == "2021-10-06"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (10.6, "date_ambiguous"),
        ("10.6", "date_ambiguous"),
        ("21.10.6", "date_ambiguous"),
        (1015.0, "date_ambiguous"),
        ("10月底", "date_vague"),
        ("国庆前", "date_vague"),
        ("9月31日", "date_impossible"),
        ("2021-09-31", "date_impossible"),
        (date(2021, 10, 16), "date_future"),
        ("10月15日", "date_future"),  # after the file's own day: never moved to the year before
        (date(2020, 11, 3), "date_outside"),
    ],
)
def test_a_day_that_is_not_certain_is_named(raw: object, fault: str) -> None:
    said = cells.day_said(raw, AS_OF, FILED, FIXED)
    assert (said.value, said.fault) == ("", fault)


@pytest.mark.parametrize("raw", [None, "", " ", "-", "—", "/", "未开工", "尚未竣工"])
def test_an_empty_day_says_nothing(raw: object) -> None:
    assert cells.day_said(raw, AS_OF, FILED, FIXED).empty


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("999999194207054732", ""),
        ("'999999194207054732 ", ""),
        ("99999919400330818x", ""),
        ("９９９９９９１９４２０７０５４７３２", ""),
        (9.99999198509013e17, "id_rounded"),
        ("9.99999198509013E+17", "id_rounded"),
        ("999999198509013000", "id_rounded"),
        ("99999919451209437", "id_length"),
        ("999999196513458419", "id_birthday"),
        ("999999198104057901", "id_check_digit"),
    ],
)
def test_an_identity_number_is_held_to_its_form_birthday_and_check_digit(
    raw: object, fault: str
) -> None:
    assert cells.identity_said(raw).fault == fault


@settings(deadline=None)
@given(st.integers(0, 99999), st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 999))
def test_one_wrong_sign_of_an_identity_is_found(region: int, born: date, order: int) -> None:
    first = f"{100000 + region}{born:%Y%m%d}{order:03}"
    right = first + cells.check_digit(first)
    assert cells.identity_said(right).value == right
    wrong = right[:16] + str((int(right[16]) + 1) % 10) + right[17]
    assert cells.identity_said(wrong).fault in ("id_check_digit", "id_rounded")


@pytest.mark.parametrize(
    ("raw", "value", "fault"),
    [
        ("9999 9924 2189 9679 197", "9999992421899679197", ""),
        ("9999996284351173547\t", "9999996284351173547", ""),
        (9.99999628435117e18, "", "account_rounded"),
        ("6.2E+18", "", "account_rounded"),
        ("12345", "", "account_form"),
        ("没有", "", "account_form"),
    ],
)
def test_an_account(raw: object, value: str, fault: str) -> None:
    said = cells.account_said(raw)
    assert (said.value, said.fault) == (value, fault)


@pytest.mark.parametrize(
    ("raw", "unit", "value", "fault"),
    [
        (0.75, "补助标准(万元)", "750000", ""),
        (2.1, "补助标准（万元）", "2100000", ""),
        ("7,500.00", "补助金额(元)", "750000", ""),
        ("7500元", "补助标准(万元)", "750000", ""),
        (750000, "金额(分)", "750000", ""),
        (0.333333, "补助标准(元)", "", "amount_form"),
        ("约7000", "补助标准(元)", "", "amount_form"),
        (7500.0, "补助标准(万元)", "", "amount_unit"),
    ],
)
def test_money_is_whole_fen_in_the_unit_of_its_head(
    raw: object, unit: str, value: str, fault: str
) -> None:
    said = cells.amount_said(raw, cells.fen_of(unit), 10_000_000)
    assert (said.value, said.fault) == (value, fault)


def test_the_unit_of_money_may_stand_above_the_table() -> None:
    assert cells.fen_of("补助标准", "填报单位:农房办  单位:户、人、万元") == 1_000_000
    assert cells.fen_of("补助标准", "单位:元") == 100
    assert cells.fen_of("补助标准(元)", "单位:万元") == 100


def test_blanks_inside_a_name_are_alignment() -> None:
    assert (
        cells.name_said("宋\u3000例泉").value == cells.name_said(" 宋例泉\u200b").value == "宋例泉"
    )


def test_a_text_that_would_run_as_a_formula_is_known() -> None:
    assert cells.is_formula('=HYPERLINK("http://example.invalid","x")')
    assert cells.is_formula("@SUM(1)")
    assert not cells.is_formula("-")
    assert not cells.is_formula("+10月补报")
