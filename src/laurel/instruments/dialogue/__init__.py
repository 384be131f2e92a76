"""Years: what was promised, by which office, until when."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.dialogue import commitments
from laurel.instruments.dialogue.records import KINDS

INSTRUMENT = of_nouns("dialogue", 1, KINDS, (commitments.NOUN,))
