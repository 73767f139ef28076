"""A campaign from the form of a page and the clerk's roster. The form's fields are named by the
places of a campaign file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from bot.domain.campaigns.campaign import JobKind
from config.campaign_file.description import (
    Described,
    Rows,
    Shown,
    fields_on_form,
    keep_what_has_no_field,
    rows_on_form,
)
from config.campaign_file.loader import (
    CampaignFault,
    CampaignRefused,
    LoadedCampaign,
    checked,
    heads_of_baselines,
    words_of_categories,
)
from config.campaign_file.roster import EXAMPLE, kept_of, read_roster
from config.campaign_file.shape import CampaignFile, Misfit, shown
from config.holidays import calendar_for
from config.wording.faults import (
    named_row,
    order_of,
    place_in_chinese,
    sentence,
    value_in_chinese,
    word,
)

Fields = Mapping[str, Sequence[str]]
"""What a browser posts: the values of each field by its name."""


def _text(values: Sequence[str]) -> Any:
    return next((value.strip() for value in values if value.strip()), None)


def _words(values: Sequence[str]) -> Any:
    return [part for value in values for part in re.split(r"[、,，;；\s]+", value) if part] or None


def _number(values: Sequence[str]) -> Any:
    text = _text(values)
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else text


def _share(values: Sequence[str]) -> Any:
    text = _text(values)
    return f"{text}%" if text and re.fullmatch(r"\d{1,3}(\.\d+)?", text) else text


def _many(values: Sequence[str]) -> Any:
    return [value for value in values if value]


def _yes(values: Sequence[str]) -> Any:
    return any(values)


READS: Mapping[Shown, Callable[[Sequence[str]], Any]] = {
    Shown.BOX: _text,
    Shown.HIDDEN: _text,
    Shown.DATE: _text,
    Shown.TIME: _text,
    Shown.AMOUNT: _text,
    Shown.CHOOSE: _text,
    Shown.WORDS: _words,
    Shown.NUMBER: _number,
    Shown.SHARE: _share,
    Shown.TICK: _yes,
    Shown.TICKS: _many,
}
"""How what a browser posts is read, by how it was shown."""

DESCRIBED: Mapping[str, Described] = {one.place: one for one in fields_on_form(CampaignFile)}
"""The keys of a campaign file that have a field on the form, by their place."""

ROWS: Mapping[str, Rows] = rows_on_form(CampaignFile)
"""The lists whose rows stand on the form."""

FIELDS: Mapping[str, Callable[[Sequence[str]], Any]] = {
    **{place: READS[one.shown] for place, one in DESCRIBED.items()},
    "ranking.rule": _number,
    "headline": _text,
    "stages[].weight": _text,
    **{f"{section}[].gone": _yes for section in ROWS},
}
"""How each field of the form is read. `headline` holds the key of the stage that is ranked, a
`weight` belongs to the ranking.
"""

HIDDEN = ("phone", "user_id")
"""Of a contact: what is whole in the ledger alone."""

CHOSEN = frozenset(
    one.place.rpartition(".")[2]
    for one in DESCRIBED.values()
    if one.shown in {Shown.CHOOSE, Shown.TICKS} and one.place != "stages[].within"
)
"""The last parts of those keys whose values are words of the file's own."""

KEYS = {section: rows.prefix for section, rows in ROWS.items() if rows.prefix}
"""How the keys begin that rows of a list are given."""

HOUR = re.compile(r"hours\.[a-z0-9_]{1,64}")
"""The field of a job's hour: which jobs there are the checks know."""

LISTS = (*KEYS, "townships")
"""The lists whose rows are known by something that stays."""


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """Something that is another in a new version, as the clerk sees it; an empty side is where it
    is not.
    """

    place: str
    was: str
    now: str


