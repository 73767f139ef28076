"""People who may open the pages, and systems that may read: the first of them can only be made
here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot import log
from bot.actions.people import people as deeds
from bot.actions.people.people import NotLetIn
from bot.commands.plain import columns, now, opened_ledger, told_plainly
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.actor import Actor
from bot.domain.people.roles import EVERY_CAMPAIGN, Role
from bot.store.people import people

BY = Actor(name="command line")
CAMPAIGN = click.option(
    "--campaign", default=EVERY_CAMPAIGN, show_default="all", help="The key of one campaign."
)
ROLE = click.option(
    "--role",
    type=click.Choice([str(role) for role in Role]),
    required=True,
    help="What he may do there.",
)
STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, one line."
)


@click.group(invoke_without_command=True)
@click.pass_context
@told_plainly
def users(context: click.Context) -> None:
    """List who may open the pages; `users add` makes the first."""
    log.start("WARNING")
    if context.invoked_subcommand is not None:
        return
    with opened_ledger() as store, store.reading() as session:
        rows = [
            (
                one.person.login,
                one.person.name,
                "yes" if one.password else "ended",
                ", ".join(
                    f"{role} of {'all' if key == EVERY_CAMPAIGN else key}"
                    for key, role in one.person.roles.items()
                ),
            )
            for one in people.accounts(session)
        ]
    click.echo(
        columns(("login", "name", "may sign in", "roles"), rows)
        if rows
        else "nobody yet; `diaodu users add LOGIN`"
    )


@users.command()
@click.argument("login")
@click.option("--name", required=True, help="The name that stands under every decision.")
@ROLE
@CAMPAIGN
@STDIN
@told_plainly
def add(login: str, name: str, role: str, campaign: str, password_stdin: bool) -> None:
    """Make an account. A clerk of all campaigns may set up new ones and let others in on the
    pages.
    """
    password = _password(password_stdin)
    with opened_ledger() as store, _told(), store.writing() as session:
        deeds.add_person(
            session,
            login=login,
            name=name,
            password=password,
            by=BY,
            at=now(),
            campaign=CampaignKey(campaign),
            role=Role(role),
        )
    click.echo(f"{login} may sign in")


@users.command()
@click.argument("login")
@STDIN
@told_plainly
def password(login: str, password_stdin: bool) -> None:
    """Give LOGIN another password; his sessions end."""
    with opened_ledger() as store, _told(), store.writing() as session:
        deeds.change_password(session, login, _password(password_stdin), by=BY, at=now())
    click.echo(f"the password of {login} is changed")


@users.command()
@click.argument("login")
@ROLE
@CAMPAIGN
@told_plainly
def role(login: str, role: str, campaign: str) -> None:
    """Say what LOGIN may do in a campaign."""
    with opened_ledger() as store, _told(), store.writing() as session:
        deeds.set_role(session, login, CampaignKey(campaign), Role(role), by=BY, at=now())
    click.echo(
        f"{login} is {role} of {'all campaigns' if campaign == EVERY_CAMPAIGN else campaign}"
    )


@users.command()
@click.argument("login")
@told_plainly
def off(login: str) -> None:
    """End the account LOGIN; his sessions end."""
    with opened_ledger() as store, _told(), store.writing() as session:
        deeds.shut_out(session, login, by=BY, at=now())
    click.echo(f"{login} may sign in no more")


@click.group(invoke_without_command=True)
@click.pass_context
@told_plainly
def readers(context: click.Context) -> None:
    """List the systems that may read over the interface."""
    log.start("WARNING")
    if context.invoked_subcommand is not None:
        return
    with opened_ledger() as store, store.reading() as session:
        rows = [
            (
                one.name,
                "all" if one.campaign == EVERY_CAMPAIGN else one.campaign,
                one.by,
                f"{one.made_at:%Y-%m-%d}",
            )
            for one in people.readers(session)
        ]
    click.echo(columns(("name", "campaign", "by", "since"), rows) if rows else "no reader")


@readers.command("add")
@click.argument("name")
@CAMPAIGN
@told_plainly
def add_reader(name: str, campaign: str) -> None:
    """Let the system NAME read; its token is printed this once. One it had before ends."""
    with opened_ledger() as store, _told(), store.writing() as session:
        token = deeds.add_reader(session, name, CampaignKey(campaign), by=BY, at=now())
    click.echo(token)


@readers.command("end")
@click.argument("name")
@told_plainly
def end_reader(name: str) -> None:
    """End what the system NAME may read."""
    with opened_ledger() as store, _told(), store.writing() as session:
        deeds.end_reader(session, name, by=BY, at=now())
    click.echo(f"{name} may read no more")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotLetIn as fault:
        raise click.ClickException(str(fault)) from None


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("password", hide_input=True, confirmation_prompt=True))
