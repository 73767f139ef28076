"""A ledger whose steps were kept in English reads as it did: to the letter at the terminal, and in
the same Chinese on a page.
"""

from __future__ import annotations

import json
from datetime import UTC, date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, create_engine, insert, make_url, text

from bot.domain.notices.codes import StepCode
from bot.domain.statement import Statement
from bot.store import Store
from bot.store.engine.store import MIGRATIONS
from bot.store.notices import deliveries
from config.wording.statements import chinese, english
from tests.builders import at
from tests.conftest import Postgres
from tests.store.facts import HOUSING

# What was kept, and the Chinese that the program of that time told for it.
THEN: list[list[str]] = json.loads(
    Path(__file__).with_name("old_steps.json").read_text(encoding="utf-8")
)
TYPED = ["dropped by 张三: HTTP 500", "arrived, says the lease ran out: 群里有"]
"""What people typed was translated then, where it happened to be a sentence of ours."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a ledger of revision 0010, a delivery with every step there was."""
    server: Postgres | None = (
        request.getfixturevalue("postgres") if request.param == "postgresql" else None
    )
    address = server.empty() if server else f"sqlite:///{tmp_path / 'old.sqlite3'}"
    engine = create_engine(make_url(address.replace("postgresql://", "postgresql+psycopg://")))
    asked = Config()
    asked.set_main_option("script_location", str(MIGRATIONS))
    evening = at("10-29 17:30").astimezone(UTC)
    notice = {
        "campaign": HOUSING, "version": 1, "kind": "bulletin", "day": date(2021, 10, 29), "edition": 1, "number": 15,
        "planned": evening, "made_at": evening, "catch_up": False, "title": "通报", "text": "各乡镇：", "table_json": "null",
        "mentions_json": "[]", "rule_version": 1,
    }  # fmt: skip
    with engine.begin() as connection:
        asked.attributes["connection"] = connection
        command.upgrade(asked, "0010")
        tables = MetaData()
        tables.reflect(connection)
        connection.execute(insert(tables.tables["notices"]), [notice])
        delivery = {"id": 1, "notice_id": 1, "campaign": HOUSING, "group_key": "townships"}
        connection.execute(insert(tables.tables["deliveries"]), [delivery])
        step = {
            "delivery_id": 1,
            "state": "unknown",
            "at": evening,
            "attempt": 1,
            "page": 0,
            "until": None,
            "worker": "",
        }
        faults = [
            {
                "page": 1,
                "state": "unknown",
                "code": "",
                "detail": "no answer before the lease ran out",
            },
            {"page": 2, "state": "refused", "code": "40008", "detail": "系统繁忙"},
        ]
        connection.execute(
            insert(tables.tables["delivery_events"]),
            [
                {
                    **step,
                    "seq": seq,
                    "code": "",
                    "detail": detail,
                    "faults": json.dumps(faults),
                    "pages": 3,
                }
                for seq, detail in enumerate([*(english for english, _ in THEN), *TYPED, ""], 1)
            ],
        )
    engine.dispose()
    return address


def test_every_step_reads_as_it_did(old: str) -> None:
    store = Store(old)
    store.upgrade()
    with store.reading() as session:
        steps = deliveries.history(session, 1)
    kept = [english for english, _ in THEN]
    assert [english(step.detail) for step in steps] == [*kept, *TYPED, ""]
    assert [chinese(step.detail).rstrip() for step in steps[: len(kept)]] == [
        told.rstrip() for _, told in THEN
    ]
    assert [chinese(step.detail) for step in steps[len(kept) :]] == [
        "张三作罢：HTTP 500",
        "the lease ran out确认已到：群里有",
        "",
    ]
    store.close()


def test_all_of_ours_became_statements_and_nobody_elses_did(old: str) -> None:
    store = Store(old)
    store.upgrade()
    with store.reading() as session:
        steps = deliveries.history(session, 1)
    foreign = [step.detail for step in steps if isinstance(step.detail, str)]
    assert foreign == [english for english, told in THEN if english == told] + [""]
    assert {step.detail.code for step in steps if isinstance(step.detail, Statement)} <= {
        code.value for code in StepCode
    }
    store.close()


def test_the_faults_of_pages_read_as_they_did_and_what_was_written_stands(old: str) -> None:
    store = Store(old)
    store.upgrade()
    with store.reading() as session:
        found = deliveries.get_deliveries(session, [1])[1]
        rows = session.execute(
            text("SELECT detail, faults FROM delivery_events ORDER BY seq")
        ).all()
    assert [english(fault.detail) for fault in found.faults] == [
        "no answer before the lease ran out",
        "系统繁忙",
    ]
    assert chinese(found.faults[0].detail) == "发出后没有等到平台答复"
    assert [row.detail for row in rows] == [*(english for english, _ in THEN), *TYPED, ""]
    assert json.loads(rows[0].faults)[0]["was"] == "no answer before the lease ran out"
    with pytest.raises(Exception, match="append-only"), store.writing() as session:
        session.execute(text("UPDATE delivery_events SET said = ''"))
    store.close()
