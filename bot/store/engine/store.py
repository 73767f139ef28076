"""Opens the ledger, SQLite or PostgreSQL, and gives out its transactions."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parent / "migrations"
WAIT_SECONDS = 15
"""How long to wait for a server to answer, or for another process to finish its transaction."""


class StoreUnreachable(Exception):
    """The ledger cannot be opened or used; its text says what is wrong and what to do, never a
    password.
    """


class Store:
    """The ledger at a database address (`sqlite:///…` or `postgresql://…`). Nothing is opened
    before it is used.
    """

    def __init__(self, url: str) -> None:
        try:
            self._url = _with_driver(make_url(url))
        except (ArgumentError, ValueError):
            raise StoreUnreachable(
                "DATABASE_URL cannot be read; write sqlite:///path/to/file or postgresql://user:password@host:5432/name"
                " (in a password, @ : / and # are written %40 %3A %2F %23)"
            ) from None
        # As many connections as there are threads that ask at one time: a thread that waited for
        # one could wait in vain.
        room: dict[str, Any] = (
            {} if self._url.database in (None, "", ":memory:") else {"max_overflow": -1}
        )
        if self._url.get_backend_name() == "sqlite":
            engine = create_engine(self._url, connect_args={"timeout": WAIT_SECONDS}, **room)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            self._reading = engine
        else:
            engine = create_engine(
                self._url,
                connect_args={"connect_timeout": WAIT_SECONDS},
                pool_pre_ping=True,
                max_overflow=-1,
            )
            self._reading = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._turn = RLock() if engine.dialect.name == "sqlite" else None
        self._engine = engine
        self._writing = engine.execution_options(writing=True)

    def __repr__(self) -> str:
        return f"Store({self._place()})"

    def upgrade(self) -> None:
        """Brings the tables to this version of the program, creating them if there are none; safe
        for two processes at once.
        """
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self._told(), self._writing.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(
                    select(func.pg_advisory_xact_lock(_stable_hash("diaodu: upgrade")))
                )
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as fault:
                raise StoreUnreachable(
                    f"the database {self._place()} was made by a newer version of this program ({fault});"
                    " install that version, or name another database in DATABASE_URL"
                ) from None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that writes: committed at the end of the block, undone whole by an
        exception.
        """
        with self._told(), self._in_turn(), Session(self._writing) as session, session.begin():
            # SQLite takes its lock here and not at the first write, so two writers wait for each
            # other and never fail.
            session.connection()
            yield session

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One writer of this process after another: left to SQLite, who finds it busy sleeps and
        looks again, ever longer.
        """
        held = self._turn is not None and self._turn.acquire(timeout=WAIT_SECONDS)
        try:
            yield
        finally:
            if held and self._turn is not None:
                self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that sees a single state of the ledger; whatever is written in it is
        undone.
        """
        with self._told(), Session(self._reading) as session:
            session.connection()
            yield session

    def close(self) -> None:
        """Closes every connection; the store may be used again and opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as fault:
            told = self._diagnosis(fault)
            if told is None:
                raise
            raise StoreUnreachable(told) from None

    def _place(self) -> str:
        if self._url.get_backend_name() == "sqlite":
            return str(self._url.database)
        return (
            f"{self._url.database} on {self._url.host or 'this machine'}:{self._url.port or 5432}"
        )

    def _diagnosis(self, fault: DBAPIError) -> str | None:
        """What is wrong and what to do, or None when the database is well and the statement was
        not.
        """
        if isinstance(fault.orig, sqlite3.Error):
            return _sqlite_diagnosis(Path(self._url.database or ""), fault.orig)
        import psycopg

        # Besides the errors of a connection, OperationalError is that of a lost deadlock, which is
        # no matter of reach.
        if not isinstance(fault.orig, psycopg.OperationalError) or fault.orig.sqlstate in (
            "40P01",
            "40001",
            "55P03",
        ):
            return None
        said = " ".join(str(fault.orig).split())
        if self._url.password:
            said = said.replace(str(self._url.password), "***")
        return (
            f"the database {self._place()} cannot be used as user {self._url.username}: {said};"
            " see that the PostgreSQL server runs and that DATABASE_URL names its host, port, user, password and database"  # noqa: E501
        )


def is_writing(session: Session) -> bool:
    """Whether the session is one of `Store.writing`, whose facts are not yet facts."""
    return bool(session.connection().get_execution_options().get("writing", False))


def lock_campaign(session: Session, campaign: str) -> None:
    """Lets nobody else past this line for the same campaign until the transaction ends; SQLite has
    one writer anyway.
    """
    _lock(session, f"campaign: {campaign}")


def lock_queues(session: Session) -> None:
    """Lets nobody else past this line until the transaction ends, so that each sees what the one
    before took up.

    Hold nothing when you come here, and wait for nobody afterwards: everything that is to be sent
    passes this line.
    """
    _lock(session, "queues of robots")


def _lock(session: Session, name: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_ADVISORY_LOCK, {"name": _stable_hash(name)})


_ADVISORY_LOCK = select(func.pg_advisory_xact_lock(bindparam("name", type_=BigInteger)))


def _stable_hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _with_driver(url: URL) -> URL:
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in ("sqlite", "postgresql+psycopg"):
        return url
    raise ValueError("only SQLite and PostgreSQL are known")


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # or INSERT OR REPLACE would delete facts past their triggers
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _sqlite_diagnosis(path: Path, fault: sqlite3.Error) -> str | None:
    folder = path.parent
    # the primary code, without its finer one
    match (getattr(fault, "sqlite_errorcode", None) or 0) & 0xFF:
        case sqlite3.SQLITE_CANTOPEN if not folder.exists():
            return f"the folder {folder} of the database does not exist; create it, or name another in DATABASE_URL"
        case sqlite3.SQLITE_CANTOPEN:
            return (
                f"the database file {path} cannot be opened; see that it is a file, that {folder} is a folder,"
                " and that this user may write there"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return f"the database file {path} cannot be written; give this user the right to write it and its folder"
        case sqlite3.SQLITE_NOTADB:
            return f"the file {path} is no database; move it away, or name another file in DATABASE_URL"
        case sqlite3.SQLITE_CORRUPT:
            return f"the database file {path} is damaged; stop the program and put the last backup in its place"
        case sqlite3.SQLITE_FULL:
            return (
                f"the disk of {path} is full; free some space, nothing of this transaction was kept"
            )
        case sqlite3.SQLITE_IOERR:
            return f"the disk of {path} cannot be read or written ({fault}); check it, then start again"
        case sqlite3.SQLITE_BUSY:
            return (
                f"another program has held the database file {path} for more than {WAIT_SECONDS} seconds;"
                " close what has it open (a second copy, a database viewer)"
            )
    return None
