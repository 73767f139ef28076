"""The kinds of what cannot be right in a list or a return of the bank, or is missing."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.registers.doubts import CaseDoubt, Weight

__all__ = ("CaseDoubt", "MoneyDoubtKind", "Weight")


class MoneyDoubtKind(StrEnum):
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
    NO_ROWS = "no_rows"
    # of a return
    LINE_UNKNOWN = "line_unknown"
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
    # of a list
    TOWNSHIP_UNKNOWN = "township_unknown"
    CASE_UNKNOWN = "case_unknown"
    CASE_SEVERAL = "case_several"
    CASE_LEFT = "case_left"
    NOT_ACCEPTED = "not_accepted"
    PAID_ALREADY = "paid_already"
    IN_TRANSIT = "in_transit"
    ID_TWICE = "id_twice"
    ID_ROUNDED = "id_rounded"
    ID_LENGTH = "id_length"
    ID_BIRTHDAY = "id_birthday"
    ID_CHECK_DIGIT = "id_check_digit"
    ID_DIFFERS = "id_differs"
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
