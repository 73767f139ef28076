"""Finds the table in a workbook: its head by its words, its rows, and apart from them its totals
and what is no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.sheets.cells import Cell, CellKind, Sheet, Unreadable, Workbook, letters
from bot.sheets.heads import LOWEST_ROW_ALONE, Head, Heads
from bot.sheets.values import is_number
from bot.sheets.words import is_footer, is_part_total, is_total, joined, seen

HEAD_WITHIN = 40
"""People put titles and notes above a table: the head is looked for in so many filled rows."""
MOST_HEAD_ROWS = 4
MOST_COLUMNS = 1_000
"""Columns that a head may have."""


class Passed(StrEnum):
    """Why a row below the head is no row of the table."""

    NUMBERS = "numbers"
    """栏次: the columns are numbered."""
    HEAD_AGAIN = "head_again"
    """The head repeated, as on a second page."""
    FOOTER = "footer"
    """填报人, 审核人, 注: what stands below a table."""
    NOTE = "note"
    """Words that stand alone in their row, such as the name of a group."""
    EMPTY = "empty"
    """Nothing but what nobody asked for, such as a serial number."""
    OTHER_TABLE = "other_table"
    """Another table begins here; it and all below it is not read."""


@dataclass(frozen=True, kw_only=True)
class PassedOver:
    """A row that is no row of the table, and why."""

    row: int
    why: Passed
    text: str


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column: its head, and the key by which the caller knows it, None for one nobody asked
    for.
    """

    number: int
    head: Head
    key: str | None
    block: int = 0
    hidden: bool = False

    @property
    def letters(self) -> str:
        """Its letters, such as C."""
        return letters(self.number)


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row of the table; of tables side by side each half is a row of its own."""

    sheet: str
    number: int
    block: int
    hidden: bool
    shifted: bool
    """Whether a line of text has more cells than its head: a comma in a number, say, moves all that
    follows.
    """
    columns: Mapping[str, TableColumn] = field(repr=False)
    cells: Mapping[int, Cell]
    """Every cell of it that holds something, by column, those of columns nobody asked for
    included.
    """

    def cell(self, key: str) -> Cell:
        """The cell in the column of that key; an empty one where there is none, or no such
        column.
        """
        column = self.columns.get(key)
        number = column.number if column else 0
        return self.cells.get(number) or Cell(self.sheet, self.number, number)

    @property
    def text(self) -> str:
        """The row as a line of text."""
        return " ".join(shown for cell in self.cells.values() if (shown := seen(cell.text)))


@dataclass(frozen=True, kw_only=True)
class Total:
    """A row that adds up others: its label, whether it is of a part only (小计), and the rows it
    adds up.
    """

    label: str
    part: bool
    row: TableRow
    rows: Sequence[TableRow] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SheetTable:
    """The table of a sheet."""

    form: str
    sheet: str
    head_rows: tuple[int, int]
    """First and last row of the head."""
    columns: Sequence[TableColumn]
    rows: Sequence[TableRow]
    totals: Sequence[Total]
    passed_over: Sequence[PassedOver]
    above: Sequence[str]
    """What stands above the head: titles, dates, units."""
    twice: Sequence[tuple[TableColumn, TableColumn]] = ()
    """Columns of which the second is headed like the first; only the first is read."""
    unread: Sequence[str] = ()
    """Visible sheets that hold something and were not read."""

    def column(self, key: str) -> TableColumn | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the columns it has."""
        return frozenset(column.key for column in self.columns if column.key is not None)

    @property
    def unknown(self) -> tuple[TableColumn, ...]:
        """The columns nobody asked for, each once."""
        return tuple(column for column in self.columns if column.key is None and column.block == 0)


