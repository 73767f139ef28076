"""A whole message: who speaks, of which townships; each township's row is judged by itself (rules
3, 9, 10).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise, takewhile

from bot.domain.campaigns.campaign import Campaign, StageKey, TownshipName
from bot.domain.campaigns.workdays import open_day
from bot.domain.figures.progress import StandingFigures
from bot.domain.replies.reading.answer import doubt_of, echo_of
from bot.domain.replies.reading.chat import Chat, ChatRefused, split_chat
from bot.domain.replies.reading.conversation import names_offered, options_of
from bot.domain.replies.reading.days import OTHER_TIMES, TIMES, only_this_day, told_days
from bot.domain.replies.reading.explained import unexplained
from bot.domain.replies.reading.grammar import HEADS, Claim, ClauseReader, Doubtful, Kind, clauses
from bot.domain.replies.reading.judgement import Ground, judge
from bot.domain.replies.reading.lexicon import SUFFIXES, Lexicon, lexicon_of
from bot.domain.replies.reading.lists import LISTED, added_up, said_of_each, told_apart
from bot.domain.replies.reading.model import (
    Doubt,
    Incoming,
    Option,
    Outcome,
    ReadFigure,
    Reading,
    ReadingWording,
    Unclear,
)
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.readings import Interpretation, decided
from bot.domain.replies.reading.roles import Token, TokenRole
from bot.domain.replies.reading.shapes import NAMES, MessageShape, claims_of, shape_of
from bot.domain.replies.reading.speech import (
    NUMBERS,
    SAYS,
    TURNS,
    calls,
    is_no_report,
    reporting,
    with_tasks,
    without_other_matters,
)
from bot.domain.replies.reading.table import is_table, table_rows, with_tabs
from bot.domain.replies.reading.voices import without_other_voices

READER_VERSION = 3
LONGEST = 20_000
"""No report is longer; what is, is asked for in one line."""

CHAT_HEAD = re.compile(
    r"^(\S{1,20})[ \u2005\u00a0]+(?:\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日? )?\d{1,2}:\d{2}(?::\d{2})?\s*$",
    re.M,
)
CHAIN = re.compile(r"^\s*#?接龙")
OF_THE_REST = re.compile(r"其余|其他|其它|剩|余下|另")
"""A vague clause about these hangs on no reported number; any other may, and is asked back (rule
8).
"""
STRAY_TOWN = re.compile(r"([\u4e00-\u9fff]{2,3}?)(镇|乡|街道|林场)")
SUFFIX = re.compile(r"[镇鎮乡鄉街林]")
LIKE_A_NAME = frozenset(
    {TokenRole.WORD, TokenRole.VAGUE, TokenRole.PLUS, TokenRole.INC, TokenRole.CUM, TokenRole.REM}
)
WHOLLY = re.compile("全部|全都|全数|悉数|零[^售散钱星]")
NO_WORD = frozenset(
    {
        TokenRole.TOWN,
        TokenRole.NICK,
        TokenRole.SPACE,
        TokenRole.STOP,
        TokenRole.COMMA,
        TokenRole.NEWLINE,
        TokenRole.PLAIN,
        TokenRole.EMOTICON,
        TokenRole.DATE,
    }
)
NO_WORK = frozenset({"无", "没有", "没", "暂无", "还没有", "还没"})
BESIDE_A_TOTAL = frozenset({TokenRole.INDEX, TokenRole.SPACE, TokenRole.WORD, TokenRole.PLAIN})
SOME = re.compile(r"[几来余]|多户|若干|上百")


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What a message says of one township, before judgement; `township` None for a name that is not
    of the campaign.
    """

    township: TownshipName | None
    tokens: tuple[Token, ...]
    header: tuple[Token, ...] = ()
    # the words of the heading that stand in the very clause of the name
    tail: tuple[Token, ...] = ()
    named: bool = True
    name: str = ""


