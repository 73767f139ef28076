"""What a form has no field for stays as it stands, whatever a file describes; later keys that say
nothing move no digest.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, create_model

from config.campaign_file.description import (
    LATER,
    Described,
    OnForm,
    Rows,
    Shown,
    fields_on_form,
    keep_what_has_no_field,
    without_unsaid,
)
from config.campaign_file.form import campaign_from_form, fields_of, raw_of
from config.campaign_file.loader import load_campaign
from config.campaign_file.parts import FilePart
from config.campaign_file.shape import CampaignFile
from jobs import JOBS
from tests.config.test_campaign_file import PLATFORMS

NAMES = ("alpha", "beta", "gamma", "delta")
ROWS = Rows(filled=("key",), known_by=("key",))


@st.composite
def tables(draw: st.DrawFn, depth: int = 2) -> type[FilePart]:
    """A table of any description: keys with a field and without, tables in it, lists of rows."""
    fields: dict[str, Any] = {"key": (Annotated[str, OnForm()], "")}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        what = draw(
            st.sampled_from(["field", "plain", "table", "rows"] if depth else ["field", "plain"])
        )
        if what in {"field", "plain"}:
            fields[name] = (Annotated[int, OnForm()] if what == "field" else int, 0)
        elif what == "table":
            fields[name] = (draw(tables(depth=depth - 1)), None)
        else:
            fields[name] = (Annotated[list[draw(tables(depth=depth - 1))], ROWS], [])  # type: ignore[misc]
    return create_model("Tried", __base__=FilePart, **fields)


@st.composite
def filled(draw: st.DrawFn, table: type[FilePart], key: str = "k") -> dict[str, Any]:
    """Something that stands in that table."""
    stands: dict[str, Any] = {"key": key}
    for name, field in table.model_fields.items():
        within = field.annotation
        if name == "key":
            continue
        if any(isinstance(one, Rows) for one in field.metadata):
            of = within.__args__[0]  # type: ignore[union-attr]
            stands[name] = [draw(filled(of, f"k{nth}")) for nth in range(draw(st.integers(0, 3)))]
        elif isinstance(within, type) and issubclass(within, FilePart):
            stands[name] = draw(filled(within))
        else:
            stands[name] = draw(st.integers(1, 99))
    return stands


def on_the_form(table: type[FilePart], stands: dict[str, Any]) -> dict[str, Any]:
    """What of it a form tells: the keys that have a field, in the tables and rows that have any."""
    told: dict[str, Any] = {}
    for name, field in table.model_fields.items():
        within = field.annotation
        if any(isinstance(one, OnForm) for one in field.metadata):
            told[name] = stands[name]
        elif any(isinstance(one, Rows) for one in field.metadata):
            told[name] = [on_the_form(within.__args__[0], row) for row in stands[name]]  # type: ignore[union-attr]
        elif isinstance(within, type) and issubclass(within, FilePart):
            told[name] = on_the_form(within, stands[name])
    return told


@given(st.data())
def test_what_has_no_field_survives_a_save_whatever_is_described(data: st.DataObject) -> None:
    table = data.draw(tables())
    stands = data.draw(filled(table))
    before = deepcopy(stands)
    told = on_the_form(table, stands)
    for described in fields_on_form(table):
        if "." not in described.place and described.place != "key":
            told[described.place] = 1000  # what the clerk typed wins
    expected = {**stands, **{name: value for name, value in told.items() if value == 1000}}
    keep_what_has_no_field(table, told, stands)
    assert told == expected
    assert stands == before


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "proof": st.fixed_dictionaries(
                {"told": st.booleans(), "within_days": st.integers(1, 30)}
            ),
            "ranking.by": st.just("verified"),
            "money.answer_within": st.integers(1, 60),
            "groups.address_setting": st.sampled_from(["WECOM_A", "WECOM_B"]),
        },
    ),
    st.sampled_from(["全市危房", "全县危房"]),
)
def test_a_save_on_the_page_keeps_all_of_a_campaign_that_the_page_does_not_show(
    unshown: dict[str, Any], title: str
) -> None:
    standing = json.loads(HOUSING.content)
    for name, value in unshown.items():
        above, _, last = name.rpartition(".")
        for table in (
            standing["groups"]
            if above == "groups"
            else [standing.setdefault(above, {}) if above else standing]
        ):
            table[last] = value
    saved = campaign_from_form(
        raw_of({**fields_of(standing), "title": [title]}),
        None,
        platforms=PLATFORMS,
        jobs=JOBS,
        before=json.dumps(standing),
    )
    again = campaign_from_form(
        raw_of(fields_of(json.loads(saved.content))),
        None,
        platforms=PLATFORMS,
        jobs=JOBS,
        before=saved.content,
    )
    assert again.digest == saved.digest
    content = json.loads(saved.content)
    assert content["title"] == title
    for name, value in unshown.items():
        above, _, last = name.rpartition(".")
        for table in (
            content["groups"] if above == "groups" else [content[above] if above else content]
        ):
            if value == {"told": False, "within_days": 7} and last not in table:
                continue  # what is the usual is not written down
            kept = (
                table[last]
                if not isinstance(value, dict)
                else {key: table[last][key] for key in value}
            )
            assert kept == value, name


HOUSING = load_campaign("rural-housing-2021", platforms=PLATFORMS, jobs=JOBS)


def test_years_entered_by_hand_survive_a_save() -> None:
    standing = json.loads(HOUSING.content)
    standing |= {"days": "workdays", "start": "2035-03-01", "deadline": "2035-03-20"}
    standing["calendar"] = {"years": [2035], "off": ["2035-03-08"], "work": []}
    standing["plan"] = {"milestones": []}
    saved = campaign_from_form(
        raw_of(fields_of(standing)),
        None,
        platforms=PLATFORMS,
        jobs=JOBS,
        before=json.dumps(standing),
    )
    assert json.loads(saved.content)["calendar"] == standing["calendar"]


class Tried(FilePart):
    """A table with a key that came later."""

    old: int = 1
    new: Annotated[int, LATER] = 2


class Holding(FilePart):
    """One that holds such tables."""

    one: Tried = Tried()
    rows: list[Tried] = Field(default_factory=list)


def test_a_later_key_that_says_nothing_is_left_out_wherever_it_stands() -> None:
    part = Holding(one=Tried(old=5), rows=[Tried(new=3), Tried()])
    written = without_unsaid(part, part.model_dump())
    assert written == {"one": {"old": 5}, "rows": [{"old": 1, "new": 3}, {"old": 1}]}


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("start", Shown.DATE),
        ("cutoff", Shown.TIME),
        ("days", Shown.CHOOSE),
        ("decimals", Shown.NUMBER),
        ("ranking.enabled", Shown.TICK),
        ("ranking.tie_breaks", Shown.TICKS),
        ("stages[].words", Shown.WORDS),
        ("basis.day", Shown.DATE),
        ("plan.milestones[].share", Shown.SHARE),
        ("title", Shown.BOX),
    ],
)
def test_how_a_key_is_shown_follows_from_its_type(place: str, shown: Shown) -> None:
    found: dict[str, Described] = {one.place: one for one in fields_on_form(CampaignFile)}
    assert found[place].shown is shown
