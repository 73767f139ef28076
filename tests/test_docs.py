"""What the README and the pages of docs/ say of commands, pictures and numbers is what there is."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest

from bot.actions.notices.deliver import LEASE
from bot.commands import diaodu
from bot.scheduling.workers import Workers

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
READMES = ("README.md", "README.zh-CN.md")
TARGET = re.compile(r"^([a-z-]+):(.*)$", re.MULTILINE)
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 10: "ten"}


def said(page: str) -> str:
    """A page on one line."""
    return " ".join((DOCS / page).read_text(encoding="utf-8").split())


def test_the_time_until_another_worker_takes_over_is_the_one_of_the_code() -> None:
    minutes = int(LEASE.total_seconds() / 60)
    assert f"until its lease ends ({WORDS[minutes]} minutes)" in said("workers.md")
    stalled = inspect.signature(Workers).parameters["stalled"].default
    assert f"taken up after {stalled:.0f} seconds" in said("workers.md")


@pytest.mark.parametrize("name", READMES)
def test_a_readme_begins_with_what_it_is_one_picture_and_two_commands(name: str) -> None:
    head = (ROOT / name).read_text(encoding="utf-8").partition("\n## ")[0]
    blocks = [block for block in head.split("\n\n") if block.strip()]
    assert blocks[0].startswith("# ")
    assert re.match(r"\w", blocks[1])
    assert re.fullmatch(r"!\[[^\]]+\]\(docs/pages/[\w-]+\.png\)", blocks[2])
    assert (
        len(re.findall(r"^make [a-z]+ ", blocks[3], re.MULTILINE)) == blocks[3].count("\n") - 1 == 2
    )


def test_every_target_of_the_makefile_is_told_by_make_help() -> None:
    for target, behind in TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")):
        assert " ## " in behind, target


def test_every_make_command_that_is_written_down_exists() -> None:
    targets = {
        target for target, _ in TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    }
    written = {}
    for path in [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        ROOT / "Makefile",
        ROOT / "pyproject.toml",
    ]:
        for target in re.findall(
            r"(?:`|^)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            written[target] = path.name
    assert written.keys() >= {"demo", "pages", "test", "help", "fix"}
    assert {target: page for target, page in written.items() if target not in targets} == {}


@pytest.mark.parametrize("page", ["commands.md", "commands.zh-CN.md"])
def test_the_pages_of_commands_name_every_command_and_no_other(page: str) -> None:
    named = set(re.findall(r"`diaodu ([a-z]+)", (DOCS / page).read_text(encoding="utf-8")))
    assert named == set(diaodu.commands)


def test_the_house_is_drawn_as_the_contracts_hold_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors, topics = (
        [re.findall(r"[\w.]+", layer) for layer in contract["layers"]]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
        and ("bot.app" in contract["layers"] or "(day)" in contract["layers"])
    )
    page = (DOCS / "house.md").read_text(encoding="utf-8")
    drawn = re.findall(r"^\| `(\w+)` \|", page.partition("## Topics")[2], re.MULTILINE)
    assert [*drawn[::-1], "engine"] == [name for (name,) in topics]
    rooms = [name.replace(".", "/") for floor in floors for name in floor]
    assert {room for room in rooms if f"`{room}" not in page} == set()
