"""How far something in flight is to be believed, and what the officer is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.firing_range import infrared
from tests.instruments.warning.flights import (
    after,
    coasting,
    into_the_sea_of_japan,
    over_japan,
    reported,
    track_of,
)
from tests.instruments.warning.test_picture import RADAR, WORLD, Table

from laurel.core.instrument import Desk, NoAsk
from laurel.core.label import Classification, Label
from laurel.instruments.warning.alerts import on_track_report
from laurel.instruments.warning.follow import doubts
from laurel.instruments.warning.judgement import MANY, floods
from laurel.instruments.warning.picture import assess
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.queries import docket
from laurel.instruments.warning.records import (
    Alert,
    Flag,
    ObservedImpact,
    Phase,
    SensorDoubt,
    SensorKind,
    Source,
    Track,
    TrackState,
)
from laurel.instruments.warning.tracker.memory import fresh, set_sensor
from laurel.instruments.warning.tracker.out import tracks_out
from laurel.instruments.warning.tracker.standing import NEWS
from laurel.instruments.warning.tracker.table import COAST, FREE, TRACKED, no_tracks
from laurel.physics.earth import geodetic_to_ecef

HOME = Label(Classification.SECRET, ("JPN",))
RADARS, SATELLITES = (SensorKind.RADAR,), (SensorKind.INFRARED,)


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.view.close()


def seen_by(*sensors: str, plots: int = 60) -> tuple[Source, ...]:
    return tuple(Source(sensor, after(0.0), after(100.0), plots) for sensor in sensors)


# Who saw it


def test_the_same_sensor_by_two_routes_is_one_source() -> None:
    flight = over_japan()
    theirs = reported("USA", track_of(flight, 100.0, pedigree=seen_by("USA/TPY")))
    passed_on = reported("JPN", track_of(flight, 100.0, pedigree=seen_by("USA/TPY", plots=50)))
    found = assess((passed_on, theirs))
    assert (found.sensors, found.confidence, found.sources) == (1, "single source", ("USA/TPY",))


@pytest.mark.parametrize(
    ("first", "second", "kinds", "confidence"),
    [
        ("JPN/NORTH", "KOR/EAST", (RADARS, RADARS), "two of one kind"),
        ("USA/SBIR-3", "JPN/NORTH", (SATELLITES, RADARS), "two kinds"),
        ("USA/SBIR-3", "USA/SBIR-4", (SATELLITES, SATELLITES), "two of one kind"),
    ],
)
def test_confidence_counts_the_kinds_of_different_sensors(
    first: str, second: str, kinds: tuple[tuple[SensorKind, ...], tuple[SensorKind, ...]], confidence: str
) -> None:
    flight = over_japan()
    reports = tuple(
        reported(name[:3], track_of(flight, 100.0, pedigree=seen_by(name), kinds=kind, number=number))
        for number, (name, kind) in enumerate(zip((first, second), kinds, strict=True), start=1)
    )
    assert assess(reports).confidence == confidence


def test_a_report_without_a_pedigree_counts_its_sensors_as_its_members_own() -> None:
    flight = over_japan()
    reports = (
        reported("JPN", track_of(flight, 100.0, sensors=("A",))),
        reported("KOR", track_of(flight, 100.0, pedigree=seen_by("JPN/A"))),
    )
    assert assess(reports).sources == ("JPN/A",)


# Flags


def test_what_a_second_kind_sees_is_not_sunlight(table: Table) -> None:
    flight = into_the_sea_of_japan()
    flagged = (Flag.SUN, Flag.CLUTTER)
    table.tracks("USA", 60.0, track_of(flight, 60.0, kinds=SATELLITES, flags=flagged, pedigree=seen_by("USA/SBIR-3")))
    assert table.only(60.0).flags == (Flag.SUN, Flag.CLUTTER)
    table.tracks("JPN", 61.0, track_of(flight, 61.0, pedigree=seen_by("JPN/NORTH")))
    assert table.only(61.0).flags == (Flag.CLUTTER,)
    assert table.only(61.0).confidence == "two kinds"


@pytest.mark.parametrize(("hours", "flags"), [(0.0, (Flag.SUN,)), (12.0, ())])
def test_a_tracker_flags_what_its_satellite_alone_sees_in_the_light_of_26_september_1983(
    hours: float, flags: tuple[Flag, ...]
) -> None:
    memory = fresh()
    set_sensor(memory, structs.replace(infrared(), lat_deg=45.0, lon_deg=0.0, alt_m=38_000_000.0))
    at = datetime(1983, 9, 25, 20, 15, tzinfo=UTC) + timedelta(hours=hours)
    memory.tracks = no_tracks(1)
    tracks = memory.tracks
    tracks.number[0], tracks.status[0], tracks.plots[0] = 1, TRACKED, 4
    tracks.mean[0, COAST, :3] = geodetic_to_ecef(47.5, -111.2, 20_000.0)
    tracks.mean[0, COAST, 3:FREE] = (0.0, 0.0, 2_000.0)
    tracks.cov[0, COAST, :FREE, :FREE] = np.eye(FREE)
    tracks.chance[0, COAST] = 1.0
    tracks.sensors[0, 0] = True
    tracks.seen_s[0] = memory.seconds(at)
    (track,) = tracks_out(memory, np.array([NEWS]))
    assert track.flags == flags


# Counts that cannot be


def a_fault(count: int, sensor: str, first_s: float = 10.0, spread_s: float = 50.0) -> list[Track]:
    """That many tracks of one sensor within a minute, all over the place."""
    side = int(np.ceil(np.sqrt(count)))
    return [
        track_of(
            coasting(36.0 + 6.0 * (n // side) / side, 125.0 + 6.0 * (n % side) / side, 90e3, 85.0, 2_400.0, 45.0),
            100.0,
            number=n + 1,
            first_s=first_s + spread_s * n / count,
            pedigree=seen_by(sensor),
        )
        for n in range(count)
    ]


def test_220_tracks_of_one_sensor_in_a_minute_are_shown_all_and_believed_less(table: Table) -> None:
    table.tracks("USA", 100.0, *a_fault(220, "USA/SBIR-3"))
    table.tracks("JPN", 100.0, track_of(over_japan(), 100.0, number=1_000))
    picture = table.picture(101.0)
    (warned,) = picture.warnings
    assert (warned.tracks, warned.confirmed) == (220, 0)
    assert "220 new tracks within a minute" in warned.words
    assert "none of them seen by a second sensor: an implausible count" in warned.words
    drawn = [one for one in picture.tracks if one.tracks[0].startswith("USA")]
    assert len(drawn) == 220
    assert {one.confidence for one in drawn} == {"single source, implausible count"}
    assert next(one for one in picture.tracks if one.tracks == ("JPN-1000",)).confidence == "single source"


def test_a_launch_alert_in_a_flood_says_so_in_its_words_and_its_confidence(table: Table) -> None:
    tracks = a_fault(40, "USA/SBIR-3")
    table.tracks("USA", 100.0, *tracks)
    record_id, record = table.records[-1]
    desk = Desk(WORLD, "JPN", "node", after(101.0), ("JPN", "KOR", "USA"))
    drafts = on_track_report(record_id, record, table.view, desk)
    launches = [draft.body for draft in drafts if isinstance(draft.body, Alert)]
    assert len(launches) >= 40
    assert {alert.confidence for alert in launches} == {"single source, implausible count"}
    assert all("the count is implausible, ask before you believe it" in alert.words for alert in launches)


def groups_of(tracks: list[Track], *others: str) -> list[tuple[MemberTrack, ...]]:
    """Each a thing of its own; every second one, as far as there are others, is seen by such another sensor too."""
    groups: list[tuple[MemberTrack, ...]] = [(reported("USA", track),) for track in tracks]
    for n, other in enumerate(others):
        at = (2 * n) % len(groups) + 2 * n // len(groups)
        groups[at] = (*groups[at], reported(other[:3], track_of(over_japan(), 100.0, pedigree=seen_by(other))))
    return groups


def test_a_raid_that_two_sensors_see_is_no_flood() -> None:
    tracks = a_fault(60, "USA/A")
    assert len(floods(groups_of(tracks))) == 1
    assert floods(groups_of(tracks, *(["JPN/B"] * 50))) == []
    (flood,) = floods(groups_of(tracks, *(["JPN/B"] * 20)))
    assert (flood.tracks, flood.confirmed, len(flood.doubted)) == (60, 20, 40)


def test_twenty_a_minute_for_an_hour_are_many_but_no_flood() -> None:
    slow = a_fault(20 * 60, "USA/A", 0.0, 3_600.0)
    assert floods(groups_of(slow)) == []
    assert floods(groups_of(a_fault(MANY, "USA/A"))) == []
    assert len(floods(groups_of(a_fault(MANY + 1, "USA/A")))) == 1


def test_the_count_of_the_minute_before_tells_how_it_grew() -> None:
    before = [track_of(over_japan(), 100.0, number=900 + n, first_s=-40.0 + n) for n in range(2)]
    (flood,) = floods(groups_of([*before, *a_fault(2_200, "USA/A", 20.0)]))
    assert (flood.tracks, flood.before) == (2_200, 2)
    assert flood.words.startswith("2,200 new tracks within a minute, 2 in the minute before")


@given(order=st.permutations(range(40)))
@settings(max_examples=20, deadline=None)
def test_the_order_of_reports_does_not_change_what_is_doubted(order: list[int]) -> None:
    groups = groups_of(a_fault(40, "USA/A"), "JPN/B", "KOR/C")
    assert floods([groups[index] for index in order]) == floods(groups)


# Doubted sensors


def test_a_doubted_sensor_is_shown_with_the_reason_until_it_is_trusted_again(table: Table) -> None:
    table.say("JPN", 0.0, RADAR, HOME)
    assert table.picture(1.0).sensors[0].suspect is None
    why = "its angles lie off what other sensors hold by more than its declared error"
    table.say("JPN", 10.0, SensorDoubt("NORTH", suspect=True, why=why, at=after(10.0)), HOME)
    (site,) = table.ask("sensors", NoAsk(), 11.0).sensors
    assert site.suspect == why
    (item,) = docket(table.view, after(11.0))
    assert (item.title, item.state, item.label) == ("Sensor NORTH doubted", "suspect", HOME)
    assert why in item.summary
    table.say("JPN", 60.0, SensorDoubt("NORTH", suspect=False, why="", at=after(60.0)), HOME)
    # What is older than the latest changes nothing, whenever it arrives.
    table.say("JPN", 61.0, SensorDoubt("NORTH", suspect=True, why=why, at=after(30.0)), HOME)
    assert table.picture(62.0).sensors[0].suspect is None
    assert docket(table.view, after(62.0)) == []


# Where it came from, and where it ended


def test_a_piece_says_which_system_track_it_came_out_of(table: Table) -> None:
    flight, piece = over_japan(), coasting(40.8, 129.5, 190e3, 86.0, 5_250.0, 38.0)
    table.tracks("JPN", 200.0, track_of(flight, 200.0, number=3))
    table.tracks("KOR", 200.0, track_of(flight, 200.0, number=8, first_s=-150.0))
    table.tracks("JPN", 200.5, track_of(piece, 200.5, number=4, first_s=150.0, split_from=3))
    whole, part = table.picture(201.0).tracks[::-1]
    assert (whole.tracks, whole.split_from) == (("JPN-3", "KOR-8"), None)
    assert (part.tracks, part.split_from) == (("JPN-4",), "KOR-8")


def down(t_s: float) -> ObservedImpact:
    return ObservedImpact(39.4, 135.8, after(t_s), 0.5, (250_000.0, 0.0, 250_000.0))


def test_one_who_saw_it_come_down_is_believed_over_those_who_lost_it(table: Table) -> None:
    flight = into_the_sea_of_japan()
    fallen = track_of(flight, 448.0, state=TrackState.FALLEN, phase=Phase.REENTRY, observed=down(450.0))
    table.tracks("JPN", 450.0, fallen)
    table.tracks("KOR", 450.0, track_of(flight, 300.0, state=TrackState.COASTING))
    seen = table.only(452.0)
    assert seen.state is TrackState.FALLEN
    assert seen.impact is None
    assert seen.observed is not None
    assert (seen.observed.lat_deg, seen.observed.at) == (39.4, after(450.0))
    assert table.picture(450.0 + 60.0).tracks
    assert table.picture(450.0 + 121.0).tracks == ()


def test_one_who_sees_it_fly_on_is_believed_over_an_impact(table: Table) -> None:
    flight = into_the_sea_of_japan()
    table.tracks("JPN", 300.0, track_of(flight, 300.0, state=TrackState.FALLEN, observed=down(300.0)))
    table.tracks("KOR", 330.0, track_of(flight, 330.0))
    seen = table.only(331.0)
    assert (seen.state, seen.observed) == (TrackState.TRACKED, None)


@given(
    before=st.dictionaries(st.sampled_from("ABC"), st.just("leans")),
    after_=st.dictionaries(st.sampled_from("ABC"), st.just("leans")),
)
def test_what_the_tracker_thinks_of_a_sensor_is_said_when_it_changes_and_only_then(
    before: dict[str, str], after_: dict[str, str]
) -> None:
    said = doubts(before, after_, after(0.0))
    assert {one.sensor for one in said if one.suspect} == set(after_) - set(before)
    assert {one.sensor for one in said if not one.suspect} == set(before) - set(after_)
    assert [one.sensor for one in said] == sorted(one.sensor for one in said)
