"""What goes into a reading and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.campaigns.campaign import CategoryKey, StageKey, TownshipName
from bot.domain.replies.reading.vocabulary import Vocabulary


class ReadingWording(dict[str, str]):
    """The sentences of questions and echoes, by key, with their {facts}; and the words that a reply
    may be made of.
    """

    def __init__(self, sentences: Mapping[str, str], vocabulary: Vocabulary) -> None:
        super().__init__(sentences)
        self.vocabulary = vocabulary


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A message as it came. `sender` is a contact's nick, one of the office staff, or anybody; `at`
    is the platform's own time.
    """

    id: str
    text: str
    sender: str
    at: datetime


class Outcome(StrEnum):
    """accept: figures stand from now on. ask: nothing is accepted. none: not a report."""

    ACCEPT = "accept"
    ASK = "ask"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class ReadFigure:
    """What was said of one cell, as the cumulative value after the message; `correction` if it may
    fall below today's.
    """

    township: TownshipName
    day: date
    stage: StageKey
    category: CategoryKey | None
    value: Decimal
    correction: bool = False


@dataclass(frozen=True, kw_only=True)
class Option:
    """One reading that is offered: what the contact sees, and the text that is read if he chooses
    it.
    """

    label: str
    text: str
    kind: str
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Words that could not be taken, a short code for why, the question to the sender, and the
    readings it offers.
    """

    text: str
    why: str
    question: str
    township: TownshipName | None = None
    options: tuple[Option, ...] = ()
    # of a form or a row of a table: those it is about
    cells: tuple[tuple[StageKey, CategoryKey | None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """判读: the outcome, its figures or its doubts, whether it came after the cut-off, and the one
    line of answer.
    """

    outcome: Outcome
    figures: tuple[ReadFigure, ...] = ()
    late: bool = False
    asked: tuple[Doubt, ...] = ()
    echo: str = ""


class Unclear(Exception):
    """Raised inside the reading when something is not certain; `why` is the code of the
    question.
    """

    def __init__(self, why: str, text: str, **facts: object) -> None:
        super().__init__(why)
        self.why = why
        self.text = text
        self.facts = facts
