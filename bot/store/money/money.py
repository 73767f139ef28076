"""Reads and writes the facts of money. Only what is approved is part of the ledger of a
campaign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.decisions.actor import Actor
from bot.domain.money.amounts import Fen
from bot.domain.money.ledger import Answer, Batch, Grant, Ledger, Line, Result
from bot.domain.money.reasons import ToDo
from bot.domain.money.returns import NewAnswer
from bot.domain.registers.case import CaseCode, PersonKey
from bot.store.decisions.tables import DbDecision
from bot.store.money.tables import (
    DbBankForm,
    DbMoneyAnswer,
    DbMoneyApproval,
    DbMoneyFile,
    DbMoneyGrant,
    DbMoneyLine,
    DbMoneyList,
)


@dataclass(frozen=True, kw_only=True)
class FiledFile:
    """A file of money as it was taken in. `doubts` is what was found in it, as JSON."""

    number: int
    kind: str
    name: str
    digest: str
    form: str
    rows: int
    doubts: str
    person: str
    filed_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewGrant:
    """A grant to be kept: the row that says it, its paper, its day if that is said, its amount."""

    row: int
    paper: str
    day: date | None
    amount: Fen


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """A line of a list to be kept."""

    row: int
    case: CaseCode
    name: PersonKey
    account: PersonKey
    amount: Fen


@dataclass(frozen=True, kw_only=True)
class MadeList:
    """A list that was made or taken; `approval` is what let it go, None while it waits for that."""

    number: int
    batch: int
    name: str
    by: Actor
    made_at: datetime
    file: int | None
    lines: tuple[NewLine, ...]
    approval: Approval | None

    @property
    def person(self) -> str:
        """The name of who made it."""
        return self.by.name

    @property
    def amount(self) -> Fen:
        """What its lines come to."""
        return Fen(sum(line.amount for line in self.lines))


@dataclass(frozen=True, kw_only=True)
class Approval:
    """By whose decision a list goes, and as which attempt of which batch."""

    batch: int
    attempt: int
    approved: Fen
    paper: str
    person: str
    approved_at: datetime


@dataclass(frozen=True, kw_only=True)
class WrittenForm:
    """The description of a bank's form as a page wrote it last."""

    key: str
    text: str
    person: str
    written_at: datetime


def add_file(  # noqa: PLR0913
    session: Session,
    campaign: CampaignKey,
    *,
    kind: str,
    name: str,
    digest: str,
    form: str = "",
    rows: int,
    doubts: str,
    decision_number: int,
    at: datetime,
) -> int:
    """Keeps that a file came in and what was found in it; its number, which the facts out of it
    name.
    """
    row = DbMoneyFile(
        campaign=campaign,
        kind=kind,
        name=name,
        digest=digest,
        form=form,
        rows=rows,
        doubts=doubts,
        decision_id=decision_number,
        filed_at=at,
    )
    session.add(row)
    session.flush()
    return row.id


def files(session: Session, campaign: CampaignKey, *, digest: str | None = None) -> list[FiledFile]:
    """The files of a campaign in the order they came in; only those of these bytes, if a digest is
    given.
    """
    wanted: list[ColumnElement[bool]] = [] if digest is None else [DbMoneyFile.digest == digest]
    rows = session.execute(
        select(DbMoneyFile, DbDecision.person)
        .join(DbDecision, DbDecision.id == DbMoneyFile.decision_id)
        .where(DbMoneyFile.campaign == campaign, *wanted)
        .order_by(DbMoneyFile.id)
    )
    return [
        FiledFile(
            number=row.id,
            kind=row.kind,
            name=row.name,
            digest=row.digest,
            form=row.form,
            rows=row.rows,
            doubts=row.doubts,
            person=person,
            filed_at=row.filed_at,
        )
        for row, person in rows
    ]


def add_grants(
    session: Session, campaign: CampaignKey, file: int, grants: Iterable[NewGrant], *, at: datetime
) -> None:
    """Keeps what was passed down."""
    for grant in grants:
        session.add(
            DbMoneyGrant(
                campaign=campaign,
                file_id=file,
                row=grant.row,
                paper=grant.paper,
                day=grant.day,
                amount=grant.amount,
                recorded_at=at,
            )
        )
    session.flush()


