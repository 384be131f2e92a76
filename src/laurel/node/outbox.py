"""What waits to be carried, and the heads by which nodes find what was lost on the way.

The log is the authority. A row of the outbox is a `Release` that the road has not yet acknowledged.
A peer that shows a gap, or stands still behind what was carried to it, is offered the rest again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.parcel import (
    HEADS_TYPE,
    MAX_PARCEL_RECORDS,
    Heads,
    LaneHead,
    Parcel,
    SignedHeads,
    pack,
)
from laurel.core.errors import BadSignature, Malformed, WrongWorld
from laurel.core.record import Lane, Precedence, Sealed, key_id, pre_authentication_encoding
from laurel.node import schema
from laurel.node.clock import RealClock
from laurel.node.road import Waiting
from laurel.node.store import Store
from laurel.node.world import World

MAX_RECORDS_BYTES = 600_000
REOFFER_LIMIT = 5_000

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


class Outbox:
    """The outgoing side of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store: Store = world.store
        self._real = RealClock()
        self._stands: dict[tuple[str, Lane], tuple[int, int]] = {}
        self.disagreements: dict[tuple[str, str, tuple[str, ...], int], Disagreement] = {}

    def waiting(self, peer: str, limit: int) -> list[Waiting]:
        """Parcels for a peer, the highest precedence first, each of one lane and in its order."""
        parcels: list[Waiting] = []
        with self._store.reading() as from_:
            rows = from_.execute(_WAITING, {"to_peer": peer, "limit": limit}).all()
            batch: list[Any] = []
            size = 0
            for row in rows:
                new_lane = bool(batch) and batch[-1].lane != row.lane
                if batch and (
                    new_lane or len(batch) == MAX_PARCEL_RECORDS or size + len(row.payload) > MAX_RECORDS_BYTES
                ):
                    parcels.append(self._wrap(peer, batch))
                    batch, size = [], 0
                batch.append(row)
                size += len(row.payload)
            if batch:
                parcels.append(self._wrap(peer, batch))
        return parcels

    def _wrap(self, peer: str, rows: Sequence[Any]) -> Waiting:
        lane = self._store.lane(rows[0].lane)
        records = tuple(Sealed(row.payload, row.signature, row.key_id) for row in rows)
        parcel = Parcel(lane.world.name, lane.origin, lane.audience, lane.precedence, "plain", records)
        return Waiting(peer, lane.precedence, tuple(row.position for row in rows), pack(parcel))

    def carried(self, peer: str, positions: Sequence[int]) -> None:
        """The road has these on its disk: they wait no longer."""
        with self._store.writing() as to:
            to.execute(_CARRIED, [{"to_peer": peer, "at_position": position} for position in positions])

    # Heads

    def heads(self, peer: str) -> bytes:
        """What we have said to a peer and how far we hold what it said to us, signed."""
        me = self._world.roster.me
        with self._store.reading() as from_:
            heads = self._store.heads(from_)
            gaps = {self._store.lane(lane) for lane in from_.execute(_LANES_WITH_HELD).scalars()}
        said = tuple(_head(one) for one in heads if one[0].origin == me and peer in one[0].audience)
        holds = tuple(_head(one) for one in heads if one[0].origin == peer)
        held = {lane for lane, _, _ in heads}
        empty = tuple(LaneHead(lane.origin, lane.audience, lane.precedence, 0, "") for lane in sorted(gaps - held))
        gapped = tuple(_head(one) for one in heads if one[0] in gaps) + empty
        gapped = tuple(one for one in gapped if one.origin == peer)
        payload = msgspec.msgpack.encode(Heads(self._store.world.name, me, peer, self._real.now(), said, holds, gapped))
        signature = self._world.key.sign(pre_authentication_encoding(payload, HEADS_TYPE))
        return msgspec.msgpack.encode(SignedHeads(payload, signature, key_id(self._world.key.public_key())))

    def hear(self, peer: str, signed: bytes) -> bool:
        """Compare a peer's heads with our log. True when something was put back into the outbox.

        Raises Untrusted when they are not that peer's heads for us in this world.
        """
        heads = self._open(peer, signed)
        holds = {(one.audience, one.precedence): one for one in heads.holds}
        gaps = {(one.audience, one.precedence) for one in heads.gaps}
        offered = False
        with self._world.reactor.guarded() as to:
            for lane, last, _ in self._store.heads(to):
                if lane.origin != self._world.roster.me or peer not in lane.audience:
                    continue
                key = (lane.audience, lane.precedence)
                held = holds.pop(key, LaneHead(lane.origin, *key, 0, ""))
                offered |= self._compare_held(to, peer, lane, last, held, gapped=key in gaps)
            for unknown in holds.values():
                self._disagree(peer, unknown, "holds a lane of ours that is not in our log")
            for said in heads.said:
                self._compare_said(to, peer, said)
        return offered

    def _open(self, peer: str, signed: bytes) -> Heads:
        try:
            outer = msgspec.msgpack.decode(signed, type=SignedHeads)
            heads = msgspec.msgpack.decode(outer.payload, type=Heads)
        except msgspec.MsgspecError as error:
            raise Malformed(what="heads", why=str(error)) from None
        key = self._world.roster.key(peer, outer.key_id)
        try:
            key.verify(outer.signature, pre_authentication_encoding(outer.payload, HEADS_TYPE))
        except InvalidSignature:
            raise BadSignature(what="heads", member=peer) from None
        if (heads.world, heads.sender, heads.to) != (self._store.world.name, peer, self._world.roster.me):
            raise WrongWorld(what="heads", said_in=heads.world, offered_to=self._store.world.name, sender=heads.sender)
        return heads

    def _compare_held(self, to: Connection, peer: str, lane: Lane, last: int, held: LaneHead, *, gapped: bool) -> bool:
        """A peer holds this much of one of our lanes. True when the rest was offered again.

        At once when the peer shows a gap; else when it stands still, at doubling intervals, so that
        a record it will not take is not pressed on it for ever.
        """
        if held.number > last:
            self._disagree(peer, held, f"holds number {held.number} of our lane, which ends at {last} here")
            return False
        if held.number and self._store.id_at(to, lane, held.number) != held.id:
            self._disagree(peer, held, f"holds another record than ours under number {held.number}")
            return False
        number, stood = self._stands.get((peer, lane), (-1, 0))
        stood = stood + 1 if number == held.number else 0
        self._stands[(peer, lane)] = (held.number, stood)
        due = (gapped and stood == 0) or (stood > 0 and stood & (stood - 1) == 0)
        return due and held.number < last and self._reoffer(to, peer, lane, held.number)

    def _reoffer(self, to: Connection, peer: str, lane: Lane, after: int) -> bool:
        key = {"of_lane": self._store.lane_id(to, lane), "after": after, "limit": REOFFER_LIMIT}
        rows = [
            {"peer": peer, "precedence": int(lane.precedence), "position": position}
            for position in to.execute(_POSITIONS_AFTER, key).scalars()
        ]
        to.execute(_PUT_OUTBOX, rows)
        log.info("offering %s again %d records after number %d", peer, len(rows), after)
        return True

    def _compare_said(self, to: Connection, peer: str, said: LaneHead) -> None:
        """A peer says that its lane stands here. Only a disagreement matters: the rest will come."""
        if said.origin != peer:
            return
        lane = Lane(self._store.world, peer, said.audience, said.precedence)
        last, head = self._store.head(to, lane)
        if said.number < last:
            self._disagree(peer, said, f"says its lane ends at {said.number}; we hold {last}")
        elif said.number == last and head != said.id:
            self._disagree(peer, said, f"says another record than the one we hold under number {last}")

    def _disagree(self, peer: str, head: LaneHead, says: str) -> None:
        key = (peer, head.origin, head.audience, int(head.precedence))
        if key not in self.disagreements:
            log.error("%s %s (lane of %s to %s)", peer, says, head.origin, " ".join(head.audience))
        self.disagreements[key] = Disagreement(
            peer, head.origin, head.audience, int(head.precedence), head.number, says
        )


def _head(one: tuple[Lane, int, str]) -> LaneHead:
    lane, number, record_id = one
    return LaneHead(lane.origin, lane.audience, Precedence(lane.precedence), number, record_id)


_O, _G = schema.outbox, schema.log
_WAITING = (
    sa.select(_O.c.position, _G.c.lane, _G.c.payload, _G.c.signature, _G.c.key_id)
    .join(_G, _G.c.position == _O.c.position)
    .where(_O.c.peer == bindparam("to_peer"))
    .order_by(_O.c.precedence.desc(), _O.c.position)
    .limit(bindparam("limit"))
)
_CARRIED = sa.delete(_O).where(_O.c.peer == bindparam("to_peer"), _O.c.position == bindparam("at_position"))
_PUT_OUTBOX = insert(_O).on_conflict_do_nothing()
_LANES_WITH_HELD = sa.select(schema.held.c.lane).distinct()
_POSITIONS_AFTER = (
    sa.select(_G.c.position)
    .where(_G.c.lane == bindparam("of_lane"), _G.c.number > bindparam("after"))
    .order_by(_G.c.number)
    .limit(bindparam("limit"))
)
