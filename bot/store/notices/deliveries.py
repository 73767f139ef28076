"""Deliveries: every step of one notice to one group. The next step is the next row, so of two who
try one gets nothing (law 5).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import (
    Row,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Session, aliased

from bot.domain.campaigns.campaign import CampaignKey, GroupKey
from bot.domain.notices.delivery import (
    UNDER_WAY,
    Delivery,
    DeliveryState,
    PageFault,
    Step,
    claimed,
    follow,
    lease_ended,
    told_late,
)
from bot.domain.statement import Words, as_json, from_json
from bot.store.engine.columns import MomentColumn
from bot.store.engine.store import lock_campaign, lock_queues
from bot.store.engine.tables import Db, insert_if_new
from bot.store.notices.robots import switched_off_robots, take_up_pace
from bot.store.notices.tables import UNASSIGNED, DbDelivery, DbDeliveryEvent, DbOutbox, DbRobot

_OUTBOX = Db.metadata.tables["outbox"]
_EVENTS = Db.metadata.tables["delivery_events"]
_UNDER_WAY = tuple(sorted(state.value for state in UNDER_WAY))


class Queues(Protocol):
    """Who knows in whose queue a group's deliveries stand."""

    def queue_of(self, campaign: CampaignKey, group: GroupKey) -> str | None:
        """The queue of a group: its robot's fingerprint, or its own if it has no address; None for
        a group not ours to judge.
        """
        ...


class Overtaken(Exception):
    """Somebody else has taken the delivery over since: the lease ran out. Whoever gets this must
    not send it.
    """


@dataclass(frozen=True, kw_only=True)
class DeliveryEvent:
    """One thing that happened to a delivery; `attempt` and `page` count attempts made and pages
    done with up to it.
    """

    seq: int
    state: DeliveryState
    at: datetime
    attempt: int
    page: int
    until: datetime | None
    worker: str
    code: str
    detail: Words


def add_delivery(  # noqa: PLR0913
    session: Session,
    *,
    notice: int,
    campaign: CampaignKey,
    group: GroupKey,
    at: datetime,
    not_before: datetime,
    resend_of: int | None = None,
    marked: bool = True,
    only: Sequence[int] = (),
) -> int | None:
    """Writes a delivery that is due from `not_before` on; its number, or None if this very one
    exists already.

    Of a repetition: whether it says so, and which pages it repeats (all if none is named).
    Deliveries of a group go out in the order of their numbers: hold `lock_campaign`, or a lower one
    may be seen later.
    """
    number = session.scalar(
        insert_if_new(session, DbDelivery)
        .values(
            notice_id=notice,
            campaign=campaign,
            group_key=group,
            resend_of=resend_of,
            marked=marked,
            pages=",".join(map(str, only)),
        )
        .returning(DbDelivery.id)
    )
    if number is None:
        return None
    session.add(
        DbDeliveryEvent(
            delivery_id=number,
            seq=1,
            state=DeliveryState.DUE.value,
            at=at,
            attempt=0,
            page=0,
            until=not_before,
            worker="",
            code="",
            detail="",
            tries=0,
            pages=0,
            faults="",
            late=False,
            said="",
        )
    )
    session.add(
        DbOutbox(
            delivery_id=number,
            campaign=campaign,
            group_key=group,
            next_at=not_before,
            robot=own_queue(campaign, group),
            state=DeliveryState.DUE.value,
            seq=1,
            begun=False,
        )
    )
    session.flush()
    return int(number)


def own_queue(campaign: CampaignKey, group: GroupKey) -> str:
    """The queue of a group as long as nobody has said which robot serves it, or when none has an
    address.
    """
    return f"{campaign}/{group}"


