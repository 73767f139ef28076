"""The log: who did what, newest first, sifted by person and by kind."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from starlette.responses import Response

from bot.domain.people.roles import Role
from bot.views.oversight.logbook import Place, log_page
from bot.web.site import Asked, Page, whole
from config.wording import templates


def _page(asked: Asked) -> Response:
    campaign = asked.enrolled.campaign
    person, kind = asked.query("person"), asked.query("kind")
    place = _place(asked.query("after"), asked.at)
    with asked.app.store.reading() as session:
        shown = log_page(session, campaign, place, person=person or None, kind=kind or None)
    older = ""
    if shown.next is not None:
        after = f"{shown.next.at.isoformat()}~{shown.next.source}~{shown.next.number}"
        sifted = {"person": person, "kind": kind, "after": after}
        older = f"/c/{quote(campaign.key)}/log?{urlencode({name: one for name, one in sifted.items() if one})}"
    return asked.page(
        "log.html.j2",
        entries=[(one, templates.logged(one.kind, one.facts)) for one in shown.entries],
        persons=shown.persons,
        kinds=[(one, templates.kind_of_log(one)) for one in shown.kinds],
        chosen=(person, kind),
        older=older,
        first=not asked.query("after"),
    )


def _place(after: str, at: datetime) -> Place:
    """The place an address names; the newest end for what is none."""
    try:
        moment, source, number = after.split("~")
        named = datetime.fromisoformat(moment)
        named.astimezone(UTC)  # the first and the last day of the calendar may not be days there
    except (ValueError, OverflowError):
        return Place(at=at)
    counted, below = whole(source), whole(number)
    if named.tzinfo is None or named > at or counted is None or below is None:
        return Place(at=at)
    return Place(at=named, source=counted, number=below)


PAGES = (Page(path="/c/{campaign}/log", answer=_page, roles=frozenset({Role.CLERK}), tab=templates.said("tab_log")),)
