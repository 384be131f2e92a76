"""Paths between nodes that a test can cut: each way by itself, without a word to anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from msgspec.structs import replace
from tests.nodes.roads import LIVE, end, free_port, now

from laurel.core.roster import open_card, sign_card
from laurel.node.home import keys
from laurel.node.home.layout import Layout, read_settings


class Proxy:
    """A path that can be cut without a word: nothing passes, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = free_port()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    async def stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            await end(task)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while received := await source.read(65_536):
                await self._open.wait()
                sink.write(received)
        except OSError:
            return
        finally:
            sink.close()


def lead_through(proxy: Proxy, of: Layout, finder: Layout) -> None:
    """Have one node find another behind the proxy: the other signs a card that says so."""
    moved = replace(open_card(keys.card(of, LIVE, now())), address=f"127.0.0.1:{proxy.port}", made_at=now())
    keys.admit_card(finder, LIVE, sign_card(moved, keys.signing_key(of, LIVE)))


@dataclass(frozen=True)
class Paths:
    """The two ways between two nodes: by which each reaches the other's server."""

    ways: Mapping[str, Proxy]

    def cut(self, *finders: str) -> None:
        """These reach the other's server no more; neither, when none is named."""
        for finder in finders or self.ways:
            self.ways[finder].cut()

    def mend(self) -> None:
        for proxy in self.ways.values():
            proxy.mend()


@asynccontextmanager
async def paths_between(one: Layout, other: Layout) -> AsyncGenerator[Paths]:
    """Lead both ways between two nodes through proxies. They must know each other already."""
    pairs = [(read_settings(finder).member, finder, of) for finder, of in ((one, other), (other, one))]
    ways = {name: Proxy(read_settings(of).nats_port) for name, _, of in pairs}
    for name, finder, of in pairs:
        lead_through(ways[name], of, finder)
        await ways[name].start()
    try:
        yield Paths(ways)
    finally:
        for proxy in ways.values():
            await proxy.stop()
