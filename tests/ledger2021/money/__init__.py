"""The money of the 2021 season as files of a bureau and its bank, with what they come to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOM = Path(__file__).parent


def golden(name: str) -> Any:
    """What one of the files of values holds."""
    return json.loads((ROOM / f"{name}.json").read_text(encoding="utf-8"))


def content(path: str) -> bytes:
    """The bytes of a file, by its path below this folder."""
    return (ROOM / path).read_bytes()
