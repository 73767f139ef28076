"""Twenty-five kills on either database: nothing lost, nothing twice without a mark."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.campaigns.campaign import GroupKey
from bot.domain.notices.delivery import Delivery, DeliveryState
from tests.builders import at
from tests.conftest import Postgres
from tests.crash.judged import played
from tests.crash.verdict import Said, Verdict, judge_one
from tests.store.facts import a_notice


def test_twenty_five_kills_lose_and_double_nothing(address: str, tmp_path: Path) -> None:
    verdict = played(tmp_path, address, kills=25)
    told = "\n".join([verdict.table(), *verdict.told])
    print(told)
    assert verdict.faults == 0, told
    assert verdict.kills == 25
    # one process alone closes no day over a reply it has stored
    assert verdict.replies_held == 0, told
    # So much happened that something could have gone wrong.
    assert verdict.notices >= 10, told
    assert verdict.unknown >= 3, told
    assert verdict.replies >= 20, told


def test_two_services_on_one_ledger_make_one_of_everything(address: str, tmp_path: Path) -> None:
    """Two whole programs on one database, each with its own clock and loops, one of them killed now
    and then.
    """
    verdict = played(tmp_path, address, kills=3, services=2)
    told = "\n".join([verdict.table(), *verdict.told])
    assert verdict.faults == 0, told
    assert verdict.kills == 3
    assert verdict.notices >= 5, told


def test_three_workers_killed_at_random_still_make_one_of_everything(
    postgres: Postgres, tmp_path: Path
) -> None:
    verdict = played(tmp_path, postgres.copy(), kills=6, services=3, workers=True)
    told = "\n".join([verdict.table(), *verdict.told])
    assert verdict.faults == 0, told
    assert verdict.kills == 6
    assert verdict.notices >= 5, told


@pytest.mark.parametrize(
    ("seen", "lost"),
    [([], 1), (["page"], 0), (["first", "second"], 0), (["first"], 1), (["page", "first"], 0)],
)
def test_a_message_that_its_mark_cuts_in_two_is_lost_only_if_neither_form_was_seen(
    seen: list[str], lost: int
) -> None:
    of_one_page = Delivery(
        number=1, notice_number=1, group=GroupKey("hall"), state=DeliveryState.SENT, seq=4, attempts=1, page=1,
        last_at=at("10-29 17:30"), not_before=None, detail="",
    )  # fmt: skip
    repetition = replace(of_one_page, number=2, resend_of=1, marked=True, page=2)
    said = Said(
        notice=a_notice(),
        original=of_one_page,
        resends=[repetition],
        plain=["page"],
        marked=["first", "second"],
    )
    verdict = Verdict()
    judge_one(verdict, "hall", said, Counter(seen))
    assert verdict.lost == lost
