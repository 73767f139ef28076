"""Answers a message of DingTalk in its own chat, at the session webhook that came with it, until
that ends.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.channels.channel import Address
from bot.channels.dingtalk.push import COURSES, MOST_BODY, TEN_MINUTES
from bot.channels.error_actions import STOP, answer_to, told
from bot.channels.http import (
    DINGTALK_HOSTS,
    Http,
    HttpEndpoint,
    Response,
    encoded,
    foreign,
    unreadable,
    without_code,
)
from bot.channels.inbound import ReplyToken
from bot.channels.sanitize import sanitize
from bot.domain.notices.answer import Answer, Refused

PATH = "/robot/sendBySession"
MOST_SESSION = 1024


class SessionWebhook:
    """Answers at the session webhook. It came in a body nobody signed: only its session is taken,
    only from the platform's own host.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def answer(self, way_back: ReplyToken, text: str, *, at: datetime) -> Answer:
        """Posts the line as plain text."""
        if at >= way_back.until:
            return Refused(
                code="expired",
                detail="the session in which this message could be answered has ended",
            )
        endpoint = self._endpoint(way_back.facts.get("session_webhook"))
        if isinstance(endpoint, Refused):
            return endpoint
        reply = self._http.post(endpoint, PATH, body(text), query={"session": endpoint.token})
        code = reply.code("errcode") if isinstance(reply, Response) else None
        self._http.tally.count("dingtalk", told(code, COURSES))
        if not isinstance(reply, Response):
            return reply
        settled = without_code(reply, busy=TEN_MINUTES)
        if settled is not None:
            return settled
        if code is None or (code == 0 and reply.status != 200):
            return unreadable(reply)
        answer = answer_to(
            COURSES.get(code, STOP), code, foreign(reply.answer.get("errmsg", ""), endpoint)
        )
        # What has ended is this session; the robot's other sessions are as well as before.
        return replace(answer, robot_dead=False) if isinstance(answer, Refused) else answer

    def _endpoint(self, address: object) -> HttpEndpoint | Refused:
        try:
            written = str(address)
            query = parse_qsl(urlsplit(written).query, keep_blank_values=True, strict_parsing=True)
        except ValueError:
            query = []
        if len(query) != 1 or query[0][0] != "session" or not 0 < len(query[0][1]) <= MOST_SESSION:
            return Refused(code="address", detail="the way back is no session webhook")
        # Scheme, host, port and path are judged like any address; a session may have more
        # characters than a robot's token.
        judged = self._http.endpoint(
            Address(f"{written.partition('?')[0]}?session=session"),
            own=DINGTALK_HOSTS[:1],
            path=PATH,
            parameter="session",
        )
        return judged if isinstance(judged, Refused) else replace(judged, token=query[0][1])


def body(text: str) -> dict[str, Any]:
    """The body of an answer: plain text that calls nobody, cut where the platform's limit would
    refuse it.
    """
    content = sanitize(text)
    while len(encoded(made := _text(content))) > MOST_BODY:
        content = content[: len(content) * 9 // 10]
    return made


def _text(content: str) -> dict[str, Any]:
    return {
        "msgtype": "text",
        "text": {"content": content},
        "at": {"atUserIds": [], "isAtAll": False},
    }
