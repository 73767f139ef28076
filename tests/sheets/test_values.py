"""A cell is read exactly, or it is said why not; a name is found in whatever form it is written,
and never the nearest.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sheets.cells import Cell, CellKind
from bot.sheets.names import find_name, short_name
from bot.sheets.values import ValueFault, day_in, number_in, text_in
from bot.sheets.words import is_footer, is_part_total, is_total


def cell(text: str, kind: CellKind = CellKind.TEXT) -> Cell:
    return Cell("进度", 5, 3, kind, text)


def code(read: object) -> object:
    return read.code if isinstance(read, ValueFault) else read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("17", Decimal(17)),
        (" ３３ ", Decimal(33)),
        ("'25", Decimal(25)),
        ("27户", Decimal(27)),
        ("18（户）", Decimal(18)),
        ("13,175", Decimal(13175)),
        ("12，022", Decimal(12022)),
        ("1,234,567.50元", Decimal("1234567.50")),
        ("1.3万", Decimal(13000)),
        ("1.3万元", Decimal(13000)),
        ("0", Decimal(0)),
        ("-3", Decimal(-3)),
        ("", None),
        ("—", None),
        ("- -", None),
        ("/", None),
        ("约15", "about"),
        ("15左右", "about"),
        ("15（+2）", "several_numbers"),
        ("27/30", "several_numbers"),
        ("1,3", "not_a_number"),
        ("1.39E+10", "rounded"),
        ("二十五", "not_a_number"),
        ("无", "not_a_number"),
        ("17%", Decimal(17)),
        ("12345678901234567890", "not_a_number"),
        ("=A1+1", "formula"),
    ],
)
def test_a_number_is_read_exactly_or_not_at_all(said: str, read: object) -> None:
    assert code(number_in(cell(said))) == read


def test_a_number_of_another_unit_is_none() -> None:
    assert number_in(cell("27亩"), units={"亩"}) == 27
    assert code(number_in(cell("27亩"), units={"户"})) == "not_a_number"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2021-10-06", date(2021, 10, 6)),
        ("2021.10.6", date(2021, 10, 6)),
        ("2021/10/6", date(2021, 10, 6)),
        ("2021年10月6日", date(2021, 10, 6)),
        ("2021-10-06 17:30:00", date(2021, 10, 6)),
        ("2021年10月6日（星期三）", date(2021, 10, 6)),
        ("2021-10-06T09:30", date(2021, 10, 6)),
        ("20211006", date(2021, 10, 6)),
        ("44475", date(2021, 10, 6)),
        ("44475.75", date(2021, 10, 6)),
        ("10月6日", date(2021, 10, 6)),
        ("10-06", date(2021, 10, 6)),
        ("11.30", date(2021, 11, 30)),
        ("", None),
        ("11.3", "date_ambiguous"),
        ("10.6", "date_ambiguous"),
        ("10月底", "date_vague"),
        ("今日", "date_vague"),
        ("29日", "date_vague"),
        ("9月31日", "date_impossible"),
        ("2021-02-29", "date_impossible"),
        ("13月1日", "date_impossible"),
        ("甲", "not_a_date"),
        ("2021-10/06", "not_a_date"),
        ("12345", "not_a_date"),
    ],
)
def test_a_day_is_read_exactly_or_not_at_all(said: str, read: object) -> None:
    assert code(day_in(cell(said), year=2021)) == read


def test_a_number_that_lost_its_nought_may_be_two_days() -> None:
    doubt = day_in(cell("11.3", CellKind.NUMBER), year=2021)
    assert isinstance(doubt, ValueFault)
    assert doubt.facts == {
        "place": "C5",
        "cell": "11.3",
        "candidates": (date(2021, 11, 3), date(2021, 11, 30)),
    }
    assert code(day_in(cell("10月6日"))) == "date_no_year"


@pytest.mark.parametrize("kind", [CellKind.FORMULA, CellKind.ERROR])
def test_what_no_program_can_know_is_read_as_nothing(kind: CellKind) -> None:
    asked = cell("=1+1" if kind is CellKind.FORMULA else "#REF!", kind)
    assert {code(number_in(asked)), code(day_in(asked)), code(text_in(asked))} == {kind.value}


@pytest.mark.parametrize(
    ("said", "total", "part"),
    [
        ("合计", True, False),
        ("合  计", True, False),
        ("总计：", True, False),
        ("全  县", True, False),
        ("全市合计（19个）", True, False),
        ("东片小计", True, True),
        ("本页合计", True, True),
        ("Total", True, False),
        ("稻溪镇", False, False),
        ("全部竣工", False, False),
        ("全椒镇", False, False),
        ("总计划", False, False),
    ],
)
def test_a_total_is_known_by_its_label(said: str, total: bool, part: bool) -> None:
    assert (is_total(said), is_part_total(said) and is_total(said)) == (total, part)


@pytest.mark.parametrize(
    ("said", "footer"),
    [
        ("填报人：张某", True),
        ("注：本表每日17时前报送", True),
        ("注1、口径", True),
        ("单位负责人（签字）：", True),
        ("审核人 李某", True),
        ("备注", False),
        ("注溪镇", False),
        ("联系人", False),
        ("单位", False),
    ],
)
def test_what_stands_below_a_table_is_known_by_how_it_begins(said: str, footer: bool) -> None:
    assert is_footer(said) is footer


TOWNS = {
    name: name for name in ("稻溪镇", "云樟镇", "汀前街道", "石磬镇", "城关镇", "城关乡", "市桥镇")
} | {"汀前": "汀前街道"}


@pytest.mark.parametrize(
    ("said", "town"),
    [
        ("稻 溪 镇", "稻溪镇"),
        ("稻溪", "稻溪镇"),
        ("1.稻溪镇", "稻溪镇"),
        ("（2）稻溪镇", "稻溪镇"),
        ("三、稻溪镇", "稻溪镇"),
        ("12稻溪镇", "稻溪镇"),
        ("云樟镇人民政府", "云樟镇"),
        ("云樟镇政府", "云樟镇"),
        ("汀前街道办事处", "汀前街道"),
        ("汀前街道办", "汀前街道"),
        ("石磬镇（城郊）", "石磬镇"),
        ("岚州市稻溪镇", "稻溪镇"),
        ("某省岚州市云樟镇人民政府", "云樟镇"),
        ("市桥镇", "市桥镇"),
        ("石馨镇", None),
        ("城关", None),
        ("稻溪镇云樟镇", None),
        ("稻溪村", None),
        ("稻", None),
        ("", None),
    ],
)
def test_a_name_is_found_in_every_form_and_never_the_nearest(said: str, town: str | None) -> None:
    assert find_name(said, TOWNS) == town


@given(said=st.text(max_size=12))
def test_no_name_is_found_that_does_not_hold_a_known_one(said: str) -> None:
    found = find_name(said, TOWNS)
    assert found is None or any(
        one[:2] in "".join(said.split()) or one[0] in said for one in (found,)
    )


def test_a_short_name_is_the_name_without_its_kind() -> None:
    assert [short_name(name) for name in ("稻溪镇", "汀前街道", "大岭乡", "石镇", "苍峦林场")] == [
        "稻溪",
        "汀前",
        "大岭",
        "石镇",
        "苍峦林场",
    ]
