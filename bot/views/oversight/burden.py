"""How many messages each contact got on each day, beside the ceilings that stand in the code (law
9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.campaigns.campaign import Audience, Campaign, GroupKey, NoticeKind, TownshipName
from bot.domain.notices.notice import MOST_ANSWERS, after_quiet
from bot.store import Session
from bot.store.oversight import burden as burden_room
from bot.store.oversight.burden import GroupMessage

SPAN = 14
"""Days that the page shows at one time."""

CEILINGS = {"calls": 1, "reminders": 1, "answers": MOST_ANSWERS}
"""The most of a day: a call to the group, a reminder and answers to one contact. More calls or
reminders are repetitions.
"""


@dataclass(frozen=True, kw_only=True)
class MessageCount:
    """What one contact got of his own on a day: named in reminders, asked back, answered with an
    echo.
    """

    reminders: int = 0
    questions: int = 0
    echoes: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.reminders + self.questions + self.echoes

    @property
    def at_ceiling(self) -> tuple[str, ...]:
        """The ceilings that this day has reached; a first reminder is not worth a mark."""
        reached = {
            "reminders": self.reminders > CEILINGS["reminders"],
            "answers": self.questions + self.echoes >= CEILINGS["answers"],
        }
        return tuple(ceiling for ceiling, full in reached.items() if full)


@dataclass(frozen=True, kw_only=True)
class ContactDay:
    """What one group got on a day, by kind; and how much of it left in the quiet hours, which
    should be none.
    """

    by_kind: Mapping[NoticeKind, int]
    quiet: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.by_kind.values())


@dataclass(frozen=True, kw_only=True)
class BurdenRow:
    """One contact and his days, in the order of the days of the page."""

    township: TownshipName
    name: str
    nick: str
    days: tuple[MessageCount, ...]


@dataclass(frozen=True, kw_only=True)
class Burden:
    """A span of days: the contacts in official order, and apart from them what their groups got."""

    days: tuple[date, ...]
    contacts: tuple[BurdenRow, ...]
    groups: tuple[tuple[str, tuple[ContactDay, ...]], ...]


def burden(session: Session, campaign: Campaign, last: date, span: int = SPAN) -> Burden:
    """Who got how much in the `span` days up to `last`, by two queries whatever the size of the
    campaign.
    """
    days = tuple(last - timedelta(days=back) for back in reversed(range(span)))
    since, until = (campaign.moment(day, time(0)) for day in (days[0], last + timedelta(days=1)))
    groups = {
        group.key: group.name for group in campaign.groups if group.audience is Audience.TOWNSHIPS
    }
    messages = burden_room.group_messages(session, campaign.key, groups, since, until)
    counted: Counter[tuple[str, date, str]] = Counter()
    for message in messages:
        counted.update(
            (nick, _day(campaign, message.left_at), "reminders") for nick in message.named
        )
    for answer in burden_room.answers_given(session, campaign.key, since, until):
        counted[
            answer.sender, _day(campaign, answer.at), "questions" if answer.question else "echoes"
        ] += 1
    return Burden(
        days=days,
        contacts=tuple(
            BurdenRow(
                township=township.name,
                name=contact.name,
                nick=contact.nick,
                days=tuple(
                    MessageCount(
                        **{
                            what: counted[contact.nick, day, what]
                            for what in ("reminders", "questions", "echoes")
                        }
                    )
                    for day in days
                ),
            )
            for township in campaign.townships
            for contact in township.contacts
        ),
        groups=tuple((name, _told(campaign, key, messages, days)) for key, name in groups.items()),
    )


def _told(
    campaign: Campaign, group: GroupKey, messages: list[GroupMessage], days: tuple[date, ...]
) -> tuple[ContactDay, ...]:
    by_day: dict[date, Counter[NoticeKind]] = {day: Counter() for day in days}
    quiet: Counter[date] = Counter()
    for message in messages:
        if message.group == group:
            day = _day(campaign, message.left_at)
            by_day[day][message.kind] += message.messages
            if after_quiet(campaign, message.left_at) != message.left_at:
                quiet[day] += message.messages
    return tuple(ContactDay(by_kind=by_day[day], quiet=quiet[day]) for day in days)


def _day(campaign: Campaign, moment: datetime) -> date:
    return moment.astimezone(campaign.timezone).date()
