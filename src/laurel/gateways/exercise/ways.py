"""Ways between nodes that can be cut: each finds the other's server behind a door that passes nothing while it is shut.

Nobody is told of a cut, as nobody is in life: the lines notice it, and go round by a third member where there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from msgspec.structs import replace

from laurel.core.record import World
from laurel.core.roster import open_card, sign_card
from laurel.gateways.demo.nodes import HOST, DemoNode
from laurel.instruments.exercise.whatif import Pair
from laurel.node.clock import RealClock
from laurel.node.home import keys
from laurel.node.home.layout import Layout, read_settings

READ_BYTES = 65_536


class Way:
    """One way to the server that listens at that port of this machine. `used` is set once somebody came by it."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.used = asyncio.Event()

    async def start(self) -> None:
        """Listen at a port of its own."""
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Nothing passes any more, either way."""
        self._open.clear()

    def mend(self) -> None:
        """What waited passes, and what comes."""
        self._open.set()

    async def stop(self) -> None:
        """Whoever is on it is gone."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(HOST, self._to)
        except OSError:
            writer.close()
            return
        self.used.set()
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while received := await source.read(READ_BYTES):
                    await self._open.wait()
                    sink.write(received)
        finally:
            sink.close()


def lead_through(way: Way, of: Layout, finder: Layout, world: World) -> None:
    """Have one node find another by that way, in that world: the other signs a card that says so."""
    now = RealClock().now()
    moved = replace(open_card(keys.card(of, world, now)), address=f"{HOST}:{way.port}", made_at=now)
    keys.admit_card(finder, world, sign_card(moved, keys.signing_key(of, world)))


@dataclass(frozen=True)
class Ways:
    """Both ways of each link that may be cut."""

    ways: Mapping[Pair, tuple[Way, Way]] = field(default_factory=dict[Pair, tuple[Way, Way]])

    def cut(self, pairs: Collection[Pair]) -> None:
        """These links and no others."""
        for pair, ways in self.ways.items():
            for way in ways:
                (way.cut if pair in pairs else way.mend)()


@asynccontextmanager
async def ways_between(nodes: Sequence[DemoNode], pairs: Collection[Pair], world: World) -> AsyncGenerator[Ways]:
    """Lead those links of a world by such ways, once its members are in. All are open and in use."""
    ports = {node.member: read_settings(node.layout).nats_port for node in nodes}
    layouts = {node.member: node.layout for node in nodes}
    ways = {(one, other): (Way(ports[other]), Way(ports[one])) for one, other in sorted(pairs)}
    every = [way for both in ways.values() for way in both]
    try:
        for (one, other), (there, back) in ways.items():
            for way, of, finder in ((there, other, one), (back, one, other)):
                await way.start()
                lead_through(way, layouts[of], layouts[finder], world)
        await asyncio.gather(*(way.used.wait() for way in every))
        yield Ways(ways)
    finally:
        await asyncio.gather(*(way.stop() for way in every))
