"""Steps of deliveries as statements: what was said of them in English is kept as a code with its facts.

Until now the sentence itself was kept, and every page found its Chinese by matching it against 38 regular expressions. Here they
are matched for the last time. `detail` stays as it was written; a platform's own words stay text.
"""

import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.engine.columns import AnyText

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

AT_ONCE = 1000
"""Rows changed by one statement."""

EXAMPLE = "smtps://user@mail.example.org?from=bot@example.org&to=a@example.org,b@example.org"

SENTENCES = {
    "the lease ran out": "lease_ended",
    "no answer before the lease ran out": "no_answer_in_lease",
    "the campaign has no such group any more": "no_such_group",
    "nothing is left of it": "nothing_left",
    "its robot is switched on again": "robot_on_again",
    "its day is over": "day_over",
    "a newer notice of its kind goes in its place": "newer_goes",
    "given back by a process that stops": "given_back",
    "turned away by the gate": "turned_away",
    "the terminal is closed": "terminal_closed",
    "the file was taken without a media_id": "no_media_id",
    "the picture was taken without an image_key": "no_image_key",
    "no app is set that could hand the picture over": "no_app",
    "no token came back": "no_token_came",
    "the mail server offers no TLS, or no way to log in": "mail_no_tls",
    "no address is set for this group's robot; set it and try again": "address_none",
    "no address is set for this group's mail; set it and try again": "address_no_mail",
    "the address is a robot of another platform; correct the group's platform or its address": "address_other_platform",
    "the address is the API of another platform": "address_other_api",
    "the address is not that of a group robot; copy it from the robot's settings again": "address_no_robot",
    "the address is a robot of a chat platform; correct the group's platform": "address_chat_robot",
    "the address has characters that no robot's address has; copy it from the group again": "address_characters",
    "the address is not whole; paste the whole address of the robot, beginning with https://": "address_not_whole",
    "the address cannot be read as one; copy it from the group again": "address_unread",
    "the address names a user before the host; copy it from the group again": "address_names_user",
    "the address must begin with https://": "address_not_https",
    "the address leads to a host or port that is not allowed; see the list of platform hosts": "address_not_allowed",
    "the secret must be a token without blanks, or a header such as X-Token: abc": "address_bad_token",
    "the address or its password has characters that a mail server does not take": "mail_characters",
    "the password does not belong into the address; set it as the group's secret": "mail_password",
}
"""Sentences without facts."""

PATTERNS = [
    (re.compile(pattern, re.DOTALL), code)
    for pattern, code in (
        (r"dropped by (?P<by>.*?): (?P<reason>.*)", "dropped_by"),
        (r"arrived, says (?P<by>.*?): (?P<reason>.*)", "arrived_says"),
        (r"did not arrive, says (?P<by>.*?): (?P<reason>.*)", "not_arrived_says"),
        (r"given up after (?P<tries>\d+) tries: (?P<told>.*)", "given_up"),
        (r"(?P<taken>\d+) of (?P<of>\d+) parts were taken, then: (?P<told>.*)", "parts_taken"),
        (r"as text; card or markup refused (?P<number>.*)", "as_text"),
        (r"as parts; too long as one (?P<number>.*)", "as_parts"),
        (r"the platform was not reached \((?P<error>\w+)\)", "not_reached"),
        (r"the mail server was not reached \((?P<error>\w+)\)", "mail_not_reached"),
        (r"the request left and no answer came back \((?P<error>\w+)\)", "no_answer"),
        (r"the letter left and the mail server said nothing \((?P<error>\w+)\)", "mail_no_answer"),
        (r"HTTP (?P<status>\d+): too many requests", "too_many_requests"),
        (r"HTTP (?P<status>\d+) instead of the platform's answer", "not_the_platform"),
        (r"HTTP (?P<status>\d+) without the platform's own code", "no_number"),
        (r"HTTP (?P<status>\d+): the request came too slowly", "too_slow"),
        (r"HTTP (?P<status>\d+): more than (?P<most>\d+) bytes came back", "answer_too_long"),
        (r"HTTP (?P<status>\d+): the answer did not end in time", "answer_unended"),
        (r"HTTP (?P<status>\d+)", "status"),
        (r"the file could not be written: (?P<reason>.*)", "file_unwritten"),
        (r"the file was not handed over: (?P<told>.*)", "not_handed_over"),
        (r"no token: (?P<told>.*)", "no_token"),
        (r"the terminal did not take it all \((?P<error>\w+)\)", "terminal_part"),
        (r"(?P<refused>\d+) of (?P<of>\d+) people refused by the mail server", "mail_people_refused"),
        (r"the mail server said (?P<number>\d+): user or password refused", "mail_login_refused"),
        (r"the mail server said (?P<number>\d+)", "mail_said"),
        (rf"the address cannot be read as one; write it as (?P<example>{re.escape(EXAMPLE)})", "mail_unread"),
        (rf"the address must begin with smtps:// or smtp://; write it as (?P<example>{re.escape(EXAMPLE)})", "mail_not_smtp"),
        (
            "the address must name the people in to= and, unless the user is one, the sender in from=:"
            rf" (?P<example>{re.escape(EXAMPLE)})",
            "mail_no_people",
        ),
    )
]
"""Sentences with facts. `told` is told in its turn; everything else is a number, or what somebody else wrote."""

