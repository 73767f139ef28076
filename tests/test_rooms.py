"""Each library is imported in one room, and the domain imports nothing but what is listed here."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = {
    "alembic": "bot/store",
    "apscheduler": "bot/scheduling",
    "chinese_calendar": "config",
    "click": "bot/commands",
    "cryptography": "bot/channels",
    "defusedxml": "bot/channels",
    "dotenv": "config",
    "jinja2": "config",
    "procrastinate": "bot/scheduling",
    "prometheus_client": "bot/web",
    "pydantic": "config",
    "python_calamine": "bot/sheets",
    "requests": "bot/channels",
    "sqlalchemy": "bot/store",
    "starlette": "bot/web",
    "uvicorn": "bot/web",
    "websockets": "bot/channels",
    "xlsxwriter": "config",
}

MAY_THE_DOMAIN_IMPORT = {
    "__future__",
    "bisect",
    "bot",
    "calendar",
    "collections",
    "contextlib",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "io",
    "itertools",
    "json",
    "math",
    "operator",
    "random",
    "re",
    "statistics",
    "string",
    "typing",
    "unicodedata",
    "zoneinfo",
}
"""Neither input and output, nor a clock, nor a library that is not Python's own."""


def test_the_domain_imports_what_it_may_and_nothing_else() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in ROOT.glob("bot/domain/**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.partition(".")[0] not in MAY_THE_DOMAIN_IMPORT
        or (name.startswith("bot.") and not name.startswith("bot.domain"))
    }
    assert not found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def test_each_library_is_imported_in_one_room() -> None:
    found = defaultdict(set)
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("jobs/*.py"), *ROOT.glob("config/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in _imported(node):
                library = name.partition(".")[0]
                if library in ROOMS:
                    parts = path.relative_to(ROOT).parts
                    found[library].add("/".join(parts[:2]) if parts[0] == "bot" else parts[0])
    assert {library: {room} for library, room in ROOMS.items()} == dict(found)


EXCEPTIONS = {"C901": 9, "PLR0912": 7, "PLR0913": 18}
"""How many functions may have more branches, or take more arguments, than `pyproject.toml` says.

These numbers only ever become smaller: a new function has no place here.
"""


def test_the_exceptions_to_the_bounds_of_a_function_only_become_fewer() -> None:
    marks = re.compile(r"# noqa:.*\b(C901|PLR0912|PLR0913)\b")
    codes = re.compile(r"C901|PLR0912|PLR0913")
    found = Counter(
        code
        for path in [
            *ROOT.glob("bot/**/*.py"),
            *ROOT.glob("jobs/*.py"),
            *ROOT.glob("config/**/*.py"),
        ]
        for line in path.read_text(encoding="utf-8").splitlines()
        if marks.search(line)
        for code in codes.findall(line)
    )
    assert dict(found) == EXCEPTIONS
