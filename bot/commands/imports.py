"""Takes in a table of figures, CSV or Excel, row by row; whoever imports it answers for it by
name.
"""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import click

from bot import log
from bot.actions.replies.collect import IMPORTED
from bot.actions.replies.fill import day_open
from bot.actions.replies.paste import previewed, take_in
from bot.actions.replies.spreadsheet import NotTaken, table_of
from bot.commands.paste import told_row_by_row
from bot.commands.plain import now, opened, shortened, told_plainly
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.sheets.cells import Unreadable
from config.wording.faults import sentence_of


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--campaign", default=None, help="A campaign file or key; may be left out if there is only one."
)
@click.option("--by", required=True, help="Your name: you answer for the table.")
@click.option(
    "--sheet",
    default=None,
    help="The sheet of the workbook; may be left out if only one holds such a table.",
)
@click.option("--dry-run", is_flag=True, help="Show what would come of it and keep nothing.")
@told_plainly
def import_table(
    file: Path, campaign: str | None, by: str, sheet: str | None, dry_run: bool
) -> None:
    """Take in the figures of FILE: .xlsx, .xls or .csv with a head 乡镇 and a column a stage or
    category; 日期 if of another day.
    """
    log.start("WARNING")
    if not by.strip():
        raise click.ClickException("--by needs the name of who answers for the table")
    with opened(campaign) as (app, enrolled):
        if len(enrolled) != 1:
            keys = ", ".join(one.campaign.key for one in enrolled)
            raise click.ClickException(
                f"say with --campaign of which campaign the table is: {keys}"
            )
        (one,), at, content = enrolled, now(), file.read_bytes()
        with app.store.reading() as session:
            day = day_open(session, one.campaign, at)
        # The same file on the same day is the same table: importing it twice brings nothing new.
        mark = (
            f"{at.astimezone(one.campaign.timezone).date()} {hashlib.sha256(content).hexdigest()}"
        )
        try:
            table = table_of(one.campaign, content, at=at, open_day=day, mark=mark, sheet=sheet)
        except NotTaken as refused:
            raise click.ClickException(f"{file.name}: {refused}") from None
        except Unreadable as fault:
            why = sentence_of(f"file.{fault.code}", fault.facts)
            hint = "; name it with --sheet" if fault.code == "several_sheets" else ""
            raise click.ClickException(f"{file.name}: {why}{hint}") from None
        deed = partial(
            take_in,
            enrolled=one,
            wording=app.reading_wording,
            chat=table.chat,
            by=Actor(name=by.strip()),
            at=at,
            channel=IMPORTED,
            vouched=DecisionKind.IMPORT_VOUCHED,
            facts={"file": file.name},
        )
        if dry_run:
            taken = previewed(app.store, deed)
        else:
            with app.store.writing() as session:
                taken = deed(session)
    if taken:
        click.echo(told_row_by_row(one.campaign, taken, dry_run))
    for doubt in table.chat.doubts:
        click.echo(f"not taken in, row {doubt.line}: {shortened(doubt.text)} ({doubt.why})")
    for note in table.notes:
        click.echo(str(note))
    told = f"sheet {table.sheet}: " if table.sheet else ""
    told += f"{len(taken)} rows, columns read: {'、'.join(table.read)}"
    told += f"; passed over: {'、'.join(table.passed_over)}" if table.passed_over else ""
    click.echo(told + ("; a preview, nothing was kept" if dry_run else ""))
    if table.chat.doubts:
        raise click.ClickException(
            f"{len(table.chat.doubts)} rows were not taken in; mend them and import again"
        )
