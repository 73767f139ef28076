"""The long connection (长连接) of an AI bot: subscribe, heartbeat, hear, answer by the number of the message; one at a time."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bot.channels.channel import Answer, NoAnswer, Refused, TryLater
from bot.channels.harmless import one_line
from bot.channels.heard import ConnectionHealth, ConnectionState, Hear, Heard, WayBack
from bot.channels.wecom.answer import judged, markdown
from bot.channels.wecom.message import Listener, heard_by_bot

ADDRESS = "wss://openws.work.weixin.qq.com"
HEARTBEAT = 30.0
SILENCE = 75.0
"""Seconds without a single frame after which the connection is taken for dead: two heartbeats unanswered."""

OPEN_WITHIN = 10.0
ANSWERED_WITHIN = 8.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY = 60.0
"""Seconds open after which a connection counts as well, and the next pause is short again: subscribing too often is punished."""

ANSWER_WITHIN = timedelta(hours=24)
MOST_BYTES = 1_000_000
MOST_UNKEPT = 1_000
RETRY_UNKEPT = 5.0
WRONG_SECRET = frozenset({853000, 40001, 40013})

# At DEBUG it writes whole frames, the one with the secret among them.
logging.getLogger("websockets").setLevel(logging.WARNING)


def address_fault(address: str) -> str | None:
    """What is wrong with the address of a connection; None if nothing is. Plain text only to this very machine."""
    parts = urlsplit(address)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "wss" and not (parts.scheme == "ws" and local):
        return "must begin with wss://"
    return None if parts.hostname and "@" not in parts.netloc else "is no address of a host"


class _KickedOut(Exception):
    """Somebody else has opened this bot's connection."""


class _WrongSecret(Exception):
    """The platform does not know this bot."""


