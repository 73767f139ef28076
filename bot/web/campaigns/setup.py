"""Setting up without a terminal: a campaign from a form and a roster, looked at before it holds;
addresses of groups, sealed.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from bot.actions.campaigns.keep_address import (
    AddressRefused,
    forget_address,
    keep_address,
    opened,
    seal_anew,
)
from bot.actions.campaigns.set_up import Over, end, examine, resume, set_up
from bot.channels import PLATFORMS
from bot.channels.channel import Address, Addressed
from bot.domain.campaigns.campaign import (
    BULLETIN,
    CampaignKey,
    JobKind,
)
from bot.domain.campaigns.jobs import notice_kinds
from bot.domain.day.ranking import NEWEST_RULE, RULES
from bot.domain.people.roles import Role
from bot.store.campaigns import addresses, setups, versions
from bot.views.day.sample import samples, timetable
from bot.web.site import RequestContext, SitePage
from config.campaign_file.description import Described
from config.campaign_file.form import (
    DESCRIBED,
    KEYS,
    ROWS,
    campaign_from_form,
    differences,
    field_of,
    fields_of,
    next_key,
    raw_of,
)
from config.campaign_file.loader import CampaignFault, CampaignRefused, LoadedCampaign, known_keys
from config.campaign_file.roster import roster_template
from config.wording import templates
from config.wording.faults import place_in_chinese, sentence, word

CLERK = frozenset({Role.CLERK})
LARGEST_ROSTER = 600_000
"""Bytes: it goes along in the form from step to step, for a browser does not keep a file."""

MOST_LISTED = 100
"""Campaigns on one page; a country has thousands, and finds one by its words."""

BEGINNING: Mapping[str, Any] = {
    "timezone": "Asia/Shanghai",
    "decimals": 0,
    "still_days": 5,
    "due_soon_days": 3,
    "unmarked_is_headline": True,
    "cutoff": "17:00",
    "quiet": {"start": "20:00", "end": "08:00"},
    "ranking": {"enabled": True, "first": 3, "last": 3, "rule": NEWEST_RULE},
    "ladder": [
        {"trouble": "missing", "days": 2, "audience": "supervisors"},
        {"trouble": "behind", "days": 7, "audience": "leaders"},
    ],
}
"""What a new campaign begins with, besides its jobs; its words for people stand in `setup.toml`."""


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A form as it came: what it says, the roster that goes along, and the campaign it changes."""

    raw: dict[str, Any]
    roster: tuple[str, bytes] | None
    over: Over | None
    before: str | None


def _list(asked: RequestContext) -> Response:
    with asked.app.store.reading() as session:
        known = setups.setups(session)
        left = addresses.addresses(session).values()
    keys = asked.app.secret_keys
    old = [kept for kept in left if opened(kept, keys[:1]) is None]
    words = asked.query("q")
    served = [
        (one.campaign, known.get(key), key in asked.app.files)
        for key, one in asked.app.campaigns.items()
        if words in f"{key} {one.campaign.title} {one.campaign.bureau}"
    ]
    ended = [
        setup
        for setup in known.values()
        if not setup.in_force and setup.campaign not in asked.app.files
    ]
    return asked.page(
        "setup_list.html.j2",
        served=served[:MOST_LISTED],
        left_off=max(0, len(served) - MOST_LISTED),
        words=words,
        ended=[setup for setup in ended if words in setup.campaign][-MOST_LISTED:],
        shut=[kept for kept in old if opened(kept, keys) is None][:MOST_LISTED],
        under_old_key=[kept for kept in old if opened(kept, keys) is not None],
    )


def _new(asked: RequestContext) -> Response:
    return _form(asked, Posted(raw=_beginning(asked.app.jobs), roster=None, over=None, before=None))


def _beginning(jobs: Mapping[str, JobKind]) -> dict[str, Any]:
    """What a new campaign begins with: each job at its usual hour, each kind of notice to its usual
    groups.
    """
    words = templates.setup()["beginning"]
    hours = {
        name: job.usual_hour.isoformat("minutes")
        for name, job in jobs.items()
        if job.usual_hour is not None
    }
    kinds = notice_kinds(jobs)
    groups = [
        {
            **group,
            "notices": [
                kind for kind, traits in kinds.items() if group["audience"] in traits.first_sent_to
            ],
        }
        for group in words["groups"]
    ]
    return {**BEGINNING, **words, "hours": hours, "groups": groups}


