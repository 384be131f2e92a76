"""Nodes and servers die and lines are cut while a missile flies; afterwards nothing is missing, nothing is doubled."""

from __future__ import annotations

import os
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from tests.nodes.flying import AT_HOME, SHARED, Flying, hold
from tests.nodes.screen import message, stream
from tests.nodes.three import MEMBERS, PATIENCE_S, Node, laurel, seen, three_nodes

from laurel.instruments.warning.records import Scan, TrackReport
from laurel.node.carry.link import LinkState
from laurel.node.site import Trouble

RATE = 8.0


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_flight_is_shared_whole_though_nodes_and_servers_die_and_lines_are_cut(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        flying = await hold(nodes, nodes["USA"].to, "mid-air", 90.0, 390.0)
        await flying.begin(RATE)
        await flying.until(150.0)
        await a_whole_node_dies_and_is_started_again(flying, "JPN")
        await flying.until(260.0)
        await a_server_dies_and_its_node_starts_another(flying, "KOR")
        await flying.until(310.0)
        await a_server_falls_silent_for_a_while(flying, "USA")
        fed = await flying.end()
        assert {key: (one.taken, one.refused) for key, one in fed.items()} == {
            key: (len(looks), []) for key, looks in flying.looks.items()
        }
        await flying.settled()
        for member in MEMBERS:
            every_scan_is_there_once(flying, member)
            nothing_is_said_twice(flying, member)
        every_node_holds_the_same(flying)
        await every_screen_shows_the_same_and_no_trouble(flying)
        await a_world_that_falls_silent_is_named_so(flying, "JPN")
    for node in nodes.values():
        await the_log_holds(node, flying)


async def named(flying: Flying, member: str, state: LinkState) -> None:
    """Wait until every other node gives the line to this member that name."""
    for other in sorted(set(MEMBERS) - {member}):

        async def so(node: Node = flying.nodes[other]) -> bool:
            return await node.link(flying.stage.doors[node.member], member) is state

        await seen(so, f"{member} {state.value} at {other}")


async def a_whole_node_dies_and_is_started_again(flying: Flying, member: str) -> None:
    node, door = flying.nodes[member], flying.stage.doors[member]
    await node.cut_power()
    await named(flying, member, LinkState.PATH_DOWN)
    await node.start()
    await seen(lambda: door.answers(node.to), "the exercise world, started again")
    await named(flying, member, LinkState.HEALTHY)


async def a_server_dies_and_its_node_starts_another(flying: Flying, member: str) -> None:
    node = flying.nodes[member]
    before = node.nats_pid
    os.kill(before, signal.SIGKILL)

    async def another() -> bool:
        with suppress(FileNotFoundError, ValueError):
            return node.nats_pid != before
        return False

    await seen(another, f"another server of {member}")
    await named(flying, member, LinkState.HEALTHY)
    assert node.child is not None
    assert node.child.returncode is None


async def a_server_falls_silent_for_a_while(flying: Flying, member: str) -> None:
    pid = flying.nodes[member].nats_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        await named(flying, member, LinkState.PATH_DOWN)
    finally:
        os.kill(pid, signal.SIGCONT)
    await named(flying, member, LinkState.HEALTHY)


async def a_world_that_falls_silent_is_named_so(flying: Flying, member: str) -> None:
    """Its server answers, its node does not: that is another trouble than a path that is down."""
    pid = flying.nodes[member].world_pid(flying.world)
    os.kill(pid, signal.SIGSTOP)
    try:
        await named(flying, member, LinkState.NODE_DOWN)
    finally:
        os.kill(pid, signal.SIGCONT)
    await named(flying, member, LinkState.HEALTHY)


def every_scan_is_there_once(flying: Flying, member: str) -> None:
    bodies = [record.body for _, record in flying.records(member) if record.kind == "warning.scan.v1"]
    held = Counter((scan.sensor, scan.at) for scan in (msgspec.json.decode(body, type=Scan) for body in bodies))
    assert held == Counter((scan.sensor, scan.at) for scan in flying.looks_of(member))


def nothing_is_said_twice(flying: Flying, member: str) -> None:
    reports: Counter[tuple[str, tuple[int, ...]]] = Counter()
    for _, record in flying.records(member):
        if record.origin == member and record.kind == "warning.track-report.v1":
            report = msgspec.json.decode(record.body, type=TrackReport)
            reports[record.about[0], tuple(track.number for track in report.tracks)] += 1
    assert reports
    assert set(reports.values()) == {1}


def every_node_holds_the_same(flying: Flying) -> None:
    """Of what is told to all, record by record; of what stays at home, nothing of another's."""
    held: dict[str, list[str]] = {}
    for member in MEMBERS:
        records = flying.records(member)
        assert len({record_id for record_id, _ in records}) == len(records)
        held[member] = sorted(record_id for record_id, record in records if record.kind in SHARED)
        assert {record.origin for _, record in records if record.kind in AT_HOME} == {member}
        # What every member said is here.
        reporting = {record.origin for _, record in records if record.kind == "warning.track-report.v1"}
        assert reporting == set(MEMBERS)
    assert held["JPN"] == held["KOR"] == held["USA"]


async def every_screen_shows_the_same_and_no_trouble(flying: Flying) -> None:
    async def same() -> bool:
        pictures = (await flying.pictures()).values()
        shown = {(picture.at, picture.tracks, picture.alerts) for picture in pictures}
        return len(shown) == 1 and all(picture.tracks for picture in pictures)

    await seen(same, "the same picture at every node", PATIENCE_S)
    for door in flying.stage.doors.values():
        async with stream(door, **door.headers) as socket:
            trouble = msgspec.convert((await message(socket, "links"))["trouble"], Trouble)
        assert trouble == Trouble((), ())


async def the_log_holds(node: Node, flying: Flying) -> None:
    """As the terminal finds it, and its views to the last byte."""
    where = (node.made.layout.folder, "--world", flying.world.name, "--json")
    verified = await laurel("log", "verify", *where)
    assert (verified["faults"], verified["held"], verified["forks"]) == ([], 0, 0)
    assert (await laurel("log", "rebuild", *where))["differs"] == []