def find_table(workbook: Workbook, heads: Heads, *, sheet: str | None = None) -> SheetTable:
    """The one table with such a head that stands in a visible sheet, or in the sheet of that name.

    Unreadable: "no_head" (`needed`, the heads that are missed); "no_such_sheet" (`sheet`,
    `sheets`); "several_sheets" (`sheets`), of which the caller must name one; "hidden_sheet"
    (`sheets`), where only hidden ones have it; "side_by_side" (`head`, `column`), where tables
    stand beside each other and differ.
    """
    looked_at = [one for one in workbook.sheets if sheet is None or one.name == sheet]
    if not looked_at:
        raise Unreadable(
            "no_such_sheet",
            sheet=sheet,
            sheets=tuple(one.name for one in workbook.sheets if not one.hidden),
        )
    found = [(one, table) for one in looked_at if not one.hidden and (table := _table(one, heads))]
    filled = [pair for pair in found if pair[1].rows or pair[1].totals] or found[:1]
    filled = [pair for pair in filled if heads.enough(pair[1].keys)] or filled[:1]
    if len(filled) > 1:
        raise Unreadable("several_sheets", sheets=tuple(one.name for one, _ in filled))
    if not filled:
        hidden = tuple(one.name for one in looked_at if one.hidden and _table(one, heads))
        if hidden:
            raise Unreadable("hidden_sheet", sheets=hidden)
        raise Unreadable(
            "no_head",
            needed=tuple(heads.words[key][0] for key in heads.needed),
            sheets=tuple(one.name for one in looked_at if not one.hidden),
        )
    chosen, table = filled[0]
    unread = tuple(
        one.name for one in workbook.sheets if one is not chosen and not one.hidden and one.cells
    )
    return replace(table, form=workbook.form, unread=unread)


def _table(sheet: Sheet, heads: Heads) -> SheetTable | None:
    """The first table of a sheet whose head has all that is needed."""
    for at, number in enumerate(sheet.row_numbers[:HEAD_WITHIN]):
        if not _may_be_head(sheet, number):
            continue
        block = _head_rows(sheet, at)
        # What seems the upper row of a head may be a title with a date beside it: the rows below it
        # alone are tried too.
        tried = [_head_rows(sheet, at + skipped) for skipped in range(len(block))]
        found = [
            (block, columns)
            for block in tried
            if _has_needed(heads, columns := _columns(sheet, heads, block))
        ]
        if found:
            best, columns = max(found, key=lambda one: _fit(heads, one[1]))
            return _Reader(sheet, heads, best, columns).table()
    return None


def _has_needed(heads: Heads, columns: Sequence[TableColumn]) -> bool:
    return set(heads.needed) <= {column.key for column in columns}


def _fit(heads: Heads, columns: Sequence[TableColumn]) -> tuple[int, int]:
    """How well a head is understood: how many columns are, and how few of them only by their lowest
    row.
    """
    known = {column.key: column for column in columns if column.key is not None}
    found = [heads.find(column.head) for column in known.values()]
    return len(known), -sum(one[1] >= LOWEST_ROW_ALONE for one in found if one is not None)


def _may_be_head(sheet: Sheet, number: int) -> bool:
    """Whether a row may be one of a head: words only, and neither a title that fills it nor who
    filled it in.
    """
    cells = list(sheet.row(number))
    if not cells or any(cell.kind not in {CellKind.TEXT, CellKind.DATE} for cell in cells):
        return False
    if len(cells) > 1 and len({cell.area or (cell.row, cell.column) for cell in cells}) == 1:
        return False
    return not any(is_footer(cell.text) for cell in cells[:1])


def _head_rows(sheet: Sheet, at: int) -> tuple[int, ...]:
    """The rows of the head that begins there: a lower row names only parts of what the upper one
    spans.
    """
    block = [sheet.row_numbers[at]]
    if len(list(sheet.row(block[0]))) == 1:
        return tuple(block)  # a title, or the only column there is
    for number in sheet.row_numbers[at + 1 : at + MOST_HEAD_ROWS]:
        if number != block[-1] + 1 or not _continues(sheet, block, number):
            break
        block.append(number)
    return tuple(block)


