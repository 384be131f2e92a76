"""The witness: what we and each peer say of the same lanes, compared.

Heads find what was lost on the way. A peer that shows a gap, or stands still behind what was carried to it, is
offered the rest again; where its heads and our log tell different stories, that is kept and shown.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidSignature

from laurel.border.heads import HEADS_TYPE, Heads, LaneHead, SignedHeads
from laurel.border.relay import open_heads, seal_heads
from laurel.border.sealing import checked_key
from laurel.core.errors import BadSignature, KeyUnknown, Malformed, NotInStanding, WrongWorld
from laurel.core.record import UNREADABLE, Lane, Precedence, key_id, pre_authentication_encoding
from laurel.core.roster import SealingKey
from laurel.node.clock import RealClock
from laurel.node.keep.transaction import Transaction
from laurel.node.outbox import Outbox
from laurel.node.world import World

# An answer to any of our last so many heads is fresh.
HEADS_REMEMBERED = 64

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Disagreement:
    """A peer's heads and our log tell different stories about a lane."""

    peer: str
    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    says: str


_LaneKey = tuple[str, tuple[str, ...], int]


class Witness:
    """What the peers of one world hold and say, as their heads tell it."""

    def __init__(self, world: World, outbox: Outbox) -> None:
        self._world = world
        self._store = world.store
        self._outbox = outbox
        self._real = RealClock()
        self._stands: dict[tuple[str, Lane], tuple[int, int]] = {}
        self._short: dict[str, dict[Lane, int]] = {}
        self._disagreements: dict[str, dict[_LaneKey, Disagreement]] = {}
        # When we spoke to each peer, when it last did, and how far it then held our lanes.
        self._told: dict[str, deque[datetime]] = {}
        self._heard: dict[str, datetime] = {}
        self._held: dict[str, Mapping[Lane, int]] = {}

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """What each peer's last heads and our log disagree about."""
        return tuple(one for found in self._disagreements.values() for one in found.values())

    def heads(self, peer: str, *, reached: bool = False) -> bytes:
        """What we have said to a peer and how far we hold what it said to us, signed."""
        me, at = self._world.roster.me, self._real.now()
        self._told.setdefault(peer, deque(maxlen=HEADS_REMEMBERED)).append(at)
        with self._store.reading() as from_:
            heads = self._store.heads(from_)
            gaps = {
                lane: LaneHead(lane.origin, lane.audience, lane.precedence, 0, "") for lane in self._store.gapped(from_)
            }
        gaps |= {one[0]: _head(one) for one in heads if one[0] in gaps}
        said = tuple(_head(one) for one in heads if one[0].origin == me and peer in one[0].audience)
        holds = tuple(_head(one) for one in heads if one[0].origin == peer)
        gapped = tuple(gaps[lane] for lane in sorted(gaps) if lane.origin == peer)
        world, heard, key = self._store.world.name, self._heard.get(peer), self._world.roster.sealing_of(me)
        sealing = (key.name, key.public)
        ours = Heads(world, me, peer, at, said, holds, gapped, reached, heard, sealing)
        payload = msgspec.msgpack.encode(ours)
        signature = self._world.key.sign(pre_authentication_encoding(payload, HEADS_TYPE))
        return msgspec.msgpack.encode(SignedHeads(payload, signature, key_id(self._world.key.public_key())))

    def sealed_heads(self, peer: str, *, reached: bool = False) -> bytes:
        """The same, sealed for that peer: what another member may hand on."""
        roster, signed = self._world.roster, self.heads(peer, reached=reached)
        return seal_heads(signed, self._store.world.name, roster.me, peer, roster.sealing_of(peer))

    def hear(self, peer: str, signed: bytes) -> bool:
        """Compare the heads that a peer's own server handed us with our log: `open` and `compare`. Raises Untrusted."""
        try:
            heads = self.open(peer, signed)
        except KeyUnknown:
            self.tell_keys(peer)
            raise
        return heads is not None and self.compare(peer, heads)

    def open(self, peer: str, signed: bytes, via: str = "") -> Heads | None:
        """A peer's heads for us in this world. Raises Untrusted when they are not.

        Those that came through another member are sealed. None when they may be old ones, played again: they must
        be later than the last, and show that their sender had lately heard us.
        """
        if via:
            world = self._store.world.name
            signed = open_heads(signed, world, peer, self._world.roster.me, self._world.keys.sealing)
        heads = self._open(peer, signed)
        last = self._heard.get(peer)
        if not via:
            self._heard[peer] = heads.at
            return heads
        if last is not None and heads.at <= last:
            return None
        self._heard[peer] = heads.at
        return heads if heads.heard in self._told.get(peer, ()) else None

    def held(self, peer: str) -> Mapping[Lane, int]:
        """How far a peer holds our lanes, by its last heads. Empty when it has not spoken since we started."""
        return self._held.get(peer, {})

    def compare(self, peer: str, heads: Heads) -> bool:
        """Compare a peer's heads with our log. True when something was put back into the outbox."""
        me, world = self._world.roster.me, self._store.world
        if heads.sealing is not None:
            self._world.hear_sealing(peer, SealingKey(*heads.sealing))
        self._held[peer] = {Lane(world, me, one.audience, one.precedence): one.number for one in heads.holds}
        holds = {(one.audience, one.precedence): one for one in heads.holds}
        gaps = {(one.audience, one.precedence) for one in heads.gaps}
        found: dict[_LaneKey, Disagreement] = {}
        short: dict[Lane, int] = {}
        offered = False
        with self._store.writing() as to:
            for lane, stand in sorted(to.stands.items()):
                if lane.origin != self._world.roster.me or peer not in lane.audience:
                    continue
                key = (lane.audience, lane.precedence)
                held = holds.pop(key, LaneHead(lane.origin, *key, 0, ""))
                says = self._other_story(to, lane, stand.number, held)
                if says is not None:
                    self._disagree(found, peer, held, says)
                elif self._must_offer(peer, lane, stand.number, held.number, gapped=key in gaps):
                    self._outbox.offer_again(to, peer, lane, held.number)
                    offered = True
            for unknown in holds.values():
                self._disagree(found, peer, unknown, "holds a lane of ours that we did not say to it")
            for said in heads.said:
                lane = Lane(self._store.world, peer, said.audience, said.precedence)
                says = self._story_of(to, lane, said, self._short.get(peer, {}), short)
                if says is not None and said.origin == peer:
                    self._disagree(found, peer, said, says)
        self._disagreements[peer], self._short[peer] = found, short
        return offered

    def tell_keys(self, peer: str) -> None:
        """Offer our own word of our keys again: it may be that neither of us can read the heads of the other."""
        audience = tuple(sorted({self._world.roster.me, peer}))
        lane = Lane(self._store.world, self._world.roster.me, audience, Precedence.FLASH)
        with self._store.writing() as to:
            stand = to.stands.get(lane)
            if stand is not None and self._must_offer(peer, lane, stand.number, 0, gapped=False):
                self._outbox.offer_again(to, peer, lane, 0)

    def _open(self, peer: str, signed: bytes) -> Heads:
        try:
            outer = msgspec.msgpack.decode(signed, type=SignedHeads)
            heads = msgspec.msgpack.decode(outer.payload, type=Heads)
        except UNREADABLE as error:
            raise Malformed(what="heads", why=str(error)) from None
        if peer not in self._world.roster.entitled:
            raise NotInStanding(what="heads", member=peer)
        key = self._world.roster.key_now(peer, outer.key_id)
        try:
            key.verify(outer.signature, pre_authentication_encoding(outer.payload, HEADS_TYPE))
        except InvalidSignature:
            raise BadSignature(what="heads", member=peer) from None
        if (heads.world, heads.sender, heads.to) != (self._store.world.name, peer, self._world.roster.me):
            raise WrongWorld(what="heads", said_in=heads.world, offered_to=self._store.world.name, sender=heads.sender)
        if heads.sealing is not None:
            checked_key(*heads.sealing)
        return heads

    def _other_story(self, to: Transaction, lane: Lane, last: int, held: LaneHead) -> str | None:
        """How what a peer holds of one of our lanes differs from the lane; None when it is a beginning of it."""
        if held.number > last:
            return f"holds number {held.number} of our lane, which ends at {last} here"
        if held.number and self._store.id_at(to, lane, held.number) != held.id:
            return f"holds another record than ours under number {held.number}"
        return None

    def _must_offer(self, peer: str, lane: Lane, last: int, held: int, *, gapped: bool) -> bool:
        """Whether the rest of a lane is to be offered again to a peer that holds it so far.

        At once when the peer shows a gap; else when it stands still, at doubling intervals, so that
        a record it will not take is not pressed on it for ever.
        """
        if held == last:
            return False
        number, stood = self._stands.get((peer, lane), (-1, 0))
        stood = stood + 1 if number == held else 0
        self._stands[(peer, lane)] = (held, stood)
        return (gapped and stood == 0) or (stood > 0 and stood & (stood - 1) == 0)

    def _story_of(
        self, to: Transaction, lane: Lane, said: LaneHead, before: dict[Lane, int], short: dict[Lane, int]
    ) -> str | None:
        """How what a peer says of one of its lanes differs from what we hold. What we lack will come.

        Heads may be overtaken by the record that made them old: a lane is too short only if heads say so twice.
        """
        stand = to.stands.get(lane)
        if stand is None or said.number > stand.number:
            return None
        if self._store.id_at(to, lane, said.number) != said.id:
            return f"says another record than the one we hold under number {said.number}"
        if said.number == stand.number:
            return None
        short[lane] = said.number
        return (
            f"says its lane ends at {said.number}; we hold {stand.number}" if before.get(lane) == said.number else None
        )

    def _disagree(self, found: dict[_LaneKey, Disagreement], peer: str, head: LaneHead, says: str) -> None:
        key = (head.origin, head.audience, int(head.precedence))
        found[key] = Disagreement(peer, *key, head.number, says)
        if key not in self._disagreements.get(peer, {}):
            log.error("%s %s (lane of %s to %s)", peer, says, head.origin, " ".join(head.audience))


def _head(one: tuple[Lane, int, str]) -> LaneHead:
    lane, number, record_id = one
    return LaneHead(lane.origin, lane.audience, Precedence(lane.precedence), number, record_id)
