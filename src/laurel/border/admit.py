"""What may enter. `admit` is the only way in.

The order of the checks is the order of what they cost and of what may be trusted:

1. size, and the shape of the header (`decode`);
2. the world: an exercise never enters the live world, nor the other way;
3. the origin is a peer in standing, says what its standing lets it say, and its label releases the record to us;
4. the signature, by a key of that origin which may sign this number of this lane;
5. the policies in force, which may refuse what all of this would let in;
6. the lane: last + 1 is next, a later number waits, a number already held is a duplicate or a fork;
7. the body, against the kind's type: what is authentic but not understood is quarantined, and the
   lane moves on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import msgspec
from msgspec import Raw

from laurel.border.policy import Policies, header_of
from laurel.border.readers import FROM_READERS
from laurel.core.errors import (
    BadLabel,
    BadSignature,
    BrokenSeal,
    KeyEnded,
    KeyGone,
    KeyUnknown,
    LaurelError,
    Malformed,
    NotForUs,
    NotInStanding,
    NotTaken,
    ReaderSpoke,
    UnknownMember,
    Untrusted,
    WrongWorld,
)
from laurel.core.instrument import Kind
from laurel.core.record import UNREADABLE, Lane, Record, Sealed, check_signature, decode
from laurel.core.roster import Roster, Standing

POLICY: Mapping[type[Untrusted], str] = {
    WrongWorld: "exercise-wall",
    UnknownMember: "members-only",
    NotInStanding: "members-only",
    ReaderSpoke: "readers-say-receipts",
    NotForUs: "rel-to",
    BadLabel: "rel-to",
    BadSignature: "signature",
    KeyUnknown: "members-only",
    KeyEnded: "key-span",
    BrokenSeal: "seal",
    KeyGone: "seal",
}


class Place(StrEnum):
    """Where an authentic record stands in its lane."""

    NEXT = "next"
    LATER = "later"
    DUPLICATE = "duplicate"
    FORK = "fork"


PLACED_BY: Mapping[Place, str] = {
    Place.LATER: "no-gap",
    Place.DUPLICATE: "one-number-one-record",
    Place.FORK: "one-number-one-record",
}


@dataclass(frozen=True)
class Admitted:
    """Authentic and for us, by the policy `taken_by`. `misread` says why the body was not understood, or is None."""

    sealed: Sealed
    record: Record[Any]
    place: Place
    misread: str | None
    taken_by: str

    @property
    def policy(self) -> str:
        """What decided."""
        return PLACED_BY.get(self.place, self.taken_by)


@dataclass(frozen=True)
class Refused:
    """Not let in. Nothing changed."""

    record_id: str
    policy: str
    error: Untrusted


class Lanes(Protocol):
    """What we hold of each lane."""

    def head(self, lane: Lane) -> tuple[int, str | None]:
        """The last number held in an unbroken row, and its id; (0, None) for none."""
        ...

    def id_at(self, lane: Lane, number: int) -> str | None:
        """The id of the record held at that number."""
        ...


class Kinds:
    """The kinds this node understands, each with its decoder."""

    def __init__(self, kinds: Mapping[str, Kind[Any]]) -> None:
        self._decoders = {name: msgspec.json.Decoder(kind.body) for name, kind in kinds.items()}

    def read(self, record: Record[Raw]) -> tuple[Record[Any], str | None]:
        """The record with its typed body, or as it was with the reason why not."""
        decoder = self._decoders.get(record.kind)
        if decoder is None:
            return record, f"unknown kind {record.kind}"
        try:
            return msgspec.structs.replace(record, body=decoder.decode(record.body)), None
        except (*UNREADABLE, LaurelError) as error:
            return record, str(error)


def authenticate(sealed: Sealed, roster: Roster) -> Record[Raw]:
    """The record, once steps 1 to 4 have held. Raises Untrusted."""
    record = decode(sealed.payload)
    if record.world != roster.world:
        raise WrongWorld(record_id=sealed.id, said_in=record.world.name, offered_to=roster.world.name)
    if record.origin == roster.me:
        raise UnknownMember(member=record.origin, why="it bears our own name", record_id=sealed.id)
    standing = roster.standings.get(record.origin)
    if standing is None:
        raise UnknownMember(member=record.origin, world=roster.world.name, record_id=sealed.id)
    if record.origin not in roster.entitled:
        raise NotInStanding(record_id=sealed.id, member=record.origin, standing=standing.value)
    if standing is Standing.READER and record.kind not in FROM_READERS:
        raise ReaderSpoke(record_id=sealed.id, member=record.origin, kind=record.kind)
    if record.origin not in record.label.rel_to:
        raise BadLabel(record_id=sealed.id, origin=record.origin, rel_to=record.label.rel_to)
    if roster.me not in record.label.rel_to:
        raise NotForUs(record_id=sealed.id, rel_to=record.label.rel_to)
    check_signature(sealed, roster.key_for(record.lane, record.number, sealed.key_id))
    return record


def refused(record_id: str, error: Untrusted) -> Refused:
    """The refusal of what raised this, by the policy that it broke."""
    return Refused(record_id, POLICY.get(type(error), "well-formed"), error)


def in_its_lane(decision: Admitted | Refused, lane: Lane) -> Admitted | Refused:
    """The decision on a record of a parcel, which may hold none but those of the lane that it names."""
    if isinstance(decision, Refused) or decision.record.lane == lane:
        return decision
    error = Malformed(record_id=decision.sealed.id, why="it came in the parcel of another lane")
    return refused(decision.sealed.id, error)


def place(record: Record[Any], record_id: str, lanes: Lanes) -> Place:
    """Where it stands, by its number, its id, and the id it says came before."""
    last, last_id = lanes.head(record.lane)
    if record.number <= last:
        same = lanes.id_at(record.lane, record.number) == record_id
        return Place.DUPLICATE if same else Place.FORK
    if record.number > last + 1:
        return Place.LATER
    return Place.NEXT if record.prev == last_id else Place.FORK


def admit(sealed: Sealed, roster: Roster, policies: Policies, lanes: Lanes, kinds: Kinds) -> Admitted | Refused:
    """The decision on one record that was offered to us."""
    try:
        raw = authenticate(sealed, roster)
    except Untrusted as error:
        return refused(sealed.id, error)
    decision = policies.admit(header_of(raw), roster)
    if not decision.allowed:
        return Refused(sealed.id, decision.policy, NotTaken(record_id=sealed.id, why=decision.why))
    record, misread = kinds.read(raw)
    return Admitted(sealed, record, place(raw, sealed.id, lanes), misread, decision.policy)
