"""What the pages of docs/ say in numbers is what the code does."""

from __future__ import annotations

import inspect
from pathlib import Path

from bot.actions.notices.deliver import LEASE
from bot.scheduling.workers import Workers

DOCS = Path(__file__).parent.parent / "docs"
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 10: "ten"}


def said(page: str) -> str:
    """A page on one line."""
    return " ".join((DOCS / page).read_text(encoding="utf-8").split())


def test_the_time_until_another_worker_takes_over_is_the_one_of_the_code() -> None:
    minutes = int(LEASE.total_seconds() / 60)
    assert f"until its lease ends ({WORDS[minutes]} minutes)" in said("workers.md")
    stalled = inspect.signature(Workers).parameters["stalled"].default
    assert f"taken up after {stalled:.0f} seconds" in said("workers.md")
