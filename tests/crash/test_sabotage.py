"""The tool that says that nothing was lost or doubled can say otherwise: each fault put in on
purpose is noticed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.judged import SEED, played
from tests.crash.sabotage import SABOTAGES


@pytest.mark.parametrize(
    ("sabotage", "noticed", "kills", "temper"),
    [
        ("send-before-commit", "double_unmarked", 8, 0.0),
        ("resend-without-mark", "double_unmarked", 8, 0.0),
        ("no-answer-is-sent", "sent_not_seen", 1, 0.3),
        ("never-resend", "not_resent", 1, 0.3),
    ],
)
def test_a_fault_put_in_on_purpose_is_noticed(
    sabotage: str, noticed: str, kills: int, temper: float, tmp_path: Path
) -> None:
    """In one of three short seasons: what a kill hits, and whom a bad answer meets, depends on the
    machine's own pace too.
    """
    for season in range(3):
        folder = tmp_path / str(season)
        folder.mkdir()
        verdict = played(
            folder,
            f"sqlite:///{folder / 'ledger.sqlite3'}",
            seed=SEED + season,
            kills=kills,
            temper=temper,
            sabotage=sabotage,
        )
        if getattr(verdict, noticed) > 0:
            return
    pytest.fail(verdict.table())


def test_every_sabotage_is_tried() -> None:
    (tried,) = [
        mark
        for mark in test_a_fault_put_in_on_purpose_is_noticed.pytestmark
        if mark.name == "parametrize"
    ]
    assert {sabotage for sabotage, *_ in tried.args[1]} == set(SABOTAGES)
