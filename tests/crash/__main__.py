"""The long form: `python -m tests.crash`, or `make crash`. Seasons of fifty kills until all have
fallen, on both databases.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import nullcontext
from functools import reduce
from operator import add
from pathlib import Path

from tests.conftest import own_postgres
from tests.crash.sabotage import SABOTAGES
from tests.crash.season import Season
from tests.crash.verdict import Verdict, judge

KILLS_OF_A_SEASON = 50
MOST_LOGGED = 20


def main() -> int:
    """Plays, prints a line for each season and the table for each database; not 0 if anything was
    found that may never be.
    """
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=1000, help="on each database")
    asked.add_argument("--seed", type=int, default=20211015)
    asked.add_argument(
        "--database", choices=("sqlite", "postgresql"), action="append", help="both if left out"
    )
    asked.add_argument("--services", type=int, default=1, help="how many processes serve at once")
    asked.add_argument(
        "--workers",
        action="store_true",
        help="they share their work by procrastinate (PostgreSQL alone)",
    )
    asked.add_argument(
        "--sabotage",
        choices=sorted(SABOTAGES),
        default="",
        help="a fault on purpose, to see it noticed",
    )
    given = asked.parse_args()
    found = 0
    for database in ["postgresql"] if given.workers else given.database or ["sqlite", "postgresql"]:
        began = time.monotonic()
        verdict = _played(given, database)
        print(
            f"\n{database}, {given.services} {'workers' if given.workers else 'at once'}, seed {given.seed}, {time.strftime('%Y-%m-%d')},"
            f" {time.monotonic() - began:,.0f} s\n\n{verdict.table()}\n",
            *verdict.told,
            *(f"logged: {line[:200]} ... {line[-400:]}" for line in verdict.logged[:MOST_LOGGED]),
            sep="\n",
            flush=True,
        )
        found += verdict.faults
    return 1 if found else 0


def _played(given: argparse.Namespace, database: str) -> Verdict:
    verdicts = []
    with own_postgres() if database == "postgresql" else nullcontext() as server:
        for number in range(-(-given.kills // KILLS_OF_A_SEASON)):
            kills = min(KILLS_OF_A_SEASON, given.kills - number * KILLS_OF_A_SEASON)
            with tempfile.TemporaryDirectory(prefix="diaodu-crash-") as place:
                folder = Path(place)
                address = server.empty() if server else f"sqlite:///{folder / 'ledger.sqlite3'}"
                seed = given.seed + number
                with Season(
                    folder,
                    address,
                    seed=seed,
                    kills=kills,
                    services=given.services,
                    workers=given.workers,
                    sabotage=given.sabotage,
                ) as season:
                    verdict = judge(season.play())
            print(
                f"{database} season {number + 1}, seed {seed}: {verdict.kills} kills, {verdict.faults} faults"
            )
            print(*(f"  {line}" for line in verdict.told), sep="\n", end="", flush=True)
            verdicts.append(verdict)
    return reduce(add, verdicts)


if __name__ == "__main__":
    sys.exit(main())
