"""The doors WeCom knocks at: an AI bot's in JSON, a self-built app's in XML; both verified, both
answered empty at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.inbound import Call, CallbackResponse, InboundMessage, ReplyToken
from bot.channels.received import object_of
from bot.channels.wecom.cipher import Forged, Seal
from bot.channels.wecom.message import Listener, heard_by_app, heard_by_bot

FRESH = timedelta(hours=1)
"""How far a call's moment may lie from ours. The platform's retries come within seconds; the rest
is for clocks of PCs.
"""

ANSWER_WITHIN = timedelta(hours=1)
REFUSED = CallbackResponse(status=403, body=b"refused")
TAKEN = CallbackResponse(status=200)

Inside = Callable[[bytes, datetime], InboundMessage | None]


class _Door:
    """What both doors share: verification of the address, the signature, the freshness, one refusal
    for all that is false.
    """

    def __init__(self, seal: Seal, listener: Listener) -> None:
        self._seal = seal
        self.listener = listener

    def take(self, call: Call, *, at: datetime) -> tuple[CallbackResponse, InboundMessage | None]:
        """Answers the platform's question for our address, or gives what was said; everything else
        is refused alike.
        """
        try:
            timestamp = call.query["timestamp"]
            called_at = _moment(timestamp)
            if abs(at - called_at) > FRESH:
                return REFUSED, None
            sealed = call.query["echostr"] if call.method == "GET" else self._sealed(call.body)
            opened = self._seal.open(
                call.query["msg_signature"], timestamp, call.query["nonce"], sealed
            )
            if call.method == "GET":
                return CallbackResponse(status=200, body=opened), None
            return TAKEN, self._inside(opened, called_at)
        except (KeyError, ValueError, RecursionError, Forged):
            return REFUSED, None

    def _sealed(self, body: bytes) -> str:
        raise NotImplementedError

    def _inside(self, opened: bytes, called_at: datetime) -> InboundMessage | None:
        raise NotImplementedError


class BotCallback(_Door):
    """The door of an AI bot (智能机器人) in callback mode."""

    def _sealed(self, body: bytes) -> str:
        return _text(_object(body), "encrypt")

    def _inside(self, opened: bytes, called_at: datetime) -> InboundMessage | None:
        body = _object(opened)
        url = body.get("response_url")
        way_back = (
            ReplyToken(
                platform="wecom",
                until=called_at + ANSWER_WITHIN,
                once=True,
                facts={"response_url": url},
            )
            if isinstance(url, str) and url
            else None
        )
        return heard_by_bot(self.listener, body, sent_at=called_at, way_back=way_back)


class AppCallback(_Door):
    """The door of a self-built app (自建应用), which hears direct messages only."""

    def _sealed(self, body: bytes) -> str:
        return _text(_fields(body), "Encrypt")

    def _inside(self, opened: bytes, called_at: datetime) -> InboundMessage | None:
        return heard_by_app(self.listener, _fields(opened), sent_at=called_at)


def _moment(timestamp: str) -> datetime:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise ValueError("no timestamp")
    return datetime.fromtimestamp(int(timestamp), UTC)


def _object(content: bytes) -> Mapping[str, Any]:
    body = object_of(content)
    if body is None:
        raise ValueError("no object")
    return body


def _fields(content: bytes) -> dict[str, str]:
    """The elements of a flat XML message. No entities, no document type: a few bytes of them can
    fill a memory.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError):
        raise ValueError("no XML") from None
    return {child.tag: child.text or "" for child in root}


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise ValueError("no text")
    return value
