"""What the bot says back to a contact: the one line after an acceptance, and the question that
quotes the doubtful words.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.figures.progress import StandingFigures, plain
from bot.domain.replies.reading.model import Doubt, Option, ReadFigure, ReadingWording, Unclear

UNSEEN = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
QUOTED = 40
"""The longest quote of a question; a short message is quoted whole."""


def quoted(text: str) -> str:
    """The text as it may be said back: no unseen or control characters, and an @ that calls nobody
    (law 7).
    """
    seen = "".join(
        character if character == "\n" or character.isprintable() else " "
        for character in text
        if character not in UNSEEN
    )
    return seen.replace("@", "＠")


def doubt_of(
    campaign: Campaign,
    wording: ReadingWording,
    unclear: Unclear,
    township: TownshipName | None,
    message: str,
    options: Sequence[Option] = (),
) -> Doubt:
    """The question for something unclear; `message` is quoted when it is short or the unclear words
    are not known.
    """
    facts = {
        key: plain(value) if isinstance(value, Decimal) else value
        for key, value in unclear.facts.items()
    }
    text, message = quoted(unclear.text or message[:QUOTED]), quoted(message)
    facts |= {"township": township or "", "unit": campaign.unit, "stage": campaign.headline.name}
    facts["stages"] = "、".join(stage.name for stage in campaign.stages)
    facts["text"] = (
        message.strip() if len(message.strip()) <= QUOTED and "\n" not in message.strip() else text
    )
    if options:
        key = "offer_word" if facts.get("word") else f"offer_{unclear.why}"
        head = wording.get(key, wording["offer"]).format(**facts)
        if len(options) == 1:
            question = wording["offer_one"].format(head=head, label=options[0].label)
        else:
            listed = "；".join(f"{at} {option.label}" for at, option in enumerate(options, 1))
            question = wording["offer_many"].format(head=head, options=listed)
    else:
        key = "ask_word" if facts.get("word") else f"ask_{unclear.why}"
        question = wording.get(key, wording["ask"]).format(**facts)
    return Doubt(
        text=text, why=unclear.why, question=question, township=township, options=tuple(options)
    )


def echo_of(
    campaign: Campaign,
    wording: ReadingWording,
    figures: Sequence[ReadFigure],
    before: StandingFigures,
    *,
    late: bool,
) -> str:
    """One line that says what stands now."""
    lines = []
    for township in dict.fromkeys(figure.township for figure in figures):
        said = []
        for figure in figures:
            if figure.township != township or figure.category is not None:
                continue
            cell = (figure.township, figure.stage, None)
            stood = before.get(cell, Decimal(0))
            known = cell in before or campaign.stage(figure.stage).from_zero
            said.append(
                wording["echo_figure" if known else "echo_first"].format(
                    stage=campaign.stage(figure.stage).name,
                    value=plain(figure.value),
                    unit=campaign.unit,
                    increase=f"{'-' if figure.value < stood else '+'}{plain(abs(figure.value - stood))}",
                    remaining=plain(campaign.township(township).target - figure.value),
                )
            )
        day = wording["day"].format(month=figures[0].day.month, day=figures[0].day.day)
        lines.append(f"{township} {day} {'；'.join(said)}")
    return wording["echo_late" if late else "echo"].format(said="；".join(lines))