def assign_robots(session: Session, queues: Queues, *, anew: bool) -> list[Delivery]:
    """Puts what waits into the queue of its group's robot; what waits for a group whose robot was
    switched off is returned.

    `anew` looks at everything open, for addresses may have changed since; else at what nobody has
    assigned yet. `queues` says None for a group that is not ours to judge. What is under way keeps
    its queue until it is due again.
    """
    lock_queues(session)
    moved: list[dict[str, Any]] = []
    left: dict[str, set[tuple[str, str]]] = {}
    for number, campaign, group, robot in session.connection().execute(
        _WAITING if anew else _UNASSIGNED
    ):
        assigned = queues.queue_of(CampaignKey(campaign), GroupKey(group))
        if assigned is not None and assigned != robot:
            moved.append({"number": number, "new_robot": assigned})
            left.setdefault(robot, set()).add((campaign, group))
    if not moved:
        return []
    session.connection().execute(_OTHER_QUEUE, moved)
    freed = set().union(*(left[robot] for robot in left.keys() & switched_off_robots(session)))
    if not freed:
        return []
    groups = tuple_(DbOutbox.campaign, DbOutbox.group_key).in_(freed)
    return waiting(session, session.scalars(select(DbOutbox.delivery_id).where(groups)).all())


def claim_due(
    session: Session,
    *,
    at: datetime,
    until: datetime,
    worker: str,
    limit: int,
    campaigns: Collection[CampaignKey] | None = None,
    queues: Queues | None = None,
) -> list[Delivery]:
    """Takes up to `limit` deliveries for this worker until `until`: of each robot the oldest one
    begun or due at `at`.

    Nothing of a robot that is being spoken to, must be silent or is switched off. What was ever
    taken up goes before anything younger, also by a clock that is behind the one that gave it back;
    what only waits for its hour holds up nobody (law 6). What was written since `assign_robots` and
    is not yet where `queues` says stays for the next look: its elders stand there.
    """
    lock_queues(session)
    off = switched_off_robots(session)
    due = (
        _DUE
        if campaigns is None
        else _DUE.where(DbOutbox.campaign.in_(bindparam("campaigns", expanding=True)))
    )
    asked = {"at": at, "most": limit, "off": sorted(off), "campaigns": sorted(campaigns or ())}
    found = [
        _delivery(row, row.robot)
        for row in session.connection().execute(due, asked).all()
        if row.robot != own_queue(row.campaign, row.group_key)
        or queues is None
        or queues.queue_of(row.campaign, row.group_key) in (None, row.robot)
    ]
    taken = [claimed(delivery, at=at, until=until, worker=worker) for delivery in found]
    _append(session, taken)
    return taken


def record(session: Session, steps: Sequence[Step]) -> list[Delivery | Overtaken]:
    """Appends what happened to deliveries their callers hold, each as it then stands, or why it may
    not go on.

    An answer that comes after the lease ran out is still the truth about an *unknown* one: sent and
    refused stand over it, and a mere "try later" leaves it unknown, for it may have been repeated
    meanwhile. What goes on side by side shares the longest of its leases, as the outbox is brought
    in step for all of it at once.
    """
    leases = [step.until for step in steps if step.until is not None and step.state in UNDER_WAY]
    lease = max(leases, default=None)
    numbers = [step.delivery.number for step in steps]
    # The rows of the outbox first, as a claim and the end of a lease take them: in another order
    # two would wait for each other.
    held = dict(session.connection().execute(_HELD, {"numbers": numbers}).all())
    late = [  # written there, if it may be
        None if held.get(step.delivery.number) == step.delivery.seq else _late(session, step)
        for step in steps
    ]
    free_at = take_up_pace(
        session,
        [
            (step.delivery.robot, step.at, step.pace, step.hold_until)
            for step, told in zip(steps, late, strict=True)
            if (step.pace or step.hold_until) and not isinstance(told, Overtaken)
        ],
    )
    on_time = [
        follow(
            step.delivery,
            step,
            until=lease if step.state in UNDER_WAY else step.until,
            free_at=free_at.get(step.delivery.robot),
        )
        for step, told in zip(steps, late, strict=True)
        if told is None
    ]
    _append(session, on_time)
    written = iter(on_time)
    return [next(written) if told is None else told for told in late]


def record_one(session: Session, step: Step) -> Delivery:
    """`record` of a single step; raises Overtaken."""
    (told,) = record(session, [step])
    if isinstance(told, Overtaken):
        raise told
    return told


