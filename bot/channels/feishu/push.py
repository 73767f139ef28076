"""The custom bot of Feishu and Lark: messages as cards, signed in the body, as plain text when a
card is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

from bot.channels.channel import Attachment, AttachmentKind, Message, RenderedPage
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
from bot.channels.http import FEISHU_HOSTS, Http, HttpEndpoint, Response, encoded
from bot.channels.paging import (
    LINK,
    ROOM_OF_NUMBER,
    Called,
    LaidPage,
    Pieces,
    UploadPage,
    file_name,
    harmless_cells,
    json_bytes,
    lines_of_names,
    link_as_markdown,
    link_as_text,
    links,
    numbered,
    paginate,
    paragraphs,
    picture_type,
    rows_as_cells,
    rows_as_lines,
    text_of,
    title_and_rest,
)
from bot.domain.notices.answer import Answer, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Pace, Table

PATH = "/open-apis/bot/v2/hook/"
MOST_BODY = 19_000
"""The platform says 20 KB and not which; the signature comes on top."""
ROWS_OF_TABLE = 10
"""More rows than these are behind a page that nobody turns; five in a table written in markdown,
which is why none is.
"""
TABLES_OF_CARD = 3
"""Five by the platform's page, fewer by those who met the refusal."""
MOST_COLUMNS = 50
MOST_PICTURE = 10 * 1024 * 1024
GLUE = "\n"
PAUSE = timedelta(seconds=5)
HOUR = timedelta(hours=1)

COURSES: Mapping[int, ErrorAction] = {
    0: DONE,
    # bad request: what is wrong is not said, and a body that is too long has no number of its own
    9499: SPLIT,
    19001: DEAD,  # hook deleted or mistyped
    19002: STOP,  # parameter invalid
    19021: SIGN_AFRESH,  # signature or its moment; only a clock that is out can be mended from here
    19022: STOP,  # our address is not on the robot's list
    19024: STOP,  # a keyword of the robot is missing
    11232: pace(5),  # too fast, or the platform sheds load
    11246: PLAIN,  # the card is refused
    11310: PLAIN,  # too many tables in the card
    230099: PLAIN,  # the same, said by the API of apps
    2200: later(10),  # internal error
    230020: pace(60),  # the pace of the API of apps; a header says how long
    230006: pace(60),
    99991400: pace(60),
}
"""What is done about each number of the platform's table."""

_BYTES_PER_PERSON = 20
"""What a mention takes more in the text that stands in for a refused card."""

_AT = re.compile(r"<at id=([A-Za-z0-9_.@-]+)></at>")


class Pictures(Protocol):
    """Whoever can hand a picture over to the platform."""

    def image_key(self, name: str, content: bytes) -> str | Answer:
        """The key under which any message may show it, or why there is none."""
        ...


