"""通知、通报: anything the bot says to a group, as a value that every channel can render in its own dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.campaign import CampaignKey, GroupKey, NoticeKind


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
    """Where a delivery stands (law 5): due → claimed → attempted → sent | refused | unknown."""

    DUE = "due"
    CLAIMED = "claimed"
    ATTEMPTED = "attempted"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """投递: one notice to one group. `number` is its own in the ledger; `state` is the last thing that happened to it."""

    number: int
    notice_number: int
    group: GroupKey
    resend_of: int | None = None  # the delivery of unknown end that this one repeats, marked 【重发】
    state: DeliveryState
    seq: int  # how many things have happened to it; the next one is numbered after this
    attempts: int
    page: int  # pages of the message confirmed so far
    last_at: datetime
    not_before: datetime | None  # when a due or claimed one may next be taken up (retry time, end of lease)
    detail: str  # the platform's own words, shortened and without secrets
