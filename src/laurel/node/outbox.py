"""What waits to be carried, and the heads by which nodes find what was lost on the way.

The log is the authority. A row of the outbox is a `Release` that the road has not yet acknowledged.
A peer that shows a gap, or stands still behind what was carried to it, is offered the rest again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.parcel import MAX_PARCEL_RECORDS, Parcel, seal_parcel
from laurel.core.record import Lane, Precedence, Sealed
from laurel.node.carry.road import Waiting
from laurel.node.keep import schema
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

    def waiting(self, peer: str, limit: int) -> list[Waiting]:
        """Parcels for a peer, the highest precedence first, each of one lane and in its order."""
        with self._store.reading() as from_:
            rows = from_.execute(_WAITING, {"to_peer": peer, "limit": limit}).all()
        rows = sorted(rows, key=lambda row: (row.lane, row.position))
        parts = [part for _, lane in groupby(rows, key=lambda row: row.lane) for part in _parts(lane)]
        # A new key's first records go after the word that names it, in whatever lane they are.
        parts.sort(key=lambda part: (-part[0].precedence, part[0].position))
        return [self._wrap(peer, part) for part in parts]

    def _wrap(self, peer: str, rows: Sequence[Any]) -> Waiting:
        first = rows[0]
        precedence = Precedence(first.precedence)
        records = tuple(Sealed(row.payload, row.signature, row.key_id) for row in rows)
        parcel = Parcel(first.origin, tuple(first.audience.split()), precedence, records)
        roster = self._world.roster
        wrapped = seal_parcel(parcel, self._store.world.name, roster.me, peer, roster.sealing_of(peer))
        return Waiting(peer, precedence, tuple(row.position for row in rows), wrapped)

    def carried(self, peer: str, positions: Sequence[int]) -> None:
        """The road has these on its disk: they wait no longer."""
        with self._store.writing() as to:
            to.execute(_CARRIED, [{"to_peer": peer, "at_position": position} for position in positions])

    def offer_again(self, to: Transaction, peer: str, lane: Lane, after: int) -> None:
        """Put the records of one of our lanes after a number back, for a peer that shows it lacks them."""
        key = {"of_lane": to.stands[lane].lane_id, "after": after, "limit": REOFFER_LIMIT}
        positions = to.execute(_POSITIONS_AFTER, key).scalars().all()
        for position in positions:
            to.put(_PUT_OUTBOX, {"peer": peer, "via": "", "precedence": int(lane.precedence), "position": position})
        log.info("offering %s again %d records after number %d", peer, len(positions), after)


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
    .where(_O.c.peer == bindparam("to_peer"))
    .order_by(_O.c.precedence.desc(), _O.c.position)
    .limit(bindparam("limit"))
)
_CARRIED = sa.delete(_O).where(_O.c.peer == bindparam("to_peer"), _O.c.position == bindparam("at_position"))
_PUT_OUTBOX = insert(_O).on_conflict_do_nothing()
_POSITIONS_AFTER = (
    sa.select(_G.c.position)
    .where(_G.c.lane == bindparam("of_lane"), _G.c.number > bindparam("after"))
    .order_by(_G.c.number)
    .limit(bindparam("limit"))
)
