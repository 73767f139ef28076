"""What a decision is about: one small value for each kind of thing, kept as its kind and its
key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import date

from bot.domain.keys import GroupKey, TownshipName


@dataclass(frozen=True, kw_only=True)
class DaySubject:
    """A reporting day."""

    day: date


@dataclass(frozen=True, kw_only=True)
class ReplySubject:
    """A reply, by its number."""

    number: int


@dataclass(frozen=True, kw_only=True)
class FigureSubject:
    """A figure, by its number."""

    number: int


@dataclass(frozen=True, kw_only=True)
class DeliverySubject:
    """A delivery, by its number."""

    number: int


@dataclass(frozen=True, kw_only=True)
class GroupSubject:
    """A group of the campaign."""

    group: GroupKey


@dataclass(frozen=True, kw_only=True)
class OwedSubject:
    """Something a township owes: `owed` is a value of `Owed`."""

    owed: str
    township: TownshipName


@dataclass(frozen=True, kw_only=True)
class TownshipDaySubject:
    """What a township has on a day."""

    township: TownshipName
    day: date


@dataclass(frozen=True, kw_only=True)
class SenderSubject:
    """A sender, by the number a platform gives him on one of our channels."""

    channel: str
    platform_id: str


@dataclass(frozen=True, kw_only=True)
class ChatSubject:
    """A chat, by the number a platform gives it on one of our channels."""

    channel: str
    platform_id: str


@dataclass(frozen=True, kw_only=True)
class AccountSubject:
    """An account."""

    login: str


@dataclass(frozen=True, kw_only=True)
class ReaderSubject:
    """A system that reads over the interface, by the name it was let in under."""

    name: str


@dataclass(frozen=True, kw_only=True)
class FileSubject:
    """A file that was taken in, by the beginning of its digest."""

    digest: str


@dataclass(frozen=True, kw_only=True)
class CaseSubject:
    """A case of a register, by its code."""

    code: str


@dataclass(frozen=True, kw_only=True)
class DoubtSubject:
    """A doubt about a register, by the digest of exactly its facts."""

    digest: str


@dataclass(frozen=True, kw_only=True)
class BatchSubject:
    """A batch of payments."""

    batch: int


@dataclass(frozen=True, kw_only=True)
class ListSubject:
    """A list of payments, by its number."""

    number: int


@dataclass(frozen=True, kw_only=True)
class BankFormSubject:
    """The description of a bank's files, by its key."""

    key: str


@dataclass(frozen=True, kw_only=True)
class VersionSubject:
    """A version of the campaign itself."""

    version: int


@dataclass(frozen=True, kw_only=True)
class BoardSubject:
    """The board of the campaign."""


@dataclass(frozen=True, kw_only=True)
class OtherSubject:
    """A thing this version of the program knows nothing of, as it was kept."""

    key: str


Subject = (
    DaySubject
    | ReplySubject
    | FigureSubject
    | DeliverySubject
    | GroupSubject
    | OwedSubject
    | TownshipDaySubject
    | SenderSubject
    | ChatSubject
    | AccountSubject
    | ReaderSubject
    | FileSubject
    | CaseSubject
    | DoubtSubject
    | BatchSubject
    | ListSubject
    | BankFormSubject
    | VersionSubject
    | BoardSubject
    | OtherSubject
)


def _owed(key: str) -> OwedSubject:
    owed, township = json.loads(key)
    return OwedSubject(owed=owed, township=TownshipName(township))


def _township_day(key: str) -> TownshipDaySubject:
    township, day = json.loads(key)
    return TownshipDaySubject(township=TownshipName(township), day=date.fromisoformat(day))


def _sender(key: str) -> SenderSubject:
    channel, platform_id = json.loads(key)
    return SenderSubject(channel=channel, platform_id=platform_id)


def _chat(key: str) -> ChatSubject:
    channel, platform_id = json.loads(key)
    return ChatSubject(channel=channel, platform_id=platform_id)


_NAMES: Mapping[type[Subject], str] = {
    DaySubject: "day",
    ReplySubject: "reply",
    FigureSubject: "figure",
    DeliverySubject: "delivery",
    GroupSubject: "group",
    OwedSubject: "owed",
    TownshipDaySubject: "township_day",
    SenderSubject: "sender",
    ChatSubject: "chat",
    AccountSubject: "account",
    ReaderSubject: "reader",
    FileSubject: "file",
    CaseSubject: "case",
    DoubtSubject: "doubt",
    BatchSubject: "batch",
    ListSubject: "list",
    BankFormSubject: "bank_form",
    VersionSubject: "version",
    BoardSubject: "board",
    OtherSubject: "other",
}
"""What the ledger calls each kind of thing; a name never changes once it has been used."""

_FROM_KEY: Mapping[str, Callable[[str], Subject]] = {
    "day": lambda key: DaySubject(day=date.fromisoformat(key)),
    "reply": lambda key: ReplySubject(number=int(key)),
    "figure": lambda key: FigureSubject(number=int(key)),
    "delivery": lambda key: DeliverySubject(number=int(key)),
    "group": lambda key: GroupSubject(group=GroupKey(key)),
    "owed": _owed,
    "township_day": _township_day,
    "sender": _sender,
    "chat": _chat,
    "account": lambda key: AccountSubject(login=key),
    "reader": lambda key: ReaderSubject(name=key),
    "file": lambda key: FileSubject(digest=key),
    "case": lambda key: CaseSubject(code=key),
    "doubt": lambda key: DoubtSubject(digest=key),
    "batch": lambda key: BatchSubject(batch=int(key)),
    "list": lambda key: ListSubject(number=int(key)),
    "bank_form": lambda key: BankFormSubject(key=key),
    "version": lambda key: VersionSubject(version=int(key)),
    "board": lambda _: BoardSubject(),
}


def kept_as(subject: Subject) -> tuple[str, str]:
    """The kind and the key a thing is kept under: its one key as text, several as a JSON list, none
    as "".
    """
    parts = [str(part) for part in astuple(subject)]
    key = parts[0] if len(parts) == 1 else json.dumps(parts, ensure_ascii=False) if parts else ""
    return _NAMES[type(subject)], key


def subject_of(kind: str, key: str) -> Subject:
    """The thing that was kept so; an OtherSubject for a kind or a key this version of the program
    cannot read.
    """
    try:
        return _FROM_KEY[kind](key)
    except (KeyError, TypeError, ValueError):
        return OtherSubject(key=key)
