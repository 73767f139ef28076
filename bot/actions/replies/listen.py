"""Keeps the robots' ears open while the service runs: store, acknowledge, then read and answer (law
3).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot import log
from bot.actions.replies.hear import Campaigns, answer_next, read_heard, to_keep
from bot.channels.hearing import HearingRobot
from bot.channels.inbound import ConnectionHealth, InboundMessage
from bot.domain.replies.reading import ReadingWording
from bot.store import Store
from bot.store.replies.writer import HeardWriter, Stored

STORED_WITHIN = 10.0
"""Seconds a long connection waits for the disk before it counts a message as not taken."""

LOOK_EVERY = 1.0
STAND_BACK = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class Listening:
    """Everything that hears in this process: the writer, the reader, and for each robot its
    connection and its answers.

    One thread answers for one robot, so that a platform that is slow or away holds up no other (law
    6).
    """

    def __init__(
        self,
        store: Store,
        robots: Sequence[HearingRobot],
        campaigns: Campaigns,
        wording: ReadingWording,
        now: Callable[[], datetime],
    ) -> None:
        self.robots: Mapping[tuple[str, str], HearingRobot] = {
            (robot.platform, robot.key): robot for robot in robots
        }
        self._store = store
        self._campaigns = campaigns
        self._wording = wording
        self._now = now
        self._writer = HeardWriter(store)
        self._stopping = threading.Event()
        self._answer = {robot.channel: threading.Event() for robot in robots}
        self._threads = [threading.Thread(target=self._read, name="reader of what was heard")]
        for robot in robots:
            self._threads.append(
                threading.Thread(
                    target=self._answers, args=(robot,), name=f"answers {robot.channel}"
                )
            )
            if robot.connection is not None:
                self._threads.append(
                    threading.Thread(target=self._connect, args=(robot,), name=robot.channel)
                )

    def start(self) -> None:
        """Begins to hear; what an earlier process stored and did not settle is taken up first."""
        self._writer.start()
        self._writer.wake.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Closes the connections, ends what is under way and stores what was taken in."""
        self._stopping.set()
        for robot in self.robots.values():
            if robot.connection is not None:
                robot.connection.stop()
        self._writer.wake.set()
        for event in self._answer.values():
            event.set()
        for thread in self._threads:
            thread.join()
        self._writer.close()

    def take_in(self, robot: HearingRobot, said: InboundMessage) -> Stored:
        """Hands a message to the disk; whoever waits for the result may then say that it was taken.
        TooMuchWaits.
        """
        return self._writer.store(to_keep(robot, said, self._now()))

    def health(self) -> dict[str, ConnectionHealth]:
        """What every long connection is doing."""
        return {
            robot.channel: robot.connection.health()
            for robot in self.robots.values()
            if robot.connection is not None
        }

    def _connect(self, robot: HearingRobot) -> None:
        assert robot.connection is not None  # noqa: S101
        pause = FIRST_PAUSE
        with log.about(channel=robot.channel):
            while not self._stopping.is_set():
                try:
                    robot.connection.run(
                        lambda said: self.take_in(robot, said).result(STORED_WITHIN)
                    )
                    log.event("connection ended", state=robot.connection.health().state)
                    return
                except Exception:
                    # A fault of ours in one message must not make a robot deaf for good.
                    log.failure("connection failed")
                    self._stopping.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

    def _read(self) -> None:
        while not self._stopping.is_set():
            self._writer.wake.wait(LOOK_EVERY)
            self._writer.wake.clear()
            try:
                while not self._stopping.is_set():
                    self._writer.stand_back(STAND_BACK)
                    if not read_heard(self._store, self._campaigns, self._wording, self._now()):
                        break
                    for event in self._answer.values():
                        event.set()
            except Exception:
                log.failure("reading what was heard failed")
                self._stopping.wait(LOOK_EVERY)

    def _answers(self, robot: HearingRobot) -> None:
        due = self._answer[robot.channel]
        while not self._stopping.is_set():
            due.wait(LOOK_EVERY)
            due.clear()
            try:
                while not self._stopping.is_set() and answer_next(self._store, robot, self._now()):
                    pass
            except Exception:
                log.failure("answering failed", channel=robot.channel)
                self._stopping.wait(LOOK_EVERY)
