"""The fill link: a township's form of one day, opened without an account; what is filled in becomes
a reply like any other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.actions.refusal import Refusal
from bot.actions.replies.collect import FILLED, collect
from bot.actions.replies.hear import Campaigns
from bot.domain.campaigns.campaign import (
    Campaign,
    CampaignKey,
    CategoryKey,
    StageKey,
    Township,
    TownshipName,
)
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import open_day, opened_at
from bot.domain.figures.progress import plain
from bot.domain.replies.reading import Incoming, ReadingWording
from bot.domain.replies.reading.stated import Stated, form_cell
from bot.links import Links
from bot.store import Session, Store
from bot.store.day import closings
from bot.store.replies import readings, replies
from bot.store.replies.readings import StoredReading
from config.wording import templates

LINK = "fill"
"""What the token of a link is signed for."""

MOST_A_DAY = 60
"""Forms of one township in a day: more is no person (law 9)."""

Values = Mapping[tuple[StageKey, CategoryKey | None], str]
"""What was typed, by stage and category; None is the stage's total."""

_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,4})?")


class NotFilled(Refusal):
    """A link that opens nothing any more, or a form that says nothing; nothing of it was stored."""

    room = "fill"


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a link opens: the form of a township for one day."""

    enrolled: Enrolled
    township: Township
    day: date

    @property
    def campaign(self) -> Campaign:
        """The campaign it is of."""
        return self.enrolled.campaign


def link_facts(campaign: Campaign, township: Township, day: date) -> dict[str, str]:
    """What is signed into a link: nothing of a person; in short, for those of all townships go into
    one message of a group.
    """
    return {"c": campaign.key, "t": township.name, "d": f"{day:%Y%m%d}"}


def links_of(
    links: Links, campaign: Campaign, day: date, origin: str
) -> list[tuple[TownshipName, str]]:
    """The link of every township that has a contact, for one day, in the official order."""
    return [
        (township.name, f"{origin}/f/{links.signed(LINK, link_facts(campaign, township, day))}")
        for township in campaign.townships
        if township.contacts
    ]


def form_of(
    session: Session, campaigns: Campaigns, facts: Mapping[str, Any] | None, at: datetime
) -> Form:
    """The form behind the signed facts of a link, if its day is open at `at`. Raises NotFilled.

    An altered link has no facts; a campaign or a township that is gone, and a day that was closed,
    are told each by its name.
    """
    enrolled = campaigns.get(CampaignKey(str((facts or {}).get("c"))))
    if facts is None or enrolled is None:
        raise NotFilled("no_link", "the link is altered, or of a campaign that is not served here")
    campaign = enrolled.campaign
    township = next((one for one in campaign.townships if one.name == facts["t"]), None)
    if township is None or not township.contacts:
        raise NotFilled(
            "no_township",
            f"{facts['t']} has no contact in {campaign.key}",
            title=campaign.short_title,
        )
    day = date.fromisoformat(facts["d"])
    now_open = day_open(session, campaign, at)
    if now_open is None:
        raise NotFilled(
            "ended", f"{campaign.key} takes no reports at {at}", title=campaign.short_title
        )
    told = f"the link is of {day}, and {now_open} is open"
    if day < now_open:
        raise NotFilled("old", told, day=_written(day), open=_written(now_open))
    if day > now_open:
        raise NotFilled("not_come", told, day=_written(day), open=_written(now_open))
    return Form(enrolled=enrolled, township=township, day=day)


def day_open(session: Session, campaign: Campaign, at: datetime) -> date | None:
    """The reporting day that is open at `at`, None outside the campaign."""
    return open_day(
        campaign, sent_at=at, arrived_at=at, closings=closings.closings(session, campaign.key)
    )


def fill(
    store: Store,
    form: Form,
    wording: ReadingWording,
    values: Values,
    *,
    correction: bool,
    nonce: str,
    at: datetime,
) -> StoredReading:
    """Stores what was typed as one reply of the township's contact and reads it; sent twice by one
    click it is one message.

    The reading says whether it stands, or what is asked. Raises NotFilled for what says nothing.
    """
    stated = said(form.campaign, form.township, values, correction=correction)
    text = recorded(form.campaign, stated)
    sender = form.township.contacts[0].nick
    key = "\x1f".join(
        (form.campaign.key, form.township.name, form.day.isoformat(), nonce[:64], text)
    )
    number = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    with store.reading() as session:
        since = opened_at(form.campaign, form.day, closings.closings(session, form.campaign.key))
        if replies.said_since(session, form.campaign.key, FILLED, sender, since) >= MOST_A_DAY:
            raise NotFilled(
                "too_many",
                f"{form.township.name} has sent its form {MOST_A_DAY} times today",
                most=MOST_A_DAY,
            )
    collect(
        store,
        form.enrolled,
        wording,
        channel=FILLED,
        incoming=Incoming(id=number, text=text, sender=sender, at=at),
        at=at,
        stated=stated,
    )
    with store.reading() as session:
        reply = replies.find_reply(session, FILLED, number)
        reading = None if reply is None else readings.find_reading(session, reply.number)
    assert reading is not None  # noqa: S101  it was stored and read above
    return reading


def said(
    campaign: Campaign, township: Township, values: Values, *, correction: bool = False
) -> Stated:
    """What the fields of the form state: cumulative counts, cell by cell. Raises NotFilled."""
    cells = []
    for stage in campaign.stages:
        total = _number(values.get((stage.key, None), ""), stage.name)
        parts = [
            form_cell(campaign, stage.key, category.key, number)
            for category in campaign.categories
            if township.target_of(category.key) > 0
            and (number := _number(values.get((stage.key, category.key), ""), category.name))
            is not None
        ]
        if total is None and parts:
            raise NotFilled("total", f"the total of {stage.key} is missing", stage=stage.name)
        if total is not None:
            cells += [form_cell(campaign, stage.key, None, total), *parts]
    if not cells:
        raise NotFilled("nothing", "nothing was filled in")
    return Stated(township=township.name, cells=tuple(cells), correction=correction)


def recorded(campaign: Campaign, stated: Stated) -> str:
    """The form as one plain sentence, the record of what was stated:
    累计开工25户；累计竣工17户，其中C级维修14户。
    """
    names = {category.key: category.name for category in campaign.categories}
    sentences: list[str] = []
    for stage in campaign.stages:
        mine = [cell for cell in stated.cells if cell.stage == stage.key]
        parts = "、".join(
            templates.phrase(
                "filled_part",
                category=names[cell.category],
                value=plain(cell.value),
                unit=campaign.unit,
            )
            for cell in mine
            if cell.category is not None
        )
        totals = [
            templates.phrase(
                "filled", stage=stage.name, value=plain(cell.value), unit=campaign.unit
            )
            for cell in mine
            if cell.category is None
        ]
        sentences += [
            templates.phrase("filled_with_parts", said=one, parts=parts) if parts else one
            for one in totals
        ]
    record = "；".join(sentences)
    return templates.phrase("filled_correction", said=record) if stated.correction else record


def _number(typed: str, what: str) -> Decimal | None:
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise NotFilled(
            "number", f"what was typed for {what} is no number", what=what, typed=typed.strip()[:20]
        )
    return Decimal(text)


def _written(day: date) -> str:
    return templates.reading()["day"].format(month=day.month, day=day.day)
