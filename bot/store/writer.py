"""Stores what robots hear: one thread commits whatever waits in one transaction, for a commit costs more than its rows."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future

from bot.store.heard import NewHeard, add_heard
from bot.store.store import Store, StoreUnreachable

MOST_TOGETHER = 256
MOST_WAITING = 20_000
"""More than any burst; beyond it the database is away, and the platforms keep what they have."""

Stored = Future[None]
"""Done when the message is on the disk; holds an exception when it is not and must not be said to be."""


class TooMuchWaits(Exception):
    """The database takes nothing in, and no more is kept in memory for it."""


class HeardWriter:
    """The writer thread of a process. `store` may be called from any thread and returns at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.Queue[tuple[NewHeard, Stored] | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="heard writer")
        self._idle = threading.Event()
        self._idle.set()
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
        stored: Stored = Future()
        try:
            self._queue.put_nowait((message, stored))
        except queue.Full:
            raise TooMuchWaits from None
        self._idle.clear()
        return stored

    def stand_back(self, most: float) -> None:
        """Waits while messages are being stored, at most so many seconds: a person's platform waits for that, nobody for us."""
        self._idle.wait(most)

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
            if self._queue.empty():
                self._idle.set()
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
