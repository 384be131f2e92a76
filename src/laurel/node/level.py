"""Whether the clock as it was set last, and what others said, has come to this node: then it may go on."""

from __future__ import annotations

from msgspec import Struct

from laurel.core.instrument import NoAsk
from laurel.core.record import Lane, Precedence
from laurel.instruments.exercise.records import ClockSet
from laurel.instruments.exercise.view import Clock as ClockAnswer
from laurel.node.carry.intake import set_within
from laurel.node.exercise_clock import ExerciseClock
from laurel.node.station import Station
from laurel.node.world import World

WITHIN_S = 5.0


class LaneRow(Struct, frozen=True):
    """How far a lane is held here."""

    origin: str
    audience: str
    precedence: Precedence
    number: int


class SettleAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What must have come before anything is done: the clock as it was set, and what others said to this member."""

    clock: ClockSet
    lanes: tuple[LaneRow, ...]


async def follow_clock(station: Station) -> None:
    """The clock that control last set in this exercise is the world's."""
    clock = station.inner.clock
    if isinstance(clock, ExerciseClock):
        answer: ClockAnswer = await station.judge("exercise/clock", NoAsk())
        if answer.set is not None and clock.set(answer.set):
            station.stir()


async def level(station: Station, ask: SettleAsk) -> bool:
    """Whether all of it came, and this node may speak: waits while more comes, and for the first of it."""
    clock, store = station.inner.clock, station.inner.store
    awaited = {_lane(station, row): row.number for row in ask.lanes}
    async with station.listening() as changed:
        while True:
            changed.clear()
            if isinstance(clock, ExerciseClock) and clock.setting != ask.clock:
                await follow_clock(station)
            held = {lane: stand.number for lane, stand in store.stands.items()}
            on_time = not isinstance(clock, ExerciseClock) or clock.setting == ask.clock
            speaks = not station.inner.recovery.quiet
            if speaks and on_time and all(held.get(lane, 0) >= number for lane, number in awaited.items()):
                return True
            if not await set_within(changed, WITHIN_S):
                return False


def lanes_of(world: World) -> tuple[LaneRow, ...]:
    """How far each lane is held here."""
    return tuple(
        LaneRow(lane.origin, " ".join(lane.audience), lane.precedence, stand.number)
        for lane, stand in world.store.stands.items()
    )


def _lane(station: Station, row: LaneRow) -> Lane:
    return Lane(station.world, row.origin, tuple(row.audience.split()), row.precedence)
