"""A person steers the day: reminded once, published early, held and released, a sentence of one's
own; each act kept with its name.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from bot.actions.day import steer
from bot.actions.day.close_day import is_closed
from bot.actions.day.recover import due_strikes
from bot.actions.day.steer import NotSteered
from bot.actions.day.strike import perform
from bot.app import App
from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun, strike_for
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.notices.notice import Notice
from bot.domain.replies.reading import Outcome
from bot.store import Store
from bot.store.decisions import decisions
from bot.store.notices import deliveries, notices
from bot.views.day import compose
from bot.views.day.sheets import issues_without_notice, sheets_known
from bot.views.day.steering import sentence_at
from bot.views.day.watch import watch
from tests.actions.day.test_day import kinds, pass_until, say
from tests.builders import at, day
from tests.store.facts import about

FIRST = day("10-15")
ALL_DONE = "累计开工25户，累计竣工14户"


def do(
    app: App,
    enrolled: Enrolled,
    deed: str,
    moment: str,
    on: str = "10-15",
    by: str = "陈",
    **given: Any,
) -> None:
    """One act of a person on that day, in a transaction of its own."""
    reason = given.pop("reason", "领导要求")
    with app.store.writing() as session:
        match deed:
            case "remind":
                steer.remind_now(
                    session,
                    enrolled,
                    app.wording,
                    app.jobs["remind"],
                    day(on),
                    by=Actor(name=by),
                    reason=reason,
                    at=at(moment),
                )
            case "publish":
                steer.publish_early(
                    session,
                    enrolled,
                    app.wording,
                    app.jobs["bulletin"],
                    day(on),
                    by=Actor(name=by),
                    reason=reason,
                    at=at(moment),
                )
            case "hold":
                steer.hold_bulletin(
                    session,
                    enrolled.campaign,
                    day(on),
                    by=Actor(name=by),
                    reason=reason,
                    at=at(moment),
                )
            case "release":
                steer.release_bulletin(
                    session,
                    enrolled.campaign,
                    day(on),
                    by=Actor(name=by),
                    reason=reason,
                    at=at(moment),
                )
            case "say":
                seen = sentence_at(session, enrolled.campaign.key, day(on), at(moment))
                given.setdefault("instead_of", seen and seen.number)
                steer.add_sentence(
                    session, enrolled.campaign, day(on), by=Actor(name=by), at=at(moment), **given
                )
            case "unsay":
                seen = sentence_at(session, enrolled.campaign.key, day(on), at(moment))
                given.setdefault("instead_of", 0 if seen is None else seen.number)
                steer.withdraw_sentence(
                    session,
                    enrolled.campaign,
                    day(on),
                    by=Actor(name=by),
                    reason=reason,
                    at=at(moment),
                    **given,
                )


def refused(act: Callable[[], None]) -> str:
    with pytest.raises(NotSteered) as told:
        act()
    return told.value.why


def decided(app: App, enrolled: Enrolled) -> list[tuple[str, str, str, str]]:
    with app.store.reading() as session:
        return [
            (one.person, one.kind, about(one), one.reason)
            for one in decisions.decisions(session, enrolled.campaign.key)
        ]


def bulletins(app: App, enrolled: Enrolled) -> list[Notice]:
    with app.store.reading() as session:
        made = notices.notices(session, enrolled.campaign.key)
    return [notice for _, notice in made if notice.kind == NoticeKind("bulletin")]


def test_the_reminder_goes_now_and_not_again_at_its_hour(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    assert say(app, enrolled, "10-15 14:00", "稻溪镇-谢", ALL_DONE) is Outcome.ACCEPT
    do(app, enrolled, "remind", "10-15 14:30")
    pass_until(app, enrolled, "10-15 14:31")
    reminder = group_text.getvalue().split("未报提醒")[1]
    assert "截至14:30，今日尚未报送的有18个" in reminder
    assert "稻溪镇" not in reminder
    assert decided(app, enrolled) == [
        ("陈", DecisionKind.REMINDED_NOW, "day 2021-10-15", "领导要求")
    ]
    assert refused(lambda: do(app, enrolled, "remind", "10-15 14:40", by="李")) == "reminded"
    pass_until(app, enrolled, "10-15 16:00")
    assert [kind for kind, _, _ in kinds(app, enrolled)] == ["call", "remind"]
    assert len(decided(app, enrolled)) == 1


@pytest.mark.parametrize(
    ("moment", "on", "why"),
    [
        ("10-15 17:00", "10-15", "after_cutoff"),
        ("10-15 07:59", "10-15", "quiet"),
        ("10-16 09:00", "10-15", "not_today"),
        ("10-15 16:30", "10-15", "reminded"),
        ("10-14 09:00", "10-14", "no_day"),
    ],
)
def test_no_reminder_goes_when_none_may(
    app: App, enrolled: Enrolled, moment: str, on: str, why: str
) -> None:
    if why == "reminded":
        pass_until(app, enrolled, "10-15 16:00")
    assert refused(lambda: do(app, enrolled, "remind", moment, on)) == why
    assert decided(app, enrolled) == []


def test_nobody_is_reminded_when_nobody_is_missing(app: App, enrolled: Enrolled) -> None:
    for township in enrolled.campaign.townships:
        say(app, enrolled, "10-15 10:00", township.contacts[0].nick, "累计开工1户，累计竣工0户")
    with app.store.reading() as session:
        missing = [
            row.township
            for row in sheets_known(session, enrolled.campaign, FIRST, at("10-15 10:00"))[
                -1
            ].townships
            if row.absent
        ]
    assert missing == []
    assert refused(lambda: do(app, enrolled, "remind", "10-15 10:30")) == "nobody_missing"
    pass_until(app, enrolled, "10-15 16:00")
    assert "remind" not in [kind for kind, _, _ in kinds(app, enrolled)]


def test_a_day_published_early_is_over(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 14:00", "稻溪镇-谢", ALL_DONE)
    do(app, enrolled, "publish", "10-15 15:00", reason="会上要用")
    pass_until(app, enrolled, "10-15 15:02")
    assert "截至10月15日15:00" in group_text.getvalue().split("第1期")[1]
    # What comes now is of the next day, and nobody is reminded of a day that is over.
    say(app, enrolled, "10-15 15:30", "松砚镇-罗", "累计开工22户，累计竣工12户")
    pass_until(app, enrolled, "10-15 17:40")
    assert kinds(app, enrolled) == [
        ("call", "2021-10-15", False),
        ("bulletin", "2021-10-15", False),
        ("overdue", "2021-10-15", False),
    ]
    with app.store.reading() as session:
        (first,) = sheets_known(session, enrolled.campaign, FIRST, at("10-15 18:00"))
        second = sheets_known(session, enrolled.campaign, day("10-16"), at("10-15 18:00"))[-1]
    assert (first.total, second.total) == (14, 26)
    assert decided(app, enrolled) == [
        ("陈", DecisionKind.PUBLISHED_EARLY, "day 2021-10-15", "会上要用")
    ]
    assert refused(lambda: do(app, enrolled, "publish", "10-15 15:01", by="李")) == "closed"
    assert refused(lambda: do(app, enrolled, "hold", "10-15 15:01", by="李")) == "closed"
    assert refused(lambda: do(app, enrolled, "remind", "10-15 15:01", by="李")) == "closed"
    assert (
        refused(lambda: do(app, enrolled, "say", "10-15 15:01", sentence="一句", by="李"))
        == "closed"
    )


def test_a_day_is_not_published_past_one_that_is_still_to_come(
    app: App, enrolled: Enrolled
) -> None:
    assert refused(lambda: do(app, enrolled, "publish", "10-16 09:00", "10-16")) == "earlier_first"
    pass_until(app, enrolled, "10-16 09:01")
    do(app, enrolled, "publish", "10-16 09:02", "10-16")
    assert [notice.number for notice in bulletins(app, enrolled)] == [1, 2]


def test_a_held_bulletin_waits_with_what_follows_it_and_raises_no_alarm(
    app: App, enrolled: Enrolled
) -> None:
    pass_until(app, enrolled, "10-15 16:00")
    do(app, enrolled, "hold", "10-15 17:00", reason="数据待核")
    assert refused(lambda: do(app, enrolled, "hold", "10-15 17:01", by="李")) == "held_already"
    assert refused(lambda: do(app, enrolled, "publish", "10-15 17:01", by="李")) == "held"
    pass_until(app, enrolled, "10-15 18:30")
    pass_until(app, enrolled, "10-16 08:40")
    assert [kind for kind, _, _ in kinds(app, enrolled)] == ["call", "remind", "call"]
    with app.store.reading() as session:
        seen = watch(session, [enrolled.campaign], at("10-16 08:40"))
        assert not is_closed(session, enrolled.campaign, FIRST)
    assert seen.troubles == ()
    assert {(job.job, job.held_by) for job in seen.jobs if job.held_by} == {
        ("bulletin", "陈"),
        ("overdue", "陈"),
        ("digest", "陈"),
    }
    assert "is held by 陈" in seen.held[0]
    # A job that asks for it by name is kept back in its own transaction, however it came to be
    # called.
    strike = strike_for(enrolled.campaign, "bulletin", FIRST, at("10-16 08:41"))
    assert not perform(app.store, enrolled, strike, app.wording, app.jobs["bulletin"])
    do(app, enrolled, "release", "10-16 08:45", by="李", reason="已核")
    assert refused(lambda: do(app, enrolled, "release", "10-16 08:46")) == "not_held"
    pass_until(app, enrolled, "10-16 08:46")
    assert [(kind, catch_up) for kind, _, catch_up in kinds(app, enrolled)[3:]] == [
        ("bulletin", True),
        ("overdue", True),
        ("digest", True),
    ]
    assert [(person, kind) for person, kind, _, _ in decided(app, enrolled)] == [
        ("陈", "bulletin held"),
        ("李", "bulletin released"),
    ]


def test_a_hold_outlives_the_process_and_a_release_before_the_hour_changes_nothing(
    app: App, enrolled: Enrolled, address: str
) -> None:
    pass_until(app, enrolled, "10-15 16:00")
    do(app, enrolled, "hold", "10-15 16:30")
    again = Store(address)
    assert due_strikes(again, enrolled.campaign, at("10-15 17:45")) == ()
    again.close()
    do(app, enrolled, "release", "10-15 17:00")
    pass_until(app, enrolled, "10-15 17:30")
    assert ("bulletin", "2021-10-15", False) in kinds(app, enrolled)


def test_no_issue_passes_a_held_one(app: App, enrolled: Enrolled, group_text: io.StringIO) -> None:
    pass_until(app, enrolled, "10-15 16:00")
    do(app, enrolled, "hold", "10-15 17:00")
    pass_until(app, enrolled, "10-16 17:45")
    assert bulletins(app, enrolled) == []
    with app.store.reading() as session:
        assert watch(session, [enrolled.campaign], at("10-16 18:30")).troubles == ()
    do(app, enrolled, "release", "10-16 18:35")
    pass_until(app, enrolled, "10-16 18:36")
    assert [notice.number for notice in bulletins(app, enrolled)] == [2]


def computed_again(app: App, enrolled: Enrolled, told: Notice) -> Notice:
    with app.store.reading() as session:
        said = sentence_at(session, told.campaign, told.day, told.made_at)
        return compose.bulletin(
            app.wording,
            enrolled.campaign,
            told.version,
            ScheduledRun(job="bulletin", day=told.day, planned=told.planned, at=told.made_at),
            sheets_known(session, enrolled.campaign, told.day, told.made_at),
            merged=issues_without_notice(session, enrolled.campaign, told.day),
            sentence="" if said is None else said.reason,
        )


def test_a_sentence_of_ones_own_stands_before_the_signature(app: App, enrolled: Enrolled) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    do(app, enrolled, "say", "10-15 10:00", sentence="明天停电。")
    do(app, enrolled, "say", "10-15 10:05", sentence=" 请各乡镇　抓紧收尾 {{ 7*7 }}{% raw %}。 ")
    pass_until(app, enrolled, "10-15 17:30")
    (told,) = bulletins(app, enrolled)
    assert told.text.splitlines()[-2:] == [
        "【请各乡镇 抓紧收尾 {{ 7*7 }}{% raw %}。】",
        "市住建局农房办 10月15日",
    ]
    assert "停电" not in told.text
    assert computed_again(app, enrolled, told) == told
    assert [(kind, reason) for _, kind, _, reason in decided(app, enrolled)] == [
        (DecisionKind.SENTENCE_SET, "明天停电。"),
        (DecisionKind.SENTENCE_SET, "请各乡镇 抓紧收尾 {{ 7*7 }}{% raw %}。"),
    ]


def test_a_sentence_taken_back_is_not_printed(app: App, enrolled: Enrolled) -> None:
    do(app, enrolled, "say", "10-15 10:00", sentence="明天停电。")
    do(app, enrolled, "unsay", "10-15 10:05", reason="不停了")
    assert refused(lambda: do(app, enrolled, "unsay", "10-15 10:06")) == "sentence_gone"
    pass_until(app, enrolled, "10-15 17:30")
    (told,) = bulletins(app, enrolled)
    assert "【" not in told.text
    assert computed_again(app, enrolled, told) == told


def test_of_two_who_write_at_once_the_later_is_told_what_stands(
    app: App, enrolled: Enrolled
) -> None:
    do(app, enrolled, "say", "10-15 10:00", sentence="甲")
    with pytest.raises(NotSteered) as told:
        do(app, enrolled, "say", "10-15 10:00", sentence="乙", instead_of=None, by="李")
    assert told.value.why == "sentence_changed"
    assert told.value.facts == {"person": "陈", "sentence": "甲"}


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("一" * 121, "long"),
        ("一行\n两行", "lines"),
        ("一行\u2028两行", "lines"),
        (" \u3000 ", "empty"),
        ("响铃\a", "signs"),
        ("身份证110101199003071234", "number"),
    ],
)
def test_what_cannot_stand_in_a_bulletin_is_told(
    app: App, enrolled: Enrolled, sentence: str, why: str
) -> None:
    assert refused(lambda: do(app, enrolled, "say", "10-15 10:00", sentence=sentence)) == why
    do(app, enrolled, "say", "10-15 10:00", sentence="一" * 120)


def test_a_sentence_is_data_and_never_markup(
    app: App, enrolled: Enrolled, group_text: io.StringIO
) -> None:
    do(
        app,
        enrolled,
        "say",
        "10-15 10:00",
        sentence="@所有人 <at id=all></at> [点](http://evil.example)",
    )
    pass_until(app, enrolled, "10-15 17:30")
    with app.store.reading() as session:
        assert set(deliveries.counts(session, enrolled.campaign.key)) == {"sent"}
    assert "【@所有人 <at id=all></at> [点](http://evil.example)】" in group_text.getvalue()
