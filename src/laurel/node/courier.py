"""The courier of one world: it carries parcels to the peers and takes in theirs. Alone it speaks NATS.

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
import contextlib
import logging
import secrets
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError

from laurel.border.parcel import message_id
from laurel.core.record import Precedence
from laurel.core.roster import Card
from laurel.node.keys import Credentials
from laurel.node.layout import join_address, split_address
from laurel.node.link import Link, LinkState, Seen, judge
from laurel.node.natsconf import heads, inbox, next_message, outbound, stream
from laurel.node.road import Road, Waiting

OFFER_RECORDS = 64
STREAM_BYTES = 256 * 1024**2
# A repeat after a publish that timed out comes well within this; lanes catch the rest.
DUPLICATES_S = 20.0
ACK_WAIT_S = 5.0

PULL_PARCELS = 32
PULL_FOR_S = 2.0
PULL_AGAIN_S = 0.2
BATCH_PARCELS = 64
BATCH_BYTES = 256 * 1024

HEADS_EVERY_S = 10.0
HEADS_SOON_S = 1.0
HEADS_APART_S = 0.2

ANSWER_WITHIN_S = 2.0
CONNECT_WITHIN_S = 4.0
LOOK_EVERY_S = 0.5
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 2.0

log = logging.getLogger(__name__)


class LineLost(Exception):
    """A connection is gone; its line is built anew."""


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
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._follow_roster(tasks)
                if await _set_within(outgoing, LOOK_EVERY_S):
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
        self, peer: _Peer, work: Callable[[_Peer], Awaitable[None]], line: str
    ) -> None:
        """Work on a line, and build it anew, after a growing random wait, whenever it breaks."""
        wait_s, said = FIRST_WAIT_S, ""
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work(peer)
            except* Exception as broken:
                why = _why(broken)
                if why != said:
                    log.warning("the %s line of %s broke: %s", line, peer.name, why)
                said = why
            if asyncio.get_running_loop().time() - began > LONGEST_WAIT_S:
                wait_s, said = FIRST_WAIT_S, ""
            await asyncio.sleep(wait_s * (0.5 + secrets.randbelow(1_000) / 1_000))
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    # Outward

    async def _outward(self, peer: _Peer) -> None:
        async with self._at_own_server() as client:
            road = client.jetstream(timeout=ANSWER_WITHIN_S)
            await _make_stream(road, peer.name)
            peer.offered.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._carry(road, peer))
                tasks.create_task(self._send_heads(client, peer))

    async def _carry(self, road: JetStreamContext, peer: _Peer) -> None:
        while True:
            await peer.offered.wait()
            peer.offered.clear()
            while waiting := await self._road.waiting(peer.name, OFFER_RECORDS):
                await self._publish(road, peer, waiting)

    async def _publish(self, road: JetStreamContext, peer: _Peer, waiting: Sequence[Waiting]) -> None:
        acks = (
            road.publish(
                outbound(peer.name, parcel.precedence),
                parcel.wrapped,
                timeout=ANSWER_WITHIN_S,
                headers={"Nats-Msg-Id": message_id(parcel.wrapped)},
            )
            for parcel in waiting
        )
        outcomes = await asyncio.gather(*acks, return_exceptions=True)
        both = list(zip(waiting, outcomes, strict=True))
        acked = [parcel for parcel, outcome in both if not isinstance(outcome, BaseException)]
        if acked:
            positions = [position for parcel in acked for position in parcel.positions]
            await self._road.carried(peer.name, positions)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _send_heads(self, client: Client, peer: _Peer) -> None:
        while True:
            peer.heads_wanted.clear()
            await client.publish(heads(peer.name), await self._road.heads(peer.name))
            await asyncio.sleep(HEADS_APART_S)
            every_s = HEADS_EVERY_S if self._is_healthy(peer) else HEADS_SOON_S
            await _set_within(peer.heads_wanted, every_s)

    async def _forget(self, name: str) -> None:
        """Delete what still waits for a member that left, and with it the pull it has pending."""
        try:
            async with self._at_own_server() as client:
                await client.jetstream(timeout=ANSWER_WITHIN_S).delete_stream(stream(name))
        except* Exception as broken:
            log.warning("the stream for %s was not deleted: %s", name, _why(broken))

    # Inward

    async def _inward(self, peer: _Peer) -> None:
        try:
            async with self._at_peer(peer.card) as client:
                peer.seen = replace(peer.seen, reached_at=self._clock(), trouble=None)
                log.info("reached the server of %s", peer.name)
                intake = _Intake(client, self._me)
                await intake.open()
                latest = asyncio.Queue[bytes](maxsize=1)
                await client.subscribe(heads(self._me), cb=partial(_keep_latest, latest))
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._take_in(intake, peer))
                    tasks.create_task(self._hear(latest, peer))
        except BaseException as broken:
            was_reached = peer.seen.reached_at is not None
            lost_at = self._clock() if was_reached else peer.seen.lost_at
            peer.seen = replace(peer.seen, reached_at=None, lost_at=lost_at, trouble=_why(broken))
            raise

    async def _take_in(self, intake: _Intake, peer: _Peer) -> None:
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
        while True:
            said = await latest.get()
            healthy, now = self._is_healthy(peer), self._clock()
            since = peer.seen.healthy_at if healthy else now
            peer.seen = replace(peer.seen, heard_at=now, healthy_at=since)
            if not healthy:
                log.info("the line to %s is healthy", peer.name)
                peer.heads_wanted.set()
            try:
                await self._road.hear(peer.name, said)
            except Exception:
                log.exception("the heads of %s were not compared; they come again", peer.name)

    def _is_healthy(self, peer: _Peer) -> bool:
        return judge(peer.seen, self._clock()).state is LinkState.HEALTHY

    # Connections

    def _at_own_server(self) -> contextlib.AbstractAsyncContextManager[Client]:
        ours = self._credentials
        address = join_address(ours.own_host, ours.own_port)
        return _connected(address, ours.own_authority, ours, ours.local_seed, inbox(self._me))

    def _at_peer(self, card: Card) -> contextlib.AbstractAsyncContextManager[Client]:
        ours = self._credentials
        return _connected(card.address, card.tls_authority, ours, ours.peer_seed, inbox(self._me))


class _Pull:
    """One precedence at a peer's server: what came of it, and what was asked for."""

    def __init__(self, precedence: Precedence) -> None:
        self.precedence = precedence
        self.came: deque[Msg] = deque()
        self.asked = 0
        self.until_s = 0.0


