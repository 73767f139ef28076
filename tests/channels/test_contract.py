"""What every channel must do, tried against the platforms as their own pages describe them."""

from __future__ import annotations

import ast
import base64
import io
import json
import logging
import re
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.channels
from bot.channels import PLATFORMS, http, open_channels
from bot.channels.channel import Address, Addressed, Channel, Message
from bot.channels.console.push import Console
from bot.channels.dingtalk import push as dingtalk
from bot.channels.feishu import push as feishu
from bot.channels.files.push import Files, numbered_name
from bot.channels.http import Http
from bot.channels.plain import plain_text, width
from bot.channels.webhook.push import Webhook
from bot.channels.wecom import push as wecom
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Mention, Table
from config.wording.statements import english
from tests.channels.conftest import AT
from tests.platforms.server import CERTIFICATE, Platforms, Robot, Trouble

TOKEN = "s3cret-token-0123456789"
SECRET = "SECthe-sign-secret/+="
ROBOTS = ("wecom", "dingtalk", "feishu")
HOSTILE = (
    "<@all> @all @所有人 <at id=all></at> <at user_id=\"all\">所有人</at> <font color='red'>红</font> "
    "[点我](https://evil.example/x) https://evil.example www.evil.example **粗** | a | b | # 题 `码` "
    "\u202e反\u202c \x1b[31m <@zhangsan> @13800001111 ![图](http://evil.example/p.png)\n# 大标题\n> 引用\n- 列\n1. 项\n---"
)
VECTORS = Path(__file__).parent / "vectors"
MESSAGE = Message(
    title="10月15日调度通报（第1期）",
    text="已开工 12 户。\n请各乡镇抓紧。",
    table=Table(
        head=("名次", "乡镇", "开工率"), rows=(("1", "城关镇", "50.00%"), ("2", "长寿镇", "33.33%"))
    ),
)


def channel_of(platforms: Platforms, platform: str, **limits: Any) -> Channel:
    door = Http([platforms.origin], **limits)
    channels: list[Channel] = [
        wecom.WeCom(door),
        dingtalk.DingTalk(door),
        feishu.Feishu(door),
        Webhook(door),
    ]
    return next(channel for channel in channels if channel.platform == platform)


def send(
    channel: Channel, robot: Robot, message: Message = MESSAGE, at: datetime = AT
) -> list[Answer]:
    address = Address(robot.url, robot.secret)
    return [channel.send(page, address, delivery=7, at=at) for page in channel.pages(message)]


def first(platforms: Platforms, platform: str, *, at: datetime = AT, **robot: Any) -> Answer:
    return send(
        channel_of(platforms, platform, read=0.3), platforms.robot(platform, TOKEN, **robot), at=at
    )[0]


@pytest.fixture(params=ROBOTS)
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=(*ROBOTS, "webhook"))
def sender(request: pytest.FixtureRequest) -> str:
    """Every channel that speaks HTTP, the one whose answer is the status alone among them."""
    return str(request.param)


def test_a_message_the_platform_takes_is_confirmed_and_seen(
    platforms: Platforms, platform: str
) -> None:
    robot = platforms.robot(platform, TOKEN, secret=None if platform == "wecom" else SECRET)
    assert send(channel_of(platforms, platform), robot) == [Confirmed()]
    [seen] = robot.seen
    for word in ("10月15日调度通报（第1期）", "已开工 12 户。", "城关镇", "33.33%"):
        assert word in seen.text
    assert not seen.everyone
    assert not seen.mentioned


def test_every_line_stands_on_a_line_of_its_own(platforms: Platforms, platform: str) -> None:
    robot = platforms.robot(platform, TOKEN)
    assert send(channel_of(platforms, platform), robot) == [Confirmed()]
    lines = [line.strip("-| *") for line in robot.seen[0].text.split("\n")]
    assert {"已开工 12 户。", "请各乡镇抓紧。"} <= set(lines)
    assert not any("城关镇" in line and "长寿镇" in line for line in lines)


