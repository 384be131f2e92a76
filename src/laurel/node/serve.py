"""One world's process: store, station, courier and doors, until it is told to stop.

A world has a process of its own, so that an exercise can neither slow the live world nor share its memory.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvicorn
from litestar.types import ASGIApp

from laurel.core.errors import Broken, LaurelError
from laurel.core.record import SALT_BYTES
from laurel.core.record import World as WorldName
from laurel.instruments import INSTRUMENTS
from laurel.instruments.warning.rehearse import rehearse
from laurel.node.carry.courier import Courier
from laurel.node.carry.listening import listen
from laurel.node.clock import Clock, RealClock
from laurel.node.errands import Running
from laurel.node.excon import Excon
from laurel.node.exercise_clock import ExerciseClock
from laurel.node.exercises import follow_endings, follow_exercises
from laurel.node.filing import follow_members
from laurel.node.halting import follow_halts, halted, until_halted
from laurel.node.home import keyfiles, keys
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout, Settings, WorldLayout, read_settings
from laurel.node.home.terms import Terms, http_port, read_terms
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.keep.views import bring_up_to_date
from laurel.node.level import follow_clock
from laurel.node.lines import follow_links
from laurel.node.members import Keys
from laurel.node.people import People
from laurel.node.policies import house
from laurel.node.rotation import follow_keys
from laurel.node.site import Site
from laurel.node.station import Station
from laurel.node.world import World

ROSTER_EVERY_S = 0.5
KEEP_IDLE_S = 10
MAX_CONNECTIONS = 1_000
MAX_SAID_BYTES = 65_536
FOLLOW_EVERY_S = 0.1
REHEARSE_AFTER_S = 1.0
TELL_WITHIN_S = 0.5

MakeApp = Callable[[Site, People], ASGIApp]
log = logging.getLogger(__name__)


class NotYetJoined(Broken):
    """An exercise world needs its terms."""

    says = "this exercise world has no terms yet"
    remedy = "join the exercise from the live world: laurel exercise join-here"


def world_named(name: str) -> WorldName:
    """`camp-david` or `camp-david.freedom-27`."""
    compact, _, exercise = name.partition(".")
    return WorldName(compact, exercise or None)


def open_store(place: WorldLayout, *, writes: bool = True) -> Store:
    """The world's database. Raises WorldInUse, NewerDatabase."""
    return Store(place.database, place.world, Catalogue(INSTRUMENTS).tables, writes=writes)


def open_world(layout: Layout, name: WorldName) -> World:
    """A world ready to say and receive, its views up to date. Raises LaurelError."""
    place = layout.world(name)
    catalogue = Catalogue(INSTRUMENTS)
    roster = keys.load_roster(layout, name)
    store = open_store(place)
    for changed in bring_up_to_date(store, catalogue):
        log.info("made the view of %s again", changed)
    salt = partial(secrets.token_bytes, SALT_BYTES)
    compact = load_compact(name.compact)
    border = house(compact.ceiling, compact.clearances)
    return World(store, catalogue, roster, read_keys(place), _clock(place), salt, border)


def read_keys(place: WorldLayout) -> Keys:
    """What lies here in secret. Raises BadKeyFile."""
    signing = {name: key for name, (_, key) in keyfiles.signing_keys(place).items()}
    return Keys(signing, keyfiles.sealing_keys(place))


def _clock(place: WorldLayout) -> Clock:
    if place.world.exercise is None:
        return RealClock()
    return ExerciseClock(_terms(place).starts_at)


def _terms(place: WorldLayout) -> Terms:
    terms = read_terms(place)
    if terms is None:
        raise NotYetJoined(world=place.world.name)
    return terms


def http(app: ASGIApp, settings: Settings, wire: type[asyncio.Protocol]) -> uvicorn.Config:
    """How HTTP is spoken, and how much of it at once."""
    return uvicorn.Config(
        cast("Any", app),
        http=wire,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Only the server before us, on this machine, may say for whom it asks.
        proxy_headers=settings.behind_tls,
        forwarded_allow_ips="127.0.0.1",
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=2,
        # Longer than programs keep a line that they do not use (httpx: 5 s): given up by both at once, it costs an ask.
        timeout_keep_alive=KEEP_IDLE_S,
        ws_max_size=MAX_SAID_BYTES,
    )


