"""Reads web pages saved under a spreadsheet's name, as many offices' programs export them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from bot.sheets.formats.raw import MOST_SHEETS, TEXT, Budget, FileRefused, RawSheet
from bot.sheets.formats.text import decoded

_CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9_-]{2,20})""", re.IGNORECASE)
_MOST_SPAN = 16_384


def looks_like_xml(content: bytes) -> bool:
    """Whether the file is a spreadsheet of Office 2003 in XML, whose tags look like those of a
    page.
    """
    return b"urn:schemas-microsoft-com:office:spreadsheet" in content[:4096].replace(
        b"\0", b""
    ) and (
        content.lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff \t\r\n\0").startswith(
            b"<\0?" if b"\0" in content[:8] else b"<?"
        )
    )


def looks_like_html(content: bytes) -> bool:
    """Whether the file begins as a web page does."""
    if looks_like_xml(content):
        return False
    head = content[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff \t\r\n").replace(b"\0", b"").lower()
    return head.startswith(b"<") and any(
        tag in head for tag in (b"<html", b"<table", b"<!doctype html", b"<body")
    )


def read_html(content: bytes) -> list[RawSheet]:
    """Each table of the page as a sheet; FileRefused ("web_page") for a page without one."""
    page = _Page()
    page.feed(_text(content))
    page.close()
    sheets = [sheet for sheet in page.sheets if sheet.cells]
    if not sheets:
        raise FileRefused("web_page")
    for number, sheet in enumerate(sheets, 1):
        sheet.name = str(number) if len(sheets) > 1 else ""
    return sheets


def _text(content: bytes) -> str:
    named = _CHARSET.search(content[:4096])
    if named and not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        encoding = named[1].decode().lower()
        if encoding in {"gb2312", "gbk", "gb18030"}:
            try:
                return content.decode("gb18030")
            except UnicodeDecodeError:
                pass
    return decoded(content)


class _Page(HTMLParser):
    """A table inside a cell of another stands as a sheet of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.budget = Budget()
        self.sheets: list[RawSheet] = []
        self.open: list[_Table] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins; cells and rows need not be closed."""
        if tag in {"script", "style"}:
            self.silent += 1
        elif tag == "table" and len(self.sheets) < MOST_SHEETS:
            sheet = RawSheet("", self.budget)
            self.sheets.append(sheet)
            self.open.append(_Table(sheet))
        elif not self.open:
            return
        elif tag == "tr":
            self.open[-1].next_row(hidden=_hidden(attrs))
        elif tag in {"td", "th"}:
            given = dict(attrs)
            self.open[-1].next_cell(_span(given.get("rowspan")), _span(given.get("colspan")))
        elif tag in {"br", "p", "div"}:
            self.open[-1].said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """A tag ends."""
        if tag in {"script", "style"}:
            self.silent = max(0, self.silent - 1)
        elif self.open and tag in {"td", "th", "tr"}:
            self.open[-1].end_cell()
        elif self.open and tag == "table":
            self.open.pop().end_cell()

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if self.open and not self.silent:
            self.open[-1].said.append(data)

    def close(self) -> None:
        """The page ends, and with it whatever is still open."""
        super().close()
        for table in self.open:
            table.end_cell()


class _Table:
    def __init__(self, sheet: RawSheet) -> None:
        self.sheet = sheet
        self.row = self.column = 0
        self.cell = False
        self.said: list[str] = []
        self.taken: dict[int, int] = {}
        """By column the last row down to which a cell above reaches."""

    def next_row(self, *, hidden: bool) -> None:
        """A row begins."""
        self.end_cell()
        self.row += 1
        self.column = 0
        if hidden:
            self.sheet.hidden_rows.add(self.row)

    def next_cell(self, rows: int, columns: int) -> None:
        """A cell begins, in the next column that no cell above reaches into."""
        self.end_cell()
        if not self.row:
            self.row = 1
        self.column += 1
        while self.taken.get(self.column, 0) >= self.row:
            self.column += 1
        self.cell, self.said = True, []
        self.first, last = self.column, self.column + columns - 1
        self.sheet.merge(self.row, self.first, self.row + rows - 1, last)
        if rows > 1:
            self.taken.update(dict.fromkeys(range(self.first, last + 1), self.row + rows - 1))
        self.column = last

    def end_cell(self) -> None:
        """A cell ends."""
        if self.cell:
            lines = [" ".join(line.split()) for line in "".join(self.said).split("\n")]
            self.sheet.put(self.row, self.first, TEXT, "\n".join(line for line in lines if line))
        self.cell = False


def _span(said: str | None) -> int:
    return max(1, min(int(said), _MOST_SPAN)) if said and said.isdecimal() and len(said) < 8 else 1


def _hidden(attrs: list[tuple[str, str | None]]) -> bool:
    style = "".join((dict(attrs).get("style") or "").split()).lower()
    return "display:none" in style or "mso-ignore:hidden" in style
