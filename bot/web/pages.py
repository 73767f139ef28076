"""Every page of the site, in the order of its navigation; a room of pages adds its `PAGES` here."""

from __future__ import annotations

from bot.web import entrance, fill, paste, people
from bot.web.site import Page

PAGES: tuple[Page, ...] = (
    *entrance.PAGES,
    *fill.PAGES,
    *paste.PAGES,
    *people.PAGES,
)
