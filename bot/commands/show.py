"""Prints what stands: standings, who is missing, what is overdue, notices, deliveries, the
timetable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import click

from bot import log
from bot.app import App
from bot.commands.plain import Day, MomentArgument, columns, now, opened, told_plainly
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import open_day, reporting_days, strikes
from bot.domain.day.obligations import obligations, overdue
from bot.domain.day.ranking import standings
from bot.domain.figures.progress import day_sheets, plain, standing_figures
from bot.store.day import runs
from bot.store.figures import figures
from bot.store.notices import deliveries, notices
from bot.views.day.sheets import sheets_known
from bot.views.oversight.overdue import words
from bot.views.registers.ledger import cases_known, standing
from bot.views.registers.shown import claimed_shown, register_shown
from config.wording import templates
from config.wording.statements import english

Rows = tuple[Sequence[str], list[dict[str, Any]]]
"""Column names and a row for each thing shown; the same rows are the JSON."""


def _day(enrolled: Enrolled, asked: date | None, at: datetime) -> date:
    """The day asked for, or the one that is open, or the last one of a campaign that has ended."""
    campaign = enrolled.campaign
    day = asked or open_day(campaign, sent_at=at, arrived_at=at, closings={})
    days = reporting_days(campaign)
    if day is None:
        day = days[-1] if at > campaign.moment(campaign.start, campaign.cutoff) else days[0]
    if day not in days:
        raise click.ClickException(
            f"{day} is no reporting day of {campaign.key}: it runs from {days[0]} to {days[-1]} ({campaign.days})"
        )
    return day


def _standings(app: App, enrolled: Enrolled, day: date, at: datetime) -> Rows:
    with app.store.reading() as session:
        sheets = sheets_known(session, enrolled.campaign, day, at)
    before = next((sheet for sheet in sheets if sheet.day == sheets[-1].previous), None)
    return ("rank", "township", "done", "target", "rate", "increase", "movement", "reported"), [
        {
            "day": str(day),
            "group": standing.group,
            "rank": standing.rank,
            "township": standing.row.township,
            "done": None if standing.row.value is None else plain(standing.row.value),
            "target": plain(standing.row.target),
            "rate": templates.percent(standing.row.rate),
            "increase": None if standing.row.increase is None else plain(standing.row.increase),
            "movement": standing.movement,
            "reported": standing.row.reported.value,
        }
        for standing in standings(enrolled.campaign, sheets[-1], before)
    ]


def _missing(app: App, enrolled: Enrolled, day: date, at: datetime) -> Rows:
    with app.store.reading() as session:
        sheet = sheets_known(session, enrolled.campaign, day, at)[-1]
    return ("township", "missing_days", "carried_from", "contacts"), [
        {
            "day": str(day),
            "township": row.township,
            "missing_days": row.missing_days,
            "carried_from": row.carried_from and str(row.carried_from),
            "contacts": "、".join(
                contact.nick for contact in enrolled.campaign.township(row.township).contacts
            ),
        }
        for row in sheet.townships
        if row.absent
    ]


def _overdue(app: App, enrolled: Enrolled, day: date, at: datetime) -> Rows:
    with app.store.reading() as session:
        sheets = sheets_known(session, enrolled.campaign, day, at)
        said = words(session, enrolled.campaign, at)
    return ("light", "owed", "township", "since", "days", "short", "measure", "answered"), [
        {
            "light": late.light.value,
            "owed": late.owed.value,
            "township": late.township,
            "due": late.due.isoformat(),
            "since": late.since and str(late.since),
            "days": late.days,
            "short": None if late.short is None else plain(late.short),
            "measure": late.rung.measure if late.rung else "",
            "answered": late.answer.person if late.answer else "",
        }
        for late in overdue(obligations(enrolled.campaign, sheets, at, said))
    ]


def _notices(app: App, enrolled: Enrolled, day: date | None, _: datetime) -> Rows:
    with app.store.reading() as session:
        written = notices.notices(session, enrolled.campaign.key)
    return ("number", "kind", "day", "title", "made_at"), [
        {
            "number": number,
            "kind": notice.kind,
            "day": str(notice.day),
            "title": notice.title,
            "made_at": notice.made_at.isoformat(),
            "catch_up": notice.catch_up,
            "version": notice.version,
            "text": notice.text,
        }
        for number, notice in written
        if day is None or notice.day == day
    ]


def _deliveries(app: App, enrolled: Enrolled, day: date | None, _: datetime) -> Rows:
    with app.store.reading() as session:
        titles = dict(notices.notices(session, enrolled.campaign.key))
        carried = deliveries.deliveries(session, enrolled.campaign.key)
    return ("number", "group", "state", "attempts", "title", "last_at", "detail"), [
        {
            "number": delivery.number,
            "notice": delivery.notice_number,
            "group": delivery.group,
            "state": delivery.state.value,
            "attempts": delivery.attempts,
            "resend_of": delivery.resend_of,
            "title": titles[delivery.notice_number].title,
            "last_at": delivery.last_at.isoformat(),
            "detail": english(delivery.detail),
        }
        for delivery in carried
        if day is None or titles[delivery.notice_number].day == day
    ]


def _timetable(app: App, enrolled: Enrolled, day: date | None, at: datetime) -> Rows:
    campaign = enrolled.campaign
    start = campaign.moment(day, campaign.quiet.start) - timedelta(days=1) if day else at
    planned = strikes(campaign, start, start + timedelta(days=7 if day is None else 2))
    with app.store.reading() as session:
        done = runs.runs_done(session, campaign.key, start, start + timedelta(days=7))
    return ("planned", "job", "day", "done"), [
        {
            "planned": strike.planned.isoformat(),
            "job": strike.job,
            "day": str(strike.day),
            "done": (strike.job, strike.planned) in done,
        }
        for strike in planned
        if day is None or strike.day == day
    ]


def _of_a_day(look: Callable[[App, Enrolled, date, datetime], Rows]) -> Callable[..., Rows]:
    def looked(app: App, enrolled: Enrolled, day: date | None, at: datetime) -> Rows:
        return look(app, enrolled, _day(enrolled, day, at), at)

    return looked


VIEWS: dict[str, Callable[[App, Enrolled, date | None, datetime], Rows]] = {
    "standings": _of_a_day(_standings),
    "missing": _of_a_day(_missing),
    "overdue": _of_a_day(_overdue),
    "notices": _notices,
    "deliveries": _deliveries,
    "timetable": _timetable,
}


def _register(
    app: App, enrolled: Enrolled, key: str | None, day: date | None, known_at: datetime
) -> dict[str, Any]:
    """A register as counts, as known at a moment: on `day`, or on the day of that moment."""
    campaign = enrolled.campaign
    register = next((one for one in campaign.registers if key in (None, one.key)), None)
    if register is None:
        keys = ", ".join(one.key for one in campaign.registers) or "none"
        raise click.ClickException(
            f"{campaign.key} has no register {key or ''}; its registers are {keys}"
        )
    on = day or known_at.astimezone(campaign.timezone).date()
    with app.store.reading() as session:
        held = standing(session, campaign, register, known_at, app.payments)
    missed = register.rules.missed
    listed = held.listed.get(missed.register, frozenset()) if missed else frozenset()
    shown = register_shown(
        campaign, register, tuple(held.cases.values()), held.people, on, listed=listed
    )
    return {"known_at": known_at.isoformat(), **shown}


def _claimed(
    app: App, enrolled: Enrolled, _: str | None, day: date | None, known_at: datetime
) -> dict[str, Any]:
    """What is claimed and what is verified on a day, cell by cell, as known at a moment."""
    campaign = enrolled.campaign
    if campaign.register is None:
        raise click.ClickException(f"{campaign.key} has no register that proves what is claimed")
    on = day or _day(enrolled, None, known_at)
    with app.store.reading() as session:
        logged = figures.figures_until(session, campaign.key, on, known_at)
        cases = cases_known(session, campaign, campaign.register, known_at, app.payments)
    claimed = standing_figures(logged, on, known_at)
    sheets = day_sheets(campaign, logged, on, known_at)
    return {
        "known_at": known_at.isoformat(),
        **claimed_shown(campaign, campaign.register, cases, claimed, sheets, on),
    }


REGISTERS = {"register": _register, "claimed": _claimed}


@click.command()
@click.argument("what", type=click.Choice([*VIEWS, *REGISTERS]))
@click.argument("key", required=False)
@click.option(
    "--campaign", default=None, help="A campaign file or key; all of the settings if left out."
)
@click.option(
    "--day",
    type=Day(),
    default=None,
    help="A day such as 2021-10-29; the open day, or all, if left out.",
)
@click.option(
    "--known-at",
    type=MomentArgument(),
    default=None,
    help="As known at this moment; now if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@told_plainly
def show(
    what: str,
    key: str | None,
    campaign: str | None,
    day: date | None,
    known_at: datetime | None,
    as_json: bool,
) -> None:
    """Print WHAT stands: standings, missing, overdue, notices, deliveries, timetable; register KEY,
    or claimed beside verified.
    """
    log.start("WARNING")
    with opened(campaign) as (app, enrolled):
        if look := REGISTERS.get(what):
            having = [one for one in enrolled if one.campaign.registers] or enrolled
            told = {one.campaign.key: look(app, one, key, day, known_at or now()) for one in having}
            click.echo(
                json.dumps(
                    told if len(told) > 1 else next(iter(told.values())),
                    ensure_ascii=False,
                    indent=1,
                )
            )
            return
        found = [(one.campaign, *VIEWS[what](app, one, day, now())) for one in enrolled]
    if as_json:
        click.echo(
            json.dumps({one.key: rows for one, _, rows in found}, ensure_ascii=False, indent=1)
        )
        return
    for one, head, rows in found:
        click.echo(f"{one.title}: {what}" + ("" if rows else ": none"))
        if rows:
            cells = [["" if row[name] is None else str(row[name]) for name in head] for row in rows]
            click.echo(columns(head, cells))
