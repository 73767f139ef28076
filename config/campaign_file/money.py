"""`[money]` of a campaign file: its shape, what in it cannot be, and the domain's rules of payment
out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from bot.domain.campaigns.payment import PaymentRules, account_column, due_column, rules_of_register
from bot.domain.campaigns.register import ColumnKind, Mouth, Register
from bot.domain.keys import RegisterKey, StageKey
from config.banks import known_forms
from config.campaign_file.parts import Amount, Count, FilePart, Line, Texts, Yes
from config.wording.faults import Sentence, sentence

_FEN = 100
OWN = "own-"
"""How the key of a form begins that was written on a page."""


class MoneyPart(FilePart):
    """`[money]`."""

    from_register: Line = ""
    ready: Line = ""
    due: Amount | None = None
    due_column: Line = ""
    account_column: Line = ""
    in_parts: Yes = False
    two_persons: Yes = True
    forms: Texts = []
    answer_within: Annotated[Count, Field(ge=1)] = 3
    mend_within: Annotated[Count, Field(ge=1)] = 7


def payment_rules(part: MoneyPart | None, registers: Sequence[Register]) -> PaymentRules | None:
    """The rules of a campaign that checks; what it does not say is taken from its register."""
    if part is None:
        return rules_of_register(registers)
    named = (one for one in registers if part.from_register in ("", one.key))
    register = next(named, None)
    if register is None:
        return None
    keys = [stage.key for stage in register.stages]
    paid = next((stage.key for stage in register.stages if stage.proof is Mouth.BANK), None)
    before = keys[keys.index(paid) - 1] if paid is not None and keys.index(paid) else keys[-1]
    return PaymentRules(
        register=RegisterKey(register.key),
        ready=StageKey(part.ready) if part.ready else before,
        paid=paid,
        due_column="" if part.due is not None else part.due_column or due_column(register),
        due=None if part.due is None else int(part.due * _FEN),
        account_column=part.account_column or account_column(register),
        in_parts=part.in_parts,
        two_persons=part.two_persons,
        forms=tuple(part.forms),
        answer_within=part.answer_within,
        mend_within=part.mend_within,
    )


def misfits_of_money(file: Mapping[str, Any]) -> Iterator[tuple[str, object, Sentence]]:
    """What in `[money]` leads nowhere: its place, what stands there, and a sentence."""
    money, registers = file.get("money"), file.get("registers") or []
    if money is None:
        return
    keys = [one["key"] for one in registers if one and one["key"]]
    register = next(
        (one for one in registers if one and money["from_register"] in ("", one["key"])), None
    )
    if register is None:
        yield (
            "money.from_register",
            money["from_register"],
            sentence("no_money_register", known="、".join(keys)),
        )
        return
    yield from _named(
        money["ready"], "money.ready", [one["key"] for one in register["stages"] or [] if one]
    )
    of_kind = {
        kind: [one["key"] for one in register["columns"] or [] if one and one["kind"] == kind]
        for kind in (ColumnKind.ACCOUNT, ColumnKind.FEN)
    }
    yield from _named(money["account_column"], "money.account_column", of_kind[ColumnKind.ACCOUNT])
    yield from _named(money["due_column"], "money.due_column", of_kind[ColumnKind.FEN])
    if not of_kind[ColumnKind.ACCOUNT]:
        yield "money.account_column", "", sentence("no_account_column")
    if money["due"] is None and not of_kind[ColumnKind.FEN]:
        yield "money.due", "", sentence("no_due")
    if money["due"] is not None and (money["due"] * _FEN) % 1 != Decimal(0):
        yield "money.due", money["due"], sentence("not_whole_fen")
    for form in money["forms"] or []:
        # A form that was written on a page has a key of its own, which no file knows.
        if form and form not in known_forms() and not form.startswith(OWN):
            yield "money.forms", form, sentence("no_form", known="、".join(known_forms()))


def _named(key: Any, place: str, known: Sequence[str]) -> Iterator[tuple[str, object, Sentence]]:
    if key and key not in known:
        yield place, key, sentence("not_there", known="、".join(known))
