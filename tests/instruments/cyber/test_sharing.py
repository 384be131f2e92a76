"""Who gets which object: the stricter of what its officer says, what its markings say, and what others were told."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from tests.instruments.cyber.partners import (
    AUTHOR,
    EVERYONE,
    MEMBERS,
    NOW,
    STATEMENT,
    STRANGE,
    Houses,
    definition,
    indicator,
    marked,
    raw,
    stix,
    stix_id,
)

from laurel.core.errors import BadField
from laurel.core.label import Classification, label
from laurel.core.record import Draft
from laurel.instruments.cyber.asked import ObjectsAsk
from laurel.instruments.cyber.bundles import LeavingAsk, out_of
from laurel.instruments.cyber.marks import ClaimIdentityAsk, ReadMarkingAsk
from laurel.instruments.cyber.records import Bundle, StixObject, Tlp
from laurel.instruments.cyber.sharing import Loosened, NameBundleAsk, Terms, ToldToFewer, sort_out
from laurel.instruments.cyber.stix import BadStix, digest
from laurel.instruments.cyber.tlp import IDS

ONE = stix_id("indicator", 1)
CANARY = "NOTIONAL-CANARY"


def here(houses: Houses, *numbers: int) -> set[str]:
    """Who has these indicators."""
    ids = {stix_id("indicator", number) for number in numbers}
    return {one for one in MEMBERS if ids <= {row.id for row in listed(houses, one)}}


def listed(houses: Houses, member: str) -> Any:
    return houses.of[member].query("objects", ObjectsAsk(), NOW).objects


def text_of(houses: Houses, member: str) -> str:
    """All that a member holds."""
    log = b"".join(msgspec.json.encode(record) for _, record in houses.of[member].log)
    return log.decode() + repr(houses.of[member].view.contents())


def test_an_object_reaches_whom_its_label_names_and_comes_out_as_it_was_written() -> None:
    houses = Houses()
    made = {**indicator(), "x_own": {"kept": [1.10, None, "ロケット"]}}
    houses.share("JPN", made, to=label(Classification.RESTRICTED, {"JPN", "KOR"}))
    assert here(houses, 1) == {"JPN", "KOR"}
    [version] = houses.object("KOR", ONE).versions
    assert json.loads(bytes(version.stix)) == made
    assert (version.row.tlp, version.row.banner) == (Tlp.AMBER, "RESTRICTED//REL TO JPN, KOR")


def test_the_stricter_of_label_and_marking_wins() -> None:
    houses = Houses()
    houses.share("JPN", marked(indicator(), Tlp.AMBER_STRICT))
    [version] = houses.object("USA", ONE).versions
    assert (version.row.tlp, version.row.label.classification) == (Tlp.AMBER_STRICT, Classification.CONFIDENTIAL)


@pytest.mark.parametrize("red_to", [(), ("KOR",), ("KOR", "USA")])
@pytest.mark.parametrize("tlp", [Tlp.CLEAR, Tlp.RED])
def test_the_words_of_a_red_object_reach_nobody_who_was_not_named(tlp: Tlp, red_to: tuple[str, ...]) -> None:
    houses = Houses()
    made = indicator(name=CANARY)
    secret = made if tlp is Tlp.RED else marked(made, Tlp.RED)
    houses.share("JPN", secret, tlp=tlp, red_to=red_to)
    houses.share("JPN", indicator(2))
    name_all(houses, secret, indicator(2))
    assert {member for member in MEMBERS if CANARY in text_of(houses, member)} == {"JPN", *red_to}
    assert here(houses, 2) == set(MEMBERS)


def name_all(houses: Houses, *objects: dict[str, Any]) -> list[str]:
    ask = NameBundleAsk(stix_id("bundle", 9), EVERYONE, tuple(digest(one) for one in objects))
    return houses.ask("JPN", "name-bundle", ask, "officer:sato", NOW)


def test_red_is_named_to_none_but_those_who_get_the_rest() -> None:
    houses = Houses()
    with pytest.raises(BadField, match="red_to"):
        houses.share("JPN", indicator(), to=label(Classification.SECRET, {"JPN", "KOR"}), red_to=("USA",))


def test_an_object_with_a_marking_that_nobody_understands_stays_at_home_until_an_officer_reads_it() -> None:
    houses = Houses()
    odd = marked(indicator(), STRANGE)
    houses.share("JPN", odd)
    assert here(houses, 1) == {"JPN"}
    [row] = listed(houses, "JPN")
    assert row.tlp is Tlp.RED
    assert "nobody here understands" in row.flags[0]
    assert [(one.marking, one.tlp) for one in houses.look("JPN", "markings").markings] == [(STRANGE, None)]
    houses.ask("JPN", "read-marking", ReadMarkingAsk(STRANGE, Tlp.AMBER, "agreed with its author"), "officer:mori", NOW)
    houses.share("JPN", odd)
    assert here(houses, 1) == set(MEMBERS)
    assert houses.object("JPN", ONE).versions[0].row.tlp is Tlp.AMBER
    # What one house reads into a marking binds no other.
    assert houses.object("KOR", ONE).versions[0].row.tlp is Tlp.RED


def test_a_copyright_statement_limits_no_reader_and_one_defined_in_two_ways_does() -> None:
    houses = Houses()
    houses.share("JPN", definition(STATEMENT), marked(indicator(), STATEMENT))
    assert here(houses, 1) == set(MEMBERS)
    houses.share("KOR", {**definition(STATEMENT, "x-own"), "created": "2026-01-02T00:00:00Z"})
    houses.share("JPN", marked(indicator(2), STATEMENT))
    assert here(houses, 2) == {"JPN"}


def test_a_repeat_says_nothing_and_a_wider_label_says_it_again() -> None:
    houses = Houses()
    few = label(Classification.UNCLASSIFIED, {"JPN", "KOR"})
    assert len(houses.share("JPN", indicator(), indicator(), to=few)) == 1
    assert houses.share("JPN", {**dict(reversed(indicator().items()))}, to=few) == []
    assert len(houses.share("JPN", indicator())) == 1
    # Another who was told has nothing to add, for those who were told too.
    assert houses.share("KOR", indicator()) == []


def test_nobody_loosens_what_another_marked_more_strictly() -> None:
    houses = Houses()
    houses.share("JPN", marked(indicator(), Tlp.AMBER))
    with pytest.raises(Loosened, match="JPN"):
        houses.share("KOR", marked(indicator(modified=2), Tlp.GREEN))
    houses.share("KOR", marked(indicator(modified=2), Tlp.RED), red_to=MEMBERS)
    houses.share("JPN", marked(indicator(modified=3), Tlp.RED), red_to=MEMBERS)


def test_its_own_maker_loosens_a_marking_and_then_the_looser_stands() -> None:
    houses = Houses()
    houses.ask("JPN", "claim-identity", ClaimIdentityAsk(AUTHOR, "our response team", EVERYONE), "officer:mori", NOW)
    houses.share("JPN", marked(indicator(created_by_ref=AUTHOR), Tlp.AMBER))
    houses.share("KOR", {**marked(indicator(created_by_ref=AUTHOR), Tlp.AMBER), "x_note": "ours"})
    houses.share("JPN", marked(indicator(modified=2, created_by_ref=AUTHOR), Tlp.GREEN))
    course = houses.object("USA", ONE)
    assert (course.versions[0].row.member, course.versions[0].row.tlp) == ("JPN", Tlp.GREEN)


def test_a_peer_that_loosens_all_the_same_is_flagged_and_the_stricter_stands() -> None:
    houses = Houses()
    houses.share("JPN", marked(indicator(), Tlp.AMBER))
    desk = houses.of["KOR"].desk("officer:kim", NOW)
    houses.say(Draft(StixObject(raw(marked(indicator(modified=2), Tlp.GREEN)), Tlp.GREEN), EVERYONE), desk)
    [newest, _] = houses.object("USA", ONE).versions
    assert (newest.row.member, newest.row.tlp) == ("KOR", Tlp.AMBER)
    assert newest.row.flags[0] == "marked TLP:GREEN by KOR, but TLP:AMBER by JPN: the stricter stands"
    out = [one for one in out_of(houses.of["USA"].view, LeavingAsk(Tlp.AMBER)) if one is not None]
    assert [IDS[Tlp.AMBER] in json.loads(bytes(one))["object_marking_refs"] for one in out] == [True]
    assert [*out_of(houses.of["USA"].view, LeavingAsk(Tlp.GREEN))] == [None]


def test_what_a_member_told_a_few_is_not_ours_to_tell_others() -> None:
    houses = Houses()
    houses.share("JPN", marked(indicator(), Tlp.AMBER), to=label(Classification.RESTRICTED, {"JPN", "KOR"}))
    with pytest.raises(ToldToFewer, match="JPN"):
        houses.share("KOR", marked(indicator(), Tlp.AMBER))
    assert here(houses, 1) == {"JPN", "KOR"}


def test_a_malformed_object_is_named_and_the_rest_is_none_the_worse() -> None:
    houses = Houses()
    bad = {**stix("malware", 3), "revoked": "yes"}
    view = houses.of["JPN"].view
    told = sort_out([raw(bad), raw(indicator())], Terms(EVERYONE, Tlp.CLEAR), view, "JPN", MEMBERS)
    assert [(one.place, one.object) for one in told.findings] == [(0, stix_id("malware", 3))]
    assert "revoked" in told.findings[0].why
    assert [bytes(body.stix) for body, _ in told.said] == [json.dumps(indicator(), separators=(",", ":")).encode()]
    with pytest.raises(BadStix, match="revoked"):
        houses.share("JPN", bad, indicator())
    assert here(houses, 1) == set()


def test_what_a_peer_says_as_an_object_and_is_none_is_kept_and_told_as_a_finding() -> None:
    houses = Houses()
    desk = houses.of["KOR"].desk("officer:kim", NOW)
    for bad in (b"5", b'{"type":"malware","id":"malware--1"}', b"[[[[[[]]]]]]"):
        houses.say(Draft(StixObject(Raw(bad), Tlp.CLEAR), EVERYONE), desk)
    findings = houses.look("USA", "findings").findings
    assert {one.member for one in findings} == {"KOR"}
    assert {one.object for one in findings} == {"", "malware--1"}
    assert listed(houses, "USA") == ()


def test_a_bundle_names_to_each_audience_what_it_has_and_comes_out_in_its_own_order() -> None:
    houses = Houses()
    red, green, clear = marked(indicator(1), Tlp.RED), marked(indicator(2), Tlp.GREEN), indicator(3)
    houses.share("JPN", clear, red, green)
    said = name_all(houses, green, red, clear)
    bodies = {record.label.rel_to: record.body for key, record in houses.of["JPN"].log if key in said}
    assert {rel_to: len(body.objects) for rel_to, body in bodies.items()} == {("JPN",): 1, MEMBERS: 2}
    assert name_all(houses, green, red, clear) == []
    assert [len(record.body.objects) for _, record in houses.of["USA"].log if isinstance(record.body, Bundle)] == [2]
    out = out_of(houses.of["USA"].view, LeavingAsk(Tlp.RED, stix_id("bundle", 9)))
    assert [json.loads(bytes(one)) for one in out if one is not None] == [green, clear]
