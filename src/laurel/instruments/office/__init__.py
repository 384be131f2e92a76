"""The office: what a member's own people do among themselves. Nothing of it leaves."""

from __future__ import annotations

from laurel.core.instrument import Instrument
from laurel.instruments.office import view
from laurel.instruments.office.commands import COMMANDS
from laurel.instruments.office.records import KINDS

INSTRUMENT = Instrument(
    name="office",
    version=1,
    kinds=KINDS,
    commands=COMMANDS,
    queries=view.QUERIES,
    tables=view.TABLES,
    folds=view.FOLDS,
    docket=view.docket,
)
