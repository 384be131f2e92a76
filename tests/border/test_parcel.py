"""Parcels: what is sealed for one is opened by him alone, whole, and nothing else is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.border.sealing import lane, sealed
from tests.node.worlds import EXERCISE, LIVE, MEMBERS, SEALING, SECRETS, members, opened, wrapped

from laurel.border.parcel import (
    MAX_PARCEL_BYTES,
    MAX_PARCEL_RECORDS,
    Outside,
    Parcel,
    message_id,
    open_parcel,
    padded,
    read_outside,
    seal_parcel,
)
from laurel.border.sealing import (
    PUBLIC_BYTES,
    SECRET_BYTES,
    SUITE,
    checked_key,
    public_bytes,
    seal_bytes,
    secret_from,
)
from laurel.core.errors import (
    BrokenSeal,
    KeyGone,
    Malformed,
    NotForUs,
    TooLarge,
    UnknownMember,
    Untrusted,
    WrongWorld,
)
from laurel.core.record import MAX_RECORD_BYTES, Lane, Precedence, Sealed
from laurel.core.roster import SealingKey, sealing_key

WHO = members()
FLASH = Precedence.FLASH
KEYS = {SEALING["KOR"].name: SECRETS["KOR"]}


def parcel(*records: Sealed) -> Parcel:
    return Parcel("JPN", MEMBERS, FLASH, records)


def seal(one: Parcel, to: str = "KOR") -> bytes:
    return seal_parcel(one, LIVE.name, "JPN", to, SEALING[to])


def outside(wrapped_: bytes, **changes: Any) -> bytes:
    """The parcel with other things written on it."""
    return msgspec.msgpack.encode(msgspec.structs.replace(read_outside(wrapped_), **changes))


def holding(plain: bytes, sender: str = "JPN", precedence: Precedence = FLASH) -> bytes:
    """Any bytes at all, truly sealed for Korea."""
    key = SEALING["KOR"]
    empty = Outside(SUITE, LIVE.name, sender, "KOR", precedence, key.name, b"")
    return msgspec.msgpack.encode(msgspec.structs.replace(empty, sealed=seal_bytes(plain, key.public, empty.bound)))


def framed(packed: bytes) -> bytes:
    """With its length before it and padding behind, as it must be."""
    plain = len(packed).to_bytes(4) + packed
    return plain.ljust(padded(len(plain)), b"\0")


ONE = seal(parcel(*lane(WHO, "one", "two", precedence=FLASH)))


# What holds


def test_records_come_out_as_they_went_in() -> None:
    went = parcel(*lane(WHO, "one", "two", "three"))
    assert opened(seal(went)) == went


blobs = st.binary(max_size=2_000)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(MEMBERS[1:]),
    st.sampled_from(Precedence),
    st.lists(st.builds(Sealed, blobs, blobs, st.text(max_size=40)), min_size=1, max_size=MAX_PARCEL_RECORDS),
)
def test_whatever_was_sealed_for_a_member_is_what_it_opens(
    to: str, precedence: Precedence, records: list[Sealed]
) -> None:
    went = Parcel("JPN", MEMBERS, precedence, tuple(records))
    assert opened(seal(went, to), to) == went


def test_a_peer_may_give_back_to_a_member_what_that_member_said_itself() -> None:
    ours = Parcel("KOR", MEMBERS, FLASH, (sealed(WHO, origin="KOR", precedence=FLASH),))
    assert opened(seal(ours)) == ours


def test_what_stands_outside_is_all_that_a_relay_needs_and_sees() -> None:
    went = parcel(sealed(WHO, "CANARY", precedence=FLASH))
    found = read_outside(seal(went))
    seen = (found.suite, found.world, found.sender, found.recipient, found.precedence, found.key_name)
    assert seen == (SUITE, "camp-david", "JPN", "KOR", FLASH, SEALING["KOR"].name)
    for secret in (b"CANARY", b"USA", b"notebook", b"rel_to"):
        assert secret not in seal(went)


def test_the_name_of_a_parcel_is_the_hash_of_its_bytes_and_no_two_sealings_are_alike() -> None:
    went = parcel(sealed(WHO))
    first, second = seal(went), seal(went)
    assert message_id(first) == hashlib.sha256(first).hexdigest()
    assert message_id(first) != message_id(second)


def test_the_size_tells_little_of_what_is_inside() -> None:
    sizes = {len(seal(parcel(sealed(WHO, "x" * length)))) for length in range(600)}
    assert len(sizes) < 20
    assert padded(1) == padded(512) == 512


@given(st.integers(1, MAX_PARCEL_BYTES))
def test_padding_adds_at_most_an_eighth_to_what_is_not_tiny(length: int) -> None:
    assert length <= padded(length) == padded(padded(length)) <= max(512, length * 9 // 8)


# What does not


@pytest.mark.attack("alter")
def test_a_parcel_with_any_one_byte_altered_is_refused() -> None:
    assert opened(ONE) == parcel(*lane(WHO, "one", "two", precedence=FLASH))
    for at in range(len(ONE)):
        for by in (1, 0x80, 0xFF):
            changed = bytearray(ONE)
            changed[at] ^= by
            with pytest.raises(Untrusted):
                opened(bytes(changed))


@pytest.mark.attack("alter")
def test_no_byte_outside_the_seal_may_be_any_other() -> None:
    for at in range(len(ONE) - len(read_outside(ONE).sealed)):
        for to in set(range(256)) - {ONE[at]}:
            with pytest.raises(Untrusted):
                opened(ONE[:at] + bytes((to,)) + ONE[at + 1 :])


@pytest.mark.attack("truncate")
def test_a_parcel_cut_off_anywhere_or_added_to_is_refused() -> None:
    for end in range(len(ONE)):
        with pytest.raises(Malformed):
            opened(ONE[:end])
    for more in (b"\0", b"\xc0", ONE):
        with pytest.raises(Malformed):
            opened(ONE + more)


def shortened() -> bytes:
    """The list of what stands outside says that one more follows, and it does."""
    return bytes((ONE[0] + 1,)) + ONE[1:] + b"\xc0"


def rewritten(name: str, text: str) -> bytes:
    return outside(ONE, **{name: text})


REFUSED: dict[str, tuple[Callable[[], bytes], type[Untrusted]]] = {
    "nothing": (lambda: b"", Malformed),
    "noise": (lambda: b"\xc1" * 20, Malformed),
    "json": (lambda: b'{"world": "camp-david"}', Malformed),
    "bad utf-8": (lambda: ONE.replace(b"camp", b"c\xffmp", 1), Malformed),
    "nested without end": (lambda: ONE[:-1_000] + b"\x91" * 100_000 + b"\xc0", Malformed),
    "more outside than there is": (shortened, Malformed),
    "in the clear": (lambda: msgspec.msgpack.encode((LIVE.name, "JPN", MEMBERS, 3, "plain", ())), Malformed),
    "the suite of before": (lambda: rewritten("suite", "plain"), Malformed),
    "a weaker suite": (lambda: rewritten("suite", "hpke-x25519-sha256-aes128gcm"), Malformed),
    "of an exercise": (lambda: wrapped(sealed(WHO), world=EXERCISE), WrongWorld),
    "a name of the live world on one of an exercise": (
        lambda: outside(wrapped(sealed(WHO), world=EXERCISE), world=LIVE.name),
        BrokenSeal,
    ),
    "for another": (lambda: seal(parcel(sealed(WHO)), "USA"), NotForUs),
    "for another, readdressed": (lambda: outside(seal(parcel(sealed(WHO)), "USA"), recipient="KOR"), KeyGone),
    "for another, readdressed to our key": (
        lambda: outside(seal(parcel(sealed(WHO)), "USA"), recipient="KOR", key_name=SEALING["KOR"].name),
        BrokenSeal,
    ),
    "of another sender": (lambda: rewritten("sender", "USA"), BrokenSeal),
    "of our own": (lambda: rewritten("sender", "KOR"), UnknownMember),
    "less urgent than it was": (lambda: outside(ONE, precedence=Precedence.ROUTINE), BrokenSeal),
    "a key of ours that is no more": (lambda: rewritten("key_name", "0-" + "0" * 16), KeyGone),
    "the seal of another parcel": (
        lambda: outside(ONE, sealed=read_outside(seal(parcel(sealed(WHO)), "USA")).sealed),
        BrokenSeal,
    ),
    "a seal too short to be one": (lambda: outside(ONE, sealed=b"short"), BrokenSeal),
    "another's records under its own name": (lambda: holding(framed(packed(parcel(sealed(WHO)))), "USA"), Malformed),
    "more urgent outside than inside": (
        lambda: holding(framed(packed(Parcel("JPN", MEMBERS, Precedence.ROUTINE, (sealed(WHO),))))),
        Malformed,
    ),
    "a lane that we do not read": (
        lambda: holding(framed(packed(Parcel("JPN", ("JPN", "USA"), FLASH, (sealed(WHO),))))),
        NotForUs,
    ),
    "nothing inside": (lambda: holding(b""), Malformed),
    "noise inside": (lambda: holding(framed(b"\xc1" * 20)), Malformed),
    "a bomb inside": (lambda: holding(framed(b"\x91" * 100_000 + b"\xc0")), Malformed),
    "a length beyond its end": (lambda: holding((2**32 - 1).to_bytes(4) + bytes(508)), Malformed),
    "no padding": (lambda: holding(framed(packed(parcel(sealed(WHO)))).rstrip(b"\0")), Malformed),
    "padding that says something": (lambda: holding(framed(packed(parcel(sealed(WHO))))[:-1] + b"!"), Malformed),
    "no record": (lambda: holding(framed(packed(parcel()))), Malformed),
    "too many records": (
        lambda: holding(framed(packed(parcel(*[sealed(WHO)] * (MAX_PARCEL_RECORDS + 1))))),
        Malformed,
    ),
    "records that are none": (lambda: holding(framed(msgspec.msgpack.encode(("JPN", MEMBERS, 3, [1])))), Malformed),
    "too large": (lambda: bytes(MAX_PARCEL_BYTES + 1), TooLarge),
}


def packed(one: Parcel) -> bytes:
    return msgspec.msgpack.encode(one)


@pytest.mark.attack("replay")
@pytest.mark.parametrize(("bad", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_a_parcel_from_a_peer_for_us_is_refused(bad: Callable[[], bytes], error: type[Untrusted]) -> None:
    with pytest.raises(error) as caught:
        opened(bad())
    assert type(caught.value) is error


@pytest.mark.attack("hub")
def test_a_hub_that_holds_every_other_members_key_opens_nothing() -> None:
    everybody_else = {SEALING["KOR"].name: SECRETS["USA"], SEALING["JPN"].name: SECRETS["JPN"]}
    with pytest.raises(BrokenSeal):
        open_parcel(ONE, LIVE.name, "KOR", everybody_else)


def test_a_parcel_over_the_limit_is_not_made() -> None:
    large = Sealed(bytes(MAX_RECORD_BYTES), bytes(64), "")
    for many in (3, 4):
        with pytest.raises(TooLarge, match="what=parcel"):
            seal(parcel(*[large] * many, Sealed(bytes(112_000), b"", "")))


@pytest.mark.attack("bomb")
@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_opening_fail_in_another_way(noise: bytes) -> None:
    with pytest.raises(Untrusted):
        opened(noise)
    with pytest.raises(Untrusted):
        opened(holding(noise))


# Keys


@pytest.mark.parametrize(
    "public", [b"", b"short", bytes(PUBLIC_BYTES), b"\xff" * PUBLIC_BYTES, SEALING["KOR"].public[:-32] + bytes(32)]
)
def test_a_key_that_is_none_seals_nothing(public: bytes) -> None:
    with pytest.raises(Malformed, match="what=sealing key"):
        seal_parcel(parcel(sealed(WHO)), LIVE.name, "JPN", "KOR", SealingKey("0-" + "0" * 16, public))


def test_a_secret_that_is_none_is_not_taken() -> None:
    with pytest.raises(Malformed, match="what=sealing key"):
        secret_from(bytes(SECRET_BYTES - 1))
    assert len(public_bytes(bytes(SECRET_BYTES))) == PUBLIC_BYTES


@pytest.mark.attack("injection")
@pytest.mark.parametrize("name", ["", "0", "x-" + "0" * 16, "1-" + "g" * 16, "../signing", "1" * 10 + "-" + "0" * 16])
def test_a_key_that_somebody_names_as_no_key_is_named_is_not_taken(name: str) -> None:
    with pytest.raises(Malformed, match="what=sealing key"):
        checked_key(name, SEALING["KOR"].public)
    assert checked_key(SEALING["KOR"].name, SEALING["KOR"].public) == SEALING["KOR"]


def test_a_key_is_named_by_how_many_came_before_it() -> None:
    key = sealing_key(12, SEALING["KOR"].public)
    assert (key.name[:3], key.generation) == ("12-", 12)
    assert sealing_key(12, SEALING["USA"].public).name != key.name


@pytest.mark.attack("alter")
def test_the_same_parcel_written_in_another_way_is_another_parcel_and_none() -> None:
    one = wrapped(sealed(WHO))
    # MessagePack may write an array's length in three bytes where one would do.
    longer = b"\xdc\x00\x07" + one[1:]
    assert msgspec.msgpack.decode(longer) == msgspec.msgpack.decode(one)
    with pytest.raises(Malformed, match="not written as we write it"):
        read_outside(longer)
    parcel = opened(one)
    assert parcel.lane(LIVE) == Lane(LIVE, "JPN", MEMBERS, Precedence.ROUTINE)
