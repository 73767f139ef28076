"""What every channel is: a message becomes pages, a page is sent, and the answer says truly what
became of it (law 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bot.domain.notices.answer import Answer
from bot.domain.notices.notice import Mention, Pace, Table
from bot.domain.statement import Words


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page of our own, such as the board: what it is called, and its http or https address, which
    whoever reads may open.
    """

    words: str
    url: str = field(repr=False)


class AttachmentKind(StrEnum):
    """What is attached, as platforms call it."""

    IMAGE = "image"
    FILE = "file"


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A picture (PNG or JPEG) or any other file. `seen_at`: where those see it whose platform
    cannot carry it.
    """

    name: str
    content: bytes = field(repr=False)
    seen_at: Link | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """What one group is to read. `marks` (补发, 重发) stand before the title. Text and table are
    data: never markup, never a mention.

    What a platform cannot carry is told by its `seen_at`; without one nothing is said of it, for
    there is nothing to see.
    """

    title: str
    text: str
    table: Table | None = None
    mentions: tuple[Mention, ...] = ()
    marks: tuple[str, ...] = ()
    link: Link | None = None
    picture: Attachment | None = None
    file: Attachment | None = None


@dataclass(frozen=True)
class Address:
    """Where a robot is reached. Both parts are passwords: they are in no repr, no log and no
    error.
    """

    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class RenderedPage:
    """One request of a message: the platform's own body, inside its limit of bytes."""

    number: int
    of: int
    body: Mapping[str, Any] = field(repr=False)


class Channel(Protocol):
    """One platform, outbound."""

    platform: str
    repeatable: bool
    """Whether sending the same page twice has one effect (a file of a fixed name); then an attempt
    without answer is just made again.
    """

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """The message in as many pages as the platform's limit asks for, cut between paragraphs and
        rows, table head repeated.
        """
        ...

    def shown(self, page: RenderedPage) -> str | AttachmentKind:
        """The words of a page as the group reads them, without markup; a telephone number in them
        is masked (law 8).

        Of a page that carries nothing but an attachment: what kind it is.
        """
        ...

    def send(self, page: RenderedPage, address: Address, *, delivery: int, at: datetime) -> Answer:
        """Send one page now. Never raises for what a platform or a network may do; `delivery` names
        the ledger row.
        """
        ...


@runtime_checkable
class Addressed(Protocol):
    """A channel whose groups are reached at an address, which can be looked at before anything is
    sent.
    """

    def fault(self, address: Address) -> Words | None:
        """What is wrong with the address and what to do, without its secrets; None if nothing
        is.
        """
        ...


@runtime_checkable
class Paced(Protocol):
    """A channel whose robots may be spoken to only so fast, requests counted."""

    pace: Pace
