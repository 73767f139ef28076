"""What the peers of long connections share: one HTTP server and one WebSocket server on loopback, each as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

Answered = tuple[int, Mapping[str, str], bytes]
PATIENCE = 60.0
"""Seconds a test waits for what must come; only a fault makes anybody wait so long."""


def as_json(answer: Mapping[str, Any], status: int = 200, **headers: str) -> Answered:
    """An answer as these platforms give them."""
    return status, headers, json.dumps(answer, ensure_ascii=False).encode()


class Loopback:
    """`answer(path, headers, body)` is asked for every POST, `converse(socket)` runs for every WebSocket that `admit` lets in."""

    def __init__(
        self,
        answer: Callable[[str, Mapping[str, str], bytes], Answered],
        converse: Callable[[ServerConnection], None],
        admit: Callable[[ServerConnection, Request], Response | None],
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, content = answer(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
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
            converse, "127.0.0.1", 0, process_request=admit, compression=None, ping_interval=None, close_timeout=0.2
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
