"""What a delivery's log says in our own words has Chinese for the clerk: every sentence that the sources can write there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.mail.push import _EXAMPLE
from config.wording.templates import own_words

ROOT = Path(__file__).parent.parent.parent
WRITERS = [
    *sorted(ROOT.glob("bot/channels/*/push.py")),
    *(
        ROOT / name
        for name in (
            "bot/channels/courses.py",
            "bot/channels/feishu/app.py",
            "bot/channels/group_robot.py",
            "bot/channels/http.py",
            "bot/actions/notices/deliver.py",
            "bot/actions/notices/robots.py",
            "bot/domain/notices/delivery.py",
            "bot/store/notices/deliveries.py",
        )
    ),
]
NAMES = {"told", "detail", "_BAD_TOKEN"}
PIECED_TOGETHER = {
    "as 7; 7 7": ("as text; card or markup refused 40008", "as parts; too long as one 40058"),
    "card or markup refused": (),
    "too long as one": (),
}
"""What the sources put together from parts, by what this test finds of it."""


def filled(part: ast.expr) -> str:
    """A part of a sentence, 7 for a value in it but one that always is the same."""
    match part:
        case ast.Constant(value=text):
            return str(text)
        case ast.FormattedValue(value=ast.Name(id="_EXAMPLE")):
            return _EXAMPLE
    return "7"


def told(node: ast.expr) -> Iterator[str]:
    """The sentences an expression may be, with something for every value in them."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(map(filled, parts))
        case ast.IfExp(body=one, orelse=other):
            yield from (*told(one), *told(other))


def sentences(source: str) -> Iterator[str]:
    """What a source gives as the detail of an answer or a step: named so, kept under such a name, or returned for an address."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="_refused_address"), args=[given]):
                yield from told(given)
            case ast.keyword(arg="detail", value=given):
                yield from told(given)
            case ast.Assign(targets=[ast.Name(id=name)], value=given) if name in NAMES:
                yield from told(given)
            case ast.FunctionDef(name="_post" | "fault") as function:
                for line in ast.walk(function):
                    if isinstance(line, ast.Return) and line.value is not None:
                        yield from told(line.value)


FOUND = sorted(
    {
        text
        for path in WRITERS
        for found in sentences(path.read_text(encoding="utf-8"))
        for text in PIECED_TOGETHER.get(found, (found,))
        if re.search("[a-z]{2}", text)
    }
)


def test_the_sources_are_read_as_they_are_written() -> None:
    assert len(FOUND) > 40
    assert {"the lease ran out", "given up after 7 tries: 7", "as text; card or markup refused 40008"} <= set(FOUND)


@pytest.mark.parametrize("sentence", FOUND)
def test_every_sentence_of_ours_is_told_in_chinese(sentence: str) -> None:
    chinese = own_words(sentence)
    assert chinese != sentence
    assert not re.search("[a-z]{4} [a-z]", chinese)  # names of settings and addresses stay, sentences do not
