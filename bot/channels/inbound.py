"""What a platform lets us hear: a message of a person in a chat, and the way its answer goes
back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.domain.notices.answer import Answer


class InboundKind(StrEnum):
    """What came: only text is ever read; a file is asked for as a line of text, pictures and voice
    pass.
    """

    TEXT = "text"
    FILE = "file"
    PICTURE = "picture"
    VOICE = "voice"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class ReplyToken:
    """How one message may be answered, until `until`. `facts` is the platform's own and a bearer
    secret: in no repr, log or error.
    """

    platform: str
    until: datetime
    once: bool
    """Whether the platform takes one answer only (WeCom's response_url)."""
    facts: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """One message as a platform delivered it. It is a claim: whose it is follows from `sender_id`
    alone, never from a name.
    """

    platform: str
    robot: str
    """The key of the robot that heard it, as the installation names it."""
    message_id: str
    sender_id: str
    sender_name: str
    chat: str
    """The platform's number of the group; empty in a direct chat."""
    kind: InboundKind
    text: str = field(repr=False)
    """What was written, without the @name of the robot; what it quotes stands before it as the
    platform's client copies a quote.
    """
    sent_at: datetime
    """The platform's own moment of the message, aware; never the moment of a redelivery."""
    way_back: ReplyToken | None = None


@dataclass(frozen=True, kw_only=True)
class CallbackResponse:
    """What an HTTP callback is answered: a status and a body, decided before any work is done."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A callback as it came over HTTP: header names in lower case, query values decoded once, the
    raw body.
    """

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = field(repr=False)


class Callback(Protocol):
    """One robot's door for HTTP callbacks."""

    def take(self, call: Call, *, at: datetime) -> tuple[CallbackResponse, InboundMessage | None]:
        """Verify, decode, and say what is answered; None when nothing was said to us. Never raises
        for what a caller may send.

        Every forged, stale or broken call gets the same short refusal. The caller stores the
        message before it answers.
        """
        ...


Hear = Callable[[InboundMessage], None]
"""Stores one message durably and returns; it raises when it could not, and the platform must then
not be told it was taken.
"""


class ConnectionState(StrEnum):
    """What a long connection is doing; it stands on the health page."""

    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"  # a pause before the next try
    # somebody else took the connection: a person must look, nothing reconnects
    KICKED_OUT = "kicked out"
    REFUSED = "refused"  # the platform does not accept our id or secret: a person must look
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class ConnectionHealth:
    """The state of a long connection, since when, when it last heard anything, and what the
    platform said last (no secrets).
    """

    state: ConnectionState
    since: datetime
    last_heard: datetime | None = None
    detail: str = ""


class LongConnection(Protocol):
    """One robot's long connection, run by one thread until it is told to stop."""

    def run(self, hear: Hear) -> None:
        """Connect, hear, answer heartbeats and reconnect with growing pauses until `stop` is
        called; returns then, or when kicked out.
        """
        ...

    def stop(self) -> None:
        """Close the connection and let `run` return soon."""
        ...

    def health(self) -> ConnectionHealth:
        """What it is doing now."""
        ...


class Answerer(Protocol):
    """Answers one message in its own chat."""

    def answer(self, way_back: ReplyToken, text: str, *, at: datetime) -> Answer:
        """Send one line back, as plain data: never a mention of everybody, never markup. The answer
        says truly what became of it.
        """
        ...
