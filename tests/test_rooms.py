"""Each library is imported in one room, and the campaigns that come with the program run with no code changed."""

from __future__ import annotations

import ast
from collections import defaultdict
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
    "python_calamine": "config",
    "requests": "bot/channels",
    "sqlalchemy": "bot/store",
    "starlette": "bot/web",
    "uvicorn": "bot/web",
    "websockets": "bot/channels",
    "xlsxwriter": "config",
}


def test_each_library_is_imported_in_one_room() -> None:
    found = defaultdict(set)
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("jobs/*.py"), *ROOT.glob("config/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                library = name.partition(".")[0]
                if library in ROOMS:
                    parts = path.relative_to(ROOT).parts
                    found[library].add("/".join(parts[:2]) if parts[0] == "bot" else parts[0])
    assert {library: {room} for library, room in ROOMS.items()} == dict(found)
