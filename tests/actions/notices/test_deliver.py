"""Deliveries against the platforms' own rules: one queue per robot, its pace, its holds, its end;
and every page told truly.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.actions.campaigns.enrol import enrol
from bot.actions.notices.robots import switch_on
from bot.app import App
from bot.channels import open_channels
from bot.domain.campaigns.campaign import Audience, CampaignKey, GroupKey, NoticeKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.notices.delivery import DeliveryState
from bot.domain.notices.notice import Table, spread
from bot.store import Store
from bot.store.notices import deliveries, notices, robots
from config.settings import Settings
from config.wording.statements import english
from jobs import JOBS
from tests.builders import at, group, rural_housing_2021
from tests.platforms.server import Platforms, Robot, Trouble
from tests.store.facts import HOUSING, a_notice

NOW = at("10-29 17:40")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Bureau:
    """An installation with groups on the strict platform server, and a clock that only the test
    moves.
    """

    def __init__(self, store: Store, platforms: Platforms, folder: Path) -> None:
        self.store = store
        self.platforms = platforms
        self.now = NOW
        platforms.clock = lambda: self.now
        self.folder = folder
        self.robots: dict[str, Robot] = {}
        self.addresses: dict[str, str] = {"PLATFORM_HOSTS": platforms.origin}
        self.app: App = self.started()
        self.edition = 0

    def started(self) -> App:
        """A process of the installation, as after a restart."""
        hosts = [self.platforms.origin]
        channels = open_channels(hosts=hosts, console=io.StringIO(), folder=self.folder)
        return App(
            settings=Settings.load(self.addresses, None),
            store=self.store,
            channels=channels,
            jobs=JOBS,
        )

    def serve(self, *groups: Any, key: str = "rural-housing-2021") -> Enrolled:
        campaign = replace(rural_housing_2021(), key=CampaignKey(key), groups=groups)
        with self.store.writing() as session:
            enrolled = enrol(session, campaign, f"{groups}", self.now)
        self.app.campaigns[campaign.key] = enrolled
        return enrolled

    def robot(self, setting: str, platform: str = "wecom", **others: Any) -> Robot:
        robot = self.platforms.robot(platform, f"token-{setting}", **others)
        self.addresses[setting] = robot.url
        self.robots[setting] = robot
        self.restart()
        return robot

    def restart(self) -> None:
        campaigns = self.app.campaigns
        self.app = self.started()
        for key, enrolled in campaigns.items():
            self.app.campaigns[key] = enrolled

    def say(self, *groups: str, campaign: str = "rural-housing-2021", **changes: Any) -> int:
        self.edition += 1
        facts = {
            "made_at": self.now,
            "edition": self.edition,
            "campaign": CampaignKey(campaign),
            **changes,
        }
        with self.store.writing() as session:
            number = notices.add_notice(
                session, a_notice(**facts), [GroupKey(g) for g in groups], not_before=self.now
            )
        assert number is not None
        return number

    def deliver(self, after: timedelta = timedelta(0)) -> int:
        self.now += after
        return self.app.deliver(self.now)

    def stands(self, campaign: CampaignKey = HOUSING) -> list[tuple[str, str]]:
        with self.store.reading() as session:
            return [
                (str(one.group), one.state.value)
                for one in deliveries.deliveries(session, campaign)
            ]

    def last(self) -> Any:
        with self.store.reading() as session:
            return deliveries.deliveries(session, HOUSING)[-1]


@pytest.fixture
def platforms() -> Iterator[Platforms]:
    with Platforms(NOW) as server:
        yield server


@pytest.fixture
def bureau(store: Store, platforms: Platforms, tmp_path: Path) -> Bureau:
    return Bureau(store, platforms, tmp_path)


def wecom(
    key: str, setting: str, audience: Audience = Audience.TOWNSHIPS, platform: str = "wecom"
) -> Any:
    return group(key, audience, "bulletin", platform=platform, address_setting=setting)


def long_table(rows: int) -> Table:
    return Table(
        head=("乡镇", "竣工"), rows=tuple((f"第{row}号镇" * 12, "17") for row in range(rows))
    )


def test_groups_of_one_address_are_one_robot_with_one_pace(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    other = bureau.robot("B")
    bureau.serve(wecom("east", "A"), wecom("west", "A"), wecom("north", "B"))
    bureau.serve(wecom("south", "A"), key="toilets")
    for _ in range(10):
        bureau.say("east", "west", "north")
    for _ in range(10):
        bureau.say("south", campaign="toilets")
    for _ in range(70):
        bureau.deliver(2 * SECOND)
        bureau.restart()  # a pace that lived in the process alone would begin anew
    assert {state for _, state in bureau.stands() + bureau.stands(CampaignKey("toilets"))} == {
        "sent"
    }
    assert (len(robot.seen), len(other.seen)) == (30, 10)
    # The server refuses the twenty-first of a minute; nothing was ever refused, and none was tried
    # in vain.
    assert robot.requests == 30
    with bureau.store.reading() as session:
        assert all(one.attempts == 1 for one in deliveries.deliveries(session, HOUSING))


def test_a_long_bulletin_is_paced_too(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    bureau.say("east", table=long_table(220))
    for _ in range(120):
        bureau.deliver(SECOND)
    one = bureau.last()
    assert one.of > 8
    assert (one.state, one.attempts) == (DeliveryState.SENT, one.of)
    assert robot.requests == len(robot.seen) == one.of


def test_a_younger_notice_never_overtakes_one_that_has_begun(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"), wecom("west", "A"))
    robot.troubles.append((-1, "busy"))
    bureau.say("east", title="第一期")
    bureau.say("west", title="第二期")
    bureau.deliver()
    assert robot.seen == []
    bureau.deliver(MINUTE)
    assert [seen.text[:3] for seen in robot.seen] == ["第一期", "第二期"]


def test_what_waits_for_its_hour_holds_up_nobody(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    with bureau.store.writing() as session:
        notices.add_notice(
            session, a_notice(edition=90), [GroupKey("east")], not_before=at("10-30 08:00")
        )
    bureau.say("east", title="答复")
    bureau.deliver()
    assert [seen.text[:2] for seen in robot.seen] == ["答复"]


@pytest.mark.parametrize(
    ("platform", "number", "silence"),
    [("dingtalk", 130101, timedelta(minutes=10)), ("wecom", 45009, MINUTE)],
)
def test_a_robot_told_to_be_silent_is_and_nobody_else(
    bureau: Bureau, platform: str, number: int, silence: timedelta
) -> None:
    robot, other = bureau.robot("A", platform), bureau.robot("B", platform)
    bureau.serve(
        *(
            wecom(key, setting, platform=platform)
            for key, setting in (("a", "A"), ("a2", "A"), ("b", "B"))
        )
    )
    robot.troubles.append((number, "too fast"))
    bureau.say("a", "a2", "b")
    bureau.deliver()
    assert (robot.requests, len(robot.seen), len(other.seen)) == (0, 0, 1)
    bureau.restart()
    bureau.deliver(silence - SECOND)
    assert len(robot.seen) == 0
    for _ in range(5):
        bureau.deliver(MINUTE)
    assert len(robot.seen) == 2


def test_a_dead_robot_is_switched_off_and_told_of_and_switched_on_without_a_flood(
    bureau: Bureau,
) -> None:
    robot, office = bureau.robot("A"), bureau.robot("B")
    enrolled = bureau.serve(wecom("east", "A"), wecom("office", "B", Audience.SUPERVISORS))
    robot.troubles.append((93000, "invalid webhook url"))
    bureau.say("east", title="第一期")
    bureau.deliver()
    bureau.deliver(10 * SECOND)
    assert bureau.stands() == [("east", "due"), ("office", "sent")]
    assert "93000" in office.seen[0].text
    assert "east" in office.seen[0].text
    for day in ("10-30", "10-31"):
        bureau.now = at(f"{day} 17:40")
        bureau.say("east", title=f"{day}期")
        bureau.restart()
        bureau.deliver()
    assert robot.seen == []
    with bureau.store.writing() as session:
        (off,) = robots.last_switches(session).values()
        assert robot.url not in repr(off)
        told = switch_on(
            session,
            lambda _: enrolled.campaign,
            off,
            person=Actor(name="王敏"),
            reason="换了地址",
            at=bureau.now,
        )
        assert told == (1, 2)
        assert robots.switched_off_robots(session) == set()
    bureau.deliver()
    assert [state for name, state in bureau.stands() if name == "east"] == [
        "dropped",
        "dropped",
        "sent",
    ]
    assert [seen.text.split("\n")[0] for seen in robot.seen] == ["【补发】10-31期"]


def test_a_new_address_for_a_dead_robot_brings_the_latest_alone(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles.append((93000, "invalid webhook url"))
    bureau.say("east", title="第一期")
    bureau.deliver()
    bureau.say("east", title="第二期")
    new = bureau.robot("B")
    bureau.addresses["A"] = new.url
    bureau.restart()
    bureau.deliver(MINUTE)
    assert [seen.text.split("\n")[0] for seen in new.seen] == ["【补发】第二期"]


def test_a_page_refused_does_not_lose_those_behind_it(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles.append((40033, "characters refused"))
    bureau.say("east", table=long_table(60))
    bureau.deliver()
    one = bureau.last()
    assert (one.of, one.page, len(robot.seen)) == (3, 3, 2)
    assert (one.state, one.code) == (DeliveryState.REFUSED, "40033")
    assert english(one.detail) == "page 1 of 3 refused: characters refused"


def test_of_a_bulletin_only_the_page_nobody_confirmed_is_sent_again(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles.append(Trouble.CUT_AFTER)
    bureau.say("east", table=long_table(60))
    bureau.deliver()
    for _ in range(3):
        bureau.deliver(10 * SECOND)
    assert [state for _, state in bureau.stands()] == ["unknown", "sent"]
    assert ["【重发】" in seen.text for seen in robot.seen] == [False, False, False, True]
    assert bureau.last().only == (1,)


def test_after_two_of_unknown_end_there_is_no_third(bureau: Bureau) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles += [Trouble.CUT_AFTER, Trouble.CUT_AFTER]
    bureau.say("east")
    for _ in range(5):
        bureau.deliver(MINUTE)
    assert bureau.stands() == [("east", "unknown"), ("east", "unknown")]
    robot.troubles.append(Trouble.CUT_AFTER)
    bureau.say("east", kind=NoticeKind("call"))
    for _ in range(5):
        bureau.deliver(MINUTE)
    assert len(bureau.stands()) == 3  # a call is not worth a second one
    assert len(robot.seen) == 3


@pytest.mark.parametrize(("number", "tries"), [(-1, 3), (45033, 12)])
def test_what_is_never_taken_is_given_up(bureau: Bureau, number: int, tries: int) -> None:
    robot = bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    robot.troubles += [(number, "busy")] * 20
    bureau.say("east")
    for _ in range(30):
        bureau.deliver(timedelta(hours=1))
    one = bureau.last()
    assert (one.state, one.attempts, english(one.detail)) == (
        DeliveryState.REFUSED,
        tries,
        f"given up after {tries} tries: busy",
    )


def test_a_process_takes_up_nothing_of_a_campaign_it_does_not_serve(bureau: Bureau) -> None:
    bureau.robot("A")
    bureau.serve(wecom("east", "A"))
    bureau.say("east", campaign="toilets")
    assert bureau.deliver() == 0
    assert bureau.stands(CampaignKey("toilets")) == [("east", "due")]


def test_many_are_served_side_by_side_and_a_slow_one_holds_nobody(bureau: Bureau) -> None:
    slow = bureau.robot("SLOW")
    others = [bureau.robot(f"R{place}") for place in range(12)]
    bureau.serve(wecom("slow", "SLOW"), *(wecom(f"g{place}", f"R{place}") for place in range(12)))
    slow.troubles.append(Trouble.SLOW)
    for issue in ("第一期", "第二期", "第三期"):
        bureau.say("slow", *(f"g{place}" for place in range(12)), title=issue)
    served = threading.Event()

    def watch() -> None:
        while not all(len(robot.seen) == 3 for robot in others) and not served.wait(0.01):
            pass
        served.set()
        bureau.platforms._patience.set()

    watching = threading.Thread(target=watch)
    watching.start()
    bureau.app.deliverer(lambda: bureau.now, threads=4).carry_due()
    served.set()
    watching.join()
    assert [[seen.text[:3] for seen in robot.seen] for robot in others] == [
        ["第一期", "第二期", "第三期"]
    ] * 12
    assert {state for name, state in bureau.stands() if name != "slow"} == {"sent"}


def test_a_process_that_stops_gives_back_what_it_has_only_claimed(bureau: Bureau) -> None:
    others = [f"g{place}" for place in range(6)]
    bureau.robot("R0").troubles.append(Trouble.SLOW)  # keeps one of two threads
    for place in range(1, 6):
        bureau.robot(f"R{place}")
    bureau.serve(*(wecom(key, f"R{place}") for place, key in enumerate(others)))
    bureau.say(*others)
    looks = 0

    def stop() -> bool:
        nonlocal looks
        looks += 1
        if looks < 3:  # g0 and g1 are claimed, then g2 and g3, of which g3 finds no thread
            return False
        bureau.platforms._patience.set()
        return True

    assert bureau.app.deliverer(lambda: bureau.now, threads=2).carry_due(stop=stop) == 4
    assert bureau.stands()[1:6] == [
        ("g1", "sent"),
        ("g2", "sent"),
        ("g3", "due"),
        ("g4", "due"),
        ("g5", "due"),
    ]
    with bureau.store.reading() as session:
        number = next(
            one.number for one in deliveries.deliveries(session, HOUSING) if one.group == "g3"
        )
        told = [
            (step.state.value, english(step.detail)) for step in deliveries.history(session, number)
        ]
    assert told == [("due", ""), ("claimed", ""), ("due", "given back by a process that stops")]
    bureau.app.deliverer(lambda: bureau.now, threads=2).carry_due()
    assert {state for _, state in bureau.stands()[1:]} == {"sent"}


def test_two_processes_on_one_ledger_say_everything_once(bureau: Bureau) -> None:
    robots_ = [bureau.robot(f"R{place}") for place in range(10)]
    bureau.serve(*(wecom(f"g{place}", f"R{place}") for place in range(10)))
    for _ in range(3):
        bureau.say(*(f"g{place}" for place in range(10)))
    url = bureau.store._url.render_as_string(hide_password=False)
    stores = [Store(url), Store(url)]
    apps = []
    for place, store in enumerate(stores):
        app = replace(bureau.app, store=store, worker=f"process {place}")
        apps.append(app)
    threads = [
        threading.Thread(
            target=lambda app=app: app.deliverer(lambda: bureau.now, threads=3).carry_due()
        )
        for app in apps
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert [len(robot.seen) for robot in robots_] == [3] * 10
    assert bureau.stands().count(("g0", "sent")) == 3


def test_a_spread_is_small_drawn_once_and_keeps_the_order() -> None:
    half_past = at("10-29 17:30")
    drawn = [spread(HOUSING, GroupKey(f"group {place}"), half_past) for place in range(200)]
    assert drawn == [spread(HOUSING, GroupKey(f"group {place}"), half_past) for place in range(200)]
    assert timedelta(0) <= min(drawn) < 10 * SECOND
    assert 80 * SECOND < max(drawn) <= 90 * SECOND
    for place in range(200):
        moments: list[datetime] = [half_past + seconds * SECOND for seconds in range(0, 240, 7)]
        goes = [moment + spread(HOUSING, GroupKey(f"group {place}"), moment) for moment in moments]
        assert goes == sorted(goes)
    assert spread(HOUSING, GroupKey("group 1"), at("10-29 17:40")) == timedelta(0)
