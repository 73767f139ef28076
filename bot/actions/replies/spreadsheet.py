"""Takes in the office's own table: each row becomes one reply of the office, or is refused with its
reason.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import Campaign, Category, TownshipName
from bot.domain.figures.progress import plain
from bot.domain.replies.reading.chat import Chat, ChatDoubt, ChatMessage
from bot.domain.replies.reading.stated import Stated, column_cell, stated_to_json
from bot.domain.replies.reading.table import REMARKS, SERIALS, UNITS, unread_heads
from bot.sheets.cells import Cell, CellKind, Workbook
from bot.sheets.heads import Head, Heads
from bot.sheets.names import find_name
from bot.sheets.reading import read_workbook
from bot.sheets.tables import Passed, SheetTable, TableColumn, TableRow, Total, find_table
from bot.sheets.values import ValueFault, day_in, number_in, text_in
from bot.sheets.words import is_total, joined
from config.campaign_file.roster import COLUMNS
from config.wording import templates
from config.wording.faults import Sentence, sentence, sentence_of

MOST_ROWS = 500

_WORDS: Mapping[str, Sequence[str]] = {
    "township": (*COLUMNS["name"], *sorted(UNITS)),
    "day": ("日期", "报送日期", "填报日期", "数据日期", "统计日期", "date"),
    "village": (
        "村",
        "村名",
        "行政村",
        "村居",
        "村社区",
        "村(社区)",
        "村(居)",
        "村委会",
        "自然村",
        "村名称",
        "社区",
    ),
    "category": (
        "类别",
        "改造类别",
        "改造方式",
        "改造类型",
        "分类",
        "房屋等级",
        "危房等级",
        "等级",
        "类型",
    ),
}
_FOLLOWS = re.compile("率|占比|比例|百分|比$|排名|名次|位次|排序")
"""Columns that follow from others, as people's sheets have them; they are passed over."""
_BEFORE = re.compile("(?<![较比])(?:昨[日天]|前[日天]|上[日期周月])")
"""Columns of a day that was told before; beside today's they are there to compare, and are passed
over too.
"""
_AS_OF = re.compile(r"\(?截[至止到]?(?P<day>(?:20[0-9]{2}年)?[0-9]{1,2}月[0-9]{1,2}日)\)?")
_MEASURE = re.compile(r"(?:户数|人数|面积|数量|座数|亩数|个数|间数|里程|长度|金额|数|量)$")
_NEUTRAL = re.compile(
    "(?:(?:工程|施工|实施|建设|改造|项目|工作|目前|总体|整体|完成|开工|竣工|完工)*(?:进度|进展|情况|进展情况|状态|数据))+"
)
"""An upper row of a head that says nothing of its own, so that the lower row stands for itself."""

_COUNTED = frozenset(
    [
        "户",
        "家",
        "间",
        "座",
        "个",
        "处",
        "栋",
        "幢",
        "套",
        "口",
        "眼",
        "台",
        "所",
        "项",
        "宗",
        "件",
        "块",
    ]
)
_PEOPLE = frozenset({"人", "人次", "名"})
_MONEY = {
    "元": Decimal(1),
    "千元": Decimal(1_000),
    "万元": Decimal(10_000),
    "亿元": Decimal(100_000_000),
}
_NO_DAY = date.min


