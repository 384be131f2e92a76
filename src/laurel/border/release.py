"""What may leave. `release` is the only maker of a `Release`, and the courier carries nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from laurel.border.policy import Policies, header_of
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


def release(sealed: Sealed, record: Record[Any], member: str, roster: Roster, policies: Policies) -> Release | Withheld:
    """May `member` have this record? Decided on the header alone, by the policies in force. No decision means no.

    That the label names the member, REL TO, is looked at here once more: it holds whatever any file says.
    """
    decision = policies.release(header_of(record), member, roster)
    if not decision.allowed:
        return Withheld(member, sealed.id, decision.policy, decision.why)
    if member not in record.label.rel_to:
        return Withheld(member, sealed.id, "rel-to", f"the label says {record.label.banner}")
    return Release(member, sealed.id, decision.policy)
