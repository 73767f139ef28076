"""A pasted chat through the real reader and the ledger: right senders, right moments, each message
once.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.actions.replies.paste import PasteResult, take_in
from bot.app import App
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.decisions.actor import Actor
from bot.domain.decisions.kinds import DecisionKind
from bot.domain.replies.reading import Outcome
from bot.domain.replies.reading.chat import split_chat
from bot.store.decisions import decisions
from bot.store.figures import figures
from bot.store.replies import replies
from bot.views.replies.held import held
from tests.builders import COMPLETED, at, day
from tests.store.facts import about

AFTERNOON = """—————  2021-10-15  —————

汀前街道-朱  15:00
汀前街道已开工2户，已竣工1户

稻溪镇-谢  15:01
累计开工25户，累计竣工14户

office  15:02
收到

王五  15:03
石磬镇累计竣工8户

兰皋镇-邱  15:04
兰皋镇基本完成
"""


def paste(
    app: App, enrolled: Enrolled, text: str, moment: str, copied: date | None = None
) -> list[PasteResult]:
    pasted: datetime = at(moment)
    chat = split_chat(enrolled.campaign, text, at=pasted, copied=copied)
    assert chat.doubts == ()
    with app.store.writing() as session:
        return take_in(session, enrolled, app.reading_wording, chat, by=Actor(name="陈"), at=pasted)


def outcomes(taken: list[PasteResult]) -> list[str]:
    return [one.reading.outcome.value if one.reading else "known" for one in taken]


def test_an_afternoon_is_read_as_if_it_had_been_heard(app: App, enrolled: Enrolled) -> None:
    taken = paste(app, enrolled, AFTERNOON, "10-15 16:40")
    assert outcomes(taken) == ["accept", "accept", "none", "ask", "ask"]
    with app.store.reading() as session:
        kept = replies.replies(session, enrolled.campaign.key)
        stands = figures.standing(session, enrolled.campaign.key, day("10-15"), at("10-15 16:40"))
        vouched = decisions.decisions(session, enrolled.campaign.key)
        (waiting,) = held(session, enrolled.campaign.key)
    assert [(reply.sender, reply.sent_at, reply.channel) for reply in kept][:2] == [
        ("汀前街道-朱", at("10-15 15:00"), "paste"),
        ("稻溪镇-谢", at("10-15 15:01"), "paste"),
    ]
    assert stands["稻溪镇", COMPLETED, None] == 14  # type: ignore[index]
    assert [(one.person, one.kind, about(one)) for one in vouched] == [
        ("陈", DecisionKind.PASTE_VOUCHED, f"reply {reply.number}") for reply in kept
    ]
    assert (waiting.reply.sender, waiting.why) == ("王五", ("sender",))


def test_the_same_paste_again_and_an_overlapping_one_bring_each_message_once(
    app: App, enrolled: Enrolled
) -> None:
    paste(app, enrolled, AFTERNOON, "10-15 16:40")
    assert outcomes(paste(app, enrolled, AFTERNOON, "10-15 16:41")) == ["known"] * 5
    later = "兰皋镇-邱 2021/10/15 15:04\n兰皋镇基本完成\n\n兰皋镇-邱 2021/10/15 15:30\n兰皋镇累计开工20户，累计竣工12户"
    assert outcomes(paste(app, enrolled, later, "10-15 16:42")) == ["known", "accept"]
    with app.store.reading() as session:
        assert len(replies.replies(session, enrolled.campaign.key)) == 6
        assert len(decisions.decisions(session, enrolled.campaign.key)) == 6


@pytest.mark.parametrize(
    "text", ["稻溪镇累计开工25户，累计竣工14户", "稻溪镇今日开工25户", "稻溪镇9户"]
)
def test_a_message_of_a_closed_day_waits_whenever_it_is_pasted(
    app: App, enrolled: Enrolled, text: str
) -> None:
    app.tick(enrolled, at("10-15 17:30"))
    taken = paste(app, enrolled, f"稻溪镇-谢 2021-10-15 16:05:00\n{text}", "10-16 09:00")
    reading = taken[0].reading
    assert reading is not None
    assert reading.outcome is Outcome.ASK
    assert reading.asked[0].why == "closed_day"
    with app.store.reading() as session:
        assert (
            figures.figures_until(session, enrolled.campaign.key, day("10-20"), at("10-16 10:00"))
            == []
        )
        (waiting,) = held(session, enrolled.campaign.key)
        assert (waiting.reading.day, waiting.why) == (day("10-15"), ("closed_day",))


def test_what_was_no_report_on_a_closed_day_waits_for_nobody(app: App, enrolled: Enrolled) -> None:
    app.tick(enrolled, at("10-15 17:30"))
    assert outcomes(paste(app, enrolled, "稻溪镇-谢 2021-10-15 16:05:00\n收到", "10-16 09:00")) == [
        "none"
    ]
    with app.store.reading() as session:
        assert held(session, enrolled.campaign.key) == []


def test_what_was_written_after_the_bulletin_is_of_the_day_that_is_open(
    app: App, enrolled: Enrolled
) -> None:
    app.tick(enrolled, at("10-15 17:30"))
    text = "稻溪镇-谢 2021-10-15 18:05:00\n稻溪镇累计开工25户，累计竣工14户"
    assert outcomes(paste(app, enrolled, text, "10-16 09:00")) == ["accept"]
    with app.store.reading() as session:
        told = figures.figures_until(
            session, enrolled.campaign.key, day("10-20"), at("10-16 10:00")
        )
    assert {figure.day for figure in told} == {day("10-16")}


def test_rows_of_a_sheet_are_a_reply_of_the_office(app: App, enrolled: Enrolled) -> None:
    rows = "乡镇\t任务\t开工\t竣工\n稻溪镇\t25\t25\t14\n汀前街道\t2\t2\t1\n合计\t27\t27\t15\n"
    assert outcomes(paste(app, enrolled, rows, "10-15 16:40")) == ["accept"]
    assert outcomes(paste(app, enrolled, rows, "10-15 16:50")) == ["known"]
    with app.store.reading() as session:
        stands = figures.standing(session, enrolled.campaign.key, day("10-15"), at("10-15 16:40"))
    assert (stands["稻溪镇", COMPLETED, None], stands["汀前街道", COMPLETED, None]) == (14, 1)  # type: ignore[index]