def _continues(sheet: Sheet, block: Sequence[int], number: int) -> bool:
    own = [
        cell
        for cell in sheet.row(number)
        if not cell.filled or (cell.area and cell.area[0] == number)
    ]
    if not own or any(cell.kind is not CellKind.TEXT or is_number(cell) for cell in own):
        return False
    if is_footer(own[0].text) or (len(own) == 1 and is_total(own[0].text)):
        return False
    under = [_under_a_group(sheet, block[-1], cell.column) for cell in own]
    # A group may have one column alone; that the head goes on is then told by the heads that reach
    # down into this row.
    return all(under) or (any(under) and _reached_from_above(sheet, block, number))


def _reached_from_above(sheet: Sheet, block: Sequence[int], number: int) -> bool:
    """Whether a head of the rows above is merged down into the row."""
    return any(
        cell.area is not None and block[0] <= cell.area[0] < number for cell in sheet.row(number)
    )


def _under_a_group(sheet: Sheet, above: int, column: int) -> bool:
    """Whether what stands above spans several columns: merged, or with nothing written beside
    it.
    """
    upper = sheet.cell(above, column)
    if upper.empty:
        return True
    if upper.area is not None:
        return upper.area[3] > upper.area[1]
    return sheet.cell(above, column + 1).empty and not sheet.cell(above + 1, column + 1).empty


def _columns(sheet: Sheet, heads: Heads, block: Sequence[int]) -> list[TableColumn]:
    """Every column that has a head; of two that mean the same only the likelier has its key."""
    found: list[tuple[TableColumn, int]] = []
    last = max((cell.column for number in block for cell in sheet.row(number)), default=0)
    for column in range(1, min(last, MOST_COLUMNS) + 1):
        head = _head(sheet, block, column)
        if head.parts:
            known = heads.find(head)
            hidden = column in sheet.hidden_columns
            one = TableColumn(number=column, head=head, key=known and known[0], hidden=hidden)
            found.append((one, known[1] if known else 0))
    best: dict[str, int] = {}
    for one, rank in found:
        if one.key is not None:
            best[one.key] = min(best.get(one.key, rank), rank)
    return [
        replace(one, key=None) if one.key is not None and rank > best[one.key] else one
        for one, rank in found
    ]


def _head(sheet: Sheet, block: Sequence[int], column: int) -> Head:
    texts = []
    bottom = sheet.cell(block[-1], column)
    if bottom.area is not None and bottom.area[1] < column:
        return Head(())  # the head to its left spans it
    for number in block:
        cell = sheet.cell(number, column)
        if cell.empty and len(block) > 1 and number != block[-1] and not bottom.empty:
            # Drawn without merging: 竣工, nothing, and below them 今日, 累计.
            left = column
            while left > 1 and cell.empty and not sheet.cell(block[-1], left).empty:
                left -= 1
                cell = sheet.cell(number, left)
        texts.append(cell.text)
    return Head.of(*texts)


