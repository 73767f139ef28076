"""Takes in an afternoon of a group, pasted as text; the clerk who pastes it vouches for it by
name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import partial
from pathlib import Path

import click

from bot import log
from bot.actions.replies.paste import Came, NotText, PasteResult, decoded, previewed, take_in
from bot.commands.plain import Day, columns, now, opened, shortened, told_plainly
from bot.domain.campaigns.campaign import Campaign
from bot.domain.decisions.actor import Actor
from bot.domain.figures.progress import plain
from bot.domain.replies.reading.chat import Chat, ChatRefused, split_chat


class Clock(click.ParamType[time]):
    """An hour typed as 16:05."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> time:
        """The hour, or a sentence that says how one is written."""
        if isinstance(value, time):
            return value
        try:
            return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007  the zone is the campaign's
        except ValueError:
            self.fail(f"{value!r} is no hour; write it as 16:05", param, ctx)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--campaign", default=None, help="A campaign file or key; may be left out if there is only one."
)
@click.option("--by", required=True, help="Your name: you vouch that this stood in the group.")
@click.option(
    "--date",
    "copied",
    type=Day(),
    default=None,
    help="The day on which the client showed the chat.",
)
@click.option(
    "--time",
    "hour",
    type=Clock(),
    default=None,
    help="When it was written, if the paste shows no times.",
)
@click.option(
    "--member",
    "members",
    multiple=True,
    help="Somebody in the group whom the campaign does not name.",
)
@click.option("--dry-run", is_flag=True, help="Show what would come of it and keep nothing.")
@told_plainly
def paste(
    file: Path,
    campaign: str | None,
    by: str,
    copied: date | None,
    hour: time | None,
    members: Sequence[str],
    dry_run: bool,
) -> None:
    """Take in the chat of FILE (- for standard input), with names and times as the chat client
    copies them.
    """
    log.start("WARNING")
    if not by.strip():
        raise click.ClickException("--by needs the name of who vouches for the paste")
    text = _text(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    with opened(campaign) as (app, enrolled):
        if len(enrolled) != 1:
            keys = ", ".join(one.campaign.key for one in enrolled)
            raise click.ClickException(f"say with --campaign of which campaign the chat is: {keys}")
        at = now()
        try:
            chat = split_chat(
                enrolled[0].campaign, text, at=at, copied=copied, hour=hour, members=members
            )
        except ChatRefused as refused:
            raise click.ClickException(str(refused)) from None
        deed = partial(
            take_in,
            enrolled=enrolled[0],
            wording=app.reading_wording,
            chat=chat,
            by=Actor(name=by.strip()),
            at=at,
        )
        if dry_run:
            taken = previewed(app.store, deed)
        else:
            with app.store.writing() as session:
                taken = deed(session)
    _tell(enrolled[0].campaign, chat, taken, dry_run)


def _text(content: bytes) -> str:
    """The paste as text; by which encoding it was read is said if that is not UTF-8."""
    try:
        text, encoding = decoded(content)
    except NotText as refused:
        raise click.ClickException(str(refused)) from None
    if encoding != "utf-8-sig":
        click.echo(f"read as {encoding.upper()}, as it is not UTF-8", err=True)
    return text


def _tell(campaign: Campaign, chat: Chat, taken: Sequence[PasteResult], dry_run: bool) -> None:
    if taken:
        click.echo(told_row_by_row(campaign, taken, dry_run))
    for doubt in chat.doubts:
        click.echo(f"not taken in, line {doubt.line}: {shortened(doubt.text)} ({doubt.why})")
    told = f"{len(taken)} messages, {chat.passed_over} lines of the client passed over"
    click.echo(told + ("; a preview, nothing was kept" if dry_run else ""))
    if chat.doubts:
        raise click.ClickException(
            f"{len(chat.doubts)} passages were not taken in; mend the paste or name people with --member and paste again:"  # noqa: E501
            " what was taken in is not taken twice"
        )


def told_row_by_row(campaign: Campaign, taken: Sequence[PasteResult], dry_run: bool) -> str:
    """A table of what became of each message."""
    rows = [
        (
            str(one.reply_number) if not dry_run or one.reading is None else "",
            one.message.sender,
            one.message.at.astimezone(campaign.timezone).strftime("%m-%d %H:%M"),
            shortened(one.message.text),
            str(one.came),
            _what(campaign, one),
        )
        for one in taken
    ]
    return columns(("reply", "who", "when", "text", "outcome", "what"), rows)


def _what(campaign: Campaign, one: PasteResult) -> str:
    if one.reading is None:
        return "taken in before, nothing new"
    why = ", ".join(dict.fromkeys(doubt.why for doubt in one.reading.asked))
    if one.came is not Came.ACCEPTED:
        return why
    said = [
        f"{figure.township} {campaign.stage(figure.stage).name}{plain(figure.value)}"
        for figure in one.reading.figures
        if figure.category is None
    ]
    return "；".join(said) + (f" (asked: {why})" if why else "")
