"""A file of a register with a row, a mark, a person and a key, for tests that need one of
everything.
"""

from __future__ import annotations

from bot.domain.campaigns.campaign import RegisterKey
from bot.domain.campaigns.register import Mouth
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import FileSubject
from bot.domain.registers.case import CaseCode, MarkSource
from bot.store import Session
from bot.store.decisions import decisions
from bot.store.registers import holders, marks
from tests.builders import at
from tests.store.facts import HOUSING

HOUSEHOLDS = RegisterKey("households")


def some_registers(session: Session) -> None:
    """Adds a row to every table of registers."""
    moment = at("10-15 09:00")
    decision = decisions.add_decision(
        session,
        campaign=HOUSING,
        by=Actor(name="陈"),
        kind=DecisionKind.FILED,
        subject=FileSubject(digest="1f"),
        facts={"file": "台账.xlsx"},
        at=moment,
    )
    _, rows = marks.add_filing(
        session,
        marks.NewFiling(
            campaign=HOUSING,
            register=HOUSEHOLDS,
            kind="roster",
            name="台账.xlsx",
            digest="1f",
            sheet="Sheet1",
            rows=1,
            as_of=None,
            filed_at=moment,
            version=1,
            settings="{}",
            findings="[]",
            decision=decision,
        ),
        [marks.NewRow(row=5, case="WG2021-01-001", text="云樟镇", outcome="new")],
    )
    mark = marks.MarkToAdd(
        case=CaseCode("WG2021-01-001"),
        what="township",
        value="云樟镇",
        day=None,
        mouth=Mouth.OFFICE,
        source=MarkSource(filing_row=rows[5]),
    )
    marks.add_marks(session, HOUSING, HOUSEHOLDS, [mark], version=1, at=moment)
    holder = holders.Holder(
        key="ab",
        kind="person",
        name_finger="n",
        identity_finger="i",
        tail="4732",
        shown="刘**",
        sealed="gAAA",
    )
    holders.add_holders(session, HOUSING, [holder], moment)
    holders.add_key(session, HOUSING, "gAAA", moment)
