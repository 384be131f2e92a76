"""A bundle: records on their own, in one file that anyone checks without a node.

JSON, one line each: first what it is (a DSSE envelope, signed by the member that exports it), then each record in
its own DSSE envelope, then the cards of the members that signed them. The first line names every other by its hash,
in order, and each line is written in one way only: so no byte can be altered, left out or put in unnoticed.

What a check proves rests on keys. A card that the checker holds proves who spoke; a card that came in the file proves
no more than its fingerprint, which is to be compared over another channel.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Raw, Struct

from laurel.core.errors import BadLabel, BadSignature, LaurelError, Malformed, WrongWorld
from laurel.core.fields import RecordId, Sha256
from laurel.core.label import Label, join
from laurel.core.record import (
    PAYLOAD_TYPE,
    UNREADABLE,
    Record,
    Sealed,
    Utc,
    World,
    check_signature,
    decode,
    envelope,
    key_id,
    open_envelope,
    pre_authentication_encoding,
)
from laurel.core.roster import CARD_TYPE, Card, fingerprint, open_card

BUNDLE_TYPE = "application/vnd.laurel.bundle.v1+json"
NO_KEYS: Mapping[str, Ed25519PublicKey] = {}


class What(StrEnum):
    """What a bundle holds."""

    CONVERSATION = "conversation"
    JOINT_STATEMENT = "joint-statement"


class Head(Struct, frozen=True):
    """The first line: what this is, by whom and when it was exported, and what follows, in order.

    `label` is the join of all labels within. `keys` are those, by member and name, that sign a record here and stand on
    no card here: the exporter knows them from its log, and says so; nothing else vouches for them.
    """

    what: What
    subject: RecordId
    title: str
    compact: str
    exercise: str | None
    label: Label
    exporter: str
    author: str
    at: Utc
    records: tuple[RecordId, ...]
    cards: tuple[Sha256, ...]
    keys: dict[str, dict[str, Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]]]


@dataclass(frozen=True)
class Export:
    """What is to be exported, and by whom."""

    what: What
    subject: str
    title: str
    records: Sequence[Sealed]
    cards: Mapping[str, bytes]
    keys: Mapping[str, Mapping[str, Ed25519PublicKey]]
    exporter: str
    author: str
    at: datetime


def make(export: Export, key_name: str, key: Ed25519PrivateKey) -> bytes:
    """The file. Raises BadLabel when no member may read all of it."""
    records = [decode(one.payload) for one in export.records]
    signers = {record.origin for record in records} | {export.exporter}
    cards = {code: _card_line(file) for code, file in sorted(export.cards.items()) if code in signers}
    on_cards = {name for file in cards.values() for name in _keys_of(open_card(file))}
    loose: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for sealed, record in zip(export.records, records, strict=True):
        public = export.keys.get(record.origin, {}).get(sealed.key_id)
        if sealed.key_id not in on_cards and public is not None:
            loose[record.origin][sealed.key_id] = public.public_bytes_raw().hex()
    head = Head(
        what=export.what,
        subject=export.subject,
        title=export.title,
        compact=records[0].compact,
        exercise=records[0].exercise,
        label=joined(records),
        exporter=export.exporter,
        author=export.author,
        at=export.at,
        records=tuple(one.id for one in export.records),
        cards=tuple(hashlib.sha256(line).hexdigest() for line in cards.values()),
        keys=dict(loose),
    )
    payload = msgspec.json.encode(head)
    signature = key.sign(pre_authentication_encoding(payload, BUNDLE_TYPE))
    first = msgspec.json.encode(envelope(Sealed(payload, signature, key_name), BUNDLE_TYPE))
    lines = [first, *(msgspec.json.encode(envelope(one)) for one in export.records), *cards.values()]
    return b"".join(line + b"\n" for line in lines)


def joined(records: Iterable[Record[Raw]]) -> Label:
    """The label of a thing made from all of these. Raises BadLabel."""
    return reduce(join, (record.label for record in records))


def _card_line(file: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(file))


def _keys_of(card: Card) -> dict[str, Ed25519PublicKey]:
    former = (Ed25519PublicKey.from_public_bytes(one) for one in card.former)
    return {key_id(one): one for one in (*former, card.key)}


# Checking


class Proof(StrEnum):
    """On what it rests that a key is this member's."""

    GIVEN = "given"
    """The card, or the key, that the checker gave."""
    CARD_IN_FILE = "card-in-file"
    """The card in the file: compare its fingerprint over another channel."""
    EXPORTER = "exporter"
    """The word of the member that exported: compare the key over another channel."""