def _late(session: Session, step: Step) -> Delivery | Overtaken:
    """What an answer comes to after its lease ran out."""
    stands = _delivery(
        session.execute(_latest().where(DbDelivery.id == step.delivery.number)).one(), ""
    )
    after = told_late(stands, step)
    if after is None:
        return Overtaken(
            f"delivery {stands.number} is {stands.state} since {stands.last_at}, not ours any more"
        )
    if session.scalar(
        insert_if_new(session, DbDeliveryEvent)
        .values(event_of(after))
        .returning(DbDeliveryEvent.delivery_id)
    ):
        return after
    return Overtaken(
        f"delivery {stands.number} was taken over by somebody else at this very moment"
    )


def expire(
    session: Session, at: datetime, *, repeatable: Callable[[Delivery], bool] = lambda _: False
) -> list[Delivery]:
    """Ends the leases that ran out by `at`, and returns the deliveries that thereby became
    *unknown*.

    A page attempted and never answered is unknown, unless it is `repeatable`; the pages behind it
    still go out. What was only claimed is due again. They come campaign by campaign, so that two
    who repeat them lock the campaigns in one order and never each other.
    """
    unknown = []
    for row in session.connection().execute(_OVER, {"at": at}).all():
        delivery = _delivery(row, row.robot)
        attempted = delivery.state is DeliveryState.ATTEMPTED
        step = lease_ended(delivery, at=at, repeatable=attempted and repeatable(delivery))
        after = follow(delivery, step, until=step.until)
        _append(session, [after])
        if after.state is DeliveryState.UNKNOWN:
            unknown.append(after)
    return unknown


def add_resend(
    session: Session,
    delivery: Delivery,
    *,
    at: datetime,
    not_before: datetime,
    marked: bool = True,
    only: Sequence[int] = (),
) -> int | None:
    """Writes one repetition of a delivery, due from `not_before` on; its number, or None if it has
    been repeated already.
    """
    row = session.get_one(DbDelivery, delivery.number)
    lock_campaign(session, row.campaign)
    return add_delivery(
        session,
        notice=row.notice_id,
        campaign=CampaignKey(row.campaign),
        group=GroupKey(row.group_key),
        at=at,
        not_before=not_before,
        resend_of=row.id,
        marked=marked,
        only=only,
    )


def deliveries(session: Session, campaign: CampaignKey) -> list[Delivery]:
    """Every delivery of a campaign as it stands, in the order they were written."""
    rows = session.execute(_latest().where(DbDelivery.campaign == campaign).order_by(DbDelivery.id))
    return [_delivery(row, "") for row in rows]


def of_notices(session: Session, notices: Collection[int]) -> list[Delivery]:
    """Every delivery of these notices as it stands, repetitions too, each with its robot while it
    is open.
    """
    robot = (
        select(DbOutbox.robot)
        .where(DbOutbox.delivery_id == DbDelivery.id)
        .scalar_subquery()
        .label("robot")
    )
    rows = session.execute(
        _latest()
        .add_columns(robot)
        .where(DbDelivery.notice_id.in_(notices))
        .order_by(DbDelivery.id)
    )
    return [_delivery(row, row.robot or "") for row in rows]


def get_deliveries(session: Session, numbers: Collection[int]) -> dict[int, Delivery]:
    """Those of these deliveries that there are, as they stand, by number."""
    rows = session.execute(_latest().where(DbDelivery.id.in_(numbers))) if numbers else ()
    return {row.id: _delivery(row, "") for row in rows}


def get_delivery(session: Session, number: int) -> tuple[CampaignKey, Delivery] | None:
    """A delivery as it stands, with its campaign; None if there is none of that number."""
    found = session.execute(_latest().where(DbDelivery.id == number)).one_or_none()
    if found is None:
        return None
    robot = session.scalar(select(DbOutbox.robot).where(DbOutbox.delivery_id == number))
    return CampaignKey(found.campaign), _delivery(found, robot or "")


def repetition_of(session: Session, number: int) -> int | None:
    """The number of the delivery that repeats this one."""
    return session.scalar(select(DbDelivery.id).where(DbDelivery.resend_of == number))


