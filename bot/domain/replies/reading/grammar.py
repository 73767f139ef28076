"""From tokens to claims: which number is said of which stage and category, and in which way (rules
2, 5, 6, 8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from bot.domain.campaigns.campaign import CategoryKey, StageKey
from bot.domain.replies.reading.lexicon import Lexicon
from bot.domain.replies.reading.model import Unclear
from bot.domain.replies.reading.numerals import SIGNS, is_rounded, leading_number, number
from bot.domain.replies.reading.roles import Token, TokenRole


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
    YESTERDAY = "yesterday"  # what stood at the close, said beside today's
    WAS = "was"  # the value that a correction replaces
    VILLAGE = "village"  # a part of a stated figure


HEADS = {
    TokenRole.CUM: Kind.CUMULATIVE,
    TokenRole.ALREADY: Kind.CUMULATIVE,
    TokenRole.INC: Kind.INCREMENT,
    TokenRole.REM: Kind.REMAINING,
    TokenRole.TARGET: Kind.TARGET,
    TokenRole.IN_PROGRESS: Kind.IN_PROGRESS,
}
"""What a word in a heading says of the rows under it."""
CHECKS = frozenset({Kind.TARGET, Kind.IN_PROGRESS, Kind.YESTERDAY, Kind.WAS, Kind.VILLAGE})
"""Kinds that are no figure of their own: they must agree with what is said beside them."""


LARGEST = Decimal(10**12)
"""No campaign counts that far; a number of more digits is none for certain."""
QUOTED = 40
TASK = frozenset({"任务", "改造任务", "任务数"})


class Doubtful(NamedTuple):
    """A clause with words that nobody has explained, and these words."""

    clause: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Something said of one cell; `stage` None is the headline, `explicit` says that a stage word
    stood by it.
    """

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
    inherited: bool = False  # its stage comes from a clause before it
    check: bool = False  # must agree, and is no figure of its own
    marked: bool = False  # its kind stood in its own clause, not in one before it
    run: int = 0  # villages of one run sum up to one stated figure
    rounded: bool = False  # in ten thousands, and not to the last character
    # the category said before it in its sentence, which it may be of as well
    loose: CategoryKey | None = None
    # an increase only by the 今日 of a remark before it: 今天开了会,竣工17户
    of_a_remark: bool = False
    weak: bool = False  # a count in all by a word that may also sum up the day: 今日…共2户
    # unknown words stand in its clause: it may be about something else (rule 11)
    doubtful: Doubtful | None = None


@dataclass
class _State:
    """What holds while a row is read from left to right."""

    stage: StageKey | None = None
    kind: Kind = Kind.UNMARKED
    category: CategoryKey | None = None
    category_used: bool = True
    clause_stage: bool = False
    done: bool = False  # 完成 stood in this clause, of the headline stage where no other is named
    once: Kind | None = None  # 剩余, 任务: for the next number only
    plus: bool = False
    today: bool = False
    yesterday: bool = False
    village: bool = False
    villages: bool = False  # 各村: what follows are parts, until a word for the whole
    others: bool = False  # 另外, 其他: what follows must agree, and is no figure of its own
    whole: bool = False  # 共, 合计 stood in this clause
    remarked: bool = False  # 今日 stood in a remark before, and may or may not mark what follows
    weak: bool = False  # 已, 共 behind 今日: may be of the day alone
    heads_line: bool = False  # C级: stood at the head of a line and holds to its end
    marked: bool = False  # a kind word stood in this clause
    inner: bool = False
    outer: list[_State] = field(default_factory=list)


NOT = frozenset({"没", "没有", "无"})
UNCERTAIN = {
    TokenRole.SPLIT: "number",
    TokenRole.STAR_NUMBER: "number",
    TokenRole.PART_OF: "percent",
    TokenRole.SHARE: "percent",
    TokenRole.RANGE: "range",
    TokenRole.ORDINAL: "ordinal",
    TokenRole.ENDED: "vague",
}
"""Numbers that are none for certain, and the question about each."""
SETS = {
    TokenRole.YESTERDAY: "yesterday",
    TokenRole.VILLAGE: "village",
    TokenRole.VILLAGES: "villages",
}
"""Words that set something for the numbers behind them in their clause."""


