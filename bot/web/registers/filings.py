"""来表: the files that came in, and how one is filed: uploaded, previewed, vouched for. The preview
is the import.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.registers.refused import refused_workbook
from bot.actions.registers.take import MovedMeanwhile, NoKind, SentFile, TakenFile, preview, take_in
from bot.actions.registers.vault import VaultShut
from bot.domain.people.roles import Role
from bot.domain.registers.intake import RowOutcome
from bot.store.registers import marks
from bot.views.registers.pages import value_shown
from bot.web.site import LARGEST_FIELD, RequestContext, SitePage, has_registers, whole
from config.wording import registers as wording
from config.wording import templates

CLERK = frozenset({Role.CLERK})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_CHANGES = 200
"""Changed cells that a preview shows one by one; of more it says how many."""


def _filings(
    asked: RequestContext, *, status: int = 200, fault: str = "", **shown: Any
) -> Response:
    campaign = asked.enrolled.campaign
    if not campaign.registers:
        return asked.site.fault(asked, 404, "page")
    with asked.app.store.reading() as session:
        filed = marks.filings(session, campaign.key)
    kinds = [
        (kind.key, kind.name, register.name)
        for register in campaign.registers
        for kind in register.filings
    ]
    facts = {
        "taken": None,
        "findings": (),
        "changes": (),
        "counts": {},
        "content": "",
        "kind": "",
        **shown,
    }
    return asked.page(
        "filings.html.j2",
        status=status,
        fault=fault,
        kinds=kinds,
        names={key: name for key, name, _ in kinds},
        filed=[(one, len(json.loads(one.findings))) for one in reversed(filed)],
        **facts,
    )


def _sent(asked: RequestContext) -> tuple[str, SentFile] | None:
    """The kind that was chosen and the file: uploaded, or carried by the form since the preview."""
    kind, given = asked.text("kind")[:60], asked.upload("file")
    if given is not None:
        return kind, SentFile(name=given[0][:100], content=given[1])
    try:
        content = base64.b64decode(asked.text("content"), validate=True)
    except ValueError:
        return None
    return (kind, SentFile(name=asked.text("name")[:100], content=content)) if content else None


def _preview(asked: RequestContext) -> Response:
    sent = _sent(asked)
    if sent is None:
        return _filings(asked, status=422, fault=templates.refusal("register", "no_file"))
    kind, file = sent
    content = base64.b64encode(file.content).decode()
    if len(content) > LARGEST_FIELD * 9 // 10:
        return _filings(asked, status=422, fault=templates.refusal("register", "large"))
    try:
        with asked.app.store.reading() as session:
            taken = preview(session, asked.enrolled, kind, file, **_given(asked))
    except NoKind:
        return _filings(asked, status=422, fault=templates.refusal("register", "no_kind"))
    except VaultShut:
        return _filings(asked, status=422, fault=templates.refusal("register", "shut"))
    return _filings(asked, **_told(taken), content=content, kind=kind)


def _take(asked: RequestContext) -> Response:
    here = f"/c/{quote(asked.enrolled.campaign.key)}/filings"
    sent = _sent(asked)
    if sent is None:
        return asked.back(here, templates.refusal("register", "no_file"), well=False)
    kind, file = sent
    seen = whole(asked.text("seen"))
    try:
        with asked.app.store.writing() as session:
            taken = take_in(
                session, asked.enrolled, kind, file, by=asked.actor, seen_mark=seen, **_given(asked)
            )
    except MovedMeanwhile:
        return asked.back(here, templates.refusal("register", "moved"), well=False)
    except NoKind:
        return asked.back(here, templates.refusal("register", "no_kind"), well=False)
    except VaultShut:
        return asked.back(here, templates.refusal("register", "shut"), well=False)
    count = Counter(taken.taken.outcomes.values())
    told = templates.said(
        "file_taken",
        name=file.name,
        new=count[RowOutcome.NEW],
        changed=count[RowOutcome.CHANGED],
        stands=count[RowOutcome.STANDS],
        refused=count[RowOutcome.REFUSED] + count[RowOutcome.WAITS],
    )
    return asked.back(here, told)


def _refused(asked: RequestContext) -> Response:
    """The rows that would not be taken, as a workbook with the reasons; made of what was sent, and
    kept nowhere.
    """
    sent = _sent(asked)
    if sent is None:
        return _filings(asked, status=422, fault=templates.refusal("register", "no_file"))
    try:
        with asked.app.store.reading() as session:
            taken = preview(session, asked.enrolled, sent[0], sent[1], **_given(asked))
    except (NoKind, VaultShut):
        return _filings(asked, status=422, fault=templates.refusal("register", "no_kind"))
    content = refused_workbook(taken)
    if content is None:
        return _filings(asked, fault=templates.refusal("register", "nothing_refused"))
    name = quote(f"{wording.put('refused_sheet')}.xlsx")
    return Response(
        content,
        media_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _given(asked: RequestContext) -> dict[str, Any]:
    return {"keys": asked.app.sealing_keys, "at": asked.at, "payments": asked.app.payments}


def _told(taken: TakenFile) -> dict[str, Any]:
    """The preview in its groups: new, changed cell by cell, standing, refused by reason, doubts."""
    register = taken.register
    columns = {column.key: column for column in register.columns}
    names = {key: column.name for key, column in columns.items()} | {
        one.key: one.name for one in register.stages
    }
    changes = []
    for mark in taken.taken.marks:
        if taken.taken.outcomes.get(mark.row) is not RowOutcome.CHANGED:
            continue
        column = columns.get(mark.what)
        if column is not None:
            was, now = (
                value_shown(column, one, {}) if one else "" for one in (mark.old, mark.value)
            )
        else:
            was, now = mark.old, mark.day.isoformat() if mark.day else wording.put("undone")
        changes.append((mark.row, mark.case, names.get(mark.what, mark.what), was, now))
    return {
        "taken": taken,
        "findings": [(doubt, wording.finding_at(doubt)) for doubt in taken.taken.findings],
        "changes": changes[:MOST_CHANGES],
        "more_changes": max(0, len(changes) - MOST_CHANGES),
        "counts": Counter(one.value for one in taken.taken.outcomes.values()),
    }


PAGES = (
    SitePage(
        path="/c/{campaign}/filings",
        answer=_filings,
        roles=CLERK,
        tab=templates.said("tab_filings"),
        only=has_registers,
    ),
    SitePage(path="/c/{campaign}/filings/preview", answer=_preview, roles=CLERK, methods=("POST",)),
    SitePage(path="/c/{campaign}/filings/take", answer=_take, roles=CLERK, methods=("POST",)),
    SitePage(path="/c/{campaign}/filings/refused", answer=_refused, roles=CLERK, methods=("POST",)),
)
