"""Pictures of pages: what is drawn stays what it was, and a page that looks as before gives the
file it gave before.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.browser.picture import keep, small

COLOURS = """(png) => new Promise((done) => {
  const image = new Image();
  image.onload = () => {
    const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    done([...context.getImageData(0, 0, image.width, image.height).data]);
  };
  image.src = "data:image/png;base64," + png;
})"""


def drawn(browser: Browser, width: int, height: int, style: str) -> bytes:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_content(f"<body style='margin:0;height:100vh;{style}'>")
    picture = page.screenshot()
    page.close()
    return picture


def pixels(browser: Browser, picture: bytes) -> list[int]:
    page = browser.new_page()
    found: Any = page.evaluate(COLOURS, base64.b64encode(picture).decode())
    page.close()
    return list(found)


def test_a_picture_of_few_colours_keeps_every_pixel(chromium: Browser) -> None:
    picture = drawn(
        chromium,
        40,
        9,
        "background:linear-gradient(90deg,#234 50%,#fed 50%);border-top:1px solid #f00",
    )
    assert pixels(chromium, small(chromium.new_page(), picture)) == pixels(chromium, picture)


def test_of_many_colours_each_pixel_stays_close(chromium: Browser) -> None:
    picture = drawn(chromium, 400, 4, "background:linear-gradient(90deg,#000,#fff 60%,#06c)")
    kept, before = pixels(chromium, small(chromium.new_page(), picture)), pixels(chromium, picture)
    assert len({tuple(kept[at : at + 3]) for at in range(0, len(kept), 4)}) <= 256
    assert max(abs(one - other) for one, other in zip(kept, before, strict=True)) <= 24


def test_the_same_page_gives_the_same_file_which_is_then_left_alone(
    chromium: Browser, tmp_path: Path
) -> None:
    style = "background:linear-gradient(45deg,#123,#fed)"
    first, second = (small(chromium.new_page(), drawn(chromium, 60, 60, style)) for _ in range(2))
    assert first == second
    assert keep(tmp_path / "page.png", first) is True
    assert keep(tmp_path / "page.png", second) is False
    assert (
        keep(tmp_path / "page.png", small(chromium.new_page(), drawn(chromium, 60, 61, style)))
        is True
    )
