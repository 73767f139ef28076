"""Reads replies as the service would: JSON lines in, JSON lines out, in order, nothing stored."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import click

from bot.commands.plain import campaign_named, told_plainly
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.workdays import is_late, open_day
from bot.domain.replies.reading import Incoming, Wording
from bot.domain.replies.reading import read as read_reply
from bot.domain.replies.reading.exchange import incoming_from_json, reading_to_json
from bot.domain.replies.reading.explain import explain
from config.wording import templates


@click.command()
@click.option("--campaign", required=True, help="A campaign file, or the key of one.")
@click.option("--explain", "explained", is_flag=True, help="Tell of each word what it is, and which rule decided.")
@told_plainly
def read(campaign: str, *, explained: bool) -> None:
    """Read replies from standard input, one JSON object a line, and write one reading a line."""
    of = campaign_named(campaign)
    wording = templates.reading()
    faults = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            told = (_explanation if explained else _reading)(of, json.loads(line), wording)
        except ValueError as fault:  # not JSON, not UTF-8, or not of the shape
            click.echo(f"line {number}: {fault}", err=True)
            faults += 1
            continue
        sys.stdout.write(told + "\n")
    if faults:
        raise click.ClickException(f"{faults} lines could not be taken; the others were read")


def _reading(campaign: Campaign, line: dict[str, Any], wording: Wording) -> str:
    incoming, before, today = incoming_from_json(campaign, line)
    day, late = _day_of(campaign, incoming)
    reading = read_reply(campaign, incoming, open_day=day, late=late, before=before, today=today, wording=wording)
    return json.dumps(reading_to_json(incoming, reading), ensure_ascii=False)


def _explanation(campaign: Campaign, line: dict[str, Any], wording: Wording) -> str:
    incoming, before, today = incoming_from_json(campaign, line)
    day, late = _day_of(campaign, incoming)
    told = explain(campaign, incoming, open_day=day, late=late, before=before, today=today, wording=wording)
    lines = [wording["explained_text"].format(text=incoming.text)]
    if told.plain != incoming.text:
        lines.append(wording["explained_plain"].format(text=told.plain))
    lines.append(wording["explained_words"])
    for mark in told.marks:
        passed_over = wording["passed_over"] if mark.passed_over else ""
        lines.append(wording["explained_word"].format(text=mark.text, role=mark.role, passed_over=passed_over))
    if told.said:
        lines += [wording["explained_said"], *(f"  {said}" for said in told.said)]
    lines += [wording["explained_decided"], *(f"  {decided}" for decided in told.decided), ""]
    return "\n".join(lines)


def _day_of(campaign: Campaign, incoming: Incoming) -> tuple[date | None, bool]:
    day = open_day(campaign, sent_at=incoming.at, arrived_at=incoming.at, closings={})
    return day, day is not None and is_late(campaign, day, incoming.at)
