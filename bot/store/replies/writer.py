"""Stores what robots hear: one thread commits whatever waits in one transaction, for a commit costs
more than its rows.
"""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future

from bot.store.engine.store import Store, StoreUnreachable
from bot.store.replies.heard import NewHeard, add_heard

MOST_TOGETHER = 256
MOST_WAITING = 20_000
"""More than any burst; beyond it the database is away, and the platforms keep what they have."""

QUIET = 0.02
"""Seconds without a message after which a burst counts as over."""

Stored = Future[None]
"""Done when the message is on the disk; holds an exception when it is not and must not be said to
be.
"""


class TooMuchWaits(Exception):
    """The database takes nothing in, and no more is kept in memory for it."""


class HeardWriter:
    """The writer thread of a process. `store` may be called from any thread and returns at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.SimpleQueue[tuple[NewHeard, Stored] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="heard writer")
        self._last = 0.0  # when the last message was handed over
        self.wake: threading.Event = threading.Event()
        """Set whenever something new was stored; who reads it clears it."""

    def start(self) -> None:
        """Begins to store."""
        self._thread.start()

    def close(self) -> None:
        """Stores what still waits and ends."""
        self._queue.put(None)
        self._thread.join()

    def store(self, message: NewHeard) -> Stored:
        """Hands a message over. TooMuchWaits when the database has taken nothing in for long."""
        if self._queue.qsize() >= MOST_WAITING:
            raise TooMuchWaits
        stored: Stored = Future()
        self._last = time.monotonic()
        self._queue.put((message, stored))
        return stored

    def stand_back(self, most: float) -> None:
        """Waits while messages come in, at most so many seconds: a person's platform waits for the
        disk, nobody waits for us.

        Not only while one is being stored: between two of a burst whoever reads would take the disk
        and the processor.
        """
        ends = time.monotonic() + most
        while (at := time.monotonic()) < ends:
            quiet = self._last + QUIET - at
            if quiet <= 0 and self._queue.empty():
                return
            time.sleep(min(max(quiet, QUIET / 4), ends - at))

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            batch = [] if first is None else [first]
            ended = first is None
            while not ended and len(batch) < MOST_TOGETHER:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    ended = True
                else:
                    batch.append(following)
            if batch:
                self._keep(batch)
            if ended:
                return

    def _keep(self, batch: list[tuple[NewHeard, Stored]]) -> None:
        try:
            with self._store.writing() as session:
                add_heard(session, [message for message, _ in batch])
        except Exception as fault:
            if len(batch) == 1 or isinstance(fault, StoreUnreachable):
                for _, stored in batch:
                    _settle(stored, fault)
                return
            # One message the database cannot keep must not cost the others their commit.
            for one in batch:
                self._keep([one])
            return
        for _, stored in batch:
            _settle(stored, None)
        self.wake.set()


def _settle(stored: Stored, fault: Exception | None) -> None:
    if not stored.set_running_or_notify_cancel():
        return  # whoever waited has gone; the platform comes again and finds it known
    if fault is None:
        stored.set_result(None)
    else:
        stored.set_exception(fault)
