"""What is said of registers in Chinese: a sentence for every kind of finding."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.registers.doubts import CaseDoubt

FILE = "file_"


def finding(doubt: CaseDoubt) -> str:
    """A finding as one Chinese sentence, without its place."""
    told = _table()["findings"]
    if doubt.kind.startswith(FILE) and doubt.kind not in told:
        why = _table()["file"].get(doubt.kind.removeprefix(FILE), doubt.kind)
        return str(told["file"]).format(why=str(why).format_map(_facts(doubt)))
    key = doubt.kind
    if key not in told:
        key = (
            "gap" if key.startswith("gap_") else "not_stage" if key.startswith("not_") else "other"
        )
    return str(told[key]).format_map(_facts(doubt))


def finding_at(doubt: CaseDoubt) -> str:
    """A finding with its place in the file: 第7行“等级”：鉴定等级与改造方式不符，请核实."""
    put = _table()["put"]
    if doubt.row is None:
        return finding(doubt)
    place = put["at_row_column" if doubt.column else "at_row"].format(
        row=doubt.row, column=doubt.column
    )
    return str(put["line"]).format(place=place, sentence=finding(doubt))


def put_in(key: str, **facts: object) -> str:
    """A phrase of registers with its facts filled in."""
    return put(key).format(**facts)


def called(kind: str) -> str:
    """What a kind of doubt is called where it is chosen from."""
    names = _table()["called"]
    return str(names.get(kind, names["gap"] if kind.startswith("gap_") else kind))


def asked(why: str) -> str:
    """What is asked or answered of a message that names cases."""
    return str(_table()["chat"][why])


def echo(cases: Sequence[tuple[str, str]], day: date, stage: str) -> str:
    """The one line of answer to a message that names cases, each as (masked name, code)."""
    told = "、".join(
        str(_table()["chat"]["echo_case"]).format(shown=shown, code=code) for shown, code in cases
    )
    return str(_table()["chat"]["echo"]).format(
        cases=told, day=f"{day.month}月{day.day}日", stage=stage
    )


def echo_batch(batch: int, count: int, day: date, stage: str) -> str:
    """The one line of answer to a message that tells of a batch."""
    told = str(_table()["chat"]["echo_batch"])
    return told.format(batch=batch, count=count, day=f"{day.month}月{day.day}日", stage=stage)


def kinds() -> frozenset[str]:
    """The kinds of findings that have a sentence of their own."""
    return frozenset(_table()["findings"])


def put(key: str) -> str:
    """A word or phrase of registers by its key."""
    return str(_table()["put"][key])


def _facts(doubt: CaseDoubt) -> Mapping[str, str]:
    facts: dict[str, str] = defaultdict(str, {"kind": doubt.kind, **doubt.facts})
    if doubt.other_row is not None:
        facts["other_row"] = str(doubt.other_row)
        facts["other"] = _table()["put"]["other_row"].format(row=doubt.other_row)
    elif "other" not in facts:
        facts["other"] = "、".join(doubt.cases[1:])
    if "when" in facts:
        when = datetime.fromisoformat(facts["when"])
        facts["when"] = f"{when:%Y-%m-%d %H:%M}"
    return facts


@cache
def _table() -> Mapping[str, Any]:
    with (Path(__file__).parent / "registers.toml").open("rb") as file:
        return tomllib.load(file)
