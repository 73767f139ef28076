"""A test message to a group, along the very path of every notice: a person asks for it, and it says
so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot import log
from bot.actions.notices.robots import made_now
from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import TEST
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import GroupSubject
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.notices import notices, robots
from bot.store.notices.deliveries import Queues
from bot.views.notices.wording import NoticeWording

MOST_TESTS = 3
"""To one group within an hour: people read what goes there."""


class NotTried(Refusal):
    """A test message that cannot go out now."""

    room = "trial"


def send_test(
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    queues: Queues,
    group: str,
    *,
    by: Actor,
    at: datetime,
) -> int:
    """Writes a test message to the group, due at once, also in the quiet hours: its notice's
    number. Raises NotTried.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    to = next((one for one in campaign.groups if one.key == group), None)
    if to is None:
        raise NotTried("no_group", f"{campaign.key} has no group {group}", group=group)
    if queues.queue_of(campaign.key, to.key) in robots.switched_off_robots(session):
        raise NotTried(
            "off", f"the robot of {group} is switched off; switch it on first", group=to.name
        )
    about = GroupSubject(group=to.key)
    lately = [
        one
        for one in decisions.decisions(
            session, campaign.key, (DecisionKind.TEST_SENT,), about=about
        )
        if one.decided_at > at - timedelta(hours=1)
    ]
    if len(lately) >= MOST_TESTS:
        raise NotTried(
            "often",
            f"{group} got {MOST_TESTS} tests within an hour",
            group=to.name,
            most=MOST_TESTS,
        )
    notice = made_now(session, enrolled, TEST, wording, at, group=to.name, by=by.name)
    decisions.add_decision(
        session, campaign=campaign.key, by=by, kind=DecisionKind.TEST_SENT, subject=about, at=at
    )
    number = notices.add_notice(session, notice, [to.key], not_before=at)
    assert number is not None  # noqa: S101 - its edition is new, behind the lock
    log.event("test message written", group=to.key, number=number)
    return number
