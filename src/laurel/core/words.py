"""The words of a body: where they stand, whatever instrument it is of, and a piece of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

WORDS = ("words", "title", "subject", "summary", "text", "opinion", "question")
"""Where a body's own words stand: all that it has of these, in this order."""
BELONGS = ("conversation", "consultation", "meeting", "series", "commitment", "initiative", "incident", "notice")
"""Where a body names what it belongs to: the thing that a room opens."""
EXCERPT = 160
BEFORE = 40


class _Version(Struct, frozen=True):
    text: str


def words_in(body: Mapping[str, Any], names: Sequence[str] = WORDS) -> str:
    """What stands in these fields: a text, or a list of texts in several languages; each once, on its own line."""
    said = [text for name in names for text in _texts(body.get(name))]
    return "\n".join(dict.fromkeys(said))


def _texts(value: Any) -> list[str]:
    try:
        texts = msgspec.convert(value, str | tuple[_Version, ...])
    except msgspec.ValidationError:
        return []
    each = [texts] if isinstance(texts, str) else [one.text for one in texts]
    return [one.strip() for one in each if one.strip()]


def excerpt(text: str, words: Sequence[str]) -> str:
    """A piece of the text around the first of the words in it, on one line; what is left out is marked."""
    line = " ".join(text.split())
    small = line.lower()
    places = [place for place in (small.find(word.lower()) for word in words) if place >= 0]
    start = max(min(places, default=0) - BEFORE, 0)
    piece = line[start : start + EXCERPT]
    return f"{'…' if start else ''}{piece}{'…' if start + EXCERPT < len(line) else ''}"
