"""The scheduler and the workers follow the campaigns of the moment: set up, changed and ended while
they run.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.scheduling.scheduler import start_scheduler
from bot.scheduling.workers import Workers
from tests.builders import rural_housing_2021, small_campaign

ANOTHER = CampaignKey("another")


def test_triggers_follow_what_is_set_up_changed_and_ended() -> None:
    served: list[Campaign] = [rural_housing_2021()]
    scheduler = start_scheduler(lambda: served, lambda _: None)
    try:

        def triggers() -> dict[str, str]:
            return {job.id: str(job.trigger) for job in scheduler.get_jobs()}

        look = scheduler.get_job("plan").func
        before = triggers()
        assert {name.partition(":")[2] for name in before} == {
            "", "call", "remind", "bulletin", "overdue", "digest", "tick"
        }  # fmt: skip
        look()
        assert triggers() == before

        served.append(
            replace(small_campaign({"甲溪镇": 1}), key=ANOTHER, hours={"bulletin": time(18)})
        )
        look()
        assert triggers().keys() - before.keys() == {"another:bulletin", "another:tick"}

        served[1] = replace(served[1], hours={"bulletin": time(19, 15), "call": time(9)})
        look()
        assert "hour='19', minute='15'" in triggers()["another:bulletin"]
        assert "another:call" in triggers()

        del served[1]
        look()
        assert triggers() == before
    finally:
        scheduler.shutdown(wait=False)


def test_workers_ask_at_every_tick_which_campaigns_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = [CampaignKey("one")]
    workers = Workers("postgresql://nobody@nowhere/none", lambda: served, lambda _: 0, lambda: 0)
    woken: list[str] = []

    async def nothing() -> None: ...

    async def defer(task: Any, name: str, **about: Any) -> None:
        woken.extend([about["campaign"]] if "campaign" in about else [])

    monkeypatch.setattr(workers, "_take_up", nothing)
    monkeypatch.setattr(workers, "_defer", defer)
    asyncio.run(workers.tick())
    served.append(ANOTHER)
    asyncio.run(workers.tick())
    assert woken == ["one", "one", "another"]
