"""A database that cannot be used is told in a sentence that says what to do, and never with a
password.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.store import Store, StoreUnreachable
from bot.store.replies import replies
from tests.conftest import Postgres
from tests.store.facts import HOUSING, a_reply


def told(url: str) -> str:
    store = Store(url)
    with pytest.raises(StoreUnreachable) as fault:
        store.upgrade()
    store.close()
    return str(fault.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert f"the folder {tmp_path / 'gone'} of the database does not exist; create it" in told(
        f"sqlite:///{tmp_path}/gone/ledger.sqlite3"
    )


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    assert f"the database file {tmp_path} cannot be opened" in told(f"sqlite:///{tmp_path}")


def test_a_file_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    sqlite3.connect(path).execute("CREATE TABLE one (id)").connection.close()
    assert "cannot be written; give this user the right" in told(
        f"sqlite:///file:{path}?mode=ro&uri=true"
    )


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_text("每日调度" * 1000, encoding="utf-8")
    assert f"the file {path} is no database; move it away" in told(f"sqlite:///{path}")
    assert path.read_text(encoding="utf-8") == "每日调度" * 1000


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    with store.writing() as session:
        a_reply(session, "1", text="x" * 50_000)
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = Store(f"sqlite:///{path}")
    with (
        pytest.raises(
            StoreUnreachable, match="is damaged; stop the program and put the last backup"
        ),
        damaged.reading() as session,
    ):
        replies.replies(session, HOUSING)
    damaged.close()


def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    said = told("postgresql://clerk:s3cret@127.0.0.1:9/ledger")
    assert "the database ledger on 127.0.0.1:9 cannot be used as user clerk" in said
    assert "see that the PostgreSQL server runs" in said
    assert "s3cret" not in said


def test_a_database_the_server_does_not_have_is_named(postgres: Postgres) -> None:
    assert "no_such_ledger" in told(postgres.address("no_such_ledger"))


@pytest.mark.parametrize(
    "url",
    ["s3cret", "mysql://clerk:s3cret@db/ledger", "postgresql://clerk:s3cret@db:port/ledger", ""],
)
def test_an_address_of_another_kind_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(
        StoreUnreachable, match="DATABASE_URL cannot be read; write sqlite:///"
    ) as fault:
        Store(url)
    assert "s3cret" not in str(fault.value)


def test_a_store_shows_no_password() -> None:
    for url in (
        "postgresql://clerk:s3cret@127.0.0.1:9/ledger",
        "postgresql://clerk@127.0.0.1:9/ledger?password=s3cret",
    ):
        assert repr(Store(url)) == "Store(ledger on 127.0.0.1:9)"


def test_a_ledger_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.close()
    file = sqlite3.connect(path)
    file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.commit()
    file.close()
    assert "was made by a newer version of this program" in told(f"sqlite:///{path}")
