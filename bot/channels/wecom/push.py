"""The group robot of WeCom: a short message as text, a table as markdown, people called in text, a
picture, a file.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from bot.channels.channel import Attachment, AttachmentKind, Message, RenderedPage
from bot.channels.error_actions import (
    DEAD,
    DONE,
    ONCE_MORE,
    PLAIN,
    SPLIT,
    STOP,
    UPLOAD_ANEW,
    Body,
    ErrorAction,
    ErrorOutcome,
    Said,
    carry,
    later,
    pace,
)
from bot.channels.group_robot import GroupRobot
from bot.channels.http import WECOM_HOSTS, Http, HttpEndpoint, Response
from bot.channels.paging import (
    ROOM_OF_NUMBER,
    Called,
    LaidPage,
    Pieces,
    UploadPage,
    called,
    file_name,
    in_plain_lines,
    lines_of_names,
    link_as_markdown,
    link_as_text,
    links,
    numbered,
    paginate,
    paragraphs,
    picture_type,
    rows_as_table,
    text_of,
    title_and_rest,
    utf8_bytes,
    without_markup,
)
from bot.domain.notices.answer import Answer, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.notice import Pace

PATH = "/cgi-bin/webhook/send"
UPLOAD_PATH = "/cgi-bin/webhook/upload_media"
MOST_MARKDOWN = 4096
MOST_TEXT = 2048
MOST_PICTURE = 2 * 1024 * 1024
"""Before it is written in base64."""
MOST_FILE = 20 * 1024 * 1024
LEAST_FILE = 6
MEDIA_LIVES = timedelta(days=2, hours=23)
"""The platform keeps an uploaded file three days, for the robot that uploaded it."""
MINUTE = timedelta(seconds=60)

COURSES: Mapping[int, ErrorAction] = {
    0: DONE,
    -1: later(10, at_most=3),  # system busy
    45009: pace(60),  # over the rate
    45033: later(30),  # too many at once
    6000: ONCE_MORE,  # conflict of versions
    40058: SPLIT,  # bad parameter; also the number of a text that is too long
    45002: SPLIT,  # text too long
    45008: SPLIT,  # too many articles
    40008: PLAIN,  # bad msgtype: an edition that knows no markdown_v2, say
    40007: UPLOAD_ANEW,  # media_id bad or expired
    41006: UPLOAD_ANEW,  # media_id missing
    40063: STOP,  # a field is empty
    44004: STOP,  # the text is empty
    93017: STOP,  # the request is empty
    40033: STOP,  # characters refused
    40004: STOP,  # media type
    40005: STOP,  # file type
    40006: STOP,  # file size
    40009: STOP,  # picture size
    45001: STOP,  # media too large
    93018: STOP,  # media too large for the group
    93000: DEAD,  # address invalid, or robot removed from the group
    93001: DEAD,  # bad chat
    93004: DEAD,  # robot stopped
    93006: DEAD,  # bad chat
    93008: DEAD,  # robot not in the group
    93019: DEAD,  # bad robot
}
"""What is done about each number of the platform's table."""

_MEDIA_ID = re.compile(r"[\x21-\x7e]{1,512}")
_MOST_KEPT = 64


class WeCom(GroupRobot):
    """Sends to one WeCom group through its robot."""

    platform = "wecom"
    hosts, path, parameter = WECOM_HOSTS, PATH, "key"
    courses, busy = COURSES, MINUTE
    pace = Pace(burst=4, every=timedelta(milliseconds=4000))
    """The platform takes 20 a minute; at most 19 leave in any minute of ours, whatever became of
    the last one on its way.
    """

    def __init__(self, http: Http) -> None:
        super().__init__(http)
        self._uploaded: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._keeping = Lock()

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """Text when one holds it all: every client shows it, those who read in WeChat too, and it
        calls people by number.

        Else markdown_v2 for a table or markdown for a long text; then, as neither calls a number,
        text that does. A picture and a file follow as messages of their own.
        """
        title, rest = title_and_rest(message)
        names = lines_of_names(message.mentions, _written)
        kinds = {
            "picture": can_carry_picture(message.picture),
            "file": can_carry_file(message.file),
        }
        attached = _attached(message, **kinds)
        if message.table is None:
            words = (*rest, *paragraphs(message), *links(message, link_as_text, **kinds))
            short = paginate(
                words, room=_room(title, "text"), weight=utf8_bytes, glue="\n", tail=names
            )
            if len(short) == 1:
                return _counted([("text", title, short[0])], attached)
        kind = "markdown" if message.table is None else "markdown_v2"
        room = _room(title, kind)
        table = (
            rows_as_table(message.table, room=room, weight=utf8_bytes)
            if message.table is not None
            else ()
        )
        words = (*rest, *paragraphs(message), *table, *links(message, link_as_markdown, **kinds))
        parts = paginate(words, room=room, weight=utf8_bytes, glue=_GLUES[kind])
        laid = [
            (kind, numbered(title, number, len(parts)), part)
            for number, part in enumerate(parts, 1)
        ]
        if names:
            calling = paginate(names, room=_room(title, "text"), weight=utf8_bytes, glue="\n")
            laid += [("text", title, part) for part in calling]
        return _counted(laid, attached)

    def shown(self, page: RenderedPage) -> str | AttachmentKind:
        """The words of text and markdown; what kind of attachment it is."""
        body = page.body
        if body["msgtype"] in set(AttachmentKind):
            return AttachmentKind(body["msgtype"])
        return without_markup(body[body["msgtype"]]["content"])

    def _carry(self, page: RenderedPage, endpoint: HttpEndpoint, at: datetime) -> Answer:  # noqa: ARG002
        """Once more at once after a conflict of versions, in parts or as plain text if the platform
        asks for it.
        """
        return carry(page, lambda body: self._say(body, endpoint), finer=_finer, plain=_plain)

    def _say(self, body: Body, endpoint: HttpEndpoint) -> Said:
        for _ in range(2):
            reply = self._post(endpoint, PATH, body, query={"key": endpoint.token})
            way, answer = self._judge(reply, endpoint)
            if way is not ErrorOutcome.ONCE_MORE:
                break
        return (
            ErrorOutcome.STOP
            if way is ErrorOutcome.PLAIN and not body["msgtype"].startswith("markdown")
            else way
        ), answer

    def _hand_over(self, page: UploadPage, endpoint: HttpEndpoint, at: datetime) -> Answer:
        """A file is uploaded first, and once anew if the platform does not know it any more."""
        key = (endpoint.token, hashlib.sha256(page.file.content).hexdigest())
        kept = self._uploaded.get(key)
        known = kept[0] if kept is not None and at < kept[1] else None
        for _ in range(2):
            media_id = known or self._uploaded_now(page.file, endpoint)
            if not isinstance(media_id, str):
                return media_id
            with self._keeping:
                while len(self._uploaded) >= _MOST_KEPT:
                    del self._uploaded[next(iter(self._uploaded))]
                self._uploaded[key] = (media_id, at + MEDIA_LIVES)
            way, answer = self._say({"msgtype": "file", "file": {"media_id": media_id}}, endpoint)
            if way is not ErrorOutcome.UPLOAD_ANEW:
                break
            known = None
        return answer

    def _uploaded_now(self, file: Attachment, endpoint: HttpEndpoint) -> str | Answer:
        reply = self._http.upload(
            endpoint,
            UPLOAD_PATH,
            part="media",
            name=file_name(file.name) or "file",
            content=file.content,
            query={"key": endpoint.token, "type": "file"},
        )
        self._count(reply)
        way, answer = self._judge(reply, endpoint)
        if way is not ErrorOutcome.DONE or not isinstance(reply, Response):
            return answer
        media_id = reply.answer.get("media_id")
        if isinstance(media_id, str) and _MEDIA_ID.fullmatch(media_id):
            return media_id
        return TryLater(code="upload", detail=stated(StepCode.NO_MEDIA_ID), after=MINUTE)


