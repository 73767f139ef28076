"""What is signed can be read by its purpose alone, and by nobody who altered it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.links import MOST_SIGNS, Links

LINKS = Links("k" * 32)
FACTS = {"campaign": "rural-housing-2021", "day": "2021-10-29"}


def test_a_token_gives_its_facts_back_to_its_own_purpose_and_key_alone() -> None:
    token = LINKS.signed("fill", FACTS)
    assert LINKS.opened("fill", token) == FACTS
    assert LINKS.opened("board", token) is None
    assert Links("l" * 32).opened("fill", token) is None


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_one_sign_altered_is_no_token(place: int, sign: str) -> None:
    token = LINKS.signed("fill", FACTS)
    altered = token[: place % len(token)] + sign + token[place % len(token) + 1 :]
    # The last character of a signature carries spare bits: another way of writing the same token
    # may say the same.
    spare = [FACTS] if altered == token else [FACTS, None] if altered[:-1] == token[:-1] else [None]
    assert LINKS.opened("fill", altered) in spare


@given(st.text(max_size=60))
def test_anything_else_is_no_token(text: str) -> None:
    assert LINKS.opened("fill", text) is None


def test_what_is_longer_than_any_token_is_not_looked_at() -> None:
    assert LINKS.opened("fill", "x" * (MOST_SIGNS + 1)) is None


def test_the_key_is_in_no_repr() -> None:
    assert "k" * 32 not in repr(LINKS)
