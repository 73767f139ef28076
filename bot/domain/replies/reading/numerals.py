"""Numbers as people write them: digits, 中文数字, 壹拾柒 forms. Exact, or nothing at all."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

DIGITS = {
    character: value
    for value, characters in enumerate(
        ["零〇", "一壹幺", "二两俩贰", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"]
    )
    for character in characters
}
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
SIGNS = "".join(DIGITS) + "".join(TENS) + "廿卅万"


def number(text: str) -> Decimal | None:
    """The value of digits or of a Chinese numeral; None for what is not certainly one number (rule
    1).
    """
    if text[:1].isascii():
        try:
            return Decimal(text.replace(",", ""))
        except InvalidOperation:
            return None
    return chinese(text)


def chinese(text: str) -> Decimal | None:
    """The value of a Chinese numeral: 十七, 一十八, 廿四, 两百零五, 壹拾柒, 二〇二一. Colloquial
    两百三 is not certain: None.
    """
    if not text:
        return None
    text = text.replace("廿", "二十").replace("卅", "三十")
    if text and all(character in DIGITS for character in text):
        return (
            Decimal("".join(str(DIGITS[character]) for character in text))
            if len(text) != 2 or text[0] in "零〇"
            else None
        )
    whole, _, rest = text.partition("万")
    if "万" in text:
        high, low = _below_10000(whole), _below_10000(rest.lstrip("零〇")) if rest else 0
        return None if high is None or low is None else Decimal(high * 10000 + low)
    value = _below_10000(text)
    return None if value is None else Decimal(value)


def _below_10000(text: str) -> int | None:
    total, digit, last = 0, None, 10000
    after_zero = False
    for position, character in enumerate(text):
        if character in "零〇":
            if digit is not None:
                return None
            after_zero = True
        elif character in DIGITS:
            if digit is not None:
                return None
            digit = DIGITS[character]
        elif character in TENS:
            unit = TENS[character]
            if unit >= last or (digit is None and (unit != 10 or position)):
                return None
            total += (1 if digit is None else digit) * unit
            digit, last, after_zero = None, unit, False
        else:
            return None
    if digit is not None:
        if last > 10 and last != 10000 and not after_zero:
            return None  # 两百三: 203 or 230
        total += digit
    return total if text else None


LEADING = re.compile(rf"(\d{{1,20}}(?:\.\d{{1,9}})?)\s?(万?)|[{SIGNS}]{{1,12}}")


def leading_number(text: str) -> Decimal | None:
    """The value of the number at the beginning of a token, 2.1万 as 21000; None for what is not
    certainly one number.
    """
    found = LEADING.match(text)
    if found is None:
        return None
    if found[1] is None:
        return number(found.group())
    value = number(found[1])
    return value * 10_000 if value is not None and found[2] else value


ROUNDED = re.compile(r"\d{1,20}(?:\.(\d{1,9}))?\s?万")
EXACT_PLACES = 2
"""From so many decimals on a number in ten thousands is taken as it is said: 2.13万 is 21,300,
while 11.2万 is some 112,000.
"""


def is_rounded(text: str) -> bool:
    """Whether a number in ten thousands is not said to its last character: 11.2万, 2万."""
    found = ROUNDED.match(text)
    if found is not None:
        return len(found[1] or "") < EXACT_PLACES
    return bool(re.match(rf"[{SIGNS}]{{1,6}}万(?![{SIGNS}])", text))
