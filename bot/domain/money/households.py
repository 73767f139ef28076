"""The households of a register as those who are paid, and how a row of a list finds its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.domain.campaigns.campaign import TownshipName
from bot.domain.campaigns.payment import PaymentRules
from bot.domain.campaigns.register import Register
from bot.domain.money.amounts import Fen
from bot.domain.money.ledger import Ledger
from bot.domain.money.lists import Payee
from bot.domain.registers.case import Case, CaseCode, Paid, PersonKey
from bot.domain.registers.doubts import CasePerson, People


@dataclass(frozen=True, kw_only=True)
class Households:
    """Everybody who may be paid, by code, by identity and by name within a township."""

    cases: Mapping[CaseCode, Case]
    payees: Mapping[CaseCode, Payee]
    persons: Mapping[CaseCode, CasePerson]
    by_identity: Mapping[str, tuple[CaseCode, ...]] = field(default_factory=dict)
    by_name: Mapping[tuple[str, str], tuple[CaseCode, ...]] = field(default_factory=dict)

    def township(self, case: CaseCode) -> TownshipName:
        """The township of a household; the empty name for one that is in the register no more."""
        return self.cases[case].township if case in self.cases else TownshipName("")


def households(
    rules: PaymentRules,
    register: Register,
    cases: Mapping[CaseCode, Case],
    people: People,
    day: date,
) -> Households:
    """The households of a register on a day."""
    person_column = register.person.key if register.person else ""
    persons: dict[CaseCode, CasePerson] = {}
    by_identity: defaultdict[str, list[CaseCode]] = defaultdict(list)
    by_name: defaultdict[tuple[str, str], list[CaseCode]] = defaultdict(list)
    for code, case in cases.items():
        person = people.get(PersonKey(case.values.get(person_column, "")))
        if person is None:
            continue
        persons[code] = person
        if person.identity:
            by_identity[person.identity].append(code)
        if person.name:
            by_name[case.township, person.name].append(code)
    return Households(
        cases=cases,
        payees={code: _payee(rules, case, persons.get(code), day) for code, case in cases.items()},
        persons=persons,
        by_identity={key: tuple(codes) for key, codes in by_identity.items()},
        by_name={key: tuple(codes) for key, codes in by_name.items()},
    )


def dues(payees: Mapping[CaseCode, Payee]) -> dict[CaseCode, Fen]:
    """What is due to each household for which that is known."""
    return {code: payee.due for code, payee in payees.items() if payee.due is not None}


def payments(ledger: Ledger, due: Mapping[CaseCode, Fen]) -> dict[CaseCode, Paid]:
    """What was paid of each household: on which day the whole was through, how much, by which
    batch.

    Of one whose due nobody knows, what was listed for it is the whole.
    """
    found: dict[CaseCode, Paid] = {}
    for case, lines in ledger.of_case.items():
        listed = Fen(max(line.amount for line in lines))
        day = ledger.paid_on(case, due.get(case, listed))
        if day is not None:
            paid = [line.batch for line in lines if ledger.standing(line)]
            found[case] = Paid(day=day, amount=ledger.paid(case), batch=paid[-1])
    return found


def due_of(rules: PaymentRules, case: Case) -> Fen | None:
    """What is due to a household in all; None where its register does not say."""
    if rules.due is not None:
        return Fen(rules.due)
    written = case.values.get(rules.due_column, "")
    return Fen(int(written)) if written.isdecimal() else None


def _payee(rules: PaymentRules, case: Case, person: CasePerson | None, day: date) -> Payee:
    account = case.values.get(rules.account_column)
    return Payee(
        case=case.code,
        name=PersonKey(person.name if person else ""),
        account=PersonKey(account) if account else None,
        due=due_of(rules, case),
        ready_on=case.proved.get(rules.ready),
        left=not case.on_list(day),
    )
