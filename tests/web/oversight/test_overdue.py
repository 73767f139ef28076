"""The supervisor's page: what is overdue is answered, proposed and decided by whom it is given to,
and refused in Chinese.
"""

from __future__ import annotations

import pytest

from bot.actions.replies.collect import collect
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.replies.reading import Incoming
from bot.store.decisions import decisions
from tests.builders import at
from tests.store.facts import about, asked_every_day
from tests.web.conftest import SEASON, Office

HERE = f"/c/{SEASON}/overdue"
REPORT = {"township": "云樟镇", "owed": "report"}


@pytest.fixture(autouse=True)
def _asked(office: Office) -> None:
    """Every day's call reached the townships: nobody is late for what nobody asked."""
    with office.app.store.writing() as session:
        asked_every_day(session, office.enrolled.campaign)


def card(page: str, township: str) -> str:
    """What the page says of one township."""
    (found,) = (
        one
        for one in page.split('<section class="card late">')[1:]
        if f"<h2><bdi>{township}</bdi>" in one
    )
    return found.split("</section>")[0]


def kept(office: Office) -> list[tuple[str, str, str, str]]:
    with office.app.store.reading() as session:
        found = decisions.decisions(session, CampaignKey(SEASON))
    return [
        (one.person, one.kind, about(one), one.reason)
        for one in found
        if not about(one).startswith("account")
    ]


def say(office: Office, moment: str, sender: str, text: str) -> None:
    said = Incoming(id=f"{moment}{sender}", text=text, sender=sender, at=at(moment))
    collect(
        office.app.store,
        office.enrolled,
        office.app.reading_wording,
        channel="group",
        incoming=said,
        at=at(moment),
    )


def test_it_says_whose_since_when_on_which_step_and_shows_the_very_words(office: Office) -> None:
    say(office, "10-27 15:00", "云樟镇-钟", "累计开工5户，累计竣工1户 <b>13812345678</b>")
    page = office.browser("supervisor").get(HERE).text
    told = card(page, "云樟镇")
    assert "联络员 <bdi>钟某</bdi>" in told
    assert "连续<strong>1日</strong>未报送（自10月28日）" in told
    assert "累计开工5户，累计竣工1户 &lt;b&gt;138****5678&lt;/b&gt;" in told
    assert "13812345678" not in page
    assert "连续3日，报告领导，建议约谈" in card(page, "桐岗镇")
    assert "从未报送" in card(page, "桐岗镇")
    assert "今日17:00前应报送，尚未报送19个" in page  # due soon, in blue and in words
    assert '<span class="state info">即将到期</span>' in page


def test_an_answer_is_kept_shown_and_stops_the_step(office: Office) -> None:
    supervisor = office.browser("supervisor")
    page = supervisor.told(
        supervisor.post(f"{HERE}/answer", {**REPORT, "word": "已联系<i>钟某</i>"})
    )
    assert "已记下对云樟镇的答复" in page
    assert "已联系&lt;i&gt;钟某&lt;/i&gt;" in card(page, "云樟镇")
    assert "已有答复，暂不升级" in card(page, "云樟镇")
    assert kept(office) == [
        ("赵督", "overdue answered", 'owed ["report", "云樟镇"]', "已联系<i>钟某</i>")
    ]
    office.passes(days=5)
    page = supervisor.sign_in("supervisor").get(HERE).text
    assert "暂不升级" not in card(page, "云樟镇")
    assert "以前的答复" in card(page, "云樟镇")


def test_the_leader_decides_what_the_supervisor_proposes(office: Office) -> None:
    supervisor, leader = office.browser("supervisor"), office.browser("leader")
    proposed = {**REPORT, "measure": "书面说明", "reason": "十四日未报"}
    assert "已提议对云樟镇：书面说明" in supervisor.told(
        supervisor.post(f"{HERE}/propose", proposed)
    )
    page = leader.get(HERE).text
    assert "<bdi>赵督</bdi>提议：<bdi>十四日未报</bdi>" in card(page, "云樟镇")
    page = leader.told(leader.post(f"{HERE}/decide", {**proposed, "reason": "", "approve": "yes"}))
    assert "列为待执行" in page
    assert "待执行" in card(page, "云樟镇")
    page = supervisor.told(
        supervisor.post(
            f"{HERE}/decide", {**REPORT, "measure": "约谈", "approve": "no", "reason": "在住院"}
        )
    )
    assert "已记下不对云樟镇采取：约谈" in page
    assert "不采取" in card(page, "云樟镇")
    assert [one[:2] for one in kept(office)] == [
        ("赵督", "measure proposed"),
        ("王局", "measure approved"),
        ("赵督", "measure declined"),
    ]


