"""Takes in a file of a register: what its rows say becomes marks, in one transaction or not at
all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot import log
from bot.actions.registers.table import raw_table
from bot.actions.registers.vault import Vault, open_vault
from bot.actions.replies.collect import blacked_out
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.register import ColumnKind, FilingKind, Register
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import FileSubject
from bot.domain.registers.case import MarkSource
from bot.domain.registers.doubts import CaseDoubt, Weight
from bot.domain.registers.intake import RowOutcome, RowSaid, Taken, take
from bot.domain.registers.reading import (
    Circumstances,
    RawTable,
    ReadTable,
    day_of_notes,
    read_table,
)
from bot.sheets.cells import Unreadable
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.registers import holders, marks
from bot.store.registers.marks import Filing, MarkToAdd, NewFiling, NewRow
from bot.views.registers.ledger import Payments, no_payments, standing


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """A file that was sent."""

    name: str
    content: bytes = field(repr=False)
    sheet: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, kw_only=True)
class TakenFile:
    """What taking a file came to. `before` is the filing of the same bytes that had said all of it;
    then nothing happens.
    """

    register: Register
    kind: FilingKind
    name: str
    table: RawTable | None
    rows: Mapping[int, RowSaid]
    taken: Taken
    newest_mark: int  # of the ledger it was taken against
    before: Filing | None = None
    filing: int | None = None  # its number, once it is kept


class MovedMeanwhile(Exception):
    """The ledger moved between the preview and the vouching: the preview must be made anew."""


class NoKind(ValueError):
    """A kind of file that no register of the campaign has; `known` are those they have."""

    def __init__(self, kind: str, known: Sequence[str]) -> None:
        self.kind, self.known = kind, tuple(known)
        super().__init__(
            f"{kind} is no kind of file of a register; the kinds are {', '.join(known) or 'none'}"
        )


def kind_named(campaign: Campaign, kind: str) -> tuple[Register, FilingKind]:
    """The register that has such a kind of file. NoKind."""
    for register in campaign.registers:
        if found := register.filing(kind):
            return register, found
    raise NoKind(
        kind, [filing.key for register in campaign.registers for filing in register.filings]
    )


def preview(
    session: Session,
    enrolled: Enrolled,
    kind: str,
    file: SentFile,
    *,
    keys: Sequence[str],
    at: datetime,
    payments: Payments = no_payments,
) -> TakenFile:
    """What taking the file would come to; nothing is kept. NoKind, Unreadable, VaultShut."""
    return _taken(
        session,
        enrolled,
        kind,
        file,
        open_vault(session, enrolled.campaign.key, keys),
        at,
        payments,
    )[0]


def take_in(  # noqa: PLR0913
    session: Session,
    enrolled: Enrolled,
    kind: str,
    file: SentFile,
    *,
    by: Actor,
    keys: Sequence[str],
    at: datetime,
    payments: Payments = no_payments,
    seen_mark: int | None = None,
) -> TakenFile:
    """Takes the file in; `by` answers for it. A file that is refused whole, or says nothing new, is
    not kept.

    `seen_mark` is the newest mark of the preview that was looked at; MovedMeanwhile when there is a
    newer one by now. Also NoKind, Unreadable, VaultShut.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    vault = open_vault(session, campaign.key, keys, at)
    found, read = _taken(session, enrolled, kind, file, vault, at, payments)
    if seen_mark is not None and seen_mark != found.newest_mark:
        raise MovedMeanwhile
    if found.taken.refused_whole or found.before is not None or read is None:
        return found
    decision = decisions.add_decision(
        session,
        campaign=campaign.key,
        by=by,
        kind=DecisionKind.FILED,
        subject=FileSubject(digest=file.digest[:12]),
        facts={"file": file.name},
        at=at,
    )
    number, rows = marks.add_filing(
        session, _filing(enrolled, found, read, file, decision, at), _rows(found)
    )
    holders.add_holders(session, campaign.key, _holders(found, read, vault), at)
    marks.add_marks(
        session,
        campaign.key,
        found.register.key,
        [
            MarkToAdd(
                case=mark.case,
                what=mark.what,
                value=mark.value,
                day=mark.day,
                mouth=found.kind.mouth,
                source=MarkSource(filing_row=rows[mark.row]),
                supersedes=mark.supersedes,
            )
            for mark in found.taken.marks
        ],
        version=enrolled.version,
        at=at,
    )
    log.event(
        "file taken in",
        campaign=campaign.key,
        kind=kind,
        digest=file.digest[:12],
        marks=len(found.taken.marks),
    )
    return replace(found, filing=number)


