"""Answers a message of WeCom where it was written: once at the response_url of its callback, or on
the robot's connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.channels.channel import Address
from bot.channels.error_actions import STOP, answer_to
from bot.channels.http import (
    WECOM_HOSTS,
    Http,
    HttpEndpoint,
    Response,
    foreign,
    unreadable,
    without_code,
)
from bot.channels.inbound import ReplyToken
from bot.channels.paging import utf8_bytes
from bot.channels.sanitize import sanitize
from bot.channels.wecom.push import COURSES, MINUTE
from bot.domain.notices.answer import Answer, Refused

PATH = "/cgi-bin/aibot/response"
MOST_BYTES = 20_480
MOST_CODE = 2048


def markdown(text: str) -> dict[str, Any]:
    """The body of an answer: plain data in markdown, the only form that every way back takes."""
    content = sanitize(text)
    while utf8_bytes(content) > MOST_BYTES:
        content = content[: len(content) * 9 // 10]
    return {"msgtype": "markdown", "markdown": {"content": content}}


def judged(code: int, detail: str) -> Answer:
    """What the platform's number says became of an answer."""
    return answer_to(COURSES.get(code, STOP), code, detail)


class ResponseUrl:
    """Answers at the response_url. It came from the network, so only its code is taken, and only
    from an allowed host.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def answer(self, way_back: ReplyToken, text: str, *, at: datetime) -> Answer:  # noqa: ARG002
        """Posts the line; the platform takes one, for an hour, and quotes the message it
        answers.
        """
        endpoint = self._endpoint(way_back.facts)
        if isinstance(endpoint, Refused):
            return endpoint
        reply = self._http.post(
            endpoint, PATH, markdown(text), query={"response_code": endpoint.token}
        )
        if not isinstance(reply, Response):
            return reply
        settled = without_code(reply, busy=MINUTE)
        if settled is not None:
            return settled
        code = reply.code("errcode")
        if code is None or (code == 0 and reply.status != 200):
            return unreadable(reply)
        return judged(code, foreign(reply.answer.get("errmsg", ""), endpoint))

    def _endpoint(self, facts: Mapping[str, Any]) -> HttpEndpoint | Refused:
        url = str(facts.get("response_url", ""))
        try:
            codes = parse_qs(urlsplit(url).query).get("response_code", [])
        except ValueError:
            codes = []
        if len(codes) != 1 or not 0 < len(codes[0]) <= MOST_CODE or "?" not in url:
            return Refused(code="address", detail="the way back is no response_url")
        # Host, scheme, port and path are judged like any address; the code may have more characters
        # than a robot's key.
        address = Address(f"{url.partition('?')[0]}?response_code=code")
        endpoint = self._http.endpoint(
            address, own=WECOM_HOSTS, path=PATH, parameter="response_code"
        )
        return endpoint if isinstance(endpoint, Refused) else replace(endpoint, token=codes[0])


class Unanswerable:
    """A self-built app gives no way back; what it would have said goes with the next reminder."""

    def answer(self, way_back: ReplyToken, text: str, *, at: datetime) -> Answer:  # noqa: ARG002
        """Refuses: nobody should come here."""
        return Refused(code="way back", detail="an app's message has no way back")
