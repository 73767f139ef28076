"""How WeCom seals a callback: a SHA-1 signature over four strings, AES-256-CBC, a length and the
receiver's id inside.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
_KEY = re.compile(r"[A-Za-z0-9]{43}")


class Forged(Exception):
    """A call that is not the platform's, or is damaged. It says nothing about which part was
    wrong.
    """


class Seal:
    """Opens and makes what one robot's Token and EncodingAESKey seal. `receive_id`: the CorpID of
    an app, nothing for a bot.
    """

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        """ValueError when the key is no EncodingAESKey."""
        if not _KEY.fullmatch(encoding_aes_key):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        self._token = token
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._receive_id = receive_id.encode()

    def signature(self, timestamp: str, nonce: str, encrypt: str) -> str:
        """The hexadecimal signature of these."""
        parts = sorted(
            part.encode("utf-8", "surrogatepass")
            for part in (self._token, timestamp, nonce, encrypt)
        )
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypt: str) -> bytes:
        """The message inside. Forged for everything else: the signature is looked at first, so
        nobody can probe the cipher.
        """
        expected = self.signature(timestamp, nonce, encrypt)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass")):
            raise Forged
        return self._message(_unpadded(self._decrypted(encrypt)))

    def _decrypted(self, encrypt: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypt, validate=True)
        except (binascii.Error, ValueError):
            raise Forged from None
        if not sealed or len(sealed) % BLOCK:
            raise Forged
        decryptor = self._cipher().decryptor()
        return decryptor.update(sealed) + decryptor.finalize()

    def _message(self, packet: bytes) -> bytes:
        if len(packet) < 20:
            raise Forged
        end = 20 + int.from_bytes(packet[16:20])
        # The length must leave exactly the receiver's id: a slice beyond the end would quietly be
        # shorter.
        if end != len(packet) - len(self._receive_id) or not hmac.compare_digest(
            packet[end:], self._receive_id
        ):
            raise Forged
        return packet[20:end]

    def seal(self, message: bytes, *, random16: bytes | None = None) -> str:
        """The message as `encrypt` carries it. `random16` is only ever given to make a known answer
        again.
        """
        packet = (
            (random16 or os.urandom(16)) + len(message).to_bytes(4) + message + self._receive_id
        )
        pad = BLOCK - len(packet) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(
            encryptor.update(packet + bytes([pad]) * pad) + encryptor.finalize()
        ).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def _unpadded(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or not hmac.compare_digest(padded[-pad:], bytes([pad]) * pad):
        raise Forged
    return padded[:-pad]
