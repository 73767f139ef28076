"""Reads the XML of Office 2003, which many offices' programs export under the name .xls."""

from __future__ import annotations

from xml.parsers import expat

from bot.sheets.formats.dates import iso_date
from bot.sheets.formats.raw import (
    BOOLEAN,
    DATE,
    ERROR,
    FORMULA,
    MOST_SHEETS,
    NUMBER,
    TEXT,
    Budget,
    FileRefused,
    RawSheet,
    plain_number,
)


def read_xml2003(content: bytes) -> list[RawSheet]:
    """The sheets of a workbook in their order; FileRefused for what is none."""
    book = _Book()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = book.start
    parser.EndElementHandler = book.end
    parser.CharacterDataHandler = book.data
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        raise FileRefused("damaged") from None
    if not book.sheets:
        raise FileRefused("damaged")
    return book.sheets


class _Book:
    """Places count on from the last one where they are not written."""

    def __init__(self) -> None:
        self.budget = Budget()
        self.sheets: list[RawSheet] = []
        self.row = self.column = 0
        self.across = 0
        self.kind = ""
        self.formula = self.inside = self.visibility = False
        self.said: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        tag = tag.rpartition(":")[2]
        given = {name.rpartition(":")[2]: value for name, value in attributes.items()}
        if tag == "Worksheet":
            if len(self.sheets) >= MOST_SHEETS:
                raise FileRefused("cells", most=MOST_SHEETS)
            self.sheets.append(RawSheet(given.get("Name", "")[:100], self.budget))
            self.row = self.column = 0
        elif not self.sheets:
            return
        elif tag == "Row":
            self.row = _index(given, self.row)
            self.column = self.across = 0
            if given.get("Hidden") == "1":
                self.sheets[-1].hidden_rows.add(self.row)
        elif tag == "Column" and given.get("Hidden") == "1":
            first = _index(given, 0)
            self.sheets[-1].hidden_columns.append((first, first + _number(given.get("Span", "0"))))
        elif tag == "Cell":
            self._cell(given)
        elif tag == "Data":
            self.kind, self.said, self.inside = given.get("Type", "String"), [], True
        elif tag == "Visible":
            self.visibility, self.said = True, []

    def _cell(self, given: dict[str, str]) -> None:
        self.column = _index(given, self.column + self.across)
        self.across, down = (
            _number(given.get("MergeAcross", "0")),
            _number(given.get("MergeDown", "0")),
        )
        self.formula = "Formula" in given
        if self.column > 16_384 or self.row > 1_048_576:
            raise FileRefused("damaged")
        if self.across or down:
            self.sheets[-1].merge(self.row, self.column, self.row + down, self.column + self.across)
        if self.formula:
            self.sheets[-1].put(self.row, self.column, FORMULA, given["Formula"][:1000])

    def end(self, tag: str) -> None:
        """An element ends."""
        tag = tag.rpartition(":")[2]
        if tag == "Data" and self.inside:
            self.inside = False
            self._put("".join(self.said))
        elif tag == "Visible" and self.visibility:
            self.visibility = False
            self.sheets[-1].hidden = "".join(self.said) != "SheetVisible"

    def data(self, text: str) -> None:
        """Text of the element."""
        if self.inside or self.visibility:
            self.said.append(text)

    def _put(self, said: str) -> None:
        sheet = self.sheets[-1]
        match self.kind:
            case "Number" if said.strip():
                value = float(said)
                if value - value != 0:
                    raise FileRefused("damaged")
                sheet.put(self.row, self.column, NUMBER, plain_number(value))
            case "DateTime" if day := iso_date(said.strip()):
                sheet.put(self.row, self.column, DATE, day)
            case "Boolean":
                sheet.put(
                    self.row, self.column, BOOLEAN, "TRUE" if said.strip() == "1" else "FALSE"
                )
            case "Error":
                sheet.put(self.row, self.column, ERROR, said.strip() or "#N/A")
            case _ if said or not self.formula:
                sheet.put(self.row, self.column, TEXT, said)


def _index(given: dict[str, str], last: int) -> int:
    return _number(given["Index"]) if "Index" in given else last + 1


def _number(said: str) -> int:
    if not (said.isdecimal() and len(said) < 8):
        raise FileRefused("damaged")
    return int(said)


def _no_doctype(*_: object) -> None:
    raise FileRefused("damaged")
