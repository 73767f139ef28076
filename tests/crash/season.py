"""Plays a season: moments pass, replies come in, platforms have their moods, services are killed
and started again.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection, wait
from pathlib import Path
from random import Random
from typing import Any

from bot.domain.replies.reading import Incoming
from tests.crash import drill
from tests.crash.groups import Groups

WAYS = ("clock", "clock", "asked", "appeared", "answered")
"""When a kill falls: at any moment; before a platform has a message; when the group has it and no
answer left; just after.
"""

PATIENT = 5.0
"""Seconds the tool waits for the services to be through with a moment before it goes on without
them.
"""

PATIENT_TOGETHER = 0.4
"""Among workers a job dies with whoever had it, and is taken up only after a while: nobody waits
for that.
"""

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Played:
    """What is to be judged: what the groups saw, which moments were looked at, which replies were
    taken.
    """

    groups: Groups
    kills: int
    days: int
    looks: list[tuple[datetime, bool]]
    """Moments at which some service may have looked for due hours, each with whether one was
    through with it.
    """
    replies: list[Incoming]
    """All that were acknowledged to the platform."""
    unheard: list[Incoming]
    """Those written and never acknowledged."""
    ended: datetime
    settings: dict[str, str]
    campaign: Path
    errors: list[str]


@dataclass
class Service:
    """One living service: its process, and its line once it has called."""

    pid: int
    line: Connection | None = None
    holding: Incoming | None = None
    waited_for: set[str] = field(default_factory=set)


class Season:
    """One season on one database. Use it as a context; `play` may be called once."""

    def __init__(
        self,
        folder: Path,
        database: str,
        *,
        seed: int,
        kills: int,
        services: int = 1,
        workers: bool = False,
        temper: float = 0.12,
        sabotage: str = "",
        entry: str = "tests.crash.service",
    ) -> None:
        self._chance = Random(seed)
        self._kills = kills
        self._killed = 0
        self._wanted = services
        self._together = workers
        self._clock = folder / "clock"
        self._now = drill.moment(drill.START, next(iter(drill.HOURS.values()))) - timedelta(
            minutes=5
        )
        self._number = 0
        self._looks: list[list[Any]] = []
        self._waiting: list[Incoming] = []
        self._taken: dict[str, Incoming] = {}
        self._services: list[Service] = []
        self._guard = threading.RLock()
        self._aim: tuple[str, float] | None = None
        self.groups = Groups(lambda: self._now, Random(seed + 1), temper)
        self.groups.asked = lambda: self._struck("asked")
        self.groups.appeared = lambda: self._struck("appeared")
        self.campaign = folder / "drill.toml"
        self.campaign.write_text(drill.campaign_file(), encoding="utf-8")
        self._call = socket.socket(socket.AF_UNIX)
        self._short = tempfile.TemporaryDirectory(prefix="dd")  # the path of a socket is short
        self._call.bind(f"{self._short.name}/line")
        self._call.listen(64)
        self.settings = {
            **self.groups.settings(),
            "DATA_DIR": str(folder),
            "DATABASE_URL": database,
            "CAMPAIGNS": str(self.campaign),
        }
        self._log = folder / "service.log"
        play = folder / "play.json"
        told = {
            "line": f"{self._short.name}/line",
            "settings": self.settings,
            "campaign": str(self.campaign),
        }
        others = {"sabotage": sabotage, "workers": workers, "clock": str(self._clock)}
        play.write_text(json.dumps({**told, **others}), encoding="utf-8")
        self._errors = self._log.open("a")
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", entry, str(play)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def __enter__(self) -> Season:
        self.groups.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for service in list(self._services):
            self._kill(service)
        self._nursery.communicate()
        self._errors.close()
        self._call.close()
        self._short.cleanup()
        self.groups.__exit__()

    def play(self) -> Played:
        """Plays day after day until all kills have fallen, then a day of peace in which everything
        may come to its end.
        """
        index = 0
        while self._killed < self._kills:
            index += 1
            self._day(index, self._kills)
        # Peace: the platforms are well and nobody is killed.
        self.groups.temper = 0.0
        self._aim = None
        while self._now < drill.moment(drill.day_of(index), drill.HOURS["overdue"]):
            index += 1
            self._day(index, self._kills)
        index += 1
        self._day(index, self._kills)
        for _ in range(40):
            self._pass_to(self._now + timedelta(minutes=5))
        # a busy machine is slow to hear; who never hears is found all the same
        for _ in range(400):
            if not self._unheard():
                break
            self._pass_to(self._now + timedelta(seconds=5))
        return Played(
            groups=self.groups,
            kills=self._killed,
            days=index,
            looks=[(at, through) for at, through in self._looks],
            replies=list(self._taken.values()),
            unheard=self._unheard(),
            ended=self._now,
            settings=self.settings,
            campaign=self.campaign,
            errors=[line for line in self._log.read_text(encoding="utf-8").splitlines() if line],
        )

    def _unheard(self) -> list[Incoming]:
        return [
            reply
            for reply in self._waiting
            if reply.id not in self._taken and reply.at <= self._now
        ]

    def _day(self, index: int, kills: int) -> None:
        self._waiting += drill.replies_of(index, self._chance)
        for at in drill.moments_of(index):
            if at > self._now:
                self._pass_to(at)
                if (
                    self._killed < kills
                    and self._aim is None
                    and len(self._services) == self._wanted
                ):
                    self._take_aim()

    def _take_aim(self) -> None:
        way = self._chance.choice(WAYS)
        if way == "clock":
            delay = (
                self._chance.uniform(0.0, 0.25)
                if self._chance.random() < 0.5
                else self._chance.expovariate(6.0)
            )
            self._aim = way, time.monotonic() + delay
        else:
            self._aim = way, self._chance.randint(1, 3)

    def _pass_to(self, at: datetime) -> None:
        """It becomes `at`, everybody is told, and whoever lives is waited for; who was killed in it
        comes back later.
        """
        self._now = at
        self._number += 1
        self._looks.append([at, False])
        if self._together:
            fresh = self._clock.with_suffix(".new")
            fresh.write_text(f"{self._number} {at.isoformat()}", encoding="ascii")
            fresh.replace(self._clock)
        with self._guard:
            for service in self._services:
                self._tell(service)
        missing = self._wanted - len(self._services)
        for _ in range(missing):
            self._start()
        if (
            missing
            and self._aim is None
            and self._killed < self._kills
            and self._chance.random() < 0.25
        ):
            # while it starts
            self._aim = "clock", time.monotonic() + self._chance.uniform(0.0, 0.12)
        self._hand_out()
        ends = time.monotonic() + (PATIENT_TOGETHER if self._together else PATIENT)
        while any(service.waited_for or service.holding for service in self._services):
            if (
                self._aim is not None
                and self._aim[0] == "clock"
                and time.monotonic() >= self._aim[1]
            ):
                self._strike()
            if time.monotonic() > ends:
                break
            self._hear(0.02 if self._aim is None or self._aim[0] != "clock" else 0.002)
        if missing == 0 and len(self._services) < self._wanted and not self._services:
            self._be_away()

    def _be_away(self) -> None:
        """How long the machine was down: mostly a moment, at times hours, seldom days."""
        luck = self._chance.random()
        if luck < 0.6:
            away = timedelta(seconds=self._chance.randrange(180))
        elif luck < 0.9:
            away = timedelta(minutes=self._chance.randrange(2, 100))
        elif luck < 0.97:
            away = timedelta(hours=self._chance.randrange(2, 12))
        else:
            away = timedelta(hours=self._chance.randrange(20, 60))
        self._now += away

    def _start(self) -> None:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write("one more\n")
        self._nursery.stdin.flush()
        line = self._nursery.stdout.readline()
        if not line:
            raise RuntimeError(
                f"no service could be started, see {self._log}:\n{self._log.read_text()[-2000:]}"
            )
        with self._guard:
            self._services.append(Service(pid=int(line), waited_for={"tick", "deliver"}))

    def _tell(self, service: Service) -> None:
        service.waited_for = {"tick", "deliver"}
        if service.line is not None:
            self._say(service, "moment", self._number, self._now)

    def _say(self, service: Service, *words: object) -> None:
        assert service.line is not None
        with suppress(OSError):  # it is just dying; its end is heard on the same line
            service.line.send(words)

    def _hand_out(self) -> None:
        """Each reply that has been written by now goes to some service, and again to another if it
        was not acknowledged.
        """
        for service in self._services:
            due = [reply for reply in self._waiting if reply.at <= self._now]
            if due and service.line is not None and service.holding is None:
                service.holding = due[0]
                self._waiting.remove(due[0])
                self._say(service, "reply", due[0], self._now)

    def _hear(self, seconds: float) -> None:
        lines = {service.line: service for service in self._services if service.line is not None}
        for heard in wait([self._call, *lines], timeout=seconds):
            if heard is self._call:
                self._welcome()
                continue
            assert isinstance(heard, Connection)
            service = lines[heard]
            try:
                words = heard.recv()
            except (EOFError, OSError):
                if service in self._services:
                    raise RuntimeError(
                        f"a service ended by itself:\n{self._log.read_text()[-3000:]}"
                    ) from None
                continue
            match words:
                case ("through", str(loop), int(number)):
                    if loop == "tick":
                        self._looks[number - 1][1] = True
                    if number == self._number:
                        # Workers share one queue: what one is through with, none of them is waited
                        # for.
                        for done in self._services if self._together else [service]:
                            done.waited_for.discard(loop)
                case ("read", str()):
                    self._acknowledge(service)

    def _welcome(self) -> None:
        line = Connection(self._call.accept()[0].detach())
        try:
            _, pid = line.recv()
        except (EOFError, OSError):
            return
        for service in self._services:
            if service.pid == pid:
                service.line = line
                self._tell(service)
                self._hand_out()

    def _acknowledge(self, service: Service) -> None:
        reply, service.holding = service.holding, None
        assert reply is not None
        if reply.id not in self._taken and self._chance.random() < 0.1:
            self._waiting.append(reply)  # a platform that missed our word says it again
        self._taken[reply.id] = reply
        self._hand_out()

    def _struck(self, way: str) -> None:
        """A request stands at this point; if the aim was for it, the shot falls now. Called by the
        threads of the server.
        """
        with self._guard:
            if self._aim is None or self._aim[0] not in (
                way,
                "answered" if way == "appeared" else way,
            ):
                return
            aim, left = self._aim
            if left > 1:
                self._aim = aim, left - 1
            elif aim == "answered":
                # The answer leaves first; then the outcome is being written, or is written, or is
                # not.
                self._aim = "clock", time.monotonic() + self._chance.uniform(0.0, 0.012)
            else:
                self._strike()

    def _strike(self) -> None:
        with self._guard:
            self._aim = None
            if self._services:
                self._killed += 1
                self._kill(self._chance.choice(self._services))

    def _kill(self, service: Service) -> None:
        with self._guard:
            os.kill(service.pid, signal.SIGKILL)
            self._services.remove(service)
            if service.holding is not None:
                self._waiting.insert(0, service.holding)
