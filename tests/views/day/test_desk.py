"""The clerk's one page: each township in the state it is in, its words beside what was read from
them, and what waits for him.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from sqlalchemy import event

from bot.actions.day import correct
from bot.actions.day.correct import TypedValue
from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.replies.reading import Outcome
from bot.store import Store
from bot.store.replies import readings
from bot.store.replies.heard import WaitsFor
from bot.views.day.desk import Desk, DeskRow, State, desk, desk_day, explained
from tests.actions.day.test_day import pass_until, say
from tests.actions.day.test_steer import do
from tests.actions.replies.test_hear import Ear
from tests.builders import at, day, rural_housing_2021

ALL_OF_RIVER = "累计开工25户，累计竣工14户"


def seen(app: App, enrolled: Enrolled, moment: str, on: str = "10-15") -> Desk:
    with app.store.reading() as session:
        return desk(session, enrolled.campaign, day(on), at(moment))


def row(shown: Desk, name: str) -> DeskRow:
    return next(one for one in shown.rows if one.township.name == name)


def number_of(app: App, enrolled: Enrolled) -> int:
    """The number of the last reply that was read."""
    with app.store.reading() as session:
        return readings.readings(session, enrolled.campaign.key)[-1][0].number


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are put to the ledger meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    yield asked
    event.remove(store._engine, "before_cursor_execute", note)


def test_each_township_is_in_the_state_it_is_in(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 10:00", "稻溪镇-谢", ALL_OF_RIVER)
    say(app, enrolled, "10-15 10:05", "汀前街道-朱", "汀前街道已开工2户，已竣工2户")
    say(app, enrolled, "10-15 10:10", "兰皋镇-邱", "兰皋镇基本完成")
    say(app, enrolled, "10-15 17:10", "松砚镇-罗", "累计开工22户，累计竣工12户")
    shown = seen(app, enrolled, "10-15 17:20")
    states = {one.township.name: one.state for one in shown.rows}
    assert states["稻溪镇"] is State.ON_TIME
    assert states["汀前街道"] is State.DONE
    assert states["兰皋镇"] is State.ASKED
    assert states["松砚镇"] is State.LATE
    assert shown.counts == {
        State.ASKED: 1,
        State.MISSING: 15,
        State.NOT_ASKED: 0,
        State.ANSWERED: 0,
        State.LATE: 1,
        State.ON_TIME: 1,
        State.DONE: 1,
        State.IDLE: 0,
    }
    river = row(shown, "稻溪镇")
    (told,) = river.told
    assert (told.reply.text, told.reading.echo.split("：")[0]) == (ALL_OF_RIVER, "已记")
    assert [(figure.stage, figure.value) for figure in told.figures] == [
        ("started", 25),
        ("completed", 14),
    ]
    assert (river.day.value, river.day.target) == (14, 25)
    assert river.standing is not None
    assert river.standing.rank == 2
    assert shown.waiting == 1
    assert [(hour.strike.job, hour.hold) for hour in shown.next_hours][:2] == [
        ("bulletin", None),
        ("overdue", None),
    ]


def test_a_question_waits_until_it_is_answered_by_anybody(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 09:00", "稻溪镇-谢", ALL_OF_RIVER)
    assert say(app, enrolled, "10-15 10:00", "稻溪镇-谢", "报2户") is Outcome.ASK
    (_, told) = row(seen(app, enrolled, "10-15 10:01"), "稻溪镇").told
    assert told.waits == ("question",)
    assert [option.value for option in told.options] == [2]
    assert say(app, enrolled, "10-15 10:05", "稻溪镇-谢", "竣工差不多完成") is Outcome.ASK
    river = row(seen(app, enrolled, "10-15 10:06"), "稻溪镇")
    assert [one.waits for one in river.told] == [(), (), ("question",)]
    say(app, enrolled, "10-15 10:10", "稻溪镇-谢", "累计竣工15户")
    river = row(seen(app, enrolled, "10-15 10:11"), "稻溪镇")
    assert river.state is State.ON_TIME
    assert not river.waits


def test_what_the_office_settles_or_enters_waits_no_more(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 10:00", "稻溪镇-谢", "竣工基本完成")
    number = number_of(app, enrolled)
    both = [
        TypedValue(stage="开工", category="", value=Decimal(20)),
        TypedValue(stage="竣工", category="", value=Decimal(9)),
    ]
    with app.store.writing() as session:
        correct.approve(
            session,
            enrolled,
            app.wording,
            app.reading_wording,
            number,
            by=Actor(name="陈"),
            at=at("10-15 10:10"),
            values=both,
        )
    river = row(seen(app, enrolled, "10-15 10:11"), "稻溪镇")
    assert river.state is State.ON_TIME
    (told,) = river.told
    assert told.decision is not None
    assert told.decision.person == "陈"
    assert [figure.value for figure in told.figures] == [20, 9]
    say(app, enrolled, "10-15 10:20", "松砚镇-罗", "竣工基本完成")
    with app.store.writing() as session:
        correct.enter(
            session,
            enrolled,
            app.wording,
            "松砚镇",
            day("10-15"),
            both,
            by=Actor(name="陈"),
            reason="电话",
            at=at("10-15 10:30"),
        )
    pine = row(seen(app, enrolled, "10-15 10:31"), "松砚镇")
    assert pine.state is State.ON_TIME
    assert pine.entered is not None
    assert pine.entered.reason == "电话"


def test_a_question_can_be_let_be(app: App, enrolled: Enrolled) -> None:
    say(app, enrolled, "10-15 10:00", "office", "新桥镇累计竣工3户")
    shown = seen(app, enrolled, "10-15 10:01")
    (told,) = shown.others
    assert (told.waits, shown.waiting) == (("question",), 1)
    with app.store.writing() as session:
        correct.refuse(
            session,
            enrolled.campaign,
            told.reply.number,
            by=Actor(name="陈"),
            reason="不是报数",
            at=at("10-15 10:02"),
        )
    assert seen(app, enrolled, "10-15 10:03").waiting == 0


def test_what_waits_from_other_days_and_from_strangers_is_listed(
    app: App, enrolled: Enrolled
) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 10:00", "王五", "稻溪镇累计竣工15户")
    pass_until(app, enrolled, "10-15 17:45")
    ear = Ear(app)
    ear.tie_chat()
    ear.hears("10-16 09:00", "wm-nobody", "累计竣工3户")
    ear.works("10-16 09:00")
    shown = seen(app, enrolled, "10-16 09:10", "10-16")
    assert [(one.reply.sender, one.why) for one in shown.held] == [("王五", ("sender",))]
    assert [(one.stage, one.platform_id) for one in shown.strangers] == [
        (WaitsFor.SENDER, "wm-nobody")
    ]
    assert shown.waiting == 2
    # Of another campaign's chats nothing is shown here.
    other = rural_housing_2021(key="other")
    with app.store.reading() as session:
        assert desk(session, other, day("10-16"), at("10-16 09:10")).strangers == ()


def test_a_held_reply_of_today_stands_by_its_township(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 17:45")
    assert (
        say(app, enrolled, "10-16 09:00", "稻溪镇-谢", "昨日数据更正：累计竣工11户") is Outcome.ASK
    )
    shown = seen(app, enrolled, "10-16 09:10", "10-16")
    river = row(shown, "稻溪镇")
    assert river.state is State.ASKED
    assert river.told[0].waits == ("closed_day",)
    assert shown.held == ()


def test_the_state_of_the_day_is_told(app: App, enrolled: Enrolled) -> None:
    do(app, enrolled, "remind", "10-15 09:00")
    do(app, enrolled, "say", "10-15 09:05", sentence="请抓紧。")
    do(app, enrolled, "hold", "10-15 09:10", reason="待核")
    shown = seen(app, enrolled, "10-15 09:20")
    assert shown.reminded_at == at("10-15 09:00")
    assert shown.sentence is not None
    assert shown.sentence.reason == "请抓紧。"
    assert shown.hold is not None
    assert shown.hold[0] == day("10-15")
    assert [(one.strike.job, one.hold is not None) for one in shown.next_hours] == [
        ("bulletin", True),
        ("overdue", True),
        ("digest", True),
        ("call", False),
        ("remind", False),
    ]
    do(app, enrolled, "release", "10-15 09:30")
    do(app, enrolled, "publish", "10-15 15:00")
    shown = seen(app, enrolled, "10-15 15:10")
    assert shown.closing is not None
    assert shown.closing.closed_at == at("10-15 15:00")


@pytest.mark.parametrize(
    ("moment", "on"),
    [("10-01 09:00", "10-15"), ("10-29 23:59", "10-29"), ("2021-12-24 09:00", "11-20")],
)
def test_the_desk_opens_on_a_day_of_the_campaign(moment: str, on: str) -> None:
    assert desk_day(rural_housing_2021(), at(moment)) == day(on)


def test_the_number_of_queries_depends_on_nothing(app: App, enrolled: Enrolled) -> None:
    with counted(app.store) as empty:
        seen(app, enrolled, "10-15 08:10")
    pass_until(app, enrolled, "10-15 08:30")
    for minute, township in enumerate(enrolled.campaign.townships, 10):
        say(
            app,
            enrolled,
            f"10-15 10:{minute}",
            township.contacts[0].nick,
            "累计开工1户，累计竣工0户",
        )
        say(app, enrolled, f"10-15 11:{minute}", township.contacts[0].nick, "竣工基本完成")
    do(app, enrolled, "say", "10-15 12:00", sentence="请抓紧。")
    with counted(app.store) as full:
        shown = seen(app, enrolled, "10-15 12:10")
    assert shown.counts[State.ASKED] == 19
    assert 5 < len(full) == len(empty) < 16


@pytest.mark.parametrize(
    "text", ["今日竣工2户，累计竣工16户。收到", "累计竣工　１６　户", "稻溪镇：累计竣工16户！！"]
)
def test_a_reading_is_explained_on_its_own_words(app: App, enrolled: Enrolled, text: str) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 10:00", "稻溪镇-谢", ALL_OF_RIVER)
    pass_until(app, enrolled, "10-15 17:45")
    assert say(app, enrolled, "10-16 09:00", "稻溪镇-谢", text) is Outcome.ACCEPT
    number = number_of(app, enrolled)
    say(app, enrolled, "10-16 10:00", "稻溪镇-谢", "累计竣工18户")
    with app.store.reading() as session:
        why = explained(session, enrolled.campaign, app.reading_wording, number)
        assert explained(session, enrolled.campaign, app.reading_wording, 999) is None
    assert why is not None
    assert why.explanation.decided == ("记为：稻溪镇 竣工累计16户",)
    assert "".join(place.text for place in why.places) == text
    roles = {place.mark.role: place.text for place in why.places if place.mark is not None}
    assert roles["累计"] == "累计"
    assert "16" in roles["数量"] or "１６" in roles["数量"]


def test_what_another_wrote_of_a_township_leaves_it_missing(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    assert say(app, enrolled, "10-15 10:00", "稻溪镇-谢", "松砚镇累计竣工15户") is Outcome.ASK
    shown = seen(app, enrolled, "10-15 10:05")
    pine = row(shown, "松砚镇")
    assert (pine.state, pine.waits) == (State.MISSING, True)
    assert row(shown, "稻溪镇").state is State.ASKED
    say(app, enrolled, "10-15 10:10", "稻溪镇-谢", ALL_OF_RIVER)
    shown = seen(app, enrolled, "10-15 10:15")
    river = row(shown, "稻溪镇")
    assert (river.state, river.waits, shown.waiting) == (State.ON_TIME, True, 1)
