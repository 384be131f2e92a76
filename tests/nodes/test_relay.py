"""Two nodes whose path is cut, and a third between them: real servers and couriers, on roads in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.nodes.paths import Paths, paths_between
from tests.nodes.roads import MEMBERS, Node, introduce, make_node, until

from laurel.core.record import Precedence
from laurel.node.carry.link import LinkState

FLASH = Precedence.FLASH
# Three seconds until a cut is noticed, three until it counts; the rest is for a busy machine.
NOTICED_S = 15.0


@dataclass
class Scene:
    """Japan and Korea with paths between them that can be cut, and the United States."""

    jpn: Node
    kor: Node
    usa: Node
    paths: Paths

    async def until_straight(self) -> None:
        pairs = [(one, other) for one in (self.jpn, self.kor, self.usa) for other in MEMBERS if other != me(one)]
        await until(lambda: all(one.state(other) is LinkState.HEALTHY for one, other in pairs), 30.0)
        await until(lambda: not self.via(self.jpn, "KOR") and not self.via(self.kor, "JPN"), 30.0)

    def via(self, node: Node, peer: str) -> str:
        return node.courier.links()[peer].via


def me(node: Node) -> str:
    return node.road.roster.me


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    nodes = {member: make_node(tmp_path, member) for member in MEMBERS}
    jpn, kor, usa = nodes["JPN"], nodes["KOR"], nodes["USA"]
    for one, other in ((jpn, kor), (jpn, usa), (kor, usa)):
        introduce(one, other)
    async with paths_between(jpn.layout, kor.layout) as paths:
        try:
            await asyncio.gather(*(node.start() for node in nodes.values()))
            scene = Scene(jpn, kor, usa, paths)
            await scene.until_straight()
            yield scene
        finally:
            await asyncio.gather(*(node.stop() for node in nodes.values()))


async def test_a_cut_path_is_gone_round_and_the_straight_one_resumes_by_itself(scene: Scene) -> None:
    jpn, kor, usa = scene.jpn, scene.kor, scene.usa
    scene.paths.cut()
    await asyncio.sleep(0.1)
    first = jpn.road.say("KOR", FLASH)
    assert await until(lambda: first in kor.road.holds["JPN"], NOTICED_S) > 1.0
    await until(lambda: jpn.state("KOR") is LinkState.RELAYED and scene.via(jpn, "KOR") == "USA")
    await until(lambda: kor.state("JPN") is LinkState.RELAYED and scene.via(kor, "JPN") == "USA", NOTICED_S)
    back = kor.road.say("JPN", FLASH)
    again = jpn.road.say("KOR", FLASH)
    await until(lambda: again in kor.road.holds["JPN"] and back in jpn.road.holds["KOR"], 5.0)
    assert {(one.sender, one.recipient) for one in usa.road.relayed} == {("JPN", "KOR"), ("KOR", "JPN")}
    scene.paths.mend()
    await scene.until_straight()
    relayed = len(usa.road.relayed)
    last = jpn.road.say("KOR", FLASH)
    await until(lambda: last in kor.road.holds["JPN"])
    assert len(usa.road.relayed) == relayed
    assert sorted(kor.road.holds["JPN"]) == [first, again, last]