def read(  # noqa: PLR0913
    campaign: Campaign,
    incoming: Incoming,
    *,
    open_day: date | None,
    late: bool,
    before: StandingFigures,
    today: StandingFigures,
    wording: ReadingWording,
    offers: bool = True,
    shapes: Sequence[MessageShape] = (),
) -> Reading:
    """Reads one message against the campaign, its sender, the open day and what stands. Never
    raises for any text.

    Without `offers` a question says what is wrong and offers no readings by number: where nobody
    can answer with one. A message of one of the `shapes` is read as that was settled; where its
    figures cannot stand, as if the shape were unknown.
    """
    reader = MessageReader(campaign, incoming, open_day, before, today, wording, offers=offers)
    try:
        settled = reader.by_shape(shapes) if shapes else ()
        figures, doubts = (settled, ()) if settled else reader.read()
    except Unclear as unclear:
        doubt = reader.doubt(unclear)
        return Reading(outcome=Outcome.ASK, asked=(doubt,), echo=doubt.question)
    if figures:
        return Reading(
            outcome=Outcome.ACCEPT,
            figures=figures,
            late=late,
            asked=doubts,
            echo=echo_of(campaign, wording, figures, before, late=late),
        )
    if doubts:
        return Reading(outcome=Outcome.ASK, asked=doubts, echo=doubts[0].question)
    return Reading(outcome=Outcome.NONE)


