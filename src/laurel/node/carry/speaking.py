"""What the nodes of one world tell each other of their lanes, unstored, and the detours that follow from it.

Heads go straight to each peer, at our own server. While the line to one is not known to work both ways they also go
to every other member there, which hands them on at its own. So two whose path is cut hear each other through a third,
and what they release for each other follows: parcels take a detour only where the peer's own word came through.

Heads are signed and dated, and sealed where another hands them on. It can hold them back, which is as if it were not
there, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from laurel.border.relay import relays
from laurel.core.roster import Standing
from laurel.node.carry.intake import AtServer, Message, set_within
from laurel.node.carry.link import LinkState, carriers, detour, is_sure, judge
from laurel.node.carry.natsconf import heads, heads_of, onward
from laurel.node.carry.peer import Peer
from laurel.node.carry.road import Road

HEADS_EVERY_S = 10.0
HEADS_SOON_S = 1.0
HEADS_RELAYED_S = 3.0
HEADS_HURRIED_S = 1.5
HEADS_ANSWER_S = 2.0
HEADS_APART_S = 0.2
LOOK_EVERY_S = 0.5
# A compact of eight has some five hundred lanes to one member, of a hundred bytes each.
MAX_HEADS_BYTES = 256 * 1024
MAX_SENDERS = 32

log = logging.getLogger(__name__)


class Speaking:
    """The heads of one world's node: sent, heard, handed on."""

    def __init__(self, road: Road, peers: dict[str, Peer], clock: Callable[[], datetime]) -> None:
        self._road = road
        self._peers = peers
        self._clock = clock
        self._me = road.roster.me
        self._detours: dict[str, str] = {}

    # At our own server

    async def send(self, client: AtServer, peer: Peer) -> None:
        """Send our heads to a peer, often while it may not hear us, and then through the others too."""
        while True:
            peer.heads_wanted.clear()
            reached = peer.seen.reached_at is not None
            await client.publish(heads(peer.name), await self._road.heads(peer.name, reached=reached))
            others = [relay for relay in relays(self._road.roster) if relay != peer.name]
            if others and not self._is_straight(peer):
                sealed = await self._road.heads(peer.name, reached=reached, sealed=True)
                for relay in others:
                    await client.publish(onward(relay, peer.name), sealed)
            await asyncio.sleep(HEADS_APART_S)
            await set_within(peer.heads_wanted, self._every_s(peer) - HEADS_APART_S)

    async def hand_on(self, client: AtServer, peer: Peer) -> None:
        """Hand the heads of others on to a peer: the latest of each, five times a second at most."""
        while True:
            await peer.handed.wait()
            peer.handed.clear()
            for sender in sorted(peer.handing):
                await client.publish(heads_of(sender, peer.name), peer.handing.pop(sender))
            await asyncio.sleep(HEADS_APART_S)

    # At a peer's server

    async def listen(self, client: AtServer, peer: Peer) -> None:
        """Hear a peer's heads, those of others that it hands on, and those that we are to hand on."""
        straight: dict[str, bytes] = {}
        through: dict[str, bytes] = {}
        came, brought = asyncio.Event(), asyncio.Event()
        await client.subscribe(heads(self._me), cb=partial(_keep, straight, came))
        await client.subscribe(heads_of("*", self._me), cb=partial(_keep, through, brought))
        await client.subscribe(onward(self._me, "*"), cb=partial(self._take_to_hand_on, peer))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear(straight, came, peer))
            tasks.create_task(self._hear_through(through, brought, peer))

    async def _take_to_hand_on(self, sender: Peer, message: Message) -> None:
        recipient = self._peers.get(_last_token(message))
        if recipient is None or recipient is sender or len(message.data) > MAX_HEADS_BYTES:
            return
        if self._road.roster.standings.get(self._me) is Standing.MEMBER:
            recipient.handing[sender.name] = message.data
            recipient.handed.set()

    async def _hear(self, straight: dict[str, bytes], came: asyncio.Event, peer: Peer) -> None:
        heard_s = 0.0
        while True:
            await came.wait()
            came.clear()
            _, said = straight.popitem()
            healthy, now = self._is_healthy(peer), self._clock()
            since = peer.seen.healthy_at if healthy else now
            peer.seen = replace(peer.seen, heard_at=now, healthy_at=since)
            if not healthy:
                log.info("the line to %s is healthy", peer.name)
                peer.heads_wanted.set()
            # A peer that speaks this often does not hear us yet.
            now_s = asyncio.get_running_loop().time()
            if now_s - heard_s < HEADS_HURRIED_S:
                self._answer(peer)
            heard_s = now_s
            await self._compare(peer, said, "")
            # Only the latest wait: a peer that floods us with heads is compared five times a second.
            await asyncio.sleep(HEADS_APART_S)

    async def _hear_through(self, through: dict[str, bytes], brought: asyncio.Event, relay: Peer) -> None:
        while True:
            await brought.wait()
            brought.clear()
            for sender in sorted(through.keys() & self._peers.keys()):
                if sender != relay.name and relay.name in relays(self._road.roster):
                    await self._compare(self._peers[sender], through[sender], relay.name)
            through.clear()
            await asyncio.sleep(HEADS_APART_S)

    async def _compare(self, peer: Peer, said: bytes, via: str) -> None:
        try:
            reaches_us = await self._road.hear(peer.name, said, via)
        except Exception:
            log.exception("the heads of %s were not compared; they come again", peer.name)
            return
        now = self._clock()
        if via and (reaches_us is None or via not in carriers(peer.seen, now)):
            # Its word is new here, or does not yet show that it hears ours.
            self._answer(peer)
        if reaches_us is not None:
            through = {**peer.seen.through, via: now} if via else peer.seen.through
            peer.seen = replace(peer.seen, reaches_us=reaches_us, through=through)

    def _answer(self, peer: Peer) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - peer.answered_s > HEADS_ANSWER_S:
            peer.answered_s = now_s
            peer.heads_wanted.set()

    # What follows

    async def keep_detours(self) -> None:
        """Tell the road through whom to go for each peer, whenever that changes."""
        while True:
            now, carry = self._clock(), relays(self._road.roster)
            wanted: dict[str, str] = {}
            for peer in self._peers.values():
                if is_sure(peer.seen, now):
                    peer.seen = replace(peer.seen, sure_at=now)
                wanted[peer.name] = detour(peer.seen, carry, now)
            for name in sorted(self._detours.keys() | wanted.keys()):
                before, via = self._detours.get(name, ""), wanted.get(name, "")
                if before != via and await self._turn(name, before, via):
                    self._detours[name] = via
            await asyncio.sleep(LOOK_EVERY_S)

    async def _turn(self, name: str, before: str, via: str) -> bool:
        peer = self._peers.get(name)
        sure = peer is not None and is_sure(peer.seen, self._clock())
        why = "it is not known to reach us" if via else "it reaches us itself" if sure else f"{before} is silent of it"
        try:
            await self._road.detour(name, via, why)
        except Exception:
            log.exception("the way to %s could not be changed; it is tried again", name)
            return False
        if peer is not None:
            peer.seen = replace(peer.seen, via=via)
        return True

    def _is_healthy(self, peer: Peer) -> bool:
        return judge(peer.seen, self._clock()).state is LinkState.HEALTHY

    def _is_straight(self, peer: Peer) -> bool:
        """Whether the line works both ways without anybody's help."""
        return self._is_healthy(peer) and is_sure(peer.seen, self._clock())

    def _every_s(self, peer: Peer) -> float:
        if self._is_straight(peer):
            return HEADS_EVERY_S
        return HEADS_RELAYED_S if carriers(peer.seen, self._clock()) else HEADS_SOON_S


async def _keep(latest: dict[str, bytes], came: asyncio.Event, message: Message) -> None:
    """Of each sender only the latest, and of no more senders than a compact has."""
    sender = _last_token(message)
    if len(message.data) <= MAX_HEADS_BYTES and (sender in latest or len(latest) < MAX_SENDERS):
        latest[sender] = message.data
        came.set()


def _last_token(message: Message) -> str:
    return message.subject.rsplit(".", 1)[-1]