class _Intake:
    """What a peer's server has for us, the highest precedence first.

    One request a precedence is always open there, so a parcel comes as soon as it is stored.
    """

    def __init__(self, client: Client, me: str) -> None:
        self._client = client
        self._me = me
        self._pulls = [_Pull(precedence) for precedence in sorted(Precedence, reverse=True)]
        self._inboxes: dict[Precedence, str] = {}
        self._changed = asyncio.Event()

    async def open(self) -> None:
        """Listen for what will be asked."""
        for pull in self._pulls:
            reply = self._inboxes[pull.precedence] = self._client.new_inbox()
            await self._client.subscribe(reply, cb=partial(self._came, pull))

    async def next_batch(self) -> list[Msg]:
        """Parcels of one precedence, at least one, few enough for one commit."""
        while True:
            await self._ask()
            for pull in self._pulls:
                if pull.came:
                    return _first(pull.came)
            self._changed.clear()
            await _set_within(self._changed, PULL_AGAIN_S)

    async def _ask(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for pull in self._pulls:
            if pull.came or (pull.asked and now_s < pull.until_s):
                continue
            if now_s < pull.until_s and not pull.asked:
                continue
            pull.asked, pull.until_s = PULL_PARCELS, now_s + PULL_FOR_S + PULL_AGAIN_S
            asks = {"batch": PULL_PARCELS, "expires": int(PULL_FOR_S * 1e9)}
            await self._client.publish(
                next_message(self._me, pull.precedence),
                msgspec.json.encode(asks),
                reply=self._inboxes[pull.precedence],
            )

    async def _came(self, pull: _Pull, message: Msg) -> None:
        ...
