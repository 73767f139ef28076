"""来表: what the rows of a file say against what stands. Pure, so that the preview and the import
are one function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from bot.domain.campaigns.campaign import RegisterKey, StageKey, TownshipName
from bot.domain.campaigns.register import (
    Column,
    ColumnKind,
    FilingKind,
    Mouth,
    Register,
    RegisterStage,
)
from bot.domain.registers.case import (
    LEFT,
    REACHED,
    TOWNSHIP,
    UNDONE,
    Case,
    CaseCode,
    Paid,
    PersonKey,
    is_code,
    numbered_code,
)
from bot.domain.registers.cells import NOTHING, CellValue
from bot.domain.registers.doubts import CaseDoubt, CasePerson, People, Weight, missed, of_case

CODE = "code"
NAME = "name"
IDENTITY = "identity"
TAIL = "tail"
DONE = "?"
"""Slots of a table beside the columns and stages; a stage's key with DONE is its column of yes or
no.
"""

YES, NO = "yes", "no"

_ROW_FAULTS = frozenset({"amount_unit", "amount_form", "township_unknown", "township_missing"})
_PAPER = re.compile(r"[〔\[(（【]\s*\d{4}\s*[〕\])）】].{0,12}号|\d+号(文|文件|公告|纪要)")


@dataclass(frozen=True, kw_only=True)
class RowSaid:
    """One row of a file as read: what each slot says. Persons and accounts are fingerprints;
    `warnings` are (slot, kind).
    """

    row: int
    cells: Mapping[str, CellValue]
    person: CasePerson | None = None
    warnings: tuple[tuple[str, str], ...] = ()

    def said(self, slot: str) -> CellValue:
        """What the slot says; nothing if the file has no such column."""
        return self.cells.get(slot, NOTHING)


@dataclass(frozen=True, kw_only=True)
class SumSaid:
    """A row 小计 or 合计 and the rows it adds up: the number of cases it gives, and sums of columns
    (fen, whole numbers).
    """

    row: int
    word: str  # as the file has it
    rows: tuple[int, ...]
    count: int | None = None
    sums: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TableSaid:
    """A file as read: the head of each slot it has, its rows, and its rows of sums."""

    heads: Mapping[str, str]
    rows: tuple[RowSaid, ...]
    sums: tuple[SumSaid, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StandingCases:
    """What a file is taken against: the cases known, who they are, what was paid, and who is on the
    other registers.
    """

    cases: Mapping[CaseCode, Case] = field(default_factory=dict)
    people: People = field(default_factory=dict)
    paid: Mapping[CaseCode, Paid] = field(default_factory=dict)
    listed: Mapping[RegisterKey, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NewMark:
    """A mark that a row makes; `old` is the value or day that it replaces."""

    case: CaseCode
    what: str
    value: str
    day: date | None = None
    row: int
    supersedes: int | None = None
    old: str = ""


class RowOutcome(StrEnum):
    """What became of a row."""

    NEW = "new"  # a case nobody knew
    CHANGED = "changed"
    STANDS = "stands"  # says what stands already
    WAITS = "waits"  # for a person's word
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What taking a file comes to: its marks, what became of each row, and every finding."""

    marks: tuple[NewMark, ...] = ()
    outcomes: Mapping[int, RowOutcome] = field(default_factory=dict)
    cases: Mapping[int, CaseCode] = field(default_factory=dict)  # the case of each row
    findings: tuple[CaseDoubt, ...] = ()
    unchanged: int = 0  # how many values stood already

    @property
    def refused_whole(self) -> bool:
        """Whether nothing of the file is taken."""
        return any(doubt.weight is Weight.FILE for doubt in self.findings)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The one case that a row is about."""

    case: Case


@dataclass(frozen=True, kw_only=True)
class Several:
    """More than one case may be meant: a person says which."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, kw_only=True)
class Nobody:
    """No case is meant: the kind of doubt and the slot that shows it."""

    kind: str
    slot: str


