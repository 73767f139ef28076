"""The commands as typed: what they print, what they exit with, and that nobody is shown a
traceback.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.commands.typed import diaodu

CAMPAIGN = "rural-housing-2021"


def test_once_twice_makes_one_bulletin(tmp_path: Path) -> None:
    original = Path("config/campaigns/rural-housing-2021.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(original, encoding="utf-8")
    first = diaodu(tmp_path, "once", "bulletin", "--campaign", "mine.toml", "--day", "2021-10-29")
    again = diaodu(tmp_path, "once", "bulletin", "--campaign", "mine.toml", "--day", "2021-10-29")
    assert (first.returncode, again.returncode) == (0, 0)
    assert "第15期" in first.stdout
    assert "nothing new" in again.stdout
    shown = json.loads(
        diaodu(tmp_path, "show", "deliveries", "--json", CAMPAIGNS="mine.toml").stdout
    )
    assert [delivery["state"] for delivery in shown[CAMPAIGN]] == ["sent"] * 3


@pytest.mark.parametrize(
    "what", ["standings", "missing", "overdue", "notices", "deliveries", "timetable"]
)
def test_show_prints_a_table_and_json(tmp_path: Path, what: str) -> None:
    plain = diaodu(tmp_path, "show", what, "--campaign", CAMPAIGN, "--day", "2021-10-29")
    assert plain.returncode == 0, plain.stderr
    assert "全市农村危房改造" in plain.stdout
    assert CAMPAIGN in json.loads(diaodu(tmp_path, "show", what, "--json").stdout)


def test_check_tells_a_wrong_address_without_showing_it(tmp_path: Path) -> None:
    original = Path("config/campaigns/rural-housing-2021.toml").read_text(encoding="utf-8")
    mine = original.replace(
        'platform = "console"', 'platform = "dingtalk"\naddress_setting = "DING"', 1
    )
    (tmp_path / "mine.toml").write_text(mine, encoding="utf-8")
    wrong = "https://oapi.dingtalk.com/robot/sent?access_token=s3cret"
    told = diaodu(tmp_path, "check", "mine.toml", DING=wrong)
    assert told.returncode == 1
    assert "DING: the address is not that of a group robot" in told.stderr
    assert "s3cret" not in told.stderr + told.stdout
    assert (
        diaodu(tmp_path, "check", "mine.toml", DING=wrong.replace("sent", "send")).returncode == 0
    )


def test_check_names_every_fault_at_once(tmp_path: Path) -> None:
    original = Path("config/campaigns/rural-housing-2021.toml").read_text(encoding="utf-8")
    damaged = original.replace('unit = "户"', 'unit = "户"\nunits = "户"').replace(
        "target = 33", "target = 34"
    )
    (tmp_path / "mine.toml").write_text(
        damaged.replace('remind = "16:00"', 'remind = "18:00"'), encoding="utf-8"
    )
    told = diaodu(tmp_path, "check", "mine.toml", HTTP_PORT="many")
    assert told.returncode == 1
    for words in ("units", "34", "remind", "HTTP_PORT"):
        assert words in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("words", "settings", "says"),
    [
        (("once", "bulletin", "--campaign", "nobody"), {}, "nobody"),
        (("once", "bulletin", "--campaign", CAMPAIGN, "--day", "2021-13-01"), {}, "2021-10-29"),
        (("once", "bulletin", "--campaign", CAMPAIGN, "--day", "2022-01-01"), {}, "2021-11-20"),
        (
            ("show", "notices"),
            {"DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/none"},
            "127.0.0.1",
        ),
        (("show", "notices"), {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}, "nowhere"),
        (("show", "notices"), {"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
    ],
)
def test_a_fault_is_a_sentence_and_not_a_traceback(
    tmp_path: Path, words: tuple[str, ...], settings: dict[str, str], says: str
) -> None:
    told = diaodu(tmp_path, *words, **settings)
    assert told.returncode != 0
    assert says in told.stderr
    assert "Traceback" not in told.stderr
    assert "geheim" not in told.stderr + told.stdout


def test_a_damaged_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    damaged = tmp_path / "var" / "diaodu.sqlite3"
    damaged.write_bytes(b"this is no database" * 100)
    told = diaodu(tmp_path, "show", "notices")
    assert told.returncode != 0
    assert "diaodu.sqlite3" in told.stderr
    assert "Traceback" not in told.stderr
    assert damaged.read_bytes() == b"this is no database" * 100


def test_read_answers_line_for_line_and_names_a_bad_line(tmp_path: Path) -> None:
    good = {
        "id": "x1",
        "text": "稻溪镇累计竣工17户",
        "sender": "稻溪镇-谢",
        "at": "2021-10-29T16:05:00+08:00",
    }
    before = {"稻溪镇": {"started": {"total": 25}, "completed": {"total": 15}}}
    lines = [
        json.dumps({**good, "before": before}),
        "{broken",
        json.dumps({**good, "id": "x2", "text": "收到"}),
    ]
    # As a process of its own, which every other command here is not: words, input, output and exit
    # status as the shell has them.
    told = subprocess.run(
        [sys.executable, "-m", "bot", "read", "--campaign", CAMPAIGN],
        cwd=tmp_path,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=60,
    )
    first, second = map(json.loads, told.stdout.splitlines())
    assert first["outcome"] == "accept"
    assert first["figures"] == [
        {
            "township": "稻溪镇",
            "date": "2021-10-29",
            "stage": "completed",
            "category": None,
            "value": 17,
        }
    ]
    assert (second["id"], second["outcome"], second["figures"]) == ("x2", "none", [])
    assert told.returncode == 1
    assert "line 2" in told.stderr


def test_run_serves_with_no_env_and_stops_on_sigterm(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={**os.environ, "HTTP_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        health = None
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                    health = json.load(answer)
                break
            except OSError:
                time.sleep(0.05)
        assert health is not None
        assert health["healthy"] is True
    finally:
        running.send_signal(signal.SIGTERM)
    _, log = running.communicate(timeout=30)
    assert running.returncode == 0
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events[0] == "campaign version recorded"
    assert "serving" in events
    assert events[-1] == "stopped"
