"""What waits to be carried, and the heads by which nodes find what was lost on the way.

The log is the authority. A row of the outbox is a `Release` that the road has not yet acknowledged.
A peer that shows a gap, or stands still behind what was carried to it, is offered the rest again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.parcel import MAX_PARCEL_RECORDS, Parcel, seal_parcel
from laurel.border.relay import RELAY_POLICY
from laurel.border.release import Release, Withheld, release
from laurel.core.record import Lane, Precedence, Sealed, decode
from laurel.node import relay
from laurel.node.carry.road import Waiting
from laurel.node.keep import schema
from laurel.node.keep.audit import audit
from laurel.node.keep.transaction import Transaction
from laurel.node.world import World

MAX_RECORDS_BYTES = 600_000
REOFFER_LIMIT = 5_000

log = logging.getLogger(__name__)


class Outbox:
    """The outgoing side of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._withheld: dict[tuple[str, int], Withheld] = {}

    def waiting(self, peer: str, limit: int) -> list[Waiting]:
        """What goes into a peer's stream, the highest precedence first: parcels of one lane each, in its order.

        For the peer itself; for those that we reach through it; and what others send to it through us.
        """
        through = [other for other, via in self._world.detours.items() if via == peer]
        with self._store.reading() as from_:
            found = self._ours(from_, peer, "", limit)
            for other in through:
                found += self._ours(from_, other, peer, limit)
            if self._world.relaying:
                found += relay.waiting_for(from_, peer, self._world.roster.peers)
        return sorted(found, key=lambda parcel: -parcel.precedence)

    def _ours(self, from_: Connection, peer: str, via: str, limit: int) -> list[Waiting]:
        found = from_.execute(_WAITING, {"to_peer": peer, "to_via": via, "limit": limit}).all()
        rows = sorted((row for row in found if self._may_carry(peer, row)), key=lambda row: (row.lane, row.position))
        parts = [part for _, lane in groupby(rows, key=lambda row: row.lane) for part in _parts(lane)]
        # A new key's first records go after the word that names it, in whatever lane they are.
        parts.sort(key=lambda part: (-part[0].precedence, part[0].position))
        return [self._wrap(peer, via, part) for part in parts]

    def _may_carry(self, peer: str, row: Any) -> bool:
        """Whether the record may still go: a member may have left, or a policy been tightened, since it was said."""
        sealed = Sealed(row.payload, row.signature, row.key_id)
        decision = release(sealed, decode(row.payload), peer, self._world.roster, self._world.policies)
        if isinstance(decision, Withheld):
            self._withheld[(peer, row.position)] = decision
        return isinstance(decision, Release)

    @property
    def withheld(self) -> bool:
        """Whether something waits that may not be carried any more."""
        return bool(self._withheld)

    def keep_home(self) -> None:
        """What may not be carried any more waits no longer. A peer that is let in again shows its gap, and gets it."""
        with self._store.writing() as to:
            while self._withheld:
                (peer, position), one = self._withheld.popitem()
                to.execute(_KEPT_HOME, {"to_peer": peer, "at_position": position})
                digest = self._world.policies.digest
                audit(to, "withheld", peer, one.record_id, one.policy, one.why, digest=digest)

    def _wrap(self, peer: str, via: str, rows: Sequence[Any]) -> Waiting:
        first = rows[0]
        precedence = Precedence(first.precedence)
        records = tuple(Sealed(row.payload, row.signature, row.key_id) for row in rows)
        parcel = Parcel(first.origin, tuple(first.audience.split()), precedence, records)
        roster = self._world.roster
        wrapped = seal_parcel(parcel, self._store.world.name, roster.me, peer, roster.sealing_of(peer))
        return Waiting(peer, precedence, tuple(row.position for row in rows), wrapped, via)

    def carried(self, parcels: Sequence[Waiting]) -> None:
        """The road has these on its disk, ours and those of others: they wait no longer."""
        rows = [
            {"to_peer": one.peer, "to_via": one.via, "at_position": position}
            for one in parcels
            for position in one.positions
        ]
        numbers = [one.relayed for one in parcels if one.relayed]
        with self._store.writing() as to:
            if rows:
                to.execute(_CARRIED, rows)
            left = relay.carried_on(to, numbers) if numbers else self._world.relaying
        self._world.relaying = left

    def offer_again(self, to: Transaction, peer: str, lane: Lane, after: int) -> int:
        """Put the records of one of our lanes after a number back, for a peer that shows it lacks them.

        On a detour through the member that carries it: what went straight to the peer waits for it there still.
        Up to which number they are offered now.
        """
        via = self._world.detours.get(peer, "")
        key = {"of_lane": to.stands[lane].lane_id, "after": after, "limit": REOFFER_LIMIT}
        rows = to.execute(_POSITIONS_AFTER, key).all()
        for row in rows:
            to.put(
                _PUT_OUTBOX, {"peer": peer, "via": via, "precedence": int(lane.precedence), "position": row.position}
            )
        log.info("offering %s again %d records after number %d", peer, len(rows), after)
        return rows[-1].number if rows else to.stands[lane].number

    def turn(self, peer: str, via: str, why: str) -> None:
        """From now on what is released for a peer goes through that member too; straight alone, when empty."""
        before = self._world.detours.get(peer, "")
        with self._store.writing() as to:
            # Also what a detour of an earlier run left: it is offered anew from what the peer holds.
            to.execute(_NO_DETOUR, {"to_peer": peer})
            if before:
                audit(to, "detour-ends", peer, "", RELAY_POLICY, f"through {before}: {why}")
            if via:
                audit(to, "detour-begins", peer, "", RELAY_POLICY, f"through {via}: {why}")
        others = {other: one for other, one in self._world.detours.items() if other != peer}
        self._world.detours = others | {peer: via} if via else others
        log.warning("what is released for %s goes %s", peer, f"through {via}: {why}" if via else f"straight: {why}")

    def offer_rest(self, peer: str, held: Mapping[Lane, int]) -> Mapping[Lane, int] | None:
        """Offer what a peer is not known to hold, the highest precedence first, so much as one transaction may.

        Up to where the lanes are offered then; None when there is nothing left.
        """
        with self._store.writing() as to:
            for lane, stand in sorted(to.stands.items(), key=lambda one: -one[0].precedence):
                if lane.origin == self._world.roster.me and peer in lane.audience:
                    after = held.get(lane, 0)
                    if after < stand.number:
                        return {**held, lane: self.offer_again(to, peer, lane, after)}
        return None


