"""Reads settings and campaign files and names what is wrong: file, key, value, what is allowed, every fault at once."""

from __future__ import annotations

import click

from bot.app import load_campaigns
from bot.commands.plain import now
from config.holidays import calendar_warnings
from config.loader import CampaignRefused
from config.settings import Settings, SettingsRefused
from jobs import JOBS


@click.command()
@click.argument("campaigns", nargs=-1)
def check(campaigns: tuple[str, ...]) -> None:
    """Check the settings and CAMPAIGNS (files or keys; all of the settings if none is named)."""
    faults: list[str] = []
    names = campaigns
    try:
        settings = Settings.load()
        names = campaigns or settings.campaigns
    except SettingsRefused as refused:
        faults += str(refused).splitlines()
        settings = Settings.load({}, None)
        names = campaigns or settings.campaigns
    for name in names:
        try:
            (loaded,) = load_campaigns([name], JOBS, among=settings.campaigns)
        except CampaignRefused as refused:
            faults += str(refused).splitlines()
            continue
        campaign = loaded.campaign
        for group in campaign.groups:
            for setting in (group.address_setting, group.secret_setting):
                if setting and settings.secret(setting) is None:
                    faults.append(
                        f".env: {setting} is not set: group {group.key} ({group.name}) of {campaign.key} needs it"
                    )
        for warning in (*loaded.warnings, *calendar_warnings(campaign, now())):
            click.echo(f"warning: {warning}")
        click.echo(
            f"{loaded.path}: {campaign.key}: {len(campaign.townships)} townships, target {campaign.target} {campaign.unit},"
            f" {campaign.start} to {campaign.deadline}"
        )
    if faults:
        for fault in faults:
            click.echo(fault, err=True)
        raise click.exceptions.Exit(1)
    click.echo("no fault found")
