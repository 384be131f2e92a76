"""Nodes for tests: real folders with real keys, and the worlds in them with all instruments."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.node.worlds import LIVE, MEMBERS, START

from laurel.instruments.line.trouble import ReportQuarantine
from laurel.node.asked import Asked
from laurel.node.home import keys
from laurel.node.home.layout import Layout, Settings
from laurel.node.serve import open_world
from laurel.node.world import World


def make_nodes(folder: Path) -> dict[str, Layout]:
    """One node for each member, which have admitted each other."""
    nodes = {me: Layout(folder / me) for me in MEMBERS}
    for port, (me, layout) in enumerate(nodes.items(), 4222):
        keys.init_node(layout, Settings(me, me, LIVE.compact, "127.0.0.1", port + 4000, port), START)
    for me, layout in nodes.items():
        for peer in MEMBERS:
            if peer != me:
                keys.admit_card(layout, LIVE, keys.card(nodes[peer], LIVE, START))
    return nodes


@contextmanager
def running(layout: Layout) -> Generator[World]:
    """The live world of a node, as its process has it."""
    world = open_world(layout, LIVE)
    try:
        yield world
    finally:
        world.store.close()


def report(world: World, *subjects: str, to: str) -> None:
    """The node tells a peer about as many records that it did not understand."""
    asks = [
        Asked(world.author, "line/report-quarantine", ReportQuarantine(one, to, "hotline.message.v9", "unknown"), one)
        for one in subjects
    ]
    for outcome in world.say_many(asks):
        if isinstance(outcome, Exception):
            raise outcome
