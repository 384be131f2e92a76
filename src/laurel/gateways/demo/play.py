"""One exercise, from its announcement to its last scan, through the doors that a real one would use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import inf

import httpx
import msgspec

from laurel.core.errors import Broken
from laurel.core.label import Classification, Label, label
from laurel.gateways import feed
from laurel.gateways.demo.door import TIMEOUT_S, About, Door, until
from laurel.gateways.demo.nodes import DemoNode
from laurel.instruments.exercise.clock import exercise_now
from laurel.instruments.exercise.commands import AnnounceAsk, SetClockAsk
from laurel.instruments.exercise.records import Announced, ClockSet
from laurel.instruments.exercise.scenario import Scenario
from laurel.instruments.exercise.simulate import Truth, scans
from laurel.instruments.exercise.view import Clock, Exercises
from laurel.instruments.exercise.whatif import Pair, islands
from laurel.instruments.warning.commands import ReleaseTracksAsk
from laurel.instruments.warning.picture_types import MemberTracks
from laurel.instruments.warning.records import Scan
from laurel.node.clock import RealClock
from laurel.node.doorstep import people
from laurel.node.home.layout import PRIVATE_FILE, make_folder, write_file

AHEAD = timedelta(seconds=0.5)
FEED_PATIENCE_S = 60.0
LONGEST_NAP_S = 0.5


class ClockLost(Broken):
    """The exercise's clock was set and a member does not follow."""

    says = "the clock of the exercise was never set"
    remedy = "set it before anything is played"


@dataclass
class Metronome:
    """The exercise's clock as its control last set it."""

    real: RealClock = field(default_factory=RealClock)
    setting: ClockSet | None = None

    def now(self) -> datetime:
        """Exercise time."""
        return exercise_now(self.current, self.real.now())

    @property
    def current(self) -> ClockSet:
        """The last setting. Raises ClockLost."""
        if self.setting is None:
            raise ClockLost
        return self.setting

    def wait_s(self, at: datetime) -> float:
        """Real seconds until the exercise shows that time, as it now runs."""
        clock = self.current
        left_s = (at - exercise_now(clock, self.real.now())).total_seconds()
        if left_s <= 0.0:
            return 0.0
        before_s = max((clock.real_at - self.real.now()).total_seconds(), 0.0)
        return before_s + left_s / clock.rate if clock.rate > 0.0 else inf

    async def reach(self, at: datetime) -> None:
        """Wait until the exercise shows that time, however its clock is set meanwhile."""
        left_s = self.wait_s(at)
        while left_s > 0.0:
            await asyncio.sleep(min(left_s, LONGEST_NAP_S))
            left_s = self.wait_s(at)


@dataclass
class Stage:
    """The exercise world of every node, by member, and what is common to them. `cut` are the links that are cut now."""

    name: str
    nodes: tuple[DemoNode, ...]
    doors: dict[str, Door]
    to: httpx.AsyncClient
    clock: Metronome = field(default_factory=Metronome)
    cut: frozenset[Pair] = frozenset()

    @property
    def islands(self) -> tuple[tuple[str, ...], ...]:
        """All members, in groups between which no word comes through."""
        return islands(self.everyone, self.cut)

    @property
    def everyone(self) -> tuple[str, ...]:
        """All members, sorted."""
        return tuple(sorted(self.doors))

    @property
    def public(self) -> Label:
        """What exercises are announced and timed under."""
        return label(Classification.UNCLASSIFIED, set(self.everyone))


