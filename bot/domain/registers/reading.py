"""The table of a file as the rows of a register: which head is which column, and what each cell
says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.domain.campaigns.register import Column, ColumnKind, FilingKind, Register, RegisterStage
from bot.domain.registers import cells
from bot.domain.registers.case import TOWNSHIP, UNDONE, PersonKey, cleaned_code
from bot.domain.registers.cells import CellValue, Raw
from bot.domain.registers.doubts import CasePerson
from bot.domain.registers.intake import (
    CODE,
    DONE,
    IDENTITY,
    NAME,
    NO,
    TAIL,
    YES,
    RowSaid,
    SumSaid,
    TableSaid,
)

Fingerprint = Callable[[str, str], str]
"""Makes the keyed fingerprint of a text of some kind ("name", "identity", "account"): equal texts,
equal fingerprints.
"""


@dataclass(frozen=True, kw_only=True)
class RawRow:
    """One row of a file: its number there, and its cells by slot."""

    row: int
    cells: Mapping[str, Raw]


@dataclass(frozen=True, kw_only=True)
class RawSums:
    """One row of sums: the rows it adds up, its cells by slot, and all its texts."""

    row: int
    word: str
    rows: tuple[int, ...]
    cells: Mapping[str, Raw]
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """The table of a file: the head of each slot, its rows, its rows of sums, and what is written
    above it.
    """

    sheet: str = ""
    heads: Mapping[str, str]
    rows: tuple[RawRow, ...]
    sums: tuple[RawSums, ...] = ()
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class Personal:
    """What stands behind a fingerprint, to be sealed: never kept in a mark, a finding or a log."""

    key: str
    kind: str  # "person" or "account"
    name: str = ""
    number: str = ""  # identity or account number
    person: CasePerson | None = None


@dataclass(frozen=True, kw_only=True)
class ReadTable:
    """A table as read, and the personal texts behind its fingerprints."""

    said: TableSaid
    personal: Mapping[str, Personal]


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What the reading of a file depends on beside its register."""

    townships: Mapping[str, str]  # every name and alias → the full name
    filed_on: date
    as_of: date | None = None  # the day the file says it is of
    fixed_on: date | None = None  # the day the list was fixed: no stage was reached before it
    # the same for townships with a day of their own
    fixed: Mapping[str, date] = field(default_factory=dict)


def slot_words(register: Register, kind: FilingKind) -> dict[str, tuple[str, ...]]:
    """The words that may head each slot of a kind of file.

    A file that brings cases says what they are to be paid; in another the same head is what was
    paid, to be compared.
    """
    words: dict[str, tuple[str, ...]] = {TOWNSHIP: register.township_heads}
    if register.code_heads:
        words[CODE] = register.code_heads
    compared = {head for column in register.columns if column.check for head in column.heads}
    for column in register.columns:
        if column.check and kind.enters:
            continue
        if column is register.person:
            words[NAME] = column.heads
            words[IDENTITY] = column.identity_heads
            words[TAIL] = column.tail_heads
        elif column.check or kind.enters:
            words[column.key] = column.heads
        else:
            words[column.key] = tuple(head for head in column.heads if head not in compared)
    for stage in register.stages:
        words[stage.key] = stage.heads
        words[stage.key + DONE] = stage.done_heads
    return {slot: heads for slot, heads in words.items() if heads}


def day_of_notes(notes: str) -> date | None:
    """The day that a table says it is of (截至2021年10月14日), or None."""
    text = cells.compact(notes)
    found = re.search(r"截[至止]到?(\d{4})[.\-/年](\d{1,2})[.\-/月](\d{1,2})", text)
    if not found:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def read_table(
    register: Register, raw: RawTable, circumstances: Circumstances, fingerprint: Fingerprint
) -> ReadTable:
    """Reads every cell of a table. Persons and accounts become fingerprints; their texts are given
    apart, to be sealed.
    """
    reader = _Reader(register, raw, circumstances, fingerprint)
    rows = tuple(reader.row(row) for row in raw.rows)
    sums = tuple(reader.sums(row) for row in raw.sums)
    return ReadTable(
        said=TableSaid(heads=raw.heads, rows=rows, sums=sums), personal=reader.personal
    )


