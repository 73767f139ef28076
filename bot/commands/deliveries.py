"""Deliveries that are not sent: listed in the platform's own words, and retried, dropped or settled
by a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import click

from bot import log
from bot.actions.notices.settle import SettlementRefused, drop, retry, settle
from bot.commands.plain import columns, now, opened, shortened, told_plainly
from bot.commands.replies import named
from bot.store import Session
from bot.store.notices import deliveries as deliveries_room
from bot.store.notices import notices
from config.wording.statements import english

BY = click.option("--by", required=True, help="Your name: the decision is kept with it.")
REASON = click.option("--reason", required=True, help="Why, for the log.")
NUMBERS = click.argument("numbers", type=int, nargs=-1, required=True)


@click.group(invoke_without_command=True)
@click.option(
    "--campaign", default=None, help="A campaign file or key; all of the settings if left out."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
@told_plainly
def deliveries(context: click.Context, campaign: str | None, as_json: bool) -> None:
    """List what is not sent: waiting, refused, or of unknown end, with the platform's own words."""
    log.start("WARNING")
    context.obj = campaign
    if context.invoked_subcommand is not None:
        return
    with opened(campaign) as (app, enrolled), app.store.reading() as session:
        rows = [
            {
                "campaign": one.campaign.key,
                "number": delivery.number,
                "notice": notices.get_notice(session, delivery.notice_number).title,
                "group": delivery.group,
                "state": delivery.state.value,
                "attempts": delivery.attempts,
                "since": delivery.last_at.astimezone(one.campaign.timezone).isoformat(
                    timespec="minutes"
                ),
                "code": delivery.code,
                "detail": english(delivery.detail),
            }
            for one in enrolled
            for delivery in deliveries_room.not_sent(session, one.campaign.key)
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif not rows:
        click.echo("everything is sent")
    else:
        head = ("number", "notice", "group", "state", "attempts", "since", "code", "detail")
        click.echo(columns(head, [[shortened(str(row[key]), 48) for key in head] for row in rows]))


@deliveries.command("retry")
@NUMBERS
@BY
@REASON
@click.pass_context
@told_plainly
def retry_(context: click.Context, numbers: Sequence[int], by: str, reason: str) -> None:
    """Send refused or unknown deliveries once more; marked 【重发】 where the first may have
    arrived.
    """

    def again(session: Session, number: int, at: datetime) -> str:
        return (
            f"sent again as delivery {retry(session, number, by=named(by), reason=reason, at=at)}"
        )

    _each(context, numbers, again)


@deliveries.command("drop")
@NUMBERS
@BY
@REASON
@click.pass_context
@told_plainly
def drop_(context: click.Context, numbers: Sequence[int], by: str, reason: str) -> None:
    """Let deliveries that wait pass unsaid."""

    def pass_by(session: Session, number: int, at: datetime) -> str:
        drop(session, number, by=named(by), reason=reason, at=at)
        return "dropped"

    _each(context, numbers, pass_by)


@deliveries.command("settle")
@NUMBERS
@click.option("--arrived/--not-arrived", required=True, help="What the group really saw.")
@BY
@REASON
@click.pass_context
@told_plainly
def settle_(
    context: click.Context, numbers: Sequence[int], arrived: bool, by: str, reason: str
) -> None:
    """Say what became of deliveries of unknown end, after a look into the group."""

    def say(session: Session, number: int, at: datetime) -> str:
        settle(session, number, arrived=arrived, by=named(by), reason=reason, at=at)
        return "arrived" if arrived else "did not arrive"

    _each(context, numbers, say)


def _each(
    context: click.Context, numbers: Sequence[int], deed: Callable[[Session, int, datetime], str]
) -> None:
    """Does it to each number in a transaction of its own; what cannot be done is told, the others
    are done all the same.
    """
    faults = 0
    with opened(context.obj) as (app, _):
        for number in numbers:
            try:
                with app.store.writing() as session:
                    told = deed(session, number, now())
            except SettlementRefused as fault:
                click.echo(f"delivery {number}: {fault}", err=True)
                faults += 1
                continue
            click.echo(f"delivery {number}: {told}")
    if faults:
        raise click.ClickException(f"{faults} of {len(numbers)} could not be done")
