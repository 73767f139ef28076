"""The custom bot of Feishu and Lark: messages as cards, signed in the body, as plain text when a card is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.channels.channel import Address, Answer, Confirmed, Message, NoAnswer, Page, Refused, TryLater
from bot.channels.http import FEISHU_HOSTS, Endpoint, Http, Reply, encoded, foreign, unreadable, without_code
from bot.channels.paging import (
    ROOM_OF_NUMBER,
    Called,
    json_bytes,
    lines_of_names,
    numbered,
    paginate,
    paragraphs,
    rows_as_table,
    text_of,
    title_and_rest,
)

PATH = "/open-apis/bot/v2/hook/"
MOST_BODY = 19_000
"""The platform says 20 KB and not which; the signature comes on top."""
PAUSE = timedelta(seconds=5)
HOUR = timedelta(hours=1)

_BAD_REQUEST = 9499
_BAD_SIGN = 19021
_INTERNAL = 2200
_TOO_FAST = 11232
_APP_TOO_FAST = frozenset({230020, 230006, 99991400})
_CARD_REFUSED = frozenset({11246, 11310, 230099})
_DEAD = frozenset({19001})

_AT = re.compile(r"<at id=([A-Za-z0-9_.@-]+)></at>")
_TABLE_RULE = re.compile(r"^\|(?: --- \|)+\n?", re.MULTILINE)
_TABLE_ROW = re.compile(r"^\| (.*) \|$", re.MULTILINE)


class Feishu:
    """Sends to one Feishu or Lark group through its bot."""

    platform = "feishu"
    repeatable = False

    def __init__(self, http: Http) -> None:
        self._http = http

    def pages(self, message: Message) -> tuple[Page, ...]:
        """Cards of one markdown element, the table within it, the people on the last page."""
        title, rest = title_and_rest(message)
        room = MOST_BODY - len(encoded(_card(title, ""))) - ROOM_OF_NUMBER
        table = rows_as_table(message.table, room=room, weight=_weight) if message.table is not None else ()
        parts = paginate(
            (*rest, *paragraphs(message), *table),
            room=room,
            weight=_weight,
            glue="\n\n" if message.table is not None else "\n",
            tail=lines_of_names(message.mentions, _written),
        )
        glue = "\n\n" if message.table is not None else "\n"
        return tuple(
            Page(number=number, of=len(parts), body=_card(numbered(title, number, len(parts)), text_of(part, glue)))
            for number, part in enumerate(parts, 1)
        )

    def send(self, page: Page, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Posts the card. Signs afresh once by their clock if ours is out; sends the same words as text if the card is refused."""
        endpoint = self._http.endpoint(address, own=FEISHU_HOSTS, path=PATH)
        if isinstance(endpoint, Refused):
            return endpoint
        reply = self._post(page.body, endpoint, at)
        if isinstance(reply, Reply) and endpoint.secret and _code(reply) == _BAD_SIGN:
            # The same number stands for a wrong secret; only a clock that is out is worth a second try.
            clock = reply.date
            if clock is not None and abs(clock - at) > HOUR:
                at = clock
                reply = self._post(page.body, endpoint, at)
        if isinstance(reply, Reply) and _code(reply) in _CARD_REFUSED and page.body["msg_type"] == "interactive":
            people_known = "user resource" not in str(reply.answer.get("msg", ""))
            instead = self._post(as_text(page.body, calling=people_known), endpoint, at)
            answer = _answer(instead, endpoint) if isinstance(instead, Reply) else instead
            return (
                Confirmed(detail=f"as text; card refused {_code(reply)}") if isinstance(answer, Confirmed) else answer
            )
        return _answer(reply, endpoint) if isinstance(reply, Reply) else reply

    def _post(self, body: Mapping[str, Any], endpoint: Endpoint, at: datetime) -> Reply | TryLater | NoAnswer:
        if endpoint.secret:
            seconds = int(at.timestamp())
            body = {"timestamp": str(seconds), "sign": sign(endpoint.secret, seconds), **body}
        return self._http.post(endpoint, PATH + endpoint.token, body)


def sign(secret: str, seconds: int) -> str:
    """The signature: moment and secret are the key, and nothing is signed."""
    return base64.b64encode(hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def as_text(card: Mapping[str, Any], *, calling: bool) -> dict[str, Any]:
    """The words of a card of ours as a text message; without `calling` the people in it are left to the list of names."""
    title: str = card["card"]["header"]["title"]["content"]
    words: str = card["card"]["body"]["elements"][0]["content"]
    words = _TABLE_ROW.sub(lambda row: row[1].replace(" | ", "  "), _TABLE_RULE.sub("", words))
    words = _AT.sub(r'<at user_id="\1"></at>' if calling else "", words)
    return {"msg_type": "text", "content": {"text": f"{title}\n{words}".rstrip()}}


def _card(title: str, markdown: str) -> dict[str, Any]:
    return {
        "msg_type": "interactive",
        "card": {
            "schema": "2.0",
            "config": {},
            "header": {"title": {"tag": "plain_text", "content": title}, "template": "blue"},
            "body": {"elements": [{"tag": "markdown", "content": markdown or title}]},
        },
    }


def _weight(text: str) -> int:
    # One element of some 10 000 characters may be cut without a word: a letter is counted as two bytes.
    return json_bytes(text) + sum(character < "\x80" for character in text)


def _written(person: Called) -> str:
    return f"{person.name} <at id={person.user_id}></at>" if person.user_id else person.name


def _code(reply: Reply) -> int | None:
    return reply.code("code", "StatusCode")


def _answer(reply: Reply, endpoint: Endpoint) -> Answer:
    code = _code(reply)
    detail = foreign(reply.answer.get("msg") or reply.answer.get("StatusMessage") or "", endpoint)
    if code == _BAD_REQUEST and reply.status >= 500:
        return TryLater(code=str(code), detail=detail, after=PAUSE)
    settled = without_code(reply, busy=PAUSE)
    if settled is not None:
        return settled
    if code is None or (code == 0 and reply.status != 200):
        return unreadable(reply)
    if code == 0:
        return Confirmed()
    if code == _TOO_FAST:
        return TryLater(code=str(code), detail=detail, after=PAUSE, hold_robot=True)
    if code in _APP_TOO_FAST:
        wait = reply.wait("x-ogw-ratelimit-reset", timedelta(minutes=1))
        return TryLater(code=str(code), detail=detail, after=wait, hold_robot=True)
    if code == _INTERNAL:
        return TryLater(code=str(code), detail=detail, after=timedelta(seconds=10))
    return Refused(code=str(code), detail=detail, robot_dead=code in _DEAD)
