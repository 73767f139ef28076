"""What one cell of a file says: its value in one way of writing, or the kind of fault that makes it
unusable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from bot.domain.campaigns.register import Column, ColumnKind

FIRST_SERIAL, LAST_SERIAL = 44000, 47000
"""Excel's day numbers from June 2020 to September 2028; other bare numbers are no days."""

_SERIAL_ZERO = date(1899, 12, 30)
_INVISIBLE = {"Cf", "Cc", "Zl", "Zp"}
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "·", "暂无", "空"})
_FULL_DAY = re.compile(r"(\d{4})[.\-/年](\d{1,2})[.\-/月](\d{1,2})[日号]?")
_MONTH_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]?")
_COMPACT_DAY = re.compile(r"(19|20)\d{6}")
_CLOCK = re.compile(r"[T ]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_CHINESE = r"㐀-䶿一-鿿"
_SAYS_NOTHING = re.compile(
    r"(?:农村|农户|危房|房屋|改造|工程|方式|类型|类别|家庭|人员|对象|[类户型式的、,，/+\-])*"
)
_UNIT_FEN = {"万元": 1_000_000, "千元": 100_000, "元": 100, "角": 10, "分": 1}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"

Raw = object
"""A cell as the reader of tables gives it: text, number, bool, date, datetime or None."""


@dataclass(frozen=True, kw_only=True)
class CellValue:
    """What a cell says. `text` is as it was written; `value` is empty when nothing is said or
    `fault` is set.
    """

    text: str = ""
    value: str = ""
    fault: str = ""

    @property
    def empty(self) -> bool:
        """Whether the cell says nothing at all."""
        return not self.value and not self.fault


NOTHING = CellValue()


def plain_text(raw: Raw) -> str:
    """A cell as text in one way of writing: half-width, without invisible characters, blanks made
    single.
    """
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float):
        return format(Decimal(f"{raw:.15g}"), "f")
    if isinstance(raw, datetime):
        return raw.isoformat(sep=" ")
    if isinstance(raw, date):
        return raw.isoformat()
    text = str(raw)
    # most cells are written plainly
    if text.isprintable() and unicodedata.is_normalized("NFKC", text):
        return " ".join(text.split()).removeprefix("'").strip()
    text = unicodedata.normalize("NFKC", text)
    text = "".join(" " if sign.isspace() else sign for sign in text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in _INVISIBLE)
    return " ".join(text.split()).removeprefix("'").strip()


def text_said(raw: Raw) -> CellValue:
    """A text; a dash and the like say nothing."""
    text = plain_text(raw)
    return CellValue(text=text, value="" if text in _NOTHING else text)


def name_said(raw: Raw) -> CellValue:
    """A person's name: blanks that align two or more Chinese characters are taken out."""
    said = text_said(raw)
    bare = said.value.replace(" ", "")
    if re.fullmatch(rf"[{_CHINESE}·]{{2,}}", bare):
        return CellValue(text=said.text, value=bare)
    return said


def compact(raw: Raw) -> str:
    """A cell as text without any blank, for words that are compared."""
    return plain_text(raw).replace(" ", "")


def choice_said(column: Column, raw: Raw) -> CellValue:
    """One of the column's words, never the nearest; another word is the column's `unknown`."""
    text = compact(raw)
    if text in _NOTHING:
        return CellValue(text=text)
    key = column.choices.get(bare_word(text)) or _composed(column, bare_word(text))
    return (
        CellValue(text=text, value=key)
        if key is not None
        else CellValue(text=text, fault=column.unknown)
    )


def _composed(column: Column, text: str) -> str | None:
    """The choice of a text made of nothing but words of that one choice (C级维修加固) and words
    that say nothing.
    """
    spans = [
        (found.start(), found.end(), key)
        for word, key in column.choices.items()
        if len(word) > 1
        for found in re.finditer(re.escape(word), text)
    ]
    # A word inside a longer one is not said: 低保边缘家庭 is not 低保.
    said = [
        one
        for one in spans
        if not any(
            other[0] <= one[0] and one[1] <= other[1] and other[:2] != one[:2] for other in spans
        )
    ]
    rest = "".join(
        sign
        for place, sign in enumerate(text)
        if not any(start <= place < end for start, end, _ in said)
    )
    keys = {key for _, _, key in said}
    return keys.pop() if len(keys) == 1 and _SAYS_NOTHING.fullmatch(rest) else None


