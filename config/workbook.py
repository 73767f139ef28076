"""Writes a plain workbook: one sheet of texts, in which nothing is a formula and no number loses a
digit.
"""

from __future__ import annotations

import io
from collections.abc import Sequence


def table_workbook(sheet: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook with a head and these rows; every cell is text."""
    import xlsxwriter  # only whoever downloads it pays for it

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        bold, text = (
            book.add_format({"bold": True, "num_format": "@"}),
            book.add_format({"num_format": "@"}),
        )
        for column, name in enumerate(head):
            page.write_string(0, column, name, bold)
            page.set_column(column, column, max(10, min(40, 2 * len(name))), text)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell, text)
        page.freeze_panes(1, 0)
        if rows:
            page.ignore_errors({"number_stored_as_text": f"A1:XFD{len(rows) + 1}"})
    return file.getvalue()
