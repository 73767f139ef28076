"""The tables: migrations make what the models say, facts cannot be changed, and what was written
reads back exactly.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, create_engine, delete, insert, make_url, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from bot.domain.campaigns.campaign import GroupKey, StageKey, TownshipName
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import FigureSubject
from bot.domain.notices.notice import Mention, Table
from bot.store import Session, Store, lock_campaign
from bot.store.campaigns import addresses, contacts, setups, versions
from bot.store.day import closings, runs
from bot.store.decisions import decisions
from bot.store.engine.columns import AnyText, TenThousandths
from bot.store.engine.store import MIGRATIONS
from bot.store.engine.tables import Db
from bot.store.figures import figures
from bot.store.notices import deliveries, notices, robots
from bot.store.notices.tables import DbOutbox, DbRobot
from bot.store.people import people, ties
from bot.store.registers.tables import DbRegisterKey
from bot.store.replies import heard, readings, replies
from bot.store.replies.heard import NewHeard
from bot.store.replies.tables import DbInbox
from tests.builders import COMPLETED, at, day, rural_housing_2021
from tests.conftest import Postgres
from tests.store.facts import HOUSING, a_notice, a_reply
from tests.store.money.facts import some_money
from tests.store.registers.facts import some_registers

CHANGING = {DbOutbox, DbRobot, DbInbox, DbRegisterKey}
FACTS = sorted(set(Db.metadata.tables) - {table.__tablename__ for table in CHANGING})


def one_of_everything(session: Session) -> None:
    """Adds at least one row to every table."""
    version = versions.record_version(session, HOUSING, "content", at("10-15 08:00"))
    contacts.record_contacts(session, rural_housing_2021(), version)
    reply = a_reply(session, "1")
    readings.add_reading(
        session,
        reply_number=reply.number,
        version=version,
        reader_version=1,
        outcome="accept",
        day=day("10-29"),
        late=False,
        asked=[],
        echo="",
        read_at=at("10-29 12:00"),
    )
    decision = decisions.add_decision(
        session,
        campaign=HOUSING,
        by=Actor(name="李四"),
        kind=DecisionKind.FIGURE_WITHDRAWN,
        subject=FigureSubject(number=1),
        reason="漏报",
        at=at("10-29 12:00"),
    )
    setups.add_setup(
        session, HOUSING, version, in_force=True, decision_number=decision, at=at("10-15 08:00")
    )
    addresses.add_address(
        session,
        HOUSING,
        GroupKey("townships"),
        sealed="gAAA",
        fingerprint="1f",
        decision_number=decision,
        at=at("10-15 08:00"),
    )
    new = figures.NewFigure(
        township=TownshipName("石桥镇"),
        day=day("10-29"),
        stage=COMPLETED,
        category=None,
        value=Decimal(1),
        late=False,
    )
    figures.add_figures(
        session,
        campaign=HOUSING,
        version=version,
        recorded_at=at("10-29 12:00"),
        figures=[new],
        decision_number=decision,
    )
    closings.add_closing(
        session, HOUSING, day("10-29"), planned=at("10-29 17:30"), closed_at=at("10-29 17:30")
    )
    runs.claim_run(
        session, HOUSING, "call", at("10-29 08:30"), ran_at=at("10-29 08:30"), late=False
    )
    notices.add_notice(session, a_notice(), [GroupKey("townships")], not_before=at("10-29 17:30"))
    off = robots.Switch(
        robot="1f",
        live=False,
        campaign=HOUSING,
        group=GroupKey("townships"),
        person="",
        reason="93000",
        switched_at=at("10-29 17:31"),
    )
    robots.switch(session, off)
    message = NewHeard(
        channel="wecom:county",
        message_id="1",
        sender_id="zhangsan",
        sender_name="",
        chat="",
        kind="text",
        text="12户",
        sent_at=at("10-29 12:00"),
        arrived_at=at("10-29 12:00"),
    )
    heard.add_heard(session, [message])
    known = heard.find_heard(session, "wecom:county", "1")
    assert known is not None
    heard.add_answer(session, known, "已记", at("10-29 12:00"))
    ties.add_tie(
        session,
        ties.TieKind.SENDER,
        channel="wecom:county",
        platform_id="zhangsan",
        campaign=HOUSING,
        name="稻溪镇-谢",
        decision_number=decision,
        at=at("10-29 12:00"),
    )
    moment = at("10-29 12:00")
    people.add_account(session, login="clerk", name="李四", password="kept", by="陈", at=moment)
    people.add_grant(
        session, login="clerk", campaign=HOUSING, role=people.Role.CLERK, by="陈", at=moment
    )
    people.add_sign_in(session, login="clerk", source="here", taken=True, at=moment)
    people.add_reader(session, name="州平台", campaign=HOUSING, token="kept", by="陈", at=moment)
    some_money(session)
    some_registers(session)


def test_the_migrations_make_exactly_what_the_models_say(address: str) -> None:
    engine = create_engine(make_url(address.replace("postgresql://", "postgresql+psycopg://")))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Db.metadata) == []
    engine.dispose()


def test_upgrading_twice_changes_nothing(store: Store) -> None:
    with store.writing() as session:
        one_of_everything(session)
    store.upgrade()
    with store.reading() as session:
        assert len(replies.replies(session, HOUSING)) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite3'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty()


def test_deliveries_that_were_open_before_robots_had_queues_are_carried_on(bare: str) -> None:
    """Of the ledger's second version, in the middle of an evening: one waits, one was claimed, one
    attempted, one tried in vain.
    """
    store = Store(bare)
    engine = create_engine(make_url(bare.replace("postgresql://", "postgresql+psycopg://")))
    asked = Config()
    asked.set_main_option("script_location", str(MIGRATIONS))
    half_past, until = at("10-29 17:30").astimezone(UTC), at("10-29 17:33").astimezone(UTC)
    with engine.begin() as connection:
        asked.attributes["connection"] = connection
        command.upgrade(asked, "0002")
        old = MetaData()
        old.reflect(connection)
        notice = {
            "campaign": HOUSING, "version": 1, "kind": "bulletin", "day": date(2021, 10, 29), "edition": 1, "number": 15,
            "planned": half_past, "made_at": half_past, "catch_up": False, "title": "通报", "text": "各乡镇：", "table_json": "null",
            "mentions_json": "[]", "rule_version": 1,
        }  # fmt: skip
        connection.execute(insert(old.tables["notices"]), [notice])
        steps = {"a": ["due"], "b": ["due", "claimed"], "c": ["due", "claimed", "attempted"]}
        steps |= {"d": [*steps["c"], "due"], "e": [*steps["c"], "sent"]}
        for number, (group, states) in enumerate(steps.items(), 1):
            connection.execute(
                insert(old.tables["deliveries"]),
                [{"id": number, "notice_id": 1, "campaign": HOUSING, "group_key": group}],
            )
            for seq, state in enumerate(states, 1):
                facts = {
                    "attempt": int("attempted" in states[:seq]),
                    "page": 0,
                    "worker": "",
                    "code": "",
                    "detail": "",
                }
                step = {
                    "delivery_id": number,
                    "seq": seq,
                    "state": state,
                    "at": half_past,
                    "until": until,
                    **facts,
                }
                connection.execute(insert(old.tables["delivery_events"]), [step])
            if states[-1] != "sent":
                row = {
                    "delivery_id": number,
                    "campaign": HOUSING,
                    "group_key": group,
                    "next_at": until,
                }
                connection.execute(insert(old.tables["outbox"]), [row])
    engine.dispose()
    store.upgrade()
    with store.writing() as session:
        (unknown,) = deliveries.expire(session, until)
        assert (unknown.group, unknown.attempts) == ("c", 1)
        (_, *freed) = deliveries.waiting(session, [1, 2, 3, 4, 5])
        assert [one.robot for one in freed] == [f"{HOUSING}/b", f"{HOUSING}/d"]
        claimed = deliveries.claim_due(
            session, at=until, until=at("10-29 17:36"), worker="new", limit=9
        )
        assert [(one.group, one.attempts) for one in claimed] == [("a", 0), ("b", 0), ("d", 1)]
        assert deliveries.counts(session, HOUSING) == {"claimed": 3, "unknown": 1, "sent": 1}
    store.close()


@pytest.mark.parametrize("table", FACTS)
def test_no_fact_can_be_changed_or_deleted(store: Store, table: str) -> None:
    with store.writing() as session:
        one_of_everything(session)
    rows = Db.metadata.tables[table]
    with store.reading() as session:
        before = session.execute(select(rows)).all()
    assert before
    column = list(rows.columns)[-1]
    for change in (update(rows).values({column.name: column}), delete(rows)):
        with pytest.raises(DBAPIError, match=f"{table} is append-only"), store.writing() as session:
            session.execute(change)
    with store.reading() as session:
        assert session.execute(select(rows)).all() == before


@pytest.mark.parametrize("table", FACTS)
def test_no_fact_is_replaced_or_emptied_at_one_stroke(
    store: Store, engine: str, table: str
) -> None:
    with store.writing() as session:
        one_of_everything(session)
    stroke = {
        "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "postgresql": f"TRUNCATE {table} CASCADE",
    }[engine]
    with pytest.raises(DBAPIError, match="is append-only"), store.writing() as session:
        session.execute(text(stroke))


def test_what_still_has_to_be_done_may_change_and_go(store: Store) -> None:
    with store.writing() as session:
        one_of_everything(session)
        session.execute(update(DbOutbox).values(next_at=at("10-30 08:00")))
        session.execute(delete(DbOutbox))
        assert session.scalars(select(DbOutbox)).all() == []


def test_a_moment_reads_back_aware_in_utc_to_the_microsecond(store: Store) -> None:
    planned = datetime(2021, 10, 29, 17, 30, 0, 123456, timezone(timedelta(hours=8)))
    with store.writing() as session:
        runs.claim_run(session, HOUSING, "call", planned, ran_at=planned, late=False)
    with store.reading() as session:
        ((read, _),) = runs.last_runs(session, HOUSING, ["call"], planned).values()
    assert read == planned
    assert read.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2021, 10, 29, 17, 30)  # noqa: DTZ001
    with pytest.raises(StatementError, match="no time zone"), store.writing() as session:
        runs.claim_run(session, HOUSING, "call", naive, ran_at=naive, late=False)


@given(
    st.text(
        alphabet=st.one_of(st.characters(codec=None), st.sampled_from("\x00\x10\ud800\udfffa0")),
        max_size=40,
    )
)
def test_any_text_survives_and_nothing_stored_is_refused_by_an_engine(said: str) -> None:
    stored = AnyText().process_bind_param(said, None)  # type: ignore[arg-type]
    assert stored is not None
    assert "\x00" not in stored
    stored.encode()
    assert AnyText().process_result_value(stored, None) == said  # type: ignore[arg-type]


@given(st.integers(-(10**14), 10**14))
def test_a_value_survives_to_its_ten_thousandth(ten_thousandths: int) -> None:
    value = Decimal(ten_thousandths).scaleb(-4)
    assert TenThousandths().process_bind_param(value, None) == ten_thousandths  # type: ignore[arg-type]
    assert TenThousandths().process_result_value(ten_thousandths, None) == value  # type: ignore[arg-type]


def test_a_value_that_would_have_to_be_rounded_is_refused(store: Store) -> None:
    new = figures.NewFigure(
        township=TownshipName("石桥镇"),
        day=day("10-29"),
        stage=StageKey("completed"),
        category=None,
        value=Decimal("0.00001"),
        late=False,
    )
    with pytest.raises(StatementError, match="more than four decimals"), store.writing() as session:
        figures.add_figures(
            session, campaign=HOUSING, version=1, recorded_at=at("10-29 12:00"), figures=[new]
        )


def test_a_message_of_any_kind_and_length_is_kept_unchanged(store: Store) -> None:
    said = "竣工17户\x00\ud83d\x10" + "长" * 100_000
    with store.writing() as session:
        a_reply(session, "1", text=said)
    with store.reading() as session:
        assert [reply.text for reply in replies.replies(session, HOUSING)] == [said]


def test_a_notice_reads_back_as_it_was_made(store: Store) -> None:
    notice = a_notice(
        number=15,
        catch_up=True,
        text="第一段\n第二段 \x00",
        table=Table(head=("乡镇", "完成"), rows=(("石桥镇", "17"), ("", "")), notes=("注",)),
        mentions=(
            Mention(name="张三", phone="13800000000"),
            Mention(name="李\ud800", user_id="u1"),
        ),
    )
    with store.writing() as session:
        number = notices.add_notice(session, notice, [], not_before=notice.made_at)
        assert number is not None
    with store.reading() as session:
        assert notices.get_notice(session, number) == notice
        assert notices.notices(session, HOUSING) == [(number, notice)]


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def fails() -> None:
        with store.writing() as session:
            a_reply(session, "1")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with store.reading() as session:
        assert replies.replies(session, HOUSING) == []


def test_what_is_written_while_reading_is_not_kept(store: Store) -> None:
    try:
        with store.reading() as session:
            a_reply(session, "1")
    except DBAPIError:
        pass  # PostgreSQL refuses at once
    with store.reading() as session:
        assert replies.replies(session, HOUSING) == []


def test_sqlite_keeps_what_it_confirmed_and_checks_references(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    with store.reading() as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    store.close()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 15000,
    }


def test_a_reference_to_nothing_is_refused(store: Store) -> None:
    with pytest.raises(DBAPIError), store.writing() as session:
        readings.add_reading(
            session,
            reply_number=99,
            version=1,
            reader_version=1,
            outcome="none",
            day=None,
            late=False,
            asked=[],
            echo="",
            read_at=at("10-29 12:00"),
        )


def test_a_campaign_may_be_locked_twice_in_one_transaction(store: Store) -> None:
    with store.writing() as session:
        lock_campaign(session, HOUSING)
        lock_campaign(session, HOUSING)