def _parts(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """Rows of one lane, cut where the key changes and so that each part fits a parcel."""
    part: list[Any] = []
    size = 0
    for row in rows:
        full = len(part) == MAX_PARCEL_RECORDS or size + len(row.payload) > MAX_RECORDS_BYTES
        if part and (full or row.key_id != part[-1].key_id):
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row.payload)
    yield part


_O, _G, _L = schema.outbox, schema.log, schema.lane
_WAITING = (
    sa.select(_O.c.position, _O.c.precedence, _L.c.lane, _L.c.origin, _L.c.audience)
    .add_columns(_G.c.payload, _G.c.signature, _G.c.key_id)
    .join(_G, _G.c.position == _O.c.position)
    .join(_L, _L.c.lane == _G.c.lane)
    .where(_O.c.peer == bindparam("to_peer"), _O.c.via == bindparam("to_via"))
    .order_by(_O.c.precedence.desc(), _O.c.position)
    .limit(bindparam("limit"))
)
_CARRIED = sa.delete(_O).where(
    _O.c.peer == bindparam("to_peer"), _O.c.via == bindparam("to_via"), _O.c.position == bindparam("at_position")
)
_KEPT_HOME = sa.delete(_O).where(_O.c.peer == bindparam("to_peer"), _O.c.position == bindparam("at_position"))
_NO_DETOUR = sa.delete(_O).where(_O.c.peer == bindparam("to_peer"), _O.c.via != "")
_PUT_OUTBOX = insert(_O).on_conflict_do_nothing()
_POSITIONS_AFTER = (
    sa.select(_G.c.position, _G.c.number)
    .where(_G.c.lane == bindparam("of_lane"), _G.c.number > bindparam("after"))
    .order_by(_G.c.number)
    .limit(bindparam("limit"))
)