def raw_of(fields: Fields) -> dict[str, Any]:  # noqa: C901
    """What the form says, in the shape of a campaign file; empty rows are gone, and what is wrong
    is left for the checks.
    """
    raw: dict[str, Any] = {"office_staff": [], "hours": {}}
    rows: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in ROWS}
    for name, read in FIELDS.items():
        if "[]" not in name and (name in fields or read is _yes):
            _put(raw, name, read(fields.get(name, ())))
    for name in filter(HOUR.fullmatch, fields):
        _put(raw, name, _text(fields[name]))
    for name, values in fields.items():
        found = re.fullmatch(r"([a-z_.]+)\[(\d{1,4})\]\.([a-z_]+)", name)
        reads = FIELDS.get(f"{found[1]}[].{found[3]}") if found else None
        if found and reads:
            rows[found[1]].setdefault(int(found[2]), {})[found[3]] = reads(values)
    for name, list_of in ROWS.items():
        staying = [entry for _, entry in sorted(rows[name].items()) if not entry.pop("gone", False)]
        entries = [
            {part: value for part, value in entry.items() if value is not None}
            for entry in staying
            if any(entry.get(part) not in (None, []) for part in list_of.filled)
        ]
        _put(raw, name, entries)
        _give_keys(name, entries)
    headline = raw.pop("headline", None)
    for stage in raw["stages"]:
        stage["headline"] = headline is not None and stage["key"] == headline
    weights = {stage["key"]: stage.pop("weight") for stage in raw["stages"] if "weight" in stage}
    if weights:
        _put(raw, "ranking.weights", weights)
    for part in (*raw["stages"], *raw["categories"]):
        if "name" in part:
            part.setdefault("words", [part["name"]])
    return raw


def fields_of(raw: Mapping[str, Any]) -> dict[str, list[str]]:
    """The form that says this; `raw` is the shape of a campaign file, or the content of a
    version.
    """
    raw = {**raw, "basis": _basis(raw), "calendar": _own_days(raw)}
    fields: dict[str, list[str]] = {}
    for name in FIELDS:
        section, is_row, part = name.partition("[].")
        if is_row:
            for number, entry in enumerate(_get(raw, section) or (), 1):
                _fill(fields, f"{section}[{number}].{part}", entry.get(part))
        else:
            _fill(fields, name, _get(raw, name))
    for job, hour in (_get(raw, "hours") or {}).items():
        _fill(fields, f"hours.{job}", hour)
    weights = _get(raw, "ranking.weights") or {}
    for number, stage in enumerate(raw.get("stages", ()), 1):
        _fill(fields, f"stages[{number}].weight", weights.get(stage.get("key")))
    fields["headline"] = [stage["key"] for stage in raw.get("stages", ()) if stage.get("headline")]
    return fields


def next_key(section: str, taken: Collection[str]) -> str:
    """The key of a new row of that list."""
    number = len(taken) + 1
    while f"{KEYS[section]}{number}" in taken:
        number += 1
    return f"{KEYS[section]}{number}"


def campaign_from_form(
    raw: Mapping[str, Any],
    roster: tuple[str, bytes] | None,
    *,
    platforms: Collection[str],
    jobs: Mapping[str, JobKind],
    before: str | None = None,
) -> LoadedCampaign:
    """The campaign of what the form says and of its roster; without one the townships of the
    content `before` stay.

    What has no field on the form stays as it stands in `before`.
    Raises CampaignRefused with every fault, each of which `field_of` finds a field for.
    """
    said = deepcopy(dict(raw))
    said.pop("townships", None)
    standing: dict[str, Any] = json.loads(before) if before is not None else {}
    # The townships are the roster's; of the calendar only the campaign's own days are anybody's
    # typing.
    stands = {key: value for key, value in standing.items() if key != "townships"}
    keep_what_has_no_field(CampaignFile, said, {**stands, "calendar": _own_days(standing)})
    if roster is not None:
        read = read_roster(*roster, words_of_categories(said), heads_of_baselines(said))
        kept_of(read.townships, standing.get("townships", ()))
        for number, township in enumerate(read.townships, 1):
            if str(township["name"]).startswith(EXAMPLE):
                told = sentence("roster_example")
                read.faults.append(
                    Misfit(
                        place=read.place(number, "name"), value=shown(township["name"]), told=told
                    )
                )
        return checked(
            said, "", (roster[0], read), platforms=platforms, jobs=jobs, addresses_kept=True
        )
    more: list[CampaignFault] = []
    if before is not None:
        said["townships"] = [_left(township, said) for township in standing["townships"]]
        more = [
            CampaignFault(
                file="",
                place="categories",
                value="",
                told=sentence("roster_needed", category=part["name"]),
            )
            for part in standing["categories"]
            if any(part["key"] in township["targets"] for township in said["townships"])
            and part["key"] not in {category["key"] for category in said["categories"]}
        ]
    try:
        loaded = checked(said, "", None, platforms=platforms, jobs=jobs, addresses_kept=True)
    except CampaignRefused as refused:
        # Of categories that are gone every township would speak; the roster is what is needed.
        others = [
            fault for fault in refused.faults if not (more and fault.told.rule == "no_category")
        ]
        raise CampaignRefused([*others, *more]) from None
    return loaded


