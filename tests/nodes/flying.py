"""A piece of a published flight, played into the exercise worlds of real nodes through their own doors."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

import httpx
import msgspec
from tests.nodes.three import PATIENCE_S, Node, seen

from laurel.core.record import Record, World
from laurel.gateways import feed
from laurel.gateways.demo import find_scenario, play
from laurel.instruments.exercise.records import Announced
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import scans, solve
from laurel.instruments.warning.picture_types import Picture
from laurel.instruments.warning.records import Scan
from laurel.node.doorstep import people
from laurel.node.keep.ledger import records_of

SCENARIO = "2022-10-04-overflight"


@dataclass
class Flying:
    """The exercise, and what every sensor saw of the piece that is played."""

    world: World
    stage: play.Stage
    nodes: dict[str, Node]
    scenario: Scenario
    looks: dict[tuple[str, str], list[Scan]]
    feeds: dict[tuple[str, str], asyncio.Task[feed.Fed]] = field(
        default_factory=dict[tuple[str, str], asyncio.Task[feed.Fed]]
    )

    def at(self, seconds: float) -> datetime:
        """Exercise time so long after launch."""
        return self.scenario.starts_at + timedelta(seconds=seconds)

    def looks_of(self, member: str) -> list[Scan]:
        """All scans of one member's sensors."""
        return [scan for (owner, _), looks in self.looks.items() if owner == member for scan in looks]

    async def until(self, seconds: float) -> None:
        """Wait until the exercise shows so long after launch."""
        await asyncio.sleep(self.stage.clock.wait_s(self.at(seconds)))

    async def begin(self, rate: float) -> None:
        """Let the clock run, and every sensor report as it does."""
        await play.run_on(self.stage, rate)
        for (member, sensor), looks in self.looks.items():
            node = self.nodes[member]
            url, _, world = self.stage.doors[member].url.rpartition("/")
            door = feed.Door(url, world, people(node.made.layout).credential(sensor))
            source = BytesIO(b"".join(msgspec.json.encode(scan) + b"\n" for scan in looks))
            posting = feed.feed(source, door, pace=self.stage.clock.wait_s, patience_s=PATIENCE_S)
            self.feeds[member, sensor] = asyncio.create_task(posting)

    async def end(self) -> dict[tuple[str, str], feed.Fed]:
        """Wait for the last scan, and stop the clock."""
        try:
            fed = dict(zip(self.feeds, await asyncio.gather(*self.feeds.values()), strict=True))
        finally:
            for one in self.feeds.values():
                one.cancel()
        await play.pause(self.stage)
        return fed

    async def pictures(self) -> dict[str, Picture]:
        """What every node shows now."""
        doors = self.stage.doors
        looks = await asyncio.gather(*(door.look(self.stage.to, "warning/picture", Picture) for door in doors.values()))
        return dict(zip(doors, looks, strict=True))

    def records(self, member: str) -> list[tuple[str, Record[msgspec.Raw]]]:
        """The log of one node, as an auditor gets it: ids and records, in its order."""
        return records(self.nodes[member], self.world)

    async def settled(self) -> None:
        """Wait until every node holds the same of what is told to all."""

        async def same() -> bool:
            held = [Counter(row for row in node.counts(self.world).items() if row[0][1] in SHARED) for node in everyone]
            return all(one == held[0] for one in held)

        everyone = tuple(self.nodes.values())
        await seen(same, "the same records at every node")


SHARED = ("warning.track-report.v1", "warning.alert.v1", "exercise.clock-set.v1", "exercise.halted.v1")
AT_HOME = ("warning.scan.v1", "warning.sensor.v1", "warning.standing-release.v1")


def records(node: Node, world: World) -> list[tuple[str, Record[msgspec.Raw]]]:
    """The log of one node in one world: ids and records, in its order."""
    return records_of(node.made.layout, world)


async def hold(nodes: dict[str, Node], to: httpx.AsyncClient, name: str, start_s: float, end_s: float) -> Flying:
    """The exercise announced, joined and prepared, its clock stopped at the beginning of the piece."""
    scenario = parse(find_scenario(SCENARIO).read_bytes())
    truth = solve(scenario)
    wanted = Announced(name, scenario.title, scenario.starts_at, scenario.sha256)
    stage = await play.hold([node.made for node in nodes.values()], wanted, to)
    await play.prepare(stage, scenario)
    first, last = (scenario.starts_at + timedelta(seconds=seconds) for seconds in (start_s, end_s))
    looks: dict[tuple[str, str], list[Scan]] = {}
    for member in nodes:
        for scan in scans(scenario, truth, member):
            if first <= scan.at <= last:
                looks.setdefault((member, scan.sensor), []).append(scan)
    await play.pause(stage, first)
    return Flying(World("camp-david", name), stage, nodes, scenario, looks)
