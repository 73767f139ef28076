"""The file that goes to the bank: whole names and accounts, of an approved list alone, by the
recorded decision of a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from bot.actions.money.approve import NotPaid
from bot.actions.registers.vault import Vault, open_vault
from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import ListSubject
from bot.domain.money.amounts import Fen
from bot.domain.money.bank_out import NotWritten, OutForm, Payment, written
from bot.domain.money.ledger import Line
from bot.domain.registers.case import PersonKey
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.money import money
from bot.store.registers import holders
from bot.views.money.ledger import households_at, ledger_at, rules_of
from config.banks import FormRefused, known_outs, read_outs


def outs_of(session: Session, campaign: CampaignKey) -> Mapping[str, OutForm]:
    """How the banks of a campaign take lists, by the key of the form; its own before those of the
    program.
    """
    found = dict(known_outs())
    for one in money.forms(session, campaign):
        with suppress(FormRefused):  # of an older program; the others go out all the same
            found |= read_outs(one.text, one.key)
    return found


def bank_out(
    session: Session,
    enrolled: Enrolled,
    number: int,
    form: str,
    *,
    by: Actor,
    keys: Sequence[str],
    at: datetime,
) -> bytes:
    """The file of an approved list in a bank's form, its sums read back to the fen. NotPaid,
    PaysNobody, VaultShut.

    That it was made, by whom and for which form is a decision; the file itself is kept nowhere.
    """
    campaign = enrolled.campaign
    rules_of(campaign)
    made = money.lists(session, campaign.key, number)
    if not made:
        raise NotPaid("no_list", number=number)
    approval = made[0].approval
    if approval is None:
        raise NotPaid("not_approved", number=number)
    outs = outs_of(session, campaign.key)
    if form not in outs:
        raise NotPaid("no_out", form=form)
    lines = [
        line
        for line in ledger_at(session, campaign).lines
        if (line.batch, line.attempt) == (approval.batch, approval.attempt)
    ]
    vault = open_vault(session, campaign.key, keys)
    payments = _payments(session, enrolled, lines, vault, at)
    facts = {
        "batch": str(approval.batch),
        "attempt": str(approval.attempt),
        "day": f"{at.astimezone(campaign.timezone):%Y%m%d}",
    }
    try:
        content = written(outs[form], payments, facts)
    except NotWritten as fault:
        raise NotPaid("not_written", row=fault.row or 0, reason=fault.why) from None
    decisions.add_decision(
        session,
        campaign=campaign.key,
        by=by,
        kind=DecisionKind.LIST_WRITTEN,
        subject=ListSubject(number=number),
        facts={"form": form},
        at=at,
    )
    return content


def _payments(
    session: Session, enrolled: Enrolled, lines: Sequence[Line], vault: Vault, at: datetime
) -> list[Payment]:
    households = households_at(session, enrolled.campaign, at)
    persons = {line.case: households.persons.get(line.case) for line in lines}
    wanted = [str(person.key) for person in persons.values() if person] + [
        str(line.account) for line in lines
    ]
    whole = vault.opened(holders.sealed(session, enrolled.campaign.key, wanted))
    found = []
    for line in lines:
        person = persons[line.case]
        who = whole.get(str(person.key)) if person else None
        account = whole.get(str(line.account))
        # The name and the account must be those that were listed, not those that stand by now.
        if (
            who is None
            or account is None
            or PersonKey(vault.fingerprint("name", who.name)) != line.name
        ):
            continue
        found.append(
            Payment(
                line=line.number,
                case=line.case,
                township=str(households.township(line.case)),
                name=who.name,
                identity=who.number,
                account=account.number,
                amount=Fen(line.amount),
            )
        )
    if len(found) != len(lines):
        raise NotPaid("forgotten", count=len(lines) - len(found))
    return found
