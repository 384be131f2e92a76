"""The office: what a member's own people do among themselves. Nothing of it leaves."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.office import anchors, policies, twofold, watch
from laurel.instruments.office.records import KINDS

INSTRUMENT = of_nouns("office", 1, KINDS, (twofold.NOUN, watch.NOUN, policies.NOUN, anchors.NOUN))
