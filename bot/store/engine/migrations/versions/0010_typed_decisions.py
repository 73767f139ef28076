"""Decisions with types: the thing by kind and key, facts as JSON, the person's own words, and the login of who decided.

Until now `about` and `reason` were phrases ("day 2021-10-29", "report of 云樟镇", "arrived: 群里有") that every reader took apart
again. Here they are taken apart for the last time. Both columns stay as they were written.
"""

import json
import re
from collections.abc import Callable

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.engine.columns import AnyText

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AT_ONCE = 1000
"""Rows changed by one statement."""

COLUMNS = {"login": "''", "subject_kind": "''", "subject": "''", "facts": "'{}'", "words": "''"}

decisions = sa.table(
    "decisions",
    *(sa.column(name, sa.BigInteger()) for name in ("id",)),
    *(sa.column(name, AnyText()) for name in ("kind", "about", "reason", "subject_kind", "subject", "facts", "words")),
)
ties = sa.table(
    "ties",
    sa.column("decision_id", sa.BigInteger()),
    *(sa.column(name, AnyText()) for name in ("kind", "channel", "platform_id")),
)

NUMBERED = {
    "reply approved": "reply",
    "reply refused": "reply",
    "paste vouched": "reply",
    "import vouched": "reply",
    "figure withdrawn": "figure",
    "delivery retried": "delivery",
    "delivery dropped": "delivery",
    "delivery settled": "delivery",
    "set up": "version",
    "end": "version",
    "resume": "version",
    "list made": "batch",
    "list approved": "list",
}
OF_A_DAY = {
    "reminded now", "published early", "bulletin held", "bulletin released", "sentence set", "sentence withdrawn",
}  # fmt: skip
OF_A_GROUP = {"test sent", "robot on", "address set", "address taken away", "address sealed anew"}
OF_AN_ACCOUNT = {"account made", "account ended", "password changed", "role given", "role taken"}
OF_A_READER = {"reader let in", "reader ended"}
OF_WHAT_IS_OWED = {"overdue answered", "measure proposed", "measure approved", "measure declined"}
OF_A_FILE = {"filed"}
OF_MONEY = {"money filed"}
OF_A_CASE = {"account taken"}
OF_A_BANK_FORM = {"bank form written", "bank form ended"}
OF_THE_BOARD = {"board link made", "board links ended"}

DAY = r"(\d{4}-\d{2}-\d{2})"


def upgrade() -> None:
    for name, default in COLUMNS.items():
        op.add_column("decisions", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text(default)))
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    op.execute(
        "DROP TRIGGER decisions_refuses_update"
        if sqlite
        else "ALTER TABLE decisions DISABLE TRIGGER decisions_refuses_change"
    )
    _carry(connection)
    if sqlite:
        op.execute(
            "CREATE TRIGGER decisions_refuses_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT,"
            " 'decisions is append-only: add a row that corrects, never change or delete one'); END"
        )
    else:
        op.execute("ALTER TABLE decisions ENABLE TRIGGER decisions_refuses_change")
    op.create_index(
        op.f("ix_decisions_campaign_subject_kind_subject"),
        "decisions",
        ["campaign", "subject_kind", "subject"],
        unique=False,
    )


def _carry(connection: sa.Connection) -> None:
    tied = {row.decision_id: (row.channel, row.platform_id) for row in connection.execute(sa.select(ties))}
    rows = connection.execute(sa.select(decisions.c.id, decisions.c.kind, decisions.c.about, decisions.c.reason)).all()
    changed = decisions.update().where(decisions.c.id == sa.bindparam("of"))
    changed = changed.values({name: sa.bindparam(f"new_{name}") for name in COLUMNS if name != "login"})
    for first in range(0, len(rows), AT_ONCE):
        connection.execute(changed, [_row(row, tied) for row in rows[first : first + AT_ONCE]])


