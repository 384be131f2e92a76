"""What a reader is told of a flight: nothing finer than the grid and the minute, and nothing of who saw it how well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import cos, degrees, radians

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.harness import MemoryView, Nodes
from tests.instruments.warning.flights import BURNOUT, over_japan, track_of

from laurel.core.instrument import Desk, NoAsk, Terms
from laurel.core.label import Classification, label
from laurel.core.record import Draft, World
from laurel.instruments.warning import INSTRUMENT
from laurel.instruments.warning.coarse import Told, cell, coarse_alert, coarse_tracks, minute
from laurel.instruments.warning.records import (
    Alert,
    AlertReason,
    AlertState,
    Area,
    CoarseAlert,
    CoarseTracks,
    Flag,
    LaunchPoint,
    Source,
    TrackReport,
)
from laurel.physics.earth import A_M

FLIGHT = over_japan()
TERMS = Terms(50_000, 600, ("sensor",), Classification.RESTRICTED)
NOW = datetime(2026, 8, 18, 3, 7, 41, 250_000, tzinfo=UTC)
LAUNCH = LaunchPoint(39.2871, 125.8712, BURNOUT - timedelta(seconds=100), 3.0, (1e6, 0.0, 1e6))
"""Every field of a body that says who sees, with what and how well."""
ALERT = Alert(
    reason=AlertReason.IMPACT,
    state=AlertState.PREDICTED,
    tracks=("JPN-12",),
    areas=(Area("JPN", "zone"),),
    confidence="two kinds of sensor",
    launched_at=NOW - timedelta(seconds=77),
    impact_at=NOW + timedelta(seconds=345),
    impact_lat_deg=41.23456,
    impact_lon_deg=139.98765,
    words="Predicted impact near 41.23 N 139.99 E at 03:13:26, seen by NOTIONAL-ONE.",
)

places = st.tuples(st.floats(-89.0, 89.0), st.floats(-180.0, 180.0))
grids = st.sampled_from([100, 1_000, 10_000, 50_000, 250_000])


@given(st.tuples(st.floats(-60.0, 60.0), st.floats(-170.0, 170.0)), grids, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_two_places_in_one_cell_are_told_alike(
    place: tuple[float, float], grid_m: int, north: float, east: float
) -> None:
    lat, lon = cell(*place, grid_m)
    step_deg = degrees(grid_m / A_M)
    assert cell(lat + north * step_deg, lon + east * step_deg / cos(radians(lat)), grid_m) == (lat, lon)


@given(places, grids)
def test_a_cell_lies_on_the_map_and_no_further_than_the_grid_is_wide(place: tuple[float, float], grid_m: int) -> None:
    lat, lon = cell(*place, grid_m)
    assert -90.0 <= lat <= 90.0
    assert -180.0 <= lon <= 180.0
    assert abs(lat - place[0]) <= grid_m / 110_000.0


@given(st.timedeltas(timedelta(0), timedelta(days=30_000)))
def test_a_time_is_told_to_the_whole_minute_before(since: timedelta) -> None:
    at = datetime(1960, 1, 1, tzinfo=UTC) + since
    told = minute(at)
    assert (told.second, told.microsecond) == (0, 0)
    assert timedelta(0) <= at - told < timedelta(minutes=1)


def test_a_track_is_told_without_sensor_error_or_pedigree() -> None:
    track = track_of(FLIGHT, 100.0, launch=LAUNCH, sensors=("SECRET-SITE",))
    told = coarse_tracks(TrackReport(NOW, (track,)), TERMS)
    assert told is not None
    text = msgspec.json.encode(told).decode()
    assert "SECRET-SITE" not in text
    assert "covariance" not in text
    assert "velocity" not in text
    (one,) = told.tracks
    assert one.launch is not None
    assert (one.launch.lat_deg, one.launch.lon_deg) == cell(LAUNCH.lat_deg, LAUNCH.lon_deg, 50_000)
    assert one.alt_m % 50_000 == 0.0


def test_what_only_tells_how_well_we_see_changes_nothing_of_what_is_told() -> None:
    first = track_of(FLIGHT, 100.0, launch=LAUNCH)
    second = structs.replace(
        first,
        sensors=("B", "C"),
        covariance=tuple(2.0 * one for one in first.covariance),
        plots=7,
        pedigree=(Source("JPN/NORTH", NOW, NOW, 7),),
        flags=(Flag.SUN,),
        velocity_ecef_mps=tuple(1.01 * one for one in first.velocity_ecef_mps),
        launch=structs.replace(LAUNCH, covariance_m2=(1.0, 0.0, 1.0), at_sigma_s=0.1),
    )
    assert coarse_tracks(TrackReport(NOW, (first,)), TERMS) == coarse_tracks(TrackReport(NOW, (second,)), TERMS)


def test_what_the_terms_drop_is_not_told() -> None:
    report = TrackReport(NOW, (track_of(FLIGHT, 100.0, launch=LAUNCH),))
    told = coarse_tracks(report, structs.replace(TERMS, drop=("launch",)))
    assert told is not None
    assert told.tracks[0].launch is None
    alert = coarse_alert(ALERT, structs.replace(TERMS, drop=("impact", "launch")))
    assert (alert.impact, alert.launched_at) == (None, None)


def test_a_track_that_cannot_be_placed_is_not_told() -> None:
    nowhere = track_of(FLIGHT, 100.0, position_ecef_m=(0.0, 0.0, 0.0))
    assert coarse_tracks(TrackReport(NOW, (nowhere,)), TERMS) is None


def test_an_alert_keeps_its_confidence_and_loses_its_words_and_exact_place() -> None:
    told = coarse_alert(ALERT, TERMS)
    assert told.confidence == "two kinds of sensor"
    assert told.impact is not None
    assert (told.impact.lat_deg, told.impact.lon_deg) == cell(41.23456, 139.98765, 50_000)
    assert told.impact.at == datetime(2026, 8, 18, 3, 13, tzinfo=UTC)
    text = msgspec.json.encode(told).decode()
    assert "NOTIONAL" not in text
    assert "41.23" not in text
    assert coarse_alert(structs.replace(ALERT, impact_at=None), TERMS).impact is None


@pytest.fixture
def reader() -> Nodes:
    return Nodes(INSTRUMENT, ("JPN", "THA"))


def told_to(nodes: Nodes, body: CoarseTracks | CoarseAlert, at: datetime = NOW) -> None:
    home = label(Classification.RESTRICTED, {"JPN", "THA"})
    nodes.say(Draft(body, home), Desk(World("camp-david"), "JPN", "node", at, ("JPN", "THA")))


def test_a_reader_sees_the_last_that_it_was_told_and_its_picture_of_its_own_tracks_stays_empty(reader: Nodes) -> None:
    for second in (10.0, 130.0):
        report = TrackReport(NOW, (track_of(FLIGHT, second),))
        told = coarse_tracks(report, TERMS)
        assert told is not None
        told_to(reader, told)
    told_to(reader, coarse_alert(ALERT, TERMS))
    later = NOW + timedelta(seconds=30)
    told_to(reader, coarse_alert(structs.replace(ALERT, state=AlertState.WITHDRAWN), TERMS), later)
    node = reader.of["THA"]
    seen: Told = node.query("told", NoAsk(), BURNOUT + timedelta(minutes=3))
    assert [one.name for one in seen.tracks] == ["JPN-1"]
    assert seen.tracks[0].track.at == minute(BURNOUT + timedelta(seconds=130))
    seen = node.query("told", NoAsk(), later)
    assert [one.alert.state for one in seen.alerts] == [AlertState.WITHDRAWN]
    picture = node.query("picture", NoAsk(), later)
    assert picture.tracks == ()
    assert picture.alerts == ()


def test_the_order_of_arrival_changes_nothing(reader: Nodes) -> None:
    bodies = [coarse_tracks(TrackReport(NOW, (track_of(FLIGHT, second),)), TERMS) for second in (10.0, 130.0, 70.0)]
    for body in bodies:
        assert body is not None
        told_to(reader, body)
    log = reader.of["THA"].log
    again = MemoryView(INSTRUMENT)
    for record_id, record in reversed(log):
        again.fold(record_id, record)
    assert again.contents() == reader.of["THA"].view.contents()
    again.close()
