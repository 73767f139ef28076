"""The roster in force: looked at, downloaded, and one township of it changed without the whole
sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.campaigns.set_up import Over
from bot.channels import PLATFORMS
from bot.domain.notices.notice import masked
from bot.domain.people.roles import Role
from bot.store.campaigns import versions
from bot.web.campaigns.setup import Posted, content_of, in_force, of_a_file, preview
from bot.web.site import RequestContext, SitePage
from config.campaign_file.form import campaign_from_form, fields_of, raw_of
from config.campaign_file.loader import CampaignRefused
from config.campaign_file.roster import NONE, roster_of
from config.wording import templates

CLERK = frozenset({Role.CLERK})
SPARE_CONTACTS = 1
"""Empty rows for contacts who are new."""


def _list(asked: RequestContext) -> Response:
    key = asked.enrolled.campaign.key
    return asked.page("townships.html.j2", changeable=key not in asked.app.files)


def _download(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    with asked.app.store.reading() as session:
        content = versions.version_content(session, campaign.key, asked.enrolled.version)
    name = quote(f"{campaign.short_title}{templates.roster()['sheet']}.xlsx")
    return Response(
        roster_of(content_of(content)),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f"attachment; filename=\"roster.xlsx\"; filename*=UTF-8''{name}"
        },
    )


def _change(asked: RequestContext) -> Response:
    """The form of one township, as it stands."""
    if asked.enrolled.campaign.key in asked.app.files:
        return of_a_file(asked)
    over, before = in_force(asked, asked.enrolled.campaign.key)
    content = content_of(before)
    town = _town(content, asked.query("name"))
    if town is None:
        return _gone(asked)
    return _form(asked, over, content, _fields(town))


def _posted(asked: RequestContext) -> Response:
    """Shows what would come of the change; what is kept is kept by the deed of setting up, as of a
    whole roster.
    """
    if asked.enrolled.campaign.key in asked.app.files:
        return of_a_file(asked, status=422)
    over, before = in_force(asked, asked.enrolled.campaign.key)
    seen = asked.text("version")
    over = Over(key=over.key, version=int(seen) if re.fullmatch(r"\d{1,9}", seen) else over.version)
    content = content_of(before)
    changed = deepcopy(content)
    town = _town(changed, asked.text("name"))
    if town is None:
        return _gone(asked)
    fields = {name: asked.text(name) for name in asked.form if name not in {"csrf", "version"}}
    faults = _put(town, fields, content)
    if not faults:
        raw = raw_of(fields_of(content))
        raw["key"] = str(over.key)
        # As a whole roster of which one row is another: what checks and keeps that checks and keeps
        # this.
        known = {person["phone"] for one in content["townships"] for person in one["contacts"]}
        typed = {person["phone"] for person in town["contacts"]} - known
        roster = (f"{town['name']}.xlsx", roster_of(changed, whole=typed))
        try:
            loaded = campaign_from_form(
                raw, roster, platforms=PLATFORMS, jobs=asked.app.jobs, before=before
            )
            posted = Posted(raw=raw, roster=roster, over=over, before=before)
            return preview(asked, posted, loaded, here=f"/c/{quote(over.key)}/setup")
        except CampaignRefused as refused:
            faults = [fault.chinese() for fault in refused.faults]
    return _form(asked, over, content, fields, faults)


def _form(
    asked: RequestContext,
    over: Over,
    content: Mapping[str, Any],
    fields: Mapping[str, str],
    faults: list[str] | None = None,
) -> Response:
    count = len({name for name in fields if re.fullmatch(r"contacts\[\d+\]\.name", name)})
    spare = 0 if faults else SPARE_CONTACTS
    return asked.page(
        "township.html.j2",
        status=422 if faults else 200,
        over=over,
        v=lambda name: fields.get(name, ""),
        faults=faults or [],
        categories=content["categories"],
        stages=content["stages"],
        unit=content["unit"],
        contacts=range(1, count + spare + 1),
    )


def _gone(asked: RequestContext) -> Response:
    return asked.back(
        f"/c/{quote(asked.enrolled.campaign.key)}/setup/townships",
        templates.refusal("setup", "township"),
        well=False,
    )


def _town(content: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = next(
        (one for one in content["townships"] if one["name"] == name), None
    )
    return found


def _fields(town: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form of a township; a telephone number stands there masked, and so left it
    stays.
    """
    fields = {
        "name": town["name"],
        "aliases": "、".join(town["aliases"]),
        "ranking_group": town["ranking_group"],
        "target": "" if town["target"] is None else str(town["target"]),
        **{f"targets.{key}": str(amount) for key, amount in town["targets"].items()},
        **{f"baseline.{key}": str(amount) for key, amount in town.get("baseline", {}).items()},
    }
    for stage, parts in town.get("baselines", {}).items():
        fields |= {f"baselines.{stage}.{key}": str(amount) for key, amount in parts.items()}
    for number, person in enumerate(town["contacts"], 1):
        fields[f"contacts[{number}].name"] = person["name"]
        fields[f"contacts[{number}].nick"] = person["nick"]
        fields[f"contacts[{number}].phone"] = masked(person["phone"])
    return fields


