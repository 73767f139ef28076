"""Feishu's side of an app that hears: the long connection in protobuf frames, encrypted callbacks,
tokens and replies.

Written from the platform's documentation, not from our code: it writes and reads its frames by a
way of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from bot.channels.inbound import Call
from tests.platforms.loopback import Answered, Peer, as_json

APP_ID, APP_SECRET = "cli_app0001", "App-Secret-that-nobody-may-see"
ENCRYPT_KEY, VERIFICATION_TOKEN = "kudryavka-2026", "vtoken-0001"
SERVICE = 33554678
Fields = list[tuple[int, Any]]


def put(fields: Fields) -> bytes:
    """Protobuf out of numbered values: whole numbers, bytes, or fields within."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += bytes([number << 3]) + _varint(value)
        else:
            inner = put(value) if isinstance(value, list) else value
            out += bytes([number << 3 | 2]) + _varint(len(inner)) + inner
    return out


def get(content: bytes) -> Fields:
    """Numbered values out of protobuf; only the two kinds that these frames have."""
    fields: Fields = []
    rest = list(content)
    while rest:
        key = rest.pop(0)
        value = _taken(rest)
        if key & 7 == 2:
            fields.append((key >> 3, bytes(rest[:value])))
            assert len(rest) >= value
            rest = rest[value:]
        else:
            assert key & 7 == 0
            fields.append((key >> 3, value))
    return fields


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value % 128 + 128]) + _varint(value // 128)


def _taken(rest: list[int]) -> int:
    byte = rest.pop(0)
    return byte if byte < 128 else byte - 128 + 128 * _taken(rest)


def _headers(fields: Fields) -> dict[str, str]:
    return {
        pair[1].decode(): pair[2].decode()
        for number, value in fields
        if number == 5
        for pair in [dict(get(value))]
    }


@dataclass
class Sent:
    """An event on its way to the app, and what its deliveries were answered."""

    event: dict[str, Any]
    codes: list[int] = field(default_factory=list)


class FeishuPeer(Peer[Sent]):
    """The platform."""

    def __init__(self, *, now_ms: int) -> None:
        super().__init__(now_ms=now_ms)
        self.replies: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.expire = 7_200
        self.pings = 0
        self.turn_away_with: list[dict[str, str]] = []  # the headers of the next refused handshakes
        self.lose: list[bool] = []  # whether the next replies are taken and their answers lost
        self.config: dict[str, Any] = {
            "ReconnectCount": -1,
            "ReconnectInterval": 120,
            "ReconnectNonce": 30,
            "PingInterval": 120,
        }

    # What people and the platform do

    def says(self, text: str, *, parts: int = 1, **message: Any) -> str:
        """Somebody writes in the group; the number of the message. Delivered once, if anybody is
        connected.
        """
        number = f"om_{next(self._numbers):04}"
        self.sent[number] = Sent(
            {
                "schema": "2.0",
                "header": {
                    "event_id": f"evt-{number}",
                    "event_type": "im.message.receive_v1",
                    "create_time": str(self.now_ms + 100),
                    "token": VERIFICATION_TOKEN,
                    "app_id": APP_ID,
                    "tenant_key": "tenant0001",
                },
                "event": {
                    "sender": {
                        "sender_id": {
                            "union_id": "on_zhangsan",
                            "user_id": "zhangsan",
                            "open_id": "ou_zhangsan",
                        },
                        "sender_type": "user",
                    },
                    "message": {
                        "message_id": number,
                        "create_time": str(self.now_ms),
                        "chat_id": "oc_group0001",
                        "chat_type": "group",
                        "message_type": "text",
                        "content": json.dumps({"text": text}, ensure_ascii=False),
                        **message,
                    },
                },
            }
        )
        self.deliver(number, parts=parts)
        return number

    def deliver(self, number: str, *, parts: int = 1, only: tuple[int, ...] | None = None) -> None:
        """One delivery to the connection if there is one, in so many parts, the last first; `only`
        some of them.
        """
        payload = json.dumps(self.sent[number].event, ensure_ascii=False).encode()
        size = -(-len(payload) // parts)
        with self._changed:
            if self._connection is None:
                return
            for at in reversed(range(parts)):
                if only is None or at in only:
                    self.frame(number, payload[at * size : (at + 1) * size], total=parts, at=at)

    def frame(
        self, number: str, payload: bytes, *, kind: str = "event", total: int = 1, at: int = 0
    ) -> None:
        """One data frame."""
        told = {
            "type": kind,
            "message_id": number,
            "trace_id": "trace",
            "sum": str(total),
            "seq": str(at),
        }
        headers: Fields = [
            (5, [(1, key.encode()), (2, value.encode())]) for key, value in told.items()
        ]
        self.raw(
            put([(1, 7), (2, 123456789), (3, SERVICE), (4, 1), *headers, (8, payload), (9, b"log")])
        )

    def raw(self, content: str | bytes) -> None:
        """These bytes to the connection."""
        assert self._connection is not None
        with suppress(ConnectionClosed):
            self._connection.send(content)

    def call(self, number: str, *, at_ms: int | None = None) -> Call:
        """The same event as a callback, encrypted and signed."""
        return self.sealed(self.sent[number].event, at_ms=at_ms)

    def sealed(
        self, content: Mapping[str, Any], *, at_ms: int | None = None, signed: bool = True
    ) -> Call:
        """Any content as a callback."""
        clear = json.dumps(content, ensure_ascii=False).encode()
        pad = 16 - len(clear) % 16
        iv = bytes(range(16))
        key = hashlib.sha256(ENCRYPT_KEY.encode()).digest()
        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        raw = iv + encryptor.update(clear + bytes([pad]) * pad) + encryptor.finalize()
        body = json.dumps({"encrypt": base64.b64encode(raw).decode()}).encode()
        timestamp = str((self.now_ms if at_ms is None else at_ms) // 1000)
        right = hashlib.sha256(f"{timestamp}nonce{ENCRYPT_KEY}".encode() + body).hexdigest()
        headers = {
            "x-lark-request-timestamp": timestamp,
            "x-lark-request-nonce": "nonce",
            "x-lark-signature": right,
        }
        return Call(method="POST", headers=headers if signed else {}, query={}, body=body)

    # The protocol

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        asked = json.loads(body)
        if path == "/callback/ws/endpoint":
            return self._place(asked)
        if path == "/open-apis/auth/v3/tenant_access_token/internal":
            if (asked.get("app_id"), asked.get("app_secret")) != (APP_ID, APP_SECRET):
                return as_json(
                    {"code": 10014, "msg": f"app secret invalid {asked.get('app_secret')}"}
                )
            self.tokens.append(f"t-{len(self.tokens)}-secret-token")
            return as_json(
                {
                    "code": 0,
                    "msg": "ok",
                    "tenant_access_token": self.tokens[-1],
                    "expire": self.expire,
                }
            )
        pieces = path.split("/")
        if (
            path.startswith("/open-apis/im/v1/messages/")
            and path.endswith("/reply")
            and len(pieces) == 7
        ):
            return self._reply(pieces[5], asked, headers)
        return as_json({"code": 99991400, "msg": "no such path"}, 404)

    def _place(self, asked: Mapping[str, Any]) -> Answered:
        if self.refuse_with:
            return self.refuse_with.pop(0)
        if asked != {"AppID": APP_ID, "AppSecret": APP_SECRET}:
            return as_json(
                {"code": 514, "msg": f"app_id or app_secret is invalid {asked.get('AppSecret')}"}
            )
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        place = f"{self._loopback.socket_address}/ws/v2?device_id=1&service_id={SERVICE}&ticket={ticket}"
        return as_json(
            {
                "code": 0,
                "msg": "",
                "data": {"URL": self.offer or place, "ClientConfig": self.config},
            }
        )

    def _reply(self, number: str, asked: Mapping[str, Any], headers: Mapping[str, str]) -> Answered:
        if headers.get("authorization") != f"Bearer {self.tokens[-1]}":
            return as_json({"code": 99991663, "msg": "Invalid access token for authorization"}, 400)
        if self.answer_with:
            return self.answer_with.pop(0)
        if number not in self.sent:
            return as_json({"code": 230011, "msg": "message was withdrawn"}, 400)
        if asked.get("msg_type") != "text" or not isinstance(
            json.loads(asked["content"])["text"], str
        ):
            return as_json({"code": 230001, "msg": "param is invalid"}, 400)
        if not 0 < len(asked["uuid"]) <= 50:
            return as_json({"code": 230001, "msg": "uuid"}, 400)
        # Under one uuid one message within the hour.
        if all(asked["uuid"] != reply["uuid"] for reply in self.replies):
            self.replies.append(
                {"to": number, "text": json.loads(asked["content"])["text"], "uuid": asked["uuid"]}
            )
        if self.lose and self.lose.pop(0):
            return 502, {}, b"<html>"
        return as_json({"code": 0, "msg": "success", "data": {"message_id": "om_reply"}})

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.turn_away_with:
            refused = connection.respond(HTTPStatus.BAD_REQUEST, "")
            for name, value in self.turn_away_with.pop(0).items():
                refused.headers[name] = value
            return refused
        return super()._admit(connection, request)

    def _is_taken(self, sent: Sent) -> bool:
        return 200 in sent.codes

    def _heard(self, frame: str | bytes) -> None:
        assert isinstance(frame, bytes)
        fields = get(frame)
        found, headers = dict(fields), _headers(fields)
        if found[3] != SERVICE:
            self.faults.append("a frame for another service")
        if found[4] == 0:
            self.pings += headers == {"type": "ping"}
            pong = json.dumps(self.config).encode()
            self.raw(
                put(
                    [
                        (1, 0),
                        (2, 0),
                        (3, SERVICE),
                        (4, 0),
                        (5, [(1, b"type"), (2, b"pong")]),
                        (8, pong),
                    ]
                )
            )
        else:
            code = json.loads(found[8])["code"]
            # An acknowledgement is the frame itself: its numbers, its headers, its log.
            if (found[1], found[2], found[9], headers["trace_id"]) != (
                7,
                123456789,
                b"log",
                "trace",
            ):
                self.faults.append("an acknowledgement that is not the frame itself")
            if (code == 200) != ("biz_rt" in headers):
                self.faults.append("a time where there is none, or none where there is one")
            if headers["message_id"] in self.sent:
                self.sent[headers["message_id"]].codes.append(code)
