"""What each kind of notice is called and what its hour does: the words at the head of its own text
file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class KindWords:
    """The words of a kind of notice: its name, what happens at the hour of its job, and the line
    beside that hour's field.
    """

    name: str
    happens: str = ""
    hint: str = ""


@cache
def words_of_kinds() -> Mapping[str, KindWords]:
    """The words of every text file that opens with some, by the kind it is named after.

    They are a Jinja comment in TOML, before anything that is printed. Raises ValueError naming the
    file whose words are none.
    """
    found = {}
    for path in sorted(HERE.glob("[a-z]*.txt.j2")):
        head = re.match(r"\{#(.*?)#\}", path.read_text(encoding="utf-8"), re.DOTALL)
        if head is not None:
            try:
                found[path.name.removesuffix(".txt.j2")] = KindWords(**tomllib.loads(head[1]))
            except (TypeError, tomllib.TOMLDecodeError) as error:
                raise ValueError(f"{path.name}: {error}") from None
    return found


def name_of_kind(kind: str) -> str:
    """What a kind of notice is called; one that only another version of the program knows, by its
    key.
    """
    known = words_of_kinds().get(kind)
    return kind if known is None else known.name
