"""A person's word on held replies and figures: what stands after it, what the groups are told, and
what stays as it was told.
"""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.actions.day import correct
from bot.actions.day.correct import CorrectionRefused, Settled, TypedValue
from bot.actions.replies.collect import collect
from bot.app import App
from bot.domain.campaigns.campaign import NoticeKind
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.replies.reading import Incoming, Outcome
from bot.store import Store
from bot.store.day import closings
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.notices import deliveries, notices
from bot.store.replies import readings
from bot.store.replies.replies import StoredReply
from bot.views.day import compose
from bot.views.day.sheets import issues_without_notice, sheets_known
from bot.views.replies.held import held
from tests.actions.conftest import an_app, enrol_2021
from tests.builders import COMPLETED, at, day, rural_housing_2021
from tests.conftest import Past
from tests.store.facts import about

RIVER = "稻溪镇"


def say(app: App, enrolled: Enrolled, moment: str, sender: str, text: str) -> Outcome | None:
    incoming = Incoming(id=f"{moment} {sender} {text}", text=text, sender=sender, at=at(moment))
    reading = collect(
        app.store, enrolled, app.reading_wording, channel="group", incoming=incoming, at=at(moment)
    )
    return reading and reading.outcome


def pass_until(app: App, enrolled: Enrolled, moment: str) -> None:
    app.tick(enrolled, at(moment))
    while app.deliver(at(moment)):
        pass


def waiting(app: App, enrolled: Enrolled) -> list[StoredReply]:
    with app.store.reading() as session:
        return [one.reply for one in held(session, enrolled.campaign.key)]


def approve(app: App, enrolled: Enrolled, number: int, moment: str, **facts: Any) -> Settled:
    with app.store.writing() as session:
        return correct.approve(
            session,
            enrolled,
            app.wording,
            app.reading_wording,
            number,
            by=Actor(name="陈"),
            at=at(moment),
            **facts,
        )


def withdraw(app: App, enrolled: Enrolled, number: int, moment: str, **facts: Any) -> Settled:
    with app.store.writing() as session:
        return correct.withdraw(
            session,
            enrolled,
            app.wording,
            number,
            by=Actor(name="陈"),
            reason="报错",
            at=at(moment),
            **facts,
        )


def completed(
    app: App, enrolled: Enrolled, on: str, known: str, town: str = RIVER
) -> Decimal | None:
    with app.store.reading() as session:
        standing = figures.standing(session, enrolled.campaign.key, day(on), at(known))
    return standing.get((town, COMPLETED, None))  # type: ignore[call-overload]


def corrections(app: App, enrolled: Enrolled) -> list[tuple[int, Any]]:
    with app.store.reading() as session:
        made = notices.notices(session, enrolled.campaign.key)
    return [(number, notice) for number, notice in made if notice.kind == NoticeKind("correction")]


def computed_again(app: App, enrolled: Enrolled) -> int:
    """How many bulletins there are, each computed again from the log and found the same to the
    byte.
    """
    campaign = enrolled.campaign
    count = 0
    with app.store.reading() as session:
        for _, told in notices.notices(session, campaign.key):
            if told.kind != NoticeKind("bulletin"):
                continue
            again = compose.bulletin(
                app.wording,
                campaign,
                told.version,
                ScheduledRun(job="bulletin", day=told.day, planned=told.planned, at=told.made_at),
                sheets_known(session, campaign, told.day, told.made_at),
                merged=issues_without_notice(session, campaign, told.day),
            )
            assert again == told
            count += 1
    return count


def two_days_pass(store: Store) -> None:
    with TemporaryDirectory() as folder:
        app = an_app(store, Path(folder))
        enrolled = enrol_2021(app, rural_housing_2021())
        pass_until(app, enrolled, "10-15 08:30")
        assert (
            say(app, enrolled, "10-15 15:00", "稻溪镇-谢", "累计开工25户，累计竣工14户")
            is Outcome.ACCEPT
        )
        assert (
            say(app, enrolled, "10-15 15:01", "松砚镇-罗", "累计开工22户，累计竣工12户")
            is Outcome.ACCEPT
        )
        pass_until(app, enrolled, "10-15 17:30")
        pass_until(app, enrolled, "10-16 17:30")


