"""Versions, replies, readings, closings, runs and decisions: what is added once stays, and is found
again.
"""

from __future__ import annotations

from sqlalchemy import select

from bot.domain.campaigns.campaign import CampaignKey
from bot.domain.campaigns.workdays import Closing
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.decisions.subjects import DeliverySubject
from bot.store import Store, lock_campaign
from bot.store.campaigns import contacts, versions
from bot.store.campaigns.tables import DbContact
from bot.store.day import closings, runs
from bot.store.decisions import decisions
from bot.store.decisions.tables import DbDecision
from bot.store.replies import readings, replies
from tests.builders import at, day, rural_housing_2021
from tests.store.facts import HOUSING, a_reply, all_at_once

OTHER = CampaignKey("toilets-2022")


def test_a_campaign_never_loaded_has_no_version(store: Store) -> None:
    with store.reading() as session:
        assert versions.latest_version(session, HOUSING) is None
        assert versions.first_loaded_at(session, HOUSING) is None


def test_only_changed_content_is_a_new_version(store: Store) -> None:
    with store.writing() as session:
        numbers = [
            versions.record_version(session, HOUSING, content, at(f"10-{date} 08:00"))
            for date, content in ((15, "a"), (16, "a"), (17, "b\x00"), (18, "a"))
        ]
        other = versions.record_version(session, OTHER, "a", at("10-19 08:00"))
    assert (numbers, other) == ([1, 1, 2, 3], 1)
    with store.reading() as session:
        assert versions.latest_version(session, HOUSING) == 3
        assert versions.version_content(session, HOUSING, 2) == "b\x00"
        assert versions.first_loaded_at(session, HOUSING) == at("10-15 08:00")


def test_two_processes_that_load_the_same_file_record_one_version(store: Store) -> None:
    def load(_: int) -> int:
        with store.writing() as session:
            return versions.record_version(session, HOUSING, "a", at("10-15 08:00"))

    assert all_at_once(6, load) == [1] * 6


def test_contacts_are_kept_for_each_version(store: Store) -> None:
    campaign = rural_housing_2021()
    with store.writing() as session:
        for content in ("a", "b"):
            version = versions.record_version(session, HOUSING, content, at("10-15 08:00"))
            contacts.record_contacts(session, campaign, version)
    with store.reading() as session:
        rows = session.scalars(select(DbContact).where(DbContact.version == 2)).all()
        assert [(row.township, row.nick) for row in rows] == [
            (township.name, contact.nick)
            for township in campaign.townships
            for contact in township.contacts
        ]


def test_a_message_delivered_again_is_the_one_that_came_first(store: Store) -> None:
    with store.writing() as session:
        first = a_reply(session, "m1")
        again, is_new = replies.add_reply(
            session,
            campaign=HOUSING,
            channel="dingtalk",
            message_id="m1",
            sender="someone else",
            text="changed",
            sent_at=at("10-30 09:00"),
            arrived_at=at("10-30 09:00"),
        )
        assert not is_new
        assert again == first
        other = a_reply(session, "m1", channel="wecom")
    with store.reading() as session:
        assert replies.replies(session, HOUSING) == [first, other]
        assert replies.replies(session, OTHER) == []


def test_of_many_who_bring_one_message_exactly_one_finds_it_new(store: Store) -> None:
    def bring(place: int) -> bool:
        with store.writing() as session:
            return replies.add_reply(
                session,
                campaign=HOUSING,
                channel="dingtalk",
                message_id="m1",
                sender="石桥镇张三",
                text=str(place),
                sent_at=at("10-29 11:59"),
                arrived_at=at("10-29 12:00"),
            )[1]

    assert sorted(all_at_once(8, bring)) == [False] * 7 + [True]


def test_a_reply_is_unread_until_it_has_a_reading(store: Store) -> None:
    with store.writing() as session:
        first, second, third = (a_reply(session, number) for number in "321")
        asked = [
            {"text": "竣工几户\ud83d", "why": "unclear", "question": "请问？", "township": None}
        ]
        readings.add_reading(
            session,
            reply_number=second.number,
            version=1,
            reader_version=2,
            outcome="ask",
            day=day("10-29"),
            late=True,
            asked=asked,
            echo="收到",
            read_at=at("10-29 17:10"),
        )
    with store.reading() as session:
        assert replies.unread_replies(session, HOUSING) == [first, third]
        assert readings.find_reading(session, first.number) is None
        reading = readings.find_reading(session, second.number)
        assert reading == readings.StoredReading(
            reply_number=second.number,
            outcome="ask",
            day=day("10-29"),
            late=True,
            asked=tuple(asked),
            echo="收到",
            read_at=at("10-29 17:10"),
        )
        assert readings.readings(session, HOUSING) == [(second, reading)]
        assert readings.outcome_counts(session, HOUSING) == {"ask": 1}
        assert readings.outcome_counts(session, OTHER) == {}


