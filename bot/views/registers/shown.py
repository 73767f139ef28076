"""A register as counts, and claimed beside verified: what commands print and programs ask for.
Never a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.register import ColumnKind, Register
from bot.domain.figures.progress import DaySheet, StandingFigures
from bot.domain.registers import appraisal, completeness
from bot.domain.registers.case import Case, category_of, on_list, reached, verified
from bot.domain.registers.compare import Unproved, differences, unproved
from bot.domain.registers.doubts import CaseDoubt, People, across, missed, of_case, targets
from bot.domain.registers.tails import tails

TOTAL = "total"


def register_shown(
    campaign: Campaign,
    register: Register,
    cases: Sequence[Case],
    people: People,
    day: date,
    *,
    listed: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The cases of a register on a day: by stage, category and township, its tails, its gaps, its
    choices, its doubts.

    `listed` are the identities of the register that a rule of missed cases looks into.
    """
    here = on_list(cases, day)
    return {
        "register": register.key,
        "day": day.isoformat(),
        "cases": len(here),
        "left": len(cases) - len(here),
        "by_category": dict(
            sorted(Counter(c for case in here if (c := category_of(register, case))).items())
        ),
        "by_township": {
            township.name: sum(case.township == township.name for case in here)
            for township in campaign.townships
        },
        "stages": _stages(register, here, day),
        "townships": {
            township.name: _stages(
                register, [case for case in here if case.township == township.name], day
            )
            for township in campaign.townships
        },
        "tails": _tails(campaign, register, cases, day),
        "completeness": _completeness(register, here),
        "choices": _choices(register, here),
        "crossed": _crossed(register, here),
        "doubts": [
            _doubt(doubt)
            for doubt in doubts_of(campaign, register, cases, people, day, listed=listed)
        ],
    }


def doubts_of(
    campaign: Campaign,
    register: Register,
    cases: Sequence[Case],
    people: People,
    day: date,
    *,
    listed: frozenset[str] = frozenset(),
) -> tuple[CaseDoubt, ...]:
    """Every doubt of a register on a day: of its cases, between them, against its list and its
    targets.
    """
    here = on_list(cases, day)
    found = [doubt for case in here for doubt in of_case(register, case, day)]
    found += [*across(register, here, people), *missed(register, here, people, listed)]
    if register is campaign.register and here:
        found += targets(
            register,
            here,
            {
                (township.name, category): township.target_of(category)
                for township in campaign.townships
                for category in (None, *(part.key for part in campaign.categories))
            },
        )
    return tuple(found)


def claimed_shown(
    campaign: Campaign,
    register: Register,
    cases: Sequence[Case],
    claimed: StandingFigures,
    sheets: Sequence[DaySheet],
    day: date,
) -> dict[str, Any]:
    """What is claimed and what is verified on a day, cell by cell, and which townships' claims are
    unproved since when.

    While nothing was ever filed nothing is known to be verified: it is null, and not 0.
    """
    late = unproved(campaign, register, cases, sheets) if cases else ()
    since = {one.township: one.since for one in late}
    known = verified(register, cases, day)
    headline = campaign.headline.key
    return {
        "register": register.key,
        "day": day.isoformat(),
        "cells": [
            {
                "township": one.cell[0],
                "stage": one.cell[1],
                "category": one.cell[2],
                "claimed": None if one.claimed is None else _number(one.claimed),
                "verified": _number(one.verified) if cases else None,
                "since": one.since.isoformat()
                if one.since and one.cell[1:] == (headline, None)
                else None,
            }
            for one in differences(claimed, known, since)
        ],
        "total": {
            "claimed": _number(sheets[-1].total) if sheets else None,
            "verified": int(
                sum(count for cell, count in known.items() if cell[1:] == (headline, None))
            )
            if cases
            else None,
        },
        "unproved": unproved_shown(late),
    }


def unproved_shown(late: Sequence[Unproved]) -> dict[str, Any]:
    """Townships with claims that nothing proves: since when, claimed, verified."""
    return {
        one.township: {
            "since": one.since.isoformat(),
            "claimed": _number(one.claimed),
            "verified": _number(one.verified),
        }
        for one in late
    }


def _number(value: Decimal) -> int | float:
    """A value as JSON has numbers: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def _stages(register: Register, cases: Sequence[Case], day: date) -> dict[str, dict[str, int]]:
    categories = register.column(register.category).names if register.category else {}
    found = {stage.key: dict.fromkeys((TOTAL, *categories), 0) for stage in register.stages}
    for case in cases:
        category = category_of(register, case)
        for stage in reached(register, case, day):
            found[stage][TOTAL] += 1
            if category is not None:
                found[stage][category] = found[stage].get(category, 0) + 1
    return {str(stage): counts for stage, counts in found.items()}


def _tails(
    campaign: Campaign, register: Register, cases: Sequence[Case], day: date
) -> dict[str, Any]:
    waiting = tails(campaign, register, cases, day)
    shown: dict[str, Any] = {}
    for tail in register.tails:
        of_tail = [one for one in waiting if one.tail is tail]
        late = [one for one in of_tail if one.overdue(day)]
        shown[f"{tail.first}→{tail.then}"] = {
            "within": tail.within,
            "waiting": len(of_tail),
            "overdue": len(late),
            "overdue_by_township": dict(sorted(Counter(one.township for one in late).items())),
            "cases": [one.case for one in late],
        }
    return shown


def _completeness(register: Register, cases: Sequence[Case]) -> dict[str, Any]:
    gaps = completeness.all_gaps(register, cases)
    return {
        "complete": len(cases) - len({doubt.cases[0] for doubt in gaps}),
        "gaps": [
            {
                "case": doubt.cases[0],
                "field": register.column(doubt.column).name,
                "kind": doubt.kind,
            }
            for doubt in gaps
        ],
        "duties": {
            duty: sum(completeness.fulfils(register, case, duty) for case in cases)
            for duty in completeness.duties(register)
        },
    }


def _choices(register: Register, cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    return {
        register.column(key).name: {
            register.column(key).names.get(choice, choice): n for choice, n in counts.items()
        }
        for key, counts in appraisal.by_choice(register, cases).items()
    }


def _crossed(register: Register, cases: Sequence[Case]) -> list[dict[str, Any]]:
    columns = {
        column.key: column for column in register.columns if column.kind is ColumnKind.CHOICE
    }

    def named(
        table: Mapping[str, Mapping[str, int]], one: str, other: str
    ) -> dict[str, dict[str, int]]:
        return {
            columns[one].names.get(first, first): {
                columns[other].names.get(key, key): n for key, n in sorted(row.items())
            }
            for first, row in sorted(table.items())
        }

    return [
        {
            "rows": columns[one].name,
            "columns": columns[other].name,
            "counts": named(table, one, other),
        }
        for (one, other), table in appraisal.by_two_choices(register, cases).items()
    ]


def _doubt(doubt: CaseDoubt) -> dict[str, Any]:
    return {
        "kind": doubt.kind,
        "effect": doubt.weight.value,
        "cases": list(doubt.cases),
        "column": doubt.column,
        "facts": dict(doubt.facts),
        "digest": doubt.digest,
    }
