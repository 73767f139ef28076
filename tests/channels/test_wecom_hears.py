"""WeCom's doors: every known answer, everything that must be refused, and what a message
becomes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.encryption import decrypt_reply_token, encrypt_reply_token
from bot.channels.inbound import Call, InboundKind, InboundMessage, ReplyToken
from bot.channels.quoting import after_quote, without_name
from bot.channels.robots import open_robots
from bot.channels.wecom.callback import FRESH, REFUSED, AppCallback, BotCallback
from bot.channels.wecom.cipher import Forged, Seal
from bot.channels.wecom.message import Listener
from bot.domain.campaigns.campaign import TownshipName
from bot.domain.replies.reading import Incoming, read
from config.wording import templates
from tests.builders import STARTED, at, day, rural_housing_2021
from tests.channels.conftest import AT

VECTORS = json.loads((Path(__file__).parent / "vectors" / "wecom.json").read_text(encoding="utf-8"))
TOKEN, KEY = "xianban2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BOT = BotCallback(Seal(TOKEN, KEY, ""), Listener(key="county", name="进度助手"))


def vectors(group: str) -> Any:
    return pytest.mark.parametrize(
        "known", [pytest.param(one, id=one["id"]) for one in VECTORS[group]]
    )


def moment(timestamp: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp), UTC)


@vectors("signature")
def test_signatures_are_those_of_the_platform(known: dict[str, str]) -> None:
    seal = Seal(known["token"], KEY, "")
    assert (
        seal.signature(known["timestamp"], known["nonce"], known["encrypt"])
        == known["expected_sha1_hex"]
    )


@vectors("url_verification")
def test_an_address_is_verified_with_the_plain_echo(known: dict[str, Any]) -> None:
    seal = Seal(known["token"], known["encoding_aes_key"], known["receive_id"])
    query = known["query_decoded"]
    for door in (BotCallback(seal, Listener(key="k")), AppCallback(seal, Listener(key="k"))):
        reply, said = door.take(
            Call(method="GET", headers={}, query=query, body=b""), at=moment(query["timestamp"])
        )
        assert (reply.status, reply.body.decode(), said) == (
            200,
            known["expected_response_body"],
            None,
        )


@vectors("callback_xml_selfbuilt_app")
def test_an_apps_message_is_opened(known: dict[str, Any]) -> None:
    seal = Seal(known["token"], known["encoding_aes_key"], known["receive_id"])
    query = known["query"]
    inside = seal.open(query["msg_signature"], query["timestamp"], query["nonce"], known["encrypt"])
    assert inside.decode() == known["expected_plaintext"]
    body = (
        known.get("raw_post_body")
        or f"<xml><Encrypt><![CDATA[{known['encrypt']}]]></Encrypt></xml>"
    )
    call = Call(method="POST", headers={}, query=query, body=body.encode())
    reply, said = AppCallback(seal, Listener(key="k")).take(call, at=moment(query["timestamp"]))
    fields = known["expected_fields"]
    assert (reply.status, reply.body) == (200, b"")
    if fields["MsgType"] == "event":
        assert said is None
        return
    assert said is not None
    assert (said.message_id, said.sender_id, said.chat) == (
        fields["MsgId"],
        fields["FromUserName"],
        "",
    )
    assert said.sent_at == moment(fields["CreateTime"])
    if fields["MsgType"] == "text":
        assert (said.kind, said.text) == (InboundKind.TEXT, fields["Content"].strip())


@vectors("callback_json_aibot")
def test_a_bots_message_is_opened(known: dict[str, Any]) -> None:
    seal = Seal(known["token"], known["encoding_aes_key"], known["receive_id"])
    query = known["query"]
    encrypt = known.get("encrypt") or json.loads(known["raw_post_body"])["encrypt"]
    inside = seal.open(query["msg_signature"], query["timestamp"], query["nonce"], encrypt)
    assert json.loads(inside) == json.loads(known["expected_plaintext"])
    call = Call(
        method="POST", headers={}, query=query, body=json.dumps({"encrypt": encrypt}).encode()
    )
    reply, said = BotCallback(seal, Listener(key="k")).take(call, at=moment(query["timestamp"]))
    assert (reply.status, reply.body) == (200, b"")
    body = json.loads(inside)
    if body["msgtype"] in {"event", "stream"}:
        assert said is None
    else:
        assert said is not None
        assert (said.message_id, said.sender_id) == (body["msgid"], body["from"]["userid"])
        assert said.chat == (body["chatid"] if body["chattype"] == "group" else "")


@pytest.mark.parametrize("group", ["encrypt_deterministic", "passive_reply_json_aibot"])
def test_what_we_seal_is_what_the_platform_seals(group: str) -> None:
    for known in VECTORS[group]:
        seal = Seal(known.get("token", "t"), known["encoding_aes_key"], known["receive_id"])
        expected = known.get("expected_encrypt") or known["expected_response_json"]["encrypt"]
        assert (
            seal.seal(known["plaintext"].encode(), random16=known["random16"].encode()) == expected
        )


@vectors("negative")
def test_what_is_damaged_in_one_place_is_refused(known: dict[str, str]) -> None:
    seal = Seal(known["token"], known["encoding_aes_key"], known["receive_id"])
    with pytest.raises(Forged):
        seal.open(known["msg_signature"], known["timestamp"], known["nonce"], known["encrypt"])
    query = {name: known[name] for name in ("msg_signature", "timestamp", "nonce")}
    for door, body in (
        (BotCallback(seal, Listener(key="k")), json.dumps({"encrypt": known["encrypt"]})),
        (AppCallback(seal, Listener(key="k")), f"<xml><Encrypt>{known['encrypt']}</Encrypt></xml>"),
    ):
        call = Call(method="POST", headers={}, query=query, body=body.encode())
        assert door.take(call, at=moment(known["timestamp"])) == (REFUSED, None)


def call_of(body: object, at: datetime = AT, seal: Seal | None = None) -> Call:
    """A callback with this inside, encrypt_reply_token as the platform would."""
    seal = seal or Seal(TOKEN, KEY, "")
    inside = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    encrypt, timestamp = seal.seal(inside), str(int(at.timestamp()))
    query = {
        "msg_signature": seal.signature(timestamp, "n", encrypt),
        "timestamp": timestamp,
        "nonce": "n",
    }
    return Call(
        method="POST", headers={}, query=query, body=json.dumps({"encrypt": encrypt}).encode()
    )


def message(**changes: object) -> dict[str, object]:
    return {
        "msgid": "m1",
        "aibotid": "b",
        "chatid": "wr1",
        "chattype": "group",
        "from": {"userid": "zhangsan"},
        "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=c",
        "msgtype": "text",
        "text": {"content": "@进度助手 累计竣工12户"},
        **changes,
    }


def hears(**changes: object) -> InboundMessage:
    reply, said = BOT.take(call_of(message(**changes)), at=AT)
    assert reply.status == 200
    assert said is not None
    return said


def test_the_name_of_the_bot_is_taken_off_and_the_moment_is_the_platforms() -> None:
    said = hears()
    assert (said.text, said.sent_at, said.chat) == ("累计竣工12户", AT, "wr1")
    assert said.way_back is not None
    assert said.way_back.until == AT + timedelta(hours=1)
    assert "response_code" not in repr(said)


def test_a_quote_stands_before_what_is_said_and_cannot_end_itself_early() -> None:
    said = hears(
        quote={"msgtype": "text", "text": {"content": "昨天报“11户”」\n- - - - - -\n累计竣工99户"}}
    )
    assert said.text.endswith("\n累计竣工12户")
    campaign = rural_housing_2021()
    reading = read(
        campaign,
        Incoming(id="1", text=said.text, sender="稻溪镇-谢", at=at("10-29 10:00")),
        open_day=day("10-29"),
        late=False,
        before={(TownshipName("稻溪镇"), STARTED, None): Decimal(25)},
        today={},
        wording=templates.reading(),
    )
    assert [figure.value for figure in reading.figures] == [12]


def test_a_mixed_message_is_read_by_its_words() -> None:
    items = [
        {"msgtype": "text", "text": {"content": "@进度助手 累计竣工"}},
        {"msgtype": "image", "image": {"url": "https://x"}},
        {"msgtype": "text", "text": {"content": "12户"}},
    ]
    said = hears(msgtype="mixed", mixed={"msg_item": items})
    assert (said.kind, said.text) == (InboundKind.TEXT, "累计竣工\n12户")
    picture = hears(msgtype="mixed", mixed={"msg_item": items[1:2]})
    assert picture.kind is InboundKind.PICTURE


@pytest.mark.parametrize(
    ("kind", "heard"),
    [("image", InboundKind.PICTURE), ("voice", InboundKind.VOICE), ("file", InboundKind.FILE)],
)
def test_what_is_no_text_is_named_and_not_read(kind: str, heard: InboundKind) -> None:
    said = hears(
        msgtype=kind, chattype="single", **{kind: {"content": "累计竣工12户", "url": "https://x"}}
    )
    assert (said.kind, said.text, said.chat) == (heard, "", "")


@pytest.mark.parametrize(
    "body",
    [
        {
            "msgtype": "event",
            "msgid": "e",
            "from": {"userid": "u"},
            "event": {"eventtype": "enter_chat"},
        },
        {"msgtype": "stream", "msgid": "s", "from": {"userid": "u"}, "stream": {"id": "1"}},
        message(msgid=7),
        message(msgid="x" * 257),
        message(**{"from": {"userid": {"a": 1}}}),
        message(**{"from": "zhangsan"}),
        message(chatid=""),
        message(text={"content": 5}),
        message(msgtype=["text"]),
        {},
    ],
)
def test_what_has_no_documented_shape_says_nothing_and_is_answered_empty(
    body: dict[str, object],
) -> None:
    reply, said = BOT.take(call_of(body), at=AT)
    assert (reply.status, reply.body, said) == (200, b"", None)


def test_an_old_call_is_refused_like_a_forged_one() -> None:
    call = call_of(message())
    assert BOT.take(call, at=AT + FRESH)[1] is not None
    assert BOT.take(call, at=AT + FRESH + timedelta(seconds=1)) == (REFUSED, None)
    assert BOT.take(call, at=AT - FRESH - timedelta(seconds=1)) == (REFUSED, None)


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><Encrypt>&f;</Encrypt></xml>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml><Encrypt>x</Encrypt></xml>',
        '<?xml version="1.0" encoding="nonsense"?><xml/>',
        "<xml><Encrypt>",
        "",
    ],
)
def test_xml_with_entities_or_a_document_type_is_refused_before_and_after_decryption(
    xml: str,
) -> None:
    seal = Seal(TOKEN, KEY, "ww1")
    door = AppCallback(seal, Listener(key="k"))
    call = call_of(b"", seal=seal)
    assert door.take(
        Call(method="POST", headers={}, query=call.query, body=xml.encode()), at=AT
    ) == (REFUSED, None)
    inside = call_of(xml.encode(), seal=seal)
    body = f"<xml><Encrypt>{json.loads(inside.body)['encrypt']}</Encrypt></xml>".encode()
    assert door.take(Call(method="POST", headers={}, query=inside.query, body=body), at=AT) == (
        REFUSED,
        None,
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = [
    "msgid",
    "chatid",
    "chattype",
    "from",
    "msgtype",
    "text",
    "mixed",
    "quote",
    "response_url",
    "create_time",
    "voice",
]


@settings(max_examples=150, deadline=None)
@given(body=st.dictionaries(st.sampled_from(KEYS), JSON), deep=JSON)
def test_whatever_a_true_call_holds_nothing_is_raised(
    body: dict[str, object], deep: object
) -> None:
    whole = {**message(), **body, "quote": deep}
    reply, said = BOT.take(call_of(whole), at=AT)
    assert reply.status == 200
    assert said is None or said.sender_id


@settings(max_examples=150, deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from(["msg_signature", "timestamp", "nonce", "echostr"]), st.text(max_size=50)
    ),
    body=st.binary(max_size=200),
    method=st.sampled_from(["GET", "POST"]),
)
def test_whatever_a_stranger_sends_is_refused_alike(
    query: dict[str, str], body: bytes, method: str
) -> None:
    call = Call(
        method=method, headers={}, query={"timestamp": str(int(AT.timestamp())), **query}, body=body
    )
    for door in (BOT, AppCallback(Seal(TOKEN, KEY, "ww1"), Listener(key="k"))):
        assert door.take(call, at=AT) == (REFUSED, None)


@settings(max_examples=150, deadline=None)
@given(damage=st.binary(min_size=1, max_size=64), place=st.integers(0, 200))
def test_a_sealed_packet_damaged_anywhere_is_refused_whatever_its_signature(
    damage: bytes, place: int
) -> None:
    import base64

    seal = Seal(TOKEN, KEY, "ww1234567890abcdef")
    whole = base64.b64decode(seal.seal("累计竣工12户".encode()))
    place %= len(whole)
    changed = bytes(a ^ b for a, b in zip(damage, whole[place:], strict=False))
    broken = whole[:place] + changed + whole[place + len(changed) :]
    encrypt = base64.b64encode(broken[: len(whole)]).decode()
    try:
        assert seal.open(seal.signature("1", "n", encrypt), "1", "n", encrypt) is not None
    except Forged:
        return
    # What still opens kept its end: CBC damages one block and flips bits of the next, none of them
    # the length or the id.
    assert len(broken) == len(whole)


def test_the_way_back_is_opened_only_with_the_robots_own_secret() -> None:
    way_back = ReplyToken(
        platform="wecom", until=AT, once=True, facts={"response_url": "https://x/?c=1"}
    )
    text = encrypt_reply_token(way_back, "one")
    assert decrypt_reply_token(text, "one") == way_back
    assert decrypt_reply_token(text, "another") is None
    assert decrypt_reply_token("nonsense", "one") is None


@pytest.mark.parametrize(
    ("said", "name", "left"),
    [
        ("@进度助手 累计12户", "进度助手", "累计12户"),
        ("累计12户 @进度助手", "进度助手", "累计12户"),
        ("@进度助手\u2005累计12户", None, "累计12户"),
        ("@进度助手2号 累计12户", "进度助手", "@进度助手2号 累计12户"),
        ("累计12户", None, "累计12户"),
    ],
)
def test_a_robots_name_is_taken_off(said: str, name: str | None, left: str) -> None:
    assert without_name(said, name) == left
    assert after_quote("", said) == said


def test_robots_are_found_by_the_names_of_their_settings() -> None:
    settings = {
        "WECOM_BOT_COUNTY_TOKEN": TOKEN,
        "WECOM_BOT_COUNTY_AES_KEY": KEY,
        "WECOM_APP_OFFICE_TOKEN": TOKEN,
        "WECOM_APP_OFFICE_AES_KEY": KEY,
        "WECOM_APP_OFFICE_CORP_ID": "ww1",
        "WECOM_BOT_PC_ID": "aib",
        "WECOM_BOT_PC_SECRET": "s3cret",
        "WECOM_TOWNSHIPS": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",
    }
    robots, faults = open_robots(settings, hosts=["qyapi.weixin.qq.com"])
    assert faults == []
    assert sorted(robot.channel for robot in robots) == ["wecom:county", "wecom:office", "wecom:pc"]
    assert not any(secret in repr(robots) for secret in (TOKEN, KEY, "s3cret"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"WECOM_BOT_A_TOKEN": "t"}, "WECOM_BOT_A_…: a robot needs"),
        (
            {"WECOM_BOT_A_TOKEN": "t", "WECOM_BOT_A_AES_KEY": "s3cret"},
            "WECOM_BOT_A_AES_KEY: an EncodingAESKey has 43",
        ),
        (
            {"WECOM_BOT_A_ID": "i", "WECOM_BOT_A_SECRET": "s3cret", "WECOM_BOT_A_TOKN": "t"},
            "WECOM_BOT_A_TOKN: is no",
        ),
        (
            {
                "WECOM_BOT_A_ID": "i",
                "WECOM_BOT_A_SECRET": "s3cret",
                "WECOM_BOT_A_SOCKET": "http://evil",
            },
            "WECOM_BOT_A_SOCKET: must begin with wss://",
        ),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(wrong: dict[str, str], says: str) -> None:
    _, faults = open_robots(wrong, hosts=[])
    assert any(fault.startswith(says) for fault in faults), faults
    assert "s3cret" not in "".join(faults)
