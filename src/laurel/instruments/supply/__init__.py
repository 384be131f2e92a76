"""Weeks: who depends on whom for what, what runs short first when it fails, and who helps."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.supply import (
    assistance,
    concentration,
    dataset,
    inputs,
    measures,
    notices,
    sharing,
    stocks,
    what_if,
)
from laurel.instruments.supply.records import KINDS

INSTRUMENT = of_nouns(
    "supply",
    1,
    KINDS,
    (
        dataset.NOUN,
        inputs.NOUN,
        concentration.NOUN,
        stocks.NOUN,
        what_if.NOUN,
        notices.NOUN,
        assistance.NOUN,
        measures.NOUN,
        sharing.NOUN,
    ),
)