def waiting(session: Session, numbers: Iterable[int]) -> list[Delivery]:
    """Those of these deliveries that wait to be taken up, oldest first."""
    rows = _open().where(
        DbOutbox.delivery_id.in_(list(numbers)), DbOutbox.state == DeliveryState.DUE.value
    )
    return [
        _delivery(row, row.robot)
        for row in session.execute(rows.order_by(DbOutbox.delivery_id)).all()
    ]


def waiting_for(session: Session, robot: str) -> list[Delivery]:
    """What stands in the queue of a robot and is not under way, oldest first."""
    return waiting(
        session, session.scalars(select(DbOutbox.delivery_id).where(DbOutbox.robot == robot)).all()
    )


def not_sent(session: Session, campaign: CampaignKey) -> list[Delivery]:
    """What is not sent: open, refused or unknown, oldest first; without what has been repeated
    since or was dropped.
    """
    open_ones = _open().where(DbOutbox.campaign == campaign)
    again = aliased(DbDelivery)
    repeated = exists().where(again.resend_of == DbDelivery.id)
    failed = _failed(campaign).where(
        ~repeated,
        DbDeliveryEvent.state.in_([DeliveryState.REFUSED.value, DeliveryState.UNKNOWN.value]),
    )
    found = [_delivery(row, row.robot) for row in session.execute(open_ones).all()]
    found += [_delivery(row, "") for row in session.execute(failed).all()]
    return sorted(found, key=lambda delivery: delivery.number)


def history(session: Session, number: int) -> list[DeliveryEvent]:
    """Everything that happened to one delivery, first to last."""
    rows = session.scalars(
        select(DbDeliveryEvent)
        .where(DbDeliveryEvent.delivery_id == number)
        .order_by(DbDeliveryEvent.seq)
    )
    return [
        DeliveryEvent(
            seq=row.seq,
            state=DeliveryState(row.state),
            at=row.at,
            attempt=row.attempt,
            page=row.page,
            until=row.until,
            worker=row.worker,
            code=row.code,
            detail=_said(row.said, row.detail),
        )
        for row in rows
    ]


def counts(session: Session, campaign: CampaignKey) -> dict[str, int]:
    """How many deliveries of a campaign stand in each state; a state nothing stands in is left out.

    Only what is open or failed is looked at; everything else was sent.
    """
    open_ones = (
        select(DbOutbox.state, func.count())
        .where(DbOutbox.campaign == campaign)
        .group_by(DbOutbox.state)
    )
    failed = (
        _failed(campaign)
        .with_only_columns(DbDeliveryEvent.state, func.count())
        .group_by(DbDeliveryEvent.state)
    )
    states = dict(session.execute(open_ones).all()) | dict(session.execute(failed).all())
    written = (
        session.scalar(
            select(func.count()).select_from(DbDelivery).where(DbDelivery.campaign == campaign)
        )
        or 0
    )
    sent = written - sum(states.values())
    return states | {DeliveryState.SENT.value: sent} if sent else states


def counts_of_newest(session: Session, most: int) -> dict[CampaignKey, dict[str, int]]:
    """Of the newest `most` deliveries of all campaigns, how many stand in each state: by campaign,
    then by state.
    """
    newest = session.scalar(select(func.max(DbDelivery.id))) or 0
    last = (
        _latest()
        .where(DbDelivery.id > newest - most)
        .with_only_columns(DbDelivery.campaign, DbDeliveryEvent.state)
    )
    found = last.subquery()
    counted: dict[CampaignKey, dict[str, int]] = {}
    for campaign, state, count in session.execute(
        select(found.c.campaign, found.c.state, func.count()).group_by(
            found.c.campaign, found.c.state
        )
    ):
        counted.setdefault(CampaignKey(campaign), {})[state] = count
    return counted


def oldest_due(session: Session) -> datetime | None:
    """Since when the longest waiting delivery not at its end could have gone out; None when
    everything is at its end.

    The quiet hours a notice was held through are no waiting.
    """
    return session.scalar(
        select(DbDeliveryEvent.until)
        .join(DbOutbox, DbOutbox.delivery_id == DbDeliveryEvent.delivery_id)
        .where(DbDeliveryEvent.seq == 1)
        .order_by(DbDeliveryEvent.until)
        .limit(1)
    )


