"""Reads replies as the service would: JSON lines in, JSON lines out, in order, nothing stored."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from bot.app import load_campaigns
from bot.commands.plain import told_plainly
from bot.domain.campaign import Campaign
from bot.domain.reading import Wording
from bot.domain.reading import read as read_reply
from bot.domain.reading.exchange import incoming_from_json, reading_to_json
from bot.domain.workdays import is_late, open_day
from config.wording import templates
from jobs import JOBS


@click.command()
@click.option("--campaign", required=True, help="A campaign file, or the key of one.")
@told_plainly
def read(campaign: str) -> None:
    """Read replies from standard input, one JSON object a line, and write one reading a line."""
    (loaded,) = load_campaigns([campaign], JOBS)
    wording = templates.reading()
    faults = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            read_out = _reading(loaded.campaign, json.loads(line), wording)
        except ValueError as fault:  # not JSON, not UTF-8, or not of the shape
            click.echo(f"line {number}: {fault}", err=True)
            faults += 1
            continue
        sys.stdout.write(json.dumps(read_out, ensure_ascii=False) + "\n")
    if faults:
        raise click.ClickException(f"{faults} lines could not be taken; the others were read")


def _reading(campaign: Campaign, line: dict[str, Any], wording: Wording) -> dict[str, Any]:
    incoming, before, today = incoming_from_json(campaign, line)
    day = open_day(campaign, sent_at=incoming.at, arrived_at=incoming.at, closings={})
    late = day is not None and is_late(campaign, day, incoming.at)
    reading = read_reply(campaign, incoming, open_day=day, late=late, before=before, today=today, wording=wording)
    return reading_to_json(incoming, reading)
