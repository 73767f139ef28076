"""Replies that wait for a person: listed, approved or refused, each decision kept with who took it
and when.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation

import click

from bot import log
from bot.actions.day import correct
from bot.actions.day.correct import CorrectionRefused, Settled, TypedValue
from bot.commands.plain import Day, columns, now, opened, shortened, told_plainly
from bot.commands.refusals import told
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.store import Session
from bot.store.replies import replies as replies_room
from bot.views.replies.held import held


class Stands(click.ParamType[TypedValue]):
    """A value typed as completed=17, or completed/C=14 for a category."""

    name = "value"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> TypedValue:
        """The value, or a sentence that says how one is written."""
        if isinstance(value, TypedValue):
            return value
        cell, _, said = str(value).partition("=")
        stage, _, category = cell.partition("/")
        try:
            number = Decimal(said.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not stage.strip() or not number.is_finite():
            self.fail(
                f"{value!r} is no value; write it as completed=17 or completed/C=14", param, ctx
            )
        return TypedValue(stage=stage.strip(), category=category.strip(), value=number)


@click.group(invoke_without_command=True)
@click.option(
    "--campaign", default=None, help="A campaign file or key; all of the settings if left out."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
@told_plainly
def replies(context: click.Context, campaign: str | None, as_json: bool) -> None:
    """List the replies that wait for a person: of a closed day, of somebody unregistered, of
    another township.
    """
    log.start("WARNING")
    context.obj = campaign
    if context.invoked_subcommand is not None:
        return
    with opened(campaign) as (app, enrolled), app.store.reading() as session:
        waiting = [(one.campaign, held(session, one.campaign.key)) for one in enrolled]
    rows = [
        {
            "campaign": of.key,
            "number": one.reply.number,
            "sender": one.reply.sender,
            "sent": one.reply.sent_at.astimezone(of.timezone).isoformat(timespec="minutes"),
            "day": one.reading.day and str(one.reading.day),
            "why": list(one.why),
            "text": shortened(one.reply.text, 60),
        }
        for of, those in waiting
        for one in those
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif not rows:
        click.echo("no reply waits for a person")
    else:
        head = ("number", "sender", "sent", "day", "why", "text")
        cells = [
            [
                ", ".join(row[k]) if k == "why" else str(row[k] or "")  # type: ignore[arg-type]
                for k in head
            ]
            for row in rows
        ]
        click.echo(columns(head, cells))


@replies.command()
@click.argument("number", type=int)
@click.option("--by", required=True, help="Your name: the decision is kept with it.")
@click.option("--reason", default="", help="Why, for the log.")
@click.option("--township", default=None, help="Whose figures they are.")
@click.option("--day", type=Day(), default=None, help="Of which reporting day they are.")
@click.option(
    "--value",
    "values",
    type=Stands(),
    multiple=True,
    help="What stands, such as completed=17; may be repeated.",
)
@click.pass_context
@told_plainly
def approve(
    context: click.Context,
    number: int,
    by: str,
    reason: str,
    township: str | None,
    day: date | None,
    values: Sequence[TypedValue],
) -> None:
    """Let reply NUMBER stand. What a bulletin has told of a closed day is corrected by a notice."""
    with opened(context.obj) as (app, enrolled), app.store.writing() as session:
        one = _whose(session, enrolled, number)
        try:
            settled = correct.approve(
                session,
                one,
                app.wording,
                app.reading_wording,
                number,
                by=named(by),
                at=now(),
                reason=reason,
                township=township,
                day=day,
                values=values,
            )
        except CorrectionRefused as fault:
            raise click.ClickException(told(fault)) from None
    tell(settled)


@replies.command()
@click.argument("number", type=int)
@click.option("--by", required=True, help="Your name: the decision is kept with it.")
@click.option("--reason", required=True, help="Why, for the log.")
@click.pass_context
@told_plainly
def refuse(context: click.Context, number: int, by: str, reason: str) -> None:
    """End the waiting of reply NUMBER; no figure comes of it."""
    with opened(context.obj) as (app, enrolled), app.store.writing() as session:
        one = _whose(session, enrolled, number)
        try:
            correct.refuse(session, one.campaign, number, by=named(by), reason=reason, at=now())
        except CorrectionRefused as fault:
            raise click.ClickException(told(fault)) from None
    click.echo(f"reply {number} refused")


def _whose(session: Session, enrolled: Sequence[Enrolled], number: int) -> Enrolled:
    """The campaign the reply belongs to, among those of this installation."""
    with suppress(KeyError):
        reply = replies_room.get_reply(session, number)
        for one in enrolled:
            if one.campaign.key == reply.campaign:
                return one
    raise click.ClickException(f"there is no reply {number}; `diaodu replies` lists what waits")


def named(by: str) -> Actor:
    """Who decides, by the name that was given; an empty one is refused."""
    if not by.strip():
        raise click.ClickException("--by needs the name of who decides")
    return Actor(name=by.strip())


def tell(settled: Settled) -> None:
    """Prints what entered the log, and the correction if one was written."""
    for figure in settled.figures:
        said = "withdrawn" if figure.value is None else f"{figure.value:f}"
        stage = "/".join(filter(None, (figure.stage, figure.category)))
        click.echo(f"{figure.township} {figure.day} {stage}: {said}")
    if settled.notice is not None:
        click.echo(
            f"correction written, `diaodu run` sends it:\n{settled.notice.title}\n{settled.notice.text}"
        )