@pytest.mark.parametrize(
    ("deed", "fields", "told"),
    [
        ("answer", {**REPORT, "word": " "}, "请写一句答复"),
        ("answer", {**REPORT, "word": "长" * 201}, "最多200个字"),
        (
            "answer",
            {"township": "<b>", "owed": "report", "word": "在办"},
            "没有“&lt;b&gt;”这个乡镇",
        ),
        ("answer", {**REPORT, "owed": "deadline", "word": "在办"}, "已不再逾期"),
        ("answer", {**REPORT, "owed": "tax", "word": "在办"}, "没有这一项应办事项"),
        ("propose", {**REPORT, "measure": ""}, "请写明建议采取的措施"),
        ("decide", {**REPORT, "measure": "约谈", "approve": "no"}, "请写明理由"),
        ("decide", {**REPORT, "measure": "免职", "approve": "yes"}, "没有人提议过“免职”"),
    ],
)
def test_what_cannot_be_is_refused_in_chinese_and_nothing_is_kept(
    office: Office, deed: str, fields: dict[str, str], told: str
) -> None:
    supervisor = office.browser("supervisor")
    page = supervisor.told(supervisor.post(f"{HERE}/{deed}", fields))
    assert told in page
    assert 'role="alert"' in page
    assert kept(office) == []


def test_of_two_who_decide_the_second_learns_who_was_first(office: Office) -> None:
    supervisor, leader = office.browser("supervisor"), office.browser("leader")
    fields = {**REPORT, "measure": "约谈", "reason": "已核实"}
    leader.told(leader.post(f"{HERE}/decide", {**fields, "approve": "yes"}))
    page = supervisor.told(supervisor.post(f"{HERE}/decide", {**fields, "approve": "no"}))
    assert "王局刚才已就“约谈”表示“同意”" in page
    assert len(kept(office)) == 1


@pytest.mark.parametrize(
    ("login", "deed"),
    [
        ("leader", "answer"),
        ("leader", "propose"),
        ("clerk", "answer"),
        ("clerk", "propose"),
        ("clerk", "decide"),
    ],
)
def test_whoever_only_reads_it_is_offered_nothing_and_can_do_nothing(
    office: Office, login: str, deed: str
) -> None:
    browser = office.browser(login)
    page = browser.get(HERE)
    assert page.status_code == 200
    assert f"{HERE}/{deed}" not in page.text
    fields = {**REPORT, "word": "在办", "measure": "约谈", "approve": "yes"}
    assert browser.post(f"{HERE}/{deed}", fields).status_code == 403
    assert kept(office) == []


def test_the_list_is_sifted_and_stays_so_after_a_deed(office: Office) -> None:
    supervisor = office.browser("supervisor")
    whole, behind = supervisor.get(HERE).text, supervisor.get(f"{HERE}?what=progress").text
    assert "未报送（自" in whole
    assert "未报送（自" not in behind
    answered = supervisor.post(f"{HERE}/answer", {**REPORT, "word": "在办", "what": "unanswered"})
    assert answered.headers["location"] == f"{HERE}?what=unanswered"
    page = supervisor.told(answered)
    # it never told, so it owes the report and nothing else
    assert "<h2><bdi>云樟镇</bdi>" not in page
    assert "未报送（自" in card(page, "桐岗镇")
    assert supervisor.get(f"{HERE}?what=%3Cscript%3E").status_code == 200


def test_before_the_first_cut_off_nothing_is_overdue(office: Office) -> None:
    office.now = at("10-15 09:00")
    page = office.browser("leader").get(HERE).text
    assert "没有逾期事项" in page
    assert "尚未报送19个" in page
