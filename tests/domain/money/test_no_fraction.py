"""Nothing in the rooms of money can hold a fraction of a fen: no float is written, made or divided
into being.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("bot/domain/money", "bot/store/money")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).glob("**/*.py"))
COUNTS_CASES = "obligations.py"
"""An obligation says how many cases are owed, in the figures' own type; it holds no money."""

FORBIDDEN_NAMES = frozenset({"float", "round", "Decimal", "Fraction", "complex"})
FORBIDDEN_MODULES = frozenset({"decimal", "fractions", "math", "statistics", "numpy"})


def fractions_in(source: str) -> list[str]:
    """Every place of a program at which a number might stop being whole."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"line {node.lineno}: {node.value}")
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            found.append(f"line {node.lineno}: {node.id}")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"line {node.lineno}: /")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
            )
            found += [
                f"line {node.lineno}: {name}"
                for name in names
                if name.split(".")[0] in FORBIDDEN_MODULES
            ]
    return found


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_no_fraction_is_in_the_rooms_of_money(path: Path) -> None:
    found = fractions_in(path.read_text(encoding="utf-8"))
    if path.name == COUNTS_CASES:
        found = [one for one in found if not one.endswith(("Decimal", "decimal"))]
        assert "amount" not in path.read_text(encoding="utf-8")
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "x = 1.0",
        "x = y / 2",
        "x /= 2",
        "x = float(y)",
        "from decimal import Decimal",
        "import math",
        "round(x)",
    ],
)
def test_each_way_to_a_fraction_is_found(source: str) -> None:
    assert fractions_in(source)


def test_the_rooms_are_there() -> None:
    assert FILES
