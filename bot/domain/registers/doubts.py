"""疑点: what of a register cannot be right, or is missing. Derived, never stored; a person's word
settles it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from bot.domain.campaigns.campaign import CategoryKey, TownshipName
from bot.domain.campaigns.register import (
    Agreement,
    BuildingTime,
    ColumnKind,
    Mouth,
    Register,
    Standard,
)
from bot.domain.registers.case import Case, CaseCode, PersonKey, category_of


class Weight(StrEnum):
    """What becomes of that which a doubt is about."""

    FILE = "file"  # nothing of the file is taken
    LIST = "list"  # a payment list is all or nothing
    BOTH = "both"  # neither of two rows is taken
    ROW = "row"  # the row is refused
    CELL = "cell"  # the cell is refused, the rest of the row is taken
    ASK = "ask"  # waits for a person's word
    WARN = "warn"  # taken, and a doubt until a person says a word
    TAKEN = "taken"  # taken as it is
    NOTHING = "nothing"  # nothing happens, and it is said so

    @property
    def refuses(self) -> bool:
        """Whether something that was said is not taken."""
        return self in (Weight.FILE, Weight.LIST, Weight.BOTH, Weight.ROW, Weight.CELL, Weight.ASK)


@dataclass(frozen=True, kw_only=True)
class CasePerson:
    """Who a person is, as far as may be compared: fingerprints of the whole and of its parts, and
    the last four characters.
    """

    key: PersonKey
    name: str = ""
    identity: str = ""
    tail: str = ""


People = Mapping[PersonKey, CasePerson]


@dataclass(frozen=True, kw_only=True)
class CaseDoubt:
    """疑点: one thing, its facts, and the cases or the row of a file that it is about.

    `column` is the key of a column or stage, of a file its head. `about` names everything it
    follows from.
    """

    kind: str
    weight: Weight
    cases: tuple[CaseCode, ...] = ()
    row: int | None = None
    other_row: int | None = None
    column: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    about: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Names this doubt on exactly these facts; with other facts it is another doubt."""
        told = [self.kind, list(self.cases), self.column, sorted(self.facts.items())]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class DoubtWord:
    """What a person said of a doubt, named by its digest."""

    digest: str
    text: str
    person: str
    at: datetime


def open_doubts(found: Iterable[CaseDoubt], said: Iterable[DoubtWord]) -> tuple[CaseDoubt, ...]:
    """The doubts nobody has said a word about: a word on exactly these facts silences one, new
    facts reopen it.
    """
    settled = {word.digest for word in said}
    return tuple(doubt for doubt in found if doubt.digest not in settled)


def of_case(register: Register, case: Case, day: date) -> tuple[CaseDoubt, ...]:
    """The doubts of one case as it stands on `day`."""
    found = [*_order(register, case, day)]
    found += [one for rule in register.rules.building if (one := _building_time(rule, case))]
    found += [one for standard in register.rules.standards if (one := _standard(standard, case))]
    found += [
        one for agreement in register.rules.agreements if (one := _agreement(agreement, case))
    ]
    return (*found, *gaps(register, case))


def gaps(register: Register, case: Case) -> tuple[CaseDoubt, ...]:
    """The duties of a case that nothing fulfils."""
    return tuple(
        CaseDoubt(
            kind=column.gap or f"gap_{column.key}",
            weight=Weight.WARN,
            cases=(case.code,),
            column=column.key,
            facts={"duty": column.duty, "column": column.name},
            about=(column.key,),
        )
        for column in register.columns
        if column.duty and not case.values.get(column.key)
    )


def across(register: Register, cases: Sequence[Case], people: People) -> tuple[CaseDoubt, ...]:
    """The doubts between the cases of one list: one identity or one account twice."""
    return (*_same_person(register, cases, people), *_same_account(register, cases))


def targets(
    register: Register,
    cases: Iterable[Case],
    targets: Mapping[tuple[TownshipName, CategoryKey | None], Decimal],
) -> tuple[CaseDoubt, ...]:
    """Where the cases on the list are not as many as the campaign's target, by township and
    category.
    """
    counts: dict[tuple[TownshipName, CategoryKey | None], int] = {}
    for case in cases:
        for category in {None, category_of(register, case)}:
            counts[case.township, category] = counts.get((case.township, category), 0) + 1
    found = []
    for township, category in sorted(
        targets.keys() | counts.keys(), key=lambda of: (of[0], of[1] or "")
    ):
        target, count = (
            targets.get((township, category), Decimal(0)),
            counts.get((township, category), 0),
        )
        if target != count:
            facts = {
                "township": township,
                "category": category or "",
                "target": f"{target:f}",
                "cases": str(count),
            }
            found.append(CaseDoubt(kind="target_differs", weight=Weight.WARN, facts=facts))
    return tuple(found)


