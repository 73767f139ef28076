"""Many threads write, one commit at a time: whoever comes first writes for all who wait, and the
disk is asked once for them all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from bot.store.engine.store import Store

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class GroupCommit(Generic[Asked, Told]):
    """Writes what threads ask, in as few transactions as they leave time for.

    `write` is given everything that waits and answers each in its place: what it did, or an
    exception for that one alone.
    """

    def __init__(
        self, store: Store, write: Callable[[Session, Sequence[Asked]], Sequence[Told | Exception]]
    ) -> None:
        self._store = store
        self._write = write
        self._waiting: list[_Waiting[Asked, Told]] = []
        self._queue = threading.Lock()
        self._writing = False

    def record(self, asked: Asked) -> Told:
        """What became of it, committed; raises the exception meant for it, or that of a transaction
        that failed whole.
        """
        return self._in_line([asked]).only_outcome()

    def record_all(self, asked: Sequence[Asked]) -> Sequence[Told | Exception]:
        """What became of each, all committed at once; raises the exception of a transaction that
        failed whole.
        """
        return self._in_line(asked).outcome()

    def _in_line(self, asked: Sequence[Asked]) -> _Waiting[Asked, Told]:
        mine: _Waiting[Asked, Told] = _Waiting(asked)
        mine.asleep.acquire()
        if not self._joined(mine):
            mine.asleep.acquire()
        if not mine.done:
            self._write_all()
        return mine

    def post(self, asked: Asked, then: Callable[[Callable[[], Told]], None]) -> None:
        """Leaves it to whoever writes next, and returns.

        When it is committed, or was not, `then` is given what `record` would have returned or
        raised, as a call.
        """
        with self._queue:
            self._waiting.append(_Waiting([asked], then))

    def write_waiting(self) -> None:
        """Returns when all that was left has been written, or was told why not."""
        self._in_line([])

    def _joined(self, mine: _Waiting[Asked, Told]) -> bool:
        """Stands in line; whether the next transaction is the caller's to write."""
        with self._queue:
            self._waiting.append(mine)
            idle, self._writing = not self._writing, True
        return idle

    def _write_all(self) -> None:
        """Writes for everybody who waits, and leaves the next transaction to the first who came
        meanwhile and has time.
        """
        following = None
        while following is None and self._writing:
            batch = self._written()
            with self._queue:
                following = next((one for one in self._waiting if one.then is None), None)
                goes_on = bool(self._waiting)
                self._writing = goes_on
            for one in batch:
                one.wake()
            if following is not None:
                following.asleep.release()
            if not goes_on:
                return

    def _written(self) -> list[_Waiting[Asked, Told]]:
        batch: list[_Waiting[Asked, Told]] = []
        try:
            with self._queue:
                batch, self._waiting = self._waiting, []
            with self._store.writing() as session:
                told = iter(self._write(session, [asked for one in batch for asked in one.asked]))
            for one in batch:
                one.told = [next(told) for _ in one.asked]
        except BaseException as fault:
            for one in batch:
                one.fault = fault
        return batch


@dataclass
class _Waiting(Generic[Asked, Told]):
    asked: Sequence[Asked]
    then: Callable[[Callable[[], Told]], None] | None = None
    told: Sequence[Told | Exception] | None = None
    fault: BaseException | None = None
    asleep: threading.Lock = field(default_factory=threading.Lock)

    @property
    def done(self) -> bool:
        return self.told is not None or self.fault is not None

    def outcome(self) -> Sequence[Told | Exception]:
        if self.told is None:
            raise self.fault or AssertionError("asked before it was written")
        return self.told

    def only_outcome(self) -> Told:
        (told,) = self.outcome()
        if isinstance(told, Exception):
            raise told
        return told

    def wake(self) -> None:
        if self.then is None:
            self.asleep.release()
        else:
            self.then(self.only_outcome)
