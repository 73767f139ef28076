"""The table of a file that was sent, as the rows of a register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import time

from bot.domain.campaigns.register import FilingKind, Register
from bot.domain.registers.case import TOWNSHIP
from bot.domain.registers.cells import Raw
from bot.domain.registers.intake import CODE, IDENTITY, NAME
from bot.domain.registers.reading import (
    RawRow,
    RawSums,
    RawTable,
    bare_head,
    slot_by_end,
    slot_words,
)
from bot.sheets.cells import Cell, CellKind, Unreadable, Workbook
from bot.sheets.heads import Heads
from bot.sheets.reading import read_workbook
from bot.sheets.tables import SheetTable, TableColumn, TableRow, find_table

_KEYS = ((NAME, TOWNSHIP), (IDENTITY, TOWNSHIP), (CODE, TOWNSHIP), (CODE,), (IDENTITY,), (NAME,))
"""By which heads a table is known, tried in turn: a file has those it has."""


def raw_table(
    register: Register, kind: FilingKind, content: bytes, sheet: str | None = None
) -> RawTable:
    """The table of a kind of file; `Unreadable` says why there is none, or more than one."""
    words = slot_words(register, kind)
    table = _found(read_workbook(content), words, sheet)
    heads = {
        column.key: _head(column, words[column.key])
        for column in table.columns
        if column.key is not None
    }
    ended = _by_end(table, {slot: texts for slot, texts in words.items() if slot not in heads})
    heads |= {slot: column.head.last.text for slot, column in ended.items()}

    def raw_cells(row: TableRow) -> dict[str, Raw]:
        own = {slot: row.cells.get(column.number) for slot, column in ended.items()}
        found = {slot: None if cell is None else raw(cell) for slot, cell in own.items()}
        return {slot: found[slot] if slot in ended else raw(row.cell(slot)) for slot in heads}

    return RawTable(
        sheet=table.sheet,
        heads=heads,
        rows=tuple(RawRow(row=row.number, cells=raw_cells(row)) for row in table.rows),
        sums=tuple(
            RawSums(
                row=total.row.number,
                word=total.label,
                rows=tuple(row.number for row in total.rows),
                cells=raw_cells(total.row),
                texts=tuple(
                    cell.text for cell in total.row.cells.values() if cell.kind is CellKind.TEXT
                ),
            )
            for total in table.totals
        ),
        notes="\n".join(table.above),
    )


def _found(workbook: Workbook, words: dict[str, tuple[str, ...]], sheet: str | None) -> SheetTable:
    refused: Unreadable | None = None
    for also in (None, lambda head: slot_by_end(head.last.text, words)):
        # Heads that nobody named are looked at by how they end only where no table is found by
        # those that were named.
        for needed in _tried(words):
            try:
                return find_table(
                    workbook, Heads(words=words, needed=needed, also=also), sheet=sheet
                )
            except Unreadable as error:
                if error.code != "no_head":
                    raise
                refused = error
    raise refused or Unreadable("no_head", sheets=tuple(one.name for one in workbook.sheets))


def _by_end(table: SheetTable, words: Mapping[str, tuple[str, ...]]) -> dict[str, TableColumn]:
    """The columns nobody named whose heads end like those of a slot that is still missing; of two
    such columns neither.
    """
    found: dict[str, list[TableColumn]] = {}
    for column in table.columns:
        if column.key is None and column.head.parts:
            slot = slot_by_end(column.head.last.text, words) or slot_by_end(
                "".join(column.head.parts), words
            )
            if slot is not None:
                found.setdefault(slot, []).append(column)
    return {slot: columns[0] for slot, columns in found.items() if len(columns) == 1}


def _tried(words: dict[str, tuple[str, ...]]) -> Iterator[Sequence[str]]:
    return (needed for needed in _KEYS if all(key in words for key in needed))


def _head(column: TableColumn, words: Sequence[str]) -> str:
    """What people call the column: the lowest row of its head, if that says by itself what it
    is.
    """
    last = column.head.last.text
    return last if bare_head(last) in {bare_head(word) for word in words} else column.head.text


def raw(cell: Cell) -> Raw:
    """A cell as the domain reads it. A number stays one, so that a long one is known to have lost
    its last digits.
    """
    match cell.kind:
        case CellKind.EMPTY:
            return None
        case CellKind.NUMBER:
            return float(cell.text)
        case CellKind.BOOLEAN:
            return cell.text.casefold() in ("true", "1")
        case CellKind.DATE:
            moment = cell.moment
            return cell.text if moment is None or isinstance(moment, time) else moment
    return cell.text
