"""Reads replies as the service would: JSON lines in, JSON lines out, in order, nothing stored."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.commands.plain import campaign_named, now, told_plainly
from bot.domain.campaigns.campaign import Campaign
from bot.domain.campaigns.workdays import is_late, open_day
from bot.domain.registers.exchange import claims_to_json, known_from_json
from bot.domain.registers.naming import ACCEPT, ASK, CaseReading, read_cases
from bot.domain.replies.reading import Incoming, ReadingWording
from bot.domain.replies.reading import read as read_reply
from bot.domain.replies.reading.exchange import (
    incoming_from_json,
    reading_to_json,
    settled_from_json,
)
from bot.domain.replies.reading.explain import explain
from bot.domain.replies.reading.shapes import MessageShape, learned
from config.wording import registers, templates


@click.command()
@click.option("--campaign", required=True, help="A campaign file, or the key of one.")
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="Tell of each word what it is, and which rule decided.",
)
@click.option(
    "--cases",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A JSON file of the register's cases, against which names and codes are read; then each line has its claims.",
)
@told_plainly
def read(campaign: str, *, explained: bool, cases: Path | None) -> None:
    """Read replies from standard input, one JSON object a line, and write one reading a line."""
    of = campaign_named(campaign)
    wording = templates.reading()
    known = None if cases is None else _cases(of, cases)
    faults = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            if explained:
                told = _explanation(of, json.loads(line), wording)
            else:
                told = json.dumps(
                    _reading(of, json.loads(line), wording, known), ensure_ascii=False
                )
        except ValueError as fault:  # not JSON, not UTF-8, or not of the shape
            click.echo(f"line {number}: {fault}", err=True)
            faults += 1
            continue
        sys.stdout.write(told + "\n")
    if faults:
        raise click.ClickException(f"{faults} lines could not be taken; the others were read")


def _cases(campaign: Campaign, path: Path) -> Any:
    if campaign.register is None:
        raise click.ClickException(f"{campaign.key} has no register whose cases could be named")
    try:
        told = json.loads(path.read_bytes())
        known_from_json(campaign.register, told, now())
    except ValueError as fault:
        raise click.ClickException(f"{path}: {fault}") from None
    return told


def _reading(
    campaign: Campaign, line: dict[str, Any], wording: ReadingWording, known: Any
) -> dict[str, Any]:
    incoming, before, today = incoming_from_json(campaign, line)
    day, late = _day_of(campaign, incoming)
    said = None
    if known is not None and campaign.register is not None:
        cases, _ = known_from_json(campaign.register, known, incoming.at)
        said = read_cases(
            campaign, campaign.register, incoming.text, incoming.sender, incoming.at, cases
        )
    if said is not None and said.outcome == ACCEPT and said.increment is not None:
        # the figure told with the names is read as without them
        incoming = replace(incoming, text=said.rest)
    reading = read_reply(
        campaign,
        incoming,
        open_day=day,
        late=late,
        before=before,
        today=today,
        wording=wording,
        shapes=_shapes(campaign, line, wording),
    )
    told = reading_to_json(incoming, reading)
    if known is None:
        return told
    if said is not None:
        told |= _of_cases(said, told)
    return {**told, "claims": claims_to_json(said)}


def _shapes(
    campaign: Campaign, line: dict[str, Any], wording: ReadingWording
) -> list[MessageShape]:
    """The shapes of the messages that somebody has settled before."""
    shapes = (learned(campaign, wording, settled) for settled in settled_from_json(line))
    return [shape for shape in shapes if shape is not None]


def _of_cases(said: CaseReading, told: dict[str, Any]) -> dict[str, Any]:
    """What changes of a reading because the message names cases: nothing is counted that only the
    cases say.
    """
    figures = told["figures"] if said.outcome == ACCEPT and said.increment is not None else []
    question = registers.asked(said.why) if said.why else ""
    asked = (
        [{"text": said.rest.strip(), "why": said.why, "question": question}]
        if said.outcome == ASK
        else []
    )
    return {
        "outcome": said.outcome,
        "figures": figures,
        "asked": asked,
        "echo": question if not asked else "",
    }


def _explanation(campaign: Campaign, line: dict[str, Any], wording: ReadingWording) -> str:
    incoming, before, today = incoming_from_json(campaign, line)
    day, late = _day_of(campaign, incoming)
    told = explain(
        campaign, incoming, open_day=day, late=late, before=before, today=today, wording=wording
    )
    lines = [wording["explained_text"].format(text=incoming.text)]
    if told.plain != incoming.text:
        lines.append(wording["explained_plain"].format(text=told.plain))
    lines.append(wording["explained_words"])
    for mark in told.marks:
        passed_over = wording["passed_over"] if mark.passed_over else ""
        lines.append(
            wording["explained_word"].format(
                text=mark.text, role=mark.role, passed_over=passed_over
            )
        )
    if told.said:
        lines += [wording["explained_said"], *(f"  {said}" for said in told.said)]
    lines += [wording["explained_decided"], *(f"  {decided}" for decided in told.decided), ""]
    return "\n".join(lines)


def _day_of(campaign: Campaign, incoming: Incoming) -> tuple[date | None, bool]:
    day = open_day(campaign, sent_at=incoming.at, arrived_at=incoming.at, closings={})
    return day, day is not None and is_late(campaign, day, incoming.at)