@pytest.fixture
def past(request: pytest.FixtureRequest) -> Past | None:
    return (
        Past(name="two-closed-days", happens=two_days_pass)
        if "two_days" in request.fixturenames
        else None
    )


@pytest.fixture
def two_days(enrolled: Enrolled) -> Enrolled:
    """Two closed days: the first with 14 of 稻溪镇, the second on which it said nothing."""
    return enrolled


def test_an_approved_reply_of_a_closed_day_is_told_as_a_correction(
    app: App, two_days: Enrolled, group_text: io.StringIO
) -> None:
    assert (
        say(app, two_days, "10-16 18:00", "稻溪镇-谢", "10月15日数据更正：累计竣工11户")
        is Outcome.ASK
    )
    (reply,) = waiting(app, two_days)
    settled = approve(
        app, two_days, reply.number, "10-16 18:30", day=day("10-15"), reason="电话核实"
    )
    assert [(figure.day, figure.value) for figure in settled.figures] == [(day("10-15"), 11)]
    ((number, notice),) = corrections(app, two_days)
    assert notice == settled.notice
    assert (notice.day, notice.number, notice.edition) == (day("10-15"), 1, 2)
    assert notice.title == "【危房改造每日调度】第1期（更正）"
    assert "稻溪镇竣工由14户更正为11户" in notice.text
    assert "稻溪镇由第1更正为第2；松砚镇" not in notice.text
    assert "全市竣工由26户" in notice.text
    assert "第2期的相应数据随之更正。" in notice.text
    with app.store.reading() as session:
        carried = deliveries.deliveries(session, two_days.campaign.key)
        groups = {one.group for one in carried if one.notice_number == number}
        (decision,) = decisions.decisions(session, two_days.campaign.key)
    assert groups == {
        "townships",
        "leaders",
        "supervisors",
    }  # the supervisors got the bulletin, so they get its correction
    assert (decision.person, about(decision), decision.reason) == (
        "陈",
        f"reply {reply.number}",
        "电话核实",
    )
    assert waiting(app, two_days) == []
    assert completed(app, two_days, "10-15", "10-16 18:00") == 14
    assert completed(app, two_days, "10-15", "10-16 18:30") == 11
    pass_until(app, two_days, "10-16 18:31")
    assert "第1期（更正）" in group_text.getvalue()
    assert say(app, two_days, "10-17 15:00", "稻溪镇-谢", "今日竣工1户") is Outcome.ACCEPT
    pass_until(app, two_days, "10-17 17:30")
    assert completed(app, two_days, "10-17", "10-17 17:30") == 12
    assert computed_again(app, two_days) == 3


def test_ranks_that_moved_are_listed(app: App, two_days: Enrolled) -> None:
    say(app, two_days, "10-16 18:00", "松砚镇-罗", "昨日数据更正：累计竣工13户")
    (reply,) = waiting(app, two_days)
    with app.store.reading() as session:
        assert closings.closings(session, two_days.campaign.key).keys() == {
            day("10-15"),
            day("10-16"),
        }
    notice = approve(app, two_days, reply.number, "10-16 18:30", day=day("10-15")).notice
    assert notice is not None
    assert "松砚镇由第2更正为第1；稻溪镇由第1更正为第2" in notice.text


