"""A message in plain text, as a terminal, a file or a mail without markup shows it."""

from __future__ import annotations

import unicodedata

from bot.channels.channel import Message
from bot.channels.paging import heading, link_as_text, links
from bot.channels.sanitize import clean, one_line
from bot.domain.notices.notice import Table


def plain_text(message: Message, *, carried: bool = False) -> str:
    """The whole message as lines of plain text: title, text, table in columns, notes, links, names.
    Ends without a newline.

    `carried`: picture and file go along, so where they are seen need not be said.
    """
    parts = [heading(message), clean(message.text).rstrip()]
    if message.table is not None:
        parts.append("\n".join([*_columns(message.table), *map(one_line, message.table.notes)]))
    parts.append(
        "\n".join(link.text for link in links(message, link_as_text, picture=carried, file=carried))
    )
    if message.mentions:
        parts.append(" ".join("@" + one_line(mention.name) for mention in message.mentions))
    return "\n\n".join(part for part in parts if part)


def width(text: str) -> int:
    """How many columns `text` takes on a terminal: a Chinese character takes two, a joiner or a
    combining mark none.
    """
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _columns(table: Table) -> list[str]:
    lines = [[one_line(cell) for cell in row] for row in (table.head, *table.rows)]
    wide = [
        max((width(line[at]) for line in lines if at < len(line)), default=0)
        for at in range(max(map(len, lines)))
    ]
    return [
        "  ".join(cell + " " * (wide[at] - width(cell)) for at, cell in enumerate(line)).rstrip()
        for line in lines
    ]
