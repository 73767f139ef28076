"""Serves: the jobs by the clock, the deliverer, health over HTTP, until SIGTERM."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial

import click

from bot import log
from bot.actions.day.heartbeat import Heart
from bot.actions.notices.deliver import Deliverer
from bot.app import App, build_app, load_campaigns
from bot.commands.plain import now, told_plainly
from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.scheduling.scheduler import start_scheduler
from bot.store import StoreUnreachable
from bot.store.replies import readings
from bot.views.day.watch import ServiceHealth, watch
from bot.web.callbacks import callback_routes
from bot.web.health import health_routes
from bot.web.metrics import Metrics
from bot.web.pages import PAGES
from bot.web.server import serve, settle
from bot.web.site import Site
from config.settings import Settings
from jobs import JOBS

LOOK_EVERY = 1.0
"""Seconds between two looks of the deliverer at what is due."""

BEAT_EVERY = 20.0
"""Seconds between two looks whether the heartbeat is due."""

SIDE_BY_SIDE = 128
"""How many groups are served at one time; a thread is started when there is something for it."""


@click.command()
@click.option(
    "--worker",
    is_flag=True,
    help="Only carry jobs and deliveries, beside other processes on one PostgreSQL.",
)
@told_plainly
def run(worker: bool) -> None:
    """Serve the campaigns of the settings until SIGTERM. With no .env at all: SQLite, the sample
    campaign, the console.
    """
    settings = Settings.load()
    log.start(settings.log_level)
    loaded = load_campaigns(settings.campaigns, JOBS)
    app = build_app(settings, JOBS)
    for one in loaded:
        app.enrol(one, now())
    app.take_up()
    if worker:
        _work(app)
        return
    stop = threading.Event()
    deliverer = threading.Thread(target=_deliver, args=(app, stop), name="deliverer")
    for key in app.campaigns:
        _wake(app, key)
    deliverer.start()
    if settings.heartbeat_url:
        from bot.channels.http import Http  # here, so that no other command loads an HTTP library

        heart = Heart(app.store, partial(Http(()).knock, settings.heartbeat_url))
        # Nobody waits for it: whoever is called may be slow, and the process may end meanwhile.
        threading.Thread(
            target=_beat, args=(app, heart, stop), name="heartbeat", daemon=True
        ).start()
    listening = app.listening(now)
    listening.start()
    scheduler = start_scheduler(lambda: _served(app), lambda key: _wake(app, key))
    log.event(
        "serving",
        campaigns=list(app.campaigns),
        address=f"http://{settings.http_host}:{settings.http_port}",
    )
    try:
        doors = [
            *health_routes(
                lambda: look(app),
                metrics_of(app).page,
                connections=listening.health,
                ended=lambda: _ended(
                    {"deliverer": deliverer.is_alive(), "scheduler": scheduler.running}
                ),
            ),
            *callback_routes(listening, now),
        ]
        site = Site(app, PAGES, now, also=doors)
        settle()
        serve(site.asgi, settings.http_host, settings.http_port)
    finally:
        listening.stop()
        scheduler.shutdown(wait=True)
        stop.set()
        deliverer.join()
        app.close()
        log.event("stopped")


def _work(app: App) -> None:
    # Here, so that whoever serves alone does not load it.
    from bot.scheduling.workers import NoWorkers, Workers

    try:
        workers = Workers(
            app.settings.database_url,
            lambda: [campaign.key for campaign in _served(app)],
            lambda key: _wake(app, key),
            lambda: _carry(app.deliverer(now), take_up=app.take_up),
        )
    except NoWorkers as fault:
        raise click.ClickException(f"{fault}, or leave out --worker") from None
    try:
        workers.run()
    finally:
        app.close()
        log.event("stopped")


def _served(app: App) -> list[Campaign]:
    """The campaigns of this moment: a page of another process may have set one up."""
    try:
        app.take_up()
    except Exception:
        log.failure("campaigns not looked at anew")
    return [enrolled.campaign for enrolled in app.campaigns.values()]


def _wake(app: App, key: CampaignKey) -> int:
    try:
        app.take_up()
        enrolled = app.campaigns.get(key)
        return 0 if enrolled is None else app.tick(enrolled, now())
    except Exception:
        # The database may be away for a while; the next tick finds everything that was due.
        log.failure("tick failed", campaign=key)
        return 0


def _carry(
    deliverer: Deliverer,
    stop: Callable[[], bool] = lambda: False,
    take_up: Callable[[], bool] = lambda: False,
) -> int:
    try:
        if take_up():
            deliverer.assign_anew()
        return deliverer.carry_due(stop=stop)
    except Exception:
        log.failure("deliverer failed")
        return 0


def _deliver(app: App, stop: threading.Event) -> None:
    deliverer = app.deliverer(now, threads=SIDE_BY_SIDE)
    while not stop.wait(LOOK_EVERY):
        _carry(deliverer, stop.is_set, app.take_up)


def _ended(running: Mapping[str, bool]) -> list[str]:
    return [name for name, runs in running.items() if not runs]


def _beat(app: App, heart: Heart, stop: threading.Event) -> None:
    pause = LOOK_EVERY
    while not stop.wait(pause):
        pause = BEAT_EVERY
        try:
            heart.beat([enrolled.campaign for enrolled in app.campaigns.values()], now())
        except Exception:
            log.failure("heartbeat failed")


def look(app: App) -> ServiceHealth | str:
    """What the ledger shows now; a sentence when it does not answer."""
    try:
        with app.store.reading() as session:
            return watch(session, [enrolled.campaign for enrolled in app.campaigns.values()], now())
    except StoreUnreachable as fault:
        return str(fault)


def metrics_of(app: App) -> Metrics:
    """The metrics of this process, its readings counted from now on."""

    def readings_since(number: int) -> tuple[int, Mapping[str, int], int]:
        with app.store.reading() as session:
            return readings.counts_since(session, number)

    with app.store.reading() as session:
        return Metrics(app.tally.counts, readings_since, readings.latest_number(session))
