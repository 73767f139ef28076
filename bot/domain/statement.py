"""What the program says, before it is said in any language: a code and the facts of the case.

`config/wording/` has the sentences of each code. What a platform or a person wrote is no statement:
it is text, kept as it came and never translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """A thing said by the program. `facts` are named values; one may be a statement, or several
    words in a row.
    """

    code: str
    facts: tuple[tuple[str, Fact], ...] = ()


Words = Statement | str
"""The program's own words as a statement, or somebody else's as they came; "" for nothing."""

Fact = str | int | Statement | tuple[Words, ...]


def as_json(words: Fact) -> object:
    """The words as JSON has them: text and numbers as they are, a statement as `{"code": …,
    "facts": {…}}`.
    """
    if isinstance(words, Statement):
        return {"code": words.code, "facts": {name: as_json(fact) for name, fact in words.facts}}
    return [as_json(part) for part in words] if isinstance(words, tuple) else words


def from_json(kept: object) -> Words:
    """The words that `as_json` wrote. ValueError for what it cannot have written."""
    if isinstance(kept, str):
        return kept
    if (
        isinstance(kept, Mapping)
        and isinstance(kept.get("code"), str)
        and isinstance(kept.get("facts"), Mapping)
    ):
        return Statement(
            kept["code"], tuple((str(name), _fact(fact)) for name, fact in kept["facts"].items())
        )
    raise ValueError(f"{kept!r} is neither text nor a statement")


def _fact(kept: object) -> Fact:
    if isinstance(kept, list):
        return tuple(from_json(part) for part in kept)
    return kept if isinstance(kept, int) and not isinstance(kept, bool) else from_json(kept)
