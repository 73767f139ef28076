"""Cuts a message into pages inside a limit of bytes, between paragraphs and rows, losing nothing
and keeping the order.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.channels.channel import Attachment, Link, Message, RenderedPage
from bot.channels.sanitize import one_line, safe_url, sanitize, sanitize_line
from bot.domain.notices.notice import Mention, Table

Weight = Callable[[str], int]
"""How much of a platform's limit a text takes; that of two texts joined is the sum of both."""

MOST_TITLE_BYTES = 240
MOST_NAME_BYTES = 60
NAMES_TOGETHER = 10

LINK = re.compile(r"\[([^\]]*)\]\((https?://[^)]*)\)")
"""Of ours alone: in data every bracket is full-width."""

_USER_ID = re.compile(r"(?!all$)[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9][0-9-]{4,18}")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A paragraph, a row or a line of names: what is not cut unless it alone is too long for a
    page.
    """

    text: str
    head: str = ""
    """Stands above it, once per page and run of pieces with the same head."""
    loose: str = ""
    """What to cut up instead when it is too long to stand whole under its head."""
    cells: tuple[str, ...] = ()
    """The row's cells, for a platform that takes them apart."""
    people: tuple[Mention, ...] = ()
    extra: int = 0
    """Weight it brings outside the text (its people in the body's list)."""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class LaidPage(RenderedPage):
    """A page that still knows what stands on it, to be laid out anew when the platform finds it too
    long or will not have its markup.
    """

    title: str = field(repr=False)
    pieces: Pieces = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class UploadPage(RenderedPage):
    """A page whose body names a file that must be handed to the platform first."""

    file: Attachment


def utf8_bytes(text: str) -> int:
    """The weight where the limit counts the content's own bytes."""
    return len(text.encode())


def json_bytes(text: str) -> int:
    """The weight where the limit counts the whole body: a quote, a backslash and a line break take
    two there.
    """
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def paginate(
    pieces: Sequence[Piece],
    *,
    room: int,
    weight: Weight,
    glue: str,
    tail: Sequence[Piece] = (),
    most_rows: int | None = None,
) -> list[Pieces]:
    """The pieces in pages of at most `room` and `most_rows` each. `tail` stands at the end, on one
    page unless it alone needs more.

    `glue` joins two pieces, a single line break two rows under one head. ValueError for a room too
    small for one line.
    """
    if room < 64:
        raise ValueError("the room of a page must be at least 64 bytes")
    pager = _Pager(room, weight, glue, most_rows)
    for piece in pieces:
        pager.add(piece)
    if tail and pager.cost(tail) > room - pager.used:
        pager.turn()
    for piece in tail:
        pager.add(piece)
    return pager.done()


class _Pager:
    def __init__(self, room: int, weight: Weight, glue: str, most_rows: int | None) -> None:
        self._room, self._weight, self._glue, self._most_rows = room, weight, glue, most_rows
        self._pages: list[Pieces] = []
        self._page: list[Piece] = []
        self.used = 0

    def cost(self, pieces: Sequence[Piece]) -> int:
        """What these pieces take when they follow what is on the page."""
        last = self._page[-1] if self._page else None
        total = 0
        for piece in pieces:
            total += self._weight(_before(last, piece, self._glue) + piece.text) + piece.extra
            last = piece
        return total

    def add(self, piece: Piece) -> None:
        if self.cost([piece]) > self._room - self.used or (
            piece.head and self._rows() == self._most_rows
        ):
            self.turn()
        if self.cost([piece]) <= self._room:
            self.used += self.cost([piece])
            self._page.append(piece)
            return
        for part in _cut(piece.loose or piece.text, self._room, self._weight):
            self.turn()
            self._page.append(Piece(text=part))
            self.used = self._weight(part)

    def _rows(self) -> int:
        return sum(bool(piece.head) for piece in self._page)

    def turn(self) -> None:
        if self._page:
            self._pages.append(tuple(self._page))
        self._page, self.used = [], 0

    def done(self) -> list[Pieces]:
        self.turn()
        return self._pages or [()]


def text_of(page: Sequence[Piece], glue: str) -> str:
    """The pieces of one page as its text, heads in their places."""
    text, last = "", None
    for piece in page:
        text += _before(last, piece, glue) + piece.text
        last = piece
    return text


def _before(last: Piece | None, piece: Piece, glue: str) -> str:
    if last is not None and piece.head and last.head == piece.head:
        return "\n"
    return (glue if last is not None else "") + (piece.head + "\n" if piece.head else "")