class MessageReader:
    """Reads one message; after `read`, `claimed` is what it says of each township before
    judgement.
    """

    def __init__(
        self,
        campaign: Campaign,
        incoming: Incoming,
        open_day: date | None,
        before: StandingFigures,
        today: StandingFigures,
        wording: ReadingWording,
        *,
        offers: bool = True,
    ) -> None:
        self.campaign = campaign
        self.incoming = incoming
        self.open_day = open_day
        self.before = before
        self.today = today
        self.wording = wording
        self.lexicon: Lexicon = lexicon_of(campaign, wording.vocabulary)
        self.office = incoming.sender in campaign.office_staff
        self.own = self.lexicon.senders.get(incoming.sender)
        self.correction = False
        self.said: list[Interpretation] = []  # the same with what it was judged against
        self.claimed: list[
            tuple[TownshipName, tuple[Claim, ...]]
        ] = []  # what was said of whom, kept for the explanation
        # whether a doubt comes with the readings it may mean; a trial of one of these does not
        self.offers = offers

    def by_shape(self, shapes: Sequence[MessageShape]) -> tuple[ReadFigure, ...]:
        """The figures of a message whose shape a person has settled; none if it has no such shape,
        or they cannot stand.
        """
        if len(self.incoming.text) > LONGEST or self.open_day is None:
            return ()
        words, numbers, tokens = shape_of(self.lexicon, self.incoming.text)
        named = {
            self.lexicon.townships.get(t.text) or self.lexicon.nicks[t.text]
            for t in tokens
            if t.role in NAMES
        }
        township = self.own if self.own is not None else next(iter(named), None)
        if township is None or named - {township} or not (self.office or self.own):
            return ()
        alike = [s for s in shapes if s.words == words and s.sender in {None, self.incoming.sender}]
        try:
            # 昨晚, 今晚 are words to the letter, which a person has settled; a date is another one
            # each day.
            dated = [token for token in tokens if token.role not in OTHER_TIMES]
            only_this_day(self.campaign, self.lexicon, dated, self.open_day, self.incoming.at)
        except Unclear:
            return ()
        ground = Ground(
            campaign=self.campaign,
            township=township,
            day=self.open_day,
            before=self.before,
            today=self.today,
            correction=any(token.role is TokenRole.CORRECTION for token in tokens),
        )
        alike = [shape for shape in alike if len(shape.parts) == len(numbers)]
        results: set[tuple[ReadFigure, ...]] = set()
        for claims in claims_of(alike, numbers, self.incoming.text[:40]) if alike else ():
            with suppress(Unclear):
                results.add(judge(ground, claims))
                self.claimed = [(township, claims)]
        return results.pop() if len(results) == 1 else ()

    def read(self) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:  # noqa: C901
        """The figures that stand and the doubts; none of both if the message is no report. Unclear
        if nothing of it stands.
        """
        text = self.incoming.text
        if len(text) > LONGEST:
            raise Unclear("long", text[:20])
        if self.office and self.offers:
            chat = self._pasted_chat(text)
            if chat is not None:
                return self._of_a_chat(chat)
        text = self.lexicon.filled(with_tabs(self.lexicon, without_other_voices(normal(text))))
        everything = self.lexicon.tokens(text)
        if is_no_report(text, everything):
            return (), ()
        table = is_table(self.lexicon, text)
        tokens = everything if table else self._reporting(everything, text)
        if not table:
            tokens = told_days(self.campaign, self.lexicon, tokens, self.open_day)
        roles = {token.role for token in tokens}
        if roles.isdisjoint(SAYS) and not any(
            token.role is TokenRole.ORDINAL and token.text.endswith(self.campaign.unit)
            for token in tokens
        ):
            return self._without_a_number(tokens, everything, text)
        if self.office and calls(tokens, text):
            return (), ()
        if not table and (roles & TIMES or self._another_date() or "补报" in text):
            only_this_day(self.campaign, self.lexicon, tokens, self.open_day, self.incoming.at)
        self.correction = TokenRole.CORRECTION in roles
        if not self.office and self.own is None:
            raise Unclear("sender", text[:40])
        if self.open_day is None:
            raise Unclear("outside", text[:40])
        return self._of_a_table(text) if table else self._of_townships(tokens, text)

    def _reporting(self, tokens: Sequence[Token], text: str) -> Sequence[Token]:
        """What of the message reports; a figure with a question mark is asked back, but for the
        office, which may well ask.
        """
        roles = {token.role for token in tokens}
        if roles.isdisjoint(TURNS) and "?" not in text:
            return without_other_matters(tokens, self.lexicon.other_matters)
        try:
            said = reporting(
                with_tasks(tokens, self._tasks(tokens)) if TokenRole.PROMISE in roles else tokens
            )
        except Unclear as unclear:
            if self.office and unclear.why == "words" and tokens[-1:] and tokens[-1].text == "?":
                return []
            raise
        return without_other_matters(said, self.lexicon.other_matters)

    def _tasks(self, tokens: Sequence[Token]) -> set[Decimal]:
        """The tasks of the townships that the message is about."""
        named = {
            self.lexicon.townships.get(token.text, self.own)
            for token in tokens
            if token.role is TokenRole.TOWN
        }
        return {
            self.campaign.township(name).target for name in named | {self.own} if name is not None
        }

    def _another_date(self) -> bool:
        """Whether the message came on another date than the open day's, so that its 今日 is another
        day.
        """
        return self.incoming.at.astimezone(self.campaign.timezone).date() != self.open_day

    def _pasted_chat(self, text: str) -> Chat | None:
        """The chat that the office pasted with "name time" heads; None if there are no such
        heads.
        """
        heads = [found.group(1) for found in CHAT_HEAD.finditer(text)]
        if not heads or (len(heads) == 1 and heads[0] not in self.lexicon.senders):
            return None
        try:
            return split_chat(
                self.campaign,
                text,
                at=self.incoming.at,
                copied=self.incoming.at.astimezone(self.campaign.timezone).date(),
                members=heads,
            )
        except ChatRefused:
            return None

    def _of_a_chat(self, chat: Chat) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        """One reply for each head, with that sender and moment; what one of them raised stands for
        those after it (rule 9).
        """
        figures: dict[tuple[object, ...], ReadFigure] = {}
        doubts = [self.doubt(Unclear("chat", doubt.text[:40])) for doubt in chat.doubts]
        today = dict(self.today)
        for message in chat.messages:
            said = Incoming(
                id=self.incoming.id, text=message.text, sender=message.sender, at=message.at
            )
            day = open_day(self.campaign, sent_at=message.at, arrived_at=message.at, closings={})
            reader = self._within(said, today)
            try:
                stand, asked = reader.read()
                if stand and day != self.open_day:
                    raise Unclear("closed_day", message.text[:40])
            except Unclear as unclear:
                doubts.append(reader.doubt(unclear))
                continue
            doubts += asked
            for figure in stand:
                figures[(figure.township, figure.stage, figure.category)] = figure
                today[(figure.township, figure.stage, figure.category)] = figure.value
        return tuple(figures.values()), tuple(doubts)

    def _without_a_number(
        self, tokens: Sequence[Token], everything: Sequence[Token], text: str
    ) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        if text.lstrip().startswith("[文件]"):
            raise Unclear("file", text)
        if self.office or self.own is None:
            return (), ()
        roles = [token.role for token in tokens]
        if "撤回" in text:
            raise Unclear("withdrawn", text)
        if any(token.role == TokenRole.FILE for token in everything):
            raise Unclear("file", text)
        if any(token.role == TokenRole.CORRECTION and "错" in token.text for token in tokens):
            raise Unclear("withdrawn", text)
        vague = {token.text for token in tokens if token.role == TokenRole.VAGUE}
        if vague and (
            TokenRole.STAGE in roles
            or vague & self.lexicon.halfway
            or any(SOME.search(words) for words in vague)
        ):
            raise Unclear("vague", text)
        words = "".join(
            token.text
            for token in tokens
            if token.role not in NO_WORD
            and (token.role is not TokenRole.INC or token.text not in self.lexicon.day)
        )
        untold = any(
            a.text in NO_WORK and b.text in self.lexicon.of_reports for a, b in pairwise(tokens)
        )
        if words in NO_WORK and not untold:  # 还没统计好 is no report yet
            raise Unclear("empty", text)
        for clause in clauses(tokens):
            self._says_nothing(clause)
        return (), ()

    def _says_nothing(self, clause: Sequence[Token]) -> None:
        """Unclear where a clause without a count still speaks of the work: 竣工17栋, 茶埂村8号竣工,
        尚未开工.
        """
        said = "".join(token.text for token in clause).strip()
        roles = {token.role for token in clause}
        of_the_work = roles & {
            TokenRole.STAGE,
            TokenRole.CATEGORY,
            TokenRole.CUM,
            TokenRole.REM,
            TokenRole.DONE,
            TokenRole.NOUN,
        }
        if of_the_work and any(
            t.role is TokenRole.OTHER and self.lexicon.counted_alone.match(t.text) for t in clause
        ):
            raise Unclear("unit", said)
        if WHOLLY.search(said) and of_the_work | roles & {TokenRole.NOUN, TokenRole.TOWN}:
            raise Unclear("words", said)  # 竣工户已全部拨款
        if TokenRole.STAGE in roles and roles & {
            TokenRole.DATE,
            TokenRole.ORDINAL,
            TokenRole.LABELLED,
        }:
            raise Unclear("words", said)
        for token, behind in pairwise(clause):
            if (
                token.text in self.lexicon.no
                and behind.role is TokenRole.INC
                and behind.text not in self.lexicon.day
            ):
                raise Unclear("vague", said)  # 无又新增
            if token.role in {TokenRole.STAGE, TokenRole.DONE} and behind.role is TokenRole.TARGET:
                raise Unclear("vague", said)  # 圆满完成任务
            if (
                token.text in self.lexicon.not_yet
                and roles & {TokenRole.STAGE, TokenRole.DONE}
                and behind.role is not TokenRole.COUNT
            ):
                raise Unclear("vague", said)
            if token.text in self.lexicon.not_yet and behind.role in {
                TokenRole.STAGE,
                TokenRole.DONE,
                TokenRole.NOUN,
            }:
                raise Unclear("vague", said)

    def _of_a_table(self, text: str) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        above, rows = table_rows(self.campaign, self.lexicon, text)
        only_this_day(
            self.campaign, self.lexicon, self.lexicon.tokens(above), self.open_day, self.incoming.at
        )
        parts: list[_Part] = []
        doubts: list[Doubt] = []
        for row in rows:
            township = row.township if row.named else self.own
            if not row.named and (self.own is None or len(rows) > 1):
                raise Unclear("whose", above or self.incoming.text[:40])
            if not self.office and township != self.own:
                continue
            try:
                only_this_day(
                    self.campaign, self.lexicon, row.tokens, self.open_day, self.incoming.at
                )
            except Unclear as unclear:
                doubts.append(self.doubt(unclear, township))
                continue
            parts.append(_Part(township=township, tokens=row.tokens, name=row.name))
        return self._judged(parts, tuple(doubts))

    def _of_townships(
        self, tokens: Sequence[Token], text: str
    ) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        chained = bool(CHAIN.match(text))
        if any(word in text for word in LISTED):
            tokens = told_apart(added_up(tokens))
        tokens = said_of_each(tokens)
        header, parts, total = self._parts(tokens)
        if not parts:
            if self.own is None:
                raise Unclear("whose", text[:40])
            parts = [_Part(township=self.own, tokens=tuple(tokens), named=False)]
        elif any(token.role in SAYS for token in header):
            # A number before the first name belongs to nobody named; from a contact it may be his
            # own.
            if self.office or [part.township for part in parts] != [self.own]:
                raise Unclear("whose", text[:40])
            parts = [_Part(township=parts[0].township, tokens=(*header, *parts[0].tokens))]
        doubts: list[Doubt] = []
        if not self.office:
            others = [part for part in parts if part.township != self.own]
            parts = [part for part in parts if part.township == self.own]
            if not chained:
                doubts = [
                    self.doubt(
                        Unclear(
                            "other_township" if part.township else "township",
                            part.township or part.name,
                        ),
                        part.township,
                    )
                    for part in others
                    if any(token.role in SAYS for token in part.tokens)
                ]
        elif total is not None:
            return self._with_a_total(parts, total)
        return self._judged(parts, tuple(doubts))

    def _with_a_total(
        self, parts: Sequence[_Part], total: Decimal
    ) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        """云樟18、桐岗24,合计42: the sum is checked against the rows and is no figure (rule 9)."""
        added = Decimal(0)
        for part in parts:
            claims = ClauseReader(self.lexicon, part.header, named=part.named).read(part.tokens)
            counted = [
                claim.value
                for claim in claims
                if claim.kind in {Kind.CUMULATIVE, Kind.UNMARKED, Kind.INCREMENT}
                and claim.category is None
            ]
            if not counted:
                raise Unclear("sum", part.name, sum=added, total=total)
            added += counted[-1]
        if added != total:
            raise Unclear("sum", str(total), sum=added, total=total)
        return self._judged(parts, ())

    def _parts(  # noqa: C901, PLR0912
        self, tokens: Sequence[Token]
    ) -> tuple[tuple[Token, ...], list[_Part], Decimal | None]:
        """The message cut at each township it names; what stands before the first is a header for
        all.
        """
        cuts: dict[int, tuple[TownshipName | None, str]] = {}
        for position, token in enumerate(tokens):
            if token.role == TokenRole.TOWN or token.role == TokenRole.NICK:
                cuts[position] = (
                    self.lexicon.townships.get(token.text) or self.lexicon.nicks[token.text],
                    token.text,
                )
            elif token.role == TokenRole.NOT_A_TOWN:
                cuts[position] = (None, token.text)
        of_villages = any(token.role is TokenRole.VILLAGES for token in tokens)
        for position, name in () if of_villages else self._stray_towns(tokens):
            cuts.setdefault(position, (None, name))
        if not cuts:
            return (), [], None
        places = sorted(cuts)
        header = tuple(tokens[: places[0]])
        if any(token.role is TokenRole.ZERO for token in header) and not any(
            token.role in SAYS for token in tokens[places[0] :]
        ):
            # 今日无进展:桐岗镇、稻溪镇: of each of them
            said = tuple(header)
            none = [(township, name, said) for township, name in cuts.values()]
            return (
                (),
                [_Part(township=known, tokens=body, name=name) for known, name, body in none],
                None,
            )
        named: list[tuple[TownshipName | None, str, tuple[Token, ...]]] = []
        for start, end in zip(places, [*places[1:], len(tokens)], strict=True):
            township, name = cuts[start]
            body = tuple(
                tokens[start + (1 if tokens[start].role != TokenRole.WORD else len(name)) : end]
            )
            at = next(
                (
                    at
                    for at, (known, _, _) in enumerate(named)
                    if known == township and known is not None
                ),
                None,
            )
            if at is None:
                named.append((township, name, body))
            elif at == len(named) - 1:
                named[at] = (township, name, (*named[at][2], *body))
            else:
                named[at] = (
                    township,
                    name,
                    (*named[at][2], Token(role=TokenRole.STOP, text=""), *body),
                )
        ends_in = {token.role for token in named[-1][2] if token.role in SAYS}
        if (
            ends_in == {TokenRole.ZERO}
            and len(named) > 1
            and all(_empty(body) for _, _, body in named[:-1])
        ):
            # 稻溪镇、云樟镇今日无新增
            named = [(town, name, named[-1][2]) for town, name, _ in named]
        for _, _, body in named[:-1]:
            if _empty(body):
                # 稻溪镇、松砚镇今日竣工3户: of which?
                raise Unclear("whose", "、".join(name for _, name, _ in named))
        tail = _tail(header)
        total = None
        if len(named) > 2 or (len(named) == 2 and self.office):
            township, name, body = named[-1]
            body, total = self._total_row(body)
            named[-1] = (township, name, body)
        # 剩余未竣工户数: of a list gives its kind to the rows; before a single township it is a
        # title that asks no more.
        roles = (
            HEADS.keys() | {TokenRole.STAGE, TokenRole.VAGUE}
            if len(named) > 1
            else {TokenRole.STAGE, TokenRole.CUM, TokenRole.INC, TokenRole.VAGUE}
        )
        own_header = tuple(token for token in header if token.role in roles)
        if _is_a_title(header):
            own_header = tuple(token for token in own_header if token.text not in self.lexicon.day)
        if any(token.role in SAYS for token in header):
            own_header = tuple(token for token in own_header if token.role != TokenRole.VAGUE)
        if _ends_in_a_remark(header):
            own_header = (*own_header, Token(TokenRole.WORD, ""))
        return (
            header,
            [
                _Part(township=known, tokens=body, header=own_header, tail=tail, name=name)
                for known, name, body in named
            ],
            total,
        )

    def _total_row(self, body: tuple[Token, ...]) -> tuple[tuple[Token, ...], Decimal | None]:
        """The last row without the sum of all rows that stands after it in a clause of its own, and
        that sum.
        """
        for at in range(len(body) - 1, 0, -1):
            if body[at].text in self.lexicon.whole and any(
                token.role in NUMBERS for token in body[:at]
            ):
                before = [token for token in body[:at] if token.role not in BESIDE_A_TOTAL]
                if not before or before[-1].role not in {
                    TokenRole.COMMA,
                    TokenRole.STOP,
                    TokenRole.NEWLINE,
                }:
                    return body, None
                if any(token.role == TokenRole.CATEGORY for token in body[:at]):
                    return body, None
                told = [token for token in body[at:] if token.role in NUMBERS]
                value = re.match(r"\d+(?:\.\d+)?", told[0].text) if len(told) == 1 else None
                if value is None:
                    return body, None
                return body[:at], Decimal(value.group())
        return body, None

    def _stray_towns(self, tokens: Sequence[Token]) -> list[tuple[int, str]]:
        """Where names stand that look like a township and are none of the campaign: they are never
        taken for the nearest (rule 3).
        """
        found: list[tuple[int, str]] = []
        places: list[int] = []
        rest: list[str] = []
        if not any(token.role is TokenRole.WORD for token in tokens):
            return found
        for position, token in enumerate(tokens) if SUFFIX.search(self.incoming.text) else ():
            shown = token.text if token.role in LIKE_A_NAME or token.text in SUFFIXES else "\0"
            rest.append(shown)
            places += [position] * len(shown)
        for stray in STRAY_TOWN.finditer("".join(rest)):
            stem = stray.group(1)
            looks_alike = [
                at for at in range(len(stem) - 1) if self.lexicon.looks_like_a_township(stem[at:])
            ]
            if looks_alike:
                at = looks_alike[0]
                found.append((places[stray.start() + at], stray.group()[at:]))
            elif self.office and self._says_beside(tokens, places[stray.end() - 1]):
                found.append((places[stray.start()], stray.group()))
        for at, token in enumerate(tokens):
            if token.role == TokenRole.WORD and (
                not at
                or tokens[at - 1].role
                in {
                    TokenRole.COMMA,
                    TokenRole.STOP,
                    TokenRole.NEWLINE,
                    TokenRole.INDEX,
                    TokenRole.SPACE,
                }
            ):
                words = "".join(
                    one.text
                    for one in takewhile(
                        lambda one: one.role == TokenRole.WORD, tokens[at : at + 4]
                    )
                )
                alike = next(
                    (
                        words[:size]
                        for size in (3, 2)
                        if self.lexicon.looks_like_a_township(words[:size])
                    ),
                    "",
                )
                if alike and self._says_beside(tokens, at):
                    found.append((at, alike))
        return found

    def _says_beside(self, tokens: Sequence[Token], position: int) -> bool:
        """Whether a number is said in the clause right after a name."""
        for token in tokens[position + 1 : position + 8]:
            if token.role in SAYS:
                return True
            if token.role in {TokenRole.COMMA, TokenRole.STOP, TokenRole.NEWLINE}:
                return False
        return False

    def _no_vague_number(self, tokens: Sequence[Token]) -> None:
        if not any(token.role == TokenRole.VAGUE for token in tokens):
            return
        for clause in clauses(tokens):
            vague = {token.text for token in clause if token.role == TokenRole.VAGUE}
            if not vague:
                continue
            # 今天收尾1户: nobody knows what of, so the figures beside it decide
            vague -= self.lexicon.of_the_rest
            if self.correction:
                vague -= {"应该", "应该是"}  # 报错了,应该是16户
            roles = {token.role for token in clause}
            said = "".join(token.text for token in clause)
            plainly = all(token.role is not TokenRole.WORD for token in clause)
            loose = (plainly and vague & self.lexicon.approximate) or (
                TokenRole.STAGE in roles and not OF_THE_REST.search(said)
            )
            if TokenRole.OTHER in roles and not roles & NUMBERS:
                continue  # 投入资金约35万元
            numbered = roles & SAYS
            if vague and (numbered or loose):
                raise Unclear("vague", said)

    def _judged(  # noqa: PLR0912
        self, parts: Sequence[_Part], doubts: tuple[Doubt, ...]
    ) -> tuple[tuple[ReadFigure, ...], tuple[Doubt, ...]]:
        figures: list[ReadFigure] = []
        asked = list(doubts)
        if self.open_day is None:
            raise Unclear("outside", "")
        claimed: list[tuple[TownshipName, tuple[Claim, ...], bool]] = []
        silent: list[_Part] = []
        for part in parts:
            if part.township is None:
                if any(token.role in SAYS for token in part.tokens):
                    asked.append(self.doubt(Unclear("township", part.name)))
                continue
            try:
                self._no_vague_number((*part.header, *part.tokens))
                headed = (
                    part.tail[-1:]
                    and part.tail[-1].text == ":"
                    and any(t.role == TokenRole.STAGE for t in part.tokens)
                )
                tail = () if headed else part.tail
                doubtful = unexplained(self.lexicon, (*tail, *part.tokens))
                reader = ClauseReader(self.lexicon, part.header, named=part.named)
                claims = reader.read(
                    part.tokens,
                    [
                        (one.start - len(tail), one.end - len(tail), Doubtful(one.text, one.words))
                        for one in doubtful
                    ],
                )
            except Unclear as unclear:
                asked.append(self.doubt(unclear, part.township))
                continue
            if claims:
                claimed.append((part.township, claims, reader.corrects))
            else:
                silent.append(part)
        self.claimed = [(township, claims) for township, claims, _ in claimed]
        said = [
            Interpretation(
                ground=Ground(
                    campaign=self.campaign,
                    township=township,
                    day=self.open_day,
                    before=self.before,
                    today=self.today,
                    correction=self.correction or corrects,
                ),
                claims=claims,
            )
            for township, claims, corrects in claimed
        ]
        self.said = said
        for one, outcome in zip(said, decided(said), strict=True):
            if outcome.contradicted is None:
                figures += outcome.figures
            else:
                asked.append(
                    self.doubt(outcome.contradicted, one.ground.township, one.claims, one.ground)
                )
        if self.office and len(parts) > 1 and (figures or asked):
            # In a list of the office no row disappears (rule 9).
            asked += [self.doubt(Unclear("row", part.name), part.township) for part in silent]
        return tuple(figures), tuple(asked)

    def doubt(
        self,
        unclear: Unclear,
        township: TownshipName | None = None,
        claims: Sequence[Claim] = (),
        ground: Ground | None = None,
    ) -> Doubt:
        """The question for something unclear: it quotes the doubtful words and offers the readings
        that could stand.
        """
        return doubt_of(
            self.campaign,
            self.wording,
            unclear,
            township or self.own,
            self.incoming.text,
            self._options(unclear, claims, ground) if self.offers else (),
        )

    def _options(
        self, unclear: Unclear, claims: Sequence[Claim], ground: Ground | None
    ) -> tuple[Option, ...]:
        if unclear.why == "township":
            names = names_offered(self.lexicon, unclear.text, own=None if self.office else self.own)
            texts = [(name, self.incoming.text.replace(unclear.text, name)) for name in names]
            return tuple(
                Option(label=name, text=text, kind="name", value=Decimal(0))
                for name, text in texts
                if self._tried(text)
            )
        if ground is None:
            return ()
        tried = replace(ground, correction=ground.correction or unclear.why == "below_today")

        def judged(*claims: Claim) -> tuple[ReadFigure, ...]:
            try:
                outcome = decided(
                    [
                        Interpretation(
                            ground=tried, claims=tuple(replace(c, doubtful=None) for c in claims)
                        )
                    ]
                )[0]
            except Unclear:
                return ()
            return outcome.figures if outcome.contradicted is None else ()

        doubtful, certain = self._parted(claims, judged)
        return options_of(
            self.campaign,
            self.wording,
            ground.township,
            doubtful,
            why=unclear.why,
            beside=judged(*certain),
            tried=lambda claim: judged(claim, *certain),
        )

    def _parted(
        self, claims: Sequence[Claim], judged: Callable[..., tuple[ReadFigure, ...]]
    ) -> tuple[Sequence[Claim], Sequence[Claim]]:
        """The claims of the stages that do not stand by themselves, and those of the others: a
        doubt of one stage costs no other its figure. When each stands, or none, the doubt is about
        all.
        """
        stages: dict[StageKey, list[Claim]] = {}
        for claim in claims:
            stages.setdefault(claim.stage or self.campaign.headline.key, []).append(claim)
        certain = [claim for said in stages.values() if judged(*said) for claim in said]
        doubtful = [claim for claim in claims if claim not in certain]
        return (doubtful, certain) if doubtful else (claims, ())

    def _within(self, said: Incoming, today: StandingFigures) -> MessageReader:
        """A reader of a message that is part of this one, or might have been written in its place;
        it offers nothing.
        """
        return MessageReader(
            self.campaign, said, self.open_day, self.before, today, self.wording, offers=False
        )

    def _tried(self, text: str) -> tuple[ReadFigure, ...]:
        """What a text from the same sender would be accepted as; empty if it would not be."""
        trial = self._within(replace(self.incoming, text=text), self.today)
        try:
            figures, doubts = trial.read()
        except Unclear:
            return ()
        return () if doubts else figures


