"""Every page of the site, in the order of its navigation; a room of pages adds its `PAGES` here."""

from __future__ import annotations

from bot.web.campaigns import setup, townships
from bot.web.day import desk
from bot.web.money import forms as bank_forms
from bot.web.money import money
from bot.web.notices import deliveries
from bot.web.oversight import board, burden, log, overdue
from bot.web.people import entrance, people
from bot.web.registers import cases, doubts, filings, ticks
from bot.web.replies import fill, paste
from bot.web.site import SitePage

PAGES: tuple[SitePage, ...] = (
    *entrance.PAGES,
    *desk.PAGES,
    *board.PAGES,
    *overdue.PAGES,
    *cases.PAGES,
    *filings.PAGES,
    *doubts.PAGES,
    *money.PAGES,
    *bank_forms.PAGES,
    *deliveries.PAGES,
    *burden.PAGES,
    *log.PAGES,
    *ticks.PAGES,
    *fill.PAGES,
    *paste.PAGES,
    *setup.PAGES,
    *townships.PAGES,
    *people.PAGES,
)
