"""Registers over the interface: counts as known at any moment, never a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.actions.people import people
from bot.actions.registers.take import SentFile, take_in
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.actor import Actor
from tests import ledger2021
from tests.web.conftest import SEASON, Office

HERE = f"/api/v1/campaigns/{SEASON}"
FILED = datetime.fromisoformat("2021-10-15T09:00:00+08:00")


@pytest.fixture
def ask(office: Office) -> Any:
    """Asks the interface with a token, after the roster of 15 October was taken."""
    path = "in/roster/2021年农村危房改造台账(10月15日).xlsx"
    with office.app.store.writing() as session:
        file = SentFile(name="台账.xlsx", content=ledger2021.content(path))
        take_in(
            session,
            office.enrolled,
            "roster",
            file,
            by=Actor(name="陈"),
            keys=office.app.sealing_keys,
            at=FILED,
        )
        token = people.add_reader(
            session, "州平台", CampaignKey(SEASON), by=Actor(name="陈"), at=office.now
        )
    client = TestClient(office.site.asgi, base_url="http://diaodu.test")

    def asked(address: str) -> Any:
        answer = client.get(f"{HERE}/{address}", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json(), answer.text

    return asked


def test_a_register_is_told_as_counts_as_known_then(ask: Any) -> None:
    status, told, text = ask("register?known_at=2021-10-15T09:30:00%2B08:00")
    assert (status, told["cases"], told["day"]) == (200, 341, "2021-10-15")
    golden = ledger2021.golden("totals")["as_of_files"][0]
    for stage in ("started", "completed", "accepted"):
        mine = [one for one in told["verified"] if one["stage"] == stage]
        assert (
            sum(one["cases"] for one in mine if one["category"] is None) == golden[stage]["total"]
        )
        assert sum(one["cases"] for one in mine if one["category"] == "D") == golden[stage]["D"]
    assert "刘" not in text.replace("刘某", "")
    assert ask("register?known_at=2021-10-15T08:59:00%2B08:00")[1]["cases"] == 0
    assert ask("register?register=nothing")[0] == 422


def test_claimed_beside_verified(ask: Any) -> None:
    status, told, _ = ask("claimed?day=2021-10-15")
    assert status == 200
    cell = next(
        one
        for one in told["cells"]
        if (one["township"], one["stage"], one["category"]) == ("云樟镇", "completed", None)
    )
    assert (cell["claimed"], cell["verified"], cell["since"]) == (None, "12", None)
