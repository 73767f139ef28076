"""DingTalk heard: signed callbacks, Stream mode, answers at the session webhook; against the
platform as its pages describe it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.dingtalk.answer import SessionWebhook
from bot.channels.dingtalk.callback import REFUSED, RobotCallback
from bot.channels.dingtalk.message import heard
from bot.channels.dingtalk.stream import StreamConnection, acknowledgement
from bot.channels.http import Http
from bot.channels.inbound import Call, ConnectionState, InboundKind, ReplyToken
from bot.channels.reconnecting import ConnectionBroken
from bot.domain.notices.answer import Confirmed, Refused, TryLater
from tests.channels.hearing import Ear, ended, running
from tests.platforms.dingtalk import CLIENT_ID, CLIENT_SECRET, DingTalkPeer
from tests.platforms.loopback import as_json

VECTORS = json.loads(
    (Path(__file__).parent / "vectors" / "dingtalk.json").read_text(encoding="utf-8")
)
NOW_MS = 1_763_881_200_000
NOW = datetime.fromtimestamp(NOW_MS // 1000, UTC)
SECRET = "AppSecretAppSecretAppSecret0001"
BODY = VECTORS["inbound_message"][0]["body"]


@pytest.fixture
def peer() -> Iterator[DingTalkPeer]:
    with DingTalkPeer(now_ms=NOW_MS) as platform:
        yield platform
        assert platform.faults == []


def http(peer: DingTalkPeer) -> Http:
    return Http([peer.origin, peer.socket_origin], read=2)


def connection(peer: DingTalkPeer, **others: Any) -> StreamConnection:
    return StreamConnection(
        "hall",
        http(peer),
        **{"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **others},
        api=peer.origin,
        now=lambda: NOW,
        pauses=(0.01, 0.05),
    )


@pytest.mark.parametrize("vector", VECTORS["inbound_http_sign"], ids=lambda vector: vector["id"])
def test_a_callback_is_believed_by_its_signature_and_its_hour(vector: dict[str, Any]) -> None:
    body = json.dumps({**BODY, "createAt": vector["now_ms"]}).encode()
    call = Call(method="POST", headers=vector["headers"], query={}, body=body)
    at = datetime.fromtimestamp(vector["now_ms"] / 1000, UTC)
    reply, said = RobotCallback("hall", app_secret=vector["app_secret"]).take(call, at=at)
    assert (reply.status, said is not None) == (
        (200, True) if vector["expected"] == "accept" else (403, False)
    )
    if vector["expected"] != "accept":
        assert reply == REFUSED


@pytest.mark.parametrize("vector", VECTORS["inbound_message"], ids=lambda vector: vector["id"])
def test_a_message_is_taken_apart_as_the_sdk_does(vector: dict[str, Any]) -> None:
    said, expected = heard("hall", vector["body"]), vector["expected"]
    assert said is not None
    assert said.way_back is not None
    assert said.message_id == expected["message_id"]
    assert said.sender_id == (expected["sender_staff_id"] or expected["sender_id"])
    assert said.sender_name == expected["sender_nick"]
    assert said.chat == (expected["conversation_id"] if expected["is_group"] else "")
    assert said.text == "\n".join(expected["text_list"]).strip()
    assert said.kind is InboundKind.TEXT
    assert said.way_back.facts == {"session_webhook": expected["session_webhook"]}
    assert said.way_back.until.timestamp() * 1000 == expected["session_webhook_expired_time_ms"]
    assert "SESSION" not in repr(said)
    assert said.text not in repr(said)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("picture", {"downloadCode": "x"}, InboundKind.PICTURE),
        ("audio", {"recognition": "十二户"}, InboundKind.VOICE),
        ("file", {"fileName": "日报.xlsx"}, InboundKind.FILE),
        ("video", {}, InboundKind.OTHER),
        ("richText", {"richText": [{"downloadCode": "x"}]}, InboundKind.PICTURE),
    ],
)
def test_only_what_was_written_is_text(
    kind: str, content: dict[str, Any], expected: InboundKind
) -> None:
    said = heard("hall", {**BODY, "msgtype": kind, "content": content})
    assert said is not None
    assert (said.kind, said.text) == (expected, "")


@pytest.mark.parametrize(
    ("created", "taken"),
    [
        (-timedelta(hours=24, milliseconds=1), False),
        (-timedelta(hours=24), True),
        (timedelta(hours=1), True),
        (timedelta(hours=1, milliseconds=1), False),
    ],
)
def test_nobody_who_caught_a_signature_writes_into_days_long_closed(
    peer: DingTalkPeer, created: timedelta, taken: bool
) -> None:
    number = peer.says("城关镇 12户", createAt=NOW_MS + created // timedelta(milliseconds=1))
    reply, said = RobotCallback("hall", app_secret=SECRET).take(
        peer.call(number, secret=SECRET), at=NOW
    )
    assert (reply.status, said is not None) == ((200, True) if taken else (403, False))


def test_a_callback_delivered_again_is_the_same_message(peer: DingTalkPeer) -> None:
    door = RobotCallback("hall", app_secret=SECRET)
    number = peer.says("城关镇 12户")
    first = door.take(peer.call(number, secret=SECRET), at=NOW)
    later = door.take(
        peer.call(number, secret=SECRET, at_ms=NOW_MS + 60_000), at=NOW + timedelta(minutes=1)
    )
    assert first == later
    assert first[1] is not None
    assert first[1].text == "城关镇 12户"


def test_every_false_call_gets_the_same_refusal(peer: DingTalkPeer) -> None:
    door = RobotCallback("hall", app_secret=SECRET)
    call = peer.call(peer.says("城关镇 12户"), secret=SECRET)
    false = [
        replace(call, method="GET"),
        replace(call, headers={}),
        replace(call, headers={**call.headers, "sign": "签名"}),
        replace(call, headers={**call.headers, "timestamp": "１７６３８８１２０００００"}),
        replace(call, body=b""),
        replace(call, body=b"[]"),
        replace(call, body=b'{"a":' * 100_000),
        replace(call, body=b"[" * 999_999),
        replace(call, body=b'{"a":"' + b"x" * 1_000_001 + b'"}'),
    ]
    assert {door.take(each, at=NOW) for each in false} == {(REFUSED, None)}


def test_a_line_becomes_a_message_and_is_acknowledged_only_when_it_is_stored(
    peer: DingTalkPeer,
) -> None:
    ear, stream = Ear(), connection(peer)
    with running(stream, ear):
        peer.wait_open()
        acknowledged: list[object] = []
        ear.before = lambda: acknowledged.extend(sent.acknowledged for sent in peer.sent.values())
        number = peer.says("城关镇 12户")
        peer.wait(lambda: peer.sent[number].acknowledged is not None)
        assert acknowledged == [None]
        assert stream.health().state is ConnectionState.OPEN
        [said] = ear.calls
        assert (said.text, said.chat, said.sender_id, said.sent_at) == (
            "城关镇 12户",
            "cid0001==",
            "manager0001",
            NOW,
        )
        assert stream.health().last_heard == NOW
    assert stream.health().state is ConnectionState.STOPPED


def test_what_could_not_be_stored_comes_again_and_is_one_message(peer: DingTalkPeer) -> None:
    ear, stream = Ear(), connection(peer)
    ear.refusals = 1
    with running(stream, ear):
        peer.wait_open()
        lost = peer.says("城关镇 12户")
        kept = peer.says("东河乡 3户")
        peer.wait(lambda: peer.sent[kept].acknowledged is not None)
        assert peer.sent[lost].acknowledged is None
        assert peer.redeliver() == 1
        peer.wait(lambda: peer.sent[lost].acknowledged is not None)
        peer.deliver(lost)  # once more, with a third number: the platform promises nothing
        ear.wait(4)
    assert list(ear.stored) == [kept, lost]
    assert len(set(peer.sent[lost].frames)) == 3


def test_why_a_message_was_not_stored_is_told_without_what_it_says(peer: DingTalkPeer) -> None:
    ear, stream = Ear(), connection(peer)
    ear.refusals = 1
    with running(stream, ear):
        peer.wait_open()
        peer.says("城关镇 12户")
        ear.wait(1)
        peer.system("ping", {"opaque": "1"})
        peer.wait(lambda: len(peer.system_answers) == 1)
        assert stream.health().detail == "a message could not be stored (OSError)"


def test_a_line_that_breaks_is_taken_up_again_and_what_was_not_acknowledged_comes(
    peer: DingTalkPeer,
) -> None:
    ear = Ear()
    with running(connection(peer), ear):
        for times in range(1, 5):
            peer.wait_open(times)
            if times == 3:
                peer.system("disconnect", {"reason": "persistent connection is timeout"})
                peer.wait(lambda: len(peer.system_answers) == 1)
            else:
                peer.drop()
        peer.says("断线时写的 5户")
        peer.wait_open(5)
        peer.redeliver()
        ear.wait(1)
    assert [said.text for said in ear.calls] == ["断线时写的 5户"]
    assert len(set(peer.tickets)) == peer.opened == 5


def test_the_platform_being_away_is_waited_out(peer: DingTalkPeer) -> None:
    peer.refuse_with = [
        (503, {}, b"<html>"),
        as_json({"code": "Throttling"}, 403),
        as_json({}),
        (200, {}, b"[1"),
    ]
    with running(connection(peer), Ear()):
        peer.wait_open()
    assert peer.refuse_with == []


def test_a_wrong_secret_stops_and_is_told_without_it(peer: DingTalkPeer) -> None:
    detail = ended(connection(peer, client_secret="Wrong-Secret"), Ear(), ConnectionState.REFUSED)
    assert "authFailed" in detail
    assert "Wrong-Secret" not in detail


@pytest.mark.parametrize(
    "offer",
    [
        "wss://evil.example/connect",
        "wss://evildingtalk.com/connect",
        "ws://wss-open-connection.dingtalk.com/connect",
        "wss://a@wss-open-connection.dingtalk.com/connect",
        "wss://wss-open-connection.dingtalk.com:8443/connect",
        "http://127.0.0.1:1/connect",
        "ws://127.0.0.1:1/connect",
        "wss://127.0.0.1\\.dingtalk.com/",
        "wss://[::1",
    ],
)
def test_no_connection_is_opened_to_another_host(peer: DingTalkPeer, offer: str) -> None:
    assert not http(peer).may_connect(offer, under=(".dingtalk.com",))
    peer.offer = offer
    with pytest.raises(ConnectionBroken, match="not allowed"):
        connection(peer)._address()


def test_the_platforms_own_place_may_be_connected_to(peer: DingTalkPeer) -> None:
    [vector] = VECTORS["stream_open_connection"]
    assert http(peer).may_connect(vector["response"]["endpoint"], under=(".dingtalk.com",))


def test_a_ticket_is_quoted_as_the_sdk_does(peer: DingTalkPeer) -> None:
    [vector] = VECTORS["stream_open_connection"]
    peer.refuse_with = [as_json(vector["response"])]
    assert connection(peer)._address() == vector["expected_websocket_uri"]


# What is not stored is not acknowledged at all, so the frame of a handler that failed is none of
# ours.
@pytest.mark.parametrize(
    "vector",
    [each for each in VECTORS["stream_frames"] if each.get("handler_returns", [200])[0] == 200],
    ids=lambda vector: vector["id"],
)
def test_a_frame_is_acknowledged_as_the_sdk_does(vector: dict[str, Any]) -> None:
    ours, theirs = json.loads(acknowledgement(vector["incoming"])), dict(vector["expected_ack"])
    data, expected = json.loads(ours.pop("data")), json.loads(theirs.pop("data"))
    assert ours == theirs
    assert data == expected or (
        vector["incoming"]["type"] == "CALLBACK" and data.keys() == expected.keys()
    )


def test_frames_of_no_shape_do_no_harm(peer: DingTalkPeer) -> None:
    ear = Ear()
    with running(connection(peer), ear):
        peer.wait_open()
        for frame in (
            "",
            "[]",
            "{}",
            '{"headers":{"messageId":7}}',
            "[" * 100_000,
            b"\xff\xfe",
            '{"headers":[]}',
        ):
            peer.raw(frame)
        peer.system("ping", {"opaque": "0d2c"})
        peer.wait(lambda: len(peer.system_answers) == 1)
        number = peer.says("城关镇 12户", createAt="soon")
        peer.wait(lambda: peer.sent[number].acknowledged is not None)
    assert json.loads(peer.system_answers[0]["data"]) == {"opaque": "0d2c"}
    assert ear.calls == []
    assert peer.opened == 1


def test_no_secret_is_logged_or_shown(peer: DingTalkPeer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ear, stream = Ear(), connection(peer)
    ear.refusals = 1
    with running(stream, ear):
        peer.wait_open()
        peer.says("城关镇 12户")
        ear.wait(1)
        peer.drop()
        peer.wait_open(2)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "server" not in record.name
    )
    shown = ours + repr(stream) + repr(stream.health()) + repr(ear.calls)
    for secret in (CLIENT_SECRET, "ticket", "SESSION", "城关镇 12户"):
        assert secret not in shown


def way_back(peer: DingTalkPeer, ear: Ear) -> ReplyToken:
    number = peer.says("城关镇 12户")
    said = heard("hall", peer.sent[number].body)
    assert said is not None
    assert said.way_back is not None
    return said.way_back


def test_an_answer_goes_to_the_session_of_its_message(peer: DingTalkPeer) -> None:
    back, other = way_back(peer, Ear()), way_back(peer, Ear())
    answerer = SessionWebhook(http(peer))
    assert (
        answerer.answer(other, "已记：城关镇 12户 @所有人 [链接](http://a.cn)", at=NOW)
        == Confirmed()
    )
    [(session, body)] = peer.answers
    assert session in other.facts["session_webhook"]
    assert session not in back.facts["session_webhook"]
    assert body["at"] == {"atUserIds": [], "isAtAll": False}
    assert "@" not in body["text"]["content"]
    assert "](" not in body["text"]["content"]
    assert answerer.answer(back, "县" * 50_000, at=NOW) == Confirmed()
    assert len(json.dumps(peer.answers[-1][1], ensure_ascii=False).encode()) < 20_000


def test_an_answer_says_truly_what_became_of_it(peer: DingTalkPeer) -> None:
    back, answerer = way_back(peer, Ear()), SessionWebhook(http(peer))
    peer.answer_with = [
        as_json({"errcode": -1, "errmsg": "busy"}),
        as_json({"errcode": 410100, "errmsg": "fast"}),
        as_json({}),
        (302, {"Location": peer.origin + "/elsewhere"}, b""),
    ]
    busy, fast, nothing, redirect = (answerer.answer(back, "已记", at=NOW) for _ in range(4))
    assert isinstance(busy, TryLater)
    assert isinstance(fast, TryLater)
    assert fast.hold_robot
    assert type(nothing).__name__ == type(redirect).__name__ == "NoAnswer"
    peer.now_ms += 5_400_000
    ended_there = answerer.answer(back, "已记", at=NOW)
    assert isinstance(ended_there, Refused)
    assert not ended_there.robot_dead
    assert "SESSION" not in ended_there.detail
    assert answerer.answer(back, "已记", at=back.until) == Refused(
        code="expired", detail="the session in which this message could be answered has ended"
    )
    assert peer.answers == []


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/robot/sendBySession?session=S",
        "https://oapi.dingtalk.com.evil.example/robot/sendBySession?session=S",
        "https://oapi.dingtalk.com@evil.example/robot/sendBySession?session=S",
        "https://api.dingtalk.com/robot/sendBySession?session=S",
        "https://open.feishu.cn/robot/sendBySession?session=S",
        "https://oapi.dingtalk.com:8443/robot/sendBySession?session=S",
        "https://oapi.dingtalk.com/robot/send?session=S",
        "https://oapi.dingtalk.com/robot/sendBySession/../send?session=S",
        "https://oapi.dingtalk.com/robot/sendBySession?session=S&access_token=T",
        "https://oapi.dingtalk.com/robot/sendBySession?session=",
        "https://oapi.dingtalk.com/robot/sendBySession",
        "http://oapi.dingtalk.com/robot/sendBySession?session=S",
        "http://169.254.169.254/robot/sendBySession?session=S",
        "http://127.0.0.1:1/robot/sendBySession?session=S",
        "file:///etc/passwd?session=S",
        "https://[::1/robot/sendBySession?session=S",
        "",
    ],
)
def test_an_answer_goes_only_to_the_platform(peer: DingTalkPeer, address: str) -> None:
    back = ReplyToken(
        platform="dingtalk",
        until=NOW + timedelta(hours=1),
        once=False,
        facts={"session_webhook": address},
    )
    answer = SessionWebhook(
        Http([peer.origin, "oapi.dingtalk.com", "open.feishu.cn", "api.dingtalk.com"])
    ).answer(back, "已记", at=NOW)
    assert isinstance(answer, Refused)
    assert answer.code == "address"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(sorted({*BODY, "content"})), JSON, max_size=4))
def test_no_body_breaks_the_decoder(changes: dict[str, Any]) -> None:
    said = heard("hall", {**BODY, **changes})
    if said is not None:
        assert said.message_id
        assert said.sender_id
        assert said.sent_at.tzinfo is UTC
        said.text.encode()
        assert "\x00" not in said.text


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_break_the_door(body: bytes) -> None:
    reply, _ = RobotCallback("hall", app_secret=SECRET).take(
        Call(
            method="POST",
            headers=VECTORS["inbound_http_sign"][0]["headers"],
            query={},
            body=body,
        ),
        at=NOW,
    )
    assert reply.status in {200, 403}