def take(
    register: Register,
    kind: FilingKind,
    standing: StandingCases,
    table: TableSaid,
    *,
    filed_on: date,
) -> Taken:
    """Takes a file: the marks its rows make against what stands, and everything that is wrong with
    it.

    Nothing is written. A file whose own sums do not hold is refused whole; a row or a cell that
    cannot be is refused alone. The same rows a second time make no mark.
    """
    wrong = tuple(_wrong_sums(table))
    if wrong:
        return Taken(findings=wrong)
    return _Taking(register, kind, standing, table, filed_on).taken()


def find_case(index: Index, row: RowSaid) -> Found | Several | Nobody:
    """The case that a row without a code is about: by identity, else by township and whole name,
    else with the last four.
    """
    person = row.person or CasePerson(key=PersonKey(""))
    township = row.said(TOWNSHIP).value
    if person.identity:
        found = index.by_identity.get(person.identity, ())
        if not found:
            return Nobody(kind="case_unknown", slot=IDENTITY)
        return _checked(found, index, person, township)
    if not person.name:
        return Nobody(kind="name_missing", slot=NAME)
    named = index.by_name.get(person.name, ())
    here = tuple(case for case in named if not township or case.township == township)
    if not here:
        same_tail = any(person.tail and index.person(case).tail == person.tail for case in named)
        # A name nobody of the township bears is another township's case if the last four say so
        # too.
        return (
            Nobody(kind="township_differs", slot=TOWNSHIP)
            if same_tail
            else Nobody(kind="case_unknown", slot=NAME)
        )
    if person.tail:
        here = tuple(case for case in here if index.person(case).tail == person.tail)
        if not here:
            return Nobody(kind="id_tail_differs", slot=TAIL)
    return Found(case=here[0]) if len(here) == 1 else Several(cases=here)


def _checked(
    found: tuple[Case, ...], index: Index, person: CasePerson, township: str
) -> Found | Several | Nobody:
    here = tuple(case for case in found if not township or case.township == township)
    if not here:
        return Nobody(kind="township_differs", slot=TOWNSHIP)
    if len(here) > 1:
        return Several(cases=here)
    if person.name and person.name != index.person(here[0]).name:
        return Nobody(kind="name_differs", slot=NAME)
    return Found(case=here[0])


@dataclass(frozen=True, kw_only=True)
class Index:
    """The cases by what their person is known by."""

    by_identity: Mapping[str, tuple[Case, ...]]
    by_name: Mapping[str, tuple[Case, ...]]
    persons: Mapping[CaseCode, CasePerson]

    def person(self, case: Case) -> CasePerson:
        """Who an indexed case is."""
        return self.persons[case.code]


def index_of(register: Register, standing: StandingCases) -> Index:
    """The standing cases by identity and by name."""
    by_identity: dict[str, list[Case]] = {}
    by_name: dict[str, list[Case]] = {}
    persons: dict[CaseCode, CasePerson] = {}
    column = register.person.key if register.person else ""
    for case in standing.cases.values():
        person = standing.people.get(PersonKey(case.values.get(column, "")))
        if person is None:
            continue
        persons[case.code] = person
        if person.identity:
            by_identity.setdefault(person.identity, []).append(case)
        if person.name:
            by_name.setdefault(person.name, []).append(case)
    return Index(
        by_identity={key: tuple(held) for key, held in by_identity.items()},
        by_name={key: tuple(held) for key, held in by_name.items()},
        persons=persons,
    )


