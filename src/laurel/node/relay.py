"""Parcels of others that wait here to be carried on. We cannot read them, and keep them out of the log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.sqlite import insert

from laurel.border.admit import Refused
from laurel.border.relay import MAX_AGE_S, RELAY_POLICY, Passing, Relayed, carry_on
from laurel.core.record import Precedence
from laurel.core.roster import Roster
from laurel.node.carry.road import Waiting
from laurel.node.keep import schema
from laurel.node.keep.audit import audit
from laurel.node.keep.reader import Source
from laurel.node.keep.transaction import Transaction

OFFER_PARCELS = 16


def take_to_carry_on(to: Transaction, passing: Passing, peer: str, roster: Roster) -> Relayed | Refused:
    """Keep a parcel that a peer sends to another through us, if we carry it. A repeat changes nothing."""
    to.execute(_DROP_OLD, {"before": (datetime.fromisoformat(to.at) - timedelta(seconds=MAX_AGE_S)).isoformat()})
    outside, wrapped = passing.outside, passing.wrapped
    pair = {"of_sender": outside.sender, "of_recipient": outside.recipient}
    decision = carry_on(passing, peer, roster, to.execute(_BYTES, pair).scalar() or 0)
    if isinstance(decision, Relayed):
        row = {"sender": outside.sender, "recipient": outside.recipient, "precedence": int(outside.precedence)}
        to.put(_PUT, {"number": None, "id": passing.id, **row, "taken_at": to.at, "wrapped": wrapped})
        why = f"{outside.precedence.name} for {outside.recipient}, {len(wrapped)} bytes"
        audit(to, "relayed", peer, passing.id, RELAY_POLICY, why)
    return decision


def waiting_for(from_: Source, recipient: str, peers: Collection[str]) -> list[Waiting]:
    """What others sent to a member through us, the highest precedence first, then as it came."""
    rows = from_.execute(_WAITING, {"of_recipient": recipient, "peers": sorted(peers), "limit": OFFER_PARCELS})
    return [Waiting(recipient, Precedence(row.precedence), (), row.wrapped, relayed=row.number) for row in rows]


def carried_on(to: Transaction, numbers: Collection[int]) -> bool:
    """The road has these. Whether anything waits still."""
    to.execute(_CARRIED, {"numbers": sorted(numbers)})
    return holds_any(to)


def holds_any(from_: Source) -> bool:
    """Whether anything of others waits here."""
    return from_.execute(_ANY).first() is not None


_R = schema.relay
_PAIR = (_R.c.sender == bindparam("of_sender"), _R.c.recipient == bindparam("of_recipient"))
_BYTES = sa.select(sa.func.sum(sa.func.length(_R.c.wrapped))).where(*_PAIR)
_DROP_OLD = sa.delete(_R).where(_R.c.taken_at < bindparam("before"))
_PUT = insert(_R).on_conflict_do_nothing()
_WAITING = (
    sa.select(_R.c.number, _R.c.precedence, _R.c.wrapped)
    .where(_R.c.recipient == bindparam("of_recipient"), _R.c.sender.in_(bindparam("peers", expanding=True)))
    .order_by(_R.c.precedence.desc(), _R.c.number)
    .limit(bindparam("limit"))
)
_CARRIED = sa.delete(_R).where(_R.c.number.in_(bindparam("numbers", expanding=True)))
_ANY = sa.select(_R.c.number).limit(1)
