"""A message as WeCom's bots and apps describe it, checked part by part: whatever is not of the
documented shape says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels.inbound import InboundKind, InboundMessage, ReplyToken
from bot.channels.quoting import after_quote, without_name
from bot.channels.received import identifier, listed, part, words

KINDS = {
    "image": InboundKind.PICTURE,
    "voice": InboundKind.VOICE,
    "file": InboundKind.FILE,
    "video": InboundKind.OTHER,
}


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Which robot hears: its key in the installation, and the name it is called by in a group, if
    that is set.
    """

    key: str
    name: str | None = None


def heard_by_bot(
    listener: Listener, body: Mapping[str, Any], *, sent_at: datetime, way_back: ReplyToken | None
) -> InboundMessage | None:
    """What a person said to an AI bot; None for events, for polls of a stream, and for what has no
    sender or number.

    The body carries no moment of its own in callbacks; `sent_at` is the platform's moment of the
    call.
    """
    message_id, sender = identifier(body.get("msgid")), identifier(part(body, "from").get("userid"))
    if not message_id or not sender:
        return None
    group = body.get("chattype") == "group"
    chat = identifier(body.get("chatid")) if group else ""
    if group and not chat:
        return None
    kind, said = _said(body)
    if kind is None:
        return None
    return InboundMessage(
        platform="wecom",
        robot=listener.key,
        message_id=message_id,
        sender_id=sender,
        sender_name="",
        chat=chat,
        kind=kind,
        text=_text(listener, body, said, group) if kind is InboundKind.TEXT else said,
        sent_at=moment(body.get("create_time")) or sent_at,
        way_back=way_back,
    )


def _text(listener: Listener, body: Mapping[str, Any], said: str, group: bool) -> str:
    said = without_name(said, listener.name) if group else said.strip()
    quote = body.get("quote")
    if not isinstance(quote, dict):
        return said
    kind, quoted = _said(quote)
    return after_quote(quoted if kind is InboundKind.TEXT else "", said)


def heard_by_app(
    listener: Listener, fields: Mapping[str, str], *, sent_at: datetime
) -> InboundMessage | None:
    """What a person said to a self-built app; None for events. Always a direct chat: an app never
    hears a group.
    """
    message_id, sender = identifier(fields.get("MsgId")), identifier(fields.get("FromUserName"))
    kind = (
        InboundKind.TEXT
        if fields.get("MsgType") == "text"
        else KINDS.get(fields.get("MsgType", ""), InboundKind.OTHER)
    )
    if not message_id or not sender or fields.get("MsgType") == "event":
        return None
    created = fields.get("CreateTime", "")
    return InboundMessage(
        platform="wecom",
        robot=listener.key,
        message_id=message_id,
        sender_id=sender,
        sender_name="",
        chat="",
        kind=kind,
        text=fields.get("Content", "").strip() if kind is InboundKind.TEXT else "",
        sent_at=(moment(int(created)) if created.isascii() and created.isdigit() else None)
        or sent_at,
    )


def moment(seconds: object) -> datetime | None:
    """Whole seconds since 1970 as a moment; None for anything else, and for what no message can
    have.
    """
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int)
        or not 1_000_000_000 <= seconds < 10_000_000_000
    ):
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _said(body: Mapping[str, Any]) -> tuple[InboundKind | None, str]:
    kind = body.get("msgtype")
    if kind == "text":
        content = part(body, "text").get("content")
        return (InboundKind.TEXT, words(content)) if isinstance(content, str) else (None, "")
    if kind == "mixed":
        texts = [
            words(part(item, "text").get("content"))
            for item in listed(part(body, "mixed"), "msg_item")
            if isinstance(item, dict) and item.get("msgtype") == "text"
        ]
        return (InboundKind.TEXT, "\n".join(texts)) if texts else (InboundKind.PICTURE, "")
    if isinstance(kind, str) and kind in KINDS:
        return KINDS[kind], ""
    return (None, "")
