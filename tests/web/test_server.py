"""How the process listens."""

from __future__ import annotations

import signal
import socket
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.web.server import serve


def test_a_connection_does_not_wait_for_the_other_side_between_head_and_body(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[int] = []

    def run(_: uvicorn.Server, sockets: Any) -> None:
        (listening,) = sockets
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as taken:
            heard.append(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(uvicorn.Server, "run", run)
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        serve(Starlette(), "127.0.0.1", 0)
    finally:
        for number, handler in before:
            signal.signal(number, handler)
    assert heard == [1]
