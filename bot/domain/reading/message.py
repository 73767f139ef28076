"""A whole message: who speaks, of which townships, about which day; what is no report at all (rules 3, 4, 8, 9, 10)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.domain.campaign import Campaign, TownshipName
from bot.domain.progress import StandingFigures, plain
from bot.domain.reading.grammar import Claim, Kind, Reader, Token, clauses, tokens_of
from bot.domain.reading.judgement import Ground, judge
from bot.domain.reading.lexicon import Lexicon, lexicon_of
from bot.domain.reading.model import Doubt, Incoming, Outcome, ReadFigure, Reading, Unclear, Wording
from bot.domain.reading.normal import normal
from bot.domain.reading.numerals import number

READER_VERSION = 1
LONGEST = 20_000
"""No report is longer; what is, is asked for in one line."""

NUMBERS = frozenset(
    {"COUNT", "NUMBER", "WORDNUMBER", "FRACTION", "PERCENT", "RANGE", "SPLIT", "STAR_NUMBER", "ARROW", "SUM"}
)
SAYS = NUMBERS | {"ZERO", "ALL"}
QUOTE = re.compile(r"[「“\"][^「“」”\"]*[」”\"]\s*\n?\s*(?:- ?|—){3,}\n?|^(?:>|&gt;).*$", re.M)
QUESTION = re.compile(r"[?]|吗|么时候|什么|怎么|几时|多少|能不能|能否|可否|是不是|是否|到底")
COMMAND = re.compile(r"排名|名次|第一名|忽略|规则|机器人|指令|删除|清空")
PASTED_BULLETIN = re.compile(r"(?:全市|全县|全区).*(?:通报|排名|名次|收官)|(?:通报|排名).*(?:全市|全县|全区)", re.S)
RECALLED = re.compile(r"撤回")
TEST = re.compile(r"测试")
CHAIN = re.compile(r"^\s*#?接龙")
OF_THE_REST = re.compile(r"其余|其他|其它|剩|余下")
"""A vague clause about these hangs on no reported number; any other may, and is asked back (rule 8)."""
STRAY_TOWN = re.compile(r"([\u4e00-\u9fff]{2,3}?)(镇|乡|街道|林场)")


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What a message says of one township, before judgement; `named` if its name stands in the message."""

    township: TownshipName
    tokens: tuple[Token, ...]
    header: tuple[Token, ...]
    named: bool = True


def read(
    campaign: Campaign,
    incoming: Incoming,
    *,
    open_day: date | None,
    late: bool,
    before: StandingFigures,
    today: StandingFigures,
    wording: Wording,
) -> Reading:
    """Reads one message against the campaign, its sender, the open day and what stands. Never raises for any text."""
    reader = _MessageReader(campaign, incoming, open_day, before, today, wording)
    try:
        figures, doubts = reader.read()
    except Unclear as unclear:
        return Reading(outcome=Outcome.ASK, asked=(reader.doubt(unclear),), echo=reader.doubt(unclear).question)
    if figures:
        return Reading(
            outcome=Outcome.ACCEPT, figures=figures, late=late, asked=doubts, echo=reader.echo(figures, late)
        )
    if doubts:
        return Reading(outcome=Outcome.ASK, asked=doubts, echo=doubts[0].question)
    return Reading(outcome=Outcome.NONE)


