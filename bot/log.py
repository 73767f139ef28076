"""One line of JSON per event, with the campaign, job, day and group it belongs to, set once for
everything below.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO

_context: ContextVar[dict[str, str]] = ContextVar("log_context")
_OWN = logging.getLogger("diaodu")


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time, level, event, the context, the event's own
    fields.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line; a traceback becomes a field, for the log alone and never for
        people.
        """
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_context.get({}),
            **getattr(record, "fields", {}),
        }
        if record.name != _OWN.name:
            line["from"] = record.name
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def start(level: str, stream: IO[str] | None = None) -> None:
    """Sends every log line of the process to `stream` (standard error by default) as JSON.

    Libraries stay at WARNING: the HTTP ones print whole addresses at DEBUG, and an address is a
    password (law 8).
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for quiet in ("urllib3", "requests", "apscheduler", "uvicorn.access", "alembic"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


@contextmanager
def about(**context: object) -> Iterator[None]:
    """Everything logged inside belongs to these: campaign, job, day, group."""
    token = _context.set(
        {**_context.get({}), **{key: str(value) for key, value in context.items()}}
    )
    try:
        yield
    finally:
        _context.reset(token)


def event(name: str, **fields: object) -> None:
    """Something happened as it should. Never a key, a phone number or a reply's text among the
    fields.
    """
    _OWN.info(name, extra={"fields": fields})


def trouble(name: str, **fields: object) -> None:
    """Something a person should look at."""
    _OWN.warning(name, extra={"fields": fields})


def failure(name: str, **fields: object) -> None:
    """Something nobody planned, with the traceback of the exception being handled."""
    _OWN.error(name, exc_info=True, extra={"fields": fields})
