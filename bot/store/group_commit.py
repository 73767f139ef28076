"""Many threads write, one commit at a time: whoever comes first writes for all who wait, and the disk is asked once for them all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from bot.store.store import Store

Asked = TypeVar("Asked")
Told = TypeVar("Told")

GATHER = 0.01
"""Seconds for which others may still join, where many ask: a transaction costs more than its rows."""


@dataclass
class _Waiting(Generic[Asked, Told]):
    asked: Asked
    told: list[Told] = field(default_factory=list)
    fault: BaseException | None = None
    asleep: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.asleep.acquire()


class GroupCommit(Generic[Asked, Told]):
    """Writes what threads ask, in as few transactions as they leave time for; each returns when its own is committed.

    `write` is given everything that waits and answers each in its place: what it did, or an exception for that one alone.
    """

    def __init__(self, store: Store, write: Callable[[Session, Sequence[Asked]], Sequence[Told | Exception]]) -> None:
        self._store = store
        self._write = write
        self._waiting: list[_Waiting[Asked, Told]] = []
        self._queue = threading.Lock()
        self._writing = False
        self._crowd = False

    def record(self, asked: Asked) -> Told:
        """What became of it, committed; raises the exception meant for it, or that of a transaction that failed whole."""
        mine: _Waiting[Asked, Told] = _Waiting(asked)
        with self._queue:
            self._waiting.append(mine)
            mine_to_write, self._writing = not self._writing, True
        if not mine_to_write:
            mine.asleep.acquire()
        if not mine.told and mine.fault is None:
            self._write_all()
        if mine.fault is not None:
            raise mine.fault
        return mine.told[0]

    def _write_all(self) -> None:
        """Writes for everybody who waits, wakes them, and leaves the next transaction to the first who came meanwhile."""
        batch: list[_Waiting[Asked, Told]] = []
        try:
            if self._crowd:
                time.sleep(GATHER)
            with self._queue:
                batch, self._waiting = self._waiting, []
            self._crowd = len(batch) > 1
            with self._store.writing() as session:
                told = self._write(session, [one.asked for one in batch])
            for one, answer in zip(batch, told, strict=True):
                if isinstance(answer, Exception):
                    one.fault = answer
                else:
                    one.told.append(answer)
        except BaseException as fault:
            for one in batch:
                one.fault = fault
        finally:
            with self._queue:
                following = self._waiting[:1]
                self._writing = bool(following)
            for one in (*batch, *following):
                one.asleep.release()
