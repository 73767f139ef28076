"""What a platform said to one page of a notice, as the truth about it (law 5).

The detail of an answer is a statement where the words are ours, and text where they are the
platform's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.statement import Words


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """The platform's own code says it took the page."""

    detail: Words = ""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The platform said no for good. `robot_dead`: the robot itself is gone or blocked, so nothing
    else will pass either.
    """

    code: str
    detail: Words
    robot_dead: bool = False


@dataclass(frozen=True, kw_only=True)
class TryLater:
    """Certainly not taken, and worth another try after `after`. `hold_robot`: the whole robot must
    be silent that long.

    `at_most`: how often one page may be tried in all, where the platform says so.
    """

    code: str
    detail: Words
    after: timedelta
    hold_robot: bool = False
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True)
class NoAnswer:
    """The request left and no answer of the platform's own came back: perhaps taken, perhaps
    not.
    """

    detail: Words


Answer = Confirmed | Refused | TryLater | NoAnswer
