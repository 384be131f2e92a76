"""An exercise stepped from moment to moment: its clock stands, and goes on when nothing is left to do anywhere.

So it is as fast as the machine and never faster: nothing is skipped, and what comes out does not depend on speed.
Members go one after the other, in the order of their codes; whoever goes has all that was said to it, unless it was
said across links that are cut: that is waited for once one of them is mended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from laurel.gateways.demo.door import AskRefused, until
from laurel.gateways.demo.play import Stage
from laurel.instruments.exercise.commands import SetClockAsk
from laurel.instruments.exercise.records import ClockSet
from laurel.node.excon import Settled
from laurel.node.level import LaneRow, SettleAsk

LOOK_EVERY_S = 0.005
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Stepping:
    """An exercise that is stepped, and how each member stood when it came to rest last."""

    stage: Stage
    rest: dict[str, Settled] = field(default_factory=dict[str, Settled])

    @property
    def next_at(self) -> datetime | None:
        """When something goes by itself next, anywhere."""
        return min((one.next_at for one in self.rest.values() if one.next_at is not None), default=None)

    async def step(self, at: datetime) -> None:
        """Every node at that time of the exercise, and all done that it asks for. Raises AskRefused, WaitedTooLong."""
        stage = self.stage
        setting = ClockSet(stage.clock.real.now(), at, 0.0)
        ask = SetClockAsk(setting.real_at, setting.exercise_at, setting.rate, stage.public)
        for island in stage.islands:
            first = stage.doors[island[0]]
            await first.ask(stage.to, "exercise/set-clock", ask, f"step:{setting.real_at:%Y%m%dT%H%M%S.%f}")
        stage.clock.setting = setting
        await self.settle(stage.everyone)

    async def settle(self, members: Iterable[str]) -> None:
        """Let these do what is left to do, and whoever hears of it, until nobody has anything left.

        Raises AskRefused, WaitedTooLong.
        """
        left = set(members)
        while left:
            for member in self.stage.everyone:
                if member in left:
                    left.discard(member)
                    left |= await self._rested(member)

    async def _rested(self, member: str) -> set[str]:
        """Bring one member to rest. Who hears of what it said meanwhile."""
        before = self.rest.get(member)
        known: set[LaneRow] = set() if before is None else set(before.lanes)
        now = await self._settled(member, known)
        self.rest[member] = now
        told = {peer for row in now.lanes if row.origin == member and row not in known for peer in row.audience.split()}
        return told & self._near(member) - {member}

    async def _settled(self, member: str, known: set[LaneRow]) -> Settled:
        stage, door = self.stage, self.stage.doors[member]
        content = msgspec.json.encode(SettleAsk(stage.clock.current, self._said_to(member, known)))
        headers = {**door.headers, "Content-Type": "application/json"}
        last: list[Settled] = []

        async def at_rest() -> bool:
            answer = await stage.to.post(f"{door.url}/exercise/settle", content=content, headers=headers)
            if answer.is_error:
                raise AskRefused(command="exercise/settle", at=door.url, answer=answer.text)
            last[:] = [msgspec.json.decode(answer.content, type=Settled)]
            return last[0].level

        await until(at_rest, f"rest at {member}", PATIENCE_S, LOOK_EVERY_S)
        return last[0]

    def _said_to(self, member: str, known: set[LaneRow]) -> tuple[LaneRow, ...]:
        """How far those whose word comes through have said what this member must hold, and did not hold yet."""
        return tuple(
            row
            for other in sorted(self._near(member) & self.rest.keys() - {member})
            for row in self.rest[other].lanes
            if row.origin == other and member in row.audience.split() and row not in known
        )

    def _near(self, member: str) -> set[str]:
        """Those between whom and this member word comes through, itself among them."""
        return next(set(island) for island in self.stage.islands if member in island)