def add_list(
    session: Session,
    campaign: CampaignKey,
    *,
    batch: int,
    name: str,
    lines: Sequence[NewLine],
    file: int | None = None,
    decision_number: int,
    at: datetime,
) -> int:
    """Keeps a list that waits for its approval; its number."""
    row = DbMoneyList(
        campaign=campaign,
        batch=batch,
        name=name,
        file_id=file,
        decision_id=decision_number,
        made_at=at,
    )
    session.add(row)
    session.flush()
    session.add_all(
        DbMoneyLine(
            list_id=row.id,
            row=line.row,
            case_code=line.case,
            name_key=line.name,
            account_key=line.account,
            amount=line.amount,
        )
        for line in lines
    )
    session.flush()
    return row.id


def add_approval(  # noqa: PLR0913
    session: Session,
    campaign: CampaignKey,
    list_number: int,
    *,
    batch: int,
    attempt: int,
    approved: Fen,
    paper: str,
    decision_number: int,
    at: datetime,
) -> None:
    """Lets a list go: from now on its lines are in transit."""
    session.add(
        DbMoneyApproval(
            campaign=campaign,
            list_id=list_number,
            batch=batch,
            attempt=attempt,
            approved=approved,
            paper=paper,
            decision_id=decision_number,
            approved_at=at,
        )
    )
    session.flush()


def add_answers(session: Session, file: int, answers: Iterable[NewAnswer], *, at: datetime) -> None:
    """Keeps what the bank said; one line cannot be answered twice in the same words under one
    serial number.
    """
    session.add_all(
        DbMoneyAnswer(
            line_id=answer.line,
            result=answer.result.value,
            to_do=answer.to_do.value if answer.to_do else "",
            words=answer.words,
            serial=answer.serial,
            day=answer.day,
            file_id=file,
            row=answer.row,
            recorded_at=at,
        )
        for answer in answers
    )
    session.flush()


def ledger(session: Session, campaign: CampaignKey, known_at: datetime | None = None) -> Ledger:
    """The money of a campaign as known at a moment, or as it stands."""
    return Ledger(
        grants=_grants(session, campaign, known_at),
        batches=_batches(session, campaign, known_at),
        lines=_lines(session, campaign, known_at),
        answers=_answers(session, campaign, known_at),
    )


def lists(session: Session, campaign: CampaignKey, number: int | None = None) -> list[MadeList]:
    """The lists of a campaign in the order they were made, with their lines; or the one of that
    number.
    """
    wanted: list[ColumnElement[bool]] = [] if number is None else [DbMoneyList.id == number]
    rows = session.execute(
        select(DbMoneyList, DbDecision.person, DbDecision.login)
        .join(DbDecision, DbDecision.id == DbMoneyList.decision_id)
        .where(DbMoneyList.campaign == campaign, *wanted)
        .order_by(DbMoneyList.id)
    ).all()
    approvals = _approvals(session, campaign)
    lines: dict[int, list[NewLine]] = {row.id: [] for row, _, _ in rows}
    for line in session.scalars(
        select(DbMoneyLine).where(DbMoneyLine.list_id.in_(lines)).order_by(DbMoneyLine.id)
    ):
        lines[line.list_id].append(
            NewLine(
                row=line.row,
                case=CaseCode(line.case_code),
                name=PersonKey(line.name_key),
                account=PersonKey(line.account_key),
                amount=Fen(line.amount),
            )
        )
    return [
        MadeList(
            number=row.id,
            batch=row.batch,
            name=row.name,
            by=Actor(name=person, login=login),
            made_at=row.made_at,
            file=row.file_id,
            lines=tuple(lines[row.id]),
            approval=approvals.get(row.id),
        )
        for row, person, login in rows
    ]


def add_form(
    session: Session,
    campaign: CampaignKey,
    *,
    key: str,
    text: str,
    decision_number: int,
    at: datetime,
) -> None:
    """Writes a bank's form, which holds from now on; an empty text ends it."""
    session.add(
        DbBankForm(
            campaign=campaign, key=key, text=text, decision_id=decision_number, written_at=at
        )
    )
    session.flush()


