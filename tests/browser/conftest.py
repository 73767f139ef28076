"""Chromium for these tests, and the season up to a morning and its afternoon, lived once and copied
for each test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.app import build_app, load_campaigns
from bot.commands.demo import SEASON
from config.settings import Settings
from jobs import JOBS
from tests.browser.served import (
    AFTERNOON,
    MORNING,
    PASSWORD,
    SETTINGS,
    Served,
    goes_on,
    season_until,
    served,
)
from tests.once import Once

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


# Playwright keeps an event loop in this thread; tests of other rooms need it free
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. Where CI is true it must be there; elsewhere its want is told."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        told = "NO BROWSER: the pages were not opened in a real one; install chromium (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def morning_ledger(once: Once) -> Path:
    """A ledger of the season up to the morning of 29 October, when nobody has reported yet."""

    def make(folder: Path) -> None:
        app, _ = season_until(folder, MORNING)
        app.close()

    return once.made("season-until-the-morning", make)


@pytest.fixture(scope="session")
def afternoon_ledger(once: Once, morning_ledger: Path) -> Path:
    """The same in the afternoon of that day."""

    def make(folder: Path) -> None:
        with a_copy(morning_ledger, folder, MORNING) as site:
            goes_on(site.app, site.enrolled, MORNING, AFTERNOON)

    return once.made("season-until-the-afternoon", make)


@contextmanager
def a_copy(ledger: Path, folder: Path, moment: datetime) -> Iterator[Served]:
    """A copy of a ledger in `folder`, served at that moment."""
    with ExitStack() as held:
        for file in ledger.iterdir():
            if file.is_file():
                shutil.copy(file, folder / file.name)
        console = held.enter_context((folder / "group.txt").open("a", encoding="utf-8"))
        app = build_app(
            Settings.load({"DATA_DIR": str(folder), **SETTINGS}, None), JOBS, console=console
        )
        held.callback(app.close)
        (loaded,) = load_campaigns([SEASON], JOBS)
        yield held.enter_context(served(app, app.enrol(loaded, moment), moment))


@pytest.fixture
def morning(morning_ledger: Path, tmp_path: Path) -> Iterator[Served]:
    """That morning, served, for one test alone."""
    with a_copy(morning_ledger, tmp_path, MORNING) as site:
        yield site


@pytest.fixture
def season(afternoon_ledger: Path, tmp_path: Path) -> Iterator[Served]:
    """That afternoon, served, for one test alone."""
    with a_copy(afternoon_ledger, tmp_path, AFTERNOON) as site:
        yield site


@pytest.fixture(scope="session")
def gallery(afternoon_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """That afternoon, served, for all tests that only look."""
    with a_copy(afternoon_ledger, tmp_path_factory.mktemp("gallery"), AFTERNOON) as site:
        yield site


@pytest.fixture(scope="module")
def lookers(chromium: Browser, gallery: Served) -> Iterator[Opens]:
    """People who look at pages of one afternoon that nobody changes."""
    opens = Opens(chromium, gallery, keeps=True)
    yield opens
    opens.close()


@pytest.fixture
def looks(lookers: Opens) -> Iterator[Opens]:
    """Opens pages of that afternoon, to be looked at."""
    yield lookers
    lookers.leave()


class Opens:
    """Opens pages of a site as somebody: `opened("clerk", "/c/…/desk", width=360)`.

    Nothing may be asked of any other host, no script may fail, nothing may offend the content
    policy, no box may pop up.
    """

    def __init__(self, chromium: Browser, site: Served, *, keeps: bool = False) -> None:
        """`keeps`: a person has one page and goes on with it; a window of its own for each look is
        what looking costs most.
        """
        self.chromium, self.site, self.keeps = chromium, site, keeps
        self._kept: dict[tuple[str, str], Page] = {}
        self.strangers: list[str] = []
        self.faults: list[str] = []
        self._held = ExitStack()
        self._signed_in: dict[str, Any] = {}

    def __call__(
        self,
        login: str,
        path: str,
        *,
        width: int = 1280,
        height: int = 900,
        still: bool = False,
        **others: Any,
    ) -> Page:
        """`still` leaves the page's own clock standing, so that it renews itself only when a test
        moves that clock on.
        """
        key = login, repr(others)
        if key in self._kept:
            page = self._kept[key]
            page.set_viewport_size({"width": width, "height": height})
        else:
            page = self._new_page(login, viewport={"width": width, "height": height}, **others)
        if self.keeps:
            self._kept[key] = page
        if still:
            page.clock.install(time=MORNING)
            page.clock.pause_at(MORNING + timedelta(minutes=1))
        page.goto(self.site.origin + path)
        return page

    def _new_page(self, login: str, **others: Any) -> Page:
        others = {"locale": "zh-CN", "storage_state": self._signed_in.get(login), **others}
        context = self.chromium.new_context(**others)
        self._held.callback(context.close)
        page = context.new_page()
        page.on("request", self._asked)
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on(
            "console", lambda said: self.faults.append(said.text) if said.type == "error" else None
        )
        page.on("dialog", lambda box: (self.faults.append(f"a box: {box.message}"), box.dismiss()))
        if login and login not in self._signed_in:
            page.goto(f"{self.site.origin}/login")
            page.fill("input[name=login]", login)
            page.fill("input[name=password]", PASSWORD)
            page.click("button.main")
            self._signed_in[login] = context.storage_state()
        return page

    def _asked(self, one: Any) -> None:
        if not one.url.startswith((self.site.origin, "about:blank")):
            self.strangers.append(one.url)

    def leave(self) -> None:
        """Turns the kept pages away, for an open one goes on renewing itself, and says what must
        not have been.
        """
        for page in self._kept.values():
            page.goto("about:blank")
        self._judge()

    def close(self) -> None:
        """Closes what was opened, and says what must not have been."""
        self._held.close()
        self._judge()

    def _judge(self) -> None:
        assert self.strangers == []
        # What the server refuses is told by the browser as an error too; scripts and the content
        # policy must be silent.
        assert [fault for fault in self.faults if "Failed to load resource" not in fault] == []


@pytest.fixture
def opened(chromium: Browser, season: Served) -> Iterator[Opens]:
    """Opens pages of that afternoon."""
    opens = Opens(chromium, season)
    yield opens
    opens.close()
