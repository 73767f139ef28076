"""What of a message reports at all: promises, questions, commands and examples are no figures,
whatever numbers they hold (rules 8-10).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

from bot.domain.replies.reading.grammar import clauses
from bot.domain.replies.reading.model import Unclear
from bot.domain.replies.reading.numerals import leading_number
from bot.domain.replies.reading.roles import Token, TokenRole

NUMBERS = frozenset(
    {
        TokenRole.COUNT, TokenRole.NUMBER, TokenRole.WORDNUMBER, TokenRole.FRACTION, TokenRole.PERCENT, TokenRole.RANGE, TokenRole.SPLIT, TokenRole.STAR_NUMBER, TokenRole.ARROW,
        TokenRole.SUM, TokenRole.EXCEPT, TokenRole.CHANGED, TokenRole.MINUS, TokenRole.PART_OF, TokenRole.SHARE,
    }
)  # fmt: skip
SAYS = NUMBERS | {TokenRole.ZERO, TokenRole.ALL}
ENDS = frozenset({TokenRole.COMMA, TokenRole.STOP, TokenRole.NEWLINE, TokenRole.SPACE})
NAMES = frozenset({TokenRole.TOWN, TokenRole.NICK, TokenRole.NOT_A_TOWN})
TURNS = frozenset(
    {
        TokenRole.QUESTION,
        TokenRole.COMMAND,
        TokenRole.PROMISE,
        TokenRole.CONDITION,
        TokenRole.EXAMPLE,
    }
)

OF_THE_CAMPAIGN = NAMES | {TokenRole.STAGE, TokenRole.CATEGORY, TokenRole.NOUN, TokenRole.DONE}

TEST = re.compile(r"\s{0,9}(?:这是)?测试")
RECALLED = re.compile(r"撤回了?(?:一条|1条)?消息")
BULLETIN = re.compile(
    r"(?<!按)(?<!要求)(?<![照据落实])通报(?!要求|精神|一下|批评)|排名|名次|第\s?\d{1,4}\s?期"
)
OF_THE_AREA = re.compile(r"全[市县区][^,。;\n第]{0,20}[\d百]")
TITLED = 20
"""Signs within which a title says what it is."""
RESET = re.compile(r"今[日天]|当[日天]|目前|已|截[至止]|现|至今")
"""After a promise with a number, what follows in its sentence is promised too unless one of these
begins anew.
"""
CALLS_FOR = re.compile(r"请.{0,40}报|报一声")
CALLING = re.compile(r"请|抓紧|加快|尽快|务必|赶快|赶紧|催")
DOUBTS = frozenset({"还是", "对吗", "对吧", "对不对", "是吧", "吗", "呢"})
"""Words with which a question is one, besides those that ask for something."""
PLANS = frozenset({"计划", "拟", "目标是"})
"""Words of a promise that may also name the task: 计划造林1560亩."""
SHOWS = frozenset({":", "如下", "为", "是"})


def is_no_report(text: str, tokens: Sequence[Token]) -> bool:
    """Tests, the platform's line about a recalled message and bulletins pasted back are no reports
    (rules 9, 10).
    """
    if ("测试" in text and TEST.match(text)) or ("撤回" in text and RECALLED.search(text)):
        return True
    return is_a_bulletin(text, tokens)


def is_a_bulletin(text: str, tokens: Sequence[Token]) -> bool:
    """Whether the office's own bulletin was pasted back: it speaks of ranks or an issue, and of the
    whole area or of several townships.
    """
    word = BULLETIN.search(text)
    if word is None:
        return False
    towns = {token.text for token in tokens if token.role in NAMES}
    several = len(towns) > 1
    of_the_area = OF_THE_AREA.search(text) is not None
    start = word.start() - (len(text) - len(text.lstrip()))
    if several and (start <= TITLED or of_the_area):
        return True
    return of_the_area and start <= TITLED and word.group()[-1] != "名" and not towns


def with_tasks(tokens: Sequence[Token], tasks: Collection[Decimal]) -> list[Token]:
    """The tokens, with a plan for just the task as the task: 计划造林1560亩 of 1560 is no
    promise.
    """
    told = list(tokens)
    for at, token in enumerate(told):
        if token.role is TokenRole.PROMISE and token.text in PLANS:
            for later in told[at + 1 : at + 4]:
                if later.role in ENDS or later.role in TURNS:
                    break
                if later.role in {TokenRole.COUNT, TokenRole.NUMBER}:
                    if leading_number(later.text) in tasks:
                        told[at] = Token(TokenRole.TARGET, token.text)
                    break
    return told


def reporting(tokens: Sequence[Token]) -> list[Token]:
    """The message without what is shown, asked, ordered or only promised (rules 8, 10)."""
    if not any(token.role in TURNS or token.text == "?" for token in tokens):
        return list(tokens)
    kept: list[Token] = []
    passed_over: list[Token] = []
    sentence: list[Token] = []
    for token in _without_examples(tokens):
        sentence.append(token)
        if token.role is TokenRole.STOP or token.role is TokenRole.NEWLINE:
            _sentence(sentence, kept, passed_over)
            sentence = []
    if sentence:
        _sentence(sentence, kept, passed_over)
    asked_of = [token.text for token in passed_over if token.role in NUMBERS]
    if asked_of and any(token.role in SAYS for token in kept):
        raise Unclear("words", asked_of[0])  # 累计竣工17户？18户: which of them?
    return kept


def without_other_matters(tokens: Sequence[Token], matters: Collection[str]) -> list[Token]:
    """The tokens without zero phrases that are another report's: 森林防火零报告, where no word of
    the campaign stands beside it (rule 11).
    """
    if not any(token.text in matters for token in tokens):
        return list(tokens)
    kept: list[Token] = []
    for clause in clauses(tokens):
        roles = {token.role for token in clause}
        other = any(token.text in matters for token in clause) and not roles & OF_THE_CAMPAIGN
        if other and TokenRole.ZERO in roles and not roles & (SAYS - {TokenRole.ZERO}):
            clause = [token for token in clause[-1:] if token.role in ENDS]
        kept += clause
    return kept


def _without_examples(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without lines from the word on that shows how to report."""
    kept: list[Token] = []
    shown = False
    for at, token in enumerate(tokens):
        if token.role is TokenRole.NEWLINE:
            shown = False
        elif token.role is TokenRole.EXAMPLE and not shown:
            shown = _shows(tokens, at)
        if not shown:
            kept.append(token)
    return kept


