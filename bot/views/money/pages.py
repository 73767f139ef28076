"""What the page of money shows: pots, batches, lists that wait, what has failed by township, what
nobody answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.workdays import UnknownYear, is_workday
from bot.domain.money.amounts import Fen
from bot.domain.money.ledger import AttemptSums, Balance, Grant, Ledger, Line
from bot.domain.money.lists import ready
from bot.store import Session
from bot.store.money import money
from bot.store.money.money import MadeList
from bot.views.money.ledger import households_at, ledger_at, rules_of


@dataclass(frozen=True, kw_only=True)
class WaitingPayment:
    """A failed line that waits to be listed again, and for how many days."""

    line: Line
    township: str
    words: str
    to_do: str
    days: int


@dataclass(frozen=True, kw_only=True)
class MoneyShown:
    """The money of a campaign as a page shows it."""

    balance: Balance
    grants: tuple[Grant, ...]
    attempts: tuple[AttemptSums, ...]
    pending: tuple[MadeList, ...]
    approved: tuple[MadeList, ...]
    waiting: tuple[tuple[str, tuple[WaitingPayment, ...]], ...]
    # batches that have failed lines: number, how many, how much
    again: tuple[tuple[int, int, Fen], ...]
    ready: tuple[int, Fen]  # how many may be paid now and are on no list, and how much
    # attempts the bank owes answers of, since how many working days
    silent: tuple[tuple[AttemptSums, int], ...]
    twice: tuple[Line, ...]


def money_shown(session: Session, campaign: Campaign, at: datetime) -> MoneyShown:
    """Everything the page of money shows. PaysNobody."""
    rules, _ = rules_of(campaign)
    ledger = ledger_at(session, campaign, at)
    households = households_at(session, campaign, at)
    day = at.astimezone(campaign.timezone).date()
    made = money.lists(session, campaign.key)
    listed = {line.case for one in made if one.approval is None for line in one.lines}
    free = [
        one
        for one in ready(households.payees.values(), ledger, rules.in_parts)
        if one.case not in listed
    ]
    waiting: dict[str, list[WaitingPayment]] = {}
    for line in ledger.to_list_again():
        one = _waiting(ledger, line, str(households.township(line.case)), day)
        waiting.setdefault(one.township, []).append(one)
    return MoneyShown(
        balance=ledger.balance(),
        grants=ledger.grants,
        attempts=ledger.attempts(),
        pending=tuple(one for one in made if one.approval is None),
        approved=tuple(one for one in made if one.approval is not None),
        waiting=tuple((town, tuple(lines)) for town, lines in sorted(waiting.items())),
        again=_again(ledger),
        ready=(len(free), Fen(sum((one.due or 0) - ledger.paid(one.case) for one in free))),
        silent=tuple(
            (sums, days)
            for sums in ledger.attempts()
            if sums.unanswered
            and (days := _workdays(campaign, sums.listed_at, day)) > rules.answer_within
        ),
        twice=ledger.twice(),
    )


def _waiting(ledger: Ledger, line: Line, township: str, day: date) -> WaitingPayment:
    failure = ledger.failure(line)
    return WaitingPayment(
        line=line,
        township=township,
        words=failure.words if failure else "",
        to_do=failure.to_do.value if failure and failure.to_do else "ask",
        days=max((day - failure.day).days, 0) if failure else 0,
    )


def _again(ledger: Ledger) -> tuple[tuple[int, int, Fen], ...]:
    found: dict[int, list[Line]] = {}
    for line in ledger.to_list_again():
        found.setdefault(line.batch, []).append(line)
    return tuple(
        (batch, len(lines), Fen(sum(line.amount for line in lines)))
        for batch, lines in sorted(found.items())
    )


def _workdays(campaign: Campaign, since: datetime, day: date) -> int:
    """The working days after the one on which the list went, up to today."""
    first = since.astimezone(campaign.timezone).date()
    days = map(date.fromordinal, range(first.toordinal() + 1, day.toordinal() + 1))
    return sum(_is_workday(campaign, one) for one in days)


def _is_workday(campaign: Campaign, day: date) -> bool:
    """A campaign that reports every day needs no calendar: then Monday to Friday are working
    days.
    """
    try:
        return is_workday(campaign.calendar, day)
    except UnknownYear:
        return day.weekday() < 5
