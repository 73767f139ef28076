"""Whatever somebody writes anywhere in a campaign file, it loads or is refused with sentences;
nothing else happens.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.campaign_file.loader import CampaignRefused, campaign_from_content, load_campaign
from jobs import JOBS
from tests.config.test_campaign_file import PLATFORMS, SOUND, told_in_chinese

Steps = tuple[str | int, ...]


def toml(value: Any) -> str:
    """The value as TOML, tables inline."""
    if isinstance(value, dict):
        return (
            "{ "
            + ", ".join(f"{json.dumps(key)} = {toml(part)}" for key, part in value.items())
            + " }"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str | bool):
        return json.dumps(value).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def places(value: Any, above: Steps = ()) -> Iterator[Steps]:
    """Every place in a tree of tables and lists."""
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, part in parts:
        yield (*above, step)
        yield from places(part, (*above, step))


PLACES = list(places(tomllib.loads(SOUND)))
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.sampled_from(["nan", "inf", "1e30", "-0.5", "2.50", "17.5"]).map(Decimal)
    | st.text(st.characters(codec="utf-8"), max_size=6)
    | st.sampled_from(
        [
            "office",
            "甲溪",
            "乙山乡",
            "started",
            "completed",
            "A",
            "25:00",
            "2022-02-30",
            "workdays",
            "100%",
        ]
    )
    | st.dates(date(1, 1, 1), date(9999, 12, 31))
    | st.datetimes()
    | st.times(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc甲", min_size=1, max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(PLACES), JUNK | st.just(...)), min_size=1, max_size=4
    )
)
def test_a_file_with_anything_anywhere_loads_and_is_rebuilt_or_is_refused_in_sentences(
    changes: list[tuple[Steps, Any]],
) -> None:
    raw: dict[str, Any] = tomllib.loads(SOUND)
    for steps, junk in changes:
        holder: Any = raw
        try:
            for step in steps[:-1]:
                holder = holder[step]
            if junk is ...:
                del holder[steps[-1]]
            else:
                holder[steps[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.toml"
        path.write_text(
            "\n".join(f"{key} = {toml(value)}" for key, value in raw.items()), encoding="utf-8"
        )
        try:
            loaded = load_campaign(path, platforms=PLATFORMS, jobs=JOBS)
        except CampaignRefused as refused:
            told = refused.faults
        else:
            assert campaign_from_content(loaded.content, JOBS) == loaded.campaign
            return
    assert told
    assert len(set(told)) == len(told)
    assert all(fault.allowed and "Input should" not in fault.allowed for fault in told)
    assert all(told_in_chinese(fault) for fault in told)
