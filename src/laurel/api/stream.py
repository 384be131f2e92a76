"""The stream to the screens: what the live queries answer, the clock and the lines, as they change."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from laurel.api.changes import changes
from laurel.api.door import Door
from laurel.api.messages import ClockMessage, HaltedMessage, HaltedPlay, LinksMessage, SessionMessage, SessionStanding
from laurel.core.errors import CrossSite, LaurelError, NotPermitted, SignInNeeded, TooMany
from laurel.core.instrument import Query
from laurel.instruments.warning.picture_types import Picture
from laurel.node.clock import RealClock
from laurel.node.keep.standing import HIDES
from laurel.node.keep.store import last_of
from laurel.node.people.sessions import Session
from laurel.node.site import Site

STREAM_EVERY_S = 0.02
STREAM_SHARE = 0.25
BURST_S = 0.25
AGAIN_S = 0.5
"""Looked at that often, and answered again when that old: so nothing on a screen is older than twice that."""
CLOSES: Mapping[type[LaurelError], int] = {SignInNeeded: 4401, NotPermitted: 4403, CrossSite: 4403, TooMany: 4429}

log = logging.getLogger(__name__)


def stream_route(door: Door) -> BaseRouteHandler:
    """The WebSocket that every screen listens at."""
    station = door.site.station
    screens = Screens(door.site)
    streams: Counter[str] = Counter()

    @websocket("/stream")
    async def stream(socket: WebSocket[Any, Any, Any]) -> None:
        """Live queries, clock and links, what is new of them: at once after a commit, and twice a second.

        In a flood of commits 50 times a second at most, and for no more than a quarter of the time. With
        `?changes=columns` the picture comes as its changes (`changes.py`), and anew for who sends `whole`.
        """
        await socket.accept()
        try:
            watcher = Watcher(door, socket, streams)
        except LaurelError as error:
            await socket.close(code=CLOSES.get(type(error), 4400), reason=error.remedy[:120])
            return
        seconds = asyncio.get_running_loop().time
        frames = Frames() if socket.query_params.get("changes") == "columns" else None
        leaving = asyncio.create_task(_until_gone(socket, frames))
        telling = asyncio.create_task(_tell_halt(socket, door.site))
        try:
            async with station.listening() as changed:
                shown: Mapping[str, Message] = {}
                free_s = 0.0
                while not leaving.done():
                    changed.clear()
                    began_s = seconds()
                    for message in watcher.messages():
                        await socket.send_text(message)
                    before, shown = shown, await screens.messages()
                    for name, message in shown.items():
                        if message == before.get(name):
                            continue
                        if frames is not None and name == "picture":
                            frame = await asyncio.to_thread(frames.following, message.body["picture"])
                            await socket.send_bytes(frame)
                        else:
                            await socket.send_text(message.json)
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
            telling.cancel()
            watcher.leave()

    return stream


async def _until_gone(socket: WebSocket[Any, Any, Any], frames: Frames | None) -> None:
    try:
        while True:
            said = await socket.receive_data(mode="text")
            if frames is not None and said == "whole":
                frames.begin()
    except WebSocketDisconnect:
        log.debug("a screen closed its stream")


async def _tell_halt(socket: WebSocket[Any, Any, Any], site: Site) -> None:
    """REAL WORLD, before whatever else this screen waits for."""
    halt = await site.station.until_halted()
    name, compact = site.station.world.exercise or "", site.station.world.compact
    live = next(one.url for one in site.worlds() if one.world == compact)
    play = HaltedPlay(name, halt.member, halt.author, halt.reason, halt.at, live)
    with suppress(WebSocketDisconnect):
        await socket.send_text(_json(HaltedMessage(play)))


async def _first_of(changed: asyncio.Event, leaving: asyncio.Task[None]) -> None:
    waiter = asyncio.create_task(changed.wait())
    await asyncio.wait({waiter, leaving}, timeout=AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
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
        told = "" if session is None else _json(SessionMessage(_standing(session)))
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


def _standing(session: Session) -> SessionStanding:
    return SessionStanding(session.officer, session.locked, session.expires_at)


class Frames:
    """What one screen was told of the picture, and what it must be told next."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The next frame tells the whole."""
        self._told: tuple[Picture | None, int] = (None, 0)

    def following(self, picture: Picture) -> bytes:
        """The frame after which the screen shows this."""
        began = self._told
        before, number = began
        frame = changes(before, picture, number)
        # Who asks for the whole meanwhile, in another thread, still gets it.
        if self._told is began:
            self._told = (picture, number + 1)
        return frame


