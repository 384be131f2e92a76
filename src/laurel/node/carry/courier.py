"""The courier of one world: it carries parcels to the peers and takes in theirs.

For each peer two lines, each on a connection of its own that is built anew after any failure:

- *outward*, at our own server: what waits in the world's outbox goes into the peer's stream, the
  highest precedence first; a parcel is carried when the server has it on its disk. Our heads go out
  beside it, unstored.
- *inward*, at the peer's server: the stream made for us is pulled by precedence, and what comes is
  acknowledged when the world has committed it. The peer's heads are heard there.

The stream is only a road. Lanes say what is missing, so a parcel that comes twice or late does no harm.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from laurel.core.roster import Card
from laurel.node.carry.client import (
    EXPECTED,
    Client,
    connected,
    drop_stream,
    make_stream,
    store,
    unless_cancelled,
    why,
)
from laurel.node.carry.intake import Intake, Message, set_within
from laurel.node.carry.link import Link, LinkState, Seen, judge
from laurel.node.carry.natsconf import heads, inbox
from laurel.node.carry.road import Road, Waiting
from laurel.node.home.keys import Credentials
from laurel.node.home.layout import join_address

OFFER_RECORDS = 64
HEADS_EVERY_S = 10.0
HEADS_SOON_S = 1.0
HEADS_HURRIED_S = 1.5
HEADS_ANSWER_S = 2.0
HEADS_APART_S = 0.2

LOOK_EVERY_S = 0.5
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 2.0

log = logging.getLogger(__name__)


@dataclass
class _Peer:
    """One peer: its card, what was seen of it, and what wakes the two lines to it."""

    card: Card
    seen: Seen
    offered: asyncio.Event = field(default_factory=asyncio.Event)
    heads_wanted: asyncio.Event = field(default_factory=asyncio.Event)
    lines: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    @property
    def name(self) -> str:
        return self.card.member


class Courier:
    """Carries for one world until cancelled. `clock` only dates what the screen shows."""

    def __init__(self, road: Road, credentials: Credentials, clock: Callable[[], datetime]) -> None:
        self._road = road
        self._credentials = credentials
        self._clock = clock
        self._me = road.roster.me
        self._peers: dict[str, _Peer] = {}

    def links(self) -> Mapping[str, Link]:
        """The state of the line to each peer, now."""
        now = self._clock()
        return {name: judge(peer.seen, now) for name, peer in self._peers.items()}

    def heads_now(self, peer: str) -> None:
        """Send our heads to this peer at once: something of its is missing here."""
        if peer in self._peers:
            self._peers[peer].heads_wanted.set()

    async def run(self) -> None:
        """Keep lines to every peer on the roster, until cancelled."""
        outgoing = self._road.outgoing
        self._peers.clear()
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._follow_roster(tasks)
                if await set_within(outgoing, LOOK_EVERY_S):
                    outgoing.clear()
                    for peer in self._peers.values():
                        peer.offered.set()

    def _follow_roster(self, tasks: asyncio.TaskGroup) -> None:
        roster = self._road.roster
        wanted = {name: roster.cards[name] for name in roster.peers}
        for name, peer in list(self._peers.items()):
            if wanted.get(name) != peer.card:
                log.info("closing the line to %s", name)
                for line in self._peers.pop(name).lines:
                    line.cancel()
                if name not in wanted:
                    tasks.create_task(self._forget(name))
        for name in wanted.keys() - self._peers.keys():
            log.info("opening the line to %s at %s", name, wanted[name].address)
            self._peers[name] = peer = _Peer(wanted[name], Seen(self._clock()))
            outward = self._again_and_again(peer, self._outward, "outward")
            inward = self._again_and_again(peer, self._inward, "inward")
            peer.lines = [tasks.create_task(outward), tasks.create_task(inward)]

    async def _again_and_again(
        self, peer: _Peer, work: Callable[[_Peer], Coroutine[None, None, None]], line: str
    ) -> None:
        """Work on a line, and build it anew, after a growing random wait, whenever it breaks."""
        wait_s, said = FIRST_WAIT_S, ""
        while True:
            began = asyncio.get_running_loop().time()
            try:
                # A task for each attempt: what was cancelled within it is forgotten with it.
                await asyncio.create_task(work(peer))
            except* EXPECTED as broken:
                cause = why(broken)
                if cause != said:
                    log.warning("the %s line of %s broke: %s", line, peer.name, cause)
                said = cause
            except* Exception:
                log.exception("the %s line of %s broke", line, peer.name)
            unless_cancelled(None)
            if asyncio.get_running_loop().time() - began > LONGEST_WAIT_S:
                wait_s, said = FIRST_WAIT_S, ""
            await asyncio.sleep(wait_s * (0.5 + secrets.randbelow(1_000) / 1_000))
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    # Outward

    async def _outward(self, peer: _Peer) -> None:
        async with self._at_own_server() as client:
            await make_stream(client, peer.name)
            peer.offered.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._carry(client, peer))
                tasks.create_task(self._send_heads(client, peer))

    async def _carry(self, client: Client, peer: _Peer) -> None:
        while True:
            await peer.offered.wait()
            peer.offered.clear()
            while waiting := await self._road.waiting(peer.name, OFFER_RECORDS):
                await self._publish(client, peer, waiting)

    async def _publish(self, client: Client, peer: _Peer, waiting: Sequence[Waiting]) -> None:
        storing = (store(client, parcel) for parcel in waiting)
        outcomes = await asyncio.gather(*storing, return_exceptions=True)
        troubles = [outcome for outcome in outcomes if outcome is not None]
        stored = [parcel for parcel, outcome in zip(waiting, outcomes, strict=True) if outcome is None]
        if stored:
            positions = [position for parcel in stored for position in parcel.positions]
            await self._road.carried(peer.name, positions)
        if troubles:
            raise troubles[0]

    async def _send_heads(self, client: Client, peer: _Peer) -> None:
        while True:
            peer.heads_wanted.clear()
            await client.publish(heads(peer.name), await self._road.heads(peer.name))
            await asyncio.sleep(HEADS_APART_S)
            every_s = HEADS_EVERY_S if self._is_healthy(peer) else HEADS_SOON_S
            await set_within(peer.heads_wanted, every_s - HEADS_APART_S)

    async def _forget(self, name: str) -> None:
        """Delete what still waits for a member that left, and with it the pull it has pending."""
        try:
            async with self._at_own_server() as client:
                await drop_stream(client, name)
        except* EXPECTED as broken:
            log.warning("the stream for %s was not deleted: %s", name, why(broken))

    # Inward

    async def _inward(self, peer: _Peer) -> None:
        try:
            async with self._at_peer(peer.card) as client:
                peer.seen = replace(peer.seen, reached_at=self._clock(), trouble=None)
                log.info("reached the server of %s", peer.name)
                try:
                    await self._listen(client, peer)
                finally:
                    peer.seen = replace(peer.seen, reached_at=None, lost_at=self._clock())
        except BaseException as broken:
            peer.seen = replace(peer.seen, trouble=why(broken))
            raise

    async def _listen(self, client: Client, peer: _Peer) -> None:
        intake = Intake(client, self._me)
        await intake.open()
        latest = asyncio.Queue[bytes](maxsize=1)
        await client.subscribe(heads(self._me), cb=partial(_keep_latest, latest))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take_in(intake, peer))
            tasks.create_task(self._hear(latest, peer))

    async def _take_in(self, intake: Intake, peer: _Peer) -> None:
        while True:
            batch = await intake.next_batch()
            try:
                await self._road.receive(peer.name, [message.data for message in batch])
            except Exception:
                log.exception("parcels of %s were not taken in; they will come again", peer.name)
                await asyncio.sleep(LONGEST_WAIT_S)
                for message in batch:
                    await message.nak()
            else:
                for message in batch:
                    await message.ack()

    async def _hear(self, latest: asyncio.Queue[bytes], peer: _Peer) -> None:
        heard_s = answered_s = 0.0
        while True:
            said = await latest.get()
            healthy, now = self._is_healthy(peer), self._clock()
            since = peer.seen.healthy_at if healthy else now
            peer.seen = replace(peer.seen, heard_at=now, healthy_at=since)
            if not healthy:
                log.info("the line to %s is healthy", peer.name)
            # A peer that speaks this often does not hear us yet.
            now_s = asyncio.get_running_loop().time()
            hurried, heard_s = now_s - heard_s < HEADS_HURRIED_S, now_s
            if not healthy or (hurried and now_s - answered_s > HEADS_ANSWER_S):
                answered_s = now_s
                peer.heads_wanted.set()
            try:
                await self._road.hear(peer.name, said)
            except Exception:
                log.exception("the heads of %s were not compared; they come again", peer.name)
            # Only the latest wait: a peer that floods us with heads is compared five times a second.
            await asyncio.sleep(HEADS_APART_S)

    def _is_healthy(self, peer: _Peer) -> bool:
        return judge(peer.seen, self._clock()).state is LinkState.HEALTHY

    # Connections

    def _at_own_server(self) -> AbstractAsyncContextManager[Client]:
        ours = self._credentials
        address = join_address(ours.own_host, ours.own_port)
        return connected(address, ours.own_authority, ours, ours.local_seed, inbox(self._me))

    def _at_peer(self, card: Card) -> AbstractAsyncContextManager[Client]:
        ours = self._credentials
        return connected(card.address, card.tls_authority, ours, ours.peer_seed, inbox(self._me))


async def _keep_latest(latest: asyncio.Queue[bytes], message: Message) -> None:
    if latest.full():
        latest.get_nowait()
    latest.put_nowait(message.data)
