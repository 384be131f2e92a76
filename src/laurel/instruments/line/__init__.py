"""The line itself: what nodes tell each other about records that did not go in as they should."""

from __future__ import annotations

from laurel.core.instrument import Instrument, NoAsk, Query
from laurel.instruments.line import view
from laurel.instruments.line.commands import COMMANDS
from laurel.instruments.line.records import FORKED, KINDS, QUARANTINED

INSTRUMENT = Instrument(
    name="line",
    version=1,
    kinds=KINDS,
    commands=COMMANDS,
    queries=(Query("trouble", NoAsk, view.Trouble, view.answer_trouble, live=True),),
    tables=view.TABLES,
    folds={FORKED.name: view.fold_forked, QUARANTINED.name: view.fold_quarantined},
    docket=view.docket,
)