class ClauseReader:
    """Reads the tokens of one township's part of a message."""

    def __init__(
        self, lexicon: Lexicon, header: Sequence[Token] = (), *, named: bool = False
    ) -> None:
        self.lexicon = lexicon
        # a township's name stands before it, so that a naked number belongs to something
        self.named = named
        self.state = _State()
        self.claims: list[Claim] = []
        self.already = False  # 已 stood in this clause
        self.corrects = False  # 18户改为17户 stood in it
        self._pending_not = False  # 未, 没: of the stage word that follows
        self._not_parted = False  # other words stand between it and what is read now
        self._of_those = False  # 均已, 都已: of the stage word that follows
        self._after_stage = False
        self._remark = False  # a word stood in this clause that is more than grammar and courtesy
        self._done_by_now = ""  # 已完成 behind the task, in a clause without a number
        self._task = False  # 任务 stood right before
        self._claims_in_clause = 0
        self._claims_in_sentence = 0
        self._claims_in_line = 0
        self._run = 0
        self._line = 0  # where the line that is read begins
        self._not_all = ""  # 尚未全部竣工
        self._day_said = False
        self._doubt: Doubtful | None = None  # unknown words that stand beside what is read now
        self._except: Decimal | None = None  # 除8户外: of the 全部 that must follow
        self._open_heading = False  # the heading names kinds that exclude each other
        self.header_kind, self.header_stage = self._heading(header)
        self.state.kind, self.state.stage = self.header_kind, self.header_stage
        self._after_a_remark = any(token.role is TokenRole.WORD for token in header)
        self.state.remarked = self._after_a_remark

    def _heading(self, header: Sequence[Token]) -> tuple[Kind, StageKey | None]:
        """What a heading gives to its rows: one kind and one stage, or what two of them leave
        open.
        """
        kinds = {HEADS[token.role] for token in header if token.role in HEADS}
        if kinds == {Kind.CUMULATIVE, Kind.INCREMENT} and all(
            token.text in self.lexicon.day for token in header if token.role == TokenRole.INC
        ):
            kinds = {Kind.CUMULATIVE}  # 今日累计: the cumulative word wins
        self._open_heading = len(kinds) > 1 and bool(
            kinds & {Kind.REMAINING, Kind.TARGET, Kind.IN_PROGRESS}
        )
        stages = {
            self.lexicon.stage_of(token.text) for token in header if token.role == TokenRole.STAGE
        }
        return kinds.pop() if len(kinds) == 1 else Kind.UNMARKED, stages.pop() if len(
            stages
        ) == 1 else None

    def read(
        self, tokens: Sequence[Token], doubtful: Sequence[tuple[int, int, Doubtful]] = ()
    ) -> tuple[Claim, ...]:
        """The claims of these tokens; Unclear for what is not certain. `doubtful` are places with
        unknown words, and the words.
        """
        waiting = list(reversed(doubtful))
        for position, token in enumerate(tokens):
            while waiting and position >= waiting[-1][1]:
                waiting.pop()
            self._doubt = waiting[-1][2] if waiting and position >= waiting[-1][0] else None
            handler = HANDLERS.get(token.role)
            if handler is None:
                self._pass_over(token)
            else:
                handler(self, tokens, position)
            self._task = token.role is TokenRole.TARGET and token.text in TASK
            self._after_stage = token.role is TokenRole.STAGE
        self._of_the_claim_before()
        if self._pending_not and not self._not_parted and self._same_clause:
            raise Unclear("words", self.claims[-1].text)  # 竣工17户没
        if self._except is not None:
            raise Unclear("words", "除")
        if self._not_all and not self.claims:
            raise Unclear("vague", self._not_all)
        if self._done_by_now and all(claim.kind is Kind.TARGET for claim in self.claims):
            raise Unclear("vague", self._done_by_now)
        return tuple(self.claims)

    # What ends a clause, and brackets.

    def _index(self, _tokens: Sequence[Token], _position: int) -> None:
        self._end_clause(sentence=False)

    def _newline(self, tokens: Sequence[Token], position: int) -> None:
        self._end_clause(sentence=True)
        line = self._line
        if (
            not self._claims_in_line
            and position > line
            and tokens[position - 1].text[-1:] in {":", "】"}
        ):
            self.header_kind, stage = self._heading(tokens[line:position])
            self.header_stage = stage or self.header_stage
            self.state.kind, self.state.stage = self.header_kind, self.header_stage
        self._claims_in_line, self._line = 0, position + 1

    def _stop(self, _tokens: Sequence[Token], _position: int) -> None:
        self._end_clause(sentence=True)

    def _comma(self, tokens: Sequence[Token], position: int) -> None:
        if self._not_parted:
            self._pending_not = False
        self._end_clause(sentence=False, weak=tokens[position].role is TokenRole.SPACE)

    def _among(self, _tokens: Sequence[Token], _position: int) -> None:
        self._end_clause(sentence=False)
        self.state.inner = True
        self._as_what_stands_before()

    def _open(self, _tokens: Sequence[Token], _position: int) -> None:
        self.state.outer.append(replace(self.state, outer=[]))
        self.state.inner = True
        self._as_what_stands_before()

    def _close(self, _tokens: Sequence[Token], _position: int) -> None:
        if not self.state.outer:
            return
        self._of_the_claim_before()
        headed = None if self._claims_in_sentence else self.state.category
        outer = self.state.outer
        self.state = outer.pop()
        self.state.outer = outer
        self.state.category, self.state.category_used = headed, True
        self.state.heads_line = headed is not None

    # Numbers and what stands for one.

    def _counted(self, tokens: Sequence[Token], position: int) -> None:
        self._number(tokens[position])

    def _all_but(self, tokens: Sequence[Token], position: int) -> None:
        self._except = self._count_in(tokens[position])

    def _rest(self, tokens: Sequence[Token], position: int) -> None:
        token = tokens[position]
        self._add(Kind.REMAINING, self._count_in(token), token.text, stage=self.header_stage)
        self.claims[-1] = replace(self.claims[-1], check=True)

    def _replaced(self, tokens: Sequence[Token], position: int) -> None:
        self._changed(tokens[position])

    def _whole(self, tokens: Sequence[Token], position: int) -> None:
        text = tokens[position].text
        if self._pending_not:
            self._not_all = text  # 尚未全部竣工 says nothing that a number beside it does not say
            self._pending_not = False
        else:
            self._all(self.lexicon.stage_of(text), text)

    def _zero(self, tokens: Sequence[Token], position: int) -> None:
        text = tokens[position].text
        if text in NOT and self._same_clause:
            self._pending_not, self._not_parted = True, False  # 还有1户没动工
            return
        if text.startswith("今"):
            self.state.kind, self.state.today = Kind.INCREMENT, True
        self._add(Kind.ZERO, Decimal(0), text)

    def _minus(self, tokens: Sequence[Token], position: int) -> None:
        if self.claims or any(token.role is not TokenRole.SPACE for token in tokens[:position]):
            raise Unclear("number", tokens[position].text)
        # 云樟-18: parts the name from its number

    def _plus(self, tokens: Sequence[Token], position: int) -> None:
        if self._same_clause and not _number_ahead(tokens, position):
            raise Unclear("vague", f"{self.claims[-1].text}+")
        self.state.plus = True
        self._pending_not = False

    def _uncertain(self, tokens: Sequence[Token], position: int) -> None:
        raise Unclear(UNCERTAIN[tokens[position].role], tokens[position].text)

    def _from_to(self, tokens: Sequence[Token], position: int) -> None:
        self._chain(tokens[position])

    # Of what the numbers are, and in which way they are said.

    def _of_category(self, tokens: Sequence[Token], position: int) -> None:
        token, state = tokens[position], self.state
        if self._pending_not and not _number_ahead(tokens, position):
            self._without_category(token)
            return
        behind = self._claims_in_clause and self._category_behind(tokens, position)
        if behind or self._says_which_kind(tokens, position):
            self.claims[-1] = replace(self.claims[-1], category=self.lexicon.categories[token.text])
            return
        if state.category is not None and not state.category_used:
            raise Unclear("category", token.text)  # C级D级共17户: of which?
        state.category, state.category_used = self.lexicon.categories[token.text], False
        state.heads_line = position + 1 < len(tokens) and tokens[position + 1].text == ":"
        self._pending_not = False

    def _of_stage(self, tokens: Sequence[Token], position: int) -> None:
        text = tokens[position].text
        last = self.claims[-1] if self.claims and self._same_clause else None
        if (
            last is not None
            and last.kind is Kind.REMAINING
            and not last.explicit
            and not self._pending_not
        ):
            goes_on = tokens[position - 1].text[-1:] in {"在", "待", "需"}  # 还有3家正在整改
            if not goes_on and not self._of_those and not _number_ahead(tokens, position):
                raise Unclear("words", f"{last.text}{text}")  # 其余8户竣工: are they done, or left?
        self._stage(self.lexicon.stage_of(text), text, counted=_number_ahead(tokens, position))
        self._pending_not = self._of_those = False

    def _of_the_work(self, tokens: Sequence[Token], position: int) -> None:
        """未缴10799人, 335人未缴: what the work is about behind a 未 is what is still to do; 完成
        stands for the headline stage.
        """
        token = tokens[position]
        self.state.done = self.state.done or token.role is TokenRole.DONE
        if self._pending_not:
            last = self.claims[-1] if self.claims and self._claims_in_sentence else None
            counted = _number_ahead(tokens, position)
            if counted or last is not None:
                stage = self.state.stage
                self._not_yet(last, stage, token.text, counted=counted)
                self.state.clause_stage = self.state.clause_stage and stage is not None
        self._pending_not = False

    def _those(self, _tokens: Sequence[Token], _position: int) -> None:
        self._of_those = True

    def _cumulative(self, tokens: Sequence[Token], position: int) -> None:
        state, text = self.state, tokens[position].text
        if tokens[position].role is TokenRole.CUM and self._kind_behind(tokens, position):
            self.claims[-1] = replace(self.claims[-1], kind=Kind.CUMULATIVE, marked=True)
            return
        whole = text in self.lexicon.whole
        state.weak = whole and self._day_said
        state.kind, state.once, state.marked = Kind.CUMULATIVE, None, True
        state.villages = False
        if self._claims_in_clause:
            state.yesterday = False  # 加上之前的15户一共17户
        if whole:
            state.whole = True
        # C级共3户: of the category still
        if whole and (state.category_used or state.category is None):
            state.category, state.category_used, state.heads_line = None, True, False
        self._pending_not = False

    def _by_now(self, tokens: Sequence[Token], position: int) -> None:
        state = self.state
        in_all = state.marked and state.kind is Kind.CUMULATIVE  # 目前已, 累计已
        if state.today and not in_all:
            raise Unclear("today_already", tokens[position].text)
        self.already = True
        state.weak = self._day_said and not in_all
        state.kind, state.marked, state.once = Kind.CUMULATIVE, True, None
        self._pending_not = False

    def _increase(self, tokens: Sequence[Token], position: int) -> None:
        state = self.state
        if self._kind_behind(tokens, position):
            self.claims[-1] = replace(self.claims[-1], kind=Kind.INCREMENT, marked=True)
            return
        of_the_day = tokens[position].text in self.lexicon.day
        if of_the_day:
            state.today, state.yesterday = True, False
            self._day_said = True
        if not (state.kind is Kind.CUMULATIVE and state.marked and of_the_day):
            state.kind, state.once = Kind.INCREMENT, None
        state.marked = True
        self._pending_not = False

    def _remaining(self, tokens: Sequence[Token], position: int) -> None:
        if tokens[position].text in self.lexicon.not_yet:
            self.state.once, self._pending_not, self._not_parted = None, True, False
            return
        self.state.others = tokens[position].text.startswith(OTHERS)
        self.state.once, self.state.marked = Kind.REMAINING, True
        self._pending_not = False

    def _of_the_task(self, tokens: Sequence[Token], position: int) -> None:
        # 剩余任务8户, 完成任务17户: of what stands before it
        of_another = self.state.once is Kind.REMAINING or (
            self._after_stage and tokens[position].text in TASK
        )
        if not of_another:
            self.state.once, self.state.marked = Kind.TARGET, True
        self._pending_not = False

    def _under_way(self, tokens: Sequence[Token], position: int) -> None:
        if self._same_clause and not _number_ahead(tokens, position):
            self._in_progress_before(tokens[position])
            return
        self.state.once, self.state.marked = Kind.IN_PROGRESS, True
        self._pending_not = False

    def _sets(self, tokens: Sequence[Token], position: int) -> None:
        setattr(self.state, SETS[tokens[position].role], True)
        self._pending_not = False

    def _said_of_what_is_left(self, tokens: Sequence[Token], position: int) -> None:
        """17户完成,8户收尾: the number before is said to be under way; it adds nothing, and must be
        what remains.
        """
        if self._is_left(tokens[position]):
            self.claims[-1] = replace(self.claims[-1], kind=Kind.REMAINING)
        self._pending_not = False

    def _unknown(self, _tokens: Sequence[Token], _position: int) -> None:
        self._remark = True
        self._pending_not = False

    def _plain(self, tokens: Sequence[Token], position: int) -> None:
        self._remark = self._remark or tokens[position].text not in self.lexicon.no_remark
        if tokens[position].text in self.lexicon.whole_township:
            self.state.villages = False
        self._pass_over(tokens[position])

    def _pass_over(self, token: Token) -> None:
        """17户还未正式竣工: words that say nothing do not end a 未 that waits for its stage
        word.
        """
        self._not_parted = True
        if token.role not in SAY_NOTHING:
            self._pending_not = False

    def _as_what_stands_before(self) -> None:
        """剩余4户,其中C级2户: the parts are said in the way of the whole."""
        last = self.claims[-1] if self.claims and self._claims_in_sentence else None
        if (
            last is not None
            and last.kind in {Kind.REMAINING, Kind.TARGET, Kind.INCREMENT}
            and last.category is None
        ):
            self.state.kind = last.kind

    def _without_category(self, token: Token) -> None:
        """我乡没有交钥匙: there is no task of that category, which must be so."""
        self._add(Kind.TARGET, Decimal(0), token.text)
        self.claims[-1] = replace(self.claims[-1], category=self.lexicon.categories[token.text])
        self._pending_not = False

    def _category_behind(self, tokens: Sequence[Token], position: int) -> bool:
        """Whether a category says of the number before it: 一户C级、一户D级."""
        last = self.claims[-1]
        ends = position + 1 == len(tokens) or tokens[position + 1].role in CLAUSE_ENDS
        at = position - 1
        while at > 0 and tokens[at].text in COPULAS:
            at -= 1
        beside = tokens[at].role in COUNTS
        return (
            ends
            and beside
            and last.category is None
            and not self.state.outer
            and last.kind not in CHECKS
        )

    def _says_which_kind(self, tokens: Sequence[Token], position: int) -> bool:
        """Whether a clause without a number says of which category the one before it was:
        完工1户,是D级的.
        """
        if (
            self._claims_in_clause
            or not self._claims_in_sentence
            or _number_ahead(tokens, position)
        ):
            return False
        last = self.claims[-1]
        says = (
            position > 1
            and tokens[position - 1].text in COPULAS
            and tokens[position - 2].role is TokenRole.COMMA
        )
        return says and last.category is None and not self.state.outer and last.kind not in CHECKS

    def _kind_behind(self, tokens: Sequence[Token], position: int) -> bool:
        """Whether a kind word says of the number before it: 最后三户今天完工, 竣工17户（累计）."""
        last = self.claims[-1] if self.claims and self._same_clause else None
        if last is None or last.kind is not Kind.UNMARKED or last.marked or self.state.marked:
            return False
        return not _number_ahead(tokens, position, past_stages=True)

    def _stage(self, stage: StageKey | None, text: str, *, counted: bool) -> None:
        """A stage word: of the number that follows it in its clause (`counted`), else of the one
        before it.
        """
        state = self.state
        last = self.claims[-1] if self.claims and self._claims_in_sentence else None
        if (
            last is not None
            and last.kind is Kind.TARGET
            and self._same_clause
            and self.already
            and not counted
        ):
            # 计划2户已经完成: the whole task
            self._add(Kind.CUMULATIVE, last.value, f"{last.text}{text}", stage=stage)
            self.already = False
            return
        if (
            self.already
            and not counted
            and not self._same_clause
            and last is not None
            and last.kind is Kind.TARGET
        ):
            self._done_by_now = text  # 任务2户,已完成
        if self._of_those:
            self._all_those(last, stage, text)
            return
        if self._pending_not:
            self._not_yet(last, stage, text, counted=counted)
            return
        if self._task and state.once is Kind.TARGET:
            state.once, state.marked = None, False  # 改造任务完成17户
        if last is not None and self._same_clause and not last.explicit and last.kind not in CHECKS:
            zero_before = last.kind is Kind.ZERO
            if zero_before or not counted:
                self.claims[-1] = replace(last, stage=stage, explicit=True, inherited=False)
        elif (
            last is not None
            and self._same_clause
            and not counted
            and last.stage != stage
            and last.kind not in CHECKS
        ):
            raise Unclear("words", f"{last.text}{text}")  # 竣工17户验收: of which?
        state.stage, state.clause_stage = stage, True

    def _not_yet(
        self, last: Claim | None, stage: StageKey | None, text: str, *, counted: bool
    ) -> None:
        """还剩8户未竣工 says of the number before it; 未竣工4户 of the one to come;
        剩余8户,均未开工 must be true of those eight.
        """
        state = self.state
        if last is None or counted or not (self._same_clause or last.kind is Kind.REMAINING):
            state.once, state.stage, state.clause_stage = Kind.REMAINING, stage, True
        elif last.kind is Kind.REMAINING and self._same_clause and not last.explicit:
            self.claims[-1] = replace(last, stage=stage, explicit=True)
        elif last.kind is Kind.REMAINING and self._same_clause and last.stage == stage:
            pass  # 竣工16户还剩4户没有竣工
        elif last.kind is Kind.REMAINING and not self._same_clause:
            self.claims.append(replace(last, stage=stage, explicit=True, check=True))
        elif (
            not last.explicit
            and not state.marked
            and last.kind in {Kind.UNMARKED, Kind.CUMULATIVE, Kind.INCREMENT}
        ):
            self.claims[-1] = replace(
                last, stage=stage, explicit=True, inherited=False, kind=Kind.REMAINING
            )
        elif last.kind in {Kind.REMAINING, Kind.UNMARKED, Kind.CUMULATIVE, Kind.INCREMENT}:
            raise Unclear("words", f"{last.text}未{text}")

    def _all_those(self, last: Claim | None, stage: StageKey | None, text: str) -> None:
        """剩余8户均已开工 is no figure; 25户均已开工 says of the 25; 均已开工 with nothing before
        it says of all.
        """
        if last is None or self._except is not None:
            self._all(stage, text)
        elif last.kind is Kind.REMAINING or last.kind in CHECKS:
            if stage == (last.stage or stage) and last.explicit:
                raise Unclear("words", f"{last.text}{text}")  # 剩余8户未竣工,均已竣工
        elif not last.explicit:
            self.claims[-1] = replace(last, stage=stage, explicit=True, inherited=False)
        elif last.stage != stage:
            raise Unclear("words", f"{last.text}{text}")

    def _in_progress_before(self, token: Token) -> None:
        """另有8户在建 says of the number before it; 剩余8户正在施工 says no more than the 8."""
        last = self.claims[-1]
        if last.kind is Kind.REMAINING or last.kind is Kind.IN_PROGRESS:
            return
        if (
            last.explicit
            or self.state.marked
            or last.kind not in {Kind.UNMARKED, Kind.CUMULATIVE, Kind.INCREMENT}
        ):
            raise Unclear("in_progress", token.text)
        self.claims[-1] = replace(last, kind=Kind.IN_PROGRESS, stage=None)

    def _is_left(self, token: Token) -> bool:
        """Whether the number before is said to be under way: 17户完成,8户收尾. It adds nothing, and
        must be what remains.
        """
        last = self.claims[-1] if self.claims and self._same_clause else None
        if last is None or last.kind is not Kind.UNMARKED or last.explicit or self.state.marked:
            return False
        told = token.role is not TokenRole.VAGUE or token.text in self.lexicon.of_the_rest
        return told and len(self.claims) > 1

    def _of_the_claim_before(self) -> None:
        """新竣工1户（C级）: a category alone in brackets says which kind the number before it was
        of.
        """
        state = self.state
        alone = (
            state.inner and state.outer and state.category is not None and not state.category_used
        )
        if alone and self.claims and self._claims_in_sentence:
            if self.claims[-1].category is not None:
                raise Unclear("category", self.claims[-1].text)
            self.claims[-1] = replace(self.claims[-1], category=state.category)

    @property
    def _same_clause(self) -> bool:
        return self._claims_in_clause > 0

    def _end_clause(self, *, sentence: bool, weak: bool = False) -> None:
        state = self.state
        last = self.claims[-1] if self.claims and self._claims_in_clause else None
        if (
            last is not None
            and last.kind is Kind.ZERO
            and not last.explicit
            and state.kind is Kind.INCREMENT
        ):
            state.kind = Kind.UNMARKED  # 今日无变化,竣工3户: the three are not of today
        if self._pending_not and not self._not_parted and last is not None and not weak:
            raise Unclear("words", last.text)  # 竣工17户没
        if state.heads_line and not sentence:
            pass
        elif state.category is not None and (state.category_used or state.heads_line):
            state.category, state.heads_line = None, False
        elif state.category is not None and sentence and not state.outer:
            raise Unclear("category", "")
        if weak:
            state.plus = False
            if self._claims_in_clause:
                self._fresh_clause()
            return
        state.once = None
        self._fresh_clause()
        if sentence:
            state.kind, state.stage = self.header_kind, self.header_stage
            state.once, state.remarked = None, self._after_a_remark
            state.inner = bool(state.outer)
            state.villages = False
            self._claims_in_sentence = 0
            self._day_said = False

    def _fresh_clause(self) -> None:
        state = self.state
        if not self._claims_in_clause and self._remark and state.today and not state.clause_stage:
            state.remarked = True
        self._remark = False
        state.weak = state.whole = False
        state.clause_stage = state.done = state.today = state.plus = state.marked = (
            state.yesterday
        ) = state.village = False
        self._claims_in_clause = 0
        self._pending_not = self._of_those = self.already = False

    def _number(self, token: Token) -> None:  # noqa: C901, PLR0912
        state = self.state
        if self._pending_not and (
            state.clause_stage or (state.marked and state.kind is Kind.CUMULATIVE)
        ):
            raise Unclear("words", token.text)  # 竣工没17户
        if token.role == TokenRole.PERCENT:
            shown = token.text.replace(" ", "")
            share = shown.rstrip("%") if shown.endswith("%") else shown.removeprefix("百分之")
            value = Decimal(100) if share in {"百", "佰"} else number(share)
            if value is None:
                raise Unclear("number", token.text)
            places = len(shown.rstrip("%").partition(".")[2])
            self._add(Kind.PERCENT, value, token.text, places=places)
            return
        if token.role == TokenRole.FRACTION:
            said, of = (Decimal(part) for part in re.findall(r"\d+(?:\.\d+)?", token.text))
            kind = (
                Kind.INCREMENT
                if state.plus
                else Kind.REMAINING
                if state.once is Kind.REMAINING
                else Kind.CUMULATIVE
            )
            self._add(kind, said, token.text, of=of)
            return
        value = leading_number(token.text)
        if value is None:
            raise Unclear("number", token.text)
        kind = Kind.INCREMENT if state.plus else state.once or state.kind
        if kind is Kind.UNMARKED and self._open_heading:
            raise Unclear("words", token.text)  # 累计/剩余: which of them are these?
        bare = (
            not self.named
            and not (state.village or state.villages)
            and token.role != TokenRole.COUNT
            and state.stage is None
            and state.category is None
            and not state.done
            and (kind is Kind.UNMARKED or (state.plus and not state.marked))
        )
        if state.yesterday:
            kind = Kind.YESTERDAY
        elif state.village or state.villages:
            kind = Kind.VILLAGE
            if not (self.claims and self.claims[-1].kind is Kind.VILLAGE):
                self._run += 1
        self._add(kind, value, token.text, bare=bare)
        if kind is Kind.REMAINING and state.others:
            self.claims[-1] = replace(self.claims[-1], check=True)
        state.others = False
        if kind is Kind.INCREMENT and state.remarked and not state.marked and not state.plus:
            self.claims[-1] = replace(self.claims[-1], of_a_remark=True)
        inherited = self._day_said and not state.marked and not state.plus
        if (state.weak or inherited) and kind is Kind.CUMULATIVE:
            self.claims[-1] = replace(self.claims[-1], weak=True)
        if is_rounded(token.text):
            self.claims[-1] = replace(self.claims[-1], rounded=True)
        state.once, state.plus = None, False

    def _count_in(self, token: Token) -> Decimal:
        """The number inside a token of words; Unclear if it is none for certain."""
        found = re.search(rf"\d+(?:\.\d+)?|[{SIGNS}]+", token.text)
        value = number(found.group()) if found else None
        if value is None:
            raise Unclear("number", token.text)
        return value

    def _all(self, stage: StageKey | None, text: str) -> None:
        """全部竣工 is the target; 除8户外全部竣工 leaves eight; 17户全部竣工 says of the
        seventeen.
        """
        last = self.claims[-1] if self.claims and self._same_clause else None
        if self._except is not None:
            self._add(Kind.REMAINING, self._except, text, stage=stage)
            self._except = None
            return
        if (
            last is not None
            and not last.explicit
            and not self.state.marked
            and last.kind in {Kind.UNMARKED, Kind.INCREMENT}
        ):
            self.claims[-1] = replace(
                last, kind=Kind.CUMULATIVE, stage=stage, explicit=True, inherited=False
            )
        self._add(Kind.ALL, Decimal(0), text, stage=stage)

    def _changed(self, token: Token) -> None:
        """18户改为17户, 不是18户是17户, 是17户不是18户, 不是18户: what was said, and what is to
        stand (rule 7).
        """
        values = [Decimal(part) for part in re.findall(r"\d+(?:\.\d+)?", token.text)]
        if self.state.kind is Kind.INCREMENT and self.state.marked:
            raise Unclear("correction_increment", token.text)
        self.corrects = True
        new_first = len(values) == 2 and "不是" in token.text and not token.text.startswith("不是")
        old = values[-1] if new_first else values[0]
        self._add(Kind.WAS, old, token.text)
        if len(values) == 2:
            self._add(Kind.CUMULATIVE, values[0] if new_first else values[1], token.text)

    def _chain(self, token: Token) -> None:
        """11+2=13 and 11→13 are read if the first stood at the close: an increment and its total
        that must agree.
        """
        parts = [Decimal(part) for part in re.findall(r"\d+(?:\.\d+)?", token.text)]
        if token.role == TokenRole.SUM and parts[0] + parts[1] != parts[2]:
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
        if value >= LARGEST or (of is not None and of >= LARGEST):
            raise Unclear("number", text[:QUOTED])
        explicit = stage is not None or state.clause_stage
        said_of = stage or state.stage
        if kind is Kind.ZERO and not state.clause_stage:
            said_of = self.header_stage
        if kind in {Kind.TARGET, Kind.IN_PROGRESS}:
            said_of = None
        last = self.claims[-1] if self.claims and self._claims_in_sentence else None
        follows = (
            last is not None
            and last.stage == said_of
            and state.category is None
            and not state.whole
        )
        self.claims.append(
            Claim(
                kind=kind,
                value=value,
                stage=said_of,
                loose=(last.category or last.loose) if last is not None and follows else None,
                category=state.category,
                explicit=explicit,
                bare=bare,
                text=text,
                of=of,
                places=places,
                inner=state.inner,
                inherited=not explicit and said_of is not None and said_of != self.header_stage,
                marked=state.marked or state.plus or of is not None,
                run=self._run,
                doubtful=self._doubt,
            )
        )
        state.category_used = True
        self._claims_in_clause += 1
        self._claims_in_sentence += 1
        self._claims_in_line += 1


