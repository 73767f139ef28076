"""A question is answered: the readings that are offered, and which of them a short answer means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain.campaigns.campaign import Campaign, TownshipName
from bot.domain.figures.progress import plain
from bot.domain.replies.reading.grammar import CHECKS, Claim, Kind
from bot.domain.replies.reading.lexicon import Lexicon
from bot.domain.replies.reading.model import Option, ReadFigure, ReadingWording
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.numerals import number
from bot.domain.replies.reading.voices import without_other_voices

MOST = 4
"""More than four readings are no question any more."""
Try = Callable[[Claim], tuple[ReadFigure, ...]]
"""What a claim would be judged to, empty if it could not stand."""

WAYS = (Kind.CUMULATIVE, Kind.INCREMENT, Kind.REMAINING)
SAID = {
    Kind.CUMULATIVE: "累计{value}{unit}",
    Kind.INCREMENT: "今日新增{value}{unit}",
    Kind.REMAINING: "剩余{value}{unit}",
}
"""How each way is said to the reader; what the contact sees stands in `config/wording/`."""

COURTESY = re.compile(r"谢谢|收到|好的?|领导|您好|报告|[,。!;:、~\s吧的呢啊哦嗯哈了]")
PLACE = re.compile(r"(?:选|第|是|回复|答)*([1-9一二三四])(?:个|项|号|种|条)?")
YES = re.compile(r"(?:是|对|对对|是的|没错|正确|确认|无误|可以|ok|yes)+", re.I)
KIND_ALONE = re.compile(
    r"(?:是|对|应该是|就是)*(?:(累计|总|合计|共)|(今日新增|今天新增|新增|今日|今天|当天)|(剩余|剩|还剩))(?:数|户数)?"
)
KIND_AND_VALUE = re.compile(
    r"(?:是|对|应该是|就是)*(?:(累计|总|合计|共)|(今日新增|今天新增|新增|今日|今天|\+)|(剩余|剩|还剩))(?:数|户数|竣工|完工)?(\d+(?:\.\d+)?|[一二两三四五六七八九十百廿]+)(?:户|亩|栋)?"
)


def options_of(
    campaign: Campaign,
    wording: ReadingWording,
    township: TownshipName,
    claims: Sequence[Claim],
    *,
    why: str,
    beside: Sequence[ReadFigure],
    tried: Try,
) -> tuple[Option, ...]:
    """The readings that could stand, each as the text that would be read if it is chosen; none if
    no one or too many could.

    `beside` is what the message says for certain; every reading says it too.
    """
    found: dict[tuple[ReadFigure, ...], Option] = {}
    words_beside = [(_words(campaign, figure), plain(figure.value)) for figure in beside]
    said_beside = [
        words + SAID[Kind.CUMULATIVE].format(value=value, unit=campaign.unit)
        for words, value in words_beside
    ]
    shown_beside = [
        wording["option_cumulative"].format(stage=words, value=value, unit=campaign.unit)
        for words, value in words_beside
    ]
    for kind, claim in _ways(campaign, claims, why):
        words = _words(campaign, claim)
        if kind not in SAID:
            continue
        said = SAID[kind].format(value=plain(claim.value), unit=campaign.unit)
        text = f"{'更正：' if why == 'below_today' else ''}{township}{'，'.join((*said_beside, words + said))}"
        figures = tried(
            replace(claim, kind=kind, bare=False, inner=False, inherited=False, marked=True)
        )
        if not figures or figures in found:
            continue
        total = figures[0].value
        label = wording[f"option_{kind.value}"].format(
            value=plain(claim.value),
            unit=campaign.unit,
            stage=words or campaign.headline.name,
            total=plain(total),
        )
        label = "，".join((*shown_beside, label))
        found[figures] = Option(label=label, text=text, kind=kind.value, value=claim.value)
        if len(found) > MOST:
            return ()
    return tuple(found.values())


def _ways(campaign: Campaign, claims: Sequence[Claim], why: str) -> Iterator[tuple[Kind, Claim]]:
    counted = [
        c
        for c in claims
        if c.kind not in CHECKS | {Kind.PERCENT, Kind.ZERO, Kind.ALL} and not c.check
    ]
    if len(counted) > MOST:
        return
    if why == "stage":
        for claim in counted:
            for stage in campaign.stages:
                yield claim.kind, replace(claim, stage=stage.key)
        return
    for kind in (Kind.CUMULATIVE,) if why == "below_today" else WAYS:
        for claim in counted:
            if kind is claim.kind or claim.kind is Kind.UNMARKED or claim.bare:
                yield kind, claim


def _words(campaign: Campaign, claim: Claim | ReadFigure) -> str:
    stage = "" if claim.stage is None else campaign.stage(claim.stage).words[0]
    category = "" if claim.category is None else campaign.category(claim.category).words[0]
    return f"{category}{stage}"


def names_offered(
    lexicon: Lexicon, name: str, *, own: TownshipName | None
) -> tuple[TownshipName, ...]:
    """The townships a name that is none of them may mean: to offer, never to take (rule 3). To a
    contact, only his own.
    """
    alike = {
        known
        for stem, known in lexicon.townships.items()
        if len(stem) >= 2
        and sum(character in name for character in stem) * 2 >= len(stem)
        and stem[0] == name[0]
    } | {known for stem, known in lexicon.townships.items() if name.startswith(stem)}
    if own is not None:
        alike &= {own}
    return tuple(sorted(alike))[: MOST + 1] if len(alike) <= MOST else ()


def answered(text: str, options: Sequence[Option]) -> Option | None:
    """The option that a short answer means for certain (1, 是, 累计17, 对,是新增); None if it is no
    answer, or not a certain one.
    """
    if not options or len(text) > 40:
        return None
    said = COURTESY.sub("", without_other_voices(normal(text))).replace("\ufffc", "")
    if not said:
        return None
    if place := PLACE.fullmatch(said):
        at = number(place.group(1)) or Decimal(0)
        return options[int(at) - 1] if 0 < at <= len(options) else None
    if YES.fullmatch(said):
        return options[0] if len(options) == 1 else None
    for pattern in (KIND_ALONE, KIND_AND_VALUE):
        meant = pattern.fullmatch(said)
        if meant is None:
            continue
        kind = WAYS[next(at for at, words in enumerate(meant.groups()[:3]) if words)]
        value = number(meant.group(4)) if pattern is KIND_AND_VALUE else None
        fits = [
            option
            for option in options
            if option.kind == kind.value and (pattern is KIND_ALONE or option.value == value)
        ]
        return fits[0] if len(fits) == 1 else None
    return None
