"""Whose words these are: what a message quotes or forwards is other people's, and is no report of
its sender (rule 9).
"""

from __future__ import annotations

import re

RULED_OFF = re.compile(r"[」”\"][ \t]{0,9}\n?[ \t]{0,9}(?:- ?|—){3,}+\n?")
"""The end of a quote, and the rule that chat clients draw between it and the answer."""
OPENS = {"」": "「", "”": "“", '"': '"'}
QUOTED_LINE = (">", "&gt;")
MARKS = ("」", "”", '"', ">", "&gt;", "转", "聊天记录")
"""What is neither quoted nor forwarded has none of these."""
FORWARDED = re.compile(
    r"[ \t]{0,99}(?:[\[【(][ \t]?(?:转发|转|聊天记录|合并转发)[^\]】)\n]{0,12}[\]】)]|转发[::]|转自|转[::]|以下(?:为|是)?转发)"
)


def without_other_voices(text: str) -> str:
    """The text without what it quotes, and without everything from a forwarding mark on."""
    if not any(mark in text for mark in MARKS):
        return text.strip()
    lines: list[str] = []
    for line in _without_quotes(text).split("\n"):
        if FORWARDED.match(line):
            break
        if not line.startswith(QUOTED_LINE):
            lines.append(line)
    return "\n".join(lines).strip()


def _without_quotes(text: str) -> str:
    kept: list[str] = []
    done = 0
    for rule in RULED_OFF.finditer(text):
        opened = text.rfind(OPENS[rule.group()[0]], done, rule.start())
        if opened >= 0:
            kept.append(text[done:opened])
            done = rule.end()
    return "".join([*kept, text[done:]])
