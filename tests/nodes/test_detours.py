"""Real worlds on real roads: the path between two is cut, one way or both, and mended, and cut again."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.node.notebook import written
from tests.node.worlds import LIVE, audited, check_log, contents, log_of, note
from tests.nodes.stations import Stage, StationNode, holds, staged

from laurel.core.record import Precedence
from laurel.node.carry.link import LinkState
from laurel.node.carry.road import Waiting

# nats-py lets a TLS connection whose peer is silent be closed by whoever collects the garbage.
pytestmark = pytest.mark.filterwarnings("ignore:.*StreamWriter.__del__:pytest.PytestUnraisableExceptionWarning")

FLASH = Precedence.FLASH
FOR_TWO = ("JPN", "KOR")
# Three seconds until a cut is noticed, three until it counts; the rest is for a busy machine.
NOTICED_S = 15.0
ON_A_DETOUR_S = 3.0
BACKLOG = 20_000
log = logging.getLogger(__name__)


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


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.attack("relay")
async def test_a_hostile_relay_is_found_out_and_nothing_it_altered_gets_in(tmp_path: Path) -> None:
    """It drops, delays, doubles, reorders and alters what it carries; in the end it has achieved a delay."""
    dice = random.Random(7)
    async with staged(tmp_path) as stage:
        honest, kept = stage.usa.station.waiting, list[Waiting]()

        async def hostile(peer: str, limit: int) -> Sequence[Waiting]:
            played: list[Waiting] = []
            for one in await honest(peer, limit):
                deed = dice.choice(["pass", "drop", "delay", "double", "alter"]) if one.relayed else "pass"
                if deed in {"drop", "delay"}:
                    await stage.usa.station.carried([one])
                    kept.extend([one] * (deed == "delay"))
                    continue
                played.append(altered(one, dice) if deed == "alter" else one)
                played.extend([replace(one, wrapped=one.wrapped + b" ")] * (deed == "double"))
                if kept and dice.random() < 0.3:
                    played.append(kept.pop(dice.randrange(len(kept))))
            return played

        stage.usa.station.waiting = hostile
        stage.paths.cut()
        for number in range(200):
            await stage.jpn.say(f"{number}", FOR_TWO, Precedence(number % 4))
            await asyncio.sleep(0.02)
        said = [f"{number}" for number in range(200)]
        await holds(lambda: len(stage.kor.texts()) > 20, "some of it at Korea")
        stage.usa.station.waiting = honest
        await holds(lambda: sorted(stage.kor.texts()) == sorted(said), "all of it at Korea", 180.0)
        assert {one.id for one in log_of(stage.kor.world)} == {one.id for one in log_of(stage.jpn.world)}
        assert contents(stage.kor.layout.world(LIVE).database)["fork"] == []
        assert stage.kor.station.witness.disagreements == stage.jpn.station.witness.disagreements == ()
        refused = [(member, policy) for decision, member, policy in audited(stage.kor.world) if decision == "refused"]
        assert refused
        assert {member for member, _ in refused} == {"USA"}


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_a_long_backlog_goes_round_flash_first(tmp_path: Path) -> None:
    """Japan was alone for a day; when it finds the United States again, and not Korea, that carries all of it."""
    async with staged(tmp_path) as stage:
        stage.paths.cut()
        await stage.jpn.halt()
        for first in range(0, BACKLOG, 500):
            await stage.jpn.say_many(
                [note(f"{number:06} {'x' * 500}", to=FOR_TWO) for number in range(first, first + 500)]
            )
        await stage.jpn.resume()
        await stage.jpn.shows("KOR", LinkState.RELAYED, "USA")
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await holds(lambda: count(stage.kor) > 1_000, "the first of it at Korea")
        said_s = loop.time()
        await stage.jpn.say("urgent", FOR_TWO, FLASH)
        await holds(lambda: has(stage.kor, "urgent"), "the FLASH at Korea", 10.0)
        flash_s, before = loop.time() - said_s, count(stage.kor)
        took_s = await holds(lambda: count(stage.kor) == BACKLOG + 1, "all of it at Korea", 1_200.0) + said_s - began_s
        log.info("%d records through a third in %.1f s; a FLASH in %.2f s, at %d", BACKLOG, took_s, flash_s, before)
        assert before < BACKLOG
        check_log(stage.kor.world)
        stage.paths.mend()
        await stage.until_straight()
        mended_s = loop.time()
        await stage.jpn.say("urgent again", FOR_TWO, FLASH)
        await holds(lambda: has(stage.kor, "urgent again"), "the FLASH on the straight path", 10.0)
        log.info("a FLASH on the straight path, behind all of it a second time, in %.2f s", loop.time() - mended_s)
        await stage.jpn.say("not urgent", FOR_TWO)
        again_s = await holds(lambda: has(stage.kor, "not urgent"), "ROUTINE on the straight path", 600.0)
        log.info("ROUTINE behind all of it a second time, in %.1f s", again_s)
        assert count(stage.kor) == BACKLOG + 3


def altered(one: Waiting, dice: random.Random) -> Waiting:
    """With one bit turned, anywhere."""
    byte = dice.randrange(len(one.wrapped))
    turned = one.wrapped[byte] ^ (1 << dice.randrange(8))
    return replace(one, wrapped=one.wrapped[:byte] + bytes([turned]) + one.wrapped[byte + 1 :])


def count(node: StationNode) -> int:
    return node.world.store.position


def has(node: StationNode, text: str) -> bool:
    with node.world.store.reading() as from_:
        return from_.execute(sa.select(written.table.c.id).where(written.table.c.text == text)).first() is not None
