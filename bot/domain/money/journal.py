"""The money of a campaign as a plain-text journal that beancount and hledger read, and that
balances by itself.

Every movement is a transaction of two postings that come to nothing. The four pots are accounts;
after each moment their balances are asserted, so that a reader of its own recomputes every pot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from bot.domain.money.amounts import Fen, plain_yuan
from bot.domain.money.ledger import Ledger, Line, Result, came_back

GRANTED, FREE = "Equity:Granted", "Assets:Free"
TRANSIT, WAITING, PAID = "Assets:InTransit", "Assets:FailedWaiting", "Expenses:Paid"
ACCOUNTS = (GRANTED, FREE, TRANSIT, WAITING, PAID)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Money that goes from one pot to another, on a day, with the words of why."""

    day: date
    order: int
    why: str
    source: str
    target: str
    amount: Fen


def movements(ledger: Ledger, zone: tzinfo) -> tuple[Movement, ...]:
    """Every movement in the order it was recorded, each on the day it was recorded."""
    found: list[tuple[datetime, int, Movement]] = []

    def add(at: datetime, rank: int, why: str, source: str, target: str, amount: Fen) -> None:
        day = at.astimezone(zone).date()
        move = Movement(
            day=day, order=len(found), why=why, source=source, target=target, amount=amount
        )
        found.append((at, rank, move))

    for grant in ledger.grants:
        add(grant.recorded_at, 0, f"grant {grant.number}", GRANTED, FREE, grant.amount)
    for line in ledger.lines:
        for at, rank, source, target in _of_line(ledger, line):
            add(at, rank, _name(line), source, target, line.amount)
    return tuple(
        move for _, _, move in sorted(found, key=lambda one: (one[0], one[1], one[2].order))
    )


def journal(ledger: Ledger, zone: tzinfo, title: str) -> str:
    """The whole as text in the syntax of beancount, which hledger reads as well: accounts,
    movements, balances of the end.
    """
    moves = movements(ledger, zone)
    first = min((move.day for move in moves), default=date(2000, 1, 1))
    parts = [f'option "title" "{_quoted(title)}"', 'option "operating_currency" "CNY"', ""]
    parts += [f"{first} open {account} CNY" for account in ACCOUNTS]
    parts.append("")
    for move in moves:
        parts += [
            f'{move.day} * "{_quoted(move.why)}"',
            f"  {move.target}  {plain_yuan(move.amount)} CNY",
            f"  {move.source}  {plain_yuan(Fen(-move.amount))} CNY",
            "",
        ]
    last = max((move.day for move in moves), default=first)
    after = date.fromordinal(last.toordinal() + 1)
    parts += [
        f"{after} balance {account}  {plain_yuan(amount)} CNY" for account, amount in _pots(ledger)
    ]
    return "\n".join((*parts, ""))


def _pots(ledger: Ledger) -> tuple[tuple[str, Fen], ...]:
    balance = ledger.balance()
    return (
        (GRANTED, Fen(-balance.granted)),
        (FREE, balance.free),
        (TRANSIT, balance.in_transit),
        (WAITING, balance.failed_waiting),
        (PAID, balance.paid),
    )


def _of_line(ledger: Ledger, line: Line) -> Iterator[tuple[datetime, int, str, str]]:
    """The movements of one line: out of the free pot or out of the failed one, and then as each
    answer says.
    """
    earlier = [
        other
        for other in ledger.of_case.get(line.case, ())
        if other.batch == line.batch and other.attempt < line.attempt
    ]
    yield line.listed_at, 1, WAITING if earlier else FREE, TRANSIT
    place, out = TRANSIT, 0
    through: set[str] = set()
    back: set[str] = set()
    newer = [
        other.listed_at
        for other in ledger.of_case.get(line.case, ())
        if other.batch == line.batch and other.attempt > line.attempt
    ]
    for answer in ledger.by_line.get(line.number, ()):
        if answer.result is Result.THROUGH:
            through.add(answer.serial)
        if came_back(answer):
            back.add(answer.serial)
        now = len(through - back)
        # What was listed again is no longer in the pot of what failed: a late answer moves it out
        # of what is free.
        rest = FREE if newer and answer.recorded_at > min(newer) else WAITING
        for source, target in _steps(place, out, now, rest):
            yield answer.recorded_at, 2, source, target
        place, out = (PAID if now else rest), now


def _steps(place: str, before: int, now: int, rest: str) -> Iterator[tuple[str, str]]:
    """From how many times a line was paid to how many it is: the first time out of its pot, every
    further one out of what is free.
    """
    for count in range(before, now):
        yield (place if count == 0 else FREE), PAID
    for count in range(before, now, -1):
        yield PAID, (rest if count == 1 else FREE)
    if before == now == 0 and place != rest:
        yield place, rest


def _name(line: Line) -> str:
    return f"batch {line.batch} attempt {line.attempt} {line.case}"


def _quoted(text: str) -> str:
    return text.replace("\\", " ").replace('"', "'").replace("\n", " ")
