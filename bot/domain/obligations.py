"""应办事项: what someone owes by a moment, derived from the day's sheet and never stored (design, section 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from bot.domain.campaign import Campaign, Rung, TownshipName, Trouble
from bot.domain.progress import DaySheet, Reported, TownshipDay, round_up
from bot.domain.workdays import planned_close


class Light(StrEnum):
    """The one state an obligation is in: done, blue = due within N days, yellow = behind plan, red = past due, or not yet near (open)."""

    DONE = "done"
    OPEN = "open"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class Owed(StrEnum):
    """What is owed."""

    REPORT = "report"  # today's figures by the cut-off
    PROGRESS = "progress"  # what the plan expects by today
    MOVEMENT = "movement"  # some progress within the campaign's `still_days`
    DEADLINE = "deadline"  # the whole target by the campaign's deadline


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """Something a township owes by a moment, and how it stands."""

    owed: Owed
    township: TownshipName
    due: datetime
    light: Light
    since: date | None  # the first day of the present trouble
    days: int  # how many consecutive reporting days the trouble has lasted
    short: Decimal  # how many units are missing (0 for reports)
    trouble: Trouble | None
    rung: Rung | None  # the highest step of the ladder reached


def planned_points(campaign: Campaign) -> tuple[tuple[date, Fraction], ...]:
    """The corners of the planned curve: the share of each target expected at the end of these days, straight in between."""
    # The first working day is itself a day of work, so the curve leaves 0 at the end of the day before.
    points = [(campaign.start - timedelta(days=1), Fraction(0))]
    points += [(milestone.day, milestone.share) for milestone in campaign.milestones]
    if points[-1][0] < campaign.deadline:
        points.append((campaign.deadline, Fraction(1)))
    return tuple(points)


def planned_share(campaign: Campaign, day: date) -> Fraction:
    """The share of each target the plan expects at the end of `day`: straight from start to deadline, or by milestones."""
    if day < campaign.start:
        return Fraction(0)
    points = planned_points(campaign)
    for (then, share), (until, goal) in pairwise(points):
        if day <= until:
            return share + (goal - share) * Fraction((day - then).days, (until - then).days)
    return points[-1][1]


def obligations(campaign: Campaign, sheets: tuple[DaySheet, ...], at: datetime) -> tuple[Obligation, ...]:
    """Every obligation at `at`, from the sheets of all days so far, the last one being the day in question.

    A township owes its report, its progress, its movement and the deadline; one without a task owes nothing, and nobody owes
    anything before the first day, when there is no sheet. Runs of days are counted over the sheets given, so give all of them.
    """
    if not sheets:
        return ()
    runs = {township.name: _Runs() for township in campaign.townships}
    for sheet in sheets:
        share = planned_share(campaign, sheet.day)
        for row in sheet.townships:
            runs[row.township].add(row, sheet.day, share)
    owed: list[Obligation] = []
    for row in sheets[-1].townships:
        if row.target > 0:
            owed += _owed(campaign, row, sheets[-1].day, at, runs[row.township])
    return tuple(owed)


def overdue(owed: tuple[Obligation, ...]) -> tuple[Obligation, ...]:
    """Those that are red or yellow, worst and oldest first, then in official order."""
    late = [obligation for obligation in owed if obligation.light in (Light.RED, Light.YELLOW)]
    return tuple(sorted(late, key=lambda obligation: (obligation.light is not Light.RED, -obligation.days)))


def worst(owed: Iterable[Obligation]) -> Light | None:
    """The light that stands for all of a township's obligations: done only when all are; None for one that owes nothing."""
    return max((obligation.light for obligation in owed), key=_SEVERITY.index, default=None)


_SEVERITY = (Light.DONE, Light.OPEN, Light.BLUE, Light.YELLOW, Light.RED)


class _Runs:
    """Since when, and for how many reporting days running, a township is missing, behind, standing still."""

    def __init__(self) -> None:
        self.days = dict.fromkeys(Trouble, 0)
        self.since: dict[Trouble, date | None] = dict.fromkeys(Trouble)

    def add(self, row: TownshipDay, day: date, share: Fraction) -> None:
        self._count(Trouble.MISSING, row.missing_days, day)
        self._count(Trouble.STILL, row.still_days, day)
        self._count(Trouble.BEHIND, self.days[Trouble.BEHIND] + 1 if _behind(row, share) else 0, day)

    def _count(self, trouble: Trouble, days: int, day: date) -> None:
        if days == 0:
            self.since[trouble] = None
        elif self.since[trouble] is None:
            self.since[trouble] = day
        self.days[trouble] = days


def _behind(row: TownshipDay, share: Fraction) -> bool:
    """value < share × target, in whole numbers: it is asked of every township on every day."""
    value, value_of = row.value.as_integer_ratio()
    target, target_of = row.target.as_integer_ratio()
    return value * share.denominator * target_of < share.numerator * target * value_of


def _owed(campaign: Campaign, row: TownshipDay, day: date, at: datetime, runs: _Runs) -> list[Obligation]:
    cutoff = campaign.moment(day, campaign.cutoff)
    end = planned_close(campaign, campaign.deadline)
    soon = campaign.moment(campaign.deadline - timedelta(days=campaign.due_soon_days), time(0))
    expected = planned_share(campaign, day) * Fraction(row.target)
    short = round_up(expected - Fraction(row.value), campaign.decimals)

    def owes(
        what: Owed, due: datetime, light: Light, trouble: Trouble | None = None, missing: Decimal = Decimal(0)
    ) -> Obligation:
        lasting = trouble is not None and light in (Light.RED, Light.YELLOW)
        days = runs.days[trouble] if trouble and lasting else 0
        return Obligation(
            owed=what,
            township=row.township,
            due=due,
            light=light,
            since=runs.since[trouble] if trouble and lasting else None,
            days=days,
            short=missing,
            trouble=trouble if lasting else None,
            rung=_rung(campaign, trouble, days) if trouble and lasting else None,
        )

    if row.done:
        light_report = light_progress = light_movement = light_deadline = Light.DONE
    else:
        reported = row.reported is not Reported.MISSING
        light_report = Light.DONE if reported else Light.RED if at >= cutoff else Light.BLUE
        light_progress = Light.YELLOW if short > 0 else Light.OPEN
        light_movement = Light.YELLOW if row.still_days >= campaign.still_days else Light.OPEN
        light_deadline = Light.RED if at >= end else Light.BLUE if at >= soon else Light.OPEN
    return [
        owes(Owed.REPORT, cutoff, light_report, Trouble.MISSING),
        owes(Owed.PROGRESS, planned_close(campaign, day), light_progress, Trouble.BEHIND, short),
        owes(Owed.MOVEMENT, planned_close(campaign, day), light_movement, Trouble.STILL),
        owes(Owed.DEADLINE, end, light_deadline, None, row.remaining if not row.done else Decimal(0)),
    ]


def _rung(campaign: Campaign, trouble: Trouble, days: int) -> Rung | None:
    """The highest step of the ladder that so many days of that trouble reach."""
    reached = [rung for rung in campaign.ladder if rung.trouble is trouble and rung.days <= days]
    return max(reached, key=lambda rung: rung.days, default=None)
