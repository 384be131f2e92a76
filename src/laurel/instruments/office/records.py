"""What a member's own people put on record among themselves. All of it stays at home."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from laurel.core.fields import Line, RecordId
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Record


def ours(record: Record[Any]) -> bool:
    """Whether our own office said it: released to its origin alone, so no other member's ever reaches us.

    A record of this kind that a peer labels to us is logged as what that peer said, and counts for nothing here.
    """
    return record.label.rel_to == (record.origin,)


class Proposed(Struct, frozen=True):
    """A first person asks for what takes two. `ask` is the whole ask as JSON, `words` what both must read.

    Nothing is done yet. It lapses `lasts_s` after it was said.
    """

    command: str
    ask: str
    words: str
    lasts_s: int


class Approved(Struct, frozen=True):
    """A second person approves that proposal: the act itself. It names the record that was on the screen."""

    proposal: RecordId


class Declined(Struct, frozen=True):
    """Somebody stops that proposal. One person is enough."""

    proposal: RecordId
    reason: Line


class WatchOffered(Struct, frozen=True):
    """Who has the watch offers it to the next, with what must be known."""

    to: str
    notes: str
    open_items: tuple[str, ...] = ()


class WatchTaken(Struct, frozen=True):
    """The watch is mine from now on. `offer` is the hand-over that I have read; None for a watch nobody offered.

    `instead_of` had it then, and `reason` says why he could not hand it over.
    """

    offer: RecordId | None
    instead_of: str | None = None
    reason: str = ""


class PolicyPut(Struct, frozen=True):
    """From now on this member's border decides by these policies beside the house's: file name -> Cedar text.

    The last one said is in force. Every audit line names its digest, so this record explains old decisions.
    """

    files: dict[str, str]
    digest: str
    reason: Line


class AuditAnchored(Struct, frozen=True):
    """The audit's chain stood here: who cuts its end off or writes it anew later contradicts this record."""

    line: int
    chain: str


PROPOSED = Kind("office.proposed.v1", Proposed, FOREVER)
APPROVED = Kind("office.approved.v1", Approved, FOREVER)
DECLINED = Kind("office.declined.v1", Declined, FOREVER)
WATCH_OFFERED = Kind("office.watch-offered.v1", WatchOffered, FOREVER)
WATCH_TAKEN = Kind("office.watch-taken.v1", WatchTaken, FOREVER)
POLICY_PUT = Kind("office.policy-put.v1", PolicyPut, FOREVER)
AUDIT_ANCHORED = Kind("office.audit-anchored.v1", AuditAnchored, FOREVER)

KINDS = (PROPOSED, APPROVED, DECLINED, WATCH_OFFERED, WATCH_TAKEN, POLICY_PUT, AUDIT_ANCHORED)
