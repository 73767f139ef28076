"""Takes in the office's own table, CSV or Excel: each row becomes one reply of the office, or is refused with its reason."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.figures.progress import plain
from bot.domain.replies.reading.chat import Chat, ChatDoubt, ChatMessage
from bot.domain.replies.reading.table import REMARKS, SERIALS, SUMS, UNITS, unread_heads
from config.cells import NoTable, head_of, rows_of
from config.roster import COLUMNS

VOUCHED = "import vouched"
"""The kind of decision by which somebody answers for a row."""

KINDS = (".csv", ".txt", ".xlsx", ".xlsm")
MOST_ROWS = 500
HEAD_WITHIN = 5
"""People put a title above the table: the head is looked for in so many rows."""

_NAMES = frozenset(map(head_of, (*UNITS, *COLUMNS["name"])))
_DATES = frozenset({"日期", "报送日期", "填报日期", "数据日期", "date"})
_FOLLOWS = re.compile("率|占比|比例|百分|排名|名次|位次")
"""Columns that follow from others, as people's sheets have them; they are passed over."""

_NOTHING = frozenset({"", "-", "/", "—", "--"})
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")
_DAY = re.compile(
    r"(?:(?P<year>20[0-9]{2})[-/.年])?(?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?(?:[ T]00:00(?::00)?)?"
)


