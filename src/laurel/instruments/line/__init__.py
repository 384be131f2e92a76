"""The line itself: what nodes tell each other about records, keys, members and what went wrong."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.line import gaps, keys, links, receipts, retraction, standing, trouble
from laurel.instruments.line.records import KINDS

INSTRUMENT = of_nouns(
    "line",
    5,
    KINDS,
    (trouble.NOUN, keys.NOUN, standing.NOUN, retraction.NOUN, gaps.NOUN, receipts.NOUN, links.NOUN),
)
