"""The service that is killed: the real App with its real loops, its clock told by the tool that
kills it.

Run as a process it is a nursery: everything is imported once, and each line on standard input forks
a service of its own, which opens the ledger, enrols the campaign, catches up and serves, exactly as
`diaodu run` does after a cold start.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from bot import log
from bot.actions.replies.collect import collect
from bot.app import App, build_app, load_campaigns
from bot.channels.http import Http
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.replies.reading import Incoming
from config.settings import Settings
from jobs import JOBS
from tests.crash import drill
from tests.crash.groups import PATIENCE
from tests.crash.sabotage import SABOTAGES

SIDE_BY_SIDE = 6
"""As many as there are groups: nobody waits for another."""


class Loop(threading.Thread):
    """One of the service's loops: does its work anew for each moment it is told, and says when it
    is through with it.
    """

    def __init__(
        self, name: str, work: Callable[[datetime], object], through: Callable[[str, int], None]
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._through = through
        self._told = threading.Condition()
        self._moment: tuple[int, datetime] | None = None

    def tell(self, number: int, at: datetime) -> None:
        """It is now `at`, the moment of that number."""
        with self._told:
            self._moment = number, at
            self._told.notify()

    def run(self) -> None:
        while True:
            with self._told:
                while self._moment is None:
                    self._told.wait()
                (number, at), self._moment = self._moment, None
            try:
                self._work(at)
            except Exception:
                # As in `diaodu run`: it is logged, and the next look finds what is still due.
                log.failure(f"{self.name} failed")
            else:
                self._through(self.name, number)


def serve(play: dict[str, Any]) -> None:
    """Serves until the tool hangs up or kills. Tells it ("through", loop, moment), ("read", reply),
    and takes moments and replies.
    """
    line = Client(play["line"], family="AF_UNIX")
    speaking = threading.Lock()

    def say(*words: object) -> None:
        with speaking:
            line.send(words)

    say("here", os.getpid())
    _, number, at = line.recv()
    app = build_app(Settings.load(play["settings"], None), JOBS)
    (loaded,) = load_campaigns([play["campaign"]], JOBS)
    app.enrol(loaded, at)
    enrolled = app.campaigns[CampaignKey(drill.KEY)]
    if play["workers"]:
        carry(play, line, say, app)
        return
    app.tick(enrolled, at)
    say("through", "tick", number)
    loops = [
        Loop("tick", lambda at: app.tick(enrolled, at), partial(say, "through")),
        Loop("deliver", partial(deliver, app), partial(say, "through")),
    ]
    for loop in loops:
        loop.start()
    loops[1].tell(number, at)
    _listen(line, say, app, loops)


def _listen(line: Connection, say: Callable[..., None], app: App, loops: list[Loop]) -> None:
    enrolled = app.campaigns[CampaignKey(drill.KEY)]
    while True:
        match line.recv():
            case ("moment", int(number), datetime() as at):
                for loop in loops:
                    loop.tell(number, at)
            case ("reply", Incoming() as reply, datetime() as at):
                try:
                    collect(
                        app.store,
                        enrolled,
                        app.reading_wording,
                        channel="drill",
                        incoming=reply,
                        at=at,
                    )
                except Exception:
                    log.failure("collect failed")
                else:
                    say("read", reply.id)


def carry(play: dict[str, Any], line: Connection, say: Callable[..., None], app: App) -> None:
    """Serves as one of several workers: what each is asked to do comes out of the common queue, the
    moment out of a file.
    """
    from bot.scheduling.workers import Workers

    clock = Path(play["clock"])

    def looked(loop: str, work: Callable[[datetime], int]) -> int:
        told = clock.read_text(encoding="ascii").split()
        try:
            did = work(datetime.fromisoformat(told[1]))
        except Exception:
            log.failure(f"{loop} failed")
            return 0
        say("through", loop, int(told[0]))
        return did

    workers = Workers(
        play["settings"]["DATABASE_URL"],
        lambda: app.campaigns,
        lambda key: looked("tick", lambda at: app.tick(app.campaigns[key], at)),
        lambda: looked("deliver", app.deliver),
        # A dead one is missed after a second, and not after minutes of a day that takes a second.
        beat=0.25,
        stalled=1.0,
        shares=4,
    )

    async def listen() -> None:
        enrolled = app.campaigns[CampaignKey(drill.KEY)]
        await workers.ready.wait()
        while True:
            match await asyncio.to_thread(line.recv):
                case ("moment", *_):
                    await workers.tick()
                case ("reply", Incoming() as reply, datetime() as at):
                    await asyncio.to_thread(
                        collect,
                        app.store,
                        enrolled,
                        app.reading_wording,
                        channel="drill",
                        incoming=reply,
                        at=at,
                    )
                    say("read", reply.id)

    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(workers.serve(asyncio.Event()))
            tasks.create_task(listen())

    asyncio.run(both())


def deliver(app: App, at: datetime) -> None:
    """Carries what is due, as the deliverer of `diaodu run` does at each of its looks, robots side
    by side.
    """
    app.deliverer(lambda: at, threads=SIDE_BY_SIDE).carry_due()


def main() -> None:
    """The nursery: forks a service for each line that comes in and prints its number; ends when
    nobody asks any more.
    """
    play = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    # A platform that does not answer is given up sooner than in life, or the season would take a
    # season.
    (Http.__init__.__kwdefaults__ or {}).update(read=PATIENCE, whole=PATIENCE * 3)
    if play["sabotage"]:
        SABOTAGES[play["sabotage"]]()
    _import_all()
    while sys.stdin.readline():
        _bury()
        child = os.fork()
        if child == 0:
            os.close(0)
            log.start("ERROR")
            try:
                serve(play)
            except (EOFError, ConnectionError):
                os._exit(0)
            except BaseException:
                log.failure("service ended")
                os._exit(1)
        print(child, flush=True)


def _import_all() -> None:
    import alembic.command
    import procrastinate.worker
    import psycopg
    import sqlalchemy.dialects.postgresql.psycopg

    import bot.commands
    from bot.store import Store

    assert all(
        (
            alembic.command,
            procrastinate.worker,
            psycopg,
            sqlalchemy.dialects.postgresql.psycopg,
            bot.commands,
        )
    )
    store = Store("sqlite://")
    store.upgrade()
    store.close()


def _bury() -> None:
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
