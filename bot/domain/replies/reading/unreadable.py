"""Words of a campaign that replies cannot be read with, told before it starts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from bot.domain.campaigns.campaign import Campaign
from bot.domain.replies.reading.lexicon import lexicon_of
from bot.domain.replies.reading.model import ReadingWording
from bot.domain.replies.reading.normal import normal
from bot.domain.replies.reading.roles import TokenRole


def unreadable(campaign: Campaign, wording: ReadingWording) -> Iterator[tuple[str, dict[str, str]]]:
    """A code and its facts for each word of a stage or category that is taken for something else,
    and for each two townships of which one's name is the beginning of the other's.
    """
    lexicon = lexicon_of(campaign, wording.vocabulary)
    words = [(word, TokenRole.STAGE) for stage in campaign.stages for word in stage.words]
    words += [
        (word, TokenRole.CATEGORY) for category in campaign.categories for word in category.words
    ]
    for word, role in words:
        tokens = lexicon.tokens(f"{normal(word)}2{normal(campaign.unit)}")
        if [(token.role, token.text) for token in tokens[:1]] != [(role, normal(word))]:
            yield "word_unread", {"word": word}
    names = [
        (name, town.name) for town in campaign.townships for name in (town.name, *town.aliases)
    ]
    for (short, of), (long, other) in permutations(names, 2):
        if of != other and long.startswith(short) and short != of:
            yield "name_begins", {"short": short, "long": long}
