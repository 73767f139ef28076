"""Recomputes the money of a campaign from its facts alone, by other ways than it is shown, and
tells every difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.money.amounts import Fen, yuan
from bot.domain.money.journal import FREE, GRANTED, PAID, TRANSIT, WAITING, movements
from bot.domain.money.ledger import Ledger, Result, came_back
from bot.domain.registers.case import CaseCode
from bot.store import Session
from bot.views.money.ledger import ledger_at, payments
from bot.views.money.shown import attempts_shown, balance_shown, lines_shown


def audited(session: Session, campaign: Campaign, known_at: datetime) -> list[str]:
    """Every place at which what is shown differs from what the facts come to; nothing if everything
    agrees to the fen.
    """
    ledger = ledger_at(session, campaign, known_at)
    day = known_at.astimezone(campaign.timezone).date()
    shown = lines_shown(ledger, {}, day)
    found = [
        *_pots(ledger, campaign),
        *_batches(ledger),
        *_lines(ledger, shown),
        *_approvals(ledger),
    ]
    through: defaultdict[CaseCode, int] = defaultdict(int)
    times = _times(ledger)
    for line in ledger.lines:
        through[line.case] += line.amount * times[line.number]
    for case, one in payments(session, campaign, known_at).items():
        if through[case] != one.amount:
            found.append(_told(f"payment of {case}", one.amount, through[case]))
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
    if (
        shown["granted"]
        != shown["paid"] + shown["in_transit"] + shown["failed_waiting"] + shown["free"]
    ):
        found.append(f"the pots do not come to what was granted, {yuan(shown['granted'])}")
    return found


def _batches(ledger: Ledger) -> list[str]:
    times = _times(ledger)
    listed: defaultdict[tuple[int, int], int] = defaultdict(int)
    through: defaultdict[tuple[int, int], int] = defaultdict(int)
    for line in ledger.lines:
        listed[line.batch, line.attempt] += line.amount
        through[line.batch, line.attempt] += line.amount if times[line.number] else 0
    found = []
    for sums in attempts_shown(ledger):
        place = (sums["batch"], sums["attempt"])
        told = f"batch {place[0]} attempt {place[1]}"
        if through[place] != sums["through_amount"]:
            found.append(_told(f"{told}, through", sums["through_amount"], through[place]))
        if listed[place] != sums["amount"]:
            found.append(_told(told, sums["amount"], listed[place]))
        if (
            sums["through_amount"] + sums["failed_amount"] + sums["unanswered_amount"]
            != sums["amount"]
        ):
            found.append(f"{told}: through, failed and open do not come to what was listed")
    return found


def _lines(ledger: Ledger, shown: list[dict[str, object]]) -> list[str]:
    states, times = {one["number"]: one["state"] for one in shown}, _times(ledger)
    return [
        f"line {line.number} of {line.case} is shown as {states[line.number]}"
        for line in ledger.lines
        if (states[line.number] == "paid") != bool(times[line.number])
    ]


def _approvals(ledger: Ledger) -> list[str]:
    """What was listed of each batch at first is what was approved for it."""
    found = []
    for batch in ledger.batches:
        listed = sum(
            line.amount for line in ledger.lines if (line.batch, line.attempt) == (batch.number, 1)
        )
        if listed != batch.approved:
            found.append(_told(f"batch {batch.number}, approved", batch.approved, listed))
    return found


def _times(ledger: Ledger) -> Mapping[int, int]:
    """How often each line was paid and is not taken back, counted from the answers alone."""
    through: defaultdict[int, set[str]] = defaultdict(set)
    back: defaultdict[int, set[str]] = defaultdict(set)
    for answer in ledger.answers:
        if answer.result is Result.THROUGH:
            through[answer.line].add(answer.serial)
        if came_back(answer):
            back[answer.line].add(answer.serial)
    return {line.number: len(through[line.number] - back[line.number]) for line in ledger.lines}


def _told(what: str, shown: int, counted: int) -> str:
    return f"{what}: shown {yuan(Fen(shown))}, the facts come to {yuan(Fen(counted))}"
