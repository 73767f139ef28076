"""Takes in a file of a register: a roster, a weekly return, an appraisal, a feedback; whoever files
it answers for it by name.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot import log
from bot.actions.registers.refused import refused_workbook
from bot.actions.registers.take import NoKind, SentFile, TakenFile, finding_json, preview, take_in
from bot.actions.registers.vault import VaultShut
from bot.commands.money import is_of_money, take_money
from bot.commands.plain import Day, MomentArgument, now, opened, told_plainly
from bot.domain.decisions.actor import Actor
from bot.domain.registers.doubts import Weight
from bot.domain.registers.intake import RowOutcome
from config.wording import registers as wording


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--as",
    "kind",
    required=True,
    help="The kind of file, such as roster or progress; of money: grants, list, return.",
)
@click.option("--by", required=True, help="Your name: you answer for the file.")
@click.option(
    "--campaign", default=None, help="A campaign file or key; may be left out if there is only one."
)
@click.option(
    "--sheet", default=None, help="The sheet of a workbook in which several could be meant."
)
@click.option("--dry-run", is_flag=True, help="Show what would come of it and keep nothing.")
@click.option(
    "--at",
    "at",
    type=MomentArgument(),
    default=None,
    help="The moment it came in; now if left out.",
)
@click.option(
    "--refused",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the rows not taken into this workbook.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.option("--batch", type=int, help="A list or return: of which batch it is.")
@click.option("--attempt", type=int, help="A return: of which attempt of the batch.")
@click.option("--approved", type=int, help="A list: the sum approved, in fen; it goes at once.")
@click.option("--paper", help="A list: the paper of its approval.")
@click.option("--approved-by", help="A list: who approved it, if not --by.")
@click.option(
    "--new-account", type=int, multiple=True, help="A list: a row whose account is new and right."
)
@click.option("--form", help="A return: the key of the bank form to read it by.")
@click.option("--day", type=Day(), help="A return without days: the day the bank worked it off.")
@click.option(
    "--part", is_flag=True, help="A return: only a part of it, the rest comes in another file."
)
@told_plainly
def take(  # noqa: PLR0913
    file: Path,
    kind: str,
    by: str,
    campaign: str | None,
    sheet: str | None,
    dry_run: bool,
    at: datetime | None,
    refused: Path | None,
    as_json: bool,
    **of_money: Any,
) -> None:
    """Take in FILE, a table of a register of the campaign: what its rows say becomes marks of its
    cases.
    """
    log.start("WARNING")
    if not by.strip():
        raise click.ClickException("--by needs the name of who answers for the file")
    sent = SentFile(name=file.name, content=file.read_bytes(), sheet=sheet)
    with opened(campaign) as (app, enrolled):
        if is_of_money(kind, enrolled):
            take_money(
                app,
                enrolled,
                kind,
                file,
                by=by,
                sheet=sheet,
                dry_run=dry_run,
                at=at,
                as_json=as_json,
                options=of_money,
            )
            return
        having = [
            one
            for one in enrolled
            if any(register.filing(kind) for register in one.campaign.registers)
        ]
        if len(having) > 1:
            keys = ", ".join(one.campaign.key for one in having)
            raise click.ClickException(f"say with --campaign of which campaign the file is: {keys}")
        one = having[0] if having else enrolled[0]
        moment = at or now()
        given: dict[str, Any] = {"keys": app.sealing_keys, "at": moment, "payments": app.payments}
        try:
            if dry_run:
                with app.store.reading() as session:
                    taken = preview(session, one, kind, sent, **given)
            else:
                with app.store.writing() as session:
                    taken = take_in(session, one, kind, sent, by=Actor(name=by.strip()), **given)
        except NoKind as fault:
            raise click.ClickException(str(fault)) from None
        except VaultShut:
            raise click.ClickException(
                "SECRET_KEY is another than the one the names of this ledger were sealed under; set it again"
            ) from None
    if refused is not None and (content := refused_workbook(taken)) is not None:
        refused.write_bytes(content)
    click.echo(
        json.dumps(_json(taken, sent, dry_run), ensure_ascii=False, indent=1)
        if as_json
        else _lines(taken, dry_run)
    )
    if taken.taken.refused_whole and not as_json:
        raise click.ClickException("nothing of the file was taken")


def _json(taken: TakenFile, sent: SentFile, dry_run: bool) -> dict[str, Any]:
    return {
        "file": taken.name,
        "sheet": taken.table.sheet if taken.table else None,
        "register": taken.register.key,
        "kind": taken.kind.key,
        "digest": sent.digest,
        "dry_run": dry_run,
        "filing": taken.filing,
        "rows": len(taken.rows),
        "marks": len(taken.taken.marks),
        "unchanged": taken.taken.unchanged,
        "outcomes": {outcome.value: _count(taken, outcome) for outcome in RowOutcome},
        "findings": [
            {
                "file": taken.name,
                "sheet": taken.table.sheet if taken.table else None,
                **finding_json(doubt),
                "sentence": wording.finding(doubt),
            }
            for doubt in taken.taken.findings
        ],
    }


def _count(taken: TakenFile, outcome: RowOutcome) -> int:
    return sum(one is outcome for one in taken.taken.outcomes.values())


def _lines(taken: TakenFile, dry_run: bool) -> str:
    lines = [
        wording.finding_at(doubt)
        for doubt in taken.taken.findings
        if doubt.weight is not Weight.TAKEN
    ]
    counts = ", ".join(f"{_count(taken, outcome)} {outcome.value}" for outcome in RowOutcome)
    lines.append(
        f"{len(taken.rows)} rows: {counts}; {len(taken.taken.marks)} marks, {taken.taken.unchanged} stood already"
    )
    if dry_run:
        lines[-1] += "; a preview, nothing was kept"
    return "\n".join(lines)
