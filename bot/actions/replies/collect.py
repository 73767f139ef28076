"""Takes a reply in: stored first, then read, and what it says stands from that moment (law 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot import log
from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import is_late, open_day
from bot.domain.figures.progress import Cell, Figure, with_baseline
from bot.domain.replies.reading import (
    READER_VERSION,
    Doubt,
    Incoming,
    Outcome,
    ReadFigure,
    Reading,
    ReadingWording,
    answered,
    read,
)
from bot.domain.replies.reading.exchange import options_from_json, options_to_json
from bot.domain.replies.reading.message import CHAIN
from bot.domain.replies.reading.stated import Stated, read_stated, stated_from_json, stated_to_json
from bot.store import Session, Store, lock_campaign
from bot.store.day import closings
from bot.store.figures import figures
from bot.store.figures.figures import NewFigure
from bot.store.replies import readings, replies
from bot.store.replies.replies import StoredReply

PASTED = "paste"
"""The channel of messages that a clerk pastes by hand, often long after they were written."""

FILLED, IMPORTED = "fill", "import"
"""The channels of what is filled in at a link, and of a table's rows: nobody answers a question
there with a reading's number.
"""

# Identity numbers (18 characters) and bank cards (16 to 19 digits) are blacked out before anything
# is stored (law 8).
_IDENTITY_OR_CARD = re.compile(r"(?<!\d)(?:\d{17}[0-9Xx]|\d{16,19})(?!\d)")


def collect(
    store: Store,
    enrolled: Enrolled,
    wording: ReadingWording,
    *,
    channel: str,
    incoming: Incoming,
    at: datetime,
    stated: Stated | None = None,
) -> Reading | None:
    """Stores a message that arrived at `at` and reads it; None when it was read before, which
    changes nothing.

    Two transactions: a crash between them leaves the reply stored and unread, and `read_waiting`
    reads it later with the same effect.
    """
    with store.writing() as session:
        reply, _ = replies.add_reply(
            session,
            campaign=enrolled.campaign.key,
            channel=channel,
            message_id=incoming.id,
            sender=incoming.sender,
            text=blacked_out(incoming.text),
            sent_at=incoming.at,
            arrived_at=at,
            stated=None if stated is None else stated_to_json(stated),
        )
    with store.writing() as session:
        return read_reply(session, enrolled, wording, reply, at)


def read_waiting(store: Store, enrolled: Enrolled, wording: ReadingWording, at: datetime) -> int:
    """Reads every reply that was stored and not read (the process died in between); how many there
    were.

    After the clock was moved back a reply may lie ahead of it: it waits for its own moment, when
    what it was said against stands.
    """
    with store.reading() as session:
        unread = replies.unread_replies(session, enrolled.campaign.key)
    waiting = [reply for reply in unread if reply.arrived_at <= at]
    for reply in waiting:
        with store.writing() as session:
            read_reply(session, enrolled, wording, reply, at)
    return len(waiting)


def read_before_closing(
    session: Session, enrolled: Enrolled, wording: ReadingWording, at: datetime
) -> None:
    """Reads what is stored and not read in the very transaction that closes a day: a day must not
    close over a reply already here.

    Another process may have stored it since this one looked. One that cannot be read holds no
    bulletin up; it stays unread, and the log says why.
    """
    for reply in replies.unread_replies(session, enrolled.campaign.key):
        if reply.arrived_at > at:
            continue
        try:
            with session.begin_nested():
                read_reply(session, enrolled, wording, reply, at)
        except Exception:
            log.failure("reply not read before its day closed", reply=reply.number)


def read_reply(
    session: Session, enrolled: Enrolled, wording: ReadingWording, reply: StoredReply, at: datetime
) -> Reading | None:
    """Reads one stored reply against what stands, records the reading and its figures; None if
    somebody else has read it.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    if readings.find_reading(session, reply.number) is not None:
        return None
    closed = closings.closings(session, campaign.key)
    arrived_for = open_day(
        campaign, sent_at=reply.sent_at, arrived_at=reply.arrived_at, closings=closed
    )
    day = arrived_for
    if reply.channel == PASTED:
        # 今日新增2户 of yesterday is not said of today because it is pasted today.
        day = open_day(campaign, sent_at=reply.sent_at, arrived_at=reply.sent_at, closings=closed)
    # What was pasted, or held until somebody knew its sender, may be of a day that a bulletin has
    # told since: a person decides.
    over = day != arrived_for or (day is not None and any(day <= told for told in closed))
    late = day is not None and is_late(campaign, day, reply.sent_at)
    before, today = standing_before(session, campaign, day, at)
    text, answers = _meant(session, campaign, reply, day)
    later = _said_later(session, reply, today)
    stands = {
        cell: figure.value
        for cell, figure in today.items()
        if figure.value is not None and cell not in later
    }
    if reply.stated is not None:
        stated = stated_from_json(reply.stated)
        reading = read_stated(
            campaign, stated, open_day=day, late=late, before=before, today=stands, wording=wording
        )
    else:
        reading = read(
            _with_its_office(campaign, reply),
            Incoming(id=reply.message_id, text=text, sender=reply.sender, at=reply.sent_at),
            open_day=day,
            late=late,
            before=before,
            today=stands,
            wording=wording,
            offers=reply.channel not in {FILLED, IMPORTED},
        )
    if over and reading.outcome is not Outcome.NONE:
        reading = _held(campaign, wording, reading, reply.text)
    if later:
        reading = _overtaken(campaign, reply, reading, later)
    readings.add_reading(
        session,
        reply_number=reply.number,
        version=enrolled.version,
        reader_version=READER_VERSION,
        outcome=reading.outcome.value,
        day=day,
        late=reading.late,
        asked=[
            {
                "text": doubt.text,
                "why": doubt.why,
                "question": doubt.question,
                "township": doubt.township,
                "options": options_to_json(doubt.options),
                **({"cells": [list(cell) for cell in doubt.cells]} if doubt.cells else {}),
            }
            for doubt in reading.asked
        ],
        echo=reading.echo,
        answers=answers,
        read_at=at,
    )
    if reading.outcome is Outcome.ACCEPT:
        figures.add_figures(
            session,
            campaign=campaign.key,
            version=enrolled.version,
            recorded_at=at,
            reply_number=reply.number,
            figures=[
                _new_figure(said, reading.late, today)
                for said in reading.figures
                if not (
                    CHAIN.match(reply.text) and _said_before(session, reply.sender, said, today)
                )
            ],
        )
    log.event(
        "reply read",
        reply=reply.number,
        outcome=reading.outcome,
        figures=len(reading.figures),
        day=day,
    )
    return reading


