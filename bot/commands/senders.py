"""Who writes to the robots: lists the senders and chats nobody knows yet, and ties each to a
contact or a group once.
"""

from __future__ import annotations

import json

import click

from bot import log
from bot.actions.people.tie import IdentityRefused, tie_chat, tie_sender
from bot.commands.plain import columns, now, opened, told_plainly
from bot.commands.refusals import told
from bot.domain.decisions.actor import Actor
from bot.store.replies import heard
from bot.store.replies.heard import WaitsFor

SHOWN = 24
"""Characters of the newest message that are shown."""


def _list(waits_for: WaitsFor, as_json: bool) -> None:
    log.start("WARNING")
    with opened() as (app, _), app.store.reading() as session:
        waiting = [one for one in heard.waiting_for_people(session) if one.stage is waits_for]
    head = ("id", "robot", "name", "messages", "since", "newest")
    rows = [
        {
            "id": one.platform_id,
            "robot": one.channel,
            "name": one.name,
            "messages": one.messages,
            "since": one.first_at.isoformat(timespec="minutes"),
            "newest": " ".join(one.newest.split())[:SHOWN],
        }
        for one in waiting
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif not rows:
        click.echo("nobody waits to be known")
    else:
        click.echo(columns(head, [[str(row[name]) for name in head] for row in rows]))


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
@told_plainly
def senders(context: click.Context, as_json: bool) -> None:
    """List the senders whose messages are held because nobody has said who they are."""
    if context.invoked_subcommand is None:
        _list(WaitsFor.SENDER, as_json)


@senders.command("tie")
@click.argument("platform_id")
@click.argument("nick")
@click.option("--by", required=True, help="Your own name: whoever ties answers for it.")
@click.option(
    "--campaign", default=None, help="The campaign's key, where more than one has this contact."
)
@click.option(
    "--robot",
    default=None,
    help="The robot, such as wecom:county, where more than one heard this id.",
)
@told_plainly
def tie_a_sender(
    platform_id: str, nick: str, by: str, campaign: str | None, robot: str | None
) -> None:
    """Say that PLATFORM_ID is the contact NICK; the running service then reads what was held, as of
    its own moment.
    """
    log.start("WARNING")
    with opened(campaign) as (app, enrolled):
        try:
            with app.store.writing() as session:
                tied = tie_sender(
                    session, enrolled, platform_id, nick, by=Actor(name=by), channel=robot, at=now()
                )
        except IdentityRefused as unknown:
            raise click.ClickException(told(unknown)) from None
    click.echo(
        f"{platform_id} is {nick} in {', '.join(tied.campaigns)}; {tied.released} held messages go to the reading"
    )


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
@told_plainly
def chats(context: click.Context, as_json: bool) -> None:
    """List the chats whose messages are held because nobody has said whose group they are."""
    if context.invoked_subcommand is None:
        _list(WaitsFor.CHAT, as_json)


@chats.command("tie")
@click.argument("chat")
@click.argument("group")
@click.option("--by", required=True, help="Your own name: whoever ties answers for it.")
@click.option(
    "--campaign", default=None, help="The campaign's key, where more than one has this group."
)
@click.option(
    "--robot",
    default=None,
    help="The robot, such as wecom:county, where more than one heard this chat.",
)
@told_plainly
def tie_a_chat(chat: str, group: str, by: str, campaign: str | None, robot: str | None) -> None:
    """Say that CHAT is the GROUP (its key in the campaign file); a chat may serve several
    campaigns.
    """
    log.start("WARNING")
    with opened(campaign) as (app, enrolled):
        try:
            with app.store.writing() as session:
                tied = tie_chat(
                    session, enrolled, chat, group, by=Actor(name=by), channel=robot, at=now()
                )
        except IdentityRefused as unknown:
            raise click.ClickException(told(unknown)) from None
    click.echo(
        f"{chat} is {group} of {', '.join(tied.campaigns)}; {tied.released} held messages go to the reading"
    )