def test_a_reminder_is_one_message_that_calls_people(platforms: Platforms, platform: str) -> None:
    robot = platforms.robot(platform, TOKEN, known=frozenset({"13800001111"}))
    message = Message(
        title="催报",
        text="下列乡镇未报：城关镇。",
        mentions=(Mention(name="城关镇-张", phone="13800001111"),),
    )
    assert send(channel_of(platforms, platform), robot, message) == [Confirmed()]
    [seen] = robot.seen
    assert seen.mentioned == (frozenset() if platform == "feishu" else frozenset({"13800001111"}))
    assert platform == "dingtalk" or "城关镇-张" in seen.text
    assert platform == "dingtalk" or "13800001111" not in seen.text


def test_every_page_of_a_long_message_is_taken(platforms: Platforms, platform: str) -> None:
    robot = platforms.robot(platform, TOKEN)
    lines = [f"第{at}段" + "县" * 500 for at in range(30)]
    answers = send(
        channel_of(platforms, platform), robot, Message(title="长", text="\n".join(lines))
    )
    # Feishu lets five through in a second; the rest must wait, and none is lost silently.
    taken = [answer for answer in answers if answer == Confirmed()]
    assert len(taken) == len(robot.seen) > 1
    assert all(
        isinstance(answer, TryLater) and answer.hold_robot
        for answer in answers
        if answer not in taken
    )


def test_every_row_of_a_ranking_is_on_the_screen_of_one_message(
    platforms: Platforms, platform: str
) -> None:
    robot = platforms.robot(platform, TOKEN)
    rows = tuple((str(at), f"第{at}镇", f"{at}/30", f"{at}.25%", "+1") for at in range(1, 23))
    table = Table(
        head=("名次", "乡镇", "竣工/任务", "竣工率", "今日"),
        rows=rows,
        notes=("注：未报的沿用前值。",),
    )
    assert send(
        channel_of(platforms, platform),
        robot,
        Message(title="通报", text="截至今日17时：", table=table),
    ) == [Confirmed()]
    [seen] = robot.seen
    lines = seen.text.split("\n")
    at_lines = [
        next(at for at, line in enumerate(lines) if row[1] in line and row[3] in line)
        for row in rows
    ]
    assert at_lines == sorted(set(at_lines))
    assert "注：未报的沿用前值。" in seen.text


def test_people_are_called_by_what_the_platform_knows_them_by(
    platforms: Platforms, platform: str
) -> None:
    robot = platforms.robot(platform, TOKEN, known=frozenset({"13800001111", "ou_lisi"}))
    people = (Mention(name="张三", phone="13800001111"), Mention(name="李四", user_id="ou_lisi"))
    answers = send(
        channel_of(platforms, platform), robot, Message(title="催报", text="请报", mentions=people)
    )
    assert set(answers) == {Confirmed()}
    called = frozenset().union(*(seen.mentioned for seen in robot.seen))
    assert called == ({"ou_lisi"} if platform == "feishu" else {"13800001111", "ou_lisi"})


def test_hostile_text_never_becomes_a_mention_or_markup(
    platforms: Platforms, platform: str
) -> None:
    robot = platforms.robot(
        platform, TOKEN, known=frozenset({"13800001111", "zhangsan", "ou_lisi"})
    )
    table = Table(head=(HOSTILE, "数"), rows=((HOSTILE, "1"),), notes=(HOSTILE,))
    people = (
        Mention(name=HOSTILE, user_id="ou_lisi"),
        Mention(name="众", user_id="all", phone="@all"),
        Mention(name="众", user_id="ALL"),
    )
    channel = channel_of(platforms, platform)
    for shape in (None, table):
        message = Message(
            title=HOSTILE, text=HOSTILE, table=shape, mentions=people, marks=("补发",)
        )
        assert {type(answer) for answer in send(channel, robot, message)} == {Confirmed}
    for seen in robot.seen:
        assert not seen.everyone
        assert seen.mentioned <= {"ou_lisi"}
        assert seen.links == []
        own = (
            seen.text.replace("<@ou_lisi>", "")
            .replace("<at id=ou_lisi></at>", "")
            .replace("@ou_lisi", "")
        )
        # The list that DingTalk is given for a table is our own markup: its head in bold, its
        # items.
        own = re.sub(r"^\*\*(.*)\*\*$|^- (?=.*｜1$)", r"\1", own, flags=re.MULTILINE)
        assert not set(own) & set("<>@*`[]\\\x1b\u202e")
        assert not any(line.startswith(("> ", "- ", "1. ", "---")) for line in own.split("\n"))
        assert seen.kind != "text" or platform == "wecom"
    assert "粗" in robot.seen[0].text
    assert "反" in robot.seen[0].text


