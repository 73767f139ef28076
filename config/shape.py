"""The shape of a campaign file: which keys there are, what each may hold, and a sentence for whatever does not fit."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any

from pydantic import Field, ValidationError

from bot.domain.campaigns.campaign import Audience, RankedBy, ReportingDays, TieBreak, Trouble
from config.money import MoneyPart
from config.parts import (
    Amount,
    Count,
    Day,
    Hour,
    Key,
    Line,
    Part,
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
from config.registers import TABLES as TABLES_OF_REGISTERS
from config.registers import RegisterPart
from config.wording.faults import Sentence, Word, sentence

HIDDEN_KEYS = frozenset({"address_setting", "secret_setting", "phone"})
"""What is written here by mistake may be a password, or is a person's telephone: it is never shown."""


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """One thing wrong at a place of the file, such as `townships[3].target` (entries count from 1), and what is allowed there."""

    place: str
    value: str = ""
    told: Sentence


class BasisPart(Part):
    """The day and the paper that set the targets."""

    day: Day | None = None
    paper: Line = ""


class StagePart(Part):
    """One `[[stages]]`."""

    key: Key
    name: Text
    words: Words
    headline: Yes = False
    within: Text | None = None
    from_zero: Yes = False
    low_is_good: Yes = False


class CategoryPart(Part):
    """One `[[categories]]`."""

    key: Key
    name: Text
    words: Words


class ContactPart(Part):
    """One contact of a township."""

    name: Text
    nick: Text
    phone: Phone | None = None
    user_id: Text | None = None


class TownshipPart(Part):
    """One `[[townships]]`, or one row of the roster."""

    name: Text
    aliases: Texts = []
    kind: Line = ""
    ranking_group: Line = ""
    contacts: list[ContactPart] = []
    target: Amount | None = None
    targets: dict[str, Annotated[Amount, Understood]] = {}
    basis: BasisPart | None = None


class RosterPart(Part):
    """`[roster]`."""

    file: Text


class GroupPart(Part):
    """One `[[groups]]`."""

    key: Key
    name: Text
    platform: Text
    audience: Audience
    notices: Words
    address_setting: Setting = ""
    secret_setting: Setting = ""


class RankingPart(Part):
    """`[ranking]`."""

    enabled: Yes = True
    by_group: Yes = False
    tie_breaks: list[TieBreak] = []
    first: Annotated[Count, Field(ge=1)] = 3
    last: Count = 3
    by: RankedBy = RankedBy.CLAIMED
    rule: Annotated[Count, Field(ge=1)] = 1
    weights: dict[str, Annotated[Amount, Understood]] = {}


class ProofPart(Part):
    """`[proof]`."""

    told: Yes = False
    within_days: Annotated[Count, Field(ge=1)] = 7
    names_in_chat: Yes = True


class MilestonePart(Part):
    """One milestone of the plan."""

    day: Day
    share: Share


class PlanPart(Part):
    """`[plan]`."""

    milestones: list[MilestonePart] = []


class RungPart(Part):
    """One `[[ladder]]`."""

    trouble: Trouble
    days: Annotated[Count, Field(ge=1)]
    audience: Audience
    measure: Line = ""


class QuietPart(Part):
    """`[quiet]`."""

    start: Hour = time(20)
    end: Hour = time(8)


class CalendarPart(Part):
    """`[calendar]`."""

    years: list[Annotated[int, Field(strict=True, ge=2000, le=2200)]] = []
    off: list[Day] = []
    work: list[Day] = []


class CampaignFile(Part):
    """A campaign file, whole."""

    key: Key
    title: Text
    short_title: Text
    area: Text
    bureau: Text
    office: Text
    office_staff: Texts
    timezone: Zone = "Asia/Shanghai"
    start: Day
    deadline: Day
    days: ReportingDays = ReportingDays.EVERY_DAY
    unit: Text
    words: Texts = []
    unit_words: Texts = []
    from_zero: Yes = False  # of every stage
    low_is_good: Yes = False  # of every stage
    decimals: Annotated[Count, Field(le=4)] = 0
    still_days: Annotated[Count, Field(ge=1)] = 5
    due_soon_days: Count = 3
    unmarked_is_headline: Yes = True
    cutoff: Hour
    hours: dict[str, Annotated[Hour, Understood]]
    basis: BasisPart = BasisPart()
    stages: Annotated[list[StagePart], Field(min_length=1)]
    categories: list[CategoryPart] = []
    roster: RosterPart | None = None
    townships: Annotated[list[TownshipPart], Field(min_length=1)]
    groups: list[GroupPart] = []
    ranking: RankingPart = RankingPart()
    plan: PlanPart = PlanPart()
    ladder: list[RungPart] = []
    quiet: QuietPart = QuietPart()
    calendar: CalendarPart = CalendarPart()
    registers: list[RegisterPart] = []
    proof: ProofPart = ProofPart()
    money: MoneyPart | None = None


TABLES: Mapping[str, type[Part]] = {
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
    """The file in its shape (None if it does not fit), as much of it as is understood, and everything that does not fit.

    In the understood part a value that does not fit is None, entries keep their numbers, and unknown keys are gone.
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
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
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
        stands = "" if error["type"] == "missing" else "(hidden)" if hidden else shown(error["input"])
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
        choices = tuple(map(Word, re.findall(r"'(\w+)'", str(context["expected"]))))
        return sentence("enum", expected=context["expected"], choices=choices)
    for kinds, rule in RULES.items():
        if kind.startswith(kinds):
            return sentence(rule, **{name: context[name] for name in ("ge", "le", "max_length") if name in context})
    return sentence("other", message=error["msg"])


def _holder(named: list[str]) -> type[Part]:
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