def test_a_second_correction_of_an_issue_is_a_paper_of_its_own(
    app: App, two_days: Enrolled
) -> None:
    for hour, value in ((18, "13"), (19, "12")):
        say(app, two_days, f"10-16 {hour}:00", "稻溪镇-谢", f"昨日数据更正为{value}户")
        approve(
            app,
            two_days,
            waiting(app, two_days)[0].number,
            f"10-16 {hour}:30",
            day=day("10-15"),
            values=[TypedValue(stage="竣工", category="", value=Decimal(value))],
        )
    assert [(notice.edition, notice.title[-7:]) for _, notice in corrections(app, two_days)] == [
        (2, "第1期（更正）"),
        (3, "（第2次更正）"),
    ]
    assert "由13户更正为12户" in corrections(app, two_days)[1][1].text
    assert computed_again(app, two_days) == 2


def test_where_nothing_moved_nothing_is_told(app: App, two_days: Enrolled) -> None:
    say(app, two_days, "10-16 18:00", "稻溪镇-谢", "补报10月15日：累计竣工14户")
    (reply,) = waiting(app, two_days)
    assert approve(app, two_days, reply.number, "10-16 18:30", day=day("10-15")).notice is None
    assert corrections(app, two_days) == []


def test_the_day_that_is_open_needs_no_correction(app: App, two_days: Enrolled) -> None:
    assert say(app, two_days, "10-17 09:00", "王五", "稻溪镇累计竣工15户") is Outcome.ASK
    (reply,) = waiting(app, two_days)
    settled = approve(app, two_days, reply.number, "10-17 09:30")
    assert settled.notice is None
    assert completed(app, two_days, "10-17", "10-17 09:30") == 15


def test_a_day_away_that_a_later_issue_stood_for_is_corrected_there(
    app: App, enrolled: Enrolled
) -> None:
    pass_until(app, enrolled, "10-15 08:30")
    say(app, enrolled, "10-15 15:00", "稻溪镇-谢", "累计开工25户，累计竣工14户")
    pass_until(app, enrolled, "10-15 17:30")
    pass_until(app, enrolled, "10-18 19:00")
    say(app, enrolled, "10-18 19:30", "稻溪镇-谢", "10月16日累计竣工16户")
    (reply,) = waiting(app, enrolled)
    notice = approve(app, enrolled, reply.number, "10-18 19:40", day=day("10-16")).notice
    assert notice is not None
    assert (notice.day, notice.number) == (day("10-18"), 4)


UNSETTLED: list[tuple[str, str, dict[str, Any], str]] = [
    ("稻溪镇-谢", "昨日竣工2户", {"day": day("10-15")}, "uncertain"),
    ("稻溪镇-谢", "昨日竣工更正为13户", {}, "other_day"),
    ("王五", "累计竣工15户", {}, "whose"),
    ("王五", "稻溪镇累计竣工15户", {"day": day("12-15")}, "which_day"),
    ("王五", "稻溪镇累计竣工15户", {"day": day("10-20")}, "not_come"),
    ("王五", "稻溪镇累计竣工15户", {"township": "石桥镇"}, "no_township"),
    ("王五", "稻溪镇累计竣工15户", {"values": ("竣工", "26")}, "whose"),
    ("王五", "稻溪镇累计竣工15户", {"township": RIVER, "values": ("竣工", "26")}, "beyond"),
    ("王五", "稻溪镇累计竣工15户", {"township": RIVER, "values": ("入住", "2")}, "no_stage"),
    (
        "王五",
        "稻溪镇累计竣工15户",
        {"township": RIVER, "values": ("验收", "20")},
        "above_its_bound",
    ),
    ("王五", "稻溪镇累计竣工15户", {"township": RIVER, "values": ("竣工", "1.5")}, "decimals"),
]


def test_what_a_person_has_not_said_is_asked_of_him_and_nothing_is_kept(
    app: App, two_days: Enrolled
) -> None:
    for minute, (sender, text, facts, why) in enumerate(UNSETTLED, 10):
        say(app, two_days, f"10-17 09:{minute}", sender, text)
        given = {**facts}
        if "values" in facts:
            stage, value = facts["values"]
            given["values"] = [TypedValue(stage=stage, category="", value=Decimal(value))]
        with pytest.raises(CorrectionRefused) as told:
            approve(app, two_days, waiting(app, two_days)[-1].number, "10-17 09:40", **given)
        assert told.value.why == why, text
    assert len(waiting(app, two_days)) == len(UNSETTLED)
    with app.store.reading() as session:
        assert decisions.decisions(session, two_days.campaign.key) == []


