"""The custom robot of DingTalk: messages as markdown, signed in the query, people called by their number."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from bot.channels.channel import Address, Answer, Confirmed, Message, NoAnswer, Page, Refused, TryLater
from bot.channels.http import DINGTALK_HOSTS, Endpoint, Http, Reply, encoded, foreign, unreadable, without_code
from bot.channels.paging import (
    ROOM_OF_NUMBER,
    Called,
    Pieces,
    called,
    json_bytes,
    lines_of_names,
    numbered,
    paginate,
    paragraphs,
    rows_as_list,
    text_of,
    title_and_rest,
)

PATH = "/robot/send"
MOST_BODY = 18_000
"""The platform takes 20 000 bytes; what it counts was never written down to the byte."""
TEN_MINUTES = timedelta(minutes=10)
GLUE = "\n\n"
"""A single line break is swallowed, except before an item of a list."""

_BYTES_PER_PERSON = 80
_TOO_FAST = frozenset({130101, 410100})
_SECURITY = 310000
_DEAD = frozenset({300001, 300005, 400101, 400102, 400106, 400013})


class DingTalk:
    """Sends to one DingTalk group through its robot."""

    platform = "dingtalk"
    repeatable = False

    def __init__(self, http: Http) -> None:
        self._http = http

    def pages(self, message: Message) -> tuple[Page, ...]:
        """Markdown, the table as a list because a phone may not draw one, the people on the last page."""
        title, rest = title_and_rest(message)
        frame = len(encoded(_body(title, "", ()))) + json_bytes(title + GLUE) + 2 * ROOM_OF_NUMBER
        room = MOST_BODY - frame
        table = rows_as_list(message.table, room=room, weight=json_bytes) if message.table is not None else ()
        parts = paginate(
            (*rest, *paragraphs(message), *table),
            room=room,
            weight=json_bytes,
            glue=GLUE,
            tail=lines_of_names(message.mentions, _written, extra=_BYTES_PER_PERSON),
        )
        return tuple(
            Page(
                number=number, of=len(parts), body=_body(numbered(title, number, len(parts)), text_of(part, GLUE), part)
            )
            for number, part in enumerate(parts, 1)
        )

    def fault(self, address: Address) -> str | None:
        """What is wrong with the address, in a sentence without its secrets; None if nothing is."""
        endpoint = self._http.endpoint(address, own=DINGTALK_HOSTS, path=PATH, parameter="access_token")
        return endpoint.detail if isinstance(endpoint, Refused) else None

    def send(self, page: Page, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Posts the page, signed for `at` if the robot has a secret; a stale signature is made afresh once by their clock."""
        endpoint = self._http.endpoint(address, own=DINGTALK_HOSTS, path=PATH, parameter="access_token")
        if isinstance(endpoint, Refused):
            return endpoint
        reply = self._post(page, endpoint, at)
        if isinstance(reply, Reply) and endpoint.secret and reply.date is not None and _is_stale(reply):
            reply = self._post(page, endpoint, reply.date)
        return _answer(reply, endpoint) if isinstance(reply, Reply) else reply

    def _post(self, page: Page, endpoint: Endpoint, at: datetime) -> Reply | TryLater | NoAnswer:
        query = {"access_token": endpoint.token}
        if endpoint.secret:
            milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
            query |= {"timestamp": str(milliseconds), "sign": sign(endpoint.secret, milliseconds)}
        return self._http.post(endpoint, PATH, page.body, query=query)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def sign(secret: str, milliseconds: int) -> str:
    """The signature, not yet percent-encoded: the secret is the key."""
    return base64.b64encode(
        hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    ).decode()


def _body(title: str, text: str, part: Pieces) -> dict[str, Any]:
    people = [called(person) for piece in part for person in piece.people]
    phones = [person.phone for person in people if person.phone]
    users = [person.user_id for person in people if person.user_id and not person.phone]
    return {
        "msgtype": "markdown",
        "markdown": {"title": title, "text": f"#### {title}{GLUE}{text}".rstrip()},
        "at": {
            "atMobiles": list(dict.fromkeys(phones)),
            "atUserIds": list(dict.fromkeys(users)),
            "isAtAll": False,
        },
    }


def _written(person: Called) -> str:
    # The number must stand in the text as well as in the list, or nobody is alerted; the platform shows the name for it.
    return f"@{person.phone or person.user_id}" if person.phone or person.user_id else person.name


def _is_stale(reply: Reply) -> bool:
    told = str(reply.answer.get("errmsg", "")).lower()
    return reply.code("errcode") == _SECURITY and ("timestamp" in told or "时间戳" in told)


def _answer(reply: Reply, endpoint: Endpoint) -> Answer:
    settled = without_code(reply, busy=TEN_MINUTES)
    if settled is not None:
        return settled
    code = reply.code("errcode")
    if code is None and reply.answer.get("punish") == "deny":
        # The gate before the platform: it turned the request away and says for how many seconds.
        wait = reply.answer.get("wait")
        seconds = min(max(wait, 1), 600) if isinstance(wait, int) else 60
        return TryLater(
            code="gate", detail="turned away by the gate", after=timedelta(seconds=seconds), hold_robot=True
        )
    if code is None or (code == 0 and reply.status != 200):
        return unreadable(reply)
    if code == 0:
        return Confirmed()
    detail = foreign(reply.answer.get("errmsg", ""), endpoint)
    if code in _TOO_FAST:
        return TryLater(code=str(code), detail=detail, after=TEN_MINUTES, hold_robot=True)
    if code == -1:
        return TryLater(code=str(code), detail=detail, after=timedelta(seconds=10))
    return Refused(code=str(code), detail=detail, robot_dead=code in _DEAD)
