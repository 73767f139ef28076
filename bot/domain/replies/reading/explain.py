"""Why a message is read as it is: each token with its role, each claim, and the rule that decided;
for the clerk's eyes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby

from bot.domain.campaigns.campaign import Campaign
from bot.domain.figures.progress import StandingFigures, plain
from bot.domain.replies.reading.grammar import Claim
from bot.domain.replies.reading.message import MessageReader, read
from bot.domain.replies.reading.model import Incoming, Reading, ReadingWording, Unclear
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.readings import told_equations
from bot.domain.replies.reading.roles import TokenRole
from bot.domain.replies.reading.speech import reporting
from bot.domain.replies.reading.table import with_tabs
from bot.domain.replies.reading.voices import without_other_voices

RULES = {
    1: "number",
    2: "ordinal percent sum village unit words word target",
    3: "township other_township sender whose campaign",
    4: "closed_day other_day outside",
    5: "stage part in_progress bare",
    6: "unmarked impossible today_already disagree nothing",
    7: "never_told above below_yesterday below_today order denominator decimals category categories correction correction_increment",
    8: "vague range",
    9: "table chat row",
    10: "file empty withdrawn long",
}
"""Which rule of the contract (docs/reading-rules.md#the-rules) stands behind each doubt."""
RULE_OF = {why: rule for rule, codes in RULES.items() for why in codes.split()}


@dataclass(frozen=True, kw_only=True)
class ExplainedToken:
    """One token of the message, the part it plays, and whether it was passed over as no report."""

    text: str
    role: str
    passed_over: bool


@dataclass(frozen=True, kw_only=True)
class TokenPlace:
    """A part of the message as it came, with the mark that lies on it; None where none does."""

    text: str
    mark: ExplainedToken | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The message in its plain form, its tokens, what it says of whom (`said`, a line each), and
    what came of it and why.
    """

    plain: str
    marks: tuple[ExplainedToken, ...]
    said: tuple[str, ...]
    reading: Reading
    decided: tuple[str, ...]


def explain(
    campaign: Campaign,
    incoming: Incoming,
    *,
    open_day: date | None,
    late: bool,
    before: StandingFigures,
    today: StandingFigures,
    wording: ReadingWording,
) -> Explanation:
    """Reads the message once more and tells how; the reading is the very one `read` gives."""
    reading = read(
        campaign,
        incoming,
        open_day=open_day,
        late=late,
        before=before,
        today=today,
        wording=wording,
    )
    reader = MessageReader(campaign, incoming, open_day, before, today, wording)
    text = reader.lexicon.filled(
        with_tabs(reader.lexicon, without_other_voices(normal(incoming.text)))
    )
    tokens = reader.lexicon.tokens(text)
    with suppress(Unclear):  # the reading tells it
        reader.read()
    try:
        kept = {id(token) for token in reporting(tokens)}
    except Unclear:
        kept = {id(token) for token in tokens}
    named = [
        (token.text, token.role, id(token) not in kept and "\t" not in text)
        for token in tokens
        if token.text.strip()
    ]
    marks = tuple(
        ExplainedToken(
            text="".join(word for word, _, _ in words),
            role=wording.get(f"role_{role}", role),
            passed_over=over,
        )
        for (role, over, _), words in groupby(
            named, key=lambda one: (one[1], one[2], one[1] == TokenRole.WORD or id(one))
        )
    )
    said = tuple(
        f"{township}　{_claim(campaign, wording, claim)}"
        for township, claims in reader.claimed
        for claim in claims
    )
    for one in reader.said:
        stands = [figure for figure in reading.figures if figure.township == one.ground.township]
        said += tuple(
            wording["equation"].format(equation=told) for told in told_equations(one, stands)
        )
    return Explanation(
        plain=text,
        marks=marks,
        said=said,
        reading=reading,
        decided=_decided(campaign, wording, reading),
    )


def _claim(campaign: Campaign, wording: ReadingWording, claim: Claim) -> str:
    stage = campaign.headline if claim.stage is None else campaign.stage(claim.stage)
    category = "" if claim.category is None else campaign.category(claim.category).name
    by_rule = (
        wording["by_headline"]
        if claim.stage is None
        else wording["by_clause"]
        if not claim.explicit
        else ""
    )
    return wording["claim"].format(
        text=claim.text,
        stage=stage.name,
        category=category,
        kind=wording[f"kind_{claim.kind.name.lower()}"],
        value=plain(claim.value),
        by_rule=by_rule,
    )


def _decided(campaign: Campaign, wording: ReadingWording, reading: Reading) -> tuple[str, ...]:
    lines = [
        wording["stands"].format(
            township=figure.township,
            stage=campaign.stage(figure.stage).name,
            category="" if figure.category is None else campaign.category(figure.category).name,
            value=plain(figure.value),
            unit=campaign.unit,
        )
        for figure in reading.figures
    ]
    for doubt in reading.asked:
        rule = RULE_OF.get(doubt.why, 0)
        lines.append(
            wording["doubted"].format(
                text=doubt.text,
                why=doubt.why,
                rule=rule,
                name=wording.get(f"rule_{rule}", ""),
                question=doubt.question,
            )
        )
    return tuple(lines or [wording["no_report"]])


def placed(text: str, explanation: Explanation) -> tuple[TokenPlace, ...]:
    """The message as it came, cut where the marks begin and end. What cannot be found again in it
    bears no mark.
    """
    characters, where = _squeezed(text)
    plain = "".join(explanation.plain.split())
    at_plain: dict[int, int] = {}  # the place of a sign of the plain form in `signs`
    if characters == plain:
        at_plain = dict(enumerate(range(len(plain))))
    elif len(characters) <= LONGEST_PLACED and len(plain) <= LONGEST_PLACED:
        for block in SequenceMatcher(None, plain, characters, autojunk=False).get_matching_blocks():
            at_plain |= {block.a + step: block.b + step for step in range(block.size)}
    places: list[TokenPlace] = []
    told = cursor = 0
    for mark in explanation.marks:
        words = "".join(mark.text.split())
        begin = plain.find(words, cursor)
        if not words or begin < 0:
            continue
        cursor = begin + len(words)
        found = [at_plain.get(place) for place in range(begin, cursor)]
        if None in (found[0], found[-1]):
            continue
        start, end = where[found[0] or 0], where[found[-1] or 0] + 1
        if start < told or end <= start:
            continue
        if start > told:
            places.append(TokenPlace(text=text[told:start], mark=None))
        places.append(TokenPlace(text=text[start:end], mark=mark))
        told = end
    if told < len(text):
        places.append(TokenPlace(text=text[told:], mark=None))
    return tuple(places)


LONGEST_PLACED = 2000
"""Signs of a message whose plain form is laid against it; a longer one that is changed by it is
shown without marks.
"""


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The message in its plain form without blanks, each character brought there by itself, and
    where in the message each stands.
    """
    characters, where = [], []
    for place, character in enumerate(text):
        for one in normal(character):
            if one.strip():
                characters.append(one)
                where.append(place)
    return "".join(characters), where