def _row(row: Any, tied: dict[int, tuple[str, str]]) -> dict[str, object]:
    kind, key = subject_of(row.kind, row.about, tied.get(row.id))
    facts, words = facts_of(row.kind, row.about, row.reason)
    return {
        "of": row.id,
        "new_subject_kind": kind,
        "new_subject": key,
        "new_facts": json.dumps(facts, ensure_ascii=False),
        "new_words": words,
    }


def subject_of(kind: str, about: str, tied: tuple[str, str] | None) -> tuple[str, str]:
    """What a decision was about: the kind of thing and its key. What cannot be read is "other", and stands as it was."""
    other = ("other", about)
    if kind in NUMBERED:
        of = NUMBERED[kind]
        found = re.fullmatch(rf"(?:campaign )?{of} (\d{{1,18}})", about)
        return (of, found[1]) if found else other
    if kind in OF_A_DAY:
        found = re.fullmatch(f"day {DAY}", about)
        return ("day", found[1]) if found else other
    if kind == "figure entered":
        found = re.fullmatch(f"(.*) {DAY}", about, re.DOTALL)
        return ("township_day", _key(*found.groups())) if found else other
    if kind in OF_WHAT_IS_OWED:
        found = re.fullmatch("(report|progress|movement|deadline) of (.*)", about, re.DOTALL)
        return ("owed", _key(*found.groups())) if found else other
    if kind in ("tie sender", "tie chat"):
        channel, _, number = about.partition(" ")
        return (kind.removeprefix("tie "), _key(*(tied or (channel, number))))
    for kinds, word, of in (
        (OF_A_GROUP, "group ", "group"),
        (OF_AN_ACCOUNT, "account ", "account"),
        (OF_A_READER, "account ", "reader"),
        (OF_A_FILE, "file ", "file"),
        (OF_A_CASE, "case ", "case"),
        (OF_A_BANK_FORM, "form ", "bank_form"),
    ):
        if kind in kinds:
            return (of, about.removeprefix(word)) if about.startswith(word) else other
    if kind in OF_MONEY and (found := re.fullmatch(r"(?:grants|list|return) (\w+)", about)):
        return ("file", found[1])
    return ("board", "") if kind in OF_THE_BOARD else other


def facts_of(kind: str, about: str, reason: str) -> tuple[dict[str, str | bool], str]:
    """The facts that lay in the reason, and the person's own words that are left."""
    if kind in OF_MONEY:
        return {"file": reason, "money": about.partition(" ")[0]}, ""
    taken = TAKEN.get(kind)
    return taken(reason) if taken else ({}, reason)


def _measure(reason: str) -> tuple[dict[str, str | bool], str]:
    measure, _, words = reason.partition("\n")
    return {"measure": measure}, words


def _settled(reason: str) -> tuple[dict[str, str | bool], str]:
    said, _, words = reason.partition(": ")
    return {"arrived": said == "arrived"}, words


def _made(reason: str) -> tuple[dict[str, str | bool], str]:
    name, _, role = reason.rpartition(" ")
    return {"name": name, "role": role}, ""


TAKEN: dict[str, Callable[[str], tuple[dict[str, str | bool], str]]] = {
    "measure proposed": _measure,
    "measure approved": _measure,
    "measure declined": _measure,
    "delivery settled": _settled,
    "tie sender": lambda reason: ({"nick": reason}, ""),
    "tie chat": lambda reason: ({"group": reason}, ""),
    "account made": _made,
    "role given": lambda reason: ({"role": reason}, ""),
    "account taken": lambda reason: ({"shown": reason}, ""),
    "list made": lambda reason: ({"name": reason}, ""),
    "list approved": lambda reason: ({"paper": reason}, ""),
    "filed": lambda reason: ({"file": reason}, ""),
    "paste vouched": lambda _: ({}, ""),
    "import vouched": lambda reason: ({"file": reason.removeprefix("imported from ")}, ""),
}


def _key(*parts: str) -> str:
    return json.dumps(parts, ensure_ascii=False)