def _wrong_sums(table: TableSaid) -> Iterator[CaseDoubt]:
    """Rows of sums that the rows do not come to."""
    said = {row.row: row for row in table.rows}
    for one in table.sums:
        if one.count is not None and one.count != len(one.rows):
            facts = {"says": str(one.count), "rows": str(len(one.rows))}
            yield CaseDoubt(
                kind="total_differs", weight=Weight.FILE, row=one.row, column=one.word, facts=facts
            )
        for slot, amount in one.sums.items():
            cells = [said[row].said(slot) for row in one.rows if row in said]
            if any(cell.fault for cell in cells):
                # a cell that cannot be read is told of; the sum cannot be held against the rest
                continue
            total = sum(int(cell.value or 0) for cell in cells)
            # Some write how many households there are under whatever column is free.
            if amount not in (total, len(one.rows)):
                facts = {"says": str(amount), "rows": str(total)}
                head = table.heads.get(slot, slot)
                yield CaseDoubt(
                    kind="total_differs", weight=Weight.FILE, row=one.row, column=head, facts=facts
                )


class _Taking:
    """The state of taking one file."""

    def __init__(
        self,
        register: Register,
        kind: FilingKind,
        standing: StandingCases,
        table: TableSaid,
        filed_on: date,
    ) -> None:
        self.register, self.kind, self.standing, self.table = register, kind, standing, table
        self.filed_on = filed_on
        self.index = index_of(register, standing)
        self.slots = frozenset(table.heads)
        self.stages = [stage for stage in register.stages if stage.key in self.slots]
        # Where a file tells of one stage alone, a day that cannot be leaves nothing of the row.
        only_stage = len(self.stages) == 1 and not kind.enters
        self.of_stage_cell = Weight.ROW if only_stage else Weight.CELL
        self.findings: list[CaseDoubt] = []
        self.marks: list[NewMark] = []
        self.outcomes: dict[int, RowOutcome] = {}
        self.cases: dict[int, CaseCode] = {}
        self.unchanged = 0
        self.results: dict[int, Case] = {}
        self.rows = {row.row: row for row in table.rows}
        self.people = {
            **standing.people,
            **{row.person.key: row.person for row in table.rows if row.person},
        }
        self.next_number = 1 + len(standing.cases)

    def taken(self) -> Taken:
        waiting = self._doubled()
        for row in self.table.rows:
            if row.row in waiting:
                self.outcomes[row.row] = RowOutcome.WAITS
                continue
            refusal = self._refusal(row)
            if refusal:
                self._refuse(row, refusal)
                continue
            case = self._case_of(row)
            if case is not None:
                self.cases[row.row] = case.code
        self._same_case_twice()
        for row in self.table.rows:
            if row.row in self.cases:
                self._take_row(row)
        self._accounts_twice()
        findings = sorted(self.findings, key=lambda doubt: (doubt.row or 0, doubt.other_row or 0))
        return Taken(
            marks=tuple(self.marks),
            outcomes=self.outcomes,
            cases=self.cases,
            findings=tuple(findings),
            unchanged=self.unchanged,
        )

    # -- which rows wait, and which are refused

    def _doubled(self) -> set[int]:
        """Rows that share a code or an identity: nobody knows which is right, so none of them is
        taken.
        """
        by_code: dict[str, list[RowSaid]] = {}
        by_identity: dict[str, list[RowSaid]] = {}
        for row in self.table.rows:
            if code := row.said(CODE).value:
                by_code.setdefault(code, []).append(row)
            if row.person and row.person.identity:
                by_identity.setdefault(row.person.identity, []).append(row)
        waiting: set[int] = set()
        for same in by_code.values():
            if len(same) > 1:
                waiting |= self._both("code_twice", CODE, same)
        for same in by_identity.values():
            if len(same) > 1 and not {row.row for row in same} <= waiting:
                categories = {row.said(self.register.category).value for row in same} - {""}
                slot = self.register.category if len(categories) > 1 else IDENTITY
                waiting |= self._both(
                    "two_categories" if len(categories) > 1 else "id_twice", slot, same
                )
        return waiting

    def _both(self, kind: str, slot: str, same: Sequence[RowSaid]) -> set[int]:
        rows = [row.row for row in same]
        for row in rows:
            other = next(one for one in rows if one != row)
            self._find(kind, Weight.BOTH, slot, row, other_row=other)
        return set(rows)

    def _refusal(self, row: RowSaid) -> list[tuple[str, str]]:
        """The reasons, as (kind, slot), for which the row cannot be taken at all."""
        reasons = [
            (said.fault, slot)
            for slot, said in row.cells.items()
            if said.fault and self._is_of_row(slot, said)
        ]
        code = row.said(CODE)
        if CODE in self.slots and not code.fault:
            if not code.value and self.kind.enters:
                reasons.append(("code_missing", CODE))
            elif code.value and not is_code(self.register, code.value):
                reasons.append(("code_form", CODE))
        if (
            self.kind.enters
            and NAME in self.slots
            and not row.said(NAME).value
            and not row.said(NAME).fault
        ):
            reasons.append(("name_missing", NAME))
        return reasons

    def _is_of_row(self, slot: str, said: CellValue) -> bool:
        """Whether a cell that cannot be read refuses its row: it says which case, of what kind, or
        how much money.
        """
        if slot in (CODE, TOWNSHIP, NAME, IDENTITY, TAIL):
            return True
        if said.fault in _ROW_FAULTS:
            return True
        return any(
            column.key == slot and column.kind is ColumnKind.CHOICE
            for column in self.register.columns
        )

    def _refuse(self, row: RowSaid, reasons: Iterable[tuple[str, str]]) -> None:
        self.outcomes[row.row] = RowOutcome.REFUSED
        for kind, slot in reasons:
            self._find(kind, Weight.ROW, slot, row.row, facts={"text": row.said(slot).text})

    # -- which case

    def _case_of(self, row: RowSaid) -> Case | None:
        code = CaseCode(row.said(CODE).value)
        if code:
            return self._by_code(row, code)
        found = find_case(self.index, row)
        if isinstance(found, Found):
            return found.case
        if isinstance(found, Several):
            self.outcomes[row.row] = RowOutcome.WAITS
            facts = {"cases": "、".join(case.code for case in found.cases)}
            self._find("several", Weight.ASK, NAME, row.row, facts=facts)
            return None
        if self.kind.enters and self.register.numbered and found.kind == "case_unknown":
            case = self._new(row, numbered_code(self.register, self.next_number))
            self.next_number += 1
            return case
        self._refuse(
            row, [(found.kind, found.slot if found.slot in self.slots else self._key_slot())]
        )
        return None

    def _by_code(self, row: RowSaid, code: CaseCode) -> Case | None:
        case = self.standing.cases.get(code)
        township = row.said(TOWNSHIP).value
        if case is None and not self.kind.enters:
            self._refuse(row, [("case_unknown", CODE)])
            return None
        if case is not None and township and township != case.township:
            self._refuse(row, [("township_differs", TOWNSHIP)])
            return None
        if held := self._held_by_another(row, code):
            categories = {
                held.values.get(self.register.category, ""),
                row.said(self.register.category).value,
            }
            twice = "two_categories" if len(categories - {""}) > 1 else "id_twice"
            self._refuse(
                row, [(twice, self.register.category if twice == "two_categories" else IDENTITY)]
            )
            return None
        return case or self._new(row, code)

    def _held_by_another(self, row: RowSaid, code: CaseCode) -> Case | None:
        """The case on the list that has the row's identity already, under another code."""
        if row.person is None or not row.person.identity:
            return None
        held = self.index.by_identity.get(row.person.identity, ())
        return next(
            (case for case in held if case.code != code and case.on_list(self.filed_on)), None
        )

    def _new(self, row: RowSaid, code: CaseCode) -> Case:
        township = TownshipName(row.said(TOWNSHIP).value)
        return Case(register=self.register.key, code=code, township=township)

    def _key_slot(self) -> str:
        return next(
            (slot for slot in (CODE, IDENTITY, NAME, TOWNSHIP) if slot in self.slots), TOWNSHIP
        )

    def _same_case_twice(self) -> None:
        held: dict[CaseCode, list[int]] = {}
        for row, code in self.cases.items():
            held.setdefault(code, []).append(row)
        for rows in held.values():
            if len(rows) > 1:
                for row in rows:
                    other = next(one for one in rows if one != row)
                    self._find("case_twice", Weight.BOTH, self._key_slot(), row, other_row=other)
                    self.outcomes[row] = RowOutcome.WAITS
                    del self.cases[row]

    # -- what a row says of its case

    def _take_row(self, row: RowSaid) -> None:
        code = self.cases[row.row]
        case = self.standing.cases.get(code) or self._new(row, code)
        before = len(self.marks)
        is_new = code not in self.standing.cases
        if is_new:
            self._mark(row, case, TOWNSHIP, case.township)
        values = {**case.values, **self._take_values(row, case)}
        refused, proved = self._take_stages(row, case)
        result = replace(case, values=values, proved=proved)
        self.results[row.row] = result
        self._cell_findings(row)
        self._leaving(row, case)
        self._rules(row, result, refused)
        made = len(self.marks) > before
        waits = self.outcomes.get(row.row) is RowOutcome.WAITS
        if self.outcomes.get(row.row) is not RowOutcome.REFUSED and not (waits and not made):
            self.outcomes[row.row] = (
                RowOutcome.NEW if is_new else RowOutcome.CHANGED if made else RowOutcome.STANDS
            )

    def _take_values(self, row: RowSaid, case: Case) -> dict[str, str]:
        told: dict[str, str] = {}
        for column in self.register.columns:
            value = self._value(column, row)
            if not value:
                continue
            told[column.key] = value
            if case.values.get(column.key) == value:
                self.unchanged += 1
            else:
                self._mark(row, case, column.key, value, old=case.values.get(column.key, ""))
        return told

    def _value(self, column: Column, row: RowSaid) -> str:
        if column.check:
            return ""
        if column.kind is ColumnKind.PERSON and column is self.register.person:
            # A name without its identity finds a case; it does not say who the person is.
            whole = row.person is not None and (row.person.identity or IDENTITY not in self.slots)
            return (
                row.person.key
                if row.person and whole and (self.kind.enters or row.person.identity)
                else ""
            )
        return row.said(column.key).value

    def _take_stages(self, row: RowSaid, case: Case) -> tuple[set[str], dict[StageKey, date]]:
        """Marks the stages that the row tells of; returns the stages whose cell was refused, and
        the stages proved after.
        """
        refused: set[str] = set()
        days: dict[StageKey, date] = {}
        undone: list[RegisterStage] = []
        for stage in self.stages:
            said = row.said(stage.key)
            if said.fault:
                refused.add(stage.key)
                self._refuse_cell(row, said.fault, stage.key, said.text)
            elif said.value == UNDONE:
                undone.append(stage)
            elif self._is_told(row, stage, said):
                days[stage.key] = date.fromisoformat(said.value)
        for stage_key, (kind, slot) in {
            **self._out_of_order(case, days, undone),
            **self._unpaid(case, days),
        }.items():
            refused.add(stage_key)
            self._refuse_cell(row, kind, slot, days.pop(stage_key).isoformat())
        proved = dict(case.proved)
        for stage in undone:
            self._undo(row, case, stage)
            proved.pop(stage.key, None)
        for stage_key, day in days.items():
            self._reach(row, case, self.register.stage(stage_key), day)
            proved[stage_key] = day
        return refused, proved

    def _is_told(self, row: RowSaid, stage: RegisterStage, said: CellValue) -> bool:
        """Whether the row says that the stage was reached on a day; a column of yes or no beside
        the day is heard first.
        """
        done = row.said(stage.key + DONE)
        if done.value == NO:
            self._find(f"not_{stage.key}", Weight.TAKEN, stage.key + DONE, row.row)
            return False
        if done.fault:
            self._wait(row, done.fault, stage.key + DONE)
            return False
        if done.value == YES and not said.value:
            if stage.key not in self._case(row).proved:
                self._wait(row, "date_missing", stage.key)
            return False
        return bool(said.value)

    def _case(self, row: RowSaid) -> Case:
        return self.standing.cases.get(self.cases[row.row]) or self._new(row, self.cases[row.row])

    def _out_of_order(
        self, case: Case, days: Mapping[StageKey, date], undone: Sequence[RegisterStage]
    ) -> dict[StageKey, tuple[str, str]]:
        """The days of the row that come before a stage they must follow, or after one that stands
        and must follow them.
        """
        wrong: dict[StageKey, tuple[str, str]] = {}
        gone = {stage.key for stage in undone}
        standing = {
            key: day for key, day in case.proved.items() if key not in gone and key not in days
        }
        last: date | None = None
        for place, stage in enumerate(self.register.stages):
            day = days.get(stage.key) or standing.get(stage.key)
            if day is None:
                continue
            if stage.key in days:
                later = [
                    standing[one.key]
                    for one in self.register.stages[place + 1 :]
                    if one.key in standing
                ]
                if (last is not None and day < last) or any(after < day for after in later):
                    wrong[stage.key] = ("date_order", stage.key)
                    continue
            last = day if last is None else max(last, day)
        return wrong

    def _unpaid(self, case: Case, days: Mapping[StageKey, date]) -> dict[StageKey, tuple[str, str]]:
        """The days of stages that follow a payment which has not been made, or not by then."""
        wrong: dict[StageKey, tuple[str, str]] = {}
        bank = False
        for stage in self.register.stages:
            if stage.proof is Mouth.BANK:
                bank = True
            elif bank and stage.key in days:
                paid = self.standing.paid.get(case.code)
                if paid is None:
                    wrong[stage.key] = ("not_paid", self._batch_slot() or stage.key)
                elif days[stage.key] < paid.day:
                    wrong[stage.key] = ("date_order", stage.key)
        return wrong

    def _batch_slot(self) -> str:
        batches = (column.key for column in self.register.columns if column.check == "batch")
        return next((key for key in batches if key in self.slots), "")

    def _reach(self, row: RowSaid, case: Case, stage: RegisterStage, day: date) -> None:
        proves = self.kind.mouth.strength >= stage.proof.strength
        stands = (
            case.proved.get(stage.key)
            if proves
            else case.told.get(stage.key, case.proved.get(stage.key))
        )
        if stands == day:
            self.unchanged += 1
            return
        self._mark(row, case, stage.key, REACHED, day=day, old=stands.isoformat() if stands else "")

    def _undo(self, row: RowSaid, case: Case, stage: RegisterStage) -> None:
        day = case.proved.get(stage.key)
        if day is None:
            self.unchanged += 1
            return
        self._mark(row, case, stage.key, UNDONE, old=day.isoformat())

    def _refuse_cell(self, row: RowSaid, kind: str, slot: str, text: str) -> None:
        self._find(kind, self.of_stage_cell, slot, row.row, facts={"text": text})
        if self.of_stage_cell is Weight.ROW:
            self.outcomes[row.row] = RowOutcome.REFUSED

    # -- what is told of beside it

    def _cell_findings(self, row: RowSaid) -> None:
        """Cells of other columns that were refused, and what is taken and told of."""
        for column in self.register.columns:
            said = row.said(column.key)
            if said.fault and column.kind is not ColumnKind.PERSON:
                self._find(said.fault, Weight.CELL, column.key, row.row, facts={"text": said.text})
            if column.check == "paid" and said.value:
                paid = self.standing.paid.get(self.cases[row.row])
                if paid is not None and int(said.value) != paid.amount:
                    facts = {"says": said.value, "paid": str(paid.amount)}
                    self._find("amount_differs", Weight.WARN, column.key, row.row, facts=facts)
        for slot, kind in row.warnings:
            weight = Weight.TAKEN if kind == "formula_text" else Weight.WARN
            self._find(kind, weight, slot, row.row)

    def _leaving(self, row: RowSaid, case: Case) -> None:
        for column in self.register.columns:
            text = row.said(column.key).value
            if not any(_says(text, word) for word in column.leaving) or case.left is not None:
                continue
            if _PAPER.search(text):
                self._find(LEFT, Weight.ASK, column.key, row.row, facts={"text": text})
            else:
                self._find(
                    "left_without_paper", Weight.WARN, column.key, row.row, facts={"text": text}
                )

    def _rules(self, row: RowSaid, result: Case, refused: set[str]) -> None:
        """The doubts of the case as the row leaves it, as far as the row has a say in them."""
        touched = {slot for slot, said in row.cells.items() if said.value}
        empty = {
            slot for slot in self.slots if not row.said(slot).value and not row.said(slot).fault
        }
        for doubt in of_case(self.register, result, self.filed_on):
            about = set(doubt.about) - {""}
            is_gap = about <= empty
            # What another file left out, or a refused cell, is a doubt about the case and no fault
            # of this file.
            of_ledger = doubt.kind in (
                "date_order",
                "date_future",
                "stage_skipped",
                "paid_unaccepted",
            )
            if of_ledger or about & refused or not (about & touched or is_gap):
                continue
            self.findings.append(replace(doubt, row=row.row, column=self._head(doubt.column)))
        for doubt in self._missed(result):
            if doubt.column in self.slots:
                self.findings.append(replace(doubt, row=row.row, column=self._head(doubt.column)))

    def _missed(self, result: Case) -> tuple[CaseDoubt, ...]:
        rule = self.register.rules.missed
        if rule is None:
            return ()
        return missed(
            self.register,
            (result,),
            self.people,
            self.standing.listed.get(rule.register, frozenset()),
        )

    def _accounts_twice(self) -> None:
        """Accounts of two cases: both rows are taken, and a person says whether they are one
        family.
        """
        for column in self.register.columns:
            if column.kind is not ColumnKind.ACCOUNT or column.key not in self.slots:
                continue
            held: dict[str, list[tuple[CaseCode, int | None]]] = {}
            for row, case in self.results.items():
                if (value := case.values.get(column.key)) and self.rows[row].said(column.key).value:
                    held.setdefault(value, []).append((case.code, row))
            here = set(self.cases.values())
            for case in self.standing.cases.values():
                if case.code not in here and (value := case.values.get(column.key)) in held:
                    held[value].append((case.code, None))
            for same in held.values():
                for code, number in same if len(same) > 1 else ():
                    other = next(one for one in same if one[0] != code)
                    if number is not None:
                        self._find(
                            "account_twice",
                            Weight.WARN,
                            column.key,
                            number,
                            other_row=other[1],
                            facts={"other": other[0]},
                        )

    # -- writing down

    def _mark(
        self,
        row: RowSaid,
        case: Case,
        what: str,
        value: str,
        *,
        day: date | None = None,
        old: str = "",
    ) -> None:
        self.marks.append(
            NewMark(
                case=case.code,
                what=what,
                value=value,
                day=day,
                row=row.row,
                supersedes=case.stands.get(what),
                old=old,
            )
        )

    def _wait(self, row: RowSaid, kind: str, slot: str) -> None:
        self._find(kind, Weight.ASK, slot, row.row)
        self.outcomes[row.row] = RowOutcome.WAITS

    def _find(
        self,
        kind: str,
        weight: Weight,
        slot: str,
        row: int,
        *,
        other_row: int | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        case = self.cases.get(row)
        self.findings.append(
            CaseDoubt(
                kind=kind,
                weight=weight,
                cases=(case,) if case else (),
                row=row,
                other_row=other_row,
                column=self._head(slot),
                facts=facts or {},
            )
        )

    def _head(self, slot: str) -> str:
        return self.table.heads.get(slot, slot)


def _says(text: str, word: str) -> bool:
    """Whether the text says the word, and not its contrary."""
    return re.search(rf"(?<![不未没无]){re.escape(word)}", text) is not None
