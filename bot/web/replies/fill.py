"""The fill page of a township, opened by its link alone; and the clerk's page that lists the links
of the day.
"""

from __future__ import annotations

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from starlette.responses import Response

from bot.actions.replies.collect import standing_before
from bot.actions.replies.fill import (
    LINK,
    Form,
    NotFilled,
    Values,
    day_open,
    fill,
    form_of,
    links_of,
)
from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey
from bot.domain.day.ranking import standings
from bot.domain.figures.progress import plain
from bot.domain.people.roles import Role
from bot.domain.replies.reading import Outcome
from bot.store import Session
from bot.web.site import RequestContext, SitePage
from config.wording import templates

GONE = frozenset({"old", "ended", "not_come"})
"""Refusals of a link that was ours and is good no more."""


def _form(asked: RequestContext, session: Session) -> Form:
    facts = asked.site.links.opened(LINK, asked.path("token"))
    return form_of(session, asked.app.campaigns, facts, asked.at)


def _page(asked: RequestContext) -> Response:
    try:
        with asked.app.store.reading() as session:
            form = _form(asked, session)
            return _shown(asked, session, form)
    except NotFilled as fault:
        return _no_form(asked, fault)


def _send(asked: RequestContext) -> Response:
    try:
        with asked.app.store.reading() as session:
            form = _form(asked, session)
    except NotFilled as fault:
        return _no_form(asked, fault)
    typed = _typed(asked, form.campaign)
    correction = asked.text("correction") == "yes"
    wrong: frozenset[tuple[str, str | None]] = frozenset()
    try:
        reading = fill(
            asked.app.store,
            form,
            asked.app.reading_wording,
            typed,
            correction=correction,
            nonce=asked.text("nonce"),
            at=asked.at,
        )
    except NotFilled as refused:
        told = templates.refusal("fill", refused.why, **refused.facts)
        wrong = frozenset(
            cell for cell, value in typed.items() if value and value == refused.facts.get("typed")
        )
    else:
        if reading.outcome == Outcome.ACCEPT:
            return asked.back(asked.request.url.path, reading.echo)
        told = reading.echo
        wrong = frozenset(
            (stage, category)
            for doubt in reading.asked
            for stage, category in doubt.get("cells", ())
        )
    with asked.app.store.reading() as session:
        return _shown(
            asked,
            session,
            form,
            status=422,
            fault=told,
            typed=typed,
            wrong=wrong,
            correction=correction,
        )


def _typed(asked: RequestContext, campaign: Campaign) -> Values:
    keys: list[tuple[StageKey, CategoryKey | None]] = [
        (stage.key, category)
        for stage in campaign.stages
        for category in (None, *(one.key for one in campaign.categories))
    ]
    return {key: asked.text(_field(*key))[:40] for key in keys}


def _field(stage: StageKey, category: CategoryKey | None) -> str:
    return f"{stage}.{category or ''}"


def _shown(
    asked: RequestContext,
    session: Session,
    form: Form,
    *,
    status: int = 200,
    fault: str = "",
    typed: Values | None = None,
    wrong: frozenset[tuple[str, str | None]] = frozenset(),
    correction: bool = False,
) -> Response:
    campaign, township, day = form.campaign, form.township, form.day
    before, today = standing_before(session, campaign, day, asked.at)
    sheets = asked.app.sheets.known(session, campaign, day, asked.at)
    row = sheets[-1].of(township.name)
    ranked = standings(campaign, sheets[-1], sheets[-2] if len(sheets) > 1 else None)

    def field(stage: StageKey, category: CategoryKey | None, *, prefilled: bool) -> dict[str, Any]:
        cell = (township.name, stage, category)
        stood = before.get(cell)
        said = today.get(cell)
        stands = said.value if said is not None and said.value is not None else stood
        value = typed.get((stage, category), "") if typed is not None else ""
        if typed is None and prefilled and stands is not None:
            value = plain(stands)
        return {
            "name": _field(stage, category),
            "value": value,
            "stood": stood,
            "target": township.target_of(category),
            "wrong": (stage, category) in wrong,
        }

    stages = [
        (
            stage.name,
            field(stage.key, None, prefilled=True),
            [
                (category.name, field(stage.key, category.key, prefilled=False))
                for category in campaign.categories
                if township.target_of(category.key) > 0
            ],
        )
        for stage in campaign.stages
    ]
    parts = [part for _, _, parts in stages for _, part in parts]
    return asked.page(
        "fill.html.j2",
        status=status,
        campaign=campaign,
        township=township.name,
        day=day,
        eve=day - timedelta(days=1),
        late=asked.at >= campaign.moment(day, campaign.cutoff),
        stages=stages,
        by_category=bool(parts),
        parts_typed=any(part["value"] for part in parts),
        fault=fault,
        correction=correction,
        prefilled=bool(before) or bool(today),
        reported=any(township.name == cell[0] for cell in today),
        row=row,
        place=next((one for one in ranked if one.row.township == township.name), None)
        if campaign.ranking.enabled
        else None,
        of=len(ranked),
        nonce=token_urlsafe(12),
    )


def _no_form(asked: RequestContext, fault: NotFilled) -> Response:
    told = templates.refusal("fill", fault.why, **fault.facts)
    return asked.page("fill_refused.html.j2", status=410 if fault.why in GONE else 404, told=told)


def _links(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    with asked.app.store.reading() as session:
        day = day_open(session, campaign, asked.at)
        sheet = (
            None if day is None else asked.app.sheets.known(session, campaign, day, asked.at)[-1]
        )
    origin = asked.app.settings.public_url or str(asked.request.base_url).rstrip("/")
    return asked.page(
        "links.html.j2",
        day=day,
        links=[] if day is None else links_of(asked.site.links, campaign, day, origin),
        rows={} if sheet is None else {row.township: row for row in sheet.townships},
        without=[one.name for one in campaign.townships if not one.contacts],
        public=bool(asked.app.settings.public_url),
        origin=origin,
    )


PAGES = (
    SitePage(path="/f/{token}", answer=_page, roles=None),
    SitePage(path="/f/{token}", answer=_send, roles=None, methods=("POST",)),
    SitePage(
        path="/c/{campaign}/links",
        answer=_links,
        roles=frozenset({Role.CLERK}),
        tab=templates.said("tab_links"),
    ),
)
