"""The stream to the screens: what the live queries answer, the clock and the lines, as they change."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler

from laurel.api.door import Door
from laurel.core.errors import CrossSite, LaurelError, NotPermitted, SignInNeeded, TooMany
from laurel.node.clock import RealClock
from laurel.node.people.sessions import Session
from laurel.node.site import Site

STREAM_EVERY_S = 0.02
STREAM_SHARE = 0.25
BURST_S = 0.25
CLOCK_EVERY_S = 5.0
OLDEST_S = 1.0
CLOSES: Mapping[type[LaurelError], int] = {SignInNeeded: 4401, NotPermitted: 4403, CrossSite: 4403, TooMany: 4429}

log = logging.getLogger(__name__)


def stream_route(door: Door) -> BaseRouteHandler:
    """The WebSocket that every screen listens at."""
    station = door.site.station
    screens = Screens(door.site)
    streams: Counter[str] = Counter()

    @websocket("/stream")
    async def stream(socket: WebSocket[Any, Any, Any]) -> None:
        """Live queries, clock and links: at once after a commit, and every 5 s.

        In a flood of commits 50 times a second at most, and for no more than a quarter of the time.
        """
        await socket.accept()
        try:
            watcher = Watcher(door, socket, streams)
        except LaurelError as error:
            await socket.close(code=CLOSES.get(type(error), 4400), reason=error.remedy[:120])
            return
        seconds = asyncio.get_running_loop().time
        leaving = asyncio.create_task(_until_gone(socket))
        try:
            async with station.listening() as changed:
                free_s = 0.0
                while not leaving.done():
                    changed.clear()
                    began_s = seconds()
                    for message in (*watcher.messages(), *await screens.messages()):
                        await socket.send_text(message)
                    # A few at once are shown at once: only what goes on like that is slowed down.
                    cost_s = max(STREAM_EVERY_S, (seconds() - began_s) / STREAM_SHARE)
                    free_s = max(free_s, began_s - BURST_S) + cost_s
                    await asyncio.sleep(free_s - seconds())
                    await _first_of(changed, leaving)
        except WebSocketDisconnect:
            log.debug("a screen went away")
        except LaurelError as error:
            # Signed out, or shut out: this screen shows no more.
            await socket.close(code=CLOSES.get(type(error), 4400), reason=error.remedy[:120])
        finally:
            leaving.cancel()
            watcher.leave()

    return stream


async def _until_gone(socket: WebSocket[Any, Any, Any]) -> None:
    try:
        while True:
            await socket.receive_data(mode="text")
    except WebSocketDisconnect:
        log.debug("a screen closed its stream")


async def _first_of(changed: asyncio.Event, leaving: asyncio.Task[None]) -> None:
    waiter = asyncio.create_task(changed.wait())
    await asyncio.wait({waiter, leaving}, timeout=CLOCK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()


class Watcher:
    """Who looks at one stream, asked again before each look: a session may lock or end while it is open.

    A locked one goes on: a screen that warns must not go dark. Raises as `Door.reader`, and TooMany.
    """

    def __init__(self, door: Door, socket: WebSocket[Any, Any, Any], streams: Counter[str]) -> None:
        self._door = door
        self._socket = socket
        self._streams = streams
        self.name = door.reader(socket, "stream", warns=True).name
        if streams[self.name] >= door.streams:
            raise TooMany(wait_s=5, streams=streams[self.name], by=self.name)
        streams[self.name] += 1
        self._told: str | None = None
        door.site.station.audit_door("stream-opened", self.name, door.address(socket))

    def messages(self) -> tuple[str, ...]:
        """How the session stands, where that changed. Raises SignInNeeded, NotPermitted."""
        session = self._door.again(self._socket).session
        told = "" if session is None else _json({"type": "session", "session": _standing(session)})
        if told == self._told or not told:
            return ()
        if session is not None and session.locked is not None and self._told is not None:
            self._door.site.station.audit_door("locked", self.name, f"session {session.name}: {session.locked}")
        self._told = told
        return (told,)

    def leave(self) -> None:
        """The stream is closed."""
        self._streams[self.name] -= 1
        self._door.site.station.audit_door("stream-closed", self.name, self._door.address(self._socket))


def _standing(session: Session) -> dict[str, object]:
    return {"officer": session.officer, "locked": session.locked, "expires_at": session.expires_at}


class Screens:
    """One world's screens."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._real = RealClock()
        self._live = [
            (f"{instrument.name}/{query.name}", query)
            for instrument in site.station.inner.catalogue.instruments
            for query in instrument.queries
            if query.live
        ]
        self._generation = -1
        self._made_s = self._looked_s = -OLDEST_S
        self._making: asyncio.Future[tuple[str, ...]] | None = None
        self._links: tuple[str, ...] = ()

    async def messages(self) -> tuple[str, ...]:
        """All there is to show after the last commit, as JSON: what is in flight first."""
        now_s = asyncio.get_running_loop().time()
        generation = self._site.station.generation
        if self._making is None or generation != self._generation or now_s - self._made_s > OLDEST_S:
            self._generation, self._made_s = generation, now_s
            self._making = asyncio.ensure_future(self._make())
        return await asyncio.shield(self._making)

    async def _make(self) -> tuple[str, ...]:
        station = self._site.station
        answers = await station.reading(self._answers)
        clock = station.inner.clock
        reading = {"type": "clock", "now": clock.now(), "rate": clock.rate(), "real": self._real.now()}
        if self._made_s - self._looked_s >= OLDEST_S:
            self._looked_s = self._made_s
            trouble = await station.reading(self._site.trouble)
            self._links = (_json({"type": "links", "links": self._site.links(), "trouble": trouble}),)
        return (*answers, _json(reading), *self._links)

    def _answers(self) -> list[str]:
        """All live queries as of one moment: each alone would wait its turn among the readers."""
        judged = self._site.station.inner.judge_all((path, query.ask()) for path, query in self._live)
        named = zip((query.name for _, query in self._live), judged, strict=True)
        return [_json({"type": name, name: answer}) for name, answer in named]


def _json(message: Mapping[str, object]) -> str:
    return msgspec.json.encode(message).decode()
