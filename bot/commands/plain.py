"""What every command shares: faults become one sentence on standard error and a non-zero exit,
never a traceback.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import ParamSpec, TypeVar

import click

from bot.app import App, build_app, load_campaigns
from bot.channels.plain import width
from bot.domain.campaigns.campaign import Campaign, CampaignKey
from bot.domain.campaigns.enrolled import Enrolled
from bot.domain.notices.notice import phones_masked
from bot.store import Store, StoreUnreachable
from config.campaign_file.loader import CampaignRefused, LoadedCampaign
from config.settings import Settings, SettingsRefused
from jobs import JOBS

P = ParamSpec("P")
R = TypeVar("R")


def told_plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Turns the faults a person can mend into their own sentence and exit status 1."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (SettingsRefused, CampaignRefused, StoreUnreachable) as fault:
            raise click.ClickException(str(fault)) from None
        except OSError as fault:
            raise click.ClickException(
                f"{fault.filename or 'file'}: {fault.strerror or fault}"
            ) from None

    return told


@contextmanager
def opened(campaign: str | None = None) -> Iterator[tuple[App, list[Enrolled]]]:
    """An App with the named campaign enrolled, or with all of the settings and all set up on pages;
    closed at the end.
    """
    settings = Settings.load()
    loaded, refused = _from_files(settings, campaign)
    app = build_app(settings, JOBS)
    try:
        enrolled = [app.enrol(one, now()) for one in loaded]
        app.only = (
            CampaignKey(campaign)
            if refused and campaign
            else enrolled[0].campaign.key
            if campaign
            else None
        )
        app.take_up()
        if refused is not None and not app.campaigns:
            raise refused
        yield app, list(app.campaigns.values())
    finally:
        app.close()


def _from_files(
    settings: Settings, campaign: str | None
) -> tuple[list[LoadedCampaign], CampaignRefused | None]:
    """The campaigns of files; where no file has the name, none, and what is to be told if no page
    has set it up either.
    """
    try:
        names = [campaign] if campaign else settings.campaigns
        return load_campaigns(names, JOBS, among=settings.campaigns), None
    except CampaignRefused as refused:
        if campaign and refused.faults[0].told.rule == "file_missing":
            return [], refused
        raise


def campaign_named(name: str) -> Campaign:
    """The campaign of a file or key, or of a page that set it up; nothing is stored.
    CampaignRefused.
    """
    settings = Settings.load()
    loaded, refused = _from_files(settings, name)
    if refused is None:
        return loaded[0].campaign
    with opened(name) as (_, (enrolled,)):
        return enrolled.campaign


@contextmanager
def opened_ledger() -> Iterator[Store]:
    """The ledger alone, brought to the newest tables; for what needs no campaign."""
    settings = Settings.load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database_url)
    try:
        store.upgrade()
        yield store
    finally:
        store.close()


def clock() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


def now() -> datetime:
    """The moment it is: the commands are where the clock is read, and this is the one place they
    read it.
    """
    return clock()


class Day(click.ParamType[date]):
    """A day typed as 2021-10-29."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """The day, or a sentence that says how one is written."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2021-10-29", param, ctx)


class MomentArgument(click.ParamType[datetime]):
    """A moment typed as 2021-10-15T09:00:00+08:00; one without a zone is of this machine's."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The aware moment, or a sentence that says how one is written."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value)).astimezone()
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no moment; write it as 2021-10-15T09:00:00+08:00", param, ctx)


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for the terminal, its columns aligned by the width a terminal gives Chinese
    characters (two cells).
    """
    widths = [max(map(width, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(
            cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)
        ).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join([lines[0], "─" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]])


def shortened(text: str, most: int = 30) -> str:
    """The beginning of a message on one line, phone numbers masked (law 8)."""
    line = phones_masked(" ".join(text.split()))
    return line if len(line) <= most else line[: most - 1] + "…"
