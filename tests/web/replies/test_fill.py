"""The fill page on a contact's phone: no account, no script, plain words; and the clerk's page of
links.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest

from bot.actions.replies.fill import LINK, link_facts
from bot.store.replies import replies
from tests.builders import at, day
from tests.web.conftest import SEASON, Browser, Office


def link(office: Office, township: str = "稻溪镇", of: str = "10-29") -> str:
    campaign = office.enrolled.campaign
    facts = link_facts(campaign, campaign.township(township), day(of))  # type: ignore[arg-type]
    return f"/f/{office.site.links.signed(LINK, facts)}"


def fields(page: str) -> dict[str, str]:
    """What the browser would send: every field of the form with what stands in it."""
    return {
        re.search(r'name="([^"]*)"', tag)[1]: html.unescape(
            (re.search(r'value="([^"]*)"', tag) or [0, ""])[1]
        )  # type: ignore[index]
        for tag in re.findall(r"<input[^>]*>", page)
        if 'type="checkbox"' not in tag
    }


def sends(browser: Browser, path: str, **typed: str) -> str:
    """Fills in the form that stands there and sends it; the page that comes of it."""
    page = browser.get(path).text
    answer = browser.client.post(path, data={**fields(page), **typed})
    return browser.told(answer) if answer.status_code == 303 else answer.text


def test_a_township_reports_from_its_phone_and_sees_where_it_stands(office: Office) -> None:
    office.now = at("10-28 10:00")
    sends(office.browser(), link(office, of="10-28"), **{"completed.": "15"})
    office.now = at("10-29 10:00")
    phone, path = office.browser(), link(office)
    page = phone.get(path).text
    assert "<bdi>稻溪镇</bdi> 10月29日填报" in page
    assert "<script" not in page.replace('<script src="/assets/live.js', "")
    assert "谢" not in page
    told = sends(phone, path, **{"started.": "25", "completed.": "17"})
    assert "已记：稻溪镇 10月29日 开工累计25户" in told
    assert "第1名" in told
    assert "68.00%" in told
    assert "+2户" in told
    assert fields(told)["completed."] == "17"


def test_a_first_report_has_no_increase(office: Office) -> None:
    told = sends(office.browser(), link(office), **{"completed.": "17"})
    assert "17</strong>/25户" in told
    assert "今日新增" not in told


def test_who_told_another_stage_only_has_no_rate_and_no_rank_yet(office: Office) -> None:
    told = sends(office.browser(), link(office), **{"started.": "17"})
    assert "竣工</dt><dd>尚未报过" in told
    assert "无任务" not in told
    assert "名次" not in told


def test_on_the_first_day_no_increase_is_shown(office: Office) -> None:
    office.now = at("10-15 10:00")
    told = sends(
        office.browser(), link(office, of="10-15"), **{"started.": "25", "completed.": "15"}
    )
    assert "本乡镇进度" in told
    assert "今日新增" not in told


def test_the_form_is_prefilled_with_yesterday(office: Office) -> None:
    office.now = at("10-28 10:00")
    sends(office.browser(), link(office, of="10-28"), **{"started.": "25", "completed.": "15"})
    office.now = at("10-29 10:00")
    page = office.browser().get(link(office)).text
    assert fields(page)["completed."] == "15"
    assert fields(page)["accepted."] == ""
    assert "10月28日累计15，任务25" in page
    assert "本乡镇进度" not in page
    told = sends(office.browser(), link(office))  # nothing new
    assert "+0户" in told


def test_what_is_wrong_is_told_and_what_was_typed_stays(office: Office) -> None:
    phone, path = office.browser(), link(office)
    told = sends(phone, path, **{"started.": "25", "completed.": "26"})
    assert "“竣工26户”超出任务数25" in told
    assert fields(told)["completed."] == "26"
    assert (
        'value="26" inputmode="decimal" autocomplete="off" maxlength="14" aria-invalid="true"'
        in told
    )
    told = sends(phone, path, **{"completed.": '"><script>1'})
    assert "不是数字" in told
    assert "<script>1" not in told
    assert "还没有填任何数" in sends(phone, path)


def test_the_reason_that_is_told_is_the_true_one(office: Office) -> None:
    phone, path = office.browser(), link(office)
    assert "小数位数不对，请按整数" in sends(phone, path, **{"completed.": "3.5"})
    assert "与开工数（5）对不上：后一环节的数不能大于前一环节" in sends(
        phone, path, **{"started.": "5", "completed.": "7"}
    )


def test_a_double_click_is_one_message(office: Office) -> None:
    phone, path = office.browser(), link(office)
    form = {**fields(phone.get(path).text), "started.": "25", "completed.": "17"}
    assert [phone.client.post(path, data=form).status_code for _ in range(3)] == [303] * 3
    with office.app.store.reading() as session:
        assert len(replies.replies(session, office.enrolled.campaign.key)) == 1


def test_a_figure_too_high_is_taken_back_with_a_tick(office: Office) -> None:
    phone, path = office.browser(), link(office)
    sends(phone, path, **{"started.": "25", "completed.": "17"})
    told = sends(phone, path, **{"completed.": "12"})
    assert "少于今天已报的17" in told
    told = sends(phone, path, **{"completed.": "12", "correction": "yes"})
    assert "竣工累计12户" in told


@pytest.mark.parametrize(
    ("of", "status", "told"),
    [
        ("10-28", 410, "这是10月28日的链接，当天已经截止。请打开今天（10月29日）的链接"),
        ("10-30", 410, "还没有到填报时间"),
    ],
)
def test_a_link_of_another_day_is_refused_politely(
    office: Office, of: str, status: int, told: str
) -> None:
    path = link(office, of=of)
    for answer in (
        office.browser().get(path),
        office.browser().client.post(path, data={"completed.": "17"}),
    ):
        assert answer.status_code == status
        assert told in answer.text
    with office.app.store.reading() as session:
        assert replies.replies(session, office.enrolled.campaign.key) == []


def test_a_link_of_a_campaign_that_has_ended_is_refused_politely(office: Office) -> None:
    office.now = at("11-21 10:00")
    answer = office.browser().get(link(office, of="11-20"))
    assert answer.status_code == 410
    assert "危房改造现在不收数据" in answer.text


def test_an_altered_link_is_refused_politely(office: Office) -> None:
    path = link(office)
    other = office.site.links.signed("board", {"c": SEASON, "t": "稻溪镇", "d": "20211029"})
    middle = len(path) // 2
    altered = path[:middle] + ("A" if path[middle] != "A" else "B") + path[middle + 1 :]
    for bad in (path[:-1], altered, path + "x", "/f/1", f"/f/{other}", "/f/" + "A" * 5000):
        answer = office.browser().get(bad)
        assert answer.status_code == 404
        assert "请从工作群里重新打开今天的链接" in answer.text


def test_links_of_a_township_tell_nothing_of_another(office: Office) -> None:
    sends(office.browser(), link(office, "兰皋镇"), **{"started.": "9", "completed.": "7"})
    page = office.browser().get(link(office)).text
    assert "兰皋镇" not in page
    assert "本乡镇进度" not in page


def test_the_clerk_copies_todays_links_of_all_townships(office: Office) -> None:
    page = office.browser("clerk").get(f"/c/{SEASON}/links").text
    found = re.findall(r"^(\S+) (http://diaodu\.test/f/\S+)$", html.unescape(page), re.M)
    assert [town for town, _ in found] == [one.name for one in office.enrolled.campaign.townships]
    assert "进度请于17:00前" in page
    assert "PUBLIC_URL" in page
    told = sends(
        office.browser(),
        urlsplit(dict(found)["稻溪镇"]).path,
        **{"started.": "25", "completed.": "17"},
    )
    assert "已记" in told
    assert office.browser("clerk").get(f"/c/{SEASON}/links").text.count("已报") == 1


def test_outside_the_campaign_there_are_no_links(office: Office) -> None:
    office.now = at("11-21 10:00")
    office.leaves("clerk")
    assert "没有可填的日期" in office.browser("clerk").get(f"/c/{SEASON}/links").text
