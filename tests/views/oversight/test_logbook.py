"""Who did what: newest first, in sentences that name the thing, page by page without a gap."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.actions.campaigns.enrol import enrol
from bot.actions.oversight.overdue import acknowledge, propose
from bot.actions.people.tie import tie_sender
from bot.app import App
from bot.domain.campaigns.campaign import CampaignKey, GroupKey, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.decision import CONSISTS
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import (
    AccountSubject,
    BankFormSubject,
    BatchSubject,
    BoardSubject,
    CaseSubject,
    ChatSubject,
    DaySubject,
    DeliverySubject,
    DoubtSubject,
    FigureSubject,
    FileSubject,
    GroupSubject,
    ListSubject,
    OwedSubject,
    ReaderSubject,
    ReplySubject,
    SenderSubject,
    Subject,
    TownshipDaySubject,
    VersionSubject,
)
from bot.domain.people.roles import Role
from bot.store import Store
from bot.store.decisions import decisions
from bot.store.decisions.tables import DbDecision
from bot.store.notices import robots
from bot.store.notices.robots import Switch
from bot.views.oversight.logbook import (
    LAST,
    PAGE,
    ROBOT_OFF,
    VERSION,
    LogCursor,
    LogPage,
    brief,
    log_page,
)
from config.wording import templates
from tests.actions.day.test_day import say
from tests.actions.oversight.test_overdue import led, silent  # noqa: F401
from tests.builders import at, day
from tests.store.facts import HOUSING, a_delivery, a_reply, asked_every_day
from tests.store.queries import counted

ROOT = Path(__file__).parents[3]
SUBJECTS: dict[Any, Subject] = {
    type(one): one
    for one in (
        AccountSubject(login="zhou"),
        BoardSubject(),
        ChatSubject(channel="wecom/county", platform_id="c"),
        DaySubject(day=day("10-29")),
        DeliverySubject(number=1),
        FigureSubject(number=1),
        FileSubject(digest="1f"),
        CaseSubject(code="WG2021-01-001"),
        DoubtSubject(digest="2c"),
        BatchSubject(batch=1),
        ListSubject(number=1),
        BankFormSubject(key="rcb"),
        GroupSubject(group=GroupKey("townships")),
        OwedSubject(owed="report", township=TownshipName("云樟镇")),
        ReaderSubject(name="州平台"),
        ReplySubject(number=1),
        SenderSubject(channel="wecom/county", platform_id="s"),
        TownshipDaySubject(township=TownshipName("云樟镇"), day=day("10-29")),
        VersionSubject(version=1),
    )
}
NOON = at("10-29 12:00")


def seen(app: App, enrolled: Enrolled, place: LogCursor | None = None, **sifted: Any) -> LogPage:
    with app.store.reading() as session:
        return log_page(
            session, enrolled.campaign, place or LogCursor(at=at("12-31 00:00")), **sifted
        )


def sentences(told: LogPage) -> list[str]:
    return [templates.logged(one.kind, one.facts) for one in told.entries]


def decided(
    app: App,
    kind: DecisionKind,
    subject: Subject,
    reason: str = "",
    by: Actor = Actor(name="王敏"),  # noqa: B008 - frozen
    moment: str = "10-29 12:00",
    **facts: str | bool,
) -> int:
    with app.store.writing() as session:
        return decisions.add_decision(
            session,
            campaign=HOUSING,
            by=by,
            kind=kind,
            subject=subject,
            facts=facts,
            reason=reason,
            at=at(moment),
        )


def test_what_people_say_of_what_is_overdue_is_told_with_its_words(
    app: App,
    silent: Enrolled,  # noqa: F811
) -> None:
    with app.store.writing() as session:
        asked_every_day(session, silent.campaign)
        where = (session, silent.campaign, "云樟镇", "report")
        acknowledge(*where, word="已电话联系", by=Actor(name="赵督"), at=at("10-16 18:00"))
        propose(
            *where,
            measure="书面说明",
            reason="两日未报",
            by=Actor(name="赵督"),
            at=at("10-16 18:05"),
        )
    told = seen(app, silent)
    assert sentences(told)[:2] == ["就云樟镇未报送提议：书面说明。", "就云樟镇未报送作出答复。"]
    assert [(one.person, one.reason) for one in told.entries[:2]] == [
        ("赵督", "两日未报"),
        ("赵督", "已电话联系"),
    ]
    assert sentences(told)[-1] == "工作设置第1版开始使用。"


def test_replies_figures_deliveries_and_groups_are_called_by_what_they_are(
    app: App, enrolled: Enrolled
) -> None:
    say(app, enrolled, "10-29 11:00", "云樟镇-钟", "云樟镇累计开工5户，累计竣工1户")
    with app.store.writing() as session:
        reply = a_reply(session, "m1", sender="张三", text="竣工17户，电话13812345678")
        delivery = a_delivery(session, group="townships")
    decided(app, DecisionKind.REPLY_REFUSED, ReplySubject(number=reply.number), "不是本乡镇的")
    decided(
        app, DecisionKind.FIGURE_WITHDRAWN, FigureSubject(number=1), "重复", moment="10-29 12:01"
    )
    settled = DeliverySubject(number=delivery.number)
    decided(
        app, DecisionKind.DELIVERY_SETTLED, settled, "群里没有", moment="10-29 12:02", arrived=False
    )
    decided(
        app, DecisionKind.ROBOT_ON, GroupSubject(group=GroupKey("townships")), moment="10-29 12:03"
    )
    told = seen(app, enrolled)
    assert sentences(told)[:4] == [
        "重新启用townships的机器人。",
        f"确认“调度通报”没有到townships（第{delivery.number}号投递）。",
        "撤回云樟镇10月29日的开工5户。",
        "不采纳张三的回复“竣工17户，电话138****5678”。",
    ]
    assert [one.reason for one in told.entries[:4]] == ["", "群里没有", "重复", "不是本乡镇的"]


def test_ties_roles_and_robots_that_went_off_are_in_it(app: App, enrolled: Enrolled) -> None:
    with app.store.writing() as session:
        tie_sender(
            session,
            [enrolled],
            "zhong",
            "云樟镇-钟",
            by=Actor(name="王敏"),
            channel="wecom/county",
            at=NOON,
        )
        robots.switch(
            session,
            Switch(
                robot="f1",
                live=False,
                campaign=HOUSING,
                group=enrolled.campaign.groups[0].key,
                person="",
                reason="93000 invalid webhook url",
                switched_at=at("10-29 12:30"),
            ),
        )
    decided(
        app,
        DecisionKind.ROLE_GIVEN,
        AccountSubject(login="zhou"),
        moment="10-29 12:40",
        role=Role.LEADER.value,
    )
    told = seen(app, enrolled)
    assert sentences(told)[:3] == [
        "把账号zhou的角色定为领导。",
        "平台停用了townships的机器人。",
        "认定平台账号wecom/county zhong是云樟镇-钟。",
    ]
    assert told.entries[1].reason == "93000 invalid webhook url"
    assert [one.kind for one in seen(app, enrolled, kind="robot off").entries] == ["robot off"]
    assert [one.kind for one in seen(app, enrolled, kind="version").entries] == ["version"]


def test_a_thing_that_is_not_there_and_a_kind_nobody_knows_are_told_all_the_same(
    app: App, enrolled: Enrolled
) -> None:
    decided(app, DecisionKind.REPLY_APPROVED, ReplySubject(number=999))
    row = {
        "campaign": HOUSING,
        "person": "王敏",
        "kind": "moved the moon",
        "decided_at": at("10-29 12:01"),
    }
    with app.store.writing() as session:
        session.add(DbDecision(**row, subject_kind="moon", subject="moon {0}"))
    assert sentences(seen(app, enrolled))[:2] == ["moon {0}", "采纳的回复“”，记入。"]


def test_the_log_is_sifted_by_person_and_by_kind(app: App, enrolled: Enrolled) -> None:
    decided(
        app, DecisionKind.ROBOT_ON, GroupSubject(group=GroupKey("townships")), by=Actor(name="李四")
    )
    decided(
        app, DecisionKind.ROBOT_ON, GroupSubject(group=GroupKey("leaders")), by=Actor(name="王敏")
    )
    decided(app, DecisionKind.DELIVERY_DROPPED, DeliverySubject(number=7), by=Actor(name="王敏"))
    assert len(seen(app, enrolled, by=Actor(name="王敏")).entries) == 2
    assert len(seen(app, enrolled, kind="robot on").entries) == 2
    assert [
        one.person for one in seen(app, enrolled, kind="robot on", by=Actor(name="李四")).entries
    ] == ["李四"]
    told = seen(app, enrolled, by=Actor(name="nobody"))
    assert (told.entries, [one.name for one in told.actors]) == ((), ["李四", "王敏"])
    assert {"robot on", "delivery dropped", "robot off", "version"} == set(told.kinds)


def test_two_accounts_of_one_name_are_never_mixed_up(app: App, enrolled: Enrolled) -> None:
    about = DeliverySubject(number=7)
    for login in ("zhang", "zhang2", ""):
        decided(
            app, DecisionKind.DELIVERY_DROPPED, about, login, by=Actor(name="张三", login=login)
        )
    told = seen(app, enrolled)
    assert told.actors == tuple(
        Actor(name="张三", login=login) for login in ("", "zhang", "zhang2")
    )
    for actor in told.actors:
        assert [one.reason for one in seen(app, enrolled, by=actor).entries] == [actor.login]


# the turn of the page lies among each kind of entry
@pytest.mark.parametrize("taken", [PAGE + 5, PAGE - 2, PAGE - 4])
def test_pages_follow_each_other_without_a_gap_even_within_one_moment(
    app: App, enrolled: Enrolled, taken: int
) -> None:
    with app.store.writing() as session:
        for number in range(taken):  # a pasted chat: all in one moment
            decisions.add_decision(
                session,
                campaign=HOUSING,
                by=Actor(name="王敏"),
                kind=DecisionKind.ROBOT_ON,
                subject=GroupSubject(group=GroupKey(str(number))),
                at=NOON,
            )
        enrol(session, enrolled.campaign, "another content", NOON)
        for number in range(3):
            robots.switch(
                session,
                Switch(
                    robot=f"f{number}",
                    live=False,
                    campaign=HOUSING,
                    group=enrolled.campaign.groups[0].key,
                    person="",
                    reason="",
                    switched_at=NOON,
                ),
            )
    place: LogCursor | None = LogCursor(at=at("12-31 00:00"))
    turned, pages = [], 0
    while place is not None and pages < 9:
        told = seen(app, enrolled, place)
        turned += [(one.at, one.source, one.number) for one in told.entries]
        place, pages = told.next, pages + 1
    assert pages == 2
    assert len(turned) == len(set(turned)) == taken + 3 + 2
    assert turned == sorted(turned, reverse=True)


def test_what_has_not_happened_yet_is_not_in_it(app: App, enrolled: Enrolled) -> None:
    decided(
        app, DecisionKind.ROBOT_ON, GroupSubject(group=GroupKey("townships")), moment="10-29 12:00"
    )
    assert seen(app, enrolled, LogCursor(at=at("10-29 11:59"))).entries[0].kind == "version"
    assert seen(app, enrolled, LogCursor(at=NOON)).entries[0].kind == "robot on"


def test_another_campaigns_log_is_its_own(app: App, enrolled: Enrolled) -> None:
    with app.store.writing() as session:
        decisions.add_decision(
            session,
            campaign=CampaignKey("toilets"),
            by=Actor(name="x"),
            kind=DecisionKind.ROBOT_ON,
            subject=GroupSubject(group=GroupKey("a")),
            at=NOON,
        )
    assert seen(app, enrolled).actors == ()


def test_the_page_is_the_same_few_queries_whatever_is_in_it(
    store: Store, app: App, enrolled: Enrolled
) -> None:
    asked = []
    with store.writing() as session:
        numbers = [a_reply(session, f"m{number}").number for number in range(30)]
    for kept in (numbers[:1], numbers[1:]):
        for number in kept:
            decided(app, DecisionKind.REPLY_APPROVED, ReplySubject(number=number))
        with store.reading() as session, counted(session) as queries:
            log_page(session, enrolled.campaign, LogCursor(at=at("12-31 00:00"), number=LAST))
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 9


def test_every_kind_of_decision_of_the_code_has_its_sentence_and_its_name() -> None:
    with (ROOT / "config/wording/log.toml").open("rb") as file:
        wording = tomllib.load(file)
    assert (
        wording["sentences"].keys()
        == wording["kinds"].keys()
        == {*DecisionKind, ROBOT_OFF, VERSION}
    )
    assert CONSISTS.keys() == set(DecisionKind)


def test_no_sentence_names_what_it_is_not_told(app: App, enrolled: Enrolled) -> None:
    for kind, consists in CONSISTS.items():
        if kind is not DecisionKind.OTHER:
            decided(app, kind, SUBJECTS[consists.about], **dict.fromkeys(consists.facts, "?"))
    told: list[str] = []
    place: LogCursor | None = LogCursor(at=at("12-31 00:00"))
    while place is not None:
        page = seen(app, enrolled, place)
        told += sentences(page)
        place = page.next
    # the version of the campaign stands for the kind nobody knows
    assert len(told) == len(DecisionKind)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("一\n二  三", "一 二 三"),
        ("长" * 50, "长" * 39 + "…"),
        ("致电13812345678。", "致电138****5678。"),
        ("", ""),
    ],
)
def test_what_is_quoted_is_brief_and_shows_no_telephone(text: str, told: str) -> None:
    assert brief(text) == told