_STANDS = (
    DbDelivery.id,
    DbDelivery.notice_id,
    DbDelivery.campaign,
    DbDelivery.group_key,
    DbDelivery.resend_of,
    DbDelivery.marked,
    DbDelivery.pages.label("only"),
    *(column for column in _EVENTS.c if column.name != "delivery_id"),
)
"""What a delivery as it stands is read from; rows and not objects, for they are read by the
thousand.
"""


def _open() -> Select[*tuple[Any, ...]]:
    """What is not at its end, each with the last thing that happened to it and the robot whose
    queue it stands in.
    """
    return (
        select(*_STANDS, DbOutbox.robot)
        .select_from(DbDelivery)
        .join(DbOutbox, DbOutbox.delivery_id == DbDelivery.id)
        .join(
            DbDeliveryEvent,
            (DbDeliveryEvent.delivery_id == DbOutbox.delivery_id)
            & (DbDeliveryEvent.seq == DbOutbox.seq),
        )
    )


def _failed(campaign: CampaignKey) -> Select[*tuple[Any, ...]]:
    """What ended otherwise than sent, found by the index that holds only such ends."""
    later = aliased(DbDeliveryEvent)
    return (
        select(*_STANDS)
        .select_from(DbDeliveryEvent)
        .join(DbDelivery, DbDelivery.id == DbDeliveryEvent.delivery_id)
        .where(
            DbDeliveryEvent.state.in_(
                [
                    DeliveryState.REFUSED.value,
                    DeliveryState.UNKNOWN.value,
                    DeliveryState.DROPPED.value,
                ]
            ),
            DbDelivery.campaign == campaign,
            ~exists().where(
                later.delivery_id == DbDeliveryEvent.delivery_id,
                later.seq == DbDeliveryEvent.seq + 1,
            ),
        )
    )


def _latest() -> Select[*tuple[Any, ...]]:
    """Deliveries, each with the last thing that happened to it."""
    event = aliased(DbDeliveryEvent)
    last = (
        select(func.max(event.seq))
        .where(event.delivery_id == DbDelivery.id)
        .correlate(DbDelivery)
        .scalar_subquery()
    )
    return (
        select(*_STANDS)
        .select_from(DbDelivery)
        .join(
            DbDeliveryEvent,
            (DbDeliveryEvent.delivery_id == DbDelivery.id) & (DbDeliveryEvent.seq == last),
        )
    )


def _append(session: Session, stands: Sequence[Delivery]) -> None:
    """Inserts the last event of each and brings the outbox in step; the caller holds its row of the
    outbox.
    """
    if not stands:
        return
    connection = session.connection()
    connection.execute(_EVENT, [event_of(one) for one in stands])
    ended = [one.number for one in stands if one.not_before is None]
    if ended:
        connection.execute(_OUT_OF_OUTBOX, {"numbers": ended})
    alike: dict[tuple[DeliveryState, datetime, bool], list[int]] = {}
    for one in stands:
        if one.not_before is not None:
            alike.setdefault((one.state, one.not_before, bool(one.worker)), []).append(one.number)
    for (state, next_at, begun), numbers in alike.items():
        step = {
            "numbers": numbers,
            "new_state": state.value,
            "new_next_at": next_at,
            "new_begun": begun,
        }
        connection.execute(_OUTBOX_IN_STEP, step)


def _due() -> Select[*tuple[Any, ...]]:
    at = bindparam("at", type_=MomentColumn)
    other = aliased(DbOutbox)
    behind = exists().where(
        other.robot == DbOutbox.robot,
        other.delivery_id != DbOutbox.delivery_id,
        or_(
            other.state != DeliveryState.DUE.value,
            (other.delivery_id < DbOutbox.delivery_id) & (other.begun | (other.next_at <= at)),
        ),
    )
    silent = exists().where(DbRobot.robot == DbOutbox.robot, DbRobot.free_at > at)
    return (
        _open()
        .where(DbOutbox.next_at <= at, DbOutbox.state == DeliveryState.DUE.value, ~behind, ~silent)
        .where(DbOutbox.robot.not_in(bindparam("off", expanding=True)))
        .order_by(DbOutbox.next_at, DbOutbox.delivery_id)
        .limit(bindparam("most"))
        .with_for_update(of=DbOutbox, skip_locked=True)
    )


