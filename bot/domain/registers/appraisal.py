"""Counts of a register by the choices of its columns, and one register held against another
(不落一户).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from bot.domain.campaigns.register import ColumnKind, Register
from bot.domain.registers.case import Case, CaseCode, PersonKey
from bot.domain.registers.doubts import CaseDoubt, People, Weight


def by_choice(register: Register, cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    """How many cases bear each choice of each CHOICE column; cases without a choice are left
    out.
    """
    return {
        column.key: dict(
            sorted(
                Counter(value for case in cases if (value := case.values.get(column.key))).items()
            )
        )
        for column in register.columns
        if column.kind is ColumnKind.CHOICE
    }


def by_two_choices(
    register: Register, cases: Sequence[Case]
) -> dict[tuple[str, str], dict[str, dict[str, int]]]:
    """The same for every pair of CHOICE columns, the one that stands first in the register by the
    other.
    """
    choices = [column.key for column in register.columns if column.kind is ColumnKind.CHOICE]
    crossed: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    for first, second in combinations(choices, 2):
        table: dict[str, dict[str, int]] = {}
        for case in cases:
            one, other = case.values.get(first), case.values.get(second)
            if one and other:
                row = table.setdefault(one, {})
                row[other] = row.get(other, 0) + 1
        crossed[first, second] = table
    return crossed


def identities(register: Register, cases: Iterable[Case], people: People) -> dict[str, CaseCode]:
    """The case of every identity of a register."""
    if register.person is None:
        return {}
    found: dict[str, CaseCode] = {}
    for case in cases:
        person = people.get(PersonKey(case.values.get(register.person.key, "")))
        if person is not None and person.identity:
            found[person.identity] = case.code
    return found


def held_against(
    register: Register,
    cases: Iterable[Case],
    other: Register,
    others: Iterable[Case],
    people: People,
) -> tuple[CaseDoubt, ...]:
    """Where two registers say something else of one person: a choice or a day in columns of one
    key, or no entry at all.
    """
    held = list(cases)
    theirs = {case.code: case for case in others}
    by_identity = identities(other, theirs.values(), people)
    mine = {code: identity for identity, code in identities(register, held, people).items()}
    shared = [
        (column, "grade_differs" if column.kind is ColumnKind.CHOICE else "day_differs")
        for column in register.columns
        if column.kind in (ColumnKind.CHOICE, ColumnKind.DAY)
        and any(one.key == column.key for one in other.columns)
    ]
    found = []
    for case in held:
        code = by_identity.get(mine.get(case.code, ""))
        if code is None:
            found.append(CaseDoubt(kind="not_appraised", weight=Weight.WARN, cases=(case.code,)))
            continue
        for column, kind in shared:
            here, there = case.values.get(column.key), theirs[code].values.get(column.key)
            if here and there and here != there:
                facts: Mapping[str, str] = {"here": here, "there": there, "other": code}
                found.append(
                    CaseDoubt(
                        kind=kind,
                        weight=Weight.WARN,
                        cases=(case.code,),
                        column=column.key,
                        facts=facts,
                    )
                )
    return tuple(found)
