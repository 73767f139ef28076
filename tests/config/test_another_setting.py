"""A new setting is its description and its words. Both are put into a copy, and the program is
walked through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

DESCRIPTION = (
    '    reply_days: Annotated[Count, Field(ge=1, le=30), OnForm(part="more"), LATER] = 7\n'
)
NAME = 'reply_days = "答复期限"\n'
HINT = 'reply_days = "督办后几天内答复"\n'


def put_after(path: Path, line: str, more: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(line) == 1, line
    path.write_text(text.replace(line, line + more), encoding="utf-8")


def test_a_setting_is_its_description_and_its_words(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("__pycache__")
    )
    (shape,) = tmp_path.glob("config/**/shape.py")
    words = tmp_path / "config" / "wording" / "faults.toml"
    due_soon = next(
        line
        for line in shape.read_text(encoding="utf-8").splitlines(True)
        if "due_soon_days:" in line
    )
    put_after(shape, due_soon, DESCRIPTION)
    put_after(words, "\n[places]\n", NAME)
    put_after(words, "\n[hints]\n", HINT)
    walked = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--import-mode=importlib"),
            *("-c", ROOT / "pyproject.toml", HERE / "walk_another_setting.py"),
        ],
        cwd=tmp_path,
        # The copy is found before the room it is a copy of; all else is the program's own.
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert "4 passed" in walked.stdout
