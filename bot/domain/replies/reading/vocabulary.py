"""The words that every campaign's replies share: lists that a file gives, each with the part its
words play.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.domain.replies.reading.roles import TokenRole


@dataclass(frozen=True, kw_only=True)
class WordList:
    """Words that play one part, and what that means for a number beside them."""

    role: TokenRole
    means: str
    words: tuple[str, ...]


class Vocabulary:
    """The lists by name. A word that stands in several plays the part of the first."""

    def __init__(self, lists: Mapping[str, WordList]) -> None:
        self.lists = dict(lists)

    def of(self, *names: str) -> frozenset[str]:
        """The words of those lists; KeyError if there is no such list."""
        return frozenset(word for name in names for word in self.lists[name].words)

    @cached_property
    def roles(self) -> Mapping[str, TokenRole]:
        """The part that each word plays."""
        roles: dict[str, TokenRole] = {}
        for known in self.lists.values():
            for word in known.words:
                roles.setdefault(word, known.role)
        return roles
