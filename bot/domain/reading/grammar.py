"""From tokens to claims: which number is said of which stage and category, and in which way (rules 2, 5, 6, 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from bot.domain.campaign import CategoryKey, StageKey, TownshipName
from bot.domain.reading.lexicon import Lexicon
from bot.domain.reading.model import Unclear
from bot.domain.reading.numerals import SIGNS, number


class Kind(StrEnum):
    """The way a value is said (rule 6)."""

    CUMULATIVE = "cumulative"
    INCREMENT = "increment"
    REMAINING = "remaining"
    TARGET = "target"
    PERCENT = "percent"
    UNMARKED = "unmarked"
    ZERO = "zero"
    ALL = "all"
    IN_PROGRESS = "in progress"


@dataclass(frozen=True, kw_only=True)
class Token:
    """A piece of the message and the part it plays."""

    role: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Something said of one cell; `stage` None is the headline, `explicit` says that a stage word stood by it."""

    kind: Kind
    value: Decimal
    stage: StageKey | None
    category: CategoryKey | None
    explicit: bool
    bare: bool  # neither unit nor stage nor category nor kind word stood by it
    text: str
    of: Decimal | None = None  # the denominator of a fraction
    places: int = 0  # decimals of a percentage
    inner: bool = False  # said in brackets or after 其中: a part of what stands before


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a message says of one township."""

    township: TownshipName | None
    claims: tuple[Claim, ...]
    text: str


def tokens_of(lexicon: Lexicon, text: str) -> list[Token]:
    """The message as tokens, each sign in exactly one."""
    return [Token(role=str(found.lastgroup), text=found.group()) for found in lexicon.pattern.finditer(text)]


@dataclass
class _State:
    """What holds while a row is read from left to right."""

    stage: StageKey | None = None
    kind: Kind = Kind.UNMARKED
    category: CategoryKey | None = None
    category_used: bool = True
    clause_stage: bool = False
    once: Kind | None = None  # 剩余, 任务: for the next number only
    plus: bool = False
    today: bool = False
    marked: bool = False  # a kind word stood in this clause
    inner: bool = False
    outer: list[_State] = field(default_factory=list)


class Reader:
    """Reads the tokens of one township's part of a message."""

    def __init__(self, lexicon: Lexicon, header: Sequence[Token] = (), *, named: bool = False) -> None:
        self.lexicon = lexicon
        self.named = named  # a township's name stands before it, so that a naked number belongs to something
        self.state = _State()
        self.claims: list[Claim] = []
        self._pending_not = False  # 未, 没: of the stage word that follows
        self._claims_in_clause = 0
        for token in header:
            if token.role in {"STAGE", "CUM", "INC"}:
                self._word(token)
        self.header_kind = self.state.kind
        self.header_stage = self.state.stage
        self.state.once = None

    def read(self, tokens: Sequence[Token]) -> tuple[Claim, ...]:
        """The claims of these tokens; Unclear for what is not certain."""
        for position, token in enumerate(tokens):
            match token.role:
                case "STOP" | "NEWLINE":
                    self._end_clause(sentence=True)
                case "COMMA" | "SPACE":
                    self._end_clause(sentence=False, weak=token.role == "SPACE")
                case "OPEN":
                    kept = replace(self.state, outer=[])
                    self.state.outer.append(kept)
                    self.state.inner = True
                case "CLOSE":
                    if self.state.outer:
                        self._of_the_claim_before()
                        outer = self.state.outer
                        self.state = outer.pop()
                        self.state.outer = outer
                        self.state.category, self.state.category_used = None, True
                case "COUNT" | "NUMBER" | "WORDNUMBER" | "FRACTION" | "PERCENT":
                    self._number(token)
                case "ALL":
                    if self._pending_not:
                        raise Unclear("vague", token.text)
                    stage = next(key for word, key in self.lexicon.stages.items() if word in token.text)
                    self._add(Kind.ALL, Decimal(0), token.text, stage=stage)
                case "ZERO":
                    self._add(Kind.ZERO, Decimal(0), token.text)
                case "SPLIT" | "STAR_NUMBER":
                    raise Unclear("number", token.text)
                case "RANGE":
                    raise Unclear("range", token.text)
                case "ORDINAL":
                    if "户" in token.text or re.search(r"\d", token.text):
                        raise Unclear("ordinal", token.text)
                case "ARROW" | "SUM":
                    self._chain(token)
                case "IN_PROGRESS" if self._same_clause and not _number_ahead(tokens, position):
                    if self.claims[-1].kind is not Kind.REMAINING:
                        raise Unclear("in_progress", token.text)  # 17户在建 is no count of a stage
                case "PART":
                    raise Unclear("part", token.text)
                case "MINUS":
                    raise Unclear("number", token.text)
                case "STAGE":
                    self._stage(self.lexicon.stages[token.text], counted=_number_ahead(tokens, position))
                    self._pending_not = False
                case _:
                    self._word(token)
        return tuple(self.claims)

    def _word(self, token: Token) -> None:
        state = self.state
        match token.role:
            case "STAGE":
                self._stage(self.lexicon.stages[token.text], counted=True)
            case "CATEGORY":
                if state.category is not None and not state.category_used:
                    raise Unclear("category", token.text)  # C级D级共17户: of which?
                state.category, state.category_used = self.lexicon.categories[token.text], False
            case "CUM":
                state.kind, state.once, state.marked = Kind.CUMULATIVE, None, True
                if token.text in {"合计", "总计", "共", "共计", "总共", "一共", "小计"}:
                    state.category, state.category_used = None, True
            case "ALREADY":
                if state.today:
                    raise Unclear("today_already", token.text)
                state.kind, state.marked, state.once = Kind.CUMULATIVE, True, None
            case "INC":
                if token.text in {"今日", "今天", "当日"}:
                    state.today = True
                if not (state.kind is Kind.CUMULATIVE and state.marked and token.text in {"今日", "今天", "当日"}):
                    state.kind, state.once = Kind.INCREMENT, None
                state.marked = True
            case "REM":
                state.once, state.marked = Kind.REMAINING, True
                if token.text in {"未", "没有", "没", "尚未"}:
                    state.once = None
                    self._pending_not = True
                    return
            case "TARGET":
                state.once, state.marked = Kind.TARGET, True
            case "IN_PROGRESS":
                state.once, state.marked = Kind.IN_PROGRESS, True
            case "PLUS":
                state.plus = True
        self._pending_not = False

    def _stage(self, stage: StageKey, *, counted: bool) -> None:
        """A stage word: of the number that follows it in its clause (`counted`), else of the one before it."""
        state = self.state
        last = self.claims[-1] if self.claims else None
        if self._pending_not:
            # 还剩8户未竣工 says of the number before it; 未竣工4户 of the one to come.
            if last is not None and last.kind is Kind.REMAINING and self._same_clause:
                self.claims[-1] = replace(last, stage=stage, explicit=True)
            elif last is not None and self._same_clause and last.kind is Kind.UNMARKED:
                self.claims[-1] = replace(last, stage=stage, explicit=True, kind=Kind.REMAINING)
            else:
                state.once, state.stage, state.clause_stage = Kind.REMAINING, stage, True
            return
        zero_before = last is not None and last.kind is Kind.ZERO
        if last is not None and self._same_clause and not last.explicit and (zero_before or not counted):
            self.claims[-1] = replace(last, stage=stage, explicit=True)
        state.stage, state.clause_stage = stage, True

    def _of_the_claim_before(self) -> None:
        """新竣工1户（C级）: a category alone in brackets says which kind the number before it was of."""
        state = self.state
        if state.inner and state.category is not None and not state.category_used and self.claims:
            if self.claims[-1].category is not None:
                raise Unclear("category", self.claims[-1].text)
            self.claims[-1] = replace(self.claims[-1], category=state.category)

    @property
    def _same_clause(self) -> bool:
        return self._claims_in_clause > 0

    def _end_clause(self, *, sentence: bool, weak: bool = False) -> None:
        state = self.state
        if state.category is not None and state.category_used:
            state.category = None
        elif state.category is not None and sentence:
            raise Unclear("category", "")
        if weak:
            state.plus = False
            if self._claims_in_clause:
                self._fresh_clause()
            return
        state.once = None
        self._fresh_clause()
        if sentence:
            state.kind = self.header_kind
            state.once = None

    def _fresh_clause(self) -> None:
        state = self.state
        state.clause_stage = state.today = state.plus = state.marked = False
        self._claims_in_clause = 0
        self._pending_not = False

    def _number(self, token: Token) -> None:
        state = self.state
        if token.role == "PERCENT":
            shown = token.text.replace(" ", "")
            value = number(shown.rstrip("%")) if shown[0].isdigit() else number(shown.removeprefix("百分之"))
            if value is None:
                raise Unclear("number", token.text)
            places = len(shown.rstrip("%").partition(".")[2])
            self._add(Kind.PERCENT, value, token.text, places=places)
            return
        if token.role == "FRACTION":
            said, of = (Decimal(part.strip()) for part in token.text.split("/"))
            kind = Kind.INCREMENT if state.plus else Kind.CUMULATIVE
            self._add(kind, said, token.text, of=of)
            return
        digits = re.match(rf"\d+(?:\.\d+)?|[{SIGNS}]+", token.text)
        value = number(digits.group()) if digits else None
        if value is None:
            raise Unclear("number", token.text)
        kind = Kind.INCREMENT if state.plus else state.once or state.kind
        bare = (
            not self.named
            and token.role != "COUNT"
            and state.stage is None
            and state.category is None
            and (kind is Kind.UNMARKED or (state.plus and not state.marked))
        )
        self._add(kind, value, token.text, bare=bare)
        state.once, state.plus = None, False

    def _chain(self, token: Token) -> None:
        """11+2=13 and 11→13 are read if the first stood at the close: an increment and its total that must agree."""
        parts = [Decimal(part) for part in re.findall(r"\d+(?:\.\d+)?", token.text)]
        if token.role == "SUM" and parts[0] + parts[1] != parts[2]:
            raise Unclear("disagree", token.text)
        increment = parts[-1] - parts[0]
        self._add(Kind.CUMULATIVE, parts[-1], token.text)
        self._add(Kind.INCREMENT, increment, token.text)

    def _add(
        self,
        kind: Kind,
        value: Decimal,
        text: str,
        *,
        stage: StageKey | None = None,
        of: Decimal | None = None,
        places: int = 0,
        bare: bool = False,
    ) -> None:
        state = self.state
        explicit = stage is not None or state.clause_stage
        said_of = stage or state.stage
        if kind is Kind.ZERO and not state.clause_stage:
            said_of = self.header_stage
        if kind in {Kind.TARGET, Kind.IN_PROGRESS}:
            said_of = None
        self.claims.append(
            Claim(
                kind=kind,
                value=value,
                stage=said_of,
                category=state.category,
                explicit=explicit,
                bare=bare,
                text=text,
                of=of,
                places=places,
                inner=state.inner,
            )
        )
        state.category_used = True
        self._claims_in_clause += 1


COUNTS = frozenset({"COUNT", "NUMBER", "WORDNUMBER", "FRACTION", "PERCENT"})


def _number_ahead(tokens: Sequence[Token], position: int) -> bool:
    """Whether a number follows the token at `position` before its clause ends."""
    for token in islice(tokens, position + 1, None):
        if token.role in COUNTS:
            return True
        if token.role in {"COMMA", "STOP", "NEWLINE", "SPACE", "CLOSE", "STAGE"}:
            return False
    return False


def clauses(tokens: Sequence[Token], also: str = "") -> Iterator[list[Token]]:
    """The tokens between commas, stops and line ends, each with the mark that ends it."""
    clause: list[Token] = []
    for token in tokens:
        clause.append(token)
        if token.role in {"COMMA", "STOP", "NEWLINE", also}:
            yield clause
            clause = []
    if clause:
        yield clause