class _MessageReader:
    def __init__(
        self,
        campaign: Campaign,
        incoming: Incoming,
        open_day: date | None,
        before: StandingFigures,
        today: StandingFigures,
        wording: Wording,
    ) -> None:
        self.campaign = campaign
        self.incoming = incoming
        self.open_day = open_day
        self.before = before
        self.today = today
        self.wording = wording
        self.lexicon: Lexicon = lexicon_of(campaign)
        self.office = incoming.sender in campaign.office_staff
        self.own = self.lexicon.nicks.get(incoming.sender)
        self.correction = False

    def read(self) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        text = self.incoming.text
        if len(text) > LONGEST:
            raise Unclear("long", text[:20])
        text = QUOTE.sub("", normal(text)).strip()
        if re.match(r"\s*\[文件\]", text):
            raise Unclear("file", text)
        if TEST.search(text) or (RECALLED.search(text) and not re.search(r"错", text)) or PASTED_BULLETIN.search(text):
            return (), ()
        if RECALLED.search(text):
            raise Unclear("withdrawn", text)
        tokens = self._reporting(tokens_of(self.lexicon, text))
        roles = {token.role for token in tokens}
        ordinal = any(token.role == "ORDINAL" and token.text.endswith(self.campaign.unit) for token in tokens)
        if not roles & SAYS and not ordinal:
            return self._without_a_number(tokens, text)
        tokens = self._slashed_dates(tokens)
        self._only_this_day(tokens)
        self.correction = "CORRECTION" in roles
        self._no_vague_number(tokens)
        self._no_unknown_town(tokens)
        if "\t" not in text:
            self._every_word_explained(tokens)
        if not self.office and self.own is None:
            raise Unclear("sender", text[:40])
        if self.open_day is None:
            raise Unclear("outside", text[:40])
        if self.correction:
            tokens = self._after_the_correction(tokens)
        return self._of_townships(tokens, text)

    def _reporting(self, tokens: Sequence[Token]) -> list[Token]:
        """The message without sentences that ask or command, and without clauses that only promise (rules 8, 10)."""
        kept: list[Token] = []
        passed_over: list[Token] = []
        sentence: list[Token] = []
        for token in [*tokens, Token(role="STOP", text="")]:
            sentence.append(token)
            if token.role not in {"STOP", "NEWLINE"}:
                continue
            said = "".join(part.text for part in sentence)
            if not (QUESTION.search(said) or COMMAND.search(said)):
                for clause in clauses(sentence, also="SPACE"):
                    if any(part.role == "PROMISE" for part in clause):
                        clause = [part for part in clause[-1:] if part.role in {"COMMA", "STOP", "NEWLINE", "SPACE"}]
                    kept += clause
            else:
                passed_over += sentence
            sentence = []
        asked_of = [token.text for token in passed_over if token.role in NUMBERS]
        if asked_of and any(token.role in SAYS for token in kept):
            raise Unclear("words", asked_of[0])  # 累计竣工17户？18户: which of them?
        return kept

    def _without_a_number(self, tokens: Sequence[Token], text: str) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        if self.office or self.own is None:
            return (), ()
        roles = [token.role for token in tokens]
        if "FILE" in roles:
            raise Unclear("file", text)
        if "VAGUE" in roles and ("STAGE" in roles or "差不多" in text):
            raise Unclear("vague", text)
        words = "".join(token.text for token in tokens if token.role not in {"TOWN", "SPACE", "STOP"})
        if words in {"无", "没有", "没"}:
            raise Unclear("empty", text)
        return (), ()

    def _only_this_day(self, tokens: Sequence[Token]) -> None:
        """A closed day, a future day or any period other than the open day is asked back (rule 4)."""
        for token in tokens:
            if token.role in {"YESTERDAY", "PERIOD", "MONTH"}:
                raise Unclear("closed_day", token.text)
            if token.role == "DATE":
                named = self._date(token.text)
                if named is None or named != self.open_day:
                    raise Unclear("other_day", token.text)
            if token.role in {"STAR_NUMBER", "SPLIT"}:
                raise Unclear("number", token.text)
        if any(token.text in {"今日", "今天", "当日"} for token in tokens) and self.open_day is not None:
            local = self.incoming.at.astimezone(self.campaign.timezone).date()
            if local != self.open_day:
                raise Unclear("closed_day", "今日")
        if "补报" in "".join(token.text for token in tokens):
            raise Unclear("closed_day", "补报")

    def _slashed_dates(self, tokens: Sequence[Token]) -> list[Token]:
        """10/31 is the open day if it could be and another number is said; a date near it that is not: ask (rule 4)."""
        told: list[Token] = []
        for position, token in enumerate(tokens):
            if token.role == "FRACTION" and self.open_day is not None:
                beside = [
                    other.role
                    for other in (*tokens[max(0, position - 1) : position], *tokens[position + 1 : position + 2])
                ]
                named = self._date(token.text)
                near = named is not None and abs((named - self.open_day).days) <= 7
                cumulative = position > 0 and tokens[position - 1].role == "CUM"
                if near and "STAGE" not in beside and not cumulative:
                    if named != self.open_day or not any(
                        other.role in SAYS for at, other in enumerate(tokens) if at != position
                    ):
                        raise Unclear("other_day", token.text)
                    told.append(Token(role="DATE", text=token.text))
                    continue
            told.append(token)
        return told

    def _date(self, text: str) -> date | None:
        if self.open_day is None:
            return None
        parts = [number(part) for part in re.findall(r"\d+|[零〇一二三四五六七八九十廿]+", text)]
        if not parts or any(part is None for part in parts):
            return None
        whole = [int(part) for part in parts if part is not None]
        year = whole[0] if len(whole) == 3 else self.open_day.year
        month = whole[-2] if len(whole) >= 2 else self.open_day.month
        try:
            return date(year, month, whole[-1])
        except ValueError:
            return None

    def _no_vague_number(self, tokens: Sequence[Token]) -> None:
        for clause in clauses(tokens):
            roles = {token.role for token in clause}
            said = "".join(token.text for token in clause)
            vague = {token.text for token in clause if token.role == "VAGUE"}
            loose = vague - {"以上", "以下"} and not OF_THE_REST.search(said)  # 以上情况属实
            if vague and (roles & NUMBERS or loose):
                raise Unclear("vague", said)
        if any(token.role == "VAGUE" for token in tokens) and not any(token.role in NUMBERS for token in tokens):
            raise Unclear("vague", "")

    def _every_word_explained(self, tokens: Sequence[Token]) -> None:
        """Beside a number only words that are known to change nothing: 走访17户 is no 17 completed (rules 2, 5)."""
        for clause in clauses(tokens, also="SPACE"):
            if not any(token.role in NUMBERS for token in clause):
                continue
            words = "".join(token.text if token.role == "WORD" else "\0" for token in clause)
            left = self.lexicon.harmless.sub("", words).replace("\0", "")
            if left:
                raise Unclear("words", "".join(token.text for token in clause).strip())

    def _no_unknown_town(self, tokens: Sequence[Token]) -> None:
        """A look-alike name is never taken for the nearest (rule 3)."""
        for token in tokens:
            if token.role == "NOT_A_TOWN":
                raise Unclear("township", token.text)
        rest = "".join(token.text if token.role in {"WORD", "VAGUE", "PLUS"} else "\0" for token in tokens)
        for found in STRAY_TOWN.finditer(rest):
            name = found.group()
            if any(_alike(found.group(1), stem) for stem in self.lexicon.stems):
                raise Unclear("township", name)

    def _after_the_correction(self, tokens: Sequence[Token]) -> list[Token]:
        """18户改为17户, 是16户不是17户: the old value must be what stands, the new one is what is said (rule 7)."""
        text = "".join(token.text for token in tokens)
        unit = re.escape(self.campaign.unit)
        changed = re.search(rf"(\d+){unit}?(?:改为|改成|更正为|应为)(\d+){unit}?", text) or re.search(
            rf"不是(\d+){unit}?[,，]?\s?(?:是|而是|应为)(\d+){unit}?", text
        )
        swapped = re.search(rf"是(\d+){unit}?[,，]?\s?不是(\d+){unit}?", text)
        if swapped and "不是" not in text[: swapped.start()]:
            new, old = swapped.groups()
        elif changed:
            old, new = changed.groups()
        elif "不是" in text:
            raise Unclear("correction", text)
        else:
            return list(tokens)
        if self.own is None:
            raise Unclear("correction", text)
        part = (self.own, self.campaign.headline.key, None)
        if self.today.get(part, self.before.get(part, Decimal(0))) != Decimal(old):
            raise Unclear("correction", text)
        kept = [token for token in tokens if token.role not in NUMBERS]
        return [*kept, Token(role="COMMA", text=","), *tokens_of(self.lexicon, f"累计{new}{self.campaign.unit}")]

    def _of_townships(self, tokens: Sequence[Token], text: str) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        chained = bool(CHAIN.match(text))
        if "\t" in text:
            rows = [row for row in self._table(text) if self.office or row.township == self.own]
            return self._judged(rows, ())
        header, parts = self._parts(tokens)
        if not parts:
            if self.own is None:
                raise Unclear("whose", text[:40])
            parts = [_Part(township=self.own, tokens=tuple(tokens), header=(), named=False)]
        elif any(token.role in NUMBERS for token in header):
            # A number before the first name belongs to nobody named; from a contact it may be his own.
            if self.office or [part.township for part in parts] != [self.own]:
                raise Unclear("whose", text[:40])
            parts = [_Part(township=parts[0].township, tokens=(*header, *parts[0].tokens), header=())]
        doubts: list[Doubt] = []
        if not self.office:
            others = [part for part in parts if part.township != self.own]
            parts = [part for part in parts if part.township == self.own]
            if not chained:
                doubts = [
                    self.doubt(Unclear("other_township", part.township), part.township)
                    for part in others
                    if any(token.role in SAYS for token in part.tokens)
                ]
            if not parts and chained:
                return (), ()
        return self._judged(parts, tuple(doubts))

    def _parts(self, tokens: Sequence[Token]) -> tuple[tuple[Token, ...], list[_Part]]:
        """The message cut at each township it names; what stands before the first is a header for all."""
        cuts = [
            position
            for position, token in enumerate(tokens)
            if token.role == "TOWN" or (token.role == "NICK" and not (position and tokens[position - 1].text == "@"))
        ]
        if not cuts:
            return (), []
        header = tuple(tokens[: cuts[0]])
        named: list[tuple[TownshipName, tuple[Token, ...]]] = []
        for start, end in zip(cuts, [*cuts[1:], len(tokens)], strict=True):
            word = tokens[start].text
            township = self.lexicon.townships.get(word) or self.lexicon.nicks[word]
            body = tuple(tokens[start + 1 : end])
            if named and named[-1][0] == township:
                named[-1] = (township, (*named[-1][1], *body))
            elif any(township == earlier for earlier, _ in named):
                index = [earlier for earlier, _ in named].index(township)
                named[index] = (township, (*named[index][1], Token(role="STOP", text=""), *body))
            else:
                named.append((township, body))
        for _, body in named[:-1]:
            if not body or all(token.role in {"COMMA", "SPACE"} or token.text in "和与及" for token in body):
                # 稻溪镇、松砚镇今日竣工3户: of which?
                raise Unclear("whose", "、".join(name for name, _ in named))
        several = len(named) > 1
        own_header = (
            tuple(token for token in header if token.role in {"STAGE", "CUM", "INC"}) if several or header else ()
        )
        return header, [_Part(township=name, tokens=body, header=own_header) for name, body in named]

    def _table(self, text: str) -> list[_Part]:
        """Rows pasted from a sheet: the head names what each column is (rule 9)."""
        rows = [[cell.strip() for cell in line.split("\t")] for line in text.splitlines() if "\t" in line]
        head, *body = rows
        columns = [self._column(name) for name in head[1:]]
        parts = []
        for row in body:
            if len(row) != len(head):
                raise Unclear("table", "\t".join(row))
            township = self.lexicon.townships.get(row[0])
            if township is None:
                if row[0] in {"合计", "总计"}:
                    self._table_adds_up(body, row)
                    continue
                raise Unclear("township", row[0])
            said = "；".join(
                f"{column}{cell}{self.campaign.unit}" for column, cell in zip(columns, row[1:], strict=True) if cell
            )
            parts.append(_Part(township=township, tokens=tuple(tokens_of(self.lexicon, normal(said))), header=()))
        return parts

    def _column(self, name: str) -> str:
        """The words that a column's head says of its cells; any head the campaign has no word for: ask (rules 5, 9)."""
        tokens = tokens_of(self.lexicon, name)
        roles = {token.role for token in tokens} - {"WORD", "SPACE", "OPEN", "CLOSE"}
        words = "".join(token.text if token.role == "WORD" else "\0" for token in tokens)
        if (
            not roles
            or not roles <= {"TARGET", "STAGE", "CATEGORY", "CUM", "INC", "REM"}
            or self.lexicon.harmless.sub("", words).replace("\0", "")
        ):
            raise Unclear("table", name)
        return name if roles & {"TARGET", "CUM", "INC", "REM"} else f"累计{name}"

    def _table_adds_up(self, body: Sequence[Sequence[str]], totals: Sequence[str]) -> None:
        """A 合计 row is checked against its rows and is no figure (rule 9)."""
        rows = [row for row in body if row[0] in self.lexicon.townships]
        for at, cell in enumerate(totals[1:], start=1):
            values = [number(row[at]) for row in rows if at < len(row) and row[at]]
            told = number(cell) if cell else None
            if cell.endswith("%") or told is None:
                continue
            added = sum((value for value in values if value is not None), Decimal(0))
            if added != told or None in values:
                raise Unclear("sum", cell, sum=added, total=told)

    def _judged(
        self, parts: Sequence[_Part], doubts: tuple[Doubt, ...]
    ) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        figures: list[ReadFigure] = []
        asked = list(doubts)
        if self.open_day is None:
            raise Unclear("outside", "")
        claimed: list[tuple[TownshipName, tuple[Claim, ...]]] = []
        for part in parts:
            try:
                claims = Reader(self.lexicon, part.header, named=part.named).read(part.tokens)
            except Unclear as unclear:
                asked.append(self.doubt(unclear, part.township))
                continue
            if claims:
                claimed.append((part.township, claims))
        headline = self.campaign.headline.key
        unmarked = tuple(
            (township, (claim.stage or headline, claim.category), claim.value)
            for township, claims in claimed
            for claim in claims
            if claim.kind is Kind.UNMARKED
        )
        for township, claims in claimed:
            ground = Ground(
                campaign=self.campaign,
                township=township,
                day=self.open_day,
                before=self.before,
                today=self.today,
                correction=self.correction,
                beside=unmarked if len(claimed) > 1 else (),
            )
            try:
                figures += judge(ground, claims)
            except Unclear as unclear:
                asked.append(self.doubt(unclear, township))
        return tuple(figures), tuple(asked)

    def doubt(self, unclear: Unclear, township: TownshipName | None = None) -> Doubt:
        """The question for something unclear, quoting the doubtful words."""
        facts = {key: plain(value) if isinstance(value, Decimal) else value for key, value in unclear.facts.items()}
        text = unclear.text or self.incoming.text[:40]
        template = self.wording.get(f"ask_{unclear.why}", self.wording["ask"])
        named = township or self.own or ""
        question = template.format(
            text=text, township=named, unit=self.campaign.unit, stage=self.campaign.headline.name, **facts
        )
        return Doubt(text=text, why=unclear.why, question=question, township=township or self.own)

    def echo(self, figures: Sequence[ReadFigure], late: bool) -> str:
        """One line that says what stands now."""
        lines = []
        for township in dict.fromkeys(figure.township for figure in figures):
            said = []
            for figure in figures:
                if figure.township != township or figure.category is not None:
                    continue
                part = (figure.township, figure.stage, None)
                target = self.campaign.township(township).target
                said.append(
                    self.wording["echo_figure"].format(
                        stage=self.campaign.stage(figure.stage).name,
                        value=plain(figure.value),
                        unit=self.campaign.unit,
                        increase=f"{figure.value - self.before.get(part, Decimal(0)):+f}",
                        remaining=plain(target - figure.value),
                    )
                )
            lines.append(f"{township} {self._day_name(figures[0].day)} {'；'.join(said)}")
        return self.wording["echo_late" if late else "echo"].format(said="；".join(lines))

    def _day_name(self, day: date) -> str:
        return self.wording["day"].format(month=day.month, day=day.day)


def _alike(name: str, stem: str) -> bool:
    """Whether a name that is not registered looks like one that is: of the same length, with a sign in common at its place."""
    return any(
        len(part) == len(stem) and any(a == b for a, b in zip(part, stem, strict=True))
        for part in (name, name[1:])
        if len(part) >= 2
    )
