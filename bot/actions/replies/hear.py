"""What a robot heard becomes a reply: who speaks, in which campaign, is it read, is it answered
(laws 2, 3, 9 and 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import log
from bot.actions.replies.collect import blacked_out, read_reply
from bot.channels.hearing import HearingRobot
from bot.channels.inbound import InboundKind, InboundMessage
from bot.domain.campaigns.campaign import Campaign, CampaignKey, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import open_day
from bot.domain.notices.answer import Confirmed, NoAnswer, Refused, TryLater
from bot.domain.notices.notice import MOST_ANSWERS, after_quiet
from bot.domain.people.contacts import nick_of, nicks
from bot.domain.replies.reading import Incoming, Outcome, ReadingWording, read
from bot.store import Session, Store, StoreUnreachable
from bot.store.day import closings
from bot.store.people import ties
from bot.store.people.ties import TieKind
from bot.store.replies import heard, readings, replies
from bot.store.replies.heard import AnswerState, NewHeard, StoredHeard, WaitsFor
from bot.store.replies.replies import StoredReply
from config.wording.statements import english

Campaigns = Mapping[CampaignKey, Enrolled]
"""The campaigns of this process."""

FILE = "[文件]"
"""How the reader is shown a file: it asks for a line of text."""


LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
PAUSE_AFTER_FAULT = timedelta(minutes=5)


def to_keep(robot: HearingRobot, said: InboundMessage, at: datetime) -> NewHeard:
    """What the ledger keeps of a message that arrived at `at`: identity and card numbers blacked
    out, the way back encrypt_reply_token.
    """
    from bot.channels.encryption import (
        encrypt_reply_token,  # here, so that a command that hears nothing loads no cipher
    )

    way_back = said.way_back
    return NewHeard(
        channel=robot.channel,
        message_id=said.message_id,
        sender_id=said.sender_id,
        sender_name=said.sender_name,
        chat=said.chat,
        kind=said.kind.value,
        text=blacked_out(said.text),
        # A clock ahead of ours must not put a message into a day that has not begun.
        sent_at=min(said.sent_at, at),
        arrived_at=at,
        way_back="" if way_back is None else encrypt_reply_token(way_back, robot.secret),
        answer_until=None if way_back is None else way_back.until,
    )


def read_heard(store: Store, campaigns: Campaigns, wording: ReadingWording, at: datetime) -> bool:
    """Settles the message that waits longest to be read; False when none waits.

    One transaction holds the reply, its reading, its figures and the answer that is due. A message
    that cannot be settled for a fault of ours is logged, waits a while and holds up no other.
    """
    number = None
    try:
        with store.writing() as session:
            message = heard.take_to_read(session, at)
            if message is None:
                return False
            number = message.number
            with log.about(channel=message.channel, heard=message.number):
                _settle(session, campaigns, wording, message, at)
    except StoreUnreachable:
        raise
    except Exception:
        if number is None:
            raise
        log.failure("message not settled, it waits", heard=number)
        with store.writing() as session:
            heard.put_off(session, number, WaitsFor.READING, at + PAUSE_AFTER_FAULT)
    return True


@dataclass(frozen=True, kw_only=True)
class _Speaker:
    enrolled: Enrolled
    nick: str


def _settle(
    session: Session,
    campaigns: Campaigns,
    wording: ReadingWording,
    message: StoredHeard,
    at: datetime,
) -> None:
    if message.kind not in (InboundKind.TEXT, InboundKind.FILE):
        heard.done_with(session, message.number, WaitsFor.READING)
        return
    scope = set(campaigns)
    if message.chat:
        known = ties.tied(session, TieKind.CHAT, message.channel, message.chat)
        if not known:
            heard.hold(session, message.number, WaitsFor.CHAT)
            log.trouble("message held: nobody has said what chat this is")
            return
        scope &= set(known)
        if not scope:  # of a campaign that another process serves
            heard.put_off(session, message.number, WaitsFor.READING, at + PAUSE_AFTER_FAULT)
            return
    speakers = _speakers(session, campaigns, sorted(scope), message)
    if not speakers:
        if (
            not ties.tied(session, TieKind.SENDER, message.channel, message.sender_id).keys()
            <= campaigns.keys()
        ):
            heard.put_off(
                session, message.number, WaitsFor.READING, at + PAUSE_AFTER_FAULT
            )  # another process knows him
            return
        heard.hold(session, message.number, WaitsFor.SENDER)
        log.trouble("message held: nobody has said who this sender is")
        if message.chat:
            _tell_stranger(session, campaigns[min(scope)].campaign, wording, message, at)
        return
    speaker = _meant(session, speakers, message)
    if speaker is None:
        heard.done_with(session, message.number, WaitsFor.READING)
        titles = "、".join(one.enrolled.campaign.short_title for one in speakers)
        _answer(
            session, message, wording["ask_campaign"].format(campaigns=titles), at, question=True
        )
        return
    reply, _ = replies.add_reply(
        session,
        campaign=speaker.enrolled.campaign.key,
        channel=message.channel,
        message_id=message.message_id,
        sender=speaker.nick,
        text=FILE if message.kind == InboundKind.FILE else message.text,
        sent_at=message.sent_at,
        arrived_at=message.arrived_at,
    )
    reading = read_reply(session, speaker.enrolled, wording, reply, at)
    heard.done_with(session, message.number, WaitsFor.READING)
    if reading is not None:
        _answer(session, message, reading.echo, at, question=reading.outcome is Outcome.ASK)


def _speakers(
    session: Session, campaigns: Campaigns, scope: Iterable[CampaignKey], message: StoredHeard
) -> list[_Speaker]:
    """Who the sender is in each of these campaigns: whom a person tied the number to, or else whom
    the campaign file says.

    The file names no platform with its numbers, so it is believed only where a person has tied a
    chat of that robot to the campaign: a stranger of another organisation may well have the same
    number.
    """
    tied = ties.tied(session, TieKind.SENDER, message.channel, message.sender_id)
    speakers = []
    for key in scope:
        campaign = campaigns[key].campaign
        nick = tied.get(key)
        if nick is None and message.channel in ties.heard_by(session, key):
            nick = nick_of(campaign, message.sender_id)
        if nick is not None and nick in nicks(campaign):
            speakers.append(_Speaker(enrolled=campaigns[key], nick=nick))
    return speakers


def _meant(session: Session, speakers: list[_Speaker], message: StoredHeard) -> _Speaker | None:
    """The one campaign the message is for: the only one, the only one that has a day open, or the
    only one it names.
    """

    def open_for(speaker: _Speaker) -> bool:
        campaign = speaker.enrolled.campaign
        closed = closings.closings(session, campaign.key)
        return (
            open_day(
                campaign, sent_at=message.sent_at, arrived_at=message.arrived_at, closings=closed
            )
            is not None
        )

    def named(speaker: _Speaker) -> bool:
        campaign = speaker.enrolled.campaign
        return campaign.short_title in message.text or campaign.title in message.text

    for narrower in (open_for, named):
        if len(speakers) == 1:
            break
        speakers = [speaker for speaker in speakers if narrower(speaker)] or speakers
    return speakers[0] if len(speakers) == 1 else None


def _tell_stranger(
    session: Session,
    campaign: Campaign,
    wording: ReadingWording,
    message: StoredHeard,
    at: datetime,
) -> None:
    """A stranger in the campaign's own chat who reports is told once that a person will see to it;
    small talk passes.
    """
    day = open_day(campaign, sent_at=message.sent_at, arrived_at=message.arrived_at, closings={})
    said = Incoming(id=message.message_id, text=message.text, sender="", at=message.sent_at)
    reading = read(campaign, said, open_day=day, late=False, before={}, today={}, wording=wording)
    if (
        reading.outcome is not Outcome.ASK
        or message.answer_until is None
        or at >= message.answer_until
    ):
        return
    text = wording["ask_sender"]
    if text not in heard.answers_since(
        session, message.channel, message.sender_id, at - timedelta(days=1)
    ):
        heard.add_answer(session, message, text, at)


def _answer(
    session: Session, message: StoredHeard, text: str, at: datetime, *, question: bool
) -> None:
    """Puts the answer down as due, in the transaction of what it answers; what was no report gets
    none.

    A question already put to this sender today is not put again (law 9). Without a way back it is
    *gone*: a question then goes with the next reminder.
    """
    if not text:
        return
    # a stranger was told to wait, and is known since
    answered = heard.answer_history(session, message.number)
    if answered or message.answer_until is None or at >= message.answer_until:
        heard.record_answer(
            session,
            message.number,
            AnswerState.GONE,
            at=at,
            text=text,
            detail="no way back is open",
        )
        return
    before = heard.answers_since(
        session, message.channel, message.sender_id, at - timedelta(days=1)
    )
    if len(before) >= MOST_ANSWERS or (question and text in before):
        log.event("answer spared", said_before=text in before, answers=len(before))
        return
    heard.add_answer(session, message, text, at)


def answer_settled(
    session: Session, campaign: Campaign, reply: StoredReply, text: str, at: datetime
) -> None:
    """Answers the writer of a reply once more, when a person has settled it: in his own chat, while
    the way back is open.

    Hours after he wrote it is no answer to somebody who waits for it, so in the quiet hours it
    waits for their end.
    """
    message = heard.find_heard(session, reply.channel, reply.message_id)
    if message is None or message.answer_until is None or at >= message.answer_until:
        return
    course = heard.answer_history(session, message.number)
    match course[-1].state if course else None:
        case AnswerState.ATTEMPTED:
            return  # the question is leaving at this moment
        case AnswerState.DUE:
            heard.record_answer(session, message.number, AnswerState.DUE, at=at, text=text)
        case _:
            heard.add_answer(session, message, text, at)
    heard.put_off(session, message.number, WaitsFor.ANSWER, after_quiet(campaign, at))


def answer_next(store: Store, robot: HearingRobot, at: datetime) -> bool:
    """Sends the oldest answer that is due through the robot; False when none is.

    *Attempted* is committed before it leaves, and an attempt without an answer of the platform's
    own is *unknown*: it is not repeated, for a second echo in the group is worse than none (law 5).
    """
    from bot.channels.encryption import decrypt_reply_token

    with store.writing() as session:
        message = heard.take_to_answer(session, robot.channel, at)
        if message is None:
            return False
        course = heard.answer_history(session, message.number)
        begun = max(place for place, event in enumerate(course) if event.text)
        before, course = course[:begun], course[begun:]
        text = course[0].text
        if course[-1].state is AnswerState.ATTEMPTED:
            _record(
                session,
                message,
                AnswerState.UNKNOWN,
                at,
                detail="no answer before the lease ran out",
            )
            return True
        way_back = decrypt_reply_token(message.way_back, robot.secret)
        if message.answer_until is None or at >= message.answer_until or way_back is None:
            _record(session, message, AnswerState.GONE, at, detail="the window has closed")
            return True
        if way_back.once and any(
            event.state in {AnswerState.SENT, AnswerState.UNKNOWN} for event in before
        ):
            _record(
                session, message, AnswerState.GONE, at, detail="the way back takes one answer only"
            )
            return True
        heard.record_answer(session, message.number, AnswerState.ATTEMPTED, at=at)
        heard.put_off(session, message.number, WaitsFor.ANSWER, at + LEASE)
    answer = robot.answerer.answer(way_back, text, at=at)
    attempts = 1 + sum(event.state is AnswerState.ATTEMPTED for event in course)
    with store.writing() as session, log.about(channel=robot.channel, heard=message.number):
        match answer:
            case Confirmed(detail=detail):
                _record(session, message, AnswerState.SENT, at, detail=english(detail))
                log.event("answer sent")
            case TryLater(code=code, detail=detail, after=after) if attempts < MOST_ATTEMPTS:
                heard.record_answer(
                    session,
                    message.number,
                    AnswerState.DUE,
                    at=at,
                    code=code,
                    detail=english(detail),
                )
                heard.put_off(session, message.number, WaitsFor.ANSWER, at + after)
            case Refused(code=code, detail=detail) | TryLater(code=code, detail=detail):
                _record(
                    session, message, AnswerState.REFUSED, at, code=code, detail=english(detail)
                )
                log.trouble("answer refused", code=code, detail=english(detail))
            case NoAnswer(detail=detail):
                _record(session, message, AnswerState.UNKNOWN, at, detail=english(detail))
                log.trouble("answer of unknown end", detail=english(detail))
    return True


def _record(
    session: Session,
    message: StoredHeard,
    state: AnswerState,
    at: datetime,
    *,
    code: str = "",
    detail: str = "",
) -> None:
    heard.record_answer(session, message.number, state, at=at, code=code, detail=detail)
    heard.done_with(session, message.number, WaitsFor.ANSWER)


def unsaid_questions(
    session: Session, campaign: Campaign, day: date
) -> dict[TownshipName, tuple[int, str]]:
    """Of each township its newest question of the day that found its window closed: the message
    heard, and the question.
    """
    townships = {
        contact.nick: township.name
        for township in campaign.townships
        for contact in township.contacts
    }
    asked = {
        reply.number: (townships[reply.sender], reading.echo)
        for reply, reading in readings.readings(session, campaign.key, day)
        if reading.outcome == Outcome.ASK and reply.sender in townships
    }
    unsaid = heard.unsaid(session, list(asked))
    return {asked[reply][0]: (number, asked[reply][1]) for reply, number in sorted(unsaid.items())}


def say_with_reminder(session: Session, numbers: Iterable[int], at: datetime) -> None:
    """Writes that the questions of these messages went with the reminder, so that they go once."""
    for number in numbers:
        heard.record_answer(session, number, AnswerState.REMINDED, at=at)
