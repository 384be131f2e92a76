"""Records: exact bytes, ids, signatures, and every way in which bytes are not a record."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from nacl.signing import SigningKey, VerifyKey

from laurel.core.errors import BadLabel, BadSignature, Malformed, TooLarge
from laurel.core.label import Classification, Label
from laurel.core.record import (
    MAX_NUMBER,
    MAX_RECORD_BYTES,
    PAYLOAD_TYPE,
    Lane,
    Precedence,
    Record,
    Sealed,
    World,
    check_signature,
    decode,
    envelope,
    key_id,
    pre_authentication_encoding,
    seal,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = key_id(KEY.public_key())
EVERYONE = Label(Classification.SECRET, ("JPN", "KOR", "USA"))


class Words(Struct, frozen=True):
    text: str


def record(text: str = "hello", **changes: Any) -> Record[Struct]:
    made: Record[Struct] = Record(
        kind="hotline.message.v1",
        compact="camp-david",
        exercise=None,
        origin="JPN",
        author="officer:sato",
        at=datetime(2026, 8, 18, 3, 0, 0, 123456, UTC),
        label=EVERYONE,
        precedence=Precedence.FLASH,
        number=1,
        prev=None,
        about=(),
        answers=None,
        salt=bytes(16),
        body=Words(text),
    )
    return msgspec.structs.replace(made, **changes)


def altered(**fields: Any) -> bytes:
    """A payload whose fields are what no honest node would write."""
    made = json.loads(seal(record(), KEY, NAME).payload)
    return json.dumps({**made, **fields}).encode()


# Bytes and ids


@given(st.text(), st.integers(1, MAX_NUMBER), st.sampled_from(Precedence), st.datetimes(timezones=st.just(UTC)))
def test_what_was_sealed_is_read_back_as_it_was_said(
    text: str, number: int, precedence: Precedence, at: datetime
) -> None:
    said = record(text, number=number, precedence=precedence, at=at, about=("a" * 64,), answers="b" * 64)
    sealed = seal(said, KEY, NAME)
    read = decode(sealed.payload)
    assert msgspec.json.decode(read.body, type=Words) == said.body
    assert msgspec.structs.replace(read, body=said.body) == said


def test_the_id_is_the_hash_of_the_exact_bytes() -> None:
    sealed = seal(record(), KEY, NAME)
    assert sealed.id == hashlib.sha256(sealed.payload).hexdigest()
    spaced = Sealed(sealed.payload.replace(b",", b", ", 1), sealed.signature, sealed.key_id)
    assert decode(spaced.payload) == decode(sealed.payload)
    assert spaced.id != sealed.id
    with pytest.raises(BadSignature):
        check_signature(spaced, KEY.public_key())


def test_a_sealed_record_survives_the_road_with_the_same_bytes() -> None:
    sealed = seal(record(), KEY, NAME)
    assert sealed.id
    carried = msgspec.msgpack.decode(msgspec.msgpack.encode(sealed), type=Sealed)
    assert carried == sealed
    assert carried.id == sealed.id


def test_two_records_of_the_same_words_have_different_ids_by_their_salt() -> None:
    assert seal(record(), KEY, NAME).id != seal(record(salt=bytes(15) + b"\x01"), KEY, NAME).id


def test_a_record_stands_in_the_lane_of_its_world_origin_audience_and_precedence() -> None:
    said = record(exercise="freedom-27")
    assert said.world == World("camp-david", "freedom-27")
    assert said.world.name == "camp-david.freedom-27"
    assert said.lane == Lane(said.world, "JPN", ("JPN", "KOR", "USA"), Precedence.FLASH)


# Signatures


def test_the_encoding_that_is_signed_is_that_of_the_dsse_specification() -> None:
    """https://github.com/secure-systems-lab/dsse, protocol.md, "Test Vectors"."""
    encoded = pre_authentication_encoding(b"hello world", "http://example.com/HelloWorld")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    x = 46950820868899156662930047687818585632848591499744589407958293238635476079160
    y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
    published = base64.b64decode(
        "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    )
    signature = encode_dss_signature(int.from_bytes(published[:32]), int.from_bytes(published[32:]))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key.verify(signature, encoded, ec.ECDSA(hashes.SHA256()))


def test_lengths_in_that_encoding_count_bytes_not_letters() -> None:
    assert pre_authentication_encoding("警報".encode(), "é") == b"DSSEv1 2 \xc3\xa9 6 " + "警報".encode()


RFC_8032 = [  # section 7.1: secret key, public key, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032, ids=["test 1", "test 2"])
def test_the_keys_of_rfc_8032_sign_records_that_another_implementation_accepts(
    secret: str, public: str, message: str, signature: str
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert key.public_key().public_bytes_raw().hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    sealed = seal(record(), key, key_id(key.public_key()))
    assert sealed.key_id == hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]
    signed = pre_authentication_encoding(sealed.payload)
    assert VerifyKey(bytes.fromhex(public)).verify(signed, sealed.signature) == signed
    elsewhere = SigningKey(bytes.fromhex(secret)).sign(signed).signature
    check_signature(Sealed(sealed.payload, elsewhere, sealed.key_id), key.public_key())


def test_a_signature_cannot_be_turned_into_another_valid_one() -> None:
    """RFC 8032, 5.1.7: S must be below the order of the group, so S + L is refused."""
    order = 2**252 + 27742317777372353535851937790883648493
    sealed = seal(record(), KEY, NAME)
    s = int.from_bytes(sealed.signature[32:], "little") + order
    twisted = sealed.signature[:32] + s.to_bytes(32, "little")
    with pytest.raises(BadSignature):
        check_signature(Sealed(sealed.payload, twisted, NAME), KEY.public_key())


@given(st.data())
def test_no_bit_of_a_signed_record_can_be_changed(data: st.DataObject) -> None:
    sealed = seal(record(), KEY, NAME)
    check_signature(sealed, KEY.public_key())
    whole = bytearray(sealed.payload + sealed.signature)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    changed = Sealed(bytes(whole[:-64]), bytes(whole[-64:]), NAME)
    with pytest.raises(BadSignature):
        check_signature(changed, KEY.public_key())


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65)], ids=["none", "short", "zeros", "long"])
def test_what_is_no_signature_is_refused_as_one(signature: bytes) -> None:
    with pytest.raises(BadSignature, match="record_id"):
        check_signature(Sealed(b"{}", signature, NAME), KEY.public_key())


