"""通知、通报: anything the bot says to a group, as a value that every channel can render in its own
dialect.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.domain.campaigns.campaign import Campaign, CampaignKey, GroupKey, NoticeKind


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table under the text of a notice: column heads, rows of the same width, and the notes
    printed under it.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mention:
    """Somebody to be called by name in the group: the name shown, and what the platforms know them
    by.
    """

    name: str
    phone: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)


_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")


def phones_masked(text: str) -> str:
    """What somebody wrote, with the telephone numbers in it masked (law 8)."""
    return _PHONE.sub(r"\1****\2", text)


def masked(phone: str | None) -> str:
    """A telephone number as it may be shown (law 8): 138****1111."""
    return (
        ""
        if not phone
        else phone[:-8] + "****" + phone[-4:]
        if len(phone) > 8
        else "****" + phone[-2:]
    )


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice, made once. `text` is plain Chinese, one paragraph a line; `planned` is the moment
    it stands for.
    """

    campaign: CampaignKey
    version: int  # the campaign version it was made under
    kind: NoticeKind
    day: date
    edition: int = 1  # 1 for the notice of the day, more for 更正 of the same issue
    number: int | None = None  # 第N期, bulletins only
    planned: datetime
    made_at: datetime
    catch_up: bool = False  # 补发
    title: str
    text: str
    table: Table | None = None
    mentions: tuple[Mention, ...] = ()
    rule_version: int


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast one robot may be spoken to: `burst` requests at once, then one `every` so long."""

    burst: int
    every: timedelta

    def after(self, paced_to: datetime | None, at: datetime) -> tuple[datetime, datetime]:
        """What a request at `at` comes to: the new `paced_to` to remember, and the moment the next
        request is free.
        """
        remembered = max(paced_to or at, at) + self.every
        return remembered, remembered - (self.burst - 1) * self.every


LONGEST_SPREAD = timedelta(seconds=90)


def spread(campaign: CampaignKey, group: GroupKey, at: datetime) -> timedelta:
    """How long a group waits so that not every county speaks at the stroke: until up to 90 seconds
    after a full or half hour.

    Drawn from the group and the day: the same history always gives the same moment, and of two
    notices the one made first is still the first.
    """
    drawn = hashlib.sha256(f"{campaign}/{group}/{at.astimezone(UTC).date()}".encode()).digest()
    past = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    return max(LONGEST_SPREAD * (int.from_bytes(drawn[:4]) / 2**32) - past, timedelta(0))


def after_quiet(campaign: Campaign, at: datetime) -> datetime:
    """The first moment from `at` on that lies outside the campaign's quiet hours."""
    local = at.astimezone(campaign.timezone)
    start, end = campaign.quiet.start, campaign.quiet.end
    hour = local.time()
    if start == end:
        return at
    if start < end:
        quiet, day = start <= hour < end, local.date()
    else:  # over midnight
        quiet, day = (
            hour >= start or hour < end,
            local.date() + timedelta(days=1 if hour >= start else 0),
        )
    return campaign.moment(day, end) if quiet else at


MOST_ANSWERS = 20
"""To one sender in a day: more is no conversation, it is two machines talking (law 9)."""
