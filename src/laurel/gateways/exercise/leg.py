"""One leg of a run: from the start of its nodes to a checkpoint, or to the end of play.

Whether nodes start for the first time, after a checkpoint or in a run that goes on from one, they find their way in
here, and play goes on as if they had never stopped.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.gateways.demo import play
from laurel.gateways.demo.nodes import DemoNode, ready
from laurel.gateways.exercise.checkpoint import Rhythm, Stand
from laurel.gateways.exercise.reading import COMPACT, Run
from laurel.gateways.exercise.scanning import Moment, report, sensor_doors
from laurel.gateways.exercise.stepping import Stepping
from laurel.gateways.exercise.ways import Ways, ways_between
from laurel.instruments.exercise.played import StartAsk
from laurel.instruments.exercise.records import Announced
from laurel.instruments.warning.commands import ReleaseTracksAsk

LEAST = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Pause:
    """All are at rest, and a checkpoint is due: as of that second of play."""

    as_of_s: float
    stand: Stand


@dataclass(frozen=True)
class Leg:
    """What is played, when scans are reported, when checkpoints are due; `stand` is where the nodes stood, if they did.

    `show` is told the time of the exercise.
    """

    run: Run
    scans: Sequence[Moment]
    rhythm: Rhythm
    stand: Stand | None
    show: Callable[[datetime], None]

    @asynccontextmanager
    async def begun(self, nodes: Sequence[DemoNode], to: httpx.AsyncClient) -> AsyncGenerator[tuple[Stepping, Ways]]:
        """The nodes in the exercise, at rest where they stood, or at its beginning. Raises CannotBegin, Broken."""
        run, stand = self.run, self.stand
        await ready(nodes, to)
        if stand is None:
            stage = await play.hold(nodes, Announced(run.name, run.announced_as, run.plan.starts_at, run.digest), to)
        else:
            stage = await play.enter(nodes, run.name, to)
            stage.clock.setting = stand.clock
        async with ways_between(nodes, {one.pair for one in run.wanted.cuts}, World(COMPACT, run.name)) as ways:
            if stand is None:
                stepping = Stepping(stage)
                await _prepare(run, stepping)
            else:
                stepping = Stepping(stage, dict(stand.rest))
                # A node that started is stepped from the first rest on: before it, no clock may be set.
                await stepping.settle(stage.everyone)
            yield stepping, ways

    async def play(self, stepping: Stepping, ways: Ways) -> Pause | None:
        """Step from moment to moment: to where a checkpoint is due, or to the end of play."""
        run, stage = self.run, stepping.stage
        doors = sensor_doors(run.scenario, stage)
        last = None if self.stand is None else self.stand.at
        left = iter([one for one in self.scans if last is None or one[0] > last])
        scanned = next(left, None)
        at = run.plan.starts_at if last is None else self._next(stepping, last, scanned)
        while at is not None and at <= run.ends_at:
            if last is not None and not stage.cut:
                as_of_s = self.rhythm.due(run.second(last), run.second(at))
                if as_of_s is not None:
                    return Pause(as_of_s, Stand(last, stage.clock.current, run.steps, run.scans, stepping.rest))
            self.show(at)
            stage.cut = run.wanted.cut_at(run.second(at))
            ways.cut(stage.cut)
            await stepping.step(at)
            run.steps += 1
            while scanned is not None and scanned[0] <= at:
                run.scans += await report(stepping, doors, scanned[1])
                scanned = next(left, None)
            last, at = at, self._next(stepping, at, scanned)
        await stepping.step(run.ends_at)
        return None

    def _next(self, stepping: Stepping, at: datetime, scanned: Moment | None) -> datetime | None:
        """The moment after that one: a cut or its end, what goes by itself, or the next scans."""
        later = [one for one in self.run.moments_of_cuts() if one > at]
        later += [] if stepping.next_at is None else [max(stepping.next_at, at + LEAST)]
        later += [] if scanned is None else [scanned[0]]
        return min(later, default=None)


async def _prepare(run: Run, stepping: Stepping) -> None:
    """Sensors registered, tracks released, the clock standing at the beginning, the plan started."""
    stage = stepping.stage
    await stepping.step(run.plan.starts_at)
    sensors = {} if run.scenario is None else run.scenario.sensors
    for member in stage.everyone:
        door = stage.doors[member]
        to = label(Classification.SECRET, set(run.wanted.released_to(member, stage.everyone)))
        release = ReleaseTracksAsk(to, "the exercise's standing release")
        for sensor in sensors.get(member, ()):
            await door.ask(stage.to, "warning/register-sensor", sensor, f"run:sensor:{sensor.name}")
        await door.ask(stage.to, "warning/release-tracks", release, "run:release-tracks")
        await stepping.settle([member])
    start = StartAsk(run.file.decode(), stage.public, dry=True, changed=run.changed)
    first = stage.everyone[0]
    await stage.doors[first].ask(stage.to, "exercise/start", start, "run:start:0001")
    await stepping.settle([first])
