"""What the group robots of the chat platforms share: an address with a token, requests whose
answers carry a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from bot.channels.channel import Address, RenderedPage
from bot.channels.error_actions import STOP, Body, ErrorAction, ErrorOutcome, Said, answer_to, told
from bot.channels.http import Http, HttpEndpoint, Response, foreign, unreadable, without_code
from bot.channels.paging import UploadPage
from bot.domain.notices.answer import Answer, NoAnswer, Refused, TryLater
from bot.domain.statement import Words


class GroupRobot:
    """Sends to one group through its robot. A platform says what its requests are and what its
    answers mean.
    """

    platform: str
    repeatable = False

    hosts: ClassVar[Sequence[str]]
    """Those of the platform itself."""
    path: ClassVar[str]
    parameter: ClassVar[str | None] = None
    """Where in the query the token of an address stands; at the end of the path if nowhere
    there.
    """
    courses: ClassVar[Mapping[int, ErrorAction]]
    """What is done about each number of the platform's table."""
    busy: ClassVar[timedelta]
    """The pause after an answer without a number that says that the platform is busy."""
    codes: ClassVar[Sequence[str]] = ("errcode",)
    """The fields of an answer that may hold the number."""
    messages: ClassVar[Sequence[str]] = ("errmsg",)
    """The fields that may hold the platform's own words on it."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def fault(self, address: Address) -> Words | None:
        """What is wrong with the address, without its secrets; None if nothing is."""
        endpoint = self._endpoint(address)
        return endpoint.detail if isinstance(endpoint, Refused) else None

    def send(self, page: RenderedPage, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Posts the page, or uploads its file and posts that; the platform's own number says what
        became of it.
        """
        endpoint = self._endpoint(address)
        if isinstance(endpoint, Refused):
            return endpoint
        if isinstance(page, UploadPage):
            return self._hand_over(page, endpoint, at)
        return self._carry(page, endpoint, at)

    def _carry(self, page: RenderedPage, endpoint: HttpEndpoint, at: datetime) -> Answer:
        """Posts a page that is a body and nothing more."""
        raise NotImplementedError

    def _hand_over(self, page: UploadPage, endpoint: HttpEndpoint, at: datetime) -> Answer:
        """Uploads a file and posts what shows it; a platform that makes no such pages is never
        asked to.
        """
        raise NotImplementedError

    def _endpoint(self, address: Address) -> HttpEndpoint | Refused:
        return self._http.endpoint(
            address, own=self.hosts, path=self.path, parameter=self.parameter
        )

    def _post(
        self,
        endpoint: HttpEndpoint,
        path: str,
        body: Body,
        *,
        query: Mapping[str, str] | None = None,
    ) -> Response | TryLater | NoAnswer:
        """Posts a body and counts the answer."""
        reply = self._http.post(endpoint, path, body, query=query)
        self._count(reply)
        return reply

    def _count(self, reply: Response | Answer) -> None:
        code = self._code(reply) if isinstance(reply, Response) else None
        self._http.tally.count(self.platform, told(code, self.courses))

    def _code(self, reply: Response) -> int | None:
        return reply.code(*self.codes)

    def _judge(self, reply: Response | Answer, endpoint: HttpEndpoint) -> Said:
        """What the platform said: by its number where it gave one that can be believed."""
        if not isinstance(reply, Response):
            return ErrorOutcome.STOP, reply
        settled = without_code(reply, busy=self.busy)
        if settled is not None:
            return ErrorOutcome.STOP, settled
        code = self._code(reply)
        if code is None or (code == 0 and reply.status != 200):
            return ErrorOutcome.STOP, self._without_number(reply)
        course = self._course(code, reply)
        return course.way, answer_to(course, code, self._words(reply, endpoint))

    def _without_number(self, reply: Response) -> Answer:
        """What an answer comes to that has no number to be believed."""
        return unreadable(reply)

    def _course(self, code: int, reply: Response) -> ErrorAction:  # noqa: ARG002
        return self.courses.get(code, STOP)

    def _words(self, reply: Response, endpoint: HttpEndpoint) -> str:
        """The platform's own words on its number, made harmless."""
        return foreign(
            next((found for name in self.messages if (found := reply.answer.get(name))), ""),
            endpoint,
        )
