"""The line itself: what nodes tell each other about records, keys, members and what went wrong."""

from __future__ import annotations

from laurel.core.instrument import Instrument
from laurel.instruments.line import view
from laurel.instruments.line.commands import COMMANDS, REACTIONS
from laurel.instruments.line.records import KINDS

INSTRUMENT = Instrument(
    name="line",
    version=3,
    kinds=KINDS,
    commands=COMMANDS,
    queries=view.QUERIES,
    tables=view.TABLES,
    folds=view.FOLDS,
    reactions=REACTIONS,
    docket=view.docket,
)
