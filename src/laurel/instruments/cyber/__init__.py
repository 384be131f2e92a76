"""Days: members tell each other of attacks on their networks in STIX 2.1, and learn what several of them saw."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.cyber import advisories, browse, bundles, collections, marks, sharing, sightings
from laurel.instruments.cyber.records import KINDS

INSTRUMENT = of_nouns(
    "cyber",
    1,
    KINDS,
    (
        browse.NOUN,
        sharing.NOUN,
        bundles.NOUN,
        sightings.NOUN,
        advisories.NOUN,
        marks.NOUN,
        collections.NOUN,
    ),
)