def _change(asked: RequestContext) -> Response:
    key = asked.enrolled.campaign.key
    if key in asked.app.files:
        return of_a_file(asked)
    over, before = in_force(asked, key)
    return _form(asked, Posted(raw=content_of(before), roster=None, over=over, before=before))


def of_a_file(asked: RequestContext, *, status: int = 200) -> Response:
    """A campaign of a file is only looked at: what its groups read, and when."""
    return asked.page(
        "setup_file.html.j2", status=status, **_said_by(asked, asked.enrolled.campaign)
    )


def _posted(asked: RequestContext) -> Response:
    key = asked.enrolled.campaign.key if asked.campaign else None
    if key is not None and key in asked.app.files:
        return of_a_file(asked, status=422)
    raw = raw_of({name: asked.texts(name) for name in asked.form})
    over, before = (None, None) if key is None else in_force(asked, key)
    if key is not None and over is not None:
        raw["key"] = str(key)
        seen = asked.text("version")
        over = Over(key=key, version=int(seen) if re.fullmatch(r"\d{1,9}", seen) else over.version)
    roster = _roster(asked)
    posted = Posted(raw=raw, roster=roster, over=over, before=before)
    if roster is not None and len(roster[1]) > LARGEST_ROSTER:
        fault = CampaignFault(file="", place="roster", value="", told=sentence("roster_large"))
        return _form(asked, Posted(raw=raw, roster=None, over=over, before=before), [fault])
    do = asked.text("do")
    if do == "template":
        return _template(raw)
    if do == "edit" or do.startswith("row:"):
        return _form(asked, posted, more=do.removeprefix("row:"))
    try:
        loaded = campaign_from_form(
            raw, roster, platforms=PLATFORMS, jobs=asked.app.jobs, before=before
        )
        return _saved(asked, posted, loaded) if do == "save" else preview(asked, posted, loaded)
    except CampaignRefused as refused:
        return _form(asked, posted, refused.faults)


def _saved(asked: RequestContext, posted: Posted, loaded: LoadedCampaign) -> Response:
    with asked.app.store.writing() as session:
        set_up(
            session,
            loaded,
            over=posted.over,
            files=_files(asked),
            person=asked.actor,
            reason=asked.text("reason")[:200],
            at=asked.at,
        )
    asked.app.take_up()
    said = templates.said("setup_saved", title=loaded.campaign.title)
    return asked.back(f"/c/{quote(loaded.campaign.key)}/setup/groups", said)


def preview(
    asked: RequestContext, posted: Posted, loaded: LoadedCampaign, **shown: Any
) -> Response:
    """What would come of a change, before it holds: what differs, what it moves, what the groups
    will read.
    """
    with asked.app.store.reading() as session:
        moved = examine(session, loaded, over=posted.over, files=_files(asked), at=asked.at)
    return asked.page(
        "setup_preview.html.j2",
        made=loaded.campaign,
        cautions=[caution.chinese() for caution in loaded.cautions],
        differences=differences(posted.before, loaded.content)
        if posted.before is not None
        else None,
        effects=moved,
        **_carried(posted),
        **_said_by(asked, loaded.campaign),
        **shown,
    )


def _form(
    asked: RequestContext, posted: Posted, faults: Sequence[CampaignFault] = (), *, more: str = ""
) -> Response:
    """The form with what was typed; `more` names a list that gets one more row."""
    values = fields_of(posted.raw)
    rows: dict[str, list[int]] = {}
    for section in ROWS:
        above, _, last = section.partition(".")
        holder = posted.raw.get(above) or ()
        entries = holder.get(last, ()) if last and isinstance(holder, Mapping) else holder
        count = len(entries) + (more == section or not entries)
        rows[section] = list(range(1, count + 1))
        if section in KEYS and count > len(entries):
            values[f"{section}[{count}].key"] = [
                next_key(section, {entry["key"] for entry in entries})
            ]
    at_fields: dict[str, list[str]] = {}
    for fault in faults:
        field = field_of(fault.place)
        at_fields.setdefault(field, []).append(
            fault.told.chinese() if field == fault.place else fault.chinese()
        )
    return asked.page(
        "setup_form.html.j2",
        status=422 if faults else 200,
        v=lambda name: next(iter(values.get(name, ())), ""),
        vs=lambda name: values.get(name, []),
        rows=rows,
        hours=_hours_of_form(asked.app.jobs, posted.raw),
        faults=at_fields,
        told=[(field_of(fault.place), fault.chinese()) for fault in faults],
        label=lambda name: place_in_chinese(re.sub(r"\[\d+\]", "", name)),
        mark=_mark,
        wording=templates.setup(),
        choices={
            "platform": list(templates.setup()["platforms"].items()),
            "rule": [(str(rule), templates.setup()["rules"][str(rule)]) for rule in RULES],
            "notices": [
                (kind, word(kind))
                for kind, traits in notice_kinds(asked.app.jobs).items()
                if traits.chosen
            ],
            **{
                one.place.rpartition(".")[2]: [
                    (str(choice), word(str(choice))) for choice in one.choices
                ]
                for one in DESCRIBED.values()
                if one.choices is not None
            },
        },
        parts=_parts_of_form(),
        **_carried(posted, fields=False),
    )


