"""Records that go back to the member that said them, since it lost them: what may leave and what may enter so.

A member that restored a backup asks its peers for its own records. It gets nothing that it could not read before,
and nothing becomes its own but what it signed, asked for, and labelled to the very peer that brings it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from laurel.border.admit import Admitted, Kinds, Lanes, Place, Refused, settle
from laurel.border.release import Release, Withheld
from laurel.core.errors import NotForUs, OurOwn, Untrusted, WrongWorld
from laurel.core.record import Lane, Record, Sealed, check_signature, decode
from laurel.core.roster import Roster

POLICY = "own-records-back"


def give_back(record_id: str, record: Record[Any], member: str, roster: Roster) -> Release | Withheld:
    """May this record that we hold go to `member`, as one that it said itself? No decision means no.

    1. It was said in this world.
    2. `member` said it, and is entitled now.
    3. Its label names us: so it was said to us, and to the one who asks.
    """
    if record.world != roster.world:
        return Withheld(member, record_id, "exercise-wall", f"it was said in {record.world.name}")
    if record.origin != member or member == roster.me:
        return Withheld(member, record_id, POLICY, f"it was said by {record.origin}")
    if member not in roster.entitled:
        return Withheld(member, record_id, "members-only", f"{member} is no peer in {roster.world.name}")
    if not {member, roster.me} <= set(record.label.rel_to):
        return Withheld(member, record_id, "rel-to", f"the label says {record.label.banner}")
    return Release(member, record_id, POLICY)


def take_back(
    sealed: Sealed,
    returner: str,
    roster: Roster,
    lanes: Lanes,
    kinds: Kinds,
    asked_for: Callable[[Lane, int], bool],
) -> Admitted | Refused:
    """The decision on a record that bears our own name.

    1. It is of this world, ours, and labelled to the peer that brings it.
    2. We signed it.
    3. It is one that we have, that a gap of ours hides, or that we asked for. Another under a number that we have
       is never taken: whoever brings it shows that somebody signed twice with our key.
    """
    try:
        record = decode(sealed.payload)
        if record.world != roster.world:
            raise WrongWorld(record_id=sealed.id, said_in=record.world.name, offered_to=roster.world.name)
        if record.origin != roster.me or not {returner, roster.me} <= set(record.label.rel_to):
            raise NotForUs(record_id=sealed.id, brought_by=returner, rel_to=record.label.rel_to)
        check_signature(sealed, roster.key_for(record.lane, record.number, sealed.key_id))
        settled = settle(sealed, record, POLICY, lanes, kinds)
        asked = settled.place in _EVER or (settled.place in _ASKED and asked_for(record.lane, record.number))
        if not asked:
            raise OurOwn(record_id=sealed.id, brought_by=returner, number=record.number, place=settled.place)
    except Untrusted as error:
        return Refused(sealed.id, POLICY, error)
    return settled


_EVER = {Place.DUPLICATE, Place.FOUND}
_ASKED = {Place.NEXT, Place.LATER}
