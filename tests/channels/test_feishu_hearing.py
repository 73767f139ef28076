"""Feishu heard: encrypted callbacks, the long connection, replies of the app; against the platform
as its pages describe it.
"""

from __future__ import annotations

import base64
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

from bot.channels.feishu import frame as wire
from bot.channels.feishu.answer import MessageReply
from bot.channels.feishu.app import FeishuApp
from bot.channels.feishu.callback import REFUSED, EventCallback, opened, signature
from bot.channels.feishu.connection import AppConnection, Joiner, acknowledged
from bot.channels.feishu.frame import Frame, NoFrame
from bot.channels.feishu.message import heard
from bot.channels.http import Http
from bot.channels.inbound import Call, ConnectionState, InboundKind, ReplyToken
from bot.channels.reconnecting import ConnectionBroken
from bot.domain.notices.answer import Confirmed, NoAnswer, Refused, TryLater
from tests.channels.hearing import Ear, ended, running
from tests.platforms.feishu import APP_ID, APP_SECRET, ENCRYPT_KEY, VERIFICATION_TOKEN, FeishuPeer
from tests.platforms.loopback import as_json

VECTORS = json.loads(
    (Path(__file__).parent / "vectors" / "feishu.json").read_text(encoding="utf-8")
)
NOW_MS = 1_763_881_200_000
NOW = datetime.fromtimestamp(NOW_MS // 1000, UTC)
EVENT = VECTORS["im_message_receive_v1"][0]["event"]


@pytest.fixture
def peer() -> Iterator[FeishuPeer]:
    with FeishuPeer(now_ms=NOW_MS) as platform:
        yield platform
        assert platform.faults == []


def http(peer: FeishuPeer) -> Http:
    return Http([peer.origin, peer.socket_origin], read=2)


def connection(peer: FeishuPeer, **others: Any) -> AppConnection:
    return AppConnection(
        "hall",
        http(peer),
        **{"app_id": APP_ID, "secret": APP_SECRET, **others},
        api=peer.origin,
        now=lambda: NOW,
        pauses=(0.01, 0.05),
    )


def door(key: str = ENCRYPT_KEY, token: str = VERIFICATION_TOKEN) -> EventCallback:
    return EventCallback("hall", app_id=APP_ID, encrypt_key=key, verification_token=token)


@pytest.mark.parametrize("vector", VECTORS["aes_decrypt"], ids=lambda vector: vector["id"])
def test_what_is_encrypted_is_opened(vector: dict[str, Any]) -> None:
    assert opened(vector["encrypt"], vector["encrypt_key"]) == vector["expected_plaintext"].encode()
    assert opened(vector["encrypt"][:-8], vector["encrypt_key"]) is None
    assert opened(vector["encrypt"] + "!", vector["encrypt_key"]) is None


@pytest.mark.parametrize("vector", VECTORS["event_signature"], ids=lambda vector: vector["id"])
def test_the_raw_bytes_are_signed(vector: dict[str, Any]) -> None:
    body = vector["raw_body"].encode()
    found = signature(vector["timestamp"], vector["nonce"], vector["encrypt_key"], body)
    assert found == vector["expected_sha256_hex"]


@pytest.mark.parametrize("vector", VECTORS["http_requests"], ids=lambda vector: vector["id"])
def test_a_callback_is_answered_as_its_signature_key_and_token_deserve(
    vector: dict[str, Any],
) -> None:
    config = vector["config"]
    if not config["encrypt_key"]:
        # By our own rule no door is opened without an Encrypt Key, whatever the platform allows.
        with pytest.raises(ValueError, match="Encrypt Key"):
            door(config["encrypt_key"], config["verification_token"])
        return
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    call = Call(method="POST", headers=headers, query={}, body=vector["raw_body"].encode())
    reply, said = door(config["encrypt_key"], config["verification_token"]).take(call, at=NOW)
    if vector["expected"].startswith("reject"):
        assert (reply, said) == (REFUSED, None)
    elif "challenge" in vector["expected"]:
        assert (f"200 {reply.body.decode()}", said) == (vector["expected"], None)
    else:
        assert reply.status == 200
        assert said is not None


@pytest.mark.parametrize(
    "vector", VECTORS["im_message_receive_v1"], ids=lambda vector: vector["id"]
)
def test_a_message_is_taken_apart_as_the_sdk_does(vector: dict[str, Any]) -> None:
    said, expected = heard("hall", vector["event"], app_id=APP_ID), vector["expected_by_lark_oapi"]
    assert said is not None
    assert said.text == vector["suggested_text_after_removing_bot_mention"]
    assert said.message_id == expected["message_id"]
    assert said.message_id in vector["dedupe_keys"]
    assert said.sender_id == expected["sender_open_id"]
    assert said.chat == (expected["chat_id"] if expected["chat_type"] == "group" else "")
    assert int(said.sent_at.timestamp() * 1000) == int(expected["create_time"])
    assert said.text not in repr(said)


def says(**message: Any) -> dict[str, Any]:
    return {
        **EVENT,
        "event": {**EVENT["event"], "message": {**EVENT["event"]["message"], **message}},
    }


def mention(key: str, name: str, kind: str = "user") -> dict[str, Any]:
    return {"key": key, "name": name, "mentioned_type": kind, "id": {"open_id": f"ou_{name}"}}


@pytest.mark.parametrize(
    ("text", "mentions", "expected"),
    [
        (
            "@_user_1 @_user_2西坪镇 3",
            [mention("@_user_1", "助手", "bot"), mention("@_user_2", "李四")],
            "@李四 西坪镇 3",
        ),
        ("@_user_1 5户", [mention("@_user_1", "石磬镇 9户，共12户")], "@石磬镇9户共12户 5户"),
        ("@_user_12 5户", [mention("@_user_1", "李四"), mention("@_user_12", "王五")], "@王五 5户"),
        ("@_user_3 5户", [], "@_user_3 5户"),
        ("@_all 5户", [], "@所有人 5户"),
        ("稻溪 @_user_1\n17户", [mention("@_user_1", "助手", "bot")], "稻溪\n17户"),
    ],
)
def test_a_mention_is_one_word_and_the_robots_own_is_none(
    text: str, mentions: list[dict[str, Any]], expected: str
) -> None:
    said = heard("hall", says(content=json.dumps({"text": text}), mentions=mentions), app_id=APP_ID)
    assert said is not None
    assert said.text == expected


def test_a_robot_with_a_name_leaves_other_robots_in() -> None:
    mentions = [mention("@_user_1", "进度助手", "bot"), mention("@_user_2", "天气", "bot")]
    event = says(content=json.dumps({"text": "@_user_1 @_user_2 3户"}), mentions=mentions)
    said = heard("hall", event, app_id=APP_ID, name="进度助手")
    assert said is not None
    assert said.text == "@天气 3户"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("image", InboundKind.PICTURE),
        ("audio", InboundKind.VOICE),
        ("file", InboundKind.FILE),
        ("sticker", InboundKind.OTHER),
    ],
)
def test_only_what_was_written_is_text(kind: str, expected: InboundKind) -> None:
    said = heard(
        "hall",
        says(message_type=kind, content='{"text":"12户","file_name":"12户.xlsx"}'),
        app_id=APP_ID,
    )
    assert said is not None
    assert (said.kind, said.text) == (expected, "")