NOT_LET_IN = {
    Trouble.TOO_MANY,
    Trouble.AWAY,
    Trouble.NOT_FOUND,
    Trouble.FORBIDDEN,
    Trouble.TOO_SLOWLY,
}


OTHER_WORDS = {Trouble.HTML, Trouble.GARBAGE, Trouble.NO_CODE}


@pytest.mark.parametrize(
    "trouble", [trouble for trouble in Trouble if trouble not in NOT_LET_IN | OTHER_WORDS]
)
def test_an_answer_that_did_not_come_whole_is_no_answer(
    platforms: Platforms, sender: str, trouble: Trouble
) -> None:
    platforms.meets(trouble)
    assert isinstance(first(platforms, sender), NoAnswer)
    # Nobody knows whether it was taken, so it is never sent a second time from here; nor is a
    # redirect followed.
    assert len(platforms.visits) == 1


@pytest.mark.parametrize("trouble", sorted(OTHER_WORDS, key=lambda trouble: trouble.name))
def test_whatever_is_not_the_platforms_own_word_is_no_answer(
    platforms: Platforms, platform: str, trouble: Trouble
) -> None:
    platforms.meets(trouble)
    assert isinstance(first(platforms, platform), NoAnswer)
    assert len(platforms.visits) == 1


def test_too_many_requests_holds_the_robot(platforms: Platforms, sender: str) -> None:
    platforms.meets(Trouble.TOO_MANY)
    answer = first(platforms, sender)
    pauses = {"wecom": 60, "dingtalk": 600, "feishu": 5, "webhook": 60}
    assert isinstance(answer, TryLater)
    assert (answer.after, answer.hold_robot) == (timedelta(seconds=pauses[sender]), True)


def test_a_platform_that_says_when_it_is_back_is_asked_again_then(
    platforms: Platforms, sender: str
) -> None:
    platforms.meets(Trouble.AWAY)
    answer = first(platforms, sender)
    assert isinstance(answer, TryLater)
    assert (answer.code, answer.after, answer.hold_robot) == ("503", timedelta(seconds=20), True)


def test_a_request_that_came_too_slowly_is_made_again(platforms: Platforms, sender: str) -> None:
    platforms.meets(Trouble.TOO_SLOWLY)
    assert isinstance(first(platforms, sender), TryLater)


@pytest.mark.parametrize(
    ("trouble", "code"), [(Trouble.NOT_FOUND, "404"), (Trouble.FORBIDDEN, "403")]
)
def test_a_door_that_is_shut_took_nothing(
    platforms: Platforms, sender: str, trouble: Trouble, code: str
) -> None:
    platforms.meets(trouble)
    answer = first(platforms, sender)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.robot_dead) == (code, False)
    assert len(platforms.visits) == 1


def test_a_message_goes_over_https_to_who_is_trusted_and_to_nobody_else(sender: str) -> None:
    with Platforms(AT, tls=True) as platforms:
        robot = platforms.robot(sender, TOKEN)
        assert send(channel_of(platforms, sender, ca_file=CERTIFICATE), robot) == [Confirmed()]
        [stranger] = send(channel_of(platforms, sender), robot)
        assert isinstance(stranger, TryLater)
        assert len(robot.seen) == 1


def test_a_refused_connection_was_certainly_not_sent(sender: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}"
    path = {"wecom": "/cgi-bin/webhook/send?key=", "dingtalk": "/robot/send?access_token="}
    address = Address(origin + path.get(sender, "/open-apis/bot/v2/hook/") + TOKEN)
    channel = open_channels(hosts=[origin], console=io.StringIO(), folder=Path())[sender]
    answer = channel.send(channel.pages(MESSAGE)[0], address, delivery=1, at=AT)
    assert isinstance(answer, TryLater)
    assert (answer.code, answer.hold_robot) == ("network", False)


