"""Things named first and told of together: each of them gets its own number (rule 9)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.domain.replies.reading.roles import Token, TokenRole

NAMES = frozenset({TokenRole.TOWN, TokenRole.NICK})
HEADS = (
    NAMES,
    frozenset({TokenRole.VILLAGE}),
    frozenset({TokenRole.CATEGORY}),
    frozenset({TokenRole.STAGE}),
)
BETWEEN = frozenset({TokenRole.COMMA, TokenRole.SPACE})
JOINS = frozenset({"和", "与", "及", "、", ",", "以及"})
COUNTS = frozenset(
    {TokenRole.COUNT, TokenRole.NUMBER, TokenRole.WORDNUMBER, TokenRole.PERCENT, TokenRole.FRACTION}
)
ENDS = frozenset({TokenRole.STOP, TokenRole.NEWLINE})
RESPECTIVELY = frozenset({"分别", "分别为", "分别是"})
OF_EACH = frozenset({TokenRole.ZERO, TokenRole.ALL})
"""What may be said of several at once, since it gives no number: nothing new, and all of the
task.
"""
EACH = frozenset({"各", "各自", "均"})
APART = RESPECTIVELY | EACH
LISTED = ("分别", "各", "均", "+")
"""Without one of these nothing is told together."""


def added_up(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with C级14+D级3=17户 as a list of categories and their total."""
    if not any(token.role is TokenRole.PLUS for token in tokens):
        return list(tokens)
    told = list(tokens)
    sums = False
    for at, (token, behind) in enumerate(pairwise(tokens)):
        if token.role is TokenRole.PLUS and behind.role is TokenRole.CATEGORY:
            told[at] = Token(TokenRole.COMMA, ",")
            sums = True
        elif sums and token.text == "=" and behind.role in COUNTS:
            told[at] = Token(TokenRole.CUM, "合计")
    return told


def told_apart(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with C级、D级分别竣工10户、4户 as C级竣工10户,D级竣工4户, and 石磬、石磴各竣工1户
    as one for each.
    """
    if not any(token.text in APART for token in tokens):
        return list(tokens)
    told: list[Token] = []
    sentence: list[Token] = []
    for token in tokens:
        sentence.append(token)
        if token.role in ENDS:
            told += _sentence(sentence)
            sentence = []
    return told + _sentence(sentence)


def said_of_each(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with 茶埂乡、麻岫乡今日无新增 as one zero report for each, and 开工、验收无变化
    as one for each stage.
    """
    if not any(token.role in OF_EACH for token in tokens):
        return list(tokens)
    told: list[Token] = []
    clause: list[Token] = []
    for token in tokens:
        clause.append(token)
        if token.role in ENDS or (token.role is TokenRole.COMMA and token.text != "、"):
            told += _clause(clause)
            clause = []
    return told + _clause(clause)


def _clause(clause: list[Token]) -> list[Token]:
    roles = {token.role for token in clause}
    if not roles & OF_EACH or roles & COUNTS:
        return clause
    at = next(at for at, token in enumerate(clause) if token.role in OF_EACH)
    for heads in (NAMES, frozenset({TokenRole.STAGE})):
        start, named = _named_before(clause, at, heads)
        if len(named) > 1:
            return _each(clause, start, named, at - 1, said=OF_EACH) or clause
    return clause


def _sentence(sentence: list[Token]) -> list[Token]:
    at = next(
        (
            at
            for at, token in enumerate(sentence)
            if token.text in RESPECTIVELY or token.text in EACH
        ),
        None,
    )
    if at is None:
        return sentence
    for heads in HEADS:
        start, named = _named_before(sentence, at, heads)
        if len(named) > 1:
            apart = _each if sentence[at].text in EACH else _respectively
            return apart(sentence, start, named, at) or sentence
    return sentence


def _named_before(
    sentence: Sequence[Token], at: int, heads: frozenset[TokenRole]
) -> tuple[int, list[Token]]:
    """Where a list of names begins that ends before `at`, and the names; words of another role may
    stand behind them.
    """
    end = at
    while end and sentence[end - 1].role not in heads:
        if sentence[end - 1].role in COUNTS | BETWEEN | ENDS:
            return at, []
        end -= 1
    named: list[Token] = []
    start = end
    while start:
        token = sentence[start - 1]
        if token.role in heads:
            named.insert(0, token)
        elif token.role not in BETWEEN and token.text not in JOINS:
            break
        start -= 1
    return start, named


def _respectively(
    sentence: list[Token], start: int, named: Sequence[Token], at: int
) -> list[Token] | None:
    """Each name with its own number; None if there are not just as many numbers as names."""
    rest = sentence[at + 1 :]
    first = next((place for place, token in enumerate(rest) if token.role in COUNTS), None)
    if first is None:
        return None
    between = [
        token
        for token in sentence[start:at]
        if token.role not in {named[0].role, *BETWEEN} and token.text not in JOINS
    ]
    words = [*between, *rest[:first]]
    if any(token.role in BETWEEN and token.role is not TokenRole.SPACE for token in words):
        return None
    counts: list[Token] = []
    end = first
    while end < len(rest) and (rest[end].role in COUNTS | BETWEEN or rest[end].text in JOINS):
        if rest[end].role in COUNTS:
            counts.append(rest[end])
            if len(counts) == len(named):
                end += 1
                break
        end += 1
    more = end + 1 < len(rest) and rest[end].text == "、" and rest[end + 1].role in COUNTS
    if len(counts) != len(named) or more:
        return None
    told: list[Token] = []
    for name, count in zip(named, counts, strict=True):
        told += [name, *words, count, Token(TokenRole.COMMA, ",")]
    return [*sentence[:start], *told, *rest[end:]]


def _each(
    sentence: list[Token],
    start: int,
    named: Sequence[Token],
    at: int,
    said: frozenset[TokenRole] = COUNTS,
) -> list[Token] | None:
    """What is said of each, said of each; None if none of the roles `said` stands behind the
    names.
    """
    words = [
        token
        for token in sentence[start:at]
        if token.role not in {named[0].role, *BETWEEN} and token.text not in JOINS
    ]
    end = next(
        (place for place in range(at, len(sentence)) if sentence[place].role is TokenRole.COMMA),
        len(sentence),
    )
    rest, behind = [*words, *sentence[at + 1 : end]], sentence[end:]
    numbers = [token for token in behind if token.role in COUNTS]
    if not any(token.role in said for token in rest) or (named[0].role in NAMES and numbers):
        return None
    told: list[Token] = []
    for name in named:
        told += [name, *rest, Token(TokenRole.COMMA, ";")]
    return [*sentence[:start], *told, *behind]
