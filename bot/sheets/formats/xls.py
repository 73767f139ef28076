"""Reads .xls: values and merged areas by calamine; what it does not tell, from the records of the
file themselves.

calamine gives an empty cell for an error and does not know what is hidden. It also keeps room for
every place between A1 and the last cell, so how far the cells reach is looked up first.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.sheets.formats.raw import (
    BOOLEAN,
    DATE,
    ERROR,
    FORMULA,
    MOST_SHEETS,
    NUMBER,
    TEXT,
    Budget,
    FileRefused,
    RawSheet,
    plain_number,
)

MOST_PLACES = 3_000_000
"""Places from A1 to the last cell of a sheet."""

_FREE = 0xFFFFFFFA  # this and above: the end of a chain, or no sector at all
_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
_ROW, _COLINFO, _FORMULA, _BOOLERR, _MULRK = 0x0208, 0x007D, 0x0006, 0x0205, 0x00BD
_VALUES = frozenset({0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6, _FORMULA, _BOOLERR, _MULRK})
"""NUMBER, RK, LABELSST, LABEL, RSTRING and the others that put a value into a cell."""
_SIGNS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def read_xls(content: bytes) -> list[RawSheet]:
    """The worksheets of a workbook in their order; FileRefused for what is none or holds too
    much.
    """
    try:
        streams = dict(_streams(content))
    except (struct.error, IndexError, ValueError):
        raise FileRefused("damaged") from None
    main = streams.get("workbook") or streams.get("book")
    if main is None:
        if "encryptedpackage" in streams:
            raise FileRefused("protected")
        raise FileRefused("kind", found="doc" if "worddocument" in streams else "ole")
    try:
        known = list(_scanned(main))
    except (struct.error, IndexError):
        raise FileRefused("damaged") from None
    if len(known) > MOST_SHEETS:
        raise FileRefused("cells", most=MOST_SHEETS)
    for one in known:
        if one.last_row * one.last_column > MOST_PLACES:
            raise FileRefused("far", row=one.last_row, column=one.last_column)
    return _sheets(content, known)


class _Known:
    """What the records of one sheet say."""

    def __init__(self, name: str, position: int, *, hidden: bool, worksheet: bool) -> None:
        self.name = name
        self.position = position
        self.hidden = hidden
        self.worksheet = worksheet
        self.last_row = self.last_column = 0
        self.errors: dict[tuple[int, int], str] = {}
        self.blanks: set[tuple[int, int]] = set()
        self.results = 0
        self.hidden_rows: set[int] = set()
        self.hidden_columns: list[tuple[int, int]] = []


def _sheets(content: bytes, known: list[_Known]) -> list[RawSheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    budget, read = Budget(), []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for number, one in enumerate(known):
            if not one.worksheet:
                continue
            sheet = RawSheet(one.name, budget, hidden=one.hidden)
            _take(book.get_sheet_by_index(number), one, sheet)
            read.append(sheet)
    except PasswordError:
        raise FileRefused("protected") from None
    except (CalamineError, IndexError, OSError, ValueError):
        raise FileRefused("damaged") from None
    except BaseException as fault:
        # what calamine did not think of; no Exception to Python
        if type(fault).__name__ == "PanicException":
            raise FileRefused("damaged") from None
        raise
    return read


def _take(values: Any, known: _Known, sheet: RawSheet) -> None:
    for row, line in enumerate(values.iter_rows() if values.start else (), 1):
        for column, value in enumerate(line, 1):
            if value != "":
                sheet.put(row, column, *_told(value))
    # Formulas that all come to nothing were never calculated: the program that wrote them cannot.
    uncalculated = known.blanks if not known.results else frozenset[tuple[int, int]]()
    for row, column in uncalculated:
        sheet.put(row, column, FORMULA, "=")
    for (row, column), character in known.errors.items():
        sheet.put(row, column, ERROR, character)
    for (first_row, first_column), (last_row, last_column) in values.merged_cell_ranges or ():
        sheet.merge(first_row + 1, first_column + 1, last_row + 1, last_column + 1)
    sheet.hidden_rows |= known.hidden_rows
    sheet.hidden_columns += known.hidden_columns


def _told(value: object) -> tuple[str, str]:
    if isinstance(value, bool):
        return BOOLEAN, "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return NUMBER, plain_number(float(value))
    if isinstance(value, datetime):
        whole = value.replace(tzinfo=None, microsecond=0)
        return DATE, whole.isoformat() if whole.time() != time() else whole.date().isoformat()
    if isinstance(value, (date, time)):
        return DATE, value.isoformat()[:10]
    if isinstance(value, timedelta):
        return NUMBER, plain_number(value.total_seconds() / 86_400)
    return TEXT, str(value)


def _scanned(main: bytes) -> Iterator[_Known]:
    """Every sheet as its records tell it, in the order of the tabs."""
    listed = []
    for kind, data in _records(main, 0):
        if kind == _FILEPASS:
            raise FileRefused("protected")
        if kind == _BOUNDSHEET and len(data) >= 8:
            position, state, sort = struct.unpack_from("<IBB", data)
            listed.append(
                _Known(_name(data[6:]), position, hidden=state & 3 != 0, worksheet=sort == 0)
            )
    for one in listed:
        if one.worksheet:
            for kind, data in _records(main, one.position):
                _record(one, kind, data)
        yield one


def _record(sheet: _Known, kind: int, data: bytes) -> None:
    if kind in _VALUES and len(data) >= 6:
        row, column = struct.unpack_from("<HH", data)
        last = struct.unpack_from("<H", data, len(data) - 2)[0] if kind == _MULRK else column
        sheet.last_row, sheet.last_column = (
            max(sheet.last_row, row + 1),
            max(sheet.last_column, last + 1),
        )
        place = (row + 1, column + 1)
        if kind == _BOOLERR and len(data) >= 8 and data[7]:
            sheet.errors[place] = _SIGNS.get(data[6], "#N/A")
        elif kind == _FORMULA and len(data) >= 14:
            result = data[6:14]
            if result[6:8] == b"\xff\xff" and result[0] == 2:
                sheet.errors[place] = _SIGNS.get(result[2], "#N/A")
            elif result[6:8] == b"\xff\xff" and result[0] == 3:
                sheet.blanks.add(place)
            else:
                sheet.results += 1
    elif kind == _ROW and len(data) >= 16:
        row, height, grbit = struct.unpack_from("<H4xH4xI", data)
        if grbit & 0x20 or height == 0:
            sheet.hidden_rows.add(row + 1)
    elif kind == _COLINFO and len(data) >= 10:
        first, end, width, _, grbit = struct.unpack_from("<5H", data)
        if grbit & 1 or width == 0:
            sheet.hidden_columns.append((first + 1, end + 1))


def _records(main: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """The records of a substream: from its BOF to the EOF that closes it."""
    depth = 0
    while position + 4 <= len(main):
        kind, length = struct.unpack_from("<HH", main, position)
        data = main[position + 4 : position + 4 + length]
        position += 4 + length
        if kind & 0xFF == _BOF & 0xFF and kind >> 8 in {0, 2, 4, 8}:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, data


def _name(data: bytes) -> str:
    """The name of a sheet: BIFF8 says whether it is wide, BIFF5 writes the bytes of its code
    page.
    """
    length = data[0]
    if len(data) >= 2 + length and data[1] in {0, 1} and len(data) - 2 in {length, length * 2}:
        wide = data[1] == 1
        return data[2 : 2 + length * (2 if wide else 1)].decode(
            "utf-16-le" if wide else "latin-1", "replace"
        )
    return data[1 : 1 + length].decode("gb18030", "replace")


def _streams(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The streams of a compound file by their names in small letters."""
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    if shift not in {9, 12} or mini_shift != 6:
        raise ValueError("no compound file")
    size = 1 << shift
    (first_folder,) = struct.unpack_from("<I", content, 48)
    cutoff, first_mini = struct.unpack_from("<II", content, 56)
    table = _sector_table(content, size)
    folder = _chain(first_folder, table, content, size, size)
    mini_bytes = _chain(first_mini, table, content, size, size)
    mini_table = [number for (number,) in struct.iter_unpack("<I", mini_bytes)]
    mini = b""
    for entry in range(0, len(folder) - 127, 128):
        length, kind = struct.unpack_from("<HB", folder, entry + 64)
        name = (
            folder[entry : entry + max(0, min(length, 64) - 2)]
            .decode("utf-16-le", "replace")
            .lower()
        )
        start, amount = struct.unpack_from("<II", folder, entry + 116)
        if kind == 5:
            mini = _chain(start, table, content, size, size)
        elif kind == 2 and name in {"workbook", "book", "encryptedpackage", "worddocument"}:
            small = amount < cutoff
            whole = (
                _chain(start, mini_table, mini, 64, 0)
                if small
                else _chain(start, table, content, size, size)
            )
            yield name, whole[:amount]


def _sector_table(content: bytes, size: int) -> list[int]:
    """Of each sector the one that follows it."""
    first_more = struct.unpack_from("<I", content, 68)[0]
    lists = [sector for sector in struct.unpack_from("<109I", content, 76) if sector < _FREE]
    seen = 0
    while first_more < _FREE:
        part = struct.unpack_from(f"<{size // 4}I", content, (first_more + 1) * size)
        lists += [sector for sector in part[:-1] if sector < _FREE]
        first_more = part[-1]
        seen += 1
        if seen > len(content) // size:
            raise ValueError("a chain without an end")
    table: list[int] = []
    for sector in lists[: len(content) // size + 1]:
        table += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    return table


def _chain(sector: int, follow: list[int], of: bytes, length: int, start: int) -> bytes:
    """What stands in a chain of sectors of that length, the first of which begins at `start`."""
    parts, most = [], len(of) // length + 1
    while sector < _FREE:
        parts.append(of[sector * length + start : (sector + 1) * length + start])
        if len(parts) > most:
            raise ValueError("a chain without an end")
        sector = follow[sector]
    return b"".join(parts)
