"""The groups: the strict platform server with a temper of its own, recording what each group saw
and when it saw it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from tests.crash import drill
from tests.platforms.server import Fault, Platforms, Robot, Seen, Trouble

PATIENCE = 0.3
"""Seconds the service waits for an answer in this play; a slow platform answers later than that."""

_UNANSWERED = (
    Trouble.CUT_AFTER,
    Trouble.SLOW,
    Trouble.ERROR_WITH_DONE,
    Trouble.TRUNCATED,
    Trouble.HTML,
)
_UNTAKEN = (Trouble.CUT_BEFORE, Trouble.SERVER_ERROR, Trouble.TOO_MANY, Trouble.AWAY)
_TOO_FAST: dict[str, Fault] = {
    "wecom": (45009, "api freq out of limit"),
    "dingtalk": (130101, "send too fast, exceed 20 times per minute"),
    "feishu": (11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"),
}
_BUSY: dict[str, Fault] = {
    "wecom": (-1, "system busy"),
    "dingtalk": (-1, "system busy"),
    "feishu": (2200, "internal"),
}


class Screen(list[Seen]):
    """What a group has on its screen; whoever waits for it is told the very moment a message
    appears, before it is answered.
    """

    def __init__(self, appeared: Callable[[], None]) -> None:
        super().__init__()
        self._appeared = appeared

    def append(self, seen: Seen, /) -> None:
        super().append(seen)
        self._appeared()


class Groups(Platforms):
    """The six robots of the drill. `temper` is the share of requests that meet some trouble."""

    def __init__(self, clock: Callable[[], datetime], chance: Random, temper: float) -> None:
        super().__init__(clock)
        self.temper = temper
        self.requests = 0
        self._chance = chance
        self._chance_lock = threading.Lock()
        self.asked: Callable[[], None] = lambda: None
        self.appeared: Callable[[], None] = lambda: None
        self.by_group = {
            group: self.robot(
                platform,
                f"robot-{group}",
                secret=None if platform == "wecom" else f"secret-{group}",
            )
            for group, (platform, _) in drill.GROUPS.items()
        }
        for robot in self.by_group.values():
            robot.seen = Screen(lambda: self.appeared())

    def settings(self) -> dict[str, str]:
        """The addresses and secrets of the robots, as an operator sets them."""
        given = {drill.address_setting(group): robot.url for group, robot in self.by_group.items()}
        given |= {
            drill.secret_setting(group): robot.secret or ""
            for group, robot in self.by_group.items()
        }
        return {**given, "PLATFORM_HOSTS": self.origin}

    def trouble_of(self, robot: Robot | None) -> Trouble | Fault | None:
        with self._chance_lock:
            self.requests += 1
            troubled = self._chance.random() < self.temper
            platform = robot.platform if robot else "wecom"
            met: Any = self._chance.choice(
                (*_UNANSWERED, *_UNTAKEN, _TOO_FAST[platform], _BUSY[platform])
            )
        self.asked()
        return met if troubled else None

    def wait(self) -> None:
        self._patience.wait(PATIENCE * 1.5)
