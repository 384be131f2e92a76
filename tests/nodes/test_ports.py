"""A node that cannot have its ports says which, and what to do, and ends; what it had begun ends with it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
from tests.nodes.roads import free_port
from tests.nodes.three import LIVE, Node, answers, client, laurel, make_three, run_nodes, seen

from laurel.node.clock import RealClock
from laurel.node.home.keys import init_node
from laurel.node.home.layout import Layout, Settings, read_settings
from laurel.node.serve import KEEP_IDLE_S


def make(folder: Path) -> Layout:
    layout = Layout(folder)
    settings = Settings("USA", "United States", LIVE.compact, "127.0.0.1", free_port(), free_port())
    init_node(layout, settings, RealClock().now())
    return layout


@contextmanager
def taken(port: int) -> Generator[None]:
    """Another program listens there."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield


async def test_a_node_whose_peers_port_is_taken_says_so_and_ends(tmp_path: Path) -> None:
    layout = make(tmp_path / "USA")
    port = read_settings(layout).nats_port
    with taken(port):
        said = await laurel("node", layout.folder, fails=True)
    assert f"port={port}" in said
    assert "another nats_port in node.toml" in said


async def test_a_node_whose_officers_port_is_taken_says_so_and_ends_with_its_server(tmp_path: Path) -> None:
    layout = make(tmp_path / "USA")
    settings = read_settings(layout)
    with taken(settings.http_port):
        said = await laurel("node", layout.folder, fails=True)
    assert f"port={settings.http_port}" in said
    assert "another http_port in node.toml" in said
    with taken(settings.nats_port):
        pass


async def test_a_folder_has_one_node(tmp_path: Path) -> None:
    async with client() as to:
        node = make_three(tmp_path, to)["USA"]
        async with run_nodes(node):
            said = await laurel("node", node.made.layout.folder, fails=True)
            assert "another process runs this node" in said
            assert await node.live.answers(to)


async def test_a_world_that_loses_its_port_for_a_while_comes_back(tmp_path: Path) -> None:
    """A node that ran is not given up for a port that somebody took while it was restarting."""
    async with client() as to:
        node = make_three(tmp_path, to)["USA"]
        async with run_nodes(node):
            port = read_settings(node.made.layout).http_port
            await kill_and_take(node, port)
            await answers(node)


async def kill_and_take(node: Node, port: int) -> None:
    os.kill(node.world_pid(LIVE), signal.SIGKILL)

    async def free() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    await seen(free, "the end of the world's process")
    with taken(port):

        async def named() -> bool:
            return f"port={port}" in node.made.log.read_text()

        await seen(named, "a word about the taken port")
        assert node.child is not None
        assert node.child.returncode is None


def test_a_node_keeps_a_line_that_nobody_uses_longer_than_a_program_does() -> None:
    """Given up by both at once, it would cost an ask."""
    by_a_program = httpx.Limits().keepalive_expiry
    assert by_a_program is not None
    assert by_a_program < KEEP_IDLE_S