PAGE = re.compile(r"page (\d+) of (\d+) (refused|unknown): (.*?)(?:; (page \d+ of \d+ (?:refused|unknown): .*))?", re.DOTALL)
NUMBERED = re.compile(r"(\S+) (.+)", re.DOTALL)
WHOLE = {"tries", "taken", "of", "status", "most", "refused"}

events = sa.table(
    "delivery_events",
    sa.column("delivery_id", sa.BigInteger()),
    sa.column("seq", sa.BigInteger()),
    *(sa.column(name, AnyText()) for name in ("detail", "faults", "said")),
)


def upgrade() -> None:
    op.add_column("delivery_events", sa.Column("said", sa.Text(), nullable=False, server_default=sa.text("''")))
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    op.execute(
        "DROP TRIGGER delivery_events_refuses_update"
        if sqlite
        else "ALTER TABLE delivery_events DISABLE TRIGGER delivery_events_refuses_change"
    )
    _carry(connection)
    if sqlite:
        op.execute(
            "CREATE TRIGGER delivery_events_refuses_update BEFORE UPDATE ON delivery_events BEGIN SELECT RAISE(ABORT,"
            " 'delivery_events is append-only: add a row that corrects, never change or delete one'); END"
        )
    else:
        op.execute("ALTER TABLE delivery_events ENABLE TRIGGER delivery_events_refuses_change")


def _carry(connection: sa.Connection) -> None:
    wanted = sa.select(events).where((events.c.detail != "") | (events.c.faults != ""))
    rows = [row for row in map(_row, connection.execute(wanted).all()) if row is not None]
    changed = events.update().where(events.c.delivery_id == sa.bindparam("of"), events.c.seq == sa.bindparam("at"))
    changed = changed.values(said=sa.bindparam("new_said"), faults=sa.bindparam("new_faults"))
    for first in range(0, len(rows), AT_ONCE):
        connection.execute(changed, rows[first : first + AT_ONCE])


def _row(row: Any) -> dict[str, object] | None:
    said = statement_of(row.detail)
    faults = [_fault(fault) for fault in (json.loads(row.faults) if row.faults else ())]
    if isinstance(said, str) and not any("was" in fault for fault in faults):
        return None
    return {
        "of": row.delivery_id,
        "at": row.seq,
        "new_said": "" if isinstance(said, str) else json.dumps(said, ensure_ascii=False),
        "new_faults": json.dumps(faults, ensure_ascii=False) if faults else "",
    }


def _fault(fault: dict[str, Any]) -> dict[str, Any]:
    """A page's fault with a statement for its detail; the sentence stays under `was`."""
    said = statement_of(fault["detail"])
    return fault if isinstance(said, str) else {**fault, "detail": said, "was": fault["detail"]}


def statement_of(detail: str) -> object:
    """The statement that an English sentence of ours is, as JSON; any other text as it is."""
    if detail in SENTENCES:
        return {"code": SENTENCES[detail], "facts": {}}
    if PAGE.fullmatch(detail):
        pages = _pages(detail)
        return pages[0] if len(pages) == 1 else {"code": "pages", "facts": {"pages": pages}}
    for pattern, code in PATTERNS:
        if found := pattern.fullmatch(detail):
            return {"code": code, "facts": _facts(code, found.groupdict())}
    return detail


def _pages(detail: str | None) -> list[object]:
    pages: list[object] = []
    while detail and (found := PAGE.fullmatch(detail)):
        page, of, state, told, detail = found.groups()
        facts = {"page": int(page), "of": int(of), "told": statement_of(told)}
        pages.append({"code": f"page_{state}", "facts": facts})
    return pages


def _facts(code: str, groups: dict[str, str]) -> dict[str, object]:
    facts: dict[str, object] = {}
    for name, text in groups.items():
        if name in WHOLE or (name == "number" and code in ("mail_said", "mail_login_refused")):
            facts[name] = int(text)
        elif name != "told":
            facts["told" if code == "file_unwritten" else name] = text
        else:
            facts[name] = _then(text) if code == "parts_taken" else statement_of(text)
    return facts


def _then(text: str) -> object:
    """What came after the parts that were taken: a sentence, or a platform's number and its words."""
    said = statement_of(text)
    if isinstance(said, str) and (found := NUMBERED.fullmatch(text)):
        told = statement_of(found[2])
        if not isinstance(told, str):
            return {"code": "numbered", "facts": {"number": found[1], "told": told}}
    return said
