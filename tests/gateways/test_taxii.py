"""TAXII 2.1 without a server: what is negotiated, asked for and shown. Numbers are sections of the OASIS standard."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from laurel.core.errors import BadField, Nothing
from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.gateways import taxii
from laurel.instruments.cyber.asked import MOST, OfCollection
from laurel.instruments.cyber.records import Tlp
from laurel.instruments.cyber.shown import Added, CollectionRow, Page

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
AT = datetime(2026, 11, 22, 9, 0, 0, 1500, tzinfo=UTC)
EVERYONE = label(Classification.UNCLASSIFIED, {"JPN", "KOR", "USA"})


def added(position: int, stix: bytes = b'{"type":"indicator"}', version: str = "2026-11-22T08:00:00.000Z") -> Added:
    return Added(
        position=position,
        added=AT + timedelta(microseconds=position),
        id=f"indicator--{position:08d}-1111-4111-8111-111111111111",
        type="indicator",
        version=version,
        spec_version="2.1",
        tlp=Tlp.CLEAR,
        label=EVERYONE,
        record="ab" * 32,
        stix=Raw(stix),
    )


# 1.6.8: media types


@pytest.mark.parametrize(
    "header",
    [
        None,
        "*/*",
        "application/*",
        "application/taxii+json",
        "application/taxii+json;version=2.1",
        "application/taxii+json; version=2.1",
        'Application/TAXII+JSON;Version="2.1"',
        "text/html, application/taxii+json;version=2.1;q=0.5",
    ],
)
def test_who_takes_our_media_type_is_answered(header: str | None) -> None:
    assert taxii.accepts(header)


@pytest.mark.parametrize(
    "header",
    ["", "application/json", "application/taxii+json;version=2.0", "application/vnd.oasis.taxii+json", "*/*;q=0"],
)
def test_who_does_not_take_our_media_type_is_not(header: str) -> None:
    assert not taxii.accepts(header)


@pytest.mark.parametrize("header", [None, "*/*", "application/json", "application/taxii+json;version=2.0"])
def test_a_body_must_say_that_it_is_of_this_version(header: str | None) -> None:
    assert not taxii.is_taxii(header)
    assert taxii.is_taxii(taxii.MEDIA_TYPE)


# 3.4, 3.5: filters and pages


def test_without_parameters_the_last_version_of_everything_is_asked_for() -> None:
    assert taxii.asked(COLLECTION, {}) == OfCollection(COLLECTION, match_version=("last",), most=MOST)


def test_every_filter_of_the_standard_is_asked_as_the_client_wrote_it() -> None:
    given = {
        "match[id]": ["indicator--1, malware--2"],
        "match[type]": ["indicator,malware"],
        "match[version]": ["first,2026-01-01T00:00:00.123456789Z"],
        "match[spec_version]": ["2.1"],
        "added_after": ["2026-11-22T09:00:00Z"],
        "next": ["41"],
        "limit": ["3"],
    }
    assert taxii.asked(COLLECTION, given, manifest=True) == OfCollection(
        collection=COLLECTION,
        after=41,
        added_after=datetime(2026, 11, 22, 9, tzinfo=UTC),
        match_id=("indicator--1", "malware--2"),
        match_type=("indicator", "malware"),
        match_version=("first", "2026-01-01T00:00:00.123456789Z"),
        match_spec_version=("2.1",),
        manifest=True,
        most=3,
    )


def test_a_limit_beyond_ours_is_ours() -> None:
    assert taxii.asked(COLLECTION, {"limit": ["5000"]}).most == MOST


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "٣"),
        ("next", "9" * 30),
        ("next", "-1"),
        ("added_after", "yesterday"),
        ("added_after", "2026-11-22"),
        ("added_after", "2026-11-22T09:00:00+09:00"),
        ("added_after", "2026-13-22T09:00:00Z"),
        ("match[version]", "newest"),
        ("match[version]", "all,last"),
        ("match[colour]", "red"),
        ("match", "indicator"),
    ],
)
def test_what_cannot_be_read_is_refused_and_named(name: str, text: str) -> None:
    with pytest.raises(BadField) as wrong:
        taxii.asked(COLLECTION, {name: [text]})
    assert wrong.value.facts["field"] == name


@given(
    st.dictionaries(
        st.sampled_from(["limit", "next", "added_after", "match[id]", "match[version]", "match[x]", "x"])
        | st.text(max_size=9),
        st.lists(st.text(max_size=30) | st.sampled_from(["1", "all", "2026-11-22T09:00:00Z"]), max_size=3),
        max_size=4,
    )
)
def test_no_parameter_brings_it_down(parameters: dict[str, list[str]]) -> None:
    with suppress(BadField):
        read = taxii.asked(COLLECTION, parameters)
        # What the query itself would take from its own address.
        assert msgspec.convert(msgspec.to_builtins(read), OfCollection) == read


def test_one_object_and_its_versions_are_asked_for_by_the_same_filters() -> None:
    page = taxii.asked(COLLECTION, {"match[type]": ["malware"], "match[version]": ["first"], "limit": ["7"]})
    one = taxii.of_object(page, "indicator--1")
    assert (one.match_id, one.match_type, one.match_version, one.most) == (("indicator--1",), (), ("first",), 7)
    each = taxii.all_versions(one)
    assert (each.match_id, each.match_version, each.manifest, each.most) == (("indicator--1",), ("all",), True, 7)


# 3.7, 3.8, 5.3, 5.8: what is shown


def test_an_empty_page_is_an_empty_object_and_has_no_dates() -> None:
    empty = Page((), next=None)
    assert taxii.envelope(empty, lambda one: one.stix) == taxii.manifest(empty) == taxii.versions(empty) == {}
    assert taxii.added_headers(empty) == {}
    assert taxii.collections([]) == {}


def test_objects_leave_letter_for_letter_and_the_next_page_is_named() -> None:
    page = Page((added(4, b'{"a": 1.50}'), added(9, b'{"b":"\\u00e9"}')), next=9)
    shown = msgspec.json.encode(taxii.envelope(page, lambda one: one.stix))
    assert shown == b'{"more":true,"next":"9","objects":[{"a": 1.50},{"b":"\\u00e9"}]}'
    assert taxii.added_headers(page) == {
        "X-TAXII-Date-Added-First": "2026-11-22T09:00:00.001504Z",
        "X-TAXII-Date-Added-Last": "2026-11-22T09:00:00.001509Z",
    }


def test_the_last_page_says_that_it_is_the_last() -> None:
    assert taxii.envelope(Page((added(1),), next=None), lambda one: one.stix)["more"] is False
    assert "next" not in taxii.manifest(Page((added(1),), next=None))


def test_a_manifest_says_when_and_in_which_version_each_was_added() -> None:
    (entry,) = taxii.manifest(Page((added(3),), next=None))["objects"]
    assert entry == {
        "id": "indicator--00000003-1111-4111-8111-111111111111",
        "date_added": "2026-11-22T09:00:00.001503Z",
        "version": "2026-11-22T08:00:00.000Z",
        "media_type": "application/stix+json;version=2.1",
    }


def test_what_has_no_version_goes_by_the_time_it_was_added() -> None:
    page = Page((added(3, version=""),), next=None)
    assert taxii.versions(page)["versions"] == ["2026-11-22T09:00:00.001503Z"]
    assert taxii.manifest(page)["objects"][0]["version"] == "2026-11-22T09:00:00.001503Z"


def test_times_are_told_in_utc_with_six_digits() -> None:
    tokyo = datetime(2026, 11, 22, 18, tzinfo=timezone(timedelta(hours=9)))
    assert taxii.stamp(tokyo) == "2026-11-22T09:00:00.000000Z"


def test_an_answer_holds_so_many_bytes_and_one_object_at_least() -> None:
    whole = Page(tuple(added(n, b'"0123456789"') for n in (1, 2, 3)), next=None)
    cut = taxii.cut(whole, 25)
    assert ([one.position for one in cut.objects], cut.next) == ([1, 2], 2)
    large = Page((added(1, b"0" * 100), added(2)), next=None)
    assert [one.position for one in taxii.cut(large, 25).objects] == [1]
    assert taxii.cut(Page(whole.objects[:1], next=7), 25) == Page(whole.objects[:1], next=7)


def test_a_collection_says_for_whom_it_is() -> None:
    row = CollectionRow(COLLECTION, "TLP:AMBER to USA, JPN", Tlp.AMBER, ("JPN", "USA"), objects=12)
    assert taxii.collection(row, can_read=True, can_write=False) == {
        "id": COLLECTION,
        "title": "TLP:AMBER to USA, JPN",
        "description": "TLP:AMBER for JPN, USA. Holds 12 versions of objects.",
        "can_read": True,
        "can_write": False,
        "media_types": ["application/stix+json;version=2.1"],
    }


def test_an_error_is_told_with_its_facts_and_what_to_do() -> None:
    told = taxii.error(Nothing(collection="x"), 404)
    assert told == {
        "title": "there is no such thing",
        "description": "check the name; list what there is first",
        "error_code": "Nothing",
        "http_status": "404",
        "details": {"collection": "x"},
    }


def test_an_exercise_says_so_wherever_a_client_shows_its_title() -> None:
    title, words = taxii.names(World("camp-david", "freedom-27"), "Overflight", "Japan")
    assert title == "EXERCISE freedom-27: Overflight, Japan"
    assert words.startswith("EXERCISE freedom-27")
    live_title, live_words = taxii.names(World("camp-david"), "Camp David", "Japan")
    assert "EXERCISE" not in live_title + live_words
