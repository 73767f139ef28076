"""APScheduler wakes the ledger: one trigger per campaign and job, and a tick each minute for what
was missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.domain.campaigns.campaign import Campaign, CampaignKey

Wake = Callable[[CampaignKey], object]


LOOK_EVERY = 15
"""Seconds between two looks whether a campaign was set up, changed or ended."""


def start_scheduler(campaigns: Callable[[], Iterable[Campaign]], wake: Wake) -> BackgroundScheduler:
    """Calls `wake` with a campaign's key at each of its hours and once a minute; the caller shuts
    the scheduler down.

    `campaigns` is asked again and again: triggers follow what was set up, changed or ended
    meanwhile. APScheduler never tells a job its planned moment and drops what is a second late; so
    a trigger says only *that* it is time to look, and the ledger says what is due. Every wake may
    come late, twice or not at all without harm.
    """
    scheduler = BackgroundScheduler(
        # One wake of a campaign at a time; a missed one is made up for by the next, whatever it was
        # for.
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    planned: dict[CampaignKey, tuple[Campaign, list[str]]] = {}

    def plan() -> None:
        wanted = {campaign.key: campaign for campaign in campaigns()}
        for key, (campaign, triggers) in list(planned.items()):
            if wanted.get(key) is not campaign:
                for trigger in triggers:
                    scheduler.remove_job(trigger)
                del planned[key]
        for key in wanted.keys() - planned.keys():
            planned[key] = (wanted[key], _triggers(scheduler, wanted[key], wake))

    plan()
    scheduler.add_job(plan, IntervalTrigger(seconds=LOOK_EVERY), id="plan")
    scheduler.start()
    return scheduler


def _triggers(scheduler: BackgroundScheduler, campaign: Campaign, wake: Wake) -> list[str]:
    """Adds the triggers of a campaign; their names."""
    triggers = {
        f"{campaign.key}:{job}": CronTrigger(
            hour=hour.hour, minute=hour.minute, second=hour.second, timezone=campaign.timezone
        )
        for job, hour in campaign.hours.items()
    }
    triggers[f"{campaign.key}:tick"] = IntervalTrigger(minutes=1)
    for name, trigger in triggers.items():
        scheduler.add_job(wake, trigger, args=[campaign.key], id=name)
    return list(triggers)
