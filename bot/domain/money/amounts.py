"""Sums of money: whole fen, read and written by integer arithmetic alone (law 16)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import NewType

Fen = NewType("Fen", int)
"""A sum of money in whole fen. Nothing in this package is a fraction of one."""

NOTHING = Fen(0)


class Unit(StrEnum):
    """What an amount that is written down counts."""

    FEN = "fen"
    YUAN = "yuan"
    WAN = "wan"


_DECIMALS = {Unit.FEN: 0, Unit.YUAN: 2, Unit.WAN: 6}
_WRITTEN = re.compile(r"(-?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?")
_AROUND = re.compile(r"^[¥￥]|(?:万元|元整|元|分)$")
LONGEST = 24
"""Signs of an amount as it is written; a longer one is none."""


class NoAmount(ValueError):
    """What stands there is no amount, or not a whole number of fen."""


def fen_of(written: str, unit: Unit) -> Fen:
    """The amount that is written there, counted in `unit`, exactly; NoAmount.

    Commas between thousands, full-width characters and a currency character are passed over.
    Decimals beyond the fen are taken when they are zero and never rounded. A unit written behind
    the number must be the one that is expected.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", written)).removeprefix("'")
    said = _AROUND.search(text)
    if said and said.group() in {"万元", "元", "元整", "分"} and not _same_unit(said.group(), unit):
        raise NoAmount(written)
    found = _WRITTEN.fullmatch(_AROUND.sub("", _AROUND.sub("", text)))
    if found is None or len(text) > LONGEST:
        raise NoAmount(written)
    sign, whole, part = found.group(1), found.group(2).replace(",", ""), found.group(3) or ""
    room = _DECIMALS[unit]
    if part[room:].strip("0"):
        raise NoAmount(written)
    value = int(whole + part[:room].ljust(room, "0"))
    return Fen(-value if sign else value)


def yuan(amount: Fen) -> str:
    """The amount in yuan with two decimals and commas between thousands: 7,500.00."""
    whole, part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole:,}.{part:02d}"


def plain_yuan(amount: Fen) -> str:
    """The amount in yuan with two decimals and nothing else, as files of banks want it: 7500.00."""
    return yuan(amount).replace(",", "")


def wan(amount: Fen) -> str:
    """The amount in units of ten thousand yuan, every decimal it has and none more: 56.95, 305."""
    whole, part = divmod(abs(amount), 1_000_000)
    decimals = f"{part:06d}".rstrip("0")
    return f"{'-' if amount < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
LARGEST_IN_WORDS = Fen(10**14 - 1)


def in_words(amount: Fen) -> str:
    """The amount as it is written out on vouchers: 伍拾陆万玖仟伍佰元整. ValueError of 10**12 yuan
    and more.
    """
    if abs(amount) > LARGEST_IN_WORDS:
        raise ValueError(f"{amount} is more than is ever written out")
    whole, part = divmod(abs(amount), 100)
    jiao, fen = divmod(part, 10)
    words = f"{_whole_in_words(whole)}元" if whole or not part else ""
    if not part:
        words += "整"
    else:
        if jiao:
            words += f"{_DIGITS[jiao]}角"
        elif whole:
            words += _DIGITS[0]
        words += f"{_DIGITS[fen]}分" if fen else "整"
    return f"负{words}" if amount < 0 else words


def _whole_in_words(whole: int) -> str:
    if not whole:
        return _DIGITS[0]
    groups: list[int] = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.append(group)
    words, gap = "", False
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            gap = bool(words)
            continue
        # A zero is said wherever places are passed over between two that are not.
        words += _DIGITS[0] if words and (gap or group < 1_000) else ""
        words += _group_in_words(group) + _GROUPS[place]
        gap = False
    return words


def _group_in_words(group: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = bool(words)
    return words


def _same_unit(word: str, unit: Unit) -> bool:
    return {"万元": Unit.WAN, "元": Unit.YUAN, "元整": Unit.YUAN, "分": Unit.FEN}[word] is unit
