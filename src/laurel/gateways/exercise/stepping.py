"""An exercise stepped from moment to moment: its clock stands, and goes on when nothing is left to do anywhere.

So it is as fast as the machine and never faster: nothing is skipped, and what comes out does not depend on speed.
Members go one after the other, in the order of their codes; what each says has reached the others before the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from laurel.gateways.demo.door import AskRefused, Door, until
from laurel.gateways.demo.play import Stage
from laurel.instruments.exercise.commands import SetClockAsk
from laurel.instruments.exercise.records import ClockSet
from laurel.instruments.exercise.view import Clock
from laurel.node.excon import Settled

LOOK_EVERY_S = 0.005
PATIENCE_S = 120.0


async def step(stage: Stage, at: datetime) -> datetime | None:
    """Every node at that time of the exercise, and all done that it asks for; when something goes by itself next.

    Raises AskRefused, WaitedTooLong.
    """
    setting = ClockSet(stage.clock.real.now(), at, 0.0)
    ask = SetClockAsk(setting.real_at, setting.exercise_at, setting.rate, stage.public)
    for island in stage.islands:
        first = stage.doors[island[0]]
        await first.ask(stage.to, "exercise/set-clock", ask, f"step:{setting.real_at:%Y%m%dT%H%M%S.%f}")
    stage.clock.setting = setting

    async def heard(door: Door) -> bool:
        return (await door.look(stage.to, "exercise/clock", Clock)).set == setting

    await asyncio.gather(
        *(
            until(lambda door=door: heard(door), f"the clock at {door.url}", PATIENCE_S, LOOK_EVERY_S)
            for door in stage.doors.values()
        )
    )
    return await settle(stage)


async def settle(stage: Stage) -> datetime | None:
    """Wait until nothing is left to do at any node, and nothing is on its way. Raises AskRefused, WaitedTooLong."""
    last: list[Settled] = []

    async def at_rest() -> bool:
        last[:] = [await _settled(stage, stage.doors[member]) for member in stage.everyone]
        return _agree(stage, last)

    await until(at_rest, "rest at every node", PATIENCE_S, LOOK_EVERY_S)
    return min((one.next_at for one in last if one.next_at is not None), default=None)


async def _settled(stage: Stage, door: Door) -> Settled:
    answer = await stage.to.post(f"{door.url}/exercise/settle", headers=door.headers)
    if answer.is_error:
        raise AskRefused(command="exercise/settle", at=door.url, answer=answer.text)
    return msgspec.json.decode(answer.content, type=Settled)


def _agree(stage: Stage, settled: Sequence[Settled]) -> bool:
    """Whether everyone holds all that was said to it by those whose word comes through."""
    held = {
        member: {(lane.origin, lane.audience, lane.precedence): lane.number for lane in one.lanes}
        for member, one in zip(stage.everyone, settled, strict=True)
    }
    return all(
        held[member].get(lane) == number
        for island in stage.islands
        for origin in island
        for lane, number in held[origin].items()
        if lane[0] == origin
        for member in lane[1].split()
        if member in island
    )
