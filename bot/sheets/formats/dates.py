"""Days and hours as spreadsheets keep them: a count of days, shown as a date by the format of its
cell.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""The formats every spreadsheet knows by number and shows as a date or a time; 27 to 58 are those
of China.
"""

_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def is_date_format(code: str) -> bool:
    """Whether a cell of that format code shows a date or a time."""
    shown = _NOT_SHOWN.sub("", code.partition(";")[0]).lower()
    if "general" in shown:
        return False
    shown = re.sub(r"am/pm|a/p|上午/下午", "", shown)
    return re.search("[ymdhs]", shown) is not None and re.search(r"[#?]|0(?![0.]*$)", shown) is None


def as_date(serial: float, *, from_1904: bool = False) -> str | None:
    """The day, moment or time of day of that count as ISO 8601; None where there is none."""
    if not 0 <= serial < 2_958_466:
        return None
    seconds = round(serial * 86_400)
    days, rest = divmod(seconds, 86_400)
    if days == 0 and not from_1904:
        return f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    if not from_1904 and days < 60:
        days += 1  # 1900 is a leap year to Excel, whose 29 February is day 60
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
    moment = start + timedelta(days=days, seconds=rest)
    return moment.isoformat() if rest else moment.date().isoformat()


def iso_date(said: str) -> str | None:
    """What is written as ISO 8601, in the form `as_date` has; None for anything else."""
    try:
        moment = datetime.fromisoformat(said.removesuffix("Z")).replace(tzinfo=None, microsecond=0)
    except ValueError:
        return None
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
