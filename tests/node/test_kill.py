"""kill -9 at any moment: nothing that was acknowledged is lost, nothing is said or taken twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any

import msgspec
import pytest
from tests.border.sealing import lane
from tests.node.notebook import ECHO, Echo
from tests.node.worlds import Worlds, check_log, digests, log_of, note, parked, texts, wrapped
from tests.node.writer import write_until_killed

from laurel.core.record import Sealed, decode
from laurel.node.keep.views import rebuild
from laurel.node.world import World


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """A server of processes that has imported everything once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.node.writer"])
    return context


def run_and_kill(context: ForkServerContext, dice: random.Random, *work: Any) -> list[tuple[str, Any, tuple[str, ...]]]:
    """Let a writer work for a moment, kill it, and return what it had acknowledged."""
    ours, theirs = context.Pipe(duplex=False)
    writer = context.Process(target=write_until_killed, args=(*work, theirs), daemon=True)
    writer.start()
    theirs.close()
    acknowledged = [ours.recv() for _ in range(1 + dice.randrange(40))]
    time.sleep(dice.random() * 0.01)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    acknowledged += rest(ours)
    return acknowledged


def rest(pipe: Connection) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    try:
        while True:
            yield pipe.recv()
    except (EOFError, OSError):
        return


def kill_often(worlds: Worlds, context: ForkServerContext, turns: int) -> None:
    dice = random.Random(turns)
    secrets = {code: key.private_bytes_raw() for code, key in worlds.who.keys.items()}
    records = lane(worlds.who, *(f"heard {number}" for number in range(400)))
    parcels = [wrapped(*records[start : start + 4]) for start in range(0, len(records), 4)]
    said: dict[str, tuple[str, ...]] = {}
    received: set[int] = set()
    for turn in range(turns):
        for what, subject, ids in run_and_kill(context, dice, worlds.path("KOR"), secrets, turn, parcels):
            if what == "said":
                said[subject] = ids
            elif what == "received":
                received.add(subject)
        world = worlds.open("KOR")
        check(world, said, [one for number in received for one in records[number * 4 : number * 4 + 4]])
        for ask_id, ids in list(said.items())[-3:]:
            again = world.say(note(ask_id.removeprefix("ask:")))
            assert (again.records, again.again) == (ids, True)
        worlds.close("KOR")
    assert len(said) > turns
    world = worlds.open("KOR")
    assert rebuild(world.store, world.catalogue)[1] == digests(world)


def check(world: World, said: dict[str, tuple[str, ...]], received: list[Sealed]) -> None:
    while world.react():
        pass
    check_log(world)
    ids = [one.id for one in log_of(world)]
    assert len(ids) == len(set(ids))
    assert {one for records in said.values() for one in records} <= set(ids)
    assert {one.id for one in received} <= set(ids)
    ours = texts(world, "KOR")
    assert len(ours) == len(set(ours))
    assert {f"ask:{text}" for text in ours} >= said.keys()
    # The tally answers each of our notes once, and remembers all that was there before it.
    records = [decode(one.payload) for one in log_of(world)]
    tallies = [msgspec.json.decode(one.body, type=Echo).text for one in records if one.kind == ECHO.name]
    assert [int(one.partition(":")[0]) for one in tallies] == sorted({int(one.partition(":")[0]) for one in tallies})
    assert len(tallies) == len(ours)
    assert tallies[-1].split(":", 1)[1].split(",") == texts(world)[: int(tallies[-1].split(":", 1)[0])]
    assert parked(world) == []


def test_a_writer_killed_again_and_again_loses_and_doubles_nothing(
    worlds: Worlds, processes: ForkServerContext
) -> None:
    kill_often(worlds, processes, turns=20)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_a_writer_killed_a_thousand_times_loses_and_doubles_nothing(
    worlds: Worlds, processes: ForkServerContext
) -> None:
    for _ in range(50):
        with Worlds(worlds.folder / f"{random.getrandbits(32):x}") as fresh:
            fresh.folder.mkdir()
            kill_often(fresh, processes, turns=20)
