"""Reads a file in a process of its own, which may die of it (law 14)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from threading import BoundedSemaphore
from typing import Any

from bot.sheets.cells import Cell, CellKind, Sheet, Unreadable, Workbook
from bot.sheets.child import MOST_SECONDS
from bot.sheets.formats.any import MOST_BYTES, is_small_text, parse
from bot.sheets.formats.raw import MOST_AREAS, MOST_FILLED_ROWS, FileRefused

AT_ONCE = 2
"""Files parsed at the same time; who comes later waits."""
LONGEST_WAIT = 60.0
"""Seconds for which a file waits its turn."""

_turn = BoundedSemaphore(AT_ONCE)


def read_workbook(content: bytes) -> Workbook:
    """The sheets of a file, whatever its name says it is.

    It is parsed in a child process of limited memory and time, but for a small text. Unreadable:
    "empty", "large", "kind" (`found`), "protected", "damaged", "no_text", "web_page", "unpacked",
    "cells", "far", "too_much" (the child died or was ended), "busy".
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("large", most=MOST_BYTES // 1_000_000)
    if is_small_text(content):
        try:
            return told_workbook(parse(content))
        except FileRefused as refused:
            raise Unreadable(refused.code, **refused.facts) from None
    if not _turn.acquire(timeout=LONGEST_WAIT):
        raise Unreadable("busy")
    try:
        told = _parsed(content)
    finally:
        _turn.release()
    if "refused" in told:
        raise Unreadable(told["refused"], **told["facts"])
    return told_workbook(told)


def told_workbook(told: Mapping[str, Any]) -> Workbook:
    """The workbook of what the readers of the formats tell, as JSON carries it."""
    return Workbook(form=str(told["form"]), sheets=tuple(map(_sheet, told["sheets"])))


def carried(workbook: Workbook) -> str:
    """A workbook as text, for a form to carry from the page that showed it to the deed that takes
    it in.
    """
    sheets = [
        {
            "name": sheet.name,
            "hidden": sheet.hidden,
            "cells": [
                [cell.row, cell.column, cell.kind.value, cell.text]
                for row in sheet.cells.values()
                for cell in row.values()
            ],
            "areas": sheet.areas,
            "widths": sorted(sheet.widths.items()),
            "hidden_rows": sorted(sheet.hidden_rows),
            "hidden_columns": sorted(sheet.hidden_columns),
        }
        for sheet in workbook.sheets
    ]
    return json.dumps(
        {"form": workbook.form, "sheets": sheets}, ensure_ascii=False, separators=(",", ":")
    )


def workbook_carried(text: str) -> Workbook:
    """The workbook that a form carried; Unreadable ("damaged") for what `carried` did not write."""
    try:
        told = json.loads(text)
        book = told_workbook(told)
        for sheet in book.sheets:
            for row in sheet.cells.values():
                for cell in row.values():
                    _check(cell)
            _check_areas(sheet)
    except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError, RecursionError):
        raise Unreadable("damaged") from None
    return book


def _check(cell: Cell) -> None:
    """ValueError for a cell that no file has."""
    if not (
        isinstance(cell.text, str)
        and 1 <= int(cell.row) < 1 << 21
        and 1 <= int(cell.column) < 1 << 15
    ):
        raise ValueError(cell.place)
    if cell.kind is CellKind.NUMBER and not Decimal(cell.text).is_finite():
        raise ValueError(cell.place)
    if cell.kind is CellKind.DATE and cell.moment is None:
        raise ValueError(cell.place)


def _check_areas(sheet: Sheet) -> None:
    filled = sum(min(area[2] - area[0] + 1, len(sheet.cells)) for area in sheet.areas)
    if filled > MOST_FILLED_ROWS or len(sheet.areas) > MOST_AREAS:
        raise ValueError(sheet.name)


def _parsed(content: bytes) -> Mapping[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot.sheets.child"],
            input=content,
            capture_output=True,
            timeout=MOST_SECONDS * 3,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("too_much") from None
    if done.returncode != 0:
        raise Unreadable("too_much")
    told: Mapping[str, Any] = json.loads(done.stdout)
    return told


def _environment() -> dict[str, str]:
    """What the child is told of the world: where its modules are, and none of the program's
    secrets.
    """
    kept = ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH", "TMP", "TEMP")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _sheet(told: Mapping[str, Any]) -> Sheet:
    name = told["name"]
    hidden_rows, hidden_columns = frozenset(told["hidden_rows"]), frozenset(told["hidden_columns"])
    areas = tuple((a, b, c, d) for a, b, c, d in told["areas"])
    first = {area[:2]: area for area in areas}
    rows: dict[int, dict[int, Cell]] = {}
    for row, column, kind, text in told["cells"]:
        hidden = row in hidden_rows or column in hidden_columns
        cell = Cell(name, row, column, CellKind(kind), text, first.get((row, column)), hidden)
        rows.setdefault(row, {})[column] = cell
    return Sheet(
        name=name,
        hidden=told["hidden"],
        cells=rows,
        areas=areas,
        hidden_rows=hidden_rows,
        hidden_columns=hidden_columns,
        widths={int(row): int(width) for row, width in told["widths"]},
    )
