"""What the peers of long connections share: an HTTP and a WebSocket server on loopback, and a
platform's side of one connection.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Generic, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

Answered = tuple[int, Mapping[str, str], bytes]
PATIENCE = 60.0
"""Seconds a test waits for what must come; only a fault makes anybody wait so long."""


def as_json(answer: Mapping[str, Any], status: int = 200, **headers: str) -> Answered:
    """An answer as these platforms give them."""
    return status, headers, json.dumps(answer, ensure_ascii=False).encode()


class Loopback:
    """`answer(path, headers, body)` is asked for every POST, `converse(socket)` runs for every
    WebSocket that `admit` lets in.
    """

    def __init__(
        self,
        answer: Callable[[str, Mapping[str, str], bytes], Answered],
        converse: Callable[[ServerConnection], None],
        admit: Callable[[ServerConnection, Request], Response | None],
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, content = answer(
                    self.path, {k.lower(): v for k, v in self.headers.items()}, body
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._sockets: Server = serve(
            converse,
            "127.0.0.1",
            0,
            process_request=admit,
            compression=None,
            ping_interval=None,
            close_timeout=0.2,
        )
        self.origin = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.socket_origin = f"http://127.0.0.1:{self._sockets.socket.getsockname()[1]}"
        self._threads = [
            threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}),
            threading.Thread(target=self._sockets.serve_forever),
        ]

    @property
    def socket_address(self) -> str:
        """Where the WebSocket server is."""
        return self.socket_origin.replace("http", "ws", 1)

    def start(self) -> None:
        """Opens both."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Closes both, and every connection."""
        self._http.shutdown()
        self._sockets.shutdown()
        for thread in self._threads:
            thread.join()
        self._http.server_close()


Sent = TypeVar("Sent")


class Peer(Generic[Sent]):
    """A platform with one robot, which asks for a ticket, connects with it, and hears. What it may
    not do stands in `faults`.

    Nothing is delivered again but by `redeliver`, so a test says when the platform's patience ends.
    """

    def __init__(self, *, now_ms: int) -> None:
        self.now_ms = now_ms
        self.sent: dict[str, Sent] = {}
        self.opened = 0
        self.faults: list[str] = []  # what a strict platform would not have taken
        self.refuse_with: list[Answered] = []  # what the next requests for a ticket are answered
        self.answer_with: list[Answered] = []  # what the next answers in the chat are answered
        self.offer: str | None = None  # an endpoint other than its own
        self._tickets: set[str] = set()  # those that are good still
        self._numbers = count(1)
        self._changed = threading.Condition()
        self._connection: ServerConnection | None = None
        self._loopback = Loopback(self._answer, self._converse, self._admit)
        self.origin, self.socket_origin = self._loopback.origin, self._loopback.socket_origin

    def __enter__(self) -> Self:
        self._loopback.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loopback.stop()

    # What each platform does in its own way

    def deliver(self, number: str) -> None:
        """One delivery to the connection, if there is one."""
        raise NotImplementedError

    def _is_taken(self, sent: Sent) -> bool:
        """Whether some delivery of it was acknowledged."""
        raise NotImplementedError

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """What a request of the robot is answered."""
        raise NotImplementedError

    def _heard(self, frame: str | bytes) -> None:
        """Takes one frame of the robot in; called under the lock."""
        raise NotImplementedError

    # What all of them do

    def redeliver(self) -> int:
        """Everything not acknowledged once more; how many."""
        waiting = [number for number, sent in self.sent.items() if not self._is_taken(sent)]
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

    def wait(self, until: Callable[[], bool]) -> None:
        """Until something has happened."""
        with self._changed:
            assert self._changed.wait_for(until, PATIENCE), "it never happened"

    def wait_open(self, times: int = 1) -> None:
        """Until the robot has connected for so many times and is connected."""
        self.wait(lambda: self.opened >= times and self._connection is not None)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        tickets = parse_qs(urlsplit(request.path).query).get("ticket", [])
        # A ticket is good once.
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
            for frame in connection:
                with self._changed:
                    self._heard(frame)
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                if self._connection is connection:
                    self._connection = None
                self._changed.notify_all()
