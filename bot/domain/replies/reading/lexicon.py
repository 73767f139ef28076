"""The words a campaign's replies are made of: the shared ones and its own, compiled once per
campaign into one pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey, TownshipName
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.numerals import SIGNS, number
from bot.domain.replies.reading.patterns import Pattern, Words, any_of, pattern_of
from bot.domain.replies.reading.roles import Token
from bot.domain.replies.reading.vocabulary import Vocabulary

SUFFIXES = ("镇", "乡", "街道", "林场", "农场", "办事处")
MOST_KEPT = 256
TWICE = re.compile(rf"([{SIGNS}]{{1,12}}|\d{{1,12}})\(([{SIGNS}]{{1,12}}|\d{{1,12}})\)")
"""A number in figures and in words: 十一（11）户."""
LABEL = re.compile(r"【([^【】\d\n]{1,12})】(?=\s?\d)")
"""The label of a number in a form that was filled in: 【累计竣工】9."""


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """A campaign's words: the pattern of tokens, and what each word means."""

    pattern: Pattern
    townships: Mapping[str, TownshipName]
    nicks: Mapping[str, TownshipName]
    senders: Mapping[str, TownshipName]
    """The nicks just as they are registered: nobody else is believed."""
    stages: Mapping[str, StageKey]
    categories: Mapping[str, CategoryKey]
    stage_words: re.Pattern[str]
    stems: Mapping[int, tuple[frozenset[str], ...]]
    """By the length of a township's name, the characters at each of its places."""
    day: frozenset[str]
    """Words that name the calendar day; they mark an increment unless a cumulative word stands by
    them (rule 6).
    """
    whole: frozenset[str]
    """Words that end a category: what follows is of all."""
    whole_township: frozenset[str]
    not_yet: frozenset[str]
    task: frozenset[str]
    units: frozenset[str]
    other_units: frozenset[str]
    of_the_whole: frozenset[str]
    of_the_rest: frozenset[str]
    no: frozenset[str]
    of_reports: frozenset[str]
    other_matters: frozenset[str]
    """What a bureau's other daily reports are about."""
    approximate: frozenset[str]
    no_remark: frozenset[str]
    """Words that make nothing of a clause: 昨天的数据."""
    halfway: frozenset[str]
    counted_alone: re.Pattern[str]
    blanks: re.Pattern[str]
    """Blanks of a template that are filled in: （17）户, 17（户）, _17_户."""

    def looks_like_a_township(self, name: str) -> bool:
        """Whether a name that is not registered has the length of one that is, and a sign in common
        at its place.
        """
        return any(
            character in characters
            for character, characters in zip(name, self.stems.get(len(name), ()), strict=False)
        )

    def stage_of(self, words: str) -> StageKey | None:
        """The stage that stage words name, None for the headline; a later word wins: 竣工验收 is
        accepted (rule 5).
        """
        known = self.stages.get(words)
        if known is not None:
            return known
        found = self.stage_words.findall(words)
        return self.stages[found[-1]] if found else None

    def tokens(self, text: str) -> list[Token]:
        """The message as tokens, each sign in exactly one."""
        return self.pattern.tokens(text)

    def filled(self, text: str) -> str:
        """The text with the filled blanks of a template as plain numbers."""
        if "【" in text:
            text = LABEL.sub(r",\1:", text)
        if "(" not in text and "_" not in text:
            return text
        text = TWICE.sub(_once, text)
        return self.blanks.sub(
            lambda found: f"{found[1] or found[2] or found[3]}{found[4] or found[5] or ''}", text
        )


def _once(found: re.Match[str]) -> str:
    """The number once, if it is twice the same; else what was written."""
    first, second = number(found[1]), number(found[2])
    alike = first is not None and first == second and found[1].isascii() != found[2].isascii()
    return str(first) if alike else found.group()


_KEPT: dict[tuple[int, int], tuple[Campaign, Vocabulary, Lexicon]] = {}
"""The lexicons of the campaigns lately read for, by identity: to look at all of a campaign's words
for every reply takes longer.
"""


def lexicon_of(campaign: Campaign, vocabulary: Vocabulary) -> Lexicon:
    """The compiled words of a campaign; kept, since every reply of it needs them."""
    key = (id(campaign), id(vocabulary))
    known = _KEPT.get(key)
    if known is not None and known[0] is campaign and known[1] is vocabulary:
        return known[2]
    lexicon = _compiled(campaign, vocabulary)
    if len(_KEPT) >= MOST_KEPT:
        _KEPT.clear()
    _KEPT[key] = (campaign, vocabulary, lexicon)
    return lexicon


def short_names(campaign: Campaign) -> dict[str, TownshipName]:
    """The aliases of every township, and its name without 镇, 乡, 街道 where that is longer than a
    character and nobody else's.
    """
    aliases = {
        normal(alias): township.name
        for township in campaign.townships
        for alias in township.aliases
    }
    names = {normal(township.name) for township in campaign.townships}
    by_streets = {
        township.name for township in campaign.townships if township.name.endswith("街道")
    }
    derived: dict[str, list[TownshipName]] = {}
    for township in campaign.townships:
        name = normal(township.name)
        suffix = next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")
        stem = name.removesuffix(suffix)
        if suffix and len(stem) > 1:
            derived.setdefault(stem, []).append(township.name)
    for stem, of in derived.items():
        if len(of) == 1 and stem not in names:
            aliases.setdefault(stem, of[0])
            if of[0] in by_streets:
                aliases.setdefault(f"{stem}办事处", of[0])
                aliases.setdefault(f"{stem}街道办", of[0])
    return aliases