def _with_its_office(campaign: Campaign, reply: StoredReply) -> Campaign:
    """The campaign as one whose office the sender is, where a person of the office vouched for what
    he took in in its name.

    A campaign need not name any of its staff; in a chat nobody is the office by calling himself so.
    """
    if (
        reply.channel not in {IMPORTED, PASTED}
        or reply.sender != campaign.office
        or campaign.office_staff
    ):
        return campaign
    return replace(campaign, office_staff=(campaign.office,))


def _meant(
    session: Session, campaign: Campaign, reply: StoredReply, day: date | None
) -> tuple[str, int | None]:
    """What the reply says: its own text, or the reading it chooses of those its sender was offered,
    and in answer to which reply.

    The question is kept with the reading that asked it, so a restart forgets none; the next day's
    bulletin ends it.
    """
    asked = (
        None if day is None else readings.open_question(session, campaign.key, reply.sender, day)
    )
    if asked is not None and len(asked.asked) == 1:
        option = answered(reply.text, options_from_json(asked.asked[0].get("options", ())))
        if option is not None:
            return option.text, asked.reply_number
    return reply.text, None


def _held(campaign: Campaign, wording: ReadingWording, reading: Reading, text: str) -> Reading:
    """What a message of a closed day comes to: nothing stands of it before a person has decided
    (docs/laws.md#days-and-hours).
    """
    question = wording["ask_closed_day"].format(
        text=text[:40], township="", unit=campaign.unit, stage=campaign.headline.name
    )
    doubt = Doubt(text=text[:40], why="closed_day", question=question)
    return Reading(
        outcome=Outcome.ASK, late=reading.late, asked=(doubt, *reading.asked), echo=question
    )


