"""What can be replayed at a node: its own worlds, also those that ended, and files of logs in its folder."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from laurel.core.errors import BadField, Broken, LaurelError, Nothing
from laurel.core.record import World
from laurel.node.carry import tether
from laurel.node.home import keys
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout, read_settings
from laurel.node.home.terms import read_terms
from laurel.node.replay.opened import extent, of_file
from laurel.node.replay.shown import Shelf, ShelfKind, Shelved

MOST_OPEN = 4
STARTS_WITHIN_S = 30.0
LEAVE_AFTER_S = 1_800.0
FILES = (".jsonl", ".dsse", ".log")


class CannotReplay(Broken):
    """The process that shows it ended."""

    says = "this log could not be opened"
    remedy = "the node's log says why; laurel replay opens it in a terminal"


def shelf(layout: Layout) -> Shelf:
    """Everything that can be replayed, the node's own worlds first."""
    worlds = (_world(layout, world) for world in keys.worlds(layout))
    return Shelf((*worlds, *_files(layout)), str(layout.archives))


def _world(layout: Layout, world: World) -> Shelved:
    place, node = layout.world(world), read_settings(layout).member
    terms = read_terms(place)
    title = load_compact(world.compact).title if terms is None else terms.title
    kind = ShelfKind.LIVE if world.exercise is None else ShelfKind.EXERCISE
    ended = terms is not None and terms.halt is not None
    found = Shelved(world.name, kind, world.name, world.exercise, title, node, 0, ended)
    try:
        return replace(found, records=extent(layout, world))
    except LaurelError as error:
        return replace(found, trouble=str(error))


def _files(layout: Layout) -> Iterator[Shelved]:
    if not layout.archives.is_dir():
        return
    for file in sorted(layout.archives.iterdir()):
        if not file.is_file() or file.suffix not in FILES:
            continue
        found = Shelved(file.name, ShelfKind.FILE, "", None, file.name, "", 0, ended=True)
        try:
            source = of_file(file)
        except LaurelError as error:
            yield replace(found, trouble=str(error))
            continue
        world, node = source.world, source.cards.me
        yield replace(found, world=world.name, exercise=world.exercise, node=node, records=source.records)


def asked_for(layout: Layout, name: str) -> tuple[str, ...]:
    """How `laurel replay` is asked for that log. Raises Nothing, BadField."""
    for world in keys.worlds(layout):
        if world.name == name:
            return (str(layout.folder), "--world", world.name)
    if Path(name).name != name or Path(name).suffix not in FILES:
        raise BadField(field="name", value=name, must_be="a name of the shelf")
    if not (layout.archives / name).is_file():
        raise Nothing(log=name, folder=layout.archives)
    return (str(layout.archives / name), "--node", str(layout.folder))


@dataclass(frozen=True)
class _Shown:
    child: asyncio.subprocess.Process
    url: str


class Replays:
    """The replays that this process has opened. Each is a process of its own, and ends with this one."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._open: dict[str, _Shown] = {}
        self._turn = asyncio.Lock()

    def shelf(self) -> Shelf:
        """What can be replayed, and where what is open is shown."""
        found, opened = shelf(self._layout), self._running()
        logs = (replace(one, url=opened[one.name].url) if one.name in opened else one for one in found.logs)
        return replace(found, logs=tuple(logs))

    async def open(self, name: str) -> Shelved:
        """Show that log; where it is shown already, there. Raises Nothing, BadField, CannotReplay."""
        async with self._turn:
            self._open = self._running()
            if name not in self._open:
                asked = asked_for(self._layout, name)
                if len(self._open) >= MOST_OPEN:
                    raise BadField(field="name", value=name, must_be=f"one of {MOST_OPEN} at most: close another first")
                self._open[name] = await _start(asked)
        found = await asyncio.to_thread(self.shelf)
        return next(one for one in found.logs if one.name == name)

    async def close(self, name: str) -> None:
        """Show it no more."""
        async with self._turn:
            found = self._open.pop(name, None)
            if found is not None and found.child.returncode is None:
                found.child.terminate()
                await found.child.wait()

    def _running(self) -> dict[str, _Shown]:
        return {name: one for name, one in self._open.items() if one.child.returncode is None}


async def _start(asked: tuple[str, ...]) -> _Shown:
    command = (sys.executable, "-m", "laurel.cli", "replay", *asked, "--leave", str(LEAVE_AFTER_S))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, tether.__file__, str(os.getpid()), *command), stdout=asyncio.subprocess.PIPE
    )
    told = cast("asyncio.StreamReader", child.stdout)
    try:
        url = await asyncio.wait_for(_address(told), STARTS_WITHIN_S)
    except TimeoutError:
        child.kill()
        url = ""
    if not url:
        raise CannotReplay(log=" ".join(asked))
    return _Shown(child, url)


async def _address(told: asyncio.StreamReader) -> str:
    """The address it prints; empty when it ended before."""
    async for line in told:
        if line.startswith(b"http"):
            return line.decode().strip()
    return ""
