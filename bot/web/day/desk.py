"""今日收数, the clerk's one page: who has reported and who has not, the words beside what was read,
and every deed of a day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bot.actions.day import correct, steer
from bot.actions.day.correct import Settled, TypedValue
from bot.actions.people.tie import tie_chat, tie_sender
from bot.actions.refusal import Refusal
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.workdays import is_reporting_day
from bot.domain.people.roles import Role
from bot.store import Session
from bot.views.day.desk import State, desk, desk_day, explained
from bot.views.day.preview import preview
from bot.web.site import RequestContext, SitePage, whole
from config.wording import templates

CLERK = frozenset({Role.CLERK})
AT_WORK = tuple(State)
"""The order of the rows: what wants a person first, what wants nobody last."""

WAITS = "waits"
"""The filter for whatever waits for a person, in whatever state its township is."""

Said = tuple[str, Mapping[str, object]]
"""What a page says of a deed: a key of `said.toml` and its facts."""


class NotUnderstood(Refusal):
    """A form whose fields cannot be read as what they stand for."""

    room = "form"


def _desk(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    day = _day_asked(asked, asked.query("day"))
    if day is None:
        return asked.site.fault(asked, 404, "page")
    why = whole(asked.query("why"))
    with asked.app.store.reading() as session:
        shown = desk(session, campaign, day, asked.at)
        reason = (
            None if why is None else explained(session, campaign, asked.app.reading_wording, why)
        )
    place = {day: at for at, day in enumerate(shown.days)}.get(day, 0)
    return asked.page(
        "desk.html.j2",
        desk=shown,
        rows=sorted(enumerate(shown.rows), key=lambda row: AT_WORK.index(row[1].state)),
        state=asked.query("show") if asked.query("show") in {*State, WAITS} else "",
        why=why if reason else 0,
        explained=reason,
        before=shown.days[place - 1] if place else None,
        after=shown.days[place + 1] if place + 1 < len(shown.days) else None,
        today=day == asked.at.astimezone(campaign.timezone).date(),
        names=_names(campaign),
        longest=steer.LONGEST,
    )


def _preview(asked: RequestContext) -> Response:
    day = _day_asked(asked, asked.query("day"))
    if day is None:
        return asked.site.fault(asked, 404, "page")
    with asked.app.store.reading() as session:
        shown = preview(session, asked.enrolled, asked.app.wording, asked.app.robots, day, asked.at)
    return asked.page("preview.html.j2", shown=shown, day=day)


def _deed(act: Callable[[RequestContext, Session], Said]) -> Callable[[RequestContext], Response]:
    """A page that does one deed in a transaction of its own, and leads back to where the form stood
    with a sentence.
    """

    def answer(asked: RequestContext) -> Response:
        try:
            with asked.app.store.writing() as session:
                key, facts = act(asked, session)
        except Refusal as fault:
            return asked.back(
                _where(asked), templates.refusal(fault.room, fault.why, **fault.facts), well=False
            )
        return asked.back(_where(asked), templates.said(key, **facts))

    return answer


def _settle(asked: RequestContext, session: Session) -> Said:
    settled = correct.approve(
        session,
        asked.enrolled,
        asked.app.wording,
        asked.app.reading_wording,
        _number(asked, "number"),
        by=asked.actor,
        at=asked.at,
        reason=asked.text("reason"),
        township=asked.text("township") or None,
        day=_day(asked, "of_day") if asked.text("of_day") else None,
        values=_values(asked),
        choice=_number(asked, "choice") if asked.text("choice") else None,
    )
    return _told("desk_settled", settled)


def _refuse(asked: RequestContext, session: Session) -> Said:
    number, reason = _number(asked, "number"), _reason(asked)
    correct.refuse(
        session, asked.enrolled.campaign, number, by=asked.actor, reason=reason, at=asked.at
    )
    return "desk_refused", {}


def _enter(asked: RequestContext, session: Session) -> Said:
    settled = correct.enter(
        session,
        asked.enrolled,
        asked.app.wording,
        asked.text("township"),
        _day(asked, "day"),
        _values(asked),
        by=asked.actor,
        reason=_reason(asked),
        at=asked.at,
        correction=bool(asked.text("correction")),
    )
    return _told("desk_entered", settled)


def _withdraw(asked: RequestContext, session: Session) -> Said:
    settled = correct.withdraw(
        session,
        asked.enrolled,
        asked.app.wording,
        _number(asked, "number"),
        by=asked.actor,
        reason=_reason(asked),
        at=asked.at,
        whole_reply=bool(asked.text("whole")),
    )
    return _told("desk_withdrawn", settled)


def _told(key: str, settled: Settled) -> Said:
    """The sentence of a deed, and that a bulletin is corrected if one is."""
    if settled.notice is None:
        return key, {}
    return f"{key}_corrected", {"number": settled.notice.number}


def _remind(asked: RequestContext, session: Session) -> Said:
    job, day = asked.app.jobs["remind"], _day(asked, "day")
    reason = asked.text("reason")
    steer.remind_now(
        session,
        asked.enrolled,
        asked.app.wording,
        job,
        day,
        by=asked.actor,
        reason=reason,
        at=asked.at,
    )
    return "desk_reminded", {}


def _publish(asked: RequestContext, session: Session) -> Said:
    job, day, reason = asked.app.jobs["bulletin"], _day(asked, "day"), _reason(asked)
    steer.publish_early(
        session,
        asked.enrolled,
        asked.app.wording,
        job,
        day,
        by=asked.actor,
        reason=reason,
        at=asked.at,
    )
    return "desk_published", {}


def _hold(asked: RequestContext, session: Session) -> Said:
    day, reason = _day(asked, "day"), _reason(asked)
    steer.hold_bulletin(
        session, asked.enrolled.campaign, day, by=asked.actor, reason=reason, at=asked.at
    )
    return "desk_held", {}


def _release(asked: RequestContext, session: Session) -> Said:
    day, reason = _day(asked, "held_day"), _reason(asked)
    steer.release_bulletin(
        session, asked.enrolled.campaign, day, by=asked.actor, reason=reason, at=asked.at
    )
    return "desk_released", {}


def _sentence(asked: RequestContext, session: Session) -> Said:
    campaign, day = asked.enrolled.campaign, _day(asked, "day")
    seen = _number(asked, "seen") if asked.text("seen") else None
    if asked.text("withdraw") and seen is not None:
        steer.withdraw_sentence(
            session, campaign, day, instead_of=seen, by=asked.actor, reason="", at=asked.at
        )
        return "desk_sentence_gone", {}
    said = asked.text("sentence")
    steer.add_sentence(session, campaign, day, said, instead_of=seen, by=asked.actor, at=asked.at)
    return "desk_sentence", {}


def _tie(asked: RequestContext, session: Session) -> Said:
    who, name, channel = asked.text("id"), asked.text("name"), asked.text("channel") or None
    if not name:
        raise NotUnderstood("who", "say who or what group it is")
    tie = tie_chat if asked.text("kind") == "chat" else tie_sender
    tied = tie(session, [asked.enrolled], who, name, by=asked.actor, channel=channel, at=asked.at)
    return "desk_tied", {"name": name, "released": tied.released}


def _names(campaign: Campaign) -> dict[str, Any]:
    """What the page calls stages, categories and the people who may report."""
    return {
        "stages": {stage.key: stage.name for stage in campaign.stages},
        "categories": {
            None: "",
            **{category.key: category.name for category in campaign.categories},
        },
        "nicks": [contact.nick for township in campaign.townships for contact in township.contacts],
    }


def _day_asked(asked: RequestContext, said: str) -> date | None:
    """The day the address names, today's desk without one; None for what is no day of the campaign
    up to now.
    """
    campaign = asked.enrolled.campaign
    if not said:
        return desk_day(campaign, asked.at)
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    today = asked.at.astimezone(campaign.timezone).date()
    return day if is_reporting_day(campaign, day) and day <= today else None


def _where(asked: RequestContext) -> str:
    """The desk as it stood when the form was sent: its day, its filter, and the place in it."""
    kept = {name: asked.text(name) for name in ("day", "show") if asked.text(name)}
    place = asked.text("place")
    onward = f"/c/{asked.enrolled.campaign.key}/desk" + (f"?{urlencode(kept)}" if kept else "")
    return onward + (f"#{place}" if place.isascii() and place.replace("-", "").isalnum() else "")


def _number(asked: RequestContext, name: str) -> int:
    number = whole(asked.text(name))
    if number is None:
        raise NotUnderstood("number", f"{name} is no number")
    return number


def _day(asked: RequestContext, name: str) -> date:
    try:
        return date.fromisoformat(asked.text(name))
    except ValueError:
        raise NotUnderstood("day", f"{name} is no day") from None


def _reason(asked: RequestContext) -> str:
    reason = " ".join(asked.text("reason").split())
    if not reason:
        raise NotUnderstood("reason", "say why, for the log")
    return reason[:200]


def _values(asked: RequestContext) -> list[TypedValue]:
    """What was typed for each stage and category; an empty field says nothing."""
    campaign = asked.enrolled.campaign
    cells = [(stage.key, "") for stage in campaign.stages]
    cells += [(campaign.headline.key, category.key) for category in campaign.categories]
    values = []
    for stage, category in cells:
        typed = asked.text(f"value-{stage}-{category}")
        if not typed:
            continue
        try:
            value = Decimal(typed)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) >= 10**12:
            raise NotUnderstood("value", f"{typed!r} is no number", value=typed[:20])
        values.append(TypedValue(stage=stage, category=category, value=value))
    return values


DEEDS = {
    "settle": _settle,
    "refuse": _refuse,
    "enter": _enter,
    "withdraw": _withdraw,
    "remind": _remind,
    "publish": _publish,
    "hold": _hold,
    "release": _release,
    "sentence": _sentence,
    "tie": _tie,
}
"""Every deed of the desk by the last part of its address."""

PAGES = (
    SitePage(path="/c/{campaign}/desk", answer=_desk, roles=CLERK, tab=templates.said("tab_desk")),
    SitePage(path="/c/{campaign}/desk/preview", answer=_preview, roles=CLERK),
    *(
        SitePage(
            path=f"/c/{{campaign}}/desk/{name}", answer=_deed(act), roles=CLERK, methods=("POST",)
        )
        for name, act in DEEDS.items()
    ),
)
