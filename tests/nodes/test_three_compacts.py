"""Show 6 of the promise in first form: one node in three compacts, and nothing of one shows in another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.nodes.capital import Capital, capital
from tests.nodes.roads import free_port, now
from tests.nodes.three import LIVE, PATIENCE_S, Node, client, laurel, make_three, run_nodes, seen

from laurel.core.instrument import Item
from laurel.core.record import World
from laurel.gateways.demo.door import Door
from laurel.node.clock import RealClock
from laurel.node.home import keys
from laurel.node.home.compact import load_compact

COMPACTS = (LIVE, World("quad"), World("aukus"))


def canary(world: World) -> str:
    return f"Canary{world.compact.replace('-', '').capitalize()}7f3a"


async def say_everything(there: Capital) -> None:
    """In one world: the charter's series, and something with its canary in each of the four instruments."""
    everyone = sorted(one.code for one in load_compact(there.world.compact).members)
    to_all = {"classification": "RESTRICTED", "rel_to": everyone, "caveats": []}
    word = canary(there.world)
    await there.says("dialogue", "declare-charter", label=to_all)
    await there.says("dialogue", "open-office", office=f"Office of {word}", label=to_all)
    await there.says(
        *("dialogue", "commit"),
        office=f"Office of {word}",
        words=f"We keep {word}",
        language="en",
        topic="trial",
        due_at=now() + timedelta(days=30),
        label=to_all,
    )
    advisory = {"severity": "low", "language": "en", "title": f"Advisory {word}", "text": f"On {word}."}
    await there.says("cyber", "advise", **advisory, label=to_all)
    await there.says(
        *("supply", "file-notice"),
        reference="trial-1",
        title=f"Notice {word}",
        language="en",
        summary=f"Of {word}.",
        cause="A trial.",
        begins_at=now(),
        sectors=["trial"],
        office=f"Office of {word}",
        label=to_all,
        meeting=False,
    )
    when = {"begins_at": now() - timedelta(hours=2), "ends_at": now() - timedelta(hours=1)}
    incident = {"type": "other", "title": f"Incident {word}", "language": "en", "text": f"At {word}.", "when": when}
    await there.says("region", "report-incident", incident=incident, label=to_all)


async def check_alone(there: Capital, door: Door) -> set[str]:
    """In one world all of its own is found, and nothing of another's; the names of its series."""
    for world in COMPACTS:
        found = await laurel("search", canary(world), "--url", there.url, "--token", there.token, "--json")
        kinds = {one["kind"].partition(".")[0] for one in found}
        assert kinds == ({"dialogue", "cyber", "supply", "region"} if world == there.world else set())
    docket = await door.look(there.node.to, "docket", list[Item])
    others = [canary(world) for world in COMPACTS if world != there.world]
    assert any(canary(there.world) in one.title for one in docket)
    assert not any(other in str(docket) for other in others)
    return {row["series"]["name"] for row in (await there.sees("dialogue", "series"))["series"]}


def databases(node: Node, world: World) -> bytes:
    return b"".join(file.read_bytes() for file in node.made.layout.world(world).folder.glob("world.db*"))


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_one_node_serves_three_compacts_and_nothing_of_one_shows_in_another(tmp_path: Path) -> None:
    async with client() as to:
        usa = make_three(tmp_path, to)["USA"]
        for world in COMPACTS[1:]:
            keys.join_compact(usa.made.layout, world.compact, free_port(), RealClock().now())
        async with run_nodes(usa):
            worlds = [capital(usa, tmp_path, world) for world in COMPACTS]
            doors = [Door(there.url, there.token.read_text()) for there in worlds]
            for there, door in zip(worlds, doors, strict=True):
                await seen(lambda door=door: door.answers(to), f"{there.world.name} answers", PATIENCE_S)
                await say_everything(there)
            series = [await check_alone(there, door) for there, door in zip(worlds, doors, strict=True)]
            assert all(series)
            assert "foreign-ministers" in series[0]
            assert series[0] != series[1] != series[2] != series[0]
        for world in COMPACTS:
            held = databases(usa, world)
            for other in COMPACTS:
                assert (canary(other).encode() in held) is (other == world)
