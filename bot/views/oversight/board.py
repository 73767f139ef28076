"""进度看板: everything a leader sees of one day of a campaign, as known then or as corrected
since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby, pairwise

from bot.domain.campaigns.campaign import BULLETIN, Campaign, Township, TownshipName
from bot.domain.campaigns.workdays import Closing, planned_close, reporting_days
from bot.domain.day.forecast import Forecast, Forecasts, Outlook, forecasts, outlook
from bot.domain.day.obligations import (
    Light,
    Obligation,
    obligations,
    overdue_by,
    planned_course,
    planned_total,
    planned_value,
    worst,
)
from bot.domain.day.ranking import Standing, first_named, last_named, standings
from bot.domain.figures.progress import DaySheet, Figure, Reported, TownshipDay, rate
from bot.store import Session
from bot.store.day import closings
from bot.store.notices import notices
from bot.store.replies.sources import Source, figures_of_township
from bot.views.day.compose import Moved, moved_cells
from bot.views.day.sheets import RememberedSheets
from bot.views.day.told import as_told


class AsKnown(StrEnum):
    """Which figures a day is shown with."""

    THEN = "then"  # those known when the day was closed, as its bulletin told them
    CORRECTED = "corrected"  # those known now


class Phase(StrEnum):
    """Where a campaign is on its way."""

    BEFORE = "before"
    RUNNING = "running"
    ENDED = "ended"  # its last day is closed, or over


class NoSuchDay(Exception):
    """The campaign has no sheet of that day: nobody reports on it, or it has not come."""


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """One township of the board."""

    row: TownshipDay
    standing: Standing | None  # None where ranking is switched off, and without a task
    light: Light | None  # the worst of its obligations; None without a task
    troubles: tuple[Obligation, ...]  # those that are red or yellow
    forecast: Forecast | None
    outlook: Outlook | None


@dataclass(frozen=True, kw_only=True)
class PartProgress:
    """A stage or a category of the work: how much of its task is done; None where no township has
    told.

    `told` of the `of` townships with a task have told it.
    """

    name: str
    done: Decimal | None
    target: Decimal
    headline: bool = False
    told: int = 0
    of: int = 0

    @property
    def rate(self) -> Fraction | None:
        """Exact rate, None for 0/0 and where no township has told."""
        return None if self.done is None else rate(self.done, self.target)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Value by day: as planned (the corners), as it went, and as it is expected to go on: day, low,
    central, high.
    """

    target: Decimal
    deadline: date
    plan: tuple[tuple[date, Fraction], ...]
    actual: tuple[tuple[date, Decimal], ...]
    expected: tuple[tuple[date, Decimal, Decimal, Decimal], ...]


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """What a township did on one day: whether it reported, and how much it had done since the day
    before.
    """

    day: date
    reported: Reported
    increase: Decimal | None  # None on the first day


