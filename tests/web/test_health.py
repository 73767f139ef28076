"""Is the process alive, and is all well: two questions, for what restarts it has the first and a
person the second.
"""

from __future__ import annotations

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.channels.inbound import ConnectionHealth, ConnectionState
from bot.views.day.watch import ServiceHealth
from bot.web.health import ALIVE, health_routes
from tests.builders import at

ROOT = Path(__file__).parent.parent.parent
WELL = ServiceHealth(at=at("10-29 10:00"), jobs=(), states={}, waiting=None)
KICKED_OUT = {"county": ConnectionHealth(state=ConnectionState.KICKED_OUT, since=at("10-29 10:00"))}


def answers(
    seen: ServiceHealth | str = WELL, ended: tuple[str, ...] = (), **others: object
) -> TestClient:
    """A service that sees this and of which these parts have ended."""
    routes = health_routes(
        lambda: seen, lambda _: (b"", "text/plain"), ended=lambda: ended, **others
    )  # type: ignore[arg-type]
    return TestClient(Starlette(routes=routes))


def test_a_robot_that_was_kicked_out_needs_a_person_and_no_restart() -> None:
    service = answers(connections=lambda: KICKED_OUT)
    assert service.get("/health").status_code == 503
    assert service.get(ALIVE).status_code == 200


def test_a_database_that_is_away_is_no_reason_to_restart() -> None:
    service = answers("the database does not answer")
    assert service.get("/health").status_code == 503
    assert service.get(ALIVE).status_code == 200


def test_a_part_that_has_ended_is_named_and_is_a_reason_to_restart() -> None:
    answer = answers(ended=("deliverer",)).get(ALIVE)
    assert answer.status_code == 503
    assert answer.json() == {"alive": False, "ended": ["deliverer"]}


def test_a_process_whose_parts_all_run_is_alive() -> None:
    answer = answers().get(ALIVE)
    assert answer.status_code == 200
    assert answer.json() == {"alive": True, "ended": []}


def test_the_container_asks_whether_it_is_alive() -> None:
    (check,) = re.findall(
        r"HEALTHCHECK.*\\\n(.*)", (ROOT / "Dockerfile").read_text(encoding="utf-8")
    )
    assert f"'{ALIVE}'" in check
    assert "HTTP_PORT" in check
