"""The site on the season of 2021 up to a moment, served on loopback as `diaodu run` serves it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn

from bot.actions import people
from bot.actions.enrol import Enrolled
from bot.app import App, build_app, load_campaigns
from bot.commands.demo import SEASON, replay, season_replies
from bot.domain.campaign import CampaignKey
from bot.domain.people import EVERY_CAMPAIGN, Role
from bot.web.pages import PAGES
from bot.web.site import Site
from config.settings import Settings
from jobs import JOBS
from tests.builders import at

PASSWORD = "stone-bridge-17"
STAFF = {
    "clerk": ("李四", CampaignKey(SEASON), Role.CLERK),
    "clerk2": ("周敏", CampaignKey(SEASON), Role.CLERK),
    "leader": ("王局", CampaignKey(SEASON), Role.LEADER),
    "supervisor": ("赵督", CampaignKey(SEASON), Role.SUPERVISOR),
    "chief": ("陈主任", EVERY_CAMPAIGN, Role.CLERK),
}


@dataclass
class Served:
    """The program, where it is reached, and its clock, which stands until it is moved."""

    app: App
    enrolled: Enrolled
    site: Site
    origin: str
    now: datetime

    def passes(self, **time: float) -> None:
        """Lets time pass, with everything that is due in it."""
        self.now += timedelta(**time)
        self.app.tick(self.enrolled, self.now)
        while self.app.deliver(self.now):
            pass


def season_until(folder: Path, moment: datetime, settings: dict[str, str] | None = None) -> tuple[App, Enrolled]:
    """A ledger in `folder` in which the season has passed up to that moment, with its staff."""
    given = {"DATA_DIR": str(folder), "SECRET_KEY": "season-of-2021-" * 3, **(settings or {})}
    with (folder / "group.txt").open("a", encoding="utf-8") as console:
        app = build_app(Settings.load(given, None), JOBS, console=console)
        (loaded,) = load_campaigns([SEASON], JOBS)
        began = loaded.campaign.moment(loaded.campaign.start, loaded.campaign.quiet.end)
        enrolled = app.enrol(loaded, began)
        replay(app, enrolled, [reply for reply in season_replies() if reply.at < moment], until=moment)
        with app.store.writing() as session:
            for login, (name, campaign, role) in STAFF.items():
                people.add_person(
                    session,
                    login=login,
                    name=name,
                    password=PASSWORD,
                    by="陈主任",
                    at=began,
                    campaign=campaign,
                    role=role,
                )
    return app, enrolled


@contextmanager
def served(app: App, enrolled: Enrolled, moment: datetime) -> Iterator[Served]:
    """Serves the pages on a free port of loopback until the block ends."""
    held: list[Served] = []
    site = Site(app, PAGES, lambda: held[0].now)
    server = uvicorn.Server(uvicorn.Config(site.asgi, log_config=None, access_log=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        held.append(Served(app, enrolled, site, f"http://127.0.0.1:{taken.getsockname()[1]}", moment))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield held[0]
        finally:
            server.should_exit = True
            thread.join()


AFTERNOON = at("10-29 16:20")
"""The reminder is out, some townships are missing, one was asked back."""
