"""How a campaign pays: out of which register, after which stage, what is due, and who must have
said yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.campaigns.register import ColumnKind, Fen, Mouth, Register
from bot.domain.keys import RegisterKey, StageKey


@dataclass(frozen=True, kw_only=True)
class PaymentRules:
    """The rules of money of a campaign.

    `ready` is the stage that must be proved before money goes out. What is due stands in the column
    `due_column`, or is `due` for everybody. `forms` are the keys of the bank forms that are tried;
    without any, all that are known. After `answer_within` working days a line without an answer is
    in doubt, after `mend_within` days a failed one that still waits is owed by its township.
    """

    register: RegisterKey
    ready: StageKey
    paid: StageKey | None = None
    due_column: str = ""
    due: Fen | None = None
    account_column: str
    in_parts: bool = False
    two_persons: bool = True
    forms: tuple[str, ...] = ()
    answer_within: int = 3
    mend_within: int = 7


def rules_of_register(registers: Sequence[Register]) -> PaymentRules | None:
    """What a campaign that says nothing of money pays by: its first register that has a stage
    proved by the bank.

    None without such a register, or where it has no account, no sum, or no stage before that one.
    """
    for register in registers:
        keys = [stage.key for stage in register.stages]
        paid = next((stage.key for stage in register.stages if stage.proof is Mouth.BANK), None)
        account = account_column(register)
        due = due_column(register)
        if paid is not None and keys.index(paid) > 0 and account and due:
            return PaymentRules(
                register=register.key,
                ready=keys[keys.index(paid) - 1],
                paid=paid,
                due_column=due,
                account_column=account,
            )
    return None


def account_column(register: Register) -> str:
    """The key of the column of accounts, or nothing."""
    return next(
        (column.key for column in register.columns if column.kind is ColumnKind.ACCOUNT), ""
    )


def due_column(register: Register) -> str:
    """The key of the column of what is due, or nothing."""
    columns = (
        column for column in register.columns if column.kind is ColumnKind.FEN and not column.check
    )
    return next((column.key for column in columns), "")