class BotConnection:
    """One bot's connection, which is also how its messages are answered. `now` is the clock, `pause` how long a pause lasts."""

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
        self.listener = listener
        self._bot_id = bot_id
        self._secret = secret
        self._address = address
        self._now = now
        self._heartbeat = heartbeat
        self._silence = heartbeat * SILENCE / HEARTBEAT
        self._first_pause, self._longest_pause = pauses
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._socket: ClientConnection | None = None
        self._answers: dict[str, Future[Mapping[str, Any]]] = {}
        self._unkept: deque[Heard] = deque(maxlen=MOST_UNKEPT)
        self._health = ConnectionHealth(state=ConnectionState.STOPPED, since=now())

    def health(self) -> ConnectionHealth:
        """What the connection is doing now."""
        return self._health

    def stop(self) -> None:
        """Closes the connection; `run` returns."""
        self._stopping.set()
        with self._lock:
            socket = self._socket
        if socket is not None:
            with suppress(OSError, WebSocketException):
                socket.close()

    def run(self, hear: Hear) -> None:
        """Hears until stopped. Returns as well when kicked out, or when the secret is wrong: then a person must look."""
        pause = self._first_pause
        while not self._stopping.is_set():
            self._is(ConnectionState.CONNECTING)
            began = time.monotonic()
            detail = "the platform closed the connection"
            try:
                self._connected(hear)
            except _KickedOut:
                # To connect again would kick the other out, and he us, for ever.
                return self._is(ConnectionState.KICKED_OUT, "another program has opened this bot's connection")
            except _WrongSecret as wrong:
                return self._is(ConnectionState.REFUSED, str(wrong))
            except (OSError, WebSocketException, TimeoutError, ValueError) as fault:
                detail = f"the connection broke ({type(fault).__name__})"
            if self._stopping.is_set():
                break
            if time.monotonic() - began > STEADY:
                pause = self._first_pause
            self._is(ConnectionState.WAITING, detail)
            self._stopping.wait(pause * (1 + SystemRandom().random() / 4))
            pause = min(pause * 2, self._longest_pause)
        return self._is(ConnectionState.STOPPED)

    def _is(self, state: ConnectionState, detail: str = "") -> None:
        self._health = ConnectionHealth(
            state=state, since=self._now(), last_heard=self._health.last_heard, detail=detail
        )

    def _connected(self, hear: Hear) -> None:
        with connect(
            self._address,
            open_timeout=OPEN_WITHIN,
            close_timeout=1,
            ping_interval=None,  # the platform has its own heartbeat
            max_size=MOST_BYTES,
            compression=None,
            proxy=None,
            user_agent_header="diaodu",
        ) as socket:
            with self._lock:
                self._socket = socket
            try:
                self._subscribe(socket)
                self._is(ConnectionState.OPEN)
                self._listen(socket, hear)
            finally:
                with self._lock:
                    self._socket = None
                    lost, self._answers = self._answers, {}
                for answer in lost.values():
                    answer.cancel()

    def _subscribe(self, socket: ClientConnection) -> None:
        number = _number()
        body = {"bot_id": self._bot_id, "secret": self._secret}
        socket.send(_frame("aibot_subscribe", number, body))
        ends = time.monotonic() + OPEN_WITHIN
        while True:
            frame = _read(socket.recv(timeout=max(ends - time.monotonic(), 0.01)))
            if _req_id(frame) == number and "errcode" in frame:
                break
        code = frame.get("errcode")
        if code == 0:
            return
        said = f"{code}: {one_line(str(frame.get('errmsg', '')).replace(self._secret, '***'))[:80]}"
        if code in WRONG_SECRET:
            raise _WrongSecret(f"the platform does not accept the bot's id or secret ({said})")
        raise ValueError("the subscription was refused")

    def _listen(self, socket: ClientConnection, hear: Hear) -> None:
        last_frame = last_beat = time.monotonic()
        while not self._stopping.is_set():
            wait = last_beat + self._heartbeat - time.monotonic()
            try:
                frame = _read(socket.recv(timeout=max(min(wait, RETRY_UNKEPT if self._unkept else wait), 0.01)))
            except TimeoutError:
                pass
            except ConnectionClosed:
                return
            else:
                last_frame = time.monotonic()
                self._take(frame, hear)
            if self._unkept:
                self._keep(hear)
            if time.monotonic() - last_frame > self._silence:
                return
            if time.monotonic() - last_beat >= self._heartbeat:
                last_beat = time.monotonic()
                socket.send(_frame("ping", _number()))

    def _take(self, frame: Mapping[str, Any], hear: Hear) -> None:
        command, number = frame.get("cmd"), _req_id(frame)
        body = frame.get("body")
        if command == "aibot_event_callback" and isinstance(body, dict):
            event = body.get("event")
            if isinstance(event, dict) and event.get("eventtype") == "disconnected_event":
                raise _KickedOut
        elif command == "aibot_msg_callback" and isinstance(body, dict):
            arrived = self._now()
            way_back = WayBack(platform="wecom", until=arrived + ANSWER_WITHIN, once=True, facts={"req_id": number})
            said = heard_by_bot(self.listener, body, sent_at=arrived, way_back=way_back if number else None)
            if said is not None:
                self._health = ConnectionHealth(
                    state=ConnectionState.OPEN, since=self._health.since, last_heard=arrived
                )
                self._unkept.append(said)
                self._keep(hear)
        elif "errcode" in frame:
            with self._lock:
                waiting = self._answers.pop(number, None)
            if waiting is not None and waiting.set_running_or_notify_cancel():
                waiting.set_result(frame)

    def _keep(self, hear: Hear) -> None:
        """Hands on what was heard, in order. What could not be stored is tried again: this platform delivers nothing twice."""
        while self._unkept:
            try:
                hear(self._unkept[0])
            except Exception:
                return
            self._unkept.popleft()

    def answer(self, way_back: WayBack, text: str, *, at: datetime) -> Answer:  # noqa: ARG002
        """Sends the line under the number of the message it answers, and waits for the platform's word on it."""
        number = str(way_back.facts.get("req_id", ""))
        if not number:
            return Refused(code="way back", detail="the message has no number to answer under")
        with self._lock:
            socket = self._socket
            if socket is None or self._health.state is not ConnectionState.OPEN or number in self._answers:
                return TryLater(code="connection", detail="the connection is not open", after=timedelta(seconds=10))
            waiting: Future[Mapping[str, Any]] = Future()
            self._answers[number] = waiting
        try:
            socket.send(_frame("aibot_respond_msg", number, markdown(text)))
            frame = waiting.result(ANSWERED_WITHIN)
        except (OSError, WebSocketException, TimeoutError) as fault:
            return NoAnswer(detail=f"the answer left and nothing came back ({type(fault).__name__})")
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


def _read(content: str | bytes) -> Mapping[str, Any]:
    """A frame as an object; anything else is an empty one, which says nothing."""
    try:
        frame = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


def _req_id(frame: Mapping[str, Any]) -> str:
    headers = frame.get("headers")
    number = headers.get("req_id") if isinstance(headers, dict) else None
    return number if isinstance(number, str) and len(number) <= 256 else ""
