"""The log: who did what, newest first, sifted by person and by kind."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from starlette.responses import Response

from bot.domain.decisions.actor import Actor
from bot.domain.people.roles import Role
from bot.views.oversight.logbook import LogCursor, log_page
from bot.web.site import RequestContext, SitePage, whole
from config.wording import templates


def _page(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    person, kind = asked.query("person"), asked.query("kind")
    by = _actor(person) if person else None
    place = _place(asked.query("after"), asked.at)
    with asked.app.store.reading() as session:
        shown = log_page(session, campaign, place, by=by, kind=kind or None)
    older = ""
    if shown.next is not None:
        after = f"{shown.next.at.isoformat()}~{shown.next.source}~{shown.next.number}"
        sifted = {"person": person, "kind": kind, "after": after}
        older = f"/c/{quote(campaign.key)}/log?{urlencode({name: one for name, one in sifted.items() if one})}"
    shared = {
        name for name, found in Counter(one.name for one in shown.actors).items() if found > 1
    }
    return asked.page(
        "log.html.j2",
        entries=[
            (
                one,
                _called(Actor(name=one.person, login=one.login), shared),
                templates.logged(one.kind, one.facts),
            )
            for one in shown.entries
        ],
        persons=[(_value(one), _called(one, shared)) for one in shown.actors],
        kinds=[(one, templates.kind_of_log(one)) for one in shown.kinds],
        chosen=(person, kind),
        older=older,
        first=not asked.query("after"),
    )


def _called(actor: Actor, shared: set[str]) -> str:
    """The name of who decided, with his login where others decided under the same name."""
    if not actor.login or actor.name not in shared:
        return actor.name
    return templates.said("name_of_account", name=actor.name, login=actor.login)


def _value(actor: Actor) -> str:
    """Who decided, as the address of a sifted page names him: login~name, or the name alone where
    it can only be that.
    """
    return f"{actor.login}~{actor.name}" if actor.login or "~" in actor.name else actor.name


def _actor(value: str) -> Actor:
    login, mark, name = value.partition("~")
    return Actor(name=name, login=login) if mark else Actor(name=value)


def _place(after: str, at: datetime) -> LogCursor:
    """The place an address names; the newest end for what is none."""
    try:
        moment, source, number = after.split("~")
        named = datetime.fromisoformat(moment)
        named.astimezone(UTC)  # the first and the last day of the calendar may not be days there
    except (ValueError, OverflowError):
        return LogCursor(at=at)
    counted, below = whole(source), whole(number)
    if named.tzinfo is None or named > at or counted is None or below is None:
        return LogCursor(at=at)
    return LogCursor(at=named, source=counted, number=below)


PAGES = (
    SitePage(
        path="/c/{campaign}/log",
        answer=_page,
        roles=frozenset({Role.CLERK}),
        tab=templates.said("tab_log"),
    ),
)
