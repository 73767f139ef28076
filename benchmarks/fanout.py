"""2,000 notices to 2,000 robots that answer after 50 ms: how fast each sender is, what it costs,
and what it says of 100 refusals.

usage: python -m benchmarks.fanout [--robots N] [--refused N] [--rounds N]

A refusal is what the platforms send: HTTP 200 with an error number. Ours is the whole path: notices
and deliveries in SQLite (synchronous=FULL), claimed, each attempt committed before its request
leaves, the answer committed after. apprise's own WeCom service cannot be pointed at another host,
so its JSON service stands for it; both judge by the HTTP status. The server is a process of its
own, and so is each sender. Ours and the loop take turns, with 128 and with 192 threads; the middle
of the rounds is told. apprise, which makes a connection for each message, runs once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

ANSWERS_AFTER = 0.05
THREADS = (128, 192)
DONE = b'{"errcode":0,"errmsg":"ok"}'
REFUSED = b'{"errcode":40008,"errmsg":"invalid message type"}'


def serve(told: Connection, refused: int) -> None:
    """A platform on loopback: every request is answered after 50 ms; robots numbered below
    `refused` are refused.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                )
                await reader.readexactly(length)
                await asyncio.sleep(ANSWERS_AFTER)
                number = int(head.split(b"key=robot")[1].split(b" ")[0].split(b"&")[0])
                body = REFUSED if number < refused else DONE
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    % (len(body), body)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def ours(origin: str, robots: int, threads: int) -> Callable[[], int]:
    """The deliverer of this project on a ledger in a file; counts what it ended as not sent."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from bot.actions.campaigns.enrol import enrol
    from bot.app import build_app, load_campaigns
    from bot.domain.campaigns.campaign import Audience, Group, GroupKey, NoticeKind
    from bot.domain.notices.delivery import DeliveryState
    from bot.domain.notices.notice import Notice
    from bot.store.notices import deliveries, notices
    from bot.web.server import settle
    from config.settings import Settings
    from jobs import JOBS

    folder = Path(tempfile.mkdtemp(prefix="diaodu-fanout-"))
    addresses = {f"ROBOT_{n}": f"{origin}/cgi-bin/webhook/send?key=robot{n}" for n in range(robots)}
    settings = Settings.load(
        {"DATA_DIR": str(folder), "PLATFORM_HOSTS": origin, "LOG_LEVEL": "ERROR", **addresses}, None
    )
    app = build_app(settings, JOBS)
    (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
    groups = tuple(
        Group(
            key=GroupKey(f"g{n}"),
            name=f"g{n}",
            platform="wecom",
            audience=Audience.TOWNSHIPS,
            notices=frozenset({NoticeKind("bulletin")}),
            address_setting=f"ROBOT_{n}",
        )
        for n in range(robots)
    )
    campaign = replace(loaded.campaign, groups=groups)
    at = datetime.now(UTC)
    with app.store.writing() as session:
        app.campaigns[campaign.key] = enrol(session, campaign, "fanout", at)
        for n in range(robots):
            notice = Notice(
                campaign=campaign.key,
                version=1,
                kind=NoticeKind("bulletin"),
                day=at.date(),
                edition=n + 1,
                planned=at,
                made_at=at,
                title="调度通报",
                text="各乡镇：竣工193户",
                rule_version=1,
            )
            notices.add_notice(session, notice, [GroupKey(f"g{n}")], not_before=at)
    settle()  # as `diaodu run` does before it serves

    def send() -> int:
        app.deliverer(lambda: datetime.now(UTC), threads=threads).carry_due()
        with app.store.reading() as session:
            ends = deliveries.counts(session, campaign.key)
        if (
            sum(ends.values()) != robots
            or ends.get(DeliveryState.SENT, 0) + ends.get(DeliveryState.REFUSED, 0) != robots
        ):
            raise SystemExit(f"not everything came to an end: {ends}")
        return ends.get(DeliveryState.REFUSED, 0)

    return send


def with_requests(origin: str, robots: int, threads: int) -> Callable[[], int]:
    """A loop over threads with one session each, as one would write it first: an HTTP error is a
    failure.
    """
    import threading

    import requests

    local = threading.local()

    def one(n: int) -> bool:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        answer = local.session.post(
            f"{origin}/cgi-bin/webhook/send?key=robot{n}",
            json={"msgtype": "text", "text": {"content": "调度通报 各乡镇：竣工193户"}},
            timeout=10,
        )
        return bool(answer.ok)

    def send() -> int:
        with ThreadPoolExecutor(threads) as pool:
            return sum(not done for done in pool.map(one, range(robots)))

    return send


def with_apprise(origin: str, robots: int, threads: int) -> Callable[[], int]:
    """apprise with one service for each robot, over as many threads."""
    import apprise

    address = origin.removeprefix("http://")

    def one(n: int) -> bool:
        service = apprise.Apprise()
        service.add(f"json://{address}/cgi-bin/webhook/send?-key=robot{n}&key=robot{n}")
        return bool(service.notify(title="调度通报", body="各乡镇：竣工193户"))

    def send() -> int:
        with ThreadPoolExecutor(threads) as pool:
            return sum(not done for done in pool.map(one, range(robots)))

    return send


SENDERS = {"diaodu": ours, "requests in a loop": with_requests, "apprise": with_apprise}


def measure(sender: str, origin: str, robots: int, threads: int) -> None:
    """Sends once, in this process, and prints what it took as JSON: seconds, processor seconds, MB
    and refusals reported.
    """
    send = SENDERS[sender](origin, robots, threads)
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    reported = send()
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        json.dumps(
            {
                "speed": robots / took,
                "cpu": spent,
                "memory": after.ru_maxrss / 1024,
                "reported": reported,
            }
        )
    )


def in_a_process_of_its_own(
    sender: str, origin: str, robots: int, threads: int
) -> dict[str, float]:
    """What `measure` printed; SystemExit with its last words if it failed."""
    asked = [
        "--sender",
        sender,
        "--origin",
        origin,
        "--robots",
        str(robots),
        "--threads",
        str(threads),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fanout", *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{sender} failed: {done.stderr[-2000:]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Runs the server, then each sender in turn, and prints what they did."""
    words = argparse.ArgumentParser()
    words.add_argument("--robots", type=int, default=2000)
    words.add_argument("--refused", type=int, default=100)
    words.add_argument("--rounds", type=int, default=7)
    words.add_argument("--sender")
    words.add_argument("--origin")
    words.add_argument("--threads", type=int)
    said = words.parse_args()
    if said.sender:
        measure(said.sender, said.origin, said.robots, said.threads)
        return
    ours_end, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, said.refused), daemon=True)
    server.start()
    origin = f"http://127.0.0.1:{ours_end.recv()}"
    runs: dict[tuple[str, int], list[dict[str, float]]] = {}
    for turn in range(said.rounds):
        for threads in THREADS:
            for sender in SENDERS:
                if sender != "apprise" or (turn, threads) == (0, THREADS[0]):
                    run = in_a_process_of_its_own(sender, origin, said.robots, threads)
                    runs.setdefault((sender, threads), []).append(run)
    server.terminate()
    print(
        f"{said.robots} notices to {said.robots} robots, answered after {ANSWERS_AFTER * 1000:.0f} ms,"
        f" {said.refused} refused; the middle of {said.rounds} rounds"
    )
    print(
        f"{'':<20}{'threads':>8}{'messages/s':>11}{'ratio':>7}{'CPU s':>7}{'MB':>6}{'refusals reported':>19}"
    )
    middle = {
        of: {name: median(run[name] for run in found) for name in found[0]}
        for of, found in sorted(runs.items())
    }
    first = max(told["speed"] for (sender, _), told in middle.items() if sender == "diaodu")
    for (sender, threads), told in sorted(middle.items(), key=lambda one: -one[1]["speed"]):
        print(
            f"{sender:<20}{threads:>8}{told['speed']:>11,.0f}{told['speed'] / first:>7.2f}{told['cpu']:>7.1f}"
            f"{told['memory']:>6.0f}{told['reported']:>12.0f} of {said.refused}"
        )


if __name__ == "__main__":
    main()
