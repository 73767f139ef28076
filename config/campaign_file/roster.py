"""The clerk's own list of townships, in whatever table it stands, becomes the townships of a
campaign file.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.domain.notices.notice import masked
from bot.sheets.cells import Cell, CellKind, Unreadable
from bot.sheets.heads import Heads
from bot.sheets.names import short_name
from bot.sheets.reading import read_workbook
from bot.sheets.tables import SheetTable, TableRow, Total, find_table
from bot.sheets.values import ValueFault, number_in, text_in
from config.campaign_file.shape import Misfit, near, shown
from config.wording import templates
from config.wording.faults import Sentence, sentence, sentence_of

EXAMPLE = "示例"
"""How the names of the template's townships begin: a roster that still has them is not yet the
clerk's own.
"""

COLUMNS = {
    "name": (
        "乡镇",
        "乡镇名称",
        "乡(镇)",
        "镇街",
        "乡镇街道",
        "街道",
        "单位",
        "单位名称",
        "township",
        "name",
    ),
    "aliases": ("简称", "别名", "乡镇简称", "aliases", "short_name"),
    "kind": ("类型", "乡镇类型", "kind"),
    "ranking_group": ("分组", "组别", "排名分组", "ranking_group"),
    "contact": (
        "联络员",
        "联络员姓名",
        "联系人",
        "联系人姓名",
        "联络人",
        "姓名",
        "contact",
        "contact_name",
    ),
    "nick": ("群昵称", "昵称", "联络员群昵称", "群名片", "微信昵称", "nick", "contact_nick"),
    "phone": (
        "电话",
        "手机",
        "手机号",
        "手机号码",
        "联络员电话",
        "联系人电话",
        "联系电话",
        "电话号码",
        "联系方式",
        "phone",
    ),
    "target": (
        "任务数",
        "任务总数",
        "总任务数",
        "任务数合计",
        "任务合计",
        "任务数小计",
        "合计",
        "目标任务",
        "目标任务数",
        "目标数",
        "计划数",
        "任务",
        "年度任务",
        "应改户数",
        "total",
        "target",
        "target_total",
    ),
}
"""The heads of each column as people write them, the first as the template has it."""

BASELINE = "起报数"
"""What a column is called of what stood before the campaign began, after its category and stage."""

_OF_A_BASELINE = (
    "{category}{stage}" + BASELINE,
    "{stage}{category}" + BASELINE,
    BASELINE + "{category}{stage}",
)
_OF_A_CATEGORY = ("{}", "{}任务数", "{}任务", "任务数{}", "任务{}", "{}户数", "target_{}")
_SOMEBODY_ELSE = re.compile("领导|书记|镇长|乡长|主任|责任|包保|包联|户主|村|挂钩|主管|帮扶")
_SEPARATORS = (r"\n", r"[、;；\n]", r"[、,，;；\n]", r"[、,，;；/／\n]")
NONE = "无"
"""Stands in a roster for no short name, where an empty cell would be given one."""
_MOBILE = re.compile(r"(?:\+?86)?(1[0-9]{10})")


@dataclass(frozen=True, kw_only=True)
class Roster:
    """The townships of a roster as entries of a campaign file, the row each stands in, the heads of
    its columns, its faults.

    `notes` say what of the table was not read, or read otherwise than it stands.
    """

    townships: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    faults: list[Misfit] = field(default_factory=list)
    notes: list[Sentence] = field(default_factory=list)

    def place(self, number: int, key: str) -> str:
        """Where in the roster the `key` of the township of that number stands."""
        last = key.rpartition(".")[2]
        parts = (key, key.partition("[")[0], "contact" if last == "name" else last)
        column = next((self.heads[part] for part in parts if part in self.heads), "")
        return f"row {self.rows[number - 1]}" + (f", column {column}" if column else "")


def of_baselines(
    stages: Collection[str], categories: Collection[str], *, bare: bool
) -> tuple[str, ...]:
    """The heads of the baseline of a stage, and of a category of it, as people write them; `bare`
    without the stage.
    """
    called = [*stages, ""] if bare else [*stages]
    said = (
        form.format(category=category, stage=stage)
        for stage in called
        for category in categories
        for form in _OF_A_BASELINE
    )
    return tuple(dict.fromkeys(said))


def read_roster(
    name: str,
    content: bytes,
    categories: Mapping[str, str],
    baselines: Mapping[str, Sequence[str]] | None = None,
) -> Roster:
    """Reads a roster, with every fault found. Rows of totals are checked against the others and
    left out.

    `categories` gives the category key for each word that may head a column of targets, `baselines`
    the heads of each column of a baseline: `baseline.<stage>` or `baselines.<stage>.<category>`.
    """
    words: dict[str, Sequence[str]] = {
        f"targets.{key}": tuple(
            form.format(word)
            for word, its in categories.items()
            if its == key
            for form in _OF_A_CATEGORY
        )
        for key in dict.fromkeys(categories.values())
    }
    heads = Heads(
        words={**words, **(baselines or {}), **COLUMNS},
        needed=("name",),
        foreign=_SOMEBODY_ELSE,
        enough=lambda keys: len(keys) > 1,
    )
    try:
        table = find_table(read_workbook(content), heads)
    except Unreadable as fault:
        return unusable_roster(name, sentence_of(f"file.{fault.code}", fault.facts))
    return _Reader(table).read()


def unusable_roster(name: str, told: Sentence) -> Roster:
    """The roster of that name, of which nothing could be read."""
    return Roster(faults=[Misfit(place="file", value=name, told=told)])


class _Reader:
    """Makes a roster of a table."""

    def __init__(self, table: SheetTable) -> None:
        self.table = table
        self.roster = Roster(
            heads={
                column.key: column.head.text
                for column in table.columns
                if column.key and column.block == 0
            }
        )
        self.amounts: dict[int, dict[str, Decimal | None]] = {}
        """By identity of its row, the task numbers it says; None for one that cannot be read."""
        self.without_short_name: set[str] = set()
        self.merged: dict[tuple[int, int, int, int], dict[str, Any]] = {}
        """By the area over which its name is merged, the township whose contacts have a row
        each.
        """

    def read(self) -> Roster:
        """The roster of the table."""
        roster, table = self.roster, self.table
        for first, second in table.twice:
            told = sentence("roster_same", head=first.head.text)
            place = f"row {table.head_rows[1]}, column {second.number}"
            roster.faults.append(Misfit(place=place, value=shown(second.head.text), told=told))
        for row in table.rows:
            self._take(row)
        for total in table.totals:
            roster.faults.extend(self._check(total))
        if roster.townships and not any(
            key == "target" or key.startswith("targets.") for key in roster.heads
        ):
            self._no_targets()
        if "nick" not in roster.heads:
            self._told_apart()
        _give_short_names(
            [one for one in roster.townships if one["name"] not in self.without_short_name]
        )
        roster.notes.extend(self._notes())
        return roster

    def _take(self, row: TableRow) -> None:
        cells = {key: row.cell(key) for key in self.roster.heads if not row.cell(key).empty}
        if row.shifted:
            self.amounts[id(row)] = {"target": None}
            self.roster.faults.append(
                Misfit(place=f"row {row.number}", told=sentence("row.shifted"))
            )
            return
        amounts = self.amounts[id(row)] = dict(self._amounts(row, cells))
        texts = dict(self._texts(row, cells))
        if not texts.get("name"):
            if "name" not in cells:
                place = f"row {row.number}, column {self.roster.heads['name']}"
                self.roster.faults.append(Misfit(place=place, told=sentence("roster_name")))
            return
        entry = self._entry(row.number, texts, amounts)
        area = row.cell("name").area
        if area is not None and area in self.merged:
            more = entry.get("contacts", [])
            self.merged[area].setdefault("contacts", []).extend(more)
            return
        if area is not None and area[0] != area[2]:
            self.merged[area] = entry
        self.roster.townships.append(entry)
        self.roster.rows.append(row.number)

    def _fault(self, row: TableRow, key: str, told: Sentence, value: str = "") -> None:
        place = f"row {row.number}, column {self.roster.heads[key]}"
        self.roster.faults.append(Misfit(place=place, value=value, told=told))

    def _amounts(
        self, row: TableRow, cells: Mapping[str, Cell]
    ) -> Iterator[tuple[str, Decimal | None]]:
        """Every task number of a row, None for one that is no number."""
        for key, cell in cells.items():
            if not _is_amount(key):
                continue
            rows = (row.cell("name").area or (0, 0, 0, 0))[::2]
            together = cell.area is not None and cell.area[::2] == rows
            if together and cell.filled:
                continue  # of the township whose first row has said it
            amount = number_in(cell)
            if isinstance(amount, ValueFault):
                plainly = amount.code == "not_a_number"
                told = (
                    sentence("not_a_number")
                    if plainly
                    else sentence_of(f"cell.{amount.code}", amount.facts)
                )
                self._fault(row, key, told, shown(cell.text) if plainly else "")
                yield key, None
            elif cell.area is not None and cell.area[0] != cell.area[2] and not together:
                self._fault(row, key, sentence("cell.merged", place=cell.place))
                yield key, None
            elif amount is not None:
                yield key, amount

    def _texts(self, row: TableRow, cells: Mapping[str, Cell]) -> Iterator[tuple[str, str]]:
        for key, cell in cells.items():
            if _is_amount(key):
                continue
            said = text_in(cell)
            if isinstance(said, ValueFault):
                self._fault(row, key, sentence_of(f"cell.{said.code}", said.facts))
            elif text := cell.text.strip() if key == "nick" else _written(cell.text):
                yield key, text

    def _entry(
        self, number: int, texts: Mapping[str, str], amounts: Mapping[str, Decimal | None]
    ) -> dict[str, Any]:
        entry: dict[str, Any] = {
            key: _without_blanks(texts[key]) for key in ("kind", "ranking_group") if key in texts
        }
        entry["name"] = _name(texts["name"])
        entry["aliases"] = _aliases(texts.get("aliases", ""))
        if entry["aliases"] == [NONE]:
            entry["aliases"] = []
            self.without_short_name.add(entry["name"])
        entry["target"] = amounts.get("target")
        entry["targets"] = {
            key.removeprefix("targets."): amount
            for key, amount in amounts.items()
            if key.startswith("targets.") and amount is not None
        }
        for key, amount in amounts.items():
            of, *rest = key.split(".")
            if amount is None or of not in {"baseline", "baselines"}:
                continue
            held = entry.setdefault(of, {})
            for part in rest[:-1]:
                held = held.setdefault(part, {})
            held[rest[-1]] = amount
        # told already; a sum or a missing target must not be told on top of it
        if None in amounts.values():
            entry |= {"target": Decimal(0), "targets": {}}
            entry = {
                key: value for key, value in entry.items() if key not in {"baseline", "baselines"}
            }
        contacts = self._contacts(number, texts)
        if contacts is not None:
            entry["contacts"] = contacts
        return entry

    def _contacts(self, number: int, texts: Mapping[str, str]) -> list[dict[str, str]] | None:
        """The contacts of a township, None if it names none; people are parted by 、，；/ or a
        line.
        """
        names = [_without_blanks(name) for name in _parted(texts.get("contact", ""), None)]
        nicks = _parted(texts.get("nick", ""), len(names) or None)
        phones = self._phones(number, texts.get("phone", ""), len(nicks or names))
        told = {
            key: len(parts)
            for key, parts in (("contact", names), ("nick", nicks), ("phone", phones))
            if key in texts and parts is not None
        }
        if len(set(told.values())) > 1:
            heads = tuple(self.roster.heads[key] for key in told)
            self.roster.faults.append(
                Misfit(place=f"row {number}", told=sentence("roster_people", heads=heads))
            )
            return None
        people = nicks or names
        if not people or phones is None:
            return None
        return [
            {
                "name": (names or people)[nth],
                "nick": nick,
                **({"phone": phones[nth]} if phones and phones[nth] else {}),
            }
            for nth, nick in enumerate(people)
        ]

    def _phones(self, number: int, text: str, people: int) -> list[str] | None:
        """The telephone numbers of so many people; of one person with several numbers the mobile
        one. None if told as a fault.
        """
        place = f"row {number}, column {self.roster.heads.get('phone', '')}"
        cell = next(row for row in self.table.rows if row.number == number).cell("phone")
        if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", text) or (
            cell.kind is CellKind.NUMBER and text.endswith("000000")
        ):
            told = sentence("cell.rounded", place=cell.place, cell=text[:20])
            self.roster.faults.append(Misfit(place=place, told=told))
            return None
        phones = _parted(unicodedata.normalize("NFKC", text), people if people > 1 else None)
        phones = ["" if phone in {NONE, "-", "—", "/"} else phone for phone in phones]
        digits = re.sub(r"[\s-]", "", text)
        if (
            len(phones) == 1
            and people > 1
            and re.fullmatch(rf"(?:1[0-9]{{10}}){{{people}}}", digits)
        ):
            phones = re.findall(r"1[0-9]{10}", digits)
        if people == 1 and len(phones) > 1:
            mobiles = [phone for phone in phones if _MOBILE.fullmatch(re.sub(r"[\s-]", "", phone))]
            if len(mobiles) == 1:
                self.roster.notes.append(sentence("note.second_phone", row=str(number)))
                return mobiles
        return phones

    def _check(self, total: Total) -> Iterator[Misfit]:
        """What a row of totals says otherwise than its rows."""
        read = [self.amounts[id(row)] for row in total.rows]
        cells = {
            key: total.row.cell(key) for key in self.roster.heads if not total.row.cell(key).empty
        }
        for key, cell in cells.items():
            if not _is_amount(key):
                continue
            said = number_in(cell)
            if isinstance(said, ValueFault):
                self.roster.notes.append(sentence("note.total_unread", place=cell.place))
            elif said is not None and not any(None in amounts.values() for amounts in read):
                added = sum((_amount(amounts, key) for amounts in read), Decimal(0))
                if said != added:
                    place = f"row {total.row.number}, column {self.roster.heads[key]}"
                    yield Misfit(
                        place=place,
                        value=shown(said),
                        told=sentence("roster_total", total=f"{added:f}"),
                    )

    def _no_targets(self) -> None:
        """One fault for a column that is missing, in place of one for each township."""
        unknown = [column.head.text for column in self.table.unknown if column.head.parts]
        head = COLUMNS["target"][0]
        close = next((found for one in unknown if (found := near(one, [head]))), "")
        told = sentence("roster_no_target", near=close, head=head, unread=tuple(unknown))
        self.roster.faults.append(Misfit(place=f"row {self.table.head_rows[1]}", told=told))
        for entry in self.roster.townships:
            entry["target"] = Decimal(0)

    def _told_apart(self) -> None:
        """Without a column of nicks people are known by their names, which must then be
        different.
        """
        owners: dict[str, str] = {}
        for number, entry in zip(self.roster.rows, self.roster.townships, strict=True):
            for contact in entry.get("contacts", ()):
                owner = owners.setdefault(contact["nick"], entry["name"])
                if owner != entry["name"]:
                    place = f"row {number}, column {self.roster.heads['contact']}"
                    told = sentence("roster_same_name", head=COLUMNS["nick"][0], township=owner)
                    self.roster.faults.append(
                        Misfit(place=place, value=shown(contact["name"]), told=told)
                    )
                    entry["contacts"] = []

    def _notes(self) -> Iterator[Sentence]:
        table = self.table
        unread = tuple(
            dict.fromkeys(column.head.text or column.letters for column in table.unknown)
        )
        unread = tuple(
            head
            for head in unread
            if head not in {"序号", "备注", "编号", "No", "NO", "no", "remark"}
        )
        if unread:
            yield sentence("note.unread_columns", columns=unread)
        if table.unread:
            yield sentence("note.sheet", sheet=table.sheet)
            yield sentence("note.unread_sheets", sheets=table.unread)
        if hidden := tuple(str(row.number) for row in table.rows if row.hidden):
            yield sentence("note.hidden_rows", rows=hidden)


def _is_amount(key: str) -> bool:
    """Whether the column of that key holds numbers of the unit."""
    return key == "target" or key.startswith(("targets.", "baseline.", "baselines."))


def _amount(amounts: Mapping[str, Decimal | None], key: str) -> Decimal:
    """What a row adds to a total; without a total of its own its categories are its whole."""
    if key == "target" and "target" not in amounts:
        parts = (amount for part, amount in amounts.items() if part.startswith("targets."))
        return sum((amount for amount in parts if amount is not None), Decimal(0))
    return amounts.get(key) or Decimal(0)


def _written(text: str) -> str:
    """A text as it was written, without zero-width characters and blanks around its lines."""
    plain = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    lines = [" ".join(line.split()) for line in plain.splitlines()]
    return "\n".join(line for line in lines if line).removeprefix("'")


def _name(text: str) -> str:
    """A township's name without the blanks and numbers of its table: 1. 稻 溪 镇 is 稻溪镇."""
    return re.sub(r"^[0-9]{1,3}[.、．)）]", "", _without_blanks(text))


