"""A message as DingTalk describes it to a robot, by callback and by Stream alike; what is not of
that shape says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.inbound import InboundKind, InboundMessage, ReplyToken
from bot.channels.received import identifier, listed, moment, name_of, part, words

KINDS = {"picture": InboundKind.PICTURE, "audio": InboundKind.VOICE, "file": InboundKind.FILE}
LONGEST_ADDRESS = 2048


def heard(robot: str, body: Mapping[str, Any]) -> InboundMessage | None:
    """What a person said to the robot, or None. Whoever is not of the organisation has no staff id
    and is known by the other one.

    DingTalk takes the robot's own @name out itself, and says nothing of what is quoted.
    """
    message_id = identifier(body.get("msgId"))
    sender = identifier(body.get("senderStaffId")) or identifier(body.get("senderId"))
    sent_at = moment(body.get("createAt"))
    group = {"1": False, "2": True}.get(str(body.get("conversationType")))
    chat = identifier(body.get("conversationId"))
    if not message_id or not sender or sent_at is None or group is None or not chat:
        return None
    kind, said = _said(body)
    return InboundMessage(
        platform="dingtalk",
        robot=robot,
        message_id=message_id,
        sender_id=sender,
        sender_name=name_of(body.get("senderNick")),
        chat=chat if group else "",
        kind=kind,
        text=said,
        sent_at=sent_at,
        way_back=_way_back(body),
    )


def _said(body: Mapping[str, Any]) -> tuple[InboundKind, str]:
    kind = body.get("msgtype")
    if kind == "text":
        return InboundKind.TEXT, words(part(body, "text").get("content")).strip()
    if kind == "richText":
        pieces = [
            piece for piece in listed(part(body, "content"), "richText") if isinstance(piece, dict)
        ]
        text = "\n".join(said for piece in pieces if (said := words(piece.get("text")).strip("\n")))
        return (InboundKind.TEXT, text.strip()) if text.strip() else (InboundKind.PICTURE, "")
    return (KINDS.get(kind, InboundKind.OTHER) if isinstance(kind, str) else InboundKind.OTHER), ""


def _way_back(body: Mapping[str, Any]) -> ReplyToken | None:
    address, until = body.get("sessionWebhook"), moment(body.get("sessionWebhookExpiredTime"))
    if not isinstance(address, str) or not 0 < len(address) <= LONGEST_ADDRESS or until is None:
        return None
    return ReplyToken(
        platform="dingtalk", until=until, once=False, facts={"session_webhook": words(address)}
    )