def test_robots_and_other_apps_say_nothing() -> None:
    sender = {**EVENT["event"]["sender"], "sender_type": "app"}
    assert (
        heard("hall", {**EVENT, "event": {**EVENT["event"], "sender": sender}}, app_id=APP_ID)
        is None
    )
    assert heard("hall", EVENT, app_id="cli_other") is None
    assert (
        heard("hall", {**EVENT, "header": {**EVENT["header"], "event_type": "x"}}, app_id=APP_ID)
        is None
    )


@pytest.mark.parametrize(
    ("late", "taken"),
    [
        (timedelta(hours=7, minutes=6), True),
        (timedelta(hours=8), True),
        (timedelta(hours=8, seconds=1), False),
    ],
)
def test_an_honest_redelivery_is_taken_and_an_old_call_is_not(
    peer: FeishuPeer, late: timedelta, taken: bool
) -> None:
    call = peer.call(peer.says("城关镇 12户"))
    first, again = door().take(call, at=NOW), door().take(call, at=NOW + late)
    assert first[1] is not None
    assert again == (first if taken else (REFUSED, None))


def test_every_false_call_gets_the_same_refusal(peer: FeishuPeer) -> None:
    event = peer.sent[peer.says("城关镇 12户")].event
    call = peer.sealed(event)
    headers = dict(call.headers)
    challenge = {"challenge": "a", "token": VERIFICATION_TOKEN, "type": "url_verification"}
    false = [
        replace(call, method="GET"),
        replace(call, headers={}),
        replace(call, headers={**headers, "x-lark-signature": ""}),
        replace(call, headers={**headers, "x-lark-signature": "签名"}),
        replace(call, headers={**headers, "x-lark-request-timestamp": "1763881201"}),
        replace(call, body=call.body + b" "),
        replace(call, body=b""),
        replace(call, body=b"x" * 1_000_001),
        replace(call, headers={}, body=b'{"encrypt":"' + b"A" * 4096 + b'"}'),
        replace(
            call, headers={}, body=b'{"encrypt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}'
        ),
        replace(call, headers={}, body=b'{"encrypt":7}'),
        replace(call, headers={}, body=json.dumps(challenge).encode()),
        peer.sealed({**challenge, "token": "other"}, signed=False),
        peer.sealed({**challenge, "challenge": 7}, signed=False),
        peer.sealed({"type": "other"}, signed=False),
        peer.sealed({**event, "header": {**event["header"], "token": "other"}}),
        peer.sealed({**event, "header": {**event["header"], "token": None}}),
    ]
    assert {door().take(each, at=NOW) for each in false} == {(REFUSED, None)}


