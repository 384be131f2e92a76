"""Show 5: fifty exercises, one after the other, are held, played and ended at three nodes, and leave fifty archives.

Processes, accounts, streams, files and ports are after each exactly what they were after the first. Memory and the
number of open files are held to a bound: a live world rightly keeps a few rows of each exercise for ever, neither
Python nor Go gives every page back that it once used, and a database opens a connection more when many read at once.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.nodes.test_exercise_ended import STARTS, begun, can_be_bound, end_here, exercise_at
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, Node, seen, three_nodes

from laurel.core.label import Classification
from laurel.core.record import Precedence, World
from laurel.gateways.demo.door import WaitedTooLong
from laurel.instruments.exercise.commands import SetClockAsk
from laurel.instruments.exercise.records import ClockSet
from laurel.instruments.exercise.view import Clock
from laurel.instruments.hotline.conversation import SendAsk
from laurel.node.carry.natsconf import account_names
from laurel.node.exercises import ArchiveRow
from laurel.node.home.terms import read_terms
from laurel.node.keep.ledger import verify

EXERCISES = 50
LOOKS = 20
RESTS_S = 3.0
# What is loaded and cached when something is done for the first time is there from then on.
SETTLED_AFTER = 5
GROWS_MB = {"node": 8.0, "live": 40.0, "nats": 24.0}
"""Resident memory may grow so much over the other forty-five. Each of their worlds took 400 MB while it was played."""
OPENS_MORE = 6
"""Two more connections to a database, three files each."""


@dataclass(frozen=True)
class Held:
    """What one node holds of the machine, by process where it says so."""

    memory_mb: dict[str, float]
    opened: dict[str, int]
    children: tuple[str, ...]
    accounts: frozenset[str]
    streams: frozenset[str]
    files: frozenset[str]

    @property
    def counted(self) -> Counter[str]:
        """What is equal to the last of it, or is not."""
        return Counter((*self.children, *self.accounts, *self.streams, *self.files))

    def beside(self, other: Held) -> str:
        """What the one has and the other lacks."""
        return f"more: {sorted(self.counted - other.counted)}; less: {sorted(other.counted - self.counted)}"


def held(node: Node) -> Held:
    """Looked at again where a thread or a file ended while one looked."""
    for _ in range(LOOKS - 1):
        with suppress(FileNotFoundError):
            return looked(node)
    return looked(node)


def looked(node: Node) -> Held:
    layout = node.made.layout
    assert node.child is not None
    named = {"node": node.child.pid, "live": node.world_pid(LIVE), "nats": node.nats_pid}
    # Blocks of the live streams, and the server's log, begin anew now and then, under other names.
    changing = (layout.archives, *layout.nats_store.glob("jetstream/camp-david/streams/*/msgs"))
    files = (one for one in layout.folder.rglob("*") if one.is_file() and not set(changing) & set(one.parents))
    return Held(
        {name: resident_mb(pid) for name, pid in named.items()},
        {name: open_files(pid) for name, pid in named.items()},
        tuple(sorted(children(node.child.pid))),
        account_names(layout.nats_configuration.read_text()),
        frozenset(str(one.relative_to(layout.nats_store)) for one in layout.nats_store.glob("jetstream/*/streams/*")),
        frozenset(str(one.relative_to(layout.folder)) for one in files if not one.name.startswith("nats.log")),
    )


def resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def open_files(pid: int) -> int:
    """Those on the disk: lines to peers come and go."""
    return sum(str(one.readlink()).startswith("/") for one in Path(f"/proc/{pid}/fd").iterdir())


def children(pid: int) -> list[str]:
    """What the processes that this one started are told to do."""
    found: list[str] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
            found.append(" ".join(words[-4:]))
    return found


async def held_and_ended(nodes: dict[str, Node], name: str) -> None:
    """One exercise from its announcement to its end at all three, with a clock and a message of each member."""
    to, doors = nodes["USA"].to, await begun(nodes, name)
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


async def at_rest(node: Node) -> Held:
    """What the node holds once nothing is under way any more: nothing that is counted changes for a while."""
    loop = asyncio.get_running_loop()
    last, since_s = held(node), loop.time()

    async def rests() -> bool:
        nonlocal last, since_s
        now = held(node)
        if now.counted != last.counted:
            since_s = loop.time()
        last = now
        return loop.time() - since_s > RESTS_S

    await seen(rests, f"{node.member} to rest")
    return last


async def settled(node: Node, first: Held) -> Held:
    """What the node holds once it holds, of what is counted, what it held after the first."""

    async def same() -> bool:
        return held(node).counted == first.counted

    with suppress(WaitedTooLong):
        await seen(same, f"{node.member} to hold what it held")
    now = held(node)
    assert now.counted == first.counted, f"{node.member}: {now.beside(first)}"
    return now


@pytest.mark.long
@pytest.mark.walk
@pytest.mark.timeout(5_400)
async def test_fifty_exercises_leave_fifty_archives_and_a_machine_as_it_was(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        await held_and_ended(nodes, "freedom-1")
        first = {member: await at_rest(node) for member, node in nodes.items()}
        before = first
        for number in range(2, EXERCISES + 1):
            await held_and_ended(nodes, f"freedom-{number}")
            now = {member: await settled(node, first[member]) for member, node in nodes.items()}
            if number == SETTLED_AFTER:
                before = now
        for member, node in nodes.items():
            after, was = await settled(node, first[member]), before[member]
            server, live = after.children
            assert server.endswith(str(node.made.layout.nats_configuration))
            assert live == f"laurel.cli serve {node.made.layout.folder} {LIVE.name}"
            for name, mb in after.memory_mb.items():
                assert mb - was.memory_mb[name] <= GROWS_MB[name], (member, name, was, after)
            for name, count in after.opened.items():
                assert count - was.opened[name] <= OPENS_MORE, (member, name, was, after)
            kept = await node.live.look(node.to, "exercise/archives", list[ArchiveRow])
            assert len(kept) == len(list(node.made.layout.archives.iterdir())) == EXERCISES
            assert verify(node.made.layout, LIVE)["faults"] == []
