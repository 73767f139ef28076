"""The long connection (长连接) of an AI bot: subscribe, heartbeat, hear, answer by the number of
the message; one at a time.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection

from bot.channels.inbound import ConnectionState, Hear, InboundMessage, ReplyToken
from bot.channels.received import object_of, part
from bot.channels.reconnecting import (
    FIRST_PAUSE,
    OPEN_WITHIN,
    ConnectionBroken,
    KickedOut,
    NotAccepted,
    ReconnectingConnection,
)
from bot.channels.sanitize import one_line
from bot.channels.wecom.answer import judged, markdown
from bot.channels.wecom.message import Listener, heard_by_bot
from bot.domain.notices.answer import Answer, NoAnswer, Refused, TryLater

ADDRESS = "wss://openws.work.weixin.qq.com"
HEARTBEAT = 30.0
SILENCE = 2.5
"""Heartbeats without a single frame after which the connection is taken for dead."""

ANSWERED_WITHIN = 8.0
LONGEST_PAUSE = 30.0
ANSWER_WITHIN = timedelta(hours=24)
MOST_UNKEPT = 1_000
RETRY_UNKEPT = 5.0
WRONG_SECRET = frozenset({853000, 40001, 40013})


def address_fault(address: str) -> str | None:
    """What is wrong with the address of a connection; None if nothing is. Plain text only to this
    very machine.
    """
    parts = urlsplit(address)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "wss" and not (parts.scheme == "ws" and local):
        return "must begin with wss://"
    return None if parts.hostname and "@" not in parts.netloc else "is no address of a host"


class BotConnection(ReconnectingConnection):
    """One bot's connection, which is also how its messages are answered."""

    keepalive = None  # the platform has its own heartbeat

    def __init__(
        self,
        listener: Listener,
        *,
        bot_id: str,
        secret: str,
        address: str = ADDRESS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        heartbeat: float = HEARTBEAT,
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ) -> None:
        super().__init__(now=now, pauses=pauses)
        self.listener = listener
        self._bot_id = bot_id
        self._secret = secret
        self._place = address
        self._heartbeat = heartbeat
        self._answers: dict[str, Future[Mapping[str, Any]]] = {}
        self._unkept: deque[InboundMessage] = deque(maxlen=MOST_UNKEPT)
        self._subscribed = threading.Event()

    def _address(self) -> str:
        return self._place

    def _listen(self, socket: ClientConnection, hear: Hear) -> None:
        self._is(ConnectionState.CONNECTING)
        self._subscribe(socket)
        self._is(ConnectionState.OPEN)
        self._subscribed.set()
        try:
            self._hear_out(socket, hear)
        finally:
            self._subscribed.clear()
            with self._lock:
                lost, self._answers = self._answers, {}
            for answer in lost.values():
                answer.cancel()

    def _subscribe(self, socket: ClientConnection) -> None:
        number = _number()
        body = {"bot_id": self._bot_id, "secret": self._secret}
        socket.send(_frame("aibot_subscribe", number, body))
        ends = time.monotonic() + OPEN_WITHIN
        while True:
            frame = _frame_of(socket.recv(timeout=max(ends - time.monotonic(), 0.01)))
            if _req_id(frame) == number and "errcode" in frame:
                break
        code = frame["errcode"]
        if code == 0:
            return
        said = f"{code}: {one_line(str(frame.get('errmsg', '')).replace(self._secret, '***'))[:80]}"
        if code in WRONG_SECRET:
            raise NotAccepted(f"the platform does not accept the bot's id or secret ({said})")
        raise ConnectionBroken(f"the subscription was refused ({said})")

    def _hear_out(self, socket: ClientConnection, hear: Hear) -> None:
        last_frame = last_beat = time.monotonic()
        while not self._stopping.is_set():
            wait = last_beat + self._heartbeat - time.monotonic()
            try:
                frame = _frame_of(
                    socket.recv(
                        timeout=max(min(wait, RETRY_UNKEPT if self._unkept else wait), 0.01)
                    )
                )
            except TimeoutError:
                pass
            except ConnectionClosed:
                return
            else:
                last_frame = time.monotonic()
                self._take(frame, hear)
            if self._unkept:
                self._keep(hear)
            if time.monotonic() - last_frame > self._heartbeat * SILENCE:
                return
            if time.monotonic() - last_beat >= self._heartbeat:
                last_beat = time.monotonic()
                socket.send(_frame("ping", _number()))

    def _take(self, frame: Mapping[str, Any], hear: Hear) -> None:
        command, number = frame.get("cmd"), _req_id(frame)
        body = part(frame, "body")
        if command == "aibot_event_callback":
            if part(body, "event").get("eventtype") == "disconnected_event":
                raise KickedOut("another program has opened this bot's connection")
        elif command == "aibot_msg_callback":
            arrived = self._now()
            way_back = ReplyToken(
                platform="wecom", until=arrived + ANSWER_WITHIN, once=True, facts={"req_id": number}
            )
            said = heard_by_bot(
                self.listener, body, sent_at=arrived, way_back=way_back if number else None
            )
            if said is not None:
                self._health = replace(self._health, last_heard=arrived)
                self._unkept.append(said)
                self._keep(hear)
        elif "errcode" in frame:
            with self._lock:
                waiting = self._answers.pop(number, None)
            if waiting is not None and waiting.set_running_or_notify_cancel():
                waiting.set_result(frame)

    def _keep(self, hear: Hear) -> None:
        """Hands on what was heard, in order. What could not be stored is tried again: this platform
        delivers nothing twice.
        """
        while self._unkept:
            try:
                hear(self._unkept[0])
            except Exception:
                return
            self._unkept.popleft()

    def answer(self, way_back: ReplyToken, text: str, *, at: datetime) -> Answer:  # noqa: ARG002
        """Sends the line under the number of the message it answers, and waits for the platform's
        word on it.
        """
        number = str(way_back.facts.get("req_id", ""))
        if not number:
            return Refused(code="way back", detail="the message has no number to answer under")
        with self._lock:
            socket = self._socket
            if socket is None or not self._subscribed.is_set() or number in self._answers:
                return TryLater(
                    code="connection",
                    detail="the connection is not open",
                    after=timedelta(seconds=10),
                )
            waiting: Future[Mapping[str, Any]] = Future()
            self._answers[number] = waiting
        try:
            socket.send(_frame("aibot_respond_msg", number, markdown(text)))
            frame = waiting.result(ANSWERED_WITHIN)
        except (OSError, WebSocketException, TimeoutError) as fault:
            return NoAnswer(
                detail=f"the answer left and nothing came back ({type(fault).__name__})"
            )
        except CancelledError:
            return NoAnswer(detail="the connection broke before the platform's word")
        finally:
            with self._lock:
                self._answers.pop(number, None)
        code = frame.get("errcode")
        if isinstance(code, bool) or not isinstance(code, int):
            return NoAnswer(detail="the platform's word had no number")
        return judged(code, one_line(str(frame.get("errmsg", "")))[:200])


def _number() -> str:
    return uuid.uuid4().hex


def _frame(command: str, number: str, body: Mapping[str, Any] | None = None) -> str:
    frame: dict[str, Any] = {"cmd": command, "headers": {"req_id": number}}
    if body is not None:
        frame["body"] = body
    return json.dumps(frame, ensure_ascii=False)


def _frame_of(content: str | bytes) -> Mapping[str, Any]:
    """A frame as an object; anything else is an empty one, which says nothing."""
    return object_of(content) or {}


def _req_id(frame: Mapping[str, Any]) -> str:
    number = part(frame, "headers").get("req_id")
    return number if isinstance(number, str) and len(number) <= 256 else ""
