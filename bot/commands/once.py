"""Runs one job for one day, through the same ledger as the clock does; running it again does
nothing new.
"""

from __future__ import annotations

from datetime import date

import click

from bot import log
from bot.actions.day.strike import perform
from bot.actions.replies.collect import read_waiting
from bot.commands.plain import Day, now, opened, told_plainly
from bot.domain.campaigns.workdays import strike_for
from bot.views.day.steering import holds, keeping
from jobs import JOBS


@click.command()
@click.argument("job", type=click.Choice(sorted(JOBS)))
@click.option("--campaign", required=True, help="A campaign file, or the key of one.")
@click.option(
    "--day",
    type=Day(),
    default=None,
    help="The day the job is about, such as 2021-10-29; today if left out.",
)
@told_plainly
def once(job: str, campaign: str, day: date | None) -> None:
    """Run JOB once and deliver what it says. An hour that was done before is not done again."""
    log.start("WARNING")
    with opened(campaign) as (app, (enrolled,)):
        at = now()
        about = day or at.astimezone(enrolled.campaign.timezone).date()
        try:
            strike = strike_for(enrolled.campaign, job, about, at)
        except ValueError as fault:
            raise click.ClickException(str(fault)) from None
        if about > at.astimezone(enrolled.campaign.timezone).date():
            raise click.ClickException(f"{about} has not come yet")
        with app.store.reading() as session:
            hold = keeping(enrolled.campaign, holds(session, enrolled.campaign.key), strike)
        if hold is not None:
            raise click.ClickException(
                f"{hold.person} holds it back ({hold.reason}); release it on the desk first"
            )
        read_waiting(app.store, enrolled, app.reading_wording, at)
        done = perform(app.store, enrolled, strike, app.wording, JOBS[job])
        while app.deliver(now()):
            pass
        click.echo(f"{job} about {about}: " + ("done" if done else "was done before, nothing new"))
