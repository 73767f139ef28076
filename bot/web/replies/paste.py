"""The clerk takes in what was said elsewhere: a chat copied out of a group, or a table; each shown row by row before it is kept."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, time
from functools import partial
from secrets import token_urlsafe
from typing import Any

from starlette.responses import Response

from bot.actions.replies.collect import IMPORTED
from bot.actions.replies.fill import day_open
from bot.actions.replies.paste import Came, Taken, previewed, take_in
from bot.actions.replies.spreadsheet import VOUCHED as IMPORT_VOUCHED
from bot.actions.replies.spreadsheet import NotTaken, Table, table_of
from bot.domain.people.roles import Role
from bot.domain.replies.reading.chat import Chat, ChatRefused, split_chat
from bot.web.site import LARGEST_FIELD, Asked, Page
from config.cells import rows_of
from config.wording import templates

CLERK = frozenset({Role.CLERK})
MOST_AT_ONCE = 120
"""Messages of one paste or table: while they are read nobody else writes, and platforms wait three seconds for the disk."""

Typed = dict[str, str]


def _paste(asked: Asked) -> Response:
    local = asked.at.astimezone(asked.enrolled.campaign.timezone)
    return _paste_page(asked, {"date": local.date().isoformat()})


def _paste_page(asked: Asked, typed: Typed, *, status: int = 200, fault: str = "", **shown: Any) -> Response:
    facts = {"taken": None, "doubts": (), "counts": {}, **shown}
    return asked.page("paste.html.j2", status=status, typed=_filled(typed), fault=fault, **facts)


def _filled(typed: Typed) -> Typed:
    return {"text": "", "date": "", "time": "", "members": "", **typed}


def _pasted(asked: Asked) -> tuple[Typed, Chat | str]:
    """What was typed, and the chat it is; a sentence where it is none."""
    typed = {name: asked.text(name) for name in ("text", "date", "time", "members")}
    try:
        copied = date.fromisoformat(typed["date"]) if typed["date"] else None
        hour = time.fromisoformat(typed["time"]) if typed["time"] else None
    except ValueError:
        return typed, templates.refusal("chat", "no_moment")
    if not typed["text"]:
        return typed, templates.refusal("chat", "empty")
    if "\0" in typed["text"]:
        return typed, templates.refusal("chat", "no_text")
    members = [name.strip() for name in typed["members"].replace("，", "\n").replace(",", "\n").splitlines()]
    campaign = asked.enrolled.campaign
    try:
        chat = split_chat(
            campaign,
            typed["text"],
            at=asked.at,
            copied=copied,
            hour=hour,
            members=[name for name in members if name][:100],
        )
    except ChatRefused as refused:
        return typed, templates.refusal("chat", refused.why, **refused.facts)
    if len(chat.messages) > MOST_AT_ONCE:
        return typed, templates.refusal("chat", "too_many", most=MOST_AT_ONCE, found=len(chat.messages))
    return typed, chat


def _preview_paste(asked: Asked) -> Response:
    typed, chat = _pasted(asked)
    if isinstance(chat, str):
        return _paste_page(asked, typed, status=422, fault=chat)
    taken = previewed(asked.app.store, partial(_take, asked, chat))
    return _paste_page(asked, typed, **_told(taken, chat, "chat_doubt"))


def _take_paste(asked: Asked) -> Response:
    typed, chat = _pasted(asked)
    if isinstance(chat, str):
        return _paste_page(asked, typed, status=422, fault=chat)
    with asked.app.store.writing() as session:
        taken = _take(asked, chat, session)
    return asked.back(f"/c/{asked.enrolled.campaign.key}/paste", _said(taken, chat))


def _take(asked: Asked, chat: Chat, session: Any, **others: str) -> list[Taken]:
    return take_in(session, asked.enrolled, asked.app.reading_wording, chat, by=asked.name, at=asked.at, **others)


def _told(taken: list[Taken], chat: Chat, room: str) -> dict[str, Any]:
    return {
        "taken": taken,
        "doubts": [(doubt, templates.refusal(room, doubt.code, **doubt.facts)) for doubt in chat.doubts],
        "counts": {came: sum(one.came is came for one in taken) for came in Came},
        "passed_over": chat.passed_over,
    }


def _said(taken: list[Taken], chat: Chat) -> str:
    came = Counter(one.came for one in taken)
    parts = [templates.said(f"came_{word}", count=came[word]) for word in Came if came[word]]
    if chat.doubts:
        parts.append(templates.said("came_doubts", count=len(chat.doubts)))
    return templates.said("taken_in", said="，".join(parts) or templates.said("came_nothing"))


def _import(asked: Asked) -> Response:
    return _import_page(asked)


def _import_page(asked: Asked, *, status: int = 200, fault: str = "", **shown: Any) -> Response:
    facts = {"taken": None, "doubts": (), "counts": {}, "table": None, "rows": "", "file": "", "nonce": "", **shown}
    return asked.page("import.html.j2", status=status, fault=fault, **facts)


def _table(asked: Asked, name: str, content: bytes, mark: str) -> Table:
    campaign = asked.enrolled.campaign
    with asked.app.store.reading() as session:
        day = day_open(session, campaign, asked.at)
    table = table_of(campaign, name, content, at=asked.at, open_day=day, mark=mark)
    if len(table.chat.messages) > MOST_AT_ONCE:
        raise NotTaken("rows", f"more than {MOST_AT_ONCE} rows", most=MOST_AT_ONCE)
    return table


def _preview_import(asked: Asked) -> Response:
    given = asked.upload("file")
    if given is None:
        return _import_page(asked, status=422, fault=templates.refusal("import", "empty"))
    name, content = given
    nonce = token_urlsafe(12)
    try:
        table = _table(asked, name, content, nonce)
        rows = _as_text(name, content)
    except NotTaken as refused:
        return _import_page(asked, status=422, fault=templates.refusal("import", refused.why, **refused.facts))
    taken = previewed(asked.app.store, partial(_take_rows, asked, table.chat, name))
    told = _told(taken, table.chat, "import_doubt")
    return _import_page(asked, table=table, rows=rows, file=name, nonce=nonce, **told)


def _take_import(asked: Asked) -> Response:
    here, name = f"/c/{asked.enrolled.campaign.key}/import", asked.text("name")[:100]
    rows = asked.form.get("rows", "")
    try:
        # The rows as they were shown: a file cannot be sent a second time without being chosen again.
        table = _table(asked, "shown.csv", str(rows).encode(errors="replace"), asked.text("nonce")[:64])
    except NotTaken as refused:
        return asked.back(here, templates.refusal("import", refused.why, **refused.facts), well=False)
    with asked.app.store.writing() as session:
        taken = _take_rows(asked, table.chat, name, session)
    return asked.back(here, _said(taken, table.chat))


def _take_rows(asked: Asked, chat: Chat, name: str, session: Any) -> list[Taken]:
    return _take(asked, chat, session, channel=IMPORTED, vouched=IMPORT_VOUCHED, reason=f"imported from {name}")


def _as_text(name: str, content: bytes) -> str:
    """The rows of the file as CSV, to be carried by the form that takes them in."""
    written = io.StringIO()
    csv.writer(written).writerows(rows_of(name, content))
    if len(written.getvalue().encode()) > LARGEST_FIELD * 9 // 10:
        raise NotTaken("unpacked", "its cells hold more than a form may carry")
    return written.getvalue()


PAGES = (
    Page(path="/c/{campaign}/paste", answer=_paste, roles=CLERK, tab=templates.said("tab_paste")),
    Page(path="/c/{campaign}/paste/preview", answer=_preview_paste, roles=CLERK, methods=("POST",)),
    Page(path="/c/{campaign}/paste/take", answer=_take_paste, roles=CLERK, methods=("POST",)),
    Page(path="/c/{campaign}/import", answer=_import, roles=CLERK, tab=templates.said("tab_import")),
    Page(path="/c/{campaign}/import/preview", answer=_preview_import, roles=CLERK, methods=("POST",)),
    Page(path="/c/{campaign}/import/take", answer=_take_import, roles=CLERK, methods=("POST",)),
)