# Made once: to put a statement together takes longer than to carry it out.
_DUE = _due()
_OVER = (
    _open()
    .where(DbOutbox.next_at <= bindparam("at", type_=MomentColumn), DbOutbox.state.in_(_UNDER_WAY))
    .order_by(DbOutbox.campaign, DbOutbox.delivery_id)
    .with_for_update(of=DbOutbox, skip_locked=True)
)
_QUEUED = (
    select(_OUTBOX.c.delivery_id, _OUTBOX.c.campaign, _OUTBOX.c.group_key, _OUTBOX.c.robot)
    .order_by(_OUTBOX.c.delivery_id)
    .with_for_update()
)
_WAITING = _QUEUED.where(_OUTBOX.c.state == DeliveryState.DUE.value)
_UNASSIGNED = _QUEUED.where(
    text(UNASSIGNED), _OUTBOX.c.state.not_in(_UNDER_WAY)
)  # an index of states would tempt SQLite away
_OTHER_QUEUE = (
    update(_OUTBOX)
    .where(_OUTBOX.c.delivery_id == bindparam("number"))
    .values(robot=bindparam("new_robot"))
)
_HELD = (
    select(_OUTBOX.c.delivery_id, _OUTBOX.c.seq)
    .where(_OUTBOX.c.delivery_id.in_(bindparam("numbers", expanding=True)))
    .order_by(_OUTBOX.c.delivery_id)
    .with_for_update()
)
_EVENT = insert(_EVENTS)
_OUT_OF_OUTBOX = delete(_OUTBOX).where(
    _OUTBOX.c.delivery_id.in_(bindparam("numbers", expanding=True))
)
_OUTBOX_IN_STEP = (
    update(_OUTBOX)
    .where(_OUTBOX.c.delivery_id.in_(bindparam("numbers", expanding=True)))
    .values(
        state=bindparam("new_state"),
        seq=_OUTBOX.c.seq + 1,
        next_at=bindparam("new_next_at"),
        begun=bindparam("new_begun"),
    )
)


def event_of(one: Delivery) -> dict[str, Any]:
    """The row of the log that says how a delivery stands."""
    return {
        "delivery_id": one.number,
        "seq": one.seq,
        "state": one.state.value,
        "at": one.last_at,
        "attempt": one.attempts,
        "page": one.page,
        "until": one.not_before,
        "worker": one.worker,
        "code": one.code,
        "detail": one.detail if isinstance(one.detail, str) else "",
        "said": "" if isinstance(one.detail, str) else _json(as_json(one.detail)),
        "tries": one.tries,
        "pages": one.of,
        "faults": _json([_fault(fault) for fault in one.faults]) if one.faults else "",
        "late": one.late,
    }


def _fault(fault: PageFault) -> dict[str, object]:
    return {
        "page": fault.page,
        "state": fault.state.value,
        "code": fault.code,
        "detail": as_json(fault.detail),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _said(said: str, detail: str) -> Words:
    """What was said of a step: our own words as a statement, else what was kept as it came."""
    return from_json(json.loads(said)) if said else detail


def _delivery(row: Row[*tuple[Any, ...]], robot: str) -> Delivery:
    faults = [
        PageFault(
            page=fault["page"],
            state=DeliveryState(fault["state"]),
            code=fault["code"],
            detail=from_json(fault["detail"]),
        )
        for fault in (json.loads(row.faults) if row.faults else ())
    ]
    return Delivery(
        number=row.id,
        notice_number=row.notice_id,
        group=GroupKey(row.group_key),
        resend_of=row.resend_of,
        marked=row.resend_of is not None and row.marked,
        only=tuple(map(int, row.only.split(","))) if row.only else (),
        robot=robot,
        worker=row.worker,
        state=DeliveryState(row.state),
        seq=row.seq,
        attempts=row.attempt,
        tries=row.tries,
        page=row.page,
        of=row.pages,
        faults=tuple(faults),
        late=row.late,
        last_at=row.at,
        not_before=row.until,
        code=row.code,
        detail=_said(row.said, row.detail),
    )
