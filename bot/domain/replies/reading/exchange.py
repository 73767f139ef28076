"""Replies and readings as JSON lines, the shape of `diaodu read`
(docs/reading-rules.md#input-and-output).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey, TownshipName
from bot.domain.figures.progress import Cell
from bot.domain.replies.reading.model import Incoming, Option, Reading
from bot.domain.replies.reading.shapes import SettledMessage


def incoming_from_json(
    campaign: Campaign, line: Mapping[str, Any]
) -> tuple[Incoming, dict[Cell, Decimal], dict[Cell, Decimal]]:
    """The message, what stood before the day and what was accepted for it; ValueError that names
    what is missing or wrong.
    """
    if not isinstance(line, Mapping):
        raise ValueError("is no JSON object")
    for key in ("id", "text", "sender", "at"):
        if not isinstance(line.get(key), str):
            raise ValueError(f"{key} must be there, as a text")
    try:
        at = datetime.fromisoformat(line["at"])
    except ValueError:
        raise ValueError(
            f"at = {line['at']!r} is no moment such as 2021-10-29T16:05:00+08:00"
        ) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=campaign.timezone)
    incoming = Incoming(id=line["id"], text=line["text"], sender=line["sender"], at=at)
    return (
        incoming,
        _cells(line.get("before", {}), "before"),
        _cells(line.get("today", {}), "today"),
    )


def settled_from_json(line: Mapping[str, Any]) -> tuple[SettledMessage, ...]:
    """The messages of `learned`, whose meaning a person has settled (rule 14); ValueError that
    names what is wrong.
    """
    given = line.get("learned", [])
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ValueError("learned must be a list")
    settled = []
    for one in given:
        if not isinstance(one, Mapping) or not isinstance(one.get("text"), str):
            raise ValueError("an entry of learned must be an object with its text")
        sender = one.get("sender")
        if sender is not None and not isinstance(sender, str):
            raise ValueError("sender in learned must be a text, or null for everybody")
        try:
            figures = {
                (
                    TownshipName(figure["township"]),
                    StageKey(figure["stage"]),
                    None if figure.get("category") is None else CategoryKey(figure["category"]),
                ): Decimal(str(figure["value"]))
                for figure in one.get("figures", [])
            }
        except (KeyError, TypeError, ArithmeticError):
            raise ValueError(
                "figures in learned must be as they are written out: township, stage, value"
            ) from None
        before = _cells(one.get("before", {}), "before in learned")
        settled.append(
            SettledMessage(text=one["text"], sender=sender, before=before, figures=figures)
        )
    return tuple(settled)


def reading_to_json(incoming: Incoming, reading: Reading) -> dict[str, Any]:
    """The reading as the contract writes it; values are whole numbers where they are whole."""
    return {
        "id": incoming.id,
        "outcome": reading.outcome.value,
        "figures": [
            {
                "township": figure.township,
                "date": figure.day.isoformat(),
                "stage": figure.stage,
                "category": figure.category,
                "value": int(figure.value)
                if figure.value == int(figure.value)
                else float(figure.value),
            }
            for figure in reading.figures
        ],
        "late": reading.late,
        "asked": [
            {"text": doubt.text, "why": doubt.why, "question": doubt.question}
            for doubt in reading.asked
        ],
        "echo": reading.echo,
    }


def options_to_json(options: Sequence[Option]) -> list[dict[str, str]]:
    """Offered readings as they are kept with the question."""
    return [
        {
            "label": option.label,
            "text": option.text,
            "kind": option.kind,
            "value": str(option.value),
        }
        for option in options
    ]


def options_from_json(kept: Sequence[Mapping[str, str]]) -> tuple[Option, ...]:
    """Offered readings as they were kept."""
    return tuple(
        Option(label=one["label"], text=one["text"], kind=one["kind"], value=Decimal(one["value"]))
        for one in kept
    )


def _cells(standing: Any, name: str) -> dict[Cell, Decimal]:
    cells: dict[Cell, Decimal] = {}
    try:
        for township, stages in standing.items():
            for stage, parts in stages.items():
                for part, value in parts.items():
                    category = None if part == "total" else CategoryKey(part)
                    cells[(TownshipName(township), StageKey(stage), category)] = Decimal(str(value))
    except (AttributeError, ArithmeticError):
        raise ValueError(f"{name} must be township → stage → category → number") from None
    return cells
