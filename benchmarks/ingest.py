"""Durable replies a second through the door of the callbacks, beside a plain handler that commits
each request by itself.

usage: python -m benchmarks.ingest [--replies N] [--connections N] [--rounds N]

Both are Starlette on uvicorn in a process of their own, verify and open the same sealed WeCom
messages with the same code, and write the same rows with the same SQLAlchemy into a file of SQLite
(synchronous=FULL); both answer only when the row is committed. Ours is the whole service as `diaodu
run` starts it, which reads the replies meanwhile; the plain one only stores. The load is a third
process on loopback. A reply that was answered 200 and is not in the file afterwards is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TOKEN, AES_KEY = "xianban2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
FROM_ONE_SENDER = 40
DEADLINE = 5.0
"""Seconds WeCom waits for an answer."""


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def serve(kind: str, folder: Path) -> None:
    """Serves until standard input ends; the port goes to standard output."""
    from bot import log
    from bot.app import build_app, load_campaigns
    from bot.web.pages import PAGES
    from bot.web.server import settle
    from bot.web.site import Site
    from config.settings import Settings
    from jobs import JOBS

    settings = Settings.load(
        {
            "DATA_DIR": str(folder),
            "LOG_LEVEL": "ERROR",
            "WECOM_BOT_COUNTY_TOKEN": TOKEN,
            "WECOM_BOT_COUNTY_AES_KEY": AES_KEY,
            "WECOM_BOT_COUNTY_NAME": "进度助手",
        },
        None,
    )
    log.start(settings.log_level)
    app = build_app(settings, JOBS)
    for loaded in load_campaigns(["rural-housing-2021"], JOBS):
        app.enrol(loaded, now())
    listening = app.listening(now)
    if kind == "ours":
        from bot.web.callbacks import callback_routes

        listening.start()
        routes = callback_routes(listening, now)
        settle()
    else:
        routes = plain_routes(app, listening)
    _run(Site(app, PAGES if kind == "ours" else (), now, also=routes).asgi)
    if kind == "ours":
        listening.stop()
    app.close()


def plain_routes(app: Any, listening: Any) -> list[Any]:
    """The handler one would write first: verify, one transaction for this request in a thread of
    the pool, answer.
    """
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from bot.actions.replies.hear import to_keep
    from bot.channels.inbound import Call
    from bot.store.replies.heard import add_heard

    robot = listening.robots["wecom", "county"]

    def keep(said: Any) -> None:
        with app.store.writing() as session:
            add_heard(session, [to_keep(robot, said, now())])

    async def callback(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(
            method="POST",
            headers=headers,
            query=dict(request.query_params),
            body=await request.body(),
        )
        reply, said = robot.callback.take(call, at=now())
        if said is not None:
            await run_in_threadpool(keep, said)
        return Response(
            reply.body, status_code=reply.status, headers={"Content-Type": reply.content_type}
        )

    return [Route("/callback/wecom/county", callback, methods=["POST"])]


def _run(site: Any) -> None:
    import socket
    import threading

    import uvicorn

    server = uvicorn.Server(uvicorn.Config(site, log_config=None, access_log=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as taken:
        print(taken.getsockname()[1], flush=True)

        def until_told() -> None:
            sys.stdin.read()
            server.should_exit = True

        threading.Thread(target=until_told, daemon=True).start()
        server.run(sockets=[taken])


def load(port: int, replies: int, connections: int) -> None:
    """Sends so many sealed replies over so many kept connections; statuses and seconds go to
    standard output as JSON.
    """
    from bot.channels.wecom.cipher import Seal

    seal = Seal(TOKEN, AES_KEY, "")
    requests = []
    for number in range(replies):
        message = {
            "msgid": f"m{number}",
            "chatid": "wr1",
            "chattype": "group",
            "from": {"userid": f"wm-{number // FROM_ONE_SENDER}"},
            "response_url": f"https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=c{number}",
            "msgtype": "text",
            "text": {"content": f"@进度助手 累计开工25户，累计竣工{number % 26}户"},
        }
        encrypt = seal.seal(json.dumps(message, ensure_ascii=False).encode())
        timestamp, nonce = str(int(time.time())), f"n{number}"
        query = urlencode(
            {
                "msg_signature": seal.signature(timestamp, nonce, encrypt),
                "timestamp": timestamp,
                "nonce": nonce,
            }
        )
        body = json.dumps({"encrypt": encrypt}).encode()
        head = f"POST /callback/wecom/county?{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        requests.append((number, head.encode() + body))
    requests.reverse()
    told: dict[int, tuple[int, float]] = {}

    async def line() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while requests:
            number, request = requests.pop()
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(part.split(b":")[1])
                    for part in head.split(b"\r\n")
                    if part.lower().startswith(b"content-length")
                ),
                0,
            )
            await reader.readexactly(length)
            told[number] = (int(head.split(b" ", 2)[1]), time.perf_counter() - began)
        writer.close()

    async def all_lines() -> float:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(line())
        return time.perf_counter() - began

    took = asyncio.run(all_lines())
    print(
        json.dumps(
            {"took": took, "told": {f"m{number}": answer for number, answer in told.items()}}
        )
    )


def measured(kind: str, replies: int, connections: int) -> dict[str, float]:
    """One round of one handler on a fresh file."""
    with tempfile.TemporaryDirectory(prefix="diaodu-ingest-") as name:
        folder = Path(name)
        script = [sys.executable, "-m", "benchmarks.ingest"]
        server = subprocess.Popen(
            [*script, "--serve", kind, "--folder", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        sent = subprocess.run(
            [*script, "--load", port, "--replies", str(replies), "--connections", str(connections)],
            capture_output=True,
            text=True,
            check=False,
        )
        server.communicate()
        if sent.returncode:
            raise SystemExit(f"the load on {kind} failed: {sent.stderr[-2000:]}")
        said = json.loads(sent.stdout)
        (file,) = folder.rglob("*.sqlite3")
        with sqlite3.connect(file) as database:
            kept = {row[0] for row in database.execute("SELECT message_id FROM heard")}
        database.close()
    taken = {number for number, (status, _) in said["told"].items() if status == 200}
    seconds = sorted(took for _, took in said["told"].values())
    return {
        "speed": len(taken & kept) / said["took"],
        "p50": statistics.median(seconds) * 1000,
        "p99": seconds[len(seconds) * 99 // 100] * 1000,
        "lost": len(taken - kept),
        "refused": replies - len(taken),
        "late": sum(took > DEADLINE for took in seconds),
    }


def main() -> None:
    """Runs the two handlers in turn, so many rounds, and prints the median round of each and their
    ratio.
    """
    words = argparse.ArgumentParser()
    words.add_argument("--replies", type=int, default=3000)
    words.add_argument("--connections", type=int, default=64)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--serve", choices=["ours", "plain"])
    words.add_argument("--folder", type=Path)
    words.add_argument("--load", type=int)
    said = words.parse_args()
    if said.serve:
        serve(said.serve, said.folder)
        return
    if said.load:
        load(said.load, said.replies, said.connections)
        return
    print(
        f"{said.replies} sealed replies over {said.connections} connections, {said.rounds} rounds each, the median round"  # noqa: E501
    )
    print(
        f"{'':<24}{'replies/s':>10}{'ratio':>7}{'p50 ms':>9}{'p99 ms':>9}{'over 5 s':>9}{'refused':>9}{'lost':>6}"
    )
    rounds: dict[str, list[dict[str, float]]] = {"plain": [], "ours": []}
    for _ in range(said.rounds):
        for kind, done in rounds.items():
            done.append(measured(kind, said.replies, said.connections))
    slow = 0.0
    for kind, name in (("plain", "one commit a request"), ("ours", "diaodu")):
        one = sorted(rounds[kind], key=lambda found: found["speed"])[said.rounds // 2]
        slow = slow or one["speed"]
        lost, late, refused = (
            sum(found[what] for found in rounds[kind]) for what in ("lost", "late", "refused")
        )
        print(
            f"{name:<24}{one['speed']:>10,.0f}{one['speed'] / slow:>7.2f}{one['p50']:>9.1f}{one['p99']:>9.1f}"
            f"{late:>9.0f}{refused:>9.0f}{lost:>6.0f}"
        )


if __name__ == "__main__":
    main()
