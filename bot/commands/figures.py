"""The log of figures as a person reads it, and the withdrawal of one that must not stand."""

from __future__ import annotations

import json
from datetime import date

import click

from bot import log
from bot.actions.day import correct
from bot.actions.day.correct import CorrectionRefused
from bot.commands.plain import Day, columns, now, opened, told_plainly
from bot.commands.refusals import told
from bot.commands.replies import named, tell
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import FigureSubject, ReplySubject, Subject
from bot.domain.figures.progress import plain
from bot.store.decisions import decisions
from bot.store.figures import figures as figures_room


@click.group(invoke_without_command=True)
@click.option(
    "--campaign", default=None, help="A campaign file or key; all of the settings if left out."
)
@click.option("--day", type=Day(), default=None, help="Only figures of this day.")
@click.option("--township", default=None, help="Only figures of this township.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
@told_plainly
def figures(
    context: click.Context,
    campaign: str | None,
    day: date | None,
    township: str | None,
    as_json: bool,
) -> None:
    """List the log of figures, with the reply or the person each came from; withdrawn ones are
    marked.
    """
    log.start("WARNING")
    context.obj = campaign
    if context.invoked_subcommand is not None:
        return
    rows = []
    with opened(campaign) as (app, enrolled), app.store.reading() as session:
        for one in enrolled:
            people = {
                decision.subject: decision.person
                for decision in decisions.decisions(
                    session,
                    one.campaign.key,
                    (DecisionKind.REPLY_APPROVED, DecisionKind.FIGURE_WITHDRAWN),
                )
            }
            gone = figures_room.withdrawn(session, one.campaign.key)
            for figure in figures_room.figures_until(
                session, one.campaign.key, day or one.campaign.deadline, now()
            ):
                if (day or figure.day) != figure.day or township not in (None, figure.township):
                    continue
                about: Subject = (
                    FigureSubject(number=figure.supersedes or 0)
                    if figure.value is None
                    else ReplySubject(number=figure.reply_number or 0)
                )
                rows.append(
                    {
                        "campaign": one.campaign.key,
                        "number": figure.number,
                        "township": figure.township,
                        "day": str(figure.day),
                        "stage": "/".join(filter(None, (figure.stage, figure.category))),
                        "value": "withdraws" if figure.value is None else plain(figure.value),
                        "of": figure.supersedes,
                        "reply": figure.reply_number,
                        "by": people.get(about, ""),
                        "at": figure.recorded_at.astimezone(one.campaign.timezone).isoformat(
                            timespec="minutes"
                        ),
                        "withdrawn": figure.number in gone,
                    }
                )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif not rows:
        click.echo("no figures")
    else:
        head = (
            "number",
            "township",
            "day",
            "stage",
            "value",
            "of",
            "reply",
            "by",
            "at",
            "withdrawn",
        )
        cells = [
            [
                "yes" if row[k] is True else "" if row[k] in (None, False) else str(row[k])
                for k in head
            ]
            for row in rows
        ]
        click.echo(columns(head, cells))


@figures.command()
@click.argument("number", type=int)
@click.option("--by", required=True, help="Your name: the decision is kept with it.")
@click.option("--reason", required=True, help="Why, for the log.")
@click.option(
    "--whole-reply", is_flag=True, help="Withdraw everything that came from the same reply."
)
@click.pass_context
@told_plainly
def withdraw(context: click.Context, number: int, by: str, reason: str, whole_reply: bool) -> None:
    """Take figure NUMBER out of force; what stood before it stands again. The log keeps both."""
    with opened(context.obj) as (app, enrolled), app.store.writing() as session:
        for one in enrolled:
            try:
                figures_room.get_figure(session, one.campaign.key, number)
            except KeyError:
                continue
            break
        else:
            raise click.ClickException(f"there is no figure {number}; `diaodu figures` lists them")
        try:
            settled = correct.withdraw(
                session,
                one,
                app.wording,
                number,
                by=named(by),
                reason=reason,
                at=now(),
                whole_reply=whole_reply,
            )
        except CorrectionRefused as fault:
            raise click.ClickException(told(fault)) from None
    tell(settled)
