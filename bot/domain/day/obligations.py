"""应办事项: what someone owes by a moment, derived from the day's sheet and never stored
(docs/laws.md#rates-pace-and-lateness).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from bot.domain.campaigns.campaign import Campaign, Rung, StageKey, TownshipName, Trouble
from bot.domain.campaigns.workdays import is_reporting_day, planned_close
from bot.domain.decisions.actor import Actor
from bot.domain.figures.progress import DaySheet, Reported, TownshipDay, round_down

FRESH_DAYS = 3
"""An answer stops the ladder for this many cut-offs after it was given; then it is stale and the
ladder goes on.
"""


class Light(StrEnum):
    """The one state an obligation is in: done, blue = due within N days, yellow = behind plan, red
    = past due, or not yet near (open).
    """

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
    PROOF = "proof"  # rows of the register that prove what is claimed
    TAIL = "tail"  # the next stage of cases that have waited too long after one
    REPAY = "repay"  # an account that takes the money, for payments the bank sent back


TROUBLES = {
    Owed.REPORT: Trouble.MISSING,
    Owed.PROGRESS: Trouble.BEHIND,
    Owed.MOVEMENT: Trouble.STILL,
}
"""The trouble that each thing owed comes to; the deadline has no ladder."""


class RemarkKind(StrEnum):
    """What a person may say of something overdue."""

    ANSWERED = "answered"  # it is seen to; this stops the ladder
    PROPOSED = "proposed"
    APPROVED = "approved"  # only now is the measure to be taken (law 10)
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A person's word on something a township owes; `measure` is what he proposes or decides on,
    empty in an answer.
    """

    number: int  # of the decision that keeps it
    word: RemarkKind
    owed: Owed
    township: TownshipName
    measure: str
    text: str
    by: Actor
    at: datetime

    @property
    def person(self) -> str:
        """The name of who said it."""
        return self.by.name


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure against something overdue, whose the proposal is, and what came of it."""

    text: str
    state: RemarkKind  # proposed, approved or declined
    of_ladder: bool
    said: tuple[Remark, ...]  # what people said of it, first to last


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """Something a township owes by a moment, and how it stands."""

    owed: Owed
    township: TownshipName
    due: datetime
    light: Light
    since: date | None  # the first day of the present trouble
    days: int  # how many consecutive reporting days the trouble has lasted
    # how many units are missing (0 for reports); None where nobody has told what stands
    short: Decimal | None
    trouble: Trouble | None
    # the highest step of the ladder reached; where a fresh answer stopped it, the step it stands on
    rung: Rung | None
    answer: Remark | None = None  # the newest word that is still fresh
    cases: tuple[str, ...] = ()  # the codes of the register's cases that it is about
    # of a tail: the stage reached, and the one that is owed
    stages: tuple[StageKey, StageKey] | None = None


def planned_points(campaign: Campaign) -> tuple[tuple[date, Fraction], ...]:
    """The corners of the planned curve: the share of each target expected at the end of these days,
    straight in between.
    """
    # The first working day is itself a day of work, so the curve leaves 0 at the end of the day
    # before.
    points = [(campaign.start - timedelta(days=1), Fraction(0))]
    points += [(milestone.day, milestone.share) for milestone in campaign.milestones]
    if points[-1][0] < campaign.deadline:
        points.append((campaign.deadline, Fraction(1)))
    return tuple(points)


def planned_share(campaign: Campaign, day: date) -> Fraction:
    """The share of each target the plan expects at the end of `day`: straight from start to
    deadline, or by milestones.
    """
    if day < campaign.start:
        return Fraction(0)
    points = planned_points(campaign)
    for (then, share), (until, goal) in pairwise(points):
        if day <= until:
            return share + (goal - share) * Fraction((day - then).days, (until - then).days)
    return points[-1][1]


def planned_value(campaign: Campaign, row: TownshipDay, day: date) -> Fraction | None:
    """What the plan expects of a township at the end of `day`; None for one that has never told.

    The curve leads from what stood when the campaign was taken up (起报数) to the whole at the
    deadline, by the campaign's milestones where it has any. Until the day of that first figure it
    is the figure itself.
    """
    beginning = _beginning(campaign, row)
    if beginning is None:
        return None
    first, base = beginning
    target = Fraction(row.target)
    begun = planned_share(campaign, first)
    if begun >= 1 or base >= target:
        return max(base, target)
    share = max((planned_share(campaign, day) - begun) / (1 - begun), Fraction(0))
    return base + (target - base) * share


def _beginning(campaign: Campaign, row: TownshipDay) -> tuple[date, Fraction] | None:
    """Where the curve of a township begins: its first figure, or nothing on the eve of a campaign
    that begins at nothing.
    """
    if row.baseline is None or row.first_told is None:
        return None
    if campaign.headline.from_zero and row.first_told >= campaign.start:
        return campaign.start - timedelta(days=1), Fraction(0)
    return row.first_told, Fraction(row.baseline)


def due_by(campaign: Campaign, row: TownshipDay, day: date) -> Decimal | None:
    """The whole units the plan expects of a township by the end of `day`: 16.3 houses are 16. None
    if never told.
    """
    planned = planned_value(campaign, row, day)
    return None if planned is None else round_down(planned, campaign.decimals)


def planned_total(campaign: Campaign, rows: Iterable[TownshipDay], day: date) -> Fraction:
    """What the plan expects at the end of `day` of all that have told."""
    planned = (planned_value(campaign, row, day) for row in rows)
    return sum((value for value in planned if value is not None), Fraction(0))


def planned_course(
    campaign: Campaign, rows: Sequence[TownshipDay]
) -> tuple[tuple[date, Fraction], ...]:
    """The corners of the curve of these townships together, straight in between; empty when none
    has told.
    """
    told = [beginning[0] for row in rows if (beginning := _beginning(campaign, row)) is not None]
    if not told:
        return ()
    corners = {day for day, _ in planned_points(campaign)} | set(told)
    return tuple(
        (day, planned_total(campaign, rows, day)) for day in sorted(corners) if day >= min(told)
    )


def obligations(
    campaign: Campaign, sheets: tuple[DaySheet, ...], at: datetime, said: Iterable[Remark] = ()
) -> tuple[Obligation, ...]:
    """Every obligation at `at`, from the sheets of all days so far, the last one being the day in
    question.

    A township owes its report, its progress, its movement and the deadline; one without a task owes
    nothing, and nobody owes anything before the first day, when there is no sheet. Runs of days are
    counted over the sheets given, so give all of them. `said` is what people had said by then; an
    answer stops the ladder as long as it is fresh.
    """
    if not sheets:
        return ()
    answers: dict[TownshipName, list[Remark]] = {}
    for one in said:
        if one.word is RemarkKind.ANSWERED and one.at <= at:
            answers.setdefault(one.township, []).append(one)
    runs = {
        township.name: _Runs(campaign, answers.get(township.name, []))
        for township in campaign.townships
    }
    for sheet in sheets:
        for row in sheet.townships:
            runs[row.township].add(row, sheet.day)
    owed: list[Obligation] = []
    for row in sheets[-1].townships:
        if row.target > 0:
            owed += _owed(campaign, row, sheets[-1].day, at, runs[row.township])
    return tuple(owed)


def overdue(owed: tuple[Obligation, ...]) -> tuple[Obligation, ...]:
    """Those that are red or yellow, worst and oldest first, then in official order."""
    late = [obligation for obligation in owed if obligation.light in (Light.RED, Light.YELLOW)]
    return tuple(
        sorted(late, key=lambda obligation: (obligation.light is not Light.RED, -obligation.days))
    )


def worst(owed: Iterable[Obligation]) -> Light | None:
    """The light that stands for all of a township's obligations: done only when all are; None for
    one that owes nothing.
    """
    return max((obligation.light for obligation in owed), key=_SEVERITY.index, default=None)


_SEVERITY = (Light.DONE, Light.OPEN, Light.BLUE, Light.YELLOW, Light.RED)


def outstanding(
    campaign: Campaign, sheets: tuple[DaySheet, ...], at: datetime, said: Sequence[Remark] = ()
) -> tuple[tuple[Obligation, ...], tuple[Obligation, ...]]:
    """What is overdue at any hour, worst first, and what is due soon (blue), in official order."""
    soon = [one for one in obligations(campaign, sheets, at, said) if one.light is Light.BLUE]
    return overdue_by(campaign, sheets, at, said), tuple(soon)


def overdue_by(
    campaign: Campaign, sheets: tuple[DaySheet, ...], at: datetime, said: Sequence[Remark] = ()
) -> tuple[Obligation, ...]:
    """What is overdue at any hour, worst first.

    Lateness is judged at a day's cut-off. Before that of the open day, what was overdue the evening
    before still is, but for what has been mended since: nobody is called behind a plan whose day is
    not over.
    """
    judged = tuple(sheet for sheet in sheets if at >= campaign.moment(sheet.day, campaign.cutoff))
    late = overdue(obligations(campaign, judged, at, said))
    if len(judged) < len(sheets):
        late = tuple(
            one
            for one in late
            if not _mended(campaign, one, judged[-1].day, sheets[-1].of(one.township))
        )
    return late


def _mended(campaign: Campaign, late: Obligation, judged: date, row: TownshipDay) -> bool:
    """Whether the open day's row has ended a trouble of the day judged last."""
    if row.done:
        return True
    match late.owed:
        case Owed.REPORT:
            return row.reported not in _NOTHING_CAME
        case Owed.PROGRESS:
            return not _behind(campaign, row, judged)
        case Owed.MOVEMENT:
            return row.still_days < campaign.still_days
    return False


