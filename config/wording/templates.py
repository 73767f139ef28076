"""The templates of every notice: one file a kind, the first line its title, the rest its text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.campaign import NoticeKind

if TYPE_CHECKING:
    from jinja2 import Environment

ROOM = Path(__file__).parent


@cache
def _environment() -> Environment:
    # Imported here: a process that only reads replies never needs it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(ROOM, encoding="utf-8"),
        undefined=StrictUndefined,
        # What is written is plain text; the channels neutralise markup, each in its own dialect.
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


@cache
def _phrases() -> Mapping[str, str]:
    with (ROOM / "phrases.toml").open("rb") as file:
        return {key: str(text) for key, text in tomllib.load(file).items()}


def notice(kind: NoticeKind, facts: Mapping[str, Any]) -> tuple[str, str]:
    """The title and the text of a notice of that kind; an unknown fact in a template is an error, never an empty place."""
    rendered = _environment().get_template(f"{kind}.txt.j2").render(facts)
    written = [line.rstrip() for line in rendered.splitlines() if line.strip()]
    return written[0], "\n".join(written[1:])


def phrase(key: str, **facts: object) -> str:
    """A short phrase of `phrases.toml` with its facts filled in; KeyError for a key or a fact that is not there."""
    return _phrases()[key].format(**facts)


@cache
def _refusals() -> Mapping[str, Any]:
    with (ROOM / "refusals.toml").open("rb") as file:
        return tomllib.load(file)


def refusal(room: str, why: str, **facts: object) -> str:
    """Why a deed of that room of `bot/actions/` is refused, in Chinese; KeyError for a code or a fact that is not there."""
    told = _refusals()
    words: Mapping[str, Mapping[str, str]] = told["words"]
    said = {name: words.get(name, {}).get(str(fact), fact) for name, fact in facts.items()}
    return str(told[room][why]).format(**said)


@cache
def reading() -> Mapping[str, str]:
    """The questions and echoes of `reading.toml`, by key."""
    with (ROOM / "reading.toml").open("rb") as file:
        return {key: str(text) for key, text in tomllib.load(file).items()}
