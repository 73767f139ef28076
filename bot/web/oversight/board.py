"""进度看板: the leader's page of a campaign, a township's own page, the screen on a wall, and the
same by a signed link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from bot.actions.oversight import board_links
from bot.actions.oversight.board_links import NoLink
from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.figures.progress import one_decimal
from bot.domain.people.roles import Role
from bot.domain.registers.compare import verified_total
from bot.views.oversight.board import AsKnown, Board, NoSuchDay, ReportEntry, board, told_by
from bot.views.registers.ledger import cases_known
from bot.web.oversight import charts
from bot.web.site import EVERYBODY, RequestContext, SitePage
from config.wording import templates


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the pages of one board are: `base` is the campaign's, or that of a link."""

    base: str
    day: date | None  # the day that was asked for, None for the newest
    shown: date  # the day that is shown
    as_known: AsKnown

    def board(self, day: date | None = None) -> str:
        """The board of another day, or the one that was asked for."""
        return self.base + self._query(day or self.day, self.as_known)

    def on(self, township: str, day: date) -> str:
        """A township's own page on another day."""
        return self._of(township) + self._query(day, self.as_known)

    def known(self, as_known: str, township: str = "") -> str:
        """The board, or a township's page, of this day otherwise known."""
        return (self._of(township) if township else self.base) + self._query(
            self.shown, AsKnown(as_known)
        )

    def newest(self) -> str:
        """The board of the newest day."""
        return self.base

    def wall(self) -> str:
        """The screen on a wall: always the newest day."""
        return f"{self.base}?wall=1"

    def township(self, name: str) -> str:
        """A township's own page, on the same day."""
        return self._of(name) + self._query(self.day, self.as_known)

    def _of(self, township: str) -> str:
        return f"{self.base}/t/{quote(township, safe='')}"

    def _query(self, day: date | None, as_known: AsKnown) -> str:
        asked = {"day": day.isoformat()} if day else {}
        if as_known is not AsKnown.CORRECTED:
            asked["as"] = as_known.value
        return f"?{urlencode(asked)}" if asked else ""


def _board(asked: RequestContext) -> Response:
    return _shown(asked, asked.enrolled.campaign, f"/c/{quote(asked.enrolled.campaign.key)}/board")