def _parts_of_form() -> dict[str, list[Described]]:
    """The described keys by the part of the form they stand in: a section, or the list in whose
    rows.
    """
    parts: dict[str, list[Described]] = {}
    for one in DESCRIBED.values():
        section, in_row, _ = one.place.partition("[].")
        parts.setdefault(section if in_row else one.on_form.part, []).append(one)
    return parts


def _hours_of_form(jobs: Mapping[str, JobKind], raw: Mapping[str, Any]) -> list[str]:
    """The fields of the hours in their order, the cut-off before the bulletin; last those of hours
    that no job has.
    """
    given = raw.get("hours")
    others = sorted(given.keys() - jobs.keys()) if isinstance(given, Mapping) else []
    fields = [f"hours.{name}" for name in (*jobs, *others)]
    fields.insert(fields.index(f"hours.{BULLETIN}"), "cutoff")
    return fields


def _carried(posted: Posted, *, fields: bool = True) -> dict[str, Any]:
    """What goes along in hidden fields from one step to the next."""
    kept = {}
    if posted.roster is not None:
        kept = {
            "kept_name": posted.roster[0][:200],
            "kept": base64.b64encode(posted.roster[1]).decode(),
        }
    return {
        "over": posted.over,
        "kept": kept,
        "fields": [
            (name, value) for name, given in fields_of(posted.raw).items() for value in given
        ]
        if fields
        else [],
        "townships_before": len(content_of(posted.before)["townships"])
        if posted.before is not None
        else 0,
    }


def _said_by(asked: RequestContext, campaign: Any) -> dict[str, Any]:
    return {
        "hours": timetable(campaign),
        "samples": samples(
            asked.app.wording, campaign, {name: job.sample for name, job in asked.app.jobs.items()}
        ),
        "word": word,
        "wording": templates.setup(),
        "clock": lambda hour: f"{hour:%H:%M}" if isinstance(hour, time) else "",
    }


def _roster(asked: RequestContext) -> tuple[str, bytes] | None:
    given = asked.upload("roster")
    if given is not None:
        return given
    try:
        kept = base64.b64decode(asked.text("kept"), validate=True)
    except ValueError:  # of letters that are no ASCII it is no binascii.Error
        return None
    return (asked.text("kept_name"), kept) if kept else None


def _template(raw: Mapping[str, Any]) -> Response:
    """The roster to fill in, with a column for each category that stands in the form."""
    wording = templates.setup()
    names = [str(part["name"]) for part in raw["categories"] if part.get("name")]
    stages = [str(part["name"]) for part in raw["stages"] if part.get("name")]
    name = quote(f"{wording['template']}.xlsx")
    return Response(
        roster_template(names, str(raw.get("unit", "")), stages),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f"attachment; filename=\"roster.xlsx\"; filename*=UTF-8''{name}"
        },
    )


def in_force(asked: RequestContext, key: CampaignKey) -> tuple[Over, str]:
    """The version of a campaign set up on a page that holds now, and its content."""
    with asked.app.store.reading() as session:
        version = setups.setups(session)[key].version
        return Over(key=key, version=version), versions.version_content(session, key, version)


def content_of(content: str) -> dict[str, Any]:
    """A content as its parts."""
    found: dict[str, Any] = json.loads(content)
    return found


def _files(asked: RequestContext) -> set[CampaignKey]:
    return asked.app.files | set(map(CampaignKey, known_keys()))


def _mark(name: str) -> str:
    return "f-" + re.sub(r"[^a-z0-9]+", "-", name).strip("-")