class Signer(Struct, frozen=True):
    """A member that signed records here, how many, by which keys, and on what it rests that they are its own.

    `fingerprint` is that of its card: the one given, or else the one in the file. None without either.
    """

    member: str
    records: int
    proof: Proof
    fingerprint: str | None
    keys: tuple[str, ...]


class Verdict(Struct, frozen=True):
    """What a check found. `faults` are sentences: none means that the file is whole and unaltered."""

    head: Head | None
    banner: str | None
    signers: tuple[Signer, ...]
    exporter: Signer | None
    missing: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is altered, missing or too much."""
        return not self.faults


@dataclass(frozen=True)
class Opened:
    """A bundle taken apart, and what a check of it found."""

    verdict: Verdict
    records: tuple[tuple[Sealed, Record[Raw]], ...]


@dataclass(frozen=True)
class _Known:
    """A key, and by what it is known to be a member's."""

    key: Ed25519PublicKey
    proof: Proof
    card: Card | None = None


Known = Mapping[str, Mapping[str, _Known]]


class NotOneWay(Malformed):
    """The same words can be written as JSON in many ways; here one alone counts."""

    says = "this line is not written in the one way there is"
    remedy = "somebody touched the file: ask for it again"


class NoCard(BadSignature):
    """Nobody vouches for the key."""

    says = "neither a card here nor the exporter names the key that this is signed with"
    remedy = "ask the member for its card, and give it with --card"


class NotGiven(BadSignature):
    """A card that the checker holds speaks louder than one in the file."""

    says = "this is signed by another key than those you gave of this member"
    remedy = "if the member changed its key since, ask it for its card of today; else this is forged"


def check(file: bytes, given: Sequence[Card] = (), keys: Mapping[str, Ed25519PublicKey] = NO_KEYS) -> Opened:
    """Take a bundle apart and find every fault in it.

    `given` are cards, and `keys` public keys, that the checker knows to be the members' own.

    1. The first line opens, and is written in the one way there is.
    2. Each record and each card that it names stands in its place, by its hash, and nothing else does.
    3. Each record is of this world, and signed by a key of its origin: of a member of whom one was given, by that.
    4. The first line is signed by a key of the exporter, and its label is the join of all labels.

    Raises WrongWorld for a card given that is of another world.
    """
    lines = file.split(b"\n")
    faults = [] if lines.pop() == b"" else ["the file does not end with a whole line"]
    try:
        head, sealed_head = _open_head(lines[0] if lines else b"")
    except LaurelError as error:
        return Opened(Verdict(None, None, (), None, (), (*faults, f"line 1: {error}")), ())
    world = World(head.compact, head.exercise)
    for card in given:
        if card.world != world:
            raise WrongWorld(what="member card", member=card.member, said_in=card.world.name, offered_to=world.name)
    found = [_read_line(number, line, faults) for number, line in enumerate(lines[1:], 2)]
    missing = _places(head, [name for name, _ in found], faults)
    cards = [card for _, card in found if isinstance(card, Card)]
    known = _known(head, cards, given, keys)
    records = list(_signed([one for _, one in found if isinstance(one, Sealed)], world, known, faults))
    faults += [
        f"the card of {card.member} is of another world, {card.world.name}" for card in cards if card.world != world
    ]
    if records and not missing and _label_of(record for _, record in records) != head.label:
        faults.append(f"line 1: {head.label.banner} is not the join of the labels within")
    exporter = _exporter(head, sealed_head, known, faults)
    verdict = Verdict(head, head.label.banner, _signers(records, known), exporter, missing, tuple(faults))
    return Opened(verdict, tuple(records))


def _open_head(line: bytes) -> tuple[Head, Sealed]:
    """Raises Malformed, BadLabel."""
    sealed = _open(line, BUNDLE_TYPE)
    try:
        return msgspec.json.decode(sealed.payload, type=Head), sealed
    except UNREADABLE as error:
        raise Malformed(what="first line of a bundle", why=str(error)) from None


def _open(line: bytes, kind: str) -> Sealed:
    try:
        sealed = open_envelope(line.decode(), kind)
    except UNREADABLE as error:
        raise Malformed(what="line", why=str(error)) from None
    if line != msgspec.json.encode(envelope(sealed, kind)):
        raise NotOneWay(begins=line[:40].decode(errors="replace"))
    return sealed


