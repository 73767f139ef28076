"""The board as a leader meets it: one screen of a phone, a wall that renews itself, a link without
an account.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from bot.actions.day.correct import TypedValue, enter
from bot.actions.oversight import board_links
from bot.domain.campaigns.campaign import TownshipName
from bot.domain.decisions.actor import Actor
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from tests.browser.axe import serious
from tests.browser.conftest import Opens
from tests.browser.pages import signed_board
from tests.browser.served import Served
from tests.builders import COMPLETED, day

BOARD = "/c/rural-housing-2021/board"
SLOWEST = TownshipName("茶埂乡")


def bottom(page: Any, words: str) -> float:
    """How far down the page a text ends, in pixels."""
    box = page.get_by_text(words, exact=False).first.bounding_box()
    assert box is not None, words
    return float(box["y"] + box["height"])


def test_the_first_screen_of_a_phone_says_where_it_stands(opened: Opens) -> None:
    page = opened("leader", BOARD, width=360, height=740)
    for words in (
        "/341户",
        "今日新增",
        "离期限",
        "每日需竣工",
        "近7日日均",
        "预计完成",
        "后三",
        "未报",
    ):
        assert bottom(page, words) < 740, words
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize(
    "path",
    [BOARD, f"{BOARD}?day=2021-10-15&as=then", f"{BOARD}/t/{quote(SLOWEST)}", f"{BOARD}?wall=1"],
)
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_screen_and_none_has_a_serious_fault(
    looks: Opens, path: str, width: int
) -> None:
    page = looks("leader", path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert serious(page) == []


def test_the_wall_shows_everything_at_once(opened: Opens) -> None:
    page = opened("leader", f"{BOARD}?wall=1", width=1920, height=1080)
    assert page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    ) == [
        1920,
        1080,
    ]
    assert page.locator(".wall-list li").count() == 19


def test_the_wall_renews_itself(opened: Opens, season: Served) -> None:
    page = opened("leader", f"{BOARD}?wall=1", still=True)
    before = page.inner_text(".sum .much")
    target = season.enrolled.campaign.township(SLOWEST).target
    told = NewFigure(
        township=SLOWEST,
        day=day("10-29"),
        stage=COMPLETED,
        category=None,
        value=Decimal(target),
        late=False,
    )
    with season.app.store.writing() as session:
        figures.add_figures(
            session,
            campaign=season.enrolled.campaign.key,
            version=1,
            recorded_at=season.now,
            figures=[told],
        )
    page.clock.run_for(21_000)
    page.wait_for_function(
        "was => document.querySelector('.sum .much').textContent !== was", arg=before
    )
    assert int(page.inner_text(".sum .much")) > int(before)


def test_a_leader_goes_from_the_board_to_a_township_to_a_day_before_and_back(opened: Opens) -> None:
    page = opened("leader", BOARD, width=360)
    page.click(f"table.ranks a:has-text('{SLOWEST}')")
    assert page.inner_text("h1") == SLOWEST
    page.click("nav.days a[rel=prev]")
    assert "day=2021-10-28" in page.url
    page.click("text=返回看板")
    assert page.inner_text("nav.days strong") == "10月28日"


def test_a_link_opens_the_board_until_it_ends(opened: Opens, season: Served) -> None:
    link = signed_board(season)
    page = opened("", link, width=360)
    assert "/341户" in page.inner_text("main")
    page.click(f"table.ranks a:has-text('{SLOWEST}')")
    assert page.inner_text("h1") == SLOWEST
    season.now = board_links.links_end(season.enrolled.campaign)
    page.goto(season.origin + link)
    assert "链接已失效" in page.inner_text("main")


def test_what_was_corrected_is_seen_as_it_was_known_then(opened: Opens, season: Served) -> None:
    values = [TypedValue(stage=COMPLETED, category="", value=Decimal(2))]
    with season.app.store.writing() as session:
        enter(
            session, season.enrolled, season.app.wording, SLOWEST, day("10-28"), values,
            by=Actor(name="李四"), reason="台账核实", at=season.now, correction=True,
        )  # fmt: skip
    for login, path in (("leader", BOARD), ("", signed_board(season))):
        page = opened(login, path, width=360, height=740)
        page.click("nav.days a[rel=prev]")
        line = page.locator("table.ranks tr", has_text=SLOWEST)
        expect(line).to_contain_text("2/11")
        page.get_by_role("link", name="当日通报时").click()
        expect(line).to_contain_text("3/11")
        expect(page.locator("main")).to_contain_text("这是10月28日通报时的数据")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
