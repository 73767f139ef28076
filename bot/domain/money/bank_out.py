"""Writes what a bank is to pay, in the form the bank takes, and reads its own sums back before
anybody sends it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.money.amounts import Fen, NoAmount, Unit, fen_of, plain_yuan
from bot.domain.money.bank_form import Shape

LINE_WORDS = frozenset(
    {"number", "line", "name", "account", "amount", "identity", "case", "township"}
)
SUM_WORDS = frozenset({"lines", "total", "batch", "attempt", "day"})
PLACEHOLDER = re.compile(r"\{(\w+)(?::0(\d{1,2}))?\}")


class NotWritten(ValueError):
    """Why a file for the bank cannot be written: `why` is a code, `row` the line it fails at."""

    def __init__(self, why: str, row: int | None = None) -> None:
        super().__init__(why)
        self.why, self.row = why, row


@dataclass(frozen=True, kw_only=True)
class OutForm:
    """The form in which a bank takes a list. Each field is text with words in braces: `{amount}`,
    `{number:06}`.

    `widths` are the bytes of each field of a line of fixed width; `heads` stand above a table.
    """

    shape: Shape
    encoding: str = "gbk"
    separator: str = ""
    unit: Unit = Unit.YUAN
    line: tuple[str, ...]
    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One line for the bank, whole: this and the file made of it are the only places where it
    is.
    """

    line: int
    case: str
    township: str
    name: str = field(repr=False)
    identity: str = field(repr=False)
    account: str = field(repr=False)
    amount: Fen


def table_of(form: OutForm, payments: Sequence[Payment]) -> list[list[str]]:
    """The lines as fields, without heads and sums."""
    return [
        [_filled(text, _facts(form, number, payment), number) for text in form.line]
        for number, payment in enumerate(payments, 1)
    ]


def written(form: OutForm, payments: Sequence[Payment], facts: Mapping[str, str]) -> bytes:
    """The file, in the form's encoding, its sums read back out of it. NotWritten.

    `facts` are `batch`, `attempt` and `day`, which a head may name. A sheet is not written here.
    """
    sums = {
        **facts,
        "lines": str(len(payments)),
        "total": _amount(form, Fen(sum(payment.amount for payment in payments))),
    }
    table = table_of(form, payments)
    around = [[_filled(text, sums, None) for text in part] for part in (form.head, form.tail)]
    head, tail = ([row] if row else [] for row in around)
    content = _bytes(form, [*head, *([list(form.heads)] if form.heads else []), *table, *tail])
    _read_back(form, content, payments, skip=len(head) + bool(form.heads), last=len(tail))
    return content


def _facts(form: OutForm, number: int, payment: Payment) -> dict[str, str]:
    return {
        "number": str(number),
        "line": str(payment.line),
        "case": payment.case,
        "township": payment.township,
        "name": payment.name,
        "identity": payment.identity,
        "account": payment.account,
        "amount": _amount(form, payment.amount),
    }


def _amount(form: OutForm, amount: Fen) -> str:
    return str(int(amount)) if form.unit is Unit.FEN else plain_yuan(amount)


def _filled(text: str, facts: Mapping[str, str], row: int | None) -> str:
    def put(found: re.Match[str]) -> str:
        if found[1] not in facts:
            raise NotWritten("unknown_word", row)
        return facts[found[1]].zfill(int(found[2] or 0))

    return PLACEHOLDER.sub(put, text)


def _bytes(form: OutForm, rows: Sequence[Sequence[str]]) -> bytes:
    if form.shape is Shape.CSV:
        text = io.StringIO()
        csv.writer(text, delimiter=form.separator or ",", lineterminator="\r\n").writerows(rows)
        return _encoded(form, text.getvalue())
    if form.shape is Shape.FIXED:
        return b"".join(_fixed(form, row, number) + b"\r\n" for number, row in enumerate(rows, 1))
    separator = form.separator or ("  " if form.shape is Shape.BLANKS else "|")
    for number, row in enumerate(rows, 1):
        if any(separator in cell or "\n" in cell for cell in row):
            raise NotWritten("separator", number)
    return _encoded(form, "".join(separator.join(row) + "\r\n" for row in rows))


def _fixed(form: OutForm, row: Sequence[str], number: int) -> bytes:
    parts = []
    for place, cell in enumerate(row):
        raw = _encoded(form, cell)
        width = form.widths[place] if place < len(form.widths) else len(raw)
        if len(raw) > width:
            raise NotWritten("too_long", number)
        parts.append(raw.ljust(width))
    return b"".join(parts)


def _encoded(form: OutForm, text: str) -> bytes:
    try:
        return text.encode("utf-8-sig" if form.encoding == "utf-8" else form.encoding)
    except UnicodeEncodeError as error:
        raise NotWritten("encoding", text[: error.start].count("\n") + 1) from None


def _read_back(
    form: OutForm, content: bytes, payments: Sequence[Payment], skip: int, last: int
) -> None:
    """Every amount as the bank will read it, beside what is to be paid."""
    places = [
        place
        for place, text in enumerate(form.line)
        if PLACEHOLDER.fullmatch(text) and "{amount" in text
    ]
    if len(places) != 1:
        raise NotWritten("no_amount")
    lines = content.split(b"\r\n")[:-1]
    body = lines[skip : len(lines) - last]
    if len(body) != len(payments):
        raise NotWritten("lines_differ")
    for number, (line, payment) in enumerate(zip(body, payments, strict=True), 1):
        try:
            read = fen_of(_field(form, line, places[0]), form.unit)
        except (NoAmount, IndexError, UnicodeDecodeError):
            raise NotWritten("amount_differs", number) from None
        if read != payment.amount:
            raise NotWritten("amount_differs", number)


def _field(form: OutForm, line: bytes, place: int) -> str:
    if form.shape is Shape.FIXED:
        start = sum(form.widths[:place])
        return line[start : start + form.widths[place]].decode(form.encoding)
    text = line.decode("utf-8-sig" if form.encoding == "utf-8" else form.encoding)
    if form.shape is Shape.CSV:
        return next(csv.reader([text], delimiter=form.separator or ","))[place]
    separator = form.separator or ("  " if form.shape is Shape.BLANKS else "|")
    return text.split(separator)[place]
