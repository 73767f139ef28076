"""Seals the way back of a message for the ledger: it is a bearer secret, and only who holds the robot's own secret may open it."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken

from bot.channels.heard import WayBack


def sealed(way_back: WayBack, secret: str) -> str:
    """The way back as text that says nothing without the robot's secret."""
    facts = {
        "platform": way_back.platform,
        "until": way_back.until.isoformat(),
        "once": way_back.once,
        "facts": dict(way_back.facts),
    }
    return _box(secret).encrypt(json.dumps(facts, ensure_ascii=False).encode()).decode()


def opened(text: str, secret: str) -> WayBack | None:
    """The way back again; None when the robot's secret is another by now, or the text is none of ours."""
    try:
        facts = json.loads(_box(secret).decrypt(text.encode()))
    except (InvalidToken, ValueError):
        return None
    return WayBack(
        platform=facts["platform"],
        until=datetime.fromisoformat(facts["until"]),
        once=facts["once"],
        facts=facts["facts"],
    )


@lru_cache(maxsize=64)
def _box(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"diaodu way back: {secret}".encode()).digest()))
