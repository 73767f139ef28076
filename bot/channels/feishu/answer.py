"""Answers a message of Feishu in its own chat, as a reply that quotes it; the same answer twice is
one message.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from bot.channels.feishu.app import FeishuApp
from bot.channels.http import encoded
from bot.channels.inbound import ReplyToken
from bot.channels.sanitize import sanitize
from bot.domain.notices.answer import Answer, NoAnswer, Refused

MOST_BODY = 30_000
"""The platform takes 150 KB of text; nobody reads that."""


class MessageReply:
    """Answers by the reply API of an app."""

    def __init__(self, app: FeishuApp) -> None:
        self._app = app

    def answer(self, way_back: ReplyToken, text: str, *, at: datetime) -> Answer:
        """Replies with plain text. Under the same number a repetition has one effect for an hour,
        so a lost answer is asked again.
        """
        message_id = str(way_back.facts.get("message_id", ""))
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", message_id):
            return Refused(code="address", detail="the way back names no message")
        if at >= way_back.until:
            return Refused(code="expired", detail="the message is too old to be answered")
        path, body = f"/open-apis/im/v1/messages/{message_id}/reply", reply_body(message_id, text)
        answer = self._app.post(path, body)
        if isinstance(answer, NoAnswer):
            again = self._app.post(path, body)
            # A second try that was refused says nothing about the first.
            answer = again if not isinstance(again, Refused) else answer
        return answer


def reply_body(message_id: str, text: str) -> dict[str, Any]:
    """The body of a reply: plain text that calls nobody, under a number that follows from what it
    answers and says.
    """
    content = sanitize(text)
    while len(encoded(made := _text(message_id, content))) > MOST_BODY:
        content = content[: len(content) * 9 // 10]
    return made


def _text(message_id: str, content: str) -> dict[str, Any]:
    number = hashlib.sha256(f"{message_id}\n{content}".encode()).hexdigest()[:40]
    return {
        "msg_type": "text",
        "content": json.dumps({"text": content}, ensure_ascii=False),
        "uuid": number,
    }
