"""A node: its NATS server and one process for each world, watched over and started again when they die.

The node's folder is the truth. A new world, a new card, a halt or an end is seen there within half a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from laurel.core.record import World
from laurel.node.carry import tether
from laurel.node.carry.listening import PortInUse, listen
from laurel.node.carry.server import NatsServer
from laurel.node.home import keys
from laurel.node.home.ending import endings, is_ending
from laurel.node.home.layout import Layout, Settings, read_settings
from laurel.node.home.terms import read_terms

LOOK_EVERY_S = 0.5
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 15.0
STOP_WITHIN_S = 5.0
LET_GO_WITHIN_S = 4.0
LET_GO_LOOK_S = 0.1

SERVE, END = "serve", "end-world"
"""What the process of a world is told to do."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Worker:
    """The task that keeps one world's process running, and what that process does."""

    verb: str
    task: asyncio.Task[None]


async def run_node(folder: Path) -> None:
    """Run the node until SIGTERM or SIGINT. Raises LaurelError when it cannot start."""
    layout = Layout(folder)
    settings = read_settings(layout)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = NatsServer(layout)
    await server.start()
    log.info("node of %s: NATS on port %d", settings.member, settings.nats_port)
    workers: dict[World, Worker] = {}
    tending = asyncio.create_task(server.watch())
    try:
        await _until_free(settings)
        while not stopping.is_set() and not tending.done():
            _tend(layout, workers)
            await _wait(stopping, LOOK_EVERY_S)
        if tending.done():
            tending.result()
    finally:
        tasks = [*(worker.task for worker in workers.values()), tending]
        for task in tasks:
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.stop()


async def _until_free(settings: Settings) -> None:
    """Wait for what an earlier run left behind to let go of the officers' port. Raises PortInUse."""
    seconds = asyncio.get_running_loop().time
    last_s = seconds() + LET_GO_WITHIN_S
    while True:
        try:
            listen(settings.listens_on, settings.http_port).close()
        except PortInUse:
            if seconds() > last_s:
                raise
            await asyncio.sleep(LET_GO_LOOK_S)
        else:
            return


def _tend(layout: Layout, workers: dict[World, Worker]) -> None:
    """Start what should run, and stop what should not. Of one world one process runs at a time."""
    wanted = dict.fromkeys((world for world in keys.worlds(layout) if _plays(layout, world)), SERVE)
    wanted |= {world: END for world, ending in endings(layout).items() if ending.goes_on}
    for world, worker in list(workers.items()):
        if worker.task.done():
            del workers[world]
        elif worker.verb != wanted.get(world) and not worker.task.cancelling():
            worker.task.cancel()
    for world in wanted.keys() - workers.keys():
        workers[world] = Worker(wanted[world], asyncio.create_task(_keep(layout, world, wanted[world])))


def _plays(layout: Layout, world: World) -> bool:
    if world.exercise is None:
        return True
    place = layout.world(world)
    terms = read_terms(place)
    return terms is not None and terms.halt is None and not is_ending(place)


async def _keep(layout: Layout, world: World, verb: str) -> None:
    """Run one world's process, and start it again, ever less eagerly, when it dies; an end that was reached stays."""
    wait_s = FIRST_WAIT_S
    while True:
        of_world = (sys.executable, "-m", "laurel.cli", verb, str(layout.folder), world.name)
        began = asyncio.get_running_loop().time()
        child = await asyncio.create_subprocess_exec(sys.executable, tether.__file__, str(os.getpid()), *of_world)
        try:
            code = await child.wait()
        except asyncio.CancelledError:
            await _stop(child)
            raise
        if verb == END and code == 0:
            return
        lasted_s = asyncio.get_running_loop().time() - began
        wait_s = FIRST_WAIT_S if lasted_s > LONGEST_WAIT_S else min(wait_s * 2, LONGEST_WAIT_S)
        log.error("the process of world %s ended (%s); starting it again in %.1f s", world.name, code, wait_s)
        await asyncio.sleep(wait_s)


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), STOP_WITHIN_S)
    except TimeoutError:
        child.kill()
        await child.wait()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
