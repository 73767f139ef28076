"""Sheets many readers ask for: laid out once, and always what the ledger says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.domain.campaigns.campaign import TownshipName
from bot.domain.figures.progress import DaySheet
from bot.store import Session, Store
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from bot.views.day import sheets as room
from bot.views.day.sheets import RememberedSheets, sheets_known
from tests.builders import COMPLETED, at, day, small_campaign
from tests.store.facts import all_at_once

CAMPAIGN = small_campaign({"A": 10, "B": 4})
MORNING = at("11-01 08:00")
NOON = at("11-05 12:00")


def add(
    session: Session,
    township: str,
    on: date,
    value: int | None,
    recorded_at: datetime,
    **changes: Any,
) -> int:
    told = NewFigure(
        township=TownshipName(township),
        day=on,
        stage=COMPLETED,
        category=None,
        value=None if value is None else Decimal(value),
        late=False,
        **changes,
    )
    return figures.add_figures(
        session, campaign=CAMPAIGN.key, version=1, recorded_at=recorded_at, figures=[told]
    )[0]


@pytest.fixture
def laid(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The days up to which sheets were laid out."""
    asked: list[date] = []

    def day_sheets(
        campaign: Any, log: Any, until: date, known_at: datetime, *asking: Any
    ) -> tuple[DaySheet, ...]:
        asked.append(until)
        return plainly(campaign, log, until, known_at, *asking)

    plainly = room.day_sheets
    monkeypatch.setattr(room, "day_sheets", day_sheets)
    return asked


@pytest.fixture
def questions() -> Iterator[list[str]]:
    """Every SELECT that is put to a database."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


def test_what_was_laid_out_is_not_laid_out_again(
    store: Store, laid: list[date], questions: list[str]
) -> None:
    remembered = RememberedSheets()
    with store.writing() as session:
        add(session, "A", day("11-01"), 3, MORNING)
    with store.reading() as session:
        first = remembered.known(session, CAMPAIGN, day("11-04"), at("11-04 17:30"))
        before = len(questions)
        again = remembered.known(session, CAMPAIGN, day("11-04"), at("11-04 18:00"))
        assert len(questions) == before + 3  # more figures, who was asked, who answered
        assert [replace(sheet, as_of=first[0].as_of) for sheet in again] == list(first)
        assert {sheet.as_of for sheet in again} == {at("11-04 18:00")}
        assert remembered.known(session, CAMPAIGN, day("11-02"), at("11-04 17:30")) == first[:2]
        assert laid == [day("11-04")]
        assert len(remembered.known(session, CAMPAIGN, day("11-06"), at("11-06 17:30"))) == 6
        assert laid == [day("11-04"), day("11-06")]


def test_a_new_figure_leaves_alone_what_was_known_before_it(store: Store, laid: list[date]) -> None:
    remembered = RememberedSheets()

    def totals() -> tuple[Decimal, Decimal]:
        with store.reading() as session:
            then = remembered.known(session, CAMPAIGN, day("11-01"), at("11-01 17:30"))[-1]
            now = remembered.known(session, CAMPAIGN, day("11-01"), NOON)[-1]
        return then.total, now.total

    with store.writing() as session:
        first = add(session, "A", day("11-01"), 3, MORNING)
    assert totals() == (3, 3)
    assert len(laid) == 1
    with store.writing() as session:
        add(session, "A", day("11-01"), 5, at("11-02 09:00"), supersedes=first)
    assert totals() == (3, 5)
    assert len(laid) == 2
    with store.writing() as session:
        add(session, "B", day("11-01"), 1, at("11-01 09:00"))  # by a clock that was set back
    assert totals() == (4, 6)
    assert len(laid) == 4


def test_a_new_figure_and_a_changed_campaign_are_seen_at_once(store: Store) -> None:
    remembered = RememberedSheets()

    def total(campaign: Any = CAMPAIGN, known_at: datetime = NOON) -> tuple[Decimal, Decimal]:
        with store.reading() as session:
            sheet = remembered.known(session, campaign, day("11-01"), known_at)[-1]
        return sheet.total, sheet.target

    with store.writing() as session:
        wrong = add(session, "A", day("11-01"), 3, MORNING)
    assert total() == (3, 14)
    with store.writing() as session:
        add(session, "A", day("11-01"), 5, at("11-02 09:00"), supersedes=wrong)
    assert total() == (5, 14)
    assert total(known_at=at("11-02 08:59")) == (3, 14)
    assert total(small_campaign({"A": 10, "B": 6})) == (5, 16)
    assert total() == (5, 14)


def test_what_a_transaction_writes_and_undoes_is_never_remembered(store: Store) -> None:
    remembered = RememberedSheets()

    def undone() -> None:
        with store.writing() as session:
            add(session, "A", day("11-01"), 3, MORNING)
            assert (
                remembered.known(session, CAMPAIGN, day("11-01"), at("11-02 08:00"))[-1].total == 3
            )
            raise InterruptedError

    with pytest.raises(InterruptedError):
        undone()
    with store.writing() as session:
        add(session, "B", day("11-01"), 1, MORNING)
    with store.reading() as session:
        assert remembered.known(session, CAMPAIGN, day("11-01"), at("11-02 08:00"))[-1].total == 1


@pytest.mark.parametrize("seed", range(4))
def test_it_always_answers_what_the_ledger_says(store: Store, seed: int) -> None:
    """Corrections, withdrawals and moments out of order, read between any two of them, with next to
    no room to remember.
    """
    dice = random.Random(seed)
    remembered = RememberedSheets(most_figures=12, most_layouts=2)
    numbers: list[int] = []
    for _ in range(30):
        with store.writing() as session:
            on = day("11-01") + timedelta(days=dice.randrange(8))
            earlier = dice.choice(numbers) if numbers and dice.random() < 0.3 else None
            value = None if earlier and dice.random() < 0.5 else dice.randrange(9)
            moment = MORNING + timedelta(hours=dice.randrange(200))
            numbers.append(add(session, dice.choice("AB"), on, value, moment, supersedes=earlier))
        asked, known_at = (
            day("11-01") + timedelta(days=dice.randrange(10)),
            MORNING + timedelta(hours=dice.randrange(240)),
        )
        with store.reading() as session:
            assert remembered.known(session, CAMPAIGN, asked, known_at) == sheets_known(
                session, CAMPAIGN, asked, known_at
            )


def test_many_threads_may_ask_while_one_writes(store: Store) -> None:
    remembered = RememberedSheets(most_layouts=2)

    def ask(place: int) -> bool:
        if place == 0:
            for value in range(1, 6):
                with store.writing() as session:
                    add(session, "A", day("11-01"), value, MORNING)
            return True
        totals = []
        for _ in range(10):
            with store.reading() as session:
                totals.append(
                    remembered.known(session, CAMPAIGN, day("11-01"), at("11-02 08:00"))[-1].total
                )
        return totals == sorted(totals)

    assert all(all_at_once(5, ask))
    with store.reading() as session:
        assert remembered.known(session, CAMPAIGN, day("11-01"), at("11-02 08:00"))[-1].total == 5