def bare_word(text: str) -> str:
    """A word without quotation marks and in small letters, as choices and heads are compared."""
    return re.sub(r"[\"'“”‘’「」『』《》]", "", compact(text)).casefold()


def day_said(raw: Raw, as_of: date, latest: date, earliest: date | None = None) -> CellValue:
    """A day, as ISO text.

    A day without a year is of the year of `as_of`, and one after `as_of` is refused rather than
    moved to the year before. After `latest` it is `date_future`, before `earliest` it is
    `date_outside`.
    """
    text = compact(raw)
    if text in _NOTHING or text.startswith(("未", "尚未")):
        return CellValue(text=text)
    day, fault = _day(raw, text, as_of)
    if day is not None:
        last = min(latest, as_of) if _MONTH_DAY.fullmatch(text) else latest
        fault = (
            "date_future" if day > last else "date_outside" if earliest and day < earliest else ""
        )
    return (
        CellValue(text=text, fault=fault)
        if fault or day is None
        else CellValue(text=text, value=day.isoformat())
    )


def _day(raw: Raw, text: str, as_of: date) -> tuple[date | None, str]:
    if isinstance(raw, datetime):
        return raw.date(), ""
    if isinstance(raw, date):
        return raw, ""
    text = _CLOCK.sub("", text)
    if found := _FULL_DAY.fullmatch(text):
        return _calendar_day(*map(int, found.groups()))
    if found := _MONTH_DAY.fullmatch(text):
        return _calendar_day(as_of.year, *map(int, found.groups()))
    if _COMPACT_DAY.fullmatch(text):
        return _calendar_day(int(text[:4]), int(text[4:6]), int(text[6:]))
    if re.fullmatch(r"\d{5}", text) and FIRST_SERIAL <= int(text) <= LAST_SERIAL:
        return _SERIAL_ZERO + timedelta(days=int(text)), ""
    if re.fullmatch(r"[\d.\-/]+", text):
        return None, "date_ambiguous"
    return None, "date_vague"


def _calendar_day(year: int, month: int, day: int) -> tuple[date | None, str]:
    try:
        return date(year, month, day), ""
    except ValueError:
        return None, "date_impossible"


def identity_said(raw: Raw) -> CellValue:
    """An identity number of 18 characters with a real birthday and a right check digit (GB
    11643).
    """
    text = compact(raw).upper()
    if text in _NOTHING:
        return CellValue(text=text)
    return (
        CellValue(text=text, fault=fault)
        if (fault := _identity_fault(raw, text))
        else CellValue(text=text, value=text)
    )


def _identity_fault(raw: Raw, text: str) -> str:
    if _is_number(raw) or re.search(r"E\+?\d+$", text):
        return "id_rounded"
    if not re.fullmatch(r"\d{17}[\dX]", text):
        return "id_length"
    wrong = text[17] != check_digit(text)
    if wrong and text.endswith("000"):
        return "id_rounded"
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return "id_birthday"
    if born.year < 1880:
        return "id_birthday"
    return "id_check_digit" if wrong else ""


def check_digit(identity: str) -> str:
    """The eighteenth character that the first seventeen ask for."""
    return _CHECK_DIGITS[
        sum(int(digit) * weight for digit, weight in zip(identity, _WEIGHTS, strict=False)) % 11
    ]


def tail_said(raw: Raw) -> CellValue:
    """The last four characters of an identity number. A number loses its leading zeros, which are
    put back.
    """
    text = compact(raw).upper()
    if text in _NOTHING:
        return CellValue(text=text)
    if _is_number(raw) and text.isdigit():
        text = text.zfill(4)
    found = re.fullmatch(r"[*•·.…]*(\d{3}[\dX])", text)
    return (
        CellValue(text=text, value=found[1]) if found else CellValue(text=text, fault="id_length")
    )


