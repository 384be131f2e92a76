"""Who belongs to a world, by which keys they are known, and where they are reached.

Two members become peers by exchanging one small signed file each way, a `Card`, and comparing
fingerprints over another channel.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct

from laurel.core.errors import BadSignature, KeyEnded, KeyUnknown, Malformed, OtherCard, UnknownMember
from laurel.core.record import MAX_NUMBER, UNREADABLE, Lane, Utc, World, key_id, pre_authentication_encoding

CARD_TYPE = "application/vnd.laurel.card.v2+json"
SEALING_NAME = "^[0-9]{1,9}-[0-9a-f]{16}$"


@dataclass(frozen=True)
class SealingKey:
    """A public key that parcels for a member are sealed with. Its name begins with how many there were before it."""

    name: str
    public: bytes

    @property
    def generation(self) -> int:
        """How many sealing keys the member had before this one."""
        return int(self.name.partition("-")[0])


def sealing_key(generation: int, public: bytes) -> SealingKey:
    """The key with its name: `3-` and the first 16 hexadecimal digits of its SHA-256."""
    return SealingKey(f"{generation}-{hashlib.sha256(public).hexdigest()[:16]}", public)


class Card(Struct, frozen=True):
    """One member's introduction to one world: its keys and its address, signed by itself.

    `former` are the keys that it signed with before `signing_key`, the oldest first: where each of them ended is
    told in its lanes.
    """

    member: str
    name: str
    world: World
    signing_key: bytes
    nats_key: str
    tls_authority: str
    address: str
    made_at: Utc
    sealing_name: Annotated[str, Meta(pattern=SEALING_NAME)]
    sealing_public: bytes
    former: tuple[bytes, ...] = ()

    @property
    def sealing(self) -> SealingKey:
        """The key that parcels for this member are sealed with until it says another."""
        return SealingKey(self.sealing_name, self.sealing_public)

    @property
    def key(self) -> Ed25519PublicKey:
        """The key that signs this member's records in this world."""
        return Ed25519PublicKey.from_public_bytes(self.signing_key)


class _Signature(Struct, frozen=True):
    keyid: str
    sig: str


class _Envelope(Struct, frozen=True, rename="camel"):
    payload_type: str
    payload: str
    signatures: tuple[_Signature, ...]


def sign_card(card: Card, key: Ed25519PrivateKey) -> bytes:
    """The card as a DSSE envelope: what is written to the file that is handed over."""
    payload = msgspec.json.encode(card)
    signature = key.sign(pre_authentication_encoding(payload, CARD_TYPE))
    signed = _Signature(key_id(key.public_key()), base64.b64encode(signature).decode())
    envelope = _Envelope(CARD_TYPE, base64.b64encode(payload).decode(), (signed,))
    return msgspec.json.format(msgspec.json.encode(envelope), indent=1) + b"\n"


def open_card(file: bytes) -> Card:
    """The card in a file, its own signature checked. Raises Malformed, OtherCard, BadSignature.

    The signature only proves that the card is whole. Who made it is proved by the fingerprint.
    """
    try:
        envelope = msgspec.json.decode(file, type=_Envelope)
        if envelope.payload_type != CARD_TYPE:
            raise OtherCard(it_is=envelope.payload_type, must_be=CARD_TYPE)
        payload = base64.b64decode(envelope.payload, validate=True)
        card = msgspec.json.decode(payload, type=Card)
        key = card.key
        for public in card.former:
            Ed25519PublicKey.from_public_bytes(public)
        signature = base64.b64decode(envelope.signatures[0].sig, validate=True)
    except (*UNREADABLE, IndexError) as error:
        raise Malformed(what="member card", why=str(error)) from None
    try:
        key.verify(signature, pre_authentication_encoding(payload, CARD_TYPE))
    except InvalidSignature:
        raise BadSignature(what="member card", member=card.member) from None
    return card


def fingerprint(card: Card) -> str:
    """Eight groups of four hexadecimal digits over everything the card says: read aloud to compare."""
    digest = hashlib.sha256(msgspec.json.encode(card)).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


class Standing(StrEnum):
    """What a member is in a world, as those whom the compact names agreed."""

    MEMBER = "member"
    """Speaks and is spoken to."""
    READER = "reader"
    """Receives what is released to it one way; says receipts and nothing else."""
    SUSPENDED = "suspended"
    """Keeps what it has. Nothing more goes to it or is taken from it until it is reinstated."""
    EXPELLED = "expelled"
    """Keeps what it has. Its keys count for nothing more."""


