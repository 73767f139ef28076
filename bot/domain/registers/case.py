"""The log of a register's marks (记载), and its cases as that log has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NewType

from bot.domain.campaigns.campaign import CategoryKey, RegisterKey, StageKey, TownshipName
from bot.domain.campaigns.register import Fen, Mouth, Register
from bot.domain.figures.progress import Cell

CaseCode = NewType("CaseCode", str)
PersonKey = NewType("PersonKey", str)
"""A keyed fingerprint of a person or an account. The text behind it is sealed in the store."""

TOWNSHIP = "township"
LEFT = "left"
UNDONE = "undone"
"""The value of a mark that takes a stage, or a leaving, back without saying that it was wrong."""

REACHED = "reached"
"""The value of a mark that says a stage was reached, on the mark's day."""


@dataclass(frozen=True, kw_only=True)
class MarkSource:
    """Where a mark comes from: a row of a filing, a reply, or a decision."""

    filing_row: int | None = None
    reply: int | None = None
    decision: int | None = None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """记载: case × what = value, as the log keeps it.

    `what` is a stage's or a column's key, TOWNSHIP or LEFT. A `value` of None withdraws the mark
    that `supersedes` names (it was wrong: what stood before stands again); UNDONE says that a stage
    is not reached after all, and nothing earlier stands again. `day` is the day a stage was reached
    or the case left.
    """

    number: int
    case: CaseCode
    what: str
    value: str | None
    day: date | None = None
    mouth: Mouth
    source: MarkSource = MarkSource()
    recorded_at: datetime
    supersedes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """That a case leaves the list: from which day, by which paper, why."""

    day: date
    paper: str
    why: str

    def value(self) -> str:
        """The two texts as the one value of a mark."""
        return f"{self.paper}\n{self.why}"


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What was paid of a case: the day on which the whole was through, in how many fen, by which
    batch.
    """

    day: date
    amount: Fen
    batch: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """户、件: one entry of a register, and what its marks say of it."""

    register: RegisterKey
    code: CaseCode
    township: TownshipName
    values: Mapping[str, str] = field(default_factory=dict)
    proved: Mapping[StageKey, date] = field(default_factory=dict)
    # by a weaker mouth than proves the stage
    told: Mapping[StageKey, date] = field(default_factory=dict)
    # the number of the mark that stands, by what
    stands: Mapping[str, int] = field(default_factory=dict)
    told_stands: Mapping[str, int] = field(default_factory=dict)
    left: Leaving | None = None

    def on_list(self, day: date) -> bool:
        """Whether the case counts on `day`: it has not left by then."""
        return self.left is None or day < self.left.day


def cases(
    register: Register,
    marks: Iterable[Mark],
    known_at: datetime,
    paid: Mapping[CaseCode, Paid] | None = None,
) -> tuple[Case, ...]:
    """Every case of the register as known at `known_at`, in the order of their codes.

    `paid`, the bank's answers as known then, proves the stages whose proof is BANK. A case exists
    by its TOWNSHIP mark.
    """
    by_case: dict[CaseCode, list[Mark]] = {}
    for mark in _live(marks, known_at):
        by_case.setdefault(mark.case, []).append(mark)
    found = []
    for code in sorted(by_case):
        case = _folded(register, code, by_case[code], (paid or {}).get(code))
        if case is not None:
            found.append(case)
    return tuple(found)


def on_list(cases: Iterable[Case], day: date) -> tuple[Case, ...]:
    """The cases that count on `day`."""
    return tuple(case for case in cases if case.on_list(day))


def reached(register: Register, case: Case, day: date) -> tuple[StageKey, ...]:
    """The stages that count for the case on `day`: those proved by then, up to the first break.

    A break is a day before that of an earlier stage, a stage undone, or the bank's stage missing.
    An earlier stage that nobody filed is a doubt, and no break: what was proved after it was
    proved.
    """
    counted: list[StageKey] = []
    last = date.min
    for stage in register.stages:
        on = case.proved.get(stage.key)
        if on is None:
            if stage.proof is Mouth.BANK or stage.key in case.stands:
                break
            continue
        if on < last or on > day:
            break
        counted.append(stage.key)
        last = on
    return tuple(counted)


def verified(register: Register, cases: Iterable[Case], day: date) -> dict[Cell, Decimal]:
    """核实: how many cases had each stage proved on `day`, as the cells of a day's sheet."""
    counts: dict[Cell, int] = {}
    for case in on_list(cases, day):
        category = category_of(register, case)
        for stage in reached(register, case, day):
            counts[case.township, stage, None] = counts.get((case.township, stage, None), 0) + 1
            if category is not None:
                cell = (case.township, stage, category)
                counts[cell] = counts.get(cell, 0) + 1
    return {cell: Decimal(count) for cell, count in counts.items()}


def category_of(register: Register, case: Case) -> CategoryKey | None:
    """The campaign's category that a case is of, None if its register has none or the case does not
    say.
    """
    value = case.values.get(register.category) if register.category else None
    return CategoryKey(value) if value else None


