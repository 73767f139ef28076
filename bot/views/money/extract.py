"""The lines of money as a table for a township: what went through, and what came back, why, and
what to do. Nobody is named whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.campaigns.campaign import Campaign
from bot.domain.money.amounts import yuan
from bot.domain.money.ledger import LineState
from bot.store import Session
from bot.store.registers import holders
from bot.views.money.ledger import households_at, ledger_at
from config.wording import money as wording


@dataclass(frozen=True, kw_only=True)
class Extract:
    """A table of lines: its heads, and a row for each line."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def extract(
    session: Session,
    campaign: Campaign,
    at: datetime,
    *,
    township: str | None = None,
    batch: int | None = None,
    state: LineState | None = None,
) -> Extract:
    """The lines of a township, a batch and a state, as known at a moment; of all where one is not
    given. PaysNobody.

    A name has its first character and an account its last four, as everywhere outside the file for
    the bank.
    """
    ledger, households = ledger_at(session, campaign, at), households_at(session, campaign, at)
    shown = holders.shown(session, campaign.key)
    rows = []
    for line in ledger.lines:
        found, town = ledger.state(line), str(households.township(line.case))
        if (
            township not in (None, town)
            or batch not in (None, line.batch)
            or state not in (None, found)
        ):
            continue
        person, failure = households.persons.get(line.case), ledger.failure(line)
        through = ledger.standing(line)
        said = through[-1] if through else failure
        rows.append(
            (
                town,
                str(line.case),
                shown.get(str(person.key), "") if person else "",
                shown.get(str(line.account), ""),
                str(line.batch),
                str(line.attempt),
                yuan(line.amount),
                wording.word("states", found),
                said.day.isoformat() if said else "",
                failure.words if failure else "",
                wording.word("to_do", failure.to_do) if failure and failure.to_do else "",
            )
        )
    return Extract(heads=wording.extract_heads(), rows=tuple(sorted(rows)))
