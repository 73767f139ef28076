"""Recomputes the money of a campaign from its facts alone, by other ways than it is shown, and tells every difference."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.money.amounts import Fen, yuan
from bot.domain.money.journal import FREE, GRANTED, PAID, TRANSIT, WAITING, movements
from bot.domain.money.ledger import Ledger, Line, Result, came_back
from bot.store import Session
from bot.views.money.ledger import ledger_at, payments
from bot.views.money.shown import attempts_shown, balance_shown, lines_shown


def audited(session: Session, campaign: Campaign, known_at: datetime) -> list[str]:
    """Every place at which what is shown differs from what the facts come to; nothing if everything agrees to the fen."""
    ledger = ledger_at(session, campaign, known_at)
    day = known_at.astimezone(campaign.timezone).date()
    shown = lines_shown(ledger, {}, day)
    found = [*_pots(ledger, campaign), *_batches(ledger), *_lines(ledger, shown), *_approvals(ledger)]
    paid = payments(session, campaign, known_at)
    for case, one in paid.items():
        through = sum(line.amount * _times(ledger, line) for line in ledger.lines if line.case == case)
        if through != one.amount:
            found.append(_told(f"payment of {case}", one.amount, through))
    return found


def _pots(ledger: Ledger, campaign: Campaign) -> list[str]:
    """The pots as shown beside those that the movements of the journal add up to."""
    accounts: defaultdict[str, int] = defaultdict(int)
    for move in movements(ledger, campaign.timezone):
        accounts[move.source] -= move.amount
        accounts[move.target] += move.amount
    shown = balance_shown(ledger.balance())
    pots = {
        "granted": -accounts[GRANTED],
        "free": accounts[FREE],
        "in_transit": accounts[TRANSIT],
        "failed_waiting": accounts[WAITING],
        "paid": accounts[PAID],
    }
    found = [_told(pot, shown[pot], amount) for pot, amount in pots.items() if shown[pot] != amount]
    if shown["granted"] != shown["paid"] + shown["in_transit"] + shown["failed_waiting"] + shown["free"]:
        found.append(f"the pots do not come to what was granted, {yuan(shown['granted'])}")
    return found


def _batches(ledger: Ledger) -> list[str]:
    found = []
    for sums in attempts_shown(ledger):
        lines = [line for line in ledger.lines if (line.batch, line.attempt) == (sums["batch"], sums["attempt"])]
        through = sum(line.amount for line in lines if _times(ledger, line))
        place = f"batch {sums['batch']} attempt {sums['attempt']}"
        if through != sums["through_amount"]:
            found.append(_told(f"{place}, through", sums["through_amount"], through))
        if sum(line.amount for line in lines) != sums["amount"]:
            found.append(_told(place, sums["amount"], sum(line.amount for line in lines)))
        if sums["through_amount"] + sums["failed_amount"] + sums["unanswered_amount"] != sums["amount"]:
            found.append(f"{place}: through, failed and open do not come to what was listed")
    return found


def _lines(ledger: Ledger, shown: list[dict[str, object]]) -> list[str]:
    states = {one["number"]: one["state"] for one in shown}
    found = []
    for line in ledger.lines:
        paid = bool(_times(ledger, line))
        if (states[line.number] == "paid") != paid:
            found.append(f"line {line.number} of {line.case} is shown as {states[line.number]}")
    return found


def _approvals(ledger: Ledger) -> list[str]:
    """What was listed of each batch at first is what was approved for it."""
    found = []
    for batch in ledger.batches:
        listed = sum(line.amount for line in ledger.lines if (line.batch, line.attempt) == (batch.number, 1))
        if listed != batch.approved:
            found.append(_told(f"batch {batch.number}, approved", batch.approved, listed))
    return found


def _times(ledger: Ledger, line: Line) -> int:
    """How often a line was paid and is not taken back, counted from the answers alone."""
    answers = [answer for answer in ledger.answers if answer.line == line.number]
    back = {answer.serial for answer in answers if came_back(answer)}
    return len({answer.serial for answer in answers if answer.result is Result.THROUGH} - back)


def _told(what: str, shown: int, counted: int) -> str:
    return f"{what}: shown {yuan(Fen(shown))}, the facts come to {yuan(Fen(counted))}"
