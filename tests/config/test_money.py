"""How a campaign pays is read from its file, or follows from its register; what leads nowhere is
told.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.domain.campaigns.payment import PaymentRules
from config.campaign_file.loader import CampaignRefused, checked, load_campaign
from jobs import JOBS

HOUSING = Path("config/campaigns/rural-housing-2021.toml")

TOILETS = """
[[registers]]
key = "toilets"
name = "改厕台账"
code_form = "CS-####"

[[registers.stages]]
key = "started"

[[registers.stages]]
key = "accepted"

[[registers.columns]]
key = "holder"
name = "户主"
kind = "person"

[[registers.columns]]
key = "card"
name = "一卡通"
kind = "account"
"""


def loaded(more: str) -> PaymentRules | None:
    raw = tomllib.loads(
        HOUSING.read_text(encoding="utf-8").split("[[registers]]")[0] + more, parse_float=Decimal
    )
    raw.pop("roster", None)
    raw["townships"] = [{"name": "甲镇", "target": 4, "targets": {"C": 2, "D": 1, "JYS": 1}}]
    got = checked(raw, "tried.toml", None, platforms=("console", "files"), jobs=JOBS)
    return got.campaign.payment


def told(more: str) -> list[tuple[str, str]]:
    with pytest.raises(CampaignRefused) as refused:
        loaded(more)
    return [(fault.place, fault.told.rule) for fault in refused.value.faults]


def test_the_housing_campaign_pays_by_its_register_without_a_word() -> None:
    campaign = load_campaign(
        "rural-housing-2021", platforms=("console", "files"), jobs=JOBS
    ).campaign
    rules = campaign.payment
    assert rules is not None
    assert (rules.register, rules.ready, rules.paid) == ("households", "accepted", "paid")
    assert (rules.due_column, rules.due, rules.account_column) == ("amount", None, "account")
    assert rules.two_persons


def test_a_toilet_campaign_pays_the_same_sum_to_everybody() -> None:
    rules = loaded(TOILETS + "[money]\ndue = 2000\nready = 'accepted'\n")
    assert rules is not None
    assert (rules.due, rules.due_column, rules.account_column) == (200_000, "", "card")
    assert (rules.ready, rules.paid) == ("accepted", None)


def test_a_campaign_without_a_register_pays_nobody() -> None:
    assert loaded("") is None
    assert loaded(TOILETS) is None


@pytest.mark.parametrize(
    ("money", "fault"),
    [
        ("due = 2000\nfrom_register = 'houses'", ("money.from_register", "no_money_register")),
        ("due = 2000\nready = 'paid'", ("money.ready", "not_there")),
        ("due = 2000\naccount_column = 'holder'", ("money.account_column", "not_there")),
        ("due_column = 'sum'", ("money.due_column", "not_there")),
        ("", ("money.due", "no_due")),
        ("due = 20.005", ("money.due", "not_whole_fen")),
        ("due = -1", ("money.due", "at_least")),
        ("due = 2000\nforms = ['abc']", ("money.forms", "no_form")),
        ("due = 2000\nsum = 1", ("money.sum", "unknown_key")),
    ],
)
def test_what_leads_nowhere_is_told(money: str, fault: tuple[str, str]) -> None:
    assert fault in told(f"{TOILETS}[money]\n{money}\n")


def test_money_without_a_register_is_told() -> None:
    faults: list[Any] = told("[money]\ndue = 2000\n")
    assert faults == [("money.from_register", "no_money_register")]
