"""疑点: what of the registers cannot be right or is missing, derived; a person's word on exactly
these facts silences it.
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.refusal import Refusal
from bot.actions.registers.settle import doubt_words, settle_doubt
from bot.domain.campaigns.register import Register
from bot.domain.people.roles import Role
from bot.domain.registers.doubts import CaseDoubt, open_doubts
from bot.store import Session
from bot.views.registers.ledger import standing
from bot.views.registers.shown import doubts_of
from bot.web.site import RequestContext, SitePage, has_registers
from config.wording import registers as wording
from config.wording import templates

CLERK = frozenset({Role.CLERK})
MOST = 300
"""Doubts on one page; of more it says how many."""


def _doubts(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    if not campaign.registers:
        return asked.site.fault(asked, 404, "page")
    kind = asked.query("kind")
    with asked.app.store.reading() as session:
        found = _found(asked, session)
        said = doubt_words(session, asked.enrolled)
    still = {doubt.digest for doubt in open_doubts([doubt for _, doubt in found], said)}
    open_ = [(register, doubt) for register, doubt in found if doubt.digest in still]
    shown = [
        (register, doubt, wording.finding(doubt))
        for register, doubt in open_
        if kind in ("", doubt.kind)
    ]
    settled = {word.digest: word for word in said}
    return asked.page(
        "doubts.html.j2",
        doubts=shown[:MOST],
        more=max(0, len(shown) - MOST),
        kinds=[
            (one, wording.called(one), count)
            for one, count in Counter(doubt.kind for _, doubt in open_).most_common()
        ],
        kind=kind,
        settled=[
            (doubt, wording.finding(doubt), settled[doubt.digest])
            for _, doubt in found
            if doubt.digest in settled
        ],
    )


def _found(asked: RequestContext, session: Session) -> list[tuple[Register, CaseDoubt]]:
    campaign = asked.enrolled.campaign
    day = asked.at.astimezone(campaign.timezone).date()
    found: list[tuple[Register, CaseDoubt]] = []
    for register in campaign.registers:
        held = standing(session, campaign, register, asked.at, asked.app.payments)
        missed = register.rules.missed
        listed = held.listed.get(missed.register, frozenset()) if missed else frozenset()
        cases = tuple(held.cases.values())
        found += [
            (register, doubt)
            for doubt in doubts_of(campaign, register, cases, held.people, day, listed=listed)
        ]
    return found


def _settle(asked: RequestContext) -> Response:
    here = f"/c/{quote(asked.enrolled.campaign.key)}/doubts"
    try:
        with asked.app.store.writing() as session:
            settle_doubt(
                session,
                asked.enrolled,
                [doubt for _, doubt in _found(asked, session)],
                asked.text("digest"),
                word=asked.text("word")[:200],
                by=asked.actor,
                at=asked.at,
            )
    except Refusal as refused:
        return asked.back(
            here, templates.refusal(refused.room, refused.why, **refused.facts), well=False
        )
    return asked.back(here, templates.said("doubt_settled"))


PAGES = (
    SitePage(
        path="/c/{campaign}/doubts",
        answer=_doubts,
        tab=templates.said("tab_doubts"),
        only=has_registers,
    ),
    SitePage(path="/c/{campaign}/doubts/settle", answer=_settle, roles=CLERK, methods=("POST",)),
)
