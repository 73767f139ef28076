"""A deed that cannot be done as it was asked: one shape for all of them, told at the terminal and
on a page.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """What was asked for cannot be done. Its text says so at the terminal; `room`, `why` and
    `facts` find the Chinese of a page.

    The Chinese stands in `config/wording/refusals.toml`, in the table of the room.
    """

    room: ClassVar[str]

    def __init__(self, why: str, told: str, **facts: object) -> None:
        super().__init__(told)
        self.why = why
        self.facts = facts