HANDLERS: Mapping[TokenRole, Callable[[ClauseReader, Sequence[Token], int], None]] = {
    TokenRole.INDEX: ClauseReader._index,
    TokenRole.NEWLINE: ClauseReader._newline,
    TokenRole.STOP: ClauseReader._stop,
    **dict.fromkeys((TokenRole.COMMA, TokenRole.SPACE, TokenRole.EMOTICON), ClauseReader._comma),
    TokenRole.AMONG: ClauseReader._among,
    TokenRole.OPEN: ClauseReader._open,
    TokenRole.CLOSE: ClauseReader._close,
    **dict.fromkeys(
        (
            TokenRole.COUNT,
            TokenRole.NUMBER,
            TokenRole.WORDNUMBER,
            TokenRole.FRACTION,
            TokenRole.PERCENT,
        ),
        ClauseReader._counted,
    ),
    TokenRole.EXCEPT: ClauseReader._all_but,
    TokenRole.REST: ClauseReader._rest,
    TokenRole.CHANGED: ClauseReader._replaced,
    TokenRole.ALL: ClauseReader._whole,
    TokenRole.ZERO: ClauseReader._zero,
    TokenRole.MINUS: ClauseReader._minus,
    TokenRole.PLUS: ClauseReader._plus,
    **dict.fromkeys(UNCERTAIN, ClauseReader._uncertain),
    **dict.fromkeys((TokenRole.ARROW, TokenRole.SUM), ClauseReader._from_to),
    TokenRole.CATEGORY: ClauseReader._of_category,
    TokenRole.STAGE: ClauseReader._of_stage,
    **dict.fromkeys((TokenRole.NOUN, TokenRole.DONE), ClauseReader._of_the_work),
    TokenRole.ALL_THOSE: ClauseReader._those,
    **dict.fromkeys((TokenRole.CUM, TokenRole.EVERY), ClauseReader._cumulative),
    TokenRole.ALREADY: ClauseReader._by_now,
    TokenRole.INC: ClauseReader._increase,
    TokenRole.REM: ClauseReader._remaining,
    TokenRole.TARGET: ClauseReader._of_the_task,
    TokenRole.IN_PROGRESS: ClauseReader._under_way,
    **dict.fromkeys(SETS, ClauseReader._sets),
    **dict.fromkeys(
        (TokenRole.OF_THE_REST, TokenRole.PART, TokenRole.VAGUE), ClauseReader._said_of_what_is_left
    ),
    TokenRole.PLAIN: ClauseReader._plain,
    TokenRole.WORD: ClauseReader._unknown,
}
"""What each part of a message does to the reading of it; the others only end a 未 that waits for
its stage word.
"""

