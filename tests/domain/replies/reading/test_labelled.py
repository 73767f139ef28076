"""Labelled replies: nothing wrongly accepted, and what is clear is taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.campaigns.workdays import is_late, open_day
from bot.domain.replies.reading import read
from bot.domain.replies.reading.exchange import incoming_from_json, reading_to_json
from config.wording import templates
from tests.builders import SEASON, rural_housing_2021

CAMPAIGN = rural_housing_2021()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def reading_of(line: dict[str, Any]) -> dict[str, Any]:
    incoming, before, today = incoming_from_json(CAMPAIGN, line)
    day = open_day(CAMPAIGN, sent_at=incoming.at, arrived_at=incoming.at, closings={})
    late = day is not None and is_late(CAMPAIGN, day, incoming.at)
    return reading_to_json(
        incoming,
        read(CAMPAIGN, incoming, open_day=day, late=late, before=before, today=today, wording=templates.reading()),
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
    line for name in ("labelled", "natural", "adversarial") for line in lines(Path(__file__).parent / f"{name}.jsonl")
]
"""The labelled forms; natural replies and attacks written from the contract by people who had not seen the reader."""


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
