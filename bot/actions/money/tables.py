"""The tables of files of money: bytes in, rows of the domain out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.actions.registers.table import raw
from bot.domain.campaigns.register import ColumnKind, Register
from bot.domain.money.bank_file import BankCell, BankSheet
from bot.domain.money.list_table import (
    ACCOUNT,
    AMOUNT,
    CODE,
    IDENTITY,
    NAME,
    PAPER,
    TOWNSHIP,
    WrittenRow,
    WrittenSum,
    WrittenTable,
)
from bot.sheets.cells import Cell, CellKind, Sheet, Unreadable, Workbook
from bot.sheets.heads import Heads
from bot.sheets.reading import read_workbook
from bot.sheets.tables import SheetTable, find_table
from config.banks import heads

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LIST_NEEDS = ((NAME, AMOUNT, ACCOUNT), (IDENTITY, AMOUNT, ACCOUNT), (CODE, AMOUNT, ACCOUNT))
_GRANT_NEEDS = ((PAPER, AMOUNT),)


def list_table(register: Register, content: bytes, sheet: str | None = None) -> WrittenTable:
    """The table of a payment list. Unreadable."""
    return _table(_list_words(register), _LIST_NEEDS, content, sheet)


def grants_table(content: bytes, sheet: str | None = None) -> WrittenTable:
    """The table of grants. Unreadable."""
    return _table(heads("grants"), _GRANT_NEEDS, content, sheet)


def bank_sheets(content: bytes) -> tuple[BankSheet, ...]:
    """The sheets of a bank's workbook; none for a file that is text. Unreadable."""
    if not content.startswith(WORKBOOKS) and content.lstrip()[:1] != b"<":
        return ()
    return tuple(map(_bank_sheet, read_workbook(content).sheets))


def _bank_sheet(sheet: Sheet) -> BankSheet:
    rows = []
    for number in range(1, max(sheet.row_numbers, default=0) + 1):
        cells = {cell.column: cell for cell in sheet.row(number)}
        rows.append(
            tuple(_bank_cell(cells.get(column)) for column in range(1, max(cells, default=0) + 1))
        )
    return BankSheet(name=sheet.name, rows=tuple(rows))


def _bank_cell(cell: Cell | None) -> BankCell:
    if cell is None or cell.kind in (CellKind.EMPTY, CellKind.ERROR):
        return BankCell(text="")
    text = cell.text[:10] if cell.kind is CellKind.DATE else cell.text
    return BankCell(text=text, number=cell.kind is CellKind.NUMBER)


def _list_words(register: Register) -> dict[str, tuple[str, ...]]:
    """The words of every list, and those of the register's own columns."""
    words = {key: list(said) for key, said in heads("list").items()}
    words[CODE] += register.code_heads
    words[TOWNSHIP] += register.township_heads
    person = register.person
    if person is not None:
        words[NAME] += person.heads
        words[IDENTITY] += person.identity_heads
    for column in register.columns:
        if column.kind is ColumnKind.ACCOUNT:
            words[ACCOUNT] += column.heads
        if column.kind is ColumnKind.FEN and not column.check:
            words[AMOUNT] += column.heads
    return {key: tuple(dict.fromkeys(said)) for key, said in words.items()}


def _table(
    words: Mapping[str, Sequence[str]],
    needs: Sequence[Sequence[str]],
    content: bytes,
    sheet: str | None,
) -> WrittenTable:
    table = _found(read_workbook(content), words, needs, sheet)
    keys = {column.key: column.head.text for column in table.columns if column.key is not None}
    return WrittenTable(
        heads=keys,
        rows=tuple(
            WrittenRow(row=row.number, cells={key: raw(row.cell(key)) for key in keys})
            for row in table.rows
        ),
        sums=tuple(
            WrittenSum(
                row=total.row.number,
                rows=tuple(row.number for row in total.rows),
                part=total.part,
                cells={key: raw(total.row.cell(key)) for key in keys},
                texts=tuple(
                    cell.text for cell in total.row.cells.values() if cell.kind is CellKind.TEXT
                ),
            )
            for total in table.totals
        ),
        above="\n".join(table.above),
    )


def _found(
    workbook: Workbook,
    words: Mapping[str, Sequence[str]],
    needs: Sequence[Sequence[str]],
    sheet: str | None,
) -> SheetTable:
    refused: Unreadable | None = None
    for needed in needs:
        try:
            return find_table(workbook, Heads(words=words, needed=needed), sheet=sheet)
        except Unreadable as error:
            if error.code != "no_head":
                raise
            refused = error
    raise refused or Unreadable("no_head", sheets=tuple(_names(workbook)))


def _names(workbook: Workbook) -> Iterator[str]:
    return (sheet.name for sheet in workbook.sheets)
