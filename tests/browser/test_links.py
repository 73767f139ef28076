"""Links without an account, on a phone: good ones, altered ones, ended ones, and those of a day
that is over.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect

from bot.actions.oversight import board_links
from tests.browser.conftest import Opens
from tests.browser.pages import HERE, fill_link
from tests.browser.served import Served


def altered(path: str) -> str:
    """The link with one sign of its signature changed."""
    return path[:-5] + ("A" if path[-5] != "A" else "B") + path[-4:]


def test_a_board_link_is_made_on_its_page_altered_ended_and_expires(
    opened: Opens, season: Served
) -> None:
    clerk = opened("clerk", f"{HERE}/board/link")

    def made() -> str:
        clerk.get_by_role("button", name="生成链接").click()
        return urlsplit(clerk.locator("#address").input_value()).path

    link = made()
    phone = opened("", link, width=360, height=740)
    expect(phone.locator("main")).to_contain_text("/341户")
    phone.goto(season.origin + altered(link))
    expect(phone.locator("h1")).to_have_text("链接已失效")
    clerk.get_by_role("button", name="停用全部链接").click()
    phone.goto(season.origin + link)
    expect(phone.locator("main")).to_contain_text("请向发给您链接的人要一个新的")
    again = made()
    phone.goto(season.origin + again)
    expect(phone.locator("main")).to_contain_text("/341户")
    season.now = board_links.links_end(season.enrolled.campaign)
    phone.reload()
    expect(phone.locator("h1")).to_have_text("链接已失效")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360


def test_a_township_reports_by_its_link_until_its_day_is_over(
    opened: Opens, season: Served
) -> None:
    link = fill_link(season, "茶埂乡")
    phone = opened("", link, width=360, height=740)
    phone.get_by_label("累计竣工（户）").first.fill("4")
    phone.get_by_role("button", name="报送").click()
    expect(phone.locator(".said.well")).to_contain_text("竣工累计4户")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    phone.get_by_label("累计竣工（户）").first.fill("5")
    season.passes(hours=16)
    phone.get_by_role("button", name="再报一次").click()
    expect(phone.locator("main")).to_contain_text("这是10月29日的链接，当天已经截止")
    phone.goto(season.origin + altered(link))
    expect(phone.locator("main")).to_contain_text("这个链接不完整或被改动过")
