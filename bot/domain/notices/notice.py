"""通知、通报: anything the bot says to a group, as a value that every channel can render in its own dialect."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from bot.domain.campaigns.campaign import Campaign, CampaignKey, GroupKey, NoticeKind


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table under the text of a notice: column heads, rows of the same width, and the notes printed under it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mention:
    """Somebody to be called by name in the group: the name shown, and what the platforms know them by."""

    name: str
    phone: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)


_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")


def phones_masked(text: str) -> str:
    """What somebody wrote, with the telephone numbers in it masked (law 8)."""
    return _PHONE.sub(r"\1****\2", text)


def masked(phone: str | None) -> str:
    """A telephone number as it may be shown (law 8): 138****1111."""
    return "" if not phone else phone[:-8] + "****" + phone[-4:] if len(phone) > 8 else "****" + phone[-2:]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice, made once. `text` is plain Chinese, one paragraph a line; `planned` is the moment it stands for."""

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


class DeliveryState(StrEnum):
    """Where a delivery stands (law 5): due → claimed → attempted → sent | refused | unknown; or dropped, unsaid."""

    DUE = "due"
    CLAIMED = "claimed"
    ATTEMPTED = "attempted"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DROPPED = "dropped"  # a person let it pass, or a newer one of its kind went in its place


ENDS = frozenset({DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.UNKNOWN, DeliveryState.DROPPED})


@dataclass(frozen=True, kw_only=True)
class PageFault:
    """A page that was not confirmed while others of its message went on: refused or unknown, in the platform's own words."""

    page: int
    state: DeliveryState
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """投递: one notice to one group. `number` is its own in the ledger; `state` is the last thing that happened to it."""

    number: int
    notice_number: int
    group: GroupKey
    resend_of: int | None = None  # the delivery that this one repeats
    marked: bool = False  # what it repeats may have arrived, so it says 【重发】
    only: tuple[int, ...] = ()  # of a repetition: the pages that are repeated; none named, all
    robot: str = field(default="", compare=False)  # whose queue it stands in, while it is not at its end
    robot_free_at: datetime | None = field(
        default=None, compare=False
    )  # when that robot may be spoken to again, where a step has just found out
    worker: str = ""  # who took it up last
    state: DeliveryState
    seq: int  # how many things have happened to it; the next one is numbered after this
    attempts: int
    tries: int = 0  # attempts at the page that is next
    page: int  # pages done with so far: confirmed, or among the faults
    of: int = 0  # pages it has, as far as anybody has counted
    faults: tuple[PageFault, ...] = ()
    late: bool = False  # it waited for its robot to be switched on, and says 补发
    last_at: datetime
    not_before: datetime | None  # when a due or claimed one may next be taken up (retry time, end of lease)
    code: str = ""  # the platform's number, where it said no
    detail: str  # the platform's own words, shortened and without secrets


def end_of(faults: tuple[PageFault, ...]) -> DeliveryState:
    """How a delivery ends whose pages have all been tried: what may have arrived is never called refused, nor sent."""
    if any(fault.state is DeliveryState.UNKNOWN for fault in faults):
        return DeliveryState.UNKNOWN
    return DeliveryState.REFUSED if faults else DeliveryState.SENT


def told_of(faults: tuple[PageFault, ...], of: int) -> str:
    """The faults in the operator's language, page by page; of a message of one page the platform's own words alone."""
    if of <= 1:
        return "; ".join(fault.detail for fault in faults)
    return "; ".join(f"page {fault.page} of {of} {fault.state}: {fault.detail}" for fault in faults)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast one robot may be spoken to: `burst` requests at once, then one `every` so long."""

    burst: int
    every: timedelta

    def after(self, paced_to: datetime | None, at: datetime) -> tuple[datetime, datetime]:
        """What a request at `at` comes to: the new `paced_to` to remember, and the moment the next request is free."""
        remembered = max(paced_to or at, at) + self.every
        return remembered, remembered - (self.burst - 1) * self.every


LONGEST_SPREAD = timedelta(seconds=90)


def spread(campaign: CampaignKey, group: GroupKey, at: datetime) -> timedelta:
    """How long a group waits so that not every county speaks at the stroke: until up to 90 seconds after a full or half hour.

    Drawn from the group and the day: the same history always gives the same moment, and of two notices the one made first is
    still the first.
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
        quiet, day = hour >= start or hour < end, local.date() + timedelta(days=1 if hour >= start else 0)
    return campaign.moment(day, end) if quiet else at


MOST_ANSWERS = 20
"""To one sender in a day: more is no conversation, it is two machines talking (law 9)."""


FAILED = frozenset({DeliveryState.REFUSED, DeliveryState.UNKNOWN, DeliveryState.DROPPED})
