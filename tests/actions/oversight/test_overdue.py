"""The supervisor's list: whose, since when, with which evidence; and what people say of it, kept as
rows and nothing else.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.actions.oversight.overdue import NotSaid, acknowledge, decide, propose
from bot.app import App
from bot.domain.campaigns.campaign import Audience, NoticeKind, Rung, TownshipName, Trouble
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.day.obligations import Light, Owed, RemarkKind
from bot.domain.decisions.actor import Actor
from bot.domain.replies.reading import Outcome
from bot.store import Session, Store
from bot.store.decisions import decisions
from bot.store.notices import notices
from bot.views.oversight.overdue import Late, OverdueNow, overdue_now, words
from tests.actions.conftest import an_app, enrol_2021
from tests.actions.day.test_day import pass_until, say
from tests.builders import at, day, rural_housing_2021
from tests.conftest import Past
from tests.store.facts import about, all_at_once
from tests.store.queries import counted

SUMMONS = Rung(trouble=Trouble.MISSING, days=2, audience=Audience.LEADERS, measure="约谈")


def led_on(app: App) -> Enrolled:
    return enrol_2021(app, rural_housing_2021(ladder=(SUMMONS,)))


def two_silent_days(store: Store) -> None:
    with TemporaryDirectory() as folder:
        app = an_app(store, Path(folder))
        led = led_on(app)
        for moment, sender, text in (
            ("10-15 15:00", "汀前街道-朱", "汀前街道已开工2户，已竣工1户"),
            ("10-15 15:05", "兰皋镇-邱", "兰皋镇累计开工5户，累计竣工1户"),
            ("10-16 15:00", "汀前街道-朱", "汀前街道累计竣工1户"),
        ):
            pass_until(app, led, moment)
            assert say(app, led, moment, sender, text) is Outcome.ACCEPT
        pass_until(app, led, "10-16 17:40")


@pytest.fixture
def past(request: pytest.FixtureRequest) -> Past | None:
    return (
        Past(name="two-silent-days", happens=two_silent_days)
        if "silent" in request.fixturenames
        else None
    )


@pytest.fixture
def led(app: App) -> Enrolled:
    """The 2021 campaign with one step: after two days of silence 约谈 is proposed."""
    return led_on(app)


@pytest.fixture
def silent(led: Enrolled) -> Enrolled:
    """Two days on which only 汀前街道 reported twice and 兰皋镇 once."""
    return led


def listed(app: App, enrolled: Enrolled, moment: str) -> OverdueNow:
    with app.store.reading() as session:
        return overdue_now(session, enrolled.campaign, at(moment))


def of(seen: OverdueNow, township: str, owed: Owed = Owed.REPORT) -> Late:
    (found,) = (
        one
        for one in seen.late
        if (one.obligation.township, one.obligation.owed) == (township, owed)
    )
    return found


def overdue_text(app: App, enrolled: Enrolled, on: str) -> str:
    with app.store.reading() as session:
        found = notices.find_notice(session, enrolled.campaign.key, NoticeKind("overdue"), day(on))
    assert found is not None
    return found[1].text


def test_the_list_says_whose_since_when_and_shows_the_very_words(
    app: App, silent: Enrolled
) -> None:
    seen = listed(app, silent, "10-16 17:45")
    one = of(seen, "兰皋镇")
    assert (one.contacts, one.since, one.days, one.missing) == (
        ("邱某",),
        day("10-16"),
        1,
        (day("10-16"),),
    )
    assert one.obligation.light is Light.RED
    assert [(report.day, report.reply and report.reply.text) for report in one.reports] == [
        (day("10-15"), "兰皋镇累计开工5户，累计竣工1户")
    ]
    never = of(seen, "云樟镇")
    assert (never.days, never.reports, never.obligation.rung) == (2, (), SUMMONS)
    assert [measure.text for measure in never.measures] == ["约谈"]
    assert "汀前街道" not in {late.obligation.township for late in seen.late}


def test_in_the_morning_what_is_due_is_blue_and_last_evening_still_stands(
    app: App, silent: Enrolled
) -> None:
    seen = listed(app, silent, "10-17 09:00")
    assert seen.sheet is not None
    assert seen.sheet.day == day("10-16")
    assert of(seen, "云樟镇").days == 2
    assert {one.light for one in seen.soon} == {Light.BLUE}
    assert {"云樟镇", "汀前街道"} <= {one.township for one in seen.soon}
    assert (
        say(app, silent, "10-17 09:30", "云樟镇-钟", "云樟镇累计开工5户，累计竣工1户")
        is Outcome.ACCEPT
    )
    seen = listed(app, silent, "10-17 10:00")
    assert "云樟镇" not in {
        late.obligation.township for late in seen.late if late.obligation.owed is Owed.REPORT
    }


def test_before_the_first_day_nothing_is_listed(app: App, led: Enrolled) -> None:
    assert listed(app, led, "10-14 12:00") == OverdueNow(
        at=at("10-14 12:00"), sheet=None, late=(), soon=()
    )
    assert listed(app, led, "10-15 09:00").late == ()


def test_an_answer_stops_the_ladder_is_told_in_the_evening_and_outlives_the_process(
    app: App, silent: Enrolled, address: str
) -> None:
    with app.store.writing() as session:
        acknowledge(
            session,
            silent.campaign,
            "云樟镇",
            "report",
            word="已电话联系，\n明日补报",
            by=Actor(name="王敏"),
            at=at("10-16 18:00"),
        )
    after = Store(address)  # another process
    with after.reading() as session:
        answer = of(
            overdue_now(session, silent.campaign, at("10-17 12:00")), "云樟镇"
        ).obligation.answer
    after.close()
    assert answer is not None
    assert (answer.person, answer.text, answer.at) == (
        "王敏",
        "已电话联系， 明日补报",
        at("10-16 18:00"),
    )
    pass_until(app, silent, "10-17 08:30")
    pass_until(app, silent, "10-17 17:40")
    told = overdue_text(app, silent, "10-17")
    assert "已有答复：王敏“已电话联系， 明日补报”（云樟镇报送）。" in told
    proposal = next(line for line in told.splitlines() if line.startswith("建议"))
    assert "云樟镇" not in proposal
    assert "桐岗镇" in proposal
    for evening in (18, 19, 20):
        pass_until(app, silent, f"10-{evening} 08:30")
        pass_until(app, silent, f"10-{evening} 17:40")
    stale = overdue_text(app, silent, "10-20")
    assert "王敏" not in stale
    assert "约谈：云樟镇、" in stale


def test_an_answer_pressed_twice_is_one_row(app: App, silent: Enrolled) -> None:
    for minute in (0, 1):
        with app.store.writing() as session:
            acknowledge(
                session,
                silent.campaign,
                "云樟镇",
                "report",
                word="在办",
                by=Actor(name="王敏"),
                at=at(f"10-16 18:0{minute}"),
            )
    with app.store.reading() as session:
        kept = decisions.decisions(session, silent.campaign.key)
    assert [(one.kind, about(one), one.reason) for one in kept] == [
        ("overdue answered", 'owed ["report", "云樟镇"]', "在办")
    ]


def test_the_same_answer_of_two_accounts_of_one_name_is_two_rows(
    app: App, silent: Enrolled
) -> None:
    for login in ("wang", "wang2", "wang2"):
        with app.store.writing() as session:
            acknowledge(
                session,
                silent.campaign,
                "云樟镇",
                "report",
                word="在办",
                by=Actor(name="王敏", login=login),
                at=at("10-16 18:00"),
            )
    with app.store.reading() as session:
        kept = decisions.decisions(session, silent.campaign.key)
    assert [one.login for one in kept] == ["wang", "wang2"]


def test_what_is_declined_is_not_proposed_again_and_what_is_approved_is_to_be_done(
    app: App, silent: Enrolled
) -> None:
    moment = at("10-16 18:00")
    with app.store.writing() as session:
        campaign = silent.campaign
        decide(
            session,
            campaign,
            "云樟镇",
            "report",
            measure="约谈",
            approve=False,
            reason="住院",
            by=Actor(name="王敏"),
            at=moment,
        )
        decide(
            session,
            campaign,
            "桐岗镇",
            "report",
            measure="约谈",
            approve=True,
            reason="",
            by=Actor(name="王敏"),
            at=moment,
        )
        propose(
            session,
            campaign,
            "兰皋镇",
            "report",
            measure="书面说明",
            reason="屡次",
            by=Actor(name="李伟"),
            at=moment,
        )
    pass_until(app, silent, "10-17 08:30")
    pass_until(app, silent, "10-17 17:40")
    told = overdue_text(app, silent, "10-17").splitlines()
    (proposals,) = (line for line in told if line.startswith("建议"))
    assert "云樟镇" not in proposals
    assert "桐岗镇" not in proposals
    assert "书面说明：兰皋镇" in proposals
    assert "已定措施（待执行）：约谈：桐岗镇。" in told
    seen = listed(app, silent, "10-17 17:45")
    assert [(one.state, one.said[-1].text) for one in of(seen, "云樟镇").measures] == [
        (RemarkKind.DECLINED, "住院")
    ]
    assert [one.state for one in of(seen, "桐岗镇").measures] == [RemarkKind.APPROVED]


def test_what_was_said_later_is_not_known_earlier(app: App, silent: Enrolled) -> None:
    with app.store.writing() as session:
        propose(
            session,
            silent.campaign,
            "云樟镇",
            "report",
            measure="通报",
            reason="",
            by=Actor(name="王敏"),
            at=at("10-16 18:00"),
        )
    assert [
        len(of(listed(app, silent, f"10-16 {hour}"), "云樟镇").measures)
        for hour in ("17:59", "18:00")
    ] == [1, 2]


def test_a_word_with_an_identity_number_is_blacked_out_before_it_is_kept(
    app: App, silent: Enrolled
) -> None:
    with app.store.writing() as session:
        acknowledge(
            session,
            silent.campaign,
            "云樟镇",
            "report",
            word="户主 11010519491231002X 在外",
            by=Actor(name="王敏"),
            at=at("10-16 18:00"),
        )
    with app.store.reading() as session:
        (kept,) = decisions.decisions(session, silent.campaign.key)
    assert "11010519491231002X" not in kept.reason


def _word(session: Session, enrolled: Enrolled, deed: str, **changes: str) -> int:
    facts = {
        "township": "云樟镇",
        "owed": "report",
        "measure": "约谈",
        "reason": "",
        "word": "在办",
        **changes,
    }
    moment = at(facts.pop("moment", "10-16 18:00"))
    where = (session, enrolled.campaign, facts["township"], facts["owed"])
    if deed == "acknowledge":
        return acknowledge(*where, word=facts["word"], by=Actor(name="王敏"), at=moment)
    if deed == "propose":
        return propose(
            *where,
            measure=facts["measure"],
            reason=facts["reason"],
            by=Actor(name="王敏"),
            at=moment,
        )
    return decide(
        *where,
        measure=facts["measure"],
        approve=deed == "approve",
        reason=facts["reason"],
        by=Actor(name="王敏"),
        at=moment,
    )


@pytest.mark.parametrize(
    ("deed", "changes", "why"),
    [
        ("acknowledge", {"word": " \n "}, "no_word"),
        ("acknowledge", {"word": "长" * 201}, "too_long"),
        ("acknowledge", {"township": "无名镇"}, "no_township"),
        ("acknowledge", {"owed": "money"}, "no_obligation"),
        ("acknowledge", {"township": "汀前街道"}, "not_overdue"),
        ("acknowledge", {"owed": "deadline"}, "not_overdue"),
        ("propose", {"measure": ""}, "no_measure"),
        ("propose", {"measure": "长" * 41}, "too_long"),
        ("approve", {"measure": "通报"}, "not_proposed"),
        # one day of silence: the ladder is not there yet
        ("approve", {"township": "兰皋镇"}, "not_proposed"),
        ("decline", {}, "no_reason"),
    ],
)
def test_what_cannot_be_said_is_refused_and_leaves_no_row(
    app: App, silent: Enrolled, deed: str, changes: dict[str, str], why: str
) -> None:
    with pytest.raises(NotSaid) as refused, app.store.writing() as session:
        _word(session, silent, deed, **changes)
    assert refused.value.why == why
    with app.store.reading() as session:
        assert decisions.decisions(session, silent.campaign.key) == []


@pytest.mark.parametrize(
    ("first", "then", "stands"),
    [
        ("approve", "decline", "approved"),
        ("approve", "propose", "approved"),
        ("decline", "approve", "declined"),
        ("propose", "propose", "proposed"),
        ("propose", "approve", None),
        ("decline", "propose", None),
    ],
)
def test_a_measure_is_decided_once(
    app: App, silent: Enrolled, first: str, then: str, stands: str | None
) -> None:
    with app.store.writing() as session:
        _word(session, silent, first, reason="说明")
    if stands is None:
        with app.store.writing() as session:
            _word(session, silent, then, reason="另有说明", moment="10-16 18:05")
        return
    with pytest.raises(NotSaid) as refused, app.store.writing() as session:
        _word(session, silent, then, reason="另有说明", moment="10-16 18:05")
    assert (refused.value.why, refused.value.facts["word"], refused.value.facts["person"]) == (
        "said_before",
        stands,
        "王敏",
    )


def test_of_two_who_decide_at_once_the_second_is_told(
    store: Store, app: App, silent: Enrolled
) -> None:
    def settle(place: int) -> str:
        try:
            with store.writing() as session:
                _word(session, silent, ("approve", "decline")[place % 2], reason="各有理由")
        except NotSaid as refused:
            return refused.why
        return "kept"

    came_to = all_at_once(4, settle)
    assert came_to.count("kept") == 1
    assert set(came_to) <= {"kept", "said_before"}


def test_the_list_is_five_queries_whatever_its_size(
    store: Store, app: App, silent: Enrolled
) -> None:
    moment: datetime = at("10-16 18:00")
    with store.writing() as session:
        for township in silent.campaign.townships[:8]:
            propose(
                session,
                silent.campaign,
                township.name,
                "report",
                measure="通报",
                reason="",
                by=Actor(name="王敏"),
                at=moment,
            )
    with store.reading() as session, counted(session) as few:
        overdue_now(
            session, rural_housing_2021(townships=silent.campaign.townships[:2]), at("10-16 18:30")
        )
    with store.reading() as session, counted(session) as many:
        assert len(overdue_now(session, silent.campaign, at("10-16 18:30")).late) > 15
    assert len(many) <= 5
    assert len(few) <= len(many)


def test_a_township_that_left_the_campaign_takes_its_words_with_it(
    app: App, silent: Enrolled
) -> None:
    with app.store.writing() as session:
        _word(session, silent, "acknowledge")
    left = rural_housing_2021(
        townships=tuple(
            one for one in silent.campaign.townships if one.name != TownshipName("云樟镇")
        )
    )
    with app.store.reading() as session:
        assert len(words(session, silent.campaign, at("10-16 19:00"))) == 1
        assert words(session, left, at("10-16 19:00")) == []