def _is_a_title(header: Sequence[Token]) -> bool:
    """Whether the words above the rows only name what follows: 各乡镇今日报数: is of no stage, and
    its 今日 marks nothing (rule 6).
    """
    told = [
        token
        for token in header
        if token.role not in {TokenRole.SPACE, TokenRole.NEWLINE, TokenRole.INDEX}
    ]
    if not told or any(token.role in {TokenRole.STAGE, TokenRole.DONE} for token in told):
        return False
    ends = told[-1].text in {":", "】", "如下"} or header[-1].role in {
        TokenRole.NEWLINE,
        TokenRole.SPACE,
    }
    return ends and any(token.role in NAMES_A_REPORT and len(token.text) > 1 for token in told)


def _ends_in_a_remark(header: Sequence[Token]) -> bool:
    """Whether a remark with a comma stands before the first name: 今天开了会,稻溪镇竣工17户. Its
    今天 may mark nothing.
    """
    told = [token for token in header if token.role is not TokenRole.SPACE]
    commented = (
        told
        and told[-1].role is TokenRole.COMMA
        and any(token.role is TokenRole.WORD for token in told)
    )
    return bool(commented) and not any(
        token.role in {TokenRole.STAGE, TokenRole.DONE} for token in told
    )


NAMES_A_REPORT = frozenset({TokenRole.PLAIN, TokenRole.NOUN, TokenRole.OF_THE_WORK})


