"""What members tell each other about worlds that are not real.

Announcements, joinings, plans, halts and endings are live records. Everything else is play: it is said in the exercise.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Language, Line, Name, Sha256, Text
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Utc

ExerciseName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]
PlanKey = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
PlanText = Annotated[str, Meta(min_length=1, max_length=150_000)]
"""A plan as its TOML file has it. What people write reaches all members as it was written."""
Changed = Annotated[tuple[Line, ...], Meta(max_length=50)]
Corner = tuple[Annotated[float, Meta(ge=-90.0, le=90.0)], Annotated[float, Meta(ge=-180.0, le=180.0)]]
"""Latitude and longitude in degrees."""

PLAY_KEEPS = timedelta(days=3_650)


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


class Planned(Struct, frozen=True):
    """What is to be played. The greatest version of an exercise counts."""

    exercise: ExerciseName
    version: Annotated[int, Meta(ge=1)]
    plan: PlanText


class Halted(Struct, frozen=True):
    """Stop all play, now, and return to duty. Anyone may say it."""

    exercise: ExerciseName
    reason: str


class Ended(Struct, frozen=True):
    """A member's world of an exercise is no more: what was played lies in an archive, its keys are destroyed.

    `archive_sha256` is that of the signed archive, of `records` records.
    """

    exercise: ExerciseName
    archive_sha256: Sha256
    records: Annotated[int, Meta(ge=0)]


class ClockSet(Struct, frozen=True):
    """At the real moment `real_at` the exercise showed `exercise_at` and ran at `rate` (0 is paused).

    `slowed_from`: the rate with which the node that says so could not keep up; null where people set the clock.
    """

    real_at: Utc
    exercise_at: Utc
    rate: Annotated[float, Meta(ge=0.0, le=1_000.0)]
    slowed_from: Annotated[float, Meta(ge=0.0, le=1_000.0)] | None = None


class Started(Struct, frozen=True):
    """From now on this plan is played, by every member's node for its own cells. The last start counts.

    In a `dry` run nodes answer too, as the plan says that the audience would. `changed` says in what play is other
    than planned.
    """

    plan: PlanText
    dry: bool = False
    changed: Changed = ()


class Called(Struct, frozen=True):
    """Control wants an inject now, whatever it waits for; or never, when it is skipped."""

    inject: PlanKey
    skip: bool = False
    why: str = ""


class InjectOutcome(StrEnum):
    """What became of an inject."""

    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"


class Injected(Struct, frozen=True):
    """An inject of the plan has gone, was skipped, or was refused by the command it asks: `why` says so."""

    inject: PlanKey
    outcome: InjectOutcome
    records: tuple[str, ...] = ()
    why: str = ""


class NoPlay(Struct, frozen=True):
    """In this area nothing is played between these times of the exercise: life there goes on."""

    name: Name
    corners_deg: Annotated[tuple[Corner, ...], Meta(min_length=3, max_length=100)]
    begins_at: Utc
    ends_at: Utc
    why: Line


class Finding(StrEnum):
    """Whether something that was seen should be kept or mended."""

    STRENGTH = "strength"
    TO_IMPROVE = "to improve"


class Observed(Struct, frozen=True):
    """What somebody saw in play; `objective` is the plan's."""

    finding: Finding
    text: Text
    language: Language
    objective: PlanKey | None = None


class Rating(StrEnum):
    """How an objective was met: the four of HSEEP 2020."""

    PERFORMED = "P"
    SOME_CHALLENGES = "S"
    MAJOR_CHALLENGES = "M"
    UNABLE = "U"


class Rated(Struct, frozen=True):
    """A member's own word on an objective, in the hot-wash. Its last one counts."""

    objective: PlanKey
    rating: Rating
    text: Text
    language: Language


class ActionProposed(Struct, frozen=True):
    """Something to be done after the exercise: who, until when. It becomes a promise when that member commits to it."""

    action: Line
    member: Code
    office: Name
    due: Utc
    objective: PlanKey | None = None


ANNOUNCED = Kind("exercise.announced.v1", Announced, FOREVER, undone_by="halt the exercise")
JOINED = Kind("exercise.joined.v1", Joined, FOREVER, undone_by="halt the exercise")
PLANNED = Kind("exercise.planned.v1", Planned, FOREVER, undone_by="plan it again")
HALTED = Kind("exercise.halted.v1", Halted, FOREVER, undone_by="announce another exercise: a halt is never lifted")
ENDED = Kind("exercise.ended.v1", Ended, FOREVER, undone_by="announce another exercise: what ended is gone")
CLOCK_SET = Kind("exercise.clock-set.v1", ClockSet, PLAY_KEEPS, undone_by="set the clock again")
STARTED = Kind("exercise.started.v1", Started, PLAY_KEEPS, undone_by="halt the exercise")
CALLED = Kind("exercise.called.v1", Called, PLAY_KEEPS, undone_by="nothing: an inject goes once")
INJECTED = Kind("exercise.injected.v1", Injected, PLAY_KEEPS, undone_by="inject something that puts it right")
NO_PLAY = Kind("exercise.no-play.v1", NoPlay, PLAY_KEEPS, retractable=True)
OBSERVED = Kind("exercise.observed.v1", Observed, PLAY_KEEPS, retractable=True)
RATED = Kind("exercise.rated.v1", Rated, PLAY_KEEPS, undone_by="rate it again")
ACTION_PROPOSED = Kind("exercise.action-proposed.v1", ActionProposed, PLAY_KEEPS, retractable=True)

KINDS = (
    *(ANNOUNCED, JOINED, PLANNED, HALTED, ENDED, CLOCK_SET),
    *(STARTED, CALLED, INJECTED, NO_PLAY, OBSERVED, RATED, ACTION_PROPOSED),
)
