"""What a bank's file is like: a description, so that a new bank is a new file of configuration and
no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.money.amounts import Unit
from bot.domain.money.ledger import Result


class Shape(StrEnum):
    """How the fields of a line are told apart."""

    # by a character between them; a frame drawn around a table is passed over
    DELIMITED = "delimited"
    CSV = "csv"
    FIXED = "fixed"  # by their bytes
    BLANKS = "blanks"  # by runs of blanks
    SHEET = "sheet"


class Field(StrEnum):
    """What a column may hold."""

    ACCOUNT = "account"
    NAME = "name"
    AMOUNT = "amount"
    MOVED = "moved"  # 实处理金额: what the bank did move of the amount
    DAY = "day"
    CODE = "code"
    REASON = "reason"
    SERIAL = "serial"
    ORIGINAL = "original"  # of a reversal: the serial number it takes back
    LINE = "line"  # the number of our own line, which the bank gives back


class SumField(StrEnum):
    """What a file may say of itself."""

    LINES = "lines"
    AMOUNT = "amount"
    THROUGH = "through"
    THROUGH_AMOUNT = "through_amount"
    FAILED = "failed"
    FAILED_AMOUNT = "failed_amount"


@dataclass(frozen=True, kw_only=True)
class FieldPlace:
    """Where a field stands: its number from 0 (below 0 from the end), a span of bytes or fields, or
    its heads.

    `chars` is the part of the field that counts, where another thing stands in front or behind.
    """

    at: int | None = None
    span: tuple[int, int | None] | None = None
    heads: tuple[str, ...] = ()
    chars: tuple[int, int | None] | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """How the lines of a file are told apart: by a mark, by how many fields they have, or by where
    they stand.

    `first` and `last` lines are summaries without a mark; `skip` lines before them are titles.
    """

    mark: FieldPlace | None = None
    head: str = ""
    line: str = ""
    tail: str = ""
    count: int | None = None
    skip: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True, kw_only=True)
class BankForm:
    """A bank's return as a description. Words ending in * are beginnings of words.

    `every` is the result of each line of a file that holds lines of one result alone. `part`: the
    file is one of several that make a return. `same_set`: its lines must be exactly those listed.
    """

    key: str
    name: str = ""
    shape: Shape
    encodings: tuple[str, ...] = ("gbk",)
    separator: str = ""
    width: int | None = None
    record: Record = Record()
    columns: Mapping[Field, FieldPlace]
    head_sums: Mapping[SumField, FieldPlace] = field(default_factory=dict)
    tail_sums: Mapping[SumField, FieldPlace] = field(default_factory=dict)
    unit: Unit = Unit.YUAN
    days: tuple[str, ...] = ()
    day_in_note: str = ""
    through: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    reversed: Mapping[str, str] = field(default_factory=dict)
    every: Result | None = None
    sheet: str = ""
    part: bool = False
    same_set: bool = False

    @property
    def by_heads(self) -> bool:
        """Whether its columns are found by the words above them."""
        return any(place.heads for place in self.columns.values())

    def result(self, code: str) -> tuple[Result | None, str]:
        """What a word of the bank's says, and the reason that goes with it; None for a word nobody
        knows.
        """
        if self.every is not None:
            return self.every, ""
        if any(_says(word, code) for word in self.through):
            return Result.THROUGH, ""
        for result, words in ((Result.FAILED, self.failed), (Result.REVERSED, self.reversed)):
            for word, reason in words.items():
                if _says(word, code):
                    # Where the words themselves are the reason, they are kept as they stand.
                    return result, reason or (code if word.endswith("*") else "")
        return None, ""


def _says(word: str, code: str) -> bool:
    return code.startswith(word[:-1]) and bool(code) if word.endswith("*") else code == word
