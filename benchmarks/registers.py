"""A county of 2,000 households: what taking its files and showing its register cost, beside a bare
reading of the same file.

usage: python -m benchmarks.registers [--households N] [--files N]

A roster of so many households is taken into a fresh ledger, then weekly files that each change a
part of them, until the log has some 40,000 marks; then the page of the register is asked for.
Processor time is this process's own and its children's; the bare reading is python-calamine giving
the cells of the roster, and a dictionary of its rows compared with itself.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime.fromisoformat("2021-09-18T10:00:00+08:00")
HEADS = [
    "户编号",
    "乡镇",
    "村",
    "户主姓名",
    "身份证号",
    "家庭人口",
    "对象类别",
    "等级",
    "鉴定日期",
    "认定日期",
    "改造方式",
    "包户责任人",
    "责任书编号",
    "施工方式",
    "开工日期",
    "竣工日期",
    "验收日期",
    "补助标准(元)",
    "一卡通账号",
    "开户行",
]


def roster(households: int, townships: list[str], week: int) -> bytes:
    """The roster of a week: a tenth of the households go one stage further each week."""
    import xlsxwriter

    from bot.domain.registers.cells import check_digit

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADS)
        for number in range(households):
            first = f"999999{1930 + number // 800}{1 + number % 12:02}{1 + number % 28:02}{number % 1000:03}"
            done = [
                f"2021-{9 + stage}-{20 - stage}" if week * 3 > number % 10 + stage * 10 else ""
                for stage in range(3)
            ]
            page.write_row(
                number + 1,
                0,
                [
                    f"WG2021-{number // 999 + 1:02}-{number % 999 + 1:03}",
                    townships[number % len(townships)],
                    "一村",
                    f"刘{chr(0x4E00 + number)}",
                    first + check_digit(first),
                    3,
                    "低保户",
                    "C级",
                    "2021-06-10",
                    "2021-06-09",
                    "维修",
                    "周书记",
                    f"责{number}-{week}",
                    "自建",
                    *done,
                    7500,
                    f"99999900{number:08}",
                    "样例银行",
                ],
            )
    return written.getvalue()


def bare(content: bytes) -> None:
    """What any reader of the file pays: its cells, and its rows compared by their first column."""
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    held = {row[0]: row for row in rows}
    assert all(held[row[0]] == row for row in rows)


def processor() -> float:
    """Processor time so far, of this process and of its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed(what: Callable[[], Any]) -> tuple[float, float, Any]:
    """Processor and wall seconds of a call, and what it gave."""
    before, began = processor(), time.perf_counter()
    given = what()
    return processor() - before, time.perf_counter() - began, given


def resident() -> float:
    """Megabytes this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Plays it and prints a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--households", type=int, default=2_000)
    asked.add_argument("--files", type=int, default=4)
    given = asked.parse_args()

    from starlette.testclient import TestClient

    from bot.actions.people import people
    from bot.actions.registers.take import File, take_in
    from bot.app import build_app, load_campaigns
    from bot.domain.decisions.actor import Actor
    from bot.domain.people.roles import Role
    from bot.web.pages import PAGES
    from bot.web.site import Site
    from config.settings import Settings
    from jobs import JOBS

    with tempfile.TemporaryDirectory() as folder:
        app = build_app(Settings.load({"DATA_DIR": folder}, None), JOBS)
        (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
        enrolled = app.enrol(loaded, START)
        names = [str(township.name) for township in enrolled.campaign.townships]
        rest = resident()
        floor, _, _ = timed(lambda: bare(roster(given.households, names, 0)))
        print(f"{'':28}{'processor s':>12}{'wall s':>9}{'marks':>9}{'x bare':>8}")
        for week in range(given.files + 1):
            content, at = roster(given.households, names, week), START + timedelta(days=14 * week)

            def take(content: bytes = content, at: datetime = at, week: int = week) -> Any:
                file = File(name=f"{week}.xlsx", content=content)
                with app.store.writing() as session:
                    return take_in(
                        session,
                        enrolled,
                        "roster",
                        file,
                        by=Actor(name="陈"),
                        keys=app.sealing_keys,
                        at=at,
                    )

            used, wall, taken = timed(take)
            marks = len(taken.taken.marks)
            print(f"{f'roster, week {week}':28}{used:12.2f}{wall:9.2f}{marks:9}{used / floor:8.1f}")
        site = Site(app, PAGES, lambda: START + timedelta(days=80))
        with app.store.writing() as session:
            people.add_person(
                session,
                login="clerk",
                name="陈",
                password="stone-bridge-17",
                by=Actor(name="benchmark"),
                at=START,
                campaign=enrolled.campaign.key,
                role=Role.CLERK,
            )
        client = TestClient(site.asgi, base_url="http://diaodu.test", follow_redirects=False)
        client.post("/login", data={"login": "clerk", "password": "stone-bridge-17"})
        for what in ("cold", "warm", "warm again"):
            used, wall, answer = timed(lambda: client.get(f"/c/{enrolled.campaign.key}/cases"))
            assert answer.status_code == 200
            print(f"{f'page of the register, {what}':28}{used:12.3f}{wall:9.3f}")
        print(f"memory above rest: {resident() - rest:.0f} MB")
        app.close()


if __name__ == "__main__":
    main()
