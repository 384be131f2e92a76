"""Real nodes for tests: folders, keys, NATS servers and couriers, each on a small road in memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from laurel.core.record import Precedence, World
from laurel.core.roster import Roster
from laurel.node.carry.courier import Courier
from laurel.node.carry.link import LinkState
from laurel.node.carry.road import Waiting
from laurel.node.carry.server import NatsServer
from laurel.node.home import keys
from laurel.node.home.layout import Layout, Settings

LIVE = World("camp-david")
MEMBERS = ("JPN", "KOR", "USA")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class ShiftedClock:
    """The real clock, which a test can put forward."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return now() + self.ahead


class Through(msgspec.Struct, frozen=True):
    """A parcel that goes through a third member."""

    sender: str
    recipient: str
    wrapped: bytes


@dataclass
class MemoryRoad:
    """A world that knows only numbers: what it said to each peer, and what it holds of each."""

    layout: Layout
    world: World = LIVE
    outgoing: asyncio.Event = field(default_factory=asyncio.Event)
    said: dict[str, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    outbox: dict[str, dict[int, Waiting]] = field(default_factory=lambda: defaultdict(dict))
    holds: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    batches: list[list[Precedence]] = field(default_factory=list[list[Precedence]])
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    detours: dict[str, str] = field(default_factory=dict[str, str])
    rest: dict[str, dict[int, Waiting]] = field(default_factory=lambda: defaultdict(dict))
    relay: dict[int, Waiting] = field(default_factory=dict[int, Waiting])
    relayed: list[Through] = field(default_factory=list[Through])
    held: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.opened.set()

    @property
    def roster(self) -> Roster:
        try:
            return keys.load_roster(self.layout, self.world)
        except keys.NoSuchWorld:
            # A card was taken away between the look into the folder and the look at the card.
            return keys.load_roster(self.layout, self.world)

    def say(self, peer: str, precedence: Precedence = Precedence.ROUTINE, text: str = "") -> int:
        number = len(self.said[peer]) + 1
        wrapped = json.dumps([self.world.name, number, precedence, text]).encode()
        one = Waiting(peer, precedence, (number,), wrapped)
        self.said[peer].append(one)
        self.outbox[peer][number] = one
        if peer in self.detours:
            self.rest[peer][number] = self._around(one)
        self.outgoing.set()
        return number

    def _around(self, one: Waiting) -> Waiting:
        through = Through(self.roster.me, one.peer, one.wrapped)
        return replace(one, wrapped=msgspec.msgpack.encode(through), via=self.detours[one.peer])

    async def waiting(self, peer: str, limit: int) -> Sequence[Waiting]:
        through = [one for other, via in self.detours.items() if via == peer for one in self.rest[other].values()]
        for_it = [one for one in self.relay.values() if one.peer == peer]
        order = [*self.outbox[peer].values(), *through, *for_it]
        return sorted(order, key=lambda one: (-one.precedence, one.positions))[:limit]

    async def carried(self, parcels: Sequence[Waiting]) -> None:
        for one in parcels:
            self.relay.pop(one.relayed, None)
            for position in one.positions:
                (self.rest if one.via else self.outbox)[one.peer].pop(position, None)

    async def detour(self, peer: str, via: str, why: str) -> None:
        assert why
        self.detours.pop(peer, None)
        self.rest[peer].clear()
        if via:
            self.detours[peer] = via
            lacks = [one for one in self.said[peer] if one.positions[0] not in self.held[peer]]
            self.rest[peer] = {one.positions[0]: self._around(one) for one in lacks}
            self.outgoing.set()

    async def receive(self, peer: str, wrapped: Sequence[bytes]) -> None:
        await self.opened.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("No space left on device")
        straight = [one for one in wrapped if one.startswith(b"[")]
        if straight:
            self._take(peer, straight)
        for one in wrapped:
            if one not in straight:
                self._take_through(msgspec.msgpack.decode(one, type=Through), one)

    def _take_through(self, through: Through, wrapped: bytes) -> None:
        if through.recipient == self.roster.me:
            self._take(through.sender, [through.wrapped])
            return
        self.relayed.append(through)
        precedence, number = Precedence(json.loads(through.wrapped)[2]), len(self.relayed)
        self.relay[number] = Waiting(through.recipient, precedence, (), wrapped, relayed=number)
        self.outgoing.set()

    def _take(self, peer: str, wrapped: Sequence[bytes]) -> None:
        parcels = [json.loads(one) for one in wrapped]
        assert {world for world, *_ in parcels} == {self.world.name}
        self.batches.append([Precedence(precedence) for _, _, precedence, _ in parcels])
        for _, number, _, _ in parcels:
            if number not in self.holds[peer]:
                self.holds[peer].append(number)

    async def heads(self, peer: str, *, reached: bool, sealed: bool = False) -> bytes:
        return json.dumps([self.roster.me, self.holds[peer], reached, sealed]).encode()

    async def hear(self, peer: str, heads: bytes, via: str = "") -> bool | None:
        sender, held, reached, sealed = json.loads(heads)
        assert sender == peer != via
        assert sealed is bool(via)
        self.held[peer] = set(held)
        lost = {one.positions[0]: one for one in self.said[peer] if one.positions[0] not in self.held[peer]}
        if peer in self.detours:
            self.rest[peer] |= {number: self._around(one) for number, one in lost.items()}
        else:
            self.outbox[peer] |= lost
        if lost:
            self.outgoing.set()
        return bool(reached)


@dataclass
class Node:
    """One member's node: its folder, its server, and the courier of its live world."""

    layout: Layout
    server: NatsServer
    road: MemoryRoad
    clock: ShiftedClock
    courier: Courier
    watching: asyncio.Task[None] | None = None
    carrying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.server.start()
        self.watching = asyncio.create_task(self.server.watch())
        self.carrying = asyncio.create_task(self.courier.run())

    async def stop(self) -> None:
        await end(self.carrying)
        await end(self.watching)
        await self.server.stop()

    def state(self, peer: str) -> LinkState | None:
        link = self.courier.links().get(peer)
        return link and link.state


def make_node(folder: Path, member: str, nats_port: int | None = None) -> Node:
    layout = Layout(folder / member)
    http, nats = free_port(), nats_port or free_port()
    keys.init_node(layout, Settings(member, f"{member} node", "camp-david", "127.0.0.1", http, nats), now())
    road, clock = MemoryRoad(layout), ShiftedClock()
    return Node(layout, NatsServer(layout), road, clock, Courier(road, keys.credentials(layout, LIVE), clock))


def introduce(one: Node, other: Node, world: World = LIVE) -> None:
    keys.admit_card(one.layout, world, keys.card(other.layout, world, now()))
    keys.admit_card(other.layout, world, keys.card(one.layout, world, now()))


@asynccontextmanager
async def three_nodes(folder: Path) -> AsyncGenerator[dict[str, Node]]:
    nodes = {member: make_node(folder, member) for member in MEMBERS}
    introduce(nodes["JPN"], nodes["KOR"])
    introduce(nodes["JPN"], nodes["USA"])
    introduce(nodes["KOR"], nodes["USA"])
    try:
        await asyncio.gather(*(node.start() for node in nodes.values()))
        yield nodes
    finally:
        await asyncio.gather(*(node.stop() for node in nodes.values()))


async def end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(holds: Callable[[], bool], within_s: float = 10.0) -> float:
    """Wait until it holds; the seconds that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < within_s:
        if holds():
            return loop.time() - began
        await asyncio.sleep(0.005)
    raise TimeoutError(f"not within {within_s} s")