@dataclass(frozen=True, kw_only=True)
class Board:
    """One day of a campaign. Without a `sheet` the campaign has not begun."""

    campaign: Campaign
    at: datetime
    phase: Phase
    days: tuple[date, ...]  # those a board can be asked for, first to last
    day: date
    as_known: AsKnown
    known_at: datetime
    # whether the day has ended, so that who has not reported is missing and not only awaited
    closed: bool
    sheets: tuple[DaySheet, ...]
    # in order of rank, or the official one; those without a task at the end
    lines: tuple[BoardRow, ...]
    forecasts: Forecasts
    obligations: tuple[Obligation, ...]
    corrected: tuple[Moved, ...]  # cells of the day that are otherwise now than they were told then

    @property
    def sheet(self) -> DaySheet | None:
        """The sheet of the day."""
        return self.sheets[-1] if self.sheets else None

    @property
    def finished(self) -> bool:
        """Whether the whole task is done; a campaign without a task is not."""
        return (
            self.sheet is not None
            and self.sheet.all_told
            and 0 < self.sheet.target <= self.sheet.total
        )

    @property
    def outlook(self) -> Outlook | None:
        """Whether the deadline holds; None when nothing can be said."""
        made = self.forecasts.total
        return None if made is None else outlook(made, self.campaign.deadline)

    @property
    def planned(self) -> Decimal:
        """What the plan expects of all that have told by the end of the day, to the campaign's
        decimals, half-up.
        """
        expected = planned_total(self.campaign, self._rows(), self.day) * 10**self.campaign.decimals
        return Decimal((2 * expected + 1) // 2).scaleb(-self.campaign.decimals)

    @property
    def planned_share(self) -> Fraction:
        """The share of the whole task that the plan expects by the end of the day of all that have
        told.
        """
        if not self.campaign.target:
            return Fraction(0)
        return planned_total(self.campaign, self._rows(), self.day) / Fraction(self.campaign.target)

    def planned_share_of(self, row: TownshipDay) -> Fraction | None:
        """The share of its own task that the plan expects of a township; None for one that has
        never told.
        """
        planned = planned_value(self.campaign, row, self.day)
        return None if planned is None or not row.target else planned / Fraction(row.target)

    @property
    def untold(self) -> tuple[TownshipDay, ...]:
        """尚未报过: those with a task of which nobody has ever given the headline total."""
        return tuple(row for row in self._rows() if row.untold)

    @property
    def first(self) -> tuple[Standing, ...]:
        """前三, ties included; nobody where all are equal."""
        ranked = self._ranked()
        equal = {
            group: len({standing.rank for standing in members}) < 2
            for group, members in groupby(ranked, key=lambda standing: standing.group)
        }
        return tuple(
            standing
            for standing in first_named(self.campaign, ranked)
            if not equal[standing.group] and standing.score > 0
        )

    @property
    def last(self) -> tuple[Standing, ...]:
        """后三, as the bulletin names them."""
        return last_named(self.campaign, self._ranked())

    @property
    def absent(self) -> tuple[TownshipDay, ...]:
        """Who owes the day's report, in official order."""
        return tuple(row for row in self._rows() if row.absent)

    @property
    def late(self) -> tuple[TownshipDay, ...]:
        """Whose report came after the cut-off."""
        return tuple(row for row in self._rows() if row.reported is Reported.LATE)

    @property
    def still(self) -> tuple[TownshipDay, ...]:
        """Who has stood still for so long that it is named, longest first."""
        unfinished = [row for row in self._rows() if row.target > 0 and not row.done]
        named = [row for row in unfinished if row.still_days >= self.campaign.still_days]
        return tuple(sorted(named, key=lambda row: -row.still_days))

    @property
    def owing(self) -> int:
        """How many townships are asked for the day's report."""
        free = {Reported.DONE_BEFORE, Reported.NOT_ASKED}
        return sum(row.target > 0 and row.reported not in free for row in self._rows())

    @property
    def stages(self) -> tuple[PartProgress, ...]:
        """Every stage with its rate of the whole task."""
        sheet = self.sheet
        return tuple(
            PartProgress(
                name=stage.name,
                done=sheet.stages.get(stage.key) if sheet else None,
                target=self.campaign.target,
                told=sheet.told_by(stage.key) if sheet else 0,
                of=len(sheet.with_task) if sheet else 0,
                headline=stage.headline,
            )
            for stage in self.campaign.stages
        )

    @property
    def categories(self) -> tuple[PartProgress, ...]:
        """Every category of the headline stage with its own task."""
        sheet = self.sheet
        return tuple(
            PartProgress(
                name=category.name,
                done=sheet.categories.get(category.key) if sheet else None,
                target=sum(
                    (township.target_of(category.key) for township in self.campaign.townships),
                    Decimal(0),
                ),
            )
            for category in self.campaign.categories
        )

    @property
    def curve(self) -> Curve:
        """The whole campaign by day, from the first day on which anybody had told."""
        actual = tuple((sheet.day, sheet.total) for sheet in self.sheets if sheet.told)
        plan = planned_course(self.campaign, self._rows())
        return _curve(self.campaign, self.campaign.target, plan, actual, self.forecasts.total)

    def curve_of(self, township: Township) -> Curve:
        """One township by day."""
        by_day = [(sheet.day, sheet.of(township.name).value) for sheet in self.sheets]
        actual = tuple((day, value) for day, value in by_day if value is not None)
        plan = planned_course(
            self.campaign, [row for row in self._rows() if row.township == township.name]
        )
        return _curve(
            self.campaign, township.target, plan, actual, self.forecasts.townships[township.name]
        )

    @property
    def calendar(self) -> tuple[tuple[TownshipDay, tuple[CalendarDay, ...]], ...]:
        """Every township with a task, in official order, by day."""
        return tuple(
            (row, self._days_of(place)) for place, row in enumerate(self._rows()) if row.target > 0
        )

    def calendar_of(self, township: TownshipName) -> tuple[CalendarDay, ...]:
        """One township by day."""
        return self._days_of([one.name for one in self.campaign.townships].index(township))

    def line(self, township: TownshipName) -> BoardRow:
        """The line of one township; KeyError if there is none."""
        for line in self.lines:
            if line.row.township == township:
                return line
        raise KeyError(township)

    def _days_of(self, place: int) -> tuple[CalendarDay, ...]:
        rows = [(sheet.day, sheet.townships[place]) for sheet in self.sheets]
        first = [
            CalendarDay(day=day, reported=row.reported, increase=None) for day, row in rows[:1]
        ]
        later = [
            CalendarDay(
                day=day,
                reported=row.reported,
                increase=None
                if row.value is None or before.value is None
                else row.value - before.value,
            )
            for (_, before), (day, row) in pairwise(rows)
        ]
        return (*first, *later)

    def _rows(self) -> tuple[TownshipDay, ...]:
        return self.sheet.townships if self.sheet else ()

    def _ranked(self) -> tuple[Standing, ...]:
        return tuple(line.standing for line in self.lines if line.standing is not None)


def board(
    session: Session,
    remembered: RememberedSheets,
    campaign: Campaign,
    at: datetime,
    *,
    day: date | None = None,
    as_known: AsKnown = AsKnown.CORRECTED,
) -> Board:
    """The board of a day, or of the newest that has something to show; NoSuchDay for one that has
    none.

    That is today once somebody has reported for it or it is closed, and the reporting day before
    until then.
    """
    today = at.astimezone(campaign.timezone).date()
    days = tuple(one for one in reporting_days(campaign) if one <= today)
    closed = {
        one: closing
        for one, closing in closings.closings(session, campaign.key).items()
        if closing.closed_at <= at
    }
    if day is not None and day not in days:
        raise NoSuchDay(day)
    if not days:
        return _board(campaign, at, days, campaign.start, as_known, at, (), closed, ())
    if day is None:
        now = remembered.known(session, campaign, days[-1], at)
        day = days[-1] if days[-1] in closed or len(days) == 1 or _told(now[-1]) else days[-2]
    now = remembered.known(session, campaign, day, at)
    closing = closed.get(day)
    if closing is None:  # while a day is open, what is known now is what is told
        return _board(campaign, at, days, day, as_known, now[-1].as_of, now, closed, ())
    issue = notices.find_notice(session, campaign.key, BULLETIN, day)
    told = campaign if issue is None else as_told(session, campaign, issue[1])
    then = remembered.known(session, told, day, closing.closed_at)
    # Only figures are corrected: what a later version of the campaign moved is no mistake of the
    # bulletin.
    since = now if told is campaign else remembered.known(session, told, day, at)
    corrected = tuple(moved_cells(told, then[-1], since[-1]))
    shown = now
    if as_known is AsKnown.THEN:
        campaign, shown = told, then
    return _board(campaign, at, days, day, as_known, shown[-1].as_of, shown, closed, corrected)


@dataclass(frozen=True, kw_only=True)
class ReportEntry:
    """One word of a township about one day: what it came from, and the figures it brought; None
    withdraws one.
    """

    day: date
    recorded_at: datetime
    late: bool
    correction: bool
    source: Source
    figures: tuple[Figure, ...]


def told_by(session: Session, shown: Board, township: TownshipName) -> tuple[ReportEntry, ...]:
    """All a township's figures up to the board's day, by the word that brought them, newest day
    first.
    """
    every = figures_of_township(session, shown.campaign.key, township, shown.day, shown.known_at)
    words = []
    for (day, recorded_at, _), members in groupby(
        every, key=lambda one: (one[0].day, one[0].recorded_at, one[0].reply_number)
    ):
        together = list(members)
        first, source = together[0]
        words.append(
            ReportEntry(
                day=day,
                recorded_at=recorded_at,
                late=first.late,
                correction=any(figure.supersedes is not None for figure, _ in together),
                source=source,
                figures=tuple(figure for figure, _ in together),
            )
        )
    return tuple(sorted(words, key=lambda word: word.day, reverse=True))


def _told(sheet: DaySheet) -> bool:
    return any(row.reported in (Reported.ON_TIME, Reported.LATE) for row in sheet.townships)


def _board(  # noqa: PLR0913
    campaign: Campaign,
    at: datetime,
    days: tuple[date, ...],
    day: date,
    as_known: AsKnown,
    known_at: datetime,
    sheets: tuple[DaySheet, ...],
    closed: dict[date, Closing],
    corrected: tuple[Moved, ...],
) -> Board:
    over = planned_close(campaign, campaign.deadline)
    # A past day is judged by the moment it ended, not by today's.
    owed = _owed(campaign, sheets, min(at, planned_close(campaign, day)))
    made = forecasts(campaign, sheets)
    return Board(
        campaign=campaign,
        at=at,
        phase=Phase.BEFORE
        if not days
        else Phase.ENDED
        if at >= over or campaign.deadline in closed
        else Phase.RUNNING,
        days=days,
        day=day,
        as_known=as_known,
        known_at=known_at,
        closed=day in closed or at >= planned_close(campaign, day),
        sheets=sheets,
        lines=_lines(campaign, sheets, owed, made) if sheets else (),
        forecasts=made,
        obligations=owed,
        corrected=corrected,
    )


def _owed(campaign: Campaign, sheets: tuple[DaySheet, ...], at: datetime) -> tuple[Obligation, ...]:
    """Every obligation, judged as the overdue list judges it: nobody is called behind the plan of a
    day that is not over.
    """
    owed = obligations(campaign, sheets, at)
    if not sheets or at >= campaign.moment(sheets[-1].day, campaign.cutoff):
        return owed
    late = {(one.township, one.owed): one for one in overdue_by(campaign, sheets, at)}
    return tuple(
        late.get((one.township, one.owed), replace(one, light=Light.OPEN, since=None, days=0))
        if one.light in (Light.RED, Light.YELLOW)
        else one
        for one in owed
    )


def _lines(
    campaign: Campaign, sheets: Sequence[DaySheet], owed: Sequence[Obligation], made: Forecasts
) -> tuple[BoardRow, ...]:
    sheet = sheets[-1]
    before = next((earlier for earlier in sheets if earlier.day == sheet.previous), None)
    ranked = standings(campaign, sheet, before) if campaign.ranking.enabled else ()
    by_rank = {standing.row.township: standing for standing in ranked}
    rows = {row.township: row for row in sheet.townships}
    order = [*by_rank, *(name for name in rows if name not in by_rank)]
    # Without ranking those with a task still come first.
    order.sort(key=lambda name: rows[name].target == 0)
    by_township: dict[TownshipName, list[Obligation]] = {}
    for obligation in owed:
        by_township.setdefault(obligation.township, []).append(obligation)
    lines = []
    for name in order:
        mine, forecast = by_township.get(name, []), made.townships[name]
        lines.append(
            BoardRow(
                row=rows[name],
                standing=by_rank.get(name),
                light=worst(mine),
                troubles=tuple(one for one in mine if one.light in (Light.RED, Light.YELLOW)),
                forecast=forecast,
                outlook=None if forecast is None else outlook(forecast, campaign.deadline),
            )
        )
    return tuple(lines)


def _curve(
    campaign: Campaign,
    target: Decimal,
    plan: tuple[tuple[date, Fraction], ...],
    actual: tuple[tuple[date, Decimal], ...],
    made: Forecast | None,
) -> Curve:
    expected = []
    if made is not None:
        # A third of the season beyond the deadline is as far as a drawing stays readable.
        span = (campaign.deadline - campaign.start).days
        farthest = max(campaign.deadline, made.day) + timedelta(days=max(3, span // 3))
        until = min(max(made.latest or farthest, campaign.deadline), farthest)
        expected = [(day, *made.band(day)) for day in _every_day(made.day, until)]
    return Curve(
        target=target,
        deadline=campaign.deadline,
        plan=plan,
        actual=actual,
        expected=tuple(expected),
    )


def _every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
