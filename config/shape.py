"""The shape of a campaign file: which keys there are, what each may hold, and a sentence for whatever does not fit."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from bot.domain.campaigns.campaign import Audience, NoticeKind, ReportingDays, TieBreak, Trouble
from config.wording.faults import Sentence, Word, sentence

HIDDEN_KEYS = frozenset({"address_setting", "secret_setting", "phone"})
"""What is written here by mistake may be a password, or is a person's telephone: it is never shown."""


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """One thing wrong at a place of the file, such as `townships[3].target` (entries count from 1), and what is allowed there."""

    place: str
    value: str = ""
    told: Sentence


# A validator that refuses raises the name of the rule in `faults.toml`.


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("not_a_zone") from None
    return name


def _hour(value: object) -> object:
    # pydantic takes 17 for 17 seconds past midnight and keeps an offset; both would move a day's end unseen.
    if isinstance(value, time) and value.tzinfo is None and not value.microsecond:
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?", value):
        return time.fromisoformat(value.zfill(5) if len(value) < 6 else value.zfill(8))
    raise ValueError("not_an_hour")


def _day(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("not_a_day") from None


def _share(value: object) -> object:
    """A milestone's share, written "45%" or 0.45, as the text of an exact fraction."""
    text = "" if isinstance(value, bool) else str(value).strip()
    if re.fullmatch(r"\d{1,3}(\.\d{1,6})?%?|\d{1,9}/[1-9]\d{0,8}", text):
        share = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        if share <= 1:
            return str(share)
    raise ValueError("not_a_share")


def _amount(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("not_a_number")
    return value


def _plainly(value: Decimal) -> Decimal:
    """The same number in one way of writing, so that 25, 25.0 and 25.00 are one content."""
    return Decimal(f"{value.normalize():f}") if value else Decimal(0)


def _visible(text: str) -> str:
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"} for sign in text):
        raise ValueError("invisible")
    return text


def _setting(name: str) -> str:
    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("not_a_setting")
    return name


def _phone(text: str) -> str:
    phone = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\+?\d{7,15}", phone):
        raise ValueError("not_a_phone")
    return phone


def _understood(raw: Any, check: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """The value; or, when validated with a context, None in place of one that does not fit."""
    try:
        return check(raw)
    except ValidationError:
        if info.context:
            return None
        raise


Line = Annotated[str, Field(max_length=200), AfterValidator(_visible)]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_visible)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
Texts = list[Annotated[Text, WrapValidator(_understood)]]
Words = Annotated[Texts, Field(min_length=1)]
Amount = Annotated[Decimal, Field(ge=0, le=Decimal("1e12")), BeforeValidator(_amount), AfterValidator(_plainly)]
Count = Annotated[int, Field(strict=True, ge=0, le=1000)]
Yes = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
Hour = Annotated[time, BeforeValidator(_hour)]
Setting = Annotated[str, AfterValidator(_setting)]


class Part(BaseModel):
    """A table of the file. Validated with a context, it keeps what it understands and puts None for the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _known_only(cls, raw: Any, info: ValidationInfo) -> Any:
        if not info.context:
            return raw
        given = raw if isinstance(raw, Mapping) else {}
        return {
            name: given.get(name) for name, field in cls.model_fields.items() if name in given or field.is_required()
        }

    @field_validator("*", mode="wrap")
    @classmethod
    def _each_field(cls, raw: Any, check: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        return _understood(raw, check, info)


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


class CategoryPart(Part):
    """One `[[categories]]`."""

    key: Key
    name: Text
    words: Words


class ContactPart(Part):
    """One contact of a township."""

    name: Text
    nick: Text
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    user_id: Text | None = None


class TownshipPart(Part):
    """One `[[townships]]`, or one row of the roster."""

    name: Text
    aliases: Texts = []
    kind: Line = ""
    ranking_group: Line = ""
    contacts: list[ContactPart] = []
    target: Amount | None = None
    targets: dict[str, Annotated[Amount, WrapValidator(_understood)]] = {}
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
    notices: Annotated[list[NoticeKind], Field(min_length=1)]
    address_setting: Setting = ""
    secret_setting: Setting = ""


class RankingPart(Part):
    """`[ranking]`."""

    enabled: Yes = True
    by_group: Yes = False
    tie_breaks: list[TieBreak] = []
    first: Annotated[Count, Field(ge=1)] = 3
    last: Count = 3


class MilestonePart(Part):
    """One milestone of the plan."""

    day: Day
    share: Annotated[str, BeforeValidator(_share)]


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
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    start: Day
    deadline: Day
    days: ReportingDays = ReportingDays.EVERY_DAY
    unit: Text
    decimals: Annotated[Count, Field(le=4)] = 0
    still_days: Annotated[Count, Field(ge=1)] = 5
    due_soon_days: Count = 3
    unmarked_is_headline: Yes = True
    cutoff: Hour
    hours: dict[str, Annotated[Hour, WrapValidator(_understood)]]
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
        holder = TABLES.get(named[-2], CampaignFile) if len(named) > 1 else CampaignFile
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
