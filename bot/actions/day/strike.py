"""An hour of a job, done once: claimed in the ledger in the very transaction that holds its effects
(law 4).

A person may hold the bulletin of a day: until he releases it neither it strikes nor what follows
it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot import log
from bot.domain.campaigns.campaign import JobKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.store import Session, Store, lock_campaign
from bot.store.day import runs
from bot.views.day.sample import MakeSample
from bot.views.day.steering import holds, keeping
from bot.views.notices.wording import NoticeWording

Run = Callable[[Session, Enrolled, ScheduledRun, NoticeWording], None]
"""Does one job within the caller's transaction: it reads, asks the domain, and hands a notice to
`publish`.
"""


@dataclass(frozen=True, kw_only=True)
class Job(JobKind):
    """A job as its file in `jobs/` declares it: what is true of it, what it does, and a sample of
    its notice.
    """

    run: Run
    sample: MakeSample


def perform(
    store: Store,
    enrolled: Enrolled,
    strike: ScheduledRun,
    wording: NoticeWording,
    job: Job,
    *,
    speaks: bool = True,
) -> bool:
    """Does the job of that strike in a transaction of its own unless it was done before or is held;
    whether it was done now.
    """
    with store.writing() as session:
        return perform_within(session, enrolled, strike, wording, job, speaks=speaks)


def perform_within(
    session: Session,
    enrolled: Enrolled,
    strike: ScheduledRun,
    wording: NoticeWording,
    job: Job,
    *,
    speaks: bool = True,
) -> bool:
    """Does the job of that strike unless it was done before or is held; whether it was done now.

    The claim and all the job writes are one transaction: a crash undoes both, and the next tick
    does it whole. With `speaks` False the hour is only taken as past (a backlog becomes one notice
    a kind): the claim stands, nothing is said.
    """
    campaign = enrolled.campaign
    with log.about(campaign=campaign.key, job=strike.job, day=strike.day):
        lock_campaign(session, campaign.key)
        held_back = campaign.jobs[strike.job].held_back
        if held_back and keeping(campaign, holds(session, campaign.key), strike) is not None:
            return False
        if not runs.claim_run(
            session, campaign.key, strike.job, strike.planned, ran_at=strike.at, late=strike.late
        ):
            return False
        if speaks:
            job.run(session, enrolled, strike, wording)
        log.event("job done" if speaks else "job let pass", late=strike.late)
    return True
