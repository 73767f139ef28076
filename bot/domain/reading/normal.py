"""Brings a message into one plain form before it is read; what is not certainly a number is not repaired (rule 1)."""

from __future__ import annotations

import re
import unicodedata

TRADITIONAL = str.maketrans(
    "戶樓開竣報進無計員動場驗撥萬幾餘剩後級鎮鄉兩個維護陸貳參肆",
    "户楼开竣报进无计员动场验拨万几余剩后级镇乡两个维护陆贰叁肆",
)
CIRCLED_AND_RAISED = re.compile(
    "[\u2460-\u24ff\u2776-\u2793\u00b9\u00b2\u00b3\u2070-\u2089\u20e3\u3220-\u3229\u3280-\u3289]"
)
ODD_NUMBER = "\ufffc"
"""Stands for a sign that looks like a number and is not certainly one: circled, raised, a keycap."""
THOUSANDS = re.compile(r"(?<!\d)(\d{1,3}(?:,\d{3})+)(?!\d|,)")
EMOTICON = re.compile(r"\[[\u4e00-\u9fff]{1,4}\]")


def normal(text: str) -> str:
    """The message in one form: NFKC, simplified domain words, no zero-width signs, emoji or thousands separators."""
    marked = CIRCLED_AND_RAISED.sub(ODD_NUMBER, text)
    plain = unicodedata.normalize("NFKC", marked).translate(TRADITIONAL)
    kept = []
    for sign in plain:
        category = unicodedata.category(sign)
        if sign in "\n\t" or sign == ODD_NUMBER:
            kept.append(sign)
        elif category in {"Cf", "Cs", "Co", "Cn", "Mn", "Me"}:
            continue
        elif category in {"Cc", "Zs", "Zl", "Zp", "So", "Sk"}:
            kept.append(" ")
        else:
            kept.append(sign)
    return THOUSANDS.sub(lambda found: found.group().replace(",", ""), "".join(kept))