def fresh(campaign: Campaign, said_at: datetime, at: datetime) -> bool:
    """Whether an answer still holds at `at`: at most FRESH_DAYS cut-offs have passed since.

    Cut-offs are those of reporting days, and of every day once the deadline is past.
    """
    day, last = (moment.astimezone(campaign.timezone).date() for moment in (said_at, at))
    passed = 0
    while day <= last and passed <= FRESH_DAYS:
        if day > campaign.deadline or is_reporting_day(campaign, day):
            passed += said_at < campaign.moment(day, campaign.cutoff) <= at
        day += timedelta(days=1)
    return said_at <= at and passed <= FRESH_DAYS


def begun(campaign: Campaign, late: Obligation) -> datetime:
    """The moment an overdue obligation became so: what was said before was said of another
    trouble.
    """
    return late.due if late.since is None else campaign.moment(late.since, campaign.cutoff)


def measures(campaign: Campaign, late: Obligation, said: Iterable[Remark]) -> tuple[Measure, ...]:
    """The measures proposed in the present trouble, the ladder's first; the last word on each is
    how it stands.
    """
    of_ladder = late.rung.measure if late.rung else ""
    course: dict[str, list[Remark]] = {of_ladder: []} if of_ladder else {}
    for one in said:
        same = (one.township, one.owed) == (late.township, late.owed)
        if same and one.measure and one.at >= begun(campaign, late):
            course.setdefault(one.measure, []).append(one)
    return tuple(
        Measure(
            text=text,
            state=words[-1].word if words else RemarkKind.PROPOSED,
            of_ladder=text == of_ladder,
            said=tuple(words),
        )
        for text, words in course.items()
    )


