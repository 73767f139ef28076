"""What the pages of a register show: its cases in a list, one case with its course and its sources,
a file as it was taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.register import Column, ColumnKind, Register
from bot.domain.registers.case import (
    LEFT,
    TOWNSHIP,
    UNDONE,
    Case,
    CaseCode,
    Mark,
    category_of,
    on_list,
    reached,
)
from bot.domain.registers.doubts import CaseDoubt, People
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.registers import marks
from config.wording import registers as wording

PAGE = 100
"""Cases on one page of the list."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cases of a register are asked for: each part empty for all."""

    township: str = ""
    category: str = ""
    stage: str = ""  # reached, but not the one after it
    doubt: str = ""
    search: str = ""  # a code or a part of one, or the last four characters


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A case in the list."""

    case: Case
    who: str
    category: str
    days: tuple[tuple[date | None, bool], ...]  # of each stage its day, and whether only told
    doubts: int


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A stage with how many of the cases shown have it proved."""

    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Value:
    """A column of a case with its value as it may be shown, and the number of the mark that says
    so.
    """

    name: str
    key: str
    text: str
    mark: int | None
    personal: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """A mark with where it came from; `gone` if it was withdrawn, `stands` if it holds now."""

    mark: Mark
    what: str
    text: str
    source: str
    gone: bool
    stands: bool


def chosen(
    register: Register,
    cases: Sequence[Case],
    wanted: Wanted,
    doubts: Sequence[CaseDoubt],
    people: People,
) -> list[Case]:
    """The cases that are asked for, in the order of their codes."""
    doubted = {
        code for doubt in doubts if wanted.doubt in ("any", doubt.kind) for code in doubt.cases
    }
    return [case for case in cases if _is_wanted(register, case, wanted, doubted, people)]


def _is_wanted(
    register: Register, case: Case, wanted: Wanted, doubted: set[CaseCode], people: People
) -> bool:
    if wanted.township and case.township != wanted.township:
        return False
    if wanted.category and category_of(register, case) != wanted.category:
        return False
    if wanted.doubt and case.code not in doubted:
        return False
    if wanted.stage and not _stands_at(register, case, wanted.stage):
        return False
    return not wanted.search or _is_searched(register, case, wanted.search.upper(), people)


def _stands_at(register: Register, case: Case, stage: str) -> bool:
    """Whether that stage is the last one the case has reached; "none" for a case that has reached
    none.
    """
    counted = reached(register, case, date.max)
    return (counted[-1] if counted else "none") == stage


def _is_searched(register: Register, case: Case, search: str, people: People) -> bool:
    if search in case.code.upper():
        return True
    person = people.get(case.values.get(register.person.key, "")) if register.person else None  # type: ignore[call-overload]
    return person is not None and person.tail == search


def lines(
    register: Register, cases: Sequence[Case], shown: Mapping[str, str], doubts: Sequence[CaseDoubt]
) -> list[CaseLine]:
    """These cases as lines of the list."""
    counts: dict[str, int] = {}
    for doubt in doubts:
        for code in doubt.cases:
            counts[code] = counts.get(code, 0) + 1
    names = register.column(register.category).names if register.category else {}
    return [
        CaseLine(
            case=case,
            who=shown.get(case.values.get(register.person.key, ""), "") if register.person else "",
            category=names.get(category_of(register, case) or "", ""),
            days=tuple(
                (
                    case.proved.get(stage.key) or case.told.get(stage.key),
                    stage.key not in case.proved,
                )
                for stage in register.stages
            ),
            doubts=counts.get(case.code, 0),
        )
        for case in cases
    ]


def counted(register: Register, cases: Sequence[Case], day: date) -> list[Counted]:
    """How many of these cases have each stage proved on a day: the counts of the day's sheet."""
    here = on_list(cases, day)
    done = [set(reached(register, case, day)) for case in here]
    return [
        Counted(name=stage.name, count=sum(stage.key in one for one in done))
        for stage in register.stages
    ]


def values(register: Register, case: Case, shown: Mapping[str, str]) -> list[Value]:
    """The columns of a case that say something."""
    return [
        Value(
            name=column.name,
            key=column.key,
            text=value_shown(column, case.values[column.key], shown),
            mark=case.stands.get(column.key),
            personal=column.kind in (ColumnKind.PERSON, ColumnKind.ACCOUNT),
        )
        for column in register.columns
        if column.key in case.values
    ]


def value_shown(column: Column, value: str, shown: Mapping[str, str]) -> str:
    """A value as people read it: a choice by its name, money in yuan, persons and accounts
    masked.
    """
    match column.kind:
        case ColumnKind.CHOICE:
            return column.names.get(value, value)
        case ColumnKind.FEN:
            return f"{(Decimal(value) / 100).normalize():f}"
        case ColumnKind.PERSON | ColumnKind.ACCOUNT:
            return shown.get(value, "***")
    return value


def course(
    session: Session,
    campaign: Campaign,
    register: Register,
    case: Case,
    shown: Mapping[str, str],
    at: datetime,
) -> list[Told]:
    """Every mark of a case, newest first, with its source in words of the pages: the file and row,
    the reply, the decision.
    """
    mine = [
        one for one in marks.marks(session, campaign.key, register.key, at) if one.case == case.code
    ]
    files = marks.sources(
        session, [one.source.filing_row for one in mine if one.source.filing_row is not None]
    )
    people = {one.number: one.person for one in decisions.decisions(session, campaign.key)}
    gone = withdrawn(mine)
    stands = set(case.stands.values()) | set(case.told_stands.values())
    told = []
    for one in reversed(mine):
        source = ""
        if one.source.filing_row is not None and one.source.filing_row in files:
            filing, row = files[one.source.filing_row]
            source = wording.put_in("of_file", name=filing.name, row=row, person=filing.person)
        elif one.source.decision is not None:
            source = people.get(one.source.decision, "")
        told.append(
            Told(
                mark=one,
                what=_what(register, one.what),
                text=_mark_text(register, one, shown),
                source=source,
                gone=one.number in gone,
                stands=one.number in stands,
            )
        )
    return told


def withdrawn(known: Sequence[Mark]) -> set[int]:
    """The numbers of the marks that are withdrawn, those that withdraw included."""
    gone: set[int] = set()
    for one in sorted(known, key=lambda mark: -mark.number):
        if one.value is None and one.number not in gone and one.supersedes is not None:
            gone.add(one.supersedes)
    return gone


def _what(register: Register, key: str) -> str:
    names: dict[str, str] = {stage.key: stage.name for stage in register.stages}
    names |= {one.key: one.name for one in register.columns}
    return str(names.get(key) or (wording.put(key) if key in (TOWNSHIP, LEFT) else key))


def _mark_text(register: Register, mark: Mark, shown: Mapping[str, str]) -> str:
    if mark.value is None:
        return wording.put_in("withdraws", number=mark.supersedes)
    if mark.value == UNDONE:
        return wording.put("undone")
    if mark.day is not None and mark.what != LEFT:
        return mark.day.isoformat()
    column = next((one for one in register.columns if one.key == mark.what), None)
    return (
        mark.value.replace("\n", " ") if column is None else value_shown(column, mark.value, shown)
    )