@asynccontextmanager
async def asking() -> AsyncGenerator[httpx.AsyncClient]:
    """The one client of the demo."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
        yield client


async def everywhere(doors: Sequence[Door], holds: Callable[[Door], Awaitable[bool]], what: str) -> None:
    """Wait until it holds at every door. Raises WaitedTooLong."""
    await asyncio.gather(*(until(lambda door=door: holds(door), f"{what} at {door.url}") for door in doors))


async def hold(nodes: Sequence[DemoNode], wanted: Announced, to: httpx.AsyncClient) -> Stage:
    """Announce the exercise at one node and join it at all; their exercise worlds, once every member is in.

    Raises AskRefused, WaitedTooLong.
    """
    name = wanted.exercise
    live = [node.live for node in nodes]
    everyone = label(Classification.UNCLASSIFIED, {node.member for node in nodes})
    announced = AnnounceAsk(name, wanted.title, wanted.starts_at, wanted.scenario_sha256, everyone)
    await live[0].ask(to, "exercise/announce", announced, f"demo:announce:{name}")

    async def heard(door: Door, members: int) -> bool:
        found = await door.look(to, "exercise/exercises", Exercises)
        return any(one.exercise == name and len(one.members) >= members for one in found.exercises)

    await everywhere(live, lambda door: heard(door, 0), "the announcement")
    join = f"exercise/join-here/{name}"
    await asyncio.gather(*(door.ask(to, join, {}, f"demo:join:{name}") for door in live))
    await everywhere(live, lambda door: heard(door, len(nodes)), "every member's card")
    return await enter(nodes, name, to)


async def enter(nodes: Sequence[DemoNode], name: str, to: httpx.AsyncClient) -> Stage:
    """The worlds of an exercise that all have joined. Raises AskRefused, WaitedTooLong."""
    doors: dict[str, Door] = {}
    for node in nodes:
        about = await node.live.look(to, "about", About)
        url = next(one.url for one in about.worlds if one.exercise == name)
        doors[node.member] = Door(url.rstrip("/"), node.live.token)

    async def complete(door: Door) -> bool:
        if not await door.answers(to):
            return False
        return all(one.admitted for one in (await door.look(to, "about", About)).members)

    await everywhere(list(doors.values()), complete, "the exercise world")
    return Stage(name, tuple(nodes), doors, to)


async def prepare(stage: Stage, scenario: Scenario) -> None:
    """Register every sensor at its own node, release tracks to all, and stop the clock at the launch.

    When this returns every node has heard of the clock, so the road between them works.
    """

    async def one(node: DemoNode) -> None:
        door = stage.doors[node.member]
        for sensor in scenario.sensors.get(node.member, ()):
            await door.ask(stage.to, "warning/register-sensor", sensor, f"demo:sensor:{sensor.name}")
        release = ReleaseTracksAsk(label(Classification.SECRET, set(stage.everyone)), "the demo's standing release")
        await door.ask(stage.to, "warning/release-tracks", release, "demo:release-tracks")

    await asyncio.gather(*(one(node) for node in stage.nodes))
    await pause(stage, scenario.starts_at)


async def pause(stage: Stage, at: datetime | None = None) -> datetime:
    """Stop the clock, now or at a given exercise time; the time at which every node then stands.

    The feeds stop first, so that no scan comes before its time.
    """
    setting = ClockSet(stage.clock.real.now(), at or stage.clock.now(), 0.0)
    stage.clock.setting = setting
    await _say_clock(stage, setting)
    return setting.exercise_at


async def run_on(stage: Stage, rate: float) -> None:
    """Let the clock run from where it stands, at every node from the same moment. The feeds start last."""
    setting = ClockSet(stage.clock.real.now() + AHEAD, stage.clock.now(), rate)
    await _say_clock(stage, setting)
    stage.clock.setting = setting


async def _say_clock(stage: Stage, setting: ClockSet) -> None:
    """Set the clock from the first node, and wait until every node follows it. Raises WaitedTooLong."""
    ask = SetClockAsk(setting.real_at, setting.exercise_at, setting.rate, stage.public)
    ask_id = f"demo:clock:{setting.real_at.isoformat()}".replace("+", "-")
    await stage.doors[stage.nodes[0].member].ask(stage.to, "exercise/set-clock", ask, ask_id)

    async def heard(door: Door) -> bool:
        return (await door.look(stage.to, "exercise/clock", Clock)).set == setting

    await everywhere(list(stage.doors.values()), heard, "the clock")


async def quiet(stage: Stage) -> None:
    """Wait until every node holds the same last report of every track. Raises WaitedTooLong."""

    async def same() -> bool:
        answers = await asyncio.gather(
            *(door.look(stage.to, "warning/tracks", MemberTracks) for door in stage.doors.values())
        )
        held = [{(one.name, one.record) for one in answer.tracks} for answer in answers]
        return all(one == held[0] for one in held)

    await until(same, "the same track reports at every node", 20.0)


@dataclass(frozen=True)
class Played:
    """One sensor's scans, and what its node made of them."""

    member: str
    sensor: str
    scans: int
    fed: feed.Fed


async def play(
    stage: Stage, scenario: Scenario, truth: Truth, posting: Callable[[str, datetime | None], None]
) -> list[Played]:
    """Every sensor reports its own scans to its own node as the clock reaches them.

    `posting` hears which scan of which sensor is on its way; see `feed.feed`. Raises FeedRefused, FeedUnheard.
    """
    feeds = [
        asyncio.create_task(_report(stage, node, name, own, partial(posting, name)))
        for node in stage.nodes
        for name, own in _by_sensor(scans(scenario, truth, node.member)).items()
    ]
    try:
        return await asyncio.gather(*feeds)
    finally:
        for one in feeds:
            one.cancel()
        await asyncio.gather(*feeds, return_exceptions=True)


def _by_sensor(all_scans: Iterable[Scan]) -> dict[str, list[Scan]]:
    sensors: dict[str, list[Scan]] = {}
    for scan in all_scans:
        sensors.setdefault(scan.sensor, []).append(scan)
    return sensors


async def _report(
    stage: Stage, node: DemoNode, sensor: str, own: Sequence[Scan], posting: Callable[[datetime | None], None]
) -> Played:
    """What `laurel sensor credential` and `laurel feed` do, on the exercise's clock."""
    file = node.layout.folder / "scans" / f"{sensor}.ndjson"
    make_folder(file.parent)
    write_file(file, b"".join(msgspec.json.encode(scan) + b"\n" for scan in own), PRIVATE_FILE)
    url, _, world = stage.doors[node.member].url.rpartition("/")
    door = feed.Door(url, world, people(node.layout).credential(sensor))
    with file.open("rb") as source:
        fed = await feed.feed(source, door, pace=stage.clock.wait_s, patience_s=FEED_PATIENCE_S, posting=posting)
    return Played(node.member, sensor, len(own), fed)
