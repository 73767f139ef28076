"""A process that is killed between two statements has taken a file whole or not at all, and it can
be filed again.
"""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.actions.money.take import LIST, RETURN
from bot.domain.money.amounts import Fen
from bot.store import Store
from tests import ledger2021
from tests.actions.money.conftest import MoneyDesk, Season, money_desk

FILES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "list": (
        LIST,
        "in/money/2021年危房改造补助资金第一批发放清单.xlsx",
        "2021-10-25T09:00:00+08:00",
        {"approved": Fen(56_950_000), "paper": "X"},
    ),
    "return": (RETURN, "in/returns/回盘_第一批.txt", "2021-10-25T17:10:00+08:00", {}),
}


@pytest.fixture(params=list(FILES))
def before(request: pytest.FixtureRequest, season: Season, tmp_path: Path) -> tuple[str, Path]:
    """A ledger as it stands before the file comes, closed."""
    return request.param, season.until(FILES[request.param][2], tmp_path / "before.sqlite3")


def taken(desk: MoneyDesk, which: str) -> None:
    kind, path, at, terms = FILES[which]
    desk.money(kind, path, ledger2021.content(path), at, **terms)


def killed_at(path: Path, which: str, statement: int) -> bool:
    """Takes the file in a process that kills itself before that statement; whether it came so
    far.
    """
    child = os.fork()
    if child == 0:
        try:
            count = 0

            def kill(*_: object) -> None:
                nonlocal count
                count += 1
                if count == statement:
                    os.kill(os.getpid(), signal.SIGKILL)

            desk = money_desk(Store(f"sqlite:///{path}"))
            event.listen(Engine, "before_cursor_execute", kill)
            event.listen(Engine, "commit", kill)
            taken(desk, which)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def facts(store: Store) -> list[int]:
    """How many rows each table of money has."""
    tables = ("money_files", "money_lists", "money_lines", "money_approvals", "money_answers")
    with store.reading() as session:
        connection = session.connection()
        return [
            int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0)
            for table in tables
        ]


def counted(path: Path, which: str) -> int:
    """How many statements taking the file takes, its commits among them."""
    store = Store(f"sqlite:///{path}")
    desk, count = money_desk(store), []

    def one(*_: object) -> None:
        count.append(1)

    event.listen(Engine, "before_cursor_execute", one)
    event.listen(Engine, "commit", one)
    try:
        taken(desk, which)
    finally:
        event.remove(Engine, "before_cursor_execute", one)
        event.remove(Engine, "commit", one)
        store.close()
    return len(count)


def test_a_file_is_whole_or_not_there(before: tuple[str, Path], tmp_path: Path) -> None:
    which, path = before
    untouched = Store(f"sqlite:///{path}")
    nothing = facts(untouched)
    untouched.close()
    whole = _copy(path, tmp_path / "whole.sqlite3")
    statements = counted(whole, which)
    done = Store(f"sqlite:///{whole}")
    balance = money_desk(done).ledger().balance()
    assert facts(done) != nothing
    done.close()
    # The last statements are those that write; before them the file is only read.
    for statement in (1, statements // 2, *range(statements - 5, statements + 1)):
        one = _copy(path, tmp_path / f"{statement}.sqlite3")
        assert killed_at(one, which, statement)
        store = Store(f"sqlite:///{one}")
        assert facts(store) == nothing
        desk = money_desk(store)
        if statement == statements:
            taken(desk, which)
            assert desk.ledger().balance() == balance
        store.close()


def _copy(path: Path, to: Path) -> Path:
    shutil.copy(path, to)
    return to