def test_a_challenge_cannot_break_out_of_its_answer(peer: FeishuPeer) -> None:
    challenge = {"challenge": 'a","x":"', "token": VERIFICATION_TOKEN, "type": "url_verification"}
    reply, _ = door().take(peer.sealed(challenge, signed=False), at=NOW)
    assert json.loads(reply.body) == {"challenge": 'a","x":"'}


def frame_of(vector: dict[str, Any]) -> Frame:
    fields = vector["fields"]
    payload = fields.get("payload_utf8")
    return Frame(
        sequence=fields["SeqID"],
        log=fields["LogID"],
        service=fields["service"],
        method=fields["method"],
        headers=tuple((key, value) for key, value in fields["headers"]),
        payload=payload.encode() if payload is not None else None,
    )


@pytest.mark.parametrize("vector", VECTORS["ws_frames"], ids=lambda vector: vector["id"])
def test_a_frame_is_written_and_read_to_the_byte(vector: dict[str, Any]) -> None:
    content = bytes.fromhex(vector["expected_hex"])
    assert wire.written(frame_of(vector)) == content
    assert wire.read(content) == frame_of(vector)


def test_an_acknowledgement_is_the_frame_itself() -> None:
    frames = {
        vector["id"]: bytes.fromhex(vector["expected_hex"]) for vector in VECTORS["ws_frames"]
    }
    event = wire.read(frames["ws-event"])
    assert (
        wire.written(acknowledged(event, taken=True, milliseconds=12)) == frames["ws-event-ack-200"]
    )
    assert wire.written(acknowledged(event, taken=False)) == frames["ws-event-ack-500"]


def test_a_line_becomes_a_message_and_is_acknowledged_only_when_it_is_stored(
    peer: FeishuPeer,
) -> None:
    ear, app = Ear(), connection(peer)
    with running(app, ear):
        peer.wait_open()
        acknowledged_before: list[list[int]] = []
        ear.before = lambda: acknowledged_before.extend(
            list(sent.codes) for sent in peer.sent.values()
        )
        number = peer.says("城关镇 12户")
        peer.wait(lambda: peer.sent[number].codes == [200])
        assert acknowledged_before == [[]]
        [said] = ear.calls
        assert (said.text, said.chat, said.sender_id, said.sent_at) == (
            "城关镇 12户",
            "oc_group0001",
            "ou_zhangsan",
            NOW,
        )
        assert app.health().state is ConnectionState.OPEN
        assert app.health().last_heard == NOW
        assert peer.pings == 1
    assert app.health().state is ConnectionState.STOPPED


