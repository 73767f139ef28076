"""What is said of money in Chinese: a sentence for every kind of doubt, a word for every state and
pot.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind
from config.banks import FormFault

_UNREADABLE = "file_"


def finding(doubt: CaseDoubt) -> str:
    """A doubt as one Chinese sentence, without its place."""
    told, key = _table()["findings"], str(doubt.kind)
    if key not in told and key.startswith(_UNREADABLE):
        why = _table()["file"]
        return str(why.get(key.removeprefix(_UNREADABLE), why["other"])).format_map(_facts(doubt))
    if key == MoneyDoubtKind.FILE_AGAIN and "when" not in doubt.facts:
        key = "file_again_rows"
    elif key == MoneyDoubtKind.BATCH_DIFFERS and "batch" not in doubt.facts:
        key = "batch_differs_none"
    elif key == MoneyDoubtKind.LINE_MISSING and "lines" in doubt.facts:
        key = "line_missing_many"
    return str(told[key]).format_map(_facts(doubt))


def finding_at(doubt: CaseDoubt) -> str:
    """A doubt with its place in the file: 第15行“金额”：金额是…."""
    if doubt.row is None:
        return finding(doubt)
    put = _table()["put"]
    place = put["at_row_column" if doubt.column else "at_row"].format(
        row=doubt.row, column=column(doubt.column)
    )
    return str(put["line"]).format(place=place, sentence=finding(doubt))


def column(key: str) -> str:
    """A column as people call it; one that has a head in its file is called by that."""
    return str(_table()["columns"].get(key, key))


def word(table: str, key: str) -> str:
    """The word of a thing to do, a state or a pot."""
    return str(_table()[table][key])


def form_fault(fault: FormFault) -> str:
    """What is wrong with the description of a bank's form: columns.amount：必须写明."""
    told = str(_table()["form_faults"][fault.code]).format_map(defaultdict(str, fault.facts))
    return f"{fault.form} {fault.place}：{told}"


def extract_heads() -> tuple[str, ...]:
    """The heads of an extract of lines."""
    return tuple(_table()["extract"]["heads"])


def extract_name() -> str:
    """What the sheet and the file of an extract are called."""
    return str(_table()["extract"]["name"])


def kinds() -> frozenset[str]:
    """The kinds of doubt that have a sentence."""
    return frozenset(_table()["findings"])


def _facts(doubt: CaseDoubt) -> Mapping[str, str]:
    facts: dict[str, str] = defaultdict(str, doubt.facts)
    if doubt.other_row is not None:
        facts["other_row"] = str(doubt.other_row)
    if "when" in facts:
        facts["when"] = f"{datetime.fromisoformat(facts['when']):%Y-%m-%d %H:%M}"
    return facts


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "money.toml").read_text(encoding="utf-8"))
