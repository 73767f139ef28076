"""Every page of the site, in the order of its navigation; a room of pages adds its `PAGES` here."""

from __future__ import annotations

from bot.web import board, burden, deliveries, desk, entrance, fill, log, overdue, paste, people, setup
from bot.web.site import Page

PAGES: tuple[Page, ...] = (
    *entrance.PAGES,
    *desk.PAGES,
    *board.PAGES,
    *overdue.PAGES,
    *deliveries.PAGES,
    *burden.PAGES,
    *log.PAGES,
    *fill.PAGES,
    *paste.PAGES,
    *setup.PAGES,
    *people.PAGES,
)
