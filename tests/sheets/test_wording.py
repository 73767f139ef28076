"""Every code of the room has a sentence in both languages, with the facts it is raised with; none
is kept that nothing raises.
"""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import bot.sheets
from config.wording import templates
from config.wording.faults import Sentence

ROOT = Path(bot.sheets.__file__).parents[2]
WRITTEN = tomllib.loads((templates.ROOM / "tables.toml").read_text(encoding="utf-8"))
FILE_RAISED, CELL_RAISED = {"Unreadable", "FileRefused"}, {"_doubt"}
OF_EVERY_CELL = {"place", "cell"}


def raised(names: set[str]) -> Iterator[tuple[str, set[str]]]:
    for path in (ROOT / "bot/sheets").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in names
            ):
                code = node.args[0]
                facts = {word.arg for word in node.keywords if word.arg}
                if isinstance(code, ast.IfExp):
                    codes = [code.body, code.orelse]
                else:
                    codes = [code]
                yield from (
                    (str(one.value), facts) for one in codes if isinstance(one, ast.Constant)
                )


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_code_of_a_file_has_its_sentence() -> None:
    codes = dict(raised(FILE_RAISED))
    assert len(codes) > 12
    assert codes.keys() == WRITTEN["file"].keys()
    for code, facts in raised(FILE_RAISED):
        for told in WRITTEN["file"][code].values():
            assert named(told) <= facts, code


def test_each_code_of_a_cell_has_its_sentence() -> None:
    said = (ROOT / "bot/actions/replies/spreadsheet.py").read_text(encoding="utf-8")
    for code, facts in raised(CELL_RAISED):
        for told in WRITTEN["cell"][code].values():
            assert named(told) <= facts | OF_EVERY_CELL, code
    for code in WRITTEN["cell"].keys() - dict(raised(CELL_RAISED)):
        assert f'"{code}"' in said or f'"cell.{code}"' in said, code


def test_each_sentence_is_said_in_both_languages_and_needed() -> None:
    program = "".join(
        path.read_text(encoding="utf-8")
        for floor in ("bot", "config")
        for path in (ROOT / floor).rglob("*.py")
    )
    passed = (ROOT / "bot/sheets/tables.py").read_text(encoding="utf-8")
    for room, codes in WRITTEN.items():
        for code, told in codes.items():
            assert set(told) == {"en", "zh"}, code
            assert named(told["en"]) == named(told["zh"]) or room == "file", code
            assert re.search("[一-鿿]", told["zh"]), code
            if room in {"row", "note"}:
                assert f'"{room}.{code}"' in program or f'= "{code}"' in passed, code
            facts = tuple((name, "17") for name in named(told["zh"]) | named(told["en"]))
            assert "{" not in Sentence(f"{room}.{code}", facts).chinese()