def test_a_failed_handshake_was_certainly_not_sent(platforms: Platforms) -> None:
    origin = platforms.origin.replace("http:", "https:")
    channel = wecom.WeCom(Http([origin]))
    address = Address(f"{origin}/cgi-bin/webhook/send?key={TOKEN}")
    answer = channel.send(channel.pages(MESSAGE)[0], address, delivery=1, at=AT)
    assert isinstance(answer, TryLater)


def test_an_unknown_robot_is_a_dead_robot(platforms: Platforms, platform: str) -> None:
    robot = platforms.robot(platform, TOKEN)
    platforms.robots.clear()
    [answer] = send(channel_of(platforms, platform), robot)
    assert isinstance(answer, Refused)
    assert answer.robot_dead


@pytest.mark.parametrize("platform", ["dingtalk", "feishu"])
def test_a_clock_that_is_out_signs_afresh_once_by_theirs(
    platforms: Platforms, platform: str
) -> None:
    assert first(platforms, platform, secret=SECRET, at=AT - timedelta(hours=5)) == Confirmed()
    assert len(platforms.visits) == 2


@pytest.mark.parametrize("platform", ["dingtalk", "feishu"])
def test_a_wrong_sign_secret_is_refused_at_once(platforms: Platforms, platform: str) -> None:
    robot = platforms.robot(platform, TOKEN, secret="SECanother")
    channel = channel_of(platforms, platform)
    answer = channel.send(channel.pages(MESSAGE)[0], Address(robot.url, SECRET), delivery=1, at=AT)
    assert isinstance(answer, Refused)
    assert robot.seen == []
    assert len(platforms.visits) == 1


def test_a_refused_card_goes_out_as_text_with_the_same_words(platforms: Platforms) -> None:
    robot = platforms.robot(
        "feishu", TOKEN, secret=SECRET, cards_refused=True, known=frozenset({"ou_lisi"})
    )
    message = Message(
        title=MESSAGE.title,
        text=MESSAGE.text,
        table=MESSAGE.table,
        mentions=(Mention(name="李四", user_id="ou_lisi"),),
    )
    assert send(channel_of(platforms, "feishu"), robot, message) == [
        Confirmed(detail=stated(StepCode.AS_TEXT, number="11246"))
    ]
    [seen] = robot.seen
    assert seen.kind == "text"
    assert seen.mentioned == frozenset({"ou_lisi"})
    assert "1  城关镇  50.00%" in seen.text
    assert "---" not in seen.text


def test_somebody_the_group_does_not_know_does_not_stop_the_card(platforms: Platforms) -> None:
    robot = platforms.robot("feishu", TOKEN)
    message = Message(
        title="催报", text="请报", mentions=(Mention(name="李四", user_id="ou_gone"),)
    )
    assert [type(answer) for answer in send(channel_of(platforms, "feishu"), robot, message)] == [
        Confirmed
    ]
    assert "李四" in robot.seen[0].text
    assert "ou_gone" not in robot.seen[0].text


def test_the_pace_of_a_robot_is_told_as_a_pause(platforms: Platforms, platform: str) -> None:
    robot = platforms.robot(platform, TOKEN)
    channel = channel_of(platforms, platform)
    answers = [send(channel, robot)[0] for _ in range(21)]
    last = answers[-1]
    assert isinstance(last, TryLater)
    assert last.hold_robot
    platforms.clock = AT + last.after
    assert send(channel, robot) == [Confirmed()]