COPULAS = frozenset({"是", "为", "属", "属于", "系", "均为", "都是", "均是", "全是"})
OTHERS = ("另外", "其他", "其它")
SAY_NOTHING = frozenset(
    {TokenRole.PLAIN, TokenRole.NOUN, TokenRole.OF_THE_WORK, TokenRole.DATE, TokenRole.TIME}
)
CLAUSE_ENDS = frozenset(
    {
        TokenRole.COMMA,
        TokenRole.STOP,
        TokenRole.NEWLINE,
        TokenRole.SPACE,
        TokenRole.CLOSE,
        TokenRole.AMONG,
        TokenRole.EMOTICON,
    }
)
COUNTS = frozenset(
    {TokenRole.COUNT, TokenRole.NUMBER, TokenRole.WORDNUMBER, TokenRole.FRACTION, TokenRole.PERCENT}
)


def _number_ahead(tokens: Sequence[Token], position: int, *, past_stages: bool = False) -> bool:
    """Whether a number follows the token at `position` before its clause, or the next stage word,
    ends what it can say.
    """
    for token in islice(tokens, position + 1, None):
        if token.role in COUNTS:
            return True
        if token.role in CLAUSE_ENDS or (token.role == TokenRole.STAGE and not past_stages):
            return False
    return False


def clauses(tokens: Sequence[Token], also: str = "") -> Iterator[list[Token]]:
    """The tokens between commas, stops and line ends, each with the mark that ends it."""
    clause: list[Token] = []
    for token in tokens:
        clause.append(token)
        if token.role in {
            TokenRole.COMMA,
            TokenRole.STOP,
            TokenRole.NEWLINE,
            TokenRole.EMOTICON,
            also,
        }:
            yield clause
            clause = []
    if clause:
        yield clause
