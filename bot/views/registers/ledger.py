"""A register as known at a moment: its cases, who they are, and what was paid of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.campaigns.campaign import Campaign, CampaignKey, RegisterKey
from bot.domain.campaigns.register import Register
from bot.domain.day.obligations import Obligation
from bot.domain.figures.progress import DaySheet
from bot.domain.registers.appraisal import identities
from bot.domain.registers.case import Case, CaseCode, Paid, cases
from bot.domain.registers.intake import StandingCases
from bot.domain.registers.obligations import register_obligations
from bot.store import Session
from bot.store.registers import holders, marks

Payments = Callable[[Session, Campaign, datetime], Mapping[CaseCode, Paid]]
"""What the bank had paid of each case, as known at a moment."""


def no_payments(_: Session, __: Campaign, ___: datetime) -> Mapping[CaseCode, Paid]:
    """Of an installation that keeps no money: nothing is known to be paid."""
    return {}


def cases_known(
    session: Session,
    campaign: Campaign,
    register: Register,
    known_at: datetime,
    payments: Payments = no_payments,
) -> tuple[Case, ...]:
    """The cases of a register as known at a moment, by their codes."""
    paid = payments(session, campaign, known_at)
    return cases(
        register, marks.marks(session, campaign.key, register.key, known_at), known_at, paid
    )


def standing(
    session: Session,
    campaign: Campaign,
    register: Register,
    known_at: datetime,
    payments: Payments = no_payments,
) -> StandingCases:
    """What a file of the register is taken against."""
    people = holders.people(session, campaign.key)
    listed: dict[RegisterKey, frozenset[str]] = {}
    if register.rules.missed is not None:
        other = next(
            (one for one in campaign.registers if one.key == register.rules.missed.register), None
        )
        if other is not None:
            there = cases_known(session, campaign, other, known_at)
            on_list = [case for case in there if case.left is None]
            listed[other.key] = frozenset(identities(other, on_list, people))
    return StandingCases(
        cases={
            case.code: case for case in cases_known(session, campaign, register, known_at, payments)
        },
        people=people,
        paid=payments(session, campaign, known_at),
        listed=listed,
    )


def owed_by_register(
    session: Session,
    campaign: Campaign,
    sheets: Sequence[DaySheet],
    at: datetime,
    payments: Payments = no_payments,
) -> tuple[Obligation, ...]:
    """What the campaign's first register shows to be owed at a moment; nothing for a campaign
    without one.
    """
    if campaign.register is None:
        return ()
    known = cases_known(session, campaign, campaign.register, at, payments)
    return register_obligations(campaign, campaign.register, known, sheets, at)


@dataclass
class RememberedRegisters:
    """The cases of each register as they stand now, folded again only when a mark came."""

    _kept: dict[tuple[CampaignKey, RegisterKey], tuple[object, tuple[Case, ...]]] = field(
        default_factory=dict
    )
    _looking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def cases(
        self,
        session: Session,
        campaign: Campaign,
        register: Register,
        at: datetime,
        payments: Payments = no_payments,
    ) -> tuple[Case, ...]:
        """The cases as known now."""
        paid = payments(session, campaign, at)
        newest = (marks.newest_mark(session, campaign.key), register, paid)
        with self._looking:
            kept = self._kept.get((campaign.key, register.key))
        if kept is not None and kept[0] == newest:
            return kept[1]
        found = cases(register, marks.marks(session, campaign.key, register.key, at), at, paid)
        with self._looking:
            self._kept[campaign.key, register.key] = (newest, found)
        return found