def test_what_could_not_be_stored_is_asked_for_again_and_is_one_message(peer: FeishuPeer) -> None:
    ear = Ear()
    ear.refusals = 1
    with running(connection(peer), ear):
        peer.wait_open()
        lost, kept = peer.says("城关镇 12户"), peer.says("东河乡 3户")
        peer.wait(lambda: peer.sent[kept].codes == [200] and peer.sent[lost].codes == [500])
        assert peer.redeliver() == 1
        peer.deliver(lost)
        peer.wait(lambda: peer.sent[lost].codes == [500, 200, 200])
    assert list(ear.stored) == [kept, lost]


def test_parts_are_joined_in_whatever_order_they_come(peer: FeishuPeer) -> None:
    ear = Ear()
    with running(connection(peer), ear):
        peer.wait_open()
        number = peer.says("城关镇 12户" * 50, parts=5)
        peer.wait(lambda: peer.sent[number].codes == [200])
        peer.deliver(number, parts=3, only=(0, 2))
        other = peer.says("东河乡 3户")
        peer.wait(lambda: peer.sent[other].codes == [200])
        peer.deliver(number, parts=3, only=(1,))
        ear.wait(3)
    assert [said.message_id for said in ear.calls] == [number, other, number]


def test_parts_that_never_become_whole_are_forgotten() -> None:
    now = [0.0]
    joiner = Joiner(lambda: now[0])

    def piece(number: str, total: int, at: int, payload: bytes = b"x") -> Frame:
        headers = (("message_id", number), ("sum", str(total)), ("seq", str(at)))
        return Frame(service=1, method=1, headers=headers, payload=payload)

    assert joiner.whole(piece("a", 2, 0)) is None
    now[0] = 5.1
    assert joiner.whole(piece("a", 2, 1)) is None
    assert joiner.whole(piece("a", 2, 0, b"y")) == b"yx"
    for number in range(1000):
        assert joiner.whole(piece(str(number), 64, 0)) is None
    assert len(joiner._waiting) <= 16
    assert joiner.whole(piece("b", 65, 0)) is None
    assert joiner.whole(piece("c", 2, 2)) is None
    for at in range(63):
        assert joiner.whole(piece("d", 64, at, b"z" * 500_000)) is None
    assert (
        sum(len(kept) for parts in joiner._waiting.values() for kept in parts.found.values())
        <= 1_000_100
    )


def test_a_line_that_breaks_is_taken_up_again_and_what_was_not_acknowledged_comes(
    peer: FeishuPeer,
) -> None:
    ear = Ear()
    peer.refuse_with = [
        as_json({"code": 1, "msg": "busy"}),
        as_json({"code": 1000040343}),
        (502, {}, b"<html>"),
    ]
    peer.turn_away_with = [{"Handshake-Status": "500", "Handshake-Msg": "later"}]
    with running(connection(peer), ear):
        for times in range(1, 4):
            peer.wait_open(times)
            peer.drop()
        peer.says("断线时写的 5户")
        peer.wait_open(4)
        peer.redeliver()
        ear.wait(1)
    assert [said.text for said in ear.calls] == ["断线时写的 5户"]


@pytest.mark.parametrize(
    "refusal",
    [
        {"refuse_with": [as_json({"code": 514, "msg": "auth failed"})]},
        {"refuse_with": [as_json({"code": 403, "msg": "forbidden"})]},
        {"refuse_with": [as_json({"code": 1000040350, "msg": "too many connections"})]},
        {"turn_away_with": [{"Handshake-Status": "403", "Handshake-Msg": "forbidden"}]},
        {"turn_away_with": [{"Handshake-Status": "514", "Handshake-Autherrcode": "1000040350"}]},
    ],
)
def test_what_does_not_mend_itself_stops_and_is_told(
    peer: FeishuPeer, refusal: dict[str, Any]
) -> None:
    for name, value in refusal.items():
        setattr(peer, name, value)
    assert "does not accept" in ended(connection(peer), Ear(), ConnectionState.REFUSED)


def test_a_wrong_secret_stops_and_is_told_without_it(peer: FeishuPeer) -> None:
    detail = ended(connection(peer, secret="Wrong-Secret"), Ear(), ConnectionState.REFUSED)
    assert "514" in detail
    assert "Wrong-Secret" not in detail


