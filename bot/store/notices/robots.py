"""Robots: how fast each is being spoken to, and whether it is switched on. A robot is known by a
fingerprint, never by its address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Executable, bindparam, func, select

from bot.domain.campaigns.campaign import CampaignKey, GroupKey
from bot.domain.notices.notice import Pace
from bot.store import Session
from bot.store.engine.tables import Db, insert_or_change
from bot.store.notices.tables import DbRobot, DbRobotSwitch

_ROBOTS = Db.metadata.tables["robots"]


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A robot switched off by its platform's word, or on again by a person; `campaign` and `group`
    are where it was noticed.
    """

    robot: str
    live: bool
    campaign: CampaignKey
    group: GroupKey
    person: str
    reason: str
    switched_at: datetime


def switch(session: Session, turned: Switch) -> None:
    """Switches a robot; whoever asks from now on finds it so."""
    session.add(
        DbRobotSwitch(
            robot=turned.robot,
            live=turned.live,
            campaign=turned.campaign,
            group_key=turned.group,
            person=turned.person,
            reason=turned.reason,
            switched_at=turned.switched_at,
        )
    )
    session.flush()


def last_switches(session: Session) -> dict[str, Switch]:
    """Of every robot that was ever switched, the last switch."""
    rows = session.scalars(select(DbRobotSwitch).where(DbRobotSwitch.id.in_(_LAST)))
    return {row.robot: _switch(row) for row in rows}


def _switch(row: DbRobotSwitch) -> Switch:
    return Switch(
        robot=row.robot,
        live=row.live,
        campaign=CampaignKey(row.campaign),
        group=GroupKey(row.group_key),
        person=row.person,
        reason=row.reason,
        switched_at=row.switched_at,
    )


def switched_off_before(
    session: Session, campaign: CampaignKey, most: int, *, at: datetime, below: int
) -> list[tuple[int, Switch]]:
    """The newest `most` times a robot was switched off where this campaign noticed it, with their
    numbers, newest first.

    Those before `at`, or at that moment with a number below `below`.
    """
    rows = session.scalars(
        select(DbRobotSwitch)
        .where(
            DbRobotSwitch.campaign == campaign,
            ~DbRobotSwitch.live,
            (DbRobotSwitch.switched_at < at)
            | ((DbRobotSwitch.switched_at == at) & (DbRobotSwitch.id < below)),
        )
        .order_by(DbRobotSwitch.switched_at.desc(), DbRobotSwitch.id.desc())
        .limit(most)
    )
    return [(row.id, _switch(row)) for row in rows]


def switched_off_robots(session: Session) -> set[str]:
    """The robots that nothing may be sent to."""
    return set(session.scalars(_OFF))


_LAST = select(func.max(DbRobotSwitch.id)).group_by(DbRobotSwitch.robot)
_OFF = select(DbRobotSwitch.robot).where(DbRobotSwitch.id.in_(_LAST), ~DbRobotSwitch.live)


def take_up_pace(
    session: Session, requests: Sequence[tuple[str, datetime, Pace | None, datetime | None]]
) -> dict[str, datetime]:
    """Counts requests (robot, moment, its pace, until when the platform wants silence) and says
    when each robot is free again.

    One row per robot, changed in the transaction that keeps the attempt: so the pace holds over
    restarts and for as many processes as there are. A minute counted from our side may be shorter
    on theirs, hence paces a little below the limit.
    """
    if not requests:
        return {}
    names = sorted({robot for robot, *_ in requests})
    rows = session.connection().execute(_PACES, {"names": names})
    known = {robot: (paced_to, free_at) for robot, paced_to, free_at in rows}
    for robot, at, pace, silent_until in requests:
        paced_to, free_at = known.get(robot, (at, at))
        if pace is not None:
            paced_to, next_free = pace.after(paced_to, at)
            free_at = max(free_at, next_free)
        if silent_until is not None:
            free_at = max(free_at, silent_until)
        known[robot] = (paced_to, free_at)
    _keep_pace(session, [(robot, *known[robot]) for robot in names])
    return {robot: known[robot][1] for robot in names}


_PACES = (
    select(_ROBOTS.c.robot, _ROBOTS.c.paced_to, _ROBOTS.c.free_at)
    .where(_ROBOTS.c.robot.in_(bindparam("names", expanding=True)))
    .with_for_update()
)


def _keep_pace(session: Session, kept: Sequence[tuple[str, datetime, datetime]]) -> None:
    connection = session.connection()
    rows = [
        {"robot": robot, "paced_to": paced_to, "free_at": free_at}
        for robot, paced_to, free_at in kept
    ]
    connection.execute(_kept_pace(connection.dialect.name), rows)


@cache
def _kept_pace(engine: str) -> Executable:
    return insert_or_change(engine, DbRobot, by="robot", changed=("paced_to", "free_at"))


def silent_until(session: Session) -> dict[str, datetime]:
    """Of every robot that was ever paced, when it may be spoken to again."""
    return dict(session.execute(select(DbRobot.robot, DbRobot.free_at)).all())


def free_again(session: Session, robot: str, at: datetime) -> None:
    """Forgets what silence a robot was told to keep: a person has switched it on."""
    _keep_pace(session, [(robot, at, at)])


def fingerprint(address: str) -> str:
    """What a robot is known by in the ledger and the log: the same for every group and campaign
    that has its address.

    An address is a password, long and random, and cannot be found again from this.
    """
    return hashlib.sha256(b"diaodu robot: " + address.strip().encode()).hexdigest()[:32]
