"""The clerk's own list of townships, as CSV or Excel, becomes the townships of a campaign file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from config.cells import NoTable, head_of, rows_of
from config.shape import Misfit, near, shown
from config.wording import templates
from config.wording.faults import Sentence, sentence

TOTALS = frozenset({"合计", "总计", "全市", "全县", "全区", "total"})
HEAD_WITHIN = 5
"""People put a title above the table: the head is looked for in so many rows."""
EXAMPLE = "示例"
"""How the names of the template's townships begin: a roster that still has them is not yet the clerk's own."""

NO_TABLE = {
    "large": "table_large",
    "no_text": "table_no_text",
    "no_sheet": "table_no_sheet",
    "unpacked": "table_unpacked",
    "far": "table_far",
}
"""The sentence for each reason why a file is no table."""

COLUMNS = {
    "name": ("乡镇", "乡镇名称", "单位", "township", "name"),
    "aliases": ("简称", "别名", "aliases", "short_name"),
    "kind": ("类型", "kind"),
    "ranking_group": ("分组", "组别", "ranking_group"),
    "contact": ("联络员", "姓名", "contact", "contact_name"),
    "nick": ("群昵称", "昵称", "nick", "contact_nick"),
    "phone": ("电话", "手机", "联系电话", "phone"),
    "target": ("任务数", "合计", "总任务数", "total", "target", "target_total"),
    "": ("序号", "备注", "no", "remark"),
}
"""The heads of each column as people write them; those of the last are passed over."""


@dataclass(frozen=True, kw_only=True)
class Roster:
    """The townships of a roster as entries of a campaign file, the row each stands in, the heads of its columns, its faults."""

    townships: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    faults: list[Misfit] = field(default_factory=list)

    def place(self, number: int, key: str) -> str:
        """Where in the roster the `key` of the township of that number stands."""
        last = key.rpartition(".")[2]
        parts = (key, key.partition("[")[0], "contact" if last == "name" else last)
        column = next((self.heads[part] for part in parts if part in self.heads), "")
        return f"row {self.rows[number - 1]}" + (f", column {column}" if column else "")


def read_roster(name: str, content: bytes, categories: Mapping[str, str]) -> Roster:
    """Reads a roster, with every fault found; the end of its name says how. A row 合计 is checked against the others and left out.

    `categories` gives the category key for each word that may head a column of targets.
    """
    try:
        rows = rows_of(name, content)
    except NoTable as fault:
        return unusable_roster(
            name,
            sentence(NO_TABLE[fault.why], told=str(fault), **{key: str(fact) for key, fact in fault.facts.items()}),
        )
    except (OSError, ValueError, csv.Error) as error:
        return unusable_roster(name, sentence("roster_unreadable", reason=str(error)))
    names = {head: key for key, heads in COLUMNS.items() for head in heads}
    names |= {head_of(word): f"targets.{key}" for word, key in categories.items()}
    for top, head in enumerate(rows[:HEAD_WITHIN]):
        if "name" in {names.get(head_of(cell)) for cell in head}:
            return _table(head, rows[top + 1 :], top + 2, names)
    return unusable_roster(name, sentence("roster_heads"))


def unusable_roster(name: str, told: Sentence) -> Roster:
    """The roster of that name, of which nothing could be read."""
    return Roster(faults=[Misfit(place="file", value=name, told=told)])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], first: int, names: Mapping[str, str]) -> Roster:
    roster = Roster()
    columns: dict[int, str] = {}
    for number, cell in enumerate(head):
        known = names.get(head_of(cell), names.get(head_of(cell).removesuffix("任务数").removeprefix("target_")))
        place = f"row {first - 1}, column {number + 1}"
        if known is None and cell.strip():
            heads = "、".join(COLUMNS[key][0] for key in COLUMNS if key)
            told = sentence("roster_column", heads=heads, near=near(cell, list(names)))
            roster.faults.append(Misfit(place=place, value=shown(cell.strip()), told=told))
        elif known and known in roster.heads:
            told = sentence("roster_same", head=roster.heads[known])
            roster.faults.append(Misfit(place=place, value=shown(cell.strip()), told=told))
        elif known:
            columns[number] = known
            roster.heads[known] = cell.strip()
    for number, row in enumerate(rows, first):
        cells = {known: row[at].strip() for at, known in columns.items() if at < len(row) and row[at].strip()}
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(head) :]):
            told = sentence("roster_cells", cells=len(row), columns=len(head))
            roster.faults.append(Misfit(place=f"row {number}", told=told))
        amounts = dict(_amounts(roster, number, cells))
        if cells.get("name", "").lower() in TOTALS:
            roster.faults.extend(_check_total(roster, number, amounts))
        elif "name" not in cells:
            place = f"row {number}, column {roster.heads['name']}"
            roster.faults.append(Misfit(place=place, told=sentence("roster_name")))
        else:
            roster.townships.append(_entry(roster, number, cells, amounts))
            roster.rows.append(number)
    return roster


def _amounts(roster: Roster, number: int, cells: Mapping[str, str]) -> Iterator[tuple[str, Decimal | None]]:
    """Every task number of a row, None for one that is no number."""
    for key, text in cells.items():
        if key != "target" and not key.startswith("targets."):
            continue
        try:
            amount = Decimal(unicodedata.normalize("NFKC", text).replace(",", ""))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            place = f"row {number}, column {roster.heads[key]}"
            roster.faults.append(Misfit(place=place, value=shown(text), told=sentence("not_a_number")))
        yield key, amount if amount.is_finite() else None


def _entry(
    roster: Roster, number: int, cells: Mapping[str, str], amounts: Mapping[str, Decimal | None]
) -> dict[str, Any]:
    entry: dict[str, Any] = {key: cells[key] for key in ("name", "kind", "ranking_group") if key in cells}
    entry["aliases"] = [alias for alias in re.split(r"[、,，;；\s]+", cells.get("aliases", "")) if alias]
    entry["target"] = amounts.get("target")
    entry["targets"] = {
        key.removeprefix("targets."): amount
        for key, amount in amounts.items()
        if key != "target" and amount is not None
    }
    if None in amounts.values():  # told already; a sum or a missing target must not be told on top of it
        entry |= {"target": Decimal(0), "targets": {}}
    people = {key: re.split(r"[、;；]\s*", cells[key]) for key in ("contact", "nick", "phone") if key in cells}
    if len({len(parts) for parts in people.values()}) > 1:
        told = sentence("roster_people", heads=tuple(roster.heads[key] for key in people))
        roster.faults.append(Misfit(place=f"row {number}", told=told))
    elif names := people.get("nick") or people.get("contact"):
        entry["contacts"] = [
            {
                "name": people.get("contact", names)[nth],
                "nick": nick,
                **({"phone": people["phone"][nth]} if "phone" in people else {}),
            }
            for nth, nick in enumerate(names)
        ]
    return entry


def _check_total(roster: Roster, number: int, said: Mapping[str, Decimal | None]) -> Iterator[Misfit]:
    for key, amount in said.items():
        if amount is None:
            continue
        total = Decimal(0)
        for township in roster.townships:
            parts = township["targets"]
            whole = sum(parts.values(), Decimal(0)) if township["target"] is None else township["target"]
            total += whole if key == "target" else parts.get(key.removeprefix("targets."), Decimal(0))
        if amount != total:
            place = f"row {number}, column {roster.heads[key]}"
            yield Misfit(place=place, value=shown(amount), told=sentence("roster_total", total=f"{total:f}"))


def roster_template(categories: Sequence[str], unit: str) -> bytes:
    """An Excel roster to fill in: a column for each category by its name, two rows as examples, and a sheet that explains.

    Everything is written as text or as a number: a name that looks like a formula is none.
    """
    import xlsxwriter  # only whoever downloads it pays for it

    wording = templates.roster()
    heads = [COLUMNS[key][0] for key in COLUMNS if key]
    at = heads.index(COLUMNS["target"][0])
    target = f"{heads.pop(at)}（{unit}）" if unit else heads.pop(at)
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E8EFF9", "border": 1, "text_wrap": True, "valign": "top"})
        plain, as_text = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(wording["sheet"])
        for number, head in enumerate((*heads, *categories, target)):
            sheet.write_string(0, number, head, bold)
        for row, example in enumerate(wording["examples"], 1):
            for number, key in enumerate(key for key in COLUMNS if key and key != "target"):
                sheet.write_string(row, number, f"{EXAMPLE}{example[key]}" if key == "name" else example.get(key, ""))
            parts = [row + number + 1 for number in range(len(categories))]
            for number, amount in enumerate((*parts, sum(parts) or 10 * row), len(heads)):
                sheet.write_number(row, number, amount)
        sheet.set_column(0, len(heads) - 1, 16, as_text)  # telephone numbers stay what is typed
        sheet.set_column(len(heads), len(heads) + len(categories), 12)
        sheet.freeze_panes(1, 1)
        explained = book.add_worksheet(wording["explained"])
        explained.set_column(0, 0, 16)
        explained.set_column(1, 1, 80)
        lines = [
            (head, wording["columns"][key])
            for head, key in zip(heads, (key for key in COLUMNS if key and key != "target"), strict=True)
        ]
        lines += [(category, wording["category"].format(category=category, unit=unit)) for category in categories]
        lines += [(target, wording["columns"]["target"].format(unit=unit)), *wording["notes"].items()]
        for row, (head, told) in enumerate(lines):
            explained.write_string(row, 0, head, bold)
            explained.write_string(row, 1, told, plain)
    return file.getvalue()
