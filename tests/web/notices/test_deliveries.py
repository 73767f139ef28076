"""The clerk's page of deliveries: each state in words, the platform's own words, and deeds that
only this campaign's clerk may do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.campaigns.campaign import CampaignKey, NoticeKind
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.delivery import DeliveryState, Step
from bot.domain.statement import Words
from bot.store.decisions import decisions
from bot.store.notices import deliveries, notices, robots
from bot.store.notices.robots import Switch
from tests.builders import at, day
from tests.store.facts import a_notice, about
from tests.store.notices.steps import record_attempt
from tests.web.conftest import SEASON, Office

HERE = f"/c/{SEASON}/deliveries"
SAID = at("10-28 17:30")
SOON = timedelta(minutes=2)
S = DeliveryState


def carried(
    office: Office, *ends: tuple[DeliveryState, str, Words], campaign: str = SEASON, **changes: Any
) -> list[int]:
    """A bulletin of 28 October to as many groups as there are ends, each ended so; their numbers.
    One left DUE still waits.
    """
    groups = [group.key for group in office.enrolled.campaign.groups][: len(ends)]
    facts = {
        "campaign": CampaignKey(campaign),
        "day": day("10-28"),
        "made_at": SAID,
        "planned": SAID,
        **changes,
    }
    with office.app.store.writing() as session:
        number = notices.add_notice(session, a_notice(**facts), groups, not_before=SAID)
        assert number is not None
        mine = [one.number for one in deliveries.of_notices(session, [number])]
        for one in deliveries.claim_due(session, at=SAID, until=SAID + SOON, worker="w", limit=9):
            if one.number not in mine:
                continue
            state, code, detail = ends[mine.index(one.number)]
            if state is S.DUE:
                deliveries.record_one(session, Step(delivery=one, state=S.DUE, at=SAID, until=SAID))
                continue
            one = record_attempt(session, one, at=SAID, until=SAID + SOON, page=1)
            deliveries.record_one(
                session, Step(delivery=one, state=state, at=SAID, page=1, code=code, detail=detail)
            )
    return mine


def state(office: Office, number: int) -> DeliveryState:
    with office.app.store.reading() as session:
        return deliveries.get_deliveries(session, [number])[number].state


def kept(office: Office) -> list[tuple[str, str, str, str]]:
    with office.app.store.reading() as session:
        found = decisions.decisions(session, CampaignKey(SEASON))
    return [
        (one.person, one.kind, about(one), one.reason)
        for one in found
        if not about(one).startswith("account")
    ]


@pytest.fixture
def mixed(office: Office) -> Office:
    """A bulletin refused by the townships' platform, of unknown end with the leaders, and sent to
    the supervisors.
    """
    carried(
        office,
        (S.REFUSED, "40008", "invalid <b>message</b> type"),
        (S.UNKNOWN, "", stated(StepCode.NO_ANSWER, error="ReadTimeout")),
        (S.SENT, "", ""),
    )
    return office


def test_each_group_stands_with_its_state_and_the_platforms_words(mixed: Office) -> None:
    page = mixed.browser("clerk").get(HERE).text
    for told in (
        "平台拒收",
        "是否发到不明",
        "已发到",
        "没有发到的（2）",
        "40008",
        "10月28日的通知",
    ):
        assert told in page
    assert "invalid &lt;b&gt;message&lt;/b&gt; type" in page
    assert "已发出，没有收到平台答复（ReadTimeout）" in page
    assert "no answer came back" not in page


def test_a_refused_one_is_retried_and_keeps_its_reason(mixed: Office) -> None:
    clerk = mixed.browser("clerk")
    answer = clerk.post(f"{HERE}/retry", {"number": "1", "reason": "格式已改", "day": "2021-10-28"})
    assert answer.headers["location"] == f"{HERE}?day=2021-10-28"
    assert "第1号投递将重发，新编号4" in clerk.told(answer)
    assert state(mixed, 4) is S.DUE
    assert kept(mixed) == [("李四", "delivery retried", "delivery 1", "格式已改")]
    assert "第1号投递已由第4号投递重发" in clerk.told(clerk.post(f"{HERE}/retry", {"number": "1"}))
    assert "第4号投递已作罢" in clerk.told(
        clerk.post(f"{HERE}/drop", {"number": "4", "reason": "不必了"})
    )
    assert state(mixed, 4) is S.DROPPED
    assert "李四作罢：不必了" in clerk.get(f"{HERE}/4").text


@pytest.mark.parametrize(
    ("arrived", "told", "ends"),
    [("yes", "已发到", S.SENT), ("no", "没有发到，可以重发", S.REFUSED)],
)
def test_a_look_into_the_group_settles_the_unknown(
    mixed: Office, arrived: str, told: str, ends: DeliveryState
) -> None:
    clerk = mixed.browser("clerk")
    fields = {"number": "2", "arrived": arrived, "reason": "群里看过"}
    assert f"已记下：第2号投递{told}" in clerk.told(clerk.post(f"{HERE}/settle", fields))
    assert state(mixed, 2) is ends
    page = clerk.get(f"{HERE}/2").text
    assert ("李四确认已到：群里看过" if arrived == "yes" else "李四确认没有到：群里看过") in page


@pytest.mark.parametrize(
    ("deed", "fields", "told"),
    [
        ("retry", {"number": "3"}, "第3号投递已经发到，不必重发"),
        ("drop", {"number": "1"}, "第1号投递平台拒收，只有等待发送的才能作罢"),
        ("settle", {"number": "1", "arrived": "yes"}, "只有是否发到不明的才需要认定"),
        ("settle", {"number": "2", "arrived": "perhaps"}, "请选“群里已有”或“群里没有”"),
        ("retry", {"number": "999"}, "没有第999号投递"),
        ("retry", {"number": "-1"}, "没有第-1号投递"),
        ("drop", {"number": "9" * 40}, "没有第9999999999999999999号投递"),
        ("robot", {"group": "nobody"}, "没有工作群“nobody”"),
        ("robot", {"group": "townships"}, "机器人没有停用"),
    ],
)
def test_what_cannot_be_done_is_refused_in_chinese(
    mixed: Office, deed: str, fields: dict[str, str], told: str
) -> None:
    clerk = mixed.browser("clerk")
    assert told in clerk.told(clerk.post(f"{HERE}/{deed}", fields))
    assert kept(mixed) == []


def test_a_clerk_cannot_touch_or_read_another_campaigns_delivery(mixed: Office) -> None:
    (other,) = carried(mixed, (S.REFUSED, "1", "no"), campaign="toilets-2022")
    clerk = mixed.browser("clerk")
    assert clerk.get(f"{HERE}/{other}").status_code == 404
    for deed in ("retry", "drop", "settle"):
        page = clerk.told(clerk.post(f"{HERE}/{deed}", {"number": str(other), "arrived": "yes"}))
        assert f"没有第{other}号投递" in page
    assert state(mixed, other) is S.REFUSED


def test_the_whole_course_of_one_delivery_is_told(mixed: Office) -> None:
    page = mixed.browser("clerk").get(f"{HERE}/1").text
    for told in (
        "第1号投递",
        "等待发送",
        "正在发送",
        "等平台答复",
        "平台拒收",
        "invalid &lt;b&gt;message",
    ):
        assert told in page
    assert f'formaction="{HERE}/retry"' in page
    assert mixed.browser("clerk").get(f"{HERE}/77").status_code == 404


def test_a_robot_that_is_off_is_switched_on_and_what_waited_goes_out(office: Office) -> None:
    carried(office, (S.DUE, "", ""))
    campaign = office.enrolled.campaign
    with office.app.store.writing() as session:
        robots.switch(
            session,
            Switch(
                robot=office.app.robots.queue_of(campaign.key, campaign.groups[0].key) or "",
                live=False,
                campaign=campaign.key,
                group=campaign.groups[0].key,
                person="",
                reason="93000 invalid webhook url",
                switched_at=SAID,
            ),
        )
    clerk = office.browser("clerk")
    page = clerk.get(HERE).text
    assert "机器人停用" in page
    assert "93000 invalid webhook url" in page
    assert "有1条在等待" in page
    page = clerk.told(clerk.post(f"{HERE}/robot", {"group": "townships", "reason": "已重新加入"}))
    assert "机器人已启用，1条即将发出，0条不再补发" in page
    assert "机器人停用" not in page
    assert kept(office) == [("李四", "robot on", "group townships", "已重新加入")]


def test_days_are_turned_and_a_day_that_is_none_shows_the_last(mixed: Office) -> None:
    carried(mixed, (S.SENT, "", ""), day=day("10-26"), kind=NoticeKind("call"))
    clerk = mixed.browser("clerk")
    assert f"{HERE}?day=2021-10-26" in clerk.get(HERE).text
    assert f"{HERE}?day=2021-10-28" in clerk.get(f"{HERE}?day=2021-10-26").text
    for odd in ("yesterday", "2021-13-40", "%00"):
        assert "10月28日的通知" in clerk.get(f"{HERE}?day={odd}").text


@pytest.mark.parametrize("login", ["leader", "supervisor", "stranger"])
def test_nobody_but_the_clerk_sees_or_does_anything_here(mixed: Office, login: str) -> None:
    browser = mixed.browser(login)
    assert browser.get(HERE).status_code == 403
    assert browser.get(f"{HERE}/1").status_code == 403
    assert browser.post(f"{HERE}/retry", {"number": "1"}).status_code == 403
    assert kept(mixed) == []


def test_a_page_without_any_notice_says_so(office: Office) -> None:
    page = office.browser("clerk").get(HERE).text
    assert "还没有发过通知" in page


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            stated(
                StepCode.PAGES,
                pages=(
                    stated(StepCode.PAGE_REFUSED, page=2, of=3, told="too long"),
                    stated(
                        StepCode.PAGE_UNKNOWN,
                        page=3,
                        of=3,
                        told=stated(StepCode.NO_ANSWER_IN_LEASE),
                    ),
                ),
            ),
            "第2页（共3页）被拒收：too long 第3页（共3页）是否发到不明：发出后没有等到平台答复",
        ),
        (stated(StepCode.NOT_THE_PLATFORM, status=502), "平台答复异常（HTTP 502）"),
        (stated(StepCode.DROPPED_BY, by="李四", reason="不必: 了"), "李四作罢：不必: 了"),
        ("invalid webhook url", "invalid webhook url"),
    ],
)
def test_our_own_words_are_told_in_chinese_and_the_platforms_as_they_came(
    office: Office, said: Words, told: str
) -> None:
    (number,) = carried(office, (S.REFUSED, "40008", said))
    page = office.browser("clerk").get(f"{HERE}/{number}").text
    assert told in page


def test_a_test_message_goes_to_the_group_that_is_named(office: Office) -> None:
    browser, group = office.browser("clerk"), office.enrolled.campaign.groups[0]
    assert f"测试消息已生成，随即发到“{group.name}”" in browser.told(
        browser.post(f"{HERE}/test", {"group": group.key})
    )
    while office.app.deliver(office.now):
        pass
    with office.app.store.reading() as session:
        (sent,) = deliveries.deliveries(session, CampaignKey(SEASON))
        notice = notices.get_notice(session, sent.notice_number)
    assert (sent.group, sent.state, notice.kind) == (group.key, S.SENT, NoticeKind("test"))
    assert kept(office) == [("李四", "test sent", f"group {group.key}", "")]
    page = browser.get(f"{HERE}?day=2021-10-29").text
    assert "测试</span>" in page
    for _ in range(2):
        browser.post(f"{HERE}/test", {"group": group.key})
    assert "一小时内已发过3条测试消息" in browser.told(
        browser.post(f"{HERE}/test", {"group": group.key})
    )
    assert "没有“nobody”这个工作群" in browser.told(
        browser.post(f"{HERE}/test", {"group": "nobody"})
    )