def test_only_one_of_two_who_look_behind_the_lock_reads_a_reply(store: Store) -> None:
    with store.writing() as session:
        reply = a_reply(session, "1")

    def read(_: int) -> bool:
        with store.writing() as session:
            lock_campaign(session, HOUSING)
            if readings.find_reading(session, reply.number) is not None:
                return False
            readings.add_reading(
                session,
                reply_number=reply.number,
                version=1,
                reader_version=1,
                outcome="none",
                day=None,
                late=False,
                asked=[],
                echo="",
                read_at=at("10-29 12:00"),
            )
            return True

    assert sorted(all_at_once(6, read)) == [False] * 5 + [True]


def test_a_day_is_closed_once(store: Store) -> None:
    first = Closing(day=day("10-29"), planned=at("10-29 17:30"), closed_at=at("10-29 17:31"))
    with store.writing() as session:
        assert (
            closings.add_closing(
                session, HOUSING, first.day, planned=first.planned, closed_at=first.closed_at
            )
            == first
        )
    with store.writing() as session:
        again = closings.add_closing(
            session, HOUSING, first.day, planned=first.planned, closed_at=at("10-29 19:10")
        )
        assert again == first
    with store.reading() as session:
        assert closings.closings(session, HOUSING) == {first.day: first}
        assert closings.closings(session, OTHER) == {}


def test_of_many_who_claim_an_hour_exactly_one_gets_it(store: Store) -> None:
    def claim(_: int) -> bool:
        with store.writing() as session:
            return runs.claim_run(
                session,
                HOUSING,
                "bulletin",
                at("10-29 17:30"),
                ran_at=at("10-29 17:30"),
                late=False,
            )

    assert sorted(all_at_once(8, claim)) == [False] * 7 + [True]


def test_an_hour_claimed_in_a_transaction_that_failed_is_free_again(store: Store) -> None:
    def fails() -> None:
        with store.writing() as session:
            assert runs.claim_run(
                session, HOUSING, "call", at("10-29 08:30"), ran_at=at("10-29 08:30"), late=False
            )
            raise KeyError

    for _ in range(2):
        try:
            fails()
        except KeyError:
            continue
    with store.reading() as session:
        assert not runs.was_done(session, HOUSING, "call", at("10-29 08:30"))


def test_hours_done_are_found_between_two_moments_and_the_last_of_each_job(store: Store) -> None:
    with store.writing() as session:
        for moment in ("10-28 08:30", "10-29 08:30", "10-30 08:30"):
            runs.claim_run(session, HOUSING, "call", at(moment), ran_at=at(moment), late=False)
        runs.claim_run(
            session, OTHER, "call", at("10-29 08:30"), ran_at=at("10-29 09:30"), late=True
        )
    with store.reading() as session:
        assert runs.runs_done(session, HOUSING, at("10-28 09:00"), at("10-30 08:30")) == {
            ("call", at("10-29 08:30")),
            ("call", at("10-30 08:30")),
        }
        since = at("10-29 08:30")
        assert runs.last_runs(session, HOUSING, ["call"], since) == {
            "call": (at("10-30 08:30"), at("10-30 08:30"))
        }
        assert runs.last_runs(session, OTHER, ["call", "remind"], since) == {
            "call": (since, at("10-29 09:30"))
        }
        assert runs.last_runs(session, OTHER, ["call"], at("10-29 08:31")) == {}
        assert runs.was_done(session, OTHER, "call", since)


def test_a_decision_is_kept_with_its_person_and_reason(store: Store) -> None:
    with store.writing() as session:
        number = decisions.add_decision(
            session,
            campaign=HOUSING,
            by=Actor(name="李四", login="lisi"),
            kind=DecisionKind.DELIVERY_SETTLED,
            subject=DeliverySubject(number=3),
            facts={"arrived": False},
            reason="漏报",
            at=at("10-29 18:00"),
        )
    with store.reading() as session:
        row = session.get_one(DbDecision, number)
        assert (row.person, row.login, row.kind, row.words) == (
            "李四",
            "lisi",
            "delivery settled",
            "漏报",
        )
        assert (row.subject_kind, row.subject, row.facts) == ("delivery", "3", '{"arrived": false}')
        assert row.decided_at == at("10-29 18:00")
        (kept,) = decisions.decisions(session, HOUSING, about=DeliverySubject(number=3))
        assert (kept.by, kept.kind, kept.facts) == (
            Actor(name="李四", login="lisi"),
            DecisionKind.DELIVERY_SETTLED,
            {"arrived": False},
        )
