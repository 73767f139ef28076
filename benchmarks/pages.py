"""The whole country in one database: how long a page takes on one core, and what it weighs, beside
an empty page of the framework.

usage: python -m benchmarks.pages [--campaigns N] [--days N] [--pages N]

2,844 campaigns of 38,602 townships with figures of every day so far, in SQLite, served as `diaodu
run` serves them by a process held to one core; a client on the other asks for pages of campaigns
drawn by chance, one after another. Each campaign is asked for twice: the first time nothing of it
is in memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

COUNTIES, TOWNSHIPS = 2_844, 38_602
START = date(2026, 10, 1)
PASSWORD = "stone-bridge-17"
KINDS = {
    "desk": "/c/{key}/desk",
    "board": "/c/{key}/board",
    "overdue": "/c/{key}/overdue",
    "empty": "/empty",
}


def content(number: int, townships: int, deadline: date) -> dict[str, Any]:
    """A county's campaign as the ledger keeps it."""
    return {
        "key": f"county-{number:04}",
        "title": f"第{number}县农村危房改造",
        "short_title": "危房改造",
        "area": "全县",
        "bureau": f"第{number}县住建局",
        "office": "农房办",
        "office_staff": [f"农房办-{number}"],
        "start": START.isoformat(),
        "deadline": deadline.isoformat(),
        "unit": "户",
        "cutoff": "17:00",
        "hours": {
            "call": "08:30",
            "remind": "16:00",
            "bulletin": "17:30",
            "overdue": "17:40",
            "digest": "08:00",
        },
        "stages": [
            {"key": "started", "name": "开工", "words": ["开工"]},
            {
                "key": "completed",
                "name": "竣工",
                "words": ["竣工", "完工"],
                "headline": True,
                "within": "started",
            },
        ],
        "townships": [
            {
                "name": f"乡镇{number}之{place}镇",
                "target": "60",
                "contacts": [{"name": f"联络员{place}", "nick": f"{number}-{place}-联络员"}],
            }
            for place in range(townships)
        ],
        "groups": [
            {
                "key": "all",
                "name": "工作群",
                "platform": "console",
                "audience": "townships",
                "notices": ["bulletin"],
            }
        ],
    }


def country(folder: Path, campaigns: int, days: int, at: datetime) -> None:
    """Writes the country's ledger: versions, replies, readings and figures of every township and
    day.
    """
    from sqlalchemy import insert

    from bot.actions.people import people
    from bot.domain.campaigns.campaign import CampaignKey
    from bot.domain.decisions.actor import Actor
    from bot.domain.people.roles import EVERY_CAMPAIGN, Role
    from bot.store import Store
    from bot.store.campaigns.tables import DbCampaignVersion
    from bot.store.day.tables import DbClosing
    from bot.store.figures.tables import DbFigure
    from bot.store.replies.tables import DbReading, DbReply
    from config.campaign_file.shape import CampaignFile

    store = Store(f"sqlite:///{folder / 'diaodu.sqlite3'}")
    store.upgrade()
    drawn = random.Random(20211015)
    reply = 0
    deadline = START + timedelta(days=days + 20)
    with store.writing() as session:
        people.add_person(
            session, login="chief", name="陈主任", password=PASSWORD, by=Actor(name="benchmark"), at=at, campaign=EVERY_CAMPAIGN,  # noqa: E501
            role=Role.CLERK,
        )  # fmt: skip
    for number in range(campaigns):
        size = TOWNSHIPS * (number + 1) // COUNTIES - TOWNSHIPS * number // COUNTIES
        file = CampaignFile.model_validate(content(number, size, deadline))
        text = json.dumps(
            file.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, indent=1
        )
        key = CampaignKey(file.key)
        began = datetime.combine(START, datetime.min.time(), ZoneInfo(file.timezone))
        replies, readings, figures, closings = [], [], [], []
        for offset in range(days):
            day = START + timedelta(days=offset)
            written = began + timedelta(days=offset, hours=15)
            for place, township in enumerate(file.townships):
                if drawn.random() < 0.05:
                    continue
                reply += 1
                value = min(60, offset * 2 + place % 3)
                replies.append(
                    {"id": reply, "campaign": key, "channel": "benchmark", "message_id": str(reply),
                     "sender": township.contacts[0].nick, "text": f"今日竣工2户，累计{value}户", "sent_at": written,
                     "arrived_at": written}
                )  # fmt: skip
                readings.append(
                    {"reply_id": reply, "version": 1, "reader_version": 1, "outcome": "accept", "day": day,
                     "late": False, "asked": "[]", "echo": f"已记：竣工累计{value}户", "answers": None, "read_at": written}  # noqa: E501
                )  # fmt: skip
                figures += [
                    {"campaign": key, "version": 1, "township": township.name, "day": day, "stage": stage,
                     "category": None, "value": Decimal(amount), "late": False, "recorded_at": written,
                     "supersedes": None, "reply_id": reply, "decision_id": None}
                    for stage, amount in (("started", min(60, value + 6)), ("completed", value))
                ]  # fmt: skip
            if offset < days - 1:
                end = began + timedelta(days=offset, hours=17, minutes=30)
                closings.append({"campaign": key, "day": day, "planned": end, "closed_at": end})
        with store.writing() as session:
            version = {
                "campaign": key,
                "version": 1,
                "digest": str(number),
                "content": text,
                "loaded_at": began,
            }
            session.execute(insert(DbCampaignVersion), [version])
            for table, rows in (
                (DbReply, replies),
                (DbReading, readings),
                (DbFigure, figures),
                (DbClosing, closings),
            ):
                if rows:
                    session.execute(insert(table), rows)
    store.close()


