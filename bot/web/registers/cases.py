"""台账: the cases of a register, and one case with its course, every mark with its source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import quote, urlencode

from starlette.responses import Response

from bot.actions.refusal import Refusal
from bot.actions.registers import settle
from bot.actions.registers.settle import Deed, NotDone, see_whole
from bot.actions.registers.vault import VaultShut
from bot.domain.campaigns.register import Mouth, Register
from bot.domain.people.roles import Role
from bot.domain.registers.case import Case, CaseCode
from bot.domain.registers.doubts import of_case
from bot.store import Session
from bot.store.registers import holders
from bot.views.registers.pages import (
    PAGE,
    Wanted,
    chosen,
    counted,
    course,
    lines,
    value_shown,
    values,
)
from bot.views.registers.shown import doubts_of
from bot.web.site import RequestContext, SitePage, has_registers, whole
from config.wording import registers as wording
from config.wording import templates
from config.workbook import table_workbook

CLERK = frozenset({Role.CLERK})
WHOLE = frozenset({Role.CLERK, Role.FINANCE})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register_of(asked: RequestContext) -> Register | None:
    """The register an address names, or the first; None in a campaign without."""
    key = asked.query("register") or asked.text("register")
    registers = asked.enrolled.campaign.registers
    return next((one for one in registers if key in ("", one.key)), None)


def _wanted(asked: RequestContext) -> Wanted:
    return Wanted(**{name: asked.query(name)[:60] for name in Wanted.__dataclass_fields__})


def _list(asked: RequestContext) -> Response:
    register = register_of(asked)
    if register is None:
        return asked.site.fault(asked, 404, "page")
    campaign, wanted = asked.enrolled.campaign, _wanted(asked)
    day = asked.at.astimezone(campaign.timezone).date()
    with asked.app.store.reading() as session:
        cases = asked.app.registers.cases(session, campaign, register, asked.at, asked.app.payments)
        people = holders.people(session, campaign.key)
        shown = holders.shown(session, campaign.key)
    doubts = doubts_of(campaign, register, cases, people, day)
    found = chosen(register, cases, wanted, doubts, people)
    page = max(1, whole(asked.query("page")) or 1)
    base = {name: value for name, value in vars(wanted).items() if value} | {
        "register": register.key
    }
    more = urlencode({**base, "page": page + 1}) if len(found) > page * PAGE else ""
    return asked.page(
        "cases.html.j2",
        register=register,
        wanted=wanted,
        cases=lines(register, found[(page - 1) * PAGE : page * PAGE], shown, doubts),
        found=len(found),
        counted=counted(register, found, day),
        categories=register.column(register.category).names if register.category else {},
        kinds={doubt.kind: wording.called(doubt.kind) for doubt in doubts if doubt.cases},
        more=more,
        page_number=page,
        query=urlencode(base),
    )


def _download(asked: RequestContext) -> Response:
    register = register_of(asked)
    if register is None:
        return asked.site.fault(asked, 404, "page")
    campaign = asked.enrolled.campaign
    day = asked.at.astimezone(campaign.timezone).date()
    with asked.app.store.reading() as session:
        cases = asked.app.registers.cases(session, campaign, register, asked.at, asked.app.payments)
        people, shown = holders.people(session, campaign.key), holders.shown(session, campaign.key)
    doubts = doubts_of(campaign, register, cases, people, day)
    found = chosen(register, cases, _wanted(asked), doubts, people)
    columns = [column for column in register.columns if not column.check]
    head = [wording.put("code"), wording.put("township"), *(column.name for column in columns)]
    head += [stage.name for stage in register.stages]
    rows = [
        [
            case.code,
            case.township,
            *(
                value_shown(column, case.values[column.key], shown)
                if column.key in case.values
                else ""
                for column in columns
            ),
            *(str(case.proved.get(stage.key, "")) for stage in register.stages),
        ]
        for case in found
    ]
    name = quote(f"{register.name}.xlsx")
    return Response(
        table_workbook(wording.put("sheet"), head, rows),
        media_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _case(asked: RequestContext, whole_texts: dict[str, str] | None = None) -> Response:
    campaign = asked.enrolled.campaign
    code = CaseCode(asked.path("code"))
    with asked.app.store.reading() as session:
        found = _find(asked, session, code)
        if found is None:
            return asked.site.fault(asked, 404, "page")
        register, case = found
        shown = dict(holders.shown(session, campaign.key)) | (whole_texts or {})
        told = course(session, campaign, register, case, shown, asked.at)
    day = asked.at.astimezone(campaign.timezone).date()
    doubts = [(doubt, wording.finding(doubt)) for doubt in of_case(register, case, day)]
    return asked.page(
        "case.html.j2",
        register=register,
        case=case,
        values=values(register, case, shown),
        course=told,
        doubts=doubts,
        by_hand=[stage for stage in register.stages if stage.proof is not Mouth.BANK],
        is_whole=whole_texts is not None,
    )


def _find(asked: RequestContext, session: Session, code: CaseCode) -> tuple[Register, Case] | None:
    for register in asked.enrolled.campaign.registers:
        cases = asked.app.registers.cases(
            session, asked.enrolled.campaign, register, asked.at, asked.app.payments
        )
        for case in cases:
            if case.code == code:
                return register, case
    return None


def _deed(asked: RequestContext) -> Deed:
    register = register_of(asked)
    if register is None:
        raise NotDone("no_case", "there is no register", code=asked.path("code"))
    return Deed(
        enrolled=asked.enrolled,
        register=register,
        code=CaseCode(asked.path("code")),
        by=asked.actor,
        reason=asked.text("reason")[:200],
        at=asked.at,
    )


def _whole(asked: RequestContext) -> Response:
    try:
        with asked.app.store.writing() as session:
            opened = see_whole(session, _deed(asked), asked.app.sealing_keys)
    except Refusal as refused:
        return asked.back(
            _here(asked), templates.refusal(refused.room, refused.why, **refused.facts), well=False
        )
    except VaultShut:
        return asked.back(_here(asked), templates.refusal("register", "shut"), well=False)
    return _case(
        asked, {key: " ".join(filter(None, (one.name, one.number))) for key, one in opened.items()}
    )


def _change(asked: RequestContext) -> Response:
    """Withdraws, corrects, undoes or lets leave, as the button says."""
    deeds: dict[str, Callable[[Session, Deed], None]] = {
        "withdraw": lambda session, deed: settle.withdraw(
            session, deed, whole(asked.text("number")) or 0
        ),
        "reach": lambda session, deed: settle.reach(
            session, deed, asked.text("stage"), _day(asked)
        ),
        "undo": lambda session, deed: settle.undo(session, deed, asked.text("stage")),
        "leave": lambda session, deed: settle.leave(
            session, deed, _day(asked), asked.text("paper")[:100]
        ),
    }
    what = asked.text("what")
    try:
        if what not in deeds:
            raise NotDone("no_deed", "there is no such deed")
        with asked.app.store.writing() as session:
            deeds[what](session, _deed(asked))
    except Refusal as refused:
        return asked.back(
            _here(asked), templates.refusal(refused.room, refused.why, **refused.facts), well=False
        )
    return asked.back(_here(asked), templates.said(f"case_{what}"))


def _day(asked: RequestContext) -> date:
    try:
        return date.fromisoformat(asked.text("day"))
    except ValueError:
        raise NotDone("no_day", "say on which day") from None


def _here(asked: RequestContext) -> str:
    return f"/c/{quote(asked.enrolled.campaign.key)}/cases/{quote(asked.path('code'), safe='')}"


PAGES = (
    SitePage(
        path="/c/{campaign}/cases",
        answer=_list,
        tab=templates.said("tab_cases"),
        only=has_registers,
    ),
    SitePage(path="/c/{campaign}/cases.xlsx", answer=_download, only=has_registers),
    SitePage(
        path="/c/{campaign}/cases/{code:path}/whole", answer=_whole, roles=WHOLE, methods=("POST",)
    ),
    SitePage(
        path="/c/{campaign}/cases/{code:path}/change",
        answer=_change,
        roles=CLERK,
        methods=("POST",),
    ),
    SitePage(path="/c/{campaign}/cases/{code:path}", answer=_case),
)
