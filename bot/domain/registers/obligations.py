"""What the register shows to be owed: proof of what is claimed, and the next stage of cases that
have waited too long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.register import Register
from bot.domain.day.obligations import Light, Obligation, Owed
from bot.domain.figures.progress import DaySheet
from bot.domain.registers.case import Case
from bot.domain.registers.compare import Unproved, unproved
from bot.domain.registers.tails import Waiting, tails


def register_obligations(
    campaign: Campaign,
    register: Register,
    cases: Sequence[Case],
    sheets: Sequence[DaySheet],
    at: datetime,
) -> tuple[Obligation, ...]:
    """Every obligation that follows from the register at a moment, by township; none while nothing
    was ever filed.

    A claim is to be proved within the campaign's days. A tail is one obligation for each township,
    with its cases.
    """
    if not cases:
        return ()
    day = at.astimezone(campaign.timezone).date()
    owed = [_proof(campaign, one, day) for one in unproved(campaign, register, cases, sheets)]
    waiting = tails(campaign, register, cases, day)
    for township in campaign.townships:
        for tail in register.tails:
            mine = [one for one in waiting if one.township == township.name and one.tail is tail]
            if mine:
                owed.append(_tail(campaign, mine, day))
    return tuple(owed)


def _proof(campaign: Campaign, late: Unproved, day: date) -> Obligation:
    until = late.since + timedelta(days=campaign.proof.within_days)
    return Obligation(
        owed=Owed.PROOF,
        township=late.township,
        due=campaign.moment(until, campaign.cutoff),
        light=Light.YELLOW if day > until else Light.OPEN,
        since=late.since,
        days=(day - late.since).days,
        short=late.short,
        trouble=None,
        rung=None,
    )


def _tail(campaign: Campaign, waiting: Sequence[Waiting], day: date) -> Obligation:
    """One obligation for the cases of a township between two stages: of those past their day, or of
    all while none is.
    """
    late = [one for one in waiting if one.overdue(day)]
    told = late or waiting
    until = min(one.until for one in told)
    soon = (until - day).days <= campaign.due_soon_days
    return Obligation(
        owed=Owed.TAIL,
        township=told[0].township,
        due=campaign.moment(until, campaign.cutoff),
        light=Light.RED if late else Light.BLUE if soon else Light.OPEN,
        since=until + timedelta(days=1) if late else None,
        days=(day - until).days if late else 0,
        short=Decimal(len(told)),
        trouble=None,
        rung=None,
        cases=tuple(one.case for one in told),
        stages=(told[0].tail.first, told[0].tail.then),
    )
