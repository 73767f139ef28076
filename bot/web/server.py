"""Serves the pages over HTTP until the process is asked to stop."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette


def settle() -> None:
    """What stands when the service begins stands until it ends: the collector need not walk over it
    while people wait.
    """
    gc.collect()
    gc.freeze()


def serve(
    app: Starlette, host: str, port: int, *, bound: Callable[[], None] = lambda: None
) -> None:
    """Answers on host:port; returns after SIGTERM or SIGINT once the requests under way are
    answered. OSError if the port is taken.

    `bound` is called once the port is ours and whoever knocks is answered.
    """
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=10
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal again once it has stopped; what it then meets must let the caller
    # tidy up.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    with config.bind_socket() as taken:
        # Its connections take this from it; else the body waits 40 ms for a browser's word that the
        # head has come.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        taken.listen(config.backlog)
        bound()
        server.run(sockets=[taken])
