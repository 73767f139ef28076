"""Reading a reply: accepted only when every part of it is certain, otherwise asked back; it never
guesses (docs/reading-rules.md).
"""

from bot.domain.replies.reading.conversation import answered
from bot.domain.replies.reading.message import READER_VERSION, read
from bot.domain.replies.reading.model import (
    Doubt,
    Incoming,
    Option,
    Outcome,
    ReadFigure,
    Reading,
    ReadingWording,
)

__all__ = [
    "READER_VERSION",
    "Doubt",
    "Incoming",
    "Option",
    "Outcome",
    "ReadFigure",
    "Reading",
    "ReadingWording",
    "answered",
    "read",
]
