"""A node that is stepped goes on only when the clock as it was set, and all that was said to it, have come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.node.notebook import notebook
from tests.node.worlds import EXERCISE, MEMBERS, START, SetClock, Worlds, note

from laurel.core.instrument import PEOPLE
from laurel.core.label import Classification, Label
from laurel.core.record import Precedence
from laurel.instruments.exercise import INSTRUMENT
from laurel.instruments.exercise.commands import SetClockAsk
from laurel.instruments.exercise.records import ClockSet
from laurel.node import level as levelling
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.exercise_clock import ExerciseClock
from laurel.node.level import LaneRow, SettleAsk, lanes_of, level
from laurel.node.outbox import Outbox
from laurel.node.station import Station
from laurel.node.world import World

STANDS = ClockSet(START, START + timedelta(hours=1), 0.0)
LATER = ClockSet(START, START + timedelta(hours=2), 0.0)


@pytest.fixture
def worlds(tmp_path: Path) -> Generator[Worlds]:
    with Worlds(tmp_path, EXERCISE) as made:
        yield made


@pytest.fixture
def jpn(worlds: Worlds) -> World:
    """Its control has set the clock and written a note."""
    world = worlds.open("JPN", INSTRUMENT, notebook())
    ask = SetClockAsk(STANDS.real_at, STANDS.exercise_at, STANDS.rate, Label(Classification.UNCLASSIFIED, MEMBERS))
    world.say(Asked(Author("officer:sato", PEOPLE), "exercise/set-clock", ask, "ask:clock"))
    world.say(note("one"))
    return world


@pytest.fixture
async def kor(worlds: Worlds) -> AsyncGenerator[Station]:
    world = worlds.open("KOR", INSTRUMENT, notebook())
    world.clock = ExerciseClock(START, SetClock())
    station = Station(world)
    yield station
    station.close()


def said_by(world: World) -> tuple[LaneRow, ...]:
    return tuple(row for row in lanes_of(world) if row.origin == world.roster.me)


async def test_a_node_waits_for_the_clock_and_for_all_that_was_said_and_then_stands_at_that_time(
    jpn: World, kor: Station
) -> None:
    waiting = asyncio.create_task(level(kor, SettleAsk(STANDS, said_by(jpn))))
    parcels = [one.wrapped for one in Outbox(jpn).waiting("KOR", 100)]
    assert len(parcels) == 2
    for parcel in parcels:
        assert not waiting.done()
        await kor.receive("JPN", [parcel])
    assert await waiting
    assert kor.inner.clock.now() == STANDS.exercise_at
    assert set(said_by(jpn)) <= set(lanes_of(kor.inner))


async def test_what_does_not_come_in_time_leaves_the_node_as_it_is(
    jpn: World, kor: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levelling, "WITHIN_S", 0.01)
    assert not await level(kor, SettleAsk(STANDS, ()))
    for parcel in Outbox(jpn).waiting("KOR", 100):
        await kor.receive("JPN", [parcel.wrapped])
    assert await level(kor, SettleAsk(STANDS, said_by(jpn)))
    assert not await level(kor, SettleAsk(LATER, ()))
    ahead = LaneRow("JPN", " ".join(MEMBERS), Precedence.ROUTINE, 9)
    assert not await level(kor, SettleAsk(STANDS, (ahead,)))
    assert kor.inner.clock.now() == STANDS.exercise_at