def is_code(register: Register, text: str) -> bool:
    """Whether a text, cleaned, has the form of the register's codes."""
    return (
        re.fullmatch(_pattern(register.code_form), text) is not None
        if register.code_form
        else bool(text)
    )


def cleaned_code(text: str) -> str:
    """A code in one way of writing: half-width, capital, without blanks, 〔〕 for any brackets
    around a year.
    """
    text = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    return re.sub(r"[\[〔(【](\d{4})[\]〕)】]", r"〔\1〕", text)


def numbered_code(register: Register, number: int) -> CaseCode:
    """The code of that number in a register whose files have none."""
    places = register.code_form.count("#")
    digits = iter(str(number).zfill(places))
    filled = "".join(next(digits) if sign == "#" else sign for sign in register.code_form)
    return CaseCode(filled + "".join(digits))


def short_codes(register: Register, code: CaseCode) -> tuple[str, ...]:
    """The code and what people shorten it to: without the part that every code of the register
    begins with.
    """
    fixed = len(re.split(r"[#*@]", register.code_form)[0])
    return (code,) if fixed == 0 else (code, code[fixed:])


def code_patterns(register: Register) -> tuple[tuple[str, str], ...]:
    """What a code looks like in a text, whole and without its fixed beginning, each with what is to
    be put before it.
    """
    form = cleaned_form(register.code_form)
    fixed = re.split(r"[#*@]", form)[0]
    whole = (_pattern(form), "")
    short = form[len(fixed) :]
    # A bare number is no code: a shortened one has a character between its digits.
    return (whole, (_pattern(short), fixed)) if fixed and re.search(r"[^#*@]", short) else (whole,)


def _pattern(form: str) -> str:
    signs = {"#": "[0-9]", "*": "[0-9]+", "@": "[A-Z]"}
    return "".join(signs.get(sign, re.escape(sign)) for sign in cleaned_form(form))


def cleaned_form(form: str) -> str:
    """A code form in the way codes are cleaned."""
    return cleaned_code(form.replace("#", "\x01")).replace("\x01", "#")


def _live(marks: Iterable[Mark], known_at: datetime) -> list[Mark]:
    """The marks known at a moment that are neither withdrawals nor withdrawn, in the order of the
    log.
    """
    known_at = known_at.astimezone(UTC)
    known = sorted(
        (mark for mark in marks if mark.recorded_at <= known_at), key=lambda mark: mark.number
    )
    whose = {mark.number: mark.case for mark in known}
    withdrawn: set[int] = set()
    for mark in reversed(known):
        earlier = mark.supersedes
        # A withdrawal that is itself withdrawn withdraws nothing, and none reaches into another
        # case.
        if mark.value is not None or mark.number in withdrawn or earlier is None:
            continue
        if whose.get(earlier) == mark.case and earlier < mark.number:
            withdrawn.add(earlier)
    return [mark for mark in known if mark.value is not None and mark.number not in withdrawn]


def _folded(
    register: Register, code: CaseCode, marks: list[Mark], paid: Paid | None
) -> Case | None:
    stages = {stage.key: stage for stage in register.stages}
    newest: dict[str, Mark] = {}
    told: dict[str, Mark] = {}
    for mark in marks:
        stage = stages.get(StageKey(mark.what))
        weaker = stage is not None and mark.mouth.strength < stage.proof.strength
        (told if weaker else newest)[mark.what] = mark
    township = newest.get(TOWNSHIP)
    if township is None or not township.value:
        return None
    proved = {key: mark.day for key, mark in newest.items() if _is_reached(mark) and key in stages}
    for stage in register.stages:
        if stage.proof is Mouth.BANK:
            proved.pop(stage.key, None)  # what the bank did is never typed
            if paid is not None:
                proved[stage.key] = paid.day
    beside = {
        key: mark
        for key, mark in told.items()
        if key not in proved and _after(mark, newest.get(key))
    }
    return Case(
        register=register.key,
        code=code,
        township=TownshipName(township.value),
        values={
            key: mark.value
            for key, mark in newest.items()
            if key not in stages and key not in (TOWNSHIP, LEFT) and mark.value
        },
        proved={StageKey(key): day for key, day in proved.items() if day is not None},
        told={
            StageKey(key): mark.day
            for key, mark in beside.items()
            if _is_reached(mark) and mark.day
        },
        stands={key: mark.number for key, mark in newest.items()},
        told_stands={key: mark.number for key, mark in beside.items()},
        left=_leaving(newest.get(LEFT)),
    )


def _is_reached(mark: Mark) -> bool:
    return mark.value == REACHED and mark.day is not None


def _after(told: Mark, proved: Mark | None) -> bool:
    """Whether a weaker word came after what was proved: an undoing ends what was told before it."""
    return proved is None or told.number > proved.number


def _leaving(mark: Mark | None) -> Leaving | None:
    if mark is None or mark.value is None or mark.value == UNDONE or mark.day is None:
        return None
    paper, _, why = mark.value.partition("\n")
    return Leaving(day=mark.day, paper=paper, why=why)
