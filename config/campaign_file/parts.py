"""What single values of a campaign file may be: the kinds its tables are made of, and what a table
itself is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
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

# A validator that refuses raises the name of the rule in `faults.toml`.


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("not_a_zone") from None
    return name


def _hour(value: object) -> object:
    # pydantic takes 17 for 17 seconds past midnight and keeps an offset; both would move a day's
    # end unseen.
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
Amount = Annotated[
    Decimal, Field(ge=0, le=Decimal("1e12")), BeforeValidator(_amount), AfterValidator(_plainly)
]
Count = Annotated[int, Field(strict=True, ge=0, le=1000)]
Yes = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
Hour = Annotated[time, BeforeValidator(_hour)]
Setting = Annotated[str, AfterValidator(_setting)]
Zone = Annotated[str, AfterValidator(_zone)]
Share = Annotated[str, BeforeValidator(_share)]
Phone = Annotated[str, AfterValidator(_phone)]
Understood = WrapValidator(_understood)
"""Puts None for a part of a table that does not fit, where what is understood of the rest is asked
for.
"""


class FilePart(BaseModel):
    """A table of the file. Validated with a context, it keeps what it understands and puts None for
    the rest.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _known_only(cls, raw: Any, info: ValidationInfo) -> Any:
        if not info.context:
            return raw
        given = raw if isinstance(raw, Mapping) else {}
        return {
            name: given.get(name)
            for name, field in cls.model_fields.items()
            if name in given or field.is_required()
        }

    @field_validator("*", mode="wrap")
    @classmethod
    def _each_field(
        cls, raw: Any, check: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        return _understood(raw, check, info)
