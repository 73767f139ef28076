"""Every planted fault of lists and returns is found, where it lies, and nothing beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.actions.money.take import LIST, RETURN, MoneyTaken
from bot.domain.money.amounts import Fen
from bot.domain.money.doubts import MoneyDoubtKind, Weight
from config.wording import money as wording
from tests import ledger2021
from tests.actions.money.conftest import MoneyDesk

# Against which ledger each file is read, and what the person who files it says of it.
READ: dict[str, tuple[str, str, dict[str, Any]]] = {
    "faults/payment-list-faulty.xlsx": (
        LIST,
        "2021-11-08T09:00:00+08:00",
        {"batch": 2, "approved": Fen(85_800_000)},
    ),
    "faults/payment-list-total.xlsx": (
        LIST,
        "2021-11-08T09:00:00+08:00",
        {"batch": 2, "approved": Fen(85_800_000)},
    ),
    "faults/return-pipe-faulty.txt": (RETURN, "2021-10-25T17:10:00+08:00", {}),
    "faults/return-pipe-total.txt": (RETURN, "2021-10-25T17:10:00+08:00", {}),
    "faults/return-again.txt": (RETURN, "2021-10-26T09:00:00+08:00", {}),
    "faults/return-success-after-success.txt": (RETURN, "2021-10-28T17:00:00+08:00", {}),
    "faults/return-again-resaved.csv": (RETURN, "2021-11-09T09:00:00+08:00", {}),
    "faults/return-csv-wrong-batch.csv": (RETURN, "2021-11-08T17:00:00+08:00", {"batch": 1}),
    "faults/return-fixed-truncated.txt": (RETURN, "2021-11-25T17:00:00+08:00", {}),
    "faults/return-fixed-shifted.txt": (RETURN, "2021-11-25T17:00:00+08:00", {}),
}
PLANTED = [one for one in ledger2021.golden("faults")["faults"] if one["file"] in READ]


Until = Callable[[str], MoneyDesk]


def read(until: Until, path: str) -> MoneyTaken:
    kind, at, terms = READ[path]
    return until(at).money(kind, path, ledger2021.content(path), at, dry=True, **terms)


@pytest.mark.parametrize("path", READ)
def test_what_is_found_is_what_was_planted(until: Until, path: str) -> None:
    found = {(str(doubt.kind), doubt.row, doubt.other_row) for doubt in read(until, path).doubts}
    assert found == {
        (one["kind"], one["row"], one["other_row"]) for one in PLANTED if one["file"] == path
    }


@pytest.mark.parametrize("one", PLANTED, ids=lambda one: f"{one['file']} {one['kind']}")
def test_each_is_told_with_its_column_and_what_becomes_of_it(until: Until, one: Any) -> None:
    taken = read(until, one["file"])
    (doubt,) = [
        found for found in taken.doubts if (found.kind, found.row) == (one["kind"], one["row"])
    ]
    if one["column"]:
        assert wording.column(doubt.column) == one["column"]
    # A second payment is money that moved: it is taken and told of.
    effect = "warn" if one["kind"] == "paid_twice" else one["effect"]
    assert doubt.weight.value == effect
    assert wording.finding_at(doubt)


@pytest.mark.parametrize("path", [path for path in READ if path.startswith("faults/payment")])
def test_a_list_with_a_fault_does_not_go_at_all(until: Until, path: str) -> None:
    kind, at, terms = READ[path]
    desk = until(at)
    before = desk.ledger().balance()
    taken = desk.money(kind, path, ledger2021.content(path), at, paper="X", **terms)
    assert taken.refused
    assert taken.file is None
    assert desk.ledger().balance() == before


def test_the_good_rows_of_a_faulty_return_are_facts(until: Until) -> None:
    path = "faults/return-pipe-faulty.txt"
    kind, at, _ = READ[path]
    desk = until(at)
    taken = desk.money(kind, path, ledger2021.content(path), at)
    balance = desk.ledger().balance()
    # Six rows say nothing that can be true, one is silent: what they are of stays in transit.
    assert taken.taken == 60
    assert (
        balance.granted == balance.paid + balance.in_transit + balance.failed_waiting + balance.free
    )
    lines = [
        line for line in desk.ledger().lines if desk.ledger().state(line).value == "in_transit"
    ]
    assert len(lines) == 5
    # The right return, filed afterwards, brings the rest.
    desk.money(
        RETURN,
        "right",
        ledger2021.content("in/returns/回盘_第一批.txt"),
        "2021-10-26T09:00:00+08:00",
    )
    assert not desk.ledger().in_transit()


def test_a_second_payment_is_taken_and_shown_apart(until: Until) -> None:
    path = "faults/return-success-after-success.txt"
    kind, at, _ = READ[path]
    desk = until(at)
    before = desk.ledger().balance()
    taken = desk.money(kind, path, ledger2021.content(path), at)
    after = desk.ledger().balance()
    assert [(doubt.kind, doubt.weight) for doubt in taken.doubts] == [
        (MoneyDoubtKind.PAID_TWICE, Weight.WARN)
    ]
    assert (after.paid - before.paid, after.paid_twice, after.free - before.free) == (
        750_000,
        750_000,
        -750_000,
    )
