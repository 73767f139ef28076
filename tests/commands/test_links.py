"""`diaodu links` as typed: a link for every township, good on the pages of the same installation."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.actions.replies.fill import LINK
from bot.links import Links


def links(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "links", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_link_for_every_township_is_signed_under_the_installations_own_key(tmp_path: Path) -> None:
    told = links(tmp_path, "--day", "2021-10-29", PUBLIC_URL="https://diaodu.example.org/")
    assert (told.returncode, told.stderr) == (0, "")
    rows = dict(line.split(" ") for line in told.stdout.splitlines())
    assert len(rows) == 19
    assert all(link.startswith("https://diaodu.example.org/f/") for link in rows.values())
    key = (tmp_path / "var" / "signing.key").read_text().strip()
    facts = Links(key).opened(LINK, rows["稻溪镇"].rpartition("/")[2])
    assert facts == {"c": "rural-housing-2021", "t": "稻溪镇", "d": "20211029"}


def test_a_day_without_reports_has_no_links(tmp_path: Path) -> None:
    told = links(tmp_path, "--day", "2021-12-29")
    assert told.returncode == 1
    assert "no such reporting day" in told.stderr


def test_an_address_nobody_else_can_open_is_told(tmp_path: Path) -> None:
    assert "PUBLIC_URL is not set" in links(tmp_path, "--day", "2021-10-29").stderr
