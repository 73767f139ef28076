"""Robots: which are switched off because their platform says they are gone, and switched on again
by a person.
"""

from __future__ import annotations

import json

import click

from bot import log
from bot.actions.notices.robots import NotSwitched, switch_group_on
from bot.commands.plain import columns, now, opened, shortened, told_plainly
from bot.commands.replies import named
from bot.store.notices import deliveries
from bot.store.notices import robots as robots_room


@click.group(invoke_without_command=True)
@click.option(
    "--campaign", default=None, help="A campaign file or key; all of the settings if left out."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
@told_plainly
def robots(context: click.Context, campaign: str | None, as_json: bool) -> None:
    """List the groups with their robots: on or off, why, and how many deliveries wait."""
    log.start("WARNING")
    context.obj = campaign
    if context.invoked_subcommand is not None:
        return
    with opened(campaign) as (app, enrolled), app.store.reading() as session:
        last = robots_room.last_switches(session)
        rows = []
        for one in enrolled:
            for group in one.campaign.groups:
                robot = app.robots.of(one.campaign.key, group.key)
                off = last.get(robot.fingerprint) if robot else None
                live = off is None or off.live
                rows.append(
                    {
                        "campaign": one.campaign.key,
                        "group": group.key,
                        "name": group.name,
                        "platform": group.platform,
                        "state": "on" if live else "off",
                        "since": ""
                        if off is None
                        else off.switched_at.astimezone(one.campaign.timezone).isoformat(
                            timespec="minutes"
                        ),
                        "why": "" if off is None else off.reason,
                        "waiting": len(deliveries.waiting_for(session, robot.fingerprint))
                        if robot
                        else 0,
                    }
                )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    head = ("group", "name", "platform", "state", "since", "why", "waiting")
    click.echo(columns(head, [[shortened(str(row[key]), 48) for key in head] for row in rows]))


@robots.command()
@click.argument("group")
@click.option("--by", required=True, help="Your name: the decision is kept with it.")
@click.option("--reason", default="", help="What was mended, for the log.")
@click.pass_context
@told_plainly
def on(context: click.Context, group: str, by: str, reason: str) -> None:
    """Switch the robot of GROUP on again; of what waited the latest of each kind goes out, marked
    补发.
    """
    with opened(context.obj) as (app, enrolled), app.store.writing() as session:
        campaigns = {one.campaign.key: one.campaign for one in enrolled}
        keys = [
            key for key, one in campaigns.items() if any(known.key == group for known in one.groups)
        ]
        if not keys:
            raise click.ClickException(f"there is no group {group}; `diaodu robots` lists them")
        try:
            go, passed = switch_group_on(
                session,
                campaigns.get,
                app.robots,
                campaigns[keys[0]],
                group,
                person=named(by),
                reason=reason,
                at=now(),
            )
        except NotSwitched as fault:
            raise click.ClickException(str(fault)) from None
    click.echo(f"the robot of {group} is on; {go} deliveries go out, {passed} are let pass")
