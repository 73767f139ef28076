"""The custom robot of DingTalk: messages as markdown, signed in the query, people called by their
number.

It takes neither picture nor file; the text says where they are seen.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.channels.channel import Message, RenderedPage
from bot.channels.error_actions import (
    DEAD,
    DONE,
    PLAIN,
    SIGN_AFRESH,
    SPLIT,
    STOP,
    Body,
    ErrorAction,
    ErrorOutcome,
    Said,
    carry,
    later,
    pace,
)
from bot.channels.group_robot import GroupRobot
from bot.channels.http import DINGTALK_HOSTS, HttpEndpoint, Response, encoded
from bot.channels.paging import (
    ROOM_OF_NUMBER,
    Called,
    LaidPage,
    Pieces,
    called,
    in_plain_lines,
    json_bytes,
    lines_of_names,
    link_as_markdown,
    links,
    numbered,
    paginate,
    paragraphs,
    rows_as_list,
    text_of,
    title_and_rest,
    without_markup,
)
from bot.domain.notices.answer import Answer, NoAnswer, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Pace, masked

PATH = "/robot/send"
MOST_BODY = 18_000
"""The platform takes 20 000 bytes; what it counts was never written down to the byte."""
TEN_MINUTES = timedelta(minutes=10)
GLUE = "\n\n"
"""A single line break is swallowed, except before an item of a list."""

COURSES: Mapping[int, ErrorAction] = {
    0: DONE,
    -1: later(10),  # system busy
    130101: pace(600),  # too fast; the robot is shut for ten minutes
    410100: pace(600),  # the same
    # a security setting failed; only a stale timestamp can be mended from here
    310000: SIGN_AFRESH,
    460101: SPLIT,  # body too long
    101002: SPLIT,  # the same from older robots
    400105: PLAIN,  # bad msgtype
    40035: STOP,  # a parameter is missing
    43002: STOP,  # not POST
    43004: STOP,  # bad content type
    88: STOP,  # empty token
    430101: STOP,  # unsafe link
    430102: STOP,  # improper text
    430103: STOP,  # improper picture
    430104: STOP,  # improper content
    90030: STOP,  # the quota of the day
    302033: STOP,  # documented nowhere
    300001: DEAD,  # token missing or unknown
    300005: DEAD,  # token unknown
    400101: DEAD,  # token unknown
    400102: DEAD,  # robot stopped
    400106: DEAD,  # robot gone
    400013: DEAD,  # group disbanded
}
"""What is done about each number of the platform's table."""

_BYTES_PER_PERSON = 80


class DingTalk(GroupRobot):
    """Sends to one DingTalk group through its robot."""

    platform = "dingtalk"
    hosts, path, parameter = DINGTALK_HOSTS, PATH, "access_token"
    courses, busy = COURSES, TEN_MINUTES
    pace = Pace(burst=4, every=timedelta(milliseconds=4000))
    """The platform takes 20 a minute and is then deaf for ten; at most 19 leave in any minute of
    ours.
    """

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """Markdown, the table as a list because a phone may not draw one, the people on the last
        page.
        """
        title, rest = title_and_rest(message)
        room = _room(title)
        table = (
            rows_as_list(message.table, room=room, weight=json_bytes)
            if message.table is not None
            else ()
        )
        parts = paginate(
            (*rest, *paragraphs(message), *table, *links(message, link_as_markdown)),
            room=room,
            weight=json_bytes,
            glue=GLUE,
            tail=lines_of_names(message.mentions, _written, extra=_BYTES_PER_PERSON),
        )
        return tuple(
            LaidPage(
                number=number,
                of=len(parts),
                body=_body(numbered(title, number, len(parts)), text_of(part, GLUE), part),
                title=numbered(title, number, len(parts)),
                pieces=part,
            )
            for number, part in enumerate(parts, 1)
        )

    def shown(self, page: RenderedPage) -> str:
        """The words of the markdown; where a number calls somebody the platform shows his name,
        here it is masked.
        """
        text = without_markup(page.body["markdown"]["text"])
        for phone in page.body["at"]["atMobiles"]:
            text = text.replace(f"@{phone}", f"@{masked(phone)}")
        return text

    def _carry(self, page: RenderedPage, endpoint: HttpEndpoint, at: datetime) -> Answer:
        """Signed for `at` if the robot has a secret; a stale signature is made afresh once by their
        clock.

        In parts if the platform finds it too long, as plain text if it refuses the markdown.
        """
        return carry(page, lambda body: self._say(body, endpoint, at), finer=_finer, plain=_plain)

    def _say(self, body: Body, endpoint: HttpEndpoint, at: datetime) -> Said:
        reply = self._signed(body, endpoint, at)
        if (
            isinstance(reply, Response)
            and endpoint.secret
            and reply.date is not None
            and _is_stale(reply)
        ):
            reply = self._signed(body, endpoint, reply.date)
        way, answer = self._judge(reply, endpoint)
        return (
            ErrorOutcome.STOP if way is ErrorOutcome.PLAIN and body["msgtype"] == "text" else way
        ), answer

    def _signed(
        self, body: Body, endpoint: HttpEndpoint, at: datetime
    ) -> Response | TryLater | NoAnswer:
        query = {"access_token": endpoint.token}
        if endpoint.secret:
            milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
            query |= {"timestamp": str(milliseconds), "sign": sign(endpoint.secret, milliseconds)}
        return self._post(endpoint, PATH, body, query=query)

    def _without_number(self, reply: Response) -> Answer:
        turned_away = _turned_away(reply) if self._code(reply) is None else None
        return turned_away or super()._without_number(reply)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def sign(secret: str, milliseconds: int) -> str:
    """The signature, not yet percent-encoded: the secret is the key."""
    return base64.b64encode(
        hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    ).decode()


def _room(title: str, share: int = 1) -> int:
    frame = len(encoded(_body(title, "", ()))) + json_bytes(title + GLUE) + 2 * ROOM_OF_NUMBER
    return MOST_BODY // share - frame


def _finer(page: LaidPage, share: int) -> list[Body]:
    room = _room(page.title, share) - 2 * ROOM_OF_NUMBER
    parts = paginate(page.pieces, room=room, weight=json_bytes, glue=GLUE)
    titles = [numbered(page.title, number, len(parts)) for number in range(1, len(parts) + 1)]
    return [
        _body(title, text_of(part, GLUE), part) for title, part in zip(titles, parts, strict=True)
    ]


def _plain(page: LaidPage) -> list[Body]:
    text = f"{page.title}\n{text_of(in_plain_lines(page.pieces), chr(10))}".rstrip()
    return [{"msgtype": "text", "text": {"content": text}, "at": page.body["at"]}]


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
    # The number must stand in the text as well as in the list, or nobody is alerted; the platform
    # shows the name for it.
    return f"@{person.phone or person.user_id}" if person.phone or person.user_id else person.name


def _is_stale(reply: Response) -> bool:
    told = str(reply.answer.get("errmsg", "")).lower()
    return reply.code("errcode") == 310000 and ("timestamp" in told or "时间戳" in told)


def _turned_away(reply: Response) -> TryLater | None:
    """The gate before the platform turned the request away, and says for how many seconds."""
    if reply.answer.get("punish") != "deny":
        return None
    wait = reply.answer.get("wait")
    seconds = min(max(wait, 1), 600) if isinstance(wait, int) else 60
    return TryLater(
        code="gate",
        detail=stated(StepCode.TURNED_AWAY),
        after=timedelta(seconds=seconds),
        hold_robot=True,
    )
