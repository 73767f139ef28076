"""The words that notices are written in, as whoever writes one needs them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.replies.reading import ReadingWording


class NoticeWording(Protocol):
    """The bureau's own words: `config.wording.templates` in the running program."""

    def notice(self, kind: NoticeKind, facts: Mapping[str, Any]) -> tuple[str, str]:
        """Title and text of a notice of that kind."""
        ...

    def phrase(self, key: str, **facts: object) -> str:
        """A short phrase: a head of the table, a note under it."""
        ...

    def percent(self, rate: Fraction | None) -> str:
        """A rate as people read it; None says that there is no task."""
        ...

    def reading(self) -> ReadingWording:
        """The questions and echoes of the reader, by key."""
        ...
