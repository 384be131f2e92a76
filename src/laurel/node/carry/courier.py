"""The courier of one world: it carries parcels to the peers and takes in theirs.

For each peer two lines, each on a connection of its own that is built anew after any failure:

- *outward*, at our own server: what waits in the world's outbox goes into the peer's stream, the
  highest precedence first; a parcel is carried when the server has it on its disk.
- *inward*, at the peer's server: the stream made for us is pulled by precedence, and what comes is
  acknowledged when the world has committed it.

Heads go out and are heard on the same connections (`speaking`). A peer whose path to us is cut has what we release
for it in the streams of others too, and we put what others send to it through us into its own.

The stream is only a road. Lanes say what is missing, so a parcel that comes twice or late does no harm.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime

from laurel.core.record import Precedence
from laurel.core.roster import Card
from laurel.node.carry.client import (
    EXPECTED,
    Client,
    connected,
    drop_stream,
    make_stream,
    store,
    stored_bytes,
    unless_cancelled,
    why,
)
from laurel.node.carry.intake import Intake, set_within
from laurel.node.carry.link import Link, Seen, judge
from laurel.node.carry.natsconf import MAX_STREAM_BYTES, inbox
from laurel.node.carry.peer import Peer
from laurel.node.carry.road import Road, Waiting
from laurel.node.carry.speaking import Speaking
from laurel.node.home.keys import Credentials
from laurel.node.home.layout import join_address

OFFER_RECORDS = 64
# What is not from us straight to the peer may fill that much of its stream: the rest is kept for what is.
MAX_DETOUR_BYTES: Mapping[Precedence, int] = {
    precedence: MAX_STREAM_BYTES // (2 if precedence is Precedence.FLASH else 4) for precedence in Precedence
}
ROOM_AGAIN_S = 0.2

LOOK_EVERY_S = 0.5
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 2.0

log = logging.getLogger(__name__)


class Courier:
    """Carries for one world until cancelled. `clock` only dates what the screen shows."""

    def __init__(self, road: Road, credentials: Credentials, clock: Callable[[], datetime]) -> None:
        self._road = road
        self._credentials = credentials
        self._clock = clock
        self._me = road.roster.me
        self._peers: dict[str, Peer] = {}
        self._speaking = Speaking(road, self._peers, clock)

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
            tasks.create_task(self._speaking.keep_detours())
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
            self._peers[name] = peer = Peer(wanted[name], Seen(self._clock()))
            outward = self._again_and_again(peer, self._outward, "outward")
            inward = self._again_and_again(peer, self._inward, "inward")
            peer.lines = [tasks.create_task(outward), tasks.create_task(inward)]

    async def _again_and_again(
        self, peer: Peer, work: Callable[[Peer], Coroutine[None, None, None]], line: str
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

    async def _outward(self, peer: Peer) -> None:
        async with self._at_own_server() as client:
            await make_stream(client, peer.name)
            peer.offered.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._carry(client, peer))
                tasks.create_task(self._speaking.send(client, peer))
                tasks.create_task(self._speaking.hand_on(client, peer))

    async def _carry(self, client: Client, peer: Peer) -> None:
        while True:
            await peer.offered.wait()
            peer.offered.clear()
            while waiting := await self._road.waiting(peer.name, OFFER_RECORDS):
                if not await self._publish(client, peer, waiting):
                    await asyncio.sleep(ROOM_AGAIN_S)

    async def _publish(self, client: Client, peer: Peer, waiting: Sequence[Waiting]) -> bool:
        """Put into the stream of a peer what there is room for. False when there was none."""
        if not all(parcel.direct for parcel in waiting):
            filled = await stored_bytes(client, peer.name)
            waiting = [one for one in waiting if one.direct or filled < MAX_DETOUR_BYTES[one.precedence]]
        storing = (store(client, peer.name, parcel) for parcel in waiting)
        outcomes = await asyncio.gather(*storing, return_exceptions=True)
        troubles = [outcome for outcome in outcomes if outcome is not None]
        stored = [parcel for parcel, outcome in zip(waiting, outcomes, strict=True) if outcome is None]
        if stored:
            await self._road.carried(stored)
        if troubles:
            raise troubles[0]
        return bool(stored)

    async def _forget(self, name: str) -> None:
        """Delete what still waits for a member that left, and with it the pull it has pending."""
        try:
            async with self._at_own_server() as client:
                await drop_stream(client, name)
        except* EXPECTED as broken:
            log.warning("the stream for %s was not deleted: %s", name, why(broken))

    # Inward

    async def _inward(self, peer: Peer) -> None:
        try:
            async with self._at_peer(peer.card) as client:
                peer.seen = replace(peer.seen, reached_at=self._clock(), trouble=None)
                peer.heads_wanted.set()
                log.info("reached the server of %s", peer.name)
                try:
                    await self._listen(client, peer)
                finally:
                    # What it last said of its own line to us no longer counts.
                    peer.seen = replace(peer.seen, reached_at=None, lost_at=self._clock(), reaches_us=False)
                    peer.heads_wanted.set()
        except BaseException as broken:
            peer.seen = replace(peer.seen, trouble=why(broken))
            raise

    async def _listen(self, client: Client, peer: Peer) -> None:
        intake = Intake(client, self._me)
        await intake.open()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take_in(intake, peer))
            tasks.create_task(self._speaking.listen(client, peer))

    async def _take_in(self, intake: Intake, peer: Peer) -> None:
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

    # Connections

    def _at_own_server(self) -> AbstractAsyncContextManager[Client]:
        ours = self._credentials
        address = join_address(ours.own_host, ours.own_port)
        return connected(address, ours.own_authority, ours, ours.local_seed, inbox(self._me))

    def _at_peer(self, card: Card) -> AbstractAsyncContextManager[Client]:
        ours = self._credentials
        return connected(card.address, card.tls_authority, ours, ours.peer_seed, inbox(self._me))
