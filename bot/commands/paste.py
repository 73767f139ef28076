"""Takes in an afternoon of a group, pasted as text; the clerk who pastes it vouches for it by name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

import click

from bot import log
from bot.actions.enrol import Enrolled
from bot.actions.held import why_held
from bot.actions.paste import Taken, take_in
from bot.app import App
from bot.commands.plain import Day, columns, now, opened, shortened, told_plainly
from bot.domain.campaign import Campaign
from bot.domain.progress import plain
from bot.domain.reading import Outcome
from bot.domain.reading.chat import Chat, ChatRefused, split_chat

LONGEST_PASTE = 5_000_000


class Clock(click.ParamType[time]):
    """An hour typed as 16:05."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> time:
        """The hour, or a sentence that says how one is written."""
        if isinstance(value, time):
            return value
        try:
            return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007  the zone is the campaign's
        except ValueError:
            self.fail(f"{value!r} is no hour; write it as 16:05", param, ctx)


class _Undo(Exception):
    """Ends a preview: what was written for it is undone."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--campaign", default=None, help="A campaign file or key; may be left out if there is only one.")
@click.option("--by", required=True, help="Your name: you vouch that this stood in the group.")
@click.option("--date", "copied", type=Day(), default=None, help="The day on which the client showed the chat.")
@click.option("--time", "hour", type=Clock(), default=None, help="When it was written, if the paste shows no times.")
@click.option("--member", "members", multiple=True, help="Somebody in the group whom the campaign does not name.")
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
    """Take in the chat of FILE (- for standard input), with names and times as the chat client copies them."""
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
            chat = split_chat(enrolled[0].campaign, text, at=at, copied=copied, hour=hour, members=members)
        except ChatRefused as refused:
            raise click.ClickException(str(refused)) from None
        taken = _taken(app, enrolled[0], chat, by.strip(), at, dry_run)
    _tell(enrolled[0].campaign, chat, taken, dry_run)


def _taken(app: App, enrolled: Enrolled, chat: Chat, by: str, at: datetime, dry_run: bool) -> list[Taken]:
    taken: list[Taken] = []
    try:
        with app.store.writing() as session:
            taken = take_in(session, enrolled, app.reading_wording, chat, by=by, at=at)
            if dry_run:
                raise _Undo
    except _Undo:
        pass
    return taken


def _text(content: bytes) -> str:
    """The paste as text: UTF-8, or what Windows writes; which it was is said if it is not UTF-8."""
    if len(content) > LONGEST_PASTE:
        raise click.ClickException(f"the paste is longer than {LONGEST_PASTE} bytes; take in one day at a time")
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if encoding != "utf-8-sig":
            click.echo(f"read as {encoding.upper()}, as it is not UTF-8", err=True)
        return text
    raise click.ClickException("the paste is no text in UTF-8 or GB18030; save it as a text file in UTF-8")


def _tell(campaign: Campaign, chat: Chat, taken: Sequence[Taken], dry_run: bool) -> None:
    rows = [
        (
            str(one.reply_number) if not dry_run or one.reading is None else "",
            one.message.sender,
            one.message.at.astimezone(campaign.timezone).strftime("%m-%d %H:%M"),
            shortened(one.message.text),
            *_outcome(campaign, one),
        )
        for one in taken
    ]
    if rows:
        click.echo(columns(("reply", "who", "when", "text", "outcome", "what"), rows))
    for doubt in chat.doubts:
        click.echo(f"not taken in, line {doubt.line}: {shortened(doubt.text)} ({doubt.why})")
    told = f"{len(taken)} messages, {chat.passed_over} lines of the client passed over"
    click.echo(told + ("; a preview, nothing was kept" if dry_run else ""))
    if chat.doubts:
        raise click.ClickException(
            f"{len(chat.doubts)} passages were not taken in; mend the paste or name people with --member and paste again:"
            " what was taken in is not taken twice"
        )


def _outcome(campaign: Campaign, one: Taken) -> tuple[str, str]:
    reading = one.reading
    if reading is None:
        return "known", "taken in before, nothing new"
    if reading.outcome is Outcome.NONE:
        return "ignored", ""
    why = ", ".join(dict.fromkeys(doubt.why for doubt in reading.asked))
    if reading.outcome is Outcome.ASK:
        return ("held" if why_held(doubt.why for doubt in reading.asked) else "asked"), why
    said = [
        f"{figure.township} {campaign.stage(figure.stage).name}{plain(figure.value)}"
        for figure in reading.figures
        if figure.category is None
    ]
    return "accepted", "；".join(said) + (f" (asked: {why})" if why else "")
