"""The generic hook: a message as JSON, posted to a receiver of the operator's own, who says with
any 2xx that he took it.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from typing import Any

from bot.channels.channel import Address, Attachment, Link, Message, RenderedPage
from bot.channels.http import NOT_REACHED, Http, Response, without_code
from bot.channels.paging import file_name, heading, words_and_url
from bot.channels.sanitize import clean, one_line
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.codes import StepCode, stated
from bot.domain.statement import Words

MINUTE = timedelta(minutes=1)
MOST_ATTACHED = 5 * 1024 * 1024

_HEADER = re.compile(
    r"([A-Za-z][A-Za-z0-9-]{0,63}): *([\x21-\x7e](?:[\x20-\x7e]{0,1000}[\x21-\x7e])?)"
)
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,1000}")
_OURS = frozenset(
    {"host", "connection", "content-type", "content-length", "transfer-encoding", "idempotency-key"}
)


class Webhook:
    """Posts each message to an address of the operator's own, on a host of the installation's
    list.
    """

    platform = "webhook"
    repeatable = False
    """A receiver who keeps the header Idempotency-Key can make it so, but nothing says that he
    does.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """One page: `{title, text, table: {head, rows, notes} or null, mentions: [names], link,
        picture, file}`.

        Data as it is, for a program to read. `link` is `{words, url}` or null; picture and file are
        null or `{name, base64, seen_at}`, where base64 is null when they are larger than 5 MB and
        `seen_at` is a link or null.
        """
        table = message.table
        body = {
            "title": heading(message),
            "text": clean(message.text),
            "table": table
            and {
                "head": [one_line(cell) for cell in table.head],
                "rows": [[one_line(cell) for cell in row] for row in table.rows],
                "notes": [one_line(note) for note in table.notes],
            },
            "mentions": [one_line(mention.name) for mention in message.mentions],
            "link": _link(message.link),
            "picture": _attached(message.picture),
            "file": _attached(message.file),
        }
        return (RenderedPage(number=1, of=1, body=body),)

    def shown(self, page: RenderedPage) -> str:
        """Title, text, rows and notes as lines; how the receiver shows them is his own affair."""
        body = page.body
        table = body["table"] or {"head": [], "rows": [], "notes": []}
        rows = ["｜".join(row) for row in (table["head"], *table["rows"]) if row]
        return "\n".join([body["title"], body["text"], *rows, *table["notes"], *body["mentions"]])

    def fault(self, address: Address) -> Words | None:
        """What is wrong with the address or its token, without them; None if nothing is."""
        endpoint = self._http.hook(address)
        if isinstance(endpoint, Refused):
            return endpoint.detail
        return None if _headers(address.secret) is not None else _BAD_TOKEN

    def send(self, page: RenderedPage, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Posts the page. The secret goes along as `Authorization: Bearer …`, or as the header it
        names (`X-Token: …`).
        """
        endpoint, headers = self._http.hook(address), _headers(address.secret)
        if isinstance(endpoint, Refused):
            return endpoint
        if headers is None:
            return Refused(code="address", detail=_BAD_TOKEN)
        headers["Idempotency-Key"] = f"diaodu-{delivery}-{page.number}"
        reply = self._http.post(endpoint, endpoint.token, page.body, headers=headers)
        self._http.tally.count(
            self.platform, str(reply.status) if isinstance(reply, Response) else "none"
        )
        return _answer(reply) if isinstance(reply, Response) else reply


def _link(link: Link | None) -> dict[str, str] | None:
    found = words_and_url(link) if link is not None else None
    return {"words": found[0], "url": found[1]} if found is not None else None


def _attached(attached: Attachment | None) -> dict[str, Any] | None:
    if attached is None:
        return None
    sent = len(attached.content) <= MOST_ATTACHED
    return {
        "name": file_name(attached.name) or "file",
        "base64": base64.b64encode(attached.content).decode() if sent else None,
        "seen_at": _link(attached.seen_at),
    }


_BAD_TOKEN = stated(StepCode.ADDRESS_BAD_TOKEN)


def _headers(secret: str | None) -> dict[str, str] | None:
    """The header that carries the secret; None when it can be carried by none."""
    if not secret:
        return {}
    named = _HEADER.fullmatch(secret.strip())
    if named is not None:
        return None if named[1].lower() in _OURS else {named[1]: named[2]}
    return (
        {"Authorization": f"Bearer {secret.strip()}"} if _TOKEN.fullmatch(secret.strip()) else None
    )


def _answer(reply: Response) -> Confirmed | Refused | TryLater | NoAnswer:
    # What the receiver wrote is not repeated: nobody knows what is in it.
    if 200 <= reply.status < 300:
        return Confirmed()
    settled = without_code(reply, busy=MINUTE)
    if settled is not None:
        return settled
    told = stated(StepCode.STATUS, status=reply.status)
    if reply.status == 408:
        return TryLater(code="408", detail=told, after=NOT_REACHED)
    return Refused(code=str(reply.status), detail=told, robot_dead=reply.status == 410)
