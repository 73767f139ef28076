"""Moments as chat clients print them: 2021-10-29 16:05:12, 2021/10/29 16:05, 10月29日 下午4:05,
昨天 17:20, 星期五 16:05, 16:05.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.domain.campaigns.campaign import Campaign

WEEKDAYS = "一二三四五六日"
_HALF = r"凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上"
_WEEKDAY = r"(?:星期|周)[一二三四五六日天]"
_DAY = (
    r"(?P<ymd>\d{4}(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,2})"
    rf"|(?P<han>(?:\d{{4}}年)?\d{{1,2}}月\d{{1,2}}日)(?:\s*{_WEEKDAY})?"
    r"|(?P<md>\d{1,2}[-/]\d{1,2})"
    rf"|(?P<ago>前天|昨天|今天|{_WEEKDAY})"
)
_CLOCK = rf"(?P<half>{_HALF})?\s?(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::(?P<second>\d{{2}}))?"
MOMENT = rf"(?:(?:{_DAY})\s*)?{_CLOCK}"
_MOMENT = re.compile(MOMENT)
_DAY_ALONE = re.compile(_DAY)
_RULED = re.compile(r"[-—–─━=_*]{2,}\s*(?P<said>[^-—–─━=_*].*?)\s*[-—–─━=_*]{2,}")


@dataclass(frozen=True, kw_only=True)
class Written:
    """A moment as it stands in the paste: `day` in its own words, empty if it says none; `clock`
    None for a day alone.
    """

    day: str
    clock: time | None
    style: str
    """How it is written; the heads of one paste are all written alike."""
    ruled: bool = False
    """Whether it stands between two rules: —————  2021-10-29  —————."""


def written_moment(text: str) -> Written | None:
    """The moment that the whole of `text` is; None if it is none, or no certain one (25:10,
    晚上12:05).
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    clock = _clock(found)
    if clock is None:
        return None
    if found["ymd"]:
        style = f"date {found['mark']} {'seconds' if found['second'] else 'minutes'}"
    else:
        # a client prints today's moments without a day, yesterday's with 昨天, older ones with a
        # date
        style = "clock"
    day = found["ymd"] or found["han"] or found["md"] or found["ago"] or ""
    return Written(day=day, clock=clock, style=style)


def written_day(text: str) -> Written | None:
    """The day that the whole of `text` is: 2021年10月29日, 昨天; None if it is none."""
    found = _DAY_ALONE.fullmatch(text)
    return (
        None
        if found is None
        else Written(
            day=found["ymd"] or found["han"] or found["md"] or found["ago"], clock=None, style="day"
        )
    )


def ruled_day(text: str) -> Written | None:
    """The day or moment between two rules, as an exported chat parts its days: ————— 2021-10-29
    —————.
    """
    found = _RULED.fullmatch(text) if len(text) <= 120 else None
    written = written_day(found["said"]) or written_moment(found["said"]) if found else None
    return None if written is None else replace(written, ruled=True)


def day_meant(campaign: Campaign, written: str, copied: date | None) -> date | None:
    """The date of a day's words, seen on the day the chat was `copied`; None if it cannot be known.
    ValueError if there is no such day.

    A day without a year is the one that lies in the campaign, if one alone does; else of the year
    of the copy.
    """
    numbers = [int(part) for part in re.findall(r"\d+", written)]
    if len(numbers) == 3:
        return date(*numbers)
    if len(numbers) == 2:
        years = range(campaign.start.year, campaign.deadline.year + 1)
        inside = [
            day
            for year in years
            if campaign.start <= (day := date(year, *numbers)) <= campaign.deadline
        ]
        if len(inside) == 1:
            return inside[0]
        return None if copied is None else date(copied.year, *numbers)
    if copied is None:
        return None
    if written in {"今天", "昨天", "前天"}:
        return copied - timedelta(days=("今天", "昨天", "前天").index(written))
    back = (copied.weekday() - WEEKDAYS.index(written[-1].replace("天", "日"))) % 7
    return copied - timedelta(days=back) if back else None  # today's own weekday is never printed


def moment_of(campaign: Campaign, day: date, clock: time) -> datetime:
    """That clock of that day in the campaign's zone."""
    return datetime.combine(day, clock, campaign.timezone)


def _clock(found: re.Match[str]) -> time | None:
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    half = found["half"]
    if half == "晚上" and not 5 <= hour < 12 and hour < 17:
        return None  # 晚上12:05, 晚上1:05: of which day?
    if (half in {"下午", "傍晚", "晚上"} and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    elif half in {"上午", "凌晨"} and hour == 12:
        hour = 0
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
