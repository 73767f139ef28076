"""The process in which a file is parsed: it may run out of time or memory, and then it dies alone.

It reads the file from standard input, writes what stands in it as JSON to standard output, and
knows nothing else of the program. A fault is written the same way. Run by `reading.read_workbook`.
"""

from __future__ import annotations

import json
import sys

MOST_MEMORY = 700 * 1024 * 1024
"""Bytes of address space, the interpreter's own included."""
MOST_SECONDS = 10
"""Seconds of computing."""


def main() -> None:
    """Parses one file."""
    _limit()
    content = sys.stdin.buffer.read()
    from bot.sheets.formats.any import parse
    from bot.sheets.formats.raw import FileRefused

    try:
        told = parse(content)
    except FileRefused as refused:
        told = {"refused": refused.code, "facts": refused.facts}
    except (MemoryError, RecursionError):
        told = {"refused": "too_much", "facts": {}}
    sys.stdout.buffer.write(json.dumps(told).encode())
    sys.stdout.buffer.flush()


def _limit() -> None:
    """Where the system has limits, they are set; elsewhere the readers' own bounds and the parent's
    clock must do.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    for which, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(which)
        resource.setrlimit(
            which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
        )


if __name__ == "__main__":
    main()