def _township(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    return _shown_township(asked, campaign, f"/c/{quote(campaign.key)}/board", replies=True)


def _by_link(asked: RequestContext) -> Response:
    campaign = _opened(asked)
    if campaign is None:
        return asked.site.fault(asked, 404, "link")
    return _shown(asked, campaign, f"/b/{quote(asked.path('token'))}")


def _township_by_link(asked: RequestContext) -> Response:
    campaign = _opened(asked)
    if campaign is None:
        return asked.site.fault(asked, 404, "link")
    # A link may be passed on to anybody: it shows what a bulletin shows, and nobody's own words or
    # name.
    return _shown_township(asked, campaign, f"/b/{quote(asked.path('token'))}", replies=False)


def _opened(asked: RequestContext) -> Campaign | None:
    facts = asked.site.links.opened(board_links.PURPOSE, asked.path("token")) or {}
    enrolled = asked.site.find(str(facts.get("campaign", "")))
    number = facts.get("link")
    if enrolled is None or not isinstance(number, int):
        return None
    with asked.app.store.reading() as session:
        holds = board_links.link_holds(session, enrolled.campaign, number, asked.at)
    return enrolled.campaign if holds else None


def _link(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    with asked.app.store.reading() as session:
        held = board_links.link_in_force(session, campaign, asked.at)
    token = "" if held is None else board_links.token_of(asked.site.links, campaign, held.number)
    root = asked.app.settings.public_url or str(asked.request.base_url).rstrip("/")
    until = board_links.links_end(campaign)
    return asked.page(
        "board_link.html.j2",
        held=held,
        address=f"{root}/b/{token}" if token else "",
        until=until,
        over=asked.at >= until,
        local=bool(token) and not asked.app.settings.public_url,
    )


def _make_link(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    back = f"/c/{quote(campaign.key)}/board/link"
    try:
        with asked.app.store.writing() as session:
            board_links.make_link(session, campaign, by=asked.actor, at=asked.at)
    except NoLink as fault:
        return asked.back(back, templates.refusal(fault.room, fault.why, **fault.facts), well=False)
    return asked.back(back, templates.said("board_link_made"))


def _end_links(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    with asked.app.store.writing() as session:
        board_links.end_links(session, campaign, by=asked.actor, at=asked.at)
    return asked.back(f"/c/{quote(campaign.key)}/board/link", templates.said("board_links_ended"))


def _shown(asked: RequestContext, campaign: Campaign, base: str) -> Response:
    wall = asked.query("wall") == "1"
    found = _read(asked, campaign, base)
    if found is None:
        return asked.site.fault(asked, 404, "day")
    shown, addresses = found
    campaign = shown.campaign  # in the version that is shown
    facts = _facts(campaign, shown, addresses)
    facts["verified"] = None if wall else _verified(asked, campaign, shown)
    if not wall:
        facts["calendar"] = charts.calendar(shown.calendar, _length(campaign))
        facts["by_day"] = [
            (sheet, sum(row.absent for row in sheet.townships)) for sheet in reversed(shown.sheets)
        ]
    facts["curves"] = [
        (name, charts.drawing(shown.curve, canvas))
        for name, canvas in (
            (("wall", charts.WALL),) if wall else (("phone", charts.PHONE), ("desk", charts.DESK))
        )
    ]
    return asked.page("board_wall.html.j2" if wall else "board.html.j2", **facts)


def _shown_township(
    asked: RequestContext, campaign: Campaign, base: str, *, replies: bool
) -> Response:
    name = asked.path("township")
    if all(one.name != name for one in campaign.townships):
        return asked.site.fault(asked, 404, "page")
    found = _read(asked, campaign, base)
    if found is None:
        return asked.site.fault(asked, 404, "day")
    shown, addresses = found
    # in the version that is shown, of which the township may not yet have been
    campaign = shown.campaign
    township = next((one for one in campaign.townships if one.name == name), None)
    if township is None:
        return asked.site.fault(asked, 404, "day")
    told: tuple[ReportEntry, ...] = ()
    if replies and shown.sheets:
        with asked.app.store.reading() as session:
            told = told_by(session, shown, TownshipName(name))
    curve = shown.curve_of(township)
    return asked.page(
        "board_township.html.j2",
        **_facts(campaign, shown, addresses),
        township=township,
        line=shown.line(township.name) if shown.sheets else None,
        owed=[one for one in shown.obligations if one.township == township.name],
        days_of_it=[
            (one.day, charts.square(one, township.target, _length(campaign)))
            for one in reversed(shown.calendar_of(township.name))
        ],
        values={sheet.day: sheet.of(township.name).value for sheet in shown.sheets},
        told={day: list(words) for day, words in groupby(told, key=lambda word: word.day)},
        names={
            **{stage.key: stage.name for stage in campaign.stages},
            **{category.key: category.name for category in campaign.categories},
        },
        replies=replies,
        curves=[
            ("phone", charts.drawing(curve, charts.PHONE)),
            ("desk", charts.drawing(curve, charts.DESK)),
        ],
    )


def _read(asked: RequestContext, campaign: Campaign, base: str) -> tuple[Board, Addresses] | None:
    """The board that was asked for; None for a day that has none."""
    as_known = AsKnown.THEN if asked.query("as") == AsKnown.THEN else AsKnown.CORRECTED
    day = None
    if asked.query("day"):
        try:
            day = date.fromisoformat(asked.query("day"))
        except ValueError:
            return None
    try:
        with asked.app.store.reading() as session:
            shown = board(session, asked.app.sheets, campaign, asked.at, day=day, as_known=as_known)
    except NoSuchDay:
        return None
    return shown, Addresses(base=base, day=day, shown=shown.day, as_known=as_known)


def _verified(asked: RequestContext, campaign: Campaign, shown: Board) -> int | None:
    """What the register proves of the headline stage on the day shown, as known then; None where
    nothing was ever filed.
    """
    register = campaign.register
    if register is None or not shown.sheets:
        return None
    with asked.app.store.reading() as session:
        if shown.known_at >= asked.at:
            cases = asked.app.registers.cases(
                session, campaign, register, asked.at, asked.app.payments
            )
        else:
            cases = cases_known(session, campaign, register, shown.known_at, asked.app.payments)
    return verified_total(register, cases, campaign.headline.key, shown.day) if cases else None


def _length(campaign: Campaign) -> int:
    return (campaign.deadline - campaign.start).days + 1


def _facts(campaign: Campaign, shown: Board, addresses: Addresses) -> dict[str, Any]:
    place = shown.days.index(shown.day) if shown.day in shown.days else 0
    return {
        "campaign": campaign,
        "shown": shown,
        "sheet": shown.sheet,
        "forecast": shown.forecasts.total,
        "to": addresses,
        "earlier": shown.days[place - 1] if place > 0 else None,
        "later": shown.days[place + 1] if place + 1 < len(shown.days) else None,
        "planned_share": shown.planned_share,
        "bar": charts.bar,
        "one_decimal": one_decimal,
    }


PAGES: tuple[SitePage, ...] = (
    SitePage(
        path="/c/{campaign}/board", answer=_board, roles=EVERYBODY, tab=templates.said("tab_board")
    ),
    SitePage(path="/c/{campaign}/board/t/{township:path}", answer=_township, roles=EVERYBODY),
    SitePage(path="/c/{campaign}/board/link", answer=_link, roles=frozenset({Role.CLERK})),
    SitePage(
        path="/c/{campaign}/board/link",
        answer=_make_link,
        roles=frozenset({Role.CLERK}),
        methods=("POST",),
    ),
    SitePage(
        path="/c/{campaign}/board/link/end",
        answer=_end_links,
        roles=frozenset({Role.CLERK}),
        methods=("POST",),
    ),
    SitePage(path="/b/{token}", answer=_by_link, roles=None),
    SitePage(path="/b/{token}/t/{township:path}", answer=_township_by_link, roles=None),
)
