"""Workers as an operator starts them: what they say where they cannot work, what they leave in the
database, how they stop.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from bot.scheduling.workers import SCHEMA, NoWorkers, Workers, _nobody_waits_for
from tests.commands.typed import diaodu
from tests.conftest import Postgres

# The program that is tested is this one, whatever copy of it is installed.
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(Path(__file__).parent.parent.parent),
    "LOG_LEVEL": "INFO",
}


def test_on_sqlite_a_sentence_says_what_is_needed(tmp_path: Path) -> None:
    told = diaodu(tmp_path, "run", "--worker")
    assert told.returncode == 1
    assert "name one in DATABASE_URL" in told.stderr
    assert "Traceback" not in told.stderr


def test_without_the_extra_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(NoWorkers, match=r"diaodu\[workers\]"):
        Workers("postgresql://nobody@nowhere/none", list, lambda _: 0, lambda: 0)


def test_two_workers_start_at_once_and_stop_when_told(postgres: Postgres, tmp_path: Path) -> None:
    address = postgres.copy()
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--worker"],
            cwd=tmp_path,
            env={**ENVIRONMENT, "DATABASE_URL": address},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for working in both:
        assert working.stderr is not None
        lines = iter(working.stderr.readline, "")
        assert any('"carrying jobs and deliveries"' in line for line in lines)
        working.send_signal(signal.SIGTERM)
    for working in both:
        _, said = working.communicate(timeout=30)
        assert working.returncode == 0, said
        assert '"stopped"' in said
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'procra%%'"
        )
        assert [row[0] for row in found] == [SCHEMA]
    engine.dispose()


def test_a_job_that_another_worker_took_up_is_logged_in_a_line(
    postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    workers = Workers(postgres.copy(), list, lambda _: 0, lambda: 0)

    async def lose_it() -> None:
        from procrastinate.jobs import Status

        asyncio.get_running_loop().set_exception_handler(_nobody_waits_for)
        async with workers._app.open_async():
            await workers._prepare()
            ending = workers._app.job_manager.finish_job_by_id_async(
                4711, Status.SUCCEEDED, delete_job=True
            )
            await asyncio.wait([asyncio.create_task(ending)])
            gc.collect()

    asyncio.run(lose_it())
    assert [(line.levelname, line.message) for line in caplog.records if line.name == "diaodu"] == [
        ("WARNING", "job taken up by another worker, while this one was slow to show that it lives")
    ]
    assert not [line for line in caplog.records if line.levelname == "ERROR"]


def test_any_other_fault_that_nobody_waits_for_is_told_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ArithmeticError

    async def lose_it() -> None:
        asyncio.get_running_loop().set_exception_handler(_nobody_waits_for)
        await asyncio.wait([asyncio.create_task(fail())])
        gc.collect()

    asyncio.run(lose_it())
    assert [line.levelname for line in caplog.records if line.exc_info] == ["ERROR"]
