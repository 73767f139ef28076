"""Takes apart what somebody else sent: sized before it is read, not deep, and only of the shape the
platform documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_BYTES = 1_000_000
DEEPEST = 40
LONGEST_ID = 256
LONGEST_NAME = 100

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_IN_A_NAME = re.compile(r"[\s,，:：。;；!！?？@＠]+")
_EPOCH = datetime.fromtimestamp(0, UTC)


def object_of(content: bytes | str) -> Mapping[str, Any] | None:
    """The JSON object these are; None when they are none, or larger or deeper than anything a
    platform sends.
    """
    if isinstance(content, str):
        content = content.encode(errors="replace")
    if len(content) > MOST_BYTES or _too_deep(content):
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _too_deep(content: bytes) -> bool:
    if content.count(b"[") + content.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for mark in _BRACKETS.finditer(content):
        first = content[mark.start()]
        if first in b"[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif first in b"]}":
            depth -= 1
    return False


def part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`; an empty one when there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def listed(body: Mapping[str, Any], name: str) -> list[Any]:
    """The list under `name`; an empty one when there is none."""
    found = body.get(name)
    return found if isinstance(found, list) else []


def identifier(value: object) -> str:
    """A number or id of the platform; empty when it is none: too long, or with characters that no
    id has.
    """
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        return ""
    return value if value.isprintable() and " " not in value else ""


def words(value: object) -> str:
    """What somebody wrote, as it is, without what no database takes; empty when it is no text."""
    return _UNKEPT.sub("\ufffd", value) if isinstance(value, str) else ""


def name_of(value: object) -> str:
    """A display name on one line, shortened. It proves nothing."""
    return " ".join(words(value).split())[:LONGEST_NAME]


def called(name: str) -> str:
    """Somebody's name after an @, as one word that ends: so that no name can be read as a
    township's figures.
    """
    return f"@{_IN_A_NAME.sub('', words(name))[:20]} "


def moment(milliseconds: object) -> datetime | None:
    """Milliseconds since 1970, as a whole number or its digits; None for anything else, and for
    what no message can have.
    """
    if isinstance(milliseconds, str) and re.fullmatch(r"[0-9]{13}", milliseconds):
        milliseconds = int(milliseconds)
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        return None
    if not 10**12 <= milliseconds < 10**13:
        return None
    return _EPOCH + timedelta(milliseconds=milliseconds)
