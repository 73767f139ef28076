"""The money of a whole season, file by file: every pot at every moment, every batch, every
household, to the fen.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from bot.actions.money.take import MoneyTaken
from bot.domain.money.doubts import MoneyDoubtKind
from bot.domain.money.ledger import LineState
from bot.views.money.ledger import households_at, payments
from tests import ledger2021
from tests.actions.money.conftest import MONEY, MoneyDesk

GOLDEN = ledger2021.golden("money")
FILES = ledger2021.files(*MONEY)
END = "2021-12-24T18:00:00+08:00"


@pytest.mark.parametrize("golden", GOLDEN["balance_at"], ids=lambda one: one["at"])
def test_every_pot_at_every_moment(whole_season: MoneyDesk, golden: Any) -> None:
    balance = whole_season.ledger(golden["at"]).balance()
    pots = ("granted", "paid", "in_transit", "failed_waiting", "free")
    assert {pot: getattr(balance, pot) for pot in pots} == {pot: golden[pot] * 100 for pot in pots}
    assert balance.paid_households == golden["paid_households"]


@pytest.mark.parametrize("one", FILES, ids=lambda one: one["path"])
def test_every_file_is_taken_whole_and_nothing_is_found_in_it(
    whole_season: MoneyDesk, one: Any
) -> None:
    taken = whole_season.taken[one["path"]]
    assert isinstance(taken, MoneyTaken)
    assert not taken.doubts
    assert taken.rows == taken.taken == one["rows"]
    if one["kind"] != "grant":
        assert (taken.batch, taken.attempt) == (one["batch"], one["attempt"])
    if one["kind"] == "bank_return":
        assert taken.form == one["format"]


@pytest.mark.parametrize("golden", GOLDEN["batches"], ids=lambda one: f"batch {one['batch']}")
def test_every_batch_and_attempt(whole_season: MoneyDesk, golden: Any) -> None:
    ledger = whole_season.ledger()
    for attempt in golden["attempts"]:
        (sums,) = [
            one
            for one in ledger.attempts()
            if (one.batch, one.attempt) == (golden["batch"], attempt["attempt"])
        ]
        assert (sums.lines, sums.amount) == (attempt["lines"], attempt["yuan"] * 100)
        assert (sums.through, sums.through_amount) == (
            attempt["through"],
            attempt["through_yuan"] * 100,
        )
        failed = {
            line.case: (line.amount, failure.words)
            for line in ledger.lines
            if (line.batch, line.attempt) == (golden["batch"], attempt["attempt"])
            and (failure := ledger.failure(line)) is not None
        }
        assert failed == {
            one["case"]: (one["yuan"] * 100, one["reason"]) for one in attempt["failed"]
        }


def test_every_household_is_paid_on_its_day(whole_season: MoneyDesk) -> None:
    at = whole_season.enrolled.campaign
    with whole_season.store.reading() as session:
        paid = payments(session, at, datetime.fromisoformat(END))
        households = households_at(session, at, datetime.fromisoformat(END))
    for golden in ledger2021.golden("households"):
        one = paid[golden["case"]]
        assert (one.day, one.amount, one.batch) == (
            date.fromisoformat(golden["paid"]),
            golden["yuan"] * 100,
            golden["batch"],
        )
        proved = households.cases[golden["case"]].proved
        assert proved["paid"] == one.day  # type: ignore[index]
        assert proved["coded"] == date.fromisoformat(golden["coded"])  # type: ignore[index]
    assert len(paid) == 341


def test_the_same_files_again_are_nothing(whole_season: MoneyDesk) -> None:
    before = whole_season.ledger().balance()
    for one in FILES:
        taken = whole_season.money(
            MONEY[one["kind"]], one["path"], ledger2021.content(one["path"]), END
        )
        assert [doubt.kind for doubt in taken.doubts] == [MoneyDoubtKind.FILE_AGAIN]
        assert (
            taken.doubts[0].facts["when"] == one["imported_at"]
            or taken.doubts[0].facts["by"] == "王会计"
        )
        assert taken.file is None
    assert whole_season.ledger().balance() == before


def test_nothing_is_left_open_at_the_end(whole_season: MoneyDesk) -> None:
    ledger = whole_season.ledger()
    assert not ledger.to_list_again()
    assert {ledger.state(line) for line in ledger.lines} == {LineState.PAID, LineState.RELISTED}
