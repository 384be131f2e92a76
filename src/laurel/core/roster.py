"""Who belongs to a world, by which keys they are known, and where they are reached.

Two members become peers by exchanging one small signed file each way, a `Card`, and comparing
fingerprints over another channel.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from laurel.core.errors import BadSignature, Malformed, UnknownMember
from laurel.core.record import UNREADABLE, Utc, World, key_id, pre_authentication_encoding

CARD_TYPE = "application/vnd.laurel.card.v1+json"


class Card(Struct, frozen=True):
    """One member's introduction to one world: its keys and its address, signed by itself."""

    member: str
    name: str
    world: World
    signing_key: bytes
    nats_key: str
    tls_authority: str
    address: str
    made_at: Utc

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
    """The card in a file, its own signature checked. Raises Malformed, BadSignature.

    The signature only proves that the card is whole. Who made it is proved by the fingerprint.
    """
    try:
        envelope = msgspec.json.decode(file, type=_Envelope)
        payload = base64.b64decode(envelope.payload, validate=True)
        card = msgspec.json.decode(payload, type=Card)
        key = card.key
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


@dataclass(frozen=True)
class Roster:
    """The members of one world as one node knows them, itself included.

    `entitled` are the codes the compact names; `cards` are those of them that were admitted here.
    """

    world: World
    me: str
    entitled: frozenset[str]
    cards: Mapping[str, Card]

    @cached_property
    def _keys(self) -> dict[str, dict[str, Ed25519PublicKey]]:
        return {code: {key_id(card.key): card.key} for code, card in self.cards.items()}

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of all members known, sorted."""
        return tuple(sorted(self.cards))

    @property
    def peers(self) -> tuple[str, ...]:
        """Codes of all members but this one, sorted."""
        return tuple(code for code in self.members if code != self.me)

    def key(self, member: str, key_name: str) -> Ed25519PublicKey:
        """The public key of that name which `member` signs with. Raises UnknownMember."""
        try:
            return self._keys[member][key_name]
        except KeyError:
            raise UnknownMember(member=member, key_id=key_name, world=self.world.name) from None
