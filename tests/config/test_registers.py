"""The registers of a campaign file: what is wrong with them is named, and a campaign of other words
needs no code.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.domain.campaigns.register import ColumnKind, Mouth
from config.campaign_file.loader import (
    CampaignRefused,
    campaign_from_content,
    checked,
    load_campaign,
)
from jobs import JOBS
from tests.ledger2021 import PLATFORMS

TOILETS = Path(__file__).parents[1] / "toilets2026" / "campaign.toml"
RAW = tomllib.loads(TOILETS.read_text(encoding="utf-8"), parse_float=Decimal)


def faults(change: Any) -> list[str]:
    """What is said of the campaign of toilets with a change."""
    raw = deepcopy(RAW)
    change(raw)
    try:
        checked(raw, "toilets.toml", None, platforms=PLATFORMS, jobs=JOBS)
    except CampaignRefused as refused:
        for fault in refused.faults:
            assert fault.chinese()
        return [str(fault).removeprefix("toilets.toml: ") for fault in refused.faults]
    return []


def test_a_campaign_of_toilets_has_its_register() -> None:
    loaded = load_campaign(TOILETS, platforms=PLATFORMS, jobs=JOBS)
    register = loaded.campaign.register
    assert register is not None
    assert [stage.key for stage in register.stages] == [
        "planned",
        "built",
        "accepted",
        "subsidised",
    ]
    assert register.stages[-1].proof is Mouth.BANK
    assert register.category == ""
    assert campaign_from_content(loaded.content, JOBS) == loaded.campaign


def test_the_column_of_categories_knows_the_words_of_the_categories() -> None:
    campaign = load_campaign("rural-housing-2021", platforms=PLATFORMS, jobs=JOBS).campaign
    assert campaign.register is not None
    method = campaign.register.column("method")
    assert method.kind is ColumnKind.CHOICE
    assert {method.choices[word] for word in ("维修加固", "c级", "交钥匙工程", "拆除重建")} == {
        "C",
        "D",
        "JYS",
    }
    assert method.unknown == "category_unknown"


def test_a_campaign_without_registers_keeps_its_digest() -> None:
    loaded = load_campaign("land-survey-2026", platforms=("console", "files", "wecom"), jobs=JOBS)
    assert '"registers"' not in loaded.content
    assert '"proof"' not in loaded.content
    assert loaded.campaign.registers == ()


def _set(*path: Any, value: Any) -> Any:
    def change(raw: dict[str, Any]) -> None:
        at: Any = raw
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            _set("registers", 0, "columns", 0, "kind", value="formula"),
            "registers[1].columns[1].kind = \"formula\": must be 'choice', 'day', 'text', 'count', 'fen', 'person' or 'account'",
        ),
        (_set("registers", 0, "tails", 0, "then", value="acepted"), 'registers[1].tails[1].then = "acepted": is no stage of this register; did you mean accepted?'),
        (_set("registers", 0, "category", value="kind"), 'registers[1].category = "kind": must be a column of kind choice of this register'),
        (
            _set("registers", 0, "columns", 1, "heads", value=["户主", "村"]),
            'registers[1].columns[2].heads = "村": is already a head of registers[1].columns[1]; a head may mean one column only',
        ),
        (_set("registers", 0, "stages", 1, "hedas", value=["x"]), "registers[1].stages[2].hedas = (hidden): is no key known here; did you mean heads?"),
        (_set("registers", 0, "rules", value={"standards": [{"column": "amont", "by": "village", "amounts": {}}]}), 'registers[1].rules.standards[1].column = "amont": is no column of this register; did you mean amount?'),
        (lambda raw: raw.pop("registers"), "proof.told = true: needs a register: there is no [[registers]] to prove what is claimed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change: Any, said: str) -> None:
    assert said in faults(change)


def test_of_two_files_of_one_kind_nobody_knows_which_register_is_meant() -> None:
    def change(raw: dict[str, Any]) -> None:
        raw["registers"].append({**deepcopy(raw["registers"][0]), "key": "other"})

    assert (
        'registers[2].filings[1].key = "list": is already the key of registers[1].filings[1]'
        in faults(change)
    )
