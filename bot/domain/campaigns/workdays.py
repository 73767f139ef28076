"""Which days are worked, reported and closed, and which reporting day a moment belongs to
(docs/laws.md#days-and-hours).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.campaigns.campaign import (
    BULLETIN,
    About,
    Calendar,
    Campaign,
    JobKind,
    ReportingDays,
)

LATENESS = timedelta(minutes=10)
"""A strike later than this is told to people as late; a robot's small spread of minutes is not
lateness.
"""


class UnknownYear(Exception):
    """The working calendar of a year is not known: the State Council has not published it, or the
    data is not installed.
    """

    def __init__(self, year: int) -> None:
        super().__init__(f"the working calendar of {year} is not known")
        self.year = year


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A day that was closed: the planned moment of its bulletin and the moment it really
    happened.
    """

    day: date
    planned: datetime
    closed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ScheduledRun:
    """One hour of one job: the day it is about, the moment it was planned for, and the moment it
    happens.
    """

    job: str
    day: date
    planned: datetime
    at: datetime

    @property
    def late(self) -> bool:
        """Whether it happens so long after its planned moment that people must be told (补发)."""
        return self.at - self.planned > LATENESS


def is_workday(calendar: Calendar, day: date) -> bool:
    """Whether `day` is worked; UnknownYear when the calendar has no data for its year."""
    if day in calendar.off:
        return False
    if day in calendar.work:
        return True
    if day.year not in calendar.years:
        raise UnknownYear(day.year)
    return day.weekday() < 5


def is_reporting_day(campaign: Campaign, day: date) -> bool:
    """Whether townships report on `day`. The deadline always counts: the last day is reported
    whatever weekday it falls on.
    """
    if not campaign.start <= day <= campaign.deadline:
        return False
    return (
        campaign.days is not ReportingDays.WORKDAYS
        or day == campaign.deadline
        or is_workday(campaign.calendar, day)
    )


def is_bulletin_day(campaign: Campaign, day: date) -> bool:
    """Whether the close of `day` is told in a numbered bulletin; the deadline's always is."""
    if not is_reporting_day(campaign, day):
        return False
    return (
        campaign.days is ReportingDays.EVERY_DAY
        or day == campaign.deadline
        or is_workday(campaign.calendar, day)
    )


def reporting_days(campaign: Campaign) -> tuple[date, ...]:
    """Every day townships report, first to last, both ends included; UnknownYear if the calendar
    does not reach.
    """
    return tuple(day for day in _all_days(campaign) if is_reporting_day(campaign, day))


def bulletin_days(campaign: Campaign) -> tuple[date, ...]:
    """The reporting days whose close is told in a numbered bulletin; 第N期 is the place of the day
    here, from 1.
    """
    return tuple(day for day in _all_days(campaign) if is_bulletin_day(campaign, day))


def issue_number(campaign: Campaign, day: date) -> int:
    """N of 第N期 for a bulletin day; KeyError for any other day."""
    days = bulletin_days(campaign)
    if day not in days:
        raise KeyError(day)
    return days.index(day) + 1


def planned_close(campaign: Campaign, day: date) -> datetime:
    """The moment the bulletin of `day` is planned for."""
    return campaign.moment(day, campaign.hours[BULLETIN])


def open_day(
    campaign: Campaign, *, sent_at: datetime, arrived_at: datetime, closings: Mapping[date, Closing]
) -> date | None:
    """The reporting day a message counts for, or None before the first and after the last.

    A day ends at its planned bulletin for what is sent after it and at its actual bulletin for what
    arrives after it; the moment itself is already the next day's. A closed day has closed those
    before it, which one catch-up bulletin may stand for. The first day opens at midnight of
    `start`.
    """
    day = sent_at.astimezone(campaign.timezone).date()
    if day < campaign.start:
        return None
    closed = [closing.day for closing in closings.values() if closing.closed_at <= arrived_at]
    if closed:
        day = max(day, max(closed) + timedelta(days=1))
    for later in _days(day, campaign.deadline):
        if is_reporting_day(campaign, later) and sent_at < planned_close(campaign, later):
            return later
    return None


def opened_at(campaign: Campaign, day: date, closings: Mapping[date, Closing]) -> datetime:
    """The first moment at which a message could count for a reporting day: see `open_day`."""
    before = day - timedelta(days=1)
    while before >= campaign.start and not is_reporting_day(campaign, before):
        before -= timedelta(days=1)
    if before < campaign.start:
        return campaign.moment(campaign.start, time.min)
    planned = planned_close(campaign, before)
    return min(planned, closings[before].closed_at) if before in closings else planned


def is_late(campaign: Campaign, day: date, sent_at: datetime) -> bool:
    """Whether a message for `day` came after that day's cut-off (迟报)."""
    return sent_at >= campaign.moment(day, campaign.cutoff)


def strikes(campaign: Campaign, since: datetime, until: datetime) -> tuple[ScheduledRun, ...]:
    """Every hour of every job planned in (since, until], in order of time, with `at` = `until`.

    Each job strikes on every reporting day, but one that follows a bulletin only when that day has
    one. A reporting day without a bulletin is closed by a `bulletin` strike all the same, which
    then makes no notice.
    """
    first = max(since.astimezone(campaign.timezone).date() - timedelta(days=1), campaign.start)
    last = min(until.astimezone(campaign.timezone).date(), campaign.deadline)
    planned = [
        ScheduledRun(job=job.name, day=day, planned=_planned(campaign, job, day), at=until)
        for day in _days(first, last)
        for job in campaign.jobs.values()
        if job.name in campaign.hours and _happens(campaign, job, day)
    ]
    order = list(campaign.jobs)
    return tuple(
        sorted(
            (strike for strike in planned if since < strike.planned <= until),
            key=lambda strike: (strike.planned, order.index(strike.job)),
        )
    )


def strike_for(campaign: Campaign, job: str, day: date, at: datetime) -> ScheduledRun:
    """The strike of one job that is about `day`; ValueError when the job has no hour or nothing is
    planned about that day.
    """
    if job not in campaign.hours or job not in campaign.jobs:
        raise ValueError(
            f"the campaign gives no hour for {job}; its jobs are {', '.join(campaign.hours)}"
        )
    kind = campaign.jobs[job]
    if not _happens(campaign, kind, day):
        raise ValueError(
            f"{job} is not planned about {day}: the campaign runs from {campaign.start} to {campaign.deadline}"
            f" ({campaign.days})"
        )
    return ScheduledRun(job=job, day=day, planned=_planned(campaign, kind, day), at=at)


def _happens(campaign: Campaign, job: JobKind, day: date) -> bool:
    return (
        is_bulletin_day(campaign, day) if job.on_bulletin_days else is_reporting_day(campaign, day)
    )


def _planned(campaign: Campaign, job: JobKind, day: date) -> datetime:
    on = day + timedelta(days=1) if job.about is About.DAY_BEFORE else day
    return campaign.moment(on, campaign.hours[job.name])


def _all_days(campaign: Campaign) -> Iterator[date]:
    return _days(campaign.start, campaign.deadline)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