def open_proposals(late: Obligation, known: Iterable[Measure]) -> tuple[str, ...]:
    """What is to be proposed in the evening: a person's proposals without decision, and the
    ladder's while nobody has answered.
    """
    return tuple(
        measure.text
        for measure in known
        if measure.state is RemarkKind.PROPOSED and (measure.said or late.answer is None)
    )


class _Runs:
    """Since when, and for how many reporting days running, a township is missing, behind, standing
    still; and how far it climbed.
    """

    def __init__(self, campaign: Campaign, answers: Sequence[Remark]) -> None:
        self.days = dict.fromkeys(Trouble, 0)
        self.since: dict[Trouble, date | None] = dict.fromkeys(Trouble)
        self.climbed = dict.fromkeys(
            Trouble, 0
        )  # the days the ladder has counted; it stands still while an answer is fresh
        self.answers = answers
        self._campaign = campaign

    def add(self, row: TownshipDay, day: date) -> None:
        self._count(Trouble.MISSING, row.missing_days, day)
        self._count(Trouble.STILL, row.still_days, day)
        behind = _behind(self._campaign, row, day)
        self._count(Trouble.BEHIND, self.days[Trouble.BEHIND] + 1 if behind else 0, day)

    def _count(self, trouble: Trouble, days: int, day: date) -> None:
        if days == 0:
            if self.days[trouble]:
                self.days[trouble] = self.climbed[trouble] = 0
                self.since[trouble] = None
            return  # most rows of most days are in no trouble
        if self.since[trouble] is None:
            self.since[trouble] = day
        self.days[trouble] = days
        if not self._stopped(trouble, day):
            self.climbed[trouble] = days

    def _stopped(self, trouble: Trouble, day: date) -> bool:
        """Whether an answer given in this very trouble was fresh at the cut-off of `day`."""
        since = self.since[trouble]
        if not self.answers or since is None:
            return False
        begun, end = (self._campaign.moment(of, self._campaign.cutoff) for of in (since, day))
        return any(
            TROUBLES.get(one.owed) is trouble
            and begun <= one.at < end
            and fresh(self._campaign, one.at, end)
            for one in self.answers
        )


