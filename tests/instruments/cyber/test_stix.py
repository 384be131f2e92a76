"""What a STIX object must have: ours is the library's word, and the standard's where the library is kinder."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw
from tests.instruments.cyber.partners import AUTHOR, indicator, raw, stix

from laurel.gateways.stix import wrong_with
from laurel.instruments.cyber.records import MAX_OBJECT_BYTES, Tlp
from laurel.instruments.cyber.stix import BadStix, compact, digest, pattern_key, read
from laurel.instruments.cyber.tlp import IDS

UUID = "00000001-0000-4000-8000-000000000001"
ABSENT = object()
MOMENTS = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-02T00:00:00.000Z")
NO_MOMENTS = (
    "",
    "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00+00:00",
    5,
)
FIELDS: dict[str, tuple[Any, ...]] = {
    "type": ("identity", "x-own", "malware"),
    "id": (
        f"identity--{UUID}",
        f"x-own--{UUID}",
        f"identity--{UUID.upper()}",
        "identity--1",
        f"IDENTITY--{UUID}",
        UUID,
        7,
    ),
    "spec_version": ("2.1", "2.0", 2.1),
    "created": (*MOMENTS, *NO_MOMENTS),
    "modified": (*MOMENTS, *NO_MOMENTS),
    "revoked": (ABSENT, True, False, "perhaps"),
    "created_by_ref": (ABSENT, AUTHOR, "nobody", f"malware--{UUID}", 5),
    "object_marking_refs": (ABSENT, [], [IDS[Tlp.RED]], ["TLP:RED"], [f"identity--{UUID}"]),
    "granular_markings": (ABSENT, [{"marking_ref": IDS[Tlp.AMBER], "selectors": ["name"]}]),
    "x_own": (ABSENT, "kept", {"deep": [1, None]}),
}


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """An identity of which two fields or so are as somebody else might write them."""
    made = {"name": "Notional", "identity_class": "organization"}
    right = {name: values[0] for name, values in FIELDS.items()}
    for name in draw(st.sets(st.sampled_from(sorted(FIELDS)), max_size=3)):
        right[name] = draw(st.sampled_from(FIELDS[name]))
    return {**made, **{name: value for name, value in right.items() if value is not ABSENT}}


def why_not(stix: dict[str, Any]) -> str | None:
    try:
        read(raw(stix))
    except BadStix as error:
        return str(error)
    return None


def is_backwards(stix: dict[str, Any]) -> bool:
    """Changed before it was made: the library lets that pass where the two are written differently long."""
    created, modified = stix["created"], stix["modified"]
    return created in MOMENTS and modified in MOMENTS and MOMENTS.index(modified) < MOMENTS.index(created)


def check(stix: dict[str, Any]) -> None:
    ours, theirs = why_not(stix), wrong_with(raw(stix))
    if theirs is not None:
        # The library does not look into types that it does not know.
        assert ours is not None, f"only the library refuses it: {theirs}"
    elif stix["type"] != "x-own" and not is_backwards(stix):
        assert ours is None, f"only we refuse it: {ours}"


@settings(max_examples=150, deadline=None)
@given(objects())
def test_we_refuse_what_the_library_refuses_and_take_what_it_takes(stix: dict[str, Any]) -> None:
    check(stix)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None)
@given(objects())
def test_we_refuse_what_the_library_refuses_in_thousands_of_cases(stix: dict[str, Any]) -> None:
    check(stix)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("spec_version", ABSENT),
        ("created", ABSENT),
        ("modified", ABSENT),
        ("revoked", "true"),
        ("revoked", 1),
        ("object_marking_refs", IDS[Tlp.RED]),
        ("created", "2026-02-01T00:00:00Z"),
    ],
)
def test_where_the_library_is_kinder_than_the_standard_we_are_not(field: str, value: object) -> None:
    made = {**stix("identity", name="N", identity_class="unknown"), field: value}
    assert why_not({name: each for name, each in made.items() if each is not ABSENT})


@pytest.mark.parametrize("bad", [b"5", b"[]", b"null", b'"x"', b'{"a": "\\ud800"}', b"[" * 5_000, b'{"type": 5}', b"{"])
def test_what_is_no_object_is_named_as_such(bad: bytes) -> None:
    with pytest.raises(BadStix):
        read(compact(Raw(bad)))


def test_an_object_that_no_record_could_hold_is_refused_by_its_size() -> None:
    with pytest.raises(BadStix, match=str(MAX_OBJECT_BYTES)):
        read(raw(stix("malware", description="x" * MAX_OBJECT_BYTES)))


def test_types_and_properties_of_ones_own_are_kept_letter_for_letter() -> None:
    text = '{"type": "x-own", "spec_version":"2.1", "id":"x-own--' + UUID + '",\n "x_price": 1.10, "x_name": "\\u2603"}'
    assert (
        bytes(compact(Raw(text.encode()))) == text.replace("\n ", "").replace(": ", ":").replace(', "', ',"').encode()
    )
    assert read(Raw(text.encode())).version == ""


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=8), json_values, max_size=6), st.randoms())
def test_what_was_written_comes_out_equal_and_equal_objects_have_one_digest(of: dict[str, Any], dice: Any) -> None:
    written = Raw(json.dumps(of, indent=3, ensure_ascii=dice.random() < 0.5).encode())
    assert json.loads(bytes(compact(written))) == of
    names = list(of)
    dice.shuffle(names)
    assert digest(of) == digest({name: of[name] for name in names})


def test_indicators_look_for_the_same_when_their_patterns_differ_by_spaces_alone() -> None:
    one = pattern_key(indicator(1, pattern="[domain-name:value = 'a  b' OR file:size>5]"))
    assert one == pattern_key(indicator(2, pattern=" [ domain-name:value='a  b'  OR file:size > 5 ]"))
    assert one != pattern_key(indicator(3, pattern="[domain-name:value = 'a b' OR file:size>5]"))
    other = {**indicator(1, pattern="[domain-name:value = 'a  b' OR file:size>5]"), "pattern_type": "pcre"}
    assert one != pattern_key(other)
    assert pattern_key(stix("malware", pattern="[a:b = 1]")) is None


def test_the_words_of_an_object_are_all_that_a_person_may_look_for() -> None:
    made = indicator(
        name="Notional", description="ロケット", aliases=["Alias"], external_references=[{"external_id": "T0800"}]
    )
    words = read(raw(made)).words
    assert all(one in words for one in ("Notional", "ロケット", "Alias", "T0800", "domain-name:value"))
    assert "2026-01-01" not in words
    assert "indicator--" not in words
