"""The table of a file that was sent, as the rows of a register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time

from bot.domain.campaigns.register import FilingKind, Register
from bot.domain.registers.case import TOWNSHIP
from bot.domain.registers.cells import Raw
from bot.domain.registers.intake import CODE, IDENTITY, NAME
from bot.domain.registers.reading import RawRow, RawSums, RawTable, bare_head, slot_words
from bot.sheets.cells import Cell, Kind, Unreadable, Workbook
from bot.sheets.heads import Heads
from bot.sheets.reading import read_workbook
from bot.sheets.tables import Column, Table, find_table

_KEYS = ((NAME, TOWNSHIP), (IDENTITY, TOWNSHIP), (CODE, TOWNSHIP), (CODE,), (IDENTITY,), (NAME,))
"""By which heads a table is known, tried in turn: a file has those it has."""


def raw_table(register: Register, kind: FilingKind, content: bytes, sheet: str | None = None) -> RawTable:
    """The table of a kind of file; `Unreadable` says why there is none, or more than one."""
    words = slot_words(register, kind)
    table = _found(read_workbook(content), words, sheet)
    heads = {column.key: _head(column, words[column.key]) for column in table.columns if column.key is not None}
    return RawTable(
        sheet=table.sheet,
        heads=heads,
        rows=tuple(RawRow(row=row.number, cells={key: _raw(row.cell(key)) for key in heads}) for row in table.rows),
        sums=tuple(
            RawSums(
                row=total.row.number,
                word=total.label,
                rows=tuple(row.number for row in total.rows),
                cells={key: _raw(total.row.cell(key)) for key in heads},
                texts=tuple(cell.text for cell in total.row.cells.values() if cell.kind is Kind.TEXT),
            )
            for total in table.totals
        ),
        notes="\n".join(table.above),
    )


def _found(workbook: Workbook, words: dict[str, tuple[str, ...]], sheet: str | None) -> Table:
    refused: Unreadable | None = None
    for needed in _tried(words):
        try:
            return find_table(workbook, Heads(words=words, needed=needed), sheet=sheet)
        except Unreadable as error:
            if error.code != "no_head":
                raise
            refused = error
    raise refused or Unreadable("no_head", sheets=tuple(one.name for one in workbook.sheets))


def _tried(words: dict[str, tuple[str, ...]]) -> Iterator[Sequence[str]]:
    return (needed for needed in _KEYS if all(key in words for key in needed))


def _head(column: Column, words: Sequence[str]) -> str:
    """What people call the column: the lowest row of its head, if that says by itself what it is."""
    last = column.head.last.text
    return last if bare_head(last) in {bare_head(word) for word in words} else column.head.text


def _raw(cell: Cell) -> Raw:
    match cell.kind:
        case Kind.EMPTY:
            return None
        case Kind.NUMBER:
            return float(cell.text)
        case Kind.BOOLEAN:
            return cell.text.casefold() in ("true", "1")
        case Kind.DATE:
            moment = cell.moment
            return cell.text if moment is None or isinstance(moment, time) else moment
    return cell.text
