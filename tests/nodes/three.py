"""Real nodes for tests: folders, processes, NATS servers, doors. They die with the test that started them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from laurel.core.instrument import Role
from laurel.core.label import Classification, Label, label
from laurel.core.record import World
from laurel.gateways.demo.door import AskRefused, Door, WaitedTooLong, until
from laurel.gateways.demo.nodes import DemoNode, make_nodes
from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind
from laurel.node.carry import tether
from laurel.node.carry.link import LinkState
from laurel.node.doorstep import people
from laurel.node.home.compact import load_compact
from laurel.node.keep.ledger import counts

LIVE = World("camp-david")
MEMBERS = ("JPN", "KOR", "USA")
# What nodes say by themselves when it is time, whatever a test does.
OF_LINES = {"line.link-changed.v1"} | {
    f"hotline.{name}.v1" for name in ("check-round", "line-check", "check-heard", "check-measured")
}
EVERYONE = label(Classification.UNCLASSIFIED, set(MEMBERS))
# A busy machine may take this long over what takes a second.
PATIENCE_S = 90.0
STOP_WITHIN_S = 20.0


@dataclass
class Node:
    """One member's node as a process, which a test may stop, kill and start again."""

    made: DemoNode
    to: httpx.AsyncClient
    child: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def member(self) -> str:
        return self.made.member

    @property
    def live(self) -> Door:
        return self.made.live

    @property
    def nats_pid(self) -> int:
        return int(self.made.layout.nats_pid.read_text())

    def world_pid(self, world: World) -> int:
        """The process that serves one world of this node."""
        wanted = ["serve", str(self.made.layout.folder), world.name]
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if entry.read_bytes().decode(errors="replace").split("\0")[-4:-1] == wanted:
                    return int(entry.parent.name)
        raise AssertionError(f"no process serves {world.name} of {self.member}")

    async def start(self) -> None:
        with self.made.log.open("ab") as log:
            self.child = await asyncio.create_subprocess_exec(
                *(sys.executable, tether.__file__, str(os.getpid())),
                *(sys.executable, "-m", "laurel.cli", "node", str(self.made.layout.folder)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def stop(self) -> None:
        if self.child is None or self.child.returncode is not None:
            return
        self.child.terminate()
        try:
            await asyncio.wait_for(self.child.wait(), STOP_WITHIN_S)
        except TimeoutError:
            await self.cut_power()

    async def cut_power(self) -> None:
        """Kill every process of the node at once, none of which can say good-bye."""
        assert self.child is not None
        for number, kill in ((self.child.pid, os.killpg), (self.nats_pid, os.kill)):
            with suppress(ProcessLookupError):
                kill(number, signal.SIGKILL)
        await self.child.wait()

    async def link(self, door: Door, peer: str) -> LinkState:
        """The line to a peer, as this node names it."""
        rows = (await door.look(self.to, "about", Links)).links
        return next(row.state for row in rows if row.member == peer)

    def counts(self, world: World = LIVE, *, whole: bool = False) -> dict[tuple[str, str], int]:
        """Records in the log by origin and kind; without what a node says of its lines by itself, unless `whole`."""
        rows = [row for row in counts(self.made.layout, world) if whole or row["kind"] not in OF_LINES]
        return {(row["origin"], row["kind"]): row["records"] for row in rows}

    def token(self, *roles: Role) -> str:
        """A program's token with these roles."""
        return people(self.made.layout).program("test", roles)

    def sensor_door(self, sensor: str) -> Door:
        """The live world's door for one sensor."""
        return Door(self.live.url, people(self.made.layout).credential(sensor))


class LinkSeen(msgspec.Struct, frozen=True):
    member: str
    state: LinkState


class Links(msgspec.Struct, frozen=True):
    links: tuple[LinkSeen, ...]


def make_three(folder: Path, to: httpx.AsyncClient) -> dict[str, Node]:
    """Three nodes that know each other; none runs yet."""
    return {made.member: Node(made, to) for made in make_nodes(folder, load_compact(LIVE.compact))}


@asynccontextmanager
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as to:
        yield to


@asynccontextmanager
async def run_nodes(*nodes: Node) -> AsyncGenerator[None]:
    """Their processes, from the moment every live world answers."""
    try:
        await asyncio.gather(*(node.start() for node in nodes))
        await asyncio.gather(*(answers(node) for node in nodes))
        yield
    finally:
        await asyncio.gather(*(node.stop() for node in nodes))


@asynccontextmanager
async def three_nodes(folder: Path) -> AsyncGenerator[dict[str, Node]]:
    """Three nodes that run and know each other."""
    async with client() as to:
        nodes = make_three(folder, to)
        async with run_nodes(*nodes.values()):
            yield nodes


async def answers(node: Node) -> None:
    """Wait until the live world answers."""
    try:
        await until(lambda: node.live.answers(node.to), "the live world", PATIENCE_S)
    except WaitedTooLong as error:
        raise AssertionError(f"{node.member} does not answer: {node.made.last_words}") from error


async def seen(holds: Callable[[], Awaitable[bool]], what: str, within_s: float = PATIENCE_S) -> float:
    """Wait until it holds; the seconds that took."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await until(holds, what, within_s)
    return loop.time() - began_s


async def laurel(*arguments: str | Path, fails: bool = False) -> Any:
    """What the terminal answers to a verb: its JSON, or, where it must fail, its complaint."""
    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "laurel.cli", *map(str, arguments)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = (part.decode() for part in await ran.communicate())
    assert (ran.returncode == 1) is fails, f"laurel {' '.join(map(str, arguments))}: {said}{complaint}"
    return complaint if fails else json.loads(said) if said.startswith(("{", "[")) else said


async def refusal(door: Door, to: httpx.AsyncClient, command: str, ask: Mapping[str, Any] | msgspec.Struct) -> str:
    """What a door says when it must refuse."""
    try:
        await door.ask(to, command, ask, f"test:{command}:refused")
    except AskRefused as refused:
        return str(refused.facts["answer"])
    raise AssertionError(f"{command} was not refused at {door.url}")


def a_sensor(name: str) -> Sensor:
    """A radar that sees all round."""
    return Sensor(
        name=name,
        kind=SensorKind.RADAR,
        lat_deg=40.0,
        lon_deg=140.0,
        alt_m=100.0,
        angle_sigma_rad=0.001,
        range_sigma_m=40.0,
        max_range_m=2_000_000.0,
        period_s=2.0,
        false_plots=0.3,
        detection=0.95,
    )


PLOT = Plot(0.0, 4.6, 0.2, 900_000.0, 20.0)


def a_scan(sensor: str, at: Any, *plots: Plot) -> Scan:
    """One look of that radar, as it comes: of nothing, or of these plots."""
    return Scan(sensor, at, plots)


def released_to(*members: str) -> Label:
    return label(Classification.SECRET, set(members))
