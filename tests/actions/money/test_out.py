"""The bank's file of an approved list: whole, to the fen, recorded; and of a list that is not
approved, nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from bot.actions.money.approve import NotPaid, make_list
from bot.actions.money.out import bank_out
from bot.domain.decisions.actor import Actor
from bot.store.decisions import decisions
from tests import ledger2021
from tests.actions.money.conftest import MoneyDesk
from tests.actions.registers.conftest import KEYS

NOW = datetime.fromisoformat("2021-11-30T10:00:00+08:00")
BY = Actor(name="王会计")


def test_the_banks_file_has_the_accounts_that_were_listed(
    until: Callable[[str], MoneyDesk],
) -> None:
    desk = until("2021-11-30T17:00:00+08:00")
    with desk.store.writing() as session:
        content = bank_out(session, desk.enrolled, 6, "pipe", by=BY, keys=KEYS, at=NOW).decode(
            "gb18030"
        )
        kept = [
            one
            for one in decisions.decisions(session, desk.enrolled.campaign.key)
            if one.kind == "list written"
        ]
    head, *lines = content.split("\r\n")[:-1]
    assert head == "H|3-2|20211130|6|72000.00"
    golden = {one["case"]: one for one in ledger2021.golden("households")}
    failed = [
        one["case"] for one in ledger2021.golden("money")["batches"][2]["attempts"][0]["failed"]
    ]
    # One of them failed again, so that the account of then is the last but one.
    wanted = {
        (golden[case]["accounts"][1], golden[case]["name"], f"{golden[case]['yuan']}.00")
        for case in failed
    }
    assert {tuple(line.split("|")[2:5]) for line in lines} == wanted
    assert len(kept) == 1


def test_nothing_leaves_before_it_is_approved(until: Callable[[str], MoneyDesk]) -> None:
    desk = until("2021-11-05T17:00:00+08:00")
    with desk.store.writing() as session:
        made = make_list(session, desk.enrolled, by=BY, at=NOW)
    for number, form, why in (
        (made.number, "pipe", "not_approved"),
        (1, "sheet", "no_out"),
        (999, "pipe", "no_list"),
    ):
        with pytest.raises(NotPaid) as refused, desk.store.writing() as session:
            bank_out(session, desk.enrolled, number, form, by=BY, keys=KEYS, at=NOW)
        assert refused.value.why == why
