"""The templates of every notice: one file a kind, the first line its title, the rest its text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.figures import progress
from bot.domain.figures.progress import plain
from bot.domain.notices.notice import masked, phones_masked
from bot.domain.replies.reading import ReadingWording
from bot.domain.replies.reading.roles import TokenRole
from bot.domain.replies.reading.vocabulary import Vocabulary, WordList
from config.wording.kinds import name_of_kind, words_of_kinds
from config.wording.statements import chinese

if TYPE_CHECKING:
    from jinja2 import Environment

ROOM = Path(__file__).parent


@cache
def _environment() -> Environment:
    # Imported here: a process that only reads replies never needs it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(ROOM, encoding="utf-8"),
        undefined=StrictUndefined,
        # What is written is plain text; the channels neutralise markup, each in its own dialect.
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["chinese"] = chinese
    return environment


@cache
def _pages(folders: tuple[Path, ...]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folders, encoding="utf-8"),
        undefined=StrictUndefined,
        autoescape=True,  # what people write is data, on a page as in a chat (law 7)
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"plain": plain_or_dash, "percent": percent, "called": called}
    environment.filters |= {"masked": masked, "phones_masked": phones_masked, "chinese": chinese}
    return environment


@cache
def _phrases() -> Mapping[str, str]:
    with (ROOM / "phrases.toml").open("rb") as file:
        return {key: str(text) for key, text in tomllib.load(file).items()}


def notice(kind: NoticeKind, facts: Mapping[str, Any]) -> tuple[str, str]:
    """The title and the text of a notice of that kind; an unknown fact in a template is an error,
    never an empty place.
    """
    rendered = _environment().get_template(f"{kind}.txt.j2").render(facts)
    written = [line.rstrip() for line in rendered.splitlines() if line.strip()]
    return written[0], "\n".join(written[1:])


def phrase(key: str, **facts: object) -> str:
    """A short phrase of `phrases.toml` with its facts filled in; KeyError for a key or a fact that
    is not there.
    """
    return _phrases()[key].format(**facts)


def percent(rate: Fraction | None) -> str:
    """A rate as people read it, as `progress.percent` says it; that there is no task for None."""
    return phrase("no_task") if rate is None else progress.percent(rate)


def page(folders: tuple[Path, ...], name: str, facts: Mapping[str, Any]) -> str:
    """The template of that name, found in one of the folders, as HTML; everything in the facts is
    escaped, an unknown fact is an error.
    """
    return _pages(folders).get_template(name).render(facts)


def said(key: str, **facts: object) -> str:
    """A sentence a page says after a deed, of `said.toml`, with its facts filled in."""
    return str(_sentences("said")[key]).format(**facts)


def refusal(room: str, why: str, **facts: object) -> str:
    """Why something that a person asked for cannot be done, and what can: of `refusals.toml`, by
    the room that refused.

    A state, an outcome or a kind of decision among the facts is told in its Chinese. KeyError for a
    code or a fact not there.
    """
    told, vocabulary = _sentences("refusals"), _sentences("words")
    said = vocabulary["said"]
    words = {**told["words"], "state": vocabulary["delivery"], "decision": said, "word": said}
    known = {
        name: words.get(name, {}).get(str(fact), _as_people_write(fact))
        for name, fact in facts.items()
    }
    return str(told[room][why]).format(**known)


def called(room: str, key: str) -> str:
    """The one word for a kind of notice, a role, a state: of `words.toml`. KeyError for what has
    none but a kind of notice.
    """
    if room == "notice":
        return name_of_kind(key)
    return str(_sentences("words")[room][key])


def logged(kind: str, facts: Mapping[str, object]) -> str:
    """What somebody did, as the log tells it: of `log.toml`, by the kind of decision. KeyError for
    a kind it does not know.
    """
    sentences = _sentences("log")["sentences"]
    words = {
        **_sentences("log")["words"],
        **{name: _sentences("words")[name] for name in ("owed", "role")},
    }
    spelled = {
        name: words[name].get(str(fact), fact) if name in words else _as_people_write(fact)
        for name, fact in facts.items()
    }
    return str(sentences[kind]).format(**spelled)


def _as_people_write(fact: object) -> object:
    """A day as people write it; anything else as it is."""
    return (
        f"{fact.month}月{fact.day}日"
        if isinstance(fact, date) and not isinstance(fact, datetime)
        else fact
    )


def kind_of_log(kind: str) -> str:
    """The short name of a kind of decision, to choose it by."""
    return str(_sentences("log")["kinds"][kind])


@cache
def setup() -> Mapping[str, Any]:
    """What stands on the pages on which a campaign is set up: of `setup.toml`, of the keys of a
    file, of the notices.
    """
    words, keys, kinds = _sentences("setup"), _sentences("faults"), words_of_kinds()
    return {
        **words,
        "ticks": keys["ticks"],
        "hints": {
            **keys["hints"],
            **{f"hours.{kind}": told.hint for kind, told in kinds.items() if told.hint},
        },
        "happens": {**words["happens"], **{kind: told.happens for kind, told in kinds.items()}},
    }


def roster() -> Mapping[str, Any]:
    """What stands in the roster that clerks download, of `roster.toml`."""
    return _sentences("roster")


def plain_or_dash(value: Decimal | int | None) -> str:
    """A value as people read it; a dash for what was never told."""
    return "—" if value is None else plain(value)


@cache
def _sentences(name: str) -> Mapping[str, Any]:
    with (ROOM / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def reading() -> ReadingWording:
    """The questions and echoes of `reading.toml`, by key, with the words of `reading/` that replies
    are made of.
    """
    sentences = {key: str(text) for key, text in _sentences("reading").items()}
    lists = {
        name: WordList(
            role=TokenRole(given["role"]), means=given["means"], words=tuple(given["words"].split())
        )
        for room in ("kinds", "speech", "plain", "zero", "units")
        for name, given in _sentences(f"reading/{room}").items()
    }
    return ReadingWording(sentences, Vocabulary(lists))
