"""Many threads write, one commit at a time: whoever comes first writes for all who wait, and the disk is asked once for them all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from bot.store.store import Store

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass
class _Waiting(Generic[Asked, Told]):
    asked: Asked
    told: list[Told] = field(default_factory=list)
    fault: Exception | None = None
    done: bool = False


class GroupCommit(Generic[Asked, Told]):
    """Writes what threads ask, in as few transactions as they leave time for; each returns when its own is committed.

    `write` is given everything that waits and answers each in its place: what it did, or an exception for that one alone.
    """

    def __init__(self, store: Store, write: Callable[[Session, Sequence[Asked]], Sequence[Told | Exception]]) -> None:
        self._store = store
        self._write = write
        self._waiting: list[_Waiting[Asked, Told]] = []
        self._queue = threading.Lock()
        self._writing = threading.Lock()

    def record(self, asked: Asked) -> Told:
        """What became of it, committed; raises the exception meant for it, or that of a transaction that failed whole."""
        mine: _Waiting[Asked, Told] = _Waiting(asked)
        with self._queue:
            self._waiting.append(mine)
        with self._writing:
            if not mine.done:
                self._write_all()
        if mine.fault is not None:
            raise mine.fault
        return mine.told[0]

    def _write_all(self) -> None:
        with self._queue:
            batch, self._waiting = self._waiting, []
        try:
            with self._store.writing() as session:
                told = self._write(session, [one.asked for one in batch])
        except Exception as fault:
            for one in batch:
                one.fault, one.done = fault, True
            return
        for one, answer in zip(batch, told, strict=True):
            if isinstance(answer, Exception):
                one.fault = answer
            else:
                one.told.append(answer)
            one.done = True
