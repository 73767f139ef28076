"""Seals for the ledger what is a password: the way back of a message, under its robot's secret; a
group's address, under the key of the installation."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.channels.channel import Address
from bot.channels.inbound import ReplyToken


def encrypt_reply_token(way_back: ReplyToken, secret: str) -> str:
    """The way back as text that says nothing without the robot's secret."""
    facts = {
        "platform": way_back.platform,
        "until": way_back.until.isoformat(),
        "once": way_back.once,
        "facts": dict(way_back.facts),
    }
    return _box(secret).encrypt(json.dumps(facts, ensure_ascii=False).encode()).decode()


def decrypt_reply_token(text: str, secret: str) -> ReplyToken | None:
    """The way back again; None when the robot's secret is another by now, or the text is none of
    ours.
    """
    try:
        facts = json.loads(_box(secret).decrypt(text.encode()))
    except (InvalidToken, ValueError):
        return None
    return ReplyToken(
        platform=facts["platform"],
        until=datetime.fromisoformat(facts["until"]),
        once=facts["once"],
        facts=facts["facts"],
    )


def encrypt_address(address: Address, of: str, keys: Sequence[str]) -> str:
    """The address as text that says nothing without the first of these keys, and is of no use for
    another group than `of`.
    """
    facts = {"of": of, "url": address.url, "secret": address.secret}
    return _box(keys[0], ADDRESS).encrypt(json.dumps(facts, ensure_ascii=False).encode()).decode()


def decrypt_address(text: str, of: str, keys: Sequence[str]) -> Address | None:
    """The address again; None when it was encrypt_reply_token under none of these keys, or for
    another group.
    """
    if not keys:
        return None
    try:
        facts = json.loads(MultiFernet([_box(key, ADDRESS) for key in keys]).decrypt(text.encode()))
    except (InvalidToken, ValueError):
        return None
    return Address(facts["url"], facts["secret"]) if facts["of"] == of else None


def new_key() -> str:
    """A key of its own, for texts that may have to be forgotten together."""
    return Fernet.generate_key().decode()


def encrypt_key(key: str, of: str, keys: Sequence[str]) -> str:
    """A key as text that says nothing without the first of these keys, and is of no use for
    anything but `of`.
    """
    return _box(keys[0], f"key of {of}").encrypt(key.encode()).decode()


def decrypt_key(text: str, of: str, keys: Sequence[str]) -> str | None:
    """The key again; None when it was encrypt_reply_token under none of these keys, or for
    something else.
    """
    try:
        return (
            MultiFernet([_box(key, f"key of {of}") for key in keys]).decrypt(text.encode()).decode()
            if keys
            else None
        )
    except InvalidToken:
        return None


def encrypt_text(text: str, key: str) -> str:
    """A text that says nothing without the key of its own."""
    return Fernet(key.encode()).encrypt(text.encode()).decode()


def decrypt_text(text: str, key: str) -> str | None:
    """The text again; None under another key."""
    try:
        return Fernet(key.encode()).decrypt(text.encode()).decode()
    except InvalidToken:
        return None


WAY_BACK, ADDRESS = "way back", "address"


@lru_cache(maxsize=64)
def _box(secret: str, what: str = WAY_BACK) -> Fernet:
    return Fernet(
        base64.urlsafe_b64encode(hashlib.sha256(f"diaodu {what}: {secret}".encode()).digest())
    )
