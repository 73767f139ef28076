"""DingTalk's side of a robot that hears: Stream mode, callbacks with signed headers, and the
session webhooks of its messages.

Written from the platform's documentation, not from our code; what its pages do not say is what
people saw.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from bot.channels.inbound import Call
from tests.platforms.loopback import Answered, Peer, as_json

CLIENT_ID, CLIENT_SECRET = "dingclient0001", "Client-Secret-that-nobody-may-see"
TOPIC = "/v1.0/im/bot/messages/get"


@dataclass
class Sent:
    """A message on its way to the robot: how often it was delivered, and under which frame it was
    acknowledged.
    """

    body: dict[str, Any]
    frames: list[str] = field(default_factory=list)
    acknowledged: str | None = None


class DingTalkPeer(Peer[Sent]):
    """The platform."""

    def __init__(self, *, now_ms: int) -> None:
        super().__init__(now_ms=now_ms)
        self.answers: list[tuple[str, dict[str, Any]]] = []
        self.sessions: dict[str, int] = {}
        self.tickets: list[str] = []
        self.system_answers: list[dict[str, Any]] = []

    # What people and the platform do

    def says(self, text: str, **others: Any) -> str:
        """Somebody calls the robot in the group; the number of the message. Delivered once, if
        anybody is connected.
        """
        number = f"msg{next(self._numbers)}=="
        session = f"SESSION{number}"
        self.sessions[session] = self.now_ms + 5_400_000
        body = {
            "conversationId": "cid0001==",
            "conversationType": "2",
            "conversationTitle": "专班群",
            "msgId": number,
            "createAt": self.now_ms,
            "senderId": "$:LWCP_v1:$abc",
            "senderStaffId": "manager0001",
            "senderNick": "张三",
            "sessionWebhook": f"{self.origin}/robot/sendBySession?session={session}",
            "sessionWebhookExpiredTime": self.sessions[session],
            "msgtype": "text",
            "text": {"content": f" {text} "},
            "robotCode": "dingrobot0001",
            **others,
        }
        self.sent[number] = Sent(body)
        self.deliver(number)
        return number

    def deliver(self, number: str) -> None:
        """One delivery, with a frame number of its own, to the connection if there is one."""
        with self._changed:
            if self._connection is None:
                return
            frame = f"frame-{next(self._numbers)}"
            self.sent[number].frames.append(frame)
            self._send("CALLBACK", TOPIC, frame, self.sent[number].body)

    def system(self, topic: str, data: Mapping[str, Any]) -> None:
        """A frame of the platform itself."""
        with self._changed:
            self._send("SYSTEM", topic, f"sys-{next(self._numbers)}", data)

    def raw(self, frame: str | bytes) -> None:
        """Bytes that no platform sends."""
        with self._changed:
            assert self._connection is not None
            self._connection.send(frame)

    def call(self, number: str, *, secret: str, at_ms: int | None = None) -> Call:
        """The same message as a callback."""
        timestamp = str(self.now_ms if at_ms is None else at_ms)
        signature = hmac.new(
            secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256
        ).digest()
        return Call(
            method="POST",
            headers={"timestamp": timestamp, "sign": base64.b64encode(signature).decode()},
            query={},
            body=json.dumps(self.sent[number].body, ensure_ascii=False).encode(),
        )

    # The protocol

    def _send(self, kind: str, topic: str, frame: str, data: Mapping[str, Any]) -> None:
        assert self._connection is not None
        headers = {
            "topic": topic,
            "messageId": frame,
            "contentType": "application/json",
            "time": str(self.now_ms),
        }
        written = {
            "specVersion": "1.0",
            "type": kind,
            "headers": headers,
            "data": json.dumps(data, ensure_ascii=False),
        }
        with suppress(ConnectionClosed):
            self._connection.send(json.dumps(written, ensure_ascii=False))

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        asked = json.loads(body)
        parts = urlsplit(path)
        if parts.path == "/v1.0/gateway/connections/open":
            return self._register(asked, headers)
        if parts.path == "/robot/sendBySession":
            return self._session(parse_qs(parts.query).get("session", [""])[0], asked)
        return as_json({}, 404)

    def _register(self, asked: Mapping[str, Any], headers: Mapping[str, str]) -> Answered:
        if self.refuse_with:
            return self.refuse_with.pop(0)
        if not headers["content-type"].startswith("application/json"):
            self.faults.append("registered with another content type")
        if (asked.get("clientId"), asked.get("clientSecret")) != (CLIENT_ID, CLIENT_SECRET):
            return as_json(
                {"code": "authFailed", "message": f"鉴权失败 {asked.get('clientSecret')}"}, 401
            )
        if asked.get("subscriptions") != [{"type": "CALLBACK", "topic": TOPIC}]:
            self.faults.append("subscribed to something else")
        ticket = f"ticket+{len(self.tickets)}/=="
        self.tickets.append(ticket)
        self._tickets.add(ticket)
        return as_json(
            {"endpoint": self.offer or f"{self._loopback.socket_address}/connect", "ticket": ticket}
        )

    def _session(self, session: str, asked: Mapping[str, Any]) -> Answered:
        if self.answer_with:
            return self.answer_with.pop(0)
        if self.sessions.get(session, 0) <= self.now_ms:
            return as_json({"errcode": 300001, "errmsg": f"session {session} 不存在或已过期"})
        if asked.get("msgtype") != "text" or not isinstance(
            asked.get("text", {}).get("content"), str
        ):
            return as_json({"errcode": 400105, "errmsg": "msgtype"})
        self.answers.append((session, dict(asked)))
        return as_json({"errcode": 0, "errmsg": "ok"})

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if urlsplit(request.path).path != "/connect":
            self.faults.append("connected without a good ticket")
            return connection.respond(HTTPStatus.UNAUTHORIZED, "")
        return super()._admit(connection, request)

    def _is_taken(self, sent: Sent) -> bool:
        return sent.acknowledged is not None

    def _heard(self, frame: str | bytes) -> None:
        told = json.loads(frame)
        number = told["headers"]["messageId"]
        if told["headers"]["contentType"] != "application/json" or not isinstance(
            told["data"], str
        ):
            self.faults.append("an acknowledgement of another shape")
        json.loads(told["data"])
        if number.startswith("sys-"):
            self.system_answers.append(told)
        for sent in self.sent.values():
            if number in sent.frames and told["code"] == 200:
                sent.acknowledged = number
