"""What is filled in at a link is a sentence that the reader takes for certain, and a reply like any
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.day.close_day import close_day
from bot.actions.replies.fill import (
    MOST_A_DAY,
    Form,
    NotFilled,
    day_open,
    fill,
    form_of,
    link_facts,
    recorded,
    said,
)
from bot.app import App
from bot.domain.campaigns.campaign import CategoryKey, StageKey, TownshipName
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.workdays import ScheduledRun
from bot.domain.figures.progress import Cell, plain
from bot.domain.replies.reading import Incoming, Outcome, read
from bot.domain.replies.reading.stated import read_stated, stated_from_json, stated_to_json
from bot.store.figures import figures
from bot.store.replies import replies
from bot.store.replies.readings import StoredReading
from config.wording import templates
from tests.builders import ACCEPTED, CODED, COMPLETED, STARTED, at, day, rural_housing_2021

CAMPAIGN = rural_housing_2021()
DAOXI = CAMPAIGN.township("稻溪镇")
C, D = CategoryKey("C"), CategoryKey("D")


@st.composite
def steps(draw: st.DrawFn) -> tuple[dict[StageKey, Decimal], dict[StageKey, Decimal]]:
    """What stood, and what is filled in: each stage within the one before it, none below what
    stood.
    """
    stood: dict[StageKey, Decimal] = {}
    filled: dict[StageKey, Decimal] = {}
    stood_before, filled_before = int(DAOXI.target), int(DAOXI.target)
    for stage in (STARTED, COMPLETED, ACCEPTED):
        stood_before = draw(st.integers(0, stood_before))
        filled_before = draw(st.integers(stood_before, filled_before))
        stood[stage], filled[stage] = Decimal(stood_before), Decimal(filled_before)
    return stood, filled


@given(figures=steps(), correction=st.booleans())
def test_every_form_that_could_be_true_is_read_for_certain(
    figures: tuple[dict[StageKey, Decimal], dict[StageKey, Decimal]], correction: bool
) -> None:
    stood, filled = figures
    stated = said(
        CAMPAIGN,
        DAOXI,
        {(stage, None): plain(value) for stage, value in filled.items()},
        correction=correction,
    )
    text = recorded(CAMPAIGN, stated)
    before: dict[Cell, Decimal] = {
        (DAOXI.name, stage, None): value for stage, value in stood.items()
    }
    judged = read_stated(
        CAMPAIGN,
        stated_from_json(stated_to_json(stated)),
        open_day=day("10-29"),
        late=False,
        before=before,
        today={},
        wording=templates.reading(),
    )
    reading = read(
        CAMPAIGN,
        Incoming(id="1", text=text, sender="稻溪镇-谢", at=at("10-29 10:00")),
        open_day=day("10-29"),
        late=False,
        before=before,
        today={},
        wording=templates.reading(),
        offers=False,
    )
    assert judged == reading  # the record says what was stated
    assert reading.outcome is Outcome.ACCEPT, (text, reading)
    assert {(one.stage, one.category): one.value for one in reading.figures} == {
        (stage, None): value for stage, value in filled.items()
    }


def came_of(typed: Mapping[Any, str]) -> str | NotFilled:
    """The sentence, or the refusal."""
    try:
        return recorded(CAMPAIGN, said(CAMPAIGN, DAOXI, typed))
    except NotFilled as refused:
        return refused


@given(
    typed=st.dictionaries(
        st.sampled_from([(STARTED, None), (COMPLETED, None), (COMPLETED, C)]), st.text(max_size=12)
    )
)
def test_whatever_is_typed_is_a_plain_sentence_or_refused(typed: Mapping[Any, str]) -> None:
    came = came_of(typed)
    assert isinstance(came, NotFilled) or not set(came) - set(
        "累计开竣工户，其中C级维修；.0123456789"
    )
    if isinstance(came, NotFilled):
        assert templates.refusal("fill", came.why, **came.facts)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ({(STARTED, None): "25", (COMPLETED, None): " １７ "}, "累计开工25户；累计竣工17户"),
        (
            {(COMPLETED, None): "17", (COMPLETED, C): "14", (COMPLETED, D): "3"},
            "累计竣工17户，其中C级维修14户、D级重建3户",
        ),
        ({(CODED, None): "0"}, "累计一户一码0户"),
        ({(COMPLETED, C): "14"}, "total"),
        ({(COMPLETED, None): "17户"}, "number"),
        ({(COMPLETED, None): "-1"}, "number"),
        ({(COMPLETED, None): "1７"}, "累计竣工17户"),
        ({(COMPLETED, None): "1 7"}, "number"),
        ({(COMPLETED, None): "十七"}, "number"),
        ({}, "nothing"),
    ],
)
def test_what_is_typed_becomes_one_sentence(typed: Mapping[Any, str], text: str) -> None:
    came = came_of(typed)
    assert (came.why if isinstance(came, NotFilled) else came) == text


def form(app: App, moment: str, *, of: str = "10-29", **changes: object) -> Form:
    facts = {**link_facts(CAMPAIGN, DAOXI, day(of)), **changes}
    with app.store.reading() as session:
        return form_of(session, app.campaigns, facts, at(moment))


def sends(
    app: App, moment: str, values: Mapping[Any, str], *, nonce: str = "n1", correction: bool = False
) -> StoredReading:
    with app.store.reading() as session:
        now_open = day_open(session, CAMPAIGN, at(moment))
    return fill(
        app.store,
        form(app, moment, of=f"{now_open:%m-%d}"),
        app.reading_wording,
        values,
        correction=correction,
        nonce=nonce,
        at=at(moment),
    )


def completed(app: App) -> str | None:
    with app.store.reading() as session:
        stands = figures.standing(session, CAMPAIGN.key, day("10-29"), at("11-20 20:00"))
    value = stands.get((TownshipName("稻溪镇"), COMPLETED, None))
    return None if value is None else plain(value)


BOTH = {(STARTED, None): "25", (COMPLETED, None): "17"}


def test_a_form_is_a_reply_of_the_contact_and_its_figures_stand(
    app: App, enrolled: Enrolled
) -> None:
    assert sends(app, "10-29 10:00", BOTH).outcome == Outcome.ACCEPT
    assert completed(app) == "17"
    with app.store.reading() as session:
        (reply,) = replies.replies(session, CAMPAIGN.key)
    assert (reply.channel, reply.sender, reply.text) == (
        "fill",
        "稻溪镇-谢",
        "累计开工25户；累计竣工17户",
    )


def test_a_double_click_is_one_message_and_a_changed_form_is_another(
    app: App, enrolled: Enrolled
) -> None:
    first = sends(app, "10-29 10:00", BOTH)
    assert sends(app, "10-29 10:00", BOTH) == first
    sends(app, "10-29 10:01", {**BOTH, (COMPLETED, None): "18"})
    assert completed(app) == "18"
    with app.store.reading() as session:
        assert len(replies.replies(session, CAMPAIGN.key)) == 2


def test_what_is_wrong_is_told_in_the_readers_own_words_and_changes_nothing(
    app: App, enrolled: Enrolled
) -> None:
    sends(app, "10-29 10:00", BOTH)
    above = sends(app, "10-29 10:01", {(STARTED, None): "25", (COMPLETED, None): "26"}, nonce="n2")
    assert (above.outcome, above.echo) == ("ask", "“竣工26户”超出任务数25或小于零，请核对后再报。")
    below = sends(app, "10-29 10:02", {(COMPLETED, None): "12"}, nonce="n3")
    assert "更正" in below.echo
    assert completed(app) == "17"
    assert (
        sends(app, "10-29 10:03", {(COMPLETED, None): "12"}, nonce="n4", correction=True).outcome
        == "accept"
    )
    assert completed(app) == "12"


@pytest.mark.parametrize(
    ("moment", "of", "why"),
    [
        ("10-29 17:29", "10-29", None),
        ("10-29 17:30", "10-29", "old"),
        ("10-29 10:00", "10-28", "old"),
        ("10-28 17:31", "10-29", None),
        ("10-28 10:00", "10-29", "not_come"),
        ("11-20 17:30", "11-20", "ended"),
        ("10-14 12:00", "10-15", "ended"),
    ],
)
def test_a_link_opens_its_own_day_and_no_other(
    app: App, enrolled: Enrolled, moment: str, of: str, why: str | None
) -> None:
    if why is None:
        assert form(app, moment, of=of).day == day(of)
        return
    with pytest.raises(NotFilled) as refused:
        form(app, moment, of=of)
    assert refused.value.why == why
    assert templates.refusal("fill", why, **refused.value.facts)


def test_a_link_ends_with_the_bulletin_that_came_early(app: App, enrolled: Enrolled) -> None:
    strike = ScheduledRun(
        job="bulletin", day=day("10-29"), planned=at("10-29 17:30"), at=at("10-29 15:00")
    )
    with app.store.writing() as session:
        close_day(session, enrolled.campaign, strike)
    with pytest.raises(NotFilled, match="10-30 is open"):
        form(app, "10-29 15:01")


def test_links_of_what_is_gone_open_nothing(app: App, enrolled: Enrolled) -> None:
    for changes, why in (({"c": "other"}, "no_link"), ({"t": "老镇"}, "no_township")):
        with pytest.raises(NotFilled) as refused:
            form(app, "10-29 10:00", **changes)
        assert refused.value.why == why
    with app.store.reading() as session, pytest.raises(NotFilled, match="altered"):
        form_of(session, app.campaigns, None, at("10-29 10:00"))
    alone = replace(
        enrolled, campaign=replace(enrolled.campaign, townships=(replace(DAOXI, contacts=()),))
    )
    app.campaigns[CAMPAIGN.key] = alone
    with pytest.raises(NotFilled, match="no contact"):
        form(app, "10-29 10:00")


def test_a_form_sent_without_end_is_stopped(app: App, enrolled: Enrolled) -> None:
    for number in range(MOST_A_DAY):
        sends(app, "10-29 10:00", BOTH, nonce=f"n{number}")
    with pytest.raises(NotFilled, match="times today"):
        sends(app, "10-29 10:01", BOTH, nonce="another")


def test_a_campaign_that_asks_nobody_in_the_morning_takes_forms_all_the_same(
    app: App, enrolled: Enrolled
) -> None:
    hours = {job: hour for job, hour in CAMPAIGN.hours.items() if job != "call"}
    app.campaigns[CAMPAIGN.key] = replace(
        enrolled, campaign=replace(enrolled.campaign, hours=hours)
    )
    assert sends(app, "10-29 10:00", BOTH).outcome == Outcome.ACCEPT


def test_forms_sent_without_end_in_the_evening_before_are_stopped_too(
    app: App, enrolled: Enrolled
) -> None:
    sends(app, "10-28 10:00", BOTH, nonce="of the day before")
    for number in range(MOST_A_DAY):
        sends(app, "10-28 18:00", BOTH, nonce=f"n{number}")
    with pytest.raises(NotFilled, match="times today"):
        sends(app, "10-28 18:01", BOTH, nonce="another")
    sends(app, "10-29 17:31", BOTH, nonce="of the day after")
