"""What is made once in a run of the tests, however many processes run them, and copied by whoever
needs it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Once:
    """A folder that all processes of the run share."""

    folder: Path

    def made(self, name: str, make: Callable[[Path], None]) -> Path:
        """The folder of that name, filled by `make` if no process has done so before; the others
        wait for it meanwhile.
        """
        place = self.folder / name
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                # a try that fails half way is nobody's
                making = self.folder / f"{name}.{os.getpid()}"
                making.mkdir()
                make(making)
                making.rename(place)
        return place


def once_a_run(factory: pytest.TempPathFactory) -> Once:
    """What all processes of this run share: the folder above those of its workers, if it has
    any.
    """
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "once"
    folder.mkdir(exist_ok=True)
    return Once(folder)
