"""Labelled replies: nothing wrongly accepted, and what is clear is taken."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.workdays import is_late, open_day
from bot.domain.replies.reading import read
from bot.domain.replies.reading.exchange import incoming_from_json, reading_to_json
from config.campaign_file.loader import load_campaign
from config.wording import templates
from tests.builders import SEASON, rural_housing_2021
from tests.config.test_campaign_file import JOBS, PLATFORMS

CAMPAIGN = rural_housing_2021()
ROOM = Path(__file__).parent
BUNDLED = ROOM.parents[3] / "config/campaigns"
CONTRADICTS_THE_RULES = {"ls03"}
"""Labelled as accepted, though its two unmarked counts could be increases as well (rule 6): it is
asked.
"""


@cache
def campaign_of(name: str) -> Campaign:
    """The campaign of a set: one that comes with the program, or one of those written for the
    sets.
    """
    if not name or name == "rural-housing-2021.toml":
        return CAMPAIGN
    path = ROOM / "campaigns" / name
    return load_campaign(
        path if path.exists() else BUNDLED / name, platforms=PLATFORMS, jobs=JOBS
    ).campaign


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def reading_of(line: dict[str, Any]) -> dict[str, Any]:
    campaign = campaign_of(line.get("campaign", ""))
    incoming, before, today = incoming_from_json(campaign, line)
    day = open_day(campaign, sent_at=incoming.at, arrived_at=incoming.at, closings={})
    late = day is not None and is_late(campaign, day, incoming.at)
    return reading_to_json(
        incoming,
        read(
            campaign,
            incoming,
            open_day=day,
            late=late,
            before=before,
            today=today,
            wording=templates.reading(),
        ),
    )


def cells(figures: list[dict[str, Any]]) -> dict[tuple[str, ...], Any]:
    return {(f["township"], f["date"], f["stage"], f["category"]): f["value"] for f in figures}


@pytest.mark.parametrize("line", lines(SEASON / "replies-gold.jsonl"), ids=lambda line: line["id"])
def test_a_message_of_the_season_is_read_as_labelled(line: dict[str, Any]) -> None:
    got, gold = reading_of(line), line["gold"]
    assert got["outcome"] == gold["outcome"]
    assert cells(got["figures"]) == cells(gold["figures"])
    assert got["late"] == gold["late"]


LABELLED = [
    line
    for name in ("labelled", "natural", "adversarial")
    for line in lines(Path(__file__).parent / f"{name}.jsonl")
]
"""The labelled forms; natural replies and attacks written from the contract by people who had not
seen the reader.
"""
SETS = [line for path in sorted((ROOM / "sets").glob("*.jsonl")) for line in lines(path)]
"""Sets that the reader met cold on 30 November 2026, and forms found in the field; of many
campaigns (docs/reading.md).
"""


@pytest.mark.parametrize("line", SETS, ids=lambda line: line["id"])
def test_a_reply_of_any_campaign_is_read_as_labelled(line: dict[str, Any]) -> None:
    got, gold = reading_of(line), line["gold"]
    if line["id"] in CONTRADICTS_THE_RULES:
        assert got["outcome"] == "ask"
        return
    assert got["outcome"] == gold["outcome"]
    told, want = cells(got["figures"]), cells(gold["figures"])
    assert {cell: told.get(cell) for cell in want} == want
    assert all(
        cell in want or (cell[3] is None and any(cell[:3] == of[:3] for of in want))
        for cell in told
    )


@pytest.mark.parametrize("line", LABELLED, ids=lambda line: line["id"])
def test_a_labelled_reply_is_read_or_asked_but_never_misread(line: dict[str, Any]) -> None:
    got, gold = reading_of(line), line["gold"]
    assert got["outcome"] == gold["outcome"]
    stages = {cell[:3] for cell in cells(gold["figures"])}
    for cell, value in cells(got["figures"]).items():
        if cell in cells(gold["figures"]):
            assert value == cells(gold["figures"])[cell]
        else:
            # A total that follows from the categories.
            assert cell[3] is None
            assert cell[:3] in stages
    assert cells(gold["figures"]).keys() <= cells(got["figures"]).keys()


def test_an_answer_quotes_the_doubtful_words_and_an_acceptance_is_one_line() -> None:
    asked = reading_of(
        {
            "id": "1",
            "text": "石磬镇9户",
            "sender": "石磬镇-温",
            "at": "2021-10-29T15:00:00+08:00",
            "before": {"石磬镇": {"started": {"total": 24}, "completed": {"total": 8}}},
        }
    )
    assert asked["echo"] == (
        "“石磬镇9户”没有写明是累计还是新增，请回复序号："
        "1 竣工累计9户；2 竣工今日新增9户（累计17户）；3 竣工剩余9户（累计16户）。"
    )
    told = reading_of(
        {
            "id": "2",
            "text": "稻溪镇今日竣工2户",
            "sender": "稻溪镇-谢",
            "at": "2021-10-29T17:05:00+08:00",
            "before": {"稻溪镇": {"started": {"total": 25}, "completed": {"total": 15}}},
        }
    )
    assert told["late"]
    assert told["echo"] == "已记（迟报）：稻溪镇 10月29日 竣工累计17户（今日+2），剩余8户"