def missed(
    register: Register, cases: Iterable[Case], people: People, listed: frozenset[str]
) -> tuple[CaseDoubt, ...]:
    """不落一户: cases whose finding asks for an answer, with no outcome and on no list.

    `listed` are the identities of the other register. A register without the rule has none.
    """
    rule = register.rules.missed
    if rule is None or register.person is None:
        return ()
    found = []
    for case in cases:
        person = people.get(PersonKey(case.values.get(register.person.key, "")))
        finding = case.values.get(rule.column, "")
        answered = case.values.get(rule.outcome) or (
            person is not None and person.identity in listed
        )
        if finding in rule.choices and not answered:
            found.append(
                CaseDoubt(
                    kind="missed",
                    weight=Weight.WARN,
                    cases=(case.code,),
                    column=rule.outcome,
                    facts={"finding": finding},
                    about=(rule.outcome, rule.column),
                )
            )
    return tuple(found)


def _order(register: Register, case: Case, day: date) -> Iterator[CaseDoubt]:
    """Stages out of order, and stages that one before them is missing for."""
    known = [
        (stage, case.proved[stage.key]) for stage in register.stages if stage.key in case.proved
    ]
    for (before, was), (after, on) in pairwise(known):
        if on < was:
            facts = {
                "first": before.name,
                "was": was.isoformat(),
                "then": after.name,
                "on": on.isoformat(),
            }
            about = (before.key, after.key)
            yield _doubt(case, "date_order", after.key, facts, about)
    for stage, on in known:
        if on > day:
            yield _doubt(
                case,
                "date_future",
                stage.key,
                {"then": stage.name, "on": on.isoformat()},
                (stage.key,),
            )
    missing = None
    for stage in register.stages:
        if stage.key not in case.proved:
            missing = missing or stage
        elif missing is not None:
            kind = stage.missing or (
                "paid_unaccepted" if stage.proof is Mouth.BANK else "stage_skipped"
            )
            facts = {"first": missing.name, "then": stage.name}
            yield _doubt(case, kind, stage.key, facts, (missing.key, stage.key))


def _building_time(rule: BuildingTime, case: Case) -> CaseDoubt | None:
    first, then = case.proved.get(rule.first), case.proved.get(rule.then)
    if first is None or then is None or then < first:
        return None
    if rule.column and case.values.get(rule.column) not in rule.choices:
        return None
    days = (then - first).days
    if days >= rule.least:
        return None
    facts = {"days": str(days), "least": str(rule.least)}
    return _doubt(case, "building_time", rule.then, facts, (rule.first, rule.then, rule.column))


def _standard(rule: Standard, case: Case) -> CaseDoubt | None:
    amount, by = case.values.get(rule.column), case.values.get(rule.by, "")
    if amount is None or by not in rule.amounts or int(amount) in rule.amounts[by]:
        return None
    allowed = "、".join(str(fen) for fen in sorted(rule.amounts[by]))
    return _doubt(
        case,
        "amount_standard",
        rule.column,
        {"amount": amount, "standard": allowed},
        (rule.column, rule.by),
    )


def _agreement(rule: Agreement, case: Case) -> CaseDoubt | None:
    value, by = case.values.get(rule.column), case.values.get(rule.by)
    if value is None or by is None or by not in rule.allowed or value in rule.allowed[by]:
        return None
    return _doubt(case, rule.doubt, rule.column, {"value": value, "by": by}, (rule.column, rule.by))


def _doubt(
    case: Case, kind: str, column: str, facts: Mapping[str, str], about: tuple[str, ...]
) -> CaseDoubt:
    return CaseDoubt(
        kind=kind, weight=Weight.WARN, cases=(case.code,), column=column, facts=facts, about=about
    )


def _same_person(register: Register, cases: Sequence[Case], people: People) -> Iterator[CaseDoubt]:
    column = register.person
    if column is None:
        return

    def identity(case: Case) -> str:
        person = people.get(PersonKey(case.values.get(column.key, "")))
        return person.identity if person else ""

    for codes, same in _doubled(cases, identity):
        categories = {case.values.get(register.category) for case in same} - {None}
        kind = "two_categories" if len(categories) > 1 else "id_twice"
        yield CaseDoubt(
            kind=kind, weight=Weight.WARN, cases=codes, column=column.key, about=(column.key,)
        )


def _same_account(register: Register, cases: Sequence[Case]) -> Iterator[CaseDoubt]:
    for column in register.columns:
        if column.kind is ColumnKind.ACCOUNT:
            for codes, _ in _doubled(cases, lambda case, key=column.key: case.values.get(key, "")):  # type: ignore[misc]
                yield CaseDoubt(
                    kind="account_twice",
                    weight=Weight.WARN,
                    cases=codes,
                    column=column.key,
                    about=(column.key,),
                )


def _doubled(
    cases: Sequence[Case], of: Callable[[Case], str]
) -> Iterator[tuple[tuple[CaseCode, ...], tuple[Case, ...]]]:
    held: dict[str, list[Case]] = {}
    for case in cases:
        if value := of(case):
            held.setdefault(value, []).append(case)
    for same in held.values():
        if len(same) > 1:
            yield tuple(case.code for case in same), tuple(same)
