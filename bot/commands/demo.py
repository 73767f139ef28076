"""Replays the 2021 season through the very functions that serve real days, and shows what came of
it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from secrets import token_urlsafe
from threading import Event, Thread
from time import monotonic

import click

from bot import log
from bot.actions.people import people as deeds
from bot.actions.replies.collect import collect
from bot.app import App, build_app, load_campaigns
from bot.channels.plain import plain_text
from bot.commands.plain import columns, told_plainly
from bot.domain.campaigns.campaign import BULLETIN
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.campaigns.jobs import notice_kinds
from bot.domain.campaigns.workdays import planned_close, strikes
from bot.domain.decisions.actor import Actor
from bot.domain.figures.progress import plain
from bot.domain.people.roles import Role
from bot.domain.replies.reading import Incoming
from bot.store.notices import deliveries, notices
from bot.store.people import people
from bot.store.replies import readings
from bot.views.day.sheets import sheets_known
from bot.views.notices.messages import message_of
from bot.web.pages import PAGES
from bot.web.server import serve
from bot.web.site import Site
from config.campaign_file import loader
from config.settings import Settings
from config.wording import templates
from jobs import JOBS

SEASON = "rural-housing-2021"


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where the season's database and notices are kept; running again goes on from what is there.",
)
@click.option(
    "--pages",
    is_flag=True,
    help="Stop on the afternoon of 29 October and serve the pages, its clock going on.",
)
@told_plainly
def demo(folder: Path, pages: bool) -> None:
    """Replay the whole season of 2021: 654 messages, 37 days, every notice; or an afternoon of it,
    to be looked at.
    """
    log.start("ERROR")
    if pages:
        _show(folder / "pages")
        return
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings.load({"DATA_DIR": str(folder)}, None)
    (loaded,) = load_campaigns([SEASON], JOBS)
    with (folder / "group.txt").open("a", encoding="utf-8") as console:
        app = build_app(settings, JOBS, console=console)
        try:
            enrolled = app.enrol(
                loaded, loaded.campaign.moment(loaded.campaign.start, loaded.campaign.quiet.end)
            )
            replay(app, enrolled, season_replies())
            _tell(app, enrolled, folder)
        finally:
            app.close()


def _show(folder: Path) -> None:
    """Serves the pages on an afternoon of the season until SIGINT, to whoever has the password
    drawn for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    here = Settings.load()
    settings = replace(
        Settings.load({"DATA_DIR": str(folder)}, None),
        http_host=here.http_host,
        http_port=here.http_port,
    )
    (loaded,) = load_campaigns([SEASON], JOBS)
    afternoon = loaded.campaign.moment(date(2021, 10, 29), time(16, 20))
    began = monotonic()

    def clock() -> datetime:
        return afternoon + timedelta(seconds=monotonic() - began)

    with (folder / "group.txt").open("a", encoding="utf-8") as console:
        app = build_app(settings, JOBS, console=console)
        enrolled = app.enrol(
            loaded, loaded.campaign.moment(loaded.campaign.start, loaded.campaign.quiet.end)
        )
        replay(app, enrolled, season_replies(), until=afternoon)
        password = token_urlsafe(9)
        with app.store.writing() as session:
            if people.find_account(session, "clerk") is None:
                deeds.add_person(
                    session,
                    login="clerk",
                    name=templates.phrase("demo_clerk"),
                    password=password,
                    by=Actor(name="demo"),
                    at=afternoon,
                    campaign=enrolled.campaign.key,
                    role=Role.CLERK,
                )
            else:
                deeds.change_password(
                    session, "clerk", password, by=Actor(name="demo"), at=afternoon
                )
        ended = Event()
        began = monotonic()

        def pass_on() -> None:
            while not ended.wait(1):
                app.tick(enrolled, clock())
                while app.deliver(clock()):
                    pass

        passing = Thread(target=pass_on)
        passing.start()
        click.echo(
            f"\nhttp://{settings.http_host}:{settings.http_port}  login clerk, password {password}; Ctrl-C ends it"
        )
        try:
            serve(Site(app, PAGES, clock).asgi, settings.http_host, settings.http_port)
        finally:
            ended.set()
            passing.join()
            app.close()


