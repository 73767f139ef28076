"""A message as Feishu's events describe it, by callback and by long connection alike; what is not
of that shape says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.channels.inbound import InboundKind, InboundMessage, ReplyToken
from bot.channels.received import (
    called,
    identifier,
    listed,
    moment,
    name_of,
    object_of,
    part,
    words,
)

EVENT = "im.message.receive_v1"
KINDS = {
    "image": InboundKind.PICTURE,
    "audio": InboundKind.VOICE,
    "file": InboundKind.FILE,
    "folder": InboundKind.FILE,
}
ANSWER_WITHIN = timedelta(hours=24)
"""The platform sets no end; an echo a day late would only puzzle."""

_PLACEHOLDER = re.compile(r"@_user_\d{1,4}(?!\d)|@_all\b")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SPACES = re.compile(r"[ \u2005\u00a0]{2,}")


def heard(
    robot: str, event: Mapping[str, Any], *, app_id: str, name: str | None = None
) -> InboundMessage | None:
    """What a person said, or None: other events, other apps, messages of robots. `name`: what the
    robot is called, if that is known.

    The message's own number is the same in every redelivery, as the event's is, so it alone is
    kept.
    """
    header = part(event, "header")
    if header.get("event_type") != EVENT or header.get("app_id", app_id) != app_id:
        return None
    body = part(event, "event")
    message, sender = part(body, "message"), part(body, "sender")
    message_id = identifier(message.get("message_id"))
    sender_id = identifier(part(sender, "sender_id").get("open_id"))
    sent_at = moment(message.get("create_time"))
    chat, group = identifier(message.get("chat_id")), message.get("chat_type") != "p2p"
    if sender.get("sender_type", "user") != "user" or not _MESSAGE_ID.fullmatch(message_id):
        return None
    if not sender_id or sent_at is None or not chat:
        return None
    kind, said = _said(message, _people(message, name))
    return InboundMessage(
        platform="feishu",
        robot=robot,
        message_id=message_id,
        sender_id=sender_id,
        sender_name="",
        chat=chat if group else "",
        kind=kind,
        text=said,
        sent_at=sent_at,
        way_back=ReplyToken(
            platform="feishu",
            until=sent_at + ANSWER_WITHIN,
            once=False,
            facts={"message_id": message_id},
        ),
    )


def _people(message: Mapping[str, Any], name: str | None) -> dict[str, str]:
    """What stands for each placeholder: nothing for the robot, for a person the name as one
    word.
    """
    people = {"@_all": "@所有人 "}
    for mention in listed(message, "mentions"):
        if isinstance(mention, dict) and isinstance(mention.get("key"), str):
            whom = name_of(mention.get("name"))
            ours = whom == name if name else mention.get("mentioned_type") == "bot"
            people[mention["key"]] = "" if ours else called(whom)
    return people


def _said(message: Mapping[str, Any], people: Mapping[str, str]) -> tuple[InboundKind, str]:
    kind = message.get("message_type")
    if kind not in ("text", "post"):
        return (
            KINDS.get(kind, InboundKind.OTHER) if isinstance(kind, str) else InboundKind.OTHER
        ), ""
    written = message.get("content")
    content = (object_of(written) if isinstance(written, str) else None) or {}
    text = words(content.get("text")) if kind == "text" else _post(content)
    text = _PLACEHOLDER.sub(lambda found: people.get(found[0], found[0]), text)
    text = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")).strip()
    return (InboundKind.TEXT, text) if text or kind == "text" else (InboundKind.PICTURE, "")


def _post(content: Mapping[str, Any]) -> str:
    """A post's title and paragraphs, one a line; pieces of one paragraph are one line, as they were
    written.
    """
    lines = [words(content.get("title"))]
    for paragraph in listed(content, "content"):
        pieces = (
            [piece for piece in paragraph if isinstance(piece, dict)]
            if isinstance(paragraph, list)
            else []
        )
        lines.append("".join(_piece(piece) for piece in pieces))
    return "\n".join(line for line in lines if line.strip())


def _piece(piece: Mapping[str, Any]) -> str:
    match piece.get("tag"):
        case "text" | "a" | "md" | "code_block":
            return words(piece.get("text"))
        case "at":
            return words(piece.get("user_id")) + " "
        case _:
            return " "
