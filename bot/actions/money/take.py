"""Takes in files of money: grants, payment lists, returns of banks; each in one transaction or not
at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot import log
from bot.actions.money.approve import approve
from bot.actions.money.forms import FormUnknown
from bot.actions.money.tables import bank_sheets, grants_table, list_table
from bot.actions.registers.take import SentFile
from bot.actions.registers.vault import Vault, open_vault
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.payment import PaymentRules
from bot.domain.campaigns.register import Mouth, Register
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import CaseSubject, FileSubject
from bot.domain.money.amounts import NOTHING, Fen
from bot.domain.money.bank_file import BankFile, BankRow, read_by_groups
from bot.domain.money.bank_form import BankForm
from bot.domain.money.doubts import CaseDoubt, MoneyDoubtKind, Weight
from bot.domain.money.households import Households
from bot.domain.money.ledger import NO_NUMBER
from bot.domain.money.list_table import ListWords, ReadList, read_grants, read_list
from bot.domain.money.lists import ListRow, Terms, batch_of, may_go
from bot.domain.money.reasons import masked_words, to_do
from bot.domain.money.returns import Answered, SaidRow, Within, answered
from bot.domain.registers.case import CaseCode, MarkSource, PersonKey
from bot.domain.registers.cells import name_said
from bot.domain.registers.reading import Personal
from bot.sheets.cells import Unreadable
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.money import money
from bot.store.money.money import MadeList, NewGrant, NewLine
from bot.store.registers import holders, marks
from bot.store.registers.marks import MarkToAdd
from bot.views.money.ledger import households_at, ledger_at, rules_of
from config.banks import FormRefused, heads, known_forms, read_forms, reason_words

GRANTS, LIST, RETURN = "grants", "list", "return"
KINDS = (GRANTS, LIST, RETURN)


@dataclass(frozen=True, kw_only=True)
class ListApproval:
    """Who files a money file, when, and under which keys names are sealed."""

    by: Actor
    at: datetime
    keys: Sequence[str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ListTerms:
    """What a person says of a list. With a sum and a paper it goes at once; without, it waits for
    that.

    `new_accounts` are the rows whose account he has looked at and takes for the right one.
    """

    batch: int | None = None
    approved: Fen | None = None
    paper: str = ""
    approved_by: str = ""
    new_accounts: Collection[int] = ()


@dataclass(frozen=True, kw_only=True)
class ReturnTerms:
    """What a person says of a return: of which attempt it is, by which form to read it, of which
    day, if only a part.
    """

    batch: int | None = None
    attempt: int | None = None
    form: str | None = None
    day: date | None = None
    part: bool = False


@dataclass(frozen=True, kw_only=True)
class MoneyTaken:
    """What taking a file came to. `file` is its number once it is kept; None when nothing of it
    was.
    """

    kind: str
    name: str
    rows: int = 0
    taken: int = 0
    unchanged: int = 0
    doubts: tuple[CaseDoubt, ...] = ()
    form: str = ""
    batch: int | None = None
    attempt: int | None = None
    list_number: int | None = None
    amount: Fen = NOTHING
    file: int | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing of the file may be taken."""
        return any(doubt.weight in (Weight.FILE, Weight.LIST) for doubt in self.doubts)


def take_grants(
    session: Session, enrolled: Enrolled, file: SentFile, word: ListApproval
) -> MoneyTaken:
    """Takes in what was passed down; a paper that is known already brings nothing new."""
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    nothing = MoneyTaken(kind=GRANTS, name=file.name)
    try:
        table = grants_table(file.content, file.sheet)
    except Unreadable as fault:
        return replace(nothing, doubts=(_unreadable(fault),))
    known = [(grant.paper, grant.amount) for grant in ledger_at(session, campaign).grants]
    grants, doubts = read_grants(table, known, _day(campaign, word.at))
    labelled = tuple(_labelled(doubts, table.heads))
    found = replace(
        nothing,
        rows=len(table.rows),
        doubts=labelled,
        amount=Fen(sum(one.amount for one in grants)),
    )
    if found.refused:
        return found
    if not grants:
        return replace(
            found, doubts=(*labelled, *_again(session, campaign, file)), unchanged=len(table.rows)
        )
    number = _keep(session, campaign, GRANTS, file, word, rows=len(table.rows), doubts=labelled)
    new = [NewGrant(row=one.row, paper=one.paper, day=one.day, amount=one.amount) for one in grants]
    money.add_grants(session, campaign.key, number, new, at=word.at)
    return replace(found, taken=len(new), unchanged=len(table.rows) - len(new), file=number)