@pytest.mark.parametrize(
    "offer",
    [
        "wss://evil.example/",
        "wss://evilfeishu.cn/",
        "ws://a.feishu.cn/",
        "wss://a.feishu.cn:1/",
        "ws://127.0.0.1:1/",
    ],
)
def test_no_connection_is_opened_to_another_host(peer: FeishuPeer, offer: str) -> None:
    peer.offer = offer
    with pytest.raises(ConnectionBroken, match="not allowed"):
        connection(peer)._address()


def test_pings_follow_the_platforms_own_interval(peer: FeishuPeer) -> None:
    peer.config["PingInterval"] = 90
    app = connection(peer)
    with running(app, Ear()):
        peer.wait_open()
        number = peer.says("城关镇 12户")
        peer.wait(lambda: peer.sent[number].codes == [200])
        assert app._ping_every == 90.0
    for wrong in (0, -1, True, "7", 601, None):
        app._configure({"PingInterval": wrong})
    assert app._ping_every == 90.0
    app._configure({"PingInterval": 7})
    assert app._ping_every == 7.0


def test_frames_of_no_shape_do_no_harm(peer: FeishuPeer) -> None:
    ear = Ear()
    with running(connection(peer), ear):
        peer.wait_open()
        for content in (
            b"",
            "text",
            b"\xff" * 100,
            b"\x08",
            b"\x42\xff\xff\xff\xff\x0f",
            b"\x28\x01",
        ):
            peer.raw(content)
        peer.frame("card", b"{}", kind="card")
        peer.frame("deep", b"[" * 100_000)
        number = peer.says("城关镇 12户")
        peer.wait(lambda: peer.sent[number].codes == [200])
    assert [said.message_id for said in ear.calls] == [number]
    assert peer.opened == 1


def test_no_secret_is_logged_or_shown(peer: FeishuPeer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ear, app = Ear(), connection(peer)
    ear.refusals = 1
    with running(app, ear):
        peer.wait_open()
        peer.says("城关镇 12户")
        ear.wait(1)
        peer.drop()
        peer.wait_open(2)
    answer = MessageReply(FeishuApp(http(peer), app_id=APP_ID, secret=APP_SECRET, api=peer.origin))
    assert answer.answer(back(peer), "已记 暗号", at=NOW) == Confirmed()
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "server" not in record.name
    )
    shown = (
        ours
        + repr(app)
        + repr(app.health())
        + repr(ear.calls)
        + repr(answer)
        + repr(Frame(service=1, method=1, payload=b"12"))
    )
    for secret in (APP_SECRET, "ticket", "secret-token", "城关镇 12户", "暗号", "b'12'"):
        assert secret not in shown


def back(peer: FeishuPeer) -> ReplyToken:
    said = heard("hall", peer.sent[peer.says("城关镇 12户")].event, app_id=APP_ID)
    assert said is not None
    assert said.way_back is not None
    return said.way_back


def answerer(peer: FeishuPeer, **others: Any) -> MessageReply:
    return MessageReply(
        FeishuApp(
            http(peer), **{"app_id": APP_ID, "secret": APP_SECRET, "api": peer.origin, **others}
        )
    )


def test_an_answer_quotes_its_message_and_calls_nobody(peer: FeishuPeer) -> None:
    first, second = back(peer), back(peer)
    reply = answerer(peer)
    assert reply.answer(second, '已记 <at user_id="all">所有人</at> **12**', at=NOW) == Confirmed()
    assert reply.answer(first, "县" * 50_000, at=NOW) == Confirmed()
    assert [each["to"] for each in peer.replies] == [
        second.facts["message_id"],
        first.facts["message_id"],
    ]
    assert "<at" not in peer.replies[0]["text"]
    assert "**" not in peer.replies[0]["text"]
    assert len(peer.tokens) == 1


def test_a_lost_answer_is_asked_for_again_under_the_same_number(peer: FeishuPeer) -> None:
    peer.lose = [True, False]
    way_back = back(peer)
    assert answerer(peer).answer(way_back, "已记", at=NOW) == Confirmed()
    assert len(peer.replies) == 1
    peer.lose = [True, True]
    assert isinstance(answerer(peer).answer(back(peer), "已记", at=NOW), NoAnswer)


