"""Reads tables written as text: parted by commas, tabs or semicolons, in the encodings offices
use.
"""

from __future__ import annotations

import csv
import io
import re

from bot.sheets.formats.raw import TEXT, Budget, FileRefused, RawSheet

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PARTED_BY = ("\t", ",", ";", "|", "，")
_BLANKS = re.compile("(?: {2,}|\u3000+)")
_RULE = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
_LOOKED_AT = 50


def decoded(content: bytes) -> str:
    """The text of a file; FileRefused ("no_text") for bytes that are text in none of the
    encodings.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _plain(content, encoding)
    if b"\0" in content[:400] and len(content) % 2 == 0:
        # UTF-16 without its mark: of the characters that part cells and lines every second byte is
        # nought.
        odd, even = content[1:400:2].count(0), content[0:400:2].count(0)
        text = _plain(content, "utf-16-le" if odd > even else "utf-16-be")
        if not re.search("[\n\t,;]", text):
            raise FileRefused("no_text")
        return text
    try:
        return _plain(content, "utf-8")
    except FileRefused:
        return _plain(content, "gb18030")


def _plain(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise FileRefused("no_text") from None
    if re.search("[\0-\x08\x0e-\x1a\x1c-\x1f]", text):
        raise FileRefused("no_text")
    return text


def read_text(text: str) -> list[RawSheet]:
    """The one table of a text; a cell that begins with an apostrophe, or is written ="007", is the
    text in it.
    """
    parted = re.match(r"sep=(.)\r?\n", text)
    if parted:
        text = text[parted.end() :]
    if len(text) > csv.field_size_limit():
        csv.field_size_limit(1_000_000)  # of the child alone: a small text does not get here
    sheet = RawSheet("", Budget())
    parted_by = parted[1] if parted else _separator(text)
    if parted_by == "|":
        text = "\n".join(
            line.strip().strip("|") for line in text.splitlines() if not _RULE.fullmatch(line)
        )
    elif parted_by == " ":
        parted_by, text = (
            "\t",
            "\n".join(_BLANKS.sub("\t", line.strip()) for line in text.splitlines()),
        )
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=parted_by)
    try:
        for row, line in enumerate(lines, 1):
            if line:
                sheet.widths[row] = len(line)
            for column, cell in enumerate(line, 1):
                kept = _KEPT_AS_TEXT.fullmatch(cell)
                if cell:
                    sheet.put(row, column, TEXT, kept[1] if kept else cell)
    except csv.Error:
        raise FileRefused("no_text") from None
    return [sheet]


def _separator(text: str) -> str:
    """What parts the cells: the character by which most lines come to the same number of cells."""
    lines = [
        re.sub('"[^"]*"', "", line) for line in text.split("\n", _LOOKED_AT * 4) if line.strip()
    ]
    best, most = ",", (0, 0)
    for character in _PARTED_BY:
        counts = [line.count(character) for line in lines[:_LOOKED_AT]]
        often = max(set(counts) - {0}, key=counts.count, default=0)
        found = (counts.count(often) if often else 0, often)
        if found > most:
            best, most = character, found
    blanks = sum(_BLANKS.search(line.strip()) is not None for line in lines[:_LOOKED_AT])
    return " " if not most[0] and blanks > len(lines[:_LOOKED_AT]) // 2 else best
