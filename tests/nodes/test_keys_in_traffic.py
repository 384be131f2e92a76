"""Keys change in mid-traffic on three real nodes, and the one that changes them loses power: nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.nodes.three import EVERYONE, MEMBERS, Node, client, laurel, make_three, run_nodes, seen

from laurel.core.record import World
from laurel.instruments.exercise.commands import AnnounceAsk
from laurel.node.rotation import asked_for

KIND = "exercise.announced.v1"


async def announce(node: Node, number: int) -> None:
    name = f"{node.member.lower()}-{number}"
    asked = AnnounceAsk(name, name, datetime(2027, 8, 1, tzinfo=UTC), "0" * 64, EVERYONE)
    await node.live.ask(node.to, "exercise/announce", asked, f"announce:{name}")


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_both_keys_change_in_mid_traffic_and_a_rotator_loses_power(tmp_path: Path) -> None:
    async with client() as to:
        nodes = make_three(tmp_path, to)
        japan = nodes["JPN"]
        folder = japan.made.layout.folder
        said: dict[str, int] = dict.fromkeys(MEMBERS, 0)

        async def talk(many: int) -> None:
            for _ in range(many):
                for node in nodes.values():
                    said[node.member] += 1
                    await announce(node, said[node.member])

        async def all_hold_all() -> bool:
            return all(node.counts().get((of, KIND), 0) == said[of] for node in nodes.values() for of in MEMBERS)

        async def nothing_is_asked_for() -> bool:
            return not asked_for(japan.made.layout.world(World("camp-david")))

        async with run_nodes(*nodes.values()):
            await talk(3)
            for _ in range(2):
                told, _ = await asyncio.gather(laurel("keys", "rotate", folder, "--json"), talk(5))
                assert told["done"] is True
                for names in told["keys"].values():
                    assert names["was"] != names["now"]
            await seen(all_hold_all, "everything at every node, whatever key signed it")
            # Power goes while a change is asked for and made; what was asked is done after the restart.
            for _ in range(3):
                asked = asyncio.create_task(laurel("keys", "rotate", folder, "--json"))
                await asyncio.sleep(1.5)
                await japan.cut_power()
                await japan.start()
                # A slow start is longer than the terminal waits: then it says that the change stays asked for.
                await asyncio.gather(asked, return_exceptions=True)
                await seen(lambda: japan.live.answers(to), "the live world of Japan")
                await talk(2)
            await seen(all_hold_all, "everything at every node, after three cuts")
            await seen(nothing_is_asked_for, "the change that was asked for before the last cut")
        for node in nodes.values():
            verified = await laurel("log", "verify", node.made.layout.folder, "--json")
            assert (verified["faults"], verified["forks"], verified["held"]) == ([], 0, 0)
        keys = sorted(path.name for path in (folder / "worlds" / "camp-david" / "keys").glob("signing*"))
        assert len(keys) == 1
        # Asked of a node that does not run, it is done when it starts.
        told = await laurel("keys", "rotate", folder, "--signing", "--json")
        assert (told["done"], told["keys"]["signing"]["was"]) == (False, told["keys"]["signing"]["now"])
        async with run_nodes(japan):

            async def changed() -> bool:
                return sorted(path.name for path in (folder / "worlds/camp-david/keys").glob("signing*")) != keys

            await seen(changed, "the key asked for while it was down")
