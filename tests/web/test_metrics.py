"""Health and metrics: what a machine that watches us reads, and that it is asked of the ledger
cheaply.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

import bot
from bot.channels.error_actions import Tally
from bot.domain.campaigns.campaign import CampaignKey, GroupKey
from bot.domain.notices.delivery import DeliveryState
from bot.store import Store
from bot.store.day import runs
from bot.store.notices import notices
from bot.store.replies import readings
from bot.views.day.watch import JobHealth, ServiceHealth, watch
from bot.web.health import told_of
from bot.web.metrics import Metrics
from tests.builders import at, rural_housing_2021
from tests.channels.test_knock import Called, called
from tests.store.facts import a_notice, a_reply

__all__ = ["called"]
CAMPAIGN = CampaignKey("rural-housing-2021")
SEEN = ServiceHealth(
    at=at("10-15 18:00"),
    waiting=timedelta(seconds=90),
    jobs=(
        JobHealth(
            campaign=CAMPAIGN,
            job="bulletin",
            last_due=at("10-15 17:30"),
            last_done=at("10-14 17:30"),
            ran_at=at("10-14 17:31"),
            late=True,
        ),
        JobHealth(
            campaign=CAMPAIGN, job="call", last_due=None, last_done=None, ran_at=None, late=False
        ),
    ),
    states={CAMPAIGN: {"sent": 3, "refused": 1}},
)


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and the values of its labels, in the order of their names."""
    families = text_string_to_metric_families(text)
    return {
        (one.name, tuple(value for _, value in sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


def measured(
    metrics: Metrics, seen: ServiceHealth | str = SEEN
) -> dict[tuple[str, tuple[str, ...]], float]:
    return samples(metrics.page(seen)[0].decode())


def test_what_was_seen_is_written_as_prometheus_reads_it() -> None:
    tally = Tally()
    for code in ("0", "0", "93000"):
        tally.count("wecom", code)
    found = measured(Metrics(tally.counts, lambda number: (number, {}, 0), 0))
    assert found == {
        ("diaodu_ledger_reachable", ()): 1,
        ("diaodu_healthy", ()): 0,
        ("diaodu_oldest_open_seconds", ()): 90,
        ("diaodu_deliveries", (CAMPAIGN, "sent")): 3,
        ("diaodu_deliveries", (CAMPAIGN, "refused")): 1,
        ("diaodu_job_last_run_timestamp_seconds", (CAMPAIGN, "bulletin")): at(
            "10-14 17:31"
        ).timestamp(),
        ("diaodu_job_last_due_timestamp_seconds", (CAMPAIGN, "bulletin")): at(
            "10-15 17:30"
        ).timestamp(),
        ("diaodu_job_late", (CAMPAIGN, "bulletin")): 1,
        ("diaodu_job_late", (CAMPAIGN, "call")): 0,
        ("diaodu_readings_asked_total", ()): 0,
        ("diaodu_platform_answers_total", ("0", "wecom")): 2,
        ("diaodu_platform_answers_total", ("93000", "wecom")): 1,
    }


def test_a_ledger_that_does_not_answer_leaves_what_this_process_knows() -> None:
    def never(_: int) -> Any:
        raise AssertionError("the ledger is not asked")

    found = measured(Metrics(lambda: {("feishu", "0"): 1}, never, 0), "the database cannot be used")
    assert found == {
        ("diaodu_ledger_reachable", ()): 0,
        ("diaodu_platform_answers_total", ("0", "feishu")): 1,
    }
    assert told_of("the database cannot be used") == {
        "healthy": False,
        "database": "the database cannot be used",
    }


def test_readings_are_counted_from_the_start_of_the_process_and_each_once(store: Store) -> None:
    def since(number: int) -> tuple[int, Mapping[str, int], int]:
        with store.reading() as session:
            return readings.counts_since(session, number)

    def read(message: str, outcome: str, asked: list[dict[str, str]]) -> None:
        with store.writing() as session:
            reply = a_reply(session, message)
            readings.add_reading(
                session,
                reply_number=reply.number,
                version=1,
                reader_version=1,
                outcome=outcome,
                day=None,
                late=False,
                asked=asked,
                echo="",
                read_at=at("10-29 12:00"),
            )

    read("before", "accept", [])
    with store.reading() as session:
        metrics = Metrics(dict, since, readings.latest_number(session))
    read("m1", "accept", [])
    read("m2", "ask", [{"kind": "amount"}])
    for _ in range(2):
        found = measured(metrics)
        assert found["diaodu_replies_total", ("accept",)] == 1
        assert found["diaodu_replies_total", ("ask",)] == 1
        assert found["diaodu_readings_asked_total", ()] == 1
    read("m3", "ask", [])
    assert measured(metrics)["diaodu_replies_total", ("ask",)] == 2
    assert measured(metrics)["diaodu_readings_asked_total", ()] == 1


def test_no_look_walks_through_the_history(store: Store) -> None:
    campaign = rural_housing_2021()
    with store.writing() as session:
        for number in range(40):
            moment = at("10-15 08:30") + timedelta(hours=number)
            runs.claim_run(session, campaign.key, "call", moment, ran_at=moment, late=False)
            notices.add_notice(
                session, a_notice(edition=number + 1), [GroupKey("townships")], not_before=moment
            )
    with store.reading() as session:
        asked: list[str] = []
        event.listen(
            session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2])
        )
        seen = watch(session, [campaign], at("10-15 16:00"))
    assert len(asked) <= 5
    assert seen.states == {CAMPAIGN: {DeliveryState.DUE.value: 40}}
    told = " ".join(asked).lower()
    for bound in ("deliveries.id >", "runs.planned >="):
        assert bound in told


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[str]:
    """The service as its own process; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(bot.__file__).parent.parent),
            "HTTP_PORT": str(port),
            **settings,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        told = "".join(process.communicate(timeout=30))
        assert process.returncode == 0, told
        assert "s3cret" not in told


def fetched(url: str) -> str:
    for _ in range(400):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody answers at {url}")


def test_a_running_service_tells_its_health_its_metrics_and_the_switch(
    tmp_path: Path, called: Called
) -> None:
    for round_ in (1, 2):
        with running(tmp_path, HEARTBEAT_URL=called.url) as url:
            assert json.loads(fetched(f"{url}/alive")) == {"alive": True, "ended": []}
            health = json.loads(fetched(f"{url}/health"))
            assert health["healthy"] is True
            assert {job["job"] for job in health["jobs"]} == {
                "call",
                "remind",
                "bulletin",
                "overdue",
                "digest",
            }
            found = samples(fetched(f"{url}/metrics"))
            assert found["diaodu_ledger_reachable", ()] == found["diaodu_healthy", ()] == 1
            for _ in range(200):
                if called.paths:
                    break
                time.sleep(0.05)
            # The second process knows that this hour was called; only a new hour is called again.
            assert 1 <= len(called.paths) <= round_
    with Store(f"sqlite:///{tmp_path / 'var' / 'diaodu.sqlite3'}").reading() as session:
        hours = runs.last_runs(session, CampaignKey("*"), ["heartbeat"], at("10-15 08:00"))
    assert hours.keys() == {"heartbeat"}