def _put(town: dict[str, Any], fields: Mapping[str, str], content: Mapping[str, Any]) -> list[str]:
    """Puts what was typed into a township; what is no number, in sentences."""
    town["aliases"] = [
        part for part in re.split(r"[、,，;；\s]+", fields.get("aliases", "")) if part
    ] or [NONE]
    town["ranking_group"] = fields.get("ranking_group", "")
    faults = []
    keys = [part["key"] for part in content["categories"]]
    stages = [part["key"] for part in content["stages"]]
    amounts = {}
    for name in (
        "target",
        *(f"targets.{key}" for key in keys),
        *(f"baseline.{stage}" for stage in stages),
        *(f"baselines.{stage}.{key}" for stage in stages for key in keys),
    ):
        typed = fields.get(name, "").strip().replace(",", "").replace("，", "")
        if typed and not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,4})?", typed):
            faults.append(templates.refusal("setup", "amount", typed=typed[:20]))
        amounts[name] = typed or None
    town["target"] = amounts.pop("target")
    town["targets"] = {key: amount for key in keys if (amount := amounts[f"targets.{key}"])}
    town["baseline"] = {
        stage: amount for stage in stages if (amount := amounts[f"baseline.{stage}"])
    }
    town["baselines"] = {
        stage: {key: amount for key in keys if (amount := amounts[f"baselines.{stage}.{key}"])}
        for stage in stages
    }
    people = []
    for number in range(1, 21):
        name, nick, phone = (
            fields.get(f"contacts[{number}].{part}", "").strip()
            for part in ("name", "nick", "phone")
        )
        if name or nick:
            people.append(
                {
                    "name": name or nick,
                    "nick": nick or name,
                    "phone": _whole(town, nick or name, phone),
                }
            )
    town["contacts"] = people
    return faults


def _whole(town: Mapping[str, Any], nick: str, phone: str) -> str | None:
    """A number as it is kept: one that was left masked is still the one it was made of, whatever
    the nick is now.
    """
    for person in town["contacts"]:
        if person.get("phone") and phone == masked(person["phone"]) and person["nick"] == nick:
            return str(person["phone"])
    kept = [
        str(one["phone"])
        for one in town["contacts"]
        if one.get("phone") and masked(one["phone"]) == phone
    ]
    return kept[0] if len(kept) == 1 else phone or None


PAGES = (
    SitePage(path="/c/{campaign}/setup/townships", answer=_list, roles=CLERK),
    SitePage(path="/c/{campaign}/setup/roster.xlsx", answer=_download, roles=CLERK),
    SitePage(path="/c/{campaign}/setup/township", answer=_change, roles=CLERK),
    SitePage(path="/c/{campaign}/setup/township", answer=_posted, roles=CLERK, methods=("POST",)),
)