class Feishu(GroupRobot):
    """Sends to one Feishu or Lark group through its bot."""

    platform = "feishu"
    hosts, path = FEISHU_HOSTS, PATH
    courses, busy = COURSES, PAUSE
    codes, messages = ("code", "StatusCode"), ("msg", "StatusMessage")
    pace = Pace(burst=3, every=timedelta(milliseconds=700))
    """The platform takes 100 a minute and 5 a second; at most 89 and 4 leave in any of ours."""

    def __init__(self, http: Http, pictures: Pictures | None = None) -> None:
        """`pictures`: the app that hands pictures over; a bot alone has no way to."""
        super().__init__(http)
        self._pictures = pictures

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """Cards: the text, the rows in tables that show all of theirs at once, the people on the
        last card; then the picture.
        """
        picture = (
            message.picture
            if self._pictures is not None and can_carry_picture(message.picture)
            else None
        )
        title, rest = title_and_rest(message)
        room = _room(title)
        head, rows, reserved = _rows(message.table, room)
        parts = paginate(
            (
                *rest,
                *paragraphs(message),
                *rows,
                *links(message, link_as_markdown, picture=picture is not None),
            ),
            room=room - reserved,
            weight=_weight,
            glue=GLUE,
            tail=lines_of_names(message.mentions, _written, extra=_BYTES_PER_PERSON),
            most_rows=ROWS_OF_TABLE * TABLES_OF_CARD,
        )
        titles = [numbered(title, number, len(parts)) for number in range(1, len(parts) + 1)]
        of = len(parts) + (picture is not None)
        cards: tuple[RenderedPage, ...] = tuple(
            LaidPage(number=number, of=of, body=_laid(title, part, head), title=title, pieces=part)
            for number, (title, part) in enumerate(zip(titles, parts, strict=True), 1)
        )
        return (
            cards
            if picture is None
            else (*cards, UploadPage(number=of, of=of, body=_picture(""), file=picture))
        )

    def shown(self, page: RenderedPage) -> str | AttachmentKind:
        """The words of the card, its tables as lines; that it is a picture."""
        if page.body["msg_type"] == "image":
            return AttachmentKind.IMAGE
        return str(as_text(page.body, calling=False)["content"]["text"])

    def _carry(self, page: RenderedPage, endpoint: HttpEndpoint, at: datetime) -> Answer:
        """Signs afresh once by their clock if ours is out; sends the same words as text if the card
        is refused, and in parts if it is too long.
        """
        known = True

        def say(body: Body) -> Said:
            nonlocal known
            reply = self._signed(body, endpoint, at)
            if isinstance(reply, Response):
                known = known and "user resource" not in str(reply.answer.get("msg", ""))
            way, answer = self._judge(reply, endpoint)
            if way is ErrorOutcome.PLAIN and body["msg_type"] != "interactive":
                way = ErrorOutcome.STOP
            return way, answer

        return carry(
            page, say, finer=_finer, plain=lambda laid: [as_text(laid.body, calling=known)]
        )

    def _hand_over(self, page: UploadPage, endpoint: HttpEndpoint, at: datetime) -> Answer:
        if self._pictures is None:
            return Refused(code="app", detail=stated(StepCode.NO_APP))
        key = self._pictures.image_key(file_name(page.file.name) or "picture", page.file.content)
        if not isinstance(key, str):
            # Without its picture the robot is well, and the group has seen nothing of it.
            return replace(key, robot_dead=False) if isinstance(key, Refused) else key
        return self._judge(self._signed(_picture(key), endpoint, at), endpoint)[1]

    def _signed(
        self, body: Body, endpoint: HttpEndpoint, at: datetime
    ) -> Response | TryLater | NoAnswer:
        reply = self._signed_at(body, endpoint, at)
        if not isinstance(reply, Response) or not endpoint.secret or reply.date is None:
            return reply
        course = COURSES.get(self._code(reply) or 0, STOP)
        # The same number stands for a wrong secret; only a clock that is out is worth a second try.
        if course.way is ErrorOutcome.SIGN_AFRESH and abs(reply.date - at) > HOUR:
            return self._signed_at(body, endpoint, reply.date)
        return reply

    def _signed_at(
        self, body: Body, endpoint: HttpEndpoint, at: datetime
    ) -> Response | TryLater | NoAnswer:
        if endpoint.secret:
            seconds = int(at.timestamp())
            body = {"timestamp": str(seconds), "sign": sign(endpoint.secret, seconds), **body}
        return self._post(endpoint, PATH + endpoint.token, body)

    def _judge(self, reply: Response | Answer, endpoint: HttpEndpoint) -> Said:
        if isinstance(reply, Response) and reply.status >= 500 and self._code(reply) == 9499:
            return ErrorOutcome.STOP, TryLater(
                code="9499", detail=self._words(reply, endpoint), after=PAUSE
            )
        return super()._judge(reply, endpoint)

    def _course(self, code: int, reply: Response) -> ErrorAction:
        course = super()._course(code, reply)
        if course.way is ErrorOutcome.PACE:
            return ErrorAction(ErrorOutcome.PACE, reply.wait("x-ogw-ratelimit-reset", course.pause))
        return course


def can_carry_picture(picture: Attachment | None) -> bool:
    """Whether the platform takes it: PNG or JPEG of at most 10 MB."""
    return (
        picture is not None
        and picture_type(picture.content) is not None
        and len(picture.content) <= MOST_PICTURE
    )


def _picture(key: str) -> dict[str, Any]:
    return {"msg_type": "image", "content": {"image_key": key}}


def sign(secret: str, seconds: int) -> str:
    """The signature: moment and secret are the key, and nothing is signed."""
    return base64.b64encode(
        hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    ).decode()


def _room(title: str, share: int = 1) -> int:
    return (
        MOST_BODY // share
        - len(encoded(_card(title, [_markdown(title), _markdown("")])))
        - ROOM_OF_NUMBER
    )


