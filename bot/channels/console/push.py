"""The channel that writes each message to a text stream."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TextIO

from bot.channels.channel import Address, Message, RenderedPage
from bot.channels.plain import plain_text
from bot.domain.notices.answer import Answer, Confirmed, NoAnswer, TryLater
from bot.domain.notices.codes import StepCode, stated


class Console:
    """Writes each message to a stream; what was written is confirmed."""

    platform = "console"
    repeatable = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def pages(self, message: Message) -> tuple[RenderedPage, ...]:
        """One page: `{"text": ...}`."""
        return (RenderedPage(number=1, of=1, body={"text": plain_text(message)}),)

    def shown(self, page: RenderedPage) -> str:
        """The text, which is all the group reads."""
        return str(page.body["text"])

    def send(self, page: RenderedPage, address: Address, *, delivery: int, at: datetime) -> Answer:  # noqa: ARG002
        """Writes the page and an empty line. A character the terminal does not know is shown as a
        question mark.
        """
        if self._stream.closed:
            return TryLater(
                code="console", detail=stated(StepCode.TERMINAL_CLOSED), after=timedelta(minutes=1)
            )
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        text = page.body["text"].encode(encoding, "replace").decode(encoding)
        try:
            self._stream.write(text + "\n\n")
            self._stream.flush()
        except OSError as error:
            return NoAnswer(detail=stated(StepCode.TERMINAL_PART, error=type(error).__name__))
        return Confirmed()