def field_of(place: str) -> str:
    """The field of the form where a fault of that place is shown: the field itself, or what it
    belongs to.
    """
    if re.match(r"townships|row \d|file$|roster", place):
        return "roster"
    while place:
        if re.sub(r"\[\d+\]", "[]", place) in FIELDS or place in ROWS or HOUR.fullmatch(place):
            return place
        place = re.sub(r"(\[\d+\]|\.?[^.\[\]]*)$", "", place)
    return ""


def differences(before: str, after: str) -> list[SettingChange]:
    """Everything that differs between two contents, in the order of the campaign file. Telephone
    numbers are not shown.
    """
    was, now = dict(_leaves(json.loads(before))), dict(_leaves(json.loads(after)))
    rows = [
        [name for name in leaves if len(name) == 2 and name[0] in LISTS] for leaves in (was, now)
    ]
    both = set(rows[0]) & set(rows[1])
    found = []
    for name in (*now, *(name for name in was if name not in now)):
        one, other = was.get(name, ("", "")), now.get(name, ("", ""))
        if one[1] == other[1] or (len(name) > 2 and name[0] in LISTS and name[:2] not in both):
            continue  # of a row that is new or gone it is enough to say so
        if name[0] == "order":
            stayed = [[row for row in side if row in both and row[0] == name[1]] for side in rows]
            if stayed[0] == stayed[1]:
                continue
        values = [
            value_in_chinese("(hidden)") if name[-1] in HIDDEN and value else value
            for value in (one[1], other[1])
        ]
        found.append(SettingChange(place=other[0] or one[0], was=values[0], now=values[1]))
    return found


def _put(raw: dict[str, Any], name: str, value: Any) -> None:
    *above, last = name.split(".")
    for part in above:
        raw = raw.setdefault(part, {})
    if value is not None:
        raw[last] = value


def _get(raw: Mapping[str, Any], name: str) -> Any:
    value: Any = raw
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _give_keys(section: str, entries: Sequence[dict[str, Any]]) -> None:
    if section not in KEYS:
        return
    for entry in entries:
        if "key" not in entry:
            entry["key"] = next_key(section, {other["key"] for other in entries if "key" in other})


