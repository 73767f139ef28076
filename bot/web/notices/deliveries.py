"""The clerk's page of deliveries: was it posted, in the platform's own words; retried, dropped,
settled, a robot switched on.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.notices.robots import switch_group_on
from bot.actions.notices.settle import SettlementRefused, drop, retry, settle
from bot.actions.notices.trial import MOST_TESTS, send_test
from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.people.roles import Role
from bot.store import Session
from bot.store.notices import notices
from bot.views.notices.posted import course, posted
from bot.web.site import RequestContext, SitePage, a_day, whole
from config.wording import templates

CLERK = frozenset({Role.CLERK})


def _page(asked: RequestContext) -> Response:
    with asked.app.store.reading() as session:
        shown = posted(
            session, asked.enrolled.campaign, asked.app.robots, a_day(asked.query("day"))
        )
    return asked.page("deliveries.html.j2", shown=shown, most_tests=MOST_TESTS)


def _one(asked: RequestContext) -> Response:
    """One delivery with its notice and everything that happened to it."""
    campaign, number = asked.enrolled.campaign, whole(asked.path("number"))
    with asked.app.store.reading() as session:
        found = None if number is None else course(session, campaign, number)
        if found is None:
            return asked.site.fault(asked, 404, "page")
        notice = notices.get_notice(session, found[0].delivery.notice_number)
    return asked.page(
        "delivery.html.j2",
        posting=found[0],
        delivery=found[0].delivery,
        events=found[1],
        notice=notice,
    )


def _retry(asked: RequestContext) -> Response:
    def deed(session: Session, number: int) -> str:
        again = retry(session, number, by=asked.actor, reason=asked.text("reason"), at=asked.at)
        return templates.said("delivery_retried", number=number, again=again)

    return _done(asked, deed)


def _drop(asked: RequestContext) -> Response:
    def deed(session: Session, number: int) -> str:
        drop(session, number, by=asked.actor, reason=asked.text("reason"), at=asked.at)
        return templates.said("delivery_dropped", number=number)

    return _done(asked, deed)


def _settle(asked: RequestContext) -> Response:
    arrived = asked.text("arrived") == "yes"

    def deed(session: Session, number: int) -> str:
        if asked.text("arrived") not in ("yes", "no"):
            raise SettlementRefused("say_which", "say whether it arrived")
        settle(
            session,
            number,
            arrived=arrived,
            by=asked.actor,
            reason=asked.text("reason"),
            at=asked.at,
        )
        return templates.said(
            "delivery_arrived" if arrived else "delivery_not_arrived", number=number
        )

    return _done(asked, deed)


def _done(asked: RequestContext, deed: Callable[[Session, int], str]) -> Response:
    """Does it to the delivery of the form, if it is one of this campaign, and goes back to the day
    that was being read.
    """
    given = asked.text("number")
    number = whole(given) or 0
    try:
        with asked.app.store.writing() as session:
            if course(session, asked.enrolled.campaign, number) is None:
                raise SettlementRefused(
                    "no_delivery", f"there is no delivery {given}", number=given[:19]
                )
            told = deed(session, number)
    except Refusal as refused:
        return asked.back(
            _here(asked), templates.refusal(refused.room, refused.why, **refused.facts), well=False
        )
    return asked.back(_here(asked), told)


def _robot_on(asked: RequestContext) -> Response:
    campaigns = asked.app.campaigns

    def find(key: CampaignKey) -> Campaign | None:
        return campaigns[key].campaign if key in campaigns else None

    try:
        with asked.app.store.writing() as session:
            go, passed = switch_group_on(
                session,
                find,
                asked.app.robots,
                asked.enrolled.campaign,
                asked.text("group"),
                person=asked.actor,
                reason=asked.text("reason"),
                at=asked.at,
            )
    except Refusal as refused:
        return asked.back(
            _here(asked), templates.refusal(refused.room, refused.why, **refused.facts), well=False
        )
    return asked.back(_here(asked), templates.said("robot_on", go=go, passed=passed))


def _test(asked: RequestContext) -> Response:
    group, robots = asked.text("group"), asked.app.robots
    try:
        with asked.app.store.writing() as session:
            send_test(
                session,
                asked.enrolled,
                asked.app.wording,
                robots,
                group,
                by=asked.actor,
                at=asked.at,
            )
    except Refusal as refused:
        return asked.back(
            _here(asked), templates.refusal(refused.room, refused.why, **refused.facts), well=False
        )
    name = next(one.name for one in asked.enrolled.campaign.groups if one.key == group)
    return asked.back(_here(asked), templates.said("test_sent", group=name))


def _here(asked: RequestContext) -> str:
    day = a_day(asked.text("day"))
    return f"/c/{quote(asked.enrolled.campaign.key)}/deliveries" + (
        f"?day={day.isoformat()}" if day else ""
    )


PAGES = (
    SitePage(
        path="/c/{campaign}/deliveries",
        answer=_page,
        roles=CLERK,
        tab=templates.said("tab_deliveries"),
    ),
    SitePage(path="/c/{campaign}/deliveries/{number}", answer=_one, roles=CLERK),
    *(
        SitePage(
            path=f"/c/{{campaign}}/deliveries/{name}", answer=deed, roles=CLERK, methods=("POST",)
        )
        for name, deed in {
            "retry": _retry,
            "drop": _drop,
            "settle": _settle,
            "robot": _robot_on,
            "test": _test,
        }.items()
    ),
)
