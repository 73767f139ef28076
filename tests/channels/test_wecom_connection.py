"""The long connection of a WeCom bot, against a server that speaks the platform's side and writes
down every fault.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.http import Http
from bot.channels.inbound import ConnectionState, ReplyToken
from bot.channels.wecom import connection as room
from bot.channels.wecom.answer import ResponseUrl
from bot.channels.wecom.connection import BotConnection
from bot.channels.wecom.message import Listener
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from tests.channels.conftest import AT
from tests.channels.hearing import Ear, ended, running
from tests.platforms.wecom import BOT_ID, SECRET, AnswerPlace, Gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        yield server
        assert server.faults == []


def bot(gateway: Gateway, **others: Any) -> BotConnection:
    facts: dict[str, Any] = {
        "bot_id": BOT_ID,
        "secret": SECRET,
        "address": gateway.address,
        "now": lambda: AT,
        "pauses": (0.01, 0.05),
        **others,
    }
    return BotConnection(Listener(key="county", name="进度助手"), **facts)


def message(number: str, text: str = "@进度助手 累计竣工12户") -> dict[str, Any]:
    return {
        "msgid": number,
        "aibotid": BOT_ID,
        "chatid": "wr1",
        "chattype": "group",
        "from": {"userid": "zhangsan"},
        "msgtype": "text",
        "text": {"content": text},
    }


def test_a_message_is_heard_and_answered_under_its_number(gateway: Gateway) -> None:
    connection, ear = bot(gateway), Ear()
    with running(connection, ear):
        gateway.tells("r1", message("m1"))
        ear.wait(1)
        said = ear.stored["m1"]
        assert (said.text, said.chat, said.sender_id, said.sent_at) == (
            "累计竣工12户",
            "wr1",
            "zhangsan",
            AT,
        )
        assert said.way_back is not None
        assert said.way_back.until == AT + timedelta(hours=24)
        assert (
            connection.answer(said.way_back, "已记 <@all> [点我](https://evil.example)", at=AT)
            == Confirmed()
        )
        assert connection.health().state is ConnectionState.OPEN
        assert connection.health().last_heard == AT
    assert [number for number, _ in gateway.answers] == ["r1"]
    assert connection.health().state is ConnectionState.STOPPED


def test_a_lost_connection_is_taken_up_again_and_a_repeated_message_is_one(
    gateway: Gateway,
) -> None:
    connection, ear = bot(gateway), Ear()
    with running(connection, ear):
        gateway.tells("r1", message("m1"))
        ear.wait(1)
        gateway.drops()
        gateway.until(lambda: len(gateway.open) == 1 and len(gateway.lines) == 2)
        gateway.tells("r2", message("m2"))
        gateway.tells("r1", message("m1"))
        ear.wait(3)
    assert list(ear.stored) == ["m1", "m2"]


def test_who_is_kicked_out_does_not_come_back(gateway: Gateway) -> None:
    connection, ear = bot(gateway), Ear()
    threading.Thread(target=gateway.kicks_out).start()
    assert "another program" in ended(connection, ear, ConnectionState.KICKED_OUT)
    assert len(gateway.lines) == 1


def test_a_wrong_secret_is_not_tried_again_and_not_told(gateway: Gateway) -> None:
    connection = bot(gateway, secret="a-wrong-secret")
    detail = ended(connection, Ear(), ConnectionState.REFUSED)
    assert "853000" in detail
    assert "a-wrong-secret" not in detail + repr(connection.health())


def test_a_subscription_refused_for_now_is_tried_again(gateway: Gateway) -> None:
    gateway.refuses = [{"errcode": 45009, "errmsg": "api freq out of limit"}] * 2
    with running(bot(gateway), Ear()):
        gateway.until(lambda: gateway.open)
    assert len(gateway.lines) == 3


def test_the_heart_beats_and_a_line_that_falls_silent_is_left(gateway: Gateway) -> None:
    with running(bot(gateway, heartbeat=0.05), Ear()):
        gateway.until(lambda: gateway.pings >= 3)
        assert len(gateway.lines) == 1
        gateway.deaf = True
        gateway.until(lambda: len(gateway.lines) >= 2)


def test_what_cannot_be_stored_is_kept_and_tried_again_in_order(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "RETRY_UNKEPT", 0.02)
    ear = Ear()
    ear.refusals = 3
    with running(bot(gateway), ear):
        gateway.tells("r1", message("m1"))
        gateway.tells("r2", message("m2"))
        ear.wait(5)
    assert list(ear.stored) == ["m1", "m2"]


@pytest.mark.parametrize(
    "raw",
    [
        "no json",
        b"\xff\xfe",
        "[1,2]",
        "[" * 5000,
        json.dumps({"cmd": "aibot_msg_callback", "headers": "x", "body": []}),
        json.dumps(
            {"cmd": "aibot_msg_callback", "headers": {"req_id": 5}, "body": {"msgid": 5, "from": 7}}
        ),
        json.dumps(
            {
                "cmd": "aibot_event_callback",
                "headers": {"req_id": "e"},
                "body": {"event": "disconnected_event"},
            }
        ),
        json.dumps({"headers": {"req_id": "nobody asked"}, "errcode": 0}),
    ],
)
def test_a_frame_of_no_documented_shape_is_passed_over(gateway: Gateway, raw: str | bytes) -> None:
    ear = Ear()
    with running(bot(gateway), ear):
        gateway.sends(raw)
        gateway.tells("r1", message("m1"))
        ear.wait(1)
    assert len(gateway.lines) == 1
    assert list(ear.stored) == ["m1"]


def way_back(number: str = "r1") -> ReplyToken:
    return ReplyToken(
        platform="wecom", until=AT + timedelta(hours=1), once=True, facts={"req_id": number}
    )


def test_an_answer_without_a_connection_waits_and_one_without_a_word_is_of_unknown_end(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ANSWERED_WITHIN", 0.05)
    connection = bot(gateway)
    assert isinstance(connection.answer(way_back(), "已记", at=AT), TryLater)
    ear = Ear()
    with running(connection, ear):
        gateway.tells("r1", message("m1"))
        ear.wait(1)
        gateway.deaf = True
        assert isinstance(connection.answer(way_back(), "已记", at=AT), NoAnswer)


CODE = "c0de+/=%20&x"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/cgi-bin/aibot/response?response_code=c",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/aibot/response?response_code=c",
        "https://qyapi.weixin.qq.com@evil.example/cgi-bin/aibot/response?response_code=c",
        "http://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=c",
        "https://qyapi.weixin.qq.com:8443/cgi-bin/aibot/response?response_code=c",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?response_code=c",
        "https://qyapi.weixin.qq.com/cgi-bin/aibot/response/../../x?response_code=c",
        "https://qyapi.weixin.qq.com/cgi-bin/aibot/response",
        "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=a&response_code=b",
        "https://oapi.dingtalk.com/cgi-bin/aibot/response?response_code=c",
        "http://169.254.169.254/cgi-bin/aibot/response?response_code=c",
        "http://[::1",
        "file:///etc/passwd?response_code=c",
        "",
    ],
)
def test_an_answer_goes_to_no_place_but_the_platforms(url: str) -> None:
    facts = {"response_url": url}
    answer = ResponseUrl(Http()).answer(
        ReplyToken(platform="wecom", until=AT, once=True, facts=facts), "已记", at=AT
    )
    assert isinstance(answer, Refused)
    assert answer.code == "address"


def test_an_answer_goes_to_the_response_url_as_plain_data_and_once() -> None:
    with AnswerPlace() as place:
        answerer = ResponseUrl(Http([place.origin]))

        def says(text: str, code: str = CODE) -> Answer:
            facts = {"response_url": place.response_url(code)}
            return answerer.answer(
                ReplyToken(platform="wecom", until=AT, once=True, facts=facts), text, at=AT
            )

        assert says("已记：<@all> @所有人 [点我](https://evil.example) **粗**") == Confirmed()
        assert place.faults == []
        assert says("再说一次") == Refused(code="40058", detail="invalid response_code")
        place.refuses = [{"errcode": 45009, "errmsg": f"freq {CODE}"}]
        limited = says("第三", "other")
        assert isinstance(limited, TryLater)
        assert "c0de" not in repr(says("第四", CODE))
        assert says("长" * 20_000, "long") == Confirmed()