def _without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text) if not re.search("[A-Za-z]", text) else " ".join(text.split())


def _aliases(text: str) -> list[str]:
    parts = [part for part in re.split(r"[、,，;；/／\s]+", text) if part]
    return ["".join(parts)] if len(parts) > 1 and all(len(part) == 1 for part in parts) else parts


def _parted(text: str, count: int | None) -> list[str]:
    """The people a cell names: parted by the first separators that make as many of them as there
    should be.
    """
    ways = []
    for separators in _SEPARATORS:
        parts = [part.strip() for part in re.split(separators, text)]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        ways.append(parts if any(parts) else [])
    return next(
        (parts for parts in ways if len(parts) == count), ways[1] if count == 1 else ways[-1]
    )


def _give_short_names(townships: Sequence[dict[str, Any]]) -> None:
    """A township that says no short name is known by its name without 镇, 乡, 街道, where no other
    could be meant.
    """
    taken = Counter(name for one in townships for name in (one["name"], *one["aliases"]))
    shorts = Counter(short_name(one["name"]) for one in townships)
    for one in townships:
        short = short_name(one["name"])
        if not one["aliases"] and short != one["name"] and shorts[short] == 1 and not taken[short]:
            one["aliases"] = [short]


def roster_of(content: Mapping[str, Any], *, whole: Collection[str] = ()) -> bytes:
    """The roster of a campaign's content as a workbook that `read_roster` reads back to the same
    townships.

    Telephone numbers are masked, but for those in `whole`; taken back, a masked number stands for
    the one it was made of. Everything is text or a number: a name that looks like a formula is
    none.
    """
    import xlsxwriter  # only whoever downloads it pays for it

    categories = [(part["key"], part["name"]) for part in content["categories"]]
    texts = [key for key in COLUMNS if key != "target"]
    unit = content.get("unit", "")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E8EFF9", "border": 1})
        as_text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(templates.roster()["sheet"])
        target = f"{COLUMNS['target'][0]}（{unit}）" if unit else COLUMNS["target"][0]
        stood = _baselines_of(content)
        heads = [*(COLUMNS[key][0] for key in texts), *(name for _, name in categories), target]
        heads += [head for head, _ in stood]
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, bold)
        for row, town in enumerate(content["townships"], 1):
            for column, key in enumerate(texts):
                sheet.write_string(row, column, _cell_of(town, key, whole), as_text)
            amounts = [*(town["targets"].get(key) for key, _ in categories), town["target"]]
            amounts += [_baseline_of(town, path) for _, path in stood]
            for column, amount in enumerate(amounts, len(texts)):
                if amount is not None:
                    sheet.write_number(row, column, float(amount))
        sheet.set_column(0, len(texts) - 1, 16, as_text)
        sheet.set_column(len(texts), len(heads) - 1, 12)
        sheet.freeze_panes(1, 1)
    return file.getvalue()