@dataclass(frozen=True)
class Message:
    """Something to show. Its JSON is made once, for the first screen that wants it."""

    body: Any

    @cached_property
    def json(self) -> str:
        """As it goes over the wire."""
        return _json(self.body)


class _Live(NamedTuple):
    """A live query, where it is asked, and the kinds whose records may change its answer."""

    query: Query[Any, Any]
    path: str
    kinds: frozenset[str]


class _Answer(NamedTuple):
    """What a screen is sent, when it was made, what may change it, and where in the log the last such record stood.

    What may change it are the tables that were read, or the kinds of the query where it read more than tables.
    """

    message: Message
    made_s: float
    follows: frozenset[str]
    last: int


class Screens:
    """One world's screens. A live query is answered again once the log took what may change its answer, or time did."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._real = RealClock()
        catalogue = site.station.inner.catalogue
        self._live = [
            _Live(query, f"{instrument.name}/{query.name}", catalogue.changing(instrument))
            for instrument in catalogue.instruments
            for query in instrument.queries
            if query.live
        ]
        self._turn = asyncio.Lock()
        self._generation = -1
        self._made_s = self._looked_s = -AGAIN_S
        self._answers: dict[str, _Answer] = {}
        self._links = Message({})
        self._messages: Mapping[str, Message] = {}

    async def messages(self) -> Mapping[str, Message]:
        """All there is to show after the last commit, by type: what is in flight first."""
        wanted = self._site.station.generation
        # One at a time, so that no answer gives way to an older one.
        async with self._turn:
            now_s = asyncio.get_running_loop().time()
            if self._generation < wanted or now_s - self._made_s >= AGAIN_S:
                self._messages = await self._make(now_s)
            return self._messages

    async def _make(self, now_s: float) -> Mapping[str, Message]:
        station = self._site.station
        generation, self._made_s = station.generation, now_s
        if due := self._due(now_s):
            self._answers |= await station.reading(lambda: self._judge(due, now_s))
        clock = station.inner.clock
        reading = Message(ClockMessage(clock.now(), clock.rate(), self._real.now()))
        if now_s - self._looked_s >= AGAIN_S:
            trouble = await station.reading(self._site.trouble)
            self._links = Message(LinksMessage(tuple(self._site.links()), trouble))
            self._looked_s = now_s
        self._generation = generation
        shown = {live.query.name: self._answers[live.path].message for live in self._live}
        replay = self._site.replay()
        if replay is not None:
            shown["replay"] = Message({"type": "replay", "replay": replay})
        return {**shown, "clock": reading, "links": self._links}

    def _due(self, now_s: float) -> list[_Live]:
        """What must be answered again."""
        due: list[_Live] = []
        taken = self._site.station.inner.store.taken
        for live in self._live:
            answer = self._answers.get(live.path)
            if answer is None or answer.last != last_of(taken, answer.follows) or now_s - answer.made_s >= AGAIN_S:
                due.append(live)
        return due

    def _judge(self, due: Sequence[_Live], now_s: float) -> dict[str, _Answer]:
        """These answers as of one moment: each alone would wait its turn among the readers."""
        world = self._site.station.inner
        # Before the answers are made: what comes meanwhile may be in them or not, and then they are made again.
        taken = world.store.taken
        answers: dict[str, _Answer] = {}
        for live, one in zip(due, world.judge_all((live.path, live.query.ask()) for live in due), strict=True):
            follows = live.kinds if one.tables is None else HIDES | one.tables
            message = Message({"type": live.query.name, live.query.name: one.answer})
            answers[live.path] = _Answer(message, now_s, follows, last_of(taken, follows))
        return answers


def _json(message: Struct | Mapping[str, object]) -> str:
    return msgspec.json.encode(message).decode()