def test_a_row_of_another_township_stands_when_a_person_says_so(
    app: App, two_days: Enrolled
) -> None:
    assert say(app, two_days, "10-17 09:00", "稻溪镇-谢", "松砚镇累计竣工15户") is Outcome.ASK
    (reply,) = waiting(app, two_days)
    approve(app, two_days, reply.number, "10-17 09:30")
    assert completed(app, two_days, "10-17", "10-17 09:30", "松砚镇") == 15


def test_a_decision_is_taken_once(app: App, two_days: Enrolled) -> None:
    say(app, two_days, "10-17 09:00", "王五", "稻溪镇累计竣工15户")
    (reply,) = waiting(app, two_days)
    with app.store.writing() as session:
        correct.refuse(
            session,
            two_days.campaign,
            reply.number,
            by=Actor(name="陈"),
            reason="不认识",
            at=at("10-17 09:30"),
        )
    assert waiting(app, two_days) == []
    with pytest.raises(CorrectionRefused, match="decided"):
        approve(app, two_days, reply.number, "10-17 09:31")
    with pytest.raises(CorrectionRefused, match="no reply"):
        approve(app, two_days, 999, "10-17 09:31")
    with pytest.raises(CorrectionRefused, match="waits for nobody"):
        approve(app, two_days, 1, "10-17 09:31")
    assert completed(app, two_days, "10-17", "10-17 10:00") == 14


def test_a_withdrawn_figure_gives_way_to_what_stood_before_it(app: App, two_days: Enrolled) -> None:
    say(app, two_days, "10-17 09:00", "稻溪镇-谢", "累计竣工15户")
    say(app, two_days, "10-17 09:10", "稻溪镇-谢", "累计竣工17户")
    with app.store.reading() as session:
        numbers = [
            f.number
            for f in figures.figures_until(
                session, two_days.campaign.key, day("10-17"), at("10-18 08:00")
            )
        ]
    withdraw(app, two_days, numbers[-1], "10-17 09:20")
    assert completed(app, two_days, "10-17", "10-17 09:20") == 15
    withdraw(app, two_days, numbers[-2], "10-17 09:30")
    assert completed(app, two_days, "10-17", "10-17 09:30") == 14
    with pytest.raises(CorrectionRefused, match="before"):
        withdraw(app, two_days, numbers[-1], "10-17 09:40")
    with pytest.raises(CorrectionRefused, match="no figure"):
        withdraw(app, two_days, 9999, "10-17 09:40")
    assert corrections(app, two_days) == []
    assert say(app, two_days, "10-17 10:00", "稻溪镇-谢", "今日竣工2户") is Outcome.ACCEPT
    assert completed(app, two_days, "10-17", "10-17 10:00") == 16


def test_a_whole_reply_withdrawn_from_a_closed_day_corrects_its_bulletin(
    app: App, two_days: Enrolled
) -> None:
    settled = withdraw(app, two_days, 1, "10-16 18:00", whole_reply=True)
    assert len(settled.figures) == 2
    assert settled.notice is not None
    assert "稻溪镇开工由25户更正为尚未报过；稻溪镇竣工由14户更正为尚未报过" in settled.notice.text
    assert completed(app, two_days, "10-15", "10-16 18:00") is None
    assert computed_again(app, two_days) == 2


def test_a_clock_moved_back_decides_nothing(app: App, two_days: Enrolled) -> None:
    with pytest.raises(CorrectionRefused, match="clock"):
        withdraw(app, two_days, 1, "10-16 17:30")
    assert completed(app, two_days, "10-15", "10-16 18:00") == 14


