"""Where an option of a command helps, the terminal names it; nothing outside the commands knows of
options.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.actions.day.correct import CorrectionRefused
from bot.commands import refusals
from bot.commands.refusals import OPTIONS
from tests.actions.test_refusal import RAISED, facts_named

ROOT = Path(__file__).parents[2]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
READING = "bot/domain/replies/reading/"
"""The reader's room still names the options of `diaodu paste`."""


def said(tree: ast.AST) -> Iterator[str]:
    """Every text of a module but its docstrings."""
    notes = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value


def test_no_option_is_named_outside_the_commands() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for folder in ("bot", "jobs", "config")
        for path in (ROOT / folder).rglob("*.py")
        if not str(path.relative_to(ROOT)).startswith(("bot/commands/", READING))
        for text in said(ast.parse(path.read_text(encoding="utf-8")))
        if OPTION.search(text)
    }
    assert found == set()


@pytest.mark.parametrize(("room", "code"), OPTIONS)
def test_a_sentence_with_an_option_is_of_a_refusal_and_names_its_facts(
    room: str, code: str
) -> None:
    raised = [facts for of, why, facts, _ in RAISED if (of, why) == (room, code)]
    assert raised
    assert all(facts_named(OPTIONS[room, code]) <= facts for facts in raised)
    assert OPTION.search(OPTIONS[room, code])


def test_the_terminal_names_the_option_and_else_says_what_the_refusal_says() -> None:
    assert (
        refusals.told(CorrectionRefused("whose", "nobody has said"))
        == "say with --township whose figures these are"
    )
    assert (
        refusals.told(CorrectionRefused("clock", "the clock stands before"))
        == "the clock stands before"
    )
    fault = CorrectionRefused("uncertain", "not certain", doubts="number")
    assert (
        refusals.told(fault)
        == "the text is still not certain (number): say what stands with --value stage=N"
    )
    assert {
        name for _, name, _, _ in string.Formatter().parse(OPTIONS["correct", "which_day"]) if name
    } == {
        "first",
        "last",
    }
