"""The shape of a campaign file: which keys there are, what each may hold, and a sentence for
whatever does not fit.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any

from pydantic import Field, ValidationError

from bot.domain.campaigns.campaign import Audience, RankedBy, ReportingDays, TieBreak, Trouble
from config.campaign_file.description import LATER, OnForm, Rows, Shown
from config.campaign_file.money import MoneyPart
from config.campaign_file.parts import (
    Amount,
    Count,
    Day,
    FilePart,
    Hour,
    Key,
    Line,
    Phone,
    Setting,
    Share,
    Text,
    Texts,
    Understood,
    Words,
    Yes,
    Zone,
)
from config.campaign_file.registers import TABLES as TABLES_OF_REGISTERS
from config.campaign_file.registers import RegisterPart
from config.wording.faults import FaultWord, Sentence, sentence

HIDDEN_KEYS = frozenset({"address_setting", "secret_setting", "phone"})
"""What is written here by mistake may be a password, or is a person's telephone: it is never
shown.
"""


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """One thing wrong at a place of the file, such as `townships[3].target` (entries count from 1),
    and what is allowed there.
    """

    place: str
    value: str = ""
    told: Sentence


class BasisPart(FilePart):
    """The day and the paper that set the targets."""

    day: Annotated[Day | None, OnForm(part="basic")] = None
    paper: Annotated[Line, OnForm(part="basic", wide=True)] = ""


class StagePart(FilePart):
    """One `[[stages]]`."""

    key: Annotated[Key, OnForm(shown=Shown.HIDDEN)]
    name: Annotated[Text, OnForm()]
    words: Annotated[Words, OnForm(wide=True)]
    headline: Annotated[Yes, OnForm(shown=Shown.ELSEWHERE)] = False
    within: Annotated[Text | None, OnForm(shown=Shown.CHOOSE)] = None
    from_zero: Annotated[Yes, OnForm(), LATER] = False
    low_is_good: Annotated[Yes, OnForm(), LATER] = False


class CategoryPart(FilePart):
    """One `[[categories]]`."""

    key: Annotated[Key, OnForm(shown=Shown.HIDDEN)]
    name: Annotated[Text, OnForm()]
    words: Annotated[Words, OnForm(wide=True)]


class ContactPart(FilePart):
    """One contact of a township."""

    name: Text
    nick: Text
    phone: Phone | None = None
    user_id: Text | None = None


class TownshipPart(FilePart):
    """One `[[townships]]`, or one row of the roster."""

    name: Text
    aliases: Texts = []
    kind: Line = ""
    ranking_group: Line = ""
    contacts: list[ContactPart] = []
    target: Amount | None = None
    targets: dict[str, Annotated[Amount, Understood]] = {}
    basis: BasisPart | None = None
    # of a stage, by its key
    baseline: Annotated[dict[str, Annotated[Amount, Understood]], LATER] = {}
    # of its categories
    baselines: Annotated[dict[str, dict[str, Annotated[Amount, Understood]]], LATER] = {}


class RosterPart(FilePart):
    """`[roster]`."""

    file: Text


class GroupPart(FilePart):
    """One `[[groups]]`."""

    key: Annotated[Key, OnForm(shown=Shown.HIDDEN)]
    name: Annotated[Text, OnForm()]
    platform: Annotated[Text, OnForm(shown=Shown.CHOOSE)]
    audience: Annotated[Audience, OnForm()]
    notices: Annotated[Words, OnForm(shown=Shown.TICKS)]
    address_setting: Setting = ""
    secret_setting: Setting = ""


class RankingPart(FilePart):
    """`[ranking]`."""

    enabled: Annotated[Yes, OnForm(part="ranking")] = True
    by_group: Annotated[Yes, OnForm(part="ranking")] = False
    tie_breaks: Annotated[list[TieBreak], OnForm(part="ranking")] = []
    first: Annotated[Count, Field(ge=1), OnForm(part="ranking")] = 3
    last: Annotated[Count, OnForm(part="ranking")] = 3
    by: Annotated[RankedBy, LATER] = RankedBy.CLAIMED
    rule: Annotated[Count, Field(ge=1), OnForm(part="ranking", shown=Shown.CHOOSE), LATER] = 1
    weights: Annotated[
        dict[str, Annotated[Amount, Understood]], OnForm(shown=Shown.ELSEWHERE), LATER
    ] = {}


class ProofPart(FilePart):
    """`[proof]`."""

    told: Yes = False
    within_days: Annotated[Count, Field(ge=1)] = 7
    names_in_chat: Yes = True


class MilestonePart(FilePart):
    """One milestone of the plan."""

    day: Annotated[Day, OnForm()]
    share: Annotated[Share, OnForm(shown=Shown.SHARE)]


class PlanPart(FilePart):
    """`[plan]`."""

    milestones: Annotated[
        list[MilestonePart], Rows(filled=("day", "share"), known_by=("day",))
    ] = []


class RungPart(FilePart):
    """One `[[ladder]]`."""

    trouble: Annotated[Trouble, OnForm()]
    days: Annotated[Count, Field(ge=1), OnForm()]
    audience: Annotated[Audience, OnForm()]
    measure: Annotated[Line, OnForm()] = ""


class QuietPart(FilePart):
    """`[quiet]`."""

    start: Annotated[Hour, OnForm(part="hours")] = time(20)
    end: Annotated[Hour, OnForm(part="hours")] = time(8)


class CalendarPart(FilePart):
    """`[calendar]`."""

    years: list[Annotated[int, Field(strict=True, ge=2000, le=2200)]] = []
    off: Annotated[list[Day], OnForm(part="more", wide=True)] = []
    work: Annotated[list[Day], OnForm(part="more", wide=True)] = []


class CampaignFile(FilePart):
    """A campaign file, whole."""

    key: Annotated[Key, OnForm(part="basic")]
    title: Annotated[Text, OnForm(part="basic", wide=True)]
    short_title: Annotated[Text, OnForm(part="basic")]
    area: Annotated[Text, OnForm(part="basic")]
    bureau: Annotated[Text, OnForm(part="basic")]
    office: Annotated[Text, OnForm(part="basic")]
    office_staff: Annotated[Texts, OnForm(part="basic", wide=True)]
    timezone: Annotated[Zone, OnForm(shown=Shown.HIDDEN)] = "Asia/Shanghai"
    start: Annotated[Day, OnForm(part="basic")]
    deadline: Annotated[Day, OnForm(part="basic")]
    days: Annotated[ReportingDays, OnForm(part="basic")] = ReportingDays.EVERY_DAY
    unit: Annotated[Text, OnForm(part="basic")]
    words: Annotated[Texts, OnForm(part="basic", wide=True), LATER] = []
    unit_words: Annotated[Texts, OnForm(part="basic"), LATER] = []
    from_zero: Annotated[Yes, LATER] = False  # of every stage
    low_is_good: Annotated[Yes, LATER] = False  # of every stage
    decimals: Annotated[Count, Field(le=4), OnForm(part="basic")] = 0
    still_days: Annotated[Count, Field(ge=1), OnForm(part="more")] = 5
    due_soon_days: Annotated[Count, OnForm(part="more")] = 3
    unmarked_is_headline: Annotated[Yes, OnForm(part="more")] = True
    cutoff: Annotated[Hour, OnForm(part="day")]
    hours: Annotated[dict[str, Annotated[Hour, Understood]], OnForm(shown=Shown.ELSEWHERE)]
    basis: BasisPart = BasisPart()
    stages: Annotated[
        list[StagePart],
        Field(min_length=1),
        Rows(filled=("name", "words"), known_by=("key",), prefix="stage"),
    ]
    categories: Annotated[
        list[CategoryPart], Rows(filled=("name", "words"), known_by=("key",), prefix="kind")
    ] = []
    roster: RosterPart | None = None
    townships: Annotated[list[TownshipPart], Field(min_length=1)]
    groups: Annotated[
        list[GroupPart], Rows(filled=("name", "notices"), known_by=("key",), prefix="group")
    ] = []
    ranking: RankingPart = RankingPart()
    plan: PlanPart = PlanPart()
    ladder: Annotated[
        list[RungPart], Rows(filled=("days", "measure"), known_by=("trouble", "days"))
    ] = []
    quiet: QuietPart = QuietPart()
    calendar: CalendarPart = CalendarPart()
    registers: Annotated[list[RegisterPart], LATER] = []
    proof: Annotated[ProofPart, LATER] = ProofPart()
    money: Annotated[MoneyPart | None, LATER] = None


TABLES: Mapping[str, type[FilePart]] = {
    "basis": BasisPart,
    "stages": StagePart,
    "categories": CategoryPart,
    "townships": TownshipPart,
    "contacts": ContactPart,
    "roster": RosterPart,
    "groups": GroupPart,
    "ranking": RankingPart,
    "plan": PlanPart,
    "milestones": MilestonePart,
    "ladder": RungPart,
    "quiet": QuietPart,
    "calendar": CalendarPart,
    "proof": ProofPart,
    "money": MoneyPart,
    **TABLES_OF_REGISTERS,
}


def shape(raw: Mapping[str, Any]) -> tuple[CampaignFile | None, dict[str, Any], list[Misfit]]:
    """The file in its shape (None if it does not fit), as much of it as is understood, and
    everything that does not fit.

    In the understood part a value that does not fit is None, entries keep their numbers, and
    unknown keys are gone.
    """
    misfits: list[Misfit] = []
    file = None
    try:
        file = CampaignFile.model_validate(raw)
    except ValidationError as refused:
        misfits = list(_misfits(refused))
    understood = CampaignFile.model_validate(raw, context={"keep": "what is understood"})
    return file, understood.model_dump(warnings=False), misfits


def shown(value: object) -> str:
    """A value as it is written in TOML, at most 80 characters of it."""
    if value is None or isinstance(value, dict | list):
        return ""
    if "://" in str(value):
        return "(hidden)"  # an address is a password, wherever it was put by mistake
    text = (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )
    return text if len(text) <= 80 else text[:77] + "..."


def near(word: str, known: Iterator[str] | list[str]) -> str:
    """The known word that was perhaps meant, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return found[0] if found else ""


