"""The cases of a township behind its fill link: masked, each with the stage it may tell next,
ticked with its day.
"""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from bot.actions.refusal import Refusal
from bot.actions.registers.settle import NotDone
from bot.actions.registers.tell import tell, to_tell
from bot.actions.replies.fill import LINK, Form, NotFilled, form_of
from bot.domain.decisions.actor import Actor
from bot.domain.registers.case import CaseCode
from bot.store import Session
from bot.store.registers import holders
from bot.web.site import RequestContext, SitePage
from config.wording import templates

MOST = 60
"""Cases ticked at one time."""


def _form(asked: RequestContext, session: Session) -> Form:
    return form_of(
        session, asked.app.campaigns, asked.site.links.opened(LINK, asked.path("token")), asked.at
    )


def _page(asked: RequestContext, *, status: int = 200, fault: str = "") -> Response:
    try:
        with asked.app.store.reading() as session:
            form = _form(asked, session)
            register = form.campaign.register
            if register is None:
                return asked.site.fault(asked, 404, "page")
            cases = asked.app.registers.cases(
                session, form.campaign, register, asked.at, asked.app.payments
            )
            shown = holders.shown(session, form.campaign.key)
    except NotFilled as refused:
        told = templates.refusal("fill", refused.why, **refused.facts)
        return asked.page("fill_refused.html.j2", status=410, told=told)
    today = asked.at.astimezone(form.campaign.timezone).date()
    person = register.person
    mine = to_tell(register, cases, form.township, today)
    return asked.page(
        "ticks.html.j2",
        status=status,
        fault=fault,
        campaign=form.campaign,
        township=form.township.name,
        register=register,
        today=today,
        cases=[
            (one, shown.get(one.case.values.get(person.key, ""), "") if person else "")
            for one in mine
        ],
        form_path=asked.request.url.path.removesuffix("/cases"),
    )


def _send(asked: RequestContext) -> Response:
    try:
        with asked.app.store.writing() as session:
            form = _form(asked, session)
            register = form.campaign.register
            if register is None:
                return asked.site.fault(asked, 404, "page")
            ticked = {CaseCode(code): _day(asked, code) for code in asked.texts("case")[:MOST]}
            if not ticked:
                raise NotDone("nothing_ticked", "nothing is ticked")
            count = tell(
                session,
                form.enrolled,
                register,
                form.township,
                ticked,
                by=Actor(name=form.township.name),
                at=asked.at,
                payments=asked.app.payments,
            )
    except NotFilled as refused:
        return asked.page(
            "fill_refused.html.j2",
            status=410,
            told=templates.refusal("fill", refused.why, **refused.facts),
        )
    except Refusal as refused:
        return _page(
            asked, status=422, fault=templates.refusal(refused.room, refused.why, **refused.facts)
        )
    return asked.back(asked.request.url.path, templates.said("cases_told", count=count))


def _day(asked: RequestContext, code: str) -> date:
    try:
        return date.fromisoformat(asked.text(f"day.{code}"))
    except ValueError:
        raise NotDone("no_day", "say on which day") from None


PAGES = (
    SitePage(path="/f/{token}/cases", answer=_page, roles=None),
    SitePage(path="/f/{token}/cases", answer=_send, roles=None, methods=("POST",)),
)
