"""A command as somebody types it: run in this process, with its words, its settings, its folder and
its moment.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.commands import diaodu as commands
from bot.commands import plain
from tests.builders import at

EVENING = at("10-29 19:00")
"""When the commands are typed: the cut-off of the season's fifteenth day is past, and the quiet
hours have not begun.
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended: its exit status, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def diaodu(
    folder: Path, *words: str, stdin: str | bytes = "", moment: datetime = EVENING, **settings: str
) -> Ended:
    """Runs `diaodu WORDS` in that folder. Whatever the command does not tell plainly is raised as
    it is.
    """
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch, _own_logging():
        patch.setattr(plain, "clock", lambda: moment)
        ended = CliRunner().invoke(
            commands, list(words), input=stdin, env=settings, prog_name="diaodu"
        )
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(returncode=ended.exit_code, stdout=ended.stdout, stderr=ended.stderr)


@contextlib.contextmanager
def _own_logging() -> Iterator[None]:
    """A command sends the log of the whole process where it likes; the tests have theirs back
    afterwards.
    """
    names = [None, *logging.root.manager.loggerDict]
    levels = {name: logging.getLogger(name).level for name in names}
    handlers = logging.root.handlers[:]
    logging.root.handlers.clear()
    try:
        yield
    finally:
        logging.root.handlers[:] = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
