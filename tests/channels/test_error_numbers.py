"""Every error number of the platforms' tables, walked one by one: what is done about it, and how
often it is asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.channels.channel import Address, Message
from bot.channels.dingtalk import push as dingtalk
from bot.channels.error_actions import ErrorOutcome, Tally
from bot.channels.feishu import push as feishu
from bot.channels.http import Http
from bot.channels.wecom import push as wecom
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Table
from config.wording.statements import english
from tests.channels.conftest import AT
from tests.channels.test_contract import SECRET, TOKEN, channel_of, first, send
from tests.platforms.server import Platforms

# The numbers as the platforms' own tables have them, in the order of those tables, with what must
# become of each.
DONE, STOP, DEAD, SPLIT, PLAIN = "done", "stop", "dead", "split", "plain"
SIGN, ONCE_MORE, UPLOAD = "sign afresh", "once more", "upload anew"
TABLE: list[tuple[str, int, Any]] = [
    ("wecom", 0, DONE),
    ("wecom", -1, (10, False)),
    ("wecom", 45009, (60, True)),
    ("wecom", 45033, (30, False)),
    ("wecom", 6000, ONCE_MORE),
    ("wecom", 40058, SPLIT),
    *(("wecom", code, STOP) for code in (40063, 44004, 93017)),
    ("wecom", 40008, PLAIN),
    *(("wecom", code, UPLOAD) for code in (40007, 41006)),
    *(("wecom", code, STOP) for code in (40004, 40005, 40006, 40009, 45001, 93018)),
    *(("wecom", code, SPLIT) for code in (45002, 45008)),
    ("wecom", 40033, STOP),
    *(("wecom", code, DEAD) for code in (93000, 93004, 93008, 93001, 93006, 93019)),
    ("dingtalk", 0, DONE),
    ("dingtalk", -1, (10, False)),
    ("dingtalk", 130101, (600, True)),
    ("dingtalk", 410100, (600, True)),
    ("dingtalk", 310000, SIGN),
    *(("dingtalk", code, SPLIT) for code in (460101, 101002)),
    *(("dingtalk", code, DEAD) for code in (300001, 300005, 400101, 400102, 400106, 400013)),
    ("dingtalk", 400105, PLAIN),
    *(("dingtalk", code, STOP) for code in (40035, 43002, 43004, 88)),
    *(("dingtalk", code, STOP) for code in (430101, 430102, 430103, 430104)),
    *(("dingtalk", code, STOP) for code in (90030, 302033)),
    ("feishu", 0, DONE),
    ("feishu", 9499, SPLIT),
    ("feishu", 19001, DEAD),
    *(("feishu", code, STOP) for code in (19002, 19022, 19024)),
    ("feishu", 19021, SIGN),
    ("feishu", 11232, (5, True)),
    *(("feishu", code, PLAIN) for code in (11246, 11310, 230099)),
    ("feishu", 2200, (10, False)),
    *(("feishu", code, (60, True)) for code in (230020, 230006, 99991400)),
]
UNKNOWN = [("wecom", 1), ("wecom", 81013), ("dingtalk", 399999), ("feishu", 1), ("feishu", -1)]
COURSES = {"wecom": wecom.COURSES, "dingtalk": dingtalk.COURSES, "feishu": feishu.COURSES}


def long_message(platform: str) -> Message:
    """Nearly a whole page of that platform."""
    text = "\n".join(
        f"第{at}段：" + "县" * (40 if platform == "wecom" else 400) for at in range(12)
    )
    rows = tuple((str(at), f"第{at}镇" + "乡" * 20) for at in range(1, 16))
    return Message(title="长通报", text=text, table=Table(head=("名次", "乡镇"), rows=rows))


def test_the_courses_list_every_number_of_the_tables_and_no_other() -> None:
    for platform, courses in COURSES.items():
        assert courses.keys() == {code for name, code, _ in TABLE if name == platform}
        # Each is listed once, so that nobody reads one line while another holds.
        assert len([code for name, code, _ in TABLE if name == platform]) == len(courses)


@pytest.mark.parametrize(
    ("platform", "code", "becomes"), [line for line in TABLE if line[2] is not UPLOAD]
)
def test_each_number_is_taken_as_its_table_says(
    platforms: Platforms, platform: str, code: int, becomes: Any
) -> None:
    troubles = {ONCE_MORE: 2, DONE: 0}.get(becomes, 1) if isinstance(becomes, str) else 1
    platforms.meets(*[(code, "so it is")] * troubles)
    answer = first(platforms, platform)
    refused = Refused(code=str(code), detail="so it is", robot_dead=becomes is DEAD)
    visits = 1
    match becomes:
        case (seconds, hold):
            after = timedelta(seconds=seconds)
            at_most = 3 if (platform, code) == ("wecom", -1) else None
            assert answer == TryLater(
                code=str(code), detail="so it is", after=after, hold_robot=hold, at_most=at_most
            )
        case "done":
            assert answer == Confirmed()
        case "plain":
            assert answer == Confirmed(detail=stated(StepCode.AS_TEXT, number=str(code)))
            assert platforms.robots[platform, TOKEN].seen[0].kind == "text"
            visits = 2
        case _:
            # A short page is not too long for anybody, and a signature by a clock that is right is
            # not stale.
            assert answer == refused
            visits = troubles
    assert len(platforms.visits) == visits


@pytest.mark.parametrize(("platform", "code"), UNKNOWN)
def test_a_number_no_table_has_is_a_no_and_nothing_is_tried(
    platforms: Platforms, platform: str, code: int
) -> None:
    platforms.meets((code, "new"))
    assert first(platforms, platform) == Refused(code=str(code), detail="new")
    assert len(platforms.visits) == 1


def test_a_conflict_of_versions_is_settled_by_the_second_try(platforms: Platforms) -> None:
    platforms.meets((6000, "conflict"))
    assert first(platforms, "wecom") == Confirmed()
    assert len(platforms.visits) == 2


SPLITTING = [(platform, code) for platform, code, becomes in TABLE if becomes is SPLIT]


@pytest.mark.parametrize(("platform", "code"), SPLITTING)
def test_what_is_too_long_goes_out_in_parts_with_every_row(
    platforms: Platforms, platform: str, code: int
) -> None:
    robot = platforms.robot(platform, TOKEN)
    channel = channel_of(platforms, platform)
    message = long_message(platform)
    [page] = channel.pages(message)
    robot.most = len(str(page.body).encode()) * 2 // 3
    platforms.meets((code, "too long"))
    answer = channel.send(page, Address(robot.url), delivery=1, at=AT)
    assert answer == Confirmed(detail=stated(StepCode.AS_PARTS, number=str(code)))
    told = "\n".join(seen.text for seen in robot.seen)
    assert len(robot.seen) > 1
    for row in message.table.rows if message.table else ():
        assert told.count(row[1]) == 1
    assert [
        f"长通报 ({at}/{len(robot.seen)})" in seen.text for at, seen in enumerate(robot.seen, 1)
    ] == [True] * len(robot.seen)


@pytest.mark.parametrize("platform", ["wecom", "dingtalk", "feishu"])
def test_what_no_share_of_the_room_makes_short_enough_is_refused(
    platforms: Platforms, platform: str
) -> None:
    robot = platforms.robot(platform, TOKEN, most=300)
    [answer] = send(channel_of(platforms, platform), robot, long_message(platform))
    assert isinstance(answer, Refused)
    assert robot.seen == []
    assert len(platforms.visits) == 3


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
def test_parts_of_which_only_some_were_taken_are_nobodys_success(
    platforms: Platforms, platform: str
) -> None:
    robot = platforms.robot(platform, TOKEN)
    code = next(code for name, code in SPLITTING if name == platform)
    robot.troubles += [(code, "too long")]
    channel = channel_of(platforms, platform)
    message = long_message(platform)
    [page] = channel.pages(message)
    say = platforms.trouble_of

    def then_too_fast(asked: Any) -> Any:
        return (45009 if platform == "wecom" else 130101, "too fast") if robot.seen else say(asked)

    platforms.trouble_of = then_too_fast  # type: ignore[method-assign]
    answer = channel.send(page, Address(robot.url), delivery=1, at=AT)
    assert isinstance(answer, NoAnswer)
    assert english(answer.detail).startswith("1 of ")
    assert len(robot.seen) == 1


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
def test_an_edition_that_knows_only_text_is_sent_text(platforms: Platforms, platform: str) -> None:
    robot = platforms.robot(platform, TOKEN, markdown_refused=True)
    [answer] = send(channel_of(platforms, platform), robot)
    assert isinstance(answer, Confirmed)
    [seen] = robot.seen
    assert seen.kind == "text"
    assert "名次｜乡镇｜开工率\n1｜城关镇｜50.00%\n2｜长寿镇｜33.33%" in seen.text
    assert not set(seen.text) & set("|*#")


@pytest.mark.parametrize(
    ("platform", "told"), [("dingtalk", "invalid timestamp"), ("feishu", "sign match fail")]
)
def test_a_stale_signature_is_made_afresh_once_and_not_again(
    platforms: Platforms, platform: str, told: str
) -> None:
    code = {"dingtalk": 310000, "feishu": 19021}[platform]
    platforms.meets((code, told), (code, told))
    answer = first(platforms, platform, secret=SECRET, at=AT - timedelta(hours=5))
    assert answer == Refused(code=str(code), detail=told)
    assert len(platforms.visits) == 2


def test_what_the_platforms_answered_is_counted_by_platform_and_code(platforms: Platforms) -> None:
    tally = Tally()
    for platform, module in (
        ("wecom", wecom.WeCom),
        ("dingtalk", dingtalk.DingTalk),
        ("feishu", feishu.Feishu),
    ):
        channel = module(Http([platforms.origin], tally=tally))
        robot = platforms.robot(platform, TOKEN)
        answers: list[Answer] = []
        for trouble in (None, (777, "?"), (777, "?")):
            platforms.meets(*([trouble] if trouble else []))
            answers += send(channel, robot)
        assert answers[0] == Confirmed()
        assert tally.counts()[platform, "0"] == 1
        assert tally.counts()[platform, "other"] == 2
    assert len(tally.counts()) == 6


def test_only_known_ways_are_in_the_tables() -> None:
    for courses in COURSES.values():
        assert {course.way for course in courses.values()} <= set(ErrorOutcome)
        assert all(
            (course.pause > timedelta(0)) is (course.way in (ErrorOutcome.LATER, ErrorOutcome.PACE))
            for course in courses.values()
        )