def test_a_signature_made_for_another_kind_of_document_does_not_count() -> None:
    sealed = seal(record(), KEY, NAME)
    card = KEY.sign(pre_authentication_encoding(sealed.payload, "application/vnd.laurel.card.v1+json"))
    with pytest.raises(BadSignature):
        check_signature(Sealed(sealed.payload, card, NAME), KEY.public_key())


def test_a_record_exports_as_a_standard_envelope() -> None:
    sealed = seal(record(), KEY, NAME)
    made: Any = json.loads(msgspec.json.encode(envelope(sealed)))
    assert base64.b64decode(made["payload"]) == sealed.payload
    assert made["payloadType"] == PAYLOAD_TYPE
    [signature] = made["signatures"]
    assert signature["keyid"] == NAME
    public: Ed25519PublicKey = KEY.public_key()
    public.verify(base64.b64decode(signature["sig"]), pre_authentication_encoding(sealed.payload))


# What is not a record


def test_a_record_over_the_limit_can_neither_be_said_nor_read() -> None:
    room = MAX_RECORD_BYTES - len(seal(record(""), KEY, NAME).payload)
    fits = seal(record("x" * room), KEY, NAME)
    assert decode(fits.payload).number == 1
    with pytest.raises(TooLarge, match="limit=262144"):
        seal(record("x" * (room + 1)), KEY, NAME)
    with pytest.raises(TooLarge, match="limit=262144"):
        decode(fits.payload + b" ")


NOT_RECORDS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "noise": lambda: bytes(range(256)),
    "a list": lambda: b"[]",
    "cut off": lambda: seal(record(), KEY, NAME).payload[:-1],
    "two of them": lambda: seal(record(), KEY, NAME).payload * 2,
    "bad utf-8": lambda: seal(record(), KEY, NAME).payload.replace(b"officer:sato", b"officer:\xff\xfe"),
    "half a surrogate": lambda: seal(record(), KEY, NAME).payload.replace(b"officer:sato", b"\\ud800"),
    "number zero": lambda: altered(number=0),
    "a number beyond every database": lambda: altered(number=2**63),
    "a number as text": lambda: altered(number="1"),
    "a fraction of a number": lambda: altered(number=1.5),
    "a time without a zone": lambda: altered(at="2026-08-18T03:00:00"),
    "no time": lambda: altered(at="yesterday"),
    "an unknown precedence": lambda: altered(precedence=4),
    "no origin": lambda: altered(origin=None),
    "no label": lambda: altered(label=None),
    "an unknown classification": lambda: altered(label={"classification": "COSMIC", "rel_to": ["JPN"]}),
    "a salt too short": lambda: altered(salt=base64.b64encode(bytes(15)).decode()),
    "a salt too long": lambda: altered(salt=base64.b64encode(bytes(17)).decode()),
    "a salt that is none": lambda: altered(salt="?"),
    "lists nested without end": lambda: altered().replace(b'"body": {', b'"deep": ' + b"[" * 100_000 + b', "body": {'),
    "a body nested without end": lambda: altered()[:-1] + b', "body": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_001,
}


@pytest.mark.parametrize("payload", NOT_RECORDS.values(), ids=NOT_RECORDS.keys())
def test_what_is_not_a_record_is_refused_as_malformed(payload: Callable[[], bytes]) -> None:
    with pytest.raises(Malformed, match="these bytes are not a record"):
        decode(payload())


def test_a_record_without_any_one_field_is_malformed() -> None:
    whole: dict[str, Any] = json.loads(seal(record(), KEY, NAME).payload)
    for name in whole:
        without = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(Malformed, match=name):
            decode(json.dumps(without).encode())


@pytest.mark.parametrize("rel_to", [[], ["KOR", "JPN"], ["JPN", "JPN"], ["jpn"]])
def test_a_record_with_a_malformed_label_is_refused_by_name(rel_to: list[str]) -> None:
    with pytest.raises(BadLabel):
        decode(altered(label={"classification": "SECRET", "rel_to": rel_to}))


@given(st.binary(max_size=400))
def test_no_bytes_whatever_make_reading_fail_in_another_way(payload: bytes) -> None:
    with pytest.raises((Malformed, BadLabel)):
        decode(payload)