def _left(township: dict[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The township as the form leaves it: its basis is the form's, and targets of 0 for categories
    that are gone go too.
    """
    known = {category["key"] for category in raw["categories"]}
    targets = {
        key: amount for key, amount in township["targets"].items() if key in known or float(amount)
    }
    return {**township, "targets": targets, "basis": None}


def _fill(fields: dict[str, list[str]], name: str, value: Any) -> None:
    if value is None or value is False:
        return
    if value is True:
        fields[name] = ["on"]
    elif isinstance(value, list):
        read = FIELDS[re.sub(r"\[\d+\]", "[]", name)]
        fields[name] = (
            [str(part) for part in value] if read is _many else ["、".join(map(str, value))]
        )
    else:
        fields[name] = [_as_typed(name, str(value))]


def _as_typed(name: str, text: str) -> str:
    if re.fullmatch(r"\d\d:\d\d:00", text):
        return text[:5]
    if name.endswith(".share") and re.fullmatch(r"\d+(/\d+)?", text):
        share = Fraction(text) * 100
        return f"{float(share):g}%" if share.denominator in (1, 2, 4, 5, 10) else text
    return text


def _leaves(content: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    """Every single thing a content says: by what it is known, then its place as the clerk sees it
    and its value.
    """
    for key, value in {**content, "calendar": _own_days(content)}.items():
        if key == "plan":
            yield from _rows("plan.milestones", value["milestones"], content)
        elif key in ROWS or key == "townships":
            yield from _rows(key, value, content)
        elif key == "basis":
            for name, part in _basis(content).items():
                yield (key, name), (place_in_chinese(f"{key}.{name}"), _in_chinese(name, part))
        elif isinstance(value, Mapping):
            for name, part in value.items():
                yield (key, name), (place_in_chinese(f"{key}.{name}"), _in_chinese(name, part))
        else:
            yield (key,), (place_in_chinese(key), _in_chinese(key, value))


def _rows(  # noqa: C901, PLR0912
    section: str, entries: Sequence[Mapping[str, Any]], content: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    by = "name" if section == "townships" else "key" if section in KEYS else None
    called = {part["key"]: part["name"] for part in (*content["stages"], *content["categories"])}
    for number, entry in enumerate(entries, 1):
        mine = (section, str(entry[by] if by else number))
        row = (
            named_row(section, str(entry["name"]))
            if by
            else place_in_chinese(f"{section}[{number}]")
        )
        for name, value in entry.items():
            place = row + place_in_chinese(f"{section}.{name}")
            if name == "contacts":
                yield (
                    (*mine, name),
                    (place, "、".join(f"{one['name']}（{one['nick']}）" for one in value)),
                )
                for hidden in HIDDEN:
                    known = "、".join(one[hidden] for one in value if one[hidden])
                    yield (
                        (*mine, hidden),
                        (row + place_in_chinese(f"townships.contacts.{hidden}"), known),
                    )
            elif name == "targets":
                for category, amount in value.items():
                    yield (
                        (*mine, name, category),
                        (named_row(row, called.get(category, category)), str(amount)),
                    )
            elif name in {"baseline", "baselines"}:
                for of, amount in _flat(value):
                    label = "".join(called.get(part, part) for part in reversed(of))
                    yield (
                        (*mine, name, *of),
                        (named_row(row, label + place_in_chinese("townships.baseline")), amount),
                    )
            elif name not in {by, "basis"}:
                yield (
                    (*mine, name),
                    (
                        place,
                        _in_chinese(name, called.get(value, value) if name == "within" else value),
                    ),
                )
        if by:
            yield mine, (row, "✓")
    if by:
        yield (
            ("order", section),
            (order_of(section), "、".join(str(entry["name"]) for entry in entries)),
        )


def _flat(amounts: Mapping[str, Any], *above: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every amount of a table, and of the tables in it, by the keys that lead to it."""
    for key, value in amounts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, *above, key)
        else:
            yield (*above, key), str(value)


def _basis(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The day and paper that set the targets, which a content keeps with its townships."""
    first: Mapping[str, Any] = next(iter(content.get("townships", ())), {})
    return first.get("basis") or content.get("basis") or {}


def _own_days(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The campaign's own days off and days worked; those of the State Council, which a content
    holds too, are nobody's typing.
    """
    calendar = content.get("calendar") or {}
    if not calendar.get("years"):
        return calendar
    national = calendar_for(calendar["years"])
    own = [year for year in calendar["years"] if year not in national.years]
    return {
        **({"years": own} if own else {}),
        "off": [day for day in calendar["off"] if date.fromisoformat(day) not in national.off],
        "work": [day for day in calendar["work"] if date.fromisoformat(day) not in national.work],
    }


def _in_chinese(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return "、".join(_in_chinese(name, part) for part in value)
    if isinstance(value, bool) or name in CHOSEN:
        return word(str(value).lower())
    return _as_typed(f".{name}", str(value))
