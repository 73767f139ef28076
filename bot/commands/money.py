"""Money at the terminal: pots, lines, lists and their approval, forms of banks, the audit, the
journal. Sums are in fen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from bot import log
from bot.actions.money.approve import NotPaid, approve, make_list
from bot.actions.money.forms import FormUnknown, tried, write_form
from bot.actions.money.out import bank_out
from bot.actions.money.take import (
    GRANTS,
    KINDS,
    LIST,
    RETURN,
    TAKERS,
    ListApproval,
    ListTerms,
    MoneyTaken,
    ReturnTerms,
    doubt_json,
)
from bot.actions.registers.take import SentFile
from bot.actions.registers.vault import VaultShut
from bot.actions.replies.paste import previewed
from bot.app import App
from bot.commands.plain import MomentArgument, columns, now, opened, told_plainly
from bot.commands.refusals import told
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.money.amounts import Fen, wan, yuan
from bot.domain.money.doubts import Weight
from bot.domain.money.journal import journal
from bot.domain.money.ledger import LineState
from bot.store.money import money as facts
from bot.views.money.audit import audited
from bot.views.money.extract import extract
from bot.views.money.ledger import PaysNobody, households_at, ledger_at
from bot.views.money.shown import attempts_shown, balance_shown, lines_shown
from config.banks import FormRefused
from config.wording import money as wording
from config.workbook import table_workbook

CAMPAIGN = click.option(
    "--campaign", default=None, help="A campaign file or key; may be left out if only one pays."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
KNOWN_AT = click.option(
    "--known-at",
    type=MomentArgument(),
    default=None,
    help="As known at this moment; now if left out.",
)
BY = click.option("--by", required=True, help="Your name: you answer for it.")
AT = click.option(
    "--at",
    "at",
    type=MomentArgument(),
    default=None,
    help="The moment it is done; now if left out.",
)


@click.group()
def money() -> None:
    """Money of a campaign: what was passed down, paid, is in transit, has failed and waits, is
    free. In fen.
    """
    log.start("WARNING")


@money.command()
@CAMPAIGN
@KNOWN_AT
@JSON
@told_plainly
def balance(campaign: str | None, known_at: datetime | None, as_json: bool) -> None:
    """Print the pots; their sum is what was passed down."""
    with _paying(campaign) as (app, one), app.store.reading() as session:
        ledger = ledger_at(session, one.campaign, known_at or now())
        told = {
            "campaign": one.campaign.key,
            "known_at": (known_at or now()).astimezone(one.campaign.timezone).isoformat(),
            **balance_shown(ledger.balance()),
            "batches": attempts_shown(ledger),
        }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    pots = [
        (wording.word("pots", key), yuan(told[key]), wan(told[key]))
        for key in _POTS
        if told[key] or key in _MAIN
    ]
    click.echo(columns(("pot", "yuan", "10,000 yuan"), pots))
    if told["batches"]:
        rows = [
            (
                str(sums["batch"]),
                str(sums["attempt"]),
                str(sums["lines"]),
                yuan(sums["amount"]),
                str(sums["through"]),
                str(sums["failed"]),
                str(sums["unanswered"]),
            )
            for sums in told["batches"]
        ]
        click.echo(
            columns(("batch", "attempt", "lines", "yuan", "through", "failed", "open"), rows)
        )


_MAIN = ("granted", "paid", "in_transit", "failed_waiting", "free")
_POTS = (*_MAIN, "paid_twice")


@money.command()
@CAMPAIGN
@KNOWN_AT
@click.option("--batch", type=int, default=None, help="Only lines of this batch.")
@click.option(
    "--state", type=click.Choice(["in_transit", "paid", "failed", "relisted"]), default=None
)
@JSON
@told_plainly
def lines(
    campaign: str | None,
    known_at: datetime | None,
    batch: int | None,
    state: str | None,
    as_json: bool,
) -> None:
    """List every line with its state; of one that failed why, and what to do."""
    with _paying(campaign) as (app, one), app.store.reading() as session:
        at = known_at or now()
        households = households_at(session, one.campaign, at)
        townships = {code: str(case.township) for code, case in households.cases.items()}
        day = at.astimezone(one.campaign.timezone).date()
        found = lines_shown(ledger_at(session, one.campaign, at), townships, day)
    rows = [row for row in found if batch in (None, row["batch"]) and state in (None, row["state"])]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    head = ("batch", "attempt", "case", "township", "amount", "state", "day", "words")
    click.echo(
        columns(head, [[str(row[key] or "") for key in head] for row in rows])
        if rows
        else "no lines"
    )


@money.command("extract")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@CAMPAIGN
@KNOWN_AT
@click.option("--township", default=None, help="Only lines of this township.")
@click.option("--batch", type=int, default=None, help="Only lines of this batch.")
@click.option("--state", type=click.Choice([state.value for state in LineState]), default=None)
@told_plainly
def write_extract(
    file: Path,
    campaign: str | None,
    known_at: datetime | None,
    township: str | None,
    batch: int | None,
    state: str | None,
) -> None:
    """Write lines to FILE, a workbook for a township: names and accounts masked, with the bank's
    reasons and what to do.
    """
    with _paying(campaign) as (app, one), app.store.reading() as session:
        found = extract(
            session,
            one.campaign,
            known_at or now(),
            township=township,
            batch=batch,
            state=LineState(state) if state else None,
        )
    file.write_bytes(table_workbook(wording.extract_name(), found.heads, found.rows))
    click.echo(f"{file}: {len(found.rows)} lines")


@money.command("lists")
@CAMPAIGN
@JSON
@told_plainly
def lists_made(campaign: str | None, as_json: bool) -> None:
    """List the payment lists, and which of them wait for approval."""
    with _paying(campaign) as (app, one), app.store.reading() as session:
        found = [
            {
                "number": made.number,
                "batch": made.batch,
                "attempt": made.approval.attempt if made.approval else None,
                "name": made.name,
                "lines": len(made.lines),
                "amount": made.amount,
                "by": made.person,
                "made_at": made.made_at.isoformat(),
                "approved_by": made.approval.person if made.approval else None,
                "paper": made.approval.paper if made.approval else None,
            }
            for made in facts.lists(session, one.campaign.key)
        ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    head = ("number", "batch", "attempt", "lines", "amount", "by", "approved_by", "paper")
    rows = [["" if row[key] is None else str(row[key]) for key in head] for row in found]
    click.echo(columns(head, rows) if rows else "no lists")


@money.command("list")
@CAMPAIGN
@BY
@AT
@click.option("--batch", type=int, default=None, help="List again what has failed of this batch.")
@click.option("--name", default="", help="What the list is called.")
@JSON
@told_plainly
def new_list(
    campaign: str | None, by: str, at: datetime | None, batch: int | None, name: str, as_json: bool
) -> None:
    """Make a list of who is accepted and unpaid; another person must approve it before it goes."""
    with _paying(campaign) as (app, one), _told(), app.store.writing() as session:
        made = make_list(session, one, by=_named(by), at=at or now(), batch=batch, name=name)
    told = {
        "list": made.number,
        "batch": made.batch,
        "lines": len(made.lines),
        "amount": made.amount,
    }
    click.echo(
        json.dumps(told)
        if as_json
        else f"list {made.number}: {len(made.lines)} lines, {yuan(made.amount)} yuan, waits for approval"
    )


@money.command("approve")
@click.argument("number", type=int)
@CAMPAIGN
@BY
@AT
@click.option("--approved", type=int, required=True, help="The sum that is approved, in fen.")
@click.option("--paper", required=True, help="The paper of the decision.")
@JSON
@told_plainly
def approve_list(
    number: int,
    campaign: str | None,
    by: str,
    at: datetime | None,
    approved: int,
    paper: str,
    as_json: bool,
) -> None:
    """Let list NUMBER go: from then on its lines are in transit."""
    with _paying(campaign) as (app, one), _told(), app.store.writing() as session:
        attempt = approve(
            session, one, number, by=_named(by), approved=Fen(approved), paper=paper, at=at or now()
        )
    click.echo(
        json.dumps({"list": number, "attempt": attempt})
        if as_json
        else f"list {number} goes, attempt {attempt}"
    )


@money.command("out")
@click.argument("number", type=int)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@CAMPAIGN
@BY
@AT
@click.option("--form", "form", required=True, help="The bank form in which the list goes out.")
@told_plainly
def out(
    number: int, file: Path, campaign: str | None, by: str, at: datetime | None, form: str
) -> None:
    """Write approved list NUMBER to FILE as the bank takes it, names and accounts whole; that you
    did is recorded.
    """
    with _paying(campaign) as (app, one), _told(), app.store.writing() as session:
        content = bank_out(
            session, one, number, form, by=_named(by), keys=app.sealing_keys, at=at or now()
        )
        file.write_bytes(content)
    click.echo(
        f"{file}: {len(content)} bytes, sums read back; it holds names and accounts, so give it to the bank alone"
    )


@money.command()
@CAMPAIGN
@KNOWN_AT
@JSON
@click.pass_context
@told_plainly
def audit(
    context: click.Context, campaign: str | None, known_at: datetime | None, as_json: bool
) -> None:
    """Compute pots, batches and every line anew from the facts alone; exit 1 if they differ by a
    fen from what is shown.
    """
    with _paying(campaign) as (app, one), app.store.reading() as session:
        found = audited(session, one.campaign, known_at or now())
    if as_json:
        click.echo(json.dumps({"differences": found}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(found) or "everything agrees to the fen")
    if found:
        context.exit(1)


@money.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@CAMPAIGN
@KNOWN_AT
@told_plainly
def export(file: Path | None, campaign: str | None, known_at: datetime | None) -> None:
    """Write the journal of all movements, as plain text that beancount and hledger read and
    balance, to FILE or the terminal.
    """
    with _paying(campaign) as (app, one), app.store.reading() as session:
        text = journal(
            ledger_at(session, one.campaign, known_at or now()),
            one.campaign.timezone,
            one.campaign.title,
        )
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
        click.echo(f"{file}: {text.count(' * ')} movements")


@money.command("form")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@CAMPAIGN
@click.option("--by", default="", help="Your name; without it the form is tried and not kept.")
@click.option("--key", default="", help="The key of the form; the name of the file if left out.")
@click.option(
    "--sample",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A return to try it on.",
)
@AT
@told_plainly
def bank_form(
    file: Path, campaign: str | None, by: str, key: str, sample: Path | None, at: datetime | None
) -> None:
    """Read FILE, the description of a bank's returns (TOML), try it on a sample, and with --by keep
    it for the campaign.
    """
    text = file.read_text(encoding="utf-8-sig")
    with _paying(campaign) as (app, one), _told():
        trial = tried(text, key or file.stem, sample.read_bytes() if sample else None)
        if by.strip():
            with app.store.writing() as session:
                write_form(
                    session, one.campaign, key or file.stem, text, by=_named(by), at=at or now()
                )
    for form in trial.forms:
        click.echo(f"{form.key}: {form.shape}, {len(form.columns)} columns")
    if trial.doubt is not None:
        raise click.ClickException(wording.finding_at(trial.doubt))
    if trial.file is not None:
        through = sum(1 for row in trial.file.rows if row.result == "through")
        total = Fen(sum(row.amount for row in trial.file.rows))
        click.echo(
            f"{len(trial.file.rows)} lines, {through} through, {yuan(total)} yuan in all, read as {trial.file.form.key}"
        )
    click.echo("kept" if by.strip() else "tried, nothing was kept")


_ALSO = {
    "payment_list": LIST,
    "bank_return": RETURN,
    "grant": GRANTS,
    **{kind: kind for kind in KINDS},
}
"""By which names files of money are taken; the longer ones are for campaigns whose registers have a
kind of the shorter.
"""


def is_of_money(kind: str, enrolled: Sequence[Enrolled]) -> bool:
    """Whether a kind of file is one of money: a register that has a kind of that name comes
    first.
    """
    return kind in _ALSO and not any(
        register.filing(kind) for one in enrolled for register in one.campaign.registers
    )


def take_money(  # noqa: PLR0913
    app: App,
    enrolled: Sequence[Enrolled],
    kind: str,
    file: Path,
    *,
    by: str,
    sheet: str | None,
    dry_run: bool,
    at: datetime | None,
    as_json: bool,
    options: Mapping[str, Any],
) -> None:
    """What `diaodu take` does with a file of money."""
    kind = _ALSO[kind]
    sent = SentFile(name=file.name, content=file.read_bytes(), sheet=sheet)
    terms: dict[str, Any] = {}
    if kind == LIST:
        approved = options.get("approved")
        terms["terms"] = ListTerms(
            batch=options.get("batch"),
            approved=None if approved is None else Fen(approved),
            paper=options.get("paper") or "",
            approved_by=options.get("approved_by") or "",
            new_accounts=frozenset(options.get("new_account") or ()),
        )
    elif kind == RETURN:
        terms["terms"] = ReturnTerms(
            batch=options.get("batch"),
            attempt=options.get("attempt"),
            form=options.get("form"),
            day=options.get("day"),
            part=bool(options.get("part")),
        )
    one = _who_pays(enrolled)
    with _told():
        word = ListApproval(by=_named(by), at=at or now(), keys=app.sealing_keys)
        deed = partial(TAKERS[kind], enrolled=one, file=sent, word=word, **terms)
        if dry_run:
            taken = previewed(app.store, deed)
        else:
            with app.store.writing() as session:
                taken = deed(session)
    click.echo(_json(taken, sent, dry_run) if as_json else _lines(taken, dry_run))
    if taken.refused and not as_json:
        raise click.ClickException("nothing of the file was taken")


def _json(taken: MoneyTaken, sent: SentFile, dry_run: bool) -> str:
    told = {
        "file": taken.name,
        "sheet": sent.sheet,
        "kind": taken.kind,
        "digest": sent.digest,
        "dry_run": dry_run,
        "filing": None if dry_run else taken.file,
        "form": taken.form,
        "batch": taken.batch,
        "attempt": taken.attempt,
        "list": None if dry_run else taken.list_number,
        "rows": taken.rows,
        "taken": taken.taken,
        "unchanged": taken.unchanged,
        "amount": taken.amount,
        "refused": taken.refused,
        "findings": [
            {
                "file": taken.name,
                "sheet": sent.sheet,
                **doubt_json(doubt),
                "column": wording.column(doubt.column) if doubt.column else "",
                "sentence": wording.finding(doubt),
            }
            for doubt in taken.doubts
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _lines(taken: MoneyTaken, dry_run: bool) -> str:
    told = [wording.finding_at(doubt) for doubt in taken.doubts if doubt.weight is not Weight.TAKEN]
    last = f"{taken.rows} rows: {taken.taken} taken, {taken.unchanged} stood already; {yuan(taken.amount)} yuan"
    if taken.batch is not None:
        last += f"; batch {taken.batch}" + (
            f", attempt {taken.attempt}" if taken.attempt else ", waits for approval"
        )
    return "\n".join((*told, last + ("; a preview, nothing was kept" if dry_run else "")))


@contextmanager
def _paying(campaign: str | None) -> Iterator[tuple[App, Enrolled]]:
    """The campaign that is named, or the only one that pays."""
    with opened(campaign) as (app, enrolled):
        yield app, _who_pays(enrolled)


def _who_pays(enrolled: Sequence[Enrolled]) -> Enrolled:
    paying = [one for one in enrolled if one.campaign.payment is not None]
    if not paying:
        raise click.ClickException(
            "the campaign pays nobody: it has no [money] and no register with a stage proved by the bank"
        )
    if len(paying) > 1:
        keys = ", ".join(one.campaign.key for one in paying)
        raise click.ClickException(f"say with --campaign whose money it is: {keys}")
    return paying[0]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotPaid as refused:
        reasons = "".join(f"\n{wording.finding_at(doubt)}" for doubt in refused.doubts)
        raise click.ClickException(f"{told(refused)}{reasons}") from None
    except PaysNobody as fault:
        raise click.ClickException(f"{fault} pays nobody") from None
    except VaultShut:
        raise click.ClickException(
            "SECRET_KEY is another than the one the names of this ledger were sealed under; set it again"
        ) from None
    except FormUnknown as fault:
        raise click.ClickException(f"there is no bank form {fault}") from None
    except FormRefused as fault:
        raise click.ClickException(str(fault)) from None


def _named(by: str) -> Actor:
    if not by.strip():
        raise click.ClickException("--by needs the name of who answers for it")
    return Actor(name=by.strip())
