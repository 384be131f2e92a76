"""Worlds that are not real: announced, joined, planned, played, learnt from and stopped."""

from __future__ import annotations

from laurel.core.instrument import NoAsk, Noun, Query, of_nouns
from laurel.instruments.exercise import learnt, planned, played, view
from laurel.instruments.exercise.commands import COMMANDS
from laurel.instruments.exercise.records import ANNOUNCED, CLOCK_SET, HALTED, JOINED, KINDS

HELD = Noun(
    tables=view.TABLES,
    folds={
        ANNOUNCED.name: view.fold_announced,
        JOINED.name: view.fold_joined,
        HALTED.name: view.fold_halted,
        CLOCK_SET.name: view.fold_clock_set,
    },
    commands=COMMANDS,
    queries=(
        Query("exercises", NoAsk, view.Exercises, view.answer_exercises),
        Query("clock", NoAsk, view.Clock, view.answer_clock),
    ),
    docket=view.docket,
)

INSTRUMENT = of_nouns("exercise", 1, KINDS, (HELD, planned.NOUN, played.NOUN, learnt.NOUN))
