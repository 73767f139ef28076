"""Cases and claims as JSON, the shape of `diaodu read --cases`
(docs/reading-rules.md#with-cases-of-a-register).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.domain.campaigns.campaign import StageKey, TownshipName
from bot.domain.campaigns.register import Register
from bot.domain.registers.case import CaseCode, Paid
from bot.domain.registers.naming import CaseReading, KnownCase, KnownCases


def known_from_json(
    register: Register, told: Any, at: datetime
) -> tuple[KnownCases, Mapping[CaseCode, str]]:
    """The cases a message of that moment is read against, and the name of each.

    `told` is a list of cases, of which a stage stands if its day is before the message's; or
    {"known": [{"at", "cases"}]}, of which the newest known by then stands as it is. ValueError that
    says what is wrong.
    """
    entries, whole = _entries(told, at)
    cases: dict[CaseCode, KnownCase] = {}
    names: dict[CaseCode, str] = {}
    named: dict[str, list[KnownCase]] = {}
    places: set[str] = set()
    for number, entry in enumerate(entries, 1):
        try:
            case = _case(register, entry, None if whole else at.date())
        except (KeyError, TypeError, ValueError) as fault:
            raise ValueError(f"case {number}: {fault!r}") from None
        cases[case.code] = case
        if name := str(entry.get("name", "")):
            named.setdefault(name, []).append(case)
            names[case.code] = name
        if village := entry.get("village"):
            places.add(str(village))
    return KnownCases(
        cases=cases, named=lambda name: named.get(name, ()), places=frozenset(places)
    ), names


def _entries(told: Any, at: datetime) -> tuple[Sequence[Mapping[str, Any]], bool]:
    if isinstance(told, list):
        return told, False
    if not isinstance(told, Mapping) or not isinstance(told.get("known"), list):
        raise ValueError('must be a list of cases, or {"known": [{"at": moment, "cases": [...]}]}')
    newest: Sequence[Mapping[str, Any]] = ()
    for one in sorted(told["known"], key=lambda one: datetime.fromisoformat(one["at"])):
        if datetime.fromisoformat(one["at"]) <= at:
            newest = one["cases"]
    return newest, True


def _case(register: Register, entry: Mapping[str, Any], before: date | None) -> KnownCase:
    days = {
        stage.key: date.fromisoformat(entry[stage.key])
        for stage in register.stages
        if entry.get(stage.key)
    }
    if before is not None:
        days = {key: day for key, day in days.items() if day < before}
    paid = None
    if entry.get("batch") and any(
        stage.proof == "bank" and stage.key in days for stage in register.stages
    ):
        day = next(
            days[stage.key]
            for stage in register.stages
            if stage.proof == "bank" and stage.key in days
        )
        paid = Paid(day=day, amount=int(entry.get("yuan", 0)) * 100, batch=int(entry["batch"]))
    return KnownCase(
        code=CaseCode(entry["case"]),
        township=TownshipName(entry["township"]),
        tail=str(entry.get("tail") or str(entry.get("id", ""))[-4:]),
        stages={StageKey(key): day for key, day in days.items()},
        paid=paid,
    )


def claims_to_json(reading: CaseReading | None) -> list[dict[str, Any]]:
    """What a message claims of cases: register, case (or township, batch and count), stage, day;
    and an increment it tells.
    """
    if reading is None:
        return []
    told: list[dict[str, Any]] = []
    for claim in reading.claims:
        one: dict[str, Any] = {
            "register": claim.register,
            "stage": claim.stage,
            "day": claim.day.isoformat(),
        }
        if claim.case is not None:
            one["case"] = claim.case
        else:
            one |= {"township": claim.township, "batch": claim.batch, "count": claim.count}
        told.append(one)
    if reading.increment is not None:
        stage, count = reading.increment
        told.append({"figure": stage, "township": reading.claims[0].township, "increment": count})
    return told
