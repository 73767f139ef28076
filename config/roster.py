"""The clerk's own list of townships, as CSV or Excel, becomes the townships of a campaign file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

COLUMNS = {
    "乡镇": "name",
    "单位": "name",
    "township": "name",
    "name": "name",
    "简称": "aliases",
    "别名": "aliases",
    "aliases": "aliases",
    "类型": "kind",
    "kind": "kind",
    "分组": "ranking_group",
    "ranking_group": "ranking_group",
    "联络员": "contact",
    "contact": "contact",
    "群昵称": "nick",
    "nick": "nick",
    "电话": "phone",
    "手机": "phone",
    "phone": "phone",
    "任务数": "target",
    "合计": "target",
    "target": "target",
    "序号": "",
}
TOTALS = frozenset({"合计", "总计", "全市", "全县", "total"})


@dataclass(frozen=True, kw_only=True)
class RosterFault:
    """One thing wrong with a roster: row and column, what stands there, what is allowed."""

    place: str
    value: str
    allowed: str


def read_roster(path: Path, categories: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[RosterFault]]:
    """The townships of a roster as entries of a campaign file, with every fault found.

    `categories` gives the category key for each word that may head a column of targets. A line 合计 is checked against
    the townships and left out.
    """
    try:
        rows = _sheet(path) if path.suffix.lower() in {".xlsx", ".xls", ".ods"} else _csv(path)
    except FileNotFoundError:
        return [], [
            RosterFault(place="file", value=path.name, allowed="is not there; it lies beside the campaign file")
        ]
    except (OSError, ValueError) as error:
        return [], [RosterFault(place="file", value=path.name, allowed=f"cannot be read as a table: {error}")]
    if not rows:
        return [], [RosterFault(place="file", value=path.name, allowed="is empty; the first row names the columns")]
    heads = [cell.strip() for cell in rows[0]]
    fields = [COLUMNS.get(head, f"targets.{categories[head]}" if head in categories else None) for head in heads]
    faults = [
        RosterFault(
            place=f"row 1, column {column}",
            value=head,
            allowed=f"is no known column; known are {'、'.join(key for key in COLUMNS if not key.isascii())} and the categories",
        )
        for column, (head, field) in enumerate(zip(heads, fields, strict=True), 1)
        if field is None and head
    ]
    if "name" not in fields:
        faults.append(RosterFault(place="row 1", value="", allowed="must have a column 乡镇"))
        return [], faults
    townships: list[dict[str, Any]] = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        entry = _entry(number, heads, fields, row, faults)
        if entry.get("name") in TOTALS:
            faults += _check_total(number, entry, townships)
        else:
            townships.append(entry)
    return townships, faults


def _entry(
    number: int, heads: Sequence[str], fields: Sequence[str | None], row: Sequence[str], faults: list[RosterFault]
) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    contact: dict[str, str] = {}
    for head, field, cell in zip(heads, fields, row, strict=False):
        text = cell.strip()
        if not field or not text:
            continue
        if field == "target" or field.startswith("targets."):
            amount = _amount(text)
            if amount is None:
                faults.append(RosterFault(place=f"row {number}, column {head}", value=text, allowed="must be a number"))
            elif field == "target":
                entry["target"] = amount
            else:
                entry.setdefault("targets", {})[field.removeprefix("targets.")] = amount
        elif field == "aliases":
            entry["aliases"] = re.split(r"[、,，\s]+", text)
        elif field in {"contact", "nick", "phone"}:
            contact["name" if field == "contact" else field] = text
        else:
            entry[field] = text
    if contact.get("name") or contact.get("nick"):
        contact.setdefault("nick", contact.get("name", ""))
        contact.setdefault("name", contact["nick"])
        entry["contacts"] = [contact]
    if "name" not in entry:
        faults.append(RosterFault(place=f"row {number}, column 乡镇", value="", allowed="must be there"))
    return entry


def _check_total(number: int, entry: Mapping[str, Any], townships: Sequence[Mapping[str, Any]]) -> list[RosterFault]:
    said = entry.get("target")
    total = sum((Decimal(township.get("target", 0)) for township in townships), Decimal(0))
    if said is None or said == total:
        return []
    return [
        RosterFault(place=f"row {number} ({entry['name']})", value=str(said), allowed=f"the rows above sum to {total}")
    ]


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    # Excel gives whole numbers as 25.0.
    return amount.to_integral_value() if amount.is_finite() and amount == amount.to_integral_value() else amount


def _csv(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("it is neither UTF-8 nor GBK text")
    if "\0" in text:
        raise ValueError("it holds NUL bytes")
    return list(csv.reader(io.StringIO(text)))


def _sheet(path: Path) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook  # only rosters in Excel pay for it

    if not path.exists():
        raise FileNotFoundError(path)
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    except CalamineError as error:
        raise ValueError(str(error)) from None
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
