"""Health over HTTP: is the process alive, is all well, when did each job last run, how long does
the oldest notice wait; and metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.inbound import ConnectionHealth, ConnectionState
from bot.views.day.watch import ServiceHealth

Look = Callable[[], ServiceHealth | str]
"""Looks at the service now; a sentence when the ledger does not answer. Never raises for that."""

Connections = Callable[[], Mapping[str, ConnectionHealth]]
"""The long connections of this process, by robot."""

ALIVE = "/alive"
"""Where whatever restarts the process asks whether it is alive."""

Ended = Callable[[], Sequence[str]]
"""The parts of this process that should run and have ended, by name."""

NEED_A_PERSON = frozenset({ConnectionState.KICKED_OUT, ConnectionState.REFUSED})
"""A connection in these never comes back by itself."""

Measure = Callable[[ServiceHealth | str], tuple[bytes, str]]
"""Writes what was seen as metrics: their text, and its content type."""


def health_routes(
    look: Look, measure: Measure, *, connections: Connections = dict, ended: Ended = tuple
) -> list[BaseRoute]:
    """GET /health: 200 while all is well, 503 when a person should look, always with what was seen.
    GET /metrics: Prometheus.

    GET /alive: 200, or 503 when a restart would help. It looks at this process alone: what a
    platform or the database does is no reason to restart. `connections` are the long connections by
    robot, `ended` the parts that should run and do not.
    """

    def alive(_: Request) -> JSONResponse:
        names = list(ended())
        return JSONResponse({"alive": not names, "ended": names}, status_code=503 if names else 200)

    def health(_: Request) -> JSONResponse:
        seen = look()
        told = told_of(seen, connections())
        return JSONResponse(told, status_code=200 if told["healthy"] else 503)

    def metrics(_: Request) -> Response:
        text, kind = measure(look())
        return Response(text, headers={"Content-Type": kind})

    answers = {ALIVE: alive, "/health": health, "/metrics": metrics}
    return [Route(path, answer, methods=["GET"]) for path, answer in answers.items()]


def told_of(
    seen: ServiceHealth | str, connections: Mapping[str, ConnectionHealth] = MappingProxyType({})
) -> dict[str, Any]:
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
        "oldest_undelivered_seconds": None
        if seen.waiting is None
        else round(seen.waiting.total_seconds()),
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
