"""What one member carries on for two others whose path is cut. Pure.

A relay sees who sends to whom, when, how much, and with which precedence. It cannot open what it carries; what it
alters, doubles, reorders or drops, the recipient finds by the lanes and by the signed heads of the sender.

`carry_on` decides whether we carry a parcel on:

1. it was wrapped for this world;
2. it comes from its sender's own server: what was relayed once is never relayed again;
3. sender and recipient are two members in good standing, and so are we;
4. the pair has room left with us.

`brought` decides whether a member may bring us what another sent: the same world, and both in good standing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from laurel.border.admit import Refused
from laurel.border.parcel import MAX_PARCEL_BYTES, message_id
from laurel.core.errors import Malformed, TooLarge, UnknownMember, Untrusted, WrongWorld
from laurel.core.record import UNREADABLE, Precedence
from laurel.core.roster import Roster, Standing

MAX_ONWARD_BYTES = MAX_PARCEL_BYTES + 1_000
# What may wait with us for one pair, one way. The rest up to the limit is kept for FLASH.
MAX_PAIR_BYTES = 256 * 1024**2
MAX_PAIR_BYTES_BUT_FLASH = 224 * 1024**2
# A parcel that nobody fetched in that time is dropped: its sender has found another way, or offers it again.
MAX_AGE_S = 3_600


class RelayFull(Untrusted):
    """A pair has its share of our disk."""

    says = "as much waits here for these two as we carry"
    remedy = "nothing is lost: the sender offers it again once the recipient's heads show that it is missing"


POLICY: Mapping[type[Untrusted], str] = {
    WrongWorld: "exercise-wall",
    UnknownMember: "any-member-may-carry",
    RelayFull: "relay-room",
}


class Onward(Struct, frozen=True, array_like=True, tag="onward/1"):
    """A parcel as a relay handles it: from whom, for whom, and bytes that it cannot read."""

    world: str
    sender: str
    recipient: str
    precedence: Precedence
    wrapped: bytes


@dataclass(frozen=True)
class Relayed:
    """We carry this on. `wrapped` are its bytes as they came, and as they go."""

    onward: Onward
    wrapped: bytes

    @property
    def id(self) -> str:
        """The name under which a repeat is recognised."""
        return message_id(self.wrapped)


_MARK = b"\x96\xa8onward/1"


def is_onward(wrapped: bytes) -> bool:
    """Whether these bytes name a sender and a recipient of their own."""
    return wrapped.startswith(_MARK)


def unwrap(wrapped: bytes) -> Onward:
    """The sender, the recipient and what is between them. Raises Malformed, TooLarge."""
    if len(wrapped) > MAX_ONWARD_BYTES:
        raise TooLarge(what="relayed parcel", bytes=len(wrapped), limit=MAX_ONWARD_BYTES)
    try:
        return msgspec.msgpack.decode(wrapped, type=Onward)
    except UNREADABLE as error:
        raise Malformed(what="relayed parcel", why=str(error)) from None


def wrap(onward: Onward) -> bytes:
    """Its bytes."""
    return msgspec.msgpack.encode(onward)


def relays(roster: Roster) -> tuple[str, ...]:
    """Which peers may carry for others: members, no readers."""
    return tuple(code for code in roster.peers if roster.standings[code] is Standing.MEMBER)


def carry_on(onward: Onward, wrapped: bytes, peer: str, roster: Roster, waiting_bytes: int) -> Relayed | Refused:
    """The decision on a parcel for another that a peer's server handed us, while so much of that pair waits here."""
    room = MAX_PAIR_BYTES if onward.precedence is Precedence.FLASH else MAX_PAIR_BYTES_BUT_FLASH
    try:
        _same_world(onward, roster)
        if onward.sender != peer:
            raise UnknownMember(member=onward.sender, why="only its own server may ask us to carry", asked_by=peer)
        _in_good_standing(onward.sender, roster)
        _in_good_standing(onward.recipient, roster)
        if onward.recipient == onward.sender:
            raise UnknownMember(member=onward.recipient, why="it sent this itself", asked_by=peer)
        if roster.standings[roster.me] is not Standing.MEMBER:
            raise UnknownMember(member=roster.me, why="we carry nothing as we stand", asked_by=peer)
        if waiting_bytes + len(wrapped) > room:
            raise RelayFull(sender=onward.sender, recipient=onward.recipient, waiting=waiting_bytes, limit=room)
    except Untrusted as error:
        return Refused(message_id(wrapped), POLICY[type(error)], error)
    return Relayed(onward, wrapped)


def brought(onward: Onward, wrapped: bytes, relay: str, roster: Roster) -> bytes | Refused:
    """The parcel that another member sent us through a relay. Its records are admitted each for itself."""
    try:
        _same_world(onward, roster)
        _in_good_standing(onward.sender, roster)
        if onward.sender == relay or relay not in relays(roster):
            raise UnknownMember(member=relay, why="it may not carry for others", sender=onward.sender)
    except Untrusted as error:
        return Refused(message_id(wrapped), POLICY[type(error)], error)
    return onward.wrapped


def _same_world(onward: Onward, roster: Roster) -> None:
    if onward.world != roster.world.name:
        raise WrongWorld(what="relayed parcel", said_in=onward.world, offered_to=roster.world.name)


def _in_good_standing(member: str, roster: Roster) -> None:
    if member not in roster.peers:
        raise UnknownMember(member=member, why="it is no peer in good standing", world=roster.world.name)
