"""The clerk's page of burden: how many messages each contact got on each day, beside the ceilings
(law 9).
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from starlette.responses import Response

from bot.domain.people.roles import Role
from bot.views.oversight.burden import CEILINGS, SPAN, burden
from bot.web.site import RequestContext, SitePage, a_day
from config.wording import templates


def _page(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    today = max(asked.at.astimezone(campaign.timezone).date(), campaign.start)
    # Digest and corrections may follow the deadline for a few days; nothing was said before the
    # start.
    newest = min(today, campaign.deadline + timedelta(days=SPAN))
    oldest = campaign.start + timedelta(days=SPAN - 1)
    last = max(min(a_day(asked.query("until")) or newest, newest), oldest)
    with asked.app.store.reading() as session:
        shown = burden(session, campaign, last)
    here = f"/c/{quote(campaign.key)}/burden?until="
    return asked.page(
        "burden.html.j2",
        shown=shown,
        ceilings=CEILINGS,
        earlier=f"{here}{last - timedelta(days=SPAN)}" if last > oldest else "",
        later=f"{here}{last + timedelta(days=SPAN)}" if last < newest else "",
        today=today,
    )


PAGES = (
    SitePage(
        path="/c/{campaign}/burden",
        answer=_page,
        roles=frozenset({Role.CLERK}),
        tab=templates.said("tab_burden"),
    ),
)
