"""The clerk's pages of burden and log."""

from __future__ import annotations

import pytest

from bot.domain.campaigns.campaign import CampaignKey, GroupKey, NoticeKind
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import DeliverySubject, GroupSubject, Subject
from bot.domain.notices.delivery import DeliveryState
from bot.domain.notices.notice import Mention
from bot.store.decisions import decisions
from bot.views.oversight.logbook import PAGE
from tests.builders import at, day
from tests.web.conftest import SEASON, Office
from tests.web.notices.test_deliveries import carried

BURDEN, LOG = f"/c/{SEASON}/burden", f"/c/{SEASON}/log"
SENT = (DeliveryState.SENT, "", "")


def decided(
    office: Office,
    kind: DecisionKind,
    subject: Subject,
    reason: str = "",
    person: str = "李四",
    login: str = "",
) -> None:
    with office.app.store.writing() as session:
        decisions.add_decision(
            session,
            campaign=CampaignKey(SEASON),
            by=Actor(name=person, login=login),
            kind=kind,
            subject=subject,
            reason=reason,
            at=at("10-28 12:00"),
        )


# Burden


def test_each_contact_stands_with_what_he_got_on_each_day(office: Office) -> None:
    for edition in (1, 2):  # the second is a repetition, one more than the ceiling
        carried(
            office,
            SENT,
            kind=NoticeKind("remind"),
            edition=edition,
            mentions=(Mention(name="云樟镇-钟"),),
        )
    page = office.browser("clerk").get(BURDEN).text
    assert (
        "每天上限：群里报送提醒1次；对每人点名提醒1次，追问和回执合计20条；20:00至08:00不主动发消息"
        in page
    )
    assert "<span>提2</span>" in page
    assert "重复提醒" in page
    assert "<span>未报提醒2</span>" in page


def test_spans_are_turned_within_the_campaign(office: Office) -> None:
    clerk = office.browser("clerk")
    page = clerk.get(BURDEN).text
    assert ">10.29<" in page
    assert f"{BURDEN}?until=2021-10-15" in page
    earlier = clerk.get(f"{BURDEN}?until=2021-10-15").text
    assert ">10.15<" in earlier
    assert ">10.28<" in earlier
    assert ">10.29<" not in earlier
    for odd in ("never", "0001-01-01", "9999-12-31"):
        assert clerk.get(f"{BURDEN}?until={odd}").status_code == 200


def test_before_the_start_and_long_after_the_end_the_page_opens(office: Office) -> None:
    for moment in ("2021-09-01 10:00", "2031-01-01 10:00"):
        office.now = at(moment)
        assert office.browser().sign_in("clerk").get(BURDEN).status_code == 200


# Log


def test_the_log_says_who_did_what_with_which_reason(office: Office) -> None:
    carried(office, SENT)
    decided(
        office,
        DecisionKind.DELIVERY_DROPPED,
        DeliverySubject(number=1),
        "写错了，问<b>13812345678</b>",
    )
    page = office.browser("clerk").get(LOG).text
    assert "作罢“调度通报”到乡镇工作群（第1号投递）。" in page
    assert "写错了，问&lt;b&gt;138****5678&lt;/b&gt;" in page
    assert "10月28日12:00" in page
    assert "工作设置第1版开始使用。" in page
    assert "开通账号clerk（李四，经办人）。" in page


def test_people_of_one_name_are_told_apart_by_their_accounts(office: Office) -> None:
    about = DeliverySubject(number=7)
    decided(office, DecisionKind.DELIVERY_DROPPED, about, "甲", person="张三", login="zhang")
    decided(office, DecisionKind.DELIVERY_DROPPED, about, "乙", person="张三", login="zhang2")
    decided(office, DecisionKind.DELIVERY_DROPPED, about, "丙", person="王敏", login="wang")
    clerk = office.browser("clerk")
    page = clerk.get(LOG).text
    for login in ("zhang", "zhang2"):
        assert f'<option value="{login}~张三">张三（{login}）</option>' in page
        assert f"<bdi>张三（{login}）</bdi>" in page
    assert '<option value="wang~王敏">王敏</option>' in page
    sifted = clerk.get(LOG, params={"person": "zhang2~张三"}).text
    assert "<bdi>乙</bdi>" in sifted
    assert "<bdi>甲</bdi>" not in sifted


def test_the_log_is_sifted_and_keeps_its_sieve_when_turned(office: Office) -> None:
    for number in range(PAGE + 3):
        decided(
            office,
            DecisionKind.ROBOT_ON,
            GroupSubject(group=GroupKey(str(number))),
            person="王敏 & 子",
        )
    decided(office, DecisionKind.DELIVERY_DROPPED, DeliverySubject(number=7))
    clerk = office.browser("clerk")
    page = clerk.get(LOG, params={"person": "王敏 & 子", "kind": "robot on"}).text
    assert page.count("重新启用") == PAGE
    older = page.split('href="')[-1].split('"')[0].replace("&amp;", "&")
    assert older.startswith(f"{LOG}?person=")
    rest = clerk.get(older).text
    assert rest.count("重新启用") == 3
    assert "回到最新" in rest
    assert "更早的记录" not in rest
    assert "没有记录" in clerk.get(LOG, params={"person": "nobody"}).text


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "~~",
        "2021-10-28~2~1",
        "2031-01-01T00:00:00+00:00~2~1",
        "2021-10-28T00:00:00+00:00~2~-1",
    ],
)
def test_a_place_that_is_none_shows_the_newest(office: Office, after: str) -> None:
    decided(
        office, DecisionKind.ROBOT_ON, GroupSubject(group=GroupKey(f"townships on {day('10-28')}"))
    )
    assert "重新启用" in office.browser("clerk").get(LOG, params={"after": after}).text


@pytest.mark.parametrize("path", [BURDEN, LOG])
@pytest.mark.parametrize("login", ["leader", "supervisor", "stranger"])
def test_only_the_clerk_reads_them(office: Office, path: str, login: str) -> None:
    assert office.browser(login).get(path).status_code == 403