_NOTHING_CAME = frozenset({Reported.MISSING, Reported.NOT_ASKED})


def _behind(campaign: Campaign, row: TownshipDay, day: date) -> bool:
    """Whether it has done less than its plan expects; nobody is behind a plan that nobody can lay
    (law 2).
    """
    expected = due_by(campaign, row, day)
    return row.value is not None and expected is not None and row.value < expected


def _owed(
    campaign: Campaign, row: TownshipDay, day: date, at: datetime, runs: _Runs
) -> list[Obligation]:
    cutoff = campaign.moment(day, campaign.cutoff)
    end = planned_close(campaign, campaign.deadline)
    soon = campaign.moment(campaign.deadline - timedelta(days=campaign.due_soon_days), time(0))
    expected = due_by(campaign, row, day)
    short = (
        Decimal(0)
        if expected is None or row.value is None
        else max(expected - row.value, Decimal(0))
    )

    def owes(
        what: Owed, due: datetime, light: Light, missing: Decimal | None = Decimal(0)
    ) -> Obligation:
        trouble = TROUBLES.get(what) if light in (Light.RED, Light.YELLOW) else None
        since = runs.since[trouble] if trouble else None
        answer = None
        if light in (Light.RED, Light.YELLOW):
            beginning = due if since is None else campaign.moment(since, campaign.cutoff)
            told = [one for one in runs.answers if one.owed is what and one.at >= beginning]
            answer = next((one for one in reversed(told) if fresh(campaign, one.at, at)), None)
        return Obligation(
            owed=what,
            township=row.township,
            due=due,
            light=light,
            since=since,
            days=runs.days[trouble] if trouble else 0,
            short=missing,
            trouble=trouble,
            rung=_rung(campaign, trouble, (runs.climbed if answer else runs.days)[trouble])
            if trouble
            else None,
            answer=answer,
        )

    if row.done:
        light_report = light_progress = light_movement = light_deadline = Light.DONE
    else:
        light_report = _report_light(row, at >= cutoff)
        light_progress = Light.YELLOW if short > 0 else Light.OPEN
        light_movement = Light.YELLOW if row.still_days >= campaign.still_days else Light.OPEN
        light_deadline = Light.RED if at >= end else Light.BLUE if at >= soon else Light.OPEN
    return [
        owes(Owed.REPORT, cutoff, light_report),
        owes(Owed.PROGRESS, planned_close(campaign, day), light_progress, short),
        owes(Owed.MOVEMENT, planned_close(campaign, day), light_movement),
        owes(Owed.DEADLINE, end, light_deadline, Decimal(0) if row.done else row.remaining),
    ]


def _report_light(row: TownshipDay, past_cutoff: bool) -> Light:
    if row.reported is Reported.NOT_ASKED:
        return Light.OPEN if past_cutoff else Light.BLUE
    if row.reported is Reported.MISSING:
        return Light.RED if past_cutoff else Light.BLUE
    return Light.DONE


def _rung(campaign: Campaign, trouble: Trouble, days: int) -> Rung | None:
    """The highest step of the ladder that so many days of that trouble reach."""
    reached = [rung for rung in campaign.ladder if rung.trouble is trouble and rung.days <= days]
    return max(reached, key=lambda rung: rung.days, default=None)
