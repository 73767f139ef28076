"""Every page that people look at, by a short name: who opens it, and where it is. All of them are
looked at, and go into `docs/pages/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from bot.actions.oversight import board_links
from bot.actions.replies.fill import LINK, link_facts
from bot.commands.demo import SEASON
from bot.domain.campaigns.campaign import TownshipName
from bot.domain.decisions.actor import Actor
from bot.store.replies import readings
from tests.browser.served import Served

HERE = f"/c/{SEASON}"


def signed_board(site: Served) -> str:
    """The address of the board for whoever holds the link, made for this."""
    with site.app.store.writing() as session:
        number = board_links.make_link(
            session, site.enrolled.campaign, by=Actor(name="李四"), at=site.now
        )
    return "/b/" + site.site.links.signed(
        "board", {"campaign": site.enrolled.campaign.key, "link": number}
    )


def fill_link(site: Served, township: str = "") -> str:
    """The address under which a township, the first if none is named, reports today."""
    campaign = site.enrolled.campaign
    town = campaign.township(TownshipName(township)) if township else campaign.townships[0]
    return "/f/" + site.site.links.signed(LINK, link_facts(campaign, town, site.now.date()))


def explained(site: Served) -> str:
    """The desk with the newest figure explained on the words it was read from."""
    with site.app.store.reading() as session:
        told = readings.readings(session, site.enrolled.campaign.key)
    number = max(
        reply.number
        for reply, reading in told
        if reading.outcome == "accept" and reply.sent_at <= site.now
    )
    return f"{HERE}/desk?why={number}"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page as it is looked at; `narrow` on a phone too, where leaders, supervisors and contacts
    read it.
    """

    name: str
    login: str
    path: str | Callable[[Served], str]
    narrow: bool = False
    width: int = 1280
    height: int = 900

    def address(self, site: Served) -> str:
        """Where it is on that site: a link is made for it."""
        return self.path if isinstance(self.path, str) else self.path(site)


SEEN = (
    Seen(name="login", login="", path="/login", narrow=True),
    Seen(name="fault", login="", path="/b/altered"),
    Seen(name="fill", login="", path=fill_link, narrow=True),
    Seen(name="fill-refused", login="", path="/f/altered"),
    Seen(name="board-signed", login="", path=signed_board),
    Seen(name="home", login="chief", path="/"),
    Seen(name="password", login="clerk", path="/password"),
    Seen(name="desk", login="clerk", path=f"{HERE}/desk", narrow=True),
    Seen(name="desk-why", login="clerk", path=explained),
    Seen(name="preview", login="clerk", path=f"{HERE}/desk/preview"),
    Seen(name="board", login="leader", path=f"{HERE}/board", narrow=True),
    Seen(name="board-wall", login="leader", path=f"{HERE}/board?wall=1", width=1920, height=1080),
    Seen(name="board-link", login="clerk", path=f"{HERE}/board/link"),
    Seen(
        name="township",
        login="leader",
        path=lambda site: (
            f"{HERE}/board/t/{quote(site.enrolled.campaign.townships[6].name, safe='')}"
        ),
        narrow=True,
    ),
    Seen(name="overdue", login="supervisor", path=f"{HERE}/overdue", narrow=True),
    Seen(name="deliveries", login="clerk", path=f"{HERE}/deliveries"),
    Seen(name="delivery", login="clerk", path=f"{HERE}/deliveries/1"),
    Seen(name="burden", login="clerk", path=f"{HERE}/burden"),
    Seen(name="log", login="clerk", path=f"{HERE}/log"),
    Seen(name="links", login="clerk", path=f"{HERE}/links"),
    Seen(name="paste", login="clerk", path=f"{HERE}/paste"),
    Seen(name="import", login="clerk", path=f"{HERE}/import"),
    Seen(name="setup", login="clerk", path=f"{HERE}/setup"),
    Seen(name="setup-list", login="chief", path="/setup"),
    Seen(name="setup-new", login="chief", path="/setup/new"),
    Seen(name="groups", login="clerk", path=f"{HERE}/setup/groups"),
    Seen(name="people", login="clerk", path=f"{HERE}/people"),
)
