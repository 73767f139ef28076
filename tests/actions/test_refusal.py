"""Every refusal that a deed can raise has its Chinese, with all its facts; found by walking the
room itself.
"""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import bot.actions
import bot.web
from bot.actions.day.correct import CorrectionRefused
from bot.actions.refusal import Refusal
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.notices.delivery import DeliveryState
from bot.domain.replies.reading import Outcome, chat
from config.wording import templates

ROOM = Path(bot.actions.__file__).parent
WRITTEN = tomllib.loads((templates.ROOM / "refusals.toml").read_text(encoding="utf-8"))
WORDS = WRITTEN.pop("words")
CALLED = tomllib.loads((templates.ROOM / "words.toml").read_text(encoding="utf-8"))


def raised() -> Iterator[tuple[str, str, set[str], str]]:
    """Of each `raise` of a refusal its table, its code, the names of its facts, and where it
    stands.
    """
    for path in sorted([*ROOM.rglob("*.py"), *Path(bot.web.__file__).parent.rglob("*.py")]):
        module = import_module(
            ".".join(("bot", *path.relative_to(ROOM.parent).with_suffix("").parts))
        )
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            kind = getattr(module, node.func.id, None)
            if not isinstance(kind, type) or not issubclass(kind, Refusal):
                continue
            first = node.args[0]
            facts = {word.arg for word in node.keywords if word.arg is not None}
            for code in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                assert isinstance(code, ast.Constant), (
                    f"{path.name}:{node.lineno}: the code must be written out"
                )
                yield kind.room, str(code.value), facts, f"{path.name}:{node.lineno}"


RAISED = list(raised())


def facts_named(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_the_room_is_walked() -> None:
    assert {room for room, *_ in RAISED} >= {"correct", "settle", "tie"}
    assert len(RAISED) > 30


@pytest.mark.parametrize(
    ("room", "code", "facts", "place"), RAISED, ids=[f"{r[0]}-{r[1]}-{r[3]}" for r in RAISED]
)
def test_a_refusal_is_told_in_chinese_with_its_facts(
    room: str, code: str, facts: set[str], place: str
) -> None:
    assert facts_named(WRITTEN[room][code]) <= facts, place
    told = templates.refusal(room, code, **dict.fromkeys(facts, "17"))
    assert re.search(r"[\u4e00-\u9fff]", told)
    assert "{" not in told
    assert told.endswith("。")


def test_no_sentence_is_kept_that_nothing_raises() -> None:
    written = {(room, code) for room, codes in WRITTEN.items() for code in codes}
    assert written == {(room, code) for room, code, *_ in RAISED} | set(said_by_pages()) | set(
        doubts()
    )


DOUBTS = {"chat": chat, "chat_doubt": chat}
"""Tables whose codes are not all refusals of a deed: what a paste or a table leaves in doubt is
told by the room that reads it.
"""


def doubts() -> Iterator[tuple[str, str]]:
    for room, module in DOUBTS.items():
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        known = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        yield from ((room, code) for code in WRITTEN[room] if code in known)


def said_by_pages() -> Iterator[tuple[str, str]]:
    """What a page refuses by itself: two passwords that differ, say."""
    for path in sorted(Path(bot.web.__file__).parent.rglob("*.py")):
        for room, code in re.findall(
            r'\brefusal\(\s*"(\w+)",\s*"(\w+)"', path.read_text(encoding="utf-8")
        ):
            assert WRITTEN[room][code]
            yield room, code


def test_states_outcomes_and_decisions_are_told_in_chinese() -> None:
    assert CALLED["delivery"].keys() == set(DeliveryState)
    assert WORDS["outcome"].keys() == set(Outcome)
    assert CALLED["said"].keys() >= {DecisionKind.REPLY_APPROVED, DecisionKind.REPLY_REFUSED}
    fault = CorrectionRefused(
        "decided",
        "陈 has decided on reply 17 already",
        person="陈",
        number=17,
        decision=DecisionKind.REPLY_APPROVED,
    )
    assert str(fault) == "陈 has decided on reply 17 already"
    assert (
        templates.refusal(fault.room, fault.why, **fault.facts)
        == "陈已处理第17号回复（已采纳），不必重复处理。"
    )
