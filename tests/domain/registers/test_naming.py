"""Cases named in chat: the labelled messages, each read alone against what was known then, and what
must never be taken.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.campaigns.campaign import StageKey
from bot.domain.registers.exchange import claims_to_json, known_from_json
from bot.domain.registers.naming import CaseReading, read_cases
from tests import ledger2021

CAMPAIGN = ledger2021.campaign()
REGISTER = CAMPAIGN.registers[0]
STAGES = ("started", "completed", "accepted")
LINES = [
    json.loads(line) for line in ledger2021.content("in/chat/cases.jsonl").decode().splitlines()
]
OF_HOUSEHOLDS = [line for line in LINES if "k001" <= line["id"] <= "k045"]


def known_then(at: str) -> list[dict[str, Any]]:
    """The households as the files known at a moment had them: rows come weekly, with the days up to
    the file's own.
    """
    until = date.min
    for one in ledger2021.files("roster", "progress"):
        filed = datetime.fromisoformat(one["imported_at"])
        if filed <= datetime.fromisoformat(at):
            # A roster of the morning says what had happened up to the evening before.
            until = filed.date() - timedelta(days=one["kind"] == "roster")
    told = []
    for one in ledger2021.golden("households"):
        entry = {
            key: one[key] for key in ("case", "township", "village", "name", "id", "batch", "yuan")
        }
        entry |= {key: one[key] for key in STAGES if date.fromisoformat(one[key]) <= until}
        if datetime.fromisoformat(f"{one['paid']}T17:10:00+08:00") <= datetime.fromisoformat(at):
            entry["paid"] = one["paid"]
        told.append(entry)
    return told


def reading(text: str, sender: str, at: str) -> CaseReading | None:
    snapshot = {"known": [{"at": at, "cases": known_then(at)}]}
    moment = datetime.fromisoformat(at)
    known, _ = known_from_json(REGISTER, snapshot, moment)
    return read_cases(CAMPAIGN, REGISTER, text, sender, moment, known)


@pytest.mark.parametrize("line", OF_HOUSEHOLDS, ids=lambda line: line["id"])
def test_the_labelled_messages(line: Any) -> None:
    found = reading(line["text"], line["sender"], line["at"])
    if found is None:
        assert line["gold"]["outcome"] == "none"
        return
    assert found.outcome == line["gold"]["outcome"], found.why
    claims = sorted(map(_sorted, claims_to_json(found)))
    assert claims == sorted(map(_sorted, line["gold"]["claims"]))


def _sorted(claim: Any) -> str:
    return json.dumps(claim, sort_keys=True, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        "竣工12户",
        "今日竣工2户，累计17户",
        "C级维修12户，D级重建3户均已竣工",
        "低保户3户已竣工，其余户正在施工",
        "全镇25户全部竣工",
        "剩余户11月10日前竣工",
        "高处作业户2户竣工",
        "收到",
        "云樟镇钟某报：已开工30户，竣工21户",
    ],
)
def test_a_report_without_names_is_left_to_the_reader_of_figures(text: str) -> None:
    assert reading(text, "云樟镇-钟", "2021-11-08T16:00:00+08:00") is None


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("刘虚谷户未竣工", "none"),
        ("刘虚谷户竣工了吗", "none"),
        ("刘虚谷户11月30日竣工", "ask"),
        ("刘虚户已竣工", "ask"),  # a part of a name names nobody
        ("刘虚谷山户已竣工", "ask"),  # and neither does a longer one
        ("WG2021-01-999已竣工", "ask"),
        ("昨天刘虚谷户竣工", "accept"),
        ("云脚村刘虚谷户，11月7日已完工", "accept"),
        ("01-001、01-002竣工", "accept"),
    ],
)
def test_what_is_exact_is_taken_and_nothing_near_it(text: str, outcome: str) -> None:
    found = reading(text, "云樟镇-钟", "2021-11-11T16:00:00+08:00")
    assert found is not None
    assert found.outcome == outcome, found.why
    if outcome != "accept":
        assert found.claims == ()


def test_a_campaign_may_let_nobody_be_named_in_a_group() -> None:
    silent = replace(CAMPAIGN, proof=replace(CAMPAIGN.proof, names_in_chat=False))
    at = datetime.fromisoformat("2021-11-11T16:00:00+08:00")
    known, _ = known_from_json(
        REGISTER, {"known": [{"at": at.isoformat(), "cases": known_then(at.isoformat())}]}, at
    )
    assert read_cases(silent, REGISTER, "刘虚谷户已竣工", "云樟镇-钟", at, known) is None
    by_code = read_cases(silent, REGISTER, "01-001已竣工", "云樟镇-钟", at, known)
    assert by_code is not None
    assert by_code.outcome == "accept"


def test_the_day_is_the_one_that_was_said() -> None:
    found = reading("昨天刘虚谷户竣工", "云樟镇-钟", "2021-11-11T16:00:00+08:00")
    assert found is not None
    assert [(claim.stage, claim.day) for claim in found.claims] == [
        (StageKey("completed"), date(2021, 11, 10))
    ]