class NotTaken(Refusal):
    """A file that is no table of figures; nothing of it was stored."""

    room = "import"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as replies of the office and doubts, row by row; which of its columns are read, and
    which passed over.

    `sheet` is the sheet it stands in, `notes` what a person must know of it besides.
    """

    chat: Chat
    read: tuple[str, ...]
    passed_over: tuple[str, ...]
    sheet: str = ""
    notes: tuple[Sentence, ...] = ()


def table_of(
    campaign: Campaign,
    content: bytes,
    *,
    at: datetime,
    open_day: date | None,
    mark: str,
    sheet: str | None = None,
) -> Table:
    """The table of a file, said by the office at `at`; of a workbook that of the named sheet, or of
    the one that has such a head.

    NotTaken or Unreadable when it is none. A row of another day than `open_day` says its day. Under
    the same `mark` the same row is the same message.
    """
    return table_in(
        campaign, read_workbook(content), at=at, open_day=open_day, mark=mark, sheet=sheet
    )


def table_in(
    campaign: Campaign,
    workbook: Workbook,
    *,
    at: datetime,
    open_day: date | None,
    mark: str,
    sheet: str | None = None,
) -> Table:
    """The table of a workbook that has been read, as `table_of`."""
    figures = _FigureHeads(campaign)
    heads = Heads(
        words=_WORDS,
        needed=("township",),
        also=figures.key,
        enough=lambda keys: any(key.startswith("figure ") for key in keys),
    )
    found = find_table(workbook, heads, sheet=sheet)
    if len(found.rows) > MOST_ROWS:
        raise NotTaken(
            "rows",
            f"it has {len(found.rows)} rows; at most {MOST_ROWS} are taken at once",
            most=MOST_ROWS,
        )
    for first, second in found.twice:
        if second.head.plain and figures.key(second.head) is not None:
            head = first.head.text
            raise NotTaken("head_twice", f"two columns are headed {head}", head=head)
    taker = _Taker(campaign, found, figures, at, open_day, mark)
    if not taker.figures:
        heads_seen = "、".join(column.head.text for column in found.unknown if column.head.parts)
        if not heads_seen:
            raise NotTaken("no_columns", "it has no column besides that of the townships")
        raise NotTaken(
            "no_figures", f"no column of it says a stage: {heads_seen}", heads=heads_seen
        )
    return taker.table()


@dataclass(frozen=True, kw_only=True)
class _Figure:
    """What a column counts: the words the reader knows it by, what its cells are multiplied by, as
    of which day.
    """

    words: str
    times: Decimal
    day: str


class _FigureHeads:
    """Which heads the reader of the campaign has a word for."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.known: dict[Head, _Figure | None] = {}

    def key(self, head: Head) -> str | None:
        """The key of a column of figures, None for any other."""
        figure = self.figure(head)
        return None if figure is None else f"figure {figure.words}"

    def figure(self, head: Head) -> _Figure | None:
        """What a column of that head counts; None for one the campaign has no word for, or that
        counts in another unit.
        """
        if head not in self.known:
            self.known[head] = self._figure(head)
        return self.known[head]

    def _figure(self, head: Head) -> _Figure | None:
        times = _times(head.unit, self.campaign.unit)
        if (
            times is None
            or head.plain in SERIALS
            or head.plain in REMARKS
            or _FOLLOWS.search(head.plain)
        ):
            return None
        if _BEFORE.search(head.plain):
            return None
        found = _AS_OF.search(head.plain)
        day = found["day"] if found else ""
        for words in self._spellings(head):
            plain_words = _AS_OF.sub("", words)
            if plain_words and not unread_heads(self.campaign, templates.reading(), [plain_words]):
                return _Figure(words=plain_words, times=times, day=day)
        return None

    def _spellings(self, head: Head) -> Iterator[str]:
        """The head as the reader may know it: whole, without what it measures, without upper rows
        that say nothing.
        """
        for number in range(len(head.parts)):
            if number and not _NEUTRAL.fullmatch(Head(head.parts[:number]).plain):
                return
            words = Head(head.parts[number:]).plain
            yield words
            yield words.replace("其中:", "")
            yield _MEASURE.sub("", _AS_OF.sub("", words))


def _times(said: str, unit: str) -> Decimal | None:
    """What a number in the unit of its head is multiplied by; None where that counts something else
    than the campaign does.
    """
    if not said or said == unit or {said, unit} <= _COUNTED or {said, unit} <= _PEOPLE:
        return Decimal(1)
    if said in _MONEY and unit in _MONEY:
        return _MONEY[said] / _MONEY[unit]
    return None


@dataclass(kw_only=True)
class _Read:
    """A row as it was read: whose it is, of which part, its numbers, or why it was refused."""

    row: TableRow
    township: TownshipName | None = None
    name: str = ""
    part: str = ""
    """The village it is of, if any."""
    category: Category | None = None
    day: date | None = None
    values: dict[str, Decimal] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """The columns in which stands what cannot be read."""
    shared: dict[str, Decimal] = field(default_factory=dict)
    """Of a row of a category: what is merged over all rows of its township."""
    doubt: Sentence | None = None


