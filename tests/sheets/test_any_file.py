"""Whatever is written is read back as it was; and no bytes, however they came about, do more than
be refused.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sheets.cells import CellKind, Unreadable, Workbook
from bot.sheets.formats.any import parse
from bot.sheets.formats.raw import FileRefused
from bot.sheets.heads import Heads
from bot.sheets.reading import carried, read_workbook, told_workbook, workbook_carried
from bot.sheets.tables import find_table
from bot.sheets.values import ValueFault, day_in, number_in, text_in
from bot.sheets.words import seen
from tests.sheets.books import FILES, csv_of, xlsx_of

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C",), exclude_characters="\r\n\t"),
    min_size=1,
    max_size=8,
)
PLAIN = WORDS.map(seen).filter(
    lambda word: word and not word.startswith(("=", "'", "#", "-")) and "_x" not in word
)
NUMBERS = st.integers(-(10**9), 10**9) | st.decimals(-1000, 1000, places=2).map(float)
ROWS = st.lists(st.lists(PLAIN | NUMBERS, min_size=3, max_size=3), min_size=1, max_size=5)

some = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def here(content: bytes) -> Workbook:
    """As `read_workbook`, without a process of its own: JSON is what comes of it in either case."""
    return told_workbook(json.loads(json.dumps(parse(content))))


def page_of(rows: Sequence[Sequence[Any]]) -> bytes:
    lines = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<html><meta charset=utf-8><table>{lines}</table>".encode()


def xml_of(rows: Sequence[Sequence[Any]]) -> bytes:
    def cell(value: Any) -> str:
        kind = "String" if isinstance(value, str) else "Number"
        return f'<Cell><Data ss:Type="{kind}">{html.escape(str(value))}</Data></Cell>'

    lines = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in rows)
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>'
        f"{lines}</Table></Worksheet></Workbook>"
    ).encode()


def said(value: Any) -> str:
    if isinstance(value, str):
        return seen(value)
    text = format(Decimal(f"{value:.15g}"), "f")
    return text if Decimal(text) else "0"


def read_back(content: bytes) -> list[list[str]]:
    (sheet,) = here(content).sheets
    return [[seen(cell.text) for cell in sheet.row(number)] for number in sheet.row_numbers]


@some
@given(rows=ROWS)
@pytest.mark.parametrize(
    "write",
    [
        lambda rows: xlsx_of(*rows),
        lambda rows: csv_of(
            *[[str(cell) if isinstance(cell, str) else said(cell) for cell in row] for row in rows]
        ),
        lambda rows: csv_of(
            *[[said(cell) for cell in row] for row in rows], encoding="utf-16", by="\t"
        ),
        lambda rows: csv_of(*[[said(cell) for cell in row] for row in rows], encoding="gb18030"),
        xml_of,
        lambda rows: page_of([[said(cell) for cell in row] for row in rows]),
    ],
    ids=["xlsx", "csv", "utf-16 tabs", "gb18030", "xml", "html"],
)
def test_a_table_is_read_back_as_it_was_written(write: Any, rows: list[list[Any]]) -> None:
    # without one a text of a single odd row may be parted in several ways
    head = [["乡镇", "开工", "竣工"]]
    back = read_back(write(head + rows))
    assert back[1:] == [[said(cell) for cell in row] for row in rows]


SEEDS = [
    path.read_bytes()
    for path in sorted(Path(FILES / "import").iterdir())
    if path.suffix in {".xls", ".xlsx", ".csv", ".txt"}
    and path.name[:3] in {"i04", "i05", "i08", "i16", "i36", "c01", "b13", "i42"}
]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), seed=st.sampled_from(SEEDS))
def test_no_bytes_do_more_than_be_refused(data: st.DataObject, seed: bytes) -> None:
    changed = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(changed) - 1))
        match data.draw(st.sampled_from(["set", "cut", "double", "drop"])):
            case "set":
                changed[at] = data.draw(st.integers(0, 255))
            case "cut":
                changed = changed[: max(1, at)]
            case "double":
                changed[at:at] = changed[at : at + data.draw(st.integers(1, 64))]
            case _:
                del changed[at : at + data.draw(st.integers(1, 16))]
                changed = changed or bytearray(b"x")
    try:
        book = here(bytes(changed))
    except FileRefused:
        return
    look_at_everything(book)


def look_at_everything(book: Workbook) -> None:
    for sheet in book.sheets:
        for number in sheet.row_numbers[:200]:
            for cell in list(sheet.row(number))[:50]:
                assert cell.moment is not None or cell.kind is not CellKind.DATE
                for read in (number_in(cell), day_in(cell, year=2021), text_in(cell)):
                    assert (
                        read is None
                        or not isinstance(read, ValueFault)
                        or read.facts["place"] == cell.place
                    )
    try:
        table = find_table(
            book, Heads(words={"name": ("乡镇",), "done": ("竣工",)}, needed=("name",))
        )
    except Unreadable:
        return
    for row in table.rows:
        assert row.cell("name").row == row.number


def test_a_workbook_is_carried_through_a_form_unchanged() -> None:
    for file in (
        "i16_hidden.xlsx",
        "i09_merged_town.xlsx",
        "c01.xls",
        "b03_shift.csv",
        "i18b_hidden_first.xlsx",
    ):
        book = read_workbook((FILES / "import" / file).read_bytes())
        assert workbook_carried(carried(book)) == book


@some
@given(
    text=st.text()
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4)
    ).map(json.dumps)
)
def test_what_a_form_did_not_carry_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        workbook_carried(text)


CARRIED = carried(read_workbook((FILES / "import" / "i12_dates.xlsx").read_bytes()))


@some
@given(at=st.integers(0, len(CARRIED) - 1), put=st.text(max_size=3))
def test_what_a_form_carried_and_somebody_changed_is_a_workbook_or_refused(
    at: int, put: str
) -> None:
    try:
        book = workbook_carried(CARRIED[:at] + put + CARRIED[at + 1 :])
    except Unreadable:
        return
    look_at_everything(book)
