"""The door Feishu knocks at: signed over the raw body, encrypted, and with a token inside; all
three or a refusal.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.feishu.message import heard
from bot.channels.inbound import Call, CallbackResponse, InboundMessage
from bot.channels.received import MOST_BYTES, object_of, part

FRESH = timedelta(hours=8)
"""How far a call's moment may lie from ours: a redelivery comes up to 7.1 hours later, and perhaps
with its first moment.
"""

MOST_CHALLENGE = 2_048
"""Bytes of a call without a signature: only the question for our address is one, and it is
short.
"""

REFUSED = CallbackResponse(status=403, body=b"refused")
TAKEN = CallbackResponse(status=200, body=b'{"msg":"success"}', content_type="application/json")
BLOCK = 16


class EventCallback:
    """The door of one app. ValueError: without an Encrypt Key the token, sent in clear, would be
    all there is.
    """

    def __init__(
        self,
        robot: str,
        *,
        app_id: str,
        encrypt_key: str,
        verification_token: str,
        name: str | None = None,
    ) -> None:
        if not encrypt_key or not verification_token:
            raise ValueError("an Encrypt Key and a Verification Token are needed")
        self.robot = robot
        self._app_id = app_id
        self._encrypt_key = encrypt_key
        self._token = verification_token
        self._name = name

    def take(self, call: Call, *, at: datetime) -> tuple[CallbackResponse, InboundMessage | None]:
        """Answers the platform's question for our address, or gives what was said; everything false
        gets the same refusal.
        """
        signed = "x-lark-signature" in call.headers
        if call.method != "POST" or len(call.body) > (MOST_BYTES if signed else MOST_CHALLENGE):
            return REFUSED, None
        if signed and not self._is_signed(call, at):
            return REFUSED, None
        event = self._opened(call.body)
        if event is None:
            return REFUSED, None
        if event.get("type") == "url_verification":
            return self._challenge(event), None
        if not signed or not self._is_token(part(event, "header").get("token")):
            return REFUSED, None
        return TAKEN, heard(self.robot, event, app_id=self._app_id, name=self._name)

    def _is_signed(self, call: Call, at: datetime) -> bool:
        timestamp = call.headers.get("x-lark-request-timestamp", "")
        nonce = call.headers.get("x-lark-request-nonce", "")
        right = hmac.compare_digest(
            signature(timestamp, nonce, self._encrypt_key, call.body).encode(),
            call.headers["x-lark-signature"].encode(errors="replace"),
        )
        if not right or not re.fullmatch(r"[0-9]{10}", timestamp):
            return False
        return abs(at - datetime.fromtimestamp(int(timestamp), UTC)) <= FRESH

    def _opened(self, body: bytes) -> Mapping[str, Any] | None:
        sealed = (object_of(body) or {}).get("encrypt")
        content = opened(sealed, self._encrypt_key) if isinstance(sealed, str) else None
        return object_of(content) if content is not None else None

    def _challenge(self, event: Mapping[str, Any]) -> CallbackResponse:
        challenge = event.get("challenge")
        if not self._is_token(event.get("token")) or not isinstance(challenge, str):
            return REFUSED
        body = json.dumps({"challenge": challenge}, separators=(",", ":"))
        return CallbackResponse(status=200, body=body.encode(), content_type="application/json")

    def _is_token(self, token: object) -> bool:
        given = token if isinstance(token, str) else ""
        return hmac.compare_digest(given.encode(errors="replace"), self._token.encode())


def signature(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """The signature of a call: over the bytes as they came, never over what was made of them."""
    return hashlib.sha256(
        (timestamp + nonce + encrypt_key).encode(errors="replace") + body
    ).hexdigest()


def opened(sealed: str, encrypt_key: str) -> bytes | None:
    """What was encrypted under the key; None when the text is no such thing, in whatever way."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    try:
        raw = base64.b64decode(sealed.encode("ascii"), validate=True)
    except ValueError:
        return None
    if len(raw) < 2 * BLOCK or len(raw) % BLOCK:
        return None
    key = hashlib.sha256(encrypt_key.encode()).digest()
    decryptor = Cipher(algorithms.AES(key), modes.CBC(raw[:BLOCK])).decryptor()
    padded = decryptor.update(raw[BLOCK:]) + decryptor.finalize()
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or not hmac.compare_digest(padded[-pad:], bytes([pad]) * pad):
        return None
    return padded[:-pad]
