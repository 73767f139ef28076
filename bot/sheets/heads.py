"""Heads of columns: what people write above a column, and which column a caller means by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.sheets.words import joined

_UNITS = """
户 家 间 座 亩 个 人 人次 名 元 万元 亿元 千元 分 角 % ‰ 项 处 栋 幢 套 公里 千米 km 米 m 平方米 平方公里 m2 公顷
吨 台 辆 株 只 头 口 眼 宗 件 村 组 块 份 条 次 天 盏 方 立方米 m3 平方 厘米 号 所 公斤 kg 期 批 笔
"""
UNITS = frozenset(_UNITS.split())
"""What stands in brackets behind a head and only says in what is counted."""

_BRACKETS = str.maketrans("[]{}〔〕【】〈〉《》", "()()()()()()")
_LAST = re.compile(r"^(.+?)\(([^()]*)\)$")


LOWEST_ROW_ALONE = 100
"""The rank from which on a head of several rows is known by the lowest of them alone."""


@dataclass(frozen=True)
class Head:
    """The head of a column: the words of its rows from top to bottom, without blanks, in capitals
    as written.
    """

    parts: tuple[str, ...]

    @classmethod
    def of(cls, *texts: str) -> Head:
        """The head of cells that stand above each other; what is said twice counts once."""
        parts: list[str] = []
        for text in texts:
            part = joined(text).translate(_BRACKETS)
            if part and (not parts or part != parts[-1]):
                parts.append(part)
        return cls(tuple(parts))

    @property
    def text(self) -> str:
        """The whole as a person would say it: 竣工·累计."""
        return "·".join(self.parts)

    @property
    def last(self) -> Head:
        """The lowest row alone."""
        return Head(self.parts[-1:])

    @property
    def unit(self) -> str:
        """In what the column is counted, if its head says so in brackets: 亩."""
        for part in reversed(self.parts):
            if (found := _LAST.match(part)) and (unit := _unit(found[2])):
                return unit
        return ""

    @cached_property
    def plain(self) -> str:
        """All rows together without units: 竣工累计."""
        said = []
        for part in self.parts:
            found = _LAST.match(part)
            said.append(
                found[1] if found and _unit(found[2]) else re.sub(r"/[^/()]{1,3}$", _slashed, part)
            )
        return "".join(said)

    def spellings(self) -> Iterator[str]:
        """The ways in which fixed words may be found in it, in small letters: whole, without its
        brackets, without what is in them.
        """
        plain = self.plain.lower()
        yield plain
        if "(" in plain:
            if found := _LAST.match(plain):
                yield found[1]
            yield plain.replace("(", "").replace(")", "")
            yield re.sub(r"\([^()]*\)", "", plain)


def _unit(said: str) -> str:
    """The unit that stands in brackets; "" for anything else, which belongs to the head."""
    unit = said.removeprefix("单位").lstrip(":")
    return unit if unit.lower() in UNITS else ""


def _slashed(found: re.Match[str]) -> str:
    return "" if found[0][1:].lower() in UNITS else found[0]


@dataclass(frozen=True, kw_only=True)
class Heads:
    """Which columns a caller looks for.

    `words` are the heads of each column by its key, the likeliest first. `needed` are the keys
    without which a row is no head; of a table that stands twice side by side the first of them
    tells so. `also` gives the key of a head that is no fixed word, or None. `foreign` are words of
    an upper row under which a lower row's words mean somebody else: 分管领导 above 姓名.
    """

    words: Mapping[str, Sequence[str]]
    needed: Sequence[str]
    also: Callable[[Head], str | None] | None = None
    foreign: re.Pattern[str] | None = None
    enough: Callable[[Collection[str]], bool] = lambda _: True
    """Whether these keys make a table worth reading: of several sheets one that has them is
    meant.
    """
    _known: dict[str, tuple[str, int]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for key, words in self.words.items():
            for rank, word in enumerate(words):
                for spelling in Head.of(word).spellings():
                    self._known.setdefault(spelling, (key, rank))

    def find(self, head: Head) -> tuple[str, int] | None:
        """The key of the column and how likely it is meant, 0 the likeliest; None for a head nobody
        asked for.
        """
        if not head.parts:
            return None
        for spelling in head.spellings():
            if spelling in self._known:
                return self._known[spelling]
        if self.also is not None and (key := self.also(head)) is not None:
            return key, 0
        if len(head.parts) > 1 and not (
            self.foreign and self.foreign.search("".join(head.parts[:-1]))
        ):
            for spelling in head.last.spellings():
                if spelling in self._known:
                    key, rank = self._known[spelling]
                    return key, rank + LOWEST_ROW_ALONE
        return None
