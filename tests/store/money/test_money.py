"""The facts of money: only what is approved is money on its way, and what the bank said is kept
once.
"""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.money.ledger import Ledger, LineState, Result
from bot.domain.money.returns import NewAnswer
from bot.store import Store
from bot.store.money import money
from tests.builders import at
from tests.store.facts import HOUSING
from tests.store.money.facts import a_file, a_list, approved, decided, said, some_money


def known(store: Store, moment: str | None = None) -> Ledger:
    with store.reading() as session:
        return money.ledger(session, HOUSING, at(moment) if moment else None)


def file_again(store: Store, answers: list[NewAnswer]) -> None:
    with store.writing() as session:
        again = a_file(session, "return", at("10-26 09:00"), digest="d3")
        money.add_answers(session, again, answers, at=at("10-26 09:00"))


def test_the_ledger_of_a_moment_is_what_was_recorded_by_then(store: Store) -> None:
    with store.writing() as session:
        some_money(session)
    pots = [
        (known(store, moment).balance().in_transit, known(store, moment).balance().paid)
        for moment in ("10-15 09:29", "10-25 09:29", "10-25 09:30", "10-25 17:09", "10-25 17:10")
    ]
    assert pots == [(0, 0), (0, 0), (1_500_000, 0), (1_500_000, 0), (750_000, 750_000)]
    assert known(store, "10-15 09:29").balance().granted == 0
    assert known(store).balance().granted == 170_000_000
    assert [batch.name for batch in known(store).batches] == ["第一批"]


def test_a_list_is_no_money_before_it_is_approved(store: Store) -> None:
    with store.writing() as session:
        number = a_list(session, at("10-25 09:00"))
    assert not known(store).lines
    with store.writing() as session:
        approved(session, number, at("10-25 09:30"))
    assert {known(store).state(line) for line in known(store).lines} == {LineState.IN_TRANSIT}
    with store.reading() as session:
        (made,) = money.lists(session, HOUSING)
    assert made.approval is not None
    assert (made.amount, made.approval.person, made.approval.attempt) == (1_500_000, "王会计", 1)


def test_no_list_is_approved_twice_and_no_attempt_made_twice(store: Store) -> None:
    with store.writing() as session:
        first, second = (
            a_list(session, at("10-25 09:00")),
            a_list(session, at("10-25 09:00"), cases=("C3",)),
        )
        approved(session, first, at("10-25 09:30"))
    for number, attempt in ((first, 2), (second, 1)):
        with pytest.raises(IntegrityError), store.writing() as session:
            approved(session, number, at("10-25 09:40"), attempt=attempt)
    assert len(known(store).lines) == 2


def test_one_answer_under_one_serial_is_kept_once_and_a_file_whole_or_not_at_all(
    store: Store,
) -> None:
    with store.writing() as session:
        some_money(session)
    (paid, open_line) = known(store).lines
    with pytest.raises(IntegrityError):
        file_again(store, [said(open_line.number, serial="S2"), said(paid.number)])
    assert len(known(store).answers) == 1
    with store.reading() as session:
        assert not money.files(session, HOUSING, digest="d3")
    with store.writing() as session:
        back = a_file(session, "return", at("10-26 09:00"), digest="d3")
        money.add_answers(session, back, [said(paid.number, Result.REVERSED)], at=at("10-26 09:00"))
    assert known(store).state(known(store).lines[0]) is LineState.FAILED


def test_the_newest_form_of_a_key_holds_until_it_is_ended(store: Store) -> None:
    with store.writing() as session:
        some_money(session)
        number = decided(session, "form written", at("10-26 09:00"))
        money.add_form(
            session,
            HOUSING,
            key="ours",
            text="shape = 'sheet'",
            decision_number=number,
            at=at("10-26 09:00"),
        )
    with store.reading() as session:
        assert [(form.key, form.text) for form in money.forms(session, HOUSING)] == [
            ("ours", "shape = 'sheet'")
        ]
    with store.writing() as session:
        money.add_form(
            session, HOUSING, key="ours", text="", decision_number=number, at=at("10-27 09:00")
        )
    with store.reading() as session:
        assert not money.forms(session, HOUSING)
