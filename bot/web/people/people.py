"""People and readers: who may open which pages, let in by the clerk of a campaign or of the whole
installation.
"""

from __future__ import annotations

from secrets import choice
from typing import Any

from starlette.responses import Response

from bot.actions.people import people as deeds
from bot.actions.people.people import NotLetIn
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.people.roles import EVERY_CAMPAIGN, Role
from bot.store.people import people
from bot.web.site import RequestContext, SitePage
from config.wording import templates

CLERK = frozenset({Role.CLERK})
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of first passwords: nothing that is read for something else when it is written down."""


def _key(asked: RequestContext) -> CampaignKey:
    return asked.campaign.campaign.key if asked.campaign else EVERY_CAMPAIGN


def _page(asked: RequestContext, *, status: int = 200, **shown: Any) -> Response:
    key = _key(asked)
    assert asked.person is not None  # noqa: S101
    with asked.app.store.reading() as session:
        found = [one for one in people.accounts(session) if one.password]
        let_in = [one for one in people.readers(session) if key in (EVERY_CAMPAIGN, one.campaign)]
    if key != EVERY_CAMPAIGN:
        found = [one for one in found if {key, EVERY_CAMPAIGN} & one.person.roles.keys()]
    return asked.page(
        "people.html.j2",
        status=status,
        people=[(one.person, deeds.may_change(asked.person, one.person)) for one in found],
        readers=[(one, asked.person.role_in(one.campaign) is Role.CLERK) for one in let_in],
        key=key,
        every=EVERY_CAMPAIGN,
        titles={
            enrolled.campaign.key: enrolled.campaign.short_title
            for enrolled in asked.app.campaigns.values()
        },
        **{"shown_once": None, "fault": "", "typed": {}, **shown},
    )


def _add(asked: RequestContext) -> Response:
    login, name, role = asked.text("login"), asked.text("name"), asked.text("role")
    password = _first_password()
    try:
        with asked.app.store.writing() as session:
            deeds.add_person(
                session,
                login=login,
                name=name,
                password=password,
                by=asked.actor,
                at=asked.at,
                campaign=_key(asked),
                role=_role(role) or Role.LEADER,
            )
    except NotLetIn as fault:
        typed = {"login": login, "name": name, "role": role}
        return _page(
            asked,
            status=422,
            fault=templates.refusal("people", fault.why, **fault.facts),
            typed=typed,
        )
    # Told on this very page and nowhere else: it goes into no cookie and no log.
    return _page(asked, shown_once=("password", name, login.lower(), password))


def _first_password() -> str:
    return "-".join("".join(choice(SIGNS) for _ in range(4)) for _ in range(3))


def _set_role(asked: RequestContext) -> Response:
    login, role = asked.text("login"), asked.text("role")
    return _done(
        asked,
        lambda session: deeds.set_role(
            session, login, _key(asked), _role(role), by=asked.actor, at=asked.at
        ),
        "role_set",
        login,
    )


def _shut_out(asked: RequestContext) -> Response:
    login = asked.text("login")
    return _done(
        asked,
        lambda session: deeds.shut_out(
            session, login, by=asked.actor, at=asked.at, actor=asked.person
        ),
        "person_off",
        login,
    )


def _new_password(asked: RequestContext) -> Response:
    login = asked.text("login")
    password = _first_password()
    try:
        with asked.app.store.writing() as session:
            deeds.change_password(
                session, login, password, by=asked.actor, at=asked.at, actor=asked.person
            )
    except NotLetIn as fault:
        return _page(asked, status=422, fault=templates.refusal("people", fault.why, **fault.facts))
    return _page(asked, shown_once=("password", login, login, password))


def _add_reader(asked: RequestContext) -> Response:
    name = asked.text("name")
    try:
        with asked.app.store.writing() as session:
            token = deeds.add_reader(session, name, _key(asked), by=asked.actor, at=asked.at)
    except NotLetIn as fault:
        return _page(asked, status=422, fault=templates.refusal("people", fault.why, **fault.facts))
    return _page(asked, shown_once=("token", name, name, token))


def _end_reader(asked: RequestContext) -> Response:
    name = asked.text("name")
    return _done(
        asked,
        lambda session: deeds.end_reader(
            session, name, by=asked.actor, at=asked.at, actor=asked.person
        ),
        "reader_ended",
        name,
    )


def _done(asked: RequestContext, deed: Any, said: str, who: str) -> Response:
    here = asked.request.url.path.rpartition("/")[0]
    try:
        with asked.app.store.writing() as session:
            deed(session)
    except NotLetIn as fault:
        return asked.back(here, templates.refusal("people", fault.why, **fault.facts), well=False)
    return asked.back(here, templates.said(said, login=who, name=who))


def _role(text: str) -> Role | None:
    return Role(text) if text in set(Role) else None


DEEDS = {
    "add": _add,
    "role": _set_role,
    "off": _shut_out,
    "password": _new_password,
    "reader": _add_reader,
    "reader-end": _end_reader,
}

PAGES = tuple(
    page
    for base in ("/c/{campaign}/people", "/people")
    for page in (
        SitePage(path=base, answer=_page, roles=CLERK, tab=templates.said("tab_people")),
        *(
            SitePage(path=f"{base}/{name}", answer=deed, roles=CLERK, methods=("POST",))
            for name, deed in DEEDS.items()
        ),
    )
)
