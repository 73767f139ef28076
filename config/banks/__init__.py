"""Bank forms: one description of a bank's return a file, or several in one, each a table under its
key.

The keys are those of `docs/bank-forms.md`; the files beside it are examples. What is wrong with a
description is told all at once, each fault by its place and a code that has a sentence in
`config/wording/banks.toml`.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.money.amounts import Unit
from bot.domain.money.bank_form import BankForm, Field, FieldPlace, Record, Shape, SumField
from bot.domain.money.bank_out import LINE_WORDS, PLACEHOLDER, SUM_WORDS, OutForm
from bot.domain.money.ledger import Result
from bot.domain.money.reasons import ReasonWords, ToDo

ROOM = Path(__file__).parent
REASONS = "reasons.toml"
HEADS = "heads.toml"
ENCODINGS = ("gbk", "gb18030", "utf-8")
MOST_FORMS = 50
MOST_BYTES = 100_000

_KEYS = frozenset(
    {
        "name",
        "shape",
        "encoding",
        "separator",
        "width",
        "record",
        "columns",
        "sums",
        "unit",
        "day",
        "day_in_note",
    }
    | {"through", "failed", "reversed", "every", "sheet", "part", "same_set", "out"}
)
_RECORD_KEYS = frozenset({"at", "bytes", "head", "line", "tail", "count", "skip", "first", "last"})
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LONGEST_PATTERN = 120
_MOST_REPEATS = 6


@dataclass(frozen=True, kw_only=True)
class FormFault:
    """One thing wrong with a description: the form, the place in it, a code, and what stands
    there.
    """

    form: str
    place: str
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        said = "".join(f", {name} {value}" for name, value in self.facts.items())
        return f"{self.form}: {self.place}: {self.code}{said}"


class FormRefused(Exception):
    """A description that cannot be used; `faults` are all that were found."""

    def __init__(self, faults: Sequence[FormFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, faults)))


@cache
def known_forms() -> Mapping[str, BankForm]:
    """The forms that come with the program, by key."""
    found: dict[str, BankForm] = {}
    for path in sorted(ROOM.glob("*.toml")):
        if path.name not in (REASONS, HEADS):
            found |= {
                form.key: form for form in read_forms(path.read_text(encoding="utf-8"), path.stem)
            }
    return found


@cache
def reason_words() -> ReasonWords:
    """The words by which the reasons of banks are known, for each thing to do."""
    told = tomllib.loads((ROOM / REASONS).read_text(encoding="utf-8"))
    return {ToDo(key): tuple(words["words"]) for key, words in told.items()}


@cache
def heads(kind: str) -> Mapping[str, tuple[str, ...]]:
    """The words that may head each column of a kind of file: `list`, `grants`; and the `words`
    within them.
    """
    told = tomllib.loads((ROOM / HEADS).read_text(encoding="utf-8"))
    return {key: tuple(words) for key, words in told[kind].items()}


def read_outs(text: str, key: str) -> Mapping[str, OutForm]:
    """How the banks of a description take lists, by the key of each form that says so.
    FormRefused.
    """
    read_forms(text, key)
    told = tomllib.loads(text)
    tables = {key: told} if "shape" in told or "columns" in told else told
    faults: list[FormFault] = []
    found = {name: _out(name, raw["out"], faults) for name, raw in tables.items() if "out" in raw}
    if faults:
        raise FormRefused(faults)
    return {name: out for name, out in found.items() if out is not None}


@cache
def known_outs() -> Mapping[str, OutForm]:
    """How the banks whose forms come with the program take lists."""
    found: dict[str, OutForm] = {}
    for path in sorted(ROOM.glob("*.toml")):
        if path.name not in (REASONS, HEADS):
            found |= read_outs(path.read_text(encoding="utf-8"), path.stem)
    return found


_OUT_KEYS = frozenset(
    {"shape", "encoding", "separator", "unit", "line", "head", "tail", "heads", "widths"}
)


def _out(form: str, raw: Any, faults: list[FormFault]) -> OutForm | None:  # noqa: C901, PLR0912
    """How a bank takes a list, as it is described."""
    before = len(faults)

    def fault(key: str, code: str, **facts: str) -> None:
        faults.append(
            FormFault(form=form, place=f"out.{key}" if key else "out", code=code, facts=facts)
        )

    if not isinstance(raw, dict):
        fault("", "not_a_table")
        return None
    for key in raw.keys() - _OUT_KEYS:
        fault(key, "unknown_key")
    texts = {key: raw.get(key, []) for key in ("line", "head", "tail", "heads")}
    for key, value in texts.items():
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            fault(key, "not_texts")
            return None
    for key, known in (("line", LINE_WORDS), ("head", SUM_WORDS), ("tail", SUM_WORDS)):
        for word in {
            found[1] for text in texts[key] for found in PLACEHOLDER.finditer(text)
        } - known:
            fault(key, "not_one_of", known="、".join(sorted(known)), word=word)
    if sum(1 for text in texts["line"] if PLACEHOLDER.fullmatch(text) and "{amount" in text) != 1:
        fault("line", "no_amount")
    widths = raw.get("widths", [])
    if not isinstance(widths, list) or not all(_whole(width) and width > 0 for width in widths):
        fault("widths", "not_a_number")
    shape, unit = raw.get("shape", ""), raw.get("unit", Unit.YUAN.value)
    if shape not in set(Shape) - {Shape.SHEET}:
        fault("shape", "not_one_of", known="、".join(sorted(set(Shape) - {Shape.SHEET})))
    if unit not in {Unit.YUAN.value, Unit.FEN.value}:
        fault("unit", "not_one_of", known="yuan、fen")
    if raw.get("encoding", "gbk") not in ENCODINGS:
        fault("encoding", "not_one_of", known="、".join(ENCODINGS))
    if shape == Shape.FIXED and len(widths) != len(texts["line"]):
        fault("widths", "missing")
    if len(faults) > before:
        return None
    return OutForm(
        shape=Shape(shape),
        encoding=raw.get("encoding", "gbk"),
        separator=str(raw.get("separator", "")),
        unit=Unit(unit),
        widths=tuple(widths),
        **{key: tuple(value) for key, value in texts.items()},
    )


def read_forms(text: str, key: str) -> tuple[BankForm, ...]:
    """The forms of a description: one under `key` when it describes one, else each table under its
    own. FormRefused.
    """
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        what = str(error)[:200]
        raise FormRefused(
            [FormFault(form=key, place="file", code="not_toml", facts={"what": what})]
        ) from None
    if len(text.encode()) > MOST_BYTES:
        raise FormRefused([FormFault(form=key, place="file", code="too_long")])
    tables = {key: told} if "shape" in told or "columns" in told else told
    faults: list[FormFault] = []
    forms: list[BankForm] = []
    for name, raw in tables.items():
        reader = _Form(name, raw if isinstance(raw, dict) else {}, faults)
        form = reader.form()
        if form is not None:
            forms.append(form)
    if not tables:
        faults.append(FormFault(form=key, place="file", code="empty"))
    if len(tables) > MOST_FORMS:
        faults.append(FormFault(form=key, place="file", code="too_long"))
    if faults:
        raise FormRefused(faults)
    return tuple(forms)


class _Form:
    """One form as it is described; faults are gathered, and with any there is no form."""

    def __init__(self, key: str, raw: Mapping[str, Any], faults: list[FormFault]) -> None:
        self.key, self.raw, self.faults = key, raw, faults
        self.before = len(faults)

    def form(self) -> BankForm | None:
        if not _KEY.fullmatch(self.key):
            self._fault("file", "key")
        for key in self.raw:
            if key not in _KEYS:
                self._fault(key, "unknown_key")
        shape = self._one_of("shape", Shape)
        columns = self._columns(shape)
        through, failed, back = self._through(), self._words("failed"), self._words("reversed")
        every = self._one_of("every", Result) if "every" in self.raw else None
        if every is None and not through and not failed:
            self._fault("through", "no_results")
        if every is None and Field.CODE not in columns:
            self._fault("columns.code", "missing")
        sums = self._sums(shape)
        record = self._record(shape)
        if shape is Shape.DELIMITED and not self._text("separator"):
            self._fault("separator", "missing")
        fields = (self._encodings(), self._texts("day"), self._pattern(), self._number("width"))
        unit = self._one_of("unit", Unit)
        if len(self.faults) > self.before or shape is None:
            return None
        return BankForm(
            key=self.key,
            name=self._text("name"),
            shape=shape,
            encodings=fields[0],
            separator=self._text("separator"),
            width=fields[3],
            record=record,
            columns=columns,
            head_sums=sums["head"],
            tail_sums=sums["tail"],
            unit=unit,
            days=fields[1],
            day_in_note=fields[2],
            through=through,
            failed=failed,
            reversed=back,
            every=every,
            sheet=self._text("sheet"),
            part=self._yes("part"),
            same_set=self._yes("same_set"),
        )

    def _fault(self, place: str, code: str, **facts: str) -> None:
        self.faults.append(FormFault(form=self.key, place=place, code=code, facts=facts))

    def _one_of(self, key: str, kinds: type[StrEnum]) -> Any:
        value = self.raw.get(key, "yuan" if key == "unit" else None)
        try:
            return kinds(value)
        except ValueError:
            known = "、".join(kinds)
            self._fault(key, "missing" if value is None else "not_one_of", known=known)
            return None

    def _text(self, key: str) -> str:
        value = self.raw.get(key, "")
        if not isinstance(value, str) or len(value) > 200:
            self._fault(key, "not_text")
            return ""
        return value

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self.raw.get(key, ())
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list | tuple) or not all(
            isinstance(text, str) and text for text in texts
        ):
            self._fault(key, "not_texts")
            return ()
        return tuple(texts)

    def _yes(self, key: str) -> bool:
        value = self.raw.get(key, False)
        if not isinstance(value, bool):
            self._fault(key, "not_yes_or_no")
        return value is True

    def _number(self, key: str) -> int | None:
        value = self.raw.get(key)
        if value is not None and (not _whole(value) or value < 1):
            self._fault(key, "not_a_number")
            return None
        return value

    def _encodings(self) -> tuple[str, ...]:
        names = self._texts("encoding") or ("gbk", "utf-8")
        for name in names:
            try:
                known = codecs.lookup(name).name in {codecs.lookup(one).name for one in ENCODINGS}
            except LookupError:
                known = False
            if not known:
                self._fault("encoding", "not_one_of", known="、".join(ENCODINGS))
        return tuple(names)

    def _pattern(self) -> str:
        pattern = self._text("day_in_note")
        # A group that is repeated can take for ever on a line that almost fits.
        if len(pattern) > _LONGEST_PATTERN or re.search(r"\)\s*[*+{?]", pattern):
            self._fault("day_in_note", "pattern")
            return ""
        if len(re.findall(r"(?<!\\)[*+]|\{\d*,", pattern)) > _MOST_REPEATS:
            self._fault("day_in_note", "pattern")
            return ""
        try:
            re.compile(pattern)
        except re.error:
            self._fault("day_in_note", "pattern")
            return ""
        return pattern

    def _through(self) -> tuple[str, ...]:
        return self._texts("through")

    def _words(self, key: str) -> dict[str, str]:
        value = self.raw.get(key, {})
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return dict.fromkeys(value, "")
        if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
            self._fault(key, "not_words")
            return {}
        return dict(value)

    def _table(self, key: str) -> Mapping[str, Any]:
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            self._fault(key, "not_a_table")
            return {}
        return value

    def _columns(self, shape: Shape | None) -> dict[Field, FieldPlace]:
        found: dict[Field, FieldPlace] = {}
        for key, value in self._table("columns").items():
            place = self._place(f"columns.{key}", value, shape)
            if key not in set(Field):
                self._fault(f"columns.{key}", "not_one_of", known="、".join(Field))
            elif place is not None:
                found[Field(key)] = place
        if Field.AMOUNT not in found:
            self._fault("columns.amount", "missing")
        if Field.ACCOUNT not in found and Field.LINE not in found:
            self._fault("columns.account", "missing")
        return found

    def _sums(self, shape: Shape | None) -> dict[str, dict[SumField, FieldPlace]]:
        found: dict[str, dict[SumField, FieldPlace]] = {"head": {}, "tail": {}}
        for side, table in self._table("sums").items():
            if side not in found or not isinstance(table, dict):
                self._fault(f"sums.{side}", "not_one_of", known="head、tail")
                continue
            for key, value in table.items():
                where = f"sums.{side}.{key}"
                place = self._place(where, value, shape)
                if key not in set(SumField):
                    self._fault(where, "not_one_of", known="、".join(SumField))
                elif place is not None:
                    found[side][SumField(key)] = place
        return found

    def _record(self, shape: Shape | None) -> Record:
        raw = self._table("record")
        for key in raw:
            if key not in _RECORD_KEYS:
                self._fault(f"record.{key}", "unknown_key")
        mark = None
        for key in ("at", "bytes"):
            if key in raw:
                mark = self._place(f"record.{key}", raw[key], shape)
        marks = {key: raw.get(key, "") for key in ("head", "line", "tail")}
        for key, value in marks.items():
            if not isinstance(value, str):
                self._fault(f"record.{key}", "not_text")
                return Record()
        numbers = {key: raw.get(key, 0) for key in ("skip", "first", "last")}
        for key, value in {**numbers, "count": raw.get("count", 0)}.items():
            if not _whole(value) or not 0 <= value <= 200:
                self._fault(f"record.{key}", "not_a_number")
                return Record()
        if mark is not None and not marks["line"]:
            self._fault("record.line", "missing")
        return Record(mark=mark, count=raw.get("count") or None, **marks, **numbers)

    def _place(self, where: str, value: Any, shape: Shape | None) -> FieldPlace | None:
        """A place written as a number, a head, several heads, a span, or a table of `at`, `bytes`
        or `head` and `chars`.
        """
        chars = None
        if isinstance(value, dict):
            chars = self._span(f"{where}.chars", value["chars"]) if "chars" in value else None
            named = [key for key in ("at", "bytes", "fields", "head") if key in value]
            if len(named) != 1 or set(value) - {"chars", *named}:
                self._fault(where, "place")
                return None
            value = value[named[0]]
        if isinstance(value, str) and value:
            return self._headed(where, (value,), chars, shape)
        if isinstance(value, list) and value and all(isinstance(one, str) and one for one in value):
            return self._headed(where, tuple(value), chars, shape)
        if _whole(value) and shape is not Shape.FIXED:
            return FieldPlace(at=value, chars=chars)
        if isinstance(value, list):
            span = self._span(where, value)
            return FieldPlace(span=span, chars=chars) if span else None
        self._fault(where, "place")
        return None

    def _headed(
        self,
        where: str,
        words: tuple[str, ...],
        chars: tuple[int, int | None] | None,
        shape: Shape | None,
    ) -> FieldPlace | None:
        if shape in (Shape.FIXED, Shape.BLANKS):
            self._fault(where, "no_heads")
            return None
        return FieldPlace(heads=words, chars=chars)

    def _span(self, where: str, value: Any) -> tuple[int, int | None] | None:
        if isinstance(value, list) and len(value) in (1, 2) and all(map(_whole, value)):
            return (value[0], value[1] if len(value) == 2 else None)
        self._fault(where, "place")
        return None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -10_000 < value < 100_000