@pytest.mark.parametrize(
    "trouble",
    [
        None,
        *Trouble,
        (400, f"sign not match {TOKEN} {SECRET} 13800001111"),
        (403, TOKEN),
        (500, SECRET),
    ],
)
def test_no_secret_is_in_any_answer_or_log(
    platforms: Platforms, sender: str, trouble: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    platforms.meets(*([trouble] if trouble else []))
    answer = first(platforms, sender, secret=SECRET)
    told = repr(answer) + caplog.text + repr(Address(platforms.robots[sender, TOKEN].url, SECRET))
    assert TOKEN not in told
    assert SECRET not in told
    assert "13800001111" not in told


BAD_ADDRESSES: list[Callable[[str], str]] = [
    lambda path: "",
    lambda path: "http://{host}" + path,
    lambda path: "https://evil.example" + path,
    lambda path: "https://{host}.evil.example" + path,
    lambda path: "https://{host}:8443" + path,
    lambda path: "https://user@{host}" + path,
    lambda path: "https://{host}@evil.example" + path,
    lambda path: "https://evil.example\\@{host}" + path,
    lambda path: "https://169.254.169.254" + path,
    lambda path: "https://[::1" + path,
    lambda path: "https://{host}:port" + path,
    lambda path: "https://{host}/other" + path,
    lambda path: "https://{host}" + path + "/../x",
    lambda path: "https://{host}" + path + "%0d%0aX:1",
    lambda path: "ftp://{host}" + path,
    lambda path: "https://{host}/",
]


@pytest.mark.parametrize("made", BAD_ADDRESSES)
def test_an_address_that_is_not_a_robots_is_refused_unsent_with_a_sentence(
    platform: str, made: Callable[[str], str]
) -> None:
    host = {
        "wecom": "qyapi.weixin.qq.com",
        "dingtalk": "oapi.dingtalk.com",
        "feishu": "open.feishu.cn",
    }[platform]
    path = {"wecom": "/cgi-bin/webhook/send?key=", "dingtalk": "/robot/send?access_token="}
    url = made(path.get(platform, "/open-apis/bot/v2/hook/") + TOKEN).replace("{host}", host)
    channel = open_channels(hosts=[host], console=io.StringIO(), folder=Path())[platform]
    answer = channel.send(channel.pages(MESSAGE)[0], Address(url), delivery=1, at=AT)
    assert isinstance(answer, Refused)
    assert answer.code == "address"
    assert "address" in english(answer.detail)
    assert TOKEN not in english(answer.detail)
    assert isinstance(channel, Addressed)
    assert channel.fault(Address(url)) == answer.detail


def test_an_address_that_can_be_used_has_no_fault(platforms: Platforms, sender: str) -> None:
    channel = channel_of(platforms, sender)
    assert isinstance(channel, Addressed)
    assert channel.fault(Address(platforms.robot(sender, TOKEN).url, "abc")) is None


def test_an_address_of_another_platform_is_refused() -> None:
    channel = wecom.WeCom(Http())
    url = f"https://oapi.dingtalk.com/cgi-bin/webhook/send?key={TOKEN}"
    answer = channel.send(channel.pages(MESSAGE)[0], Address(url), delivery=1, at=AT)
    assert isinstance(answer, Refused)
    assert "another platform" in english(answer.detail)


@pytest.mark.parametrize(
    "entry", ["", "https://", "host/path", "https://a@host", "host:port", "ftp://host"]
)
def test_an_entry_of_the_allow_list_that_is_no_origin_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="platform host"):
        Http([entry])


def test_what_follows_at_once_goes_over_the_same_connection(
    platforms: Platforms, sender: str
) -> None:
    robot, channel = platforms.robot(sender, TOKEN), channel_of(platforms, sender)
    assert send(channel, robot) + send(channel, robot) == [Confirmed()] * 2
    assert platforms.opened == 1


