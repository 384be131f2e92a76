"""Nodes in this very process: real databases, NATS servers and couriers, with a notebook to write in."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.node.notebook import notebook
from tests.node.worlds import note, texts
from tests.nodes.paths import Paths, paths_between
from tests.nodes.roads import LIVE, MEMBERS, end, make_node, now

from laurel.core.label import Classification
from laurel.core.record import SALT_BYTES, Precedence
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.node.asked import Asked
from laurel.node.carry.courier import Courier
from laurel.node.carry.link import Link, LinkState
from laurel.node.carry.server import NatsServer
from laurel.node.clock import RealClock
from laurel.node.home import keys
from laurel.node.home.layout import Layout
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.keep.views import bring_up_to_date
from laurel.node.policies import house
from laurel.node.serve import read_keys
from laurel.node.station import Station
from laurel.node.world import World

PATIENCE_S = 90.0


@dataclass
class StationNode:
    """One member's node: its folder, its server, its world and its courier."""

    member: str
    layout: Layout
    server: NatsServer
    station: Station
    courier: Courier
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    @property
    def world(self) -> World:
        return self.station.inner

    async def start(self) -> None:
        await self.server.start()
        self.tasks = [
            asyncio.create_task(self.server.watch()),
            asyncio.create_task(self.station.run()),
            asyncio.create_task(self.courier.run()),
        ]

    async def halt(self) -> None:
        """Its courier carries and fetches nothing."""
        await end(self.tasks.pop())

    async def resume(self) -> None:
        self.tasks.append(asyncio.create_task(self.courier.run()))

    async def stop(self) -> None:
        for task in self.tasks:
            await end(task)
        await self.server.stop()
        self.station.close()

    async def say(self, text: str, to: tuple[str, ...] = MEMBERS, precedence: Precedence = Precedence.ROUTINE) -> None:
        await self.station.say(note(text, to=to, precedence=precedence))

    async def say_many(self, asks: list[Asked]) -> None:
        await asyncio.gather(*(self.station.say(one) for one in asks))

    def texts(self, origin: str | None = None) -> list[str]:
        return texts(self.world, origin)

    def link(self, peer: str) -> Link:
        return self.courier.links()[peer]

    async def shows(self, peer: str, state: LinkState, via: str) -> float:
        return await holds(
            lambda: (self.link(peer).state, self.link(peer).via) == (state, via), f"{peer} {state} {via}"
        )


async def holds(condition: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> float:
    """Wait until it holds; the seconds that took, give or take a fiftieth."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while not condition():
        assert loop.time() - began_s < within_s, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.02)
    return loop.time() - began_s


def introduce_all(layouts: Mapping[str, Layout]) -> None:
    """Every member admits every other."""
    cards = {member: keys.card(layout, LIVE, now()) for member, layout in layouts.items()}
    for member, layout in layouts.items():
        for other, card in cards.items():
            if other != member:
                keys.admit_card(layout, LIVE, card)


def station_node(layout: Layout) -> StationNode:
    """A node in a folder that was made and introduced before."""
    catalogue = Catalogue((LINE, notebook()))
    place = layout.world(LIVE)
    store = Store(place.database, LIVE, catalogue.tables)
    bring_up_to_date(store, catalogue)
    salt = partial(secrets.token_bytes, SALT_BYTES)
    world = World(
        store,
        catalogue,
        keys.load_roster(layout, LIVE),
        read_keys(place),
        RealClock(),
        salt,
        house(Classification.SECRET),
    )
    station = Station(world)
    courier = Courier(station, keys.credentials(layout, LIVE), now)
    station.on_gap = courier.heads_now
    return StationNode(world.roster.me, layout, NatsServer(layout), station, courier)


@dataclass
class Stage:
    """Three nodes, and the two ways between Japan and Korea, which can be cut."""

    jpn: StationNode
    kor: StationNode
    usa: StationNode
    paths: Paths

    async def until_straight(self) -> None:
        for one, other in ((self.jpn, "KOR"), (self.kor, "JPN"), (self.usa, "JPN"), (self.usa, "KOR")):
            await one.shows(other, LinkState.HEALTHY, "")


@asynccontextmanager
async def staged(folder: Path) -> AsyncGenerator[Stage]:
    """Three nodes that run and hear each other."""
    layouts = {member: make_node(folder, member).layout for member in MEMBERS}
    introduce_all(layouts)
    async with paths_between(layouts["JPN"], layouts["KOR"]) as paths:
        nodes = {member: station_node(layout) for member, layout in layouts.items()}
        try:
            await asyncio.gather(*(node.start() for node in nodes.values()))
            stage = Stage(nodes["JPN"], nodes["KOR"], nodes["USA"], paths)
            await stage.until_straight()
            yield stage
        finally:
            await asyncio.gather(*(node.stop() for node in nodes.values()))
