"""The only place that reads a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from laurel.instruments.exercise.clock import exercise_now
from laurel.instruments.exercise.records import ClockSet


class Clock(Protocol):
    """What time it is in a world, and how fast it runs."""

    def now(self) -> datetime:
        """The world's time, UTC."""
        ...

    def rate(self) -> float:
        """World seconds in one real second; 0 while it stands."""
        ...


class RealClock:
    """The live world's clock."""

    def now(self) -> datetime:
        """UTC as this machine has it."""
        return datetime.now(UTC)

    def rate(self) -> float:
        """Always 1."""
        return 1.0


class ExerciseClock:
    """An exercise's clock: what its control last set, carried on by the real clock."""

    def __init__(self, starts_at: datetime, real: Clock | None = None) -> None:
        self.real = real or RealClock()
        self._set = ClockSet(self.real.now(), starts_at, 0.0)

    def set(self, to: ClockSet) -> bool:
        """Follow this setting from now on. Whether it is a new one."""
        before, self._set = self._set, to
        return to != before

    @property
    def setting(self) -> ClockSet:
        """What control last set."""
        return self._set

    def now(self) -> datetime:
        """Exercise time, UTC."""
        return exercise_now(self._set, self.real.now())

    def rate(self) -> float:
        """The rate that control set."""
        return self._set.rate


def monotonic() -> float:
    """Seconds that only grow, from nowhere in particular."""
    return time.monotonic()


def elapsed() -> Callable[[], timedelta]:
    """A stopwatch: call the result to read it."""
    start = time.monotonic()
    return lambda: timedelta(seconds=time.monotonic() - start)
