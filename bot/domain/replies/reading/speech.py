"""What of a message reports at all: quotes, promises, questions and commands are no figures, whatever numbers they hold (rules 8–10)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.replies.reading.grammar import Token, clauses
from bot.domain.replies.reading.lexicon import CONDITION
from bot.domain.replies.reading.model import Unclear

NUMBERS = frozenset(
    {
        "COUNT", "NUMBER", "WORDNUMBER", "FRACTION", "PERCENT", "RANGE", "SPLIT", "STAR_NUMBER", "ARROW", "SUM", "EXCEPT",
        "CHANGED", "MINUS", "PART_OF", "SHARE",
    }
)  # fmt: skip
SAYS = NUMBERS | {"ZERO", "ALL"}
ENDS = frozenset({"COMMA", "STOP", "NEWLINE", "SPACE"})

QUOTE = re.compile(r"[「“\"][^「“」”\"]*[」”\"]\s*\n?\s*(?:- ?|—){3,}\n?|^(?:>|&gt;).*$", re.M)
FORWARDED = re.compile(
    r"^\s*(?:[\[【(]\s*(?:转发|转|聊天记录|合并转发)[^\]】)]{0,12}[\]】)]|转发[::]|转自|转[::]|以下(?:为|是)?转发)",
    re.M,
)
QUESTION_WORDS = re.compile(
    r"什么|么时候|怎么|几时|多少|哪[个些天里]|为什么|为啥|啥时候|能不能|能否|可否|可不可以|要不要|是不是|是否|有没有|到底|第几|几点|谁"
)
QUESTION = re.compile(rf"[?]|吗|{QUESTION_WORDS.pattern}")
COMMAND = re.compile(
    r"排名|名次|第一名|忽略|规则|机器人|指令|删除|清空|排到|排在|管理员|系统提示|设置为|设为|执行|忘记"
)
PASTED_BULLETIN = re.compile(
    r"(?:全市|全县|全区).*(?:通报|排名|名次|收官)|(?:通报|排名).*(?:全市|全县|全区)|调度通报|第\s?\d+\s?期", re.S
)
RECALLED = re.compile(r"撤回")
TEST = re.compile(r"测试")
RESET = re.compile(r"今[日天]|当[日天]|目前|已|截[至止]|现|至今")
"""After a promise with a number, what follows in its sentence is promised too unless one of these begins anew."""
CALLING = re.compile(r"请|抓紧|加快|尽快|务必|赶快|赶紧|催")


def without_other_voices(text: str) -> str:
    """The text without what it quotes, and without everything from a forwarding mark on: other people's words are no report."""
    text = QUOTE.sub("", text)
    found = FORWARDED.search(text)
    return (text if found is None else text[: found.start()]).strip()


def is_no_report(text: str) -> bool:
    """Tests, the platform's line about a recalled message and bulletins pasted back are no reports (rules 9, 10)."""
    recalled = RECALLED.search(text) is not None and re.search(r"错|[我先]|请", text) is None
    return TEST.search(text) is not None or recalled or PASTED_BULLETIN.search(text) is not None


def reporting(tokens: Sequence[Token], text: str) -> list[Token]:
    """The message without sentences that ask or command, and without clauses that only promise (rules 8, 10)."""
    if not (QUESTION.search(text) or COMMAND.search(text) or any(token.role == "PROMISE" for token in tokens)):
        return list(tokens)
    kept: list[Token] = []
    passed_over: list[Token] = []
    sentence: list[Token] = []
    for token in tokens:
        sentence.append(token)
        if token.role in {"STOP", "NEWLINE"}:
            _sentence(sentence, kept, passed_over)
            sentence = []
    if sentence:
        _sentence(sentence, kept, passed_over)
    asked_of = [token.text for token in passed_over if token.role in NUMBERS]
    if asked_of and any(token.role in SAYS for token in kept):
        raise Unclear("words", asked_of[0])  # 累计竣工17户？18户: which of them?
    return kept


def _sentence(sentence: Sequence[Token], kept: list[Token], passed_over: list[Token]) -> None:
    said = "".join(token.text for token in sentence)
    if QUESTION.search(said):
        _question(sentence, kept, passed_over)
        return
    told = list(clauses(sentence))
    for at, clause in enumerate(told):
        if COMMAND.search("".join(token.text for token in clause)):
            # The report before a command stands; from the command on nothing does.
            rest = [token for later in told[at:] for token in later]
            passed_over += rest
            told = [*told[:at], rest[-1:]] if rest[-1].role in ENDS else told[:at]
            break
    kept += _without_promises(told)


def _question(sentence: Sequence[Token], kept: list[Token], passed_over: list[Token]) -> None:
    """A last clause that asks for something else leaves the report before it standing: 累计17户,什么时候拨款?"""
    told = list(clauses(sentence))
    asks = [at for at, clause in enumerate(told) if QUESTION_WORDS.search("".join(token.text for token in clause))]
    first = asks[0] if asks else 0
    tail = [token for clause in told[first:] for token in clause]
    if first and not any(token.role in SAYS for token in tail):
        kept += _without_promises(told[:first])
        passed_over += tail
    else:
        passed_over += sentence


def _without_promises(told: Sequence[list[Token]]) -> list[Token]:
    kept: list[Token] = []
    promised = holds = False
    for clause in told:
        said = "".join(token.text for token in clause)
        end = [token for token in clause[-1:] if token.role in {"COMMA", "STOP", "NEWLINE"}]
        at = next((at for at, token in enumerate(clause) if token.role == "PROMISE"), None)
        if at is None:
            if promised and any(token.role in SAYS for token in clause) and (holds or not RESET.search(said)):
                if any(token.role == "CUM" for token in clause) and not holds:
                    raise Unclear("words", said.strip())  # 预计明天竣工2户,累计17户: now, or then?
                kept += end
                continue
            promised = holds
            kept += clause
            continue
        # A promise begins with its own word, or with the words since the last blank; what a blank parts before it stands.
        start = max((place + 1 for place in range(at) if clause[place].role == "SPACE"), default=0)
        before = clause[:start]
        if not any(token.role in SAYS for token in before):
            before = []
        content = [token for token in clause[start:] if token.role not in ENDS]
        numbered = any(token.role in NUMBERS for token in content)
        bare = not any(token.role in {"STAGE", "TOWN", "NICK"} for token in content) and (
            sum(token.role == "WORD" for token in content) <= 2
        )
        holds = holds or clause[at].text in CONDITION
        promised = numbered or bare or holds
        named = [token for token in clause[start:] if token.role in {"TOWN", "NICK", "INDEX"}]
        kept += [*before, *named, *_rest(clause[start:at]), *end]
    return kept


def _rest(tokens: Sequence[Token]) -> list[Token]:
    """剩余8户预计月底完工: the eight are no figure here, and must be true of the figures beside them."""
    for at, token in enumerate(tokens[:-1]):
        if token.role == "REM" and tokens[at + 1].role in {"COUNT", "NUMBER"}:
            return [Token(role="REST", text=tokens[at + 1].text)]
    return []


def calls(tokens: Sequence[Token], text: str) -> bool:
    """Whether the office only calls for what remains: 稻溪镇还剩8户,请抓紧 is no report of its own (rule 10)."""
    said = {token.role for token in tokens if token.role in SAYS | {"CUM", "INC", "ALREADY"}}
    remaining = any(token.role == "REM" for token in tokens)
    return remaining and said <= {"COUNT", "NUMBER", "WORDNUMBER"} and CALLING.search(text) is not None
