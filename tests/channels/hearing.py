"""What the tests of hearing share: an ear that remembers, a connection run by a thread, and what
nobody may ever read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.channels.inbound import ConnectionState, InboundMessage, LongConnection
from tests.platforms.loopback import PATIENCE


class Ear:
    """Stores every message once, known by its number, as the ledger does; refuses as often as it is
    told to.
    """

    def __init__(self) -> None:
        self.calls: list[InboundMessage] = []
        self.stored: dict[str, InboundMessage] = {}
        self.refusals = 0
        self.before: Callable[[], None] = lambda: None
        self._changed = threading.Condition()

    def __call__(self, said: InboundMessage) -> None:
        self.before()
        with self._changed:
            self.calls.append(said)
            self._changed.notify_all()
            if self.refusals:
                self.refusals -= 1
                raise OSError("the disk is full of secrets")
            self.stored.setdefault(said.message_id, said)

    def wait(self, calls: int) -> None:
        """Until so many messages came."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.calls) >= calls, PATIENCE), (
                "nothing more was heard"
            )


@contextmanager
def running(connection: LongConnection, ear: Ear) -> Iterator[threading.Thread]:
    """The connection at work; closed at the end, and its thread with it."""
    thread = threading.Thread(target=connection.run, args=(ear,))
    thread.start()
    try:
        yield thread
    finally:
        connection.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def ended(connection: LongConnection, ear: Ear, state: ConnectionState) -> str:
    """Runs the connection until it gives up by itself; what it says then."""
    with running(connection, ear) as thread:
        thread.join(PATIENCE)
        assert not thread.is_alive()
        health = connection.health()
    assert health.state is state
    return health.detail