def _misfits(refused: ValidationError) -> Iterator[Misfit]:
    for error in refused.errors(include_url=False):
        location = [part for part in error["loc"] if part != "[key]"]
        named = [part for part in location if isinstance(part, str)]
        hidden = error["type"] == "extra_forbidden" or (named and named[-1] in HIDDEN_KEYS)
        stands = (
            "" if error["type"] == "missing" else "(hidden)" if hidden else shown(error["input"])
        )
        yield Misfit(place=_place(location), value=stands, told=_told(dict(error), named))


def _place(location: list[int | str]) -> str:
    place = ""
    for part in location:
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else part
    return place


def _told(error: Mapping[str, Any], named: list[str]) -> Sentence:
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "extra_forbidden":
        holder = _holder(named)
        return sentence("unknown_key", near=near(named[-1], list(holder.model_fields)))
    if kind == "missing" and named == ["townships"]:
        return sentence("missing_townships")
    if kind == "value_error":
        return sentence(str(context["error"]))
    if kind == "enum":
        choices = tuple(map(FaultWord, re.findall(r"'(\w+)'", str(context["expected"]))))
        return sentence("enum", expected=context["expected"], choices=choices)
    for kinds, rule in RULES.items():
        if kind.startswith(kinds):
            return sentence(
                rule,
                **{name: context[name] for name in ("ge", "le", "max_length") if name in context},
            )
    return sentence("other", message=error["msg"])


def _holder(named: list[str]) -> type[FilePart]:
    """The table whose key the last name is."""
    if len(named) < 2:
        return CampaignFile
    within = f"registers.{named[-2]}" if named[0] == "registers" else named[-2]
    return TABLES.get(within, TABLES.get(named[-2], CampaignFile))


RULES: Mapping[tuple[str, ...], str] = {
    ("missing",): "missing",
    ("greater_than_equal",): "at_least",
    ("less_than_equal",): "at_most",
    ("too_short", "string_too_short"): "empty",
    ("string_too_long",): "too_long_text",
    ("string_pattern_mismatch",): "not_a_key",
    ("string",): "not_text",
    ("int",): "not_whole",
    ("decimal", "finite"): "not_a_number",
    ("bool",): "not_yes_or_no",
    ("list",): "not_a_list",
    ("dict", "model"): "not_a_table",
}
"""Which rule is not kept, by how pydantic's name of the error begins."""
