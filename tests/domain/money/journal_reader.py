"""Reads a plain-text journal as strictly as beancount does: accounts opened before use, postings
that come to nothing, balances asserted at the start of their day. It shares nothing with what
writes the journal."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

_OPEN = re.compile(r"(\d{4}-\d\d-\d\d) open ([A-Z][A-Za-z:]+) CNY")
_HEAD = re.compile(r'(\d{4}-\d\d-\d\d) \* "([^"]*)"')
_POSTING = re.compile(r"  ([A-Z][A-Za-z:]+)  (-?\d+)\.(\d\d) CNY")
_BALANCE = re.compile(r"(\d{4}-\d\d-\d\d) balance ([A-Z][A-Za-z:]+)  (-?\d+)\.(\d\d) CNY")
ROOTS = {"Assets", "Liabilities", "Equity", "Income", "Expenses"}


class Unbalanced(ValueError):
    """A journal that does not hold."""


@dataclass
class Book:
    """What a journal comes to: the fen on each account."""

    fen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    transactions: int = 0
    asserted: int = 0


def read_journal(text: str) -> Book:
    """The balances of a journal. Unbalanced."""
    book, opened = Book(), {}
    blocks: list[tuple[str, list[tuple[str, int]]]] = []
    asserted: list[tuple[str, str, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("option "):
            continue
        if found := _OPEN.fullmatch(line):
            if found[2].split(":")[0] not in ROOTS:
                raise Unbalanced(f"line {number}: no such root")
            opened[found[2]] = found[1]
        elif found := _HEAD.fullmatch(line):
            blocks.append((found[1], []))
        elif found := _POSTING.fullmatch(line):
            blocks[-1][1].append((found[1], _fen(found[2], found[3])))
        elif found := _BALANCE.fullmatch(line):
            asserted.append((found[1], found[2], _fen(found[3], found[4])))
        else:
            raise Unbalanced(f"line {number}: {line}")
    for day, postings in blocks:
        if len(postings) < 2 or sum(amount for _, amount in postings):
            raise Unbalanced(f"{day}: {postings}")
        for account, amount in postings:
            if opened.get(account, "9999") > day:
                raise Unbalanced(f"{account} is not open on {day}")
            book.fen[account] += amount
        book.transactions += 1
    for day, account, amount in asserted:
        at_start = sum(
            posted
            for when, postings in blocks
            for name, posted in postings
            if name == account and when < day
        )
        if at_start != amount:
            raise Unbalanced(f"{day} {account}: {at_start} is not {amount}")
        book.asserted += 1
    return book


def _fen(whole: str, part: str) -> int:
    value = abs(int(whole)) * 100 + int(part)
    return -value if whole.startswith("-") else value
