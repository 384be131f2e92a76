"""What crosses between nodes: records of one lane, sealed for one recipient.

Outside stand the world, the sender, the recipient and the precedence, and the name of the recipient's key:
that, the size and the time are all that a relay or a server on the way can see. All of it is bound into
the seal. Inside stand the lane and the records, padded so that the size tells little of them (Padmé, at most 12 %
more: Nikitin et al. 2019).

A parcel is opened once

1. its size and its outside are well formed, to the byte, and its suite is ours: there is no other to fall back to;
2. it is for this world, for us, and from somebody else;
3. we hold the key it names, and the seal holds with everything that stands outside;
4. what is inside is well formed, said by the sender, or by us and given back, and of a lane that we may read.

Whether each record stands in that lane, and is truly its origin's, is for `admit` to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from laurel.border.sealing import SUITE, SealingSecret, open_bytes, seal_bytes
from laurel.core.errors import KeyGone, Malformed, NotForUs, TooLarge, UnknownMember, WrongWorld
from laurel.core.record import UNREADABLE, Lane, Precedence, Sealed, World
from laurel.core.roster import SealingKey

MAX_PARCEL_BYTES = 900_000
MAX_PARCEL_RECORDS = 64
LEAST_BYTES = 512
LENGTH_BYTES = 4


class Parcel(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Records of one lane in order: what stands inside."""

    origin: str
    audience: tuple[str, ...]
    precedence: Precedence
    records: tuple[Sealed, ...]

    def lane(self, world: World) -> Lane:
        """The lane it says that its records stand in."""
        return Lane(world, self.origin, self.audience, self.precedence)


class Outside(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What anybody on the way can read, and the sealed rest."""

    suite: str
    world: str
    sender: str
    recipient: str
    precedence: Precedence
    key_name: str
    sealed: bytes

    @property
    def bound(self) -> bytes:
        """All that stands outside, each part with its length: the seal holds with nothing else."""
        parts = (self.suite, self.world, self.sender, self.recipient, int(self.precedence), self.key_name)
        return msgspec.msgpack.encode(parts)


def seal_parcel(parcel: Parcel, world: str, sender: str, recipient: str, key: SealingKey) -> bytes:
    """The parcel's bytes for one recipient. Each sealing gives other bytes. Raises TooLarge, Malformed."""
    packed = msgspec.msgpack.encode(parcel)
    plain = (len(packed).to_bytes(LENGTH_BYTES) + packed).ljust(padded(LENGTH_BYTES + len(packed)), b"\0")
    empty = Outside(SUITE, world, sender, recipient, parcel.precedence, key.name, b"")
    outside = msgspec.structs.replace(empty, sealed=seal_bytes(plain, key.public, empty.bound))
    wrapped = msgspec.msgpack.encode(outside)
    if len(wrapped) > MAX_PARCEL_BYTES:
        raise TooLarge(what="parcel", bytes=len(wrapped), limit=MAX_PARCEL_BYTES)
    return wrapped


def read_outside(wrapped: bytes) -> Outside:
    """What stands outside of a parcel: all that a relay needs. Raises Malformed, TooLarge."""
    if len(wrapped) > MAX_PARCEL_BYTES:
        raise TooLarge(what="parcel", bytes=len(wrapped), limit=MAX_PARCEL_BYTES)
    try:
        outside = msgspec.msgpack.decode(wrapped, type=Outside)
    except UNREADABLE as error:
        raise Malformed(what="parcel", why=str(error)) from None
    if outside.suite != SUITE:
        raise Malformed(what="parcel", why="unknown suite", suite=outside.suite, must_be=SUITE)
    # One parcel has one name: the same content written in another way is another parcel, and none of ours.
    if msgspec.msgpack.encode(outside) != wrapped:
        raise Malformed(what="parcel", why="not written as we write it")
    return outside


def open_parcel(wrapped: bytes, world: str, me: str, keys: Mapping[str, SealingSecret]) -> Parcel:
    """The parcel in these bytes, once the four steps have held.

    Raises Malformed, TooLarge, WrongWorld, NotForUs, UnknownMember, KeyGone, BrokenSeal.
    """
    outside = read_outside(wrapped)
    if outside.world != world:
        raise WrongWorld(what="parcel", said_in=outside.world, offered_to=world)
    if outside.recipient != me:
        raise NotForUs(what="parcel", recipient=outside.recipient)
    if outside.sender == me:
        raise UnknownMember(member=outside.sender, why="the parcel bears our own name")
    secret = keys.get(outside.key_name)
    if secret is None:
        raise KeyGone(key=outside.key_name, sender=outside.sender)
    parcel = _unpack(open_bytes(outside.sealed, secret, outside.bound))
    if parcel.origin not in {outside.sender, me} or parcel.precedence is not outside.precedence:
        raise Malformed(what="parcel", why="inside it is another's", outside=outside.sender, inside=parcel.origin)
    if me not in parcel.audience:
        raise NotForUs(what="parcel", audience=parcel.audience)
    return parcel


def _unpack(plain: bytes) -> Parcel:
    end = LENGTH_BYTES + int.from_bytes(plain[:LENGTH_BYTES])
    if len(plain) != padded(end) or plain.count(0, end) != len(plain) - end:
        raise Malformed(what="parcel", why="not padded as we pad it")
    try:
        parcel = msgspec.msgpack.decode(memoryview(plain)[LENGTH_BYTES:end], type=Parcel)
    except UNREADABLE as error:
        raise Malformed(what="parcel", why=str(error)) from None
    if not 1 <= len(parcel.records) <= MAX_PARCEL_RECORDS:
        raise Malformed(what="parcel", why="number of records", records=len(parcel.records))
    return parcel


def padded(length: int) -> int:
    """The length that so many bytes are padded to: the last bits of every length are zero (Padmé)."""
    length = max(length, LEAST_BYTES)
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def message_id(wrapped: bytes) -> str:
    """The name under which the road recognises a repeat of the same bytes; lanes recognise what is sealed anew."""
    return hashlib.sha256(wrapped).hexdigest()
