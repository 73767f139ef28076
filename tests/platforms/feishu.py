"""Feishu's side of an app that hears: the long connection in protobuf frames, encrypted callbacks, tokens and replies.

Written from the platform's documentation, not from our code: it writes and reads its frames by a way of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from bot.channels.heard import Call
from tests.platforms.loopback import PATIENCE, Answered, Loopback, as_json

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
        pair[1].decode(): pair[2].decode() for number, value in fields if number == 5 for pair in [dict(get(value))]
    }


@dataclass
class Sent:
    """An event on its way to the app, and what its deliveries were answered."""

    event: dict[str, Any]
    codes: list[int] = field(default_factory=list)


class FeishuPeer:
    """The platform. Nothing is delivered again but by `redeliver`, so a test says when the platform's patience ends."""

    def __init__(self, *, now_ms: int) -> None:
        self.now_ms = now_ms
        self.sent: dict[str, Sent] = {}
        self.replies: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.expire = 7_200
        self.opened = 0
        self.pings = 0
        self.faults: list[str] = []  # what a strict platform would not have taken
        self.refuse_with: list[Answered] = []  # what the next requests for a place are answered
        self.turn_away_with: list[dict[str, str]] = []  # the headers of the next refused handshakes
        self.answer_with: list[Answered] = []  # what the next replies are answered
        self.lose: list[bool] = []  # whether the next replies are taken and their answers lost
        self.offer: str | None = None
        self.config: dict[str, Any] = {
            "ReconnectCount": -1,
            "ReconnectInterval": 120,
            "ReconnectNonce": 30,
            "PingInterval": 120,
        }
        self._tickets: set[str] = set()
        self._numbers = count(1)
        self._changed = threading.Condition()
        self._connection: ServerConnection | None = None
        self._loopback = Loopback(self._answer, self._converse, self._admit)
        self.origin, self.socket_origin = self._loopback.origin, self._loopback.socket_origin

    def __enter__(self) -> FeishuPeer:
        self._loopback.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loopback.stop()

    # What people and the platform do

    def says(self, text: str, *, parts: int = 1, **message: Any) -> str:
        """Somebody writes in the group; the number of the message. Delivered once, if anybody is connected."""
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
                        "sender_id": {"union_id": "on_zhangsan", "user_id": "zhangsan", "open_id": "ou_zhangsan"},
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
        """One delivery to the connection if there is one, in so many parts, the last first; `only` some of them."""
        payload = json.dumps(self.sent[number].event, ensure_ascii=False).encode()
        size = -(-len(payload) // parts)
        with self._changed:
            if self._connection is None:
                return
            for at in reversed(range(parts)):
                if only is None or at in only:
                    self.frame(number, payload[at * size : (at + 1) * size], total=parts, at=at)

    def frame(self, number: str, payload: bytes, *, kind: str = "event", total: int = 1, at: int = 0) -> None:
        """One data frame."""
        told = {"type": kind, "message_id": number, "trace_id": "trace", "sum": str(total), "seq": str(at)}
        headers: Fields = [(5, [(1, key.encode()), (2, value.encode())]) for key, value in told.items()]
        self.raw(put([(1, 7), (2, 123456789), (3, SERVICE), (4, 1), *headers, (8, payload), (9, b"log")]))

    def raw(self, content: str | bytes) -> None:
        """These bytes to the connection."""
        assert self._connection is not None
        with suppress(ConnectionClosed):
            self._connection.send(content)

    def redeliver(self) -> int:
        """Everything not acknowledged once more; how many."""
        waiting = [number for number, sent in self.sent.items() if 200 not in sent.codes]
        for number in waiting:
            self.deliver(number)
        return len(waiting)

    def drop(self) -> None:
        """Cuts the line without a word."""
        with self._changed:
            connection, self._connection = self._connection, None
        assert connection is not None
        with suppress(OSError):
            connection.socket.shutdown(2)

    def call(self, number: str, *, at_ms: int | None = None) -> Call:
        """The same event as a callback, encrypted and signed."""
        return self.sealed(self.sent[number].event, at_ms=at_ms)

    def sealed(self, content: Mapping[str, Any], *, at_ms: int | None = None, signed: bool = True) -> Call:
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

    def wait(self, until: Callable[[], bool]) -> None:
        """Until something has happened."""
        with self._changed:
            assert self._changed.wait_for(until, PATIENCE), "it never happened"

    def wait_open(self, times: int = 1) -> None:
        """Until the app has connected for so many times and is connected."""
        self.wait(lambda: self.opened >= times and self._connection is not None)

    # The protocol

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        asked = json.loads(body)
        if path == "/callback/ws/endpoint":
            return self._place(asked)
        if path == "/open-apis/auth/v3/tenant_access_token/internal":
            if (asked.get("app_id"), asked.get("app_secret")) != (APP_ID, APP_SECRET):
                return as_json({"code": 10014, "msg": f"app secret invalid {asked.get('app_secret')}"})
            self.tokens.append(f"t-{len(self.tokens)}-secret-token")
            return as_json({"code": 0, "msg": "ok", "tenant_access_token": self.tokens[-1], "expire": self.expire})
        pieces = path.split("/")
        if path.startswith("/open-apis/im/v1/messages/") and path.endswith("/reply") and len(pieces) == 7:
            return self._reply(pieces[5], asked, headers)
        return as_json({"code": 99991400, "msg": "no such path"}, 404)

    def _place(self, asked: Mapping[str, Any]) -> Answered:
        if self.refuse_with:
            return self.refuse_with.pop(0)
        if asked != {"AppID": APP_ID, "AppSecret": APP_SECRET}:
            return as_json({"code": 514, "msg": f"app_id or app_secret is invalid {asked.get('AppSecret')}"})
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        place = f"{self._loopback.socket_address}/ws/v2?device_id=1&service_id={SERVICE}&ticket={ticket}"
        return as_json({"code": 0, "msg": "", "data": {"URL": self.offer or place, "ClientConfig": self.config}})

    def _reply(self, number: str, asked: Mapping[str, Any], headers: Mapping[str, str]) -> Answered:
        if headers.get("authorization") != f"Bearer {self.tokens[-1]}":
            return as_json({"code": 99991663, "msg": "Invalid access token for authorization"}, 400)
        if self.answer_with:
            return self.answer_with.pop(0)
        if number not in self.sent:
            return as_json({"code": 230011, "msg": "message was withdrawn"}, 400)
        if asked.get("msg_type") != "text" or not isinstance(json.loads(asked["content"])["text"], str):
            return as_json({"code": 230001, "msg": "param is invalid"}, 400)
        if not 0 < len(asked["uuid"]) <= 50:
            return as_json({"code": 230001, "msg": "uuid"}, 400)
        # Under one uuid one message within the hour.
        if all(asked["uuid"] != reply["uuid"] for reply in self.replies):
            self.replies.append({"to": number, "text": json.loads(asked["content"])["text"], "uuid": asked["uuid"]})
        if self.lose and self.lose.pop(0):
            return 502, {}, b"<html>"
        return as_json({"code": 0, "msg": "success", "data": {"message_id": "om_reply"}})

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.turn_away_with:
            refused = connection.respond(HTTPStatus.BAD_REQUEST, "")
            for name, value in self.turn_away_with.pop(0).items():
                refused.headers[name] = value
            return refused
        tickets = parse_qs(urlsplit(request.path).query).get("ticket", [])
        if len(tickets) != 1 or tickets[0] not in self._tickets:
            self.faults.append("connected without a good ticket")
            return connection.respond(HTTPStatus.UNAUTHORIZED, "")
        self._tickets.discard(tickets[0])
        return None

    def _converse(self, connection: ServerConnection) -> None:
        with self._changed:
            self._connection = connection
            self.opened += 1
            self._changed.notify_all()
        try:
            for content in connection:
                assert isinstance(content, bytes)
                self._taken(get(content))
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                if self._connection is connection:
                    self._connection = None
                self._changed.notify_all()

    def _taken(self, fields: Fields) -> None:
        with self._changed:
            found, headers = dict(fields), _headers(fields)
            if found[3] != SERVICE:
                self.faults.append("a frame for another service")
            if found[4] == 0:
                self.pings += headers == {"type": "ping"}
                pong = json.dumps(self.config).encode()
                self.raw(put([(1, 0), (2, 0), (3, SERVICE), (4, 0), (5, [(1, b"type"), (2, b"pong")]), (8, pong)]))
            else:
                code = json.loads(found[8])["code"]
                # An acknowledgement is the frame itself: its numbers, its headers, its log.
                if (found[1], found[2], found[9], headers["trace_id"]) != (7, 123456789, b"log", "trace"):
                    self.faults.append("an acknowledgement that is not the frame itself")
                if (code == 200) != ("biz_rt" in headers):
                    self.faults.append("a time where there is none, or none where there is one")
                if headers["message_id"] in self.sent:
                    self.sent[headers["message_id"]].codes.append(code)
            self._changed.notify_all()
