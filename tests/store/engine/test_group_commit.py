"""Many threads write, one commit at a time: each hears of its own, and nobody is left waiting for a
writer who has gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from bot.store import Session, Store
from bot.store.engine.group_commit import GroupCommit
from tests.store.facts import all_at_once

PATIENCE = 10.0
"""Seconds a test waits for what must come; only a fault makes it wait so long."""


class Ledger:
    """Doubles what it is asked; refuses odd numbers alone and fails whole with a negative one.
    `busy` holds it in a transaction.
    """

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.busy = threading.Event(), threading.Event()
        self.busy.set()

    def write(self, _: Session, asked: Sequence[int]) -> list[int | Exception]:
        self.begun.set()
        assert self.busy.wait(PATIENCE)
        self.batches.append(list(asked))
        if min(asked) < 0:
            raise ArithmeticError
        return [ValueError(number) if number % 2 else number * 2 for number in asked]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def commit(ledger: Ledger) -> Iterator[GroupCommit[int, int]]:
    store = Store("sqlite://")
    yield GroupCommit(store, ledger.write)
    store.close()


def test_each_is_told_of_its_own(commit: GroupCommit[int, int], ledger: Ledger) -> None:
    def ask(place: int) -> int | str:
        try:
            return commit.record(place)
        except ValueError as fault:
            return f"refused {fault}"

    told = all_at_once(24, ask)
    assert sorted(map(str, told)) == sorted(
        str(n * 2) if n % 2 == 0 else f"refused {n}" for n in range(24)
    )
    assert sorted(number for batch in ledger.batches for number in batch) == list(range(24))


def test_who_comes_while_one_writes_is_written_in_the_next(
    commit: GroupCommit[int, int], ledger: Ledger
) -> None:
    ledger.busy.clear()
    threads = [threading.Thread(target=commit.record, args=(number,)) for number in (2, 4, 6)]
    threads[0].start()
    assert ledger.begun.wait(PATIENCE)
    for thread in threads[1:]:
        thread.start()
    while len(commit._waiting) < 2:
        pass
    ledger.busy.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert [sorted(batch) for batch in ledger.batches] == [[2], [4, 6]]


def test_many_at_once_are_one_transaction_and_each_answer_has_its_place(
    commit: GroupCommit[int, int], ledger: Ledger
) -> None:
    told = commit.record_all([2, 3, 4])
    assert [str(one) for one in told] == ["4", "3", "8"]
    assert isinstance(told[1], ValueError)
    assert ledger.batches == [[2, 3, 4]]


def test_what_was_left_to_be_written_is_written_by_who_writes_and_by_nobody_else(
    commit: GroupCommit[int, int], ledger: Ledger
) -> None:
    told: list[int] = []
    ledger.busy.clear()
    writer = threading.Thread(target=commit.record, args=(2,))
    writer.start()
    assert ledger.begun.wait(PATIENCE)
    for number in (4, 6):
        # returns, though the ledger is busy
        commit.post(number, lambda outcome: told.append(outcome()))
    assert told == []
    ledger.busy.set()
    writer.join(PATIENCE)
    assert not writer.is_alive()
    assert (told, ledger.batches) == ([8, 12], [[2], [4, 6]])


def test_what_is_left_is_written_with_what_comes_next_or_when_somebody_asks(
    commit: GroupCommit[int, int], ledger: Ledger
) -> None:
    told: list[int] = []
    commit.post(4, lambda outcome: told.append(outcome()))
    assert (told, ledger.batches) == ([], [])
    assert commit.record_all([6, 8]) == [12, 16]
    commit.post(2, lambda outcome: told.append(outcome()))
    commit.write_waiting()
    assert (told, ledger.batches) == ([8, 4], [[4, 6, 8], [2]])


def test_a_transaction_that_fails_is_told_to_all_and_the_next_is_made(
    commit: GroupCommit[int, int],
) -> None:
    faults: list[type] = []

    def then(outcome: Callable[[], int]) -> None:
        try:
            outcome()
        except (ArithmeticError, ValueError) as fault:
            faults.append(type(fault))

    commit.post(-2, then)
    commit.write_waiting()
    commit.post(3, then)
    commit.write_waiting()
    assert faults == [ArithmeticError, ValueError]
    with pytest.raises(ArithmeticError):
        commit.record(-2)
    assert commit.record(2) == 4