def _baselines_of(content: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """The columns of baselines that any township has: the head, and the stage with or without the
    category.
    """
    stages = [(one["key"], one["name"]) for one in content["stages"]]
    categories = [(one["key"], one["name"]) for one in content["categories"]]
    every: list[tuple[str, tuple[str, ...]]] = [
        (f"{name}{BASELINE}", (key,)) for key, name in stages
    ]
    every += [
        (f"{part}{name}{BASELINE}", (key, of)) for key, name in stages for of, part in categories
    ]
    return [
        (head, path)
        for head, path in every
        if any(_baseline_of(town, path) is not None for town in content["townships"])
    ]


def _baseline_of(town: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    if len(path) == 1:
        return town.get("baseline", {}).get(path[0])
    return town.get("baselines", {}).get(path[0], {}).get(path[1])


def _cell_of(town: Mapping[str, Any], key: str, whole: Collection[str]) -> str:
    """What stands in the column of that key for a township of a campaign's content."""
    people = town["contacts"]
    match key:
        case "aliases":
            return "、".join(town["aliases"]) or NONE
        case "contact":
            return "\n".join(person["name"] for person in people)
        case "nick":
            return "\n".join(person["nick"] for person in people)
        case "phone":
            numbers = [
                str(n) if (n := person["phone"]) in whole else masked(n) for person in people
            ]
            return "\n".join(number or NONE for number in numbers) if any(numbers) else ""
    return str(town[key] or "")


def kept_of(townships: Sequence[dict[str, Any]], before: Sequence[Mapping[str, Any]]) -> None:
    """Gives the contacts of a roster what only the ledger has whole of them: a telephone number
    that came back masked, an account.

    A contact is the same where township and nick are. A masked number that fits none is left, and
    told as a fault.
    """
    known = {town["name"]: town["contacts"] for town in before}
    for town in townships:
        people = known.get(town["name"], ())
        for person in town.get("contacts", ()):
            same = [one for one in people if one["nick"] == person["nick"]]
            # Who only changed his nick still has the number that nobody else of the township has.
            same = same or [
                one
                for one in people
                if one["phone"] and masked(one["phone"]) == person.get("phone")
            ]
            if len(same) != 1:
                continue
            if same[0]["user_id"]:
                person["user_id"] = same[0]["user_id"]
            if same[0]["phone"] and person.get("phone") == masked(same[0]["phone"]):
                person["phone"] = same[0]["phone"]


def roster_template(categories: Sequence[str], unit: str, stages: Sequence[str] = ()) -> bytes:
    """An Excel roster to fill in: a column for each category by its name, one for what stood at the
    start of each stage, two rows as examples, and a sheet that explains.

    Everything is written as text or as a number: a name that looks like a formula is none.
    """
    import xlsxwriter  # only whoever downloads it pays for it

    wording = templates.roster()
    heads = [COLUMNS[key][0] for key in COLUMNS]
    at = heads.index(COLUMNS["target"][0])
    target = f"{heads.pop(at)}（{unit}）" if unit else heads.pop(at)
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format(
            {"bold": True, "bg_color": "#E8EFF9", "border": 1, "text_wrap": True, "valign": "top"}
        )
        plain, as_text = (
            book.add_format({"text_wrap": True, "valign": "top"}),
            book.add_format({"num_format": "@"}),
        )
        sheet = book.add_worksheet(wording["sheet"])
        begun = [f"{stage}{BASELINE}" for stage in stages]
        for number, head in enumerate((*heads, *categories, target, *begun)):
            sheet.write_string(0, number, head, bold)
        for row, example in enumerate(wording["examples"], 1):
            for number, key in enumerate(key for key in COLUMNS if key != "target"):
                sheet.write_string(
                    row,
                    number,
                    f"{EXAMPLE}{example[key]}" if key == "name" else example.get(key, ""),
                )
            parts = [row + number + 1 for number in range(len(categories))]
            for number, amount in enumerate((*parts, sum(parts) or 10 * row), len(heads)):
                sheet.write_number(row, number, amount)
        sheet.set_column(0, len(heads) - 1, 16, as_text)  # telephone numbers stay what is typed
        sheet.set_column(len(heads), len(heads) + len(categories) + len(begun), 12)
        sheet.freeze_panes(1, 1)
        explained = book.add_worksheet(wording["explained"])
        explained.set_column(0, 0, 16)
        explained.set_column(1, 1, 80)
        lines = [
            (head, wording["columns"][key])
            for head, key in zip(heads, (key for key in COLUMNS if key != "target"), strict=True)
        ]
        lines += [
            (category, wording["category"].format(category=category, unit=unit))
            for category in categories
        ]
        lines.append((target, wording["columns"]["target"].format(unit=unit)))
        lines += [
            (head, wording["baseline"].format(stage=stage))
            for head, stage in zip(begun, stages, strict=True)
        ]
        lines += wording["notes"].items()
        for row, (head, told) in enumerate(lines):
            explained.write_string(row, 0, head, bold)
            explained.write_string(row, 1, told, plain)
    return file.getvalue()
