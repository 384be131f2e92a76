"""What a peer asks for by lane and number: its own records that it lost, or ours that a declared gap hid."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.heads import Want
from laurel.border.release import Release
from laurel.border.returning import give_back
from laurel.core.record import Lane, decode
from laurel.core.roster import Roster
from laurel.node.keep import schema
from laurel.node.keep.audit import audit
from laurel.node.keep.store import Store
from laurel.node.keep.transaction import Transaction

log = logging.getLogger(__name__)


def serve(to: Transaction, store: Store, roster: Roster, peer: str, want: Want, limit: int) -> list[int]:
    """Put what is wanted on its way to the peer, so many records at most. Their numbers."""
    lane = Lane(store.world, want.origin, want.audience, want.precedence)
    stand = to.stands.get(lane)
    if stand is None or peer not in lane.audience or lane.origin not in {peer, roster.me}:
        return []
    key = {"of_lane": stand.lane_id, "after": want.after, "until": want.until, "limit": limit}
    rows = to.execute(_WANTED, key).all()
    numbers: list[int] = []
    for row in rows:
        if lane.origin == peer:
            decision = give_back(row.id, decode(row.payload), peer, roster)
            if not isinstance(decision, Release):
                audit(to, "withheld", peer, row.id, decision.policy, decision.why)
                continue
            audit(to, "returned", peer, row.id, decision.policy, "")
        to.put(_PUT_OUTBOX, {"peer": peer, "via": "", "precedence": int(lane.precedence), "position": row.position})
        numbers.append(row.number)
    if numbers:
        log.info("giving %s what it asks for of %s: %d to %d", peer, lane.origin, numbers[0], numbers[-1])
    return numbers


_G = schema.log
_WANTED = (
    sa.select(_G.c.position, _G.c.number, _G.c.id, _G.c.payload)
    .where(
        _G.c.lane == bindparam("of_lane"),
        _G.c.number > bindparam("after"),
        _G.c.number <= bindparam("until"),
    )
    .order_by(_G.c.number)
    .limit(bindparam("limit"))
)
_PUT_OUTBOX = insert(schema.outbox).on_conflict_do_nothing()
