"""What a file holds, whatever its name says; and what would stop the house dies alone or is
refused.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from bot.sheets.cells import CellKind, Unreadable, Workbook, letters
from bot.sheets.formats.dates import as_date, is_date_format
from bot.sheets.reading import read_workbook
from tests.sheets.books import END, FILES, HEAD, SMALL, csv_of, packed, text_cell, xlsx_of

ROWS = (
    ["乡镇", "开工", "竣工"],
    ["稻溪镇", "25", "17"],
    ["云樟镇", "33", "18"],
    ["桐岗镇", "27", "24"],
)


def texts(book: Workbook, at: int = 0) -> list[list[str]]:
    sheet = book.sheets[at]
    return [[cell.text for cell in sheet.row(number)] for number in sheet.row_numbers]


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as fault:
        read_workbook(content)
    return fault.value.code


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("i04_old.xls", "xls"),
        ("i05_html.xls", "html"),
        ("i06_html.xlsx", "html"),
        ("i21_tab.txt", "csv"),
        ("i36b_utf16.txt", "csv"),
    ],
)
def test_one_table_in_every_kind_of_file(file: str, form: str) -> None:
    book = read_workbook((FILES / "import" / file).read_bytes())
    assert book.form == form
    assert texts(book) == [list(row) for row in ROWS]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("by", [",", "\t", ";", "|"])
def test_a_text_is_read_in_every_encoding_and_with_every_separator(encoding: str, by: str) -> None:
    assert texts(read_workbook(csv_of(*ROWS, encoding=encoding, by=by))) == [
        list(row) for row in ROWS
    ]


def test_cells_have_kinds_and_places() -> None:
    moment = datetime.fromisoformat("2021-11-30T09:30")
    rows = [["文字", 17, 0.1 + 0.2, date(2021, 11, 30), moment, True, "#REF!"]]
    (sheet,) = read_workbook(xlsx_of([], *rows, sheet="进度")).sheets
    cells = list(sheet.row(2))
    assert [cell.kind for cell in cells] == [
        CellKind.TEXT,
        CellKind.NUMBER,
        CellKind.NUMBER,
        CellKind.DATE,
        CellKind.DATE,
        CellKind.BOOLEAN,
        CellKind.ERROR,
    ]
    assert [cell.text for cell in cells[1:4]] == ["17", "0.3", "2021-11-30"]
    assert cells[3].moment == date(2021, 11, 30)
    assert (cells[2].sheet, cells[2].place, cells[2].row, cells[2].column) == ("进度", "C2", 2, 3)


def test_a_merged_area_holds_everywhere_what_its_first_cell_does(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A2:B4", "稻溪镇")
        sheet.write("C2", 17)
        sheet.write("C3", 18)
        sheet.write("D4", 19)
        sheet.write("A3", "under it")
    (read,) = read_workbook((tmp_path / "a.xlsx").read_bytes()).sheets
    assert [[(cell.place, cell.text) for cell in read.row(number)] for number in (2, 3, 4)] == [
        [("A2", "稻溪镇"), ("B2", "稻溪镇"), ("C2", "17")],
        [("A3", "稻溪镇"), ("B3", "稻溪镇"), ("C3", "18")],
        [("A4", "稻溪镇"), ("B4", "稻溪镇"), ("D4", "19")],
    ]
    assert [read.cell(2, 1).filled, read.cell(4, 2).filled, read.cell(2, 3).filled] == [
        False,
        True,
        False,
    ]


def test_what_is_hidden_is_marked() -> None:
    (sheet,) = read_workbook((FILES / "import" / "i16_hidden.xlsx").read_bytes()).sheets
    assert [sheet.cell(3, 1).hidden, sheet.cell(2, 3).hidden, sheet.cell(2, 1).hidden] == [
        True,
        True,
        False,
    ]
    book = read_workbook((FILES / "import" / "i18b_hidden_first.xlsx").read_bytes())
    assert [(one.name, one.hidden) for one in book.sheets] == [("旧表", True), ("今日", False)]


def test_a_formula_without_a_result_is_no_empty_cell() -> None:
    formulas = '<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>1+1</f><v>2</v></c><c r="C1" t="str"><f>""</f><v></v></c></row>'
    (sheet,) = read_workbook(packed(HEAD + formulas + END)).sheets
    assert [(cell.place, cell.kind, cell.text) for cell in sheet.row(1)] == [
        ("A1", CellKind.FORMULA, "=1+1"),
        ("B1", CellKind.NUMBER, "2"),
    ]


def test_the_nought_that_a_program_writes_for_a_result_it_cannot_know_is_none(
    tmp_path: Path,
) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_formula("A1", "=SUM(B1:B9)")
    (sheet,) = read_workbook((tmp_path / "a.xlsx").read_bytes()).sheets
    assert sheet.cell(1, 1).kind is CellKind.FORMULA


def test_a_pages_spans_are_merged_areas_and_what_it_hides_is_hidden() -> None:
    page = (
        '<html><meta charset=gb2312><table><tr><th>乡镇<th colspan=2>竣工</tr><tr style="display: none">'
        "<td rowspan=2>稻溪镇<td>1<td>2<tr><td>3<td>4</table>"
    )
    (sheet,) = read_workbook(page.encode("gbk")).sheets
    assert [[(cell.place, cell.text) for cell in sheet.row(number)] for number in (1, 3)] == [
        [("A1", "乡镇"), ("B1", "竣工"), ("C1", "竣工")],
        [("A3", "稻溪镇"), ("B3", "3"), ("C3", "4")],
    ]
    assert sheet.hidden_rows == {2}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\0", "empty"),
        (b"%PDF-1.7 \0", "kind"),
        (b"\x89PNG\r\n\0", "kind"),
        (b'<?xml version="1.0"?><a/>', "kind"),
        (packed("", part="word/document.xml", more={"xl/workbook.xml": "<workbook/>"}), "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", "damaged"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"\x81\xff\xff\x00", "no_text"),
        (b'a,"' + b"x" * 1_100_000, "no_text"),
        (b"<html><body>no table</body></html>", "web_page"),
        (b"x" * 5_000_001, "large"),
        (packed('<!DOCTYPE a [<!ENTITY b "cc">]>' + HEAD + SMALL + END), "damaged"),
        (packed(HEAD + '<row r="1"><c r="AAAA1"><v>1</v></c></row>' + END), "damaged"),
        (packed(HEAD + '<row r="1"><c t="s"><v>7</v></c></row>' + END), "damaged"),
        (packed(HEAD + " " * 90_000_000 + END), "unpacked"),
        (packed(HEAD + "<row>" + "<c><v>1</v></c>" * 400_001 + "</row>" + END), "damaged"),
    ],
)
def test_what_is_no_table_is_refused_by_a_code(content: bytes, code: str) -> None:
    assert refused(content) == code


FAR = '<row r="1048576"><c r="{place}"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "content",
    [
        packed(HEAD + SMALL + FAR.format(place="XFD1048576") + END),
        packed(HEAD + SMALL + FAR.format(place="xfd1048576") + END),
        packed(HEAD + SMALL + FAR.format(place="XFD1048576") + END, part="elsewhere/s.xml"),
        b"x" + packed(HEAD + SMALL + FAR.format(place="XFD1048576") + END),
        packed(
            HEAD
            + SMALL
            + FAR.format(place="XFD1048576")
            + "</sheetData><mergeCells>"
            + '<mergeCell ref="C5:XFD1048576"/>' * 1000
            + "</mergeCells></worksheet>"
        ),
    ],
)
def test_a_far_cell_costs_no_more_than_a_near_one(content: bytes) -> None:
    assert len(content) < 3_000
    (sheet,) = read_workbook(content).sheets
    assert (sheet.row_numbers[-1], sheet.last_column) == (1_048_576, 16_384)
    assert [cell.text for cell in sheet.row(2)] == ["甲镇", "17"]


def test_who_runs_out_of_memory_dies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("the system sets no limits")
    greedy = "import bot.sheets.child as child; child._limit(); len(bytearray(4_000_000_000))"
    real = subprocess.run

    def instead(command: list[str], **others: object) -> object:
        return real([command[0], "-c", greedy], **others)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", instead)
    assert refused(xlsx_of(["乡镇"])) == "too_much"


def test_the_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    given: dict[str, str] = {}
    real = subprocess.run

    def instead(command: list[str], *, env: dict[str, str], **others: object) -> object:
        given.update(env)
        return real(command, env=env, **others)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", instead)
    read_workbook(xlsx_of(["乡镇"]))
    assert given
    assert "SECRET_KEY" not in given


def test_a_small_text_is_read_where_it_is_and_a_large_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> object:
        raise AssertionError("a process of its own")

    monkeypatch.setattr(subprocess, "run", never)
    assert texts(read_workbook(csv_of(["乡镇", "竣工"]))) == [["乡镇", "竣工"]]
    assert refused(b"\x81\xff\xff\x00") == "no_text"
    with pytest.raises(AssertionError):
        read_workbook(csv_of(*[["稻溪镇", "17"]] * 20_000))


def test_texts_that_xml_cannot_hold_are_no_fault() -> None:
    row = f'<row r="1">{text_cell("A1", "_x0041__xD800__x0000_")}</row>'
    (sheet,) = read_workbook(packed(HEAD + row + END)).sheets
    assert sheet.cell(1, 1).text == "A?"


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("yyyy/m/d", True),
        ('yyyy"年"m"月"d"日";@', True),
        ("[$-804]yyyy\\-mm\\-dd", True),
        ("h:mm:ss.00", True),
        ("[h]:mm", True),
        ("General", False),
        ("#,##0.00", False),
        ('0"户"', False),
        ('0.00"day"', False),
        ("0.00E+00", False),
        ("[Red]0", False),
        ("@", False),
    ],
)
def test_a_format_shows_a_date_or_it_does_not(code: str, shows: bool) -> None:
    assert is_date_format(code) is shows


def test_days_are_counted_as_excel_counts_them() -> None:
    assert [as_date(count) for count in (44530, 44530.3958333333, 0.5, 1, 59, 61, -1)] == [
        "2021-11-30",
        "2021-11-30T09:30:00",
        "12:00:00",
        "1900-01-01",
        "1900-02-28",
        "1900-03-01",
        None,
    ]
    assert as_date(43068, from_1904=True) == "2021-11-30"


def test_columns_have_letters() -> None:
    assert [letters(number) for number in (1, 26, 27, 702, 703, 16_384)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]
