"""Real worlds on real roads: the path between two is cut, one way or both, and mended, and cut again."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
from tests.node.worlds import audited, check_log, contents
from tests.nodes.stations import Stage, holds, staged

from laurel.core.record import Precedence
from laurel.node.carry.link import LinkState

FLASH, ROUTINE = Precedence.FLASH, Precedence.ROUTINE
FOR_TWO = ("JPN", "KOR")
# Three seconds until a cut is noticed, three until it counts; the rest is for a busy machine.
NOTICED_S = 15.0
ON_A_DETOUR_S = 3.0


async def goes_round(stage: Stage, sender: str, recipient: str) -> None:
    nodes = {"JPN": stage.jpn, "KOR": stage.kor}
    said = f"{sender} speaks"
    await nodes[sender].say(said, FOR_TWO, FLASH)
    await holds(lambda: said in nodes[recipient].texts(), f"{said} heard", NOTICED_S)
    again = f"{sender} speaks again"
    await nodes[sender].say(again, FOR_TWO, FLASH)
    await holds(lambda: again in nodes[recipient].texts(), f"{again} heard", ON_A_DETOUR_S)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_path_cut_both_ways_is_gone_round_both_ways(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.paths.cut()
        await goes_round(stage, "JPN", "KOR")
        await goes_round(stage, "KOR", "JPN")
        await stage.jpn.shows("KOR", LinkState.RELAYED, "USA")
        await stage.kor.shows("JPN", LinkState.RELAYED, "USA")
        stage.paths.mend()
        await stage.until_straight()
        await asyncio.sleep(1.0)
        for node in (stage.jpn, stage.kor):
            assert Counter(node.texts()) == dict.fromkeys(
                ["JPN speaks", "JPN speaks again", "KOR speaks", "KOR speaks again"], 1
            )
            decisions = [decision for decision, _, _ in audited(node.world) if decision.startswith("detour")]
            assert decisions == ["detour-begins", "detour-ends"]
        assert stage.usa.texts() == []
        assert {decision for decision, _, _ in audited(stage.usa.world)} == {"relayed"}


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("blind", ["JPN", "KOR"])
async def test_a_path_cut_one_way_is_gone_round_that_way_alone(tmp_path: Path, blind: str) -> None:
    """Who reaches the other's server no more is sent to through a third; it sends itself as before."""
    seeing = "KOR" if blind == "JPN" else "JPN"
    async with staged(tmp_path) as stage:
        nodes = {"JPN": stage.jpn, "KOR": stage.kor}
        stage.paths.cut(blind)
        await goes_round(stage, seeing, blind)
        await nodes[seeing].shows(blind, LinkState.HEALTHY, "USA")
        await nodes[blind].shows(seeing, LinkState.RELAYED, "USA")
        relayed = {member for decision, member, _ in audited(stage.usa.world) if decision == "relayed"}
        assert relayed == {seeing}
        await nodes[blind].say("straight", FOR_TWO, FLASH)
        await holds(lambda: "straight" in nodes[seeing].texts(), "straight heard", ON_A_DETOUR_S)
        assert {one for decision, one, _ in audited(stage.usa.world) if decision == "relayed"} == {seeing}
        stage.paths.mend()
        await stage.until_straight()


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_path_cut_and_mended_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    dice = random.Random(4)
    async with staged(tmp_path) as stage:
        both = (stage.jpn, stage.kor)

        async def speak() -> None:
            for number in range(1_200):
                node = both[number % 2]
                precedence = dice.choice(list(Precedence))
                to = dice.choice([FOR_TWO, ("JPN", "KOR", "USA")])
                await node.say(f"{node.member} {number}", to, precedence)
                await asyncio.sleep(0.05)

        speaking = asyncio.create_task(speak())
        while not speaking.done():
            stage.paths.cut(*dice.choice([(), ("JPN",), ("KOR",)]))
            await asyncio.sleep(dice.uniform(1.0, 12.0))
            stage.paths.mend()
            await asyncio.sleep(dice.uniform(0.5, 6.0))
        await speaking
        stage.paths.mend()
        said = sorted(f"{both[number % 2].member} {number}" for number in range(1_200))
        for node in both:
            await holds(lambda node=node: sorted(node.texts()) == said, f"everything at {node.member}")
            check_log(node.world)
            assert contents(node.layout.world(node.station.world).database)["fork"] == []
            assert node.station.witness.disagreements == ()
        await stage.until_straight()
        await holds(lambda: not contents(stage.jpn.layout.world(stage.jpn.station.world).database)["outbox"], "settled")
