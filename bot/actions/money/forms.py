"""Writes a bank's form for a campaign: it is tried on a sample before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.actions.money.tables import bank_sheets
from bot.domain.campaigns.campaign import Campaign
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import BankFormSubject
from bot.domain.money.bank_file import BankFile, read_return
from bot.domain.money.bank_form import BankForm
from bot.domain.money.doubts import CaseDoubt, Weight
from bot.sheets.cells import Unreadable
from bot.store import Session, lock_campaign
from bot.store.decisions import decisions
from bot.store.money import money
from config.banks import read_forms


class FormUnknown(KeyError):
    """There is no form of that key."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a description says, and what it made of a sample, if there was one: the file read whole,
    or why not.
    """

    forms: tuple[BankForm, ...]
    file: BankFile | None = None
    doubt: CaseDoubt | None = None


def tried(text: str, key: str, sample: bytes | None) -> Tried:
    """Reads a description, and a sample by it. FormRefused for a description that cannot be."""
    forms = read_forms(text, key)
    if sample is None:
        return Tried(forms=forms)
    try:
        sheets = bank_sheets(sample)
    except Unreadable as fault:
        return Tried(forms=forms, doubt=CaseDoubt(kind=f"file_{fault.code}", weight=Weight.FILE))
    read = read_return(forms, sample, sheets)
    if isinstance(read, CaseDoubt):
        return Tried(forms=forms, doubt=read)
    return Tried(forms=forms, file=read)


def write_form(
    session: Session, campaign: Campaign, key: str, text: str, *, by: Actor, at: datetime
) -> None:
    """Keeps a description for the campaign, in place of one of the same key. FormRefused."""
    read_forms(text, key)
    _keep(session, campaign, key, text, DecisionKind.BANK_FORM_WRITTEN, by, at)


def end_form(session: Session, campaign: Campaign, key: str, *, by: Actor, at: datetime) -> None:
    """Ends a form that was written for the campaign. FormUnknown."""
    if key not in {form.key for form in money.forms(session, campaign.key)}:
        raise FormUnknown(key)
    _keep(session, campaign, key, "", DecisionKind.BANK_FORM_ENDED, by, at)


def _keep(
    session: Session,
    campaign: Campaign,
    key: str,
    text: str,
    kind: DecisionKind,
    by: Actor,
    at: datetime,
) -> None:
    lock_campaign(session, campaign.key)
    decision = decisions.add_decision(
        session, campaign=campaign.key, by=by, kind=kind, subject=BankFormSubject(key=key), at=at
    )
    money.add_form(session, campaign.key, key=key, text=text, decision_number=decision, at=at)