def _cut(text: str, room: int, weight: Weight) -> list[str]:
    """`text` in parts of at most `room`, cut between characters and, within reason, not inside an
    emoji or before an accent.
    """
    parts, start, used = [], 0, 0
    for at, character in enumerate(text):
        takes = weight(character)
        if used + takes > room:
            cut = at
            while cut > max(start + 1, at - 16) and _clings(text, cut):
                cut -= 1
            if _clings(text, cut):
                cut = at
            parts.append(text[start:cut])
            start, used = cut, weight(text[cut:at])
        used += takes
    return [*parts, text[start:]]


def _clings(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it."""
    here = text[at]
    return (
        unicodedata.category(here) in ("Mn", "Me", "Mc", "Cf")
        or "\U0001f3fb" <= here <= "\U0001f3ff"
        or text[at - 1] == "\u200d"
        or (_is_half_a_flag(here) and _flag_halves_before(text, at) % 2 == 1)
    )


def _is_half_a_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    count = 0
    while count < at and _is_half_a_flag(text[at - count - 1]):
        count += 1
    return count


def heading(message: Message) -> str:
    """The marks and the title on one line: 【补发】10月15日调度通报."""
    return one_line("".join(f"【{mark}】" for mark in message.marks) + message.title)


def title_and_rest(message: Message) -> tuple[str, Pieces]:
    """The heading, sanitize and short enough for every page, and the whole of it as a paragraph if
    it had to be shortened.
    """
    title = sanitize_line(heading(message)) or "…"
    short = shortened(title, MOST_TITLE_BYTES)
    return short, (() if short == title else (Piece(text=title),))


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` bytes, ending in … if something was left out."""
    if utf8_bytes(text) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore") + "…"


def numbered(title: str, number: int, of: int) -> str:
    """The title of one page of several: 调度通报 (1/3)."""
    return title if of == 1 else f"{title} ({number}/{of})"


ROOM_OF_NUMBER = len(" (9999/9999)")


def paragraphs(message: Message) -> Pieces:
    """The text, sanitize, one piece a line that says something."""
    return tuple(Piece(text=line) for line in sanitize(message.text).split("\n") if line)


Write = Callable[[str, str], str]
"""Writes a link in a dialect, from its words and its address, both sanitize."""


def links(message: Message, write: Write, *, picture: bool = False, file: bool = False) -> Pieces:
    """The links under the text: the message's own, and where its picture and file are seen unless
    they are carried.
    """
    wanted = [message.link]
    wanted += [message.picture.seen_at] if message.picture is not None and not picture else []
    wanted += [message.file.seen_at] if message.file is not None and not file else []
    found = [(words_and_url(link)) for link in wanted if link is not None]
    return tuple(
        Piece(text=write(*link), loose=link_as_text(*link))
        for link in dict.fromkeys(found)
        if link is not None
    )


def words_and_url(link: Link) -> tuple[str, str] | None:
    """A link's words and address, sanitize; None when it has no address that can be shown."""
    url = safe_url(link.url)
    return (
        None if url is None else (shortened(sanitize_line(link.words), MOST_NAME_BYTES) or url, url)
    )


def link_as_text(words: str, url: str) -> str:
    """A link where nothing is marked up: the words, and the address for the client to find."""
    return f"{words}：{url}" if words != url else url


def link_as_markdown(words: str, url: str) -> str:
    """A link in markdown."""
    return f"[{words}]({url})" if words != url else url


def in_plain_lines(pieces: Sequence[Piece]) -> Pieces:
    """The same pieces without markup: rows and links as lines, the head of a table once above them,
    people as they are.
    """
    lines: list[Piece] = []
    head = ""
    for piece in pieces:
        if piece.head and piece.head != head:
            lines.append(Piece(text=_bare_head(piece.head)))
        head = piece.head
        lines.append(Piece(text=piece.loose) if piece.loose else piece)
    return tuple(lines)


def _bare_head(head: str) -> str:
    names = head.split("\n", 1)[0].strip("*")
    return (
        "｜".join(cell.strip() for cell in names.strip("| ").split(" | "))
        if names.startswith("|")
        else names
    )


_RULE = re.compile(r"^\|(?: -+ \|)+$")


def without_markup(markdown: str) -> str:
    """Markdown of ours as a group reads it: heads, tables, lists and links as plain lines. Data
    holds no markup to lose.
    """
    lines = []
    for line in markdown.split("\n"):
        if _RULE.fullmatch(line):
            continue
        line = re.sub(r"^#+ ", "", line).removeprefix("- ").replace("**", "")
        if line.startswith("| ") and line.endswith(" |"):
            line = "｜".join(line[2:-2].split(" | "))
        lines.append(LINK.sub(lambda link: link_as_text(link[1], link[2]), line))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def picture_type(content: bytes) -> str | None:
    """`png` or `jpeg`, by its first bytes; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return "jpeg" if content.startswith(b"\xff\xd8\xff") else None


_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
MOST_FILE_NAME_BYTES = 150
"""Of a title or a name within a file name; file systems take 255 for the whole of it."""


def file_name(name: str, most: int = MOST_FILE_NAME_BYTES) -> str:
    """A name for a file: on one line, never a way out of a folder, its ending kept when it is
    shortened; may be empty.
    """
    kept = _NOT_IN_NAMES.sub("_", one_line(name)).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    ending = dot + ending if stem and utf8_bytes(ending) <= 10 else ""
    stem = kept.removesuffix(ending) if ending else kept
    return stem.encode()[: most - utf8_bytes(ending)].decode(errors="ignore").strip(" .") + ending


def rows_as_lines(table: Table) -> Pieces:
    """The table where none can be shown: head and rows as lines, cells parted by ｜, then the
    notes.
    """
    lines = [_as_line(row) for row in (table.head, *table.rows)]
    return (*(Piece(text=line) for line in lines if line), *_notes(table))


def rows_as_list(table: Table, *, room: int, weight: Weight) -> Pieces:
    """The table as a list in markdown, its head in bold over every page; as lines when the head
    would fill a good part of one.
    """
    head = f"**{_as_line(table.head)}**\n"
    if not _as_line(table.head) or weight(head) > room // 3:
        return rows_as_lines(table)
    lines = [_as_line(row) for row in table.rows]
    return (
        *(Piece(text=f"- {line}", head=head, loose=line) for line in lines if line),
        *_notes(table),
    )


def rows_as_table(table: Table, *, room: int, weight: Weight) -> Pieces:
    """The table in markdown, its head over every page; as lines when the head alone would fill a
    good part of a page.
    """
    columns = max(len(row) for row in (table.head, *table.rows))
    head = _as_row(table.head, columns) + "\n|" + " --- |" * columns
    if not columns or weight(head) > room // 3:
        return rows_as_lines(table)
    rows = (Piece(text=_as_row(row, columns), head=head, loose=_as_line(row)) for row in table.rows)
    return (*rows, *_notes(table))


def rows_as_cells(table: Table, *, extra: int) -> Pieces:
    """The table for a platform that is given cells: each row weighs its words and `extra`; its head
    stands for all of them.
    """
    columns = max(len(row) for row in (table.head, *table.rows))
    head = _as_line(table.head) or " "
    rows = (
        Piece(
            text=_as_line(row),
            head=head,
            loose=_as_line(row),
            cells=harmless_cells(row, columns),
            extra=extra,
        )
        for row in table.rows
    )
    return (*rows, *_notes(table))


def harmless_cells(row: Sequence[str], columns: int) -> tuple[str, ...]:
    """The cells of a row, sanitize, as many as the table has columns."""
    return tuple(sanitize_line(cell) for cell in row) + ("",) * (columns - len(row))


def _notes(table: Table) -> Pieces:
    return tuple(Piece(text=line) for note in table.notes if (line := sanitize_line(note)))


def _as_line(row: Sequence[str]) -> str:
    return "｜".join(sanitize_line(cell) for cell in row)


def _as_row(row: Sequence[str], columns: int) -> str:
    return "| " + " | ".join(harmless_cells(row, columns)) + " |"


@dataclass(frozen=True, kw_only=True)
class Called:
    """Somebody to be called, with only what can be used: a sanitize name, a number, an id that is
    not everybody's.
    """

    name: str
    phone: str | None = field(default=None, repr=False)
    user_id: str | None = None


def called(mention: Mention) -> Called:
    """The mention with its name sanitize and whatever cannot be one person's number or id left
    out.
    """
    phone = mention.phone if mention.phone and _PHONE.fullmatch(mention.phone) else None
    user_id = mention.user_id if mention.user_id and _USER_ID.fullmatch(mention.user_id) else None
    return Called(
        name=shortened(sanitize_line(mention.name), MOST_NAME_BYTES), phone=phone, user_id=user_id
    )


def lines_of_names(
    mentions: Sequence[Mention], write: Callable[[Called], str], *, extra: int = 0
) -> Pieces:
    """The mentions as lines of a few names each, written by the platform's `write`; `extra` weight
    for each one.
    """
    return tuple(
        replace(
            Piece(text=" ".join(write(called(mention)) for mention in together)),
            people=tuple(together),
            extra=extra * len(together),
        )
        for at in range(0, len(mentions), NAMES_TOGETHER)
        if (together := mentions[at : at + NAMES_TOGETHER])
    )
