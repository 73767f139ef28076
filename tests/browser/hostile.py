"""A campaign in which every name and every word is hostile: markup, formulas, signs that turn, join
and hide, two hundred letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.actions.day import steer
from bot.actions.oversight import overdue
from bot.app import build_app, load_campaigns
from bot.commands.demo import SEASON
from bot.domain.campaigns.campaign import TownshipName
from bot.domain.decisions.actor import Actor
from bot.domain.replies.reading import Incoming
from bot.views.oversight.overdue import overdue_now
from config.settings import Settings
from jobs import JOBS
from tests.actions.replies.test_hear import Ear
from tests.browser.served import AFTERNOON, SETTINGS, Served, goes_on, let_in, served

SCRIPT = "<script>document.title='owned';alert(1)</script>"
IMAGE = "\"'><img src=x onerror=alert(2)>"
TURNED = "\u202e镇大\u202d\u200b\u2066"
JOINED = "Z" + "\u0301\u0323\u0335" * 30
LONG = "长" * 100 + "W" * 100
NAMES = (
    f"甲{SCRIPT}", f"乙{IMAGE}", "</td></table><h1>丙", '=HYPERLINK("http://evil.example","丁")', f"戊{TURNED}", f"己{JOINED}",
    f"庚{LONG}", "辛👩‍👩‍👧‍👦🏳️‍🌈🇨🇳", "{{ 7*7 }}{% raw %}壬", "癸/../..?a=b#c&d;e%2f", "' onmouseover='alert(3)' x='子", "丑<svg/onload=alert(4)>",
)  # fmt: skip
HOSTILE = {
    "title": f"全市{SCRIPT}{TURNED}{LONG}",
    "township": NAMES[0],
    "reply": f"{SCRIPT}{IMAGE}</td>=1+1{JOINED}",
    "sentence_seen": f"{SCRIPT}</td>{IMAGE}",
}


@contextmanager
def hostile_site(folder: Path) -> Iterator[Served]:
    """The campaign of 2021 renamed all over, past what its loader would let through, in the
    afternoon of 29 October.
    """
    (loaded,) = load_campaigns([SEASON], JOBS)
    was = loaded.campaign
    towns = []
    for place, town in enumerate(was.townships):
        name = NAMES[place % len(NAMES)] + (str(place) if place >= len(NAMES) else "")
        contacts = tuple(
            replace(one, name=f"{IMAGE}{one.name}{LONG}", nick=f"{name}-{one.nick}")
            for one in town.contacts
        )
        towns.append(replace(town, name=TownshipName(name), aliases=(), contacts=contacts))
    renamed = replace(
        was,
        title=HOSTILE["title"],
        short_title=f"短{IMAGE}{LONG}",
        area=f"全{SCRIPT}",
        bureau=f"局{IMAGE}",
        office=f"办{LONG}",
        townships=tuple(towns),
        stages=tuple(replace(one, name=f"{one.name}<i>{IMAGE}") for one in was.stages),
        categories=tuple(replace(one, name=f"{one.name}{LONG}") for one in was.categories),
        groups=tuple(replace(one, name=f"{one.name}{SCRIPT}{LONG}") for one in was.groups),
    )
    with (folder / "group.txt").open("a", encoding="utf-8") as console:
        app = build_app(
            Settings.load({"DATA_DIR": str(folder), **SETTINGS}, None), JOBS, console=console
        )
        began = was.moment(was.start + timedelta(days=10), was.quiet.end)
        enrolled = app.enrol(replace(loaded, campaign=renamed), began)
        let_in(app, began)
        said = [f"累计开工{number}户，累计竣工{number}户" for number in (1, 2)] + [
            HOSTILE["reply"] + "竣工大概9户"
        ]
        replies = [
            Incoming(
                id=f"{on} {town.name}",
                text=text,
                sender=town.contacts[0].nick,
                at=began + timedelta(days=on, hours=3),
            )
            for on, text in ((0, said[0]), (2, said[1]), (4, said[2]))
            for town in towns[: 14 - on]
        ]
        replies.append(
            Incoming(
                id="x",
                text=f"{LONG}竣工5户",
                sender=f"{SCRIPT}{TURNED}{LONG}",
                at=AFTERNOON - timedelta(hours=1),
            )
        )
        goes_on(app, enrolled, began, AFTERNOON, replies)
        ear = Ear(app)
        ear.tie_chat()
        ear.hears(
            "10-29 16:00", f"wm-{SCRIPT}", HOSTILE["reply"], sender_name=f"{IMAGE}{TURNED}{LONG}"
        )
        ear.works("10-29 16:00")
        with app.store.writing() as session:
            on = AFTERNOON.date()
            steer.add_sentence(
                session,
                renamed,
                on,
                HOSTILE["sentence_seen"],
                instead_of=None,
                by=Actor(name=f"{SCRIPT}甲"),
                at=AFTERNOON,
            )
            (late, *_) = overdue_now(session, renamed, AFTERNOON).late
            about = (session, renamed, late.obligation.township, late.obligation.owed)
            overdue.acknowledge(
                *about, word=IMAGE + LONG[:100], by=Actor(name=f"{SCRIPT}乙"), at=AFTERNOON
            )
            overdue.propose(
                *about,
                measure=f"</td>{SCRIPT}"[:40],
                reason=LONG,
                by=Actor(name=f"{IMAGE}丙"),
                at=AFTERNOON,
            )
        with served(app, enrolled, AFTERNOON) as site:
            yield site
        app.close()
