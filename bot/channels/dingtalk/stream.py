"""Stream mode of DingTalk: register, connect with the ticket, hear, acknowledge what is stored; no
public address is needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from bot.channels.dingtalk.message import heard
from bot.channels.http import Http, Response, foreign
from bot.channels.inbound import Hear
from bot.channels.received import object_of, part
from bot.channels.reconnecting import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    ConnectionBroken,
    ConnectionReplaced,
    NotAccepted,
    ReconnectingConnection,
)
from bot.domain.notices.answer import Refused

API = "https://api.dingtalk.com"
PATH = "/v1.0/gateway/connections/open"
TOPIC = "/v1.0/im/bot/messages/get"
SUFFIXES = (".dingtalk.com",)
WRONG_SECRET = frozenset({"authFailed", "invalidClientIdOrSecret"})


class StreamConnection(ReconnectingConnection):
    """One app's connection in Stream mode."""

    def __init__(
        self,
        robot: str,
        http: Http,
        *,
        client_id: str,
        client_secret: str,
        api: str = API,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ) -> None:
        super().__init__(now=now, pauses=pauses)
        self.robot = robot
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._api = api

    def _address(self) -> str:
        endpoint = self._http.api(self._api, own=("api.dingtalk.com",), secret=self._client_secret)
        if isinstance(endpoint, Refused):
            raise NotAccepted(endpoint.detail)
        reply = self._http.post(
            endpoint,
            PATH,
            {
                "clientId": self._client_id,
                "clientSecret": self._client_secret,
                "subscriptions": [{"type": "CALLBACK", "topic": TOPIC}],
                "ua": "diaodu",
                "localIp": "127.0.0.1",
            },
        )
        if not isinstance(reply, Response):
            raise ConnectionBroken(reply.detail)
        if reply.status == 401 or reply.answer.get("code") in WRONG_SECRET:
            said = foreign(
                f"{reply.answer.get('code', '')} {reply.answer.get('message', '')}", endpoint
            )
            raise NotAccepted(f"the platform does not accept the app's id or secret ({said})")
        place, ticket = reply.answer.get("endpoint"), reply.answer.get("ticket")
        if (
            reply.status != 200
            or not isinstance(place, str)
            or not isinstance(ticket, str)
            or not ticket
        ):
            raise ConnectionBroken(f"no connection was offered (HTTP {reply.status})")
        if not self._http.may_connect(place, under=SUFFIXES):
            raise ConnectionBroken("the connection offered leads to a host that is not allowed")
        return f"{place}{'&' if '?' in place else '?'}ticket={quote_plus(ticket)}"

    def _listen(self, socket: ClientConnection, hear: Hear) -> None:
        while not self._stopping.is_set():
            try:
                frame = object_of(socket.recv())
            except ConnectionClosed:
                return
            headers = part(frame or {}, "headers")
            if frame is None or not isinstance(headers.get("messageId"), str):
                continue
            if frame.get("type") == "CALLBACK" and headers.get("topic") == TOPIC:
                data = frame.get("data")
                body = object_of(data) if isinstance(data, str) else None
                if not self._stored(heard(self.robot, body) if body is not None else None, hear):
                    continue  # not acknowledged, it comes again
            socket.send(acknowledgement(frame))
            if frame.get("type") == "SYSTEM" and headers.get("topic") == "disconnect":
                raise ConnectionReplaced


def acknowledgement(frame: Mapping[str, Any]) -> str:
    """What a frame is answered: the platform's own data for its ping and its events, that it was
    taken for a message.
    """
    message = frame.get("type") == "CALLBACK"
    data = frame.get("data")
    return json.dumps(
        {
            "code": 200,
            "headers": {
                "contentType": "application/json",
                "messageId": part(frame, "headers").get("messageId"),
            },
            "message": "" if message else "OK",
            "data": '{"response": "OK"}' if message else data if isinstance(data, str) else "{}",
        },
        ensure_ascii=False,
    )
