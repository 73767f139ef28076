"""The shape of a register (台账): its stages, columns, rules and kinds of files, as a campaign file
gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.keys import RegisterKey, StageKey

Fen = int
"""Money in whole fen (1/100 yuan)."""


class Mouth(StrEnum):
    """Whose word a mark is, weakest first."""

    TOWNSHIP = "township"
    OFFICE = "office"
    BANK = "bank"

    @property
    def strength(self) -> int:
        """0 for the weakest."""
        return list(Mouth).index(self)


class ColumnKind(StrEnum):
    """What a column of a register may hold."""

    CHOICE = "choice"  # one of its words
    DAY = "day"
    TEXT = "text"
    COUNT = "count"  # a whole number
    FEN = "fen"  # money; the unit is the head's
    PERSON = "person"  # name and identity number, kept sealed
    ACCOUNT = "account"  # account number, kept sealed


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `heads` are the words that may head it in a file; for CHOICE, `choices` is the
    key for every word.
    """

    key: str
    name: str
    kind: ColumnKind
    heads: tuple[str, ...]
    choices: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  # how each choice is shown
    # PERSON: the column beside it that holds the identity number
    identity_heads: tuple[str, ...] = ()
    tail_heads: tuple[str, ...] = ()  # PERSON: the column that holds its last four characters
    duty: str = ""  # what is fulfilled when the cell is filled (人员落实); empty: no duty
    gap: str = ""  # the kind of doubt when it is not
    unknown: str = "choice_unknown"  # CHOICE: the kind of doubt for another word
    needed_from: StageKey | None = None  # from this stage on a gap is owed
    most: Fen | None = None  # FEN: more than this cannot be, it is another unit
    check: str = ""  # compared and never kept: "paid" (the amount paid) or "batch"
    leaving: tuple[str, ...] = ()  # TEXT: words which say that the case leaves the list


@dataclass(frozen=True, kw_only=True)
class RegisterStage:
    """One of the ordered stages of a case. `proof` is whose word proves it; BANK is derived from
    answers, never filed.
    """

    key: StageKey
    name: str
    proof: Mouth
    heads: tuple[str, ...] = ()
    done_heads: tuple[str, ...] = ()  # a column of yes or no beside the day
    # what chat calls it, beside the words of the campaign's stage of this key
    words: tuple[str, ...] = ()
    told: bool = True  # a township may tell of it; its word stands beside until it is proved
    missing: str = ""  # the kind of doubt when this stage is needed first and was not reached


@dataclass(frozen=True, kw_only=True)
class Tail:
    """尾巴: a case that reached `first` owes `then` within so many days."""

    first: StageKey
    then: StageKey
    within: int
    working_days: bool = False
    whose: Mouth = Mouth.OFFICE


@dataclass(frozen=True, kw_only=True)
class BuildingTime:
    """From `first` to `then` no work of these choices of a column takes fewer than `least` days."""

    first: StageKey
    then: StageKey
    least: int
    column: str = ""
    choices: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Standard:
    """The amount that the choices of a column bring, by choice; a choice left out has no
    standard.
    """

    column: str
    by: str
    amounts: Mapping[str, frozenset[Fen]]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Which choices of one column go with each choice of another (维修 with C, 重建 with D)."""

    column: str
    by: str
    allowed: Mapping[str, frozenset[str]]
    duty: str = ""
    doubt: str = "grade_category"


@dataclass(frozen=True, kw_only=True)
class Missed:
    """不落一户: a case with one of these choices is on another register, or its outcome says how it
    was settled.
    """

    column: str
    choices: frozenset[str]
    outcome: str
    register: RegisterKey


@dataclass(frozen=True, kw_only=True)
class FilingKind:
    """来表: a kind of file of a register. Only one that `enters` may bring cases nobody knew."""

    key: str
    name: str
    enters: bool = False
    mouth: Mouth = Mouth.OFFICE


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a register holds its cases to."""

    building: tuple[BuildingTime, ...] = ()
    standards: tuple[Standard, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    missed: Missed | None = None


@dataclass(frozen=True, kw_only=True)
class Register:
    """台账: a named list of cases of a campaign. `category` is the column whose choices are the
    campaign's categories.
    """

    key: RegisterKey
    name: str
    unit: str
    code_form: str  # "WG2021-##-###": # is a digit, * one or more, @ a letter, the rest itself
    numbered: bool = False  # files have no codes: they are given in order
    stages: tuple[RegisterStage, ...]
    columns: tuple[Column, ...]
    filings: tuple[FilingKind, ...]
    category: str = ""
    code_heads: tuple[str, ...] = ()
    township_heads: tuple[str, ...] = ()
    tails: tuple[Tail, ...] = ()
    rules: Rules = Rules()
    undone_words: tuple[str, ...] = ()
    yes_words: tuple[str, ...] = ()
    no_words: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        """The column of that key; KeyError if the register has none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)

    def stage(self, key: StageKey) -> RegisterStage:
        """The stage of that key; KeyError if the register has none."""
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(key)

    def filing(self, key: str) -> FilingKind | None:
        """The kind of file of that key, or None."""
        return next((kind for kind in self.filings if kind.key == key), None)

    @property
    def person(self) -> Column | None:
        """The column that says who a case is: the first of kind PERSON."""
        return next((column for column in self.columns if column.kind is ColumnKind.PERSON), None)
