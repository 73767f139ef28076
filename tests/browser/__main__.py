"""Takes a picture of every page on an afternoon of the season of 2021; one that looks as before is
left as it is.

usage: python -m tests.browser [FOLDER]  (docs/pages if none is named)
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.pages import SEEN
from tests.browser.picture import keep, small
from tests.browser.served import AFTERNOON, PASSWORD, Served, season_until, served

HOST = "diaodu.example"
"""The name in the addresses of the pictures: the real one has a port that is another each time."""

PHONE = (360, 740)
TALLEST = 1700
"""Pixels of a picture: what stands further down is more of the same."""


def main() -> None:
    """Replays the season into a folder of its own, serves it, and writes the pictures."""
    into = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pages")
    into.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="diaodu-pages-"))
    app, enrolled = season_until(folder, AFTERNOON)
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with served(app, enrolled, AFTERNOON) as site, sync_playwright() as playwright:
        site.origin, port = f"http://{HOST}", urlsplit(site.origin).port
        told = f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}"
        # The same strokes on every screen, and few colours: no sub-pixels, no hinting.
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[*QUIET, told, "--disable-lcd-text", "--font-render-hinting=none"],
        )
        blank = browser.new_page()
        for seen in SEEN:
            sizes = [(seen.name, seen.width, seen.height)] + [
                (f"{seen.name}-phone", *PHONE)
            ] * seen.narrow
            for name, width, height in sizes:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, locale="zh-CN"
                )
                page = context.new_page()
                if seen.login:
                    _sign_in(site, page, seen.login)
                page.goto(site.origin + seen.address(site))
                whole = int(page.evaluate("document.documentElement.scrollHeight"))
                page.set_viewport_size({"width": width, "height": min(max(whole, height), TALLEST)})
                picture = small(blank, page.screenshot(animations="disabled"))
                print(
                    f"{into / name}.png",
                    "written" if keep(into / f"{name}.png", picture) else "as before",
                )
                context.close()
        browser.close()
    app.close()
    shutil.rmtree(folder)


def _sign_in(site: Served, page: Page, login: str) -> None:
    page.goto(f"{site.origin}/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("button.main")


if __name__ == "__main__":
    main()
