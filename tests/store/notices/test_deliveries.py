"""Deliveries: each step is one row more, taken by one worker only, and the end of each is the truth
(law 5).
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, func, insert, select, text

from bot.domain.campaigns.campaign import CampaignKey, GroupKey, NoticeKind
from bot.domain.notices.delivery import Delivery, DeliveryState, ImpossibleStep
from bot.store import Session, Store
from bot.store.notices import deliveries, notices
from bot.store.notices.deliveries import Overtaken
from bot.store.notices.tables import DbDelivery, DbDeliveryEvent, DbOutbox
from tests.builders import at, day
from tests.store.facts import HOUSING, a_delivery, a_notice, all_at_once
from tests.store.notices.steps import (
    record_attempt,
    record_page,
    record_refused,
    record_retry,
    record_sent,
    record_unknown,
)
from tests.store.queries import effort

NOW = at("10-29 17:30")
LEASE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)


class OneRobot:
    """Every group is served by one robot."""

    def queue_of(self, campaign: object, group: object) -> str:
        return "robot"


def claim(
    session: Session, when: datetime = NOW, worker: str = "one", limit: int = 50
) -> list[Delivery]:
    return deliveries.claim_due(session, at=when, until=when + LEASE, worker=worker, limit=limit)


def attempted(session: Session, when: datetime = NOW) -> Delivery:
    (delivery,) = claim(session, when)
    return record_attempt(session, delivery, at=when, until=when + LEASE, page=1)


def test_a_notice_comes_with_one_delivery_for_each_group_and_only_once(store: Store) -> None:
    groups = [GroupKey("townships"), GroupKey("leaders")]
    with store.writing() as session:
        number = notices.add_notice(session, a_notice(), groups, not_before=NOW + MINUTE)
        assert notices.add_notice(session, a_notice(text="other"), groups, not_before=NOW) is None
        assert notices.add_notice(session, a_notice(edition=2), [], not_before=NOW) is not None
    with store.reading() as session:
        written = deliveries.deliveries(session, HOUSING)
        assert [(one.notice_number, one.group, one.state, one.not_before) for one in written] == [
            (number, group, DeliveryState.DUE, NOW + MINUTE) for group in groups
        ]
        found = notices.find_notice(session, HOUSING, a_notice().kind, day("10-29"))
        assert found is not None
        assert found[1].edition == 2
        assert notices.find_notice(session, HOUSING, a_notice().kind, day("10-30")) is None


def test_notices_are_read_on_from_a_number_by_kind_and_by_day(store: Store) -> None:
    with store.writing() as session:
        made = [
            notices.add_notice(
                session, a_notice(kind=kind, day=day(on), made_at=NOW + later), [], not_before=NOW
            )
            for kind, on, later in (
                (NoticeKind("call"), "10-29", 0 * MINUTE),
                (NoticeKind("fault"), "10-29", 0 * MINUTE),
                (NoticeKind("bulletin"), "10-29", 5 * MINUTE),
                (NoticeKind("bulletin"), "10-30", 5 * MINUTE),
            )
        ]
        notices.add_notice(session, a_notice(campaign=CampaignKey("another")), [], not_before=NOW)
    call, _, first, second = (number or 0 for number in made)
    told = (NoticeKind("call"), NoticeKind("bulletin"))
    with store.reading() as session:

        def read(after: int, minutes: int = 5, most: int = 9, **only: Any) -> list[int]:
            known_at = NOW + minutes * MINUTE
            found = notices.notices_page(
                session, HOUSING, after, known_at, most=most, **{"kinds": told, **only}
            )
            return [number for number, _ in found]

        assert read(0) == [call, first, second]
        assert read(0, most=2) == [call, first]
        assert read(call) == [first, second]
        assert read(0, minutes=4) == [call]
        assert read(0, day=day("10-29")) == [call, first]
        assert read(0, kinds=[NoticeKind("bulletin")]) == [first, second]


def test_nothing_is_claimed_before_its_hour(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        assert claim(session, NOW - MINUTE) == []
        assert [one.state for one in claim(session)] == [DeliveryState.CLAIMED]
        assert claim(session, worker="two") == []


def test_of_a_group_only_the_oldest_open_delivery_goes_and_no_group_waits_for_another(
    store: Store,
) -> None:
    with store.writing() as session:
        first, second = a_delivery(session, "10-28"), a_delivery(session, "10-29")
        other = a_delivery(session, "10-29", group="leaders", edition=2)
        taken = claim(session)
        assert [one.number for one in taken] == [first.number, other.number]
        begun = record_attempt(session, taken[0], at=NOW, until=NOW + LEASE, page=1)
        record_retry(
            session, begun, at=NOW, not_before=NOW + LEASE, code="45009", detail="too fast"
        )
        assert claim(session, NOW + MINUTE) == []
        (again,) = claim(session, NOW + LEASE)
        record_refused(session, again, at=NOW + LEASE, code="93000", detail="no such robot")
        assert [one.number for one in claim(session, NOW + LEASE)] == [second.number]


def test_no_more_are_claimed_than_asked_for(store: Store) -> None:
    with store.writing() as session:
        for group in "abc":
            notices.add_notice(
                session, a_notice(edition=ord(group)), [GroupKey(group)], not_before=NOW
            )
        assert len(claim(session, limit=2)) == 2
        assert len(claim(session, limit=2)) == 1


def test_a_message_of_two_pages_is_sent_when_both_are_confirmed(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        one = attempted(session)
        assert (one.state, one.attempts, one.page) == (DeliveryState.ATTEMPTED, 1, 0)
        one = record_page(session, one, at=NOW, until=NOW + LEASE)
        assert (one.state, one.attempts, one.page) == (DeliveryState.CLAIMED, 1, 1)
        one = record_attempt(session, one, at=NOW, until=NOW + LEASE, page=2)
        one = record_sent(session, one, at=NOW, detail="ok")
        assert (one.state, one.attempts, one.page, one.detail) == (DeliveryState.SENT, 2, 2, "ok")
    with store.reading() as session:
        assert deliveries.deliveries(session, HOUSING) == [one]
        events = deliveries.history(session, one.number)
        assert [event.state.value for event in events] == [
            "due",
            "claimed",
            "attempted",
            "claimed",
            "attempted",
            "sent",
        ]
        assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
        assert events[1].worker == events[5].worker == "one"
        assert session.scalars(select(DbOutbox)).all() == []


def test_a_retry_keeps_the_pages_confirmed(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        one = record_page(session, attempted(session), at=NOW, until=NOW + LEASE)
        one = record_attempt(session, one, at=NOW, until=NOW + LEASE, page=2)
        record_retry(session, one, at=NOW, not_before=NOW + MINUTE, code="45009", detail="too fast")
        (again,) = claim(session, NOW + MINUTE)
        assert (again.page, again.attempts) == (1, 2)


def test_a_lease_that_ran_out_makes_the_claimed_due_and_the_attempted_unknown(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        claim(session)
        assert deliveries.expire(session, NOW + MINUTE) == []
        assert claim(session, NOW + LEASE) == []
        assert deliveries.expire(session, NOW + LEASE) == []
        lost = attempted(session, NOW + LEASE)
        (unknown,) = deliveries.expire(session, NOW + 2 * LEASE)
        assert (unknown.number, unknown.state) == (lost.number, DeliveryState.UNKNOWN)
        assert deliveries.expire(session, NOW + 3 * LEASE) == []
        assert claim(session, NOW + 3 * LEASE) == []
        assert deliveries.counts(session, HOUSING) == {"unknown": 1}


def test_an_attempt_that_may_be_repeated_is_due_again(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        attempted(session)
        assert deliveries.expire(session, NOW + LEASE, repeatable=lambda _: True) == []
        assert [one.attempts for one in claim(session, NOW + LEASE)] == [1]


def test_whoever_lost_his_lease_may_not_send(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        (mine,) = claim(session)
        deliveries.expire(session, NOW + LEASE)
        claim(session, NOW + LEASE, worker="two")
        with pytest.raises(Overtaken):
            record_attempt(session, mine, at=NOW + LEASE, until=NOW + 2 * LEASE, page=1)


@pytest.mark.parametrize("state", ["sent", "refused", "unknown"])
def test_an_answer_that_comes_after_the_lease_is_still_the_truth(store: Store, state: str) -> None:
    with store.writing() as session:
        a_delivery(session)
        mine = attempted(session)
        deliveries.expire(session, NOW + LEASE)
        late = NOW + LEASE + MINUTE
        if state == "sent":
            told = record_sent(session, mine, at=late, detail="ok")
        elif state == "refused":
            told = record_refused(session, mine, at=late, code="1", detail="no")
        else:  # "try later" is no reason to send again what may have been repeated meanwhile
            told = record_retry(session, mine, at=late, not_before=late, code="1", detail="busy")
        assert told.state.value == state
        assert claim(session, late + LEASE) == []


def test_a_delivery_is_repeated_once_and_names_what_it_repeats(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        unknown = record_unknown(session, attempted(session), at=NOW, detail="no answer")
        number = deliveries.add_resend(session, unknown, at=NOW, not_before=NOW)
        assert number is not None
        assert deliveries.add_resend(session, unknown, at=NOW, not_before=NOW) is None
        (resend,) = claim(session)
        assert (resend.number, resend.resend_of, resend.page) == (number, unknown.number, 0)
        assert resend.notice_number == unknown.notice_number


def test_the_longest_waiting_delivery_is_known_until_all_is_at_its_end(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session, "10-28")
        a_delivery(session, "10-29", group="leaders")
        assert deliveries.oldest_due(session) == at("10-28 17:30")
        for delivery in claim(session):
            # It waits since it could first go, however often it was tried.
            record_retry(session, delivery, at=NOW, not_before=NOW + LEASE, code="1", detail="busy")
        assert deliveries.oldest_due(session) == at("10-28 17:30")
        for delivery in claim(session, NOW + LEASE):
            record_refused(session, delivery, at=NOW, code="1", detail="no")
        assert deliveries.oldest_due(session) is None


def test_what_is_held_through_the_quiet_hours_does_not_wait_yet(store: Store) -> None:
    with store.writing() as session:
        notices.add_notice(
            session, a_notice(), [GroupKey("townships")], not_before=at("10-30 08:00")
        )
        assert deliveries.oldest_due(session) == at("10-30 08:00")


def test_the_newest_deliveries_are_counted_by_campaign_and_state(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session, "10-27")
        a_delivery(session, "10-28", group="leaders")
        attempted_one, other = claim(session)
        record_attempt(session, attempted_one, at=NOW, until=NOW + LEASE, page=1)
        record_refused(session, other, at=NOW, code="1", detail="no")
        a_delivery(session, "10-29", group="supervisors")
        assert deliveries.counts_of_newest(session, 1000) == {
            HOUSING: {"attempted": 1, "refused": 1, "due": 1}
        }
        assert deliveries.counts_of_newest(session, 2) == {HOUSING: {"refused": 1, "due": 1}}


def test_of_many_workers_exactly_one_gets_a_delivery(store: Store) -> None:
    with store.writing() as session:
        number = a_delivery(session).number

    def work(place: int) -> list[int]:
        with store.writing() as session:
            return [one.number for one in claim(session, worker=str(place))]

    assert sorted(all_at_once(8, work)) == [[]] * 7 + [[number]]


def test_many_workers_take_everything_and_nothing_twice(store: Store) -> None:
    with store.writing() as session:
        groups = [GroupKey(f"group {place}") for place in range(40)]
        notices.add_notice(session, a_notice(), groups, not_before=NOW)

    def work(place: int) -> list[int]:
        taken: list[int] = []
        for _ in range(20):
            with store.writing() as session:
                taken += [one.number for one in claim(session, worker=str(place), limit=3)]
        return taken

    taken = [number for numbers in all_at_once(4, work) for number in numbers]
    assert len(taken) == len(set(taken)) == 40


def test_of_two_who_go_on_from_the_same_step_one_is_overtaken(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        (claimed,) = claim(session)

    def attempt(_: int) -> bool:
        try:
            with store.writing() as session:
                record_attempt(session, claimed, at=NOW, until=NOW + LEASE, page=1)
        except Overtaken:
            return False
        return True

    assert sorted(all_at_once(4, attempt)) == [False] * 3 + [True]


def test_an_answer_that_comes_while_its_lease_is_being_ended_waits_for_the_verdict(
    store: Store,
) -> None:
    with store.writing() as session:
        a_delivery(session)
        mine = attempted(session)
    told: list[DeliveryState] = []

    def answer() -> None:
        with store.writing() as session:
            told.append(record_sent(session, mine, at=NOW + LEASE, detail="ok").state)

    arrival = threading.Thread(target=answer)

    def answered_meanwhile(_: Delivery) -> bool:
        arrival.start()
        arrival.join(0.3)
        return False

    with store.writing() as session:
        (unknown,) = deliveries.expire(session, NOW + LEASE, repeatable=answered_meanwhile)
    arrival.join()
    assert (unknown.state, told) == (DeliveryState.UNKNOWN, [DeliveryState.SENT])


def test_no_delivery_of_a_group_is_seen_before_one_written_earlier(store: Store) -> None:
    with store.writing() as session:
        a_delivery(session)
        unknown = record_unknown(session, attempted(session), at=NOW, detail="no answer")

    def write_and_claim() -> list[int]:
        with store.writing() as session:
            a_delivery(session, "10-30")
        with store.writing() as session:
            return [one.number for one in claim(session, at("10-30 17:30"))]

    taken: list[int] = []
    later = threading.Thread(target=lambda: taken.extend(write_and_claim()))
    with store.writing() as session:
        resend = deliveries.add_resend(session, unknown, at=NOW, not_before=NOW)
        later.start()
        later.join(0.3)
    later.join()
    assert taken == [resend]


def test_a_clock_that_is_behind_lets_nothing_overtake_what_another_gave_back(store: Store) -> None:
    """The first was claimed and its worker died; whoever ended the lease has a clock some seconds
    ahead of the next to look.
    """
    with store.writing() as session:
        first, second = a_delivery(session, "10-28"), a_delivery(session, "10-29")
        assert [one.number for one in claim(session)] == [first.number]
        assert deliveries.expire(session, NOW + LEASE) == []
        assert claim(session, NOW + LEASE - timedelta(seconds=5)) == []
        assert [one.number for one in claim(session, NOW + LEASE)] == [first.number]
        assert second.number > first.number


def test_a_younger_delivery_is_not_taken_while_another_is_putting_the_older_into_the_queue(
    store: Store,
) -> None:
    """Two processes start at once, and the one whose clock is behind has the older one in hand
    without taking it up.
    """
    with store.writing() as session:
        older = notices.add_notice(session, a_notice(), [GroupKey("east")], not_before=NOW)
    taken: list[int] = []

    def look(session: Session, when: datetime) -> list[int]:
        deliveries.assign_robots(session, OneRobot(), anew=True)
        return [one.notice_number for one in claim(session, when)]

    def write_and_claim() -> None:
        with store.writing() as session:
            notices.add_notice(session, a_notice(edition=2), [GroupKey("east")], not_before=NOW)
        with store.writing() as session:
            taken.extend(look(session, NOW))

    later = threading.Thread(target=write_and_claim)
    with store.writing() as session:
        assert look(session, NOW - MINUTE) == []
        later.start()
        later.join(0.3)
    later.join()
    assert taken == [older]


def test_what_is_written_while_a_process_looks_does_not_pass_by_what_waits(store: Store) -> None:
    """The older stands in its robot's queue, to be tried again; the younger is written after robots
    were assigned.
    """

    with store.writing() as session:
        a_delivery(session)
        deliveries.assign_robots(session, OneRobot(), anew=True)
        attempt = attempted(session)
        record_retry(session, attempt, at=NOW, not_before=NOW + LEASE, code="-1", detail="busy")
    writing = threading.Thread(target=lambda: write())

    def write() -> None:
        with store.writing() as session:
            a_delivery(session, edition=2)

    def look(session: Session) -> list[Delivery]:
        return deliveries.claim_due(
            session, at=NOW + MINUTE, until=NOW + LEASE, worker="two", limit=9, queues=OneRobot()
        )

    with store.writing() as session:
        deliveries.assign_robots(session, OneRobot(), anew=False)
        writing.start()
        writing.join(0.3)  # SQLite has one writer: there it waits until we are through
        assert look(session) == []
    writing.join()
    with store.writing() as session:
        assert deliveries.assign_robots(session, OneRobot(), anew=False) == []
        assert look(session) == []


class Workers(RuleBasedStateMachine):
    """Workers doing everything a worker may do, in any order, to the deliveries of two groups."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.days = count(1)
        self.held: list[Delivery] = []
        self.transaction = ExitStack()
        self.session = self.transaction.enter_context(self.store.writing())

    def teardown(self) -> None:
        self.session.rollback()
        self.transaction.close()

    @rule(group=st.sampled_from(["townships", "leaders"]))
    def write(self, group: str) -> None:
        notice = a_notice(edition=next(self.days))
        notices.add_notice(self.session, notice, [GroupKey(group)], not_before=self.now)

    @rule(minutes=st.integers(0, 3))
    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(limit=st.integers(1, 3))
    def take(self, limit: int) -> None:
        self.held += claim(self.session, self.now, limit=limit)

    @rule(repeatable=st.booleans())
    def end_leases(self, repeatable: bool) -> None:
        for unknown in deliveries.expire(self.session, self.now, repeatable=lambda _: repeatable):
            deliveries.add_resend(self.session, unknown, at=self.now, not_before=self.now)

    @precondition(lambda self: self.held)
    @rule(
        place=st.integers(0, 9),
        step=st.sampled_from(["attempt", "page", "sent", "refused", "unknown", "retry"]),
    )
    def go_on(self, place: int, step: str) -> None:
        one, at, until = self.held.pop(place % len(self.held)), self.now, self.now + LEASE
        try:
            match step:
                case "attempt":
                    self.held.append(
                        record_attempt(self.session, one, at=at, until=until, page=one.page + 1)
                    )
                case "page":
                    self.held.append(record_page(self.session, one, at=at, until=until))
                case "sent":
                    record_sent(self.session, one, at=at, detail="ok")
                case "refused":
                    record_refused(self.session, one, at=at, code="1", detail="no")
                case "unknown":
                    record_unknown(self.session, one, at=at, detail="no answer")
                case "retry":
                    record_retry(
                        self.session, one, at=at, not_before=until, code="1", detail="busy"
                    )
        except Overtaken:
            pass
        # nothing is answered that was not attempted; then nothing is written
        except ImpossibleStep:
            self.held.append(one)

    @invariant()
    def the_outbox_is_what_follows_from_the_log(self) -> None:
        ended = (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.UNKNOWN)
        written = deliveries.deliveries(self.session, HOUSING)
        rows = self.session.execute(select(DbOutbox.delivery_id, DbOutbox.next_at)).all()
        assert dict(rows) == {
            one.number: one.not_before for one in written if one.state not in ended
        }

    @invariant()
    def of_a_group_one_is_under_way(self) -> None:
        under_way = [
            one.group
            for one in deliveries.deliveries(self.session, HOUSING)
            if one.state in (DeliveryState.CLAIMED, DeliveryState.ATTEMPTED)
        ]
        assert len(under_way) == len(set(under_way))


