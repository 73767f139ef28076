"""What can be wrong with a campaign, as a rule with its facts: told in English at the terminal, in
Chinese on a page.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.statement import Words
from config.wording.kinds import words_of_kinds
from config.wording.statements import chinese, english


class FaultPlace(str):
    """A fact that is a place of a campaign file, such as `stages[2]`."""

    __slots__ = ()


class FaultWord(str):
    """A fact that is a word of the file's own, such as `townships`; Chinese has another for it."""

    __slots__ = ()


@dataclass(frozen=True)
class Sentence:
    """A rule that is not kept, with the facts of the case; `near` is what was perhaps meant. Its
    text is the English one.
    """

    rule: str
    facts: tuple[tuple[str, object], ...] = ()
    near: str = ""

    def __str__(self) -> str:
        told = _rule(self.rule)["en"].format(
            **{name: _in_english(fact) for name, fact in self.facts}
        )
        return f"{told}; did you mean {self.near}?" if self.near else told

    def chinese(self) -> str:
        """The sentence as a clerk reads it."""
        facts = {name: _in_chinese(fact) for name, fact in self.facts}
        if "." in self.rule:  # of a table: days as people write them there
            facts = {name: _spelled(fact) for name, fact in self.facts}
        told = _rule(self.rule)["zh"].format(**facts)
        return told + (_put("near", near=self.near) if self.near else "")

    def moved(self, place_of: Callable[[FaultPlace], str]) -> Sentence:
        """The same sentence with every place it names put as `place_of` says."""
        facts = (
            (name, FaultPlace(place_of(fact)) if isinstance(fact, FaultPlace) else fact)
            for name, fact in self.facts
        )
        return Sentence(self.rule, tuple(facts), self.near)


def file_refusal(code: str, facts: Mapping[str, object]) -> str:
    """Why a file cannot be read as a table, as a page says it: a whole sentence, of the code of
    `bot/sheets/` and its facts.
    """
    return f"{sentence_of(f'file.{code}', facts).chinese()}。"


def sentence_of(rule: str, facts: Mapping[str, object]) -> Sentence:
    """As `sentence`, with facts that somebody else gathered: of a cell, a file, a row."""
    return Sentence(rule, tuple(facts.items()))


def sentence(rule: str, *, near: str = "", **facts: object) -> Sentence:
    """The sentence of a rule of `faults.toml` with these facts; KeyError when it is told, if the
    rule or a fact is not there.
    """
    return Sentence(rule, tuple(facts.items()), near)


def at_its_place(place: str, value: str, told: Sentence) -> str:
    """A fault in one Chinese line: where, what stands there as `shown` wrote it, and what is
    allowed.
    """
    return _put(
        "at", place=place_in_chinese(place), value=value_in_chinese(value), sentence=told.chinese()
    )


def value_in_chinese(value: str) -> str:
    """A value as TOML writes it, in Chinese quotation marks; nothing for nothing."""
    if not value:
        return ""
    if value == "(hidden)":
        return _put("hidden")
    plain = {"true": _put("yes"), "false": _put("no")}.get(value, value)
    return _put("value", value=plain.removeprefix('"').removesuffix('"'))


def place_in_chinese(place: str) -> str:
    """A place of a file or of its roster as the clerk sees it: 环节第2行“关键词”,
    名册第7行“任务数”列.
    """
    if cell := re.fullmatch(r"row (\d+)(?:, column (.+))?", place, re.DOTALL):
        row, column = cell.groups()
        if column is None:
            return _put("roster_row", row=row)
        # The head itself is what cannot be read there, so the column is told by its number.
        return _put("roster_at" if column.isdecimal() else "roster_cell", row=row, column=column)
    known = _table()["places"]
    if place in known:
        return str(known[place])
    if place.startswith("hours.") and (job := words_of_kinds().get(place.removeprefix("hours."))):
        return _put("hour", name=job.name)
    section, _, rest = place.partition(".")
    head, row = _numbered(section)
    if head == "plan" and rest:
        (head, row), rest = (head, _numbered(rest.partition(".")[0])[1]), rest.partition(".")[2]
        path = ["plan", "milestones"]
    else:
        path = [head]
    name = ""
    for part in filter(None, rest.split(".")):
        path.append(_numbered(part)[0])
        name = known.get(".".join(path), name if path[:2] == ["townships", "targets"] else path[-1])
    if path[:2] == ["townships", "targets"] and len(path) > 2:
        name = ".".join(path[2:])  # a category, by its key
    section = _table()["sections"].get(head, head)
    if row is None:
        return _put("section_and", section=section, name=name) if name else section
    if head == "townships":
        section = ""
    return _put("row_and" if name else "row_of", section=section, row=row, name=name)


def named_row(section: str, name: str) -> str:
    """A row by its name: 环节“竣工”; `section` may be a row itself, for a part of it."""
    return _put("section_and", section=_table()["sections"].get(section, section), name=name)


def order_of(section: str) -> str:
    """The order of the rows of a section, as a thing that may be changed."""
    return _put("order", section=_table()["sections"][section])


def word(key: str) -> str:
    """The Chinese for a word of the file's own; the word itself where it has none."""
    if kind := words_of_kinds().get(key):
        return kind.name
    tables = (_table()["words"], *(_vocabulary()[room] for room in ("platform", "owed")))
    return next((str(table[key]) for table in tables if key in table), key)


def address_fault(told: Words) -> Sentence:
    """What a channel finds wrong with an address, in both languages."""
    return sentence("address", en=english(told), zh=chinese(told))


def _numbered(part: str) -> tuple[str, str | None]:
    found = re.fullmatch(r"([^\[\]]*)\[(\d+)\](?:\[\d+\])*", part)
    return (found[1], found[2]) if found else (part, None)


def _in_english(fact: object) -> object:
    return (", ".join(map(str, fact)) or "none") if isinstance(fact, tuple) else fact


def _in_chinese(fact: object) -> object:
    if isinstance(fact, tuple):
        return "、".join(str(_in_chinese(part)) for part in fact) or word("none")
    if isinstance(fact, Sentence):
        return fact.chinese()
    if isinstance(fact, FaultPlace):
        return place_in_chinese(fact)
    return word(fact) if isinstance(fact, FaultWord) else fact


def _spelled(fact: object) -> object:
    if isinstance(fact, date):
        return f"{fact.month}月{fact.day}日"
    return (
        "、".join(str(_spelled(part)) for part in fact)
        if isinstance(fact, tuple)
        else _in_chinese(fact)
    )


def _put(key: str, **facts: object) -> str:
    return str(_table()["put"][key]).format(**facts)


def _rule(key: str) -> Mapping[str, str]:
    table = _table()
    room, _, code = key.partition(".")
    rule: Mapping[str, str] = (
        table["rules"].get(key) or table["warnings"].get(key) or _of_tables()[room][code]
    )
    return rule


@cache
def _of_tables() -> Mapping[str, Any]:
    """The sentences about files, cells and rows of tables: their rules are called
    "cell.formula".
    """
    with (Path(__file__).parent / "tables.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _table() -> Mapping[str, Any]:
    with (Path(__file__).parent / "faults.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _vocabulary() -> Mapping[str, Mapping[str, str]]:
    with (Path(__file__).parent / "words.toml").open("rb") as file:
        return tomllib.load(file)
