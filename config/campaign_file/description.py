"""What a campaign file describes of each of its keys, besides its type: how it lies on the form,
whether it came later.

A key is described once, where its table declares it (`config.campaign_file.shape`): its name, type,
bounds and so its faults; whether a page has a field for it and in which part; whether contents
without it were kept before it came. Forms, contents and what a form leaves alone are made from
that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from pydantic.fields import FieldInfo

from config.campaign_file.parts import FilePart


class Shown(StrEnum):
    """How a key is shown on the form, and so how it is read from it."""

    BOX = "box"
    WORDS = "words"  # a box of several words
    NUMBER = "number"  # a whole one
    AMOUNT = "amount"
    SHARE = "share"
    DATE = "date"
    TIME = "time"
    TICK = "tick"
    TICKS = "ticks"
    CHOOSE = "choose"
    HIDDEN = "hidden"
    ELSEWHERE = "elsewhere"  # by something else on the form, which is read by itself


@dataclass(frozen=True, kw_only=True)
class OnForm:
    """A key that has a field on the form: in that part of it, shown as its type says or as it is
    said here.
    """

    part: str = ""  # a section of the form; of a row it is the row
    shown: Shown | None = None
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A list whose rows stand on the form. What must be filled in for a row to count, and what a
    row is known by.

    `prefix` is how the keys begin that rows are given: nobody at a browser should have to think of
    one.
    """

    filled: tuple[str, ...]
    known_by: tuple[str, ...]
    prefix: str = ""


@dataclass(frozen=True)
class Later:
    """A key that came when contents without it were kept: where it says nothing it is left out, so
    that no digest moves.
    """


LATER = Later()

Told = TypeVar("Told", OnForm, Rows, Later)


@dataclass(frozen=True, kw_only=True)
class Described:
    """A key by its place in the file, rows without their numbers: `ranking.first`,
    `stages[].words`.
    """

    place: str
    on_form: OnForm
    shown: Shown
    choices: type[Enum] | None


def fields_on_form(table: type[FilePart], above: str = "") -> Iterator[Described]:
    """Every key of a table, and of the tables in it, that has a field of its own on the form, in
    the order of the description.
    """
    for name, field in table.model_fields.items():
        place = above + name
        within = part_in(field)
        if within is not None:
            of_rows = get_origin(_sole(field.annotation)) is list
            if not of_rows or said(field, Rows) is not None:
                yield from fields_on_form(within, f"{place}{'[]' if of_rows else ''}.")
        elif (on_form := said(field, OnForm)) is not None:
            kind = _sole(field.annotation)
            shown = on_form.shown or _shown(kind)
            if shown is not Shown.ELSEWHERE:
                yield Described(place=place, on_form=on_form, shown=shown, choices=_choices(kind))


def rows_on_form(table: type[FilePart], above: str = "") -> dict[str, Rows]:
    """The lists whose rows stand on the form, by their place."""
    found = {}
    for name, field in table.model_fields.items():
        within = part_in(field)
        if (rows := said(field, Rows)) is not None:
            found[above + name] = rows
        elif within is not None:
            found |= rows_on_form(within, f"{above}{name}.")
    return found


def without_unsaid(part: FilePart, written: dict[str, Any]) -> dict[str, Any]:
    """A content without the later keys that say nothing, in the tables of `part` and of all in
    it.
    """
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if said(field, Later) is not None and value == field.get_default(call_default_factory=True):
            written.pop(name, None)
        elif isinstance(value, FilePart):
            without_unsaid(value, written[name])
        elif isinstance(value, list):
            for one, of_one in zip(value, written[name], strict=True):
                if isinstance(one, FilePart):
                    without_unsaid(one, of_one)
    return written


def keep_what_has_no_field(
    table: type[FilePart], told: dict[str, Any], stands: Mapping[str, Any]
) -> None:
    """Puts into what a form tells all that stands and has no field on it; rows are the same that
    are known by the same.
    """
    for name, field in table.model_fields.items():
        within, rows = part_in(field), said(field, Rows)
        if said(field, OnForm) is not None or stands.get(name) is None:
            continue
        if rows is not None and within is not None:
            _keep_in_rows(within, rows, told.get(name) or (), stands[name] or ())
        elif within is not None and _holds_fields(within) and isinstance(stands[name], Mapping):
            below = told.get(name, {})
            if isinstance(below, dict):
                keep_what_has_no_field(within, below, stands[name])
                if below:
                    told[name] = below
        else:
            told.setdefault(name, stands[name])


def _keep_in_rows(
    table: type[FilePart],
    rows: Rows,
    told: Sequence[dict[str, Any]],
    stands: Sequence[Mapping[str, Any]],
) -> None:
    known = {tuple(str(row.get(name)) for name in rows.known_by): row for row in stands}
    for row in told:
        held = known.get(tuple(str(row.get(name)) for name in rows.known_by))
        if held is not None:
            keep_what_has_no_field(table, row, held)


def _holds_fields(table: type[FilePart]) -> bool:
    return any(True for _ in fields_on_form(table)) or bool(rows_on_form(table))


def said(field: FieldInfo, what: type[Told]) -> Told | None:
    """What the description of a key says of that kind; None if it says nothing."""
    return next((one for one in field.metadata if isinstance(one, what)), None)


def part_in(field: FieldInfo) -> type[FilePart] | None:
    """The table that a key holds, or a list of; None for a value."""
    kind = _sole(field.annotation)
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    return kind if isinstance(kind, type) and issubclass(kind, FilePart) else None


def _sole(annotation: Any) -> Any:
    """A type without its None, and without what is annotated to it."""
    while True:
        if hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
        elif NoneType in get_args(annotation):
            (annotation,) = (one for one in get_args(annotation) if one is not NoneType)
        else:
            return annotation


def _choices(kind: Any) -> type[Enum] | None:
    if get_origin(kind) is list:
        kind = _sole(get_args(kind)[0])
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else None


def _shown(kind: Any) -> Shown:
    if get_origin(kind) is list:
        return Shown.TICKS if _choices(kind) is not None else Shown.WORDS
    if _choices(kind) is not None:
        return Shown.CHOOSE
    by_type = {
        bool: Shown.TICK,
        int: Shown.NUMBER,
        Decimal: Shown.AMOUNT,
        date: Shown.DATE,
        time: Shown.TIME,
    }
    return by_type.get(kind, Shown.BOX)
