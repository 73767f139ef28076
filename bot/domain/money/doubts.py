"""What cannot be right in a list or a return of the bank, or is missing: a kind, where, and the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.money.ledger import CaseCode


class Effect(StrEnum):
    """What becomes of that in which the doubt lies."""

    FILE = "file"  # nothing of the file is taken
    LIST = "list"  # a payment list is all or nothing: nothing of it is taken
    BOTH = "both"  # neither of two rows is taken
    ROW = "row"  # the row is refused, the others are taken
    ASK = "ask"  # waits for a person's word
    WARN = "warn"  # taken, and listed until a person says a word
    TAKEN = "taken"  # taken as it is
    NOTHING = "nothing"  # nothing happens, and it says so


class Kind(StrEnum):
    """What is doubted."""

    # of a file
    FILE_AGAIN = "file_again"
    FORM_UNKNOWN = "form_unknown"
    FORM_SEVERAL = "form_several"
    ENCODING = "encoding"
    LINE_TRUNCATED = "line_truncated"
    LINE_UNREAD = "line_unread"
    TOTAL_DIFFERS = "total_differs"
    COUNT_DIFFERS = "count_differs"
    SET_DIFFERS = "set_differs"
    BATCH_DIFFERS = "batch_differs"
    NO_HEAD = "no_head"
    NO_ROWS = "no_rows"
    # of a return
    LINE_UNKNOWN = "line_unknown"
    LINE_SEVERAL = "line_several"
    LINE_TWICE = "line_twice"
    LINE_MISSING = "line_missing"
    REASON_MISSING = "reason_missing"
    RESULT_UNKNOWN = "result_unknown"
    RESULT_DIFFERS = "result_differs"
    FAILED_AFTER_PAID = "failed_after_paid"
    PAID_TWICE = "paid_twice"
    REVERSED = "reversed"
    DATE_FORM = "date_form"
    DATE_FUTURE = "date_future"
    DATE_ORDER = "date_order"
    # of a list
    CASE_UNKNOWN = "case_unknown"
    CASE_SEVERAL = "case_several"
    CASE_LEFT = "case_left"
    NOT_ACCEPTED = "not_accepted"
    PAID_ALREADY = "paid_already"
    IN_TRANSIT = "in_transit"
    ID_TWICE = "id_twice"
    ID_ROUNDED = "id_rounded"
    ID_MISSING = "id_missing"
    ACCOUNT_TWICE = "account_twice"
    ACCOUNT_DIFFERS = "account_differs"
    ACCOUNT_ROUNDED = "account_rounded"
    ACCOUNT_MISSING = "account_missing"
    ACCOUNT_FORM = "account_form"
    NAME_DIFFERS = "name_differs"
    NAME_MISSING = "name_missing"
    AMOUNT_DIFFERS = "amount_differs"
    AMOUNT_OVER = "amount_over"
    AMOUNT_UNDER = "amount_under"
    AMOUNT_FORM = "amount_form"
    DUE_MISSING = "due_missing"
    BATCH_TOTAL_DIFFERS = "batch_total_differs"
    GRANTED_EXCEEDED = "granted_exceeded"
    # of grants
    PAPER_MISSING = "paper_missing"
    PAPER_TWICE = "paper_twice"


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One finding. `row` counts from 1 as the file is numbered on screen; `column` is the head or the field's key."""

    kind: Kind
    effect: Effect
    row: int | None = None
    other_row: int | None = None
    column: str = ""
    case: CaseCode | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
