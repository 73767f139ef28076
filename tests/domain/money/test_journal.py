"""The journal of a campaign balances by itself and comes to the very pots of the ledger."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.money.journal import FREE, GRANTED, PAID, TRANSIT, WAITING, journal
from bot.domain.money.ledger import Ledger, Result
from tests.domain.money.builders import answer, batch, grant, line
from tests.domain.money.journal_reader import Unbalanced, read_journal

ZONE = ZoneInfo("Asia/Shanghai")
THROUGH, FAILED, REVERSED = Result.THROUGH, Result.FAILED, Result.REVERSED


def season() -> Ledger:
    """Lines that are out, paid, paid twice, failed, listed again and paid, and paid and taken
    back.
    """
    lines = (*(line(number) for number in range(1, 7)), line(7, case="C3", attempt=2, listed=2))
    answers = (
        answer(1, 1, THROUGH, "A"),
        answer(2, 2, THROUGH, "B"),
        answer(3, 2, THROUGH, "C", recorded=1),
        answer(4, 3, FAILED, "D"),
        answer(5, 4, FAILED, "E"),
        answer(6, 5, THROUGH, "F"),
        answer(7, 5, REVERSED, "F", day=28, recorded=3),
        answer(8, 7, THROUGH, "G", recorded=4),
    )
    return Ledger(
        grants=(grant(10**7),),
        batches=(batch(1, approved=4_500_000),),
        lines=lines,
        answers=answers,
    )


def test_the_journal_comes_to_the_pots() -> None:
    ledger = season()
    book, balance = read_journal(journal(ledger, ZONE, "资金")), ledger.balance()
    assert book.fen[GRANTED] == -balance.granted
    assert book.fen[FREE] == balance.free
    assert book.fen[TRANSIT] == balance.in_transit
    assert book.fen[WAITING] == balance.failed_waiting
    assert book.fen[PAID] == balance.paid
    assert book.asserted == 5


@pytest.mark.parametrize("at", [7, 12, 20])
def test_a_fen_changed_in_the_journal_is_found(at: int) -> None:
    told = journal(season(), ZONE, "资金").splitlines()
    places = [
        number for number, text in enumerate(told) if text.endswith("CNY") and "open" not in text
    ]
    told[places[at]] = told[places[at]].replace(".00 CNY", ".01 CNY")
    with pytest.raises(Unbalanced):
        read_journal("\n".join(told))


def test_a_ledger_without_money_is_a_journal_too() -> None:
    assert read_journal(journal(Ledger(), ZONE, "资金")).transactions == 0


@pytest.mark.skipif(shutil.which("bean-check") is None, reason="beancount is not installed here")
def test_beancount_reads_it_and_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "money.beancount"
    path.write_text(journal(season(), ZONE, "资金"), encoding="utf-8")
    done = subprocess.run(["bean-check", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
