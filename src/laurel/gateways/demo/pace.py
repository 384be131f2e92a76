"""How fast an exercise may run on this machine: as fast as was asked, or slower, and then it is said.

A node refuses scans that are older than ten minutes. A clock too fast for the machine leaves the nodes behind, so it
stands until they have caught up, and goes on more slowly: nothing is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from laurel.gateways.demo import play
from laurel.gateways.demo.door import until
from laurel.gateways.demo.play import Stage
from laurel.gateways.demo.watch import Tell, seconds_since
from laurel.instruments.exercise.simulate import Truth

LOOK_EVERY_S = 0.25
BEHIND_S = 120.0
"""Exercise seconds that the nodes may be behind, of the ten minutes that they allow."""
CAUGHT_UP_S = 10.0
CATCH_UP_S = 600.0
SLOWER = 0.7


@dataclass
class Pace:
    """The speed at which an exercise runs now, and which scans its nodes have not answered yet."""

    stage: Stage
    rate: float
    waiting: dict[str, datetime] = field(default_factory=dict[str, datetime])
    slowed: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def posting(self, sensor: str, at: datetime | None) -> None:
        """A scan of that time is on its way; None: all that was is answered."""
        if at is None:
            self.waiting.pop(sensor, None)
        else:
            self.waiting[sensor] = at

    @property
    def behind_s(self) -> float:
        """How old, by the exercise's clock, the oldest scan is that no node has answered."""
        oldest = min(self.waiting.values(), default=None)
        return 0.0 if oldest is None else (self.stage.clock.now() - oldest).total_seconds()

    @asynccontextmanager
    async def stopped(self) -> AsyncGenerator[datetime]:
        """The clock stands, at that time of the exercise, and then goes on at the speed that the machine keeps."""
        async with self._turn:
            at = await play.pause(self.stage)
            yield at
            await play.run_on(self.stage, self.rate)

    async def _caught_up(self) -> bool:
        return self.behind_s <= CAUGHT_UP_S

    async def keep(self, truth: Truth, tell: Tell) -> None:
        """Slow the clock whenever the nodes fall behind, and say so, until cancelled. Raises WaitedTooLong."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self.behind_s <= BEHIND_S:
                continue
            async with self.stopped() as at:
                await until(self._caught_up, "the nodes to catch up", CATCH_UP_S)
                self.rate, self.slowed = max(self.rate * SLOWER, min(self.rate, 1.0)), True
                words = f"this machine cannot keep up: the clock waited, and goes on {self.rate:.1f} times as fast"
                tell(seconds_since(truth, at), words)
