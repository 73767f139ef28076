"""The clerk's desk, as a browser uses it: every deed by its form, what a refusal says, who may, and
what a hostile text does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bot.actions.replies.collect import collect
from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.replies.reading import Incoming
from bot.store.day import closings
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.notices import notices
from bot.store.replies import readings
from bot.web.day.desk import DEEDS
from tests.actions.replies.test_hear import Ear
from tests.builders import at, day
from tests.once import Once
from tests.store.facts import about
from tests.web.conftest import SEASON, Office, an_office, lived_once

DESK = f"/c/{SEASON}/desk"
TODAY = "2021-10-29"
RIVER = "稻溪镇"


def say(office: Office, sender: str, text: str, moment: str = "") -> int:
    """A message in the group, now; the number of the reply."""
    when = at(moment) if moment else office.now
    incoming = Incoming(id=f"{when} {sender} {text}", text=text, sender=sender, at=when)
    collect(
        office.app.store,
        office.enrolled,
        office.app.reading_wording,
        channel="group",
        incoming=incoming,
        at=when,
    )
    with office.app.store.reading() as session:
        return max(
            reply.number for reply, _ in readings.readings(session, office.enrolled.campaign.key)
        )


def act(office: Office, deed: str, login: str = "clerk", **fields: Any) -> str:
    """What the page says after the deed of that form."""
    browser = office.browser(login)
    answer = browser.post(f"{DESK}/{deed}", {"day": TODAY, **fields})
    return said(browser.told(answer))


def said(page: str) -> str:
    found = re.search(r'<p class="said (?:well|ill)"[^>]*>(.*?)</p>', page)
    return unescape(found[1]) if found else ""


def stands(office: Office, town: str = RIVER, on: str = "10-29") -> Decimal | None:
    campaign = office.enrolled.campaign
    with office.app.store.reading() as session:
        found = figures.standing(session, campaign.key, day(on), office.now + timedelta(seconds=1))
    return found.get((campaign.township(town).name, campaign.headline.key, None))  # type: ignore[arg-type]


def decided(office: Office) -> list[tuple[str, str, str, str]]:
    """What was decided of the campaign since it began, but the accounts of the tests."""
    with office.app.store.reading() as session:
        return [
            (one.person, one.kind, about(one), one.reason)
            for one in decisions.decisions(session, office.enrolled.campaign.key)
            if not about(one).startswith("account")
        ]


def row(page: str, town: str) -> str:
    """The row of a township on the page."""
    rows = re.findall(r'<li id="t-\d+".*?</li>\s*(?=<li id="t-|</ul>)', page, re.S)
    (found,) = [one for one in rows if f'<strong class="town"><bdi>{town}</bdi>' in one]
    return str(found)


def begins(office: Office) -> None:
    office.app.tick(office.enrolled, office.now)
    while office.app.deliver(office.now):
        pass
    say(office, "稻溪镇-谢", "累计开工25户，累计竣工14户")


@pytest.fixture
def begun(
    once: Once,
    sqlite_template: Path,
    tmp_path: Path,
    passwords: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """The office on a morning on which one township has reported and every earlier hour is done."""
    ledger = lived_once(once, "begun-morning", sqlite_template, passwords, begins)
    yield from an_office(
        ledger, tmp_path, passwords, monkeypatch, moment=at("10-29 10:01"), logins={}
    )


def test_a_glance_says_who_is_missing(begun: Office) -> None:
    say(begun, "兰皋镇-邱", "兰皋镇基本完成")
    page = begun.browser("clerk").get(DESK).text
    assert "未报 17" in page
    assert "待确认 1" in page
    assert "现在提醒未报的17个" in page
    assert 'class="on_time"' in row(page, RIVER)
    assert "累计开工25户，累计竣工14户" in row(page, RIVER)
    assert "竣工 <b>14</b>户" in row(page, RIVER)
    assert "基本完成" in row(page, "兰皋镇")
    assert "追问：" in row(page, "兰皋镇")
    assert "17:30</time> 通报" in page


def test_a_filter_shows_one_state_and_keeps_the_others_out_of_sight(begun: Office) -> None:
    page = begun.browser("clerk").get(f"{DESK}?show=missing").text
    assert re.search(r'class="on_time" hidden', row(page, RIVER))
    assert re.search(r'class="missing">', row(page, "松砚镇"))
    assert begun.browser("clerk").get(f"{DESK}?show=nonsense").status_code == 200


def test_any_day_of_the_season_up_to_today_can_be_looked_at(begun: Office) -> None:
    browser = begun.browser("clerk")
    assert "10月28日（周四）" in browser.get(f"{DESK}?day=2021-10-28").text
    for wrong in ("2021-10-30", "2021-10-01", "yesterday", "2021-13-01"):
        assert browser.get(f"{DESK}?day={wrong}").status_code == 404
        assert browser.get(f"{DESK}/preview?day={wrong}").status_code == 404


def test_a_reading_is_explained_on_the_words_themselves(begun: Office) -> None:
    page = begun.browser("clerk").get(f"{DESK}?why=1").text
    assert '<mark title="数量">14户<small>数量</small></mark>' in page
    assert "记为：稻溪镇 竣工累计14户" in page
    assert begun.browser("clerk").get(f"{DESK}?why=99999").status_code == 200
    assert begun.browser("clerk").get(f"{DESK}?why=x").status_code == 200


def test_a_question_is_settled_by_what_it_offers(begun: Office) -> None:
    number = say(begun, "稻溪镇-谢", "报2户")
    page = begun.browser("clerk").get(DESK).text
    offered = re.findall(
        r'name="choice" value="(\d)"><button class="main">是“(.*?)”', row(page, RIVER)
    )
    choice = next(at for at, label in offered if "累计2户" not in label)
    assert act(begun, "settle", number=number, choice=choice) == "已采纳，数据已记入。"
    assert stands(begun) in (16, 23)
    assert decided(begun)[-1][:3] == ("李四", "reply approved", f"reply {number}")
    assert act(begun, "settle", "chief", number=number, choice=choice) == (
        f"李四已处理第{number}号回复（已采纳），不必重复处理。"
    )
    assert len(decided(begun)) == 1


def test_a_question_is_settled_by_values(begun: Office) -> None:
    number = say(begun, "稻溪镇-谢", "竣工差不多完成")
    told = act(begun, "settle", number=number, **{"value-completed-": "二十"})
    assert told == "“二十”不是数，请填阿拉伯数字。"
    told = act(begun, "settle", number=number, **{"value-completed-": "26"})
    assert told == "稻溪镇填的26不在0至任务数25之间，请核对。"
    assert (
        act(begun, "settle", number=number, **{"value-completed-": "２０"})
        == "已采纳，数据已记入。"
    )
    assert stands(begun) == 20


def test_the_office_enters_for_a_township_and_may_correct_itself(begun: Office) -> None:
    fields = {
        "township": "松砚镇",
        "reason": "电话报来",
        "value-started-": "20",
        "value-completed-": "12",
    }
    assert act(begun, "enter", **fields) == "已补录。"
    assert stands(begun, "松砚镇") == 12
    page = begun.browser("clerk").get(DESK).text
    assert "李四" in row(page, "松砚镇")
    assert "电话报来" in row(page, "松砚镇")
    assert act(begun, "enter", "chief", **fields) == "松砚镇10月29日已经是这个数，不必重复记。"
    less = {**fields, "value-completed-": "11", "value-started-": ""}
    assert act(begun, "enter", **less) == (
        "松砚镇的竣工已报12，多于11。如确需改小，请勾选“更正”并写明原因。"
    )
    assert act(begun, "enter", **less, correction="1") == "已补录。"
    assert act(begun, "enter", **{**fields, "reason": " "}) == "请写明原因，操作记录里要用。"
    assert (
        act(begun, "enter", **{**fields, "township": "石桥镇"})
        == "没有“石桥镇”这个乡镇，请从名单中选择。"
    )
    assert act(begun, "enter", township=RIVER, reason="x") == "请至少填写一个环节的累计数。"
    assert stands(begun, "松砚镇") == 11


def test_a_figure_is_withdrawn_and_what_stood_before_stands_again(begun: Office) -> None:
    say(begun, "稻溪镇-谢", "累计竣工15户")
    page = begun.browser("clerk").get(DESK).text
    number = re.findall(r'<option value="(\d+)">竣工15户', row(page, RIVER))[0]
    assert act(begun, "withdraw", number=number, reason="报错") == "已撤回，恢复为此前的数。"
    assert stands(begun) == 14
    assert (
        act(begun, "withdraw", number=number, reason="报错")
        == f"第{number}号数据已经撤回过，不必再撤。"
    )


def test_a_held_reply_of_a_closed_day_brings_out_a_correction(begun: Office) -> None:
    number = say(begun, "稻溪镇-谢", "昨日数据更正：累计开工25户，累计竣工13户")
    page = begun.browser("clerk").get(DESK).text
    assert "说的是已截止的日期" in row(page, RIVER)
    told = act(begun, "settle", number=number, of_day="2021-10-28", reason="核实")
    assert told == "已采纳，数据已记入，第14期更正随即发出。"
    with begun.app.store.reading() as session:
        assert notices.find_notice(
            session, begun.enrolled.campaign.key, NoticeKind("correction"), day("10-28")
        )


def test_a_held_reply_is_refused_with_a_reason(begun: Office) -> None:
    number = say(begun, "王五", "稻溪镇累计竣工15户")
    page = begun.browser("clerk").get(DESK).text
    assert "发送人未登记" in page
    assert act(begun, "refuse", number=number) == "请写明原因，操作记录里要用。"
    assert act(begun, "refuse", number=number, reason="不认识") == "已作不采纳处理。"
    assert decided(begun)[-1] == ("李四", "reply refused", f"reply {number}", "不认识")
    assert act(begun, "refuse", number=999, reason="x") == "没有第999号回复，请刷新后再看。"
    assert act(begun, "refuse", number="x", reason="x") == "表单里的编号不对，请刷新后再试。"


def test_a_sender_and_a_chat_are_tied(begun: Office) -> None:
    ear = Ear(begun.app)
    ear.hears("10-29 10:00", "wm-xie", "累计竣工16户")
    ear.works("10-29 10:00")
    page = begun.browser("clerk").get(DESK).text
    assert "不认识的群" in page
    tie = {"id": "wrchat-1", "kind": "chat", "channel": "wecom:county"}
    assert act(begun, "tie", **tie) == "请先从名单中选择。"
    group = begun.enrolled.campaign.groups[0].key
    assert act(begun, "tie", **tie, name=group) == f"已认定为{group}，1条消息转入判读。"
    ear.works("10-29 10:02")
    assert "不认识的人" in begun.browser("clerk").get(DESK).text
    sender = {"id": "wm-xie", "kind": "sender", "channel": "wecom:county"}
    assert act(begun, "tie", **sender, name="没有此人").startswith(
        "没有名为“没有此人”的联络员，现有："
    )
    assert act(begun, "tie", **sender, name="稻溪镇-谢") == "已认定为稻溪镇-谢，1条消息转入判读。"
    ear.works("10-29 10:03")
    begun.passes(minutes=3)
    assert stands(begun) == 16
    assert [kind for _, kind, _, _ in decided(begun)] == ["tie chat", "tie sender"]


def test_the_missing_are_reminded_once(begun: Office) -> None:
    assert act(begun, "remind") == "提醒已生成，随即发到工作群。"
    begun.passes(minutes=1)
    assert act(begun, "remind", "chief") == "今天10:01已经提醒过，每天只提醒一次。"
    page = begun.browser("clerk").get(DESK).text
    assert "未报提醒已过" in page
    assert "现在提醒" not in page
    assert [kind for _, kind, _, _ in decided(begun)] == ["reminded now"]


def test_the_bulletin_is_previewed_held_released_and_published_early(begun: Office) -> None:
    browser = begun.browser("clerk")
    preview = browser.get(f"{DESK}/preview").text
    assert "按现在已有的数据试排" in preview
    assert "竣工14户" in preview
    assert act(begun, "hold", reason="待核") == "已暂缓通报，逾期清单和晨报一并顺延。"
    page = browser.get(DESK).text
    assert "暂缓了这一期通报" in page
    assert "待核" in page
    assert act(begun, "hold", "chief", reason="待核") == "李四已经暂缓了这一期通报，不必重复操作。"
    assert act(begun, "publish", reason="急用") == "李四已暂缓通报，请先解除暂缓再发布。"
    begun.passes(days=1)
    browser.sign_in("clerk")
    page = browser.get(DESK).text
    assert "暂缓了10月29日的通报，这一期也等它" in page
    begun.passes(days=-1)
    browser.sign_in("clerk")
    assert act(begun, "release", reason="已核", held_day=TODAY).startswith("已解除暂缓")
    assert (
        act(begun, "release", reason="已核", held_day=TODAY) == "10月29日的通报没有暂缓，不必解除。"
    )
    assert act(begun, "publish") == "请写明原因，操作记录里要用。"
    assert act(begun, "publish", reason="会上要用") == "已截止今天的报送，通报随即发出。"
    with begun.app.store.reading() as session:
        assert day("10-29") in closings.closings(session, begun.enrolled.campaign.key)
    page = browser.get(DESK).text
    assert "已截止并通报" in page
    assert "提前发布" not in page
    assert "已经发布，各群看到的如下。" in browser.get(f"{DESK}/preview").text
    assert act(begun, "publish", "chief", reason="急用") == (
        "10月29日已于10:01截止并通报，不能再改；数据有误的，请更正。"
    )


def test_a_sentence_is_added_changed_and_taken_back(begun: Office) -> None:
    browser = begun.browser("clerk")
    assert act(begun, "sentence", sentence="明天停电。") == "这句话将印在通报落款之前。"
    page = browser.get(DESK).text
    (seen,) = re.findall(r'name="seen" value="(\d+)"', page)
    assert 'value="明天停电。"' in page
    assert "【明天停电。】" in browser.get(f"{DESK}/preview").text
    assert act(begun, "sentence", "chief", sentence="后天停电。") == (
        "李四刚才已另写一句：“明天停电。”，请刷新后再改。"
    )
    assert act(begun, "sentence", sentence="后天停电。", seen=seen) == "这句话将印在通报落款之前。"
    (seen,) = re.findall(r'name="seen" value="(\d+)"', browser.get(DESK).text)
    assert (
        act(begun, "sentence", sentence="一" * 121, seen=seen)
        == "这句话有121个字，最多120个字，请精简。"
    )
    assert act(begun, "sentence", seen=seen, withdraw="1") == "已撤下这句话。"
    assert "停电" not in browser.get(f"{DESK}/preview").text


def test_after_a_deed_one_is_where_one_was(begun: Office) -> None:
    browser = begun.browser("clerk")
    answer = browser.post(f"{DESK}/remind", {"day": TODAY, "show": "missing", "place": "t-3"})
    assert answer.headers["location"] == f"{DESK}?day={TODAY}&show=missing#t-3"
    answer = browser.post(f"{DESK}/remind", {"day": TODAY, "place": "//elsewhere.example"})
    assert answer.headers["location"] == f"{DESK}?day={TODAY}"


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("login", ["leader", "supervisor", "stranger", ""])
def test_nobody_but_a_clerk_does_anything(begun: Office, deed: str, login: str) -> None:
    answer = begun.browser(login).post(
        f"{DESK}/{deed}", {"day": TODAY, "reason": "x", "sentence": "x"}
    )
    assert answer.status_code == (403 if login else 401)
    assert decided(begun) == []


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_without_the_mark_of_the_session_is_none(begun: Office, deed: str) -> None:
    fields = {"day": TODAY, "reason": "x", "sentence": "x", "number": "1"}
    assert begun.browser("clerk").post(f"{DESK}/{deed}", fields, csrf="").status_code == 403
    assert decided(begun) == []


def test_what_a_reply_holds_is_shown_as_it_is_and_does_nothing(begun: Office) -> None:
    hostile = "<script>alert(1)</script><b>竣工16户</b>{{ 90907*11 }}\u202e\"'><img src=x onerror=alert(1)>"
    number = say(begun, "稻溪镇-谢", hostile)
    for path in (DESK, f"{DESK}?why={number}"):
        page = begun.browser("clerk").get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "999977" not in page


def test_phones_are_masked(begun: Office) -> None:
    number = say(begun, "稻溪镇-谢", "累计竣工15户，联系电话13912345678")
    for path in (DESK, f"{DESK}?why={number}"):
        page = begun.browser("clerk").get(path).text
        assert "139****5678" in page
        assert not re.search(r"(?<!\d)1\d{10}(?!\d)", page)


def test_the_page_renews_itself_part_by_part_and_is_small(begun: Office) -> None:
    for township in begun.enrolled.campaign.townships:
        say(begun, township.contacts[0].nick, "竣工差不多完成")
    answer = begun.browser("clerk").get(DESK)
    assert 'data-live="5"' in answer.text
    parts = re.findall(r'data-part="([^"]+)"', answer.text)
    assert len(parts) == len(set(parts)) == 3 + len(begun.enrolled.campaign.townships)
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert len(answer.content) < 200_000
    again = begun.browser("clerk").get(DESK, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    say(begun, "稻溪镇-谢", "累计竣工18户")
    assert (
        begun.browser("clerk")
        .get(DESK, headers={"If-None-Match": answer.headers["etag"]})
        .status_code
        == 200
    )
