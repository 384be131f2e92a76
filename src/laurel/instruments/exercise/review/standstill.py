"""The exercise's clock and what stood still: settings, pauses, jumps, the halt, and where nothing was played."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from laurel.instruments.exercise.clock import exercise_now
from laurel.instruments.exercise.records import CLOCK_SET, HALTED, NO_PLAY, ClockSet, Corner
from laurel.instruments.exercise.review.log import Log


class ClockChange(Struct, frozen=True):
    """From `real_at` on the exercise showed `exercise_at` and ran at `rate` (0 is a pause).

    `lasted_real_s` is until the next change, None for the last. `jump_s` is how far the exercise's time was moved.
    A clock that is moved again and again while it stands is one change, of so many `steps`. `slowed_from`: the rate
    with which the node of `by` could not keep up.
    """

    real_at: datetime
    exercise_at: datetime
    rate: float
    by: str
    lasted_real_s: float | None
    jump_s: float
    steps: int = 1
    slowed_from: float | None = None


class Halt(Struct, frozen=True):
    """Somebody stopped all play."""

    at: datetime
    play_s: float
    by: str
    author: str
    reason: str


class NoPlayArea(Struct, frozen=True):
    """Where nothing was played, and when."""

    name: str
    by: str
    corners_deg: tuple[Corner, ...]
    begins_at: datetime
    ends_at: datetime
    why: str


def clock_changes(log: Log) -> tuple[ClockChange, ...]:
    """In the order of the real moments from which they hold."""
    settings = sorted(log.of(CLOCK_SET), key=lambda one: (one[1].real_at, one[0].id))
    found: list[ClockChange] = []
    before: ClockSet | None = None
    for place, (said, setting) in enumerate(settings):
        after = settings[place + 1][1] if place + 1 < len(settings) else None
        jump_s = 0.0
        if before is not None:
            jump_s = (setting.exercise_at - exercise_now(before, setting.real_at)).total_seconds()
        found.append(
            ClockChange(
                real_at=setting.real_at,
                exercise_at=setting.exercise_at,
                rate=setting.rate,
                by=said.by,
                lasted_real_s=None if after is None else round((after.real_at - setting.real_at).total_seconds(), 3),
                jump_s=round(jump_s, 3),
                slowed_from=setting.slowed_from,
            )
        )
        before = setting
    return _stepped(found)


def _stepped(changes: Sequence[ClockChange]) -> tuple[ClockChange, ...]:
    """The same with what one member moved while it stood as one."""
    found: list[ClockChange] = []
    for one in changes:
        last = found[-1] if found else None
        if last is None or last.lasted_real_s is None or not (last.rate == one.rate == 0.0 and last.by == one.by):
            found.append(one)
            continue
        lasted = None if one.lasted_real_s is None else round(last.lasted_real_s + one.lasted_real_s, 3)
        moved_s = round(last.jump_s + one.jump_s, 3)
        found[-1] = replace(last, lasted_real_s=lasted, jump_s=moved_s, steps=last.steps + one.steps)
    return tuple(found)


def halts(log: Log) -> tuple[Halt, ...]:
    """Every halt that was said, the first first."""
    return tuple(
        Halt(said.at, round(log.play_s(said.at), 3), said.by, said.record.author, halt.reason)
        for said, halt in log.of(HALTED)
    )


def no_play_areas(log: Log) -> tuple[NoPlayArea, ...]:
    """All of them, as they were said."""
    return tuple(
        NoPlayArea(area.name, said.by, area.corners_deg, area.begins_at, area.ends_at, area.why)
        for said, area in log.of(NO_PLAY)
    )