def season_replies() -> list[Incoming]:
    """The chat messages of the season, in the order of time."""
    lines = (loader.ROOM / f"{SEASON}.replies.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Incoming(
            id=line["id"],
            text=line["text"],
            sender=line["sender"],
            at=datetime.fromisoformat(line["at"]),
        )
        for line in map(json.loads, lines)
    ]


def replay(
    app: App, enrolled: Enrolled, replies: list[Incoming], *, until: datetime | None = None
) -> None:
    """Lets the season pass, whole or until a moment: each message arrives and each hour strikes at
    its own, notices go out between.
    """
    moments = [
        (at, reply) for at, reply in _moments(enrolled, replies) if until is None or at <= until
    ]
    with click.progressbar(moments, label="2021-10-15 → 2021-11-21", show_pos=True) as passing:
        for at, reply in passing:
            if reply is not None:
                collect(
                    app.store,
                    enrolled,
                    app.reading_wording,
                    channel="replay",
                    incoming=reply,
                    at=at,
                )
            else:
                app.tick(enrolled, at)
                while app.deliver(at):
                    pass


def _moments(
    enrolled: Enrolled, replies: list[Incoming]
) -> Iterator[tuple[datetime, Incoming | None]]:
    """Messages and hours in one order of time; at the same moment the message comes first, as it
    does in a real group.
    """
    campaign = enrolled.campaign
    end = planned_close(campaign, campaign.deadline) + timedelta(days=1)
    hours = strikes(campaign, campaign.moment(campaign.start, campaign.quiet.end), end)
    both: list[tuple[datetime, Incoming | None]] = [(reply.at, reply) for reply in replies]
    both += [(at, None) for at in dict.fromkeys(strike.planned for strike in hours)]
    yield from sorted(both, key=lambda moment: (moment[0], moment[1] is None))


def _tell(app: App, enrolled: Enrolled, folder: Path) -> None:
    campaign = enrolled.campaign
    at = planned_close(campaign, campaign.deadline)
    with app.store.reading() as session:
        sheet = sheets_known(session, campaign, campaign.deadline, at)[-1]
        outcomes = readings.outcome_counts(session, campaign.key)
        written = notices.notices(session, campaign.key)
        states = deliveries.counts(session, campaign.key)
        last = notices.find_notice(session, campaign.key, BULLETIN, campaign.deadline)
    if last is not None:
        click.echo("\n" + plain_text(message_of(last[1], app.wording)))
    parts = "，".join(
        f"{category.name} {plain(sheet.categories[category.key])}"
        for category in campaign.categories
    )
    kinds = "，".join(
        f"{kind} {sum(notice.kind == kind for _, notice in written)}"
        for kind in notice_kinds(JOBS)
        if any(notice.kind == kind for _, notice in written)
    )
    click.echo()
    click.echo(
        columns(
            ("season 2021", "", ""),
            [
                (
                    "completed",
                    f"{plain(sheet.total)} of {plain(sheet.target)}",
                    f"{templates.percent(sheet.rate)}  {parts}",
                ),
                (
                    "replies",
                    str(sum(outcomes.values())),
                    _listed(outcomes, ("accept", "ask", "none")),
                ),
                ("notices", str(len(written)), kinds),
                (
                    "deliveries",
                    str(sum(states.values())),
                    "，".join(f"{state} {n}" for state, n in states.items()),
                ),
                ("database", "", str(folder / "diaodu.sqlite3")),
                ("township group", "", str(folder / "group.txt")),
                ("other groups", "", str(folder / "notices")),
            ],
        )
    )


def _listed(outcomes: dict[str, int], order: tuple[str, ...]) -> str:
    names = {"accept": "accepted", "ask": "asked back", "none": "ignored (no report)"}
    return "，".join(f"{names[outcome]} {outcomes.get(outcome, 0)}" for outcome in order)
