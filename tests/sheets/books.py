"""Makes workbooks for tests: as people's programs write them, and as nobody's does."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

FILES = Path(__file__).parent / "files"

HEAD = "<worksheet><sheetData>"
END = "</sheetData></worksheet>"
RELATIONS = '<Relationships><Relationship Id="r{number}" Type="x/worksheet" Target="{target}"/></Relationships>'


def xlsx_of(*rows: Sequence[Any], sheet: str = "Sheet1") -> bytes:
    """A workbook of one sheet as XlsxWriter makes it."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "default_date_format": "yyyy/m/d"})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write(number, column, cell)
    book.close()
    return written.getvalue()


def csv_of(*rows: Sequence[str], encoding: str = "utf-8", by: str = ",") -> bytes:
    """A table as text."""
    written = io.StringIO()
    csv.writer(written, delimiter=by).writerows(rows)
    return written.getvalue().encode(encoding)


def packed(
    sheet: str, *, part: str = "xl/worksheets/sheet1.xml", more: Mapping[str, str] | None = None
) -> bytes:
    """A workbook of one sheet made by hand: its XML, and where in the zip it lies."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as parts:
        if not more or "xl/workbook.xml" not in more:
            parts.writestr(
                "xl/workbook.xml",
                '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>',
            )
        parts.writestr("xl/_rels/workbook.xml.rels", RELATIONS.format(number=1, target=f"/{part}"))
        parts.writestr(part, sheet)
        for name, text in (more or {}).items():
            parts.writestr(name, text)
    return written.getvalue()


def text_cell(place: str, text: str) -> str:
    """A cell of a sheet made by hand."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


SMALL = f'<row r="1">{text_cell("A1", "乡镇")}{text_cell("B1", "竣工")}</row><row r="2">{text_cell("A2", "甲镇")}<c r="B2"><v>17</v></c></row>'
"""Two rows by hand."""