def _groups(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    with asked.app.store.reading() as session:
        kept = addresses.addresses(session, campaign.key)
    keys = asked.app.secret_keys
    rows = []
    for group in campaign.groups:
        address = kept.get((campaign.key, group.key))
        robot = asked.app.robots.of(campaign.key, group.key)
        rows.append(
            {
                "group": group,
                "notices": [kind for kind in notice_kinds(asked.app.jobs) if kind in group.notices],
                "needs": isinstance(asked.app.channels[group.platform], Addressed),
                "kept": address,
                "opens": address is not None and opened(address, keys) is not None,
                "in_settings": address is None and robot is not None and bool(robot.fingerprint),
                "robot": robot.fingerprint[:8] if robot is not None else "",
            }
        )
    return asked.page(
        "setup_groups.html.j2", rows=rows, keyed=bool(keys), word=word, wording=templates.setup()
    )


def _keep(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    here = f"/c/{quote(campaign.key)}/setup/groups"
    group = next((group for group in campaign.groups if group.key == asked.text("group")), None)
    if group is None:
        return asked.back(here, templates.refusal("setup", "group"), well=False)
    try:
        with asked.app.store.writing() as session:
            keep_address(
                session,
                campaign.key,
                group,
                Address(asked.text("url"), asked.text("secret")),
                channel=asked.app.channels[group.platform],
                keys=asked.app.secret_keys,
                person=asked.actor,
                at=asked.at,
            )
    except AddressRefused as refused:
        told = templates.refusal("setup", "address", group=group.name, told=refused.told.chinese())
        return asked.back(here, told, well=False)
    asked.app.take_up()
    return asked.back(here, templates.said("address_kept", group=group.name))


def _forget(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    here = f"/c/{quote(campaign.key)}/setup/groups"
    group = next((group for group in campaign.groups if group.key == asked.text("group")), None)
    if group is None:
        return asked.back(here, templates.refusal("setup", "group"), well=False)
    with asked.app.store.writing() as session:
        if (campaign.key, group.key) in addresses.addresses(session, campaign.key):
            forget_address(session, campaign.key, group.key, person=asked.actor, at=asked.at)
    asked.app.take_up()
    return asked.back(here, templates.said("address_forgotten", group=group.name))


def _seal(asked: RequestContext) -> Response:
    with asked.app.store.writing() as session:
        moved = seal_anew(session, asked.app.secret_keys, person=asked.actor, at=asked.at)
    asked.app.take_up()
    return asked.back("/setup", templates.said("addresses_sealed", count=moved))


def _end(asked: RequestContext) -> Response:
    campaign = asked.enrolled.campaign
    here, reason = f"/c/{quote(campaign.key)}/setup", asked.text("reason")[:200]
    if campaign.key in asked.app.files:
        return of_a_file(asked, status=422)
    if not reason:
        return asked.back(here, templates.refusal("setup", "reason"), well=False)
    with asked.app.store.writing() as session:
        end(session, campaign.key, person=asked.actor, reason=reason, at=asked.at)
    asked.app.take_up()
    return asked.back("/", templates.said("setup_ended", title=campaign.title))


def _resume(asked: RequestContext) -> Response:
    key = CampaignKey(asked.text("key"))
    try:
        with asked.app.store.writing() as session:
            resume(session, key, person=asked.actor, reason="", at=asked.at)
    except KeyError:
        return asked.back("/setup", templates.refusal("setup", "unknown"), well=False)
    asked.app.take_up()
    return asked.back("/setup", templates.said("setup_resumed", campaign=key))


PAGES = (
    SitePage(
        path="/c/{campaign}/setup", answer=_change, roles=CLERK, tab=templates.said("tab_setup")
    ),
    SitePage(path="/c/{campaign}/setup", answer=_posted, roles=CLERK, methods=("POST",)),
    SitePage(
        path="/c/{campaign}/setup/groups",
        answer=_groups,
        roles=CLERK,
        tab=templates.said("tab_groups"),
    ),
    SitePage(path="/c/{campaign}/setup/address", answer=_keep, roles=CLERK, methods=("POST",)),
    SitePage(path="/c/{campaign}/setup/forget", answer=_forget, roles=CLERK, methods=("POST",)),
    SitePage(path="/c/{campaign}/setup/end", answer=_end, roles=CLERK, methods=("POST",)),
    SitePage(path="/setup", answer=_list, roles=CLERK),
    SitePage(path="/setup/new", answer=_new, roles=CLERK),
    SitePage(path="/setup/new", answer=_posted, roles=CLERK, methods=("POST",)),
    SitePage(path="/setup/seal", answer=_seal, roles=CLERK, methods=("POST",)),
    SitePage(path="/setup/resume", answer=_resume, roles=CLERK, methods=("POST",)),
)
