"""The supervisor's page: what is overdue, whose, since when, on which step, with what evidence;
answered, proposed, decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.oversight.overdue import acknowledge, decide, propose
from bot.actions.refusal import Refusal
from bot.domain.day.obligations import FRESH_DAYS, Light, Owed, due_by
from bot.domain.people.roles import Role
from bot.store import Session
from bot.views.oversight.overdue import Late, overdue_now
from bot.web.site import RequestContext, SitePage
from config.wording import templates

SUPERVISOR = frozenset({Role.SUPERVISOR})
DECIDING = frozenset({Role.SUPERVISOR, Role.LEADER})
UNANSWERED = "unanswered"


def _page(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    wanted = asked.query("what")
    with asked.app.store.reading() as session:
        seen = overdue_now(session, campaign, asked.at)
    shown = [late for late in seen.late if _wanted(late, wanted)]
    worst = {late.obligation.township: place for place, late in reversed(list(enumerate(shown)))}
    by_township = sorted(shown, key=lambda late: worst[late.obligation.township])
    return asked.page(
        "overdue.html.j2",
        seen=seen,
        townships=[
            (township, list(lates))
            for township, lates in groupby(by_township, lambda late: late.obligation.township)
        ],
        counts={
            light: sum(late.obligation.light is light for late in seen.late)
            for light in (Light.RED, Light.YELLOW)
        },
        kinds=[what for what in Owed if any(late.obligation.owed is what for late in seen.late)],
        what=wanted,
        fresh_days=FRESH_DAYS,
        planned={
            late.obligation.township: due_by(campaign, late.row, seen.sheet.day)
            for late in seen.late
            if seen.sheet
        },
        reports_due=[one for one in seen.soon if one.owed is Owed.REPORT],
        deadlines_near=[one for one in seen.soon if one.owed is Owed.DEADLINE],
        stages={stage.key: stage.name for stage in campaign.stages},
        names_of_stages={
            stage.key: stage.name for register in campaign.registers for stage in register.stages
        },
        categories={category.key: category.name for category in campaign.categories},
        measures=list(dict.fromkeys(rung.measure for rung in campaign.ladder if rung.measure)),
    )


def _wanted(late: Late, what: str) -> bool:
    if what == UNANSWERED:
        return late.obligation.answer is None
    return what not in set(Owed) or late.obligation.owed == what


def _answer(asked: RequestContext) -> Response:
    def deed(session: Session) -> None:
        acknowledge(
            session,
            asked.enrolled.campaign,
            asked.text("township"),
            asked.text("owed"),
            word=asked.text("word"),
            by=asked.actor,
            at=asked.at,
        )

    return _done(asked, deed, "overdue_answered")


def _propose(asked: RequestContext) -> Response:
    def deed(session: Session) -> None:
        propose(
            session,
            asked.enrolled.campaign,
            asked.text("township"),
            asked.text("owed"),
            measure=asked.text("measure"),
            reason=asked.text("reason"),
            by=asked.actor,
            at=asked.at,
        )

    return _done(asked, deed, "measure_proposed")


def _decide(asked: RequestContext) -> Response:
    approve = asked.text("approve") == "yes"

    def deed(session: Session) -> None:
        decide(
            session,
            asked.enrolled.campaign,
            asked.text("township"),
            asked.text("owed"),
            measure=asked.text("measure"),
            approve=approve,
            reason=asked.text("reason"),
            by=asked.actor,
            at=asked.at,
        )

    return _done(asked, deed, "measure_approved" if approve else "measure_declined")


def _done(asked: RequestContext, deed: Callable[[Session], None], said: str) -> Response:
    """Does it and goes back to the list as it was being read."""
    what = asked.text("what")
    here = f"/c/{quote(asked.enrolled.campaign.key)}/overdue" + (
        f"?what={quote(what)}" if what else ""
    )
    try:
        with asked.app.store.writing() as session:
            deed(session)
    except Refusal as refused:
        return asked.back(
            here, templates.refusal(refused.room, refused.why, **refused.facts), well=False
        )
    told = templates.said(said, township=asked.text("township"), measure=asked.text("measure"))
    return asked.back(here, told)


PAGES = (
    SitePage(path="/c/{campaign}/overdue", answer=_page, tab=templates.said("tab_overdue")),
    SitePage(
        path="/c/{campaign}/overdue/answer", answer=_answer, roles=SUPERVISOR, methods=("POST",)
    ),
    SitePage(
        path="/c/{campaign}/overdue/propose", answer=_propose, roles=SUPERVISOR, methods=("POST",)
    ),
    SitePage(
        path="/c/{campaign}/overdue/decide", answer=_decide, roles=DECIDING, methods=("POST",)
    ),
)
