"""A person's word on a delivery that did not end as it should: once, kept with a name, and never
against what is known.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.actions.notices.settle import SettlementRefused, drop, retry, settle
from bot.domain.decisions.actor import Actor
from bot.domain.notices.delivery import DeliveryState
from bot.store.decisions import decisions
from bot.store.notices import deliveries
from config.wording.statements import english
from tests.actions.notices.test_deliver import Bureau, bureau, platforms, wecom  # noqa: F401
from tests.platforms.server import Trouble
from tests.store.facts import HOUSING, about

MINUTE = timedelta(minutes=1)


def state(bureau: Bureau, number: int) -> DeliveryState:  # noqa: F811
    with bureau.store.reading() as session:
        found = deliveries.get_delivery(session, number)
    assert found is not None
    return found[1].state


def decided(bureau: Bureau) -> list[tuple[str, str, str]]:  # noqa: F811
    with bureau.store.reading() as session:
        return [(one.person, one.kind, about(one)) for one in decisions.decisions(session, HOUSING)]


def of_unknown_end(bureau: Bureau, troubles: int = 2) -> int:  # noqa: F811
    """A bulletin taken by the group and never answered for, and its repetition likewise; the number
    of the last.
    """
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles += [Trouble.CUT_AFTER] * troubles
    bureau.say("east", title="第一期")
    for _ in range(3):
        bureau.deliver(MINUTE)
    assert bureau.last().state is DeliveryState.UNKNOWN
    return bureau.last().number


def test_what_is_refused_goes_out_again_unmarked(bureau: Bureau) -> None:  # noqa: F811
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles.append((40008, "invalid message type"))
    bureau.say("east", title="第一期")
    bureau.deliver()
    assert bureau.last().state is DeliveryState.REFUSED
    number = bureau.last().number
    with bureau.store.writing() as session:
        again = retry(session, number, by=Actor(name="王敏"), reason="格式已改", at=bureau.now)
    bureau.deliver(MINUTE)
    assert state(bureau, again) is DeliveryState.SENT
    assert robot.seen[-1].text.startswith("第一期")
    assert decided(bureau) == [("王敏", "delivery retried", f"delivery {number}")]
    with (
        bureau.store.writing() as session,
        pytest.raises(SettlementRefused, match="has been repeated by delivery"),
    ):
        retry(session, number, by=Actor(name="王敏"), reason="再来", at=bureau.now)
    with bureau.store.writing() as session, pytest.raises(SettlementRefused, match="is sent"):
        retry(session, again, by=Actor(name="王敏"), reason="再来", at=bureau.now)


def test_what_may_have_arrived_is_marked_when_it_goes_out_again(bureau: Bureau) -> None:  # noqa: F811
    number = of_unknown_end(bureau)
    robot = bureau.robots["A"]
    with bureau.store.writing() as session:
        retry(session, number, by=Actor(name="王敏"), reason="群里没看到", at=bureau.now)
    bureau.deliver(MINUTE)
    assert bureau.last().state is DeliveryState.SENT
    assert [seen.text.startswith("【重发】") for seen in robot.seen] == [False, True, True]


def test_a_look_into_the_group_settles_the_unknown(bureau: Bureau) -> None:  # noqa: F811
    number = of_unknown_end(bureau)
    with bureau.store.writing() as session:
        settle(
            session, number, arrived=True, by=Actor(name="王敏"), reason="群里已看到", at=bureau.now
        )
    assert state(bureau, number) is DeliveryState.SENT
    with bureau.store.reading() as session:
        last = deliveries.history(session, number)[-1]
    assert (last.code, english(last.detail)) == ("person", "arrived, says 王敏: 群里已看到")
    with (
        bureau.store.writing() as session,
        pytest.raises(SettlementRefused, match="only an unknown one"),
    ):
        settle(
            session, number, arrived=False, by=Actor(name="李伟"), reason="没看到", at=bureau.now
        )


def test_what_did_not_arrive_is_refused_and_may_be_retried(bureau: Bureau) -> None:  # noqa: F811
    number = of_unknown_end(bureau)
    with bureau.store.writing() as session:
        settle(
            session, number, arrived=False, by=Actor(name="王敏"), reason="群里没有", at=bureau.now
        )
    assert state(bureau, number) is DeliveryState.REFUSED
    with bureau.store.writing() as session:
        again = retry(session, number, by=Actor(name="王敏"), reason="重发", at=bureau.now)
    bureau.deliver(MINUTE)
    assert state(bureau, again) is DeliveryState.SENT


def test_a_repetition_that_still_waits_is_dropped_when_the_first_arrived(bureau: Bureau) -> None:  # noqa: F811
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles += [Trouble.CUT_AFTER, (45009, "api freq out of limit")]
    bureau.say("east", title="第一期")
    bureau.deliver()
    bureau.deliver(timedelta(seconds=1))
    with bureau.store.reading() as session:
        first, again = deliveries.deliveries(session, HOUSING)
    assert (first.state, again.state) == (DeliveryState.UNKNOWN, DeliveryState.DUE)
    with bureau.store.writing() as session:
        settle(
            session,
            first.number,
            arrived=True,
            by=Actor(name="王敏"),
            reason="已看到",
            at=bureau.now,
        )
    for _ in range(5):
        bureau.deliver(MINUTE)
    assert (state(bureau, first.number), state(bureau, again.number)) == (
        DeliveryState.SENT,
        DeliveryState.DROPPED,
    )
    assert len(robot.seen) == 1


def test_what_waits_can_be_dropped_and_what_is_done_cannot(bureau: Bureau) -> None:  # noqa: F811
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    bureau.say("east", title="第一期")
    with bureau.store.reading() as session:
        number = deliveries.deliveries(session, HOUSING)[0].number
    with bureau.store.writing() as session:
        drop(session, number, by=Actor(name="王敏"), reason="写错了", at=bureau.now)
    bureau.deliver()
    assert robot.seen == []
    assert state(bureau, number) is DeliveryState.DROPPED
    with (
        bureau.store.writing() as session,
        pytest.raises(SettlementRefused, match="only one that waits"),
    ):
        drop(session, number, by=Actor(name="王敏"), reason="再来", at=bureau.now)
    with (
        bureau.store.writing() as session,
        pytest.raises(SettlementRefused, match="there is no delivery 999"),
    ):
        drop(session, 999, by=Actor(name="王敏"), reason="", at=bureau.now)