class NotTaken(Refusal):
    """A file that is no table of figures; nothing of it was stored."""

    room = "import"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as replies of the office and doubts, row by row; which of its columns are read, and which passed over."""

    chat: Chat
    read: tuple[str, ...]
    passed_over: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Columns:
    width: int
    name: int
    day: int | None
    figures: Mapping[int, str]
    passed_over: tuple[str, ...]


def table_of(campaign: Campaign, name: str, content: bytes, *, at: datetime, open_day: date | None, mark: str) -> Table:
    """The table of a file of that name, said by the office at `at`. NotTaken when it is none.

    A row of another day than `open_day` says its day. Under the same `mark` the same row is the same message.
    """
    if not campaign.office_staff:
        raise NotTaken("no_office", "rows of a table are replies of the office, and the campaign names no office_staff")
    if not name.lower().endswith(KINDS):
        raise NotTaken("kind", f"only {', '.join(KINDS)} are read; save it as one of them")
    try:
        rows = [[_seen(cell) for cell in row] for row in rows_of(name, content)]
    except NoTable as fault:
        raise NotTaken(fault.why, str(fault), **fault.facts) from None
    except csv.Error as fault:
        raise NotTaken("no_text", f"it cannot be read as a table: {fault}") from None
    top = next((at for at, row in enumerate(rows[:HEAD_WITHIN]) if _NAMES & set(map(head_of, row))), None)
    if top is None:
        raise NotTaken("no_head", "no column 乡镇 stands in its first rows; the row of column heads must have it")
    body = [(number, row) for number, row in enumerate(rows[top + 1 :], top + 2) if any(row)]
    if len(body) > MOST_ROWS:
        raise NotTaken("rows", f"it has {len(body)} rows; at most {MOST_ROWS} are taken at once", most=MOST_ROWS)
    columns = _columns(campaign, rows[top], [row for _, row in body])
    taker = _Rows(campaign, columns, at, open_day, mark)
    for number, row in body:
        taker.take(number, row)
    taker.add_up()
    return Table(chat=taker.chat(), read=tuple(columns.figures.values()), passed_over=columns.passed_over)


def _seen(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", cell).split())


def _columns(campaign: Campaign, head: Sequence[str], body: Sequence[Sequence[str]]) -> _Columns:
    name: int | None = None
    day: int | None = None
    figures: dict[int, str] = {}
    passed_over: list[str] = []
    for at, cell in enumerate(head):
        known = head_of(cell)
        filled = any(len(row) > at and row[at] for row in body)
        if not cell:
            if filled:
                raise NotTaken("headless", f"column {at + 1} has cells and no head", column=at + 1)
        elif known in _NAMES and name is None:
            name = at
        elif known in _DATES and day is None:
            day = at
        elif cell in SERIALS or known in SERIALS | REMARKS or _FOLLOWS.search(known):
            passed_over.append(cell)
        else:
            figures[at] = cell
    if any(any(row[len(head) :]) for row in body):
        raise NotTaken("headless", f"a row has more cells than the head's {len(head)} columns", column=len(head) + 1)
    assert name is not None  # noqa: S101  the head was found by it
    if unread := unread_heads(campaign, list(figures.values())):
        raise NotTaken("heads", f"columns that say no stage or category: {', '.join(unread)}", heads="、".join(unread))
    twice = [cell for cell, times in Counter(map(head_of, figures.values())).items() if times > 1]
    if twice:
        raise NotTaken("head_twice", f"two columns are headed {twice[0]}", head=twice[0])
    if not figures:
        raise NotTaken("no_figures", "it has no column of a stage")
    return _Columns(width=len(head), name=name, day=day, figures=figures, passed_over=tuple(passed_over))


class _Rows:
    """Takes the rows one by one; a bad one stops none."""

    def __init__(self, campaign: Campaign, columns: _Columns, at: datetime, open_day: date | None, mark: str) -> None:
        self.campaign = campaign
        self.columns = columns
        self.at = at
        self.open_day = open_day
        self.mark = mark
        self.towns = {name: one.name for one in campaign.townships for name in (one.name, *one.aliases)}
        self.messages: list[tuple[TownshipName, date | None, ChatMessage]] = []
        self.doubts: list[ChatDoubt] = []
        self.sums: list[tuple[int, Sequence[str]]] = []
        self.added: dict[int, Decimal] = {}
        self.empty = 0

    def take(self, number: int, row: Sequence[str]) -> None:
        """One row of the file."""
        row = [*row, *[""] * (self.columns.width - len(row))]
        name = row[self.columns.name]
        if name in SUMS:
            self.sums.append((number, row))
            return
        cells = {at: row[at].replace(",", "") for at in self.columns.figures if row[at] not in _NOTHING}
        shown = " ".join(cell for cell in row if cell)[:80]
        if not name:
            self._doubt(number, shown, "no_name", "names no township")
            return
        wrong = next(((at, cell) for at, cell in cells.items() if not _NUMBER.fullmatch(cell)), None)
        if wrong is not None:
            head = self.columns.figures[wrong[0]]
            self._doubt(number, shown, "cell", f"{head} is no number", head=head, cell=row[wrong[0]][:20])
            return
        for at, cell in cells.items():
            self.added[at] = self.added.get(at, Decimal(0)) + Decimal(cell)
        if name not in self.towns:
            self._doubt(number, shown, "township", f"{name[:20]} is no township of the campaign", name=name[:20])
            return
        said = row[self.columns.day] if self.columns.day is not None else ""
        day = self._day(said) if said else self.open_day
        if said and day is None:
            self._doubt(number, shown, "day", f"{said[:20]} is no day of the campaign", day=said[:20])
        elif not cells:
            self.empty += 1
        else:
            self._say(number, self.towns[name], day, cells)

    def _say(self, number: int, township: TownshipName, day: date | None, cells: Mapping[int, str]) -> None:
        """As the reader's table form has it: a head, and one row; the day above, if it is not the one that is open."""
        lines = [
            "\t".join(("乡镇", *(self.columns.figures[at] for at in cells))),
            "\t".join((township, *cells.values())),
        ]
        if day is not None and day != self.open_day:
            lines.insert(0, f"{day.year}年{day.month}月{day.day}日")
        text = "\n".join(lines)
        key = "\x1f".join((self.campaign.key, self.mark, str(number), text))
        message = ChatMessage(
            id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            sender=self.campaign.office_staff[0],
            at=self.at,
            text=text,
            line=number,
        )
        self.messages.append((township, day, message))

    def _day(self, said: str) -> date | None:
        found = _DAY.fullmatch(said)
        if found is None:
            return None
        years = (
            [int(found["year"])] if found["year"] else range(self.campaign.start.year, self.campaign.deadline.year + 1)
        )
        for year in years:
            try:
                day = date(year, int(found["month"]), int(found["day"]))
            except ValueError:
                continue
            if self.campaign.start <= day <= self.campaign.deadline:
                return day
        return None

    def add_up(self) -> None:
        """A row 合计 must be the sum of the rows: NotTaken if it is not. It is no figure."""
        for number, row in self.sums:
            for at, head in self.columns.figures.items():
                told = row[at].replace(",", "")
                added = self.added.get(at, Decimal(0))
                if _NUMBER.fullmatch(told) and Decimal(told) != added:
                    raise NotTaken(
                        "sum",
                        f"row {number} says {head} {told} in all, and the rows come to {plain(added)}",
                        row=number,
                        head=head,
                        said=told,
                        added=plain(added),
                    )

    def chat(self) -> Chat:
        """What was taken: of a township that stands there twice for a day nothing, for nobody knows which holds."""
        times = Counter((township, day) for township, day, _ in self.messages)
        for township, day, message in self.messages:
            if times[township, day] > 1:
                self._doubt(
                    message.line,
                    message.text.replace("\t", " "),
                    "twice",
                    f"{township} stands there twice",
                    name=township,
                )
        messages = tuple(message for township, day, message in self.messages if times[township, day] == 1)
        doubts = tuple(sorted(self.doubts, key=lambda doubt: doubt.line))
        return Chat(messages=messages, doubts=doubts, passed_over=self.empty + len(self.sums))

    def _doubt(self, number: int, text: str, code: str, why: str, **facts: object) -> None:
        self.doubts.append(ChatDoubt(line=number, text=text, why=why, code=code, facts=facts))
