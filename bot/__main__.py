"""The process begins: `diaodu COMMAND`, or `python -m bot COMMAND`."""

from __future__ import annotations

from bot.commands import diaodu


def main() -> None:
    """Runs the command named on the command line."""
    diaodu(prog_name="diaodu")


if __name__ == "__main__":
    main()
