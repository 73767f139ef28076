"""Puts a notice and its deliveries into the ledger, in the transaction of whoever asks (law 5)."""

from __future__ import annotations

from bot import log
from bot.domain.campaigns.campaign import Campaign
from bot.domain.notices.notice import Notice, after_quiet, spread
from bot.store import Session
from bot.store.notices import notices

CROWDED_PLATFORMS = frozenset({"wecom", "dingtalk", "feishu"})
"""Where at a full hour the robots of the whole country speak at once."""


def publish(session: Session, campaign: Campaign, notice: Notice) -> int | None:
    """Writes the notice with one delivery for each group that is sent its kind; None if this very
    notice exists already.

    In the quiet hours the deliveries wait for their end: nothing the bot says of its own accord is
    that urgent (law 9). At a full or half hour, when everybody's robots speak, each waits its own
    drawn share of a minute and a half.
    """
    groups = [group for group in campaign.groups if notice.kind in group.notices]
    not_before = after_quiet(campaign, notice.made_at)
    number = notices.add_notice(
        session,
        notice,
        [group.key for group in groups],
        not_before=not_before,
        spread={
            group.key: spread(campaign.key, group.key, not_before)
            for group in groups
            if group.platform in CROWDED_PLATFORMS
        },
    )
    if number is not None:
        log.event(
            "notice written",
            kind=notice.kind,
            number=number,
            groups=len(groups),
            catch_up=notice.catch_up,
        )
    return number
