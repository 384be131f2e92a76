"""Parcels: what the wrapping takes, and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.border.sealing import lane, sealed
from tests.node.worlds import MEMBERS, members

from laurel.border.parcel import MAX_PARCEL_BYTES, MAX_PARCEL_RECORDS, Parcel, message_id, pack, unpack
from laurel.core.errors import Malformed, TooLarge, Untrusted
from laurel.core.record import MAX_RECORD_BYTES, Precedence, Sealed

WHO = members()


def parcel(*records: Sealed, suite: str = "plain") -> Parcel:
    return Parcel("camp-david", "JPN", MEMBERS, Precedence.FLASH, suite, records)


def raw(**changes: Any) -> bytes:
    """A parcel whose parts need not be of the right type."""
    parts: dict[str, Any] = {
        "world": "camp-david",
        "origin": "JPN",
        "audience": list(MEMBERS),
        "precedence": 3,
        "suite": "plain",
        "records": [[b"{}", b"", ""]],
    }
    return msgspec.msgpack.encode(list({**parts, **changes}.values()))


def test_records_come_out_as_they_went_in() -> None:
    went = parcel(*lane(WHO, "one", "two", "three"))
    assert unpack(pack(went)) == went


def test_the_name_of_a_parcel_is_the_hash_of_its_bytes() -> None:
    wrapped = pack(parcel(sealed(WHO)))
    assert message_id(wrapped) == hashlib.sha256(wrapped).hexdigest()


BAD: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "noise": lambda: b"\xc1" * 20,
    "json": lambda: b'{"world": "camp-david"}',
    "cut off": lambda: pack(parcel(sealed(WHO)))[:-1],
    "bad utf-8": lambda: pack(parcel(sealed(WHO))).replace(b"camp", b"c\xffmp"),
    "nested without end": lambda: b"\x97" + raw()[1:] + b"\x91" * 100_000 + b"\xc0",
    "an unknown precedence": lambda: raw(precedence=7),
    "records that are none": lambda: raw(records=[1]),
    "a suite of later days": lambda: pack(parcel(sealed(WHO), suite="hpke")),
    "no record": lambda: pack(parcel()),
    "too many records": lambda: pack(parcel(*[sealed(WHO)] * (MAX_PARCEL_RECORDS + 1))),
}


@pytest.mark.parametrize("wrapped", BAD.values(), ids=BAD.keys())
def test_what_is_not_a_parcel_is_refused_as_malformed(wrapped: Callable[[], bytes]) -> None:
    with pytest.raises(Malformed, match="what=parcel"):
        unpack(wrapped())


def test_a_parcel_over_the_limit_is_neither_made_nor_opened() -> None:
    large = Sealed(bytes(MAX_RECORD_BYTES), bytes(64), "")
    with pytest.raises(TooLarge, match="what=parcel"):
        pack(parcel(large, large, large, large))
    with pytest.raises(TooLarge, match="what=parcel"):
        unpack(bytes(MAX_PARCEL_BYTES + 1))


@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_opening_fail_in_another_way(wrapped: bytes) -> None:
    with pytest.raises(Untrusted):
        unpack(wrapped)
