"""Worlds that are not real: announced, joined, timed and stopped."""

from __future__ import annotations

from laurel.core.instrument import Instrument, NoAsk, Query
from laurel.instruments.exercise import view
from laurel.instruments.exercise.commands import COMMANDS
from laurel.instruments.exercise.records import ANNOUNCED, CLOCK_SET, HALTED, JOINED, KINDS

INSTRUMENT = Instrument(
    name="exercise",
    version=1,
    kinds=KINDS,
    commands=COMMANDS,
    queries=(
        Query("exercises", NoAsk, view.Exercises, view.answer_exercises),
        Query("clock", NoAsk, view.Clock, view.answer_clock),
    ),
    tables=view.TABLES,
    folds={
        ANNOUNCED.name: view.fold_announced,
        JOINED.name: view.fold_joined,
        HALTED.name: view.fold_halted,
        CLOCK_SET.name: view.fold_clock_set,
    },
    docket=view.docket,
)
