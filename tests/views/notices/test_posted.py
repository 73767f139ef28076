"""The deliveries page: every notice of a day, every group, what the platform said, and what a
person may do about it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.actions.notices.robots import NotSwitched, switch_group_on
from bot.actions.notices.settle import retry
from bot.domain.campaigns.campaign import Campaign
from bot.domain.decisions.actor import Actor
from bot.domain.notices.delivery import DeliveryState
from bot.store.decisions import decisions
from bot.views.notices.posted import PostedDay, course, posted
from tests.actions.notices.test_deliver import Bureau, bureau, platforms, wecom  # noqa: F401
from tests.builders import at, day
from tests.platforms.server import Trouble
from tests.store.facts import HOUSING, about
from tests.store.queries import counted

MINUTE = timedelta(minutes=1)


def campaign(bureau: Bureau) -> Campaign:  # noqa: F811
    return bureau.app.campaigns[HOUSING].campaign


def seen(bureau: Bureau, on: str | None = None) -> PostedDay:  # noqa: F811
    with bureau.store.reading() as session:
        return posted(session, campaign(bureau), bureau.app.robots, day(on) if on else None)


@pytest.fixture
def mixed(bureau: Bureau) -> Bureau:  # noqa: F811
    """A day on which one group got the bulletin, one refused it, and of one nobody knows."""
    for setting in "ABC":
        bureau.robot(setting)
    bureau.serve(wecom("east", "A"), wecom("west", "B"), wecom("north", "C"))
    bureau.robots["B"].troubles.append((40008, "invalid message type"))
    bureau.robots["C"].troubles += [Trouble.CUT_AFTER] * 2
    bureau.say("north", "west", "east", title="第一期")
    for _ in range(3):
        bureau.deliver(MINUTE)
    return bureau


def test_each_group_stands_with_the_platforms_own_words_and_what_may_be_done(mixed: Bureau) -> None:
    told = seen(mixed)
    ((said,), day_) = (told.notices, told.day)
    assert (said.notice.title, day_) == ("第一期", day("10-29"))
    assert [
        (one.group, one.delivery.state, one.may, one.repeated_by is None) for one in said.postings
    ] == [
        ("east", DeliveryState.SENT, set(), True),
        ("west", DeliveryState.REFUSED, {"retry"}, True),
        ("north", DeliveryState.UNKNOWN, {"settle"}, False),
        # the repetition that a bulletin is given
        ("north", DeliveryState.UNKNOWN, {"settle", "retry"}, True),
    ]
    refused = said.postings[1].delivery
    assert (refused.code, refused.detail) == ("40008", "invalid message type")
    assert [one.delivery.number for _, one in told.not_sent] == [
        refused.number,
        said.postings[3].delivery.number,
    ]


def test_the_whole_course_of_a_delivery_is_told_on_demand(mixed: Bureau) -> None:
    number = seen(mixed).notices[0].postings[1].delivery.number
    with mixed.store.reading() as session:
        found = course(session, campaign(mixed), number)
        assert course(session, campaign(mixed), 999) is None
    assert found is not None
    assert found[0].may == {"retry"}
    assert [event.state.value for event in found[1]] == ["due", "claimed", "attempted", "refused"]


def test_what_is_repeated_may_not_be_repeated_again(mixed: Bureau) -> None:
    number = seen(mixed).notices[0].postings[1].delivery.number
    with mixed.store.writing() as session:
        again = retry(session, number, by=Actor(name="王敏"), reason="", at=mixed.now)
    first, second = seen(mixed).notices[0].postings[1:3]
    assert (first.delivery.number, first.repeated_by, first.may) == (number, again, set())
    assert (second.delivery.resend_of, second.may) == (number, {"drop"})


def test_days_are_turned_one_by_one(bureau: Bureau) -> None:  # noqa: F811
    bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    assert seen(bureau).day is None
    for on in ("10-27", "10-29", "10-31"):
        bureau.say("east", day=day(on), planned=at(f"{on} 17:30"))
    assert [
        (seen(bureau, on).earlier, seen(bureau, on).day, seen(bureau, on).later)
        for on in ("10-31", "10-30")
    ] == [
        (day("10-29"), day("10-31"), None),
        (day("10-27"), day("10-29"), day("10-31")),
    ]
    assert seen(bureau).day == day("10-31")
    assert seen(bureau, "10-26").notices == ()


def test_a_dead_robot_is_shown_and_switched_on_by_a_person(bureau: Bureau) -> None:  # noqa: F811
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles.append((93000, "invalid webhook url"))
    bureau.say("east", title="第一期")
    bureau.deliver()
    (off,) = seen(bureau).off
    assert (off.group, off.waiting, off.switch.reason) == ("east", 1, "93000 invalid webhook url")

    def on(group: str) -> tuple[int, int]:
        campaigns = {key: one.campaign for key, one in bureau.app.campaigns.items()}
        with bureau.store.writing() as session:
            return switch_group_on(
                session,
                campaigns.get,
                bureau.app.robots,
                campaign(bureau),
                group,
                person=Actor(name="王敏"),
                reason="机器人已重新添加",
                at=bureau.now,
            )

    with pytest.raises(NotSwitched) as refused:
        on("nobody")
    assert refused.value.why == "no_group"
    assert on("east") == (1, 0)
    assert seen(bureau).off == ()
    with pytest.raises(NotSwitched) as refused:
        on("east")
    assert refused.value.why == "not_off"
    bureau.deliver(MINUTE)
    assert bureau.last().state is DeliveryState.SENT
    with bureau.store.reading() as session:
        assert [(one.kind, about(one)) for one in decisions.decisions(session, HOUSING)] == [
            ("robot on", "group east")
        ]


def test_the_page_is_the_same_few_queries_whatever_its_size(bureau: Bureau) -> None:  # noqa: F811
    bureau.robot("A")
    groups = [wecom(f"g{number}", "A") for number in range(12)]
    bureau.serve(*groups)
    asked = []
    for notices_of_the_day in (1, 8):
        while bureau.edition < notices_of_the_day:
            bureau.say(*(str(group.key) for group in groups))
        with bureau.store.reading() as session, counted(session) as queries:
            told = posted(session, campaign(bureau), bureau.app.robots)
        assert sum(len(one.postings) for one in told.notices) == notices_of_the_day * 12
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 7
