"""How far the work stands: standing figures as of a moment, totals, exact rates, increase,
standstill, pace.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import TypeVar

from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey, Township, TownshipName
from bot.domain.campaigns.workdays import is_bulletin_day, reporting_days

PACE_DAYS = 7

K = TypeVar("K")

Cell = tuple[TownshipName, StageKey, CategoryKey | None]
StandingFigures = Mapping[Cell, Decimal]
"""What stands, by township, stage and category (None for the total). A cell left out was never
told: neither 0 nor missing.
"""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """数据: township × day × stage × category = cumulative value, as the log keeps it.

    `number` orders the log. `value` None withdraws the figure named by `supersedes`; a value there
    corrects it, and may stand for another day or township. `late` is 迟报 of the reply it came
    from.
    """

    number: int
    township: TownshipName
    day: date
    stage: StageKey
    category: CategoryKey | None
    value: Decimal | None
    recorded_at: datetime
    late: bool = False
    supersedes: int | None = None
    reply_number: int | None = None


class Reported(StrEnum):
    """What a township did about a day's report: the first of these, from the bottom up, that
    holds.
    """

    # some figure for the day came before the cut-off, whatever was corrected later
    ON_TIME = "on_time"
    LATE = "late"  # all came after it
    MISSING = "missing"  # it was asked, and nothing came
    NOT_ASKED = "not_asked"  # nothing came, and nobody had asked (law 12)
    ANSWERED = "answered"  # it wrote, and was asked for its first cumulative count (rule 13)
    DONE_BEFORE = "done_before"  # its target stood before the day began, so nothing is asked of it


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who was really asked for a day's report, and who answered without a figure (law 12).

    `days` are those on which a request reached the townships; None, every reporting day. `answered`
    are the townships that wrote on a day and were asked for their first cumulative count.
    """

    days: frozenset[date] | None = None
    answered: Mapping[date, frozenset[TownshipName]] = field(default_factory=dict)

    def of(self, day: date, township: TownshipName) -> Reported:
        """What it comes to that a township has no figure for the day."""
        if township in self.answered.get(day, frozenset()):
            return Reported.ANSWERED
        return Reported.MISSING if self.days is None or day in self.days else Reported.NOT_ASKED


EVERY_DAY = Asking()
"""Everybody is asked on every reporting day."""


@dataclass(frozen=True, kw_only=True)
class TownshipDay:
    """One township at the close of one day. What it never told is None, or left out: it is not zero
    (law 2).
    """

    township: TownshipName
    # headline total standing, carried forward when the day is missing; None if never told
    value: Decimal | None
    target: Decimal
    # against the bulletin before; None on the first, and where either was untold
    increase: Decimal | None
    reported: Reported
    carried_from: (
        date | None
    )  # the day whose figure is shown when this one is missing; None unless missing, or if it never reported
    still_days: (
        # reporting days since the last increase; days without a report are passed over, not
        # counted; 0 if done
        int
    )
    # consecutive reporting days up to this one on which it was asked and did not report
    missing_days: int
    stages: Mapping[StageKey, Decimal]  # the total of every stage it has told
    categories: Mapping[CategoryKey, Decimal]  # headline stage, by category, as far as it has told
    # the day of its first headline total; of a baseline the eve of the campaign
    first_told: date | None = None
    # the headline total of that day: what stood when the campaign was taken up
    baseline: Decimal | None = None
    # of the headline stage, by the campaign's register; None where none is asked
    verified: Decimal | None = None

    @property
    def told(self) -> bool:
        """Whether anybody has ever given its headline total."""
        return self.value is not None

    @property
    def untold(self) -> bool:
        """尚未报过: whether it has a task and nobody has ever given its headline total."""
        return self.value is None and self.target > 0

    @property
    def done(self) -> bool:
        """Whether the whole target is reached; a township without a task is not done, it has
        nothing to do.
        """
        return self.value is not None and 0 < self.target <= self.value

    @property
    def carried(self) -> bool:
        """Whether its value is that of an earlier day."""
        return self.told and self.reported in _WITHOUT_FIGURE

    @property
    def absent(self) -> bool:
        """Whether a report is owed for the day and has not come; a township without a task owes
        none.
        """
        return self.reported is Reported.MISSING and self.target > 0

    @property
    def unreported(self) -> bool:
        """Whether no report of the day has come though one could, also where nobody was asked
        yet.
        """
        return self.reported in {Reported.MISSING, Reported.NOT_ASKED} and self.target > 0

    @property
    def awaited(self) -> bool:
        """Whether a figure of the day could still come: who is reminded, be it only of a question
        not yet answered.
        """
        return self.reported in _WITHOUT_FIGURE and self.target > 0

    @property
    def remaining(self) -> Decimal | None:
        """What is left of the target; None if never told."""
        return None if self.value is None else self.target - self.value

    @property
    def rate(self) -> Fraction | None:
        """Exact completion rate, None for 0/0 (无任务) and for what was never told."""
        return None if self.value is None else rate(self.value, self.target)

    @property
    def parts_whole(self) -> bool:
        """Whether its categories come to its total, so that they may be printed as parts of it."""
        return bool(self.categories) and sum(self.categories.values()) == self.value


