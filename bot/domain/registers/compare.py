"""申报与核实: the figures townships claimed beside the cases that are proved, cell by cell, and
since when they differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign, StageKey, TownshipName
from bot.domain.campaigns.register import Register
from bot.domain.figures.progress import Cell, DaySheet, StandingFigures
from bot.domain.registers.case import Case, on_list, reached


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One cell, as claimed and as verified on a day; `since` is the first day on which the claim
    has stood above.
    """

    cell: Cell
    claimed: Decimal | None  # None: never told
    verified: Decimal
    since: date | None = None

    @property
    def unproved(self) -> Decimal:
        """How many are claimed and not proved; 0 where the claim is not above."""
        return max(Decimal(0), (self.claimed or Decimal(0)) - self.verified)


@dataclass(frozen=True, kw_only=True)
class Unproved:
    """待核实: a township whose claim stands above what is proved, since a day."""

    township: TownshipName
    since: date
    claimed: Decimal
    verified: Decimal

    @property
    def short(self) -> Decimal:
        """How many are to be proved."""
        return self.claimed - self.verified


def differences(
    claimed: StandingFigures,
    verified: StandingFigures,
    since: Mapping[TownshipName, date] | None = None,
) -> tuple[Difference, ...]:
    """Every cell that is claimed or verified, in the order of township, stage and category, the
    whole before its parts.
    """
    since = since or {}
    found = []
    for cell in sorted(
        claimed.keys() | verified.keys(), key=lambda of: (of[0], of[1], of[2] or "")
    ):
        one = Difference(
            cell=cell, claimed=claimed.get(cell), verified=verified.get(cell, Decimal(0))
        )
        if one.unproved and cell[0] in since:
            one = Difference(
                cell=cell, claimed=one.claimed, verified=one.verified, since=since[cell[0]]
            )
        found.append(one)
    return tuple(found)


def by_day(
    register: Register, cases: Iterable[Case], stage: StageKey, days: Sequence[date]
) -> dict[date, dict[TownshipName, int]]:
    """How many cases of each township had the stage proved on each of these days, in one pass over
    the cases.
    """
    if not days:
        return {}
    first, last = min(days), max(days)
    change: dict[date, dict[TownshipName, int]] = {}

    def add(day: date, township: TownshipName, by: int) -> None:
        of_day = change.setdefault(day, {})
        of_day[township] = of_day.get(township, 0) + by

    for case in cases:
        if stage not in reached(register, case, last):
            continue
        on = case.proved[stage]
        until = case.left.day if case.left else None
        if until is not None and until <= on:
            continue
        add(max(on, first), case.township, 1)
        if until is not None and until <= last:
            add(max(until, first), case.township, -1)
    wanted, counts, found = (
        set(days),
        dict[TownshipName, int](),
        dict[date, dict[TownshipName, int]](),
    )
    day = first
    while day <= last:
        for township, by in change.get(day, {}).items():
            counts[township] = counts.get(township, 0) + by
        if day in wanted:
            found[day] = dict(counts)
        day += timedelta(days=1)
    return found


def unproved(
    campaign: Campaign, register: Register, cases: Iterable[Case], sheets: Sequence[DaySheet]
) -> tuple[Unproved, ...]:
    """The townships whose claim of the headline stage stands above the proved cases on the last day
    of the sheets.

    Since the first day of the present run of days on which it does: a run that was caught up is
    over. In official order.
    """
    if not sheets:
        return ()
    stage = campaign.headline.key
    known = by_day(register, cases, stage, [sheet.day for sheet in sheets])
    found = []
    for township in campaign.townships:
        since: date | None = None
        for sheet in sheets:
            claimed = sheet.of(township.name).value
            above = claimed is not None and claimed > known[sheet.day].get(township.name, 0)
            since = (since or sheet.day) if above else None
        if since is not None:
            last = sheets[-1]
            found.append(
                Unproved(
                    township=township.name,
                    since=since,
                    claimed=last.of(township.name).value or Decimal(0),
                    verified=Decimal(known[last.day].get(township.name, 0)),
                )
            )
    return tuple(found)


def verified_total(register: Register, cases: Iterable[Case], stage: StageKey, day: date) -> int:
    """How many cases on the list had the stage proved on `day`."""
    return sum(stage in reached(register, case, day) for case in on_list(cases, day))
