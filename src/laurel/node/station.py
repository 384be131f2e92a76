"""A world at work: its writer thread, its readers, its courier, its alarm clock and its listeners.

Doors and the courier speak to the world only through here. Asks that come together are committed
together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from laurel.core.errors import BadAsk, KeyUnknown, LaurelError, StillListening, Untrusted
from laurel.core.record import Halt, Lane
from laurel.core.record import World as WorldName
from laurel.core.roster import Roster
from laurel.node.asked import Asked, Said
from laurel.node.carry.intake import set_within
from laurel.node.carry.road import Waiting
from laurel.node.keep.reached import Reached
from laurel.node.notices import Notices
from laurel.node.outbox import Outbox
from laurel.node.turns import Turns
from laurel.node.witness import Witness
from laurel.node.world import World

MAX_TOGETHER = 64
FOLLOW_AFTER_S = 0.005
LONGEST_SLEEP_S = 5.0
SHORTEST_SLEEP_S = 0.2
NOTE_AFTER_S = 0.2
LOOK_EVERY_S = 0.2
WAIT_AT_THE_DOOR_S = 8.0
HALT = "exercise/halt"

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class PlayHalted(BadAsk):
    """What is said after a halt would be play to some and real to others."""

    says = "this exercise was halted: nothing is played in it any more"
    remedy = "return to duty: the live world of this node goes on"


class Station:
    """One world, served to everything asynchronous around it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.outbox = Outbox(world)
        self.witness = Witness(world, self.outbox)
        self._notices = Notices(world)
        self._writer = ThreadPoolExecutor(1, "writer")
        self._readers = ThreadPoolExecutor(3, "reader")
        self._asks: Turns[tuple[Asked, asyncio.Future[Said]]] = Turns()
        self.outgoing = asyncio.Event()
        self._behind = asyncio.Event()
        self._alarm = asyncio.Event()
        self._noticed = asyncio.Event()
        self._listeners: set[asyncio.Event] = set()
        self._generation = 0
        self._speaks = asyncio.Event()
        self._news = asyncio.Event()
        self.on_gap: Callable[[str], None] | None = None
        self._reached: Reached | None = None
        # Who steps a standing clock also says when reactions follow: when all that was said has come.
        self.stepped = False
        self._halted: Halt | None = None
        self._stopped = asyncio.Event()

    @property
    def halted(self) -> Halt | None:
        """Who stopped play in this exercise, and why; None while it goes on, and in a live world."""
        return self._halted

    def halt(self, halt: Halt) -> None:
        """From now on nothing is said here but that it is halted."""
        if self._halted is None:
            self._halted = halt
            self._stopped.set()

    async def until_halted(self) -> Halt:
        """Who stopped play, once somebody has; a live world is never halted."""
        while self._halted is None:
            await self._stopped.wait()
        return self._halted

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

    async def take_cards(self, cards: Roster) -> None:
        """Members were admitted or left by what lies in the folder."""
        await self._writing(lambda: self._world.take_cards(cards))
        self.stir()
        self.outgoing.set()

    def listen_first(self) -> None:
        """Say nothing to peers before they have told how far they hold what we said."""
        store = self._world.store
        self._reached = Reached(store.path.with_suffix(".reached"))
        self._world.recovery.listen(self.roster.peers, self._reached.behind(store.position), self._reached.top)

    # Asks and queries

    async def say(self, asked: Asked) -> Said:
        """Say it, together with whatever else is waiting, authors taking turns. Raises LaurelError.

        What names a peer waits a while at the door when this node is still finding out what it said before.
        """
        if self._halted is not None and asked.command != HALT:
            raise PlayHalted(exercise=self.world.exercise, by=self._halted.member, why=self._halted.reason)
        try:
            return await self._say(asked)
        except StillListening:
            self._speaks.clear()
            self._news.set()
            await set_within(self._speaks, WAIT_AT_THE_DOOR_S)
            return await self._say(asked)

    async def _say(self, asked: Asked) -> Said:
        done: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._asks.put(asked.author.name, (asked, done))
        return await done

    async def judge(self, path: str, ask: Struct) -> Any:
        """Answer a query."""
        return await self._reading(lambda: self._world.judge(path, ask))

    async def reading(self, read: Callable[[], Result]) -> Result:
        """Run something that only reads, beside the writer."""
        return await self._reading(read)

    async def _reading(self, read: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    async def writing(self, write: Callable[[], Result]) -> Result:
        """Run something on the writer's thread, between its transactions."""
        return await self._writing(write)

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
        """Parcels for a peer's stream, highest precedence first."""
        found = await self._reading(lambda: self.outbox.waiting(peer, limit))
        if self.outbox.withheld:
            await asyncio.get_running_loop().run_in_executor(self._writer, self.outbox.keep_home)
            self.outgoing.set()
        return found

    async def carried(self, parcels: Sequence[Waiting]) -> None:
        """The road has them."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self.outbox.carried, parcels)

    async def detour(self, peer: str, via: str, why: str) -> None:
        """What is released for a peer goes through that member too, from what it lacks on; or straight alone."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self.outbox.turn, peer, via, why)
        left: Mapping[Lane, int] | None = self.witness.held(peer) if via else None
        while left is not None:
            self.outgoing.set()
            # One transaction each: what is said meanwhile does not wait for a day's backlog.
            left = await loop.run_in_executor(self._writer, self.outbox.offer_rest, peer, left)

    async def receive(self, peer: str, wrapped: Sequence[bytes]) -> None:
        """Take parcels in. On return they are on the disk."""
        opened = await self._reading(lambda: self._world.open_parcels(wrapped))
        received = await self._writing(lambda: self._world.take_in(peer, opened))
        for refused in received.refused:
            log.error("refused a record from %s: %s", peer, refused.error)
        self._behind.set()
        if received.tell or received.relayed:
            self.outgoing.set()
        if received.recovered:
            self._news.set()
        # There is more to ask for.
        more = {peer} if received.recovered and self._world.recovery.claims else set[str]()
        for origin in received.gaps | more:
            if self.on_gap is not None:
                self.on_gap(origin)

    async def heads(self, peer: str, *, reached: bool, sealed: bool = False) -> bytes:
        """What we said and hold, signed; sealed too, where another member hands it on."""
        heads = self.witness.sealed_heads if sealed else self.witness.heads
        return await self._reading(lambda: heads(peer, reached=reached))

    async def hear(self, peer: str, heads: bytes, via: str = "") -> bool | None:
        """What a peer said and holds."""
        loop = asyncio.get_running_loop()
        try:
            opened = await self._reading(lambda: self.witness.open(peer, heads, via))
        except Untrusted as error:
            log.warning("refused heads of %s from %s: %s", peer, via or peer, error)
            if isinstance(error, KeyUnknown):
                await loop.run_in_executor(self._writer, self.witness.tell_keys, peer)
                self.outgoing.set()
            return None
        if opened is None:
            return None
        if await loop.run_in_executor(self._writer, self.witness.compare, peer, opened):
            self.outgoing.set()
        if self._world.recovery.quiet or not self._speaks.is_set():
            self._news.set()
            if self._world.recovery.claims and self.on_gap is not None:
                self.on_gap(peer)
        return opened.reached

    # The audit, for doors

    def audit_look(self, author: str, path: str) -> None:
        """Somebody looks at that query or stream now: one line a minute of each. Written soon; nobody waits."""
        if self._notices.look(author, path):
            self._noticed.set()

    def audit_door(self, decision: str, author: str, why: str = "", *, member: str = "") -> None:
        """Somebody signed in, left or was turned away. Written soon; nobody waits."""
        if self._notices.door(decision, author, why, member):
            self._noticed.set()

    # Listeners

    @property
    def watched(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

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
            tasks.create_task(self._write_notices())

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
            batch = await self._asks.take(MAX_TOGETHER)
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
            if self.stepped and self._world.clock.rate() <= 0.0:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            self._behind.clear()
            try:
                if await self._writing(self._world.react):
                    self._behind.set()
            except LaurelError:
                log.exception("reactions wait: the machine is at fault")
                await asyncio.sleep(1.0)
                self._behind.set()
            self.outgoing.set()

    async def _write_notices(self) -> None:
        while True:
            await self._noticed.wait()
            await asyncio.sleep(NOTE_AFTER_S)
            self._noticed.clear()
            try:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._notices.write)
            except LaurelError:
                log.exception("notices wait: the machine is at fault")
                await asyncio.sleep(1.0)
                self._noticed.set()

    async def _wake(self) -> None:
        while True:
            self._alarm.clear()
            next_at = None
            if self._world.clock.rate() <= 0.0 or self._halted is not None:
                # While an exercise is paused, and once it is halted, nothing happens by itself.
                await set_within(self._alarm, LONGEST_SLEEP_S)
                continue
            try:
                woken = await self._writing(self._world.wake)
            except LaurelError:
                log.exception("waking waits: the machine is at fault")
            else:
                next_at = woken.next_at
                if woken.said:
                    self.outgoing.set()
            await set_within(self._alarm, self._sleep_s(next_at))
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
        self._writer.submit(self._notices.write)
        self._writer.shutdown()
        self._readers.shutdown()
        self._world.store.close()
        if self._reached is not None:
            self._reached.close()
