"""Why a line failed: the bank's own words, what they ask for, and how they may be shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum


class ToDo(StrEnum):
    """What is to be done so that a failed line can be listed again."""

    MEND = "mend"  # the name or the account in the ledger is wrong: get the right one
    HOLDER = "holder"  # the holder of the account must go to the bank
    RETRY = "retry"  # nothing is wrong with the line: list it again
    ASK = "ask"  # the words are not known, or there are none: ask the bank


ReasonWords = Mapping[ToDo, Sequence[str]]
"""For each thing to do, the words by which the reasons that ask for it are known."""

_NAMED = re.compile(r"(?<=[\[【])[^\[\]【】]{1,40}(?=[\]】])")
_AFTER_NAME = re.compile(
    r"((?:户名|姓名)(?:应)?(?:为|是)|应为)([:：]?)\s*([^\s,，。;；:：\[【()（）]+)"
)
_LONG_NUMBER = re.compile(r"\d{6,}(?=\d{4})")


def to_do(said: str, words: ReasonWords) -> ToDo:
    """What the bank's words ask for. The longest known word in them decides; ASK when none is
    known.

    Two equally long words that ask for different things ask for nobody knows what: ASK.
    """
    text = _plain(said)
    found = [
        (len(word), what) for what, known in words.items() for word in known if _plain(word) in text
    ]
    if not found:
        return ToDo.ASK
    longest = max(length for length, _ in found)
    asked = {what for length, what in found if length == longest}
    return asked.pop() if len(asked) == 1 else ToDo.ASK


def masked_words(said: str) -> str:
    """The bank's words as they may be shown: names in brackets keep their first character, long
    numbers their last four.
    """
    text = _NAMED.sub(lambda found: _masked(found.group()), unicodedata.normalize("NFC", said))
    text = _AFTER_NAME.sub(
        lambda found: found.group(1) + found.group(2) + _masked(found.group(3)), text
    )
    return _LONG_NUMBER.sub("****", text)


def _masked(name: str) -> str:
    return name if "*" in name or name.isdigit() else name[:1] + "**"


def _plain(said: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", said)).lower()
