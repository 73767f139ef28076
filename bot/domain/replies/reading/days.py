"""Which day a message speaks of: the open day, or it is asked back (rule 4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.replies.reading.grammar import clauses
from bot.domain.replies.reading.lexicon import Lexicon
from bot.domain.replies.reading.model import Unclear
from bot.domain.replies.reading.numerals import number
from bot.domain.replies.reading.roles import Token, TokenRole
from bot.domain.replies.reading.speech import NUMBERS, SAYS

WEEKDAYS = {character: at for at, character in enumerate("一二三四五六日")} | {"天": 6}
OF_A_REPORT = re.compile(r"[报数计补漏]|进度")
TODAYS = frozenset({TokenRole.INC, TokenRole.TITLE, TokenRole.ZERO, TokenRole.CUM})
OF_TODAY = re.compile(r"今[日天儿早晚]?|当[日天]|本日")
OTHER_TIMES = frozenset({TokenRole.YESTERDAY, TokenRole.PERIOD, TokenRole.MONTH})
"""Words for a time that is not the open day. In a clause without a number they are a remark
(昨晚下雨), unless it heads what follows.
"""


TIMES = OTHER_TIMES | {TokenRole.DATE, TokenRole.WEEKDAY}


def named_day(text: str, open_day: date) -> date | None:
    """The date that words such as 10月29日, 29号, 10.29 or 20211029 name, in the year of the open
    day; None if there is none such.
    """
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


def only_this_day(  # noqa: C901, PLR0912
    campaign: Campaign,
    lexicon: Lexicon,
    tokens: Sequence[Token],
    open_day: date | None,
    at: datetime,
) -> None:
    """Raises Unclear for a closed day, a future day, or any period other than the open day."""
    for token in tokens:
        if token.role == TokenRole.DATE and (
            open_day is None or named_day(token.text, open_day) != open_day
        ):
            raise Unclear("other_day", token.text)
        if token.role == TokenRole.WEEKDAY and (
            open_day is None or open_day.weekday() != WEEKDAYS[token.text[-1]]
        ):
            raise Unclear("other_day", token.text)
    if open_day is not None and at.astimezone(campaign.timezone).date() != open_day:
        for token in tokens:
            if token.role in TODAYS and OF_TODAY.search(token.text):
                raise Unclear("closed_day", token.text)
    said = "".join(token.text for token in tokens)
    if "补报" in said:
        raise Unclear("closed_day", "补报")
    corrects = any(token.role == TokenRole.CORRECTION for token in tokens)
    for clause in clauses(tokens, also=TokenRole.AMONG):
        place = next(
            (index for index, token in enumerate(clause) if token.role in OTHER_TIMES), None
        )
        if place is None:
            continue
        other = clause[place]
        named = any(token.role in {TokenRole.TOWN, TokenRole.NICK} for token in clause[place:])
        if (corrects or named) and other.role == TokenRole.YESTERDAY:
            raise Unclear("closed_day", other.text)
        if any(token.role in NUMBERS for token in clause):
            if other.role == TokenRole.YESTERDAY:
                continue  # 昨日15户 is explained if 15 stood; the judgement sees to it
            raise Unclear("closed_day", other.text)
        words = "".join(
            token.text
            for token in clause
            if token.role in {TokenRole.WORD, TokenRole.PLAIN, TokenRole.ACT}
        )
        if "忘" in words and not any(token.role in SAYS for token in clause):
            continue  # 昨天忘记报了
        remark = any(
            token.role is TokenRole.WORD
            or (
                token.role in {TokenRole.PLAIN, TokenRole.ACT}
                and token.text not in lexicon.no_remark
            )
            for token in clause
        )
        if not remark or OF_A_REPORT.search(words) or any(token.role in SAYS for token in clause):
            raise Unclear("closed_day", other.text)


def told_days(
    campaign: Campaign, lexicon: Lexicon, tokens: Sequence[Token], open_day: date | None
) -> list[Token]:
    """The tokens with what looks like a date, and like something else too, as the one that it must
    be (rule 4).
    """
    told = list(tokens)
    roles = {token.role for token in told}
    if open_day is not None and TokenRole.FRACTION in roles:
        told = _slashed(told, open_day)
    if open_day is not None and TokenRole.MINUS in roles:
        told = _with_dashes(told, open_day)
    return _decimals(lexicon, told, open_day) if campaign.decimals else told


def _says_more(tokens: Sequence[Token], position: int, end: int) -> bool:
    """Whether another number is said than those from `position` to `end`."""
    return any(token.role in SAYS for at, token in enumerate(tokens) if not position <= at < end)


def _slashed(tokens: Sequence[Token], open_day: date) -> list[Token]:
    """10/31 is the open day if it could be and another number is said; a date near it that is not:
    ask.
    """
    told: list[Token] = []
    for position, token in enumerate(tokens):
        if token.role is TokenRole.FRACTION and re.fullmatch(r"\d{1,2}\s?/\s?\d{1,2}", token.text):
            # A blank between 竣工 and 10/27 parts nothing; one behind a date does: 10/29 竣工17户.
            before = next(
                (
                    other.role
                    for other in reversed(tokens[:position])
                    if other.role != TokenRole.SPACE
                ),
                None,
            )
            behind = [other.role for other in tokens[position + 1 : position + 2]]
            named = named_day(token.text, open_day)
            near = named is not None and abs((named - open_day).days) <= 7
            if (
                near
                and TokenRole.STAGE not in (before, *behind)
                and before not in {TokenRole.CUM, TokenRole.ALREADY}
            ):
                if named != open_day or not _says_more(tokens, position, position + 1):
                    raise Unclear("other_day", token.text)
                told.append(Token(role=TokenRole.DATE, text=token.text))
                continue
        told.append(token)
    return told


def _with_dashes(tokens: Sequence[Token], open_day: date) -> list[Token]:
    """10-26 at the end of a clause is the open day, if it is that and more is said; any other such
    pair stays what it is.
    """
    told = list(tokens)
    for at in range(len(told) - 3, -1, -1):
        first, dash, last = told[at : at + 3]
        if (
            dash.role is not TokenRole.MINUS
            or first.role is not TokenRole.NUMBER
            or last.role is not TokenRole.NUMBER
        ):
            continue
        ends = at + 3 == len(told) or told[at + 3].role in {
            TokenRole.NEWLINE,
            TokenRole.SPACE,
            TokenRole.COMMA,
            TokenRole.CLOSE,
        }
        text = f"{first.text}-{last.text}"
        if ends and named_day(text, open_day) == open_day and _says_more(told, at, at + 3):
            told[at : at + 3] = [Token(TokenRole.DATE, text)]
    return told


def _decimals(lexicon: Lexicon, tokens: Sequence[Token], open_day: date | None) -> list[Token]:
    """8.5 where the campaign counts with decimals: a number, unless it is the open day, or the only
    thing that could be either.
    """
    places = [
        at
        for at, token in enumerate(tokens)
        if token.role is TokenRole.DATE and DECIMAL.fullmatch(token.text)
    ]
    if not places:
        return list(tokens)
    told = list(tokens)
    numbers = sum(token.role in NUMBERS for token in tokens)
    dates = [
        at for at, token in enumerate(tokens) if token.role is TokenRole.DATE and at not in places
    ]
    for at in places:
        text = told[at].text
        named = None if open_day is None else named_day(text, open_day)
        before = next(
            (token for token in reversed(tokens[:at]) if token.role is not TokenRole.SPACE), None
        )
        led = before is not None and before.role in LEADS_TO_A_NUMBER
        of_today = any(token.text in lexicon.day for token in tokens[max(0, at - 6) : at])
        if (
            named is not None
            and named == open_day
            and not led
            and _says_more([*tokens], at, at + 1)
        ):
            dates.append(at)
        elif (
            named is None
            or (dates and _is_of_a_name(told, at))
            or (led and (of_today or numbers or dates or len(places) > 1))
        ):
            told[at] = Token(TokenRole.NUMBER, text)
            numbers += 1
    return told


def _is_of_a_name(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number stands alone behind a name, as in a row of a list: 石步 6.5."""
    before = [token for token in tokens[:at] if token.role is not TokenRole.SPACE]
    ends = at + 1 == len(tokens) or tokens[at + 1].role in {
        TokenRole.NEWLINE,
        TokenRole.COMMA,
        TokenRole.SPACE,
        TokenRole.STOP,
    }
    return bool(before) and before[-1].role in {TokenRole.TOWN, TokenRole.NICK} and ends


DECIMAL = re.compile(r"\d{1,2}\.\d{1,2}")
LEADS_TO_A_NUMBER = frozenset(
    {
        TokenRole.STAGE,
        TokenRole.CUM,
        TokenRole.INC,
        TokenRole.REM,
        TokenRole.ALREADY,
        TokenRole.TARGET,
        TokenRole.DONE,
        TokenRole.CATEGORY,
        TokenRole.NOUN,
        TokenRole.PLUS,
    }
)
