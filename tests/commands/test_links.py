"""`diaodu links` as typed: a link for every township, good on the pages of the same
installation.
"""

from __future__ import annotations

from pathlib import Path

from bot.actions.replies.fill import LINK
from bot.links import Links
from tests.commands.typed import Ended, diaodu


def links(folder: Path, *words: str, **settings: str) -> Ended:
    return diaodu(folder, "links", *words, **settings)


def test_a_link_for_every_township_is_signed_under_the_installations_own_key(
    tmp_path: Path,
) -> None:
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
