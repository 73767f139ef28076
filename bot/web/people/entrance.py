"""The way in and out: signing in, signing out, one's own password, and the campaigns one has to do
with.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.actions.people import people
from bot.actions.people.people import NotLetIn
from bot.domain.people.roles import EVERY_CAMPAIGN, Role
from bot.web.site import RequestContext, SitePage
from config.wording import templates

LANDING = {
    Role.CLERK: "desk",
    Role.LEADER: "board",
    Role.SUPERVISOR: "overdue",
    Role.FINANCE: "board",
}
"""The page of a campaign that each is led to."""


def _home(asked: RequestContext) -> Response:
    assert asked.person is not None  # noqa: S101
    mine = [
        (enrolled.campaign, role)
        for enrolled in asked.app.campaigns.values()
        if (role := asked.person.role_in(enrolled.campaign.key)) is not None
    ]
    if len(mine) == 1 and asked.person.role_in(EVERY_CAMPAIGN) is None:
        campaign, role = mine[0]
        return asked.back(f"/c/{campaign.key}/{LANDING[role]}")
    words = asked.query("q")
    found = [
        one
        for one in mine
        if words in one[0].title or words in one[0].key or words in one[0].bureau
    ]
    return asked.page(
        "home.html.j2",
        campaigns=[
            (campaign, role, f"/c/{campaign.key}/{LANDING[role]}") for campaign, role in found[:100]
        ],
        many=len(mine) > 20 or bool(words),
        words=words,
        left_off=max(0, len(found) - 100),
        today=asked.at,
    )


def _login(asked: RequestContext) -> Response:
    return asked.page("login.html.j2", onward=_onward(asked.query("next")), login="")


def _sign_in(asked: RequestContext) -> Response:
    login, onward = asked.text("login"), _onward(asked.text("next"))
    source = asked.request.client.host if asked.request.client else ""
    # As it was typed: a password may begin or end with a blank.
    password = asked.form.get("password", "")
    with asked.app.store.writing() as session:
        found = people.sign_in(
            session,
            login,
            password if isinstance(password, str) else "",
            source=source,
            at=asked.at,
        )
    if isinstance(found, NotLetIn):
        return asked.page(
            "login.html.j2",
            status=401 if found.why == "wrong" else 429,
            onward=onward,
            login=login,
            fault=templates.refusal("people", found.why, **found.facts),
        )
    response = asked.back(onward or "/")
    asked.site.sign_in(response, found, asked.at)
    return response


def _sign_out(asked: RequestContext) -> Response:
    response = asked.back("/login")
    asked.site.sign_out(response)
    return response


def _password(asked: RequestContext) -> Response:
    return asked.page("password.html.j2")


def _change_password(asked: RequestContext) -> Response:
    assert asked.person is not None  # noqa: S101
    was, new, again = (str(asked.form.get(name, "")) for name in ("was", "new", "again"))
    source = asked.request.client.host if asked.request.client else ""
    with asked.app.store.writing() as session:
        # In a transaction of its own: a wrong attempt is kept whatever follows.
        found = people.sign_in(session, asked.person.login, was, source=source, at=asked.at)
    if isinstance(found, NotLetIn):
        return asked.back(
            "/password", templates.refusal("people", found.why, **found.facts), well=False
        )
    if new != again:
        return asked.back("/password", templates.refusal("people", "differs"), well=False)
    try:
        with asked.app.store.writing() as session:
            people.change_password(session, asked.person.login, new, by=asked.actor, at=asked.at)
    except NotLetIn as fault:
        return asked.back(
            "/password", templates.refusal("people", fault.why, **fault.facts), well=False
        )
    response = asked.back("/login", templates.said("password_changed"))
    asked.site.sign_out(response)
    return response


def _onward(address: str) -> str:
    """Where to go after signing in: a path of this site, nothing else."""
    plain = (
        address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    )
    return address if plain and all(sign.isprintable() for sign in address) else ""


PAGES = (
    SitePage(path="/", answer=_home, roles=frozenset()),
    SitePage(path="/login", answer=_login, roles=None),
    SitePage(path="/login", answer=_sign_in, roles=None, methods=("POST",)),
    SitePage(path="/logout", answer=_sign_out, roles=frozenset(), methods=("POST",)),
    SitePage(path="/password", answer=_password, roles=frozenset()),
    SitePage(path="/password", answer=_change_password, roles=frozenset(), methods=("POST",)),
)
