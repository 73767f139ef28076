"""How much each contact was told on each day: counted where it arrived or may have, against the
ceilings of the code.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.actions.people.tie import tie_chat, tie_sender
from bot.app import App
from bot.domain.campaigns.campaign import GroupKey, NoticeKind, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.notices.answer import NoAnswer, Refused
from bot.domain.notices.delivery import DeliveryState, Step
from bot.domain.notices.notice import MOST_ANSWERS, Mention
from bot.store import Store
from bot.store.notices import deliveries, notices
from bot.views.oversight.burden import Burden, ContactDay, MessageCount, burden
from tests.actions.day.test_day import pass_until, say
from tests.actions.replies.test_hear import CHAT, Ear
from tests.builders import at, day, rural_housing_2021
from tests.store.facts import a_notice
from tests.store.notices.steps import record_attempt
from tests.store.queries import counted


def seen(app: App, enrolled: Enrolled, last: str, span: int = 2) -> Burden:
    with app.store.reading() as session:
        return burden(session, enrolled.campaign, day(last), span)


def of(told: Burden, nick: str) -> tuple[MessageCount, ...]:
    (row,) = (row for row in told.contacts if row.nick == nick)
    return row.days


def test_the_reminder_counts_for_those_it_names_and_the_group_apart(
    app: App, enrolled: Enrolled
) -> None:
    say(app, enrolled, "10-15 10:00", "汀前街道-朱", "汀前街道已开工2户，已竣工1户")
    pass_until(app, enrolled, "10-15 08:30")
    pass_until(app, enrolled, "10-15 16:00")
    pass_until(app, enrolled, "10-15 17:45")
    told = seen(app, enrolled, "10-15")
    assert told.days == (day("10-14"), day("10-15"))
    assert of(told, "云樟镇-钟") == (MessageCount(), MessageCount(reminders=1))
    assert of(told, "汀前街道-朱") == (MessageCount(), MessageCount())
    ((name, (before, today)),) = told.groups
    assert (name, before.total) == ("townships", 0)
    assert today.by_kind == {
        NoticeKind("call"): 1,
        NoticeKind("remind"): 1,
        NoticeKind("bulletin"): 1,
    }
    assert (today.total, today.quiet) == (3, 0)


@pytest.fixture
def ear(app: App, enrolled: Enrolled) -> Ear:
    ear = Ear(app)
    with app.store.writing() as session:
        for moment in (at("10-15 08:05"),):
            facts = {"by": Actor(name="王敏"), "channel": ear.robot.channel, "at": moment}
            tie_chat(session, [enrolled], CHAT, "townships", **facts)  # type: ignore[arg-type]
            tie_sender(session, [enrolled], "zhong", "云樟镇-钟", **facts)  # type: ignore[arg-type]
    return ear


def test_questions_and_echoes_count_on_the_day_they_were_answered(
    app: App, enrolled: Enrolled, ear: Ear
) -> None:
    ear.hears("10-15 09:00", "zhong", "云樟镇基本完成")
    ear.works("10-15 09:00")
    ear.hears("10-16 09:00", "zhong", "累计开工5户，累计竣工1户")
    ear.works("10-16 09:00")
    assert len(ear.platform.said) == 2
    assert of(seen(app, enrolled, "10-16"), "云樟镇-钟") == (
        MessageCount(questions=1),
        MessageCount(echoes=1),
    )


def test_what_was_refused_is_no_burden_and_what_may_have_arrived_is(
    app: App, enrolled: Enrolled, ear: Ear
) -> None:
    ear.platform.next += [Refused(code="1", detail="no"), NoAnswer(detail="nothing came back")]
    for minute, value in ((0, 1), (5, 2)):
        ear.hears(f"10-15 09:0{minute}", "zhong", f"累计开工5户，累计竣工{value}户")
        ear.works(f"10-15 09:0{minute}")
    assert of(seen(app, enrolled, "10-15"), "云樟镇-钟")[-1] == MessageCount(echoes=1)


def test_a_day_is_the_campaigns_own(app: App, enrolled: Enrolled, ear: Ear) -> None:
    ear.hears("10-15 23:59", "zhong", "累计开工5户，累计竣工1户")
    ear.works("10-15 23:59")
    assert [one.total for one in of(seen(app, enrolled, "10-16"), "云樟镇-钟")] == [1, 0]


@pytest.mark.parametrize(
    ("got", "reached"),
    [
        (MessageCount(reminders=1, questions=1, echoes=MOST_ANSWERS - 2), ()),
        (MessageCount(questions=1, echoes=MOST_ANSWERS - 1), ("answers",)),
        (MessageCount(reminders=2), ("reminders",)),
        (MessageCount(reminders=2, echoes=MOST_ANSWERS), ("reminders", "answers")),
    ],
)
def test_a_ceiling_is_marked_where_it_is_reached(
    got: MessageCount, reached: tuple[str, ...]
) -> None:
    assert got.at_ceiling == reached


def carried(
    store: Store, kind: NoticeKind, moment: str, end: DeliveryState, *named: str, settled: str = ""
) -> None:
    """A notice to the townships that left at that moment and ended so; by a person's word if it
    says when.
    """
    left = at(moment)
    with store.writing() as session:
        notices.add_notice(
            session,
            a_notice(
                kind=kind,
                day=left.date(),
                made_at=left,
                planned=left,
                mentions=tuple(Mention(name=n) for n in named),
            ),
            [GroupKey("townships")],
            not_before=left,
        )
        (one,) = deliveries.claim_due(
            session, at=left, until=left + timedelta(minutes=1), worker="w", limit=9
        )
        one = record_attempt(session, one, at=left, until=left + timedelta(minutes=1), page=1)
        if settled:
            one = deliveries.record_one(
                session, Step(delivery=one, state=DeliveryState.UNKNOWN, at=left, page=1, detail="")
            )
        deliveries.record_one(
            session, Step(delivery=one, state=end, at=at(settled or moment), page=1, detail="")
        )


def test_what_a_person_settled_counts_on_the_day_it_left(
    store: Store, app: App, enrolled: Enrolled
) -> None:
    carried(
        store,
        NoticeKind("remind"),
        "10-15 16:00",
        DeliveryState.SENT,
        "云樟镇-钟",
        settled="10-16 09:00",
    )
    carried(store, NoticeKind("remind"), "10-16 16:00", DeliveryState.REFUSED, "云樟镇-钟")
    told = seen(app, enrolled, "10-16")
    assert [one.reminders for one in of(told, "云樟镇-钟")] == [1, 0]
    assert [one.total for one in told.groups[0][1]] == [1, 0]


def test_what_left_in_the_quiet_hours_is_marked(store: Store, app: App, enrolled: Enrolled) -> None:
    carried(store, NoticeKind("call"), "10-15 19:59", DeliveryState.SENT)
    carried(store, NoticeKind("bulletin"), "10-15 20:00", DeliveryState.UNKNOWN)
    (told,) = seen(app, enrolled, "10-15", span=1).groups[0][1]
    assert told == ContactDay(by_kind={NoticeKind("call"): 1, NoticeKind("bulletin"): 1}, quiet=1)


def test_the_page_is_two_queries_whatever_its_size(
    store: Store, app: App, enrolled: Enrolled
) -> None:
    one = rural_housing_2021(townships=enrolled.campaign.townships[:1])
    for number in range(6):
        carried(
            store, NoticeKind("remind"), f"10-{15 + number} 16:00", DeliveryState.SENT, "云樟镇-钟"
        )
    last: date = day("10-21")
    with store.reading() as session, counted(session) as few:
        assert len(burden(session, one, last, 1).contacts) == 1
    with store.reading() as session, counted(session) as many:
        told = burden(session, enrolled.campaign, last, 30)
    assert sum(got.reminders for row in told.contacts for got in row.days) == 6
    assert (len(told.days), {row.township for row in told.contacts} > {TownshipName("云樟镇")}) == (
        30,
        True,
    )
    assert len(few) == len(many) == 2
