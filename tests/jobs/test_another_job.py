"""A new job is two files: the job and its text. Both are put beside the others in a copy, and the
program is walked through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


def test_two_files_are_a_new_job_in_every_room(tmp_path: Path) -> None:
    for folder in ("jobs", "config"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(HERE / "another" / "brief.py", tmp_path / "jobs")
    shutil.copy(HERE / "another" / "brief.txt.j2", tmp_path / "config" / "wording")
    walked = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--import-mode=importlib"),
            *("-c", ROOT / "pyproject.toml", HERE / "walk_another_job.py"),
        ],
        cwd=tmp_path,
        # The copies are found before the rooms they are copies of; all else is the program's own.
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert "8 passed" in walked.stdout