def _said_later(session: Session, reply: StoredReply, today: Mapping[Cell, Figure]) -> set[Cell]:
    """The cells in which stands what was written after this reply, though it arrived before it."""
    sources = {figure.reply_number for figure in today.values() if figure.reply_number is not None}
    overtaking = replies.sent_after(session, sources, reply.sent_at)
    return {cell for cell, figure in today.items() if figure.reply_number in overtaking}


def _overtaken(
    campaign: Campaign, reply: StoredReply, reading: Reading, later: set[Cell]
) -> Reading:
    """The reading of a reply that came out of order: it changes nothing that was written after it,
    and asks nothing of it.
    """
    if reading.outcome is Outcome.ACCEPT:
        figures = tuple(
            said
            for said in reading.figures
            if (said.township, said.stage, said.category) not in later
        )
        return replace(reading, figures=figures, echo=reading.echo if figures else "")
    nicks = {
        contact.nick: township.name
        for township in campaign.townships
        for contact in township.contacts
    }
    return (
        replace(reading, echo="")
        if nicks.get(reply.sender) in {cell[0] for cell in later}
        else reading
    )


def standing_before(
    session: Session, campaign: Campaign, day: date | None, at: datetime
) -> tuple[dict[Cell, Decimal], Mapping[Cell, Figure]]:
    """What stood when the day before `day` closed, baselines included, and the figures accepted for
    `day` itself.
    """
    if day is None:
        return {}, {}
    eve = day - timedelta(days=1)
    stood = with_baseline(campaign, figures.standing(session, campaign.key, eve, at))
    return stood, figures.latest_figures(session, campaign.key, day)


def _new_figure(said: ReadFigure, late: bool, today: Mapping[Cell, Figure]) -> NewFigure:
    held = today.get((said.township, said.stage, said.category))
    return NewFigure(
        township=said.township,
        day=said.day,
        stage=said.stage,
        category=said.category,
        value=said.value,
        late=late,
        supersedes=held.number if held is not None and held.value != said.value else None,
    )


def _said_before(
    session: Session, sender: str, said: ReadFigure, today: Mapping[Cell, Figure]
) -> bool:
    """Whether the figure stands already by this sender's own word: of a 接龙 sent nineteen times
    each row counts once (law 3).

    What somebody else said stays a report of his own: it stands still when the first is withdrawn.
    """
    held = today.get((said.township, said.stage, said.category))
    if held is None or held.value != said.value or held.reply_number is None:
        return False
    return replies.get_reply(session, held.reply_number).sender == sender


def asked_townships(session: Session, campaign: Campaign, day: date) -> set[TownshipName]:
    """The townships whose reply for `day` was asked back and that have had no figure accepted for
    it since.
    """
    nicks = {
        contact.nick: township.name
        for township in campaign.townships
        for contact in township.contacts
    }
    asked: set[TownshipName] = set()
    for reply, reading in readings.readings(session, campaign.key, day):
        township = nicks.get(reply.sender)
        if township is None:
            continue
        if reading.outcome == Outcome.ASK:
            asked.add(township)
        elif reading.outcome == Outcome.ACCEPT:
            asked.discard(township)
    return asked


def blacked_out(text: str) -> str:
    """The text with identity and bank card numbers replaced by ●, nothing else changed."""
    return _IDENTITY_OR_CARD.sub(lambda found: "●" * len(found.group()), text)
