"""The record: one immutable, typed, labelled, signed statement by one member.

Its id is the SHA-256 of its exact bytes. The signature is Ed25519 over the DSSE pre-authentication
encoding of those bytes (https://github.com/secure-systems-lab/dsse), which are kept as signed and
never encoded again.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from enum import IntEnum
from functools import cached_property
from typing import Annotated, Generic, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Raw, Struct

from laurel.core.errors import BadSignature, Malformed, TooLarge
from laurel.core.label import Label

PAYLOAD_TYPE = "application/vnd.laurel.record.v1+json"
MAX_RECORD_BYTES = 256 * 1024
SALT_BYTES = 16
# What every database can count to.
MAX_NUMBER = 2**63 - 1
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# What decoding raises: msgspec's errors and those of bad UTF-8 are ValueErrors.
UNREADABLE = (ValueError, RecursionError)

Body = TypeVar("Body")
Utc = Annotated[datetime, Meta(tz=True)]


class Precedence(IntEnum):
    """ACP 121: how urgently a record must be handled. A higher one overtakes a lower one."""

    ROUTINE = 0
    PRIORITY = 1
    IMMEDIATE = 2
    FLASH = 3


class World(Struct, frozen=True, order=True):
    """Where a record is true: a grouping, live or in one named exercise."""

    compact: str
    exercise: str | None = None

    @property
    def name(self) -> str:
        """`camp-david` or `camp-david.freedom-27`: stands in addresses, folders and messages."""
        return self.compact if self.exercise is None else f"{self.compact}.{self.exercise}"


class Halt(Struct, frozen=True):
    """Who stopped the play of an exercise, and why."""

    member: str
    author: str
    reason: str
    at: datetime


class Lane(Struct, frozen=True, order=True):
    """One numbered sequence of records: same world, origin, audience and precedence."""

    world: World
    origin: str
    audience: tuple[str, ...]
    precedence: Precedence


class Draft(Struct, frozen=True):
    """What an author means to say, before the world numbers, salts and signs it."""

    body: Struct
    label: Label
    precedence: Precedence = Precedence.ROUTINE
    about: tuple[str, ...] = ()
    answers: str | None = None


class Record(Struct, Generic[Body], frozen=True):
    """One statement. `body` is `msgspec.Raw` until its kind is known."""

    kind: str
    compact: str
    exercise: str | None
    origin: str
    author: str
    at: Utc
    label: Label
    precedence: Precedence
    number: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
    prev: str | None
    about: tuple[str, ...]
    answers: str | None
    salt: bytes
    body: Body

    @property
    def world(self) -> World:
        """The world it was said in."""
        return World(self.compact, self.exercise)

    @property
    def lane(self) -> Lane:
        """The lane it stands in."""
        return Lane(self.world, self.origin, self.label.rel_to, self.precedence)

    @property
    def order(self) -> tuple[datetime, str, int, tuple[str, ...], int]:
        """Sorts records in the order of saying.

        What was said in one moment, as while a clock stands, goes by lane, the more urgent first, and by number.
        """
        return self.at, self.origin, -self.precedence, self.label.rel_to, self.number


class Sealed(Struct, frozen=True, array_like=True, dict=True):
    """A record's exact bytes, its signature, and the id of the key that made it."""

    payload: bytes
    signature: bytes
    key_id: str

    @cached_property
    def id(self) -> str:
        """SHA-256 of the exact bytes, hexadecimal."""
        return hashlib.sha256(self.payload).hexdigest()


_ENCODER = msgspec.json.Encoder()
_RAW = msgspec.json.Decoder(Record[Raw])


def in_utc(at: datetime) -> datetime:
    """A moment in UTC. One that UTC has no year for is its first or its last."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        # What a peer says may not stop a fold: the lane would stand still.
        return FIRST if at.year == 1 else LAST


def as_text(at: datetime) -> str:
    """A moment in UTC, always as long, so that text sorts as time does."""
    return in_utc(at).isoformat(timespec="microseconds")


def pre_authentication_encoding(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """What DSSE signs: the type and the payload, each with its length."""
    kind = payload_type.encode()
    return b" ".join((b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload))


def key_id(public: Ed25519PublicKey) -> str:
    """A key's name: the first 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:32]


def seal(record: Record[Struct], key: Ed25519PrivateKey, key_name: str) -> Sealed:
    """Encode once and sign. Raises TooLarge."""
    payload = _ENCODER.encode(record)
    if len(payload) > MAX_RECORD_BYTES:
        raise TooLarge(kind=record.kind, bytes=len(payload), limit=MAX_RECORD_BYTES)
    return Sealed(payload, key.sign(pre_authentication_encoding(payload)), key_name)


def check_signature(sealed: Sealed, key: Ed25519PublicKey, payload_type: str = PAYLOAD_TYPE) -> None:
    """Raises BadSignature unless `key` signed exactly these bytes, as that type."""
    try:
        key.verify(sealed.signature, pre_authentication_encoding(sealed.payload, payload_type))
    except InvalidSignature:
        raise BadSignature(record_id=sealed.id, key_id=sealed.key_id) from None


def decode(payload: bytes) -> Record[Raw]:
    """The record with its body still raw. Raises Malformed, TooLarge, BadLabel."""
    if len(payload) > MAX_RECORD_BYTES:
        raise TooLarge(bytes=len(payload), limit=MAX_RECORD_BYTES)
    try:
        record = _RAW.decode(payload)
    except UNREADABLE as error:
        raise Malformed(why=str(error)) from None
    if len(record.salt) != SALT_BYTES:
        raise Malformed(why=f"salt must be {SALT_BYTES} bytes", got=len(record.salt))
    return record


def envelope(sealed: Sealed, payload_type: str = PAYLOAD_TYPE) -> dict[str, object]:
    """The record as a standard DSSE envelope, which anyone can verify without our code."""
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(sealed.payload).decode(),
        "signatures": [{"keyid": sealed.key_id, "sig": base64.b64encode(sealed.signature).decode()}],
    }


class _EnvelopeSignature(Struct, frozen=True):
    keyid: str
    sig: str


class _Envelope(Struct, frozen=True, rename="camel"):
    payload_type: str
    payload: str
    signatures: tuple[_EnvelopeSignature, ...]


def open_envelope(text: str, payload_type: str = PAYLOAD_TYPE) -> Sealed:
    """The record in a DSSE envelope, nothing of it checked yet. Raises Malformed."""
    try:
        opened = msgspec.json.decode(text, type=_Envelope)
        [signature] = opened.signatures
        payload = base64.b64decode(opened.payload, validate=True)
        sealed = Sealed(payload, base64.b64decode(signature.sig, validate=True), signature.keyid)
    except UNREADABLE as error:
        raise Malformed(what="envelope", why=str(error)) from None
    if opened.payload_type != payload_type:
        raise Malformed(what="envelope", type=opened.payload_type, must_be=payload_type)
    return sealed
