"""Reads the tables people send: bytes in, typed cells with their places out. The one reader of all
files.

It knows files and tables only. What is wrong is a code with its facts (`cells.Unreadable`,
`values.Doubt`); the sentences stand in `config/wording/`. What parses a file runs in a process of
its own (`reading`).

1. `reading.read_workbook(content)` gives a `cells.Workbook`: its sheets (name, hidden), each with
   typed cells (`Kind.TEXT`, `NUMBER`, `DATE`, `FORMULA` without a stored value, `ERROR`), merged
   areas filled, hidden rows and columns marked. A cell knows its place: `cell.place` is "C4",
   `cell.sheet` its sheet.
2. `heads.Heads(words={"township": ("乡镇", "单位"), "amount": ("补助金额", "金额")},
   needed=("township",))` says which words may head which column. `also` names columns whose heads
   are no fixed words.
3. `tables.find_table(workbook, heads, sheet=None)` gives the `tables.Table`: `columns` (all of
   them, `key` None for one nobody asked for), `rows` (`row.number`, `row.cell("amount")`, an empty
   cell where there is none), `totals` apart from the rows, with the rows each adds up,
   `passed_over` rows with the reason, and `unread` sheets. It raises `Unreadable` ("no_head",
   "several_sheets", ...) where no one table is meant.
4. `values.number_in(cell)`, `values.day_in(cell, year=2021)`, `values.text_in(cell)` read a cell
   exactly or give a `values.Doubt` that says why not; `names.find_name(text, known)` finds a
   township, never the nearest.

    workbook = read_workbook(content)
    table = find_table(workbook, Heads(words=WORDS, needed=("code", "amount")))
    for row in table.rows:
        amount = number_in(row.cell("amount"))
        if isinstance(amount, Doubt):
            refuse(row.number, amount.code, amount.facts) # facts hold the cell's place and what
            stands there
"""
