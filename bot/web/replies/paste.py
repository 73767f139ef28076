"""The clerk takes in what was said elsewhere: a chat copied out of a group, or a table; each shown
row by row before it is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, time
from functools import partial
from secrets import token_urlsafe
from typing import Any

from starlette.responses import Response

from bot.actions.replies.collect import IMPORTED
from bot.actions.replies.fill import day_open
from bot.actions.replies.paste import Came, PasteResult, likely, previewed, strangers, take_in
from bot.actions.replies.spreadsheet import NotTaken, Table, table_in
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.people.roles import Role
from bot.domain.replies.reading.chat import Chat, ChatDoubt, ChatRefused, split_chat
from bot.sheets.cells import Unreadable, Workbook
from bot.sheets.reading import carried, read_workbook, workbook_carried
from bot.web.site import LARGEST_FIELD, RequestContext, SitePage
from config.wording import templates
from config.wording.faults import file_refusal, sentence_of

CLERK = frozenset({Role.CLERK})
MOST_AT_ONCE = 120
"""Messages of one paste or table: while they are read nobody else writes, and platforms wait three
seconds for the disk.
"""

MOST_STRANGERS = 30
"""Unknown names of one paste for whom contacts are offered."""

Typed = dict[str, str]


def _paste(asked: RequestContext) -> Response:
    local = asked.at.astimezone(asked.enrolled.campaign.timezone)
    return _paste_page(asked, {"date": local.date().isoformat()})


def _paste_page(
    asked: RequestContext, typed: Typed, *, status: int = 200, fault: str = "", **shown: Any
) -> Response:
    facts = {"taken": None, "doubts": (), "counts": {}, "strangers": (), "ties": {}, **shown}
    return asked.page("paste.html.j2", status=status, typed=_filled(typed), fault=fault, **facts)


def _filled(typed: Typed) -> Typed:
    return {"text": "", "date": "", "time": "", "members": "", **typed}


def _pasted(asked: RequestContext) -> tuple[Typed, Chat | str]:
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
    members = [
        name.strip()
        for name in typed["members"].replace("，", "\n").replace(",", "\n").splitlines()
    ]
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
        return typed, templates.refusal(
            "chat", "too_many", most=MOST_AT_ONCE, found=len(chat.messages)
        )
    return typed, chat


def _preview_paste(asked: RequestContext) -> Response:
    typed, chat = _pasted(asked)
    if isinstance(chat, str):
        return _paste_page(asked, typed, status=422, fault=chat)
    campaign = asked.enrolled.campaign
    ties = _ties(asked)
    taken = previewed(asked.app.store, partial(_take, asked, chat, ties=ties))
    unknown = [
        (name, likely(campaign, name), ties.get(name, "")) for name in strangers(campaign, chat)
    ]
    return _paste_page(
        asked, typed, strangers=unknown[:MOST_STRANGERS], ties=ties, **_told(taken, chat)
    )


def _take_paste(asked: RequestContext) -> Response:
    typed, chat = _pasted(asked)
    if isinstance(chat, str):
        return _paste_page(asked, typed, status=422, fault=chat)
    with asked.app.store.writing() as session:
        taken = _take(asked, chat, session, ties=_ties(asked))
    return asked.back(f"/c/{asked.enrolled.campaign.key}/paste", _said(taken, chat))


def _ties(asked: RequestContext) -> dict[str, str]:
    """Whom the clerk said unknown names to be: by the name the nick of a contact, and nothing
    else.
    """
    nicks = {
        contact.nick
        for township in asked.enrolled.campaign.townships
        for contact in township.contacts
    }
    said = {
        name.removeprefix("tie:"): asked.text(name)
        for name in asked.form
        if name.startswith("tie:")
    }
    return {name: nick for name, nick in said.items() if nick in nicks}


def _take(asked: RequestContext, chat: Chat, session: Any, **others: Any) -> list[PasteResult]:
    return take_in(
        session,
        asked.enrolled,
        asked.app.reading_wording,
        chat,
        by=asked.actor,
        at=asked.at,
        **others,
    )


def _told(taken: list[PasteResult], chat: Chat) -> dict[str, Any]:
    return {
        "taken": taken,
        "doubts": [(doubt, _why(doubt)) for doubt in chat.doubts],
        "counts": {came: sum(one.came is came for one in taken) for came in Came},
        "passed_over": chat.passed_over,
    }


def _why(doubt: ChatDoubt) -> str:
    """Why lines are not taken in: of a table by the sentences of tables, whose codes have a dot."""
    if "." in doubt.code:
        return f"{sentence_of(doubt.code, doubt.facts).chinese()}。"
    return templates.refusal("chat_doubt", doubt.code, **doubt.facts)


def _said(taken: list[PasteResult], chat: Chat) -> str:
    came = Counter(one.came for one in taken)
    parts = [templates.said(f"came_{word}", count=came[word]) for word in Came if came[word]]
    if chat.doubts:
        parts.append(templates.said("came_doubts", count=len(chat.doubts)))
    return templates.said("taken_in", said="，".join(parts) or templates.said("came_nothing"))


def _import(asked: RequestContext) -> Response:
    return _import_page(asked)


def _import_page(
    asked: RequestContext, *, status: int = 200, fault: str = "", **shown: Any
) -> Response:
    facts = {
        "taken": None,
        "doubts": (),
        "counts": {},
        "table": None,
        "rows": "",
        "file": "",
        "nonce": "",
        "sheets": (),
        "sheet": "",
        "notes": (),
        **shown,
    }
    return asked.page("import.html.j2", status=status, fault=fault, **facts)


def _table(asked: RequestContext, book: Workbook, sheet: str, mark: str) -> Table:
    campaign = asked.enrolled.campaign
    with asked.app.store.reading() as session:
        day = day_open(session, campaign, asked.at)
    table = table_in(campaign, book, at=asked.at, open_day=day, mark=mark, sheet=sheet or None)
    if len(table.chat.messages) > MOST_AT_ONCE:
        raise NotTaken("rows", f"more than {MOST_AT_ONCE} rows", most=MOST_AT_ONCE)
    return table


def _preview_import(asked: RequestContext) -> Response:
    """Shows what would come of a file, or of the sheet that was chosen of one with several."""
    given, sheet = asked.upload("file"), asked.text("sheet")[:100]
    name = given[0] if given else asked.text("name")[:100]
    nonce = token_urlsafe(12)
    rows = ""
    try:
        if given is None and not asked.form.get("rows"):
            return _import_page(asked, status=422, fault=templates.refusal("import", "empty"))
        book = read_workbook(given[1]) if given else workbook_carried(str(asked.form.get("rows")))
        rows = carried(book)
        table = _table(asked, book, sheet, nonce)
        if len(rows.encode()) > LARGEST_FIELD * 9 // 10:
            rows = carried(
                replace(book, sheets=[one for one in book.sheets if one.name == table.sheet])
            )
        if len(rows.encode()) > LARGEST_FIELD * 9 // 10:
            raise Unreadable("cells", most=20_000)
    except NotTaken as refused:
        return _import_page(
            asked, status=422, fault=templates.refusal("import", refused.why, **refused.facts)
        )
    except Unreadable as fault:
        told = file_refusal(fault.code, fault.facts)
        offered = (
            fault.facts["sheets"]
            if fault.code == "several_sheets" and len(rows) < LARGEST_FIELD // 2
            else ()
        )
        return _import_page(asked, status=422, fault=told, sheets=offered, rows=rows, file=name)
    taken = previewed(asked.app.store, partial(_take_rows, asked, table.chat, name))
    shown = _told(taken, table.chat)
    notes = [note.chinese() for note in table.notes]
    return _import_page(
        asked,
        table=table,
        rows=rows,
        file=name,
        nonce=nonce,
        sheet=table.sheet,
        notes=notes,
        **shown,
    )


def _take_import(asked: RequestContext) -> Response:
    here, name = f"/c/{asked.enrolled.campaign.key}/import", asked.text("name")[:100]
    try:
        # The cells as they were shown: a file cannot be sent a second time without being chosen
        # again.
        book = workbook_carried(str(asked.form.get("rows", "")))
        table = _table(asked, book, asked.text("sheet")[:100], asked.text("nonce")[:64])
    except NotTaken as refused:
        return asked.back(
            here, templates.refusal("import", refused.why, **refused.facts), well=False
        )
    except Unreadable as fault:
        return asked.back(here, file_refusal(fault.code, fault.facts), well=False)
    with asked.app.store.writing() as session:
        taken = _take_rows(asked, table.chat, name, session)
    return asked.back(here, _said(taken, table.chat))


def _take_rows(asked: RequestContext, chat: Chat, name: str, session: Any) -> list[PasteResult]:
    return _take(
        asked,
        chat,
        session,
        channel=IMPORTED,
        vouched=DecisionKind.IMPORT_VOUCHED,
        facts={"file": name},
    )


PAGES = (
    SitePage(
        path="/c/{campaign}/paste", answer=_paste, roles=CLERK, tab=templates.said("tab_paste")
    ),
    SitePage(
        path="/c/{campaign}/paste/preview", answer=_preview_paste, roles=CLERK, methods=("POST",)
    ),
    SitePage(path="/c/{campaign}/paste/take", answer=_take_paste, roles=CLERK, methods=("POST",)),
    SitePage(
        path="/c/{campaign}/import", answer=_import, roles=CLERK, tab=templates.said("tab_import")
    ),
    SitePage(
        path="/c/{campaign}/import/preview", answer=_preview_import, roles=CLERK, methods=("POST",)
    ),
    SitePage(path="/c/{campaign}/import/take", answer=_take_import, roles=CLERK, methods=("POST",)),
)
