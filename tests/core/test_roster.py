"""Cards and rosters: how members come to know each other's keys."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from laurel.core.errors import BadSignature, Malformed, UnknownMember
from laurel.core.record import World, key_id
from laurel.core.roster import Card, Roster, Standing, fingerprint, open_card, sign_card

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LIVE = World("camp-david")
CARD = Card(
    member="JPN",
    name="Japan",
    world=LIVE,
    signing_key=KEY.public_key().public_bytes_raw(),
    nats_key="UABC",
    tls_authority="-----BEGIN CERTIFICATE-----",
    address="jpn.example:4222",
    made_at=datetime(2026, 8, 18, tzinfo=UTC),
    sealing_name="0-" + "a" * 16,
    sealing_public=b"seal",
)
FILE = sign_card(CARD, KEY)


def file_with(**fields: Any) -> bytes:
    return json.dumps({**json.loads(FILE), **fields}).encode()


def test_a_card_is_read_as_it_was_signed() -> None:
    assert open_card(FILE) == CARD


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_card_with_a_byte_altered_is_refused_or_says_the_same(at: int, by: int) -> None:
    changed = bytearray(FILE)
    changed[at] ^= by
    try:
        opened = open_card(bytes(changed))
    except (Malformed, BadSignature):
        return
    # White space, the name of the key and of the type are not what was signed.
    assert opened == CARD


def test_a_card_whose_words_were_changed_is_refused() -> None:
    payload = msgspec.json.encode(msgspec.structs.replace(CARD, address="elsewhere.example:4222"))
    with pytest.raises(BadSignature, match="member=JPN"):
        open_card(file_with(payload=base64.b64encode(payload).decode()))


def test_a_card_signed_with_a_key_it_does_not_name_is_refused() -> None:
    with pytest.raises(BadSignature):
        open_card(sign_card(CARD, Ed25519PrivateKey.generate()))


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        file_with(payload="?"),
        file_with(payload=base64.b64encode(b"{}").decode()),
        file_with(payload=base64.b64encode(b'"\xff"').decode()),
        file_with(signatures=[]),
        file_with(signatures=[{"keyid": "", "sig": "?"}]),
        sign_card(msgspec.structs.replace(CARD, signing_key=b"short"), KEY),
        b'{"payload": ' + b"[" * 100_000,
    ],
    ids=[
        "nothing",
        "bad utf-8",
        "a list",
        "no base64",
        "no card",
        "a card in bad utf-8",
        "unsigned",
        "a signature that is none",
        "a key that is none",
        "nested without end",
    ],
)
def test_what_is_not_a_card_is_refused_as_malformed(file: bytes) -> None:
    with pytest.raises(Malformed, match="what=member card"):
        open_card(file)


def test_the_fingerprint_is_eight_groups_that_stay_the_same() -> None:
    said = fingerprint(open_card(FILE))
    assert said == fingerprint(CARD) == fingerprint(open_card(sign_card(CARD, KEY)))
    groups = said.split(" ")
    assert len(groups) == 8
    assert all(len(group) == 4 and int(group, 16) >= 0 for group in groups)


@pytest.mark.parametrize(
    "change",
    [
        {"member": "KOR"},
        {"name": "Nippon"},
        {"world": World("camp-david", "freedom-27")},
        {"signing_key": bytes(32)},
        {"nats_key": "UABD"},
        {"tls_authority": ""},
        {"address": "jpn.example:4223"},
        {"made_at": datetime(2026, 8, 19, tzinfo=UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_fingerprint_covers_everything_a_card_says(change: dict[str, Any]) -> None:
    assert fingerprint(msgspec.structs.replace(CARD, **change)) != fingerprint(CARD)


def test_a_roster_finds_a_key_by_member_and_name_only() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    theirs = msgspec.structs.replace(CARD, member="KOR", signing_key=other.public_bytes_raw())
    roster = Roster(LIVE, "JPN", dict.fromkeys(("JPN", "KOR", "USA"), Standing.MEMBER), {"JPN": CARD, "KOR": theirs})
    assert roster.members == ("JPN", "KOR")
    assert roster.peers == ("KOR",)
    assert roster.key("KOR", key_id(other)) == other
    for member, name in (("JPN", key_id(other)), ("KOR", key_id(KEY.public_key())), ("USA", key_id(other))):
        with pytest.raises(UnknownMember, match="camp-david"):
            roster.key(member, name)
