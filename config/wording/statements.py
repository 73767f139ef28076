"""The sentences of statements: in English for the terminal and the log, in Chinese for pages and
notices.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bot.domain.statement import Fact, Statement, Words

BETWEEN = {"en": "; ", "zh": " "}
"""What stands between words in a row."""


def english(words: Words) -> str:
    """The words for the terminal and the log; what a platform or a person wrote as it came.
    KeyError for an unknown code.
    """
    return _told(words, "en")


def chinese(words: Words) -> str:
    """The words for a page or a notice; what a platform or a person wrote as it came. KeyError for
    an unknown code.
    """
    return _told(words, "zh")


def _told(words: Words, language: str) -> str:
    if isinstance(words, str):
        return words
    return _sentences()[words.code][language].format(
        **{name: _fact(fact, language) for name, fact in words.facts}
    )


def _fact(fact: Fact, language: str) -> str | int:
    if isinstance(fact, tuple):
        return BETWEEN[language].join(_told(part, language) for part in fact)
    return _told(fact, language) if isinstance(fact, Statement) else fact


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    with (Path(__file__).parent / "steps.toml").open("rb") as file:
        return tomllib.load(file)