def take_list(
    session: Session,
    enrolled: Enrolled,
    file: SentFile,
    word: ListApproval,
    terms: ListTerms | None = None,
) -> MoneyTaken:
    """Takes in finance's own list: all of it, or nothing while there is anything for which it may
    not go. PaysNobody.
    """
    campaign, terms = enrolled.campaign, terms or ListTerms()
    lock_campaign(session, campaign.key)
    rules, register = rules_of(campaign)
    vault = open_vault(session, campaign.key, word.keys, word.at)
    nothing = MoneyTaken(kind=LIST, name=file.name)
    try:
        table = list_table(register, file.content, file.sheet)
    except Unreadable as fault:
        return replace(nothing, doubts=(_unreadable(fault),))
    households = households_at(session, campaign, word.at)
    words = ListWords(part=heads("words")["part"], unit=register.unit)
    read = read_list(table, households, vault.fingerprint, _townships(campaign), words)
    ledger = ledger_at(session, campaign)
    found = replace(
        nothing, rows=len(read.rows), amount=Fen(sum(row.amount or 0 for row in read.rows))
    )
    before = _taken_before(session, campaign, file)
    if before is not None and (terms.approved is None or before.approval is not None):
        return replace(found, doubts=_again(session, campaign, file), unchanged=len(read.rows))
    batch = batch_of(read.rows, ledger, terms.batch if terms.batch is not None else read.batch)
    looked_at = _looked_at(read.rows, terms.new_accounts)
    doubts = may_go(
        read.rows,
        households.payees,
        ledger,
        Terms(
            batch=batch, approved=terms.approved, in_parts=rules.in_parts, new_accounts=looked_at
        ),
        read.stated,
    )
    found = replace(found, doubts=tuple(_labelled(doubts, table.heads)), batch=batch)
    if found.refused:
        return found
    _take_accounts(session, enrolled, (rules, register), read, looked_at, vault, word)
    if before is None:
        lines = [_line(row, households) for row in read.rows]
        number, made = _keep_list(session, campaign, file, word, batch, lines)
        found = replace(found, taken=len(lines), list_number=made, file=number)
    else:
        made = before.number
        found = replace(found, taken=len(before.lines), list_number=made, file=before.file)
    if terms.approved is None:
        return found
    went = approve(
        session,
        enrolled,
        made,
        by=Actor(name=terms.approved_by) if terms.approved_by else word.by,
        approved=terms.approved,
        paper=terms.paper,
        at=word.at,
        new_accounts=looked_at,
        with_the_file=True,
    )
    return replace(found, attempt=went)


def take_return(
    session: Session,
    enrolled: Enrolled,
    file: SentFile,
    word: ListApproval,
    terms: ReturnTerms | None = None,
) -> MoneyTaken:
    """Takes in what the bank answered: each good row is a fact, whatever the others say.
    PaysNobody, FormUnknown.
    """
    campaign, terms = enrolled.campaign, terms or ReturnTerms()
    lock_campaign(session, campaign.key)
    rules_of(campaign)
    vault = open_vault(session, campaign.key, word.keys, word.at)
    nothing = MoneyTaken(kind=RETURN, name=file.name)
    try:
        sheets = bank_sheets(file.content)
    except Unreadable as fault:
        return replace(nothing, doubts=(_unreadable(fault),))
    read = read_by_groups(forms_of(session, campaign, terms.form), file.content, sheets)
    if isinstance(read, CaseDoubt):
        return replace(nothing, doubts=(read,))
    today = _day(campaign, word.at)
    said = [_said(row, vault, terms.day, today) for row in read.rows]
    within = Within(
        batch=terms.batch,
        attempt=terms.attempt,
        part=terms.part or read.form.part,
        same_set=read.form.same_set and not terms.part,
    )
    got = answered(ledger_at(session, campaign), said, today=today, within=within)
    doubts = tuple(
        _labelled(sorted((*read.faults, *got.doubts), key=_place), _columns_of(read.form))
    )
    found = replace(_found(nothing, read, got), doubts=doubts)
    if found.refused:
        return replace(found, taken=0)
    if not got.answers:
        # What stands already is told with the moment it was taken; a file that says nothing else is
        # not kept.
        told = [doubt for doubt in doubts if doubt.kind != MoneyDoubtKind.FILE_AGAIN]
        return replace(
            found, doubts=(*told, *_again(session, campaign, file)) if got.unchanged else doubts
        )
    number = _keep(
        session, campaign, RETURN, file, word, rows=len(said), doubts=doubts, form=read.form.key
    )
    money.add_answers(session, number, got.answers, at=word.at)
    return replace(found, file=number)


