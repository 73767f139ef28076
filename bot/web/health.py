"""Health over HTTP: whether all is well, when each job last ran and was last due, how long the oldest notice waits; and metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.actions.day.watch import Seen
from bot.channels.heard import ConnectionHealth, ConnectionState

Look = Callable[[], Seen | str]
"""Looks at the service now; a sentence when the ledger does not answer. Never raises for that."""

Connections = Callable[[], Mapping[str, ConnectionHealth]]
"""The long connections of this process, by robot."""

NEED_A_PERSON = frozenset({ConnectionState.KICKED_OUT, ConnectionState.REFUSED})
"""A connection in these never comes back by itself."""

Measure = Callable[[Seen | str], tuple[bytes, str]]
"""Writes what was seen as metrics: their text, and its content type."""


def health_routes(look: Look, measure: Measure, *, connections: Connections = dict) -> list[BaseRoute]:
    """GET /health: 200 while all is well, 503 when a person should look, always with what was seen. GET /metrics: Prometheus.

    `connections` are the long connections by robot.
    """

    def health(_: Request) -> JSONResponse:
        seen = look()
        told = told_of(seen, connections())
        return JSONResponse(told, status_code=200 if told["healthy"] else 503)

    def metrics(_: Request) -> Response:
        text, kind = measure(look())
        return Response(text, headers={"Content-Type": kind})

    return [Route("/health", health, methods=["GET"]), Route("/metrics", metrics, methods=["GET"])]


def told_of(seen: Seen | str, connections: Mapping[str, ConnectionHealth] = MappingProxyType({})) -> dict[str, Any]:
    """What GET /health answers: moments in ISO 8601, durations in seconds."""
    if isinstance(seen, str):
        return {"healthy": False, "database": seen}
    lost = [
        f"the connection of {robot} is {health.state.value} since {health.since}"
        for robot, health in connections.items()
        if health.state in NEED_A_PERSON
    ]
    return {
        "healthy": not seen.troubles and not lost,
        "troubles": [*seen.troubles, *lost],
        "held": list(seen.held),
        "database": "ok",
        "oldest_undelivered_seconds": None if seen.waiting is None else round(seen.waiting.total_seconds()),
        "deliveries": {campaign: dict(states) for campaign, states in seen.states.items()},
        "connections": {
            robot: {
                "state": health.state.value,
                "since": health.since.isoformat(),
                "last_heard": health.last_heard and health.last_heard.isoformat(),
                "detail": health.detail,
            }
            for robot, health in connections.items()
        },
        "jobs": [
            {
                "campaign": job.campaign,
                "job": job.job,
                "last_due": job.last_due and job.last_due.isoformat(),
                "last_done": job.last_done and job.last_done.isoformat(),
                "ran_at": job.ran_at and job.ran_at.isoformat(),
                "late": job.late,
                "held_by": job.held_by,
            }
            for job in seen.jobs
        ],
    }
