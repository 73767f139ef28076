"""Every page that is looked at: sound in light and in dark, on a phone and on a desk, without
scripts, and under hostile names.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import serious
from tests.browser.conftest import Opens
from tests.browser.hostile import HOSTILE, hostile_site
from tests.browser.pages import HERE, SEEN, Seen

WIDTHS = ((360, 740), (1280, 900))
TURNS_ITS_NEIGHBOURS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, isolated = "bdi, option, pre, textarea, title, desc, text";
    if (!text.data.includes("\u202e") || text.parentElement.closest(isolated)) continue;
    // Alone in a block of its own it turns nothing but itself.
    const block = text.parentElement;
    if (getComputedStyle(block).display !== "inline" && block.childNodes.length === 1 && block.tagName !== "P") continue;
    found.push(block.outerHTML.slice(0, 200));
  }
  return found;
}"""


@pytest.fixture(scope="module")
def hostile_people(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opens]:
    """People who look at pages of a campaign in which every name and every word is hostile."""
    with hostile_site(tmp_path_factory.mktemp("hostile")) as site:
        opens = Opens(chromium, site, keeps=True)
        yield opens
        opens.close()


@pytest.fixture
def hostile(hostile_people: Opens) -> Iterator[Opens]:
    """Opens pages of that campaign, to be looked at."""
    yield hostile_people
    hostile_people.leave()


def wide(page: Page, width: int) -> list[str]:
    """What runs off the viewport, if the page can be scrolled sideways."""
    return list(
        page.evaluate(
            """width => document.documentElement.scrollWidth <= width ? [] :
            [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > width + 1)
            .map(one => one.outerHTML.slice(0, 160)).slice(0, 8).concat('wider')""",
            width,
        )
    )


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: seen.name)
def test_a_page_is_sound_in_light_and_dark_at_both_widths(looks: Opens, seen: Seen) -> None:
    page = looks(seen.login, seen.address(looks.site))
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert wide(page, width) == [], width
        page.emulate_media(color_scheme="light")
        assert serious(page) == [], width
        page.emulate_media(color_scheme="dark")
        assert serious(page, "color-contrast") == [], width


def test_every_page_is_whole_without_scripts(looks: Opens) -> None:
    for seen in SEEN:
        page = looks(seen.login, seen.address(looks.site), java_script_enabled=False)
        expect(page.locator("main")).not_to_be_empty()
        assert page.locator("main").inner_text().strip(), seen.name


def test_a_sentence_is_written_without_scripts(opened: Opens) -> None:
    page = opened("clerk", f"{HERE}/desk", java_script_enabled=False)
    page.get_by_text("附加说明").click()
    page.get_by_label("印在通报落款之前").fill("不用脚本写的一句。")
    page.get_by_role("button", name="加上").click()
    expect(page.locator(".said.well")).to_have_text("这句话将印在通报落款之前。")


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: seen.name)
def test_hostile_names_are_text_and_break_no_page(hostile: Opens, seen: Seen) -> None:
    page = hostile(seen.login, seen.address(hostile.site))
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert wide(page, width) == [], width
    # Nothing of what people wrote became an element; nothing that turns the line turns what stands
    # beside it.
    assert page.locator("script").count() == 1
    assert (
        page.locator(
            "img, iframe, object, marquee, [onerror], [onclick], [onmouseover], [style]"
        ).count()
        == 0
    )
    assert page.evaluate(TURNS_ITS_NEIGHBOURS) == []
    assert "owned" not in page.title().replace("document.title='owned'", "")
    if seen.path != f"{HERE}/board?wall=1" and str(seen.path).startswith(HERE):
        expect(page.locator("header.top .of")).to_have_text(HOSTILE["title"])


def test_what_hostile_people_wrote_stands_on_the_desk_as_they_wrote_it(hostile: Opens) -> None:
    page = hostile("clerk", f"{HERE}/desk")
    shown = page.locator("main").text_content() or ""
    for words in (HOSTILE["township"], HOSTILE["reply"], HOSTILE["sentence_seen"]):
        assert words in shown + page.locator("input[name=sentence]").input_value(), words
