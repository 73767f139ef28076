"""The site on a fresh ledger, with somebody of each role; asked as a browser asks it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from bot.actions.people import people
from bot.actions.replies.collect import collect
from bot.app import App, build_app, load_campaigns
from bot.commands.demo import season_replies
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import strikes
from bot.domain.decisions.actor import Actor
from bot.domain.people.roles import EVERY_CAMPAIGN, Role
from bot.web.pages import PAGES
from bot.web.site import Site
from config.settings import Settings
from jobs import JOBS
from tests.builders import at
from tests.once import Once

SEASON = "rural-housing-2021"
PASSWORD = "stone-bridge-17"
"""Of everybody in these tests."""

LAST_HOUR = at("10-29 18:00")
"""Of the season as far as the tests replay it."""

LOGINS = {
    "clerk": ("李四", CampaignKey(SEASON), Role.CLERK),
    "leader": ("王局", CampaignKey(SEASON), Role.LEADER),
    "supervisor": ("赵督", CampaignKey(SEASON), Role.SUPERVISOR),
    "finance": ("钱会计", CampaignKey(SEASON), Role.FINANCE),
    "chief": ("陈主任", EVERY_CAMPAIGN, Role.CLERK),
    "stranger": ("外人", CampaignKey("another"), Role.CLERK),
}


class Browser:
    """One person's browser: it keeps cookies and puts the mark of the session into every form."""

    def __init__(self, site: Site, base: str = "http://diaodu.test") -> None:
        self.client = TestClient(site.asgi, base_url=base, follow_redirects=False)

    def sign_in(self, login: str, password: str = PASSWORD) -> Browser:
        """Signs in; the browser itself, to be used on."""
        answer = self.client.post("/login", data={"login": login, "password": password})
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str, **others: Any) -> Any:
        """Opens an address and does not go on from it."""
        return self.client.get(path, **others)

    def post(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        *,
        files: Any = None,
        csrf: str | None = None,
    ) -> Any:
        """Posts a form as a page of the site would: with the mark of the session, unless another is
        given.
        """
        if csrf is None:
            csrf = self.csrf()
        return self.client.post(path, data={**(fields or {}), "csrf": csrf}, files=files)

    def csrf(self) -> str:
        """The mark the pages of this session carry."""
        found = re.search(r'name="csrf" value="([0-9a-f]*)"', self.client.get("/password").text)
        return found[1] if found else ""

    def told(self, answer: Any) -> str:
        """What the page says that a form led to: its whole text."""
        assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
        where = urlsplit(answer.headers["location"])
        page = self.client.get(where.path + (f"?{where.query}" if where.query else ""))
        assert page.status_code == 200, page.text[:2000]
        return str(page.text)


@dataclass
class Office:
    """The program behind the site, its clock, and browsers for whoever comes."""

    app: App
    enrolled: Enrolled
    site: Site
    now: datetime
    _browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, login: str = "") -> Browser:
        """The browser of that person, signed in; of nobody without a name."""
        if not login:
            return Browser(self.site)
        if login not in self._browsers:
            self._browsers[login] = Browser(self.site).sign_in(login)
        return self._browsers[login]

    def leaves(self, login: str) -> None:
        """Forgets that person's browser."""
        self._browsers.pop(login, None)

    def passes(self, **time: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**time)


@pytest.fixture(scope="session")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is kept of the password of everybody, made once: making it is slow on purpose."""
    return people._checked(PASSWORD, "", "")


@pytest.fixture(scope="session")
def quiet_house(once: Once, sqlite_template: Path, passwords: str) -> Path:
    """The ledger with the campaign of 2021, nothing reported yet, and somebody of each role."""
    return lived_once(once, "quiet-house", sqlite_template, passwords, lambda _: None)


@pytest.fixture(scope="module")
def open_house(
    quiet_house: Path, tmp_path_factory: pytest.TempPathFactory, passwords: str
) -> Iterator[Office]:
    """One office for all tests of a module that only look who may come in."""
    with pytest.MonkeyPatch.context() as patch:
        yield from an_office(
            quiet_house, tmp_path_factory.mktemp("office"), passwords, patch, logins={}
        )


@pytest.fixture
def office(
    quiet_house: Path, tmp_path: Path, passwords: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The site with the campaign of 2021 on its fifteenth day, nothing reported yet, and somebody
    of each role.
    """
    yield from an_office(quiet_house, tmp_path, passwords, monkeypatch, logins={})


def an_office(
    template: Path,
    folder: Path,
    passwords: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    moment: datetime | None = None,
    settings: dict[str, str] | None = None,
    logins: dict[str, tuple[str, CampaignKey, Role]] = LOGINS,
) -> Iterator[Office]:
    """An office at that moment (29 October, 10:00) with these settings besides, and these
    people.
    """
    shutil.copy(template, folder / "diaodu.sqlite3")
    with (folder / "console.txt").open("w", encoding="utf-8") as console:
        app = build_app(
            Settings.load({"DATA_DIR": str(folder), **(settings or {})}, None),
            JOBS,
            console=console,
        )
        (loaded,) = load_campaigns([SEASON], JOBS)
        began = at("10-15 08:00")
        enrolled = app.enrol(loaded, began)
        with app.store.writing() as session, monkeypatch.context() as quick:
            quick.setattr(people, "_checked", lambda *_: passwords)
            for login, (name, campaign, role) in logins.items():
                people.add_person(
                    session,
                    login=login,
                    name=name,
                    password=PASSWORD,
                    by=Actor(name="tests"),
                    at=began,
                    campaign=campaign,
                    role=role,
                )
        held: list[Office] = []
        office = Office(
            app, enrolled, Site(app, PAGES, lambda: held[0].now), moment or at("10-29 10:00")
        )
        held.append(office)
        yield office
        app.close()


def lived_once(
    once: Once, name: str, template: Path, passwords: str, happens: Callable[[Office], None]
) -> Path:
    """The ledger of an office in which that has happened; it happens once a run."""

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            for office in an_office(template, folder, passwords, patch):
                happens(office)

    return once.made(name, make) / "diaodu.sqlite3"


@pytest.fixture(scope="session")
def season(once: Once, sqlite_template: Path, passwords: str) -> Path:
    """The ledger of the season up to the evening of its fifteenth day, every message read and every
    hour struck.
    """
    return lived_once(
        once, "season-until-the-evening", sqlite_template, passwords, season_until_the_evening
    )


def season_until_the_evening(office: Office) -> None:
    campaign = office.enrolled.campaign
    hours = strikes(campaign, campaign.moment(campaign.start, campaign.quiet.end), LAST_HOUR)
    passing: list[tuple[Any, Any]] = [
        (one.at, one) for one in season_replies() if one.at <= LAST_HOUR
    ]
    passing += [(moment, None) for moment in dict.fromkeys(strike.planned for strike in hours)]
    for moment, reply in sorted(passing, key=lambda one: (one[0], one[1] is None)):
        if reply is None:
            office.app.tick(office.enrolled, moment)
            while office.app.deliver(moment):  # who was never reached is not late (law 12)
                pass
        else:
            collect(
                office.app.store,
                office.enrolled,
                office.app.reading_wording,
                channel="replay",
                incoming=reply,
                at=moment,
            )


@pytest.fixture
def evening(
    season: Path, tmp_path: Path, passwords: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The office on that evening, with the people it had."""
    (folder := tmp_path / "evening").mkdir()  # a test may compare it with an office of its own
    yield from an_office(season, folder, passwords, monkeypatch, moment=LAST_HOUR, logins={})