class _Reader:
    """Reads what stands below a head."""

    def __init__(
        self, sheet: Sheet, heads: Heads, block: Sequence[int], columns: Sequence[TableColumn]
    ) -> None:
        self.sheet = sheet
        self.heads = heads
        self.block = block
        self.twice: list[tuple[TableColumn, TableColumn]] = []
        self.columns = self._once(_side_by_side(columns, heads.needed[0]))
        self.known = [
            {one.key: one for one in self.columns if one.key is not None and one.block == number}
            for number in sorted({one.block for one in self.columns})
        ]
        self.width = max((self.sheet.widths.get(row, 0) for row in block), default=0)
        self.rows: list[TableRow] = []
        self.totals: list[tuple[int, TableRow, str]] = []
        self.passed_over: list[PassedOver] = []

    def table(self) -> SheetTable:
        """The table, its rows in the order of the sheet."""
        for number in self.sheet.row_numbers:
            if number > self.block[-1] and self._take(number):
                break
        first = self.sheet.row_numbers.index(self.block[0])
        above = [" ".join(self._said(number)) for number in self.sheet.row_numbers[:first]]
        return SheetTable(
            form="",
            sheet=self.sheet.name,
            head_rows=(self.block[0], self.block[-1]),
            columns=tuple(self.columns) + tuple(self._headless()),
            rows=tuple(self.rows),
            totals=tuple(self._totals()),
            passed_over=tuple(self.passed_over),
            above=tuple(text for text in above if text),
            twice=tuple(self.twice),
        )

    def _once(self, columns: Sequence[TableColumn]) -> list[TableColumn]:
        first: dict[tuple[int, str], TableColumn] = {}
        kept = []
        for column in columns:
            if column.key is not None and (column.block, column.key) in first:
                self.twice.append((first[column.block, column.key], column))
                column = replace(column, key=None)
            elif column.key is not None:
                first[column.block, column.key] = column
            kept.append(column)
        return kept

    def _take(self, number: int) -> bool:
        """Takes one row in; whether the table ends with it."""
        cells = {cell.column: cell for cell in self.sheet.row(number)}
        if not cells:
            return False
        why = self._no_row(number, cells)
        if why is not None:
            text = " ".join(self._said(number))[:200]
            self.passed_over.append(PassedOver(row=number, why=why, text=text))
            return why is Passed.OTHER_TABLE
        for block, known in enumerate(self.known):
            own = self._own(cells, block)
            if not any(column.number in own for column in known.values()):
                continue
            row = TableRow(
                sheet=self.sheet.name,
                number=number,
                block=block,
                hidden=number in self.sheet.hidden_rows,
                shifted=self.sheet.widths.get(number, 0) > self.width,
                columns=known,
                cells=own,
            )
            label = self._total_label(row)
            if label is None:
                self.rows.append(row)
            else:
                self.totals.append((len(self.rows), row, label))
        return False

    def _own(self, cells: Mapping[int, Cell], block: int) -> dict[int, Cell]:
        if len(self.known) == 1:
            return dict(cells)
        own = {one.number for one in self.columns if one.block == block}
        return {column: cell for column, cell in cells.items() if column in own}

    def _no_row(self, number: int, cells: Mapping[int, Cell]) -> Passed | None:
        """Why a row is no row of the table; None for one that is, a total included."""
        if number == self.block[-1] + 1 and _numbers_columns(list(cells.values())):
            return Passed.NUMBERS
        if self._is_head_again(cells):
            return Passed.HEAD_AGAIN
        first = cells[min(cells)]
        if first.kind is CellKind.TEXT and is_footer(first.text) and not is_total(first.text):
            return Passed.FOOTER
        named = {known[self.heads.needed[0]].number for known in self.known}
        if len(cells) > 1 and self._other_head(cells, named):
            return Passed.OTHER_TABLE
        if len({cell.area or (cell.row, cell.column) for cell in cells.values()}) == 1:
            words = first.kind is CellKind.TEXT and not is_number(first)
            if words and (first.column not in named or len(cells) > 1) and not is_total(first.text):
                return Passed.NOTE
            if first.kind is CellKind.TEXT and len(joined(first.text)) > 20:
                return Passed.NOTE
        known = {column.number for known in self.known for column in known.values()}
        return None if known & set(cells) or self._label_in(cells) else Passed.EMPTY

    def _label_in(self, cells: Mapping[int, Cell]) -> bool:
        return any(cell.kind is CellKind.TEXT and is_total(cell.text) for cell in cells.values())

    def _is_head_again(self, cells: Mapping[int, Cell]) -> bool:
        for row in self.block:
            head = {cell.column: joined(cell.text) for cell in self.sheet.row(row)}
            if len(cells) > 1 and {at: joined(cell.text) for at, cell in cells.items()} == head:
                return True
        return False

    def _other_head(self, cells: Mapping[int, Cell], named: set[int]) -> bool:
        """Whether the row heads a table: where the name of a row should stand stands the head of
        such names.
        """
        if any(cell.kind is not CellKind.TEXT or is_number(cell) for cell in cells.values()):
            return False
        found = {column: self.heads.find(Head.of(cell.text)) for column, cell in cells.items()}
        keys = {column: one[0] for column, one in found.items() if one is not None}
        heads = {column for column, key in keys.items() if key == self.heads.needed[0]}
        return bool(heads & named) or (len(keys) > 1 and bool(heads))

    def _total_label(self, row: TableRow) -> str | None:
        """The word by which a row says that it adds up others; None for a row that does not."""
        name = row.columns[self.heads.needed[0]].number
        own = row.cells.get(name)
        for column, cell in row.cells.items():
            if cell.kind is not CellKind.TEXT:
                if column >= name:
                    break
                continue
            if is_total(cell.text) and (column <= name or own is None):
                return seen(cell.text)
        return None

    def _totals(self) -> Iterator[Total]:
        """Each total with the rows it adds up: all of them, or of a part those down to it, or from
        it on.
        """
        grand = [one for one in self.totals if not is_part_total(one[2])]
        own_block = len({row.block for _, row, _ in grand}) > 1
        parts = [at for at, _, label in self.totals if is_part_total(label)]
        stand_first = bool(parts) and parts[0] == 0 and bool(self.rows)
        for at, row, label in self.totals:
            if not is_part_total(label):
                rows = [one for one in self.rows if not own_block or one.block == row.block]
            elif stand_first:
                until = next((other for other in parts if other > at), len(self.rows))
                rows = self.rows[at:until]
            else:
                since = max((other for other in parts if other < at), default=0)
                rows = self.rows[since:at]
            yield Total(label=label, part=is_part_total(label), row=row, rows=tuple(rows))

    def _headless(self) -> Iterator[TableColumn]:
        """Columns that hold something below the head and have none of their own."""
        headed = {column.number for column in self.columns}
        filled = {
            column
            for row in (*self.rows, *(row for _, row, _ in self.totals))
            for column in row.cells
        }
        for column in sorted(filled - headed):
            spanned = self.sheet.cell(self.block[-1], column)
            if spanned.empty:
                yield TableColumn(
                    number=column,
                    head=Head(()),
                    key=None,
                    hidden=column in self.sheet.hidden_columns,
                )

    def _said(self, number: int) -> Iterator[str]:
        for cell in self.sheet.row(number):
            if not cell.filled and (text := seen(cell.text)):
                yield text


