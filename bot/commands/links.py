"""The fill links of today, one a township, as they are copied into an ordinary group."""

from __future__ import annotations

from datetime import date

import click

from bot import log
from bot.actions.replies.fill import day_open, links_of
from bot.commands.plain import Day, now, opened, told_plainly
from bot.domain.campaigns.workdays import is_reporting_day
from bot.links import Links


@click.command()
@click.option(
    "--campaign", default=None, help="A campaign file or key; may be left out if there is only one."
)
@click.option(
    "--day",
    "asked",
    type=Day(),
    default=None,
    help="Of another day; a link opens on its own day alone.",
)
@told_plainly
def links(campaign: str | None, asked: date | None) -> None:
    """Print the link of every township for the day that is open, to be copied into the group."""
    log.start("WARNING")
    with opened(campaign) as (app, enrolled):
        if len(enrolled) != 1:
            keys = ", ".join(one.campaign.key for one in enrolled)
            raise click.ClickException(f"say with --campaign of which campaign: {keys}")
        of = enrolled[0].campaign
        with app.store.reading() as session:
            day = asked or day_open(session, of, now())
        if day is None or not is_reporting_day(of, day):
            raise click.ClickException(
                f"{of.key} has no such reporting day: it runs from {of.start} to {of.deadline}"
            )
        origin = app.settings.public_url
        if not origin:
            origin = f"http://{app.settings.http_host}:{app.settings.http_port}"
            click.echo(f"PUBLIC_URL is not set; {origin} may open on this machine alone", err=True)
        for township, link in links_of(Links(app.settings.signing_key()), of, day, origin):
            click.echo(f"{township} {link}")
        if without := [one.name for one in of.townships if not one.contacts]:
            click.echo(f"without a contact, and so without a link: {'、'.join(without)}", err=True)
