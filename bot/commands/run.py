"""Serves: the jobs by the clock, the deliverer, health over HTTP, until SIGTERM."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import click

from bot import log
from bot.app import App, build_app, load_campaigns
from bot.commands.plain import now, told_plainly
from bot.domain.campaign import CampaignKey
from bot.store import StoreUnreachable, deliveries, runs
from bot.web.health import health_app
from bot.web.server import serve
from config.settings import Settings
from jobs import JOBS
from jobs.scheduler import start_scheduler

LOOK_EVERY = 1.0
"""Seconds between two looks of the deliverer at what is due."""

OLD = timedelta(hours=1)
"""A notice undelivered for longer than this makes the service unhealthy."""


@click.command()
@told_plainly
def run() -> None:
    """Serve the campaigns of the settings until SIGTERM. With no .env at all: SQLite, the sample campaign, the console."""
    settings = Settings.load()
    log.start(settings.log_level)
    loaded = load_campaigns(settings.campaigns, JOBS)
    app = build_app(settings, JOBS)
    for one in loaded:
        app.enrol(one, now())
    stop = threading.Event()
    deliverer = threading.Thread(target=_deliver, args=(app, stop), name="deliverer")
    for key in app.campaigns:
        _wake(app, key)
    deliverer.start()
    scheduler = start_scheduler([enrolled.campaign for enrolled in app.campaigns.values()], lambda key: _wake(app, key))
    log.event("serving", campaigns=list(app.campaigns), address=f"http://{settings.http_host}:{settings.http_port}")
    try:
        serve(health_app(lambda: look(app)), settings.http_host, settings.http_port)
    finally:
        scheduler.shutdown(wait=True)
        stop.set()
        deliverer.join()
        app.close()
        log.event("stopped")


def _wake(app: App, key: CampaignKey) -> None:
    try:
        app.tick(app.campaigns[key], now())
    except Exception:
        # The database may be away for a while; the next tick finds everything that was due.
        log.failure("tick failed", campaign=key)


def _deliver(app: App, stop: threading.Event) -> None:
    while not stop.wait(LOOK_EVERY):
        try:
            while app.deliver(now()) and not stop.is_set():
                pass
        except Exception:
            log.failure("deliverer failed")


def look(app: App) -> Mapping[str, Any]:
    """What GET /health says: the last run of every job, the age of the oldest undelivered notice, deliveries by state."""
    try:
        with app.store.reading() as session:
            last = runs.last_runs(session)
            oldest = deliveries.oldest_open(session)
            states = {key: deliveries.counts(session, key) for key in app.campaigns}
    except StoreUnreachable as fault:
        return {"healthy": False, "database": str(fault)}
    waiting = None if oldest is None else now() - oldest
    return {
        "healthy": waiting is None or waiting < OLD,
        "database": "ok",
        "oldest_undelivered_seconds": None if waiting is None else round(waiting.total_seconds()),
        "deliveries": states,
        "last_runs": [
            {"campaign": campaign, "job": job, "planned": planned.isoformat(), "ran_at": ran_at.isoformat()}
            for campaign, job, planned, ran_at in last
        ],
    }
