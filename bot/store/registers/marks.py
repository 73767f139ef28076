"""Marks and the files they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey, RegisterKey
from bot.domain.campaigns.register import Mouth
from bot.domain.registers.case import CaseCode, Mark, MarkSource
from bot.store.decisions.tables import DbDecision
from bot.store.registers.tables import DbFiling, DbFilingRow, DbMark


@dataclass(frozen=True, kw_only=True)
class NewFiling:
    """A file to be kept; `settings` and `findings` are JSON."""

    campaign: CampaignKey
    register: RegisterKey
    kind: str
    name: str
    digest: str
    sheet: str
    rows: int
    as_of: date | None
    filed_at: datetime
    version: int
    settings: str
    findings: str
    decision: int


@dataclass(frozen=True, kw_only=True)
class Filing(NewFiling):
    """A file of the ledger, with who vouches for it."""

    number: int
    person: str


@dataclass(frozen=True, kw_only=True)
class NewRow:
    """A row of a file to be kept."""

    row: int
    case: str
    text: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class FilingRow(NewRow):
    """A row of a file of the ledger."""

    number: int
    filing: int


@dataclass(frozen=True, kw_only=True)
class MarkToAdd:
    """A mark to be kept."""

    case: CaseCode
    what: str
    value: str | None
    day: date | None
    mouth: Mouth
    source: MarkSource
    supersedes: int | None = None


def add_filing(
    session: Session, filing: NewFiling, rows: Sequence[NewRow]
) -> tuple[int, dict[int, int]]:
    """Keeps a file and its rows; returns its number, and the number of each row by its place in the
    file.
    """
    kept = DbFiling(
        campaign=filing.campaign,
        register=filing.register,
        kind=filing.kind,
        name=filing.name,
        digest=filing.digest,
        sheet=filing.sheet,
        rows=filing.rows,
        as_of=filing.as_of,
        filed_at=filing.filed_at,
        version=filing.version,
        settings=filing.settings,
        findings=filing.findings,
        decision_id=filing.decision,
    )
    session.add(kept)
    session.flush()
    if rows:
        session.execute(
            insert(DbFilingRow),
            [
                {
                    "filing_id": kept.id,
                    "row": row.row,
                    "case_code": row.case,
                    "text": row.text,
                    "outcome": row.outcome,
                }
                for row in rows
            ],
        )
    found = session.execute(
        select(DbFilingRow.row, DbFilingRow.id).where(DbFilingRow.filing_id == kept.id)
    )
    return kept.id, {row[0]: row[1] for row in found}


def add_marks(
    session: Session,
    campaign: CampaignKey,
    register: RegisterKey,
    marks: Sequence[MarkToAdd],
    *,
    version: int,
    at: datetime,
) -> None:
    """Keeps marks, in this order."""
    if not marks:
        return
    session.execute(
        insert(DbMark),
        [
            {
                "campaign": campaign,
                "register": register,
                "case_code": mark.case,
                "what": mark.what,
                "value": mark.value,
                "day": mark.day,
                "mouth": mark.mouth.value,
                "filing_row_id": mark.source.filing_row,
                "reply_id": mark.source.reply,
                "decision_id": mark.source.decision,
                "recorded_at": at,
                "version": version,
                "supersedes": mark.supersedes,
            }
            for mark in marks
        ],
    )


def marks(
    session: Session,
    campaign: CampaignKey,
    register: RegisterKey,
    known_at: datetime,
    *,
    after: int = 0,
) -> list[Mark]:
    """The marks of a register known at a moment, in the order of the log; only those `after` a
    number, if one is given.
    """
    table = DbMark
    rows = session.execute(
        select(
            table.id,
            table.case_code,
            table.what,
            table.value,
            table.day,
            table.mouth,
            table.filing_row_id,
            table.reply_id,
            table.decision_id,
            table.recorded_at,
            table.supersedes,
        )
        .where(
            table.campaign == campaign,
            table.register == register,
            table.id > after,
            table.recorded_at <= known_at,
        )
        .order_by(table.id)
    )
    mouths = {mouth.value: mouth for mouth in Mouth}
    return [
        Mark(
            number=row[0],
            case=CaseCode(row[1]),
            what=row[2],
            value=row[3],
            day=row[4],
            mouth=mouths[row[5]],
            source=MarkSource(filing_row=row[6], reply=row[7], decision=row[8]),
            recorded_at=row[9],
            supersedes=row[10],
        )
        for row in rows
    ]


def newest_mark(session: Session, campaign: CampaignKey) -> int:
    """The number of the campaign's newest mark, 0 before the first: while it stays, no register has
    changed.
    """
    return session.scalar(select(func.max(DbMark.id)).where(DbMark.campaign == campaign)) or 0


def filings(session: Session, campaign: CampaignKey) -> list[Filing]:
    """The files of a campaign, oldest first."""
    rows = session.execute(
        select(DbFiling, DbDecision.person)
        .join(DbDecision, DbDecision.id == DbFiling.decision_id)
        .where(DbFiling.campaign == campaign)
        .order_by(DbFiling.id)
    )
    return [_filing(row, person) for row, person in rows]


def filing_of_digest(
    session: Session, campaign: CampaignKey, kind: str, digest: str
) -> Filing | None:
    """The newest file of that kind with these very bytes, None if there was none."""
    row = session.execute(
        select(DbFiling, DbDecision.person)
        .join(DbDecision, DbDecision.id == DbFiling.decision_id)
        .where(DbFiling.campaign == campaign, DbFiling.kind == kind, DbFiling.digest == digest)
        .order_by(DbFiling.id.desc())
        .limit(1)
    ).first()
    return None if row is None else _filing(row[0], row[1])


def filing_rows(session: Session, filing: int) -> list[FilingRow]:
    """The rows of a file, in its order."""
    rows = session.scalars(
        select(DbFilingRow).where(DbFilingRow.filing_id == filing).order_by(DbFilingRow.row)
    )
    return [
        FilingRow(
            number=row.id,
            filing=row.filing_id,
            row=row.row,
            case=row.case_code,
            text=row.text,
            outcome=row.outcome,
        )
        for row in rows
    ]


def sources(session: Session, rows: Sequence[int]) -> Mapping[int, tuple[Filing, int]]:
    """Of these rows of files the file and the place in it."""
    if not rows:
        return {}
    found = session.execute(
        select(DbFilingRow.id, DbFilingRow.row, DbFiling, DbDecision.person)
        .join(DbFiling, DbFiling.id == DbFilingRow.filing_id)
        .join(DbDecision, DbDecision.id == DbFiling.decision_id)
        .where(DbFilingRow.id.in_(rows))
    )
    return {number: (_filing(filing, person), place) for number, place, filing, person in found}


def _filing(row: DbFiling, person: str) -> Filing:
    return Filing(
        number=row.id,
        campaign=CampaignKey(row.campaign),
        register=RegisterKey(row.register),
        kind=row.kind,
        name=row.name,
        digest=row.digest,
        sheet=row.sheet,
        rows=row.rows,
        as_of=row.as_of,
        filed_at=row.filed_at,
        version=row.version,
        settings=row.settings,
        findings=row.findings,
        decision=row.decision_id,
        person=person,
    )
