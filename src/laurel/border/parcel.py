"""What crosses between nodes: records of one lane, wrapped.

The suite names how a parcel is protected inside the mutual TLS of the road. `plain` is the only one
today; a sealed suite takes its room later without a new shape.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Struct

from laurel.core.errors import Malformed, TooLarge
from laurel.core.record import UNREADABLE, Precedence, Sealed

MAX_PARCEL_BYTES = 900_000
MAX_PARCEL_RECORDS = 64


class Parcel(Struct, frozen=True, array_like=True):
    """Records of one lane in order. What the wrapping claims is for the road; each record is admitted for itself."""

    world: str
    origin: str
    audience: tuple[str, ...]
    precedence: Precedence
    suite: str
    records: tuple[Sealed, ...]


def pack(parcel: Parcel) -> bytes:
    """The parcel's bytes. Raises TooLarge."""
    wrapped = msgspec.msgpack.encode(parcel)
    if len(wrapped) > MAX_PARCEL_BYTES:
        raise TooLarge(what="parcel", bytes=len(wrapped), limit=MAX_PARCEL_BYTES)
    return wrapped


def unpack(wrapped: bytes) -> Parcel:
    """The parcel in these bytes. Raises Malformed, TooLarge."""
    if len(wrapped) > MAX_PARCEL_BYTES:
        raise TooLarge(what="parcel", bytes=len(wrapped), limit=MAX_PARCEL_BYTES)
    try:
        parcel = msgspec.msgpack.decode(wrapped, type=Parcel)
    except UNREADABLE as error:
        raise Malformed(what="parcel", why=str(error)) from None
    if parcel.suite != "plain":
        raise Malformed(what="parcel", why="unknown suite", suite=parcel.suite)
    if not 1 <= len(parcel.records) <= MAX_PARCEL_RECORDS:
        raise Malformed(what="parcel", why="number of records", records=len(parcel.records))
    return parcel


def message_id(wrapped: bytes) -> str:
    """The name under which the road recognises a repeat."""
    return hashlib.sha256(wrapped).hexdigest()
