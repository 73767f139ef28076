"""Reads a bank's return by its description: all of the file or nothing of it.

Of all the forms a campaign knows, exactly one may read a file whole; what does not fit at once
is told by the form that came furthest.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.domain.money.amounts import Fen, NoAmount, fen_of, yuan
from bot.domain.money.bank_form import BankForm, Field, FieldPlace, Shape, SumField
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.ledger import Result
from bot.domain.registers.cells import name_said

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000
LONGEST_NOTE = 400
"""Signs of the text in which a note's day is looked for."""


@dataclass(frozen=True, kw_only=True)
class BankRow:
    """One line of a return as the bank wrote it. `result` is None for a word the form does not
    know.
    """

    row: int
    account: str
    name: str
    amount: Fen
    day: date | None
    result: Result | None
    code: str = ""
    reason: str = ""
    wordless: bool = False
    serial: str = ""
    original: str = ""
    own: int | None = None


@dataclass(frozen=True, kw_only=True)
class BankFile:
    """A return that was read whole. `faults` are cells of single rows that say nothing; those rows
    are not in `rows`.
    """

    form: BankForm
    rows: tuple[BankRow, ...]
    faults: tuple[CaseDoubt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BankFileUnreadable:
    """Why a form does not read a file, and the lines it had read by then."""

    form: BankForm
    doubt: CaseDoubt
    rows: tuple[BankRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BankCell:
    """A cell of a sheet: its text, and whether it was kept as a number, of which long ones lose
    their last digits.
    """

    text: str
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class BankSheet:
    """A sheet of a workbook: its name and its rows from the first on."""

    name: str
    rows: tuple[tuple[BankCell, ...], ...]


def read_return(
    forms: Sequence[BankForm], content: bytes, sheets: Sequence[BankSheet] = ()
) -> BankFile | CaseDoubt:
    """The file as the one form reads it that can read it whole; else what is wrong with it.

    `sheets` are those of a workbook; for every other file there are none. Forms that read the same
    lines are one, and the one that says most of them is taken; where one of them finds that the
    file's own sums do not hold, that is what is told.
    """
    tried = [read(form, content, sheets) for form in forms]
    whole = [one for one in tried if isinstance(one, BankFile)]
    refused = [one for one in tried if isinstance(one, BankFileUnreadable)]
    if whole:
        best = max(whole, key=_says)
        if not all(_agree(best.rows, one.rows) for one in whole):
            names = "、".join(one.form.name or one.form.key for one in whole)
            return CaseDoubt(
                kind=MoneyDoubtKind.FORM_SEVERAL, weight=Weight.FILE, facts={"forms": names}
            )
        sums = (
            one
            for one in refused
            if one.doubt.kind == MoneyDoubtKind.TOTAL_DIFFERS and _agree(best.rows, one.rows)
        )
        return next((one.doubt for one in sums), best)
    nearest = max(
        refused,
        key=lambda one: (len(one.rows), one.doubt.kind != MoneyDoubtKind.FORM_UNKNOWN),
        default=None,
    )
    return (
        nearest.doubt
        if nearest
        else CaseDoubt(kind=MoneyDoubtKind.FORM_UNKNOWN, weight=Weight.FILE)
    )


def _says(file: BankFile) -> tuple[int, int]:
    """How much a reading says: how many words of the bank's it knows, and how many columns."""
    return sum(row.result is not None for row in file.rows), len(file.form.columns)


def _agree(rows: Sequence[BankRow], others: Sequence[BankRow]) -> bool:
    """Whether two readings of a file are of the same lines, and where both say something of one it
    is the same.
    """
    return len(rows) == len(others) and all(map(_same_line, rows, others))


def _same_line(row: BankRow, other: BankRow) -> bool:
    # What only one of them takes for money that moved, neither knows for certain.
    moved = (row.result is Result.THROUGH, other.result is Result.THROUGH)
    if (row.row, row.amount) != (other.row, other.amount) or moved[0] != moved[1]:
        return False
    pairs = (
        (row.result, other.result),
        (row.account, other.account),
        (row.name, other.name),
        (row.day, other.day),
        (row.serial, other.serial),
        (row.own, other.own),
    )
    return all(not one or not two or one == two for one, two in pairs)


def read_by_groups(
    groups: Sequence[Sequence[BankForm]], content: bytes, sheets: Sequence[BankSheet] = ()
) -> BankFile | CaseDoubt:
    """The file as `read_return` reads it by the first group of forms that knows it: a form of one's
    own before those of all.
    """
    told: CaseDoubt | None = None
    for forms in groups:
        got = read_return(forms, content, sheets)
        if isinstance(got, BankFile) or got.kind in _KNOWN:
            return got
        if told is None or told.kind == MoneyDoubtKind.FORM_UNKNOWN:
            told = got
    return told or CaseDoubt(kind=MoneyDoubtKind.FORM_UNKNOWN, weight=Weight.FILE)


_KNOWN = frozenset(
    {MoneyDoubtKind.TOTAL_DIFFERS, MoneyDoubtKind.LINE_TRUNCATED, MoneyDoubtKind.FORM_SEVERAL}
)
"""What is only found in a file by a form that knows it."""


def read(
    form: BankForm, content: bytes, sheets: Sequence[BankSheet] = ()
) -> BankFile | BankFileUnreadable:
    """The rows of a return as one form reads them, or why it does not."""
    reading = _Reading(form)
    try:
        if len(content) > MOST_BYTES:
            raise _Stop(MoneyDoubtKind.FORM_UNKNOWN)
        return reading.file(_lines(form, content, sheets))
    except _Stop as stop:
        # A file in another encoding is of no form that expects this one.
        facts = (
            stop.facts
            if stop.kind is MoneyDoubtKind.ENCODING
            else {"form": form.name or form.key, **stop.facts}
        )
        doubt = CaseDoubt(
            kind=stop.kind, weight=Weight.FILE, row=stop.row, column=stop.column, facts=facts
        )
        return BankFileUnreadable(form=form, doubt=doubt, rows=tuple(reading.rows))


class _Stop(Exception):
    def __init__(
        self, kind: MoneyDoubtKind, row: int | None = None, column: str = "", **facts: str
    ) -> None:
        self.kind, self.row, self.column, self.facts = kind, row, column, facts


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A line of the file: its fields, and of a line of fixed width its bytes."""

    row: int
    cells: tuple[BankCell, ...] = ()
    raw: bytes = b""
    encoding: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.cells)


def _lines(form: BankForm, content: bytes, sheets: Sequence[BankSheet]) -> list[_Line]:
    if form.shape is Shape.SHEET:
        return _of_sheet(form, sheets)
    if sheets or content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or b"\0" in content:
        raise _Stop(MoneyDoubtKind.FORM_UNKNOWN)
    content = content.rstrip(b"\x1a")
    text, encoding = _decoded(form, content)
    if form.shape is Shape.FIXED:
        raw = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
        return [
            _Line(row=row, raw=line, encoding=encoding)
            for row, line in enumerate(raw, 1)
            if line.strip()
        ]
    if form.shape is Shape.CSV:
        return list(_of_csv(form, text))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [
        _Line(row=row, cells=_fields(form, line))
        for row, line in enumerate(lines, 1)
        if line.strip()
    ]


def _decoded(form: BankForm, content: bytes) -> tuple[str, str]:
    """The text in the first encoding that fits, with its name.

    Much that is UTF-8 can be read as GBK too, as other characters: what is plainly UTF-8 is read as
    nothing else.
    """
    fault: UnicodeDecodeError | None = None
    at = _plainly_utf8(content)
    for encoding in form.encodings:
        if at is not None and not encoding.startswith("utf"):
            continue
        try:
            return content.decode("utf-8-sig" if encoding == "utf-8" else encoding), encoding
        except UnicodeDecodeError as error:
            fault = fault or error
    at = fault.start if fault else at or 0
    row = content[:at].count(b"\n") + 1
    raise _Stop(MoneyDoubtKind.ENCODING, row, encoding=form.encodings[0].upper())


def _plainly_utf8(content: bytes) -> int | None:
    """Where the first character stands that no text of another encoding begins with; None if this
    is no UTF-8.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    # Chinese characters have three bytes, which as GBK would be a common character and a half.
    at = next((at for at, sign in enumerate(text) if sign > "\u07ff"), None)
    return None if at is None else len(text[:at].encode())


def _of_sheet(form: BankForm, sheets: Sequence[BankSheet]) -> list[_Line]:
    named = [sheet for sheet in sheets if sheet.name == form.sheet] if form.sheet else list(sheets)
    for sheet in named:
        lines = [
            _Line(row=row, cells=cells)
            for row, cells in enumerate(sheet.rows, 1)
            if any(cell.text.strip() for cell in cells)
        ]
        if not form.by_heads or any(_heads_at(form, line.texts) for line in lines):
            return lines
    raise _Stop(MoneyDoubtKind.FORM_UNKNOWN)


def _of_csv(form: BankForm, text: str) -> Iterator[_Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=form.separator or ",")
    last = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _Stop(MoneyDoubtKind.LINE_UNREAD, last + 1) from None
        if any(cell.strip() for cell in row):
            yield _Line(row=last + 1, cells=tuple(BankCell(text=cell) for cell in row))
        last = reader.line_num


_RULE = re.compile(r"[─-╿\s]*")


def _fields(form: BankForm, line: str) -> tuple[BankCell, ...]:
    if form.shape is Shape.BLANKS:
        return tuple(BankCell(text=part) for part in line.split())
    parts = line.split(form.separator)
    if "─" <= form.separator <= "╿":
        if _RULE.fullmatch(line):
            return ()
        # A drawn frame has its character before the first and behind the last field too.
        parts = parts[1:] if not parts[0].strip() else parts
        parts = parts[:-1] if parts and not parts[-1].strip() else parts
    return tuple(BankCell(text=part) for part in parts)


def _head(text: str) -> str:
    """A column head without blanks, capitals, and what stands in brackets behind it."""
    return re.sub(r"\(.*\)$", "", re.sub(r"\s", "", unicodedata.normalize("NFKC", text))).lower()


def _heads_at(form: BankForm, texts: Sequence[str]) -> Mapping[Field, int]:
    """Where each column of the form stands in a row of heads; nothing unless all that must be there
    are.
    """
    heads = [_head(text) for text in texts]
    found: dict[Field, int] = {}
    for what, place in form.columns.items():
        at = next((heads.index(_head(word)) for word in place.heads if _head(word) in heads), None)
        if at is None and place.heads and what not in _OPTIONAL:
            return {}
        if at is not None:
            found[what] = at
    return found


_OPTIONAL = frozenset({Field.REASON, Field.ORIGINAL, Field.MOVED})
_TOTALS = ("合计", "总计", "小计", "汇总")
_SIDE = re.compile(r"(总笔数|总数|共|合计|成功|失败)?[:：]?(\d{1,9})(?:笔|户|条)")


@dataclass
class _Reading:
    form: BankForm
    rows: list[BankRow] = field(default_factory=list)
    faults: list[CaseDoubt] = field(default_factory=list)
    heads: Mapping[Field, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def file(self, lines: list[_Line]) -> BankFile:
        record = self.form.record
        lines = [line for line in lines if line.cells or line.raw]
        titles, lines = lines[: record.skip], lines[record.skip :]
        self.notes += [self._text(line) for line in titles]
        if self.form.by_heads:
            lines = self._below_heads(lines)
        head, body, tail = self._parted(lines)
        for line in body:
            self._one(line)
        if not self.rows or all(row.result is None for row in self.rows):
            raise _Stop(MoneyDoubtKind.FORM_UNKNOWN)
        for line in head:
            self._check(line, self.form.head_sums, record.head or "head")
        for line in tail:
            self._check_tail(line)
        return BankFile(form=self.form, rows=self._dated(), faults=tuple(self.faults))

    def _text(self, line: _Line) -> str:
        return line.raw.decode(line.encoding, "replace") if line.raw else "\t".join(line.texts)

    def _below_heads(self, lines: list[_Line]) -> list[_Line]:
        for at, line in enumerate(lines):
            self.heads = _heads_at(self.form, line.texts)
            if self.heads:
                return lines[at + 1 :]
            self.notes.append(self._text(line))
        raise _Stop(MoneyDoubtKind.FORM_UNKNOWN)

    def _parted(self, lines: list[_Line]) -> tuple[list[_Line], list[_Line], list[_Line]]:
        """The lines of the head, of the body and of the tail."""
        record = self.form.record
        if record.mark is not None:
            return self._by_mark(lines, record.mark)
        head, rest = lines[: record.first], lines[record.first :]
        body, tail = (rest[: -record.last], rest[-record.last :]) if record.last else (rest, [])
        if record.count is not None:
            for line in body:
                if not self._has_fields(line, record.count) and not self._is_total(line):
                    raise _Stop(MoneyDoubtKind.LINE_UNREAD, line.row)
        end = next((at for at, line in enumerate(body) if self._is_total(line)), None)
        if end is not None:
            self._only_notes(body[end + 1 :])
            body, tail = body[:end], [body[end], *tail]
        return head, body, tail

    def _by_mark(
        self, lines: list[_Line], place: FieldPlace
    ) -> tuple[list[_Line], list[_Line], list[_Line]]:
        record = self.form.record
        parts: dict[str, list[_Line]] = {record.line: []}
        parts |= {mark: [] for mark in (record.head, record.tail) if mark}
        for line in lines:
            mark = self._get(line, place, record.line).strip()
            if mark not in parts:
                # In a file of this form the lines before bear its marks.
                kind = (
                    MoneyDoubtKind.LINE_UNREAD
                    if any(parts.values())
                    else MoneyDoubtKind.FORM_UNKNOWN
                )
                raise _Stop(kind, line.row)
            parts[mark].append(line)
        head = parts.get(record.head, []) if record.head else []
        tail = parts.get(record.tail, []) if record.tail else []
        for mark, sums, found in (
            (record.head, self.form.head_sums, head),
            (record.tail, self.form.tail_sums, tail),
        ):
            if mark and sums and not found:
                raise _Stop(
                    MoneyDoubtKind.LINE_TRUNCATED
                    if parts[record.line]
                    else MoneyDoubtKind.FORM_UNKNOWN,
                    None,
                    mark,
                )
        return head, parts[record.line], tail

    def _has_fields(self, line: _Line, count: int) -> bool:
        """Whether a line has so many fields; a separator behind the last one makes no field."""
        fields = len(line.cells)
        if self.form.shape is Shape.SHEET:
            return fields <= count  # a row of a sheet ends with the last cell that holds something
        return fields == count or (fields == count + 1 and not line.texts[-1].strip())

    def _is_total(self, line: _Line) -> bool:
        texts = [_head(text) for text in line.texts if text.strip()]
        return bool(texts) and texts[0].startswith(_TOTALS)

    def _only_notes(self, lines: Sequence[_Line]) -> None:
        for line in lines:
            if sum(1 for text in line.texts if text.strip()) > 3:
                raise _Stop(MoneyDoubtKind.LINE_UNREAD, line.row)

    def _one(self, line: _Line) -> None:
        form = self.form
        if form.shape is Shape.FIXED:
            self._whole(line)
        said = {what: self._cell(line, what) for what in form.columns}
        account = re.sub(
            r"\s", "", unicodedata.normalize("NFKC", said.get(Field.ACCOUNT, ""))
        ).removeprefix("'")
        own = said.get(Field.LINE, "").strip().lstrip("0")
        if not self.rows and not self.faults and self._is_head(account, said):
            return
        fault = self._fault_of(line, account, own)
        if fault is not None:
            self._doubted(line, *fault)
            return
        try:
            result, words, amount = self._result(said)
        except NoAmount:
            self._doubted(line, MoneyDoubtKind.AMOUNT_FORM, Field.AMOUNT)
            return
        try:
            day = self._day(said.get(Field.DAY, ""))
        except ValueError:
            self._doubted(line, MoneyDoubtKind.DATE_FORM, Field.DAY)
            return
        reason = said.get(Field.REASON, "").strip()
        self.rows.append(
            BankRow(
                row=line.row,
                account=account,
                name=name_said(said.get(Field.NAME, "")).value,
                amount=amount,
                day=day,
                result=result,
                code=said.get(Field.CODE, "").strip(),
                reason=reason or words,
                wordless=not reason and Field.REASON in form.columns,
                serial=said.get(Field.SERIAL, "").strip(),
                original=said.get(Field.ORIGINAL, "").strip(),
                own=int(own) if own.isascii() and own.isdigit() else None,
            )
        )
        if len(self.rows) > MOST_ROWS:
            raise _Stop(MoneyDoubtKind.FORM_UNKNOWN)

    def _is_head(self, account: str, said: Mapping[Field, str]) -> bool:
        """Whether the first line is the heads of columns that the form finds by their places."""
        texts = (account, said[Field.AMOUNT])
        return all(text.strip() and not re.search(r"\d", text) for text in texts)

    def _whole(self, line: _Line) -> None:
        width = self.form.width
        if width is None or len(line.raw) == width:
            return
        if len(line.raw) > width and _reads_as(line.raw, "utf-8") and not line.raw.isascii():
            raise _Stop(MoneyDoubtKind.ENCODING, line.row, encoding=line.encoding.upper())
        raise _Stop(
            MoneyDoubtKind.LINE_TRUNCATED, line.row, width=str(width), found=str(len(line.raw))
        )

    def _fault_of(self, line: _Line, account: str, own: str) -> tuple[MoneyDoubtKind, Field] | None:
        if Field.ACCOUNT in self.form.columns:
            at = self._at(Field.ACCOUNT)
            if (
                at is not None
                and at < len(line.cells)
                and line.cells[at].number
                and len(account) > 15
            ):
                return MoneyDoubtKind.ACCOUNT_ROUNDED, Field.ACCOUNT
            if not re.fullmatch(r"[0-9]{8,32}", account):
                return (
                    MoneyDoubtKind.ACCOUNT_FORM if account else MoneyDoubtKind.ACCOUNT_MISSING
                ), Field.ACCOUNT
        elif not own:
            return MoneyDoubtKind.LINE_UNKNOWN, Field.LINE
        return None

    def _result(self, said: Mapping[Field, str]) -> tuple[Result | None, str, Fen]:
        result, words = self.form.result(_code(said.get(Field.CODE, "")))
        amount = fen_of(said[Field.AMOUNT], self.form.unit)
        if said.get(Field.MOVED, "").strip():
            moved = fen_of(said[Field.MOVED], self.form.unit)
            if result is Result.THROUGH:
                amount = moved
            elif moved:
                result = None  # the word says it failed and the amount that money moved
        if amount < 0:
            if Result.REVERSED is not result and not (
                self.form.reversed and result is Result.THROUGH
            ):
                raise NoAmount(said[Field.AMOUNT])
            return Result.REVERSED, words, Fen(-amount)
        return result, words, amount

    def _day(self, text: str) -> date | None:
        text = unicodedata.normalize("NFKC", text).strip()
        if not text or not text.strip("0"):
            return None
        for way in (*self.form.days, "%Y-%m-%d"):
            try:
                return datetime.strptime(text, way).date()  # noqa: DTZ007 (a day has no zone)
            except ValueError:
                continue
        raise ValueError(text)

    def _dated(self) -> tuple[BankRow, ...]:
        """The rows, those without a day of their own on the day of the file's note."""
        if not self.form.day_in_note:
            return tuple(self.rows)
        pattern = re.compile(self.form.day_in_note)
        found = next(
            filter(None, (pattern.search(note[:LONGEST_NOTE]) for note in self.notes)), None
        )
        if found is None:
            raise _Stop(MoneyDoubtKind.DATE_FORM, None, Field.DAY)
        try:
            day = self._day(found.group(1) if pattern.groups else found.group())
        except ValueError:
            raise _Stop(MoneyDoubtKind.DATE_FORM, None, Field.DAY) from None
        return tuple(row if row.day else replace(row, day=day) for row in self.rows)

    def _doubted(self, line: _Line, kind: MoneyDoubtKind, column: Field) -> None:
        self.faults.append(CaseDoubt(kind=kind, weight=Weight.ROW, row=line.row, column=column))

    def _at(self, what: Field) -> int | None:
        return self.heads.get(what, self.form.columns[what].at)

    def _cell(self, line: _Line, what: Field) -> str:
        place = self.form.columns[what]
        if place.heads:
            at = self.heads.get(what)
            text = line.texts[at] if at is not None and at < len(line.texts) else ""
            return _part(text, place)
        return self._get(line, place, what)

    def _get(self, line: _Line, place: FieldPlace, what: str) -> str:
        if line.raw:
            return self._bytes(line, place)
        texts = line.texts
        if place.span is not None:
            return _part(" ".join(texts[slice(*place.span)]), place)
        at = place.at if place.at is not None else 0
        if self.form.shape is Shape.SHEET and at >= len(texts):
            return ""
        if not -len(texts) <= at < len(texts):
            kind = (
                MoneyDoubtKind.LINE_TRUNCATED
                if self.rows or self.form.record.mark
                else MoneyDoubtKind.FORM_UNKNOWN
            )
            raise _Stop(kind, line.row, what)
        return _part(texts[at], place)

    def _bytes(self, line: _Line, place: FieldPlace) -> str:
        first, last = place.span or (0, None)
        try:
            return _part(line.raw[first:last].decode(line.encoding), place)
        except UnicodeDecodeError:
            # A field that begins within a character: what stands before it has another length than
            # it should.
            kind = MoneyDoubtKind.LINE_TRUNCATED if self.rows else MoneyDoubtKind.FORM_UNKNOWN
            raise _Stop(kind, line.row) from None

    def _check(self, line: _Line, sums: Mapping[SumField, FieldPlace], mark: str) -> None:
        """Compares what a line of the file says of all the others with what they come to."""
        for what, place in sums.items():
            text = self._sum_text(line, place)
            try:
                said = int(text) if what in _COUNTS else fen_of(text, self.form.unit)
            except ValueError:
                raise _Stop(
                    MoneyDoubtKind.TOTAL_DIFFERS, line.row, mark, what=what, said=text
                ) from None
            least, most = self._sum(what)
            if not least <= said <= most:
                shown = str if what in _COUNTS else _yuan
                raise _Stop(
                    MoneyDoubtKind.TOTAL_DIFFERS,
                    line.row,
                    mark,
                    what=what,
                    said=shown(said),
                    sum=shown(least),
                )

    def _sum_text(self, line: _Line, place: FieldPlace) -> str:
        text = self._get(line, place, "sum").strip()
        return text.replace(",", "")

    def _check_tail(self, line: _Line) -> None:
        record = self.form.record
        self._check(line, self.form.tail_sums, record.tail or _TOTALS[0])
        if not self.form.tail_sums and self.form.by_heads:
            self._check_total(line)

    def _check_total(self, line: _Line) -> None:
        """A row 合计 that nobody described: the sum in the column of amounts, and counts with their
        words.
        """
        at = self.heads.get(Field.AMOUNT)
        text = line.texts[at].strip() if at is not None and at < len(line.texts) else ""
        if text:
            self._check_column(line, text)
        sides = {"成功": SumField.THROUGH, "失败": SumField.FAILED}
        for cell in line.texts:
            for word, count in _SIDE.findall(
                re.sub(r"\s", "", unicodedata.normalize("NFKC", cell))
            ):
                what = sides.get(word, SumField.LINES)
                least, most = self._sum(what)
                if not least <= int(count) <= most:
                    raise _Stop(
                        MoneyDoubtKind.TOTAL_DIFFERS,
                        line.row,
                        _TOTALS[0],
                        what=what,
                        said=count,
                        sum=str(least),
                    )

    def _check_column(self, line: _Line, text: str) -> None:
        try:
            said = fen_of(text, self.form.unit)
        except NoAmount:
            return
        # Some banks sum all lines under the column of amounts, some those that went through.
        for what in (SumField.AMOUNT, SumField.THROUGH_AMOUNT):
            least, most = self._sum(what)
            if least <= said <= most:
                return
        facts = {
            "what": SumField.AMOUNT,
            "said": yuan(said),
            "sum": yuan(Fen(self._sum(SumField.AMOUNT)[0])),
        }
        raise _Stop(MoneyDoubtKind.TOTAL_DIFFERS, line.row, _TOTALS[0], **facts)

    def _sum(self, what: SumField) -> tuple[int, int]:
        """The least and the most a sum may be: a line whose word nobody knows may be on either
        side.
        """
        unknown = [row for row in self.rows if row.result is None]
        if what in (SumField.LINES, SumField.AMOUNT):
            side, either = list(self.rows), []
        else:
            wanted = Result.THROUGH if what in (SumField.THROUGH, SumField.THROUGH_AMOUNT) else None
            side = [
                row
                for row in self.rows
                if row.result is not None and (row.result is Result.THROUGH) is (wanted is not None)
            ]
            either = unknown
        if what in _COUNTS:
            return len(side), len(side) + len(either)
        least = sum(row.amount for row in side)
        return least, least + sum(row.amount for row in either)


_COUNTS = frozenset({SumField.LINES, SumField.THROUGH, SumField.FAILED})


def _code(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _part(text: str, place: FieldPlace) -> str:
    return text.strip()[slice(*place.chars)] if place.chars else text


def _yuan(amount: int) -> str:
    return yuan(Fen(amount))


def _reads_as(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