@dataclass(kw_only=True)
class _Said:
    """What one township says for one day, of one row or of its rows by category."""

    line: int
    township: TownshipName
    day: date
    cells: dict[str, Decimal] = field(default_factory=dict)
    text: str = ""


class _Taker:
    """Takes the rows one by one; a bad one stops none."""

    def __init__(
        self,
        campaign: Campaign,
        table: SheetTable,
        figures: _FigureHeads,
        at: datetime,
        open_day: date | None,
        mark: str,
    ) -> None:
        self.campaign = campaign
        self.source = table
        self.at = at
        self.open_day = open_day
        self.mark = mark
        self.towns = {
            name: one.name for one in campaign.townships for name in (one.name, *one.aliases)
        }
        self.figures: dict[str, _Figure] = {}
        self.columns: dict[str, TableColumn] = {}
        for column in table.columns:
            figure = figures.figure(column.head)
            if (
                column.block == 0
                and column.key is not None
                and figure is not None
                and column.key.startswith("figure")
            ):
                self.figures[column.key] = figure
                self.columns[column.key] = column
        units = {campaign.unit, *(_COUNTED if campaign.unit in _COUNTED else ())}
        self.units = units | (_PEOPLE if campaign.unit in _PEOPLE else set())
        self.categories = self._categories()
        self.by_category = self._has_categories()
        self.by_village = table.column("village") is not None
        self.doubts: list[ChatDoubt] = []
        self.notes: list[Sentence] = []
        self.read: list[_Read] = []

    def table(self) -> Table:
        """What was taken; NotTaken if a total is not the sum of its rows."""
        self.read = [self._row(row) for row in self.source.rows]
        taken = [one for one in self.read if not one.part]
        self._villages(taken)
        agreed = tuple(
            str(total.row.number) for total in self.source.totals if self._adds_up(total, taken)
        )
        if agreed:
            self.notes.append(sentence("note.totals", rows=agreed))
        said, empty = self._said(taken)
        chat = Chat(
            messages=tuple(map(self._message, self._once(said))),
            doubts=tuple(sorted(self.doubts, key=lambda doubt: doubt.line)),
            passed_over=empty + len(self.source.totals) + len(self.source.passed_over),
        )
        return Table(
            chat=chat,
            read=tuple(column.head.text for column in self.columns.values()),
            passed_over=tuple(
                column.head.text or column.letters for column in self._unread_columns()
            ),
            sheet=self.source.sheet,
            notes=tuple(self._table_notes()) + tuple(self.notes),
        )

    # One row.

    def _row(self, row: TableRow) -> _Read:
        read = _Read(row=row)
        for key in self.figures:
            self._number(read, key)
        read.doubt = self._whose(read) or self._of_what(read) or read.doubt
        if row.shifted:
            read.doubt, read.unread = sentence("row.shifted"), set(self.figures)
        if not read.part and read.doubt is None:
            read.doubt = self._when(read)
        return read

    def _number(self, read: _Read, key: str) -> None:
        cell = read.row.cell(key)
        number = number_in(cell, units=self.units)
        if number is None:
            return
        doubt = (
            number
            if isinstance(number, ValueFault)
            else self._no_figure(cell, number * self.figures[key].times)
        )
        if doubt is not None:
            read.unread.add(key)
            read.doubt = read.doubt or sentence_of(f"cell.{doubt.code}", doubt.facts)
        elif isinstance(number, Decimal):
            read.values[key] = number * self.figures[key].times

    def _no_figure(self, cell: Cell, number: Decimal) -> ValueFault | None:
        """Why a number is no figure of the campaign."""
        facts: dict[str, object] = {"place": cell.place, "cell": cell.text[:30]}
        if number < 0:
            return ValueFault(code="negative", facts=facts)
        if number >= 10**9:
            return ValueFault(code="huge", facts=facts)
        decimals = self.campaign.decimals
        if number != round(number, decimals):
            return ValueFault(code="decimals", facts={**facts, "decimals": decimals})
        return None

    def _whose(self, read: _Read) -> Sentence | None:
        """Finds the township of a row; why it has none."""
        village = read.row.cell("village")
        read.part = "" if is_total(village.text) or not self.by_village else joined(village.text)
        name = text_in(read.row.cell("township"))
        if isinstance(name, ValueFault):
            return sentence_of(f"cell.{name.code}", name.facts)
        read.name = joined(name)
        read.township = find_name(name, self.towns) if name else None
        if not name:
            return sentence("row.no_name")
        return None if read.township else sentence("row.township", name=name[:20])

    def _of_what(self, read: _Read) -> Sentence | None:
        """Finds the category of a row, and who shares its merged cells; why nobody can say."""
        if self.by_category:
            said = text_in(read.row.cell("category"))
            word = "" if isinstance(said, ValueFault) or is_total(said) else joined(said)
            read.category = self.categories.get(word.lower())
            if isinstance(said, ValueFault):
                return sentence_of(f"cell.{said.code}", said.facts)
            if word and read.category is None:
                names = tuple(category.name for category in self.campaign.categories)
                return sentence("row.category", category=word[:20], categories=names)
        for key in list(read.values):
            area = read.row.cell(key).area
            if area is None or area[0] == area[2]:
                continue
            value = read.values.pop(key)
            if read.category is None or not self._of_one_township(area):
                return sentence("cell.merged", place=read.row.cell(key).place)
            read.shared[key] = value
        return None

    def _of_one_township(self, area: tuple[int, int, int, int]) -> bool:
        names = {
            joined(row.cell("township").text)
            for row in self.source.rows
            if area[0] <= row.number <= area[2]
        }
        return len(names) == 1

    def _when(self, read: _Read) -> Sentence | None:
        """Finds the day a row is of; why there is none."""
        cell = read.row.cell("day")
        for year in self._years:
            day = day_in(cell, year=year)
            if day is None:
                return None
            if isinstance(day, ValueFault):
                if day.code == "date_ambiguous" and (found := self._only(cell)):
                    read.day = found
                    return None
                if day.code != "date_impossible" or year == self._years[-1]:
                    return sentence_of(f"cell.{day.code}", day.facts)
            elif self._within(day):
                read.day = day
                return None
        return sentence("row.day", day=text_of(cell))

    def _only(self, cell: Cell) -> date | None:
        """The one day of the campaign that a number such as 11.9 can be."""
        found: set[date] = set()
        for year in self._years:
            day = day_in(cell, year=year)
            if isinstance(day, ValueFault) and isinstance(
                candidates := day.facts.get("candidates"), tuple
            ):
                if len(candidates) > 1:
                    return None
                found.update(one for one in candidates if self._within(one))
        return found.pop() if len(found) == 1 else None

    @cached_property
    def _years(self) -> tuple[int, ...]:
        return tuple(range(self.campaign.start.year, self.campaign.deadline.year + 1))

    def _within(self, day: date) -> bool:
        return self.campaign.start <= day <= self.campaign.deadline

    def _written(self, said: str) -> date | None:
        """The day of the campaign that a title or a head says."""
        for year in self._years:
            day = day_in(Cell("", 0, 0, CellKind.TEXT, said), year=year)
            if isinstance(day, date) and self._within(day):
                return day
        return None

    # All rows together.

    def _categories(self) -> dict[str, Category]:
        return {
            joined(word).lower(): category
            for category in self.campaign.categories
            for word in (category.key, category.name, *category.words)
        }

    def _has_categories(self) -> bool:
        """Whether a column says of which category each row is: 类型 may say 镇 or 街道 as well."""
        said = {joined(row.cell("category").text).lower() for row in self.source.rows}
        return bool(said & self.categories.keys())

    def _villages(self, own: Sequence[_Read]) -> None:
        """Rows of villages are no figures: they are passed over, and held against their township's
        own row.
        """
        parts = [one for one in self.read if one.part]
        if not parts:
            return
        named = {one.township for one in own if one.township}
        alone: dict[TownshipName, _Read] = {}
        for one in parts:
            if one.township is not None and one.township not in named:
                alone.setdefault(one.township, one)
        for township, one in alone.items():
            self._doubt(one, sentence("row.villages_only", name=township))
        rows = tuple(str(one.row.number) for one in parts if one.township not in alone)
        if rows:
            self.notes.append(sentence("note.villages", rows=rows))
        above: _Read | None = None
        below: dict[int, list[_Read]] = {}
        for one in self.read:
            if not one.part:
                above = one
            elif above is not None and one.name in {"", above.name}:
                below.setdefault(id(above), []).append(one)
        for one in own:
            self._compare(one, below.get(id(one), ()))

    def _compare(self, own: _Read, villages: Sequence[_Read]) -> None:
        for key, said in own.values.items():
            if not villages or any(key in one.unread or key not in one.values for one in villages):
                continue
            added = sum((one.values[key] for one in villages), Decimal(0))
            if added != said:
                head = self.columns[key].head.text
                facts = {"name": own.name, "head": head, "added": plain(added), "said": plain(said)}
                self.notes.append(sentence_of("note.villages_differ", facts))

    def _adds_up(self, total: Total, taken: Sequence[_Read]) -> bool:
        """Whether a total was held against its rows, which must come to it: NotTaken if they do
        not. It is no figure.
        """
        compared, held = 0, True
        own = {id(row) for row in total.rows}
        rows = [one for one in taken if id(one.row) in own]
        whole = {one.name for one in rows if one.category is None}
        rows = [one for one in rows if one.category is None or one.name not in whole]
        for key, figure in self.figures.items():
            cell = total.row.cell(key)
            said = None if cell.filled else number_in(cell, units=self.units)
            if said is None:
                continue
            if isinstance(said, ValueFault):
                self.notes.append(sentence("note.total_unread", place=cell.place))
                held = False
            elif any(key in one.unread for one in rows):
                self.notes.append(sentence("note.total_unchecked", place=cell.place))
                held = False
            else:
                said *= figure.times
                compared += 1
                added = sum((value for one in rows for value in _values(one, key)), Decimal(0))
                if said != added:
                    head, number = self.columns[key].head.text, total.row.number
                    raise NotTaken(
                        "sum",
                        f"row {number} says {head} {plain(said)} in all, and the rows come to {plain(added)}",
                        row=number,
                        label=total.label,
                        head=head,
                        said=plain(said),
                        added=plain(added),
                    )
        return held and compared > 0

    def _said(self, taken: Sequence[_Read]) -> tuple[list[_Said], int]:
        """What the rows say, those of one township by category together; how many say nothing."""
        together: dict[tuple[TownshipName, date], _Said] = {}
        said: list[_Said] = []
        empty = 0
        for one in taken:
            if one.doubt is not None:
                self._doubt(one, one.doubt)
            elif one.township is None or not (one.values or one.shared):
                empty += 1
            else:
                for day, cells in self._by_day(one).items():
                    key = (one.township, day)
                    if (
                        self.by_category
                        and key in together
                        and not cells.keys() & together[key].cells.keys()
                    ):
                        together[key].cells.update(cells)
                        continue
                    line = one.row.number
                    found = _Said(
                        line=line,
                        township=one.township,
                        day=day,
                        cells=cells,
                        text=one.row.text[:80],
                    )
                    together.setdefault(key, found)
                    said.append(found)
        return said, empty

    def _by_day(self, read: _Read) -> dict[date, dict[str, Decimal]]:
        """The figures of a row by the day they are of."""
        found: dict[date, dict[str, Decimal]] = {}
        for key, value in {**read.values, **read.shared}.items():
            figure = self.figures[key]
            day = (
                read.day
                or (self._written(figure.day) if figure.day else None)
                or self.open_day
                or _NO_DAY
            )
            category = read.category.name if read.category and key not in read.shared else ""
            found.setdefault(day, {})[f"{category}{figure.words}"] = value
        return found

    def _once(self, said: Sequence[_Said]) -> list[_Said]:
        """Of a township that stands there twice for a day nothing is taken, for nobody knows which
        holds.
        """
        times = Counter((one.township, one.day) for one in said)
        kept = []
        for one in said:
            if times[one.township, one.day] > 1:
                told = sentence("row.twice", name=one.township)
                self.doubts.append(_chat_doubt(one.line, one.text, told))
            else:
                kept.append(one)
        return kept

    def _message(self, said: _Said) -> ChatMessage:
        """As the reader's table form has it: a head, and one row; the day above, if it is not the
        one that is open.
        """
        lines = [
            "\t".join(("乡镇", *said.cells)),
            "\t".join((said.township, *map(plain, said.cells.values()))),
        ]
        if said.day not in {self.open_day, _NO_DAY}:
            lines.insert(0, f"{said.day.year}年{said.day.month}月{said.day.day}日")
        text = "\n".join(lines)
        key = "\x1f".join((self.campaign.key, self.mark, str(said.line), text))
        return ChatMessage(
            id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            sender=next(iter(self.campaign.office_staff), self.campaign.office),
            at=self.at,
            text=text,
            line=said.line,
            stated=self._stated(said),
        )

    def _stated(self, said: _Said) -> Mapping[str, Any] | None:
        """The cells of a row as claims, so that nothing is read out of the text that records
        them.
        """
        cells = [
            column_cell(self.campaign, templates.reading(), head, value)
            for head, value in said.cells.items()
        ]
        day = None if said.day in {self.open_day, _NO_DAY} else said.day
        known = tuple(cell for cell in cells if cell is not None)
        if len(known) < len(cells):
            return None
        return stated_to_json(Stated(township=said.township, day=day, cells=known))

    def _doubt(self, read: _Read, told: Sentence) -> None:
        self.doubts.append(_chat_doubt(read.row.number, read.row.text[:80], told))

    # What a person must know besides.

    def _unread_columns(self) -> Iterator[TableColumn]:
        used = {"township", "day", *self.figures}
        used |= {"village"} if self.by_village else set()
        used |= {"category"} if self.by_category else set()
        for column in self.source.columns:
            if column.block == 0 and column.key not in used:
                yield column

    def _table_notes(self) -> Iterator[Sentence]:
        source = self.source
        if source.unread:
            yield sentence("note.unread_sheets", sheets=source.unread)
        hidden = tuple(dict.fromkeys(str(row.number) for row in source.rows if row.hidden))
        if hidden:
            yield sentence("note.hidden_rows", rows=hidden)
        unread = {column.number for column in self._unread_columns()}
        for code, which in (("note.hidden_columns", False), ("note.hidden_unread", True)):
            columns = tuple(
                f"{column.letters} {column.head.text}".strip()
                for column in source.columns
                if column.hidden and (column.number in unread) is which
            )
            if columns:
                yield sentence(code, columns=columns)
        for why in Passed:
            rows = tuple(str(one.row) for one in source.passed_over if one.why is why)
            if rows:
                yield sentence(f"note.{why}", rows=rows)
        yield from self._day_above()

    def _day_above(self) -> Iterator[Sentence]:
        if self.source.column("day") is not None or self.open_day is None:
            return
        for text in self.source.above:
            for said in re.findall(
                r"(?:20[0-9]{2}[年./-])?[0-9]{1,2}[月./-][0-9]{1,2}日?", joined(text)
            ):
                day = self._written(said) if "月" in said or said.startswith("20") else None
                if day is not None and day != self.open_day:
                    yield sentence("note.day_above", day=day, open=self.open_day)
                    return


def _values(read: _Read, key: str) -> Iterable[Decimal]:
    if key in read.values:
        yield read.values[key]
    area = read.row.cell(key).area
    if key in read.shared and area is not None and area[0] == read.row.number:
        yield read.shared[key]


def _chat_doubt(line: int, text: str, told: Sentence) -> ChatDoubt:
    return ChatDoubt(line=line, text=text, why=str(told), code=told.rule, facts=dict(told.facts))


def text_of(cell: Cell) -> str:
    """What a cell shows, short enough for a sentence."""
    return joined(cell.text)[:20]
