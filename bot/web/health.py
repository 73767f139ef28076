"""Health over HTTP: whether the service is alive, when each job last ran, how old the oldest undelivered notice is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Look = Callable[[], Mapping[str, Any]]
"""Looks at the service now; has `healthy` among its answers and never raises for a database that does not answer."""


def health_app(look: Look) -> Starlette:
    """GET /health: 200 while all is well, 503 when a person should look, always with what was seen."""

    def health(_: Request) -> JSONResponse:
        seen = look()
        return JSONResponse(dict(seen), status_code=200 if seen["healthy"] else 503)

    return Starlette(routes=[Route("/health", health, methods=["GET"])])
