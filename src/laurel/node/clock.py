"""The only place that reads a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


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


def monotonic() -> float:
    """Seconds that only grow, from nowhere in particular."""
    return time.monotonic()


def elapsed() -> Callable[[], timedelta]:
    """A stopwatch: call the result to read it."""
    start = time.monotonic()
    return lambda: timedelta(seconds=time.monotonic() - start)
