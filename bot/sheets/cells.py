"""What a file holds once it is read: sheets of typed cells, each of which knows its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cached_property


class Unreadable(Exception):
    """A file, or a sheet of it, that cannot be read as a table: `code` says why, `facts` what
    stands there.

    It has no sentence of its own; those stand in `config/wording/`, one for each code.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class CellKind(StrEnum):
    """What a cell holds."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    """A day, a moment or a time of day, because the cell is shown as one."""
    BOOLEAN = "boolean"
    ERROR = "error"
    """#REF!, #N/A and their like."""
    FORMULA = "formula"
    """A formula whose result is not stored in the file; no program that only reads can know it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it holds and where it stands.

    `text` is what it says: a number in plain digits (15 of them count, as in Excel), a date as ISO
    8601, an error as its character, a formula as it is written.
    """

    sheet: str
    row: int
    column: int
    kind: CellKind = CellKind.EMPTY
    text: str = ""
    area: tuple[int, int, int, int] | None = None
    """First row, first column, last row, last column of the merged area whose value this is."""
    hidden: bool = False
    """Whether its row or its column is hidden."""

    @property
    def place(self) -> str:
        """Where it stands, such as C4."""
        return f"{letters(self.column)}{self.row}"

    @property
    def empty(self) -> bool:
        """Whether it holds nothing, or nothing but blanks."""
        return self.kind is CellKind.EMPTY or (self.kind is CellKind.TEXT and not self.text.strip())

    @property
    def filled(self) -> bool:
        """Whether its value is written in another cell, with which it is merged."""
        return self.area is not None and (self.row, self.column) != self.area[:2]

    @property
    def number(self) -> Decimal | None:
        """The number of a cell that holds one as a number; a number typed as text is
        `values.number_in`'s.
        """
        return Decimal(self.text) if self.kind is CellKind.NUMBER else None

    @property
    def moment(self) -> datetime | date | time | None:
        """The day, moment or time of a cell that holds one."""
        if self.kind is not CellKind.DATE:
            return None
        if "T" in self.text:
            return datetime.fromisoformat(self.text)
        return time.fromisoformat(self.text) if ":" in self.text else date.fromisoformat(self.text)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: only the cells that hold something are kept, so that a far cell costs no more than
    a near one.
    """

    name: str
    hidden: bool = False
    cells: Mapping[int, Mapping[int, Cell]] = field(default_factory=dict)
    """The cells by row and by column, both from 1."""
    areas: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    widths: Mapping[int, int] = field(default_factory=dict)
    """Of a text, how many cells each line has, empty ones included; of a workbook nothing."""

    @cached_property
    def row_numbers(self) -> tuple[int, ...]:
        """The rows in which something stands."""
        return tuple(sorted(self.cells))

    @cached_property
    def last_column(self) -> int:
        """The last column in which something stands; 0 in an empty sheet."""
        return max((max(row) for row in self.cells.values() if row), default=0)

    def cell(self, row: int, column: int) -> Cell:
        """The cell there; inside a merged area it holds what its first cell does."""
        found = self.cells.get(row, {}).get(column)
        if found is not None:
            return found
        hidden = row in self.hidden_rows or column in self.hidden_columns
        area = self._area_of(row, column)
        first = self.cells.get(area[0], {}).get(area[1]) if area else None
        if first is None:
            return Cell(self.name, row, column, hidden=hidden)
        return Cell(self.name, row, column, first.kind, first.text, area, hidden)

    def row(self, number: int) -> Iterator[Cell]:
        """The cells of a row that hold something, those that merged areas fill included, from left
        to right.
        """
        own = self.cells.get(number, {})
        columns = set(own)
        for area in self._areas_by_row.get(number, ()):
            columns.update(range(area[1], min(area[3], self.last_column) + 1))
        for column in sorted(columns):
            cell = self.cell(number, column)
            if not cell.empty:
                yield cell

    def _area_of(self, row: int, column: int) -> tuple[int, int, int, int] | None:
        return next(
            (area for area in self._areas_by_row.get(row, ()) if area[1] <= column <= area[3]), None
        )

    @cached_property
    def _areas_by_row(self) -> Mapping[int, Sequence[tuple[int, int, int, int]]]:
        """Of the rows in which something stands: an area may reach down to the last row that there
        can be.
        """
        from bisect import bisect_left, bisect_right

        found: dict[int, list[tuple[int, int, int, int]]] = {}
        for area in self.areas:
            first, last = (
                bisect_left(self.row_numbers, area[0]),
                bisect_right(self.row_numbers, area[2]),
            )
            for number in self.row_numbers[first:last]:
                found.setdefault(number, []).append(area)
        return found


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """A file as it was read; `form` is what it really is ("xlsx", "xls", "csv", "html"), whatever
    its name says.
    """

    form: str
    sheets: Sequence[Sheet]


def letters(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    told = ""
    while column > 0:
        column, digit = divmod(column - 1, 26)
        told = chr(65 + digit) + told
    return told
