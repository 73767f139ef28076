"""A table as people keep it, CSV or Excel, as rows of text; sized before it is parsed, and nothing in it is ever run."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from decimal import Decimal
from typing import Any

SHEETS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
MOST_BYTES = 5_000_000
MOST_UNPACKED = 60_000_000
"""Bytes of a workbook's parts together: it is packed, and a small file may hold a large one."""

MOST_PLACES = 1_000_000
"""Cells of the rectangle from A1 to the last cell: the parser keeps room for each, filled or not."""

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3})([0-9]{0,10})["']""")


class NoTable(ValueError):
    """What cannot be read as a table; its text says why and what to do, `why` is a code with its facts for a page."""

    def __init__(self, why: str, told: str, **facts: object) -> None:
        super().__init__(told)
        self.why = why
        self.facts = facts


def rows_of(name: str, content: bytes) -> list[list[str]]:
    """The rows of a file of that name, of a workbook those of its first sheet; NoTable, csv.Error."""
    if len(content) > MOST_BYTES:
        raise NoTable("large", f"it is larger than {MOST_BYTES} bytes; split it", most=MOST_BYTES // 1_000_000)
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return _sheet(content) if ending in SHEETS else _csv(content)


def head_of(cell: str) -> str:
    """A column head without what people add to it: blanks, a unit in brackets, capitals."""
    return re.sub(r"\(.*\)$", "", re.sub(r"\s", "", unicodedata.normalize("NFKC", cell))).lower()


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise NoTable("no_text", "it is neither UTF-8 nor GBK text; save it as CSV (UTF-8)")
    if "\0" in text:
        raise NoTable("no_text", "it holds NUL bytes; save it as CSV (UTF-8)")
    return list(csv.reader(io.StringIO(text, newline="")))


def _sheet(content: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook  # only who reads a workbook pays for it

    if content.startswith(b"PK"):
        _look_inside(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, IndexError) as error:
        raise NoTable("no_sheet", str(error)) from None
    return [[_cell(value) for value in row] for row in rows]


def _look_inside(content: bytes) -> None:
    """NoTable for a workbook that would fill the memory: the parser asks for it at once, and the process ends if there is none."""
    last_row = last_column = 1
    for written in _unpacked(content):
        if b"\0" in written:
            raise NoTable("no_sheet", "a sheet of it is not written in UTF-8")
        for column, row in set(_PLACE.findall(written)):
            last_row = max(last_row, int(row or 1))
            last_column = max(last_column, _column_number(column))
    if last_row * last_column > MOST_PLACES:
        raise NoTable(
            "far",
            f"a cell of it lies in row {last_row}, column {last_column}; copy the rows into a new workbook",
            row=last_row,
            column=last_column,
        )


def _unpacked(content: bytes) -> list[bytes]:
    """The sheets of an .xlsx as they are written, none of them of a workbook that unpacks to more than any table holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) <= 2_000 and sum(part.file_size for part in parts) <= MOST_UNPACKED:
                return [packed.read(part) for part in parts if _SHEET.fullmatch(part.filename)]
    except Exception as error:  # of a damaged archive it raises whatever its reading met, a dozen kinds
        raise NoTable("no_sheet", f"its parts cannot be unpacked ({type(error).__name__})") from None
    raise NoTable("unpacked", "it unpacks to more than any table holds; copy the rows into a new workbook")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cell(value: Any) -> str:
    # Excel keeps every number as a binary fraction and shows fifteen digits of it: 25.0 is 25, 0.30000000000000004 is 0.3.
    return format(Decimal(f"{value:.15g}"), "f") if isinstance(value, float) else str(value)
