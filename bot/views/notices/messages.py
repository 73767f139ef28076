"""A notice as the robot of a group will send it: its message, cut into the pages of the
platform.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.channels.channel import (
    Address,
    Channel,
    Link,
    Message,
    RenderedPage,
)
from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.notices.delivery import Delivery
from bot.domain.notices.notice import Mention, Notice
from bot.views.notices.wording import NoticeWording


@dataclass(frozen=True, kw_only=True)
class Robot:
    """A group as the deliverer needs it: its channel, where its robot is reached, and whom it may
    call by what.

    Phones are looked up here, at the last moment: the ledger keeps only the names to be called (law
    8). `fingerprint` is the same for all groups with one address; empty for a group without any.
    `link` gives the page that a notice of a kind leads to.
    """

    channel: Channel
    address: Address
    people: Mapping[str, Mention] = field(default_factory=dict)
    fingerprint: str = ""
    link: Callable[[NoticeKind, datetime], Link | None] = lambda _kind, _at: None


def pages_of(
    robot: Robot, notice: Notice, wording: NoticeWording, delivery: Delivery
) -> Sequence[RenderedPage]:
    """The pages of this delivery. Of a repetition those it is about, if the mark left the cut
    between them where it was.
    """

    link = robot.link(notice.kind, delivery.last_at)

    def cut(*, resend: bool) -> Sequence[RenderedPage]:
        message = message_of(notice, wording, resend=resend, late=delivery.late)
        called = tuple(robot.people.get(mention.name, mention) for mention in message.mentions)
        return robot.channel.pages(replace(message, mentions=called, link=link))

    pages = cut(resend=delivery.marked)
    if not delivery.only:
        return pages
    if delivery.marked:
        mark = f"【{wording.phrase('mark_resend')}】"
        first = cut(resend=False)
        if [_words(page).replace(mark, "") for page in pages] != [_words(page) for page in first]:
            return pages
    return [pages[number - 1] for number in delivery.only if number <= len(pages)] or pages


def _words(page: RenderedPage) -> str:
    return json.dumps(page.body, ensure_ascii=False, sort_keys=True, default=str)


def message_of(
    notice: Notice, wording: NoticeWording, *, resend: bool = False, late: bool = False
) -> Message:
    """The notice as one group is to read it, with its marks (补发, 重发) before the title."""
    marks = [wording.phrase("mark_catch_up")] if notice.catch_up or late else []
    marks += [wording.phrase("mark_resend")] if resend else []
    return Message(
        title=notice.title,
        text=notice.text,
        table=notice.table,
        mentions=notice.mentions,
        marks=tuple(marks),
    )
