"""The database itself: one file of SQLite by default, PostgreSQL by its address; whole transactions, nothing half."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session as Session

MIGRATIONS = Path(__file__).parent / "migrations"


class StoreUnreachable(Exception):
    """The database cannot be used now; its text says why and what to do, and never holds a password."""


class Store:
    """The ledger. Every `writing()` is one transaction: all of it is kept, or none."""

    def __init__(self, url: str) -> None:
        self.url = _with_driver(url)
        self._engine = _engine(self.url)
        self._writing = self._engine.execution_options(immediate=True)

    def upgrade(self) -> None:
        """Brings the tables to the newest version; what is stored stays. Raises StoreUnreachable."""
        from alembic import command  # only at start
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._plainly(), self._writing.begin() as connection:
            _lock(connection, "migration")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is committed at the end, and undone if anything is raised. Writers follow one another."""
        with self._plainly(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to look with; it sees one moment and keeps nothing."""
        with self._plainly(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Gives every connection back."""
        self._engine.dispose()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as fault:
            raise StoreUnreachable(self._sentence(fault)) from None
        except DatabaseError as fault:
            if "not a database" in str(fault.orig) or "malformed" in str(fault.orig):
                raise StoreUnreachable(self._sentence(fault)) from None
            raise

    def _sentence(self, fault: DatabaseError) -> str:
        reason = str(fault.orig).strip().splitlines()[0]
        where = self.url.render_as_string(hide_password=True)
        if self.url.get_backend_name() == "sqlite":
            remedy = "the file must be a SQLite database in a folder this process may write to; restore it from a copy"
            if "not a database" not in reason and "malformed" not in reason:
                remedy = "look that its folder is there and may be written to, and that nothing else holds the file"
        else:
            remedy = "look that the server runs and that DATABASE_URL names its host, port, database, user and password"
        return f"the database {where} cannot be used: {reason}; {remedy}"


def lock_campaign(session: Session, campaign: str) -> None:
    """Lets nobody else write about this campaign until the transaction ends."""
    _lock(session.connection(), f"campaign {campaign}")


def _lock(connection: Connection, name: str) -> None:
    # SQLite has one writer at a time by itself (BEGIN IMMEDIATE).
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=10)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its place at once: a reader that turns writer half-way would be refused as busy.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