_WITHOUT_FIGURE = frozenset({Reported.MISSING, Reported.NOT_ASKED, Reported.ANSWERED})


@dataclass(frozen=True, kw_only=True)
class DaySheet:
    """The whole campaign at the close of one day: what every notice of that day is written from."""

    day: date
    previous: date | None  # the day of the bulletin before; the increase is counted against it
    as_of: datetime  # the moment up to which figures are known
    townships: tuple[TownshipDay, ...]  # in the campaign's official order
    total: Decimal  # over the townships that have told
    target: Decimal
    # over the townships that had told at the bulletin before; None without any
    increase: Decimal | None
    stages: Mapping[StageKey, Decimal]  # of the stages that any township has told
    # headline stage, of the categories that any township has told
    categories: Mapping[CategoryKey, Decimal]
    days_left: int  # calendar days from `day` to the deadline, 0 on it
    # remaining ÷ days left, rounded up to the campaign's unit; None when no day is
    needed_per_day: Decimal | None
    # left, and while anybody is untold
    # average increase a day over the last seven reporting days; None without history
    pace: Fraction | None
    pace_days: int = 0  # reporting days that the pace is the average of

    @property
    def verified(self) -> Decimal | None:
        """What the register proves of the headline stage; None where none is asked, or nothing was
        ever filed.
        """
        known = [row.verified for row in self.townships if row.verified is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def rate(self) -> Fraction | None:
        """Exact rate of what was told over the whole task, None for 0/0."""
        return rate(self.total, self.target)

    @property
    def with_task(self) -> tuple[TownshipDay, ...]:
        """The townships that have something to do."""
        return tuple(row for row in self.townships if row.target > 0)

    @property
    def untold(self) -> tuple[TownshipDay, ...]:
        """Those with a task whose headline total nobody has ever given."""
        return tuple(row for row in self.townships if row.untold)

    @property
    def told(self) -> tuple[TownshipDay, ...]:
        """Those with a task that have given their headline total."""
        return tuple(row for row in self.with_task if row.told)

    @property
    def all_told(self) -> bool:
        """Whether every township with a task has told, so that the total is that of the
        campaign.
        """
        return not self.untold

    @property
    def new(self) -> tuple[TownshipDay, ...]:
        """首报: those that told for the first time since the bulletin before, where there was
        one.
        """
        if self.previous is None:
            return ()
        return tuple(
            row
            for row in self.told
            if row.first_told is not None and row.first_told > self.previous
        )

    @property
    def parts_whole(self) -> bool:
        """Whether the categories come to the total, so that they may be printed as parts of it."""
        return bool(self.categories) and sum(self.categories.values()) == self.total

    def told_by(self, stage: StageKey) -> int:
        """How many townships with a task have told that stage."""
        return sum(stage in row.stages for row in self.with_task)

    def of(self, township: TownshipName) -> TownshipDay:
        """The row of one township; KeyError if there is none."""
        for row in self.townships:
            if row.township == township:
                return row
        raise KeyError(township)


def rate(value: Decimal, target: Decimal) -> Fraction | None:
    """value/target as an exact fraction; None for 0/0."""
    return Fraction(value) / Fraction(target) if target else None


def percent(rate: Fraction) -> str:
    """A rate as people read it: half-up with two decimals ("56.60%"), 100.00% only when all is
    done.
    """
    hundredths = _half_up(rate * 10000)
    if rate < 1:
        hundredths = min(hundredths, 9999)  # 99.996 % is not all
    return f"{hundredths // 100}.{hundredths % 100:02}%"


def one_decimal(amount: Fraction) -> str:
    """An average as people read it: half-up with one decimal ("5.9")."""
    tenths = _half_up(abs(amount) * 10)
    return f"{'-' if amount < 0 and tenths else ''}{tenths // 10}.{tenths % 10}"


def plain(value: Decimal | int) -> str:
    """A value without trailing zeros and without an exponent: "17", "432.8723"."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_baseline(campaign: Campaign, standing: StandingFigures) -> dict[Cell, Decimal]:
    """What stands, and where nothing was told the baseline: what stood before the campaign
    began.
    """
    begun: dict[Cell, Decimal] = {
        (township.name, *part): value
        for township in campaign.townships
        for part, value in township.baseline.items()
    }
    return begun | dict(standing)


def standing_figures(
    figures: Iterable[Figure], day: date, known_at: datetime
) -> dict[Cell, Decimal]:
    """What stands for `day` as known at `known_at`: of each cell the latest day's latest figure
    neither withdrawn nor superseded.
    """
    return _values(_newest(figure for figure in _valid(figures, known_at) if figure.day <= day))


def figures_of_day(figures: Iterable[Figure], day: date, known_at: datetime) -> dict[Cell, Decimal]:
    """What was accepted for `day` itself, as known at `known_at`: the `today` of a reading."""
    return _values(latest_of_day(figures, day, known_at))


def latest_of_day(figures: Iterable[Figure], day: date, known_at: datetime) -> dict[Cell, Figure]:
    """The figure in force of each cell that has one for `day` itself, as known at `known_at`."""
    return _newest(figure for figure in _valid(figures, known_at) if figure.day == day)


def in_force(figures: Iterable[Figure], day: date, known_at: datetime) -> list[Figure]:
    """The figures up to `day` that stand or stood until a later one came, as known at `known_at`,
    in the order of the log.
    """
    return [figure for figure in _valid(figures, known_at) if figure.day <= day]


def day_sheet(
    campaign: Campaign,
    figures: Sequence[Figure],
    day: date,
    known_at: datetime,
    asking: Asking = EVERY_DAY,
) -> DaySheet:
    """Everything the notices of `day` need, from the log alone; ValueError when nobody reports on
    `day`.
    """
    sheets = day_sheets(campaign, figures, day, known_at, asking)
    if not sheets or sheets[-1].day != day:
        raise ValueError(f"{day} is no reporting day of {campaign.key}")
    return sheets[-1]


def day_sheets(
    campaign: Campaign,
    figures: Iterable[Figure],
    until: date,
    known_at: datetime,
    asking: Asking = EVERY_DAY,
) -> tuple[DaySheet, ...]:
    """The sheet of every reporting day up to `until`, in one pass over the figures as known at
    `known_at`.

    A figure of a day nobody reports on (a baseline from before the start, a day off) stands from
    the next reporting day on. `asking` says who was really asked on which day.
    """
    by_day: dict[date, list[Figure]] = {}
    for figure in _valid(figures, known_at):
        by_day.setdefault(figure.day, []).append(figure)
    waiting = deque(sorted(by_day))
    tracks = [_Track(campaign, township) for township in campaign.townships]
    history: list[tuple[date, tuple[TownshipDay, ...]]] = []
    at_bulletin: dict[TownshipName, Decimal] | None = None
    previous: date | None = None
    sheets = []
    for day in reporting_days(campaign):
        if day > until:
            break
        while waiting and waiting[0] < day:
            earlier = _by_township(by_day[waiting.popleft()])
            for track in tracks:
                if track.township.name in earlier:
                    track.take(earlier[track.township.name])
        told = _by_township(by_day[waiting.popleft()]) if waiting and waiting[0] == day else {}
        rows = tuple(
            track.row(
                told.get(track.township.name, []),
                None if at_bulletin is None else at_bulletin.get(track.township.name),
                asking.of(day, track.township.name),
            )
            for track in tracks
        )
        history.append((day, rows))
        sheets.append(_sheet(campaign, day, previous, known_at, rows, history))
        if is_bulletin_day(campaign, day):
            at_bulletin = {row.township: row.value for row in rows if row.value is not None}
            previous = day
    return tuple(sheets)


class _Track:
    """What must be remembered of one township from day to day."""

    def __init__(self, campaign: Campaign, township: Township) -> None:
        self.township = township
        self.headline = campaign.headline.key
        self.told_on: date | None = None  # the day of the headline total that stands
        self.first_told: date | None = None
        self.baseline: Decimal | None = None
        # Both are copied before something told is written in, and shared by the rows until then.
        self.stages: dict[StageKey, Decimal] = {}
        self.categories: dict[CategoryKey, Decimal] = {}
        self._stage_keys = frozenset(stage.key for stage in campaign.stages)
        self._category_keys = frozenset(category.key for category in campaign.categories)
        self.before: Decimal | None = None
        self.still_days = 0
        self.missing_days = 0
        self._begin(campaign)

    def _begin(self, campaign: Campaign) -> None:
        """Lets the baseline stand, as told on the eve of the campaign."""
        for (stage, category), value in self.township.baseline.items():
            if category is None and stage in self._stage_keys:
                self.stages[stage] = value
            elif stage == self.headline and category in self._category_keys:
                self.categories[category] = value
        self.before = self.stages.get(self.headline)
        if self.before is not None:
            self.first_told, self.baseline = campaign.start - timedelta(days=1), self.before

    def take(self, told: Sequence[Figure]) -> None:
        """Lets the figures of one day stand, the later over the earlier."""
        self.stages, self.categories = {**self.stages}, {**self.categories}
        for figure in told:
            if figure.value is None:
                continue
            if figure.category is not None:
                if figure.stage == self.headline and figure.category in self._category_keys:
                    self.categories[figure.category] = figure.value
            elif figure.stage in self._stage_keys:
                self.stages[figure.stage] = figure.value
                if figure.stage == self.headline:
                    self.told_on = figure.day
        value = self.stages.get(self.headline)
        if (
            value is not None
            and self.told_on is not None
            and self.first_told in {None, self.told_on}
        ):
            self.first_told, self.baseline = self.told_on, value

    def row(
        self, told: Sequence[Figure], at_bulletin: Decimal | None, otherwise: Reported
    ) -> TownshipDay:
        """The township at the close of a day of which this was told; `otherwise` says what it is
        that nothing was.
        """
        target = self.township.target
        stood = self.stages.get(self.headline)
        reported = _reported(told, stood is not None and 0 < target <= stood, otherwise)
        if told:
            self.take(told)
        value = self.stages.get(self.headline)
        if value is not None and 0 < target <= value:
            self.still_days = 0
        elif value is not None and reported not in _WITHOUT_FIGURE and self.before is not None:
            # A day without a report neither breaks nor lengthens the run: nobody knows whether it
            # stood still.
            self.still_days = self.still_days + 1 if value <= self.before else 0
        # a day on which nobody asked neither breaks nor lengthens the run
        if reported is not Reported.NOT_ASKED:
            self.missing_days = self.missing_days + 1 if reported is Reported.MISSING else 0
        self.before = value
        return TownshipDay(
            township=self.township.name,
            value=value,
            target=target,
            increase=None if at_bulletin is None or value is None else value - at_bulletin,
            reported=reported,
            carried_from=self.told_on if reported in _WITHOUT_FIGURE else None,
            still_days=self.still_days,
            missing_days=self.missing_days,
            stages=self.stages,
            categories=self.categories,
            first_told=self.first_told,
            baseline=self.baseline,
        )


def _reported(told: Sequence[Figure], done_before: bool, otherwise: Reported) -> Reported:
    if done_before:
        return Reported.DONE_BEFORE
    if not told:
        return otherwise
    return Reported.LATE if all(figure.late for figure in told) else Reported.ON_TIME


def _sheet(
    campaign: Campaign,
    day: date,
    previous: date | None,
    known_at: datetime,
    rows: tuple[TownshipDay, ...],
    history: Sequence[tuple[date, tuple[TownshipDay, ...]]],
) -> DaySheet:
    days_left = (campaign.deadline - day).days
    target = campaign.target
    total = _sum(row.value for row in rows) or Decimal(0)
    untold = any(row.untold for row in rows)
    pace, pace_days = _pace(history)
    needed = None if untold or days_left <= 0 else Fraction(target - total) / days_left
    return DaySheet(
        day=day,
        previous=previous,
        as_of=known_at,
        townships=rows,
        total=total,
        target=target,
        increase=_sum(row.increase for row in rows),
        stages=_sums((stage.key for stage in campaign.stages), [row.stages for row in rows]),
        categories=_sums(
            (one.key for one in campaign.categories), [row.categories for row in rows]
        ),
        days_left=days_left,
        needed_per_day=None if needed is None else round_up(needed, campaign.decimals),
        pace=pace,
        pace_days=pace_days,
    )


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None if nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _sums(keys: Iterable[K], held: Sequence[Mapping[K, Decimal]]) -> dict[K, Decimal]:
    """What rows hold under each key, added up; a key that no row holds is left out."""
    found = {key: _sum(one.get(key) for one in held) for key in keys}
    return {key: value for key, value in found.items() if value is not None}


def _pace(history: Sequence[tuple[date, tuple[TownshipDay, ...]]]) -> tuple[Fraction | None, int]:
    """Average increase a calendar day over the last seven reporting days, and over how many of
    these it is known.

    Each township is counted from the first day of these on which it had told: a first report is no
    increase. None and 0 without history.
    """
    window = history[-1 - PACE_DAYS :]
    now, last = window[-1]
    whole, longest = Fraction(0), 0
    for place, row in enumerate(last):
        if row.value is None:
            continue
        for nth, (day, rows) in enumerate(window[:-1], 1):
            value = rows[place].value
            if value is not None:
                whole += Fraction(row.value - value) / (now - day).days
                longest = max(longest, len(window) - nth)
                break
    return (whole, longest) if longest else (None, 0)


def round_up(amount: Fraction, decimals: int) -> Decimal:
    """The smallest value with so many decimals that is not below `amount`; 0 for what is not
    positive.
    """
    if amount <= 0:
        return Decimal(0)
    return Decimal(ceil(amount * 10**decimals)).scaleb(-decimals)


def round_down(amount: Fraction, decimals: int) -> Decimal:
    """The largest value with so many decimals that is not above `amount`."""
    return Decimal(floor(amount * 10**decimals)).scaleb(-decimals)


def _half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def _valid(figures: Iterable[Figure], known_at: datetime) -> list[Figure]:
    """What the log holds up to `known_at`, in its order, without withdrawals, what they withdrew,
    and what was moved elsewhere.

    A figure corrected in its own cell and day is kept: it was reported, and the correction, being
    later, stands over it. A row that is itself withdrawn has no effect, so what it corrected or
    withdrew stands again.
    """
    # moments of one zone are compared without asking it for its offset
    known_at = known_at.astimezone(UTC)
    known = sorted(
        (figure for figure in figures if figure.recorded_at <= known_at),
        key=lambda figure: figure.number,
    )
    by_number = {figure.number: figure for figure in known}
    withdrawn: set[int] = set()
    moved: set[int] = set()
    for figure in reversed(known):
        earlier = None if figure.supersedes is None else by_number.get(figure.supersedes)
        if earlier is None or figure.number in withdrawn:
            continue
        if figure.value is None:
            withdrawn.add(earlier.number)
        elif (_cell(figure), figure.day) != (_cell(earlier), earlier.day):
            moved.add(earlier.number)
    return [
        figure
        for figure in known
        if figure.value is not None
        and figure.number not in withdrawn
        and figure.number not in moved
    ]


def _by_township(figures: Iterable[Figure]) -> dict[TownshipName, list[Figure]]:
    told: dict[TownshipName, list[Figure]] = {}
    for figure in figures:
        told.setdefault(figure.township, []).append(figure)
    return told


def _newest(figures: Iterable[Figure]) -> dict[Cell, Figure]:
    """Of each cell the latest day's latest figure."""
    newest: dict[Cell, Figure] = {}
    for figure in figures:
        held = newest.get(_cell(figure))
        if held is None or (held.day, held.number) <= (figure.day, figure.number):
            newest[_cell(figure)] = figure
    return newest


def _cell(figure: Figure) -> Cell:
    return (figure.township, figure.stage, figure.category)


def _value(stands: Mapping[Cell, Figure], cell: Cell) -> Decimal:
    figure = stands.get(cell)
    return Decimal(0) if figure is None or figure.value is None else figure.value


def _values(stands: Mapping[Cell, Figure]) -> dict[Cell, Decimal]:
    return {cell: _value(stands, cell) for cell in stands}
