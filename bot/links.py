"""Signs what people carry about: sessions, links that open a page without an account. Whoever
alters one holds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

MOST_SIGNS = 2000
"""No token of ours is longer; anything longer is not looked at."""


class Links:
    """Signs and opens tokens under the key of the installation; a token of one purpose is none of
    another.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Links()"

    def signed(self, purpose: str, facts: Mapping[str, Any]) -> str:
        """The facts as a token fit for an address; they can be read by who holds it, and not
        changed.
        """
        return str(self._serializer(purpose).dumps(dict(facts)))

    def opened(self, purpose: str, token: str) -> dict[str, Any] | None:
        """The facts of a token of that purpose; None for any other. How long it holds is for the
        facts to say.
        """
        if len(token) > MOST_SIGNS:
            return None
        try:
            facts = self._serializer(purpose).loads(token)
        except BadData:
            return None
        return facts if isinstance(facts, dict) else None

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        import hashlib

        return URLSafeSerializer(
            self._key,
            salt=f"diaodu {purpose}",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )
