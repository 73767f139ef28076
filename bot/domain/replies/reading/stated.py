"""What a form or a row of a workbook says: cells of figures, judged as they are. No sentence is
made of them and read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.campaigns.campaign import Campaign, CategoryKey, StageKey, TownshipName
from bot.domain.figures.progress import StandingFigures, plain
from bot.domain.replies.reading.answer import doubt_of, echo_of
from bot.domain.replies.reading.grammar import Claim, ClauseReader, Kind
from bot.domain.replies.reading.judgement import Ground
from bot.domain.replies.reading.lexicon import lexicon_of
from bot.domain.replies.reading.model import Outcome, ReadFigure, Reading, ReadingWording, Unclear
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.readings import Interpretation, decided
from bot.domain.replies.reading.table import head_words


@dataclass(frozen=True, kw_only=True)
class StatedCell:
    """A number with what it counts. `kind` is the way it is meant, `stage` None the headline;
    `label` names it in a question.
    """

    kind: Kind
    stage: StageKey | None
    category: CategoryKey | None
    value: Decimal
    label: str


@dataclass(frozen=True, kw_only=True)
class Stated:
    """The cells of one township, of `day` or of the day that is open; `correction` where it is said
    to be one.
    """

    township: TownshipName
    day: date | None = None
    cells: tuple[StatedCell, ...]
    correction: bool = False


def form_cell(
    campaign: Campaign, stage: StageKey, category: CategoryKey | None, value: Decimal
) -> StatedCell:
    """The cell of a form's field, which asks for the count up to now."""
    part = next((one.name for one in campaign.categories if one.key == category), "")
    label = f"{part}{campaign.stage(stage).name}{plain(value)}{campaign.unit}"
    return StatedCell(
        kind=Kind.CUMULATIVE, stage=stage, category=category, value=value, label=label
    )


def column_cell(
    campaign: Campaign, wording: ReadingWording, head: str, value: Decimal
) -> StatedCell | None:
    """The cell of a column under that head; None where the campaign has no word for it, or it says
    more than one thing.
    """
    lexicon = lexicon_of(campaign, wording.vocabulary)
    words = head_words(campaign, wording, head)
    if words is None:
        return None
    try:
        claims = ClauseReader(lexicon).read(lexicon.tokens(normal(f"{words}1{campaign.unit}")))
    except Unclear:
        return None
    if len(claims) != 1 or claims[0].bare or claims[0].doubtful:
        return None
    (claim,) = claims
    return StatedCell(
        kind=claim.kind,
        stage=claim.stage,
        category=claim.category,
        value=value,
        label=f"{head}{plain(value)}{campaign.unit}",
    )


def read_stated(
    campaign: Campaign,
    stated: Stated,
    *,
    open_day: date | None,
    late: bool,
    before: StandingFigures,
    today: StandingFigures,
    wording: ReadingWording,
) -> Reading:
    """Judges the cells against what stands, as the claims of a message are (rules 6 and 7); all of
    them, or none.

    A question names the cells it is about, so that a form can mark its fields.
    """
    try:
        figures = _figures(campaign, stated, open_day, before, today, wording)
    except Unclear as unclear:
        doubt = doubt_of(campaign, wording, unclear, stated.township, unclear.text)
        doubt = replace(doubt, cells=_cells_of(campaign, stated, unclear))
        return Reading(outcome=Outcome.ASK, asked=(doubt,), echo=doubt.question)
    if not figures:
        return Reading(outcome=Outcome.NONE)
    echo = echo_of(campaign, wording, figures, before, late=late)
    return Reading(outcome=Outcome.ACCEPT, figures=figures, late=late, echo=echo)


def _figures(
    campaign: Campaign,
    stated: Stated,
    open_day: date | None,
    before: StandingFigures,
    today: StandingFigures,
    wording: ReadingWording,
) -> tuple[ReadFigure, ...]:
    if open_day is None:
        raise Unclear("outside", "")
    if stated.day is not None and stated.day != open_day:
        text = wording["day"].format(month=stated.day.month, day=stated.day.day)
        raise Unclear("closed_day" if stated.day < open_day else "other_day", text)
    ground = Ground(
        campaign=campaign,
        township=stated.township,
        day=open_day,
        before=before,
        today=today,
        correction=stated.correction,
    )
    claims = tuple(
        Claim(
            kind=cell.kind,
            value=cell.value,
            stage=cell.stage,
            category=cell.category,
            explicit=True,
            bare=False,
            marked=cell.kind is not Kind.UNMARKED,
            text=cell.label,
        )
        for cell in stated.cells
    )
    (outcome,) = decided([Interpretation(ground=ground, claims=claims)])
    if outcome.contradicted is not None:
        raise outcome.contradicted
    return outcome.figures


def _cells_of(
    campaign: Campaign, stated: Stated, unclear: Unclear
) -> tuple[tuple[StageKey, CategoryKey | None], ...]:
    """The cells whose words the question quotes; all that were stated where it quotes none of them
    alone.
    """
    headline = campaign.headline.key
    found = [cell for cell in stated.cells if cell.label == unclear.text] or stated.cells
    return tuple((cell.stage or headline, cell.category) for cell in found)


def stated_to_json(stated: Stated) -> dict[str, Any]:
    """As it is kept beside the reply that records it."""
    return {
        "township": stated.township,
        "day": None if stated.day is None else stated.day.isoformat(),
        "correction": stated.correction,
        "cells": [
            {
                "kind": cell.kind.value,
                "stage": cell.stage,
                "category": cell.category,
                "value": plain(cell.value),
                "label": cell.label,
            }
            for cell in stated.cells
        ],
    }


def stated_from_json(kept: Mapping[str, Any]) -> Stated:
    """What was kept."""
    return Stated(
        township=TownshipName(kept["township"]),
        day=None if kept["day"] is None else date.fromisoformat(kept["day"]),
        correction=kept["correction"],
        cells=tuple(_cell(one) for one in kept["cells"]),
    )


def _cell(kept: Mapping[str, Any]) -> StatedCell:
    return StatedCell(
        kind=Kind(kept["kind"]),
        stage=None if kept["stage"] is None else StageKey(kept["stage"]),
        category=None if kept["category"] is None else CategoryKey(kept["category"]),
        value=Decimal(kept["value"]),
        label=kept["label"],
    )
