"""A clerk sets a campaign up in a real browser, from an empty form to the address of a group, on a
desk and on a phone.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from bot.domain.campaigns.campaign import CampaignKey, GroupKey
from config.campaign_file.roster import roster_template
from tests.browser.axe import serious
from tests.browser.conftest import Opens
from tests.browser.served import Served
from tests.config.test_form import ROSTER

TYPED = {
    "key": "toilets-2021",
    "title": "全县户厕改造",
    "short_title": "户厕改造",
    "bureau": "县农业农村局",
    "office": "改厕办",
    "start": "2021-11-01",
    "deadline": "2021-11-30",
    "unit": "座",
}
ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cret-0123456789"


def is_sound(page: Page) -> None:
    """Nothing runs off a phone, and axe finds no serious fault."""
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    page.set_viewport_size({"width": 1280, "height": 900})
    assert serious(page) == [], page.url


def test_from_an_empty_form_to_a_served_campaign(
    opened: Opens, season: Served, tmp_path: Path
) -> None:
    page = opened("chief", "/setup")
    is_sound(page)
    page.click("text=新建专项")
    for name, value in TYPED.items():
        page.fill(f"input[name='{name}']", value)
    page.fill("input[name='categories[1].name']", "新建")
    page.click("button[value='row:categories']")
    assert page.url.endswith("#f-categories")
    page.fill("input[name='categories[2].name']", "改造")
    is_sound(page)
    with page.expect_download() as download:
        page.click("button[value=template]")
    assert download.value.suggested_filename.endswith(".xlsx")
    assert Path(download.value.path()).read_bytes()[:2] == roster_template([], "")[:2] == b"PK"

    (tmp_path / "名册.csv").write_text(ROSTER, encoding="utf-8")
    page.set_input_files("input[name=roster]", tmp_path / "名册.csv")
    page.fill("input[name='hours.remind']", "07:00")
    # as people do; it is the next step, not another row
    page.press("input[name='hours.remind']", "Enter")
    page.click("text=未报提醒时间（现填“07:00”）：应晚于报送提醒时间08:30")
    assert page.url.endswith("#f-hours-remind")
    is_sound(page)
    page.fill("input[name='hours.remind']", "16:00")
    page.click("form.setup button.main")
    assert "【户厕改造每日调度】第15期" in page.inner_text("#sample-bulletin")
    is_sound(page)
    page.click("button[value=save]")
    assert "已保存并生效" in page.inner_text(".said.well")

    page.fill("#g-group1 input[name=url]", ADDRESS)
    page.click("#g-group1 button.main")
    assert "已设置" in page.inner_text("#g-group1")
    assert "s3cret" not in page.content()
    is_sound(page)
    robot = season.app.robots.of(CampaignKey("toilets-2021"), GroupKey("group1"))
    assert robot is not None
    assert robot.address.url == ADDRESS
