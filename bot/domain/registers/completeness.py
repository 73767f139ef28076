"""三落实、三精准: which duties of a case are fulfilled, the share of each in a township, and the
gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.campaigns.campaign import TownshipName
from bot.domain.campaigns.register import Register
from bot.domain.registers.case import Case, CaseCode
from bot.domain.registers.doubts import CaseDoubt, gaps


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many of a township's cases fulfil one duty, and which do not."""

    duty: str
    cases: int
    lacking: tuple[CaseCode, ...]

    @property
    def fulfilled(self) -> int:
        """The cases that fulfil it."""
        return self.cases - len(self.lacking)


def duties(register: Register) -> tuple[str, ...]:
    """The duties of the register, in the order of its columns and then of its agreements."""
    named = [column.duty for column in register.columns if column.duty]
    named += [agreement.duty for agreement in register.rules.agreements if agreement.duty]
    return tuple(dict.fromkeys(named))


def fulfils(register: Register, case: Case, duty: str) -> bool:
    """Whether a case fulfils a duty: every column of it is filled, and what has to agree agrees."""
    filled = all(case.values.get(column.key) for column in register.columns if column.duty == duty)
    agree = all(
        case.values.get(rule.column, "")
        in rule.allowed.get(case.values.get(rule.by, ""), frozenset())
        for rule in register.rules.agreements
        if rule.duty == duty
    )
    return filled and agree


def shares(register: Register, cases: Iterable[Case]) -> Mapping[TownshipName, tuple[Share, ...]]:
    """The share of every duty by township."""
    by_township: dict[TownshipName, list[Case]] = {}
    for case in cases:
        by_township.setdefault(case.township, []).append(case)
    return {
        township: tuple(
            Share(
                duty=duty,
                cases=len(held),
                lacking=tuple(case.code for case in held if not fulfils(register, case, duty)),
            )
            for duty in duties(register)
        )
        for township, held in by_township.items()
    }


def all_gaps(register: Register, cases: Iterable[Case]) -> tuple[CaseDoubt, ...]:
    """Every duty that nothing fulfils, by case."""
    return tuple(doubt for case in cases for doubt in gaps(register, case))


def owed_gaps(register: Register, cases: Iterable[Case], day: date) -> tuple[CaseDoubt, ...]:
    """The gaps that are owed on `day`: those of columns needed from a stage that the case has
    reached.
    """
    needed = {column.key: column.needed_from for column in register.columns}
    return tuple(
        doubt
        for case in cases
        for doubt in gaps(register, case)
        if (stage := needed[doubt.column]) is not None and case.proved.get(stage, date.max) <= day
    )
