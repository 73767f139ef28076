"""The rows of a file that were not taken, as a workbook with one more column that says why: mended
there and filed again.
"""

from __future__ import annotations

from bot.actions.registers.take import TakenFile
from bot.domain.registers.cells import plain_text
from bot.domain.registers.intake import RowOutcome
from config.wording import registers as wording
from config.workbook import table_workbook


def refused_workbook(taken: TakenFile) -> bytes | None:
    """The workbook, or None when every row was taken. It holds the file's own personal texts: it is
    made and never kept.
    """
    if taken.table is None:
        return None
    shut = {
        row
        for row, outcome in taken.taken.outcomes.items()
        if outcome in (RowOutcome.REFUSED, RowOutcome.WAITS)
    }
    shut |= {
        doubt.row
        for doubt in taken.taken.findings
        if doubt.row is not None and doubt.weight.refuses
    }
    if not shut:
        return None
    slots = list(taken.table.heads)
    reasons: dict[int, list[str]] = {}
    for doubt in taken.taken.findings:
        if doubt.row is not None:
            reasons.setdefault(doubt.row, []).append(wording.finding_at(doubt))
    rows = [
        [*(plain_text(row.cells.get(slot)) for slot in slots), "；".join(reasons.get(row.row, ()))]
        for row in taken.table.rows
        if row.row in shut
    ]
    head = [*(taken.table.heads[slot] for slot in slots), wording.put("reason")]
    return table_workbook(wording.put("refused_sheet"), head, rows)
