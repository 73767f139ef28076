"""The money of a campaign as known at a moment, and the households it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.payment import PaymentRules
from bot.domain.campaigns.register import Register
from bot.domain.day.obligations import Obligation
from bot.domain.money import households as domain
from bot.domain.money.amounts import Fen
from bot.domain.money.households import Households
from bot.domain.money.ledger import Ledger
from bot.domain.money.obligations import money_obligations
from bot.domain.registers.case import CaseCode, Paid
from bot.store import Session
from bot.store.money import money
from bot.store.registers import holders
from bot.views.registers.ledger import cases_known


class PaysNobody(ValueError):
    """The campaign has no register out of which anybody could be paid."""


def rules_of(campaign: Campaign) -> tuple[PaymentRules, Register]:
    """How the campaign pays, and out of which register. PaysNobody."""
    rules = campaign.payment
    if rules is None:
        raise PaysNobody(campaign.key)
    return rules, next(
        register for register in campaign.registers if register.key == rules.register
    )


def payments(session: Session, campaign: Campaign, known_at: datetime) -> Mapping[CaseCode, Paid]:
    """What the bank had paid of each household, as known at a moment; nothing in a campaign that
    pays nobody.
    """
    if campaign.payment is None:
        return {}
    ledger = money.ledger(session, campaign.key, known_at)
    return domain.payments(
        ledger, _dues(session, campaign, known_at) if campaign.payment.in_parts else {}
    )


def households_at(session: Session, campaign: Campaign, known_at: datetime) -> Households:
    """Everybody who may be paid, as the register stands at a moment. PaysNobody."""
    rules, register = rules_of(campaign)
    cases = {
        case.code: case for case in cases_known(session, campaign, register, known_at, payments)
    }
    people = holders.people(session, campaign.key)
    day = known_at.astimezone(campaign.timezone).date()
    return domain.households(rules, register, cases, people, day)


def owed_by_money(session: Session, campaign: Campaign, at: datetime) -> tuple[Obligation, ...]:
    """What the money shows to be owed at a moment; nothing in a campaign that pays nobody."""
    if campaign.payment is None:
        return ()
    ledger = money.ledger(session, campaign.key, at)
    if not ledger.to_list_again():
        return ()
    _, register = rules_of(campaign)
    townships = {case.code: case.township for case in cases_known(session, campaign, register, at)}
    return money_obligations(campaign, ledger, townships, at)


def ledger_at(session: Session, campaign: Campaign, known_at: datetime | None = None) -> Ledger:
    """The money of the campaign as known at a moment, or as it stands."""
    return money.ledger(session, campaign.key, known_at)


def _dues(session: Session, campaign: Campaign, known_at: datetime) -> dict[CaseCode, Fen]:
    rules, register = rules_of(campaign)
    found = {
        case.code: domain.due_of(rules, case)
        for case in cases_known(session, campaign, register, known_at)
    }
    return {code: due for code, due in found.items() if due is not None}
