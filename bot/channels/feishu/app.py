"""A self-built app of Feishu as its API knows it: the token it acts under, got with its secret and
kept until it ends.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from bot.channels.error_actions import STOP, ErrorAction, ErrorOutcome, answer_to, later, told
from bot.channels.feishu.push import COURSES, PAUSE
from bot.channels.http import (
    FEISHU_HOSTS,
    Http,
    HttpEndpoint,
    Response,
    foreign,
    unreadable,
    without_code,
)
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated

API = "https://open.feishu.cn"
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105
IMAGES_PATH = "/open-apis/im/v1/images"
RENEW_BEFORE = 300.0
"""Seconds before its end at which a token is not used any more."""

LONGEST_TOKEN = 7_200.0
STALE = frozenset({99991661, 99991663, 99991664, 99991665})
"""The numbers by which the API says that the token is none, or none any more."""

APP_COURSES: Mapping[int, ErrorAction] = {
    **COURSES,
    9499: STOP,
    1000040343: later(10),
    1: later(10),
}


class FeishuApp:
    """Posts to the API as the app. `clock` counts seconds; `fresh` tokens are shared by all threads
    of the process.
    """

    def __init__(
        self,
        http: Http,
        *,
        app_id: str,
        secret: str,
        api: str = API,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self.app_id = app_id
        self._secret = secret
        self._api = api
        self._clock = clock
        self._lock = Lock()
        self._token = ""
        self._until = 0.0

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """One call of the API; what it says of itself. A token that ended early is got anew,
        once.
        """
        return self._called(
            lambda endpoint, headers: self._http.post(endpoint, path, body, headers=headers)
        )[1]

    def image_key(self, name: str, content: bytes) -> str | Answer:
        """Hands over a picture; the key under which any message may show it, or why there is
        none.
        """
        reply, answer = self._called(
            lambda endpoint, headers: self._http.upload(
                endpoint,
                IMAGES_PATH,
                part="image",
                name=name,
                content=content,
                fields={"image_type": "message"},
                headers=headers,
            )
        )
        if reply is None or not isinstance(answer, Confirmed):
            return answer
        data = reply.answer.get("data")
        key = data.get("image_key") if isinstance(data, dict) else None
        if isinstance(key, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,256}", key):
            return key
        return TryLater(code="upload", detail=stated(StepCode.NO_IMAGE_KEY), after=PAUSE)

    def _called(
        self, call: Callable[[HttpEndpoint, Mapping[str, str]], Response | TryLater | NoAnswer]
    ) -> tuple[Response | None, Answer]:
        for last in (False, True):
            endpoint = self._authorised()
            if not isinstance(endpoint, HttpEndpoint):
                return None, endpoint
            reply = call(endpoint, {"Authorization": f"Bearer {endpoint.token}"})
            code = reply.code("code") if isinstance(reply, Response) else None
            self._http.tally.count("feishu", told(code, APP_COURSES))
            if code in STALE and not last:
                self._forget(endpoint.token)
                continue
            return (reply if isinstance(reply, Response) else None), _said(reply, endpoint)
        raise AssertionError("unreachable")

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    def _authorised(self) -> HttpEndpoint | Answer:
        plain = self._http.api(self._api, own=FEISHU_HOSTS, secret=self._secret)
        if isinstance(plain, Refused):
            return plain
        with self._lock:
            if not self._token or self._clock() >= self._until:
                asked_at = self._clock()
                reply = self._http.post(
                    plain, TOKEN_PATH, {"app_id": self.app_id, "app_secret": self._secret}
                )
                if isinstance(reply, NoAnswer):
                    # Only the token was asked for: the message itself certainly did not leave.
                    return TryLater(
                        code="token",
                        detail=stated(StepCode.NO_TOKEN, told=reply.detail),
                        after=PAUSE,
                    )
                token = (
                    reply.answer.get("tenant_access_token") if isinstance(reply, Response) else None
                )
                if (
                    not isinstance(reply, Response)
                    or reply.code("code") != 0
                    or not isinstance(token, str)
                    or not token
                ):
                    answer = _said(reply, plain)
                    if isinstance(answer, Refused | TryLater):
                        return answer
                    return TryLater(
                        code="token", detail=stated(StepCode.NO_TOKEN_CAME), after=PAUSE
                    )
                expire = reply.answer.get("expire")
                lives = (
                    float(expire)
                    if isinstance(expire, int) and not isinstance(expire, bool)
                    else 0.0
                )
                self._token = token
                self._until = asked_at + min(lives, LONGEST_TOKEN) - RENEW_BEFORE
            return HttpEndpoint(origin=plain.origin, token=self._token, secret=self._secret)


def _said(reply: Response | TryLater | NoAnswer, endpoint: HttpEndpoint) -> Answer:
    if not isinstance(reply, Response):
        return reply
    code = reply.code("code")
    course = APP_COURSES.get(code, STOP) if code is not None else STOP
    if course.way is ErrorOutcome.PACE:
        course = ErrorAction(ErrorOutcome.PACE, reply.wait("x-ogw-ratelimit-reset", course.pause))
    elif (settled := without_code(reply, busy=PAUSE)) is not None:
        return settled
    if code is None or (code == 0 and reply.status != 200):
        return unreadable(reply)
    return answer_to(course, code, foreign(reply.answer.get("msg", ""), endpoint))
