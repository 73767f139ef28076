"""The group robot of WeCom: a short message as text, a table as markdown, people called in text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.channels.channel import Address, Answer, Confirmed, Message, Page, Refused, TryLater
from bot.channels.http import WECOM_HOSTS, Endpoint, Http, Reply, foreign, unreadable, without_code
from bot.channels.paging import (
    ROOM_OF_NUMBER,
    Called,
    Pieces,
    called,
    lines_of_names,
    numbered,
    paginate,
    paragraphs,
    rows_as_table,
    text_of,
    title_and_rest,
    utf8_bytes,
)

PATH = "/cgi-bin/webhook/send"
MOST_MARKDOWN = 4096
MOST_TEXT = 2048
MINUTE = timedelta(seconds=60)

# What the platform takes later, and after how long.
_LATER = {-1: timedelta(seconds=10), 45033: timedelta(seconds=30)}
_TOO_FAST = 45009
_CONFLICT = 6000
_DEAD = frozenset({93000, 93001, 93004, 93006, 93008, 93019})


class WeCom:
    """Sends to one WeCom group through its robot."""

    platform = "wecom"
    repeatable = False

    def __init__(self, http: Http) -> None:
        self._http = http

    def pages(self, message: Message) -> tuple[Page, ...]:
        """Text when one holds it all: every client shows it, those who read in WeChat too, and it calls people by number.

        Else markdown_v2 for a table or markdown for a long text; then, as neither calls a number, text that does.
        """
        title, rest = title_and_rest(message)
        names = lines_of_names(message.mentions, _written)
        if message.table is None:
            room = MOST_TEXT - utf8_bytes(title + "\n")
            short = paginate((*rest, *paragraphs(message)), room=room, weight=utf8_bytes, glue="\n", tail=names)
            if len(short) == 1:
                return (Page(number=1, of=1, body=_text(title, short[0])),)
        glue = "\n" if message.table is None else "\n\n"
        room = MOST_MARKDOWN - utf8_bytes(f"## {title}{glue}") - ROOM_OF_NUMBER
        table = rows_as_table(message.table, room=room, weight=utf8_bytes) if message.table is not None else ()
        parts = paginate((*rest, *paragraphs(message), *table), room=room, weight=utf8_bytes, glue=glue)
        kind = "markdown" if message.table is None else "markdown_v2"
        bodies: list[dict[str, Any]] = []
        for number, part in enumerate(parts, 1):
            content = f"## {numbered(title, number, len(parts))}{glue}{text_of(part, glue)}".rstrip()
            bodies.append({"msgtype": kind, kind: {"content": content}})
        if names:
            room = MOST_TEXT - utf8_bytes(title + "\n")
            bodies += [_text(title, part) for part in paginate(names, room=room, weight=utf8_bytes, glue="\n")]
        return tuple(Page(number=number, of=len(bodies), body=body) for number, body in enumerate(bodies, 1))

    def fault(self, address: Address) -> str | None:
        """What is wrong with the address, in a sentence without its secrets; None if nothing is."""
        endpoint = self._http.endpoint(address, own=WECOM_HOSTS, path=PATH, parameter="key")
        return endpoint.detail if isinstance(endpoint, Refused) else None

    def send(self, page: Page, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Posts the page; once more at once after a conflict of versions, as the platform advises."""
        endpoint = self._http.endpoint(address, own=WECOM_HOSTS, path=PATH, parameter="key")
        if isinstance(endpoint, Refused):
            return endpoint
        query = {"key": endpoint.token}
        reply = self._http.post(endpoint, PATH, page.body, query=query)
        if isinstance(reply, Reply) and reply.code("errcode") == _CONFLICT:
            reply = self._http.post(endpoint, PATH, page.body, query=query)
        return _answer(reply, endpoint) if isinstance(reply, Reply) else reply


def _text(title: str, part: Pieces) -> dict[str, Any]:
    text: dict[str, Any] = {"content": f"{title}\n{text_of(part, chr(10))}".rstrip()}
    phones = [phone for piece in part for person in piece.people if (phone := called(person).phone)]
    if phones:
        text["mentioned_mobile_list"] = list(dict.fromkeys(phones))
    return {"msgtype": "text", "text": text}


def _written(person: Called) -> str:
    # The number first: an id may be that of the other platform on which the same contact is called.
    return f"<@{person.user_id}>" if person.user_id and not person.phone else person.name


def _answer(reply: Reply, endpoint: Endpoint) -> Answer:
    settled = without_code(reply, busy=MINUTE)
    if settled is not None:
        return settled
    code = reply.code("errcode")
    if code is None or (code == 0 and reply.status != 200):
        return unreadable(reply)
    if code == 0:
        return Confirmed()
    detail = foreign(reply.answer.get("errmsg", ""), endpoint)
    if code == _TOO_FAST:
        return TryLater(code=str(code), detail=detail, after=MINUTE, hold_robot=True)
    if code in _LATER:
        return TryLater(code=str(code), detail=detail, after=_LATER[code])
    return Refused(code=str(code), detail=detail, robot_dead=code in _DEAD)