def _nicks(campaign: Campaign, aliases: Mapping[str, TownshipName]) -> dict[str, TownshipName]:
    """The nicks of the contacts, also with a short name of the township in place of the whole one:
    云樟-钟 for 云樟镇-钟.
    """
    nicks = {
        contact.nick: township.name
        for township in campaign.townships
        for contact in township.contacts
    }
    for nick, name in list(nicks.items()):
        if nick.startswith(name) and nick != name:
            for alias, of in aliases.items():
                if of == name:
                    nicks.setdefault(alias + nick.removeprefix(name), name)
    return nicks


def _compiled(campaign: Campaign, vocabulary: Vocabulary) -> Lexicon:
    townships = {normal(township.name): township.name for township in campaign.townships}
    aliases = short_names(campaign)
    nicks = _nicks(campaign, aliases)
    stages = {
        normal(word): stage.key for stage in campaign.stages for word in (*stage.words, stage.name)
    }
    categories = {
        normal(word): category.key
        for category in campaign.categories
        for word in (*category.words, category.name)
    }
    units = tuple(dict.fromkeys(normal(unit) for unit in (campaign.unit, *campaign.unit_words)))
    words = Words(
        vocabulary=vocabulary,
        townships=tuple(townships),
        aliases=tuple(aliases),
        suffixes=SUFFIXES,
        nicks=tuple({*nicks, *map(normal, nicks)}),
        office=(campaign.office, *campaign.office_staff),
        stages=tuple(stages),
        categories=tuple(categories),
        units=units,
        decimals=campaign.decimals,
        years=tuple(range(campaign.start.year, campaign.deadline.year + 2)),
        nouns=tuple(
            _nouns(campaign, vocabulary, {*stages, *categories, *townships, *aliases, *units})
        ),
    )
    names = {*townships, *aliases}
    unit = any_of(units)
    return Lexicon(
        pattern=pattern_of(words),
        townships={**aliases, **townships},
        nicks={**{normal(nick): town for nick, town in nicks.items()}, **nicks},
        senders={
            contact.nick: township.name
            for township in campaign.townships
            for contact in township.contacts
        },
        stages=stages,
        categories=categories,
        stage_words=re.compile(any_of(stages)),
        stems={
            size: tuple(
                frozenset(characters)
                for characters in zip(*(name for name in names if len(name) == size), strict=True)
            )
            for size in {len(name) for name in names}
        },
        day=vocabulary.of("day"),
        whole=vocabulary.of("whole"),
        whole_township=vocabulary.of("whole_township"),
        not_yet=vocabulary.of("not_yet"),
        task=vocabulary.of("task"),
        units=frozenset(units),
        other_units=vocabulary.of("units") - frozenset(units),
        of_the_whole=vocabulary.of("of_the_whole"),
        of_the_rest=vocabulary.of("of_the_rest"),
        no=vocabulary.of("no"),
        of_reports=vocabulary.of("reporting", "acts"),
        other_matters=vocabulary.of("other_matters"),
        approximate=vocabulary.of("approximate"),
        no_remark=vocabulary.of("particles", "courtesy", "reporting", "acts", "ourselves", "signs"),
        halfway=vocabulary.of("halfway"),
        counted_alone=re.compile(
            rf"(?:\d{{1,20}}|[一二两三四五六七八九十百]{{1,9}})\s?(?:{any_of(vocabulary.of('counted_alone'))})"
        ),
        blanks=re.compile(
            rf"[(\[【]_*(\d{{1,12}}(?:\.\d{{1,4}})?)_*[)\]】](?=\s?(?:{unit}))"
            rf"|_+(\d{{1,12}}(?:\.\d{{1,4}})?)_*(?=\s?(?:{unit}))"
            rf"|(?<![\d.])(\d{{1,12}}(?:\.\d{{1,4}})?)(?:_+(?=\s?(?:{unit}))|\s?\(({unit})\)|_+\(({unit})\))"
        ),
    )


def _nouns(campaign: Campaign, vocabulary: Vocabulary, taken: Iterable[str]) -> set[str]:
    """What the work is about: the campaign's own words, and every piece of its titles of two
    characters or more.
    """
    shared = vocabulary.roles
    taken = set(taken)
    nouns = {normal(word) for word in campaign.words}
    for title in (campaign.title, campaign.short_title):
        whole = normal(title)
        plain = whole.removeprefix(normal(campaign.area))
        pieces = {
            plain[at:end] for at in range(len(plain)) for end in range(at + 2, len(plain) + 1)
        }
        nouns |= {
            piece
            for piece in pieces
            if piece not in shared
            and not piece.isdigit()
            and not any(word in piece for word in taken)
        }
        nouns.add(whole)
    short = normal(campaign.short_title)
    called = {short, *({short[0] + short[2]} if len(short) == 4 else ())}  # 危房改造: 危改
    nouns |= called | {
        name + end for name in called for end in ("办", "专班", "户", "任务", campaign.unit)
    }
    nouns |= {
        normal(contact.name) for township in campaign.townships for contact in township.contacts
    }
    nouns |= {normal(campaign.bureau), normal(campaign.office), *map(normal, campaign.office_staff)}
    return {noun for noun in nouns if noun and noun not in taken} | {normal(campaign.unit)}