def can_carry_picture(picture: Attachment | None) -> bool:
    """Whether the platform takes it: PNG or JPEG of at most 2 MB."""
    return (
        picture is not None
        and picture_type(picture.content) is not None
        and len(picture.content) <= MOST_PICTURE
    )


def can_carry_file(file: Attachment | None) -> bool:
    """Whether the platform takes it: more than 5 bytes and at most 20 MB."""
    return file is not None and LEAST_FILE <= len(file.content) <= MOST_FILE


_GLUES = {"text": "\n", "markdown": "\n", "markdown_v2": "\n\n"}


def _room(title: str, kind: str, share: int = 1) -> int:
    if kind == "text":
        return MOST_TEXT // share - utf8_bytes(title + "\n")
    return MOST_MARKDOWN // share - utf8_bytes(f"## {title}{_GLUES[kind]}") - ROOM_OF_NUMBER


def _counted(
    laid: Sequence[tuple[str, str, Pieces]], attached: Sequence[UploadPage | RenderedPage]
) -> tuple[RenderedPage, ...]:
    of = len(laid) + len(attached)
    pages: list[RenderedPage] = [
        LaidPage(number=number, of=of, body=_body(kind, title, part), title=title, pieces=part)
        for number, (kind, title, part) in enumerate(laid, 1)
    ]
    return (
        *pages,
        *(replace(page, number=len(laid) + at, of=of) for at, page in enumerate(attached, 1)),
    )


def _attached(message: Message, *, picture: bool, file: bool) -> list[RenderedPage]:
    pages: list[RenderedPage] = []
    if picture and message.picture is not None:
        pages.append(RenderedPage(number=1, of=1, body=picture_body(message.picture.content)))
    if file and message.file is not None:
        body = {"msgtype": "file", "file": {"media_id": ""}}
        pages.append(UploadPage(number=1, of=1, body=body, file=message.file))
    return pages


def picture_body(content: bytes) -> dict[str, Any]:
    """The message of a picture: base64 on one line, and the MD5 of the raw bytes in lower case."""
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(content).decode(), "md5": md5}}


def _body(kind: str, title: str, part: Pieces) -> dict[str, Any]:
    if kind != "text":
        content = f"## {title}{_GLUES[kind]}{text_of(part, _GLUES[kind])}".rstrip()
        return {"msgtype": kind, kind: {"content": content}}
    text: dict[str, Any] = {"content": f"{title}\n{text_of(part, _GLUES[kind])}".rstrip()}
    phones = [phone for piece in part for person in piece.people if (phone := called(person).phone)]
    if phones:
        text["mentioned_mobile_list"] = list(dict.fromkeys(phones))
    return {"msgtype": "text", "text": text}


def _finer(page: LaidPage, share: int) -> list[Body]:
    return _parts(page, page.body["msgtype"], page.pieces, share)


def _plain(page: LaidPage) -> list[Body]:
    return _parts(page, "text", in_plain_lines(page.pieces), 1)


def _parts(page: LaidPage, kind: str, pieces: Pieces, share: int) -> list[Body]:
    room = max(_room(page.title, kind, share) - ROOM_OF_NUMBER, 64)
    parts = paginate(pieces, room=room, weight=utf8_bytes, glue=_GLUES[kind])
    return [
        _body(kind, numbered(page.title, number, len(parts)), part)
        for number, part in enumerate(parts, 1)
    ]


def _written(person: Called) -> str:
    # The number first: an id may be that of the other platform on which the same contact is called.
    return f"<@{person.user_id}>" if person.user_id and not person.phone else person.name
