"""Finds what was due and is not done, at start and at every tick, and does it once (law 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot import log
from bot.actions.day.strike import Job, perform
from bot.actions.replies.collect import read_waiting
from bot.domain.campaigns.campaign import BULLETIN, About, Campaign
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun, planned_close, strikes
from bot.domain.replies.reading import ReadingWording
from bot.store import Session, Store
from bot.store.campaigns import versions
from bot.store.day import runs
from bot.views.day.steering import holds, keeping
from bot.views.notices.wording import NoticeWording


def recover(
    store: Store,
    enrolled: Enrolled,
    wording: NoticeWording,
    reading_wording: ReadingWording,
    jobs: Mapping[str, Job],
    at: datetime,
) -> int:
    """Does everything of the campaign that is due at `at` and not done, in order; how many hours
    were worked off.

    What was due before this installation knew the campaign is not owed. A job that fails is logged
    and left for the next tick; it holds up no other.
    """
    campaign = enrolled.campaign
    read_waiting(store, enrolled, reading_wording, at)
    done = 0
    for strike, speaks in backlog(campaign, due_strikes(store, campaign, at)):
        try:
            done += perform(store, enrolled, strike, wording, jobs[strike.job], speaks=speaks)
        except Exception:
            # Nobody planned this; the transaction is undone and the ledger still shows the hour as
            # due.
            with log.about(campaign=campaign.key, job=strike.job, day=strike.day):
                log.failure("job failed, the next tick tries again")
    return done


def due_strikes(store: Store, campaign: Campaign, at: datetime) -> tuple[ScheduledRun, ...]:
    """Every planned hour up to `at` that the ledger does not show as done, without what a person
    holds back.
    """
    with store.reading() as session:
        due = not_done(session, campaign, at)
        held = holds(session, campaign.key) if due else {}
    return tuple(strike for strike in due if keeping(campaign, held, strike) is None)


def not_done(session: Session, campaign: Campaign, at: datetime) -> tuple[ScheduledRun, ...]:
    """Every planned hour up to `at` that the ledger does not show as done, held back or not."""
    since = versions.first_loaded_at(session, campaign.key)
    if since is None:
        return ()
    planned = strikes(campaign, since, at)
    done = runs.runs_done(session, campaign.key, since, at)
    return tuple(strike for strike in planned if (strike.job, strike.planned) not in done)


def backlog(campaign: Campaign, due: Sequence[ScheduledRun]) -> list[tuple[ScheduledRun, bool]]:
    """The due hours in order, each with whether it still speaks.

    Of each job only the latest does, so that days away become one notice a kind and not a flood; a
    call or a reminder whose day has passed its cut-off has nothing left to ask; what is told the
    next morning says nothing that a later bulletin says better.
    """
    latest = {strike.job: strike.planned for strike in due}
    newest_close = max((strike.planned for strike in due if strike.job == BULLETIN), default=None)

    def speaks(strike: ScheduledRun) -> bool:
        job = campaign.jobs[strike.job]
        if strike.planned != latest[strike.job]:
            return False
        if job.notice.asks_for_the_day:
            return strike.at < campaign.moment(strike.day, campaign.cutoff)
        if job.about is About.DAY_BEFORE and newest_close is not None:
            return planned_close(campaign, strike.day) >= newest_close
        return strike.at - strike.planned < STALE

    return [(strike, speaks(strike)) for strike in due]


STALE = timedelta(days=31)
"""A notice later than this is no news to anybody; the ledger still shows its hour as let pass."""
