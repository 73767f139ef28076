"""Reads .xlsx: the parts of a zip, streamed through expat, of which only cells that hold something
are kept.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from bot.sheets.formats.dates import DATE_FORMATS, as_date, is_date_format, iso_date
from bot.sheets.formats.raw import (
    BOOLEAN,
    DATE,
    ERROR,
    FORMULA,
    LONGEST_CELL,
    MOST_SHEETS,
    NUMBER,
    TEXT,
    Budget,
    FileRefused,
    RawSheet,
    plain_number,
)

MOST_UNPACKED = 80_000_000
"""Bytes of all parts that are read, unpacked: a small zip may hold a large one."""
MOST_PARTS = 5_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Handler = Callable[[str, dict[str, str]], None]


def read_xlsx(content: bytes) -> list[RawSheet]:
    """The sheets of a workbook in their order; FileRefused for what is none or holds too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _Book(packed).sheets()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError):
        # RuntimeError: a part is encrypted. NotImplementedError: packed in a way nobody packs a
        # workbook.
        raise FileRefused("damaged") from None
    except (expat.ExpatError, KeyError, ValueError, OSError):
        raise FileRefused("damaged") from None
    except Exception as fault:
        # zlib.error and lzma.LZMAError of a damaged part, whose modules need not be there.
        if type(fault).__module__ in {"zlib", "lzma", "_lzma", "struct"}:
            raise FileRefused("damaged") from None
        raise