def test_a_token_is_kept_renewed_in_time_and_got_anew_when_it_ended_early(peer: FeishuPeer) -> None:
    now = [0.0]
    reply = answerer(peer, clock=lambda: now[0])
    for at, tokens in ((0.0, 1), (6_899.0, 1), (6_900.0, 2)):
        now[0] = at
        assert reply.answer(back(peer), "已记", at=NOW) == Confirmed()
        assert len(peer.tokens) == tokens
    peer.tokens.append("t-of-another-process")
    assert reply.answer(back(peer), "已记", at=NOW) == Confirmed()
    assert len(peer.tokens) == 4


def test_an_answer_says_truly_what_became_of_it(peer: FeishuPeer) -> None:
    way_back, reply = back(peer), answerer(peer)
    peer.answer_with = [
        as_json({"code": 99991400, "msg": "limit"}, 400, **{"x-ogw-ratelimit-reset": "7"}),
        (429, {"x-ogw-ratelimit-reset": "7"}, b'{"code":99991400,"msg":"limit"}'),
        as_json({"code": 230020, "msg": "limit"}),
        as_json({"code": 230011, "msg": "withdrawn"}, 400),
        (302, {"Location": peer.origin}, b""),
        (302, {"Location": peer.origin}, b""),
    ]
    limit, again, chat, withdrawn, redirect = (
        reply.answer(way_back, "已记", at=NOW) for _ in range(5)
    )
    assert (
        limit
        == again
        == TryLater(code="99991400", detail="limit", after=timedelta(seconds=7), hold_robot=True)
    )
    assert isinstance(chat, TryLater)
    assert withdrawn == Refused(code="230011", detail="withdrawn")
    assert isinstance(redirect, NoAnswer)
    assert isinstance(reply.answer(way_back, "已记", at=way_back.until), Refused)
    assert peer.replies == []


def test_an_answer_without_a_token_did_not_leave(peer: FeishuPeer) -> None:
    wrong = answerer(peer, secret="Wrong-Secret").answer(back(peer), "已记", at=NOW)
    assert isinstance(wrong, Refused)
    assert "Wrong-Secret" not in wrong.detail
    assert isinstance(
        answerer(peer, api="https://evil.example").answer(back(peer), "已记", at=NOW), Refused
    )


@pytest.mark.parametrize(
    "number", ["", "../../auth", "om_1/../x", "om_1?x=1", "om_1#", "om 1", "甲", "o" * 129]
)
def test_an_answer_goes_to_a_message_and_nowhere_else(peer: FeishuPeer, number: str) -> None:
    way_back = ReplyToken(
        platform="feishu", until=NOW + timedelta(hours=1), once=False, facts={"message_id": number}
    )
    answer = answerer(peer).answer(way_back, "已记", at=NOW)
    assert isinstance(answer, Refused)
    assert answer.code == "address"
    assert peer.tokens == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
CHANGES = st.dictionaries(
    st.sampled_from(sorted({*EVENT["event"]["message"], "mentions"})), JSON, max_size=4
)


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, content=JSON, sender=JSON, header=JSON)
def test_no_event_breaks_the_decoder(
    changes: dict[str, Any], content: Any, sender: Any, header: Any
) -> None:
    for event in (
        says(**changes),
        says(content=json.dumps(content)),
        says(
            message_type="post",
            content=json.dumps({"title": content, "content": [content, [content], [changes]]}),
        ),
        {**EVENT, "event": {**EVENT["event"], "sender": sender}},
        {**EVENT, "header": header},
    ):
        said = heard("hall", event, app_id=APP_ID)
        if said is not None:
            assert said.message_id
            assert said.sender_id
            said.text.encode()
            assert "\x00" not in said.text


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200))
def test_no_bytes_break_the_frame(content: bytes) -> None:
    try:
        frame = wire.read(content)
    except NoFrame:
        return
    assert wire.read(wire.written(frame)) == frame


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=300), sealed=st.binary(max_size=200), signed=st.booleans())
def test_no_bytes_break_the_door(body: bytes, sealed: bytes, signed: bool) -> None:
    for content in (body, json.dumps({"encrypt": base64.b64encode(sealed).decode()}).encode()):
        right = signature("1763881200", "n", ENCRYPT_KEY, content)
        headers = {
            "x-lark-signature": right,
            "x-lark-request-timestamp": "1763881200",
            "x-lark-request-nonce": "n",
        }
        call = Call(method="POST", headers=headers if signed else {}, query={}, body=content)
        assert door().take(call, at=NOW) == (REFUSED, None)
