"""The registers of a campaign file: the shape of `[[registers]]`, what in it cannot be, and the
domain's registers out of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from bot.domain.campaigns import register as domain
from bot.domain.campaigns.register import ColumnKind, Mouth
from bot.domain.keys import RegisterKey, StageKey
from bot.domain.registers.cells import bare_word
from config.campaign_file.parts import Amount, Count, FilePart, Key, Line, Text, Texts, Yes

_FEN = 100


class RegisterStagePart(FilePart):
    """One `[[registers.stages]]`."""

    key: Key
    name: Line = ""
    proof: Mouth = Mouth.OFFICE
    heads: Texts = []
    done_heads: Texts = []
    words: Texts = []
    told: Yes = True


class ColumnPart(FilePart):
    """One `[[registers.columns]]`."""

    key: Key
    name: Text
    kind: ColumnKind
    heads: Texts = []
    choices: dict[str, Texts] = {}
    identity_heads: Texts = []
    tail_heads: Texts = []
    duty: Line = ""
    gap: Line = ""
    unknown: Line = "choice_unknown"
    needed_from: Line = ""
    most: Amount | None = None
    check: Line = ""
    leaving: Texts = []


class TailPart(FilePart):
    """One `[[registers.tails]]`."""

    first: Key
    then: Key
    within: Annotated[Count, Field(ge=1)]
    working_days: Yes = False
    whose: Mouth = Mouth.OFFICE


class BuildingTimePart(FilePart):
    """One of `rules.building_time`."""

    first: Key
    then: Key
    least: Annotated[Count, Field(ge=1)]
    column: Line = ""
    choices: Texts = []


class StandardPart(FilePart):
    """One of `rules.standards`: amounts in yuan."""

    column: Key
    by: Key
    amounts: dict[str, list[Amount]]


class AgreementPart(FilePart):
    """One of `rules.agreements`."""

    column: Key
    by: Key
    allowed: dict[str, Texts]
    duty: Line = ""
    doubt: Line = "grade_category"


class MissedPart(FilePart):
    """`rules.missed`."""

    column: Key
    choices: Texts
    outcome: Key
    listed_in: Key


class RulesPart(FilePart):
    """`[registers.rules]`."""

    building_time: list[BuildingTimePart] = []
    standards: list[StandardPart] = []
    agreements: list[AgreementPart] = []
    missed: MissedPart | None = None


class FilingPart(FilePart):
    """One `[[registers.filings]]`."""

    key: Key
    name: Line = ""
    enters: Yes = False
    mouth: Mouth = Mouth.OFFICE


class RegisterPart(FilePart):
    """One `[[registers]]`."""

    key: Key
    name: Text
    unit: Line = ""
    code_form: Text
    numbered: Yes = False
    code_heads: Texts = []
    township_heads: Texts = []
    category: Line = ""
    stages: list[RegisterStagePart] = []
    columns: list[ColumnPart] = []
    filings: list[FilingPart] = []
    tails: list[TailPart] = []
    rules: RulesPart = RulesPart()
    undone_words: Texts = []
    yes_words: Texts = []
    no_words: Texts = []


TABLES: Mapping[str, type[FilePart]] = {
    "registers": RegisterPart,
    "registers.stages": RegisterStagePart,
    "columns": ColumnPart,
    "filings": FilingPart,
    "tails": TailPart,
    "rules": RulesPart,
    "building_time": BuildingTimePart,
    "standards": StandardPart,
    "agreements": AgreementPart,
    "missed": MissedPart,
}


@cache
def _words() -> Mapping[str, Sequence[str]]:
    with (Path(__file__).parents[1] / "wording" / "registers.toml").open("rb") as file:
        return tomllib.load(file)


def registers_of(
    parts: Sequence[RegisterPart],
    unit: str,
    stages: Mapping[str, str],
    categories: Mapping[str, Sequence[str]],
) -> tuple[domain.Register, ...]:
    """The domain's registers. `stages` are the campaign's by key with their names, `categories` the
    words of each.
    """
    return tuple(
        _register(part, number, unit, stages, categories) for number, part in enumerate(parts)
    )


def _register(
    part: RegisterPart,
    number: int,
    unit: str,
    stages: Mapping[str, str],
    categories: Mapping[str, Sequence[str]],
) -> domain.Register:
    words = _words()
    filings = part.filings or [
        FilingPart(key="roster" if number == 0 else part.key, enters=True),
        *([FilingPart(key="progress")] if number == 0 else []),
    ]
    return domain.Register(
        key=RegisterKey(part.key),
        name=part.name,
        unit=part.unit or unit,
        code_form=part.code_form,
        numbered=part.numbered,
        code_heads=tuple(part.code_heads),
        township_heads=(*part.township_heads, *words["township_heads"]),
        category=part.category,
        stages=tuple(
            domain.RegisterStage(
                key=StageKey(stage.key),
                name=stage.name or stages.get(stage.key, stage.key),
                proof=stage.proof,
                heads=tuple(stage.heads),
                done_heads=tuple(stage.done_heads),
                words=tuple(stage.words),
                told=stage.told,
            )
            for stage in part.stages
        ),
        columns=tuple(
            _column(column, categories if column.key == part.category else {})
            for column in part.columns
        ),
        filings=tuple(
            domain.FilingKind(
                key=filing.key,
                name=filing.name or filing.key,
                enters=filing.enters,
                mouth=filing.mouth,
            )
            for filing in filings
        ),
        tails=tuple(
            domain.Tail(
                first=StageKey(tail.first),
                then=StageKey(tail.then),
                within=tail.within,
                working_days=tail.working_days,
                whose=tail.whose,
            )
            for tail in part.tails
        ),
        rules=_rules(part.rules),
        undone_words=tuple(part.undone_words or words["undone_words"]),
        yes_words=tuple(part.yes_words or words["yes_words"]),
        no_words=tuple(part.no_words or words["no_words"]),
    )


def _column(part: ColumnPart, categories: Mapping[str, Sequence[str]]) -> domain.Column:
    given: dict[str, list[str]] = {key: list(words) for key, words in categories.items()}
    for key, words in part.choices.items():
        given.setdefault(key, []).extend(words)
    choices: dict[str, str] = {}
    names: dict[str, str] = {}
    for key, words in given.items():
        names[key] = words[0] if words else key
        for word in (*words, key):
            choices.setdefault(bare_word(word), key)
    return domain.Column(
        key=part.key,
        name=part.name,
        kind=part.kind,
        heads=tuple(dict.fromkeys((part.name, *part.heads))),
        choices=choices,
        names=names,
        identity_heads=tuple(part.identity_heads),
        tail_heads=tuple(part.tail_heads),
        duty=part.duty,
        gap=part.gap,
        unknown="category_unknown"
        if categories and part.unknown == "choice_unknown"
        else part.unknown,
        needed_from=StageKey(part.needed_from) if part.needed_from else None,
        most=_fen(part.most) if part.most is not None else None,
        check=part.check,
        leaving=tuple(part.leaving),
    )


def _rules(part: RulesPart) -> domain.Rules:
    missed = part.missed
    return domain.Rules(
        building=tuple(
            domain.BuildingTime(
                first=StageKey(rule.first),
                then=StageKey(rule.then),
                least=rule.least,
                column=rule.column,
                choices=frozenset(rule.choices),
            )
            for rule in part.building_time
        ),
        standards=tuple(
            domain.Standard(
                column=rule.column,
                by=rule.by,
                amounts={
                    key: frozenset(map(_fen, amounts)) for key, amounts in rule.amounts.items()
                },
            )
            for rule in part.standards
        ),
        agreements=tuple(
            domain.Agreement(
                column=rule.column,
                by=rule.by,
                allowed={key: frozenset(choices) for key, choices in rule.allowed.items()},
                duty=rule.duty,
                doubt=rule.doubt,
            )
            for rule in part.agreements
        ),
        missed=domain.Missed(
            column=missed.column,
            choices=frozenset(missed.choices),
            outcome=missed.outcome,
            register=RegisterKey(missed.listed_in),
        )
        if missed
        else None,
    )


def _fen(yuan: Decimal) -> int:
    return int(yuan * _FEN)
