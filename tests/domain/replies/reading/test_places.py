"""The marks of an explanation, laid on the words as they came: nothing of these is lost, doubled or
changed.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.replies.reading import Incoming
from bot.domain.replies.reading.explain import Explanation, explain, placed
from config.wording import templates
from tests.builders import at, day, rural_housing_2021

CAMPAIGN = rural_housing_2021()
PIECES = [
    "累计竣工",
    "今日竣工",
    "１７户",
    "17",
    "1,234户",
    "\u200b",
    "🎉",
    " ",
    "，",
    "。",
    "\n",
    "收到",
    "①",
    "「累计竣工9户」",
    "兩戶",
    "稻溪镇",
]


def explained(text: str) -> Explanation:
    return explain(
        CAMPAIGN,
        Incoming(id="1", text=text, sender="稻溪镇-谢", at=at("10-29 10:00")),
        open_day=day("10-29"),
        late=False,
        before={},
        today={},
        wording=templates.reading(),
    )


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40))
def test_the_places_are_the_message(text: str) -> None:
    assert "".join(place.text for place in placed(text, explained(text))) == text


@pytest.mark.parametrize(
    ("text", "word", "role"),
    [
        ("累计竣工17户", "17户", "数量"),
        ("🎉今日 竣工\u200b 兩戶", "竣工", "环节"),
        ("「累计竣工9户」\n------\n累计竣工 17 户", "17 户", "数量"),
        ("累计竣工１７户，开工２５户", "２５户", "数量"),
    ],
)
def test_a_mark_lies_on_its_word(text: str, word: str, role: str) -> None:
    marked = [
        (place.text, place.mark.role)
        for place in placed(text, explained(text))
        if place.mark is not None
    ]
    assert (word, role) in marked


def test_what_is_quoted_bears_no_mark() -> None:
    first = placed(
        "「累计竣工9户」\n------\n累计竣工17户", explained("「累计竣工9户」\n------\n累计竣工17户")
    )[0]
    assert first.mark is None
    assert "9户" in first.text
