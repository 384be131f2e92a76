"""What may enter: every refusal, by name, and the policy that decided."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.border.sealing import lane, sealed, sign
from tests.node.notebook import NOTE, Echo, Note
from tests.node.worlds import EXERCISE, LIVE, MEMBERS, members

from laurel.border.admit import Admitted, Kinds, Place, Refused, admit
from laurel.border.policy import Policies
from laurel.core.errors import (
    BadLabel,
    BadSignature,
    KeyUnknown,
    LaurelError,
    Malformed,
    NotForUs,
    TooLarge,
    UnknownMember,
    Untrusted,
    WrongWorld,
)
from laurel.core.instrument import Kind
from laurel.core.label import Classification
from laurel.core.record import MAX_RECORD_BYTES, Lane, Precedence, Sealed, World, decode
from laurel.core.roster import Roster, Standing
from laurel.node.policies import house

WHO = members()
US = WHO.roster("KOR")
POLICIES = Policies(house(Classification.SECRET), {})


class Fussy(msgspec.Struct, frozen=True):
    """A body that refuses some words with an error of ours."""

    text: str

    def __post_init__(self) -> None:
        if self.text == "too high":
            raise NotForUs(field="text")


FUSSY: Kind[Fussy] = Kind("notebook.fussy.v1", Fussy, None)
KINDS = Kinds({NOTE.name: NOTE, FUSSY.name: FUSSY})


@dataclass
class Held:
    """The lanes we hold, in memory."""

    lanes: dict[Lane, list[str]] = field(default_factory=dict[Lane, list[str]])

    def head(self, lane: Lane) -> tuple[int, str | None]:
        ids = self.lanes.get(lane, [])
        return len(ids), ids[-1] if ids else None

    def id_at(self, lane: Lane, number: int) -> str | None:
        ids = self.lanes.get(lane, [])
        return ids[number - 1] if 1 <= number <= len(ids) else None

    def take(self, *records: Sealed) -> Held:
        for one in records:
            self.lanes.setdefault(decode(one.payload).lane, []).append(one.id)
        return self


def offered(one: Sealed, held: Held | None = None, roster: Roster = US) -> Admitted | Refused:
    return admit(one, roster, POLICIES, held or Held(), KINDS)


def admitted(one: Sealed, held: Held | None = None) -> Admitted:
    decision = offered(one, held)
    assert isinstance(decision, Admitted)
    return decision


def altered(**fields: Any) -> Sealed:
    """A record with fields that our own code would not write, properly signed."""
    made = json.loads(sealed(WHO).payload)
    return sign(WHO, json.dumps({**made, **fields}).encode())


def tampered() -> Sealed:
    one = sealed(WHO, "hello")
    return Sealed(one.payload.replace(b"hello", b"jello"), one.signature, one.key_id)


STRANGERS = members()
IN_EXERCISE = replace(US, world=EXERCISE)

REFUSALS: Mapping[str, tuple[Callable[[], Sealed], Roster, type[Untrusted], str]] = {
    "no record": (lambda: sign(WHO, b"{}"), US, Malformed, "well-formed"),
    "bad utf-8": (
        lambda: sign(WHO, sealed(WHO).payload.replace(b"officer", b"offic\xff")),
        US,
        Malformed,
        "well-formed",
    ),
    "a short salt": (lambda: altered(salt="AAAA"), US, Malformed, "well-formed"),
    "number zero": (lambda: altered(number=0), US, Malformed, "well-formed"),
    "an endless number": (lambda: altered(number=2**70), US, Malformed, "well-formed"),
    "too large": (lambda: sealed(WHO, "x" * MAX_RECORD_BYTES), US, TooLarge, "well-formed"),
    "an exercise offered to the live world": (lambda: sealed(WHO, world=EXERCISE), US, WrongWorld, "exercise-wall"),
    "a live record offered to an exercise": (lambda: sealed(WHO), IN_EXERCISE, WrongWorld, "exercise-wall"),
    "another exercise": (
        lambda: sealed(WHO, world=World("camp-david", "freedom-28")),
        IN_EXERCISE,
        WrongWorld,
        "exercise-wall",
    ),
    "another compact": (lambda: sealed(WHO, world=World("quad")), US, WrongWorld, "exercise-wall"),
    "our own name": (lambda: sealed(WHO, origin="KOR"), US, UnknownMember, "members-only"),
    "our own name, signed by its sender": (
        lambda: sealed(WHO, origin="KOR", signed_by="JPN"),
        US,
        UnknownMember,
        "members-only",
    ),
    "a member that was never admitted": (
        lambda: sealed(WHO, origin="AUS", rel_to=("AUS", "KOR"), signed_by="JPN"),
        US,
        UnknownMember,
        "members-only",
    ),
    "a key that was never admitted": (lambda: sealed(STRANGERS), US, KeyUnknown, "members-only"),
    "another member's key": (lambda: sealed(WHO, signed_by="USA"), US, KeyUnknown, "members-only"),
    "an unsorted audience": (
        lambda: altered(label={"classification": "SECRET", "rel_to": ["KOR", "JPN"]}),
        US,
        BadLabel,
        "rel-to",
    ),
    "an origin not in its own label": (lambda: sealed(WHO, rel_to=("KOR", "USA")), US, BadLabel, "rel-to"),
    "not for us": (lambda: sealed(WHO, rel_to=("JPN", "USA")), US, NotForUs, "rel-to"),
    "altered after signing": (tampered, US, BadSignature, "signature"),
    "another's signature under the right key name": (
        lambda: msgspec.structs.replace(sealed(WHO, signed_by="USA"), key_id=sealed(WHO).key_id),
        US,
        BadSignature,
        "signature",
    ),
    "no signature": (lambda: msgspec.structs.replace(sealed(WHO), signature=b""), US, BadSignature, "signature"),
}


@pytest.mark.parametrize(("one", "roster", "error", "policy"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_may_not_enter_is_refused_by_the_policy_that_forbids_it(
    one: Callable[[], Sealed], roster: Roster, error: type[Untrusted], policy: str
) -> None:
    record = one()
    decision = offered(record, roster=roster)
    assert isinstance(decision, Refused)
    assert type(decision.error) is error
    assert (decision.record_id, decision.policy) == (record.id, policy)


def test_a_record_of_an_unknown_member_is_not_believed_even_with_a_label_for_us() -> None:
    without_japan = Roster(LIVE, "KOR", dict.fromkeys(MEMBERS, Standing.MEMBER), {"KOR": WHO.cards["KOR"]})
    decision = offered(sealed(WHO), roster=without_japan)
    assert isinstance(decision, Refused)
    assert isinstance(decision.error, UnknownMember)


# The body


def test_what_is_understood_comes_with_its_typed_body() -> None:
    decision = admitted(sealed(WHO, "hello"))
    assert decision.record.body == Note("topic", "hello")
    assert decision.misread is None
    assert decision.policy == "rel-to"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (sealed(WHO, kind="hotline.message.v9"), "unknown kind hotline.message.v9"),
        (sealed(WHO, body=Echo("no topic")), "missing required field `topic`"),
        (altered(body={"topic": "t", "text": 5}), "Expected `str`, got `int`"),
        (altered(kind=FUSSY.name, body={"text": "too high"}), "the label does not release this record to us"),
        (
            sign(WHO, sealed(WHO, "hello").payload.replace(b"hello", b"h\xffllo")),
            "'utf-8' codec can't decode byte 0xff",
        ),
        (altered(body=[]), "Expected `object`, got `array`"),
    ],
    ids=["unknown kind", "missing field", "wrong type", "refused by the body itself", "bad utf-8", "a list"],
)
def test_what_is_authentic_but_not_understood_takes_its_place_unread(record: Sealed, why: str) -> None:
    decision = admitted(record)
    assert decision.place is Place.NEXT
    assert isinstance(decision.record.body, msgspec.Raw)
    assert decision.misread is not None
    assert why in decision.misread


# The lane

ROAD = lane(WHO, "one", "two", "three", "four")
OTHER = lane(WHO, "one", "another two")


@pytest.mark.parametrize(
    ("held", "record", "place", "policy"),
    [
        (0, ROAD[0], Place.NEXT, "rel-to"),
        (2, ROAD[2], Place.NEXT, "rel-to"),
        (0, ROAD[1], Place.LATER, "no-gap"),
        (1, ROAD[3], Place.LATER, "no-gap"),
        (3, ROAD[2], Place.DUPLICATE, "one-number-one-record"),
        (3, ROAD[0], Place.DUPLICATE, "one-number-one-record"),
        (3, OTHER[1], Place.FORK, "one-number-one-record"),
        (2, OTHER[1], Place.FORK, "one-number-one-record"),
        (0, sealed(WHO, prev="a" * 64), Place.FORK, "one-number-one-record"),
        (1, sealed(WHO, number=2, prev=None), Place.FORK, "one-number-one-record"),
        (1, sealed(WHO, number=2, prev="a" * 64), Place.FORK, "one-number-one-record"),
        (2, sealed(WHO, number=2**63 - 1), Place.LATER, "no-gap"),
    ],
    ids=[
        "the first",
        "the next",
        "later than the first",
        "later",
        "the last again",
        "an old one again",
        "another of an old number",
        "another of the last number",
        "a first one that follows another",
        "a next one that follows nothing",
        "a next one that follows another",
        "the last number there is",
    ],
)
def test_a_record_finds_its_place_by_number_id_and_the_one_before(
    held: int, record: Sealed, place: Place, policy: str
) -> None:
    decision = admitted(record, Held().take(*ROAD[:held]))
    assert (decision.place, decision.policy) == (place, policy)


def test_lanes_of_other_origins_audiences_and_precedences_do_not_touch_each_other() -> None:
    held = Held().take(*ROAD)
    for one in (
        sealed(WHO, origin="USA"),
        sealed(WHO, rel_to=("JPN", "KOR")),
        sealed(WHO, precedence=Precedence.FLASH),
    ):
        assert admitted(one, held).place is Place.NEXT


@given(st.data())
def test_whatever_bytes_are_offered_the_border_decides(data: st.DataObject) -> None:
    whole = bytearray(sealed(WHO).payload)
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    signed = data.draw(st.booleans())
    one = sign(WHO, bytes(whole)) if signed else Sealed(bytes(whole), sealed(WHO).signature, sealed(WHO).key_id)
    decision = offered(one)
    unchanged = one.payload == sealed(WHO).payload
    assert isinstance(decision, Refused | Admitted)
    assert signed or unchanged or isinstance(decision, Refused)


def test_every_refusal_is_an_error_that_says_that_nothing_changed_or_whom_to_ask() -> None:
    decision = offered(tampered())
    assert isinstance(decision, Refused)
    assert isinstance(decision.error, LaurelError)
    assert "ask its origin" in str(decision.error)
