"""Every word is explained: beside a number, a 全部 or a zero phrase only words that are known to
change nothing (rules 2 and 11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.replies.reading.lexicon import Lexicon
from bot.domain.replies.reading.model import Unclear
from bot.domain.replies.reading.roles import Token, TokenRole
from bot.domain.replies.reading.speech import NUMBERS, SAYS

TURNS = re.compile(r"[不非假含错]|包括|除|全[县市区]|[上下]月|去年")
"""Unknown words in brackets that change the number they stand beside; others there are a remark:
剩余7户(邹主任报来).
"""
DENIES = re.compile("[不没非别勿未否无](?![变误错动])")
LONGEST_DENIAL = 3
BETWEEN = "、"
"""Between unknown words that do not stand together."""
ENDS_OF_CLAUSE = frozenset({TokenRole.COMMA, TokenRole.STOP, TokenRole.NEWLINE, TokenRole.EMOTICON})
REMAINS = frozenset({TokenRole.REM, TokenRole.IN_PROGRESS, TokenRole.REST})
UNKNOWN = frozenset(
    {
        TokenRole.WORD,
        TokenRole.EXAMPLE,
        TokenRole.QUESTION,
        TokenRole.COMMAND,
        TokenRole.CONDITION,
        TokenRole.PERIOD,
    }
)
"""A token of these in a clause that says something may be what it is about."""


LOOKED_AT = UNKNOWN | {
    TokenRole.ACT,
    TokenRole.OF_THE_WORK,
    TokenRole.OF_THE_REST,
    TokenRole.OF_A_ZERO,
    TokenRole.VILLAGE,
    TokenRole.OTHER,
    TokenRole.PART,
    TokenRole.VAGUE,
}
"""Without a token of these nothing is unexplained."""


@dataclass(frozen=True)
class Unexplained:
    """Tokens from `start` to `end` that say something, with words nobody has explained among
    them.
    """

    start: int
    end: int
    words: str
    text: str


@dataclass
class _Piece:
    start: int
    tokens: list[Token]
    bracketed: bool = False
    within: str = ""


def unexplained(lexicon: Lexicon, tokens: Sequence[Token]) -> list[Unexplained]:
    """Where a number, a 全部 or a zero phrase stands beside unknown words; Unclear for a part of
    the work and for what turns a number.
    """
    found: list[Unexplained] = []
    village = False
    if not any(token.role in LOOKED_AT for token in tokens):
        return found
    rests, depth = False, 0
    for clause, numbered in _clauses(tokens):
        rests = rests and depth > 0  # 剩3户(2户在粉刷,1户在盖瓦): the bracket goes on
        depth += sum(
            (token.role is TokenRole.OPEN) - (token.role is TokenRole.CLOSE)
            for token in clause.tokens
        )
        named = any(token.role is TokenRole.VILLAGE for token in clause.tokens)
        if village and any(token.role is TokenRole.ALL for token in clause.tokens):
            text = _text(clause.tokens)
            # 大岭村,已全部竣工
            found.append(Unexplained(clause.start, clause.start + len(clause.tokens), text, text))
        village = (village or named) and clause.tokens[-1].role is TokenRole.COMMA and not numbered
        for piece in _pieces(clause):
            roles = {token.role for token in piece.tokens}
            rests = rests or bool(roles & REMAINS)
            words = _unknown(lexicon, piece.tokens, roles, rests=rests)
            if not roles & SAYS:
                told = words + "".join(
                    token.text for token in piece.tokens if token.role is TokenRole.VILLAGE
                )
                if piece.bracketed and numbered and TURNS.search(told):
                    raise Unclear("words", _text(clause.tokens))
                continue
            part = next(
                (token.text for token in piece.tokens if token.role is TokenRole.PART), None
            )
            if (
                part is not None
                and not rests
                and not any(token.role is TokenRole.COUNT for token in piece.tokens)
            ):
                raise Unclear("part", part)
            if words:
                end = piece.start + len(piece.tokens)
                found.append(Unexplained(piece.start, end, words.strip(), _text(clause.tokens)))
    return found


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens).strip()


def _unknown(  # noqa: C901, PLR0912
    lexicon: Lexicon, tokens: Sequence[Token], roles: set[TokenRole], *, rests: bool
) -> str:
    """The words of a piece that nobody has explained."""
    whole = TokenRole.ALL in roles or TokenRole.ALL_THOSE in roles
    staged = TokenRole.STAGE in roles or whole
    zero = TokenRole.ZERO in roles
    words = []
    for at, (role, text) in enumerate(tokens):
        if role in UNKNOWN or role is TokenRole.PART:
            known = False
        elif role is TokenRole.VAGUE and text in lexicon.of_the_rest:
            known = rests
        elif role is TokenRole.OF_THE_WORK:
            known = text in lexicon.of_the_whole if whole or zero else staged
        elif role is TokenRole.ACT:
            known = not (at + 1 < len(tokens) and tokens[at + 1].role in NUMBERS)
        elif role is TokenRole.OF_THE_REST:
            known = rests
        elif role is TokenRole.OF_A_ZERO:
            known = zero
        elif role is TokenRole.OTHER:
            known = not whole and not zero  # 2个项目区已全部完工, 3个村无进展
        elif role is TokenRole.VILLAGE:
            known = not whole and not zero
        else:
            known = True
        if not known:
            words.append(text)
        elif words and words[-1] != BETWEEN and role is not TokenRole.SPACE:
            words.append(BETWEEN)
    return "".join(words).strip(BETWEEN)


def _clauses(tokens: Sequence[Token]) -> Iterator[tuple[_Piece, bool]]:
    """The clauses with their places. A blank parts clauses too, except where 全部 is said: 大岭村
    已全部竣工.
    """
    start = 0
    for at, token in enumerate(tokens):
        if token.role in ENDS_OF_CLAUSE:
            yield from _by_blanks(tokens, start, at + 1)
            start = at + 1
    if start < len(tokens):
        yield from _by_blanks(tokens, start, len(tokens))


def _by_blanks(tokens: Sequence[Token], start: int, end: int) -> Iterator[tuple[_Piece, bool]]:
    clause = list(tokens[start:end])
    roles = {token.role for token in clause}
    if TokenRole.SPACE not in roles or TokenRole.ALL in roles or _denies(clause):
        yield _Piece(start, clause), bool(roles & NUMBERS)
        return
    begin = start
    for at in range(start, end + 1):
        if at == end or tokens[at].role is TokenRole.SPACE:
            piece = list(tokens[begin : min(at + 1, end)])
            if piece:
                yield _Piece(begin, piece), any(token.role in NUMBERS for token in piece)
            begin = at + 1


def _denies(clause: Sequence[Token]) -> bool:
    """Whether a denial stands alone between blanks: 17户 不是."""
    said = "".join(
        " " if token.role is TokenRole.SPACE else token.text
        for token in clause
        if token.role not in ENDS_OF_CLAUSE
    )
    return any(len(piece) <= LONGEST_DENIAL and DENIES.search(piece) for piece in said.split())


def _pieces(clause: _Piece) -> list[_Piece]:
    """A clause and what stands in brackets in it, each by itself; the clause alone if it has no
    brackets.
    """
    if not any(token.role is TokenRole.OPEN for token in clause.tokens):
        return [clause]
    pieces = [_Piece(clause.start, [])]
    for at, token in enumerate(clause.tokens, clause.start):
        if token.role is TokenRole.OPEN or token.role is TokenRole.CLOSE:
            pieces.append(_Piece(at + 1, [], bracketed=True))
        else:
            pieces[-1].tokens.append(token)
    return [piece for piece in pieces if piece.tokens]
