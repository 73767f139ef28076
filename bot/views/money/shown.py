"""The pots, batches and lines of money as data: for the terminal, pages and papers. Sums are in
fen; nobody is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.domain.money.ledger import AttemptSums, Balance, Ledger, Line, LineState
from bot.domain.registers.case import CaseCode

POTS = ("granted", "paid", "in_transit", "failed_waiting", "free")


def balance_shown(balance: Balance) -> dict[str, Any]:
    """The pots in fen, and how many households have money."""
    return {"unit": "fen", **asdict(balance)}


def attempts_shown(ledger: Ledger) -> list[dict[str, Any]]:
    """Each attempt of each batch with its sums in fen."""
    names = {batch.number: (batch.name, batch.paper, batch.approved) for batch in ledger.batches}
    return [_attempt(sums, names) for sums in ledger.attempts()]


def lines_shown(
    ledger: Ledger, townships: Mapping[CaseCode, str], day: date
) -> list[dict[str, Any]]:
    """Each line with its state; of one that failed why and what to do, and since how many days it
    waits.
    """
    return [_line(ledger, line, townships, day) for line in ledger.lines]


def failed_by_township(
    ledger: Ledger, townships: Mapping[CaseCode, str], day: date
) -> dict[str, list[dict[str, Any]]]:
    """The failed lines that wait to be listed again, by township."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in ledger.to_list_again():
        found.setdefault(townships.get(line.case, ""), []).append(
            _line(ledger, line, townships, day)
        )
    return found


def _attempt(sums: AttemptSums, names: Mapping[int, tuple[str, str, int]]) -> dict[str, Any]:
    name, paper, approved = names.get(sums.batch, ("", "", 0))
    return {
        **asdict(sums),
        "listed_at": sums.listed_at.isoformat(),
        "name": name,
        "paper": paper,
        "approved": approved,
    }


def _line(
    ledger: Ledger, line: Line, townships: Mapping[CaseCode, str], day: date
) -> dict[str, Any]:
    state = ledger.state(line)
    failure = ledger.failure(line)
    through = ledger.standing(line)
    since = failure.day if failure else line.listed_at.date()
    said = through[-1] if through else failure
    return {
        "number": line.number,
        "batch": line.batch,
        "attempt": line.attempt,
        "case": line.case,
        "township": townships.get(line.case, ""),
        "amount": line.amount,
        "state": state.value,
        "day": said.day.isoformat() if said else None,
        "serials": [answer.serial for answer in through],
        "to_do": failure.to_do.value if failure and failure.to_do else None,
        "words": failure.words if failure else "",
        "waits_days": max((day - since).days, 0)
        if state in (LineState.FAILED, LineState.IN_TRANSIT)
        else 0,
    }
