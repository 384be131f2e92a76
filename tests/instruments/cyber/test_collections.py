"""Collections: one for each level and audience, in the order in which our own node took things in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.instruments.cyber.partners import EVERYONE, MEMBERS, NOW, Houses, indicator, marked, raw, stix, stix_id

from laurel.core.errors import BadField
from laurel.core.label import Classification, label
from laurel.core.record import Draft
from laurel.instruments.cyber.asked import OfCollection
from laurel.instruments.cyber.records import StixObject, Tlp
from laurel.instruments.cyber.tlp import collection_id

CLEAR = collection_id(Tlp.CLEAR, MEMBERS)
ONE = stix_id("indicator", 1)


def page(houses: Houses, member: str = "USA", collection: str = CLEAR, **more: Any) -> Any:
    return houses.of[member].query("collection", OfCollection(collection, **more), NOW)


def names(found: Any) -> list[tuple[str, str]]:
    return [(one.id[-1], one.version[8:10]) for one in found.objects]


def test_each_level_and_audience_is_a_collection() -> None:
    houses = Houses()
    few = label(Classification.UNCLASSIFIED, {"JPN", "USA"})
    houses.share("JPN", indicator(1), marked(indicator(2), Tlp.GREEN), marked(indicator(3), Tlp.RED))
    houses.share("JPN", indicator(4), to=few)
    assert [(one.title, one.objects) for one in houses.look("JPN", "collections").collections] == [
        ("TLP:CLEAR to USA, JPN, KOR", 1),
        ("TLP:GREEN to USA, JPN, KOR", 1),
        ("TLP:AMBER to USA, JPN", 1),
        ("TLP:RED to JPN", 1),
    ]
    assert [one.title for one in houses.look("KOR", "collections").collections] == [
        "TLP:CLEAR to USA, JPN, KOR",
        "TLP:GREEN to USA, JPN, KOR",
    ]


def test_pages_follow_our_own_order_of_taking_and_never_change_behind_the_reader() -> None:
    houses = Houses()
    houses.share("JPN", *(indicator(number) for number in (5, 3, 9, 1)))
    first = page(houses, most=3)
    assert [one.id[-1] for one in first.objects] == ["5", "3", "9"]
    houses.share("KOR", indicator(2))
    rest = page(houses, most=3, after=first.next)
    assert [one.id[-1] for one in rest.objects] == ["1", "2"]
    assert rest.next is None
    places = [one.position for one in (*first.objects, *rest.objects)]
    assert places == sorted(set(places))
    assert page(houses, added_after=NOW).objects == ()
    assert len(page(houses, added_after=NOW - timedelta(seconds=1)).objects) == 5


def test_versions_are_asked_for_as_taxii_does() -> None:
    houses = Houses()
    houses.share("JPN", *(indicator(modified=day) for day in (2, 4, 3)), indicator(7))
    for wanted, got in (
        (("last",), ["04", "01"]),
        (("first",), ["02", "01"]),
        (("all",), ["02", "04", "03", "01"]),
        (("first", "last"), ["02", "04", "01"]),
        (("2026-01-03T00:00:00Z",), ["03"]),
        ((), ["04", "01"]),
    ):
        assert [version for _, version in names(page(houses, match_version=wanted))] == got
    with pytest.raises(BadField):
        page(houses, match_version=("yesterday",))


def test_objects_are_asked_for_by_id_type_and_spec_version_and_a_manifest_leaves_them_out() -> None:
    houses = Houses()
    houses.share("JPN", indicator(), stix("malware", 4, name="Notional", is_family=False))
    assert names(page(houses, match_id=(ONE,))) == [("1", "01")]
    assert names(page(houses, match_type=("malware",))) == [("4", "01")]
    assert names(page(houses, match_spec_version=("2.0",))) == []
    [first, _] = page(houses, manifest=True, match_spec_version=("2.1",)).objects
    assert (first.stix, first.id) == (None, ONE)


def test_a_version_that_two_members_told_stands_there_once() -> None:
    houses = Houses()
    houses.share("JPN", indicator(), to=label(Classification.UNCLASSIFIED, set(MEMBERS)))
    desk = houses.of["KOR"].desk("officer:kim", NOW)
    houses.say(Draft(StixObject(raw(indicator()), Tlp.CLEAR), EVERYONE), desk)
    assert len(page(houses, match_version=("all",)).objects) == 1


def test_what_somebody_marked_more_strictly_is_not_in_the_looser_collection() -> None:
    houses = Houses()
    houses.share("JPN", marked(indicator(), Tlp.AMBER))
    desk = houses.of["KOR"].desk("officer:kim", NOW)
    houses.say(Draft(StixObject(raw(indicator(modified=2)), Tlp.CLEAR), EVERYONE), desk)
    assert page(houses).objects == ()
    amber = collection_id(Tlp.AMBER, MEMBERS)
    assert names(page(houses, collection=amber)) == [("1", "01")]