def _taken(
    session: Session,
    enrolled: Enrolled,
    kind_key: str,
    file: SentFile,
    vault: Vault,
    at: datetime,
    payments: Payments,
) -> tuple[TakenFile, ReadTable | None]:
    campaign = enrolled.campaign
    register, kind = kind_named(campaign, kind_key)
    newest = marks.newest_mark(session, campaign.key)
    filed_on = at.astimezone(campaign.timezone).date()
    try:
        raw = _blacked(register, raw_table(register, kind, file.content, file.sheet))
    except Unreadable as fault:
        facts = {key: str(value) for key, value in fault.facts.items()}
        doubt = CaseDoubt(kind=f"file_{fault.code}", weight=Weight.FILE, facts=facts)
        refused = Taken(findings=(doubt,))
        return TakenFile(
            register=register,
            kind=kind,
            name=file.name,
            table=None,
            rows={},
            taken=refused,
            newest_mark=newest,
        ), None
    read = read_table(register, raw, _circumstances(campaign, filed_on), vault.fingerprint)
    taken = take(
        register,
        kind,
        standing(session, campaign, register, at, payments),
        read.said,
        filed_on=filed_on,
    )
    before = marks.filing_of_digest(session, campaign.key, kind_key, file.digest)
    if before is not None and not taken.marks:
        facts = {"when": before.filed_at.isoformat(), "by": before.person}
        taken = replace(
            taken, findings=(CaseDoubt(kind="file_again", weight=Weight.NOTHING, facts=facts),)
        )
    else:
        before = None
    found = TakenFile(
        register=register,
        kind=kind,
        name=file.name,
        table=raw,
        rows={row.row: row for row in read.said.rows},
        taken=taken,
        newest_mark=newest,
        before=before,
    )
    return found, read


def _circumstances(campaign: Campaign, filed_on: date) -> Circumstances:
    days = {
        township.name: day
        for township in campaign.townships
        if (day := township.basis.day) is not None
    }
    return Circumstances(
        townships={
            name: township.name
            for township in campaign.townships
            for name in (township.name, *township.aliases)
        },
        filed_on=filed_on,
        fixed_on=min(days.values(), default=None),
        fixed={str(name): day for name, day in days.items()},
    )


def _blacked(register: Register, raw: RawTable) -> RawTable:
    """The table with identity and card numbers blacked out where people wrote them into a
    remark.
    """
    free = {column.key for column in register.columns if column.kind is ColumnKind.TEXT}
    rows = tuple(
        replace(
            row,
            cells={
                slot: blacked_out(cell) if slot in free and isinstance(cell, str) else cell
                for slot, cell in row.cells.items()
            },
        )
        for row in raw.rows
    )
    return replace(raw, rows=rows)


def _filing(
    enrolled: Enrolled,
    found: TakenFile,
    read: ReadTable,
    file: SentFile,
    decision: int,
    at: datetime,
) -> NewFiling:
    assert found.table is not None  # noqa: S101  a file without a table is refused whole
    return NewFiling(
        campaign=enrolled.campaign.key,
        register=found.register.key,
        kind=found.kind.key,
        name=file.name,
        digest=file.digest,
        sheet=found.table.sheet,
        rows=len(read.said.rows),
        as_of=day_of_notes(found.table.notes),
        filed_at=at,
        version=enrolled.version,
        settings=json.dumps({"heads": dict(found.table.heads)}, ensure_ascii=False),
        findings=json.dumps(
            [finding_json(doubt) for doubt in found.taken.findings], ensure_ascii=False
        ),
        decision=decision,
    )


def _rows(found: TakenFile) -> list[NewRow]:
    outcomes, cases = found.taken.outcomes, found.taken.cases
    return [
        NewRow(
            row=number,
            case=cases.get(number, ""),
            # Persons and accounts are read without their text.
            text=" ".join(said.text for said in row.cells.values() if said.text),
            outcome=outcomes.get(number, RowOutcome.STANDS).value,
        )
        for number, row in found.rows.items()
    ]


def _holders(found: TakenFile, read: ReadTable, vault: Vault) -> list[holders.Holder]:
    """The persons and accounts that a new mark names; nobody else's name is kept."""
    named = {mark.value for mark in found.taken.marks}
    return [vault.holder(personal) for key, personal in read.personal.items() if key in named]


def finding_json(doubt: CaseDoubt) -> dict[str, object]:
    """A finding as JSON: kind, effect, row, other row, column, cases, facts."""
    return {
        "kind": doubt.kind,
        "effect": doubt.weight.value,
        "row": doubt.row,
        "other_row": doubt.other_row,
        "column": doubt.column,
        "cases": list(doubt.cases),
        "facts": dict(doubt.facts),
    }
