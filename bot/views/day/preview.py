"""The bulletin of a day as each of its groups will read it, from what is known now; nothing is
stored and nothing sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.channels.channel import AttachmentKind, Channel, Message
from bot.domain.campaigns.campaign import BULLETIN, Group
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun, is_bulletin_day, planned_close
from bot.domain.notices.notice import Notice
from bot.store import Session
from bot.store.notices import notices
from bot.views.day import compose
from bot.views.day.sheets import issues_without_notice, sheets_known
from bot.views.day.steering import sentence_at
from bot.views.day.told import targets_moved
from bot.views.notices.messages import message_of
from bot.views.notices.robots import Robots
from bot.views.notices.wording import NoticeWording


@dataclass(frozen=True, kw_only=True)
class GroupPreview:
    """What one group reads: the words of each message it gets, in their order."""

    group: Group
    pages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A bulletin and how its groups read it; `made` is whether it has been published, and is shown
    as it was.
    """

    notice: Notice
    made: bool
    seen: tuple[GroupPreview, ...]


def preview(
    session: Session,
    enrolled: Enrolled,
    wording: NoticeWording,
    robots: Robots,
    day: date,
    at: datetime,
) -> Preview | None:
    """The bulletin of `day` as it would be if it were made at `at`, or as it was made; None for a
    day without one.
    """
    campaign = enrolled.campaign
    found = notices.find_notice(session, campaign.key, BULLETIN, day)
    if found is not None:
        notice = found[1]
    elif is_bulletin_day(campaign, day):
        own = sentence_at(session, campaign.key, day, at)
        notice = compose.bulletin(
            wording,
            campaign,
            enrolled.version,
            ScheduledRun(job=BULLETIN, day=day, planned=planned_close(campaign, day), at=at),
            sheets_known(session, campaign, day, at),
            merged=issues_without_notice(session, campaign, day),
            sentence="" if own is None else own.reason,
            targets=targets_moved(session, enrolled, day),
        )
    else:
        return None
    message = message_of(notice, wording)
    seen = [
        GroupPreview(
            group=group,
            pages=pages_shown(
                robot.channel, replace(message, link=robot.link(notice.kind, at)), wording
            ),
        )
        for group in campaign.groups
        if BULLETIN in group.notices and (robot := robots.of(campaign.key, group.key)) is not None
    ]
    return Preview(notice=notice, made=found is not None, seen=tuple(seen))


def pages_shown(channel: Channel, message: Message, wording: NoticeWording) -> tuple[str, ...]:
    """What the group would read of a message, a page each; a word stands for an attachment."""
    pages = (channel.shown(page) for page in channel.pages(message))
    return tuple(
        wording.phrase(f"attached_{page}") if isinstance(page, AttachmentKind) else page
        for page in pages
    )
