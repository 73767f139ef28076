"""Counts what a page asks the ledger, which must not grow with the page, and what a statement costs
the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from bot.store import Session


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements of this session's connection within the block."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


@contextmanager
def effort(session: Session) -> Iterator[Callable[[], int]]:
    """What the database has done within the block, counted by itself: the rows PostgreSQL has read,
    the steps of SQLite's machine.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        rows = text(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
        )
        before = int(connection.execute(rows).scalar_one() or 0)
        yield lambda: int(connection.execute(rows).scalar_one() or 0) - before
        return
    steps = 0

    def stepped() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(stepped, 1)
    try:
        yield lambda: steps
    finally:
        driver.set_progress_handler(None, 1)