class _Book:
    def __init__(self, packed: zipfile.ZipFile) -> None:
        names = packed.namelist()
        if len(names) > MOST_PARTS:
            raise FileRefused("unpacked")
        self.packed = packed
        # Some programs write backslashes, or other capitals than the parts are called by.
        self.parts = {name.replace("\\", "/").lstrip("/").lower(): name for name in names}
        self.left = MOST_UNPACKED
        self.budget = Budget()
        self.from_1904 = self.recalculates = False
        self.listed: list[tuple[str, str, bool]] = []
        self.texts: list[str] = []
        self.dates: list[bool] = []

    def sheets(self) -> list[RawSheet]:
        """Every worksheet, in the order of the tabs."""
        main = self._main()
        self._walk(main, self._workbook)
        if not self.listed:
            raise FileRefused("damaged")
        if len(self.listed) > MOST_SHEETS:
            raise FileRefused("cells", most=MOST_SHEETS)
        targets = self._targets(main)
        folder = posixpath.dirname(main)
        # Where no relation names them they lie where everybody puts them.
        for kind in ("sharedStrings", "styles"):
            found = [part for part, its in targets.values() if its == kind]
            part = found[0] if found else f"{folder}/{kind}.xml"
            if part.lower() in self.parts:
                reader: Any = _Texts(self) if kind == "sharedStrings" else _Styles(self)
                self._walk(part, reader.start, reader.end, reader.data)
        read = []
        for name, relation, hidden in self.listed:
            part, kind = targets.get(relation, ("", ""))
            if kind != "worksheet":
                continue  # a chart or a macro sheet holds no table
            if part.lower() not in self.parts:
                raise FileRefused("damaged")
            sheet = RawSheet(name, self.budget, hidden=hidden)
            cells = _Cells(self, sheet)
            self._walk(part, cells.start, cells.end, cells.data)
            read.append(sheet)
        return read

    def _main(self) -> str:
        for part, kind in self._targets("").values():
            if kind == "officeDocument" and part.lower() in self.parts:
                return part
        if "xl/workbook.xml" in self.parts:
            return "xl/workbook.xml"
        raise FileRefused("kind", found=_other_kind(self.parts))

    def _targets(self, part: str) -> dict[str, tuple[str, str]]:
        """The part and the kind of each relation of a part, by the relation's id."""
        folder, name = posixpath.split(part)
        own = posixpath.join(folder, "_rels", f"{name}.rels") if part else "_rels/.rels"
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                target = given.get("Target", "").replace("\\", "/")
                whole = (
                    target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                )
                kind = given.get("Type", "").rpartition("/")[2]
                found[given.get("Id", "")] = (posixpath.normpath(whole), kind)

        if own.lower() in self.parts:
            self._walk(own, start)
        return found

    def _workbook(self, tag: str, given: dict[str, str]) -> None:
        if tag == "sheet":
            relation = next(
                (value for key, value in given.items() if key.rpartition(":")[2] == "id"), ""
            )
            state = given.get("state", "visible")
            self.listed.append((given.get("name", "")[:100], relation, state != "visible"))
        elif tag == "workbookPr":
            self.from_1904 = _true(given.get("date1904"))
        elif tag == "calcPr":
            self.recalculates = _true(given.get("fullCalcOnLoad"))

    def _walk(
        self,
        part: str,
        start: Handler,
        end: Callable[[str], None] | None = None,
        data: Callable[[str], None] | None = None,
    ) -> None:
        """Tells the handlers what stands in a part; names without their namespace's prefix."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
        if end is not None:
            parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        if data is not None:
            parser.CharacterDataHandler = data
        parser.StartDoctypeDeclHandler = _no_doctype
        for chunk in self._bytes(part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _bytes(self, part: str) -> Iterator[bytes]:
        with self.packed.open(self.parts[part.lower()]) as opened:
            while chunk := opened.read(1 << 16):
                self.left -= len(chunk)
                if self.left < 0:
                    raise FileRefused("unpacked")
                yield chunk


class _Texts:
    """The shared texts; how a word is pronounced stands in `rPh` and is no part of it."""

    def __init__(self, book: _Book) -> None:
        self.book = book
        self.said: list[str] = []
        self.reading = self.aside = False

    def start(self, tag: str, _: dict[str, str]) -> None:
        """An element begins."""
        if tag == "si":
            self.said = []
        elif tag == "rPh":
            self.aside = True
        elif tag == "t":
            self.reading = not self.aside

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "si":
            self.book.texts.append(_unescaped("".join(self.said))[:LONGEST_CELL])
        elif tag == "rPh":
            self.aside = False
        elif tag == "t":
            self.reading = False

    def data(self, text: str) -> None:
        """Text of the element."""
        if self.reading:
            self.said.append(text)


class _Styles:
    """Which styles show a number as a date."""

    def __init__(self, book: _Book) -> None:
        self.book = book
        self.codes: dict[str, str] = {}
        self.inside = False

    def start(self, tag: str, given: dict[str, str]) -> None:
        """An element begins."""
        if tag == "numFmt":
            self.codes[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif tag == "cellXfs":
            self.inside = True
        elif tag == "xf" and self.inside and len(self.book.dates) < 100_000:
            number = given.get("numFmtId", "0")
            if number in self.codes:
                self.book.dates.append(is_date_format(self.codes[number]))
            else:
                self.book.dates.append(number.isdecimal() and int(number) in DATE_FORMATS)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "cellXfs":
            self.inside = False

    def data(self, text: str) -> None:
        """Nothing of it is text."""


class _Cells:
    """The cells of one sheet. A place may be left out, or written in small letters, as programs
    do.
    """

    def __init__(self, book: _Book, sheet: RawSheet) -> None:
        self.book = book
        self.sheet = sheet
        self.row = self.column = 0
        self.kind = self.style = ""
        self.value: list[str] = []
        self.formula: list[str] = []
        self.has_formula = self.has_value = self.aside = False
        self.into: list[str] | None = None

    def start(self, tag: str, given: dict[str, str]) -> None:
        """An element begins."""
        if tag == "c":
            self._place(given.get("r"))
            self.kind, self.style = given.get("t", "n"), given.get("s", "0")
            self.value, self.formula = [], []
            self.has_formula = self.has_value = False
        elif tag == "v":
            self.has_value, self.into = True, self.value
        elif tag == "t":
            self.into = None if self.aside else self.value
        elif tag == "f":
            self.has_formula, self.into = True, self.formula
        elif tag == "rPh":
            self.aside = True
        else:
            self._around(tag, given)

    def _around(self, tag: str, given: dict[str, str]) -> None:
        """What stands around the cells: rows, columns, merged areas."""
        if tag == "row":
            number = given.get("r", "")
            self.row = int(number) if number.isdecimal() and len(number) < 8 else self.row + 1
            self.column = 0
            if _true(given.get("hidden")) or _nothing(given.get("ht")):
                self.sheet.hidden_rows.add(self.row)
        elif tag == "col" and (_true(given.get("hidden")) or _nothing(given.get("width"))):
            if len(self.sheet.hidden_columns) < LAST_COLUMN:
                first, last = given.get("min", ""), given.get("max", "")
                if first.isdecimal() and last.isdecimal():
                    self.sheet.hidden_columns.append((int(first), int(last)))
        elif tag == "mergeCell":
            self._merged(given.get("ref", ""))

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag in {"v", "t", "f"}:
            self.into = None
        elif tag == "rPh":
            self.aside = False
        elif tag == "c":
            self._cell()

    def data(self, text: str) -> None:
        """Text of the element."""
        if self.into is not None:
            self.into.append(text)

    def _place(self, said: str | None) -> None:
        found = _PLACE.fullmatch(said) if said else None
        if found is None:
            if said:
                raise FileRefused("damaged")
            self.column += 1
        else:
            self.column, self.row = column_number(found[1]), int(found[2])
        if not (1 <= self.row <= LAST_ROW and 1 <= self.column <= LAST_COLUMN):
            raise FileRefused("damaged")

    def _merged(self, said: str) -> None:
        first, _, last = said.partition(":")
        one, other = _PLACE.fullmatch(first), _PLACE.fullmatch(last or first)
        if one and other:
            self.sheet.merge(
                int(one[2]), column_number(one[1]), int(other[2]), column_number(other[1])
            )

    def _cell(self) -> None:
        value = "".join(self.value)
        if self.has_formula and self._unsaid(value):
            self.sheet.put(self.row, self.column, FORMULA, f"={''.join(self.formula)}"[:1000])
            return
        if self.kind == "s":
            number = value.strip()
            known = number.isdecimal() and len(number) < 9 and int(number) < len(self.book.texts)
            if not known:
                raise FileRefused("damaged")
            self.sheet.put(self.row, self.column, TEXT, self.book.texts[int(number)])
        elif self.kind in {"str", "inlineStr"}:
            self.sheet.put(self.row, self.column, TEXT, _unescaped(value))
        elif self.kind == "b":
            self.sheet.put(
                self.row, self.column, BOOLEAN, "TRUE" if _true(value.strip()) else "FALSE"
            )
        elif self.kind == "e":
            self.sheet.put(self.row, self.column, ERROR, value.strip() or "#N/A")
        elif self.kind == "d" and value.strip():
            told = iso_date(value.strip())
            self.sheet.put(self.row, self.column, DATE if told else TEXT, told or value.strip())
        elif value.strip():
            self._number(float(value))

    def _unsaid(self, value: str) -> bool:
        """Whether the formula's result is not stored: none at all, or the 0 that a program wrote in
        its place.
        """
        if self.kind == "str" and self.has_value and not self.book.recalculates:
            return False  # an empty text is a result
        if self.kind in {"e", "b"}:
            return not value.strip()
        return not value.strip() or (self.book.recalculates and value.strip() == "0")

    def _number(self, value: float) -> None:
        if value != value or value in {float("inf"), float("-inf")}:
            raise FileRefused("damaged")
        style = int(self.style) if self.style.isdecimal() and len(self.style) < 9 else 0
        if style < len(self.book.dates) and self.book.dates[style]:
            told = as_date(value, from_1904=self.book.from_1904)
            if told is not None:
                self.sheet.put(self.row, self.column, DATE, told)
                return
        self.sheet.put(self.row, self.column, NUMBER, plain_number(value))


def column_number(letters: str) -> int:
    """The number of a column: a, A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _true(said: str | None) -> bool:
    return said in {"1", "true", "on"}


def _nothing(said: str | None) -> bool:
    """Whether a height or width is written, and is nought: as good as hidden."""
    return said is not None and re.fullmatch(r"0+(\.0+)?", said) is not None


def _unescaped(text: str) -> str:
    """_x000D_ is how a character that XML cannot hold is written."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _no_doctype(*_: object) -> None:
    raise FileRefused("damaged")  # no spreadsheet program writes one: it is there to swell


def _other_kind(parts: dict[str, str]) -> str:
    """What a zip without a workbook is."""
    for part, kind in (
        ("xl/workbook.bin", "xlsb"),
        ("word/document.xml", "docx"),
        ("ppt/presentation.xml", "pptx"),
        ("content.xml", "ods"),
    ):
        if part in parts:
            return kind
    return "zip"
