"""Reading takes time in proportion to the length of a message, whatever is written (law 14)."""

from __future__ import annotations

import time

import pytest

from bot.domain.replies.reading import Outcome
from bot.domain.replies.reading.message import LONGEST
from tests.domain.replies.reading.test_never_guessing import said

SHAPES = {
    "digits": "9",
    "numerals": "十",
    "digits and blanks": "1 ",
    "digits and dots": "1.",
    "digits and commas": "1,",
    "digits and dashes": "1-",
    "fractions": "1/2/",
    "dates": "10月29日",
    "times": "17:00",
    "counts": "17户",
    "counts in lists": "竣工1户,",
    "plus signs": "+",
    "dashes": "-",
    "rules": "- ",
    "long dashes": "—",
    "blanks": " ",
    "line breaks": "\n",
    "tabs": "\t",
    "bars": "|",
    "rows of bars": "|a|b|\n",
    "rows of tabs": "1\t2\n",
    "rows of commas": "竣工,开工\n1,2\n",
    "rows of blanks": "竣工 开工\n1 2\n",
    "opened brackets": "(",
    "closed brackets": ")",
    "brackets": "()",
    "labels": "【竣工】1",
    "opened quotes": "「",
    "closed quotes": "」",
    "quotes": '"',
    "quoted lines": "> 1\n",
    "forwarding marks": "[转发",
    "at signs": "@",
    "names": "稻溪镇",
    "names in lists": "稻溪镇、",
    "rows of names": "1. 稻溪 17\n",
    "files": ".xlsx",
    "file names": "a.xlsx ",
    "bulletins": "全市通报",
    "questions": "吗?",
    "promises": "预计明天竣工1户,",
    "conditions": "如果",
    "stages": "竣工",
    "all of it": "全部",
    "zero phrases": "无新增",
    "kinds": "累计",
    "villages": "村",
    "unknown words": "囗",
    "corrections": "不是18户",
    "keycaps": "1\ufe0f\u20e3",
    "accents": "e\u0301",
    "latin": "a",
    "heads of a chat": "甲 16:05\n",
    "respectively": "C级、D级分别竣工1户、2户。",
}
SLACK = 3.0
"""Twice the length takes twice the time; a pattern that looks back takes four times, and more."""


AHEAD = {
    "line breaks": "「a」",
    "dashes": "「a」",
    "blanks": "「a」",
    "quoted lines": '"',
    "tabs": "乡镇\t竣工\n",
    "digits": "累计",
}
"""What stands before some of them, for the patterns that begin with it."""


def work(text: str, sender: str) -> float:
    """The processor's time for reading the text."""
    started = time.process_time()
    said(text, sender)
    return time.process_time() - started


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_length_takes_no_more_than_about_twice_the_time(shape: str) -> None:
    ahead, piece = AHEAD.get(shape, ""), SHAPES[shape]
    sender = "office" if len(shape) % 2 else "稻溪镇-谢"
    half, whole = (
        ahead + piece * ((length - len(ahead)) // len(piece)) for length in (LONGEST // 2, LONGEST)
    )
    for _ in range(5):  # a busy machine may take long once, and a bad pattern always does
        if work(whole, sender) < SLACK * work(half, sender) + 0.01:
            return
    pytest.fail(
        f"{shape}: {work(half, sender):.3f} s for half of it, {work(whole, sender):.3f} s for all"
    )


def test_a_message_of_the_greatest_length_is_read_and_a_longer_one_is_asked_for_in_one_line() -> (
    None
):
    report = "累计竣工17户。"
    assert said(report + "谢" * (LONGEST - len(report))).outcome is Outcome.ACCEPT
    assert said(report + "谢" * LONGEST).asked[0].why == "long"
