"""The long connection (长连接) of a Feishu app: protobuf frames, pings as the platform asks, 200
for what is stored, 500 for the rest.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from bot.channels.feishu import frame as wire
from bot.channels.feishu.app import API
from bot.channels.feishu.frame import Frame
from bot.channels.feishu.message import heard
from bot.channels.http import FEISHU_HOSTS, Http, Response, foreign
from bot.channels.inbound import Hear
from bot.channels.received import MOST_BYTES, object_of, part
from bot.channels.reconnecting import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    ConnectionBroken,
    NotAccepted,
    ReconnectingConnection,
)
from bot.domain.notices.answer import Refused

PATH = "/callback/ws/endpoint"
SUFFIXES = (".feishu.cn", ".larksuite.com")
LASTING_NO = frozenset({514, 403, 1000040350})
"""Wrong id or secret, forbidden, too many connections: none of them mends itself."""

PING_EVERY = 120.0
PINGS_LOST = 3
PARTS_KEPT = 5.0
MOST_PARTS = 64
MOST_UNJOINED = 16


@dataclass
class _Parts:
    """The parts of one payload that have come so far."""

    since: float
    found: dict[int, bytes] = field(default_factory=dict)


class Joiner:
    """Joins payloads that came in parts. What is not whole in five seconds is forgotten:
    unacknowledged, it comes again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, _Parts] = {}

    def whole(self, frame: Frame) -> bytes | None:
        """The whole payload if this frame completes one."""
        payload = frame.payload or b""
        total, number = _count(frame.header("sum")) or 1, _count(frame.header("seq")) or 0
        if total == 1:
            return payload
        now = self._clock()
        for key in [key for key, parts in self._waiting.items() if now - parts.since > PARTS_KEPT]:
            del self._waiting[key]
        if total > MOST_PARTS or number >= total:
            return None
        key = frame.header("message_id")
        if key not in self._waiting and len(self._waiting) >= MOST_UNJOINED:
            del self._waiting[next(iter(self._waiting))]
        parts = self._waiting.setdefault(key, _Parts(since=now))
        parts.found[number] = payload
        if sum(map(len, parts.found.values())) > MOST_BYTES:
            del self._waiting[key]
            return None
        if any(at not in parts.found for at in range(total)):
            return None
        del self._waiting[key]
        return b"".join(parts.found[at] for at in range(total))


class AppConnection(ReconnectingConnection):
    """One app's long connection."""

    def __init__(
        self,
        robot: str,
        http: Http,
        *,
        app_id: str,
        secret: str,
        name: str | None = None,
        api: str = API,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ) -> None:
        super().__init__(now=now, pauses=pauses)
        self.robot = robot
        self._http = http
        self._app_id = app_id
        self._secret = secret
        self._name = name
        self._api = api
        self._service = 0
        self._ping_every = PING_EVERY

    def _address(self) -> str:
        endpoint = self._http.api(self._api, own=FEISHU_HOSTS, secret=self._secret)
        if isinstance(endpoint, Refused):
            raise NotAccepted(endpoint.detail)
        reply = self._http.post(
            endpoint,
            PATH,
            {"AppID": self._app_id, "AppSecret": self._secret},
            headers={"locale": "zh"},
        )
        if not isinstance(reply, Response):
            raise ConnectionBroken(reply.detail)
        code = reply.code("code")
        if code in LASTING_NO:
            said = foreign(reply.answer.get("msg", ""), endpoint)
            raise NotAccepted(f"the platform does not accept the app's connection ({code} {said})")
        place = part(reply.answer, "data").get("URL")
        if code != 0 or reply.status != 200 or not isinstance(place, str):
            raise ConnectionBroken(f"no connection was offered (HTTP {reply.status}, code {code})")
        if not self._http.may_connect(place, under=SUFFIXES):
            raise ConnectionBroken("the connection offered leads to a host that is not allowed")
        self._configure(part(part(reply.answer, "data"), "ClientConfig"))
        service = parse_qs(urlsplit(place).query).get("service_id", [""])[0]
        self._service = _count(service) or 0
        return place

    def _turned_away(self, headers: Mapping[str, str]) -> None:
        for name in ("Handshake-Autherrcode", "Handshake-Status"):
            if (code := _count(headers.get(name, ""))) in LASTING_NO:
                raise NotAccepted(f"the platform does not accept the app's connection ({code})")

    def _configure(self, config: Mapping[str, Any]) -> None:
        every = config.get("PingInterval")
        if isinstance(every, int) and not isinstance(every, bool) and 0 < every <= 600:
            self._ping_every = float(every)

    def _listen(self, socket: ClientConnection, hear: Hear) -> None:
        joiner = Joiner()
        last_frame, last_ping = time.monotonic(), float("-inf")
        while not self._stopping.is_set():
            now = time.monotonic()
            if now - last_frame > PINGS_LOST * self._ping_every:
                raise ConnectionBroken("nothing came back to several pings")
            try:
                if now - last_ping >= self._ping_every:
                    socket.send(
                        wire.written(
                            Frame(service=self._service, method=wire.CONTROL, headers=PING)
                        )
                    )
                    last_ping = now
                content = socket.recv(timeout=max(last_ping + self._ping_every - now, 0.01))
            except TimeoutError:
                continue
            except ConnectionClosed:
                return
            last_frame = time.monotonic()
            try:
                frame = wire.read(content.encode() if isinstance(content, str) else content)
            except wire.NoFrame:
                continue
            answer = self._answered(frame, joiner, hear)
            if answer is not None:
                socket.send(wire.written(answer))

    def _answered(self, frame: Frame, joiner: Joiner, hear: Hear) -> Frame | None:
        """What a frame is answered, after what it says was stored; None when that is nothing."""
        if frame.method == wire.CONTROL:
            if frame.header("type") == "pong" and frame.payload:
                self._configure(object_of(frame.payload) or {})
            return None
        if frame.method != wire.DATA:
            return None
        began = time.monotonic()
        content = joiner.whole(frame)
        if content is None:
            return None
        event = object_of(content) if frame.header("type") == "event" else None
        said = (
            heard(self.robot, event, app_id=self._app_id, name=self._name)
            if event is not None
            else None
        )
        if not self._stored(said, hear):
            return acknowledged(frame, taken=False)
        return acknowledged(frame, taken=True, milliseconds=int((time.monotonic() - began) * 1000))


PING = (("type", "ping"),)


def acknowledged(frame: Frame, *, taken: bool, milliseconds: int = 0) -> Frame:
    """The frame itself as its acknowledgement; 500 asks the platform to deliver it again."""
    if not taken:
        return replace(frame, payload=json.dumps({"code": 500}).encode())
    headers = (*frame.headers, ("biz_rt", str(milliseconds)))
    return replace(frame, headers=headers, payload=json.dumps({"code": 200}).encode())


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else None
