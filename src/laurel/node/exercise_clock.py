"""The clock of an exercise world."""

from __future__ import annotations

from datetime import datetime

from laurel.instruments.exercise.clock import exercise_now
from laurel.instruments.exercise.records import ClockSet
from laurel.node.clock import Clock, RealClock


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
