"""The site on the season of 2021 up to a moment, served on loopback as `diaodu run` serves it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn

from bot.actions.people import people
from bot.actions.replies.collect import collect
from bot.app import App, build_app, load_campaigns
from bot.commands.demo import SEASON, season_replies
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import strikes
from bot.domain.decisions.actor import Actor
from bot.domain.people.roles import EVERY_CAMPAIGN, Role
from bot.domain.replies.reading import Incoming
from bot.web.pages import PAGES
from bot.web.site import Site
from config.settings import Settings
from jobs import JOBS
from tests.builders import at

PASSWORD = "stone-bridge-17"
SETTINGS = {"SECRET_KEY": "season-of-2021-" * 3}
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

    def hears(self, sender: str, text: str) -> None:
        """A message in the group, now."""
        said = Incoming(id=f"{self.now} {sender} {text}", text=text, sender=sender, at=self.now)
        wording = self.app.reading_wording
        collect(self.app.store, self.enrolled, wording, channel="group", incoming=said, at=self.now)

    def passes(self, **time: float) -> None:
        """Lets time pass, with everything that is due in it."""
        self.now += timedelta(**time)
        self.app.tick(self.enrolled, self.now)
        while self.app.deliver(self.now):
            pass


def season_until(
    folder: Path, moment: datetime, settings: dict[str, str] | None = None
) -> tuple[App, Enrolled]:
    """A ledger in `folder` in which the season has passed up to that moment, with its staff."""
    given = {"DATA_DIR": str(folder), **SETTINGS, **(settings or {})}
    with (folder / "group.txt").open("a", encoding="utf-8") as console:
        app = build_app(Settings.load(given, None), JOBS, console=console)
        (loaded,) = load_campaigns([SEASON], JOBS)
        began = loaded.campaign.moment(loaded.campaign.start, loaded.campaign.quiet.end)
        enrolled = app.enrol(loaded, began)
        goes_on(app, enrolled, began, moment)
        let_in(app, began)
    return app, enrolled


def goes_on(
    app: App,
    enrolled: Enrolled,
    since: datetime,
    until: datetime,
    replies: Iterable[Incoming] | None = None,
) -> None:
    """Lets time pass after `since`, up to `until`: each message comes (those of the season, if none
    are given), each hour strikes.
    """
    coming = season_replies() if replies is None else replies
    passing: list[tuple[datetime, Incoming | None]] = [
        (one.at, one) for one in coming if since < one.at < until
    ]
    hours = [strike.planned for strike in strikes(enrolled.campaign, since, until)]
    passing += [(planned, None) for planned in dict.fromkeys(hours)]
    for at_, reply in sorted(passing, key=lambda one: (one[0], one[1] is None)):
        if reply is None:
            app.tick(enrolled, at_)
            while app.deliver(at_):
                pass
        else:
            collect(
                app.store, enrolled, app.reading_wording, channel="replay", incoming=reply, at=at_
            )


def let_in(app: App, since: datetime) -> None:
    """Opens the accounts of the staff."""
    with app.store.writing() as session:
        for login, (name, campaign, role) in STAFF.items():
            people.add_person(
                session,
                login=login,
                name=name,
                password=PASSWORD,
                by=Actor(name="陈主任"),
                at=since,
                campaign=campaign,
                role=role,
            )


@contextmanager
def served(app: App, enrolled: Enrolled, moment: datetime) -> Iterator[Served]:
    """Serves the pages on a free port of loopback until the block ends."""
    held: list[Served] = []
    site = Site(app, PAGES, lambda: held[0].now)
    server = uvicorn.Server(
        uvicorn.Config(site.asgi, log_config=None, access_log=False, lifespan="off")
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        held.append(
            Served(app, enrolled, site, f"http://127.0.0.1:{taken.getsockname()[1]}", moment)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield held[0]
        finally:
            server.should_exit = True
            thread.join()


MORNING = at("10-29 10:00")
"""The call is out, nobody has reported yet."""

AFTERNOON = at("10-29 16:20")
"""The reminder is out, some townships are missing, one was asked back."""
