"""An hour of a job, done once: claimed in the ledger in the very transaction that holds its effects (law 4).

A person may hold the bulletin of a day: until he releases it neither it strikes nor what follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from bot import log
from bot.actions.campaigns.enrol import Enrolled
from bot.actions.day.compose import Wording
from bot.domain.campaign import CampaignKey
from bot.domain.workdays import ON_BULLETIN_DAYS, Strike
from bot.store import Session, Store, decisions, lock_campaign, runs
from bot.store.decisions import Decision

Job = Callable[[Session, Enrolled, Strike, Wording], None]
"""Does one job within the caller's transaction: it reads, asks the domain, and hands a notice to `publish`."""


HELD, RELEASED = "bulletin held", "bulletin released"
"""The kinds of decision about "day 2021-10-29" by which a person holds the bulletin of that day, and lets it go."""


def perform(
    store: Store, enrolled: Enrolled, strike: Strike, wording: Wording, job: Job, *, speaks: bool = True
) -> bool:
    """Does the job of that strike in a transaction of its own unless it was done before or is held; whether it was done now."""
    with store.writing() as session:
        return perform_within(session, enrolled, strike, wording, job, speaks=speaks)


def perform_within(
    session: Session, enrolled: Enrolled, strike: Strike, wording: Wording, job: Job, *, speaks: bool = True
) -> bool:
    """Does the job of that strike unless it was done before or is held; whether it was done now.

    The claim and all the job writes are one transaction: a crash undoes both, and the next tick does it whole. With
    `speaks` False the hour is only taken as past (a backlog becomes one notice a kind): the claim stands, nothing is said.
    """
    campaign = enrolled.campaign
    with log.about(campaign=campaign.key, job=strike.job, day=strike.day):
        lock_campaign(session, campaign.key)
        if strike.job in HELD_BACK and keeping(holds(session, campaign.key), strike) is not None:
            return False
        if not runs.claim_run(session, campaign.key, strike.job, strike.planned, ran_at=strike.at, late=strike.late):
            return False
        if speaks:
            job(session, enrolled, strike, wording)
        log.event("job done" if speaks else "job let pass", late=strike.late)
    return True


HELD_BACK = frozenset({"bulletin"}) | ON_BULLETIN_DAYS
"""What a hold keeps back: the bulletin of its day, what follows it, and the same of later days, for no issue passes another."""


def holds(session: Session, campaign: CampaignKey) -> dict[date, Decision]:
    """The days whose bulletin is held, each with the decision that holds it."""
    held: dict[date, Decision] = {}
    for decision in decisions.decisions(session, campaign, (HELD, RELEASED)):
        day = date.fromisoformat(decision.about.removeprefix("day "))
        if decision.kind == HELD:
            held[day] = decision
        else:
            held.pop(day, None)
    return held


def keeping(held: Mapping[date, Decision], strike: Strike) -> Decision | None:
    """The hold that keeps this strike back; None if none does."""
    first = min(held, default=None)
    return held[first] if first is not None and strike.job in HELD_BACK and first <= strike.day else None
