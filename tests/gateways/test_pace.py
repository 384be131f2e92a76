"""A clock too fast for the machine waits for the nodes, goes on more slowly, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.nodes.three import seen

from laurel.gateways.demo import pace as pacing
from laurel.gateways.demo import play
from laurel.gateways.demo.find import find_scenario
from laurel.gateways.demo.pace import BEHIND_S, Pace
from laurel.gateways.demo.play import Metronome, Stage
from laurel.instruments.exercise.scenario import parse
from laurel.instruments.exercise.simulate import Truth, solve

STARTS_AT = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return solve(parse(find_scenario("2022-10-04-overflight").read_bytes()))


@pytest_asyncio.fixture
async def pace(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Pace]:
    """An exercise whose clock is heard by nobody: no node takes part."""

    async def nobody(*_: Any) -> None:
        return

    monkeypatch.setattr(play, "_say_clock", nobody)
    monkeypatch.setattr(play, "AHEAD", timedelta())
    monkeypatch.setattr(pacing, "LOOK_EVERY_S", 0.005)
    async with httpx.AsyncClient() as to:
        stage = Stage("freedom-27", (), {}, to)
        await play.pause(stage, STARTS_AT)
        await play.run_on(stage, 100.0)
        yield Pace(stage, 100.0)


async def runs(clock: Metronome, *, goes: bool) -> bool:
    return (clock.current.rate > 0.0) is goes


async def test_nodes_that_keep_up_leave_the_clock_as_it_was_asked(pace: Pace, truth: Truth) -> None:
    told: list[str] = []
    keeping = asyncio.create_task(pace.keep(truth, lambda _, words: told.append(words)))
    for _ in range(20):
        pace.posting("radar", pace.stage.clock.now())
        await asyncio.sleep(0.005)
        pace.posting("radar", None)
    keeping.cancel()
    assert (pace.rate, pace.slowed, told) == (100.0, False, [])


async def test_a_clock_that_leaves_the_nodes_behind_stands_until_they_caught_up_and_goes_on_slower(
    pace: Pace, truth: Truth
) -> None:
    told: list[str] = []
    keeping = asyncio.create_task(pace.keep(truth, lambda _, words: told.append(words)))
    clock = pace.stage.clock
    pace.posting("radar", clock.now() - timedelta(seconds=BEHIND_S))
    await seen(lambda: runs(clock, goes=False), "a clock that stands")
    stood_at = clock.now()
    await asyncio.sleep(0.05)
    assert clock.now() == stood_at, "it stands while a scan is unanswered"
    assert told == []
    pace.posting("radar", None)
    await seen(lambda: runs(clock, goes=True), "a clock that goes on")
    keeping.cancel()
    assert clock.current.rate == pace.rate == pytest.approx(70.0)
    assert clock.current.exercise_at == stood_at, "nothing is skipped"
    assert told == ["this machine cannot keep up: the clock waited, and goes on 70.0 times as fast"]


async def test_a_moment_is_reached_however_the_clock_is_set_meanwhile(pace: Pace) -> None:
    clock = pace.stage.clock
    reaching = asyncio.create_task(clock.reach(STARTS_AT + timedelta(seconds=30)))
    async with pace.stopped() as at:
        await asyncio.sleep(0.05)
        assert not reaching.done()
        assert clock.now() == at
    async with asyncio.timeout(30):
        await reaching
    assert clock.now() >= STARTS_AT + timedelta(seconds=30)
