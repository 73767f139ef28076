"""Reads settings and campaign files and names what is wrong: file, key, value, what is allowed,
every fault at once.
"""

from __future__ import annotations

import sys

import click

from bot.app import load_campaigns
from bot.channels import open_channels
from bot.channels.channel import Address, Addressed
from bot.channels.robots import open_robots
from bot.commands.plain import now
from bot.domain.campaigns.campaign import Group
from config.campaign_file.loader import CampaignRefused
from config.holidays import calendar_warnings
from config.settings import Settings, SettingsRefused
from config.wording.statements import english
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
            missing = [
                setting
                for setting in (group.address_setting, group.secret_setting)
                if setting and settings.secret(setting) is None
            ]
            whose = f"group {group.key} ({group.name}) of {campaign.key}"
            faults += [f".env: {setting} is not set: {whose} needs it" for setting in missing]
            if (
                group.address_setting
                and not missing
                and (fault := _fault_of_address(group, settings))
            ):
                faults.append(f".env: {group.address_setting}: {fault} ({whose})")
        for warning in (*loaded.warnings, *calendar_warnings(campaign, now())):
            click.echo(f"warning: {warning}")
        click.echo(
            f"{loaded.path}: {campaign.key}: {len(campaign.townships)} townships, target {campaign.target} {campaign.unit},"  # noqa: E501
            f" {campaign.start} to {campaign.deadline}"
        )
    _, wrong = open_robots(settings.others, hosts=settings.platform_hosts)
    faults += [f".env: {fault}" for fault in wrong]
    if faults:
        for fault in faults:
            click.echo(fault, err=True)
        raise click.exceptions.Exit(1)
    click.echo("no fault found")


def _fault_of_address(group: Group, settings: Settings) -> str | None:
    """What the group's own channel finds wrong with its address; it is told, the address is not."""
    channels = open_channels(
        hosts=settings.platform_hosts, console=sys.stdout, folder=settings.data_dir / "notices"
    )
    channel = channels[group.platform]
    address = Address(
        settings.secret(group.address_setting) or "", settings.secret(group.secret_setting)
    )
    fault = channel.fault(address) if isinstance(channel, Addressed) else None
    return None if fault is None else english(fault)