@dataclass(frozen=True)
class KeySpan:
    """A signing key of a member and how far its rule reaches.

    `ends` gives, for a lane's audience and precedence, the last number that this key may sign; a lane that
    it does not name ends at 0. None: the key is in force and signs whatever comes next.
    """

    key: Ed25519PublicKey
    ends: Mapping[tuple[tuple[str, ...], int], int] | None = None

    def last(self, lane: Lane) -> int:
        """The last number of this lane that the key may sign."""
        return MAX_NUMBER if self.ends is None else self.ends.get((lane.audience, int(lane.precedence)), 0)


@dataclass(frozen=True)
class Roster:
    """The members of one world as one node knows them, itself included.

    `standings` are the codes that belong, or once belonged, and what each of them is now; `cards` are those of them
    that were admitted here; `spans` the signing keys of each that came after the one on its card, and `sealing`
    the key that parcels for each are sealed with now. A member without an entry has what its card says.
    `founded` is what the compact's file names, from which every change by record starts; `names` are the English
    names of those that joined since; `charter` is what that file says to each instrument.
    """

    world: World
    me: str
    standings: Mapping[str, Standing]
    cards: Mapping[str, Card]
    spans: Mapping[str, tuple[KeySpan, ...]] = field(default_factory=dict[str, tuple[KeySpan, ...]])
    sealing: Mapping[str, SealingKey] = field(default_factory=dict[str, SealingKey])
    founded: Mapping[str, Standing] = field(default_factory=dict[str, Standing])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    charter: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    @cached_property
    def _keys(self) -> dict[str, dict[str, KeySpan]]:
        spans = {code: spans_of(card) for code, card in self.cards.items()} | dict(self.spans)
        return {code: {key_id(span.key): span for span in of_member} for code, of_member in spans.items()}

    @cached_property
    def entitled(self) -> frozenset[str]:
        """Codes that a label may name now: members and readers."""
        return frozenset(code for code, one in self.standings.items() if one in {Standing.MEMBER, Standing.READER})

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """Codes of those that speak and are spoken to, sorted."""
        return tuple(sorted(code for code, one in self.standings.items() if one is Standing.MEMBER))

    @cached_property
    def readers(self) -> tuple[str, ...]:
        """Codes of those that are told one way, sorted."""
        return tuple(sorted(code for code, one in self.standings.items() if one is Standing.READER))

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of all that are entitled and whose cards were admitted here, sorted."""
        return tuple(sorted(self.entitled & self.cards.keys()))

    @property
    def peers(self) -> tuple[str, ...]:
        """Codes of all members but this one, sorted."""
        return tuple(code for code in self.members if code != self.me)

    def key(self, member: str, key_name: str) -> Ed25519PublicKey:
        """The public key of that name which `member` signs, or once signed, with. Raises UnknownMember, KeyUnknown."""
        return self._span(member, key_name).key

    def key_now(self, member: str, key_name: str) -> Ed25519PublicKey:
        """The key of that name, if it is still in force. Raises UnknownMember, KeyUnknown, KeyEnded."""
        span = self._span(member, key_name)
        if span.ends is not None:
            raise KeyEnded(member=member, key_id=key_name)
        return span.key

    def names_in_force(self, member: str) -> tuple[str, ...]:
        """The names of the keys that no later one has ended, the newest last."""
        return tuple(name for name, span in self._keys.get(member, {}).items() if span.ends is None)

    def sealing_of(self, member: str) -> SealingKey:
        """The key that parcels for `member` are sealed with now. Raises UnknownMember."""
        if member in self.sealing:
            return self.sealing[member]
        if member not in self.cards:
            raise UnknownMember(member=member, world=self.world.name)
        return self.cards[member].sealing

    def key_for(self, lane: Lane, number: int, key_name: str) -> Ed25519PublicKey:
        """The key of that name, if it may sign that number of the lane.

        Raises UnknownMember, KeyUnknown, KeyEnded.
        """
        span = self._span(lane.origin, key_name)
        if number > span.last(lane):
            raise KeyEnded(member=lane.origin, key_id=key_name, number=number, last=span.last(lane))
        return span.key

    def _span(self, member: str, key_name: str) -> KeySpan:
        known = self._keys.get(member)
        if known is None:
            raise UnknownMember(member=member, key_id=key_name, world=self.world.name)
        if key_name not in known:
            raise KeyUnknown(member=member, key_id=key_name, world=self.world.name)
        return known[key_name]


def spans_of(card: Card) -> tuple[KeySpan, ...]:
    """The keys that a card names, each in force until its member's word says where it ended."""
    return (*(KeySpan(Ed25519PublicKey.from_public_bytes(one)) for one in card.former), KeySpan(card.key))
