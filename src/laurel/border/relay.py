"""What one member carries on for two others whose path is cut. Pure.

A relay sees who sends to whom, when, how much, with which precedence, and the name of the recipient's key. It cannot
open what it carries; what it alters, doubles, reorders or drops, the recipient finds by the seal, by the lanes and by
the signed heads of the sender. Those go through it sealed too.

`carry_on` decides whether we carry a parcel on:

1. it was sealed in this world;
2. it comes from its sender's own server: what was relayed once is never relayed again;
3. sender and recipient are two members in good standing, and so are we;
4. the pair has room left with us.

`check_bearer` is whether a member may bring us what another sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from laurel.border.admit import Refused
from laurel.border.parcel import Outside, message_id
from laurel.border.sealing import SealingSecret, open_bytes, seal_bytes
from laurel.core.errors import KeyGone, Malformed, UnknownMember, Untrusted, WrongWorld
from laurel.core.record import UNREADABLE, Precedence
from laurel.core.roster import Roster, SealingKey, Standing

# What may wait with us for one pair, one way. The rest up to the limit is kept for FLASH.
MAX_PAIR_BYTES = 256 * 1024**2
MAX_PAIR_BYTES_BUT_FLASH = 224 * 1024**2
# A parcel that nobody fetched in that time is dropped: its sender has found another way, or offers it again.
MAX_AGE_S = 3_600
RELAY_POLICY = "any-member-may-carry"


class RelayFull(Untrusted):
    """A pair has its share of our disk."""

    says = "as much waits here for these two as we carry"
    remedy = "nothing is lost: the sender offers it again once the recipient's heads show that it is missing"


_POLICY: Mapping[type[Untrusted], str] = {
    WrongWorld: "exercise-wall",
    UnknownMember: RELAY_POLICY,
    RelayFull: "relay-room",
}


@dataclass(frozen=True)
class Passing:
    """A parcel that is not for us: what stands outside of it, and its bytes as they came and as they would go."""

    outside: Outside
    wrapped: bytes

    @property
    def id(self) -> str:
        """The name under which a repeat is recognised."""
        return message_id(self.wrapped)


@dataclass(frozen=True)
class Relayed:
    """This is carried on."""

    passing: Passing


def relays(roster: Roster) -> tuple[str, ...]:
    """Which peers may carry for others: members, no readers."""
    return tuple(code for code in roster.peers if roster.standings[code] is Standing.MEMBER)


def carry_on(passing: Passing, peer: str, roster: Roster, waiting_bytes: int) -> Relayed | Refused:
    """The decision on a parcel for another that a peer's server handed us, while so much of that pair waits here."""
    outside = passing.outside
    room = MAX_PAIR_BYTES if outside.precedence is Precedence.FLASH else MAX_PAIR_BYTES_BUT_FLASH
    try:
        if outside.world != roster.world.name:
            raise WrongWorld(what="relayed parcel", said_in=outside.world, offered_to=roster.world.name)
        if outside.sender != peer:
            raise UnknownMember(member=outside.sender, why="only its own server may ask us to carry", asked_by=peer)
        _in_good_standing(outside.sender, roster)
        _in_good_standing(outside.recipient, roster)
        if outside.recipient == outside.sender:
            raise UnknownMember(member=outside.recipient, why="it sent this itself", asked_by=peer)
        if roster.standings.get(roster.me) is not Standing.MEMBER:
            raise UnknownMember(member=roster.me, why="we carry nothing as we stand", asked_by=peer)
        if waiting_bytes + len(passing.wrapped) > room:
            raise RelayFull(sender=outside.sender, recipient=outside.recipient, waiting=waiting_bytes, limit=room)
    except Untrusted as error:
        return Refused(passing.id, _POLICY[type(error)], error)
    return Relayed(passing)


def check_bearer(bearer: str, sender: str, roster: Roster) -> None:
    """Whether we take from `bearer` what `sender` sealed for us. Raises UnknownMember.

    Its own server may always bring it. The records within are admitted each for itself.
    """
    if bearer == sender:
        return
    _in_good_standing(sender, roster)
    if bearer not in relays(roster):
        raise UnknownMember(member=bearer, why="it may not carry for others", sender=sender)


def _in_good_standing(member: str, roster: Roster) -> None:
    if member not in roster.peers:
        raise UnknownMember(member=member, why="it is no peer in good standing", world=roster.world.name)


class SealedHeads(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Signed heads for one recipient, as a relay hands them on."""

    key_name: str
    sealed: bytes


def seal_heads(signed: bytes, world: str, sender: str, recipient: str, key: SealingKey) -> bytes:
    """Signed heads so that a relay learns nothing of lanes and numbers. Raises Malformed for a key that is none."""
    bound = _bound(world, sender, recipient, key.name)
    return msgspec.msgpack.encode(SealedHeads(key.name, seal_bytes(signed, key.public, bound)))


def open_heads(wrapped: bytes, world: str, sender: str, recipient: str, keys: Mapping[str, SealingSecret]) -> bytes:
    """The signed heads in these bytes. Raises Malformed, KeyGone, BrokenSeal."""
    try:
        outer = msgspec.msgpack.decode(wrapped, type=SealedHeads)
    except UNREADABLE as error:
        raise Malformed(what="sealed heads", why=str(error)) from None
    secret = keys.get(outer.key_name)
    if secret is None:
        raise KeyGone(key=outer.key_name, sender=sender)
    return open_bytes(outer.sealed, secret, _bound(world, sender, recipient, outer.key_name))


def _bound(world: str, sender: str, recipient: str, key_name: str) -> bytes:
    return msgspec.msgpack.encode(("heads", world, sender, recipient, key_name))
