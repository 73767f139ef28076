"""What the code cites can be found: laws, rules of reading, decisions, and pages of docs/ down to
their headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.replies.reading.explain import RULES

ROOT = Path(__file__).parent.parent
HERE = Path(__file__)
FOLDERS = ("bot", "jobs", "config", "tests", "benchmarks", "docs")
SUFFIXES = {".py", ".toml", ".j2", ".mako", ".md", ".js", ".css"}
NUMBERS = r"(\d+(?:(?:, | and |, and | or |–|-)\d+)*)"
CITED = re.compile(rf"\b(law|rule|decision)s? {NUMBERS}", re.IGNORECASE)
SECTION = re.compile(
    r"^.*\b(?:design|contract|\w+\.md)\W+section \d.*$", re.IGNORECASE | re.MULTILINE
)
PAGE = re.compile(r"\bdocs/([\w/.-]+\.md)(?:#([\w-]+))?")
ROOM = re.compile(r"`((?:bot|jobs|config|tests|benchmarks|docs)/[\w/.<>*{}-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def sources() -> Iterator[Path]:
    """Every text of the project that may cite something, this test aside."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and path != HERE:
                yield path
    yield from sorted(ROOT.glob("*.md"))
    yield ROOT / "pyproject.toml"


def numbers(cited: str) -> set[int]:
    """The numbers of '2, 3 and 5' or '8–10'."""
    found = set()
    for part in re.split(r", and |, | and | or ", cited):
        first, _, last = re.sub("–", "-", part).partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def targets() -> dict[str, list[int]]:
    """The numbers that exist of each thing cited by number, in order."""
    docs = ROOT / "docs"
    laws = re.findall(
        r"^### (\d+)\. ", (docs / "laws.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    rules = re.findall(
        r"^(\d+)\. \*\*", (docs / "reading-rules.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    decisions = sorted(path.name[:3] for path in (docs / "decisions").glob("[0-9][0-9][0-9]-*.md"))
    return {
        kind: [int(n) for n in there]
        for kind, there in (("law", laws), ("rule", rules), ("decision", decisions))
    }


def test_every_law_rule_and_decision_that_is_cited_exists() -> None:
    there = targets()
    found = dict.fromkeys(there, 0)
    missing = []
    for path in sources():
        for match in CITED.finditer(path.read_text(encoding="utf-8")):
            kind = match[1].lower()
            found[kind] += 1
            missing += [
                f"{path.relative_to(ROOT)}: {match[0]}"
                for n in numbers(match[2])
                if n not in there[kind]
            ]
    assert missing == []
    assert all(found.values()), found


def test_each_number_is_given_once_and_none_is_left_out() -> None:
    for kind, there in targets().items():
        assert there == list(range(1, len(there) + 1)), kind


def test_the_rules_behind_the_doubts_exist() -> None:
    assert set(RULES) <= set(targets()["rule"])


def test_nothing_is_cited_by_the_number_of_a_section() -> None:
    """Sections have names; a number alone is lost as soon as one is put before it."""
    cited = {
        str(path.relative_to(ROOT)): SECTION.findall(path.read_text(encoding="utf-8"))
        for path in sources()
    }
    assert {path: lines for path, lines in cited.items() if lines} == {}


def test_every_page_of_the_documentation_that_is_named_exists_with_its_heading() -> None:
    named = [
        (path, *match)
        for path in sources()
        for match in PAGE.findall(path.read_text(encoding="utf-8"))
    ]
    assert named
    assert [found for found in named if not in_docs(found[1], found[2])] == []


def in_docs(name: str, anchor: str) -> bool:
    page = ROOT / "docs" / name
    return page.is_file() and (not anchor or anchor in anchors(page))


def test_every_link_of_a_page_leads_somewhere() -> None:
    broken = []
    for path in sources():
        if path.suffix != ".md":
            continue
        for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
            name, _, anchor = link.partition("#")
            target = path if not name else path.parent / name
            if "://" in link:
                continue
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{path.relative_to(ROOT)}: {link}")
    assert broken == []


def test_every_file_and_folder_that_the_documentation_names_exists() -> None:
    """`<name>` and `<topic>` stand for any; what a release changed is told by the names of its
    time.
    """
    gone = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        if path.name == "CHANGELOG.md":
            continue
        for room in ROOM.findall(path.read_text(encoding="utf-8")):
            if not any(ROOT.glob(re.sub(r"<\w+>", "*", room).rstrip("/"))):
                gone.append(f"{path.relative_to(ROOT)}: {room}")
    assert gone == []


def test_every_page_of_the_documentation_is_reached_from_the_readme() -> None:
    reached, coming = set(), [ROOT / "README.md", ROOT / "README.zh-CN.md"]
    while coming:
        page = coming.pop().resolve()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        links = LINK.findall(page.read_text(encoding="utf-8"))
        coming += [page.parent / link.partition("#")[0] for link in links if "://" not in link]
    pages = {page.resolve() for page in (ROOT / "docs").glob("*.md")}
    assert {page.name for page in pages - reached} == set()


@pytest.mark.parametrize(
    ("cited", "found"),
    [("5", {5}), ("3 and 5", {3, 5}), ("2, 3, 9 and 10", {2, 3, 9, 10}), ("8–10", {8, 9, 10})],
)
def test_numbers_are_read_in_every_form_they_are_cited_in(cited: str, found: set[int]) -> None:
    assert numbers(cited) == found
