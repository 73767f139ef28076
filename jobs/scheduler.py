"""APScheduler wakes the ledger: one trigger per campaign and job, and a tick each minute for what was missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.domain.campaign import Campaign, CampaignKey

Wake = Callable[[CampaignKey], object]


def start_scheduler(campaigns: Iterable[Campaign], wake: Wake) -> BackgroundScheduler:
    """Calls `wake` with a campaign's key at each of its hours and once a minute; the caller shuts the scheduler down.

    APScheduler never tells a job its planned moment and drops what is a second late; so a trigger says only *that* it is
    time to look, and the ledger says what is due. Every wake may come late, twice or not at all without harm.
    """
    scheduler = BackgroundScheduler(
        # One wake of a campaign at a time; a missed one is made up for by the next, whatever it was for.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    for campaign in campaigns:
        for job, hour in campaign.hours.items():
            scheduler.add_job(
                wake,
                CronTrigger(hour=hour.hour, minute=hour.minute, second=hour.second, timezone=campaign.timezone),
                args=[campaign.key],
                id=f"{campaign.key}:{job}",
            )
        scheduler.add_job(wake, IntervalTrigger(minutes=1), args=[campaign.key], id=f"{campaign.key}:tick")
    scheduler.start()
    return scheduler
