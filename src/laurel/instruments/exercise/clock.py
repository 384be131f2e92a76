"""What time it is in an exercise."""

from __future__ import annotations

from datetime import datetime, timedelta

from laurel.instruments.exercise.records import ClockSet


def exercise_now(clock: ClockSet | None, real_now: datetime) -> datetime:
    """The exercise's time at a real moment.

    Without a clock it is the real time. Before `real_at` the clock waits at `exercise_at`, so members
    agree on a start some seconds ahead and begin together. A clock that would leave the calendar stands
    still: a peer's record must not stop this node.
    """
    if clock is None:
        return real_now
    try:
        return clock.exercise_at + max(timedelta(), real_now - clock.real_at) * clock.rate
    except OverflowError:
        return clock.exercise_at


def slowed(clock: ClockSet, real_now: datetime) -> ClockSet:
    """The same clock at half its pace from now on, though never slower than real time."""
    return ClockSet(real_now, exercise_now(clock, real_now), max(clock.rate / 2.0, min(clock.rate, 1.0)), clock.rate)


def jump(before: ClockSet, after: ClockSet, now: datetime) -> timedelta:
    """How far ahead the exercise finds itself when `after` takes over from `before`, negative for back.

    `now` is the exercise's time as it is set: a setting may come before its `real_at`, or behind it.
    """
    at = max(before.real_at, after.real_at)
    if before.rate > 0.0:
        at = max(at, before.real_at + (now - before.exercise_at) / before.rate)
    return exercise_now(after, at) - exercise_now(before, at)
