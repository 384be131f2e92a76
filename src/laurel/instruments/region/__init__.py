"""Always: what happens in the region, who says so and how far it is believed, and launches that were announced."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.region import filing, heads, incidents, notices, reports, years
from laurel.instruments.region.records import KINDS

INSTRUMENT = of_nouns(
    "region",
    1,
    KINDS,
    (
        reports.NOUN,
        heads.NOUN,
        filing.NOUN,
        incidents.NOUN,
        notices.NOUN,
        years.NOUN,
    ),
)
