"""Three live nodes and a database that is set back: an honest one recovers, a forger is named."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.nodes.three import EVERYONE, LIVE, Node, answers, laurel, seen, three_nodes

from laurel.core.instrument import Role
from laurel.core.record import Precedence
from laurel.instruments.exercise.commands import AnnounceAsk
from laurel.instruments.line.trouble import Trouble
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.serve import open_world

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


async def announce(node: Node, name: str) -> None:
    """Something that every member is told."""
    asked = AnnounceAsk(name, name.title(), datetime(2027, 8, 1, tzinfo=UTC), "0" * 64, EVERYONE)
    await node.live.ask(node.to, "exercise/announce", asked, f"announce:{name}")


def announced(node: Node) -> int:
    return node.counts().get(("JPN", "exercise.announced.v1"), 0)


async def everywhere(nodes: dict[str, Node], count: int) -> None:
    async def holds() -> bool:
        return all(announced(node) == count for node in nodes.values())

    await seen(holds, f"{count} announcements at every node")


def database(node: Node) -> Path:
    return node.made.layout.world(LIVE).database


def back_up(node: Node, to: Path) -> None:
    """A copy of the database of a node that runs."""
    with closing(sqlite3.connect(database(node))) as from_, closing(sqlite3.connect(to)) as copy:
        from_.backup(copy)


def restore(node: Node, from_: Path) -> None:
    for path in database(node).parent.glob(f"{database(node).name}*"):
        path.unlink()
    shutil.copy(from_, database(node))


async def trouble(node: Node) -> Trouble:
    return await node.live.look(node.to, "line/trouble", Trouble)


async def verified(nodes: dict[str, Node]) -> list[Any]:
    found = [await laurel("log", "verify", node.made.layout.folder, "--json") for node in nodes.values()]
    return [(one["faults"], one["forks"]) for one in found]


async def test_a_restored_backup_takes_its_records_back_from_its_peers_and_then_speaks(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        japan = nodes["JPN"]
        await announce(japan, "first")
        await everywhere(nodes, 1)
        back_up(japan, tmp_path / "backup.db")
        for name in ("second", "third", "fourth"):
            await announce(japan, name)
        await everywhere(nodes, 4)
        await japan.cut_power()
        restore(japan, tmp_path / "backup.db")
        await japan.start()
        await answers(japan)
        await announce(japan, "fifth")
        await everywhere(nodes, 5)
        assert await verified(nodes) == [([], 0)] * 3
        assert [(await trouble(node)).forks for node in nodes.values()] == [()] * 3


async def test_what_nobody_has_is_declared_by_an_officer(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        japan = nodes["JPN"]
        folder, token = japan.made.layout.folder, tmp_path / "token"
        token.write_text(japan.token(Role.ADMINISTRATOR, Role.EXERCISE_CONTROL))
        await announce(japan, "first")
        await everywhere(nodes, 1)
        back_up(japan, tmp_path / "backup.db")
        for peer in ("KOR", "USA"):
            await nodes[peer].cut_power()
        await announce(japan, "second")
        await japan.cut_power()
        restore(japan, tmp_path / "backup.db")
        await japan.start()
        await answers(japan)

        async def waits() -> bool:
            shown = await laurel("resume", folder, "--token", token, "--json")
            return shown["state"] == "waiting" and shown["behind"] > 0

        await seen(waits, "it knows that its database is old")
        reason = ("--reason", "restored Monday's backup")
        shown = await laurel("resume", folder, "--token", token, "--lost", "all", *reason, "--json")
        assert (shown["state"], shown["lanes"]) == ("speaking", [])
        await announce(japan, "third")
        for peer in ("KOR", "USA"):
            await nodes[peer].start()

        async def arrived() -> bool:
            return all(announced(node) >= 2 for node in nodes.values())

        await seen(arrived, "what was said after the gap")
        assert await verified(nodes) == [([], 0)] * 3
        assert [(await trouble(node)).forks for node in nodes.values()] == [()] * 3


@pytest.mark.attack("fork")
async def test_a_forger_with_stolen_keys_and_an_old_database_is_named_on_all_nodes_with_proof(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        japan = nodes["JPN"]
        await announce(japan, "first")
        await everywhere(nodes, 1)
        back_up(japan, tmp_path / "stolen.db")
        await announce(japan, "second")
        await everywhere(nodes, 2)
        await japan.stop()
        shutil.copy(database(japan), tmp_path / "true.db")
        # The forger's node listens to nobody: it says what it likes under the number that was used.
        restore(japan, tmp_path / "stolen.db")
        world = open_world(japan.made.layout, LIVE)
        asked = AnnounceAsk("false", "False", datetime(2027, 8, 1, tzinfo=UTC), "0" * 64, EVERYONE)
        forger = Author("officer:x", frozenset({Role.EXERCISE_CONTROL}))
        world.say(Asked(forger, "exercise/announce", asked, "forged:1"))
        world.store.close()
        await japan.start()
        await answers(japan)

        async def named() -> bool:
            told = [await trouble(nodes[peer]) for peer in ("KOR", "USA")]
            return all(one.forks and one.forks[0].proven and len(one.forks[0].seen_by) == 2 for one in told)

        await seen(named, "the fork at both peers")
        await japan.stop()
        restore(japan, tmp_path / "true.db")
        await japan.start()
        await answers(japan)

        async def told() -> bool:
            forks = (await trouble(japan)).forks
            return bool(forks) and forks[0].proven and len(forks[0].seen_by) == 2

        await seen(told, "the fork at the node whose keys were stolen")
        for node in nodes.values():
            [fork] = (await trouble(node)).forks
            assert (fork.origin, fork.precedence, len(fork.versions)) == ("JPN", Precedence.ROUTINE, 2)
            assert fork.seen_by == ("KOR", "USA")
        assert [faults for faults, _ in await verified(nodes)] == [[], [], []]
