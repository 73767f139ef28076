"""Carries deliveries to their end: claimed, attempted, and then what the platform itself said (law
5).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from queue import SimpleQueue

from bot import log
from bot.actions.notices.robots import catch_up, switch_off
from bot.channels.channel import Paced, RenderedPage
from bot.domain.campaigns.campaign import Campaign, CampaignKey, JobKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.jobs import traits_of
from bot.domain.notices.answer import Refused
from bot.domain.notices.codes import StepCode, stated
from bot.domain.notices.delivery import (
    LEASE,
    Delivery,
    DeliveryState,
    Step,
    answered,
    attempt,
    ended,
    given_back,
    nothing_left,
    pages_to_repeat,
)
from bot.domain.notices.notice import Notice
from bot.store import Session, Store
from bot.store.engine.group_commit import GroupCommit
from bot.store.notices import deliveries, notices
from bot.store.notices.deliveries import Overtaken
from bot.views.notices.messages import Robot, pages_of
from bot.views.notices.robots import Robots
from bot.views.notices.wording import NoticeWording
from config.wording.statements import english

ALONE = 8
"""How many are claimed at once by who has no threads to carry them side by side."""


class Deliverer:
    """Carries what is due of these campaigns: side by side across robots, one after another within
    each.

    With `threads` 1 everything happens in the thread that asks. `clock` is read afresh for every
    page.
    """

    def __init__(
        self,
        store: Store,
        campaigns: Mapping[CampaignKey, Enrolled],
        robots: Robots,
        wording: NoticeWording,
        *,
        jobs: Mapping[str, JobKind],
        clock: Callable[[], datetime],
        worker: str,
        threads: int = 1,
    ) -> None:
        self._store = store
        self._campaigns = campaigns
        self._robots = robots
        self._wording = wording
        self._jobs = jobs
        self._clock = clock
        self._worker = worker
        self._threads = threads
        self._ledger = GroupCommit(store, deliveries.record)
        self._assigned = False
        self._busy = 0  # threads with a delivery
        self._unwritten = 0  # ends left to be written
        # what whoever hands out wants to be told of
        self._awaited: Callable[[], bool] = lambda: False
        self._turn = threading.Condition()
        self._one_by_one = threading.Lock()

    def carry_due(self, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Carries everything due, also what becomes due meanwhile, until nothing is under way or
        `stop`; how many were taken up.
        """
        if self._threads == 1:
            taken = 0
            while not stop() and (claimed := self._claim(ALONE)):
                for delivery, notice in claimed:
                    laid = self._laid(delivery, notice)
                    if laid is not None:
                        self._carried(laid)
                taken += len(claimed)
            return taken
        queue: SimpleQueue[_Laid | None] = SimpleQueue()
        carriers: list[threading.Thread] = []
        try:
            return self._hand_out(queue, carriers, stop)
        finally:
            for _ in carriers:
                queue.put(None)
            for carrier in carriers:
                carrier.join()
            self._write_ends()

    def assign_anew(self) -> None:
        """Looks at the robot of everything that waits before the next claim: an address may be
        another since.
        """
        self._assigned = False

    def _hand_out(
        self,
        queue: SimpleQueue[_Laid | None],
        carriers: list[threading.Thread],
        stop: Callable[[], bool],
    ) -> int:
        """Claims, begins what a thread is free for, and waits; the one thread that does more than
        carry.

        What it does for many in one transaction each of them would else have to wait for.
        """
        taken = 0
        ready: deque[tuple[Delivery, Notice]] = deque()
        while True:
            self._wait(lambda: self._busy < self._threads or self._unwritten > 0)
            out = self._busy + self._unwritten
            if stop():
                if ready:
                    self._give_back(ready)
            elif len(ready) <= self._threads // 2:
                # Claimed ahead, so that no thread waits for a claim; but no more than are carried
                # within the lease.
                claimed = self._claim(self._threads)
                taken += len(claimed)
                ready.extend(claimed)
            if not ready:
                if not out:
                    return taken
                self._write_ends()
                self._wait_for_a_quarter_of(self._busy)
                continue
            free = min(self._threads - self._busy, len(ready))
            for laid in self._begun([ready.popleft() for _ in range(free)]):
                if len(carriers) < self._threads:
                    carrier = threading.Thread(
                        target=self._carry_from, args=(queue,), name="delivery"
                    )
                    carrier.start()
                    carriers.append(carrier)
                self._count(busy=1)
                queue.put(laid)

    def _give_back(self, ready: deque[tuple[Delivery, Notice]]) -> None:
        """What was only claimed is due again for whoever comes next, who need not wait for the end
        of our lease.
        """
        at = self._clock()
        self._ledger.record_all([given_back(delivery, at=at) for delivery, _ in ready])
        ready.clear()

    def _wait_for_a_quarter_of(self, busy: int) -> None:
        """What waits behind one of those out is due when that has ended; to look after each would
        be to look all the time.
        """
        most = busy - busy // 4 - 1
        while self._busy > most >= 0 and self._wait(
            lambda: self._busy <= most or self._unwritten > 0
        ):
            self._write_ends()

    def _wait(self, enough: Callable[[], bool]) -> bool:
        """Waits a second at most until it is enough; whether it is."""
        with self._turn:
            self._awaited = enough
            return self._turn.wait_for(enough, timeout=1)

    def _write_ends(self) -> None:
        """Writes the good ends that threads have left; without it they are written with the next
        attempts.
        """
        if self._unwritten:
            self._ledger.write_waiting()

    def _carry_from(self, queue: SimpleQueue[_Laid | None]) -> None:
        while (laid := queue.get()) is not None:
            try:
                self._carried(laid)
            except Exception:
                # Of a thread nobody hears; the lease runs out, and the ledger says what must be
                # done then.
                log.failure("delivery broken off", delivery=laid.delivery.number)
            finally:
                self._count(busy=-1)

    def _count(self, *, busy: int = 0, unwritten: int = 0) -> None:
        with self._turn:
            self._busy += busy
            self._unwritten += unwritten
            if self._awaited():
                self._turn.notify()

    def _claim(self, limit: int) -> list[tuple[Delivery, Notice]]:
        at = self._clock()
        with self._store.writing() as session:
            self._settle_expired(session, at)
        with self._store.writing() as session:
            freed = deliveries.assign_robots(session, self._robots, anew=not self._assigned)
            if freed:
                catch_up(session, self._campaign, freed, at)
            claimed = deliveries.claim_due(
                session,
                at=at,
                until=at + LEASE,
                worker=self._worker,
                limit=limit,
                campaigns=list(self._campaigns),
                queues=self._robots,
            )
            made = (
                notices.get_notices(session, {delivery.notice_number for delivery in claimed})
                if claimed
                else {}
            )
        self._assigned = True
        return [(delivery, made[delivery.notice_number]) for delivery in claimed]

    def _campaign(self, key: CampaignKey) -> Campaign | None:
        enrolled = self._campaigns.get(key)
        return None if enrolled is None else enrolled.campaign

    def _settle_expired(self, session: Session, at: datetime) -> None:
        """Ends the leases of processes that died: an attempt without an answer is *unknown*, and
        never quietly sent again.

        Where sending twice has one effect (a file of a fixed name) the attempt is simply made
        again.
        """
        for delivery in deliveries.expire(
            session, at, repeatable=lambda expired: self._repeatable(session, expired)
        ):
            notice = notices.get_notice(session, delivery.notice_number)
            log.trouble(
                "delivery of unknown end",
                delivery=delivery.number,
                group=delivery.group,
                kind=notice.kind,
            )
            self._resend_once(session, delivery, notice, at)

    def _repeatable(self, session: Session, delivery: Delivery) -> bool:
        robot = self._robots.of(
            notices.get_notice(session, delivery.notice_number).campaign, delivery.group
        )
        return robot is not None and robot.channel.repeatable

    def _laid(self, delivery: Delivery, notice: Notice) -> _Laid | None:
        """A claimed delivery with its robot and its pages; None when it came to its end here, or
        was never ours.
        """
        with _about(delivery, notice):
            try:
                robot = self._robots.of(notice.campaign, delivery.group)
                if robot is None:
                    told = stated(StepCode.NO_SUCH_GROUP)
                    self._take(ended(delivery, at=self._clock(), code="group", detail=told), notice)
                    return None
                pages = pages_of(robot, notice, self._wording, delivery)
                if delivery.page < len(pages):
                    return _Laid(delivery=delivery, notice=notice, robot=robot, pages=pages)
                # They were more when it was begun.
                self._written(nothing_left(delivery, at=self._clock()), notice)
            except Overtaken:
                _overtaken(delivery)
        return None

    def _begun(self, claimed: Sequence[tuple[Delivery, Notice]]) -> list[_Laid]:
        """Those of the claimed that are to be sent, the attempt of each written down, all in one
        transaction.

        A thread is free for each: nothing is attempted while it waits, for after a crash nobody
        could say whether it was seen.
        """
        laid = []
        for delivery, notice in claimed:
            try:
                laid.append(self._laid(delivery, notice))
            except Exception:
                log.failure("delivery broken off", delivery=delivery.number)
        due = [one for one in laid if one is not None]
        at = self._clock()
        begun = []
        for one, told in zip(
            due, self._ledger.record_all([one.attempt(at) for one in due]), strict=True
        ):
            if isinstance(told, Delivery):
                begun.append(replace(one, delivery=told))
            else:
                with _about(one.delivery, one.notice):
                    _overtaken(one.delivery)
        return begun

    def _carried(self, laid: _Laid) -> None:
        with _about(laid.delivery, laid.notice):
            try:
                self._carry(laid)
            except Overtaken:
                _overtaken(laid.delivery)

    def _carry(self, laid: _Laid) -> None:
        """Sends the pages of one claimed delivery that are not done with, each attempt written down
        before it leaves.

        A page refused or without an answer does not hold up those behind it; the end tells which
        were not confirmed. When the robot's pace leaves no room for the next page, the delivery is
        due again when there is.
        """
        robot, notice = laid.robot, laid.notice
        for page in laid.pages[laid.delivery.page :]:
            at = self._clock()
            if laid.delivery.state is not DeliveryState.ATTEMPTED:
                laid = replace(laid, delivery=self._ledger.record(laid.attempt(at)))
            answer = robot.channel.send(page, robot.address, delivery=laid.delivery.number, at=at)
            step = answered(laid.delivery, answer, at=self._clock())
            if isinstance(answer, Refused) and answer.robot_dead:
                self._hold_and_switch_off(step, notice, answer)
                return
            stands = self._take(step, notice)
            if stands is None or stands.state is not DeliveryState.CLAIMED:
                return
            laid = replace(laid, delivery=stands)

    def _take(self, step: Step, notice: Notice) -> Delivery | None:
        """Writes a step down and logs it; the delivery as it stands then, None where its good end
        is left to be written.
        """
        if step.state is DeliveryState.SENT and self._threads > 1:
            self._leave_to_be_written(step, notice)
            return None
        stands = self._written(step, notice)
        _log(step, stands, notice)
        return stands

    def _leave_to_be_written(self, step: Step, notice: Notice) -> None:
        """A good end needs nobody to wait for its commit. Until then it is under way for everyone,
        and out for whoever hands out.
        """
        self._count(unwritten=1)

        def written(outcome: Callable[[], Delivery]) -> None:
            facts = {"delivery": step.delivery.number, "kind": notice.kind, "page": step.page}
            with _about(step.delivery, notice):
                try:
                    log.event(f"delivery {outcome().state}", **facts)
                except Overtaken:
                    log.trouble("delivery taken on by somebody else", **facts)
                except Exception:
                    log.failure("delivery broken off", **facts)
                finally:
                    self._count(unwritten=-1)

        self._ledger.post(step, written)

    def _resend_once(
        self, session: Session, delivery: Delivery, notice: Notice, at: datetime
    ) -> None:
        """A bulletin of unknown end is sent once more, marked 【重发】, the pages of unknown end
        alone.

        A resend of unknown end is not: the clerk decides.
        """
        if traits_of(self._jobs, notice.kind).resent_when_unknown and delivery.resend_of is None:
            pages = pages_to_repeat(delivery, by_itself=True)
            deliveries.add_resend(session, delivery, at=at, not_before=at, only=pages)

    def _written(self, step: Step, notice: Notice) -> Delivery:
        if step.state is not DeliveryState.UNKNOWN:
            return self._ledger.record(step)
        with self._by_itself() as session:
            stands = deliveries.record_one(session, step)
            self._resend_once(session, stands, notice, step.at)
        return stands

    @contextmanager
    def _by_itself(self) -> Iterator[Session]:
        """A transaction of one thread; the others wait. When a platform is away all of them want
        one, and a server has few to give.
        """
        with self._one_by_one, self._store.writing() as session:
            yield session

    def _hold_and_switch_off(self, step: Step, notice: Notice, answer: Refused) -> None:
        """Nothing passes a robot that is gone: the page waits with all the others, and the campaign
        is told.
        """
        with self._by_itself() as session:
            deliveries.record_one(session, step)
            enrolled = self._campaigns[notice.campaign]
            switch_off(
                session, enrolled, step.delivery, answer, self._wording, self._robots, step.at
            )


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """A claimed delivery with where it goes and its pages."""

    delivery: Delivery
    notice: Notice
    robot: Robot
    pages: Sequence[RenderedPage]

    def attempt(self, at: datetime) -> Step:
        """The step that its next page is about to leave."""
        channel = self.robot.channel
        pace = channel.pace if isinstance(channel, Paced) else None
        page = self.delivery.page + 1
        return attempt(
            self.delivery, at=at, until=at + LEASE, page=page, of=len(self.pages), pace=pace
        )


def _about(delivery: Delivery, notice: Notice) -> AbstractContextManager[None]:
    return log.about(campaign=notice.campaign, group=delivery.group, day=notice.day)


def _overtaken(delivery: Delivery) -> None:
    # Its lease was over before its turn came; whoever took it on says how it ended.
    log.trouble("delivery taken on by somebody else", delivery=delivery.number)


def _log(step: Step, stands: Delivery, notice: Notice) -> None:
    """A step as the log has it: what went well is an event, what a person may have to look at is
    trouble.
    """
    new = stands.faults[len(step.delivery.faults) :]
    facts = {"delivery": stands.number, "kind": notice.kind}
    if new:
        fault = new[-1]
        page = {} if stands.state is DeliveryState.REFUSED else {"page": fault.page}
        log.trouble(
            f"delivery {stands.state}",
            **facts,
            **page,
            code=fault.code,
            detail=english(fault.detail),
        )
    elif stands.state is DeliveryState.DUE and step.code:
        log.event("delivery put off", delivery=stands.number, code=step.code, until=step.until)
    elif stands.state is not DeliveryState.CLAIMED:
        log.event(f"delivery {stands.state}", **facts, page=stands.page)
