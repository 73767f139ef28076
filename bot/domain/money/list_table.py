"""The rows of a payment list and of a table of grants as they were written, matched to the
register.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.domain.money.amounts import Fen, NoAmount, Unit, fen_of
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.households import Households
from bot.domain.money.lists import ListRow, StatedSum
from bot.domain.registers.case import CaseCode, PersonKey, cleaned_code
from bot.domain.registers.cells import (
    CellValue,
    Raw,
    account_said,
    compact,
    day_said,
    identity_said,
    name_said,
    plain_text,
    township_said,
)

CODE, TOWNSHIP, NAME, IDENTITY, ACCOUNT, AMOUNT, REMARK = (
    "code",
    "township",
    "name",
    "identity",
    "account",
    "amount",
    "remark",
)
PAPER, DAY = "paper", "day"

Fingerprint = Callable[[str, str], str]
"""Makes the key of a text of some kind: `name`, `identity`, `account`."""


@dataclass(frozen=True, kw_only=True)
class WrittenRow:
    """One row of a file: its number there, and its cells by the key of their column."""

    row: int
    cells: Mapping[str, Raw]


@dataclass(frozen=True, kw_only=True)
class WrittenSum:
    """One row of sums: the rows it adds up, its cells by the key of their column, and all its
    texts.
    """

    row: int
    rows: tuple[int, ...]
    part: bool
    cells: Mapping[str, Raw]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WrittenTable:
    """The table of a file: the head of each column, its rows and sums, what stands above it."""

    heads: Mapping[str, str]
    rows: tuple[WrittenRow, ...]
    sums: tuple[WrittenSum, ...] = ()
    above: str = ""


@dataclass(frozen=True, kw_only=True)
class ReadList:
    """A payment list as read. `accounts` are the whole numbers behind the keys, to be sealed and
    never told.
    """

    rows: tuple[ListRow, ...]
    stated: tuple[StatedSum, ...]
    batch: int | None
    accounts: Mapping[PersonKey, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class ListWords:
    """What people write in lists: the words of a part payment, and how the unit of a row is counted
    (户).
    """

    part: Sequence[str]
    unit: str


@dataclass(frozen=True, kw_only=True)
class ReadGrant:
    """A row of a table of grants that says all it must."""

    row: int
    paper: str
    day: date | None
    amount: Fen


def read_list(
    table: WrittenTable,
    households: Households,
    fingerprint: Fingerprint,
    townships: Mapping[str, str],
    words: ListWords,
) -> ReadList:
    """Reads every row and finds its household; what cannot be read is told by `lists.may_go`."""
    reader = _List(table, households, fingerprint, townships, words)
    rows = tuple(reader.row(row) for row in table.rows)
    return ReadList(
        rows=rows,
        stated=tuple(reader.stated(one) for one in table.sums),
        batch=batch_named(table.above),
        accounts=reader.accounts,
    )


class _List:
    def __init__(
        self,
        table: WrittenTable,
        households: Households,
        fingerprint: Fingerprint,
        townships: Mapping[str, str],
        words: ListWords,
    ) -> None:
        self.table, self.households, self.fingerprint = table, households, fingerprint
        self.townships, self.words = townships, words
        self.unit = unit_of(table.heads.get(AMOUNT, ""), table.above)
        self.accounts: dict[PersonKey, str] = {}

    def row(self, row: WrittenRow) -> ListRow:
        unread: dict[str, MoneyDoubtKind] = {}
        name, identity, account = (
            self._read(row, NAME),
            self._read(row, IDENTITY),
            self._read(row, ACCOUNT),
        )
        for slot, said, missing in (
            (NAME, name, MoneyDoubtKind.NAME_MISSING),
            (IDENTITY, identity, MoneyDoubtKind.ID_MISSING),
            (ACCOUNT, account, MoneyDoubtKind.ACCOUNT_MISSING),
        ):
            if said is not None and not said.value:
                unread[slot] = MoneyDoubtKind(said.fault) if said.fault else missing
        amount = self._amount(row)
        if amount is None:
            unread[AMOUNT] = MoneyDoubtKind.AMOUNT_FORM
        person = self._key("identity", identity)
        key = self._key("account", account)
        if key is not None and account is not None:
            self.accounts[key] = account.value
        return ListRow(
            row=row.row,
            cases=self._cases(row, name, person, unread),
            identity=person,
            name=self._key("name", name),
            account=key,
            amount=amount,
            part=any(word in compact(row.cells.get(REMARK)) for word in self.words.part),
            unread=unread,
            shown=account.value[-4:] if account is not None else "",
        )

    def _read(self, row: WrittenRow, slot: str) -> CellValue | None:
        """What a cell says; None where the file has no such column, and every file has accounts."""
        if slot not in self.table.heads and slot != ACCOUNT:
            return None
        raw = row.cells.get(slot)
        return {NAME: name_said, IDENTITY: identity_said, ACCOUNT: account_said}[slot](raw)

    def _key(self, kind: str, said: CellValue | None) -> PersonKey | None:
        return (
            PersonKey(self.fingerprint(kind, said.value))
            if said is not None and said.value
            else None
        )

    def _amount(self, row: WrittenRow) -> Fen | None:
        try:
            amount = fen_of(plain_text(row.cells.get(AMOUNT)), self.unit)
        except NoAmount:
            return None
        return amount if amount > 0 else None

    def _cases(
        self,
        row: WrittenRow,
        name: CellValue | None,
        person: PersonKey | None,
        unread: dict[str, MoneyDoubtKind],
    ) -> tuple[CaseCode, ...]:
        """The household of a row: by its code, else its identity number, else its name within the
        township.
        """
        code = (
            CaseCode(cleaned_code(plain_text(row.cells.get(CODE))))
            if CODE in self.table.heads
            else None
        )
        if code:
            known = self.households.persons.get(code)
            if person is not None and known is not None and known.identity not in ("", person):
                unread[IDENTITY] = MoneyDoubtKind.ID_DIFFERS
            return (code,) if code in self.households.cases else ()
        if IDENTITY in self.table.heads:
            return self.households.by_identity.get(person, ()) if person is not None else ()
        township = township_said(row.cells.get(TOWNSHIP), self.townships)
        if not township.value:
            unread[TOWNSHIP] = MoneyDoubtKind.TOWNSHIP_UNKNOWN
            return ()
        key = self._key("name", name)
        return self.households.by_name.get((township.value, key), ()) if key is not None else ()

    def stated(self, sums: WrittenSum) -> StatedSum:
        """What a row of sums says of the rows it adds up."""
        amount: Fen | None = None
        written = plain_text(sums.cells.get(AMOUNT))
        if written:
            try:
                amount = fen_of(written, self.unit)
            except NoAmount:
                amount = None
        counted = re.compile(rf"(?:共|合计|小计)?(\d{{1,9}}){re.escape(self.words.unit)}")
        counts = [
            int(found[1]) for text in sums.texts if (found := counted.fullmatch(compact(text)))
        ]
        return StatedSum(
            row=sums.row,
            amount=amount,
            lines=counts[0] if counts else None,
            rows=frozenset(sums.rows) if sums.part else None,
        )


def read_grants(
    table: WrittenTable, known: Sequence[tuple[str, Fen]], today: date
) -> tuple[tuple[ReadGrant, ...], tuple[CaseDoubt, ...]]:
    """The grants of a table that are not `known` yet by paper and amount, and what in it cannot be
    taken.

    One paper has one amount: another one under a paper that is known waits for a person.
    """
    unit = unit_of(table.heads.get(AMOUNT, ""), table.above)
    amounts = dict(known)
    found: list[ReadGrant] = []
    doubts: list[CaseDoubt] = []
    for row in table.rows:
        paper = plain_text(row.cells.get(PAPER))
        try:
            amount = fen_of(plain_text(row.cells.get(AMOUNT)), unit)
        except NoAmount:
            doubts.append(
                CaseDoubt(
                    kind=MoneyDoubtKind.AMOUNT_FORM, weight=Weight.ROW, row=row.row, column=AMOUNT
                )
            )
            continue
        day = day_said(row.cells.get(DAY), today, today)
        if not paper:
            doubts.append(
                CaseDoubt(
                    kind=MoneyDoubtKind.PAPER_MISSING, weight=Weight.ROW, row=row.row, column=PAPER
                )
            )
        elif paper in amounts and amounts[paper] != amount:
            facts = {"paper": paper}
            doubts.append(
                CaseDoubt(
                    kind=MoneyDoubtKind.PAPER_TWICE,
                    weight=Weight.ASK,
                    row=row.row,
                    column=PAPER,
                    facts=facts,
                )
            )
        elif paper not in amounts:
            if day.fault:
                kind = (
                    MoneyDoubtKind.DATE_FUTURE
                    if day.fault == "date_future"
                    else MoneyDoubtKind.DATE_FORM
                )
                doubts.append(CaseDoubt(kind=kind, weight=Weight.WARN, row=row.row, column=DAY))
            amounts[paper] = amount
            said = date.fromisoformat(day.value) if day.value else None
            found.append(ReadGrant(row=row.row, paper=paper, day=said, amount=amount))
    doubts += _wrong_sums(table, unit)
    return tuple(found), tuple(doubts)


def _wrong_sums(table: WrittenTable, unit: Unit) -> list[CaseDoubt]:
    found = []
    for sums in table.sums:
        rows = [row for row in table.rows if row.row in sums.rows]
        try:
            said = fen_of(plain_text(sums.cells.get(AMOUNT)), unit)
            added = sum(fen_of(plain_text(row.cells.get(AMOUNT)), unit) for row in rows)
        except NoAmount:
            continue
        if said != added:
            found.append(
                CaseDoubt(
                    kind=MoneyDoubtKind.TOTAL_DIFFERS,
                    weight=Weight.FILE,
                    row=sums.row,
                    column=AMOUNT,
                )
            )
    return found


def unit_of(head: str, above: str) -> Unit:
    """What an amount under that head counts: as the head says in brackets, else what stands above
    the table, else yuan.
    """
    units = (("万元", Unit.WAN), ("元", Unit.YUAN), ("分", Unit.FEN))
    bracketed = "".join(re.findall(r"\(([^()]*)\)", compact(head)))
    for word, unit in units:
        if word in bracketed:
            return unit
    said = re.search(r"单位[::]?(人民币)?(万元|元|分)", compact(above))
    return dict(units)[said[2]] if said else Unit.YUAN


_BATCH = re.compile(r"第([一二三四五六七八九十\d]{1,3})批")
_SIGNS = "一二三四五六七八九"


def batch_named(title: str) -> int | None:
    """The number of the batch that a title names, where it names one and no other."""
    found = {_numeral(text) for text in _BATCH.findall(compact(title))}
    return found.pop() if len(found) == 1 else None


def _numeral(text: str) -> int | None:
    """The value of a numeral up to ninety-nine."""
    if text.isdecimal():
        return int(text) or None
    tens, ten, ones = text.rpartition("十") if "十" in text else ("", "", text)
    value = 10 * (_SIGNS.find(tens) + 1 if tens else 1) if ten else 0
    value += _SIGNS.find(ones) + 1 if ones else 0
    return value or None
