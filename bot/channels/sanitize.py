"""Turns what people typed into data that no platform can take for a mention, a link, markup or a
command to a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

_KEPT_FORMAT = frozenset("\u200c\u200d")
"""Joiners: emoji families and some scripts fall apart without them."""

_LINE_BREAKS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# How the platforms escape these is documented by none, so each mark gives way to its full-width
# twin, which reads the same.
_TWINS = str.maketrans("<>@*_`~|[]#\\&", "＜＞＠＊＿｀～｜［］＃＼＆")
_URL_KEPT = "/:?#&=%+,;!$-._~"
"""What stands in an address as it is; the rest is percent-encoded, brackets, quotes, `@`, `*` and
`|` among it.
"""
MOST_URL = 1000

_SCHEME = re.compile(r"(?<=[A-Za-z])://")
_DOMAIN_DOT = re.compile(r"(?<=[A-Za-z0-9-])\.(?=[A-Za-z])")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LINE_MARK = re.compile(r"^[-+=]+", re.MULTILINE)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
_FULL_WIDTH = str.maketrans("-+=.)", "－＋＝．）")


def clean(text: str) -> str:
    """`text` with `\\n` as its only control character: no escapes, no direction marks, nothing that cannot be encoded."""  # noqa: E501
    if text.replace("\n", "").isprintable():
        # nearly every text there is; a look at each of its characters takes fifty times as long
        return text
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
    return "".join(kept for character in text if (kept := _kept(character)))


def _kept(character: str) -> str:
    match unicodedata.category(character):
        case "Cc":
            return character if character == "\n" else ""
        case "Cf":
            return character if character in _KEPT_FORMAT else ""
        case "Cs":
            return "\ufffd"
        case _:
            return character


def one_line(text: str) -> str:
    """`text` cleaned and on one line: a title, a name, a cell of a table."""
    return " ".join(clean(text).split())


def sanitize(text: str) -> str:
    """`text` cleaned, with every mark of markup, mention or link replaced by its full-width twin;
    lines stay lines.
    """
    text = clean(text).translate(_TWINS)
    text = _DOMAIN_DOT.sub("．", _SCHEME.sub("：／／", text))
    text = "\n".join(line.strip() for line in text.split("\n"))
    text = _LINE_MARK.sub(lambda found: found[0].translate(_FULL_WIDTH), text)
    return _NUMBERED.sub(lambda found: found[1] + found[2].translate(_FULL_WIDTH), text)


def sanitize_line(text: str) -> str:
    """`text` sanitize and on one line."""
    return sanitize(one_line(text))


def safe_url(url: str) -> str | None:
    """An address of our own as it can stand in every dialect; None when it is none, or would be cut
    somewhere.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if (
        parts.scheme not in ("http", "https")
        or "@" in parts.netloc
        or not _HOST.fullmatch(host)
        or port == 0
    ):
        return None
    written = quote(clean(url).replace("\n", ""), safe=_URL_KEPT)
    return written if len(written) <= MOST_URL else None
