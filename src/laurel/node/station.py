"""A world at work: its writer thread, its readers, its courier, its alarm clock and its listeners.

Doors and the courier speak to the world only through here. Asks that come together are committed
together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from laurel.core.errors import LaurelError, StillListening, Untrusted
from laurel.core.record import World as WorldName
from laurel.core.roster import Roster
from laurel.node.carry.intake import set_within
from laurel.node.carry.road import Waiting
from laurel.node.keep.reached import Reached
from laurel.node.outbox import Outbox
from laurel.node.witness import Witness
from laurel.node.world import Asked, Said, World

MAX_TOGETHER = 64
MAX_QUEUED = 4_096
FOLLOW_AFTER_S = 0.005
LONGEST_SLEEP_S = 5.0
SHORTEST_SLEEP_S = 0.2
LOOK_EVERY_S = 0.2
WAIT_AT_THE_DOOR_S = 8.0

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Station:
    """One world, served to everything asynchronous around it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.outbox = Outbox(world)
        self.witness = Witness(world, self.outbox)
        self._writer = ThreadPoolExecutor(1, "writer")
        self._readers = ThreadPoolExecutor(3, "reader")
        self._asks: asyncio.Queue[tuple[Asked, asyncio.Future[Said]]] = asyncio.Queue(MAX_QUEUED)
        self.outgoing = asyncio.Event()
        self._behind = asyncio.Event()
        self._alarm = asyncio.Event()
        self._listeners: set[asyncio.Event] = set()
        self._generation = 0
        self._speaks = asyncio.Event()
        self._news = asyncio.Event()
        self.on_gap: Callable[[str], None] | None = None
        self._reached: Reached | None = None

    @property
    def world(self) -> WorldName:
        """Which world this is."""
        return self._world.store.world

    @property
    def roster(self) -> Roster:
        """Its members as known now."""
        return self._world.roster

    @property
    def inner(self) -> World:
        """The world itself, for what only reads its catalogue, clock or keys."""
        return self._world

    @property
    def generation(self) -> int:
        """Grows whenever there is something new to look at."""
        return self._generation

    def take_roster(self, roster: Roster) -> None:
        """Members were admitted or left."""
        self._world.roster = roster
        self.outgoing.set()

    def listen_first(self) -> None:
        """Say nothing to peers before they have told how far they hold what we said."""
        store = self._world.store
        self._reached = Reached(store.path.with_suffix(".reached"))
        self._world.recovery.listen(self.roster.peers, self._reached.behind(store.position), self._reached.top)

    # Asks and queries

    async def say(self, asked: Asked) -> Said:
        """Say it, together with whatever else is waiting. Raises LaurelError.

        What names a peer waits a while at the door when this node is still finding out what it said before.
        """
        try:
            return await self._say(asked)
        except StillListening:
            self._speaks.clear()
            self._news.set()
            await set_within(self._speaks, WAIT_AT_THE_DOOR_S)
            return await self._say(asked)

    async def _say(self, asked: Asked) -> Said:
        done: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        await self._asks.put((asked, done))
        return await done

    async def judge(self, path: str, ask: Struct) -> Any:
        """Answer a query."""
        return await self._reading(lambda: self._world.judge(path, ask))

    async def reading(self, read: Callable[[], Result]) -> Result:
        """Run something that only reads, beside the writer."""
        return await self._reading(read)

    async def _reading(self, read: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    async def _writing(self, write: Callable[[], Result]) -> Result:
        before = self._world.store.position
        result = await asyncio.get_running_loop().run_in_executor(self._writer, write)
        if self._world.store.position != before:
            self._note_reached()
            self.stir()
        return result

    def _note_reached(self) -> None:
        # While it is not certain that nothing is missing, the old mark stands.
        if self._reached is not None and self._speaks.is_set():
            store, me = self._world.store, self.roster.me
            top = max((stand.number for lane, stand in store.stands.items() if lane.origin == me), default=0)
            self._reached.note(store.position, top)

    def stir(self) -> None:
        """Let everything that listens or sleeps look again: the log has grown, or the clock was set."""
        self._generation += 1
        for listener in self._listeners:
            listener.set()
        self._alarm.set()

    # The road, for the courier

    async def waiting(self, peer: str, limit: int) -> Sequence[Waiting]:
        """Parcels for a peer, highest precedence first."""
        return await self._reading(lambda: self.outbox.waiting(peer, limit))

    async def carried(self, peer: str, positions: Sequence[int]) -> None:
        """The road has them."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self.outbox.carried, peer, positions)

    async def receive(self, peer: str, wrapped: Sequence[bytes]) -> None:
        """Take parcels in. On return they are on the disk."""
        received = await self._writing(lambda: self._world.receive(peer, wrapped))
        for refused in received.refused:
            log.error("refused a record from %s: %s", peer, refused.error)
        self._behind.set()
        if received.tell:
            self.outgoing.set()
        if received.recovered:
            self._news.set()
        # There is more to ask for.
        asks = received.recovered and self._world.recovery.claims
        if (peer in received.gaps or asks) and self.on_gap is not None:
            self.on_gap(peer)

    async def heads(self, peer: str) -> bytes:
        """What we said and hold, signed."""
        return await self._reading(lambda: self.witness.heads(peer))

    async def hear(self, peer: str, heads: bytes) -> None:
        """What a peer said and holds."""
        loop = asyncio.get_running_loop()
        try:
            if await loop.run_in_executor(self._writer, self.witness.hear, peer, heads):
                self.outgoing.set()
        except Untrusted as error:
            log.warning("refused heads from %s: %s", peer, error)
        if self._world.recovery.quiet or not self._speaks.is_set():
            self._news.set()
            if self._world.recovery.claims and self.on_gap is not None:
                self.on_gap(peer)

    # Listeners

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[asyncio.Event]:
        """An event that is set whenever there is something new, for as long as someone listens."""
        event = asyncio.Event()
        event.set()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)

    # Tasks

    async def run(self) -> None:
        """Everything that goes on by itself, until cancelled."""
        self._behind.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._learn_to_speak())
            tasks.create_task(self._answer_asks())
            tasks.create_task(self._follow_with_reactions())
            tasks.create_task(self._wake())

    async def _learn_to_speak(self) -> None:
        """When this node may speak to its peers, and was silent before, let everything that waited go on."""
        while True:
            self._news.clear()
            if self._world.recovery.quiet:
                self._speaks.clear()
                await set_within(self._news, LOOK_EVERY_S)
                continue
            if not self._speaks.is_set():
                try:
                    await self._writing(self._world.tell_what_waited)
                except LaurelError:
                    log.exception("what waited is told later: the machine is at fault")
                self._speaks.set()
                self._note_reached()
                self._behind.set()
                self.outgoing.set()
                self.stir()
                log.info("this node speaks")
            await self._news.wait()

    async def _answer_asks(self) -> None:
        while True:
            batch = [await self._asks.get()]
            while len(batch) < MAX_TOGETHER and not self._asks.empty():
                batch.append(self._asks.get_nowait())
            asks = [asked for asked, _ in batch]
            try:
                outcomes = await self._writing(lambda asks=asks: self._world.say_many(asks))
            except Exception as error:
                log.exception("a transaction failed; nothing was said")
                outcomes = [error] * len(batch)
            self.outgoing.set()
            if not self._speaks.is_set():
                self._news.set()
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if done.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    done.set_exception(outcome)
                else:
                    done.set_result(outcome)

    async def _follow_with_reactions(self) -> None:
        while True:
            await self._behind.wait()
            # What comes at once is followed at once, and the screens may look before.
            await asyncio.sleep(FOLLOW_AFTER_S)
            self._behind.clear()
            try:
                if await self._writing(self._world.react):
                    self._behind.set()
            except LaurelError:
                log.exception("reactions wait: the machine is at fault")
                await asyncio.sleep(1.0)
                self._behind.set()
            self.outgoing.set()

    async def _wake(self) -> None:
        while True:
            self._alarm.clear()
            next_at = None
            try:
                woken = await self._writing(self._world.wake)
            except LaurelError:
                log.exception("waking waits: the machine is at fault")
            else:
                next_at = woken.next_at
                if woken.said:
                    self.outgoing.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._alarm.wait(), self._sleep_s(next_at))
            await asyncio.sleep(SHORTEST_SLEEP_S)

    def _sleep_s(self, next_at: datetime | None) -> float:
        """Real seconds until the world's clock shows that time."""
        rate = self._world.clock.rate()
        if next_at is None or rate <= 0.0:
            return LONGEST_SLEEP_S
        left_s = (next_at - self._world.clock.now()).total_seconds() / rate
        return min(max(left_s, 0.0), LONGEST_SLEEP_S)

    def close(self) -> None:
        """Let the threads finish and the database go."""
        self._writer.shutdown()
        self._readers.shutdown()
        self._world.store.close()
        if self._reached is not None:
            self._reached.close()