def _numbers_columns(cells: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns: 栏次 1 2 3, 甲 乙 1 2 3=1+2."""
    texts = [joined(cell.text).strip("()") for cell in cells if not cell.filled]
    if len(texts) < 2:
        return False
    numbers = [int(text.partition("=")[0]) for text in texts if text.partition("=")[0].isdecimal()]
    words = [text for text in texts if not text.partition("=")[0].isdecimal()]
    named = all(
        text in {"栏次", "列次", "行次", "序号"}
        or (len(text) == 1 and text in "甲乙丙丁戊己庚辛ABCDEFGHIJabcdefghij—-")
        for text in words
    )
    follow = (
        numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else bool(words)
    )
    return named and follow and (len(words) > 0 or (len(numbers) > 2 and numbers[0] == 1))


def _side_by_side(columns: Sequence[TableColumn], needed: str) -> list[TableColumn]:
    """The columns with the block of each: a head that stands twice in one row heads two tables of
    one kind.
    """
    named = [column for column in columns if column.key == needed]
    if len(named) < 2:
        return list(columns)
    step = named[1].number - named[0].number
    by_number = {column.number: column for column in columns}

    def repeats(number: int) -> bool:
        one, other = by_number.get(number), by_number.get(number + step)
        return one is not None and other is not None and one.head == other.head

    start = named[0].number
    while repeats(start - 1) and start + step - named[0].number > 1:
        start -= 1
    placed = []
    for column in columns:
        block = max(0, (column.number - start) // step)
        placed.append(replace(column, block=block))
    first = {
        (column.number - start, column.key) for column in placed if column.block == 0 and column.key
    }
    for block in range(1, placed[-1].block + 1):
        keyed = {
            (column.number - start - block * step, column.key)
            for column in placed
            if column.block == block and column.key
        }
        if keyed and keyed != first:
            other = next(column for column in placed if column.block == block and column.key)
            raise Unreadable("side_by_side", head=other.head.text, column=other.letters)
    return placed