def serve(folder: Path, at: datetime, told: Connection, core: int) -> None:
    """The site with every campaign of the ledger, on one core; tells its port, then its time on
    request.
    """
    import gc
    import threading

    import uvicorn
    from sqlalchemy import Engine, event
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    from bot.app import build_app
    from bot.domain.campaigns.campaign import CampaignKey
    from bot.domain.campaigns.enrolled import Enrolled
    from bot.store.campaigns import versions
    from bot.web.pages import PAGES
    from bot.web.site import Site
    from config.campaign_file.loader import campaign_from_content
    from config.settings import Settings
    from jobs import JOBS

    os.sched_setaffinity(0, {core})
    app = build_app(Settings.load({"DATA_DIR": str(folder)}, None), JOBS)
    began = time.perf_counter()
    with app.store.reading() as session:
        for number in range(COUNTIES):
            key = f"county-{number:04}"
            if versions.latest_version(session, key) is None:
                break
            campaign = campaign_from_content(versions.version_content(session, key, 1), JOBS)
            app.campaigns[CampaignKey(key)] = Enrolled(campaign=campaign, version=1)
    loaded = time.perf_counter() - began
    empty = Route("/empty", lambda _: HTMLResponse("<!doctype html><title>empty</title>"))
    site = Site(app, PAGES, lambda: at, also=[empty])
    asked = [0]

    def count(*_: object) -> None:
        asked[0] += 1

    event.listen(Engine, "before_cursor_execute", count)
    gc.collect()
    gc.freeze()
    server = uvicorn.Server(
        uvicorn.Config(site.asgi, port=0, log_config=None, access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    told.send(
        (
            server.servers[0].sockets[0].getsockname()[1],
            loaded,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
    )
    while told.recv() != "stop":
        used = resource.getrusage(resource.RUSAGE_SELF)
        told.send((used.ru_utime + used.ru_stime, asked[0]))
    server.should_exit = True
    thread.join()


def ask(
    port: int, told: Connection, kind: str, keys: list[str], cookie: str
) -> Iterator[tuple[float, float, int, int]]:
    """Asks for one page of each campaign: seconds, CPU seconds of the server, queries, bytes on the
    wire.
    """
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", port)
    for key in keys:
        told.send("used?")
        cpu, queries = told.recv()
        began = time.perf_counter()
        line.request(
            "GET",
            KINDS[kind].format(key=key),
            headers={"Cookie": cookie, "Accept-Encoding": "identity"},
        )
        answer = line.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise SystemExit(f"{kind} of {key}: HTTP {answer.status} {body[:300]!r}")
        told.send("used?")
        cpu_after, queries_after = told.recv()
        yield took, cpu_after - cpu, queries_after - queries, len(body)


def main() -> None:
    """Writes the country, serves it, asks, and prints what it came to."""
    import http.client
    from urllib.parse import urlencode

    words = argparse.ArgumentParser()
    words.add_argument("--campaigns", type=int, default=COUNTIES)
    words.add_argument("--days", type=int, default=20)
    words.add_argument("--pages", type=int, default=200)
    said = words.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="diaodu-pages-"))
    at = datetime.combine(START, datetime.min.time(), ZoneInfo("Asia/Shanghai")) + timedelta(
        days=said.days - 1, hours=16
    )
    began = time.perf_counter()
    country(folder, said.campaigns, said.days, at)
    size = (folder / "diaodu.sqlite3").stat().st_size / 1e6
    print(
        f"{said.campaigns} campaigns, {said.days} days: {size:,.0f} MB written in {time.perf_counter() - began:.0f} s"
    )
    cores = sorted(os.sched_getaffinity(0))
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(folder, at, theirs, cores[0]), daemon=True)
    server.start()
    os.sched_setaffinity(0, {cores[-1]})
    port, loaded, memory = ours.recv()
    print(f"all campaigns in memory after {loaded:.1f} s, {memory:,.0f} MB")
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request(
        "POST", "/login", urlencode({"login": "chief", "password": PASSWORD}),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    answer = line.getresponse()
    cookie = answer.headers["set-cookie"].partition(";")[0]
    drawn = random.Random(1)
    keys = [f"county-{drawn.randrange(said.campaigns):04}" for _ in range(said.pages)]
    # a first request of a process pays for its imports
    list(ask(port, ours, "empty", keys[:20], cookie))
    base = 0.0
    print(
        f"{'':<16}{'median ms':>10}{'p99 ms':>8}{'CPU ms':>8}{'ratio':>7}{'queries':>10}{'KB':>7}"
    )
    for kind in ("empty", *(kind for kind in KINDS if kind != "empty")):
        list(ask(port, ours, kind, [f"county-{said.campaigns - 1:04}"], cookie))
        for which in ("", " again"):
            told = list(ask(port, ours, kind, keys, cookie))
            took = sorted(one[0] * 1000 for one in told)
            middle = statistics.median(took)
            base = base or middle
            queries = {one[2] for one in told}
            span = f"{min(queries)}" if len(queries) == 1 else f"{min(queries)}–{max(queries)}"
            cpu = statistics.mean(one[1] for one in told) * 1000
            weight = max(one[3] for one in told) / 1000
            last = took[min(len(took) - 1, len(took) * 99 // 100)]
            print(
                f"{kind + which:<16}{middle:>10.1f}{last:>8.1f}{cpu:>8.1f}{middle / base:>7.0f}{span:>10}{weight:>7.0f}"
            )
    ours.send("stop")
    server.join()


if __name__ == "__main__":
    main()
