"""A shape is read as it was settled, by its sender or by all, and never where one other word
stands.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.replies.reading import Incoming, Outcome, Reading, read
from bot.domain.replies.reading.exchange import settled_from_json
from bot.domain.replies.reading.shapes import (
    MessageShape,
    SettledMessage,
    learned,
    shape_from_json,
    shape_to_json,
)
from config.wording import templates
from tests.builders import COMPLETED, at, day
from tests.domain.replies.reading.test_never_guessing import BEFORE, CAMPAIGN, TOWNSHIP, completed

WORDING = templates.reading()
SENDER = "稻溪镇-谢"
HAND = "老谢报喜：瓦匠又收了2户的尾，桌上一共17户"
"""A hand that the reader does not know: it asks what the numbers are."""


def shape(text: str = HAND, value: int = 17, sender: str | None = SENDER) -> MessageShape:
    settled = SettledMessage(
        text=text,
        sender=sender,
        before=BEFORE,
        figures={(TOWNSHIP, COMPLETED, None): Decimal(value)},
    )
    found = learned(CAMPAIGN, WORDING, settled)
    assert found is not None
    return found


def said(text: str, *shapes: MessageShape, sender: str = SENDER, stood: int = 17) -> Reading:
    return read(
        CAMPAIGN,
        Incoming(id="1", text=text, sender=sender, at=at("10-30 12:00")),
        open_day=day("10-30"),
        late=False,
        before={**BEFORE, (TOWNSHIP, COMPLETED, None): Decimal(stood)},
        today={},
        wording=WORDING,
        shapes=shapes,
    )


def test_what_was_asked_once_is_read_the_next_day() -> None:
    next_day = "老谢报喜：瓦匠又收了1户的尾，桌上一共18户"
    assert said(next_day).outcome is Outcome.ASK
    assert completed(said(next_day, shape())) == 18


@pytest.mark.parametrize(
    "text",
    [
        "老谢报喜：瓦匠又收了1户的尾，桌上一共19户",  # the increase contradicts the whole
        "老谢报喜：瓦匠又收了1户的尾，桌上一共16户",  # below what stood
        "老谢报喜：瓦匠又收了9户的尾，桌上一共26户",  # above the task
        "老谢报喜：瓦匠又收了1户的尾，桌上没有18户",
        "老谢报喜：瓦匠没收了1户的尾，桌上一共18户",
        "老谢报喜：瓦匠又收了1户的尾，桌上一共18户？",
        "老谢报喜：瓦匠又收了1户的尾，桌上一共18栋",
        "昨天老谢报喜：瓦匠又收了1户的尾，桌上一共18户",
    ],
)
def test_where_the_checks_fail_or_a_word_differs_it_is_asked_as_if_unknown(text: str) -> None:
    assert said(text, shape()).outcome is not Outcome.ACCEPT


def test_a_shape_is_its_senders_unless_a_clerk_says_it_holds_for_all() -> None:
    next_day, other = "老谢报喜：瓦匠又收了1户的尾，桌上一共18户", "云樟镇-钟"
    assert said(next_day, shape(), sender=other).outcome is Outcome.ASK
    assert said(next_day, replace(shape(), sender="somebody")).outcome is Outcome.ASK
    assert completed(said(next_day, shape(sender=None))) == 18
    assert said(next_day, shape(sender=None), sender="nobody registered").outcome is Outcome.ASK


@given(
    st.integers(1, 8),
    st.text(alphabet="一二不没约全村户瓦17,。?？ ", min_size=1, max_size=3),
    st.integers(0, 22),
)
def test_a_message_with_one_other_word_is_never_read_by_a_shape(
    more: int, word: str, where: int
) -> None:
    text = f"老谢报喜：瓦匠又收了{more}户的尾，桌上一共{17 + more}户"
    other = text[:where] + word + text[where:]
    reading = said(other, shape())
    if reading.outcome is Outcome.ACCEPT:
        assert other.translate(str.maketrans("", "", " ")) == text.translate(
            str.maketrans("", "", " ")
        )


def test_a_number_that_may_have_played_two_parts_must_agree_in_both() -> None:
    # 10 was what remained and what stood more than before: another day it can be only one of them.
    settled = SettledMessage(
        text="瓦匠10户",
        sender=SENDER,
        before={**BEFORE, (TOWNSHIP, COMPLETED, None): Decimal(5)},
        figures={(TOWNSHIP, COMPLETED, None): Decimal(15)},
    )
    found = learned(CAMPAIGN, WORDING, settled)
    assert found is not None
    assert {part.kind for part in found.parts[0]} == {"increment", "remaining"}
    assert said("瓦匠8户", found).outcome is Outcome.ASK
    assert completed(said("瓦匠4户", found)) == 21


def test_words_alone_are_settled_too() -> None:
    assert completed(said("瓦匠都回家了", shape("瓦匠都回家了", value=15))) == 17  # nothing new
    assert completed(said("瓦匠彻底收工", shape("瓦匠彻底收工", value=25))) == 25  # all of it


def test_figures_that_the_message_does_not_lead_to_are_not_learnt() -> None:
    settled = SettledMessage(
        text="瓦匠3户",
        sender=SENDER,
        before=BEFORE,
        figures={(TOWNSHIP, COMPLETED, None): Decimal(20)},
    )
    assert learned(CAMPAIGN, WORDING, settled) is None


def test_a_shape_is_kept_and_read_again() -> None:
    assert shape_from_json(json.loads(json.dumps(shape_to_json(shape())))) == shape()


def test_learned_messages_come_with_a_line() -> None:
    line = {
        "learned": [
            {
                "text": HAND,
                "sender": None,
                "at": "2021-10-29T16:05:00+08:00",
                "before": {TOWNSHIP: {"completed": {"total": 15}}},
                "figures": [
                    {"township": TOWNSHIP, "date": "2021-10-29", "stage": "completed", "value": 17}
                ],
            }
        ]
    }
    (settled,) = settled_from_json(line)
    assert learned(CAMPAIGN, WORDING, settled) == replace(shape(), sender=None)
    with pytest.raises(ValueError, match="learned"):
        settled_from_json({"learned": [{"sender": "x"}]})
