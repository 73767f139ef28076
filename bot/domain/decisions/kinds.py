"""Every kind of decision there is. The value is what the ledger keeps: it never changes once it has
been used.
"""

from __future__ import annotations

from enum import StrEnum


class DecisionKind(StrEnum):
    """What was decided; `decision.py` says what each is about and which facts it carries."""

    REPLY_APPROVED = "reply approved"
    REPLY_REFUSED = "reply refused"
    PASTE_VOUCHED = "paste vouched"
    PASTE_TIED = "paste tied"
    IMPORT_VOUCHED = "import vouched"
    FIGURE_WITHDRAWN = "figure withdrawn"
    FIGURE_ENTERED = "figure entered"
    TEST_SENT = "test sent"
    DELIVERY_RETRIED = "delivery retried"
    DELIVERY_DROPPED = "delivery dropped"
    DELIVERY_SETTLED = "delivery settled"
    ROBOT_ON = "robot on"
    TIE_SENDER = "tie sender"
    TIE_CHAT = "tie chat"
    OVERDUE_ANSWERED = "overdue answered"
    MEASURE_PROPOSED = "measure proposed"
    MEASURE_APPROVED = "measure approved"
    MEASURE_DECLINED = "measure declined"
    REMINDED_NOW = "reminded now"
    PUBLISHED_EARLY = "published early"
    BULLETIN_HELD = "bulletin held"
    BULLETIN_RELEASED = "bulletin released"
    SENTENCE_SET = "sentence set"  # the reason is the sentence itself
    SENTENCE_WITHDRAWN = "sentence withdrawn"
    ACCOUNT_MADE = "account made"
    ACCOUNT_ENDED = "account ended"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a kind of decision, no password
    ROLE_GIVEN = "role given"
    ROLE_TAKEN = "role taken"
    READER_LET_IN = "reader let in"
    READER_ENDED = "reader ended"
    ADDRESS_SET = "address set"
    ADDRESS_TAKEN_AWAY = "address taken away"
    ADDRESS_SEALED_ANEW = "address sealed anew"
    SET_UP = "set up"
    END = "end"
    RESUME = "resume"
    FILED = "filed"
    MARK_WITHDRAWN = "mark withdrawn"
    CASE_CORRECTED = "case corrected"
    CASE_LEFT = "case left"
    CASE_SEEN = "case seen"  # its name, identity and account whole
    CASE_TOLD = "case told"  # by its township, behind its fill link
    DOUBT_SETTLED = "doubt settled"  # the reason is the person's word
    MONEY_FILED = "money filed"
    ACCOUNT_TAKEN = "account taken"
    LIST_MADE = "list made"
    LIST_APPROVED = "list approved"
    LIST_WRITTEN = "list written"  # whole, for the bank
    BANK_FORM_WRITTEN = "bank form written"
    BANK_FORM_ENDED = "bank form ended"
    BOARD_LINK_MADE = "board link made"
    BOARD_LINKS_ENDED = "board links ended"
    OTHER = "other"
    """Read, never written: a kind that a later version of the program has kept."""
