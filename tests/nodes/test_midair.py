"""A flight goes on while a node, a NATS server and a road fail. Nothing acknowledged is lost, nothing doubled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.nodes.three import LIVE, MEMBERS, Node, answers, client, make_three, run_nodes, seen

from laurel.core.record import World, decode
from laurel.gateways.demo import play
from laurel.gateways.demo.find import find_scenario
from laurel.instruments.exercise.scenario import parse
from laurel.instruments.exercise.simulate import solve
from laurel.instruments.warning.picture_types import Picture
from laurel.instruments.warning.records import Scan
from laurel.node import ledger
from laurel.node.link import LinkState
from laurel.node.store import Store

EXERCISE = "midair"
WORLD = World(LIVE.compact, EXERCISE)
SPEED = 6.0
STAYS_HOME = {"warning.scan.v1", "warning.sensor.v1", "warning.standing-release.v1"}


def records(node: Node) -> list[tuple[str, str, str]]:
    """(id, origin, kind) of every record in the exercise's log, and each scan's content instead of its kind."""
    store = Store(node.made.layout.world(WORLD).database, WORLD, (), writes=False)
    with store.reading() as from_:
        logged = store.after(from_, 0, 1_000_000)
    store.close()
    return [(one.id, decode(one.sealed.payload).origin, one.kind) for one in logged]


def scans(node: Node) -> Counter[tuple[str, str]]:
    """How often each scan, by its sensor and time, stands in the log."""
    store = Store(node.made.layout.world(WORLD).database, WORLD, (), writes=False)
    with store.reading() as from_:
        logged = [one for one in store.after(from_, 0, 1_000_000) if one.kind == "warning.scan.v1"]
    store.close()
    bodies = [msgspec.json.decode(decode(one.sealed.payload).body, type=Scan) for one in logged]
    return Counter((body.sensor, body.at.isoformat()) for body in bodies)


@pytest.mark.long
async def test_a_node_a_server_and_a_road_fail_in_mid_flight_and_every_log_is_whole(tmp_path: Path) -> None:
    scenario = parse(find_scenario("2022-10-04-overflight").read_bytes())
    truth = solve(scenario)
    async with client() as to:
        nodes = make_three(tmp_path, to)
        japan, korea, america = nodes["JPN"], nodes["KOR"], nodes["USA"]
        async with run_nodes(*nodes.values()):
            stage = await play.hold([node.made for node in nodes.values()], EXERCISE, scenario, to)
            await play.prepare(stage, scenario)

            async def until_s(t_s: float) -> None:
                await asyncio.sleep(stage.clock.wait_s(truth.launched_at + timedelta(seconds=t_s)))

            async def line_is(node: Node, peer: str, state: LinkState) -> bool:
                return await node.link(stage.doors[node.member], peer) is state

            await play.run_on(stage, SPEED)
            feeding = asyncio.create_task(play.play(stage, scenario, truth))
            await until_s(120.0)
            await japan.cut_power()
            await seen(lambda: line_is(america, "JPN", LinkState.PATH_DOWN), "USA sees that JPN is gone")
            await japan.start()
            await answers(japan)
            await until_s(220.0)
            os.kill(korea.nats_pid, signal.SIGKILL)
            await seen(lambda: line_is(america, "KOR", LinkState.HEALTHY), "KOR's server is back")
            await until_s(270.0)
            os.kill(america.nats_pid, signal.SIGSTOP)
            try:
                await seen(lambda: line_is(korea, "USA", LinkState.PATH_DOWN), "KOR sees the cut")
            finally:
                os.kill(america.nats_pid, signal.SIGCONT)
            await until_s(380.0)
            feeding.cancel()
            with suppress(asyncio.CancelledError):
                await feeding
            await play.pause(stage)
            await play.quiet(stage)
            looks = (door.look(to, "warning/picture", Picture) for door in stage.doors.values())
            pictures = await asyncio.gather(*looks)
            assert pictures[0].tracks
            assert all(picture.tracks == pictures[0].tracks for picture in pictures)

            async def nothing_is_missing() -> bool:
                crossed = [{one for one in records(node) if one[2] not in STAYS_HOME} for node in nodes.values()]
                return all(one == crossed[0] for one in crossed)

            await seen(nothing_is_missing, "the same records in every log")
    for member in MEMBERS:
        held = records(nodes[member])
        assert len({record for record, _, _ in held}) == len(held)
        assert {origin for _, origin, kind in held if kind in STAYS_HOME} == {member}
        assert max(scans(nodes[member]).values()) == 1
        verified = ledger.verify(nodes[member].made.layout, WORLD)
        assert verified["faults"] == []
        assert verified["held"] == verified["forks"] == 0
        rebuilt = ledger.rebuild(nodes[member].made.layout, WORLD)
        assert rebuilt["differs"] == []