TAKERS: Mapping[str, Callable[..., MoneyTaken]] = {
    GRANTS: take_grants,
    LIST: take_list,
    RETURN: take_return,
}


def forms_of(
    session: Session, campaign: Campaign, named: str | None = None
) -> tuple[tuple[BankForm, ...], ...]:
    """The forms a return of the campaign may have, in groups that are tried in turn.

    Those written for it come first, then those that come with the program; where the campaign names
    forms, those alone. FormUnknown when one is named that is not there.
    """
    written: dict[str, BankForm] = {}
    for one in money.forms(session, campaign.key):
        try:
            written |= {form.key: form for form in read_forms(one.text, one.key)}
        except FormRefused:
            # An older program took it. The page tells what is wrong; the other forms are tried all
            # the same.
            log.trouble("a bank form cannot be read", campaign=campaign.key, form=one.key)
    known = {**known_forms(), **written}
    if named is not None:
        if named not in known:
            raise FormUnknown(named)
        return ((known[named],),)
    rules = campaign.payment
    if rules is not None and rules.forms:
        return (tuple(known[key] for key in rules.forms if key in known),)
    return tuple(written.values()), tuple(known_forms().values())


def _found(nothing: MoneyTaken, read: BankFile, got: Answered) -> MoneyTaken:
    one = got.attempts[0] if len(got.attempts) == 1 else None
    amounts = {row.row: row.amount for row in read.rows}
    return replace(
        nothing,
        rows=len(read.rows) + len(read.faults),
        taken=len(got.answers),
        unchanged=got.unchanged,
        form=read.form.key,
        batch=one[0] if one else None,
        attempt=one[1] if one else None,
        amount=Fen(sum(amounts[answer.row] for answer in got.answers)),
    )


def _said(row: BankRow, vault: Vault, typed: date | None, today: date) -> SaidRow:
    own_day = row.day or typed
    name = name_said(row.name).value
    words = masked_words(row.reason)
    return SaidRow(
        row=row.row,
        account=PersonKey(vault.fingerprint("account", row.account)),
        name=PersonKey(vault.fingerprint("name", name)) if name else None,
        amount=row.amount,
        day=own_day or today,
        result=row.result,
        # Without a number of the bank's an answer is known by its day; without a day either, by
        # what it says.
        serial=row.serial or f"{NO_NUMBER}{own_day.isoformat() if own_day else ''}",
        original=row.original,
        own=row.own,
        to_do=to_do(row.reason, reason_words()),
        words=words,
        code=row.code,
        shown=row.account[-4:],
        wordless=row.wordless,
    )


def _line(row: ListRow, households: Households) -> NewLine:
    payee = households.payees[row.cases[0]]
    # A row that may go has all of these; a list without names is known by its numbers.
    name, account, amount = (
        row.name or payee.name,
        row.account or PersonKey(""),
        row.amount or Fen(0),
    )
    return NewLine(row=row.row, case=payee.case, name=name, account=account, amount=amount)


def _looked_at(rows: Sequence[ListRow], numbers: Collection[int]) -> frozenset[CaseCode]:
    return frozenset(row.cases[0] for row in rows if row.row in numbers and len(row.cases) == 1)


def _take_accounts(
    session: Session,
    enrolled: Enrolled,
    paid_from: tuple[PaymentRules, Register],
    read: ReadList,
    looked_at: Collection[CaseCode],
    vault: Vault,
    word: ListApproval,
) -> None:
    """Makes each account that a person took for the right one a mark of its household, with the
    decision that did.
    """
    rules, register = paid_from
    new = [
        row
        for row in read.rows
        if len(row.cases) == 1 and row.cases[0] in looked_at and row.account
    ]
    sealed = [
        vault.holder(
            Personal(key=row.account, kind=holders.ACCOUNT, number=read.accounts[row.account])
        )
        for row in new
        if row.account is not None
    ]
    holders.add_holders(session, enrolled.campaign.key, sealed, word.at)
    made = []
    for row in new:
        decision = decisions.add_decision(
            session,
            campaign=enrolled.campaign.key,
            by=word.by,
            kind=DecisionKind.ACCOUNT_TAKEN,
            subject=CaseSubject(code=row.cases[0]),
            facts={"shown": row.shown},
            at=word.at,
        )
        made.append(
            MarkToAdd(
                case=row.cases[0],
                what=rules.account_column,
                value=row.account,
                day=None,
                mouth=Mouth.OFFICE,
                source=MarkSource(decision=decision),
            )
        )
    marks.add_marks(
        session, enrolled.campaign.key, register.key, made, version=enrolled.version, at=word.at
    )