class _Reader:
    def __init__(
        self,
        register: Register,
        raw: RawTable,
        circumstances: Circumstances,
        fingerprint: Fingerprint,
    ) -> None:
        self.register, self.heads, self.given = register, raw.heads, circumstances
        self.as_of = circumstances.as_of or day_of_notes(raw.notes) or circumstances.filed_on
        self.fingerprint = fingerprint
        self.personal: dict[str, Personal] = {}
        self.fen = {
            column.key: cells.fen_of(raw.heads.get(column.key, ""), raw.notes)
            for column in register.columns
            if column.kind is ColumnKind.FEN
        }
        self.columns = [column for column in register.columns if column.key in raw.heads]
        self.stages = [
            stage
            for stage in register.stages
            if stage.key in raw.heads or stage.key + DONE in raw.heads
        ]

    def row(self, raw: RawRow) -> RowSaid:
        said: dict[str, CellValue] = {}
        if TOWNSHIP in self.heads:
            said[TOWNSHIP] = cells.township_said(raw.cells.get(TOWNSHIP), self.given.townships)
        if CODE in self.heads:
            text = cells.text_said(raw.cells.get(CODE))
            said[CODE] = CellValue(text=text.text, value=cleaned_code(text.value))
        warnings: list[tuple[str, str]] = []
        for column in self.columns:
            cell = self._column(column, raw.cells.get(column.key))
            said[column.key] = cell
            warnings += self._warnings(column, raw.cells.get(column.key), cell)
        for stage in self.stages:
            said |= self._stage(stage, raw, said.get(TOWNSHIP, cells.NOTHING).value)
        person = self._person(raw, said)
        return RowSaid(row=raw.row, cells=said, person=person, warnings=tuple(warnings))

    def _column(self, column: Column, raw: Raw) -> CellValue:
        said = cells.column_said(
            column,
            raw,
            as_of=self.as_of,
            filed_on=self.given.filed_on,
            fen_of_unit=self.fen.get(column.key, 100),
        )
        if column.kind is not ColumnKind.ACCOUNT:
            return said
        if not said.value:
            return CellValue(fault=said.fault)
        key = self.fingerprint("account", said.value)
        self.personal[key] = Personal(key=key, kind="account", number=said.value)
        return CellValue(value=key)

    def _warnings(self, column: Column, raw: Raw, said: CellValue) -> Iterator[tuple[str, str]]:
        account = self.personal.get(said.value) if column.kind is ColumnKind.ACCOUNT else None
        if account is not None and not cells.passes_luhn(account.number):
            yield column.key, "account_check_digit"
        if column.kind is ColumnKind.TEXT and isinstance(raw, str) and cells.is_formula(said.text):
            yield column.key, "formula_text"

    def _stage(self, stage: RegisterStage, raw: RawRow, township: str) -> dict[str, CellValue]:
        said: dict[str, CellValue] = {}
        if stage.key in self.heads:
            cell = raw.cells.get(stage.key)
            word = cells.bare_word(cells.plain_text(cell))
            if word and word in {cells.bare_word(one) for one in self.register.undone_words}:
                said[stage.key] = CellValue(text=word, value=UNDONE)
            else:
                earliest = self.given.fixed.get(township, self.given.fixed_on)
                said[stage.key] = cells.day_said(cell, self.as_of, self.given.filed_on, earliest)
        if stage.key + DONE in self.heads:
            said[stage.key + DONE] = self._yes_or_no(raw.cells.get(stage.key + DONE))
        return said

    def _yes_or_no(self, raw: Raw) -> CellValue:
        text = cells.text_said(raw)
        word = cells.bare_word(text.value)
        if not word:
            return CellValue(text=text.text)
        for value, words in ((YES, self.register.yes_words), (NO, self.register.no_words)):
            if word in {cells.bare_word(one) for one in words}:
                return CellValue(text=text.text, value=value)
        return CellValue(text=text.text, fault="done_unknown")

    def _person(self, raw: RawRow, said: dict[str, CellValue]) -> CasePerson | None:
        """Reads who the row is about into `said`, with nothing in it that could be read back."""
        if self.register.person is None:
            return None
        name = cells.name_said(raw.cells.get(NAME)) if NAME in self.heads else cells.NOTHING
        identity = (
            cells.identity_said(raw.cells.get(IDENTITY))
            if IDENTITY in self.heads
            else cells.NOTHING
        )
        tail = cells.tail_said(raw.cells.get(TAIL)) if TAIL in self.heads else cells.NOTHING
        for slot, cell in ((NAME, name), (IDENTITY, identity), (TAIL, tail)):
            if slot in self.heads:
                said[slot] = CellValue(value="x" if cell.value else "", fault=cell.fault)
        if not (name.value or identity.value):
            return None
        person = CasePerson(
            key=PersonKey(self.fingerprint("person", f"{identity.value}\n{name.value}")),
            name=self.fingerprint("name", name.value) if name.value else "",
            identity=self.fingerprint("identity", identity.value) if identity.value else "",
            tail=identity.value[-4:] or tail.value,
        )
        self.personal[person.key] = Personal(
            key=person.key, kind="person", name=name.value, number=identity.value, person=person
        )
        return person

    def sums(self, raw: RawSums) -> SumSaid:
        counts = [
            int(found[1])
            for text in raw.texts
            if (
                found := re.fullmatch(
                    rf"(?:共|计|合计|总计|小计)*(\d+){self.register.unit}", cells.compact(text)
                )
            )
        ]
        amounts: dict[str, int] = {}
        for column in self.columns:
            if column.kind not in (ColumnKind.FEN, ColumnKind.COUNT):
                continue
            cell = raw.cells.get(column.key)
            if isinstance(cell, str) and cells.compact(cell).endswith(self.register.unit):
                continue
            said = (
                cells.amount_said(cell, self.fen[column.key])
                if column.kind is ColumnKind.FEN
                else cells.count_said(cell)
            )
            if said.value:
                amounts[column.key] = int(said.value)
        return SumSaid(
            row=raw.row,
            word=raw.word,
            rows=raw.rows,
            count=counts[0] if counts else None,
            sums=amounts,
        )


def bare_head(head: str) -> str:
    """A column head as it is compared: without blanks, quotation marks and what is in brackets,
    numerals in one writing.
    """
    return re.sub(r"[(（][^()（）]*[)）]", "", cells.bare_word(cells.plain_text(head))).translate(
        _NUMERALS
    )


_NUMERALS = str.maketrans("123456789", "一二三四五六七八九")


def slot_by_end(head: str, words: Mapping[str, Iterable[str]]) -> str | None:
    """The slot that a head is of by how it ends: 危房改造户编号 is a 户编号, 户主电话 is no 户主.

    The longest word decides; None where no word of two characters or more ends it, or words of two
    slots do.
    """
    bare = bare_head(head)
    ends = {
        (len(word), slot)
        for slot, texts in words.items()
        for text in texts
        if len(word := bare_head(text)) > 1 and bare.endswith(word)
    }
    longest = max((length for length, _ in ends), default=0)
    slots = {slot for length, slot in ends if length == longest}
    return slots.pop() if len(slots) == 1 else None
