"""Replies read in a second on one core, and how many of them wrongly, beside what one would write
first.

usage: python -m benchmarks.reading [LABELLED.jsonl] [--rounds N]

Lines are those of `diaodu read` with `gold` = {"outcome", "figures"}. The alternatives know the
campaign's townships as we do and count from the same day; they differ in how they find the number.
`cn2an` turns Chinese numerals into numbers.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import cn2an

from bot.app import load_campaigns
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.workdays import is_late, open_day
from bot.domain.figures.progress import Cell
from bot.domain.replies.reading import Incoming, read
from bot.domain.replies.reading.exchange import incoming_from_json, reading_to_json
from config.wording import templates
from jobs import JOBS

LABELLED = Path(__file__).parent.parent / "tests/domain/replies/reading/labelled.jsonl"
ARABIC = re.compile(r"\d+")
ANY_NUMBER = re.compile(r"\d+|[零〇一二两三四五六七八九十廿百千万壹贰叁肆伍陆柒捌玖拾佰仟]+")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One labelled reply, laid out so that only the reading is timed."""

    incoming: Incoming
    before: dict[Cell, Decimal]
    today: dict[Cell, Decimal]
    day: date | None
    late: bool
    gold: dict[str, Any]


Answer = dict[str, Any]


def cases(campaign: Campaign, path: Path) -> list[Case]:
    """The labelled replies of a file."""
    found = []
    for line in map(json.loads, filter(str.strip, path.read_text(encoding="utf-8").splitlines())):
        incoming, before, today = incoming_from_json(campaign, line)
        day = open_day(campaign, sent_at=incoming.at, arrived_at=incoming.at, closings={})
        late = day is not None and is_late(campaign, day, incoming.at)
        found.append(
            Case(
                incoming=incoming, before=before, today=today, day=day, late=late, gold=line["gold"]
            )
        )
    return found


def ours(campaign: Campaign) -> Callable[[Case], Answer]:
    """The reader of this project, as `diaodu read` uses it."""
    wording = templates.reading()

    def reading_of(case: Case) -> Answer:
        reading = read(
            campaign,
            case.incoming,
            open_day=case.day,
            late=case.late,
            before=case.before,
            today=case.today,
            wording=wording,
        )
        return reading_to_json(case.incoming, reading)

    return reading_of


def taking(
    campaign: Campaign, number_of: Callable[[str], Decimal | None]
) -> Callable[[Case], Answer]:
    """A reader that takes the number found as the headline total of the township named, or else of
    the sender's own.
    """
    names = {name: town.name for town in campaign.townships for name in (town.name, *town.aliases)}
    town_name = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    nicks = {contact.nick: town.name for town in campaign.townships for contact in town.contacts}

    def reading_of(case: Case) -> Answer:
        text = case.incoming.text
        named = town_name.search(text)
        township = names[named.group()] if named else nicks.get(case.incoming.sender)
        value = number_of(text)
        if value is None:
            return {"outcome": "none", "figures": []}
        if township is None or case.day is None:
            return {"outcome": "ask", "figures": []}
        figure = {
            "township": township,
            "date": case.day.isoformat(),
            "stage": campaign.headline.key,
            "value": value,
        }
        return {"outcome": "accept", "figures": [figure]}

    return reading_of


def first_number(text: str) -> Decimal | None:
    """The first digits of the text."""
    found = ARABIC.search(text)
    return Decimal(found.group()) if found else None


def every_number(text: str) -> list[Decimal]:
    """Every number of the text, Chinese numerals by the library; what it refuses is no number."""
    numbers = []
    for found in ANY_NUMBER.findall(text):
        try:
            numbers.append(Decimal(str(cn2an.cn2an(found, "smart"))))
        except ValueError:
            continue
    return numbers


def last_number(text: str) -> Decimal | None:
    """The last number of the text: a total is often said at the end."""
    numbers = every_number(text)
    return numbers[-1] if numbers else None


def only_number(text: str) -> Decimal | None:
    """The number of a text that holds but one."""
    numbers = every_number(text)
    return numbers[0] if len(numbers) == 1 else None


def verdict(gold: Answer, got: Answer) -> str:
    """exact, asked (although clear), wrong (accepted what it should not, or another figure), or
    other.

    A total that merely follows from stated categories is not counted against a reading.
    """
    want = {_cell(figure): figure["value"] for figure in gold.get("figures", [])}
    have = {_cell(figure): figure["value"] for figure in got["figures"]}
    if got["outcome"] != "accept":
        if gold["outcome"] == got["outcome"]:
            return "exact"
        return "asked" if gold["outcome"] == "accept" and got["outcome"] == "ask" else "other"
    if gold["outcome"] != "accept":
        return "wrong"
    for cell, value in have.items():
        follows = cell[3] is None and any(cell[:3] == told[:3] for told in want)
        if want[cell] != value if cell in want else not follows:
            return "wrong"
    return "exact" if want.keys() <= have.keys() else "other"


def _cell(figure: Answer) -> tuple[str, str, str, str | None]:
    return (figure["township"], figure["date"], figure["stage"], figure.get("category"))


def seconds(reader: Callable[[Case], Answer], replies: Sequence[Case], rounds: int) -> float:
    """The processor's time for all replies in the best of so many rounds."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for case in replies:
            reader(case)
        best = min(best, time.process_time() - started)
    return best


def main(words: Sequence[str]) -> int:
    """Prints the table; exit status 1 if our reader accepted anything wrongly."""
    rest = list(words)
    rounds = int(rest.pop(rest.index("--rounds") + 1)) if "--rounds" in rest else 7
    path = Path(next((word for word in rest if not word.startswith("--")), LABELLED))
    (loaded,) = load_campaigns(["rural-housing-2021"], JOBS)
    campaign = loaded.campaign
    replies = cases(campaign, path)
    readers = {
        "diaodu": ours(campaign),
        "first number (regex)": taking(campaign, first_number),
        "last number (cn2an)": taking(campaign, last_number),
        "only number (cn2an)": taking(campaign, only_number),
    }
    print(f"{len(replies)} labelled replies of {path.name}, one core, best of {rounds} rounds")
    print(
        f"{'':22}{'replies/s':>10}{'ratio':>8}{'exact':>14}{'asked though clear':>20}{'wrongly accepted':>18}{'other':>7}"  # noqa: E501
    )
    speed: dict[str, float] = {}
    wrong = {}
    for name, reader in readers.items():
        counts = Counter(verdict(case.gold, reader(case)) for case in replies)
        speed[name] = len(replies) / seconds(reader, replies, rounds)
        wrong[name] = counts["wrong"]
        exact = f"{counts['exact']} ({counts['exact'] / len(replies):.1%})"
        print(
            f"{name:22}{speed[name]:>10,.0f}{speed[name] / speed['diaodu']:>8.1f}{exact:>14}"
            f"{counts['asked']:>20}{counts['wrong']:>18}{counts['other']:>7}"
        )
    return 1 if wrong["diaodu"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
