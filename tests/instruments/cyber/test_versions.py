"""Versions of an object: the greatest stands, in whatever order they came; revoked is revoked; older ones are kept."""

from __future__ import annotations

from typing import Any

import pytest
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
    raw,
    stix,
    stix_id,
)
from tests.instruments.harness import WORLD, MemoryView, record_of

from laurel.core.instrument import Desk
from laurel.core.record import Draft
from laurel.instruments.cyber import INSTRUMENT
from laurel.instruments.cyber.asked import ObjectsAsk
from laurel.instruments.cyber.judge import courses
from laurel.instruments.cyber.marks import ClaimIdentityAsk
from laurel.instruments.cyber.records import IdentityClaimed, StixObject, Tlp

ONE = stix_id("indicator", 1)


def test_the_greatest_modified_stands_and_the_older_are_kept() -> None:
    houses = Houses()
    for day in (2, 5, 3):
        houses.share("JPN", indicator(modified=day, description=f"day {day}"))
    course = houses.object("KOR", ONE)
    assert [one.row.modified[8:10] for one in course.versions] == ["05", "03", "02"]
    [row] = houses.of["KOR"].query("objects", ObjectsAsk(), NOW).objects
    assert row.modified[8:10] == "05"


def test_fractions_of_a_second_count_however_they_are_written() -> None:
    houses = Houses()
    for moment in ("2026-01-05T00:00:00.9Z", "2026-01-05T00:00:00.10Z", "2026-01-05T00:00:00Z"):
        houses.share("JPN", {**indicator(), "modified": moment})
    assert houses.object("KOR", ONE).versions[0].row.modified == "2026-01-05T00:00:00.9Z"


def test_a_revoked_object_leaves_the_list_and_is_still_told_as_revoked() -> None:
    houses = Houses()
    houses.share("JPN", indicator())
    houses.share("JPN", indicator(modified=2, revoked=True))
    assert houses.of["KOR"].query("objects", ObjectsAsk(), NOW).objects == ()
    [row] = houses.of["KOR"].query("objects", ObjectsAsk(revoked=True), NOW).objects
    assert (row.revoked, row.modified[8:10]) == (True, "02")
    assert houses.object("KOR", ONE).revoked
    assert houses.look("KOR", "indicators").indicators == ()


def test_only_its_maker_revokes_what_it_made() -> None:
    houses = Houses()
    houses.ask("JPN", "claim-identity", ClaimIdentityAsk(AUTHOR, "our response team", EVERYONE), "officer:mori", NOW)
    houses.share("JPN", indicator(created_by_ref=AUTHOR))
    houses.share("KOR", indicator(modified=2, revoked=True, created_by_ref=AUTHOR))
    course = houses.object("USA", ONE)
    assert not course.revoked
    assert [one.row.flags for one in course.versions] == [(), ("said by KOR, but made by JPN, which did not say it",)]
    # What two claim is nobody's: then the greatest version stands, whoever told it.
    houses.ask("KOR", "claim-identity", ClaimIdentityAsk(AUTHOR, "ours", EVERYONE), "officer:kim", NOW)
    assert houses.object("USA", ONE).revoked


def test_two_forms_of_one_version_are_flagged() -> None:
    houses = Houses()
    houses.share("JPN", indicator(description="one"))
    houses.share("KOR", indicator(description="two"))
    flags = {one.row.member: one.row.flags for one in houses.object("USA", ONE).versions}
    assert flags == {
        "JPN": ("another object has this id and this version: told by KOR",),
        "KOR": ("another object has this id and this version: told by JPN",),
    }


