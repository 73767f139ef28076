"""What a reader of one kind of file hands over: plain values, bounded as they are gathered."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

MOST_CELLS = 400_000
"""Cells that hold something, in all sheets together."""
MOST_TEXT = 30_000_000
"""Characters of all of them together."""
MOST_SHEETS = 200
MOST_AREAS = 20_000
MOST_FILLED_ROWS = 400_000
"""Rows of merged areas, of all sheets together: what merged areas may fill."""
LONGEST_CELL = 32_767
"""Characters of a cell, as in Excel."""

TEXT, NUMBER, DATE, BOOLEAN, ERROR, FORMULA = (
    "text",
    "number",
    "date",
    "boolean",
    "error",
    "formula",
)
ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})


class FileRefused(Exception):
    """A file that is not read: a code and its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class Budget:
    """What may still be gathered of one file; FileRefused when it is spent."""

    def __init__(self) -> None:
        self.cells = self.text = self.filled = 0

    def cell(self, text: str) -> str:
        """Counts a cell with that text, and gives the text cut to what a cell may hold."""
        if not text.isprintable():
            text = text.encode("utf-8", "replace").decode().replace("\0", "")
        self.cells += 1
        self.text += len(text)
        if self.cells > MOST_CELLS or self.text > MOST_TEXT:
            raise FileRefused("cells", most=MOST_CELLS)
        return text[:LONGEST_CELL]

    def rows(self, count: int) -> None:
        """Counts rows that a merged area fills."""
        self.filled += count
        if self.filled > MOST_FILLED_ROWS:
            raise FileRefused("cells", most=MOST_CELLS)


class RawSheet:
    """A sheet while it is read; rows and columns count from 1."""

    def __init__(self, name: str, budget: Budget, *, hidden: bool = False) -> None:
        self.name = name
        self.hidden = hidden
        self.budget = budget
        self.cells: dict[tuple[int, int], tuple[str, str]] = {}
        self.areas: list[tuple[int, int, int, int]] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: list[tuple[int, int]] = []
        self.widths: dict[int, int] = {}
        """Of a text, how many cells each line has, empty ones included."""

    def put(self, row: int, column: int, kind: str, text: str) -> None:
        """A cell that holds something."""
        if kind == TEXT and text.strip() in ERRORS:
            kind, text = ERROR, text.strip()
        if text or kind != TEXT:
            self.cells[row, column] = (kind, self.budget.cell(text))

    def merge(self, first_row: int, first_column: int, last_row: int, last_column: int) -> None:
        """A merged area."""
        if (first_row, first_column) < (last_row, last_column) and len(self.areas) < MOST_AREAS:
            self.areas.append((first_row, first_column, last_row, last_column))

    def told(self) -> dict[str, Any]:
        """The sheet as JSON carries it: what lies unseen under a merged area is left out."""
        rows = sorted({row for row, _ in self.cells})
        columns = {column for _, column in self.cells}
        covered: dict[int, list[tuple[int, int, int, int]]] = {}
        for area in self.areas:
            span = rows[bisect_left(rows, area[0]) : bisect_right(rows, area[2])]
            self.budget.rows(len(span))
            for row in span:
                covered.setdefault(row, []).append(area)
        cells = [
            [row, column, kind, text]
            for (row, column), (kind, text) in sorted(self.cells.items())
            if not any(
                area[1] <= column <= area[3]
                and (row, column) != area[:2]
                and area[:2] in self.cells
                for area in covered.get(row, ())
            )
        ]
        return {
            "name": self.name,
            "hidden": self.hidden,
            "cells": cells,
            "areas": self.areas,
            "widths": sorted(self.widths.items()),
            "hidden_rows": sorted(self.hidden_rows.intersection(rows)),
            "hidden_columns": sorted(
                column
                for column in columns
                if any(first <= column <= last for first, last in self.hidden_columns)
            ),
        }


def plain_number(value: float) -> str:
    """The digits Excel shows: it keeps every number as a binary fraction and fifteen digits of it
    count.
    """
    text = f"{value:.15g}"
    if "e" not in text:
        return text
    from decimal import Decimal

    return format(Decimal(text), "f")
