"""What members tell each other about worlds that are not real.

Announcements, joinings and halts are live records. The clock is play: it is said in the exercise.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Utc

ExerciseName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]


class Announced(Struct, frozen=True):
    """An exercise will be held. `starts_at` is the exercise's own time when play begins."""

    exercise: ExerciseName
    title: str
    starts_at: Utc
    scenario_sha256: str


class Joined(Struct, frozen=True):
    """A member takes part: its card for the exercise world, certified by being said live."""

    exercise: ExerciseName
    card: str


class Halted(Struct, frozen=True):
    """Stop all play, now, and return to duty. Anyone may say it."""

    exercise: ExerciseName
    reason: str


class ClockSet(Struct, frozen=True):
    """At the real moment `real_at` the exercise showed `exercise_at` and ran at `rate` (0 is paused)."""

    real_at: Utc
    exercise_at: Utc
    rate: Annotated[float, Meta(ge=0.0, le=1_000.0)]


ANNOUNCED = Kind("exercise.announced.v1", Announced, FOREVER, undone_by="halt the exercise")
JOINED = Kind("exercise.joined.v1", Joined, FOREVER, undone_by="halt the exercise")
HALTED = Kind("exercise.halted.v1", Halted, FOREVER, undone_by="announce another exercise: a halt is never lifted")
CLOCK_SET = Kind("exercise.clock-set.v1", ClockSet, timedelta(days=3_650), undone_by="set the clock again")

KINDS = (ANNOUNCED, JOINED, HALTED, CLOCK_SET)
