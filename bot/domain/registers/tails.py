"""尾巴: cases that have reached one stage and not the next, and how long they have waited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.campaigns.register import Register, Tail
from bot.domain.campaigns.workdays import is_workday
from bot.domain.registers.case import Case, CaseCode, on_list


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A case between two stages: the day it reached the first, and the last day on which the second
    is in time.
    """

    tail: Tail
    case: CaseCode
    township: TownshipName
    since: date
    until: date

    def overdue(self, day: date) -> bool:
        """Whether the second stage is late on `day`."""
        return day > self.until


def tails(
    campaign: Campaign, register: Register, cases: Iterable[Case], day: date
) -> tuple[Waiting, ...]:
    """Every case that waits between two stages on `day`, by tail and then by code."""
    listed = on_list(cases, day)
    found = []
    for tail in register.tails:
        for case in listed:
            first, then = case.proved.get(tail.first), case.proved.get(tail.then)
            if first is None or first > day or (then is not None and then <= day):
                continue
            found.append(
                Waiting(
                    tail=tail,
                    case=case.code,
                    township=case.township,
                    since=first,
                    until=_until(campaign, tail, first),
                )
            )
    return tuple(found)


def _until(campaign: Campaign, tail: Tail, first: date) -> date:
    if not tail.working_days:
        return first + timedelta(days=tail.within)
    day, left = first, tail.within
    while left:
        day += timedelta(days=1)
        left -= is_workday(campaign.calendar, day)
    return day
