"""Serves the pages over HTTP until the process is asked to stop."""

from __future__ import annotations

import uvicorn
from starlette.applications import Starlette


def serve(app: Starlette, host: str, port: int) -> None:
    """Answers on host:port; returns after SIGTERM or SIGINT once the requests under way are answered. OSError if the port is taken."""
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=10)
    server = uvicorn.Server(config)
    with config.bind_socket() as taken:
        server.run(sockets=[taken])
