"""Show 5: fifty exercises, one after the other, are held, played and ended at three nodes, and leave fifty archives.

Processes, open files, accounts, streams, files and ports are afterwards exactly what they were before. Memory is
held to a bound: a live world rightly keeps a few rows of each exercise for ever, and neither Python nor Go gives
every page back that it once used.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.nodes.test_exercise_ended import can_be_bound, end_here, exercise_at
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, Node, seen, three_nodes

from laurel.core.label import Classification
from laurel.core.record import Precedence, World
from laurel.gateways.demo.door import About, Door
from laurel.instruments.exercise.commands import AnnounceAsk, SetClockAsk
from laurel.instruments.exercise.records import ClockSet
from laurel.instruments.exercise.view import Clock
from laurel.instruments.hotline.conversation import SendAsk
from laurel.node.carry.natsconf import account_names
from laurel.node.exercises import ArchiveRow
from laurel.node.home.terms import read_terms
from laurel.node.keep.ledger import verify

EXERCISES = 4
# What is loaded and cached when something is done for the first time is there from then on.
SETTLED_AFTER = 1
STARTS = datetime(2027, 1, 1, tzinfo=UTC)
GROWS_MB = {"node": 8.0, "live": 40.0, "nats": 24.0}
"""Resident memory may grow so much over the other forty-five. One exercise's world takes 150 MB and more."""


@dataclass(frozen=True)
class Held:
    """What one node holds of the machine. `memory_mb` by process, the others are equal or they are not."""

    memory_mb: dict[str, float]
    children: tuple[str, ...]
    opened: dict[str, int]
    accounts: frozenset[str]
    files: frozenset[str]
    streams: frozenset[str]

    @property
    def counted(self) -> tuple[object, ...]:
        return self.children, self.opened, self.accounts, self.files, self.streams


def held(node: Node) -> Held:
    layout = node.made.layout
    assert node.child is not None
    named = {"node": node.child.pid, "live": node.world_pid(LIVE), "nats": node.nats_pid}
    outside = (one for one in layout.folder.rglob("*") if one.is_file() and layout.archives not in one.parents)
    return Held(
        {name: resident_mb(pid) for name, pid in named.items()},
        tuple(sorted(children(node.child.pid))),
        {name: open_files(pid) for name, pid in named.items()},
        account_names(layout.nats_configuration.read_text()),
        # The server's log begins anew now and then, under another name.
        frozenset(str(one.relative_to(layout.folder)) for one in outside if not one.name.startswith("nats.log")),
        frozenset(str(one.relative_to(layout.nats_store)) for one in layout.nats_store.glob("jetstream/*/streams/*")),
    )


def resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def open_files(pid: int) -> int:
    """Those on the disk: lines to peers come and go."""
    opened = [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]
    return len([one for one in opened if one.startswith("/")])


def children(pid: int) -> list[str]:
    """What the processes that this one started are told to do."""
    found: list[str] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
            found.append(" ".join(words[-4:]))
    return found


async def held_and_ended(nodes: dict[str, Node], name: str) -> None:
    """One exercise from its announcement to its end at all three, with a clock and a message of each member."""
    to = nodes["USA"].to
    announced = AnnounceAsk(name, f"Exercise {name}", STARTS, "0" * 64, EVERYONE)
    await nodes["USA"].live.ask(to, "exercise/announce", announced, f"test:announce:{name}")
    doors = await joined(nodes, name)
    setting = ClockSet(datetime.now(UTC), STARTS, 1.0)
    ask = SetClockAsk(setting.real_at, setting.exercise_at, setting.rate, EVERYONE)
    await doors["USA"].ask(to, "exercise/set-clock", ask, f"test:clock:{name}")
    for member, door in doors.items():
        others = tuple(sorted(set(MEMBERS) - {member}))
        words = (Classification.UNCLASSIFIED, Precedence.PRIORITY, "en", f"{name}: {member} is at its post.")
        await door.ask(to, "hotline/send", SendAsk(*words, to=others, subject="Posts"), f"test:post:{name}")

    async def heard() -> bool:
        play = World(LIVE.compact, name)
        told = [node.counts(play) for node in nodes.values()]
        clocks = [(await door.look(to, "exercise/clock", Clock)).set for door in doors.values()]
        messages = all(one.get((member, "hotline.message.v1")) == 1 for one in told for member in MEMBERS)
        return messages and clocks == [setting] * len(MEMBERS)

    await seen(heard, f"what was played in {name}")
    terms = [read_terms(node.made.layout.world(World(LIVE.compact, name))) for node in nodes.values()]
    await asyncio.gather(*(end_here(node, name, f"test:end:{name}") for node in nodes.values()))

    async def told() -> bool:
        return all([(await exercise_at(node, name)).ended_at == MEMBERS for node in nodes.values()])

    await seen(told, f"every end of {name}")
    assert all(one is not None and can_be_bound(one.http_port) for one in terms)


async def joined(nodes: dict[str, Node], name: str) -> dict[str, Door]:
    """The exercise's own door at every node, once each answers and knows the others."""
    to = nodes["USA"].to

    async def heard(members: int) -> bool:
        lists = [await node.live.look(to, "exercise/exercises", dict) for node in nodes.values()]
        rows = [next((one for one in each["exercises"] if one["exercise"] == name), None) for each in lists]
        return all(one is not None and len(one["members"]) >= members for one in rows)

    await seen(lambda: heard(0), f"the announcement of {name}")
    join = f"exercise/join-here/{name}"
    await asyncio.gather(*(node.live.ask(to, join, {}, f"test:join:{name}") for node in nodes.values()))
    await seen(lambda: heard(len(nodes)), f"every card for {name}")
    doors: dict[str, Door] = {}
    for member, node in nodes.items():
        worlds = (await node.live.look(to, "about", About)).worlds
        doors[member] = Door(next(one.url for one in worlds if one.exercise == name).rstrip("/"), node.live.token)

    async def complete() -> bool:
        about = [await door.look(to, "about", About) for door in doors.values()]
        return all(one.admitted for each in about for one in each.members)

    await seen(complete, f"the worlds of {name}")
    return doors


async def settled(node: Node, as_before: Held | None = None) -> Held:
    """What the node holds when nothing is under way any more."""
    if as_before is not None:

        async def same() -> bool:
            return held(node).counted == as_before.counted

        await seen(same, f"{node.member} to hold what it held")
    return held(node)


@pytest.mark.long
async def test_fifty_exercises_leave_fifty_archives_and_a_machine_as_it_was(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        before: dict[str, Held] = {}
        first: dict[str, Held] = {}
        for number in range(1, EXERCISES + 1):
            await held_and_ended(nodes, f"freedom-{number}")
            for member, node in nodes.items():
                if number == 1:
                    first[member] = await settled(node)
                now = held(node)
                import json; print(json.dumps({"d":[sorted(set(map(str,a))^set(map(str,b))) if not isinstance(a,dict) else (a,b) for a,b in zip(first[member].counted, now.counted)]}))
                print(number, member, {name: round(mb) for name, mb in now.memory_mb.items()})
                if number == SETTLED_AFTER:
                    before[member] = now
        for member, node in nodes.items():
            after = await settled(node, before[member])
            for name, mb in after.memory_mb.items():
                assert mb - before[member].memory_mb[name] <= GROWS_MB[name], (member, name, before[member], after)
            kept = await node.live.look(node.to, "exercise/archives", list[ArchiveRow])
            assert len(kept) == len(list(node.made.layout.archives.iterdir())) == EXERCISES
            assert verify(node.made.layout, LIVE)["faults"] == []
