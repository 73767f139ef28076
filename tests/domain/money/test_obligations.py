"""A line the bank sent back is owed by its township until it is listed again, and red once the days
for that are over.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.campaigns.campaign import StageKey, TownshipName
from bot.domain.campaigns.payment import PaymentRules
from bot.domain.day.obligations import Light, Owed
from bot.domain.keys import RegisterKey
from bot.domain.money.ledger import Ledger, Result
from bot.domain.money.obligations import money_obligations
from bot.domain.registers.case import CaseCode
from tests.builders import at, rural_housing_2021
from tests.domain.money.builders import answer, grant, line

RULES = PaymentRules(
    register=RegisterKey("households"),
    ready=StageKey("accepted"),
    account_column="account",
    mend_within=7,
)
CAMPAIGN = rural_housing_2021(payment=RULES)
FIRST, SECOND = (township.name for township in CAMPAIGN.townships[:2])
TOWNSHIPS: dict[CaseCode, TownshipName] = {
    CaseCode("C1"): SECOND,
    CaseCode("C2"): FIRST,
    CaseCode("C3"): FIRST,
}


def failed() -> Ledger:
    return Ledger(
        grants=(grant(10**7),),
        lines=tuple(line(number) for number in (1, 2, 3)),
        answers=(
            answer(1, 1, Result.FAILED, day=25),
            answer(2, 2, Result.FAILED, day=28),
            answer(3, 3, Result.THROUGH),
        ),
    )


def lights(
    moment: str, ledger: Ledger | None = None
) -> list[tuple[TownshipName, Light, int, tuple[CaseCode, ...]]]:
    owed = money_obligations(CAMPAIGN, ledger or failed(), TOWNSHIPS, at(moment))
    assert {one.owed for one in owed} <= {Owed.REPAY}
    return [(one.township, one.light, one.days, one.cases) for one in owed]


def test_it_is_open_then_near_then_red() -> None:
    assert lights("10-28 18:00") == [
        (FIRST, Light.OPEN, 0, ("C2",)),
        (SECOND, Light.OPEN, 0, ("C1",)),
    ]
    assert lights("11-01 18:00") == [
        (FIRST, Light.BLUE, 0, ("C2",)),
        (SECOND, Light.BLUE, 0, ("C1",)),
    ]
    assert lights("11-03 18:00") == [
        (FIRST, Light.BLUE, 0, ("C2",)),
        (SECOND, Light.RED, 2, ("C1",)),
    ]


def test_what_is_listed_again_is_owed_no_more() -> None:
    again = line(4, case="C1", attempt=2, account="new")
    ledger = replace(failed(), lines=(*failed().lines, again))
    assert [one[0] for one in lights("11-03 18:00", ledger)] == [FIRST]


def test_a_campaign_that_pays_nobody_owes_nothing() -> None:
    assert (
        money_obligations(replace(CAMPAIGN, payment=None), failed(), TOWNSHIPS, at("11-30 18:00"))
        == ()
    )