def forms(session: Session, campaign: CampaignKey) -> list[WrittenForm]:
    """The forms that hold, by key."""
    rows = session.execute(
        select(DbBankForm, DbDecision.person)
        .join(DbDecision, DbDecision.id == DbBankForm.decision_id)
        .where(DbBankForm.campaign == campaign)
        .order_by(DbBankForm.id)
    )
    newest = {
        row.key: WrittenForm(key=row.key, text=row.text, person=person, written_at=row.written_at)
        for row, person in rows
    }
    return [newest[key] for key in sorted(newest) if newest[key].text]


def _grants(
    session: Session, campaign: CampaignKey, known_at: datetime | None
) -> tuple[Grant, ...]:
    query = select(DbMoneyGrant).where(DbMoneyGrant.campaign == campaign).order_by(DbMoneyGrant.id)
    if known_at is not None:
        query = query.where(DbMoneyGrant.recorded_at <= known_at)
    return tuple(
        Grant(
            number=row.id,
            paper=row.paper,
            day=row.day,
            amount=Fen(row.amount),
            recorded_at=row.recorded_at,
        )
        for row in session.scalars(query)
    )


def _approved(campaign: CampaignKey, known_at: datetime | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [DbMoneyApproval.campaign == campaign]
    return wanted if known_at is None else [*wanted, DbMoneyApproval.approved_at <= known_at]


def _batches(
    session: Session, campaign: CampaignKey, known_at: datetime | None
) -> tuple[Batch, ...]:
    """A batch is what its first attempt was approved for; what failed is listed again out of the
    same sum.
    """
    rows = session.execute(
        select(DbMoneyApproval, DbMoneyList.name)
        .join(DbMoneyList, DbMoneyList.id == DbMoneyApproval.list_id)
        .where(*_approved(campaign, known_at), DbMoneyApproval.attempt == 1)
        .order_by(DbMoneyApproval.batch)
    )
    return tuple(
        Batch(
            number=row.batch,
            name=name,
            approved=Fen(row.approved),
            paper=row.paper,
            recorded_at=row.approved_at,
        )
        for row, name in rows
    )


def _lines(session: Session, campaign: CampaignKey, known_at: datetime | None) -> tuple[Line, ...]:
    rows = session.execute(
        select(
            DbMoneyLine, DbMoneyApproval.batch, DbMoneyApproval.attempt, DbMoneyApproval.approved_at
        )
        .join(DbMoneyApproval, DbMoneyApproval.list_id == DbMoneyLine.list_id)
        .where(*_approved(campaign, known_at))
        .order_by(DbMoneyLine.id)
    )
    return tuple(
        Line(
            number=row.id,
            batch=batch,
            attempt=attempt,
            case=CaseCode(row.case_code),
            name=PersonKey(row.name_key),
            account=PersonKey(row.account_key),
            amount=Fen(row.amount),
            listed_at=approved_at,
        )
        for row, batch, attempt, approved_at in rows
    )


def _answers(
    session: Session, campaign: CampaignKey, known_at: datetime | None
) -> tuple[Answer, ...]:
    query = (
        select(DbMoneyAnswer)
        .join(DbMoneyFile, DbMoneyFile.id == DbMoneyAnswer.file_id)
        .where(DbMoneyFile.campaign == campaign)
        .order_by(DbMoneyAnswer.id)
    )
    if known_at is not None:
        query = query.where(DbMoneyAnswer.recorded_at <= known_at)
    return tuple(
        Answer(
            number=row.id,
            line=row.line_id,
            result=Result(row.result),
            to_do=ToDo(row.to_do) if row.to_do else None,
            words=row.words,
            serial=row.serial,
            day=row.day,
            recorded_at=row.recorded_at,
        )
        for row in session.scalars(query)
    )


def _approvals(session: Session, campaign: CampaignKey) -> dict[int, Approval]:
    rows = session.execute(
        select(DbMoneyApproval, DbDecision.person)
        .join(DbDecision, DbDecision.id == DbMoneyApproval.decision_id)
        .where(DbMoneyApproval.campaign == campaign)
    )
    return {
        row.list_id: Approval(
            batch=row.batch,
            attempt=row.attempt,
            approved=Fen(row.approved),
            paper=row.paper,
            person=person,
            approved_at=row.approved_at,
        )
        for row, person in rows
    }
