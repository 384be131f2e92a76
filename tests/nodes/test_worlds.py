"""Live and exercise at three real nodes: two worlds that never mix, and a word that ends the one and not the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest_asyncio
from tests.nodes.flying import AT_HOME, Flying, hold
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, PLOT, Node, a_scan, a_sensor, refusal, seen, three_nodes

from laurel.core.record import World
from laurel.gateways.demo.door import Door
from laurel.instruments.exercise.commands import AnnounceAsk, HaltAsk
from laurel.instruments.exercise.view import Exercises
from laurel.node.carry.link import LinkState
from laurel.node.keep.ledger import verify

NAME = "freedom-27"
REPORT = "warning/report-scan"


@pytest_asyncio.fixture
async def flying(tmp_path: Path) -> AsyncGenerator[Flying]:
    async with three_nodes(tmp_path) as nodes:
        yield await hold(nodes, nodes["USA"].to, NAME, 100.0, 160.0)


class Row(msgspec.Struct, frozen=True):
    world: str
    halted: bool


class Worlds(msgspec.Struct, frozen=True):
    worlds: tuple[Row, ...]


async def silent(door: Door, to: httpx.AsyncClient) -> bool:
    """Whether nothing answers there any more."""
    try:
        await to.get(httpx.URL(door.url).join("/healthz"))
    except httpx.TransportError:
        return True
    return False


async def test_an_exercise_never_enters_the_live_world_and_a_halt_ends_it_alone(flying: Flying) -> None:
    nodes, stage, to = flying.nodes, flying.stage, flying.stage.to
    await nothing_crosses_between_the_worlds(nodes, stage.doors, to)
    await flying.begin(20.0)
    fed = await flying.end()
    assert all(one.taken == len(flying.looks[key]) for key, one in fed.items())
    await flying.settled()

    # The exercise holds play alone, the live world what vouches for it alone.
    for member in MEMBERS:
        node = nodes[member]
        real = {("JPN", "warning.sensor.v1"): 1, ("JPN", "warning.scan.v1"): 1} if member == "JPN" else {}
        live = {("JPN", "exercise.announced.v1"): 1} | {(one, "exercise.joined.v1"): 1 for one in MEMBERS}
        assert node.counts() == live | real
        played = node.counts(flying.world)
        assert {"exercise.announced.v1", "exercise.joined.v1"}.isdisjoint(kind for _, kind in played)
        assert played[member, "warning.scan.v1"] == sum(
            len(looks) for key, looks in flying.looks.items() if key[0] == member
        )
        assert any(kind == "warning.track-report.v1" for _, kind in played)
        assert {origin for origin, kind in played if kind in AT_HOME} == {member}
        assert {record.exercise for _, record in flying.records(member)} == {NAME}

    # One officer of any member says the word, live.
    await nodes["KOR"].live.ask(to, "exercise/halt", HaltAsk(NAME, "return to duty", EVERYONE), "test:halt:0001")
    for member, door in stage.doors.items():
        node = nodes[member]

        async def ended(door: Door = door) -> bool:
            return await silent(door, to)

        async def named(node: Node = node) -> bool:
            rows = (await node.live.look(to, "about", Worlds)).worlds
            return rows == (Row(LIVE.name, halted=False), Row(flying.world.name, halted=True))

        await seen(ended, f"the end of the exercise at {member}")
        await seen(named, f"the halt in the list of worlds at {member}")
        halts = [one.halted for one in (await node.live.look(to, "exercise/exercises", Exercises)).exercises]
        assert [(halt.member, halt.reason) for halt in halts if halt] == [("KOR", "return to duty")]
        assert verify(node.made.layout, flying.world)["faults"] == []

    # Live goes on between all of them.
    asked = AnnounceAsk("freedom-28", "The next one", datetime(2028, 1, 1, tzinfo=UTC), "0" * 64, EVERYONE)
    await nodes["JPN"].live.ask(to, "exercise/announce", asked, "test:announce:freedom-28")
    for member in MEMBERS:
        node = nodes[member]

        async def heard(node: Node = node) -> bool:
            found = (await node.live.look(to, "exercise/exercises", Exercises)).exercises
            return [one.exercise for one in found] == [NAME, "freedom-28"]

        await seen(heard, f"the next announcement at {member}")
        for peer in set(MEMBERS) - {member}:
            assert await node.link(node.live, peer) is LinkState.HEALTHY


async def nothing_crosses_between_the_worlds(
    nodes: dict[str, Node], plays: dict[str, Door], to: httpx.AsyncClient
) -> None:
    """What is meant for one world is refused by the other, and says so."""
    jpn, play = nodes["JPN"], plays["JPN"]
    await jpn.live.ask(to, "warning/register-sensor", a_sensor("NOTIONAL-REAL"), "test:register:0001")
    real = jpn.sensor_door("NOTIONAL-REAL")
    scan = a_scan("NOTIONAL-REAL", datetime.now(UTC), PLOT)
    await real.ask(to, REPORT, scan, "test:live-scan:1")
    # A live scan at the exercise: no such sensor there, and it is another year.
    strayed = Door(play.url, real.token)
    assert "register" in await refusal(strayed, to, REPORT, scan)
    # A live address asked of the exercise's process, and the reverse: no such path.
    mixed = Door(play.url.replace(play.url.rpartition("/")[2], LIVE.name), jpn.live.token)
    assert "UnknownAsk" in await refusal(mixed, to, REPORT, scan)
    crossed = Door(jpn.live.url.replace(LIVE.name, play.url.rpartition("/")[2]), jpn.live.token)
    assert "UnknownAsk" in await refusal(crossed, to, REPORT, scan)
    # An exercise's scan at the live world: it is of another time.
    assert "at" in await refusal(real, to, REPORT, a_scan("NOTIONAL-REAL", datetime(2022, 10, 3, 22, 22, tzinfo=UTC)))
    # What vouches for an exercise is said live; the clock in the exercise.
    announced = AnnounceAsk("freedom-29", "Within", datetime(2029, 1, 1, tzinfo=UTC), "0" * 64, EVERYONE)
    assert "LiveOnly" in await refusal(play, to, "exercise/announce", announced)
    setting = {"real_at": "2026-01-01T00:00:00Z", "exercise_at": "2026-01-01T00:00:00Z", "rate": 1.0}
    label = msgspec.to_builtins(EVERYONE)
    assert "ExerciseOnly" in await refusal(jpn.live, to, "exercise/set-clock", {**setting, "label": label})
    assert jpn.counts()["JPN", "warning.scan.v1"] == 1
    assert {kind for _, kind in jpn.counts(World(LIVE.compact, NAME))}.isdisjoint({"warning.scan.v1"})