def enter(app: App, enrolled: Enrolled, town: str, on: str, moment: str, **given: Any) -> Settled:
    correction = bool(given.pop("correction", False))
    named = [(*stage.split("/"), "") for stage in given]
    values = [
        TypedValue(stage=stage, category=category, value=Decimal(value))
        for (stage, category, *_), value in zip(named, given.values(), strict=True)
    ]
    with app.store.writing() as session:
        return correct.enter(
            session,
            enrolled,
            app.wording,
            town,
            day(on),
            values,
            by=Actor(name="陈"),
            reason="电话报来",
            at=at(moment),
            correction=correction,
        )


def test_the_office_enters_what_was_told_by_telephone(app: App, two_days: Enrolled) -> None:
    settled = enter(app, two_days, "稻溪", "10-17", "10-17 09:00", 竣工="15")
    assert completed(app, two_days, "10-17", "10-17 09:00") == 15
    assert settled.notice is None
    with app.store.reading() as session:
        (decision,) = decisions.decisions(session, two_days.campaign.key)
        (figure,) = figures.latest_figures(session, two_days.campaign.key, day("10-17")).values()
    assert (decision.person, decision.kind, about(decision), decision.reason) == (
        "陈",
        DecisionKind.FIGURE_ENTERED,
        'township_day ["稻溪镇", "2021-10-17"]',
        "电话报来",
    )
    assert (figure.reply_number, figure.late) == (None, False)
    enter(app, two_days, RIVER, "10-17", "10-17 17:05", 竣工="16")
    with app.store.reading() as session:
        (figure,) = figures.latest_figures(session, two_days.campaign.key, day("10-17")).values()
    assert (figure.value, figure.late) == (16, True)


def test_what_is_entered_for_a_closed_day_brings_out_its_correction(
    app: App, two_days: Enrolled
) -> None:
    settled = enter(app, two_days, RIVER, "10-15", "10-17 09:00", 竣工="11", correction=True)
    assert settled.notice is not None
    assert settled.notice.title == "【危房改造每日调度】第1期（更正）"
    assert "稻溪镇竣工由14户更正为11户" in settled.notice.text
    assert computed_again(app, two_days) == 2


ENTERED_WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("石桥镇", "10-17", {"竣工": "15"}, "no_township"),
    (RIVER, "12-15", {"竣工": "15"}, "which_day"),
    (RIVER, "10-18", {"竣工": "15"}, "not_come"),
    (RIVER, "10-17", {}, "no_value"),
    (RIVER, "10-17", {"竣工": "26"}, "beyond"),
    (RIVER, "10-17", {"竣工": "13"}, "below"),
    (RIVER, "10-17", {"验收": "20"}, "above_its_bound"),
    (RIVER, "10-17", {"入住": "2"}, "no_stage"),
    (RIVER, "10-15", {"竣工": "14"}, "stands"),
]


def test_what_cannot_be_entered_is_told_and_nothing_is_kept(app: App, two_days: Enrolled) -> None:
    for town, on, values, why in ENTERED_WRONG:
        with pytest.raises(CorrectionRefused) as told:
            enter(app, two_days, town, on, "10-17 09:00", **values)
        assert told.value.why == why
    with app.store.reading() as session:
        assert decisions.decisions(session, two_days.campaign.key) == []


