"""What a cell says, read exactly or not at all: a number, a day, a text; or a `ValueFault` that
says why not.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from bot.sheets.cells import Cell, CellKind
from bot.sheets.heads import UNITS
from bot.sheets.words import joined, seen

NOTHING = frozenset({"", "-", "--", "---", "/", "\\", "—", "——", "―", "–", "_"})
"""What people put into a cell that has nothing to say, once it is without blanks."""

_GROUPED = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,8})?")
_TIMES = {"万": 10_000, "千": 1_000, "亿": 100_000_000}
_ABOUT = re.compile("约|大约|左右|余|多|几|近|超过|不足|以上|以下|来户|>|<|~|≈|≥|≤")
_DAY = re.compile(
    r"(?:(?P<year>(?:19|20)[0-9]{2})(?P<sep>[-/.年]))?(?P<month>[0-9]{1,2})(?P<by>[-/.月])(?P<day>[0-9]{1,2})[日号]?"
)
_WEEKDAY = re.compile(r" ?\(?(?:星期|周)[一二三四五六日天]\)?")
_HOUR = re.compile(
    r"(?:[T ]+|(?<=[日号]))[0-9]{1,2}[:时][0-9]{2}(?:[:分](?:[0-9]{2}(?:\.0+)?)?秒?)?$"
)
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])")
FIRST_SERIAL, LAST_SERIAL = 40_000, 55_000
"""Counts of days that are taken for one in a column of days: from 2009 to 2050."""


@dataclass(frozen=True, kw_only=True)
class ValueFault:
    """Why a cell was not read: a code, and as facts its `place` and what stands there (`cell`),
    with more for some.

    Of any cell: "formula" (its result is not stored: open the file in Excel and save it), "error"
    (#REF!). Of a number: "not_a_number", "about" (约15), "several_numbers" (15（+2）), "rounded"
    (1.39E+10), "a_date". Of a day: "date_ambiguous" (`candidates`, the days it may be: a number
    11.3), "date_vague" (10月底, 今日), "date_impossible" (9月31日), "date_no_year", "not_a_date".
    """

    code: str
    facts: dict[str, object] = field(default_factory=dict)


def number_in(cell: Cell, *, units: Collection[str] = UNITS) -> Decimal | ValueFault | None:
    """The number a cell says, exact: 17, ３３, 27户, '25, 13,175, 1.3万. None for an empty cell or
    a dash.

    `units` are the words that may follow it.
    """
    if (doubt := _unsaid(cell)) is not None:
        return doubt
    if cell.kind is CellKind.NUMBER:
        return Decimal(cell.text)
    if cell.kind in {CellKind.DATE, CellKind.BOOLEAN}:
        return _doubt("a_date" if cell.kind is CellKind.DATE else "not_a_number", cell)
    said = joined(cell.text).lstrip("'‘’`")
    if said in NOTHING:
        return None
    number = _number(said, units)
    return _no_number(said, cell) if number is None else number


def _number(said: str, units: Collection[str]) -> Decimal | None:
    found = re.match(r"[+-]?(?=[0-9])", said)
    if found is None:
        return None
    sign = -1 if said[0] == "-" else 1
    digits = _GROUPED.match(said, found.end())
    if digits is None:
        return None
    rest = re.sub(r"^\(([^()]*)\)$", r"\1", said[digits.end() :])
    times = 1
    if rest[:1] in _TIMES:
        times, rest = _TIMES[rest[0]], rest[1:]
    if rest and rest.lower() not in units and not (times > 1 and rest == "元"):
        return None
    return sign * Decimal(digits[0].replace(",", "")) * times


def _no_number(said: str, cell: Cell) -> ValueFault:
    if said.startswith("="):
        return _doubt("formula", cell)
    if re.fullmatch(r"[0-9.]+e\+?[0-9]+", said, re.IGNORECASE):
        return _doubt("rounded", cell)
    if _ABOUT.search(said) and re.search("[0-9一二三四五六七八九十百]", said):
        return _doubt("about", cell)
    if len(re.findall(r"[0-9]+(?:[.,][0-9]+)*", said)) > 1:
        return _doubt("several_numbers", cell)
    return _doubt("not_a_number", cell)


def is_number(cell: Cell) -> bool:
    """Whether a cell says a number, as a number or as text."""
    return cell.kind is CellKind.NUMBER or (
        cell.kind is CellKind.TEXT and _number(joined(cell.text).lstrip("'"), UNITS) is not None
    )


def day_in(cell: Cell, *, year: int | None = None) -> date | ValueFault | None:
    """The day a cell says: a date cell, its count of days, 2021-10-06 and its like, 20211006,
    10月6日 of `year`.

    None for an empty cell or a dash. A number such as 11.3 may be 3 or 30 November and is asked,
    for Excel drops the nought; 11.30 written as text is 30 November.
    """
    if (doubt := _unsaid(cell)) is not None:
        return doubt
    if cell.kind is CellKind.DATE:
        moment = cell.moment
        if isinstance(moment, time) or moment is None:
            return _doubt("not_a_date", cell)
        return moment.date() if isinstance(moment, datetime) else moment
    said = seen(cell.text).lstrip("'‘’`").strip()
    if joined(said) in NOTHING:
        return None
    if cell.kind is CellKind.BOOLEAN:
        return _doubt("not_a_date", cell)
    if found := _COMPACT.fullmatch(said):
        return _day(cell, *map(int, found.groups()))
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", said) and FIRST_SERIAL <= int(said[:5]) < LAST_SERIAL:
        return date(1899, 12, 30) + timedelta(days=int(said[:5]))
    return _written_day(cell, joined(_HOUR.sub("", _WEEKDAY.sub("", said))), year)


def _written_day(cell: Cell, said: str, year: int | None) -> date | ValueFault:
    found = _DAY.fullmatch(said)
    if found is None or (found["sep"] not in {None, found["by"]} and found["by"] != "月"):
        vague = re.search("[月年日号]|今|昨|明|前|上旬|中旬|下旬|底|初|周|星期", said)
        return _doubt("date_vague" if vague else "not_a_date", cell)
    which = int(found["year"]) if found["year"] else year
    month, day = int(found["month"]), int(found["day"])
    dotted = found["year"] is None and found["by"] == "."
    if which is None:
        return _doubt("date_no_year", cell)
    if dotted and len(found["day"]) == 1:
        # A number 11.3 was typed as 11.3 or as 11.30, whose nought a spreadsheet drops.
        both = [one for one in (_valid(which, month, day), _valid(which, month, day * 10)) if one]
        return (
            _doubt("date_ambiguous", cell, candidates=tuple(both))
            if both
            else _doubt("date_impossible", cell)
        )
    return _day(cell, which, month, day)


def text_in(cell: Cell) -> str | ValueFault:
    """What a cell says as text, "" for an empty one; a number in the digits that it has."""
    return _unsaid(cell) or seen(cell.text).removeprefix("'")


def _day(cell: Cell, year: int, month: int, day: int) -> date | ValueFault:
    return _valid(year, month, day) or _doubt("date_impossible", cell)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _unsaid(cell: Cell) -> ValueFault | None:
    if cell.kind is CellKind.FORMULA:
        return _doubt("formula", cell)
    return _doubt("error", cell) if cell.kind is CellKind.ERROR else None


def _doubt(code: str, cell: Cell, **facts: object) -> ValueFault:
    return ValueFault(code=code, facts={"place": cell.place, "cell": seen(cell.text)[:30], **facts})
