"""Shows what a campaign will say before it says anything: its day, hour by hour, and a sample of
each notice from made-up figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import ROUND_DOWN, Decimal

from bot.domain.campaigns.campaign import (
    About,
    Campaign,
    CategoryKey,
    NoticeKind,
    StageKey,
    Township,
)
from bot.domain.campaigns.workdays import (
    ScheduledRun,
    bulletin_days,
    planned_close,
    reporting_days,
    strike_for,
)
from bot.domain.figures.progress import DaySheet, Figure, day_sheets
from bot.domain.notices.notice import Notice
from bot.views.notices.wording import NoticeWording

Cell = tuple[StageKey, CategoryKey | None, Decimal]

MakeSample = Callable[[NoticeWording, Campaign, ScheduledRun, tuple[DaySheet, ...]], Notice | None]
"""Composes the notice of a job from made-up sheets, the last of them of the strike's day; None when
it has nothing to say.
"""

CUTOFF = "cutoff"
SPEEDS = tuple(map(Decimal, ("1.25", "1", "0.9", "0.6", "0.3")))
"""How the made-up townships keep to the plan, one after another: some ahead, some behind, so that
every sentence is seen.
"""

SILENT = 4
"""Every so many townships one has not reported on the sample's day."""

LATEST = 14
"""The sample is of this bulletin day or one before it: a long campaign needs no longer a look."""


@dataclass(frozen=True, kw_only=True)
class Hour:
    """One hour of the day: what happens, `job` or `cutoff`, and the groups that read it, by their
    names.
    """

    hour: time
    what: str
    groups: tuple[str, ...]
    next_day: bool = False


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A notice as its groups would read it on the sample's day."""

    kind: NoticeKind
    groups: tuple[str, ...]
    notice: Notice


def timetable(campaign: Campaign) -> list[Hour]:
    """The hours of a day in their order; what comes the next morning comes last."""
    hours = [Hour(hour=campaign.cutoff, what=CUTOFF, groups=())]
    for name, job in campaign.jobs.items():
        if name in campaign.hours:
            next_day = job.about is About.DAY_BEFORE
            groups = _groups(campaign, job.kind)
            hours.append(
                Hour(hour=campaign.hours[name], what=name, groups=groups, next_day=next_day)
            )
    return sorted(hours, key=lambda one: (one.next_day, one.hour))


def samples(
    wording: NoticeWording, campaign: Campaign, makers: Mapping[str, MakeSample]
) -> list[Sample]:
    """A notice of each job the campaign gives an hour to, composed as the real ones are; none for a
    job with nothing to say.
    """
    days = bulletin_days(campaign)
    day = days[min(len(days) // 2, LATEST)]
    sheets = day_sheets(campaign, list(_figures(campaign, day)), day, planned_close(campaign, day))
    found = []
    for job, made in makers.items():
        if job in campaign.hours:
            notice = made(wording, campaign, _on_time(campaign, job, day), sheets)
            if notice is not None:
                found.append(
                    Sample(kind=notice.kind, groups=_groups(campaign, notice.kind), notice=notice)
                )
    return found


def _on_time(campaign: Campaign, job: str, day: date) -> ScheduledRun:
    strike = strike_for(campaign, job, day, campaign.moment(day, campaign.cutoff))
    return replace(strike, at=strike.planned)


def _groups(campaign: Campaign, kind: NoticeKind) -> tuple[str, ...]:
    return tuple(group.name for group in campaign.groups if kind in group.notices)


def _figures(campaign: Campaign, until: date) -> Iterator[Figure]:
    """Made-up figures of every day: no more than the target, no stage above the one that bounds
    it.
    """
    days = [day for day in reporting_days(campaign) if day <= until]
    whole = len(reporting_days(campaign))
    number = 0
    for nth, township in enumerate(campaign.townships):
        for place, day in enumerate(days, 1):
            if day == until and nth % SILENT == SILENT - 1:
                continue
            share = min(Decimal(1), SPEEDS[nth % len(SPEEDS)] * place / whole)
            for stage, category, value in _cells(campaign, township, share):
                number += 1
                yield Figure(
                    number=number,
                    township=township.name,
                    day=day,
                    stage=stage,
                    category=category,
                    value=value,
                    recorded_at=campaign.moment(day, campaign.cutoff),
                )


def _cells(campaign: Campaign, township: Township, share: Decimal) -> Iterator[Cell]:
    headline = campaign.stages.index(campaign.headline)
    counts: dict[StageKey, Decimal] = {}
    for nth, stage in enumerate(campaign.stages):
        pace = (
            Decimal("1.3") if nth < headline else Decimal(1) if nth == headline else Decimal("0.7")
        )
        counts[stage.key] = _part(campaign, township.target, min(Decimal(1), share * pace))
        if stage.headline and township.targets:
            parts = {
                key: _part(campaign, target, share) for key, target in township.targets.items()
            }
            counts[stage.key] = sum(parts.values(), Decimal(0))
            yield from ((stage.key, key, value) for key, value in parts.items())
        if stage.within:
            counts[stage.key] = min(counts[stage.key], counts[stage.within])
        yield stage.key, None, counts[stage.key]


def _part(campaign: Campaign, target: Decimal, share: Decimal) -> Decimal:
    return (target * share).quantize(Decimal(1).scaleb(-campaign.decimals), ROUND_DOWN)
