"""The same exercise with a sensor, a link or a release changed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.core.errors import BadField, Nothing
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import scans, scene
from laurel.instruments.exercise.whatif import Changes, changed, changes, check, islands, told
from laurel.instruments.warning.records import Scan

WORLD = Path(__file__).parents[2] / "nodes" / "short" / "world.toml"
MEMBERS = ("JPN", "KOR", "USA")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse(WORLD.read_bytes())


def wanted(*, without: str = "", cut: str = "", release: str = "") -> Changes:
    return changes(*([one] if one else [] for one in (without, cut, release)))


def plots(scenario: Scenario, member: str) -> dict[str, list[Scan]]:
    truth = scene(scenario)
    found: dict[str, list[Scan]] = {}
    for one in scans(scenario, truth, member):
        found.setdefault(one.sensor, []).append(one)
    return found


def test_without_a_sensor_every_other_reports_what_it_did(scenario: Scenario) -> None:
    fewer = changed(scenario, wanted(without="NOTIONAL-SADO"), scenario.starts_at)
    before, after = plots(scenario, "JPN"), plots(fewer, "JPN")
    assert set(before) - set(after) == {"NOTIONAL-SADO"}
    assert after["NOTIONAL-OMINATO"] == before["NOTIONAL-OMINATO"]
    assert [plots(fewer, member) for member in ("KOR", "USA")] == [plots(scenario, member) for member in ("KOR", "USA")]


def test_a_sensor_is_silent_for_as_long_as_is_said_and_then_reports_what_it_would_have(scenario: Scenario) -> None:
    begins_at = scenario.starts_at + timedelta(seconds=30)
    silent = changed(scenario, wanted(without="NOTIONAL-SADO@70-170"), begins_at)
    before, after = plots(scenario, "JPN")["NOTIONAL-SADO"], plots(silent, "JPN")["NOTIONAL-SADO"]
    lost = [one for one in before if one not in after]
    assert [one for one in before if one in after] == after
    at_s = [(one.at - begins_at).total_seconds() for one in lost]
    assert len(at_s) in {6, 7}
    assert all(70.0 <= at < 170.0 for at in at_s)


def test_a_link_is_cut_for_its_time_and_for_all_of_play_where_none_is_said() -> None:
    both = changes([], ["KOR-JPN@100-200", "KOR-USA"], [])
    assert [sorted(both.cut_at(at_s)) for at_s in (0.0, 100.0, 199.9, 200.0)] == [
        [("KOR", "USA")],
        [("JPN", "KOR"), ("KOR", "USA")],
        [("JPN", "KOR"), ("KOR", "USA")],
        [("KOR", "USA")],
    ]


def test_word_goes_round_a_cut_link_by_a_third_member_and_not_to_one_without_any() -> None:
    assert islands(MEMBERS, {("JPN", "KOR")}) == (("JPN", "KOR", "USA"),)
    assert islands(MEMBERS, {("JPN", "KOR"), ("JPN", "USA")}) == (("JPN",), ("KOR", "USA"))
    assert islands(MEMBERS, {("JPN", "KOR"), ("JPN", "USA"), ("KOR", "USA")}) == (("JPN",), ("KOR",), ("USA",))


@given(cut=st.sets(st.sampled_from([(a, b) for a in "ABCDE" for b in "ABCDE" if a < b])))
def test_every_member_is_on_one_island_and_uncut_links_never_join_two(cut: set[tuple[str, str]]) -> None:
    found = islands("EDCBA", cut)
    assert sorted("".join("".join(one) for one in found)) == list("ABCDE")
    island = {member: place for place, one in enumerate(found) for member in one}
    assert all(island[a] == island[b] for a in "ABCDE" for b in "ABCDE" if a < b and (a, b) not in cut)


def test_a_member_releases_to_whom_is_said_and_always_to_itself() -> None:
    fewer = wanted(release="JPN=USA")
    assert fewer.released_to("JPN", MEMBERS) == {"JPN", "USA"}
    assert fewer.released_to("KOR", MEMBERS) == set(MEMBERS)
    assert wanted(release="JPN=JPN").released_to("JPN", MEMBERS) == {"JPN"}


def test_what_was_changed_is_told_in_words(scenario: Scenario) -> None:
    everything = changes(["NOTIONAL-SADO", "NOTIONAL-EAST-1@10-20"], ["JPN-KOR"], ["KOR=USA", "JPN=JPN"])
    assert told(everything, scenario) == (
        "sensor NOTIONAL-SADO of JPN is not there",
        "sensor NOTIONAL-EAST-1 of KOR is silent from second 10 to 20 of play",
        "the link between JPN and KOR is cut for all of play",
        "KOR releases its tracks and alerts to USA alone",
        "JPN releases its tracks and alerts to nobody else",
    )
    assert not Changes()
    assert told(Changes(), scenario) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"without": "NOTIONAL-SADO@200-100"},
        {"without": "@1-2"},
        {"without": "NOTIONAL-SADO@soon"},
        {"cut": "JPN"},
        {"cut": "JPN-JPN"},
        {"cut": "jpn-kor"},
        {"cut": "JPN-KOR@5"},
        {"release": "JPN"},
        {"release": "JPN="},
        {"release": "JPN=USA,"},
    ],
    ids=lambda wrong: " ".join(wrong.values()),
)
def test_a_change_that_cannot_be_read_is_refused_with_what_it_must_be(wrong: dict[str, str]) -> None:
    with pytest.raises(BadField) as refused:
        wanted(**wrong)
    assert "must_be" in refused.value.facts


def test_what_is_not_there_is_refused_and_the_error_names_what_is(scenario: Scenario) -> None:
    for unknown, there_are in (
        (wanted(without="NOTIONAL-NOWHERE"), "NOTIONAL-OMINATO"),
        (wanted(cut="JPN-AUS"), "JPN, KOR, USA"),
        (wanted(release="JPN=AUS"), "JPN, KOR, USA"),
    ):
        with pytest.raises(Nothing) as refused:
            check(unknown, scenario, MEMBERS)
        assert there_are in str(refused.value.facts["there_are"])
    with pytest.raises(Nothing):
        check(wanted(without="NOTIONAL-SADO"), None, MEMBERS)
    check(wanted(without="NOTIONAL-SADO", cut="JPN-KOR", release="JPN=USA"), scenario, MEMBERS)
