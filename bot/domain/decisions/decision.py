"""A decision: who decided what, about what, with which facts; and what each kind of decision
consists of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import (
    AccountSubject,
    BankFormSubject,
    BatchSubject,
    BoardSubject,
    CaseSubject,
    ChatSubject,
    DaySubject,
    DeliverySubject,
    DoubtSubject,
    FigureSubject,
    FileSubject,
    GroupSubject,
    ListSubject,
    OtherSubject,
    OwedSubject,
    ReaderSubject,
    ReplySubject,
    SenderSubject,
    Subject,
    TownshipDaySubject,
    VersionSubject,
)

Facts = Mapping[str, str | bool]
NO_FACTS: Facts = {}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided. `facts` are those of its kind; `reason` is in his own words and never
    translated.
    """

    number: int
    person: str
    login: str
    kind: DecisionKind
    subject: Subject
    facts: Facts
    reason: str
    decided_at: datetime

    @property
    def by(self) -> Actor:
        """Who decided."""
        return Actor(name=self.person, login=self.login)


@dataclass(frozen=True, kw_only=True)
class Consists:
    """What a kind of decision is about, and the names of the facts it carries."""

    about: type[Subject]
    facts: frozenset[str] = field(default=frozenset())


def _of(about: type[Subject], *facts: str) -> Consists:
    return Consists(about=about, facts=frozenset(facts))


CONSISTS: Mapping[DecisionKind, Consists] = {
    DecisionKind.REPLY_APPROVED: _of(ReplySubject),
    DecisionKind.REPLY_REFUSED: _of(ReplySubject),
    DecisionKind.PASTE_VOUCHED: _of(ReplySubject),
    DecisionKind.PASTE_TIED: _of(ReplySubject, "nick"),
    DecisionKind.IMPORT_VOUCHED: _of(ReplySubject, "file"),
    DecisionKind.FIGURE_WITHDRAWN: _of(FigureSubject),
    DecisionKind.FIGURE_ENTERED: _of(TownshipDaySubject),
    DecisionKind.TEST_SENT: _of(GroupSubject),
    DecisionKind.DELIVERY_RETRIED: _of(DeliverySubject),
    DecisionKind.DELIVERY_DROPPED: _of(DeliverySubject),
    DecisionKind.DELIVERY_SETTLED: _of(DeliverySubject, "arrived"),
    DecisionKind.ROBOT_ON: _of(GroupSubject),
    DecisionKind.TIE_SENDER: _of(SenderSubject, "nick"),
    DecisionKind.TIE_CHAT: _of(ChatSubject, "group"),
    DecisionKind.OVERDUE_ANSWERED: _of(OwedSubject),
    DecisionKind.MEASURE_PROPOSED: _of(OwedSubject, "measure"),
    DecisionKind.MEASURE_APPROVED: _of(OwedSubject, "measure"),
    DecisionKind.MEASURE_DECLINED: _of(OwedSubject, "measure"),
    DecisionKind.REMINDED_NOW: _of(DaySubject),
    DecisionKind.PUBLISHED_EARLY: _of(DaySubject),
    DecisionKind.BULLETIN_HELD: _of(DaySubject),
    DecisionKind.BULLETIN_RELEASED: _of(DaySubject),
    DecisionKind.SENTENCE_SET: _of(DaySubject),
    DecisionKind.SENTENCE_WITHDRAWN: _of(DaySubject),
    DecisionKind.ACCOUNT_MADE: _of(AccountSubject, "name", "role"),
    DecisionKind.ACCOUNT_ENDED: _of(AccountSubject),
    DecisionKind.PASSWORD_CHANGED: _of(AccountSubject),
    DecisionKind.ROLE_GIVEN: _of(AccountSubject, "role"),
    DecisionKind.ROLE_TAKEN: _of(AccountSubject),
    DecisionKind.READER_LET_IN: _of(ReaderSubject),
    DecisionKind.READER_ENDED: _of(ReaderSubject),
    DecisionKind.ADDRESS_SET: _of(GroupSubject),
    DecisionKind.ADDRESS_TAKEN_AWAY: _of(GroupSubject),
    DecisionKind.ADDRESS_SEALED_ANEW: _of(GroupSubject),
    DecisionKind.SET_UP: _of(VersionSubject),
    DecisionKind.END: _of(VersionSubject),
    DecisionKind.RESUME: _of(VersionSubject),
    DecisionKind.FILED: _of(FileSubject, "file"),
    DecisionKind.MARK_WITHDRAWN: _of(CaseSubject),
    DecisionKind.CASE_CORRECTED: _of(CaseSubject),
    DecisionKind.CASE_LEFT: _of(CaseSubject),
    DecisionKind.CASE_SEEN: _of(CaseSubject),
    DecisionKind.CASE_TOLD: _of(CaseSubject),
    DecisionKind.DOUBT_SETTLED: _of(DoubtSubject),
    DecisionKind.MONEY_FILED: _of(FileSubject, "file", "money"),
    DecisionKind.ACCOUNT_TAKEN: _of(CaseSubject, "shown"),
    DecisionKind.LIST_MADE: _of(BatchSubject, "name"),
    DecisionKind.LIST_APPROVED: _of(ListSubject, "paper"),
    DecisionKind.LIST_WRITTEN: _of(ListSubject, "form"),
    DecisionKind.BANK_FORM_WRITTEN: _of(BankFormSubject),
    DecisionKind.BANK_FORM_ENDED: _of(BankFormSubject),
    DecisionKind.BOARD_LINK_MADE: _of(BoardSubject),
    DecisionKind.BOARD_LINKS_ENDED: _of(BoardSubject),
    DecisionKind.OTHER: _of(OtherSubject),
}


def check(kind: DecisionKind, subject: Subject, facts: Facts) -> None:
    """ValueError where a decision of that kind is not about such a thing, or has other facts."""
    meant = CONSISTS[kind]
    if kind is DecisionKind.OTHER or type(subject) is not meant.about or set(facts) != meant.facts:
        raise ValueError(f"{kind!r} about {subject} with {sorted(facts)}: it needs {meant}")
