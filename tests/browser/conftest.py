"""Chromium for these tests, and the season up to an afternoon, replayed once and copied for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.app import build_app, load_campaigns
from bot.commands.demo import SEASON
from config.settings import Settings
from jobs import JOBS
from tests.browser.served import AFTERNOON, PASSWORD, Served, season_until, served

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser. Where CI is true it must be there; elsewhere its want is told."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        told = (
            "NO BROWSER: the pages were not opened in a real one; install chromium (Debian: apt-get install chromium)"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of the season up to the afternoon of 29 October."""
    folder = tmp_path_factory.mktemp("season")
    app, _ = season_until(folder, AFTERNOON)
    app.close()
    return folder


@pytest.fixture
def season(afternoon: Path, tmp_path: Path) -> Iterator[Served]:
    """That afternoon, served, for one test alone."""
    with ExitStack() as held:
        for file in afternoon.iterdir():
            if file.is_file():
                shutil.copy(file, tmp_path / file.name)
        console = held.enter_context((tmp_path / "group.txt").open("a", encoding="utf-8"))
        app = build_app(
            Settings.load({"DATA_DIR": str(tmp_path), "SECRET_KEY": "season-of-2021-" * 3}, None), JOBS, console=console
        )
        held.callback(app.close)
        (loaded,) = load_campaigns([SEASON], JOBS)
        yield held.enter_context(served(app, app.enrol(loaded, AFTERNOON), AFTERNOON))


Opens = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, season: Served) -> Iterator[Opens]:
    """Opens a page of the site as somebody: `opened("clerk", "/c/…/desk", width=360)`. Nothing may be asked of any other host."""
    strangers: list[str] = []
    faults: list[str] = []
    with ExitStack() as held:

        def opens(login: str, path: str, *, width: int = 1280, height: int = 900, **others: Any) -> Page:
            context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **others)
            held.callback(context.close)
            page = context.new_page()
            page.on("request", lambda one: strangers.append(one.url) if not one.url.startswith(season.origin) else None)
            page.on("pageerror", lambda fault: faults.append(str(fault)))
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            if login:
                page.goto(f"{season.origin}/login")
                page.fill("input[name=login]", login)
                page.fill("input[name=password]", PASSWORD)
                page.click("button.main")
            page.goto(season.origin + path)
            return page

        yield opens
    assert strangers == []
    # What the server refuses is told by the browser as an error too; scripts and the content policy must be silent.
    assert [fault for fault in faults if "Failed to load resource" not in fault] == []
