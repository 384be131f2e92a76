"""What may leave. `release` is the only maker of a `Release`, and the courier carries nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from laurel.border.readers import goes_to_readers
from laurel.core.record import Record, Sealed
from laurel.core.roster import Roster


@dataclass(frozen=True)
class Release:
    """This record may be carried to this member."""

    member: str
    record_id: str
    policy: str


@dataclass(frozen=True)
class Withheld:
    """This record stays here, and why."""

    member: str
    record_id: str
    policy: str
    why: str


def release(sealed: Sealed, record: Record[Any], member: str, roster: Roster) -> Release | Withheld:
    """May `member` have this record? Decided on the header alone. No decision means no.

    1. It is our own: we speak for nobody else.
    2. It was said in this world.
    3. The member is one of this world's members, and not ourselves.
    4. The label names the member: REL TO.
    """
    record_id = sealed.id
    if record.origin != roster.me:
        return Withheld(member, record_id, "own-records-only", f"it was said by {record.origin}")
    if record.world != roster.world:
        return Withheld(member, record_id, "exercise-wall", f"it was said in {record.world.name}")
    if member == roster.me or member not in roster.entitled:
        return Withheld(member, record_id, "members-only", f"{member} is no peer in {roster.world.name}")
    if member in roster.readers and not goes_to_readers(record.kind):
        return Withheld(
            member, record_id, "readers-get-sanitised", f"{member} is a reader; {record.kind} is not sanitised"
        )
    if member not in record.label.rel_to:
        return Withheld(member, record_id, "rel-to", f"the label says {record.label.banner}")
    return Release(member, record_id, "rel-to")
