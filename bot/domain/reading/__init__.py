"""Reading a reply: accepted only when every part of it is certain, otherwise asked back; it never guesses (reading.md)."""

from bot.domain.reading.message import READER_VERSION, read
from bot.domain.reading.model import Doubt, Incoming, Outcome, ReadFigure, Reading, Wording

__all__ = ["READER_VERSION", "Doubt", "Incoming", "Outcome", "ReadFigure", "Reading", "Wording", "read"]
