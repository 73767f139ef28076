"""Looks whether the service does what it is there for: every hour done, every notice on its way.
Asks the ledger little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.campaigns.workdays import strikes
from bot.store import Session
from bot.store.campaigns import versions
from bot.store.day import runs
from bot.store.notices import deliveries
from bot.views.day.steering import holds, keeping

OLD = timedelta(hours=1)
"""A notice undelivered for longer than this is a trouble."""

GRACE = timedelta(minutes=15)
"""An hour not done for longer than this is a trouble."""

REACH = timedelta(days=16)
"""How far back a job's last hour is looked for: over the longest holiday."""

NEWEST = 1000
"""How many deliveries are counted by state; the rest is history."""


@dataclass(frozen=True, kw_only=True)
class JobHealth:
    """A job of a campaign: the last hour it was due, the last one done (both planned moments) and
    when that was done.

    `held_by` is the person who holds it back: what he holds is not late.
    """

    campaign: CampaignKey
    job: str
    last_due: datetime | None
    last_done: datetime | None
    ran_at: datetime | None
    late: bool
    held_by: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceHealth:
    """What was seen at one moment. `states`: of the newest deliveries how many stand in each state,
    by campaign.
    """

    at: datetime
    waiting: timedelta | None
    jobs: tuple[JobHealth, ...]
    states: Mapping[CampaignKey, Mapping[str, int]]

    @property
    def troubles(self) -> tuple[str, ...]:
        """What a person should look at, each in a sentence; none while all is well."""
        late = [
            f"{job.job} of {job.campaign} was due {job.last_due} and is not done"
            for job in self.jobs
            if job.late
        ]
        if self.waiting is not None and self.waiting > OLD:
            late.append(
                f"a notice has waited {round(self.waiting.total_seconds() / 60)} minutes to be delivered"
            )
        return tuple(late)

    @property
    def held(self) -> tuple[str, ...]:
        """What a person holds back, each in a sentence; it raises no alarm."""
        held = (job for job in self.jobs if job.held_by)
        return tuple(
            f"{job.job} of {job.campaign} was due {job.last_due} and is held by {job.held_by}"
            for job in held
        )


def watch(session: Session, campaigns: Iterable[Campaign], at: datetime) -> ServiceHealth:
    """What the ledger shows at that moment, by a few short queries for each campaign and none over
    its history.
    """
    oldest = deliveries.oldest_due(session)
    return ServiceHealth(
        at=at,
        waiting=None if oldest is None or oldest > at else at - oldest,
        jobs=tuple(job for campaign in campaigns for job in _jobs(session, campaign, at)),
        states=deliveries.counts_of_newest(session, NEWEST),
    )


def _jobs(session: Session, campaign: Campaign, at: datetime) -> list[JobHealth]:
    loaded = versions.first_loaded_at(session, campaign.key)
    since = at if loaded is None else max(loaded, at - REACH)
    due = {strike.job: strike for strike in strikes(campaign, since, at)}
    done = runs.last_runs(session, campaign.key, campaign.hours, at - REACH)
    open_still = {
        job: strike
        for job, strike in due.items()
        if job not in done or done[job][0] < strike.planned
    }
    held_back = any(campaign.jobs[job].held_back for job in open_still)
    held = holds(session, campaign.key) if held_back else {}
    keeps = {job: keeping(campaign, held, strike) for job, strike in open_still.items()}
    return [
        JobHealth(
            campaign=campaign.key,
            job=job,
            last_due=due[job].planned if job in due else None,
            last_done=done[job][0] if job in done else None,
            ran_at=done[job][1] if job in done else None,
            late=job in open_still and keeps[job] is None and at - due[job].planned > GRACE,
            held_by=hold.person if (hold := keeps.get(job)) is not None else "",
        )
        for job in campaign.hours
    ]
