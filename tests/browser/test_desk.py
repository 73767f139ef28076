"""The clerk's desk in a real browser: it renews itself, leaves alone what somebody types, and works
without scripts.
"""

from __future__ import annotations

import re

from playwright.sync_api import expect

from bot.commands.demo import SEASON
from tests.browser.conftest import Opens
from tests.browser.served import Served
from tests.browser.test_setup import is_sound

DESK = f"/c/{SEASON}/desk"


def test_the_page_renews_itself_and_leaves_alone_what_somebody_types(
    opened: Opens, season: Served
) -> None:
    page = opened("clerk", DESK, still=True)
    missing = page.locator("details.missing:not([open]):visible")
    first, second = missing.nth(0).get_attribute("id"), missing.nth(1).get_attribute("id")
    towns = [page.locator(f"#{one} .town").inner_text() for one in (first, second)]
    page.click(f"#{first} > summary")
    page.click(f"#{first} details[id^=e-] > summary")
    page.fill(f"#{first} input[name=reason]", "电话里说的")
    nicks = {one.name: one.contacts[0].nick for one in season.enrolled.campaign.townships}
    for town in towns:
        season.hears(nicks[town], "今日无新增")
    page.clock.run_for(6_000)
    expect(page.locator(f"#{second}")).to_have_class("on_time")
    # Somebody is at work in the other row: it stays as it is, and says that there is something new.
    assert page.input_value(f"#{first} input[name=reason]") == "电话里说的"
    assert page.locator(f"#{first}").get_attribute("class") == "missing"
    assert page.locator(f"li:has(#{first})").get_attribute("data-waits")
    page.fill(f"#{first} input[name=reason]", "")
    page.click("h1")
    page.clock.run_for(6_000)
    expect(page.locator(f"#{first}")).to_have_class("on_time")
    expect(page.locator(f"#{first}")).to_have_attribute("open", "")


def test_a_question_is_settled_without_scripts(opened: Opens, season: Served) -> None:
    season.hears("松砚镇-罗", "报2户")
    page = opened("clerk", f"{DESK}?show=asked", java_script_enabled=False)
    row = page.locator("details.asked:visible", has=page.locator(".town", has_text="松砚镇"))
    row.locator("button", has_text="今日新增2户").click()
    expect(page.locator(".said.well")).to_have_text("已采纳，数据已记入。")
    assert re.search(r"show=asked#t-\d+$", page.url)
    assert page.locator("details.asked:visible .town", has_text="松砚镇").count() == 0


def test_of_two_clerks_who_steer_at_once_the_later_is_told(opened: Opens) -> None:
    one, other = opened("clerk", DESK), opened("clerk2", DESK)
    for page in (one, other):
        page.click("#hold > summary")
        page.fill("#hold input[name=reason]", "数据待核")
    one.click("#hold button")
    expect(one.locator(".said.well")).to_contain_text("已暂缓通报")
    other.click("#hold button")
    expect(other.locator(".said.ill")).to_have_text("李四已经暂缓了这一期通报，不必重复操作。")


def test_the_desk_and_the_preview_are_sound(opened: Opens, season: Served) -> None:
    season.hears("松砚镇-罗", "报2户，联系电话13912345678")
    for path in (DESK, f"{DESK}?why=1", f"{DESK}?show=waits", f"{DESK}/preview"):
        page = opened("clerk", path, width=360, height=740)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        is_sound(page)
