"""What the money shows to be owed: lines the bank sent back, which their township must help to mend
so that they go again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.day.obligations import Light, Obligation, Owed
from bot.domain.money.ledger import Ledger, Line
from bot.domain.registers.case import CaseCode


def money_obligations(
    campaign: Campaign, ledger: Ledger, townships: Mapping[CaseCode, TownshipName], at: datetime
) -> tuple[Obligation, ...]:
    """One obligation for each township with failed lines that wait: of those past their day, or of
    all while none is.
    """
    rules = campaign.payment
    if rules is None:
        return ()
    day = at.astimezone(campaign.timezone).date()
    waiting: dict[TownshipName, list[tuple[date, Line]]] = {}
    for line in ledger.to_list_again():
        failure = ledger.failure(line)
        township = townships.get(line.case)
        if failure is not None and township is not None:
            until = failure.day + timedelta(days=rules.mend_within)
            waiting.setdefault(township, []).append((until, line))
    return tuple(
        _owed(campaign, township.name, waiting[township.name], day)
        for township in campaign.townships
        if township.name in waiting
    )


def _owed(
    campaign: Campaign, township: TownshipName, waiting: list[tuple[date, Line]], day: date
) -> Obligation:
    late = [one for one in waiting if one[0] < day]
    told = late or waiting
    until = min(one[0] for one in told)
    soon = (until - day).days <= campaign.due_soon_days
    return Obligation(
        owed=Owed.REPAY,
        township=township,
        due=campaign.moment(until, campaign.cutoff),
        light=Light.RED if late else Light.BLUE if soon else Light.OPEN,
        since=until + timedelta(days=1) if late else None,
        days=(day - until).days if late else 0,
        short=Decimal(len(told)),
        trouble=None,
        rung=None,
        cases=tuple(line.case for _, line in told),
    )