def account_said(raw: Raw) -> CellValue:
    """An account number of 8 to 30 digits; blanks and dashes between groups are taken out."""
    text = compact(raw)
    if text in _NOTHING:
        return CellValue(text=text)
    digits = text.replace("-", "")
    rounded = _is_number(raw) or re.search(r"[eE]\+?\d+$", text)
    # A binary fraction holds fifteen digits for certain; what is longer has been rounded.
    if rounded and not (digits.isdigit() and len(digits) <= 15):
        return CellValue(text=text, fault="account_rounded")
    if not re.fullmatch(r"\d{8,30}", digits):
        return CellValue(text=text, fault="account_form")
    return CellValue(text=text, value=digits)


def passes_luhn(digits: str) -> bool:
    """Whether an account's last digit is the check digit that bank cards have."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def amount_said(raw: Raw, fen_of_unit: int, most: int | None = None) -> CellValue:
    """Money in whole fen, as text. `fen_of_unit` is what one unit of the head is worth."""
    text = compact(raw).replace(",", "").removeprefix("¥").removeprefix("￥")
    if text in _NOTHING:
        return CellValue(text=text)
    for unit, worth in _UNIT_FEN.items():
        if text.endswith(unit):
            text, fen_of_unit = text.removesuffix(unit), worth
            break
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
        return CellValue(text=text, fault="amount_form")
    try:
        fen = Decimal(text) * fen_of_unit
    except InvalidOperation:
        return CellValue(text=text, fault="amount_form")
    if fen != fen.to_integral_value() or fen < 0:
        return CellValue(text=text, fault="amount_form")
    if most is not None and fen > most:
        return CellValue(text=text, fault="amount_unit")
    return CellValue(text=text, value=str(int(fen)))


def fen_of(head: str, notes: str = "") -> int:
    """What one unit of a money column is worth in fen: named in its head, else in the notes above
    the table, else 元.
    """
    bracketed = "".join(re.findall(r"[(（]([^()（）]*)[)）]", unicodedata.normalize("NFKC", head)))
    for unit in ("万元", "千元", "元", "角", "分"):
        if unit in bracketed:
            return _UNIT_FEN[unit]
    said = re.findall(r"单位[::]([^\s]*)", compact(notes))
    named = [unit for unit in ("万元", "千元") if any(unit in text for text in said)]
    plain_yuan = any(re.search(r"(?<![万千])元", text) for text in said)
    return _UNIT_FEN[named[0]] if len(named) == 1 and not plain_yuan else 100


def count_said(raw: Raw) -> CellValue:
    """A whole number, with or without its unit (4人)."""
    text = compact(raw)
    if text in _NOTHING:
        return CellValue(text=text)
    found = re.fullmatch(rf"(\d{{1,9}})(\.0+)?[{_CHINESE}]?", text)
    return (
        CellValue(text=text, value=str(int(found[1])))
        if found
        else CellValue(text=text, fault="count_form")
    )


def is_formula(text: str) -> bool:
    """Whether a text would be run as a formula by a spreadsheet that opens it."""
    return re.match(r"=\s*\S|[+\-@]\s*[A-Za-z]+[(!|]", text) is not None


def column_said(
    column: Column, raw: Raw, *, as_of: date, filed_on: date, fen_of_unit: int = 100
) -> CellValue:
    """What a cell of one of the plain kinds of column says; persons and accounts are read by their
    own functions.
    """
    match column.kind:
        case ColumnKind.CHOICE:
            return choice_said(column, raw)
        case ColumnKind.DAY:
            return day_said(raw, as_of, filed_on)
        case ColumnKind.COUNT:
            return count_said(raw)
        case ColumnKind.FEN:
            return amount_said(raw, fen_of_unit, column.most)
        case ColumnKind.ACCOUNT:
            return account_said(raw)
    return text_said(raw)


def township_said(raw: Raw, names: Mapping[str, str]) -> CellValue:
    """A township by its full name or an alias, never the nearest; `names` maps each to the full
    name.
    """
    text = compact(raw)
    if text in _NOTHING:
        return CellValue(text=text, fault="township_missing")
    name = names.get(text)
    return (
        CellValue(text=text, value=name) if name else CellValue(text=text, fault="township_unknown")
    )


def _is_number(raw: Raw) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool)