def _empty(body: Sequence[Token]) -> bool:
    """Whether nothing but a comma or a joining word stands behind a name."""
    return all(
        token.role in {TokenRole.COMMA, TokenRole.SPACE} or token.text in "和与及" for token in body
    )


def _tail(header: Sequence[Token]) -> tuple[Token, ...]:
    """The last clause of a heading, which says what the numbers after the name are of:
    走访稻溪镇17户; a line that ends in a colon too.
    """
    end = len(header)
    while end and header[end - 1].role in {
        TokenRole.NEWLINE,
        TokenRole.SPACE,
        TokenRole.INDEX,
        TokenRole.OPEN,
        TokenRole.CLOSE,
    }:
        end -= 1
    if end < len(header) and header[end - 1 : end] and header[end - 1].text != ":":
        return ()
    start = end
    while start and header[start - 1].role not in {
        TokenRole.COMMA,
        TokenRole.STOP,
        TokenRole.NEWLINE,
        TokenRole.SPACE,
        TokenRole.EMOTICON,
        TokenRole.CLOSE,
    }:
        start -= 1
    told = [
        Token(TokenRole.PLAIN, token.text) if token.role == TokenRole.TITLE else token
        for token in header[start:end]
    ]
    return tuple(token for token in told if token.role in {TokenRole.WORD, TokenRole.STAGE})
