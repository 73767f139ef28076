"""What a robot that hears is, whatever its platform: the settings it is opened from, and the opened
robot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.channels.inbound import Answerer, Callback, LongConnection

if TYPE_CHECKING:
    from bot.channels.http import Http


@dataclass(frozen=True, kw_only=True)
class HearingRobot:
    """One robot that hears: by a door for callbacks or by a long connection. `secret` seals the
    ways back it gives.
    """

    platform: str
    key: str
    answerer: Answerer
    callback: Callback | None = None
    connection: LongConnection | None = None
    secret: str = field(repr=False)

    @property
    def channel(self) -> str:
        """What its messages are known by in the ledger, together with their number."""
        return f"{self.platform}:{self.key}"


class RobotRefused(Exception):
    """A secret of a robot that cannot be one; the text says which setting and what it must be,
    never its value.
    """


@dataclass(frozen=True, kw_only=True)
class RobotSettings:
    """What the installation sets for one robot: `facts` by the last part of their names (ID,
    SECRET, TOKEN, …).
    """

    kind: str
    key: str
    facts: Mapping[str, str] = field(repr=False)

    def setting(self, name: str) -> str:
        """The whole name of one setting, as it stands in `.env`."""
        return f"{self.kind}_{self.key.upper()}_{name}"


@dataclass(frozen=True, kw_only=True)
class RobotKind:
    """A kind of robot: any one of `ways` is the settings it needs, `also` those it may have."""

    ways: Sequence[frozenset[str]]
    also: frozenset[str] = frozenset()
    open: Callable[[RobotSettings, Http], HearingRobot]
