"""Three real NATS servers, three couriers, and what may go wrong between them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.nodes.roads import (
    MemoryRoad,
    Node,
    end,
    free_port,
    introduce,
    make_node,
    now,
    three_nodes,
    until,
)

from laurel.core.record import Precedence, World
from laurel.gateways.exercise.ways import Way, lead_through
from laurel.node.carry.courier import Courier
from laurel.node.carry.link import LinkState
from laurel.node.carry.road import Road
from laurel.node.carry.server import describe
from laurel.node.home import keys

EXERCISE = World("camp-david", "freedom-27")


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncGenerator[dict[str, Node]]:
    async with three_nodes(tmp_path) as started:
        yield started


def holds_all(receiver: Node, sender: str, count: int) -> bool:
    return sorted(receiver.road.holds[sender]) == list(range(1, count + 1))


async def until_healthy(nodes: dict[str, Node]) -> None:
    pairs = [(node, peer) for name, node in nodes.items() for peer in nodes if peer != name]
    await until(lambda: all(node.state(peer) is LinkState.HEALTHY for node, peer in pairs), 30.0)


async def test_a_parcel_crosses_to_the_peer_it_was_meant_for_and_to_no_other(nodes: dict[str, Node]) -> None:
    usa, jpn, kor = nodes["USA"], nodes["JPN"], nodes["KOR"]
    await until_healthy(nodes)
    for _ in range(100):
        usa.road.say("JPN", Precedence.FLASH)
        await asyncio.sleep(0.01)
    await until(lambda: holds_all(jpn, "USA", 100))
    assert kor.road.holds["USA"] == []
    await until(lambda: not usa.road.outbox["JPN"])


async def test_flash_overtakes_what_waits_at_the_peer(nodes: dict[str, Node]) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    for precedence in Precedence:
        usa.road.say("JPN", precedence)
    await until(lambda: holds_all(jpn, "USA", 4))
    jpn.road.batches.clear()
    jpn.road.opened.clear()
    for precedence in Precedence:
        for _ in range(10):
            usa.road.say("JPN", precedence)
    await until(lambda: not usa.road.outbox["JPN"])
    await asyncio.sleep(0.5)
    jpn.road.opened.set()
    await until(lambda: holds_all(jpn, "USA", 44))
    # One batch was in hand at the closed gate; each holds one precedence.
    after = [batch[0] for batch in jpn.road.batches[1:]]
    assert all(len(set(batch)) == 1 for batch in jpn.road.batches)
    assert after == sorted(after, reverse=True)


async def test_flash_is_not_held_up_by_a_long_row_of_routine(nodes: dict[str, Node]) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    await until_healthy(nodes)
    for _ in range(1_500):
        usa.road.say("JPN", Precedence.ROUTINE, "x" * 1_000)
    await until(lambda: len(jpn.road.holds["USA"]) > 100)
    flash = usa.road.say("JPN", Precedence.FLASH)
    await until(lambda: holds_all(jpn, "USA", 1_501), 30.0)
    assert jpn.road.holds["USA"].index(flash) < 1_400


async def test_a_killed_server_loses_nothing(nodes: dict[str, Node]) -> None:
    usa, jpn, kor = nodes["USA"], nodes["JPN"], nodes["KOR"]
    await until_healthy(nodes)
    for number in range(300):
        usa.road.say("JPN", Precedence(number % 4))
        jpn.road.say("USA", Precedence(number % 4))
        kor.road.say("JPN")
        if number in {100, 200}:
            assert usa.server.pid is not None
            os.kill(usa.server.pid, signal.SIGKILL)
        await asyncio.sleep(0.004)
    await until(lambda: holds_all(jpn, "USA", 300), 20.0)
    await until(lambda: holds_all(usa, "JPN", 300))
    await until(lambda: holds_all(jpn, "KOR", 300))
    await until_healthy(nodes)


async def test_a_courier_ends_when_told_whatever_it_is_doing(nodes: dict[str, Node]) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    for moment in range(40):
        for _ in range(20):
            usa.road.say("JPN")
            jpn.road.say("USA")
        # From the first handshake to full flow, the end comes at another moment each time.
        await asyncio.sleep(moment * 0.004)
        async with asyncio.timeout(5.0):
            await end(usa.carrying)
        usa.carrying = asyncio.create_task(usa.courier.run())
    await until(lambda: holds_all(jpn, "USA", 800), 20.0)


async def test_what_a_peer_lost_is_offered_again(nodes: dict[str, Node]) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    for _ in range(20):
        usa.road.say("JPN")
    await until(lambda: holds_all(jpn, "USA", 20))
    await until(lambda: not usa.road.outbox["JPN"])
    jpn.road.holds["USA"] = jpn.road.holds["USA"][:5]
    usa.road.said["JPN"] = [
        type(one)(one.peer, one.precedence, one.positions, one.wrapped + b" ") for one in usa.road.said["JPN"]
    ]
    jpn.courier.heads_now("USA")
    assert await until(lambda: holds_all(jpn, "USA", 20)) < 3.0


async def test_a_full_disk_acknowledges_nothing_and_loses_nothing(nodes: dict[str, Node]) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    jpn.road.failures = 1
    for _ in range(10):
        usa.road.say("JPN", Precedence.IMMEDIATE)
    await until(lambda: holds_all(jpn, "USA", 10), 15.0)
    assert jpn.road.failures == 0


async def test_the_screen_tells_a_dead_path_from_a_dead_node(nodes: dict[str, Node]) -> None:
    usa, jpn, kor = nodes["USA"], nodes["JPN"], nodes["KOR"]
    await until_healthy(nodes)
    await end(kor.carrying)
    usa.clock.ahead = timedelta(seconds=26)
    assert usa.state("KOR") is LinkState.NODE_DOWN
    await end(jpn.watching)
    await jpn.server.stop()
    await until(lambda: usa.state("JPN") is LinkState.PATH_DOWN)
    await until(lambda: usa.courier.links()["JPN"].trouble is not None)
    assert usa.courier.links()["JPN"].heard_at is not None


async def test_a_member_is_admitted_and_expelled_while_nodes_run(tmp_path: Path) -> None:
    usa, jpn = make_node(tmp_path, "USA"), make_node(tmp_path, "JPN")
    try:
        await asyncio.gather(usa.start(), jpn.start())
        assert usa.courier.links() == {}
        usa.road.say("JPN")
        introduce(usa, jpn)
        for node in (usa, jpn):
            node.road.outgoing.set()
        assert await until(lambda: holds_all(jpn, "USA", 1)) < 5.0
        await until(lambda: usa.state("JPN") is LinkState.HEALTHY)
        keys.expel_member(usa.layout, usa.road.world, "JPN")
        await until(lambda: "JPN" not in usa.courier.links())
        await until(lambda: jpn.state("USA") is LinkState.PATH_DOWN)
        usa.road.say("JPN")
        await asyncio.sleep(0.5)
        assert jpn.road.holds["USA"] == [1]
    finally:
        await asyncio.gather(usa.stop(), jpn.stop())


async def test_admitting_a_member_takes_one_reload_of_less_than_a_second(tmp_path: Path) -> None:
    usa, jpn = make_node(tmp_path, "USA"), make_node(tmp_path, "JPN")
    try:
        await usa.server.start()
        pid = usa.server.pid
        introduce(usa, jpn)
        began = asyncio.get_running_loop().time()
        await usa.server.reload()
        assert asyncio.get_running_loop().time() - began < 1.0
        assert usa.server.pid == pid
        assert jpn.road.roster.cards["JPN"].nats_key in usa.layout.nats_configuration.read_text()
        assert usa.layout.nats_log.read_text().count("Reloaded server configuration") == 1
    finally:
        await usa.server.stop()


async def test_an_exercise_begins_beside_the_live_world_and_shares_nothing_with_it(
    nodes: dict[str, Node],
) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    await until_healthy(nodes)
    for node in (usa, jpn):
        keys.make_world(node.layout, EXERCISE, now())
    introduce(usa, jpn, EXERCISE)
    plays = {name: MemoryRoad(node.layout, EXERCISE) for name, node in nodes.items() if name != "KOR"}
    couriers = [
        asyncio.create_task(Courier(road, keys.credentials(road.layout, EXERCISE), now).run())
        for road in plays.values()
    ]
    try:
        for _ in range(20):
            plays["USA"].say("JPN", Precedence.FLASH)
            usa.road.say("JPN")
        # Each road asserts that it is handed nothing of another world.
        await until(lambda: sorted(plays["JPN"].holds["USA"]) == list(range(1, 21)))
        await until(lambda: holds_all(jpn, "USA", 20))
    finally:
        for courier in couriers:
            await end(courier)
    configured, _ = describe(usa.layout)
    assert '"camp-david.freedom-27/KOR"' in configured


async def test_a_path_cut_without_a_word_is_noticed_and_catches_up(tmp_path: Path) -> None:
    usa, jpn = make_node(tmp_path, "USA", nats_port=free_port()), make_node(tmp_path, "JPN")
    way = Way(keys.credentials(usa.layout, usa.road.world).own_port)
    introduce(usa, jpn)
    try:
        await way.start()
        lead_through(way, usa.layout, jpn.layout, usa.road.world)
        await asyncio.gather(usa.start(), jpn.start())
        await until(lambda: jpn.state("USA") is LinkState.HEALTHY)
        way.cut()
        for number in range(50):
            usa.road.say("JPN", Precedence(number % 4))
        assert await until(lambda: jpn.state("USA") is LinkState.PATH_DOWN) < 6.0
        way.mend()
        assert await until(lambda: holds_all(jpn, "USA", 50)) < 9.0
        await until(lambda: jpn.state("USA") is LinkState.HEALTHY)
    finally:
        await asyncio.gather(usa.stop(), jpn.stop())
        await way.stop()


def test_the_road_of_these_tests_is_the_road_of_a_world(tmp_path: Path) -> None:
    road: Road = make_node(tmp_path, "USA").road
    assert road.world.name == "camp-david"