class Served(uvicorn.Server):
    """A server that is told when to leave: a signal to its process means more than that (`_stop`)."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """None."""
        yield


async def serve_world(folder: Path, name: WorldName, make_app: MakeApp, wire: type[asyncio.Protocol]) -> None:
    """Serve one world until SIGTERM or SIGINT. Raises LaurelError."""
    layout = Layout(folder)
    settings = read_settings(layout)
    compact = load_compact(name.compact)
    place = layout.world(name)
    live = name.exercise is None
    if not live:
        _terms(place)
    port = http_port(settings, place)
    listening = listen(settings.listens_on, port)
    station = Station(open_world(layout, name))
    station.listen_first()
    courier = Courier(station, keys.credentials(layout, name), RealClock().now)
    station.on_gap = courier.heads_now
    title = compact.title if live else _terms(place).title
    excon = None if live else Excon(station)
    site = Site(station, layout, settings, compact, title, courier.links, excon)
    people = People(layout.people, timedelta(minutes=settings.lock_after_min))
    app = make_app(site, people)
    follow = partial(_follow_live, site) if live else partial(follow_clock, station)
    server = Served(http(app, settings, wire))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await follow()
    tasks = [
        asyncio.create_task(station.run()),
        asyncio.create_task(courier.run()),
        asyncio.create_task(_follow_log(station, follow)),
        asyncio.create_task(_follow_roster(layout, station)),
        asyncio.create_task(follow_keys(layout, station)),
        asyncio.create_task(Running(station, layout if live else None).run()),
        asyncio.create_task(server.serve(sockets=[listening])),
    ]
    if excon is None:
        tasks.append(asyncio.create_task(follow_links(station, courier.links)))
        tasks.append(asyncio.create_task(follow_endings(site)))
        tasks.append(asyncio.create_task(follow_halts(site)))
    else:
        tasks.append(asyncio.create_task(excon.run()))
    log.info("%s serves %s on port %d", settings.member, name.name, port)
    beside = [asyncio.create_task(rehearse_soon()), asyncio.create_task(_stop(stopping, server, site))]
    if not live:
        beside.append(asyncio.create_task(until_halted(site)))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (*tasks, *beside):
            task.cancel()
        await asyncio.gather(*tasks, *beside, return_exceptions=True)
        station.close()
        people.close()


async def _stop(stopping: asyncio.Event, server: uvicorn.Server, site: Site) -> None:
    """When told to: where an exercise was halted, its screens are told first."""
    await stopping.wait()
    try:
        if site.station.world.exercise is not None and await halted(site) is not None:
            await asyncio.sleep(TELL_WITHIN_S)
    finally:
        server.should_exit = True


async def rehearse_soon() -> None:
    """When the first page is out, load what is compiled: the first missile must not wait for it."""
    await asyncio.sleep(REHEARSE_AFTER_S)
    # A node that is told to stop does not wait for it.
    threading.Thread(target=rehearse, name="rehearsal", daemon=True).start()


async def _follow_log(station: Station, follow: Callable[[], Awaitable[None]]) -> None:
    """Do what the log asks of the shell itself, soon after it grows: what is on its way to a screen goes first."""
    async with station.listening() as changed:
        while True:
            await changed.wait()
            await asyncio.sleep(FOLLOW_EVERY_S)
            changed.clear()
            await follow()


async def _follow_live(site: Site) -> None:
    await follow_members(site)
    await follow_exercises(site)


async def _follow_roster(layout: Layout, station: Station) -> None:
    """Members admitted or expelled while we run are known within half a second."""
    while True:
        with suppress(FileNotFoundError):
            try:
                roster = keys.load_roster(layout, station.world)
            except LaurelError:
                log.exception("the roster could not be read; the last one stays in force")
            else:
                belong = station.roster.standings if station.world.exercise is None else roster.standings
                if (roster.cards, belong) != (station.roster.cards, station.roster.standings):
                    await station.take_cards(roster)
        await asyncio.sleep(ROSTER_EVERY_S)