def test_an_object_is_shown_with_what_it_is_joined_to_and_found_by_its_words() -> None:
    houses = Houses()
    malware = stix("malware", 4, name="Notional wiper", is_family=False, description="壊す")
    join = stix("relationship", 5, relationship_type="indicates", source_ref=ONE, target_ref=malware["id"])
    houses.share("JPN", indicator(), malware, join)
    [relation] = houses.object("KOR", ONE).relations
    assert (relation.relationship, relation.outward, relation.name) == ("indicates", True, "Notional wiper")
    assert [one.outward for one in houses.object("KOR", malware["id"]).relations] == [False]
    found = houses.of["KOR"].query("objects", ObjectsAsk(words="壊す"), NOW)
    assert [one.id for one in found.objects] == [malware["id"]]
    assert houses.of["KOR"].query("objects", ObjectsAsk(types=("relationship",)), NOW).total == 1


def test_pages_of_objects_hold_each_once() -> None:
    houses = Houses()
    houses.share("JPN", *(indicator(number) for number in range(1, 8)))
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        page = houses.of["KOR"].query("objects", ObjectsAsk(after=after, most=3), NOW)
        seen += [one.id for one in page.objects]
        after = page.next
    assert seen == [stix_id("indicator", number) for number in range(7, 0, -1)]


# In any order

told = st.tuples(
    st.sampled_from(MEMBERS),
    st.integers(1, 4),
    st.booleans(),
    st.sampled_from([Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER]),
    st.sampled_from(["a", "b"]),
)


def records(said: list[Any], claimant: str | None) -> list[Any]:
    made: list[Any] = []
    for number, (member, day, revoked, tlp, text) in enumerate(said, 1):
        desk = Desk(WORLD, member, "officer:sato", NOW, MEMBERS)
        body = marked(indicator(modified=day, revoked=revoked, description=text, created_by_ref=AUTHOR), tlp)
        made.append(record_of(INSTRUMENT, Draft(StixObject(raw(body), tlp), EVERYONE), desk, number))
    if claimant is not None:
        desk = Desk(WORLD, claimant, "officer:mori", NOW, MEMBERS)
        made.append(record_of(INSTRUMENT, Draft(IdentityClaimed(AUTHOR, "ours"), EVERYONE), desk, len(said) + 1))
    return made


def judged(order: list[Any]) -> tuple[Any, ...]:
    view = MemoryView(INSTRUMENT, "USA")
    try:
        for record_id, record in order:
            view.fold(record_id, record)
        course = courses(view, [ONE])[ONE]
        each = sorted((row.id, course.tlp(row), course.flags(row)) for row in course.versions)
        return course.current.id, course.revoked, course.maker, each
    finally:
        view.close()


def check_any_order(said: list[Any], claimant: str | None, dice: Any) -> None:
    made = records(said, claimant)
    straight = judged(made)
    mixed = [*made]
    dice.shuffle(mixed)
    assert judged(mixed) == straight
    current, revoked, _, each = straight
    own = [one for one in said if one[0] == claimant]
    greatest = max(day for _, day, *_ in own or said)
    body = next(record.body for record_id, record in made if record_id == current)
    assert f"2026-01-{greatest:02}" in bytes(body.stix).decode()
    assert revoked == (b'"revoked": true' in bytes(body.stix))
    # Nothing that another marked more strictly may be passed on further, but by its maker's leave.
    for record_id, level, _ in each:
        member = next(record.origin for one, record in made if one == record_id)
        last = {one[0]: one for one in sorted(said, key=lambda one: one[1])}
        alone = all(sum(one[0] == other and one[1] == last[other][1] for one in said) == 1 for other in last)
        if member != claimant and alone:
            assert level.rank >= max((last[other][3].rank for other in last if other != member), default=0)


@pytest.mark.long
@settings(max_examples=3_000, deadline=None)
@given(st.lists(told, min_size=1, max_size=8), st.sampled_from([None, *MEMBERS]), st.randoms())
def test_in_thousands_of_orders_the_same_stands(said: list[Any], claimant: str | None, dice: Any) -> None:
    check_any_order(said, claimant, dice)


@settings(max_examples=40, deadline=None)
@given(st.lists(told, min_size=1, max_size=6), st.sampled_from([None, *MEMBERS]), st.randoms())
def test_in_whatever_order_versions_come_the_same_stands(said: list[Any], claimant: str | None, dice: Any) -> None:
    check_any_order(said, claimant, dice)
