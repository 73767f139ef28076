"""An hour of a job, done once: claimed in the ledger in the very transaction that holds its effects (law 4)."""

from __future__ import annotations

from collections.abc import Callable

from bot import log
from bot.actions.compose import Wording
from bot.actions.enrol import Enrolled
from bot.domain.workdays import Strike
from bot.store import Session, Store, lock_campaign, runs

Job = Callable[[Session, Enrolled, Strike, Wording], None]
"""Does one job within the caller's transaction: it reads, asks the domain, and hands a notice to `publish`."""


def perform(
    store: Store, enrolled: Enrolled, strike: Strike, wording: Wording, job: Job, *, speaks: bool = True
) -> bool:
    """Does the job of that strike unless it was done before; whether it was done now.

    The claim and all the job writes are one transaction: a crash undoes both, and the next tick does it whole. With
    `speaks` False the hour is only taken as past (a backlog becomes one notice a kind): the claim stands, nothing is said.
    """
    campaign = enrolled.campaign
    with log.about(campaign=campaign.key, job=strike.job, day=strike.day), store.writing() as session:
        lock_campaign(session, campaign.key)
        if not runs.claim_run(session, campaign.key, strike.job, strike.planned, ran_at=strike.at, late=strike.late):
            return False
        if speaks:
            job(session, enrolled, strike, wording)
        log.event("job done" if speaks else "job let pass", late=strike.late)
    return True
