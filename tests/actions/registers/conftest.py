"""The campaign of 2021 with its registers, and a ledger files are taken into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest

from bot.actions.registers.take import SentFile, TakenFile, preview, take_in
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.registers.case import CaseCode, Paid
from bot.store import Session, Store
from bot.store.campaigns import versions
from tests import ledger2021

KEYS = ("the key of this installation",)


def paid_by(_: Session, __: Campaign, known_at: datetime) -> Mapping[CaseCode, Paid]:
    """What the bank had paid in the season of 2021 by that moment."""
    on = known_at.astimezone(ledger2021.campaign().timezone)
    return {
        CaseCode(one["case"]): Paid(
            day=date.fromisoformat(one["paid"]), amount=one["yuan"] * 100, batch=one["batch"]
        )
        for one in ledger2021.golden("households")
        if datetime.fromisoformat(f"{one['paid']}T17:10:00+08:00") <= on
    }


@dataclass
class Desk:
    """A clerk at a ledger, who files what comes in."""

    store: Store
    enrolled: Enrolled

    def take(
        self, kind: str, path: str, at: str, *, dry: bool = False, **changes: Any
    ) -> TakenFile:
        """Takes in a file of the season."""
        file = SentFile(name=path.rpartition("/")[2], content=ledger2021.content(path))
        given = {"keys": KEYS, "at": datetime.fromisoformat(at), "payments": paid_by, **changes}
        if dry:
            with self.store.reading() as session:
                return preview(session, self.enrolled, kind, file, **given)
        with self.store.writing() as session:
            return take_in(session, self.enrolled, kind, file, by=Actor(name="陈"), **given)


@pytest.fixture
def desk(store: Store) -> Desk:
    """A desk at a fresh ledger, on both databases."""
    return desk_at(store)


def desk_at(store: Store) -> Desk:
    """A desk at that ledger."""
    campaign = ledger2021.campaign()
    with store.writing() as session:
        version = versions.record_version(
            session, campaign.key, "content", datetime.fromisoformat("2021-09-01T08:00+08:00")
        )
    return Desk(store=store, enrolled=Enrolled(campaign=campaign, version=version))
