"""What a decision is about survives being kept, whatever people call their townships; and a kind
has only its own facts.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.decisions.decision import CONSISTS, check
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import (
    AccountSubject,
    BankFormSubject,
    BatchSubject,
    BoardSubject,
    CaseSubject,
    ChatSubject,
    DaySubject,
    DeliverySubject,
    FigureSubject,
    FileSubject,
    GroupSubject,
    ListSubject,
    OtherSubject,
    OwedSubject,
    ReaderSubject,
    ReplySubject,
    SenderSubject,
    Subject,
    TownshipDaySubject,
    VersionSubject,
    kept_as,
    subject_of,
)

NAMES = st.text(max_size=20) | st.sampled_from(
    ["report of 云樟镇", '["a", "b"]', "day 2021-10-29", " ", ""]
)
NUMBERS = st.integers(1, 2**62)
SUBJECTS: st.SearchStrategy[Subject] = st.one_of(
    st.builds(DaySubject, day=st.dates()),
    st.builds(ReplySubject, number=NUMBERS),
    st.builds(FigureSubject, number=NUMBERS),
    st.builds(DeliverySubject, number=NUMBERS),
    st.builds(GroupSubject, group=NAMES),
    st.builds(OwedSubject, owed=NAMES, township=NAMES),
    st.builds(TownshipDaySubject, township=NAMES, day=st.dates()),
    st.builds(SenderSubject, channel=NAMES, platform_id=NAMES),
    st.builds(ChatSubject, channel=NAMES, platform_id=NAMES),
    st.builds(AccountSubject, login=NAMES),
    st.builds(ReaderSubject, name=NAMES),
    st.builds(FileSubject, digest=NAMES),
    st.builds(CaseSubject, code=NAMES),
    st.builds(BatchSubject, batch=NUMBERS),
    st.builds(ListSubject, number=NUMBERS),
    st.builds(BankFormSubject, key=NAMES),
    st.builds(VersionSubject, version=NUMBERS),
    st.builds(BoardSubject),
    st.builds(OtherSubject, key=NAMES),
)


@given(SUBJECTS)
def test_what_is_kept_comes_back(subject: Subject) -> None:
    assert subject_of(*kept_as(subject)) == subject


@given(SUBJECTS, SUBJECTS)
def test_two_things_are_never_kept_as_one(one: Subject, other: Subject) -> None:
    assert (kept_as(one) == kept_as(other)) == (one == other)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("moon", "1"),
        ("reply", "seventeen"),
        ("day", "2021-13-01"),
        ("owed", "report"),
        ("owed", "[]"),
        ("owed", "3"),
    ],
)
def test_what_cannot_be_read_is_another_thing_and_stops_nothing(kind: str, key: str) -> None:
    assert subject_of(kind, key) == OtherSubject(key=key)


def test_every_kind_says_what_it_consists_of() -> None:
    assert CONSISTS.keys() == set(DecisionKind)


@pytest.mark.parametrize(
    ("kind", "subject", "facts"),
    [
        (DecisionKind.REPLY_APPROVED, DeliverySubject(number=1), {}),
        (DecisionKind.REPLY_APPROVED, ReplySubject(number=1), {"measure": "约谈"}),
        (DecisionKind.MEASURE_PROPOSED, ReplySubject(number=1), {"measure": "约谈"}),
        (DecisionKind.DELIVERY_SETTLED, DeliverySubject(number=1), {}),
        (DecisionKind.OTHER, OtherSubject(key="moon"), {}),
    ],
)
def test_a_decision_about_something_else_or_with_other_facts_is_refused(
    kind: DecisionKind, subject: Subject, facts: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="it needs"):
        check(kind, subject, facts)


def test_a_decision_of_its_kind_passes() -> None:
    check(DecisionKind.DELIVERY_SETTLED, DeliverySubject(number=1), {"arrived": False})
    check(DecisionKind.SENTENCE_SET, DaySubject(day=date(2021, 10, 29)), {})
