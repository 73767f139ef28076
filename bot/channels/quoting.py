"""What a message quotes stands before it as the chat apps copy a quote; so the reader knows other
people's words when it sees them.
"""

from __future__ import annotations

import re

_LINE = "- - - - - - - - - - - - - - -"
_MARKS = str.maketrans(dict.fromkeys('「」“”"', "'"))
_LEADING_AT = re.compile(r"^\s*@\S+[\s\u2005\u00a0]+")


def after_quote(quoted: str, said: str) -> str:
    """`said` with what it quotes before it; marks inside the quote give way, so that no quote can
    end itself early.
    """
    quoted = quoted.strip().translate(_MARKS)
    return f"「{quoted}」\n{_LINE}\n{said}" if quoted else said


def without_name(said: str, name: str | None) -> str:
    """`said` without the @name of the robot. Where the name is not set, one @word at the very
    beginning is taken for it.
    """
    if name:
        return re.sub(
            rf"@{re.escape(name)}(?=[\s\u2005\u00a0]|$)[\s\u2005\u00a0]?", "", said
        ).strip()
    return _LEADING_AT.sub("", said, count=1).strip()
