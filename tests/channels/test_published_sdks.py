"""An independent voice: the platforms' published SDKs read what we write, write what we read, and
refuse what we refuse.

lark-oapi imports the models of the whole platform, which takes seconds: it is imported here alone,
and once.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from dingtalk_stream import AckMessage, CallbackMessage, ChatbotMessage
from dingtalk_stream.handlers import CallbackHandler
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.enterprise import parse_message
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.replies import TextReply

from bot.channels.dingtalk.message import heard as heard_by_dingtalk
from bot.channels.dingtalk.stream import TOPIC, acknowledgement
from bot.channels.feishu import frame as wire
from bot.channels.feishu.callback import EventCallback, opened
from bot.channels.feishu.connection import acknowledged
from bot.channels.feishu.frame import Frame
from bot.channels.feishu.message import heard as heard_by_feishu
from bot.channels.inbound import Call
from bot.channels.wecom.callback import AppCallback, BotCallback
from bot.channels.wecom.cipher import Seal
from bot.channels.wecom.message import Listener
from tests.platforms.feishu import APP_ID, ENCRYPT_KEY, VERIFICATION_TOKEN, FeishuPeer
from tests.platforms.wecom import AES_KEY, TOKEN

NOW_S = 1_763_881_200
NOW = datetime.fromtimestamp(NOW_S, UTC)
CORP = "ww1234567890abcdef"

SAID = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n累计竣工17户@"), max_size=60
)
"""What people write: anything but what no XML can carry."""

IDS = st.text(
    st.characters(categories=("Lu", "Ll", "Nd"), max_codepoint=127), min_size=1, max_size=40
)


class TestWeCom:
    """wechatpy 1.8 knows the XML envelope; the cipher of the JSON one is the same."""

    app = WeChatCrypto(TOKEN, AES_KEY, CORP)
    door = AppCallback(Seal(TOKEN, AES_KEY, CORP), Listener(key="office"))

    def call(self, envelope: str, *, method: str = "POST", **changes: str) -> Call:
        fields = {
            name: envelope.split(f"<{name}>")[1]
            .split(f"</{name}>")[0]
            .removeprefix("<![CDATA[")
            .removesuffix("]]>")
            for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
        }
        query = {
            "msg_signature": fields["MsgSignature"],
            "timestamp": fields["TimeStamp"],
            "nonce": fields["Nonce"],
            "echostr": fields["Encrypt"],
            **changes,
        }
        return Call(method=method, headers={}, query=query, body=envelope.encode())

    @given(said=SAID.filter(lambda said: "]]>" not in said), number=IDS, sender=IDS)
    def test_what_it_writes_we_read(self, said: str, number: str, sender: str) -> None:
        reply = TextReply(source=sender, target=CORP, content=said, time=NOW_S).render()
        message = reply.replace("</xml>", f"<MsgId>{number}</MsgId></xml>")
        envelope = self.app.encrypt_message(message, "nonce", str(NOW_S))
        answer, heard = self.door.take(self.call(envelope), at=NOW)
        assert answer.status == 200
        assert heard is not None
        assert (heard.text, heard.message_id, heard.sender_id) == (said.strip(), number, sender)
        assert heard.sent_at == NOW
        # And nothing of it once the signature, the moment or the nonce is another.
        for changes in (
            {"msg_signature": "0" * 40},
            {"timestamp": str(NOW_S + 1)},
            {"nonce": "other"},
        ):
            refused, nothing = self.door.take(self.call(envelope, **changes), at=NOW)
            assert (refused.status, nothing) == (403, None)

    @given(
        echo=st.text(st.characters(categories=("Nd",), max_codepoint=57), min_size=1, max_size=20)
    )
    def test_it_and_we_verify_an_address_alike(self, echo: str) -> None:
        envelope = self.app.encrypt_message(echo, "nonce", str(NOW_S))
        call = self.call(envelope, method="GET")
        answer, _ = self.door.take(call, at=NOW)
        query = call.query
        theirs = self.app.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        assert answer.body.decode() == theirs == echo

    @given(said=SAID.filter(lambda said: "]]>" not in said and said.strip() == said and said))
    def test_what_we_seal_it_verifies_and_reads(self, said: str) -> None:
        seal = Seal(TOKEN, AES_KEY, CORP)
        fields = {
            "ToUserName": CORP,
            "FromUserName": "xie",
            "CreateTime": str(NOW_S),
            "MsgType": "text",
            "MsgId": "7",
        }
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        encrypt = seal.seal(f"<xml>{inside}<Content><![CDATA[{said}]]></Content></xml>".encode())
        signed = seal.signature(str(NOW_S), "n", encrypt)
        read = parse_message(
            self.app.decrypt_message({"Encrypt": encrypt}, signed, str(NOW_S), "n")
        )
        assert (read.content, read.source) == (said, "xie")
        with pytest.raises(InvalidSignatureException):
            self.app.decrypt_message({"Encrypt": encrypt}, "0" * 40, str(NOW_S), "n")

    @given(said=SAID)
    def test_the_bots_json_under_its_cipher_is_read(self, said: str) -> None:
        body = {
            "msgid": "m",
            "from": {"userid": "u"},
            "chattype": "single",
            "msgtype": "text",
            "text": {"content": said},
        }
        envelope = WeChatCrypto(TOKEN, AES_KEY, "").encrypt_message(
            json.dumps(body), "nonce", str(NOW_S)
        )
        call = self.call(envelope)
        sealed = Call(
            method="POST",
            headers={},
            query=call.query,
            body=json.dumps({"encrypt": call.query["echostr"]}).encode(),
        )
        _, heard = BotCallback(Seal(TOKEN, AES_KEY, ""), Listener(key="county")).take(
            sealed, at=NOW
        )
        assert heard is not None
        assert heard.text == said.strip()


class TestDingTalk:
    """dingtalk-stream: its message, its frames, its acknowledgement."""

    @given(said=SAID, number=IDS, nick=SAID, staff=st.none() | IDS, group=st.booleans())
    def test_what_it_takes_apart_we_take_apart_alike(
        self, said: str, number: str, nick: str, staff: str | None, group: bool
    ) -> None:
        body: dict[str, Any] = {
            "conversationId": "cid1",
            "conversationType": "2" if group else "1",
            "msgId": number,
            "createAt": NOW_S * 1000,
            "senderId": "$:LWCP_v1:$abc",
            "senderNick": nick,
            "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=S",
            "sessionWebhookExpiredTime": NOW_S * 1000 + 5_400_000,
            "msgtype": "text",
            "text": {"content": f" {said} "},
            **({} if staff is None else {"senderStaffId": staff}),
        }
        theirs = ChatbotMessage.from_dict(body)
        for written in (body, json.loads(json.dumps(theirs.to_dict()))):
            ours = heard_by_dingtalk("hall", written)
            assert ours is not None
            assert ours.way_back is not None
            assert ours.message_id == theirs.message_id
            assert ours.sender_id == (theirs.sender_staff_id or theirs.sender_id)
            assert ours.chat == (theirs.conversation_id if group else "")
            assert ours.text == theirs.get_text_list()[0].strip()
            assert ours.way_back.facts == {"session_webhook": theirs.session_webhook}
            assert ours.way_back.until.timestamp() * 1000 == theirs.session_webhook_expired_time

    @given(said=SAID, number=IDS)
    def test_its_handler_and_we_acknowledge_a_frame_alike(self, said: str, number: str) -> None:
        frame = {
            "specVersion": "1.0",
            "type": "CALLBACK",
            "headers": {
                "messageId": number,
                "topic": TOPIC,
                "contentType": "application/json",
                "time": str(NOW_S),
            },
            "data": json.dumps({"text": {"content": said}}),
        }

        class Takes(CallbackHandler):  # type: ignore[misc]
            async def process(self, message: CallbackMessage) -> tuple[int, str]:
                assert message.data["text"]["content"] == said
                return AckMessage.STATUS_OK, "OK"

        theirs = asyncio.run(Takes().raw_process(CallbackMessage.from_dict(frame))).to_dict()
        ours = json.loads(acknowledgement(frame))
        assert ours == theirs


@pytest.fixture(scope="module")
def lark() -> Any:
    """The SDK, quiet."""
    import lark_oapi
    from lark_oapi.core.utils.decryptor import AESCipher
    from lark_oapi.ws.pb import pbbp2_pb2

    logging.getLogger("Lark").setLevel(logging.CRITICAL)
    lark_oapi.decryptor, lark_oapi.frames = AESCipher, pbbp2_pb2
    return lark_oapi


class TestFeishu:
    """lark-oapi: its frames, its cipher, its dispatcher."""

    headers = st.lists(st.tuples(SAID, SAID), max_size=6)

    @given(
        numbers=st.tuples(
            *[st.integers(0, 2**64 - 1)] * 2, *[st.integers(-(2**31), 2**31 - 1)] * 2
        ),
        headers=headers,
        texts=st.tuples(*[st.none() | SAID] * 3),
        payload=st.none() | st.binary(max_size=200),
    )
    def test_a_frame_is_written_and_read_alike(
        self,
        lark: Any,
        numbers: tuple[int, int, int, int],
        headers: list[tuple[str, str]],
        texts: tuple[str | None, str | None, str | None],
        payload: bytes | None,
    ) -> None:
        ours = Frame(
            sequence=numbers[0],
            log=numbers[1],
            service=numbers[2],
            method=numbers[3],
            headers=tuple(headers),
            payload_encoding=texts[0],
            payload_type=texts[1],
            payload=payload,
            log_new=texts[2],
        )
        theirs = lark.frames.Frame()
        theirs.SeqID, theirs.LogID, theirs.service, theirs.method = numbers
        for key, value in headers:
            header = theirs.headers.add()
            header.key, header.value = key, value
        for name, given_text in zip(
            ("payload_encoding", "payload_type", "LogIDNew"), texts, strict=True
        ):
            if given_text is not None:
                setattr(theirs, name, given_text)
        if payload is not None:
            theirs.payload = payload
        assert wire.written(ours) == theirs.SerializeToString()
        assert wire.read(theirs.SerializeToString()) == ours
        read = lark.frames.Frame()
        read.ParseFromString(wire.written(acknowledged(ours, taken=True, milliseconds=3)))
        assert json.loads(read.payload) == {"code": 200}
        assert [header.key for header in read.headers] == [*(key for key, _ in headers), "biz_rt"]

    @given(content=st.binary(max_size=200), key=SAID.filter(bool), broken=st.integers(0, 10_000))
    def test_a_cipher_is_opened_or_refused_alike(
        self, lark: Any, content: bytes, key: str, broken: int
    ) -> None:
        sealed = _sealed(content, key)
        assert (
            opened(base64.b64encode(sealed).decode(), key)
            == lark.decryptor(key).decrypt(sealed)
            == content
        )
        spoilt = bytearray(sealed)
        spoilt[broken % len(spoilt)] ^= 1 + broken % 255
        try:
            theirs = lark.decryptor(key).decrypt(bytes(spoilt))
        except ValueError:
            theirs = None
        assert opened(base64.b64encode(bytes(spoilt)).decode(), key) == theirs

    @settings(max_examples=40)
    @given(said=SAID)
    def test_its_dispatcher_and_our_door_hear_the_same(self, lark: Any, said: str) -> None:
        taken: list[Any] = []
        builder = lark.EventDispatcherHandler.builder(ENCRYPT_KEY, VERIFICATION_TOKEN)
        handler = builder.register_p2_im_message_receive_v1(taken.append).build()
        peer = FeishuPeer.__new__(FeishuPeer)  # its cipher alone, without its servers
        peer.now_ms = NOW_S * 1000
        event = _event(said)
        call = peer.sealed(event)
        ours, heard = _door().take(call, at=NOW)
        assert (ours.status, _their_status(lark, handler, call)) == (200, 200)
        (theirs,) = taken
        assert heard is not None
        assert heard == heard_by_feishu("hall", event, app_id=APP_ID)
        message = theirs.event.message
        assert (heard.message_id, heard.chat) == (message.message_id, message.chat_id)
        assert heard.sender_id == theirs.event.sender.sender_id.open_id
        assert heard.text == json.loads(message.content)["text"].strip()
        assert heard.sent_at.timestamp() * 1000 == int(message.create_time)
        for false in (
            peer.sealed({**event, "header": {**event["header"], "token": "other"}}),
            Call(
                method="POST",
                headers={**call.headers, "x-lark-signature": "0" * 64},
                query={},
                body=call.body,
            ),
            Call(
                method="POST",
                headers=call.headers,
                query={},
                body=call.body.replace(b"encrypt", b"encrypT"),
            ),
        ):
            refused, nothing = _door().take(false, at=NOW)
            assert (refused.status, nothing) == (403, None)
            assert _their_status(lark, handler, false) == 500
        assert len(taken) == 1

    def test_a_challenge_is_answered_alike(self, lark: Any) -> None:
        handler = lark.EventDispatcherHandler.builder(ENCRYPT_KEY, VERIFICATION_TOKEN).build()
        peer = FeishuPeer.__new__(FeishuPeer)
        peer.now_ms = NOW_S * 1000
        asked = {
            "challenge": "ajls384kdjx98XX",
            "token": VERIFICATION_TOKEN,
            "type": "url_verification",
        }
        call = peer.sealed(asked, signed=False)
        ours, _ = _door().take(call, at=NOW)
        theirs = handler.do(_request(lark, call))
        assert (
            json.loads(ours.body) == json.loads(theirs.content) == {"challenge": "ajls384kdjx98XX"}
        )


def _door() -> EventCallback:
    return EventCallback(
        "hall", app_id=APP_ID, encrypt_key=ENCRYPT_KEY, verification_token=VERIFICATION_TOKEN
    )


def _request(lark: Any, call: Call) -> Any:
    request = lark.RawRequest()
    request.uri, request.body = "/callback/feishu/hall", call.body
    # A plain dict of theirs knows the names only as they are written in their documentation.
    request.headers = {
        "-".join(part.capitalize() for part in name.split("-")): value
        for name, value in call.headers.items()
    }
    return request


def _their_status(lark: Any, handler: Any, call: Call) -> int:
    return int(handler.do(_request(lark, call)).status_code)


def _event(said: str) -> dict[str, Any]:
    return {
        "schema": "2.0",
        "header": {
            "event_id": "evt-1",
            "event_type": "im.message.receive_v1",
            "create_time": str(NOW_S * 1000 + 100),
            "token": VERIFICATION_TOKEN,
            "app_id": APP_ID,
            "tenant_key": "tenant0001",
        },
        "event": {
            "sender": {
                "sender_id": {"union_id": "on_1", "user_id": "zhangsan", "open_id": "ou_zhangsan"},
                "sender_type": "user",
            },
            "message": {
                "message_id": "om_1",
                "create_time": str(NOW_S * 1000),
                "chat_id": "oc_1",
                "chat_type": "group",
                "message_type": "text",
                "content": json.dumps({"text": said}, ensure_ascii=False),
            },
        },
    }


def _sealed(content: bytes, key: str) -> bytes:
    import hashlib

    from cryptography.hazmat.primitives import padding
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(
        algorithms.AES(hashlib.sha256(key.encode()).digest()), modes.CBC(bytes(16))
    ).encryptor()
    return (
        bytes(16)
        + encryptor.update(padder.update(content) + padder.finalize())
        + encryptor.finalize()
    )
