"""Shapes: how a message was once settled is how the next one of the same words is read
(docs/reading-rules.md, rule 14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey, TownshipName
from bot.domain.figures.progress import Cell, StandingFigures
from bot.domain.replies.reading.grammar import Claim, Kind
from bot.domain.replies.reading.lexicon import Lexicon, lexicon_of
from bot.domain.replies.reading.model import ReadingWording
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.numerals import SIGNS, leading_number
from bot.domain.replies.reading.roles import Token, TokenRole
from bot.domain.replies.reading.voices import without_other_voices

COUNTED = frozenset(
    {
        TokenRole.COUNT,
        TokenRole.NUMBER,
        TokenRole.WORDNUMBER,
        TokenRole.OTHER,
        TokenRole.FRACTION,
        TokenRole.PERCENT,
        TokenRole.ORDINAL,
        TokenRole.ARROW,
        TokenRole.SUM,
    }
)
NAMES = frozenset({TokenRole.TOWN, TokenRole.NICK})
DAYS = frozenset({TokenRole.DATE, TokenRole.WEEKDAY, TokenRole.MONTH})
NUMBER = re.compile(rf"\d{{1,20}}(?:\.\d{{1,9}})?\s?万?|[{SIGNS}]{{1,12}}")
NAME, DAY, HOUR, BLANK = "〈名〉", "〈日〉", "〈时〉", "〈数〉"
KINDS = (Kind.CUMULATIVE, Kind.INCREMENT, Kind.REMAINING, Kind.TARGET)
MOST_READINGS = 64


@dataclass(frozen=True, kw_only=True, order=True)
class Part:
    """What a number of a settled message was: in this way, of this cell."""

    kind: str
    stage: StageKey
    category: CategoryKey | None = None


@dataclass(frozen=True, kw_only=True)
class MessageShape:
    """A decision: messages of this sender (None: of anybody) with these words say that.

    `parts` are, for each number in turn, all parts that it can have played; `told` is what the
    words said without a number.
    """

    sender: str | None
    words: str
    parts: tuple[tuple[Part, ...], ...]
    told: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SettledMessage:
    """A message whose meaning a person has settled, with what stood before its day."""

    text: str
    sender: str | None
    before: StandingFigures
    figures: Mapping[Cell, Decimal]


def shape_of(lexicon: Lexicon, text: str) -> tuple[str, list[Decimal], list[Token]]:
    """The words of a message to the letter, with numbers, names, dates and hours taken out; the
    numbers; and its tokens.
    """
    tokens = lexicon.tokens(lexicon.filled(without_other_voices(normal(text))))
    words: list[str] = []
    numbers: list[Decimal] = []
    for role, piece in tokens:
        if role in NAMES:
            words.append(NAME)
        elif role in DAYS:
            words.append(DAY)
        elif role is TokenRole.TIME:
            words.append(HOUR)
        elif role is TokenRole.SPACE:
            words.append(" ")
        elif role in COUNTED and (values := _values(piece)):
            numbers += values
            words.append(NUMBER.sub(BLANK, piece))
        else:
            words.append(piece)
    return "".join(words).strip(), numbers, tokens


def _values(piece: str) -> list[Decimal]:
    """The numbers in a token, none if one of them is not certain."""
    values = [leading_number(found) for found in NUMBER.findall(piece)]
    return [value for value in values if value is not None] if None not in values else []


def learned(
    campaign: Campaign, wording: ReadingWording, settled: SettledMessage
) -> MessageShape | None:
    """The shape of a settled message; None if it spoke of several townships, or of figures that its
    words and numbers do not lead to.
    """
    towns = {cell[0] for cell in settled.figures}
    words, numbers, _ = shape_of(lexicon_of(campaign, wording.vocabulary), settled.text)
    if len(towns) != 1:
        return None
    (town,) = towns
    cells = {
        (stage, category): value
        for (_, stage, category), value in settled.figures.items()
        if not _follows(settled.figures, town, stage, category)
    }
    parts = tuple(
        tuple(sorted(set(_parts(campaign, settled, town, cells, number)))) for number in numbers
    )
    of_a_number = {
        (part.stage, part.category) for of in parts for part in of if part.kind != Kind.TARGET
    }
    told = tuple(
        sorted(
            part
            for cell in cells.keys() - of_a_number
            for part in _said_without(campaign, settled, town, cell, cells[cell])
        )
    )
    if cells.keys() - of_a_number - {(part.stage, part.category) for part in told}:
        return None
    return MessageShape(sender=settled.sender, words=words, parts=parts, told=told)


def _follows(
    figures: Mapping[Cell, Decimal],
    town: TownshipName,
    stage: StageKey,
    category: CategoryKey | None,
) -> bool:
    """Whether the figure is a total that merely follows from stated categories."""
    parts = [
        value
        for (of, at, part), value in figures.items()
        if (of, at) == (town, stage) and part is not None
    ]
    return (
        category is None
        and bool(parts)
        and sum(parts, Decimal(0)) == figures[(town, stage, None)]
        and len(parts) > 1
    )


def _parts(
    campaign: Campaign,
    settled: SettledMessage,
    town: TownshipName,
    cells: Mapping[tuple[StageKey, CategoryKey | None], Decimal],
    number: Decimal,
) -> Iterator[Part]:
    for (stage, category), value in cells.items():
        stood = settled.before.get((town, stage, category))
        target = campaign.township(town).target_of(category)
        would = {
            Kind.CUMULATIVE: value,
            Kind.INCREMENT: None if stood is None else value - stood,
            Kind.REMAINING: target - value,
            Kind.TARGET: target,
        }
        for kind in KINDS:
            if would[kind] == number:
                yield Part(kind=kind.value, stage=stage, category=category)


def _said_without(
    campaign: Campaign,
    settled: SettledMessage,
    town: TownshipName,
    cell: tuple[StageKey, CategoryKey | None],
    value: Decimal,
) -> Iterator[Part]:
    stage, category = cell
    if value == campaign.township(town).target_of(category):
        yield Part(kind=Kind.ALL.value, stage=stage, category=category)
    if value == settled.before.get((town, stage, category)):
        yield Part(kind=Kind.ZERO.value, stage=stage, category=category)


def claims_of(
    shapes: Sequence[MessageShape], numbers: Sequence[Decimal], text: str
) -> Iterator[tuple[Claim, ...]]:
    """All that a message of those shapes may say with its own numbers: for each number one part
    that it played in all of them.

    Shapes of the same words were settled on several days; what a number cannot have been on one of
    them it is not.
    """
    parts = [_in_all([shape.parts[at] for shape in shapes]) for at in range(len(numbers))]
    told = _in_all([shape.told for shape in shapes])
    choices = [of for of in parts if of] + ([told] if told else [])
    played = [number for number, of in zip(numbers, parts, strict=True) if of]
    if prod(map(len, choices)) > MOST_READINGS:
        return
    for chosen in product(*choices):
        claims = [_claim(part, number, text) for part, number in zip(chosen, played, strict=False)]
        claims += [_claim(part, Decimal(0), text) for part in chosen[len(played) :]]
        yield tuple(claims)


def _in_all(several: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
    return tuple(part for part in several[0] if all(part in other for other in several[1:]))


def _claim(part: Part, value: Decimal, text: str) -> Claim:
    return Claim(
        kind=Kind(part.kind),
        value=value,
        stage=part.stage,
        category=part.category,
        explicit=True,
        bare=False,
        text=text,
        marked=True,
    )


def shape_to_json(shape: MessageShape) -> dict[str, Any]:
    """A shape as it is kept in a decision."""

    def written(part: Part) -> list[str | None]:
        return [part.kind, part.stage, part.category]

    return {
        "sender": shape.sender,
        "words": shape.words,
        "parts": [[written(part) for part in parts] for parts in shape.parts],
        "told": [written(part) for part in shape.told],
    }


def shape_from_json(kept: Mapping[str, Any]) -> MessageShape:
    """A shape as it was kept."""

    def read(part: Sequence[str | None]) -> Part:
        kind, stage, category = part
        return Part(
            kind=str(kind),
            stage=StageKey(str(stage)),
            category=None if category is None else CategoryKey(category),
        )

    return MessageShape(
        sender=kept["sender"],
        words=str(kept["words"]),
        parts=tuple(tuple(map(read, parts)) for parts in kept["parts"]),
        told=tuple(map(read, kept["told"])),
    )