def test_parts_that_contradict_their_whole_are_refused(app: App, two_days: Enrolled) -> None:
    """A contact who writes so is asked back; the office is told the same."""
    c, d, turnkey = (f"竣工/{category.name}" for category in two_days.campaign.categories)
    for given in (
        {"竣工": "20", c: "17", d: "4"},  # together more than the whole, though one is missing
        {"竣工": "20", c: "10", d: "4", turnkey: "0"},  # all given, and less than the whole
        {c: "9", d: "4", turnkey: "0"},  # the whole that stands is 14
    ):
        with pytest.raises(CorrectionRefused) as told:
            enter(app, two_days, RIVER, "10-17", "10-17 09:00", **given)
        assert told.value.why == "parts"
    assert completed(app, two_days, "10-17", "10-17 09:00") == 14
    enter(
        app, two_days, RIVER, "10-17", "10-17 09:00", **{"竣工": "15", c: "9", d: "4", turnkey: "2"}
    )
    # the others stand as they were
    with pytest.raises(CorrectionRefused, match="come to 16, not to 15"):
        enter(app, two_days, RIVER, "10-17", "10-17 09:05", **{c: "10"})
    # a whole without parts is accepted
    enter(app, two_days, RIVER, "10-17", "10-17 09:10", 竣工="16")
    assert completed(app, two_days, "10-17", "10-17 09:10") == 16


def test_what_was_never_told_bounds_nothing(app: App, enrolled: Enrolled) -> None:
    enter(app, enrolled, RIVER, "10-15", "10-15 09:00", 竣工="15")
    assert completed(app, enrolled, "10-15", "10-15 09:00") == 15


def question(app: App, enrolled: Enrolled, moment: str, text: str = "竣工17户") -> int:
    """The number of a reply of 稻溪镇 that was asked back."""
    assert say(app, enrolled, moment, "稻溪镇-谢", text) is Outcome.ASK
    with app.store.reading() as session:
        return readings.readings(session, enrolled.campaign.key)[-1][0].number


def test_a_question_is_settled_by_one_of_the_readings_it_offers(
    app: App, two_days: Enrolled
) -> None:
    number = question(app, two_days, "10-17 09:00", "报2户")
    with app.store.reading() as session:
        reading = readings.find_reading(session, number)
    assert reading is not None
    labels = [option["label"] for option in reading.asked[0]["options"]]
    wanted = next(at for at, label in enumerate(labels, 1) if "累计16户" in label)
    approve(app, two_days, number, "10-17 09:30", choice=wanted, reason="电话核实")
    assert completed(app, two_days, "10-17", "10-17 09:30") == 16
    with app.store.reading() as session:
        (decision,) = decisions.decisions(session, two_days.campaign.key)
    assert decision.reason == f"{labels[wanted - 1]}；电话核实"
    with pytest.raises(CorrectionRefused, match="decided"):
        approve(app, two_days, number, "10-17 09:31", choice=wanted)


def test_a_question_is_settled_by_values_and_only_while_it_is_open(
    app: App, two_days: Enrolled
) -> None:
    number = question(app, two_days, "10-17 09:00", "竣工基本完成")
    with pytest.raises(CorrectionRefused, match="no such reading"):
        approve(app, two_days, number, "10-17 09:10", choice=1)
    seventeen = [TypedValue(stage="竣工", category="", value=Decimal(17))]
    say(app, two_days, "10-17 09:20", "稻溪镇-谢", "累计竣工18户")
    with pytest.raises(CorrectionRefused, match="reported since"):
        approve(app, two_days, number, "10-17 09:30", values=seventeen)
    assert completed(app, two_days, "10-17", "10-17 09:30") == 18
    again = question(app, two_days, "10-17 10:00", "竣工基本完成")
    approve(
        app,
        two_days,
        again,
        "10-17 10:10",
        values=[TypedValue(stage="竣工", category="", value=Decimal(19))],
    )
    assert completed(app, two_days, "10-17", "10-17 10:10") == 19


def test_of_two_who_settle_the_same_question_one_is_told_by_whom(
    app: App, two_days: Enrolled
) -> None:
    number = question(app, two_days, "10-17 09:00", "竣工基本完成")
    values = [TypedValue(stage="竣工", category="", value=Decimal(17))]
    approve(app, two_days, number, "10-17 09:30", values=values)
    with pytest.raises(CorrectionRefused) as told:
        approve(app, two_days, number, "10-17 09:30", values=values)
    assert told.value.facts["person"] == "陈"
