"""A robot is switched off when its platform says it is gone, and on again by a person; what waited
then goes out without a flood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot import log
from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import (
    FAULT,
    Audience,
    Campaign,
    CampaignKey,
    Group,
    GroupKey,
    NoticeKind,
)
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.jobs import traits_of
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import GroupSubject
from bot.domain.notices.answer import Refused
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.delivery import Delivery, dropped, released
from bot.domain.notices.notice import Notice
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.notices import deliveries, notices, robots
from bot.store.notices.deliveries import Queues
from bot.store.notices.robots import Switch
from bot.views.notices.wording import NoticeWording
from config.wording.statements import english


def switch_off(
    session: Session,
    enrolled: Enrolled,
    delivery: Delivery,
    said: Refused,
    wording: NoticeWording,
    queues: Queues,
    at: datetime,
) -> None:
    """Switches the robot of a delivery off, and has its campaign told through another group, if it
    has one that is alive.
    """
    campaign = enrolled.campaign
    off = robots.switched_off_robots(session)
    if delivery.robot in off:
        return
    reason = f"{said.code} {english(said.detail)}".strip()
    robots.switch(
        session,
        Switch(
            robot=delivery.robot,
            live=False,
            campaign=campaign.key,
            group=delivery.group,
            person="",
            reason=reason,
            switched_at=at,
        ),
    )
    log.trouble(
        "robot switched off", robot=delivery.robot[:8], group=delivery.group, code=said.code
    )
    stand_in = stand_in_for(campaign, delivery, {*off, delivery.robot}, queues)
    if stand_in is None:
        log.trouble(
            "nobody could be told of the robot: no other group of supervisors or leaders",
            group=delivery.group,
        )
        return
    lock_campaign(session, campaign.key)
    notice = _fault(session, enrolled, delivery, said, wording, at)
    notices.add_notice(session, notice, [stand_in.key], not_before=at)


def stand_in_for(
    campaign: Campaign, delivery: Delivery, off: set[str], queues: Queues
) -> Group | None:
    """The group that is told when a robot is dead: one that asks for `fault` notices, else
    supervisors, else leaders.

    Never the townships, whose business it is not, and never a group whose own robot is dead.
    """

    def rank(group: Group) -> tuple[bool, bool]:
        return (FAULT not in group.notices, group.audience is not Audience.SUPERVISORS)

    able = [
        group
        for group in campaign.groups
        if group.key != delivery.group
        and (group.audience is not Audience.TOWNSHIPS or FAULT in group.notices)
        and (queues.queue_of(campaign.key, group.key) or "") not in off
    ]
    return min(able, key=rank, default=None)


def _fault(
    session: Session,
    enrolled: Enrolled,
    delivery: Delivery,
    said: Refused,
    wording: NoticeWording,
    at: datetime,
) -> Notice:
    names = {group.key: group.name for group in enrolled.campaign.groups}
    return made_now(
        session,
        enrolled,
        FAULT,
        wording,
        at,
        group=names.get(delivery.group, delivery.group),
        code=said.code,
        detail=said.detail,
        waiting=len(deliveries.waiting_for(session, delivery.robot)),
    )


def made_now(
    session: Session,
    enrolled: Enrolled,
    kind: NoticeKind,
    wording: NoticeWording,
    at: datetime,
    **facts: object,
) -> Notice:
    """A notice about a group itself, which no hour plans: the next of its kind on that day. Hold
    `lock_campaign`.
    """
    campaign = enrolled.campaign
    local = at.astimezone(campaign.timezone)
    title, text = wording.notice(
        kind, {"campaign": campaign, "day": local.date(), "at": local, **facts}
    )
    return Notice(
        campaign=campaign.key,
        version=enrolled.version,
        kind=kind,
        day=local.date(),
        edition=notices.last_edition(session, campaign.key, kind, local.date()) + 1,
        planned=at,
        made_at=at,
        title=title,
        text=text,
        rule_version=campaign.ranking.rule,
    )


class NotSwitched(Refusal):
    """A robot that cannot be switched on; the text says why."""

    room = "robots"


def switch_group_on(
    session: Session,
    campaigns: Callable[[CampaignKey], Campaign | None],
    queues: Queues,
    campaign: Campaign,
    group: str,
    *,
    person: Actor,
    reason: str,
    at: datetime,
) -> tuple[int, int]:
    """`switch_on` of the robot that serves a group of the campaign. Raises NotSwitched."""
    key = next((one.key for one in campaign.groups if one.key == group), None)
    robot = None if key is None else queues.queue_of(campaign.key, key)
    if robot is None:
        raise NotSwitched(
            "no_group", f"there is no group {group}; `diaodu robots` lists them", group=group
        )
    lock_campaign(session, campaign.key)
    off = robots.last_switches(session).get(robot)
    if off is None or off.live:
        raise NotSwitched("not_off", f"the robot of {group} is not switched off", group=group)
    return switch_on(session, campaigns, off, person=person, reason=reason, at=at)


def switch_on(
    session: Session,
    campaigns: Callable[[CampaignKey], Campaign | None],
    off: Switch,
    *,
    person: Actor,
    reason: str,
    at: datetime,
) -> tuple[int, int]:
    """Switches a robot on by a person's word; how many deliveries go out now, and how many are let
    pass.
    """
    decisions.add_decision(
        session,
        campaign=off.campaign,
        by=person,
        kind=DecisionKind.ROBOT_ON,
        subject=GroupSubject(group=off.group),
        reason=reason,
        at=at,
    )
    robots.switch(
        session,
        Switch(
            robot=off.robot,
            live=True,
            campaign=off.campaign,
            group=off.group,
            person=person.name,
            reason=reason,
            switched_at=at,
        ),
    )
    robots.free_again(session, off.robot, at)
    return catch_up(session, campaigns, deliveries.waiting_for(session, off.robot), at)


def catch_up(
    session: Session,
    campaigns: Callable[[CampaignKey], Campaign | None],
    waited: Sequence[Delivery],
    at: datetime,
) -> tuple[int, int]:
    """Of what waited for a dead robot the latest of each group and kind goes out, marked 补发; the
    others are let pass.

    So is a call or a reminder whose day is over. What has been begun is finished. How many go, and
    how many do not.
    """
    made = notices.get_notices(session, {delivery.notice_number for delivery in waited})
    latest: dict[tuple[CampaignKey, GroupKey, NoticeKind], int] = {}
    for delivery in waited:
        notice = made[delivery.notice_number]
        key = (notice.campaign, delivery.group, notice.kind)
        latest[key] = max(latest.get(key, 0), delivery.number)
    gone = 0
    for delivery in waited:
        notice = made[delivery.notice_number]
        campaign = campaigns(notice.campaign)
        past = campaign is not None and _is_past(campaign, notice, at)
        newest = delivery.number == latest[notice.campaign, delivery.group, notice.kind]
        if delivery.page == 0 and (past or not newest):
            told = stated(StepCode.DAY_OVER if past else StepCode.NEWER_GOES)
            deliveries.record_one(session, dropped(delivery, at=at, detail=told))
            gone += 1
        elif delivery.page == 0 and (delivery.not_before or at) <= at:
            deliveries.record_one(session, released(delivery, at=at))
    return len(waited) - gone, gone


def _is_past(campaign: Campaign, notice: Notice, at: datetime) -> bool:
    """Whether it asks for a day whose cut-off has come, so that nothing is left to ask."""
    asks = traits_of(campaign.jobs, notice.kind).asks_for_the_day
    return asks and at >= campaign.moment(notice.day, campaign.cutoff)