def _keep_list(
    session: Session,
    campaign: Campaign,
    file: SentFile,
    word: ListApproval,
    batch: int,
    lines: Sequence[NewLine],
) -> tuple[int, int]:
    """Keeps the file and the list in it; the numbers of both."""
    number = _keep(session, campaign, LIST, file, word, rows=len(lines), doubts=())
    decision = _filed(session, campaign, LIST, file, word)
    made = money.add_list(
        session,
        campaign.key,
        batch=batch,
        name=file.name,
        lines=lines,
        file=number,
        decision_number=decision,
        at=word.at,
    )
    return number, made


def _taken_before(session: Session, campaign: Campaign, file: SentFile) -> MadeList | None:
    """The list of the very same bytes, if it was taken."""
    numbers = {
        one.number
        for one in money.files(session, campaign.key, digest=file.digest)
        if one.kind == LIST
    }
    return next((made for made in money.lists(session, campaign.key) if made.file in numbers), None)


def _again(session: Session, campaign: Campaign, file: SentFile) -> tuple[CaseDoubt, ...]:
    before = money.files(session, campaign.key, digest=file.digest)
    facts = {"when": before[0].filed_at.isoformat(), "by": before[0].person} if before else {}
    return (CaseDoubt(kind=MoneyDoubtKind.FILE_AGAIN, weight=Weight.NOTHING, facts=facts),)


def _keep(
    session: Session,
    campaign: Campaign,
    kind: str,
    file: SentFile,
    word: ListApproval,
    *,
    rows: int,
    doubts: Sequence[CaseDoubt],
    form: str = "",
) -> int:
    decision = _filed(session, campaign, kind, file, word)
    log.event(
        "money file taken in", campaign=campaign.key, kind=kind, digest=file.digest[:12], rows=rows
    )
    return money.add_file(
        session,
        campaign.key,
        kind=kind,
        name=file.name,
        digest=file.digest,
        form=form,
        rows=rows,
        doubts=json.dumps([doubt_json(doubt) for doubt in doubts], ensure_ascii=False),
        decision_number=decision,
        at=word.at,
    )


def doubt_json(doubt: CaseDoubt) -> dict[str, object]:
    """A doubt as JSON: kind, effect, row, other row, column, cases, facts."""
    return {
        "kind": str(doubt.kind),
        "effect": doubt.weight.value,
        "row": doubt.row,
        "other_row": doubt.other_row,
        "column": doubt.column,
        "cases": list(doubt.cases),
        "facts": dict(doubt.facts),
    }


def _filed(
    session: Session, campaign: Campaign, kind: str, file: SentFile, word: ListApproval
) -> int:
    """Keeps that a person answers for a file of money; the number of the decision."""
    return decisions.add_decision(
        session,
        campaign=campaign.key,
        by=word.by,
        kind=DecisionKind.MONEY_FILED,
        subject=FileSubject(digest=file.digest[:12]),
        facts={"file": file.name, "money": kind},
        at=word.at,
    )


def _labelled(doubts: Sequence[CaseDoubt], heads: Mapping[str, str]) -> list[CaseDoubt]:
    """The doubts with the heads of the file in place of the keys of columns."""
    return [replace(doubt, column=heads.get(doubt.column, doubt.column)) for doubt in doubts]


def _columns_of(form: BankForm) -> dict[str, str]:
    return {what.value: place.heads[0] for what, place in form.columns.items() if place.heads}


def _place(doubt: CaseDoubt) -> tuple[bool, int]:
    return doubt.row is None, doubt.row or 0


def _unreadable(fault: Unreadable) -> CaseDoubt:
    facts = {key: str(value) for key, value in fault.facts.items()}
    return CaseDoubt(kind=f"file_{fault.code}", weight=Weight.FILE, facts=facts)


def _townships(campaign: Campaign) -> dict[str, str]:
    return {
        name: township.name
        for township in campaign.townships
        for name in (township.name, *township.aliases)
    }


def _day(campaign: Campaign, at: datetime) -> date:
    return at.astimezone(campaign.timezone).date()