def _laid(title: str, part: Pieces, head: Sequence[str]) -> dict[str, Any]:
    return _card(title, _elements(part, head) or [_markdown(title)])


def _finer(page: LaidPage, share: int) -> list[Body]:
    tables = [
        element for element in page.body["card"]["body"]["elements"] if element["tag"] == "table"
    ]
    head = [column["display_name"] for column in tables[0]["columns"]] if tables else []
    room = _room(page.title, share) - len(tables) * len(encoded(_table(head, [])))
    most_rows = ROWS_OF_TABLE * TABLES_OF_CARD
    parts = paginate(
        page.pieces, room=max(room, 256), weight=_weight, glue=GLUE, most_rows=most_rows
    )
    return [
        _laid(numbered(page.title, number, len(parts)), part, head)
        for number, part in enumerate(parts, 1)
    ]


def as_text(card: Mapping[str, Any], *, calling: bool) -> dict[str, Any]:
    """The words of a card of ours as a text message; without `calling` the people in it are left to
    the list of names.
    """
    lines: list[str] = [card["card"]["header"]["title"]["content"]]
    shown: list[str] = []
    for element in card["card"]["body"]["elements"]:
        if element["tag"] == "markdown":
            words = LINK.sub(lambda link: link_as_text(link[1], link[2]), element["content"])
            lines.append(_AT.sub(r'<at user_id="\1"></at>' if calling else "", words))
            continue
        head = [column["display_name"] for column in element["columns"]]
        rows = [list(row.values()) for row in element["rows"]]
        lines += ["  ".join(cells) for cells in (rows if head == shown else [head, *rows])]
        shown = head
    return {"msg_type": "text", "content": {"text": "\n".join(line for line in lines if line)}}


def _rows(table: Table | None, room: int) -> tuple[tuple[str, ...], Pieces, int]:
    """The head's cells, the rows as pieces, and what their tables take of the room; as lines when
    the heads take most of it.
    """
    if table is None:
        return (), (), 0
    columns = max(len(row) for row in (table.head, *table.rows))
    head = harmless_cells(table.head, columns)
    reserved = TABLES_OF_CARD * len(encoded(_table(head, [])))
    if not 0 < columns <= MOST_COLUMNS or reserved > room // 2:
        return (), rows_as_lines(table), 0
    return head, rows_as_cells(table, extra=len(encoded(_row([""] * columns)))), reserved


def _elements(part: Pieces, head: Sequence[str]) -> list[dict[str, Any]]:
    """One page's pieces as elements of a card: runs of lines as markdown, runs of rows in tables of
    about equal length.
    """
    elements: list[dict[str, Any]] = []
    for are_rows, run in groupby(part, key=lambda piece: bool(piece.cells)):
        pieces = list(run)
        if not are_rows:
            elements.append(_markdown(text_of(pieces, GLUE)))
            continue
        tables = -(-len(pieces) // ROWS_OF_TABLE)
        for at in range(tables):
            rows = pieces[len(pieces) * at // tables : len(pieces) * (at + 1) // tables]
            elements.append(_table(head, [piece.cells for piece in rows]))
    return elements


def _markdown(content: str) -> dict[str, Any]:
    return {"tag": "markdown", "content": content}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    # Cells of the type `text` are never read as markup.
    return {
        "tag": "table",
        "page_size": ROWS_OF_TABLE,
        "columns": [
            {"name": f"c{at}", "display_name": cell, "data_type": "text"}
            for at, cell in enumerate(head)
        ],
        "rows": [_row(cells) for cells in rows],
    }


def _row(cells: Sequence[str]) -> dict[str, str]:
    return {f"c{at}": cell for at, cell in enumerate(cells)}


def _card(title: str, elements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "msg_type": "interactive",
        "card": {
            "schema": "2.0",
            "config": {},
            "header": {"title": {"tag": "plain_text", "content": title}, "template": "blue"},
            "body": {"elements": list(elements)},
        },
    }


def _weight(text: str) -> int:
    # One element of some 10 000 characters may be cut without a word: a letter is counted as two
    # bytes.
    return json_bytes(text) + sum(character < "\x80" for character in text)


def _written(person: Called) -> str:
    return f"{person.name} <at id={person.user_id}></at>" if person.user_id else person.name
