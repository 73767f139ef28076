"""Which day a message speaks of: the open day, or it is asked back (rule 4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.replies.reading.grammar import Token, clauses
from bot.domain.replies.reading.lexicon import Lexicon
from bot.domain.replies.reading.model import Unclear
from bot.domain.replies.reading.numerals import number
from bot.domain.replies.reading.speech import NUMBERS, SAYS

WEEKDAYS = {sign: at for at, sign in enumerate("一二三四五六日")} | {"天": 6}
OF_A_REPORT = re.compile(r"[报数计补漏]|进度")
OTHER_TIMES = frozenset({"YESTERDAY", "PERIOD", "MONTH"})
"""Words for a time that is not the open day. In a clause without a number they are a remark (昨晚下雨), unless it heads what follows."""


TIMES = OTHER_TIMES | {"DATE", "WEEKDAY"}


def named_day(text: str, open_day: date) -> date | None:
    """The date that words such as 10月29日, 29号, 10.29 or 20211029 name, in the year of the open day; None if there is none such."""
    if re.fullmatch(r"20\d{6}", text):
        parts: list[object] = [text[:4], text[4:6], text[6:]]
        whole = [int(str(part)) for part in parts]
    else:
        values = [number(part) for part in re.findall(r"\d+|[零〇一二三四五六七八九十廿]+", text)]
        if not values or any(value is None for value in values):
            return None
        whole = [int(value) for value in values if value is not None]
    year = whole[0] if len(whole) == 3 else open_day.year
    month = whole[-2] if len(whole) >= 2 else open_day.month
    try:
        return date(year, month, whole[-1])
    except ValueError:
        return None


def only_this_day(
    campaign: Campaign, lexicon: Lexicon, tokens: Sequence[Token], open_day: date | None, at: datetime
) -> None:
    """Raises Unclear for a closed day, a future day, or any period other than the open day."""
    for token in tokens:
        if token.role == "DATE" and (open_day is None or named_day(token.text, open_day) != open_day):
            raise Unclear("other_day", token.text)
        if token.role == "WEEKDAY" and (open_day is None or open_day.weekday() != WEEKDAYS[token.text[-1]]):
            raise Unclear("other_day", token.text)
    if open_day is not None and at.astimezone(campaign.timezone).date() != open_day:
        for token in tokens:
            if token.role in {"INC", "TITLE", "ZERO"} and token.text.startswith(("今", "当", "本日")):
                raise Unclear("closed_day", token.text)
    said = "".join(token.text for token in tokens)
    if "补报" in said:
        raise Unclear("closed_day", "补报")
    corrects = any(token.role == "CORRECTION" for token in tokens)
    for clause in clauses(tokens, also="AMONG"):
        place = next((index for index, token in enumerate(clause) if token.role in OTHER_TIMES), None)
        if place is None:
            continue
        other = clause[place]
        named = any(token.role in {"TOWN", "NICK"} for token in clause[place:])
        if (corrects or named) and other.role == "YESTERDAY":
            raise Unclear("closed_day", other.text)
        if any(token.role in NUMBERS for token in clause):
            if other.role == "YESTERDAY":
                continue  # 昨日15户 is explained if 15 stood; the judgement sees to it
            raise Unclear("closed_day", other.text)
        words = "".join(token.text for token in clause if token.role == "WORD")
        remark = lexicon.harmless.sub("", words)
        if not remark or OF_A_REPORT.search(words) or any(token.role in SAYS for token in clause):
            raise Unclear("closed_day", other.text)


def slashed_dates(tokens: Sequence[Token], open_day: date | None) -> list[Token]:
    """10/31 is the open day if it could be and another number is said; a date near it that is not: ask."""
    told: list[Token] = []
    for position, token in enumerate(tokens):
        if token.role == "FRACTION" and open_day is not None and re.fullmatch(r"\d{1,2}\s?/\s?\d{1,2}", token.text):
            # A blank between 竣工 and 10/27 parts nothing; one behind a date does: 10/29 竣工17户.
            before = next((other.role for other in reversed(tokens[:position]) if other.role != "SPACE"), "")
            behind = [other.role for other in tokens[position + 1 : position + 2]]
            named = named_day(token.text, open_day)
            near = named is not None and abs((named - open_day).days) <= 7
            if near and "STAGE" not in (before, *behind) and before not in {"CUM", "ALREADY"}:
                if named != open_day or not any(
                    other.role in SAYS for at, other in enumerate(tokens) if at != position
                ):
                    raise Unclear("other_day", token.text)
                told.append(Token(role="DATE", text=token.text))
                continue
        told.append(token)
    return told
