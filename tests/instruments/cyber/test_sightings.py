"""Sightings: what several members saw is an event, and what one member saw and another passed on is none."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.cyber.partners import (
    AUTHOR,
    EVERYONE,
    MEMBERS,
    NOW,
    Houses,
    indicator,
    marked,
    sighting,
    stix_id,
)

from laurel.core.label import Classification, label
from laurel.instruments.cyber.marks import ClaimIdentityAsk
from laurel.instruments.cyber.records import Tlp

ONE, TWO = stix_id("indicator", 1), stix_id("indicator", 2)


def events(houses: Houses, member: str) -> Any:
    return houses.look(member, "events").events


def test_the_same_indicator_seen_by_two_members_is_an_event_on_every_docket_with_its_sightings() -> None:
    houses = Houses()
    houses.share("JPN", indicator())
    first = houses.share("JPN", sighting(1, ONE))
    assert events(houses, "USA") == ()
    second = houses.share("KOR", sighting(2, ONE, first_seen="2026-02-01T00:00:00Z"))
    for member in MEMBERS:
        [event] = events(houses, member)
        assert event.members == ("JPN", "KOR")
        [item] = houses.of[member].view.docket(NOW)
        assert item.subject == event.subject
        assert item.title == "Seen by JPN, KOR: notional.example"
        assert set(item.about) >= {*first, *second}
        assert item.label == EVERYONE


def test_equal_patterns_under_two_ids_are_one_indicator() -> None:
    houses = Houses()
    houses.share("JPN", indicator(1), sighting(1, ONE))
    houses.share("KOR", indicator(2, pattern="[ domain-name:value='notional.example' ]"), sighting(2, TWO))
    [event] = events(houses, "USA")
    assert event.indicator.ids == (ONE, TWO)
    assert {one.member for one in event.indicator.sightings} == {"JPN", "KOR"}
    assert len(houses.object("USA", ONE).sightings) == 2


def test_a_sighting_that_another_passes_on_is_no_second_one() -> None:
    houses = Houses()
    houses.share("JPN", indicator(), sighting(1, ONE, created_by_ref=AUTHOR))
    # KOR passes it on with a note of its own: the same sighting, in another form.
    houses.share("KOR", sighting(1, ONE, created_by_ref=AUTHOR, x_note="passed on"))
    assert events(houses, "USA") == ()
    houses.share("KOR", sighting(2, ONE))
    assert events(houses, "USA") == ()
    houses.ask("JPN", "claim-identity", ClaimIdentityAsk(AUTHOR, "ours", EVERYONE), "officer:mori", NOW)
    assert len(events(houses, "USA")) == 1


def test_a_revoked_sighting_or_indicator_is_no_event_any_more() -> None:
    houses = Houses()
    houses.share("JPN", indicator(), sighting(1, ONE))
    houses.share("KOR", sighting(2, ONE))
    houses.share("KOR", {**sighting(2, ONE), "modified": "2026-01-02T00:00:00.000Z", "revoked": True})
    assert events(houses, "USA") == ()
    houses.share("KOR", sighting(3, ONE))
    assert len(events(houses, "USA")) == 1
    houses.share("JPN", indicator(modified=2, revoked=True))
    assert events(houses, "USA") == ()


def test_an_event_is_judged_from_what_a_member_holds_and_labelled_as_strictly_as_its_parts() -> None:
    houses = Houses()
    few = label(Classification.RESTRICTED, {"JPN", "KOR"})
    houses.share("JPN", indicator())
    houses.share("JPN", marked(sighting(1, ONE), Tlp.AMBER), to=few)
    houses.share("KOR", sighting(2, ONE))
    assert events(houses, "USA") == ()
    [item] = houses.of["KOR"].view.docket(NOW)
    assert item.label == few


def test_a_sighting_of_what_is_not_here_is_shown_by_its_id() -> None:
    houses = Houses()
    houses.share("JPN", sighting(1, ONE))
    houses.share("KOR", sighting(2, ONE))
    [event] = events(houses, "USA")
    assert (event.indicator.name, event.indicator.pattern) == (ONE, "")


seen = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(MEMBERS)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(seen)
def test_it_is_an_event_just_when_no_single_member_can_have_seen_it_all(told: list[tuple[int, str]]) -> None:
    houses = Houses()
    for number, member in told:
        houses.share(member, sighting(number, ONE, x_by=member))
    tellers = [{member for one, member in told if one == number} for number in {number for number, _ in told}]
    could = [one for one in MEMBERS if all(one in each for each in tellers)]
    assert bool(events(houses, "JPN")) == (not could)
    for node in houses.of.values():
        node.view.close()