def _read_line(number: int, line: bytes, faults: list[str]) -> tuple[str, Sealed | Card | None]:
    """A line by the hash that the first line names it by: a record, a card, or neither."""
    try:
        if CARD_TYPE.encode() in line[:200]:
            return hashlib.sha256(line).hexdigest(), open_card(line)
        sealed = _open(line, PAYLOAD_TYPE)
    except LaurelError as error:
        faults.append(f"line {number}: {error}")
        return f"line {number}", None
    return sealed.id, sealed


def _places(head: Head, found: Sequence[str], faults: list[str]) -> tuple[str, ...]:
    """The ids of records that are missing. Whatever does not stand where it must is a fault."""
    wanted = (*head.records, *head.cards)
    missing = tuple(one for one in wanted if one not in found)
    faults += [f"missing: {'record' if one in head.records else 'card'} {one}" for one in missing]
    for number, one in enumerate(found, 2):
        if one not in wanted and not one.startswith("line"):
            faults.append(f"line {number}: the first line does not name this; it was altered or put in: {one}")
    if not faults and tuple(found) != wanted:
        faults.append("the lines do not stand in the order that the first line names")
    return tuple(one for one in missing if one in head.records)


def _known(head: Head, cards: Sequence[Card], given: Sequence[Card], keys: Mapping[str, Ed25519PublicKey]) -> Known:
    """The keys of each member, by name. What the checker gave shuts out everything else that is said of a member."""
    known: defaultdict[str, dict[str, _Known]] = defaultdict(dict)
    for member, named in head.keys.items():
        public = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(one)) for one in named.values()]
        known[member] |= {key_id(one): _Known(one, Proof.EXPORTER) for one in public}
    for card in cards:
        known[card.member] |= {name: _Known(one, Proof.CARD_IN_FILE, card) for name, one in _keys_of(card).items()}
    for card in given:
        known[card.member] = {name: _Known(one, Proof.GIVEN, card) for name, one in _keys_of(card).items()}
    for member, key in keys.items():
        known[member] = {key_id(key): _Known(key, Proof.GIVEN)}
    return known


def _key(member: str, name: str, known: Known) -> _Known:
    """Raises NotGiven, NoCard."""
    keys = known.get(member, {})
    if name in keys:
        return keys[name]
    if any(one.proof is Proof.GIVEN for one in keys.values()):
        raise NotGiven(member=member, key_id=name)
    raise NoCard(member=member, key_id=name)


def _signed(
    found: Sequence[Sealed], world: World, known: Known, faults: list[str]
) -> Iterator[tuple[Sealed, Record[Raw]]]:
    """Those that their origin signed, in this world."""
    for sealed in found:
        try:
            record = decode(sealed.payload)
            if record.world != world:
                raise WrongWorld(said_in=record.world.name, offered_to=world.name)
            check_signature(sealed, _key(record.origin, sealed.key_id, known).key)
        except LaurelError as error:
            faults.append(f"record {sealed.id}: {error}")
        else:
            yield sealed, record


def _label_of(records: Iterable[Record[Raw]]) -> Label | None:
    try:
        return joined(records)
    except BadLabel:
        return None


def _signers(records: Sequence[tuple[Sealed, Record[Raw]]], known: Known) -> tuple[Signer, ...]:
    keys: defaultdict[str, list[_Known]] = defaultdict(list)
    for sealed, record in records:
        keys[record.origin].append(known[record.origin][sealed.key_id])
    return tuple(_signer(member, used, known[member]) for member, used in sorted(keys.items()))


def _signer(member: str, used: Sequence[_Known], keys: Mapping[str, _Known]) -> Signer:
    """By the weakest proof among the keys that were used."""
    weakest = max((one.proof for one in used), key=list(Proof).index)
    card = next((one.card for one in (*used, *keys.values()) if one.card is not None), None)
    names = tuple(dict.fromkeys(one.key.public_bytes_raw().hex() for one in used))
    return Signer(member, len(used), weakest, None if card is None else fingerprint(card), names)


def _exporter(head: Head, sealed: Sealed, known: Known, faults: list[str]) -> Signer | None:
    try:
        used = _key(head.exporter, sealed.key_id, known)
        check_signature(sealed, used.key, BUNDLE_TYPE)
    except LaurelError as error:
        faults.append(f"line 1: {error}")
        return None
    return _signer(head.exporter, [used], known[head.exporter])