def test_a_connection_that_has_rested_is_not_trusted_with_a_message(
    platforms: Platforms, sender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot, channel = platforms.robot(sender, TOKEN), channel_of(platforms, sender)
    assert send(channel, robot) == [Confirmed()]
    monkeypatch.setattr(http, "RESTED", 0.0)
    assert send(channel, robot) == [Confirmed()]
    assert platforms.opened == 2


def test_a_connection_the_platform_has_ended_is_not_used_again(
    platforms: Platforms, sender: str
) -> None:
    robot, channel = platforms.robot(sender, TOKEN), channel_of(platforms, sender)
    assert send(channel, robot) == [Confirmed()]
    platforms.hang_up()
    assert send(channel, robot) == [Confirmed()]
    assert platforms.opened == 2
    assert len(robot.seen) == 2


@pytest.mark.parametrize(
    "trouble", [Trouble.CUT_BEFORE, Trouble.CUT_AFTER, Trouble.HUGE, Trouble.TRUNCATED]
)
def test_a_kept_connection_that_fails_is_never_a_reason_to_send_again(
    platforms: Platforms, sender: str, trouble: Trouble
) -> None:
    robot, channel = platforms.robot(sender, TOKEN), channel_of(platforms, sender)
    assert send(channel, robot) == [Confirmed()]
    platforms.meets(trouble)
    assert [type(answer) for answer in send(channel, robot)] == [NoAnswer]
    assert len(platforms.visits) == 2
    assert send(channel, robot) == [Confirmed()]
    assert platforms.opened == 2


def test_proxies_of_the_environment_are_not_used(
    platforms: Platforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert first(platforms, "wecom") == Confirmed()


@pytest.mark.parametrize(
    "vector", json.loads((VECTORS / "dingtalk.json").read_text())["custom_robot_sign"]
)
def test_the_signature_of_dingtalk(vector: dict[str, Any]) -> None:
    assert dingtalk.sign(vector["secret"], vector["timestamp_ms"]) == vector["expected_base64"]


@pytest.mark.parametrize(
    "vector", json.loads((VECTORS / "feishu.json").read_text())["webhook_sign"]
)
def test_the_signature_of_feishu(vector: dict[str, Any]) -> None:
    assert feishu.sign(vector["secret"], vector["timestamp_s"]) == vector["expected_sign"]
    assert base64.b64decode(vector["expected_sign"])
    assert feishu.sign(vector["secret"], vector["timestamp_s"]) != vector["wrong_dingtalk_order"]


def test_the_terminal_shows_columns_that_line_up_and_no_escapes() -> None:
    stream = io.StringIO()
    channel = Console(stream)
    message = Message(
        title="通报\x1b[2J",
        text="甲\x1b]0;x\x07乙",
        table=Table(head=("名次", "乡镇", "率"), rows=(("1", "城关镇", "1%"), ("10", "A镇", "2%"))),
    )
    [page] = channel.pages(message)
    assert page.body == {"text": plain_text(message)}
    assert channel.send(page, Address(""), delivery=1, at=AT) == Confirmed()
    assert "\x1b" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()
    rows = stream.getvalue().split("\n\n")[2].split("\n")
    assert {
        width(row[: row.index(last)]) for row, last in zip(rows, ("率", "1%", "2%"), strict=True)
    } == {14}


def test_a_terminal_without_chinese_still_takes_the_message() -> None:
    kept = io.BytesIO()
    stream = io.TextIOWrapper(kept, encoding="ascii")
    channel = Console(stream)
    assert channel.send(channel.pages(MESSAGE)[0], Address(""), delivery=1, at=AT) == Confirmed()
    assert b"50.00%" in kept.getvalue()
    stream.close()
    assert isinstance(
        channel.send(channel.pages(MESSAGE)[0], Address(""), delivery=1, at=AT), TryLater
    )


def test_a_delivery_made_twice_is_one_file(tmp_path: Path) -> None:
    channel = Files(tmp_path / "notices")
    [page] = channel.pages(MESSAGE)
    answers = {channel.send(page, Address(""), delivery=12, at=AT) for _ in range(2)}
    assert answers == {Confirmed(detail="000012 10月15日调度通报（第1期）.txt")}
    [file] = (tmp_path / "notices").iterdir()
    assert file.read_text(encoding="utf-8") == plain_text(MESSAGE) + "\n"
    assert channel.repeatable


def test_a_title_is_never_a_way_out_of_the_folder() -> None:
    assert numbered_name(3, "../../etc/passwd", ".txt") == "000003 _.._etc_passwd.txt"
    assert len(numbered_name(3, "县" * 500, ".txt").encode()) < 255
    assert numbered_name(3, "...", ".txt") == "000003.txt"
    assert numbered_name(3, "县" * 500 + ".xlsx").endswith("县.xlsx")


def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    channel = Files(tmp_path / "taken")
    assert isinstance(
        channel.send(channel.pages(MESSAGE)[0], Address(""), delivery=1, at=AT), TryLater
    )


def test_every_platform_has_its_channel(tmp_path: Path) -> None:
    channels = open_channels(hosts=["qyapi.weixin.qq.com"], console=io.StringIO(), folder=tmp_path)
    assert channels.keys() == PLATFORMS
    assert all(channel.platform == name for name, channel in channels.items())


def test_only_the_door_to_the_platforms_imports_requests() -> None:
    room = Path(bot.channels.__file__).parent
    for file in room.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith("requests") or file == room / "http.py"
                assert not name.startswith("bot.") or name.startswith(
                    ("bot.channels", "bot.domain")
                )
