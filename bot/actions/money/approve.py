"""Makes payment lists and lets them go: the decision of a person, under a paper, for a sum to the
fen (law 10).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot import log
from bot.actions.refusal import Refusal
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import BatchSubject, ListSubject
from bot.domain.money.amounts import Fen
from bot.domain.money.doubts import CaseDoubt
from bot.domain.money.lists import ListRow, Payee, Terms, may_go, next_attempt, next_batch, ready
from bot.domain.registers.case import CaseCode
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.money import money
from bot.store.money.money import MadeList, NewLine
from bot.views.money.ledger import households_at, ledger_at, rules_of


class NotPaid(Refusal):
    """Why a list is not made or does not go; `doubts` are the faults of its rows, if that is
    why.
    """

    room = "money"

    def __init__(self, why: str, doubts: tuple[CaseDoubt, ...] = (), **facts: object) -> None:
        super().__init__(why, _TOLD[why].format(**facts), **facts)
        self.doubts = doubts


_TOLD = {
    "nobody_ready": "nobody may be paid now who is not listed already",
    "nobody_again": "no line of batch {batch} has failed and waits",
    "no_list": "there is no list {number}; `diaodu money lists` shows them",
    "went_already": "list {number} was approved by {person} already",
    "no_paper": "the paper under which the list goes is not named",
    "same_person": "{person} made the list; another person must approve it",
    "faults": "the list may not go, for {count} reasons",
    "not_approved": "list {number} is not approved; nothing leaves before that",
    "no_out": "form {form} does not say how the bank takes a list",
    "forgotten": "names or accounts of {count} lines can no longer be read",
    "not_written": "line {row} does not fit the form of the bank ({reason})",
}


def make_list(
    session: Session,
    enrolled: Enrolled,
    *,
    by: Actor,
    at: datetime,
    batch: int | None = None,
    name: str = "",
) -> MadeList:
    """Makes a list of those who may be paid and are not, as the next batch; of a batch that was
    listed, of what failed of it.

    It waits for another person's approval. NotPaid when nobody is to be listed; PaysNobody.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    rules, _ = rules_of(campaign)
    households = households_at(session, campaign, at)
    ledger = ledger_at(session, campaign)
    again = ledger.to_list_again(batch) if batch is not None else ()
    if batch is None:
        payees: list[Payee] = list(ready(households.payees.values(), ledger, rules.in_parts))
    else:
        payees = [households.payees[line.case] for line in again if line.case in households.payees]
    lines = [
        NewLine(
            row=row,
            case=payee.case,
            name=payee.name,
            account=payee.account,
            amount=Fen(payee.due - ledger.paid(payee.case)),
        )
        for row, payee in enumerate(payees, 1)
        if payee.account is not None and payee.due is not None
    ]
    if not lines:
        raise NotPaid("nobody_again" if batch is not None else "nobody_ready", batch=batch or 0)
    whose = batch if batch is not None else next_batch(ledger)
    decision = decisions.add_decision(
        session,
        campaign=campaign.key,
        by=by,
        kind=DecisionKind.LIST_MADE,
        subject=BatchSubject(batch=whose),
        facts={"name": name},
        at=at,
    )
    number = money.add_list(
        session,
        campaign.key,
        batch=whose,
        name=name,
        lines=lines,
        decision_number=decision,
        at=at,
    )
    log.event("list made", campaign=campaign.key, list=number, lines=len(lines))
    return money.lists(session, campaign.key, number)[0]


def approve(  # noqa: PLR0913
    session: Session,
    enrolled: Enrolled,
    number: int,
    *,
    by: Actor,
    approved: Fen,
    paper: str,
    at: datetime,
    new_accounts: Collection[CaseCode] = (),
    with_the_file: bool = False,
) -> int:
    """Lets a list go, whole, as the next attempt of its batch; which that is.

    It is held against the ledger as it stands now, not as it stood when the list was made. NotPaid,
    with every fault of its rows if there are any; also for whoever made or filed the list himself,
    where the campaign wants two persons. `with_the_file`: finance's own list is filed together with
    the paper that approves it, and who files it only vouches for both.
    """
    campaign = enrolled.campaign
    lock_campaign(session, campaign.key)
    rules, _ = rules_of(campaign)
    found = money.lists(session, campaign.key, number)
    if not found:
        raise NotPaid("no_list", number=number)
    made = found[0]
    if made.approval is not None:
        raise NotPaid("went_already", number=number, person=made.approval.person)
    if not paper.strip():
        raise NotPaid("no_paper")
    if rules.two_persons and not (with_the_file and made.file is not None) and made.by.may_be(by):
        raise NotPaid("same_person", person=by.name)
    ledger = ledger_at(session, campaign)
    rows = [
        ListRow(
            row=line.row,
            cases=(line.case,),
            identity=None,
            name=line.name,
            account=line.account,
            amount=line.amount,
            part=rules.in_parts,
        )
        for line in made.lines
    ]
    terms = Terms(
        batch=made.batch, approved=approved, in_parts=rules.in_parts, new_accounts=new_accounts
    )
    doubts = may_go(rows, households_at(session, campaign, at).payees, ledger, terms)
    if doubts:
        raise NotPaid("faults", doubts, count=len(doubts))
    attempt = next_attempt(ledger, made.batch)
    decision = decisions.add_decision(
        session,
        campaign=campaign.key,
        by=by,
        kind=DecisionKind.LIST_APPROVED,
        subject=ListSubject(number=number),
        facts={"paper": paper},
        at=at,
    )
    money.add_approval(
        session,
        campaign.key,
        number,
        batch=made.batch,
        attempt=attempt,
        approved=approved,
        paper=paper.strip(),
        decision_number=decision,
        at=at,
    )
    log.event(
        "list approved", campaign=campaign.key, list=number, batch=made.batch, attempt=attempt
    )
    return attempt
