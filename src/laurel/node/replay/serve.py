"""The process of one replay: a world without keys, courier or reactions, shown at a port of its own."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import uvicorn
from litestar.types import ASGIApp
from typing_extensions import override

from laurel.core.errors import Nothing
from laurel.core.instrument import Role
from laurel.core.record import SALT_BYTES
from laurel.core.record import World as WorldName
from laurel.instruments import INSTRUMENTS
from laurel.node.carry.listening import listen
from laurel.node.clock import RealClock, monotonic
from laurel.node.doorstep import is_served, link_url, world_url
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout, Settings, join_address, make_folder, read_settings
from laurel.node.home.terms import read_terms
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.members import Keys
from laurel.node.people import People
from laurel.node.policies import house
from laurel.node.replay.opened import Source, of_file, of_world
from laurel.node.replay.player import Player, ReplayClock
from laurel.node.replay.shown import Replay
from laurel.node.replay.telling import Telling
from laurel.node.serve import http, rehearse_soon
from laurel.node.site import LinkRow, Site, Trouble, WorldLink
from laurel.node.station import Station
from laurel.node.world import World

LOOK_EVERY_S = 5.0
JUST_NOW_S = 60.0
VIEWER = "viewer"
DATABASE = "replay.db"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReplaySite(Site):
    """A replay, as its doors see it. `alone`: it belongs to no node, and who looks at it has an account here alone."""

    player: Player
    alone: bool

    @override
    def links(self) -> tuple[LinkRow, ...]:
        """Nothing is carried, so there is no line."""
        return ()

    @override
    def worlds(self) -> tuple[WorldLink, ...]:
        """The node's own worlds, to go back to."""
        return () if self.alone else super().worlds()

    @override
    def trouble(self) -> Trouble:
        """What troubles a node now is no part of what was."""
        return Trouble((), ())

    @override
    def replay(self) -> Replay:
        """Where it stands."""
        return self.player.shown()


MakeReplayApp = Callable[[ReplaySite, People], ASGIApp]


@dataclass(frozen=True)
class Asked:
    """The log `of` a world of the node in `folder`, or of a file, which that node may vouch for.

    `port` 0 takes a free one. With `leave_after_s` it ends when nobody has looked at it for so long.
    """

    folder: Path | None
    of: WorldName | Path
    port: int = 0
    leave_after_s: float | None = None

    def source(self) -> Source:
        """The log. Raises LaurelError."""
        layout = None if self.folder is None else Layout(self.folder)
        if isinstance(self.of, Path):
            return of_file(self.of, layout)
        if layout is None:
            raise Nothing(world=self.of.name, folder="none was named")
        return of_world(layout, self.of)


async def serve_replay(
    asked: Asked, make_app: MakeReplayApp, wire: type[asyncio.Protocol], ready: Callable[[str], None]
) -> None:
    """Show it until SIGTERM or SIGINT, or until nobody looks. `ready` is told where. Raises LaurelError."""
    source = asked.source()
    with _room(asked.folder) as room:
        catalogue = Catalogue(INSTRUMENTS)
        store = Store(room / DATABASE, source.world, catalogue.tables)
        layout = Layout(room if asked.folder is None else asked.folder)
        settings = _settings(asked, source)
        people = People(layout.people, timedelta(minutes=settings.lock_after_min))
        with closing(people), closing(listen(settings.listens_on, asked.port)) as listening:
            port: int = listening.getsockname()[1]
            telling = Telling(source, store, catalogue)
            clock = ReplayClock(RealClock().now())
            station = Station(_world(telling, catalogue, clock))
            live = None if asked.folder is None else _live_url(layout, source.world)
            player = Player(station, telling, clock, live)
            site = ReplaySite(
                station,
                layout,
                settings,
                load_compact(source.world.compact),
                _title(layout, source.world, alone=asked.folder is None),
                dict,
                None,
                player,
                asked.folder is None,
            )
            page = f"http://{join_address(settings.host, port)}/{source.world.name}"
            if site.alone:
                page = link_url(page, people.link(VIEWER, [Role.AUDITOR], RealClock().now()))
            server = uvicorn.Server(http(make_app(site, people), settings, wire))
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, partial(_stop, server))
            beside = [asyncio.create_task(one) for one in (player.open(), rehearse_soon())]
            try:
                tasks = [
                    asyncio.create_task(server.serve(sockets=[listening])),
                    asyncio.create_task(player.run()),
                    asyncio.create_task(_until_left(server, station, asked.leave_after_s)),
                ]
                # Who is told where comes at once: it waits at the socket until the server answers.
                listening.listen()
                ready(page if site.alone else f"{page}/")
                await _first_of(tasks)
            finally:
                for task in beside:
                    task.cancel()
                station.close()


def _stop(server: uvicorn.Server) -> None:
    server.should_exit = True


async def _first_of(tasks: list[asyncio.Task[None]]) -> None:
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_left(server: uvicorn.Server, station: Station, after_s: float | None) -> None:
    """A log that nobody looks at any more is not left lying open."""
    left_s = monotonic()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        if station.watched:
            left_s = monotonic()
        if after_s is not None and monotonic() - left_s > after_s:
            log.info("nobody looks at this replay any more")
            _stop(server)
            return


def _world(telling: Telling, catalogue: Catalogue, clock: ReplayClock) -> World:
    """The world, with no key to sign, seal or open anything with."""
    source = telling.source
    compact = load_compact(source.world.compact)
    border = house(compact.ceiling, compact.clearances)
    salt = partial(secrets.token_bytes, SALT_BYTES)
    return World(telling.store, catalogue, source.cards, Keys({}), clock, salt, border)


def _settings(asked: Asked, source: Source) -> Settings:
    if asked.folder is not None:
        return read_settings(Layout(asked.folder))
    name = source.cards.names.get(source.cards.me, source.cards.me)
    return Settings(source.cards.me, name, source.world.compact, "127.0.0.1", asked.port or 1, 1)


def _title(layout: Layout, world: WorldName, *, alone: bool) -> str:
    terms = None if alone or world.exercise is None else read_terms(layout.world(world))
    return load_compact(world.compact).title if terms is None else terms.title


def _live_url(layout: Layout, world: WorldName) -> str | None:
    """Where the live world of that compact is, when this node has one."""
    live = WorldName(world.compact)
    return f"{world_url(layout, live)}/{live.name}/" if layout.world(live).database.exists() else None


@contextmanager
def _room(node: Path | None) -> Generator[Path]:
    """A folder for the copy, within the node's own walls, and gone afterwards. What a killed replay left goes too."""
    if node is None:
        with tempfile.TemporaryDirectory(prefix="laurel-replay-") as made:
            yield Path(made)
        return
    walls = Layout(node).replays
    make_folder(walls)
    for left in walls.iterdir():
        # One that was made just now may not be locked yet.
        if RealClock().now().timestamp() - left.stat().st_mtime > JUST_NOW_S and not is_served(left / DATABASE):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=walls) as made:
        yield Path(made)