def test_whatever_workers_do_the_outbox_follows_from_the_log(store: Store) -> None:
    steps = settings(max_examples=15, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(type("OnThisStore", (Workers,), {"store": store}), settings=steps)


def test_a_claim_looks_at_what_is_open_and_not_at_what_is_done(store: Store) -> None:
    finished = 5_000
    with store.writing() as session:
        notice = notices.add_notice(session, a_notice(), [], not_before=NOW)
        session.execute(
            insert(DbDelivery),
            [
                {"notice_id": notice, "campaign": "done", "group_key": f"{place}"}
                for place in range(finished)
            ],
        )
        numbers = session.scalars(select(DbDelivery.id)).all()
        step = {
            "state": "sent",
            "at": NOW,
            "attempt": 1,
            "page": 1,
            "worker": "",
            "code": "",
            "detail": "",
        }
        session.execute(
            insert(DbDeliveryEvent),
            [{**step, "delivery_id": number, "seq": 1} for number in numbers],
        )
        for group in "abcde":
            a_delivery(
                session, "10-28", group=group, edition=ord(group), campaign=CampaignKey("open")
            )
    with store.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
        assert session.scalar(select(func.count()).select_from(DbDeliveryEvent)) == finished + 5
    for _ in range(5):
        with store.writing() as session, effort(session) as done:
            assert len(claim(session, limit=1)) == 1
            assert done() < finished / 10
    # a walk over what is done would have been seen
    with store.reading() as session, effort(session) as done:
        session.scalar(select(func.max(DbDeliveryEvent.detail)))
        assert done() > finished


def test_what_is_due_is_found_in_its_order_however_much_waits(tmp_path: Path) -> None:
    asked: list[tuple[str, Any]] = []
    store = Store(f"sqlite:///{tmp_path}/ledger.sqlite")
    store.upgrade()
    with store.writing() as session:
        a_delivery(session, "10-28")
        listened = session.get_bind()
        event.listen(
            listened,
            "before_cursor_execute",
            lambda _, __, said, given, *___: asked.append((said, given)),
        )
        deliveries.expire(session, NOW)
        deliveries.assign_robots(session, OneRobot(), anew=False)
        campaigns = [HOUSING]
        deliveries.claim_due(session, at=NOW, until=NOW, worker="one", limit=1, campaigns=campaigns)
        looks = [
            (said, given) for said, given in asked if said.startswith("SELECT") and "outbox" in said
        ]
        assert len(looks) == 3
        plans = [
            [
                str(step.detail)
                for step in session.connection().exec_driver_sql(
                    "EXPLAIN QUERY PLAN " + said, given
                )
            ]
            for said, given in looks
        ]
    store.close()
    assert [plan[0] for plan in plans] == [
        "SEARCH outbox USING INDEX ix_outbox_state_next_at_delivery_id (state=? AND next_at<?)",
        "SCAN outbox USING INDEX ix_outbox_unassigned",  # which holds nothing else
        "SEARCH outbox USING INDEX ix_outbox_state_next_at_delivery_id (state=? AND next_at<?)",
    ]
    assert not [step for step in plans[2] if "B-TREE" in step]
