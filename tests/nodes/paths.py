"""Paths between nodes that a test can cut: each way by itself, without a word to anybody."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.nodes.roads import LIVE

from laurel.gateways.exercise.ways import Way, lead_through
from laurel.node.home.layout import Layout, read_settings


@dataclass(frozen=True)
class Paths:
    """The two ways between two nodes: by which each reaches the other's server."""

    ways: Mapping[str, Way]

    def cut(self, *finders: str) -> None:
        """These reach the other's server no more; neither, when none is named."""
        for finder in finders or self.ways:
            self.ways[finder].cut()

    def mend(self) -> None:
        for way in self.ways.values():
            way.mend()


@asynccontextmanager
async def paths_between(one: Layout, other: Layout) -> AsyncGenerator[Paths]:
    """Lead both ways between two nodes by ways. They must know each other already."""
    pairs = [(read_settings(finder).member, finder, of) for finder, of in ((one, other), (other, one))]
    ways = {name: Way(read_settings(of).nats_port) for name, _, of in pairs}
    for name, finder, of in pairs:
        await ways[name].start()
        lead_through(ways[name], of, finder, LIVE)
    try:
        yield Paths(ways)
    finally:
        for way in ways.values():
            await way.stop()
