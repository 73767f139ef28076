"""The leader's pages: by login and by link, for any day, as known then or now, on a phone, a wall,
and under hostile names.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

import pytest

from bot.domain.campaigns.campaign import CampaignKey, Township, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import planned_close
from bot.domain.decisions.kinds import DecisionKind
from bot.store.day import closings
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from bot.store.replies import replies
from tests.builders import COMPLETED, at, day
from tests.store.facts import about, asked_every_day
from tests.web.conftest import SEASON, Office

BOARD = f"/c/{SEASON}/board"
RIVER, TOWER = TownshipName("稻溪镇"), TownshipName("梅砚街道")
HOSTILE = [
    "<script>alert(1)</script>镇",
    '"><img src=x onerror=alert(1)>',
    "=1+1|'cmd'!A1",
    "\u202e镇上枫荻\u202c",
    "很长的名字" * 40,
    "带/斜杠?和#号&amp;的镇",
    "{{ 7 * 7 }}{% for %}",
]


def say(
    office: Office, township: str, on: str, value: int, moment: str, text: str = "", **changes: Any
) -> int:
    with office.app.store.writing() as session:
        number = None
        if text:
            reply, _ = replies.add_reply(
                session,
                campaign=CampaignKey(SEASON),
                channel="group",
                message_id=f"{township} {moment}",
                sender=f"{township}-张三",
                text=text,
                sent_at=at(moment),
                arrived_at=at(moment),
            )
            number = reply.number
        told = NewFigure(
            township=TownshipName(township),
            day=day(on),
            stage=COMPLETED,
            category=None,
            value=Decimal(value),
            late=False,
            **changes,
        )
        return figures.add_figures(
            session,
            campaign=CampaignKey(SEASON),
            version=1,
            recorded_at=at(moment),
            figures=[told],
            reply_number=number,
        )[0]


def close(office: Office, on: str) -> None:
    moment = planned_close(office.enrolled.campaign, day(on))
    with office.app.store.writing() as session:
        closings.add_closing(
            session, CampaignKey(SEASON), day(on), planned=moment, closed_at=moment
        )


def words(page: str) -> str:
    """What a person reads of a page: without marks, blanks as one."""
    return unescape(" ".join(re.sub(r"<[^>]*>", "", page).split()))


def a_link(office: Office) -> str:
    page = office.browser("clerk").told(office.browser("clerk").post(f"{BOARD}/link"))
    found = re.search(r"http://diaodu\.test(/b/[^<\s]+)", page)
    assert found, page
    return found[1]


@pytest.mark.parametrize("login", ["clerk", "leader", "supervisor", "chief"])
def test_everybody_of_the_campaign_sees_where_it_stands(office: Office, login: str) -> None:
    with office.app.store.writing() as session:
        asked_every_day(session, office.enrolled.campaign)
    say(office, RIVER, "10-29", 17, "10-29 09:00")
    page = office.browser(login).get(BOARD)
    assert page.status_code == 200
    told = words(page.text)
    assert "17/341户 4.99%" in told
    assert "离期限22天" in told
    assert "19个乡镇中1个已报数" in told
    assert "每日需竣工—" in told  # what is left of the whole is not known while anybody is untold
    assert "已报1/19个" in told
    assert "未报 云樟镇" in told
    assert f'href="{BOARD}/t/{quote(RIVER)}"' in page.text
    assert ("看板链接" in told) is (login in ("clerk", "chief"))


def test_before_the_first_report_of_a_day_the_day_before_is_shown(office: Office) -> None:
    say(office, RIVER, "10-28", 17, "10-28 09:00")
    assert "10月28日进度看板" in office.browser("leader").get(BOARD).text
    say(office, RIVER, "10-29", 18, "10-29 09:00")
    assert "10月29日进度看板" in office.browser("leader").get(BOARD).text


@pytest.mark.parametrize(
    "asked", ["2021-10-30", "2021-10-14", "2021-11-21", "2022-02-30", "today", "9999-12-31", "-1"]
)
def test_a_day_without_a_board_is_refused_politely(office: Office, asked: str) -> None:
    for path in (BOARD, f"{BOARD}/t/{quote(RIVER)}"):
        answer = office.browser("leader").get(path, params={"day": asked})
        assert answer.status_code == 404
        assert "这一天没有看板" in answer.text


def test_an_unknown_township_is_no_page(office: Office) -> None:
    assert office.browser("leader").get(f"{BOARD}/t/nowhere").status_code == 404


def test_a_corrected_day_is_shown_as_told_then_and_as_known_now(office: Office) -> None:
    wrong = say(office, RIVER, "10-28", 17, "10-28 09:00")
    close(office, "10-28")
    say(office, RIVER, "10-28", 15, "10-29 09:00", supersedes=wrong)
    browser = office.browser("leader")
    now = words(browser.get(f"{BOARD}?day=2021-10-28").text)
    then = words(browser.get(f"{BOARD}?day=2021-10-28&as=then").text)
    assert "15/341户" in now
    assert "通报后更正了1项：稻溪镇竣工17→15。" in now
    assert "17/341户" in then
    assert "这是10月28日通报时的数据，此后更正了1项。" in then
    township = f"{BOARD}/t/{quote(RIVER)}?day=2021-10-28"
    assert "15/25户" in words(browser.get(township).text)
    assert "17/25户" in words(browser.get(f"{township}&as=then").text)


def test_a_townships_own_page_shows_the_words_its_figures_came_from(office: Office) -> None:
    with office.app.store.writing() as session:
        asked_every_day(session, office.enrolled.campaign)
    say(office, RIVER, "10-28", 17, "10-28 09:00", text="竣工17户，电话13812345678 <b>急</b>")
    close(office, "10-28")
    page = office.browser("leader").get(f"{BOARD}/t/{quote(RIVER)}?day=2021-10-28").text
    assert "竣工17户，电话138****5678 &lt;b&gt;急&lt;/b&gt;" in page
    assert "13812345678" not in page
    told = words(page)
    assert "稻溪镇-张三 10月28日09:00" in told
    assert "10月28日 ● 已报 竣工17户" in told
    assert "10月27日 － 未报" in told


def test_a_campaign_that_has_not_begun_says_when_it_will(office: Office) -> None:
    office.now = at("10-14 20:00")
    for path in (BOARD, f"{BOARD}?wall=1", f"{BOARD}/t/{quote(RIVER)}"):
        page = office.browser("leader").get(path)
        assert page.status_code == 200
        assert "10月15日开始" in page.text


def test_a_campaign_that_has_ended_shows_its_last_day(office: Office) -> None:
    for township in office.enrolled.campaign.townships:
        say(office, township.name, "11-20", int(township.target), "11-20 10:00")
    close(office, "11-20")
    office.now = at("12-20 09:00")
    for path in (BOARD, f"{BOARD}?wall=1"):
        told = words(office.browser("leader").get(path).text)
        assert "341/341户100.00%" in told.replace(" ", "")
        assert "已全部竣工" in told
        assert "后三" not in told
        assert "未报 无" in told


def test_the_wall_renews_itself_and_has_nothing_to_press(office: Office) -> None:
    say(office, RIVER, "10-29", 17, "10-29 09:00")
    page = office.browser("leader").get(f"{BOARD}?wall=1").text
    assert 'data-live="20"' in page
    assert 'data-part="wall"' in page
    inside = page[page.index("<main") :]
    for control in ("<a ", "<form", "<button", "<input", "<select", "<summary"):
        assert control not in inside
    assert "17/341户" in words(page)


def test_a_page_that_has_not_changed_is_not_sent_again(office: Office) -> None:
    browser = office.browser("leader")
    tag = browser.get(BOARD).headers["etag"]
    office.passes(minutes=5)
    assert browser.get(BOARD, headers={"If-None-Match": tag}).status_code == 304
    say(office, RIVER, "10-29", 17, "10-29 10:03")
    assert browser.get(BOARD, headers={"If-None-Match": tag}).status_code == 200


def test_a_link_opens_the_board_without_an_account_and_shows_nobodys_words(office: Office) -> None:
    say(office, RIVER, "10-28", 17, "10-28 09:00", text="竣工17户")
    close(office, "10-28")
    link = a_link(office)
    nobody = office.browser()
    page = nobody.get(link)
    assert page.status_code == 200
    assert "17/341户" in words(page.text)
    assert f'href="{link}/t/{quote(RIVER)}"' in page.text
    assert "看板链接" not in page.text
    assert "/c/" not in page.text
    assert nobody.get(f"{link}?wall=1").status_code == 200
    assert nobody.get(f"{link}?day=2021-10-20").status_code == 200
    assert nobody.get(f"{link}?day=2031-10-20").status_code == 404
    township = nobody.get(f"{link}/t/{quote(RIVER)}").text
    assert "竣工17户" in words(township)
    assert "张三" not in township
    assert "不显示回复原文" in township


def test_a_link_is_read_only(office: Office) -> None:
    link = a_link(office)
    nobody = office.browser()
    for path in (link, f"{link}/t/{quote(RIVER)}"):
        assert nobody.client.post(path, data={"day": "2021-10-28"}).status_code in (404, 405)
    assert nobody.get(BOARD).headers["location"].startswith("/login")


def test_making_a_link_is_a_recorded_decision_and_its_page_says_until_when(office: Office) -> None:
    link = a_link(office)
    page = office.browser("clerk").get(f"{BOARD}/link").text
    assert "有效期至11月20日24时" in page
    assert f"http://diaodu.test{link}" in page
    assert f'href="http://diaodu.test{link}?wall=1">大屏显示</a>' in page
    with office.app.store.reading() as session:
        made = decisions.newest_decision(session, CampaignKey(SEASON), DecisionKind.BOARD_LINK_MADE)
    assert made is not None
    assert made.login == "clerk"
    assert (made.person, about(made), made.decided_at) == ("李四", "board", office.now)


def test_a_link_ends_with_the_campaign(office: Office) -> None:
    link = a_link(office)
    nobody = office.browser()
    office.now = at("11-20 23:59")
    assert nobody.get(link).status_code == 200
    office.now = at("11-21 00:00")
    for path in (link, f"{link}/t/{quote(RIVER)}", f"{link}?wall=1"):
        answer = nobody.get(path)
        assert answer.status_code == 404
        assert "链接已失效" in answer.text
    clerk = office.browser("clerk").sign_in("clerk")
    assert "链接都已失效" in clerk.get(f"{BOARD}/link").text
    assert "不能再生成看板链接" in clerk.told(clerk.post(f"{BOARD}/link"))
    # The deadline in force counts: where it is put off, the link goes on.
    later = replace(office.enrolled.campaign, deadline=day("11-30"))
    office.app.campaigns[CampaignKey(SEASON)] = Enrolled(campaign=later, version=2)
    assert nobody.get(link).status_code == 200


def test_a_clerk_ends_every_link_and_the_next_one_holds(office: Office) -> None:
    link = a_link(office)
    clerk = office.browser("clerk")
    office.passes(minutes=1)
    assert "已停用" in clerk.told(clerk.post(f"{BOARD}/link/end"))
    assert office.browser().get(link).status_code == 404
    again = a_link(office)
    assert again != link
    assert office.browser().get(again).status_code == 200


def test_an_altered_link_is_none(office: Office) -> None:
    link = a_link(office)
    links = office.site.links
    forged = [
        link[:-2] + ("aa" if not link.endswith("aa") else "bb"),
        link.replace("/b/", "/b/x"),
        "/b/" + links.signed("diaodu", {"campaign": SEASON, "link": 1}),
        "/b/" + links.signed("board", {"campaign": "another", "link": 1}),
        "/b/" + links.signed("board", {"campaign": SEASON}),
        "/b/" + links.signed("board", {"campaign": [SEASON], "link": "1"}),
        "/b/" + "x" * 3000,
    ]
    for path in forged:
        answer = office.browser().get(path)
        assert answer.status_code == 404
        assert "链接已失效" in answer.text


@pytest.fixture
def hostile(office: Office) -> Office:
    """The office of a campaign whose townships, stages and unit are named by somebody who means
    ill.
    """
    campaign = office.enrolled.campaign
    townships = tuple(
        Township(
            name=TownshipName(name), target=Decimal(10 + place), ranking_group=HOSTILE[place % 2]
        )
        for place, name in enumerate(HOSTILE)
    )
    stages = tuple(replace(stage, name=f"<i>{stage.name}</i>") for stage in campaign.stages)
    ranking = replace(campaign.ranking, by_group=True)
    changed = replace(
        campaign,
        townships=townships,
        stages=stages,
        unit="<u>户</u>",
        ranking=ranking,
        title="<h1>x",
    )
    office.app.campaigns[campaign.key] = Enrolled(campaign=changed, version=2)
    for place, name in enumerate(HOSTILE):
        say(office, name, "10-28", place, "10-28 09:00", text=f"{name} <script>alert(2)</script>")
        say(office, name, "10-29", place + 1, "10-29 09:00")
    return office


def test_hostile_names_are_shown_and_do_nothing(hostile: Office) -> None:
    browser = hostile.browser("leader")
    pages = [browser.get(BOARD).text, browser.get(f"{BOARD}?wall=1").text]
    addresses = re.findall(rf'href="({re.escape(BOARD)}/t/[^"]*)"', pages[0])
    assert {unquote(address.rsplit("/t/")[1]) for address in addresses} == set(HOSTILE)
    for address in sorted(set(addresses)):
        answer = browser.get(unescape(address))
        assert answer.status_code == 200, address
        pages.append(answer.text)
    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<i>竣工" not in page
        assert "<u>" not in page
        assert "<h1>x" not in page
        assert " style=" not in page
    assert all(
        any(f"<h1><bdi>{name}</bdi>" in unescape(page) for page in pages) for name in HOSTILE
    )
    assert "{{ 7 * 7 }}" in unescape(pages[0])


def test_ranking_switched_off_leaves_totals_and_lists(office: Office) -> None:
    campaign = office.enrolled.campaign
    changed = replace(campaign, ranking=replace(campaign.ranking, enabled=False))
    office.app.campaigns[campaign.key] = Enrolled(campaign=changed, version=2)
    say(office, RIVER, "10-29", 17, "10-29 09:00")
    for path in (BOARD, f"{BOARD}?wall=1"):
        told = words(office.browser("leader").get(path).text)
        assert "17/341户" in told
        assert "各乡镇进度" in told
        for word in ("名次", "后三", "前列", "排名"):
            assert word not in told
    assert "第1名" not in office.browser("leader").get(f"{BOARD}/t/{quote(RIVER)}").text


def test_a_page_has_no_style_and_no_script_of_its_own(office: Office) -> None:
    say(office, RIVER, "10-28", 17, "10-28 09:00", text="竣工17户")
    say(office, RIVER, "10-29", 18, "10-29 09:00")
    browser = office.browser("clerk")
    for path in (BOARD, f"{BOARD}?wall=1", f"{BOARD}/t/{quote(RIVER)}", f"{BOARD}/link"):
        page = browser.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert re.findall(r"<script(?! src=\"/assets/)", page) == []
        assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", page) == []


def test_every_drawing_says_in_words_what_it_shows(office: Office) -> None:
    for value, on in ((10, "10-27"), (14, "10-28"), (18, "10-29")):
        # no forecast of the whole while anybody is untold
        for township in office.enrolled.campaign.townships:
            done = value if township.name == RIVER else 0
            say(office, township.name, on, done, f"{on} 09:00")
    for path in (BOARD, f"{BOARD}?wall=1", f"{BOARD}/t/{quote(RIVER)}"):
        page = office.browser("leader").get(path).text
        drawings = re.findall(r'<svg class="curve.*?</svg>', page, re.DOTALL)
        assert drawings
        for drawing in drawings:
            assert 'role="img"' in drawing
            assert "<title" in drawing
            assert "18" in words(re.search(r"<desc.*?</desc>", drawing, re.DOTALL)[0])  # type: ignore[index]
            assert '<polygon class="band"' in drawing
        ids = re.findall(r' id="([^"]*)"', page)
        assert len(ids) == len(set(ids))