def _shows(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at that place shows something: a colon, a name or a line's end follows it in
    its clause.
    """
    if tokens[at].text.endswith(":"):
        return True
    for token in tokens[at + 1 : at + 7]:
        if token.text in SHOWS or token.role in NAMES or token.role is TokenRole.NEWLINE:
            return True
        if token.role is TokenRole.COMMA or token.role is TokenRole.STOP:
            return False
    return False


def _sentence(sentence: Sequence[Token], kept: list[Token], passed_over: list[Token]) -> None:
    roles = {token.role for token in sentence}
    if sentence[-1].text == "?" or (TokenRole.QUESTION in roles and _ends_in_a_question(sentence)):
        _question(sentence, kept, passed_over)
        return
    told = list(clauses(sentence))
    if TokenRole.COMMAND in roles:
        for at, clause in enumerate(told):
            if any(token.role is TokenRole.COMMAND for token in clause):
                # The report before a command stands; from the command on nothing does.
                rest = [token for later in told[at:] for token in later]
                passed_over += [token for token in rest if token.role not in NUMBERS]
                told = [*told[:at], rest[-1:]] if rest[-1].role in ENDS else told[:at]
                break
    if TokenRole.QUESTION in roles:
        answered = []
        for clause in clauses([token for part in told for token in part], also=TokenRole.SPACE):
            if any(
                t.role is TokenRole.QUESTION and (t.text != "吗" or clause_end(clause, at))
                for at, t in enumerate(clause)
            ):
                passed_over += clause
                clause = clause[-1:] if clause[-1].role in ENDS else []
            answered += clause
        told = list(clauses(answered))
    kept += _without_promises(told)


def _ends_in_a_question(sentence: Sequence[Token]) -> bool:
    """Whether 吗 stands at the end of one of its clauses; in the midst of one nobody can say what
    is asked.
    """
    return any(clause_end(sentence, at) for at, token in enumerate(sentence) if token.text == "吗")


def clause_end(tokens: Sequence[Token], at: int) -> bool:
    """Whether the token at that place is the last of its clause."""
    return at + 1 == len(tokens) or tokens[at + 1].role in ENDS


def _question(sentence: Sequence[Token], kept: list[Token], passed_over: list[Token]) -> None:
    """A last clause that asks for something else leaves the report before it standing:
    累计17户,什么时候拨款?
    """
    told = list(clauses(sentence))
    asks = [
        at
        for at, clause in enumerate(told)
        if any(token.role is TokenRole.QUESTION for token in clause)
    ]
    roles = {token.role for token in sentence}
    if (
        not asks
        and not roles & {TokenRole.PROMISE, TokenRole.CONDITION}
        and TokenRole.STAGE in roles
        and roles & NUMBERS
        and not any(token.text in DOUBTS for token in sentence)
    ):
        # 累计竣工17户？ says it, or asks it
        raise Unclear("words", "".join(token.text for token in sentence).strip())
    first = asks[0] if asks else 0
    tail = [token for clause in told[first:] for token in clause]
    if first and not any(token.role in SAYS for token in tail):
        kept += _without_promises(told[:first])
        passed_over += tail
    else:
        passed_over += sentence


def _without_promises(told: Sequence[list[Token]]) -> list[Token]:
    kept: list[Token] = []
    promised = holds = only_planned = False
    for clause in told:
        end = [token for token in clause[-1:] if token.role in ENDS]
        at = next(
            (
                at
                for at, token in enumerate(clause)
                if token.role in {TokenRole.PROMISE, TokenRole.CONDITION}
            ),
            None,
        )
        if at is None:
            if promised and _goes_on(clause, holds=holds, only_planned=only_planned):
                kept += end
                continue
            promised = holds
            kept += clause
            continue
        # A promise begins with its own word, or with the words since the last blank; what a blank
        # parts before it stands.
        start = max(
            (place + 1 for place in range(at) if clause[place].role is TokenRole.SPACE), default=0
        )
        before = clause[:start]
        if not any(token.role in SAYS for token in before):
            before = []
        content = [token for token in clause[start:] if token.role not in ENDS]
        numbered = any(token.role in NUMBERS for token in content)
        bare = not any(
            token.role in {TokenRole.STAGE, TokenRole.TOWN, TokenRole.NICK} for token in content
        ) and (sum(token.role in {TokenRole.WORD, TokenRole.PLAIN} for token in content) <= 2)
        holds = holds or clause[at].role is TokenRole.CONDITION
        only_planned = all(
            token.text in PLANS
            for token in clause
            if token.role in {TokenRole.PROMISE, TokenRole.CONDITION}
        )
        promised = numbered or bare or holds
        named = [
            token
            for token in clause[start:]
            if token.role in {TokenRole.TOWN, TokenRole.NICK, TokenRole.INDEX}
        ]
        kept += [*before, *named, *_rest(clause[start:at]), *end]
    return kept


def _goes_on(clause: Sequence[Token], *, holds: bool, only_planned: bool) -> bool:
    """Whether a clause behind a promise is promised too; Unclear where nobody can say:
    预计明天竣工2户,累计17户: now, or then?
    """
    if not any(token.role in SAYS for token in clause):
        return False
    said = "".join(token.text for token in clause)
    if not holds and RESET.search(said):
        return False
    if (only_planned or any(token.role is TokenRole.CUM for token in clause)) and not holds:
        raise Unclear("words", said.strip())
    return True


def _rest(tokens: Sequence[Token]) -> list[Token]:
    """剩余8户预计月底完工: the eight are no figure here, and must be true of the figures beside
    them.
    """
    for at, token in enumerate(tokens[:-1]):
        if token.role is TokenRole.REM and tokens[at + 1].role in {
            TokenRole.COUNT,
            TokenRole.NUMBER,
        }:
            return [Token(role=TokenRole.REST, text=tokens[at + 1].text)]
    return []


def calls(tokens: Sequence[Token], text: str) -> bool:
    """Whether the office only calls for what remains: 稻溪镇还剩8户,请抓紧 is no report of its own
    (rule 10).
    """
    said = {
        token.role
        for token in tokens
        if token.role in SAYS | {TokenRole.CUM, TokenRole.INC, TokenRole.ALREADY}
    }
    remaining = any(token.role is TokenRole.REM for token in tokens)
    if not any(token.role in NAMES for token in tokens) and CALLS_FOR.search(text) is not None:
        return not any(
            token.role in {TokenRole.CUM, TokenRole.ALREADY} for token in tokens
        ) or said <= {
            TokenRole.ZERO,
            TokenRole.CUM,
            TokenRole.INC,
        }
    return (
        remaining
        and said <= {TokenRole.COUNT, TokenRole.NUMBER, TokenRole.WORDNUMBER}
        and CALLING.search(text) is not None
    )
