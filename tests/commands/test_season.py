"""The demo as its user runs it, killed twice on the way: the very season that was published, each
thing once.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.campaigns.workdays import planned_close
from bot.domain.day.ranking import standings
from bot.store import Store
from bot.store.day import runs
from bot.store.figures import figures as figures_room
from bot.store.notices import deliveries, notices
from bot.store.replies import readings
from bot.views.day.sheets import sheets_known
from tests.builders import SEASON, at, rural_housing_2021
from tests.season2021 import GOLDEN, row_of

CAMPAIGN = rural_housing_2021()


def demo(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def replies_read(folder: Path) -> int:
    """How many replies the ledger holds readings of; none while its tables are not there yet."""
    if not (folder / "diaodu.sqlite3").exists():
        return 0
    with closing(sqlite3.connect(folder / "diaodu.sqlite3", timeout=5)) as ledger:
        try:
            return int(ledger.execute("SELECT count(*) FROM readings").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a season that was killed after some 60 and some 250 replies and then run to its
    end, and what it printed.
    """
    folder = tmp_path_factory.mktemp("season")
    for replies in (60, 250):
        running = demo(folder)
        while running.poll() is None and replies_read(folder) < replies:
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert running.returncode == -signal.SIGKILL
    out, err = (ended := demo(folder)).communicate()
    assert ended.returncode == 0, err
    return folder, out


@pytest.fixture
def ledger(season: tuple[Path, str]) -> Any:
    store = Store(f"sqlite:///{season[0] / 'diaodu.sqlite3'}")
    with store.reading() as session:
        yield session
    store.close()


def test_every_row_of_every_bulletin_stands(ledger: Any) -> None:
    sheets = sheets_known(
        ledger, CAMPAIGN, CAMPAIGN.deadline, planned_close(CAMPAIGN, CAMPAIGN.deadline)
    )
    assert len(sheets) == len(GOLDEN) == 37
    for before, sheet in zip([None, *sheets], sheets, strict=False):
        ranked = standings(CAMPAIGN, sheet, before)
        assert [row_of(standing) for standing in ranked] == GOLDEN[sheet.day.isoformat()]


def test_every_reply_has_the_reading_it_should_have(ledger: Any) -> None:
    gold = {
        line["id"]: line["gold"]
        for line in map(
            json.loads, (SEASON / "replies-gold.jsonl").read_text(encoding="utf-8").splitlines()
        )
    }
    kept = readings.readings(ledger, CAMPAIGN.key)
    assert {reply.message_id: reading.outcome for reply, reading in kept} == {
        number: label["outcome"] for number, label in gold.items()
    }
    told = figures_room.figures_until(ledger, CAMPAIGN.key, CAMPAIGN.deadline, at("12-01 08:00"))
    messages = {reply.number: reply.message_id for reply, _ in kept}
    have = Counter(
        (
            messages[figure.reply_number or 0],
            figure.township,
            str(figure.day),
            figure.stage,
            figure.category,
            figure.value,
        )
        for figure in told
    )
    want = Counter(
        (number, said["township"], said["date"], said["stage"], said["category"], said["value"])
        for number, label in gold.items()
        for said in label["figures"]
    )
    assert have == want


def test_each_hour_struck_once_and_each_notice_was_made_once(ledger: Any) -> None:
    written = [(notice.kind, notice.day) for _, notice in notices.notices(ledger, CAMPAIGN.key)]
    assert len(written) == len(set(written))
    assert Counter(kind for kind, _ in written)["bulletin"] == 37
    assert len(runs.runs_done(ledger, CAMPAIGN.key, at("10-15 08:00"), at("11-22 08:00"))) == 37 * 5


def test_every_delivery_ended_and_only_a_marked_one_was_repeated(ledger: Any) -> None:
    carried = deliveries.deliveries(ledger, CAMPAIGN.key)
    unknown = {delivery.number for delivery in carried if delivery.state.value == "unknown"}
    assert {delivery.state.value for delivery in carried} <= {"sent", "unknown"}
    assert len(unknown) <= 2  # one for each kill, at the most
    assert {delivery.resend_of for delivery in carried} - {None} <= unknown


def test_it_ends_with_the_last_bulletin_and_a_table(season: tuple[Path, str]) -> None:
    _, printed = season
    assert "第37期" in printed
    assert "341 of 341" in printed
    assert "C级维修 227，D级重建 72，交钥匙 42" in printed
    assert "accepted 534，asked back 16，ignored (no report) 104" in printed
