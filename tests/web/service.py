"""The service as platforms reach it: uvicorn on loopback, its robots listening, one campaign on an
afternoon of its days.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.actions.campaigns.enrol import enrol
from bot.actions.people.tie import tie_chat, tie_sender
from bot.actions.replies.listen import Listening
from bot.app import App
from bot.channels import open_channels
from bot.channels.reconnecting import ReconnectingConnection
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.figures.progress import plain
from bot.store import Store
from bot.store.figures import figures
from bot.store.replies import replies
from bot.web import callbacks
from bot.web.callbacks import STORED_WITHIN as STORED_WITHIN
from bot.web.callbacks import RequestPace, callback_routes
from config.settings import Settings
from jobs import JOBS
from tests.builders import at, rural_housing_2021

PATIENCE = 60.0
"""Seconds after which what has not happened never will; nobody waits for them but a test that
fails.
"""

MOMENT = at("10-29 16:00")
"""Where the clock of the service stands, and that of the platforms that call it."""


def now() -> datetime:
    """The moment it is."""
    return MOMENT


@dataclass(frozen=True, kw_only=True)
class Service:
    """The running service."""

    app: App
    enrolled: Enrolled
    listening: Listening
    origin: str

    def ties(self, channel: str, chat: str, sender: str, nick: str = "稻溪镇-谢") -> None:
        """A person says what chat it is and who writes there."""
        with self.app.store.writing() as session:
            tie_chat(
                session,
                [self.enrolled],
                chat,
                "townships",
                by=Actor(name="李四"),
                channel=channel,
                at=now(),
            )
            tie_sender(
                session,
                [self.enrolled],
                sender,
                nick,
                by=Actor(name="李四"),
                channel=channel,
                at=now(),
            )

    def completed(self) -> str | None:
        """What 稻溪镇 has completed by what stands now."""
        with self.app.store.reading() as session:
            stands = figures.standing(
                session, self.enrolled.campaign.key, self.enrolled.campaign.deadline, now()
            )
        found = [
            value
            for (town, stage, _), value in stands.items()
            if (town, stage) == ("稻溪镇", "completed")
        ]
        return plain(found[0]) if found else None

    def replies(self) -> int:
        """How many messages became replies of the campaign."""
        with self.app.store.reading() as session:
            return len(replies.replies(session, self.enrolled.campaign.key))

    def until(self, true: Callable[[], Any]) -> None:
        """Waits for something to have happened."""
        ends = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < ends, "it did not happen"
            time.sleep(0.01)


@contextmanager
def serving(
    store: Store, folder: Path, settings: Mapping[str, str], pace: RequestPace | None = None
) -> Iterator[Service]:
    """The service with the robots of these settings; everything ended at the end."""
    channels = open_channels(hosts=[], console=io.StringIO(), folder=folder / "notices")
    app = App(
        settings=Settings.load(dict(settings), None), store=store, channels=channels, jobs=JOBS
    )
    campaign = rural_housing_2021()
    with store.writing() as session:
        enrolled = enrol(session, campaign, "now", now())
    app.campaigns[campaign.key] = enrolled
    listening = app.listening(now)
    for robot in listening.robots.values():
        if isinstance(robot.connection, ReconnectingConnection):
            # a lost line is taken up at once
            robot.connection._first_pause = robot.connection._longest_pause = 0.01
    site = Starlette(routes=callback_routes(listening, now, pace))
    server = uvicorn.Server(uvicorn.Config(site, log_config=None, access_log=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.MonkeyPatch.context() as patch:
        # no machine is too slow for these tests
        patch.setattr(callbacks, "STORED_WITHIN", PATIENCE)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        listening.start()
        try:
            yield Service(
                app=app,
                enrolled=enrolled,
                listening=listening,
                origin=f"http://127.0.0.1:{taken.getsockname()[1]}",
            )
        finally:
            server.should_exit = True
            thread.join()
            listening.stop()
