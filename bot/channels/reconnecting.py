"""What every long connection does: open, listen, and open again after growing pauses until it is
told to stop.
"""

from __future__ import annotations

import logging
import socket as tcp
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from random import SystemRandom
from urllib.parse import urlsplit

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bot.channels.inbound import ConnectionHealth, ConnectionState, Hear, InboundMessage
from bot.channels.received import MOST_BYTES

OPEN_WITHIN = 10.0
KEEPALIVE = 30.0
"""Seconds between pings of the WebSocket itself; one that is not answered within as many means the
line is dead.
"""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
STEADY = 60.0
"""Seconds open after which a connection counts as well, and the next pause is short again."""

UNSTORED_IN_A_ROW = 20
"""After so many messages that could not be stored the connection is given up for a pause: another
process of ours may do better.
"""

# At DEBUG it writes whole frames, and the address with its ticket.
logging.getLogger("websockets").setLevel(logging.WARNING)


class NotAccepted(Exception):
    """The platform does not take our id or secret, or no further connection: a person must look.
    The text holds no secret.
    """

    state = ConnectionState.REFUSED


class KickedOut(NotAccepted):
    """Somebody else has opened this connection. To open it again would kick him out, and he us, for
    ever.
    """

    state = ConnectionState.KICKED_OUT


class ConnectionBroken(Exception):
    """This try failed; another may not. The text holds no secret."""


class ConnectionReplaced(Exception):
    """The platform asks for a new connection: nothing is wrong."""


class ReconnectingConnection:
    """A long connection but for its platform. `now` is the clock, `pauses` the first and the
    longest pause in seconds.
    """

    keepalive: float | None = KEEPALIVE

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ) -> None:
        self._now = now
        self._first_pause, self._longest_pause = pauses
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._socket: ClientConnection | None = None
        self._unstored = 0
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
        """Hears until stopped. Returns as well when the platform does not accept us: then a person
        must look.
        """
        pause = self._first_pause
        while not self._stopping.is_set():
            self._is(ConnectionState.CONNECTING)
            began = time.monotonic()
            try:
                self._connected(self._address(), hear)
                detail = "the platform closed the connection"
            except NotAccepted as refused:
                return self._is(refused.state, str(refused))
            except ConnectionReplaced:
                detail, pause = "the platform asked for a new connection", self._first_pause
            except ConnectionBroken as broken:
                detail = str(broken)
            except (OSError, WebSocketException, ValueError) as fault:
                # Only the kind of the error is told: its text may hold the address, and the address
                # a ticket.
                detail = f"the connection broke ({type(fault).__name__})"
            if self._stopping.is_set():
                break
            if time.monotonic() - began > STEADY:
                pause = self._first_pause
            self._is(ConnectionState.WAITING, detail)
            # Spread, so that all who lost the same platform do not come back in the same second.
            self._stopping.wait(pause * (1 + SystemRandom().random() / 2))
            pause = min(pause * 2, self._longest_pause)
        return self._is(ConnectionState.STOPPED)

    def _address(self) -> str:
        """Asks the platform for a place to connect to: a checked ws address, a secret. NotAccepted,
        ConnectionBroken.
        """
        raise NotImplementedError

    def _listen(self, socket: ClientConnection, hear: Hear) -> None:
        """Answers frames until the connection ends. NotAccepted, ConnectionBroken,
        ConnectionReplaced.
        """
        raise NotImplementedError

    def _turned_away(self, headers: Mapping[str, str]) -> None:
        """What the platform said when it did not open the connection. NotAccepted if that lasts."""

    def _is(self, state: ConnectionState, detail: str = "") -> None:
        self._health = ConnectionHealth(
            state=state, since=self._now(), last_heard=self._health.last_heard, detail=detail
        )

    def _stored(self, said: InboundMessage | None, hear: Hear) -> bool:
        """Hands a message on. False when it could not be stored: the platform must not be told that
        it was taken.
        """
        if said is None:
            return True
        try:
            hear(said)
        except Exception as fault:
            self._unstored += 1
            if self._unstored >= UNSTORED_IN_A_ROW:
                self._unstored = 0
                raise ConnectionBroken("messages could not be stored") from None
            self._health = replace(
                self._health, detail=f"a message could not be stored ({type(fault).__name__})"
            )
            return False
        self._unstored = 0
        self._health = replace(self._health, last_heard=self._now(), detail="")
        return True

    def _connected(self, address: str, hear: Hear) -> None:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        # A socket of our own making, because with one no redirect is followed: the address was
        # checked, where it points was not.
        line = tcp.create_connection((parts.hostname or "", port), timeout=OPEN_WITHIN)
        try:
            opened = connect(
                address,
                sock=line,
                open_timeout=OPEN_WITHIN,
                close_timeout=1,
                ping_interval=self.keepalive,
                ping_timeout=self.keepalive,
                max_size=MOST_BYTES,
                compression=None,
                proxy=None,
                user_agent_header="diaodu",
            )
        except InvalidStatus as refused:
            line.close()
            self._turned_away(refused.response.headers)
            raise ConnectionBroken(
                f"the connection was not opened (HTTP {refused.response.status_code})"
            ) from None
        except BaseException:
            line.close()
            raise
        with opened as socket:
            with self._lock:
                self._socket = socket
            try:
                if not self._stopping.is_set():
                    self._is(ConnectionState.OPEN)
                    self._listen(socket, hear)
            finally:
                with self._lock:
                    self._socket = None
