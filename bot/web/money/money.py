"""资金: the pots on one row, batches, what failed by township; files are previewed and vouched for,
lists made and approved.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.money.approve import NotPaid, approve, make_list
from bot.actions.money.take import (
    GRANTS,
    LIST,
    RETURN,
    TAKERS,
    ListApproval,
    ListTerms,
    MoneyTaken,
    ReturnTerms,
)
from bot.actions.registers.take import SentFile
from bot.actions.registers.vault import VaultShut
from bot.actions.replies.paste import previewed
from bot.domain.campaigns.campaign import Campaign
from bot.domain.money.amounts import Fen, NoAmount, Unit, fen_of, wan, yuan
from bot.domain.money.doubts import MoneyDoubtKind
from bot.domain.money.ledger import LineState
from bot.domain.people.roles import Role
from bot.store import Session
from bot.views.money.extract import extract
from bot.views.money.pages import money_shown
from bot.web.site import LARGEST_FIELD, RequestContext, SitePage, whole
from config.wording import money as wording
from config.wording import templates
from config.workbook import table_workbook

FILING = frozenset({Role.CLERK, Role.FINANCE})
APPROVING = frozenset({Role.FINANCE})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = (GRANTS, LIST, RETURN)


def pays(campaign: Campaign) -> bool:
    """Whether pages of money are anything in a campaign."""
    return campaign.payment is not None


def _page(asked: RequestContext, *, status: int = 200, fault: str = "", **shown: Any) -> Response:
    campaign = asked.enrolled.campaign
    if not pays(campaign):
        return asked.site.fault(asked, 404, "page")
    with asked.app.store.reading() as session:
        seen = money_shown(session, campaign, asked.at)
    facts = {
        "taken": None,
        "findings": (),
        "new_accounts": (),
        "content": "",
        "kind": RETURN,
        **shown,
    }
    return asked.page(
        "money.html.j2",
        status=status,
        fault=fault,
        seen=seen,
        kinds=KINDS,
        may_file=asked.may(*FILING),
        may_approve=asked.may(*APPROVING),
        yuan=yuan,
        wan=wan,
        said_of=wording.word,
        **facts,
    )


def _sent(asked: RequestContext) -> tuple[str, SentFile] | None:
    """The kind that was chosen and the file: uploaded, or carried by the form since the preview."""
    kind, given = asked.text("kind"), asked.upload("file")
    if kind not in KINDS:
        return None
    if given is not None:
        return kind, SentFile(name=given[0][:100], content=given[1])
    try:
        content = base64.b64decode(asked.text("content"), validate=True)
    except ValueError:
        return None
    return (kind, SentFile(name=asked.text("name")[:100], content=content)) if content else None


def _deed(asked: RequestContext, kind: str, file: SentFile) -> Callable[[Session], MoneyTaken]:
    word = ListApproval(by=asked.actor, at=asked.at, keys=asked.app.sealing_keys)
    batch = whole(asked.text("batch"))
    terms: dict[str, Any] = {}
    if kind == LIST:
        rows = frozenset(
            row for text in asked.texts("new_account") if (row := whole(text)) is not None
        )
        terms["terms"] = ListTerms(batch=batch, new_accounts=rows)
    elif kind == RETURN:
        terms["terms"] = ReturnTerms(batch=batch, part=asked.text("part") == "yes")
    return partial(TAKERS[kind], enrolled=asked.enrolled, file=file, word=word, **terms)


def _preview(asked: RequestContext) -> Response:
    sent = _sent(asked)
    if sent is None or not pays(asked.enrolled.campaign):
        return _page(asked, status=422, fault=templates.refusal("money", "no_file"))
    kind, file = sent
    content = base64.b64encode(file.content).decode()
    if len(content) > LARGEST_FIELD * 9 // 10:
        return _page(asked, status=422, fault=templates.refusal("money", "large"))
    try:
        taken = previewed(asked.app.store, _deed(asked, kind, file))
    except VaultShut:
        return _page(asked, status=422, fault=templates.refusal("register", "shut"))
    looked_at = {row for text in asked.texts("new_account") if (row := whole(text)) is not None}
    asking = {
        doubt.row
        for doubt in taken.doubts
        if doubt.kind == MoneyDoubtKind.ACCOUNT_DIFFERS and doubt.row is not None
    }
    return _page(
        asked,
        taken=taken,
        findings=[(doubt, wording.finding_at(doubt)) for doubt in taken.doubts],
        new_accounts=sorted(looked_at | asking) if kind == LIST else (),
        looked_at=looked_at,
        batch=asked.text("batch"),
        part=asked.text("part"),
        content=content,
        kind=kind,
    )


def _take(asked: RequestContext) -> Response:
    here = _here(asked)
    sent = _sent(asked)
    if sent is None or not pays(asked.enrolled.campaign):
        return asked.back(here, templates.refusal("money", "no_file"), well=False)
    try:
        with asked.app.store.writing() as session:
            taken = _deed(asked, *sent)(session)
    except VaultShut:
        return asked.back(here, templates.refusal("register", "shut"), well=False)
    if taken.file is None:
        return asked.back(
            here, templates.refusal("money", "not_taken", name=taken.name), well=False
        )
    said = templates.said(
        f"money_{taken.kind}_taken",
        name=taken.name,
        taken=taken.taken,
        rows=taken.rows,
        amount=yuan(taken.amount),
        doubts=len(taken.doubts),
    )
    return asked.back(here, said)


def _extract(asked: RequestContext) -> Response:
    """The lines of a township as a workbook, names and accounts masked."""
    if not pays(asked.enrolled.campaign):
        return asked.site.fault(asked, 404, "page")
    state = asked.query("state")
    with asked.app.store.reading() as session:
        found = extract(
            session,
            asked.enrolled.campaign,
            asked.at,
            township=asked.query("township") or None,
            batch=whole(asked.query("batch")),
            state=LineState(state) if state in set(LineState) else None,
        )
    name = quote(f"{wording.extract_name()}.xlsx")
    return Response(
        table_workbook(wording.extract_name(), found.heads, found.rows),
        media_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _list(asked: RequestContext) -> Response:
    batch = whole(asked.text("batch"))

    def deed(session: Session) -> str:
        made = make_list(session, asked.enrolled, by=asked.actor, at=asked.at, batch=batch)
        return templates.said(
            "list_made", number=made.number, lines=len(made.lines), amount=yuan(made.amount)
        )

    return _done(asked, deed)


def _approve(asked: RequestContext) -> Response:
    try:
        approved = fen_of(asked.text("approved"), Unit.YUAN)
    except NoAmount:
        return asked.back(_here(asked), templates.refusal("money", "no_sum"), well=False)

    def deed(session: Session) -> str:
        number = whole(asked.text("number")) or 0
        attempt = approve(
            session,
            asked.enrolled,
            number,
            by=asked.actor,
            approved=Fen(approved),
            paper=asked.text("paper")[:200],
            at=asked.at,
        )
        return templates.said("list_approved", number=number, attempt=attempt)

    return _done(asked, deed)


def _done(asked: RequestContext, deed: Callable[[Session], str]) -> Response:
    if not pays(asked.enrolled.campaign):
        return asked.site.fault(asked, 404, "page")
    try:
        with asked.app.store.writing() as session:
            said = deed(session)
    except NotPaid as refused:
        reasons = "".join(wording.finding_at(doubt) for doubt in refused.doubts[:3])
        told = templates.refusal(refused.room, refused.why, **refused.facts)
        return asked.back(_here(asked), told + reasons, well=False)
    return asked.back(_here(asked), said)


def _here(asked: RequestContext) -> str:
    return f"/c/{quote(asked.enrolled.campaign.key)}/money"


HERE = "/c/{campaign}/money"
PAGES = (
    SitePage(path=HERE, answer=_page, tab=templates.said("tab_money"), only=pays),
    SitePage(path=f"{HERE}/lines.xlsx", answer=_extract, roles=FILING),
    SitePage(path=f"{HERE}/preview", answer=_preview, roles=FILING, methods=("POST",)),
    SitePage(path=f"{HERE}/take", answer=_take, roles=FILING, methods=("POST",)),
    SitePage(path=f"{HERE}/list", answer=_list, roles=FILING, methods=("POST",)),
    SitePage(path=f"{HERE}/approve", answer=_approve, roles=APPROVING, methods=("POST",)),
)
