"""Who may say what about warning, and what a node refuses."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, nan, radians

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.harness import NODE, Nodes, record_of
from tests.instruments.warning.flights import EVERYONE, after, into_the_sea_of_japan, over_japan, plot_of, track_of

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.instrument import Role
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence
from laurel.instruments.warning import INSTRUMENT
from laurel.instruments.warning.commands import (
    BadScan,
    BadSensor,
    CancelAlertAsk,
    EndAlertAsk,
    RegisterSensorAsk,
    ReleaseTracksAsk,
    ReportScanAsk,
    propose_cancel,
    propose_release,
)
from laurel.instruments.warning.follow import TRACKER, portions
from laurel.instruments.warning.records import (
    MAX_TRACKS,
    Plot,
    Scan,
    Sensor,
    SensorKind,
    StandingRelease,
    Track,
    TrackReport,
)

HOME = Label(Classification.SECRET, ("JPN",))
NORTH = RegisterSensorAsk(
    "NORTH", SensorKind.RADAR, 40.0, 136.5, 15.0, 0.0005, 15.0, 1.5e6, 1.0, 0.2, 0.95, 1.0, 250.0, 10.0
)
STARE = RegisterSensorAsk("STARE", SensorKind.INFRARED, 0.0, 150.0, 35_786_000.0, 2e-5, None, 4.5e7, 5.0, 0.1, 0.98)
PLOT = Plot(-0.5, radians(300.0), 0.3, 800e3, 20.0)
GLINT = Plot(-0.5, 0.05, 0.08, None, 20.0)


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    made = Nodes(INSTRUMENT, ("JPN", "KOR", "USA"))
    for sensor in (NORTH, STARE):
        made.ask("JPN", "register-sensor", sensor, "admin-1", after(0.0))
    yield made
    for node in made.of.values():
        node.view.close()


def report(nodes: Nodes, name: str, *plots: Plot, at_s: float = 1.0, now_s: float = 1.0) -> list[str]:
    ask = ReportScanAsk(name, after(at_s), plots)
    return nodes.ask("JPN", "report-scan", ask, f"sensor:{name}", after(now_s))


# Sensors and scans


def test_sensors_and_scans_stay_at_home(nodes: Nodes) -> None:
    (scan,) = report(nodes, "NORTH", PLOT)
    log = dict(nodes.of["JPN"].log)
    assert {record.label for record in log.values()} == {HOME}
    assert log[scan].precedence is Precedence.ROUTINE
    assert nodes.of["KOR"].log == []
    assert nodes.of["USA"].log == []


def test_an_ask_is_said_as_the_plain_record(nodes: Nodes) -> None:
    report(nodes, "STARE", GLINT)
    kinds = [record.kind for _, record in nodes.of["JPN"].log]
    assert kinds == ["warning.sensor.v1", "warning.sensor.v1", "warning.scan.v1"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"range_sigma_m": None}, "range_sigma_m"),
        ({"kind": SensorKind.INFRARED}, "range_sigma_m"),
        ({"kind": SensorKind.INFRARED, "range_sigma_m": None}, "alt_m"),
    ],
)
def test_a_sensor_that_cannot_be_is_refused(nodes: Nodes, changes: dict[str, object], field: str) -> None:
    with pytest.raises(BadSensor) as refused:
        nodes.ask("JPN", "register-sensor", structs.replace(NORTH, **changes), "admin-1", after(0.0))
    assert refused.value.facts["field"] == field
    assert "must_be" in refused.value.facts


def test_a_scan_is_taken_from_its_own_sensor_alone(nodes: Nodes) -> None:
    ask = ReportScanAsk("NORTH", after(1.0), (PLOT,))
    for author in ("sensor:STARE", "admin-1", "node", "NORTH"):
        with pytest.raises(NotPermitted):
            nodes.ask("JPN", "report-scan", ask, author, after(1.0))


def test_a_scan_of_an_unknown_sensor_is_refused(nodes: Nodes) -> None:
    with pytest.raises(Nothing, match="register-sensor"):
        report(nodes, "SOUTH", PLOT)


def test_another_members_sensor_of_that_name_is_not_ours(nodes: Nodes) -> None:
    with pytest.raises(Nothing):
        nodes.ask("KOR", "report-scan", ReportScanAsk("NORTH", after(1.0), (PLOT,)), "sensor:NORTH", after(1.0))


@pytest.mark.parametrize(
    ("name", "plot", "field"),
    [
        ("NORTH", structs.replace(PLOT, range_m=None), "range_m"),
        ("NORTH", structs.replace(PLOT, range_m=1.6e6), "range_m"),
        ("NORTH", structs.replace(PLOT, range_m=nan), "range_m"),
        ("NORTH", structs.replace(PLOT, azimuth_rad=nan), "azimuth_rad"),
        ("NORTH", structs.replace(PLOT, azimuth_rad=radians(100.0)), "azimuth_rad"),
        ("NORTH", structs.replace(PLOT, elevation_rad=-0.1), "elevation_rad"),
        ("NORTH", structs.replace(PLOT, elevation_rad=1.59), "elevation_rad"),
        ("NORTH", structs.replace(PLOT, snr_db=inf), "snr_db"),
        ("NORTH", structs.replace(PLOT, offset_s=-inf), "offset_s"),
        ("STARE", structs.replace(GLINT, range_m=1e6), "range_m"),
        ("STARE", structs.replace(GLINT, elevation_rad=0.3), "elevation_rad"),
        ("STARE", structs.replace(GLINT, azimuth_rad=-0.3), "azimuth_rad"),
    ],
)
def test_a_plot_that_its_sensor_cannot_have_made_names_field_and_value(
    nodes: Nodes, name: str, plot: Plot, field: str
) -> None:
    good = PLOT if name == "NORTH" else GLINT
    with pytest.raises(BadScan) as refused:
        report(nodes, name, good, plot)
    facts = refused.value.facts
    assert facts["field"] == f"plots[1].{field}"
    assert repr(facts["value"]) == repr(getattr(plot, field))
    assert facts["must_be"]
    assert "nothing of the scan was kept" in str(refused.value)
    assert report(nodes, name, good)


def test_noise_at_the_edges_of_a_sensors_view_is_not_refused(nodes: Nodes) -> None:
    for plot in (
        structs.replace(PLOT, azimuth_rad=radians(249.0)),
        structs.replace(PLOT, azimuth_rad=radians(11.0)),
        structs.replace(PLOT, azimuth_rad=radians(-60.0)),
        structs.replace(PLOT, range_m=1.51e6),
        structs.replace(PLOT, elevation_rad=radians(-0.5)),
        structs.replace(PLOT, elevation_rad=radians(85.0), azimuth_rad=radians(100.0)),
    ):
        assert report(nodes, "NORTH", plot)


@pytest.mark.parametrize("at_s", [5.5, 86_400.0, -601.0])
def test_a_scan_from_the_future_or_the_past_is_refused(nodes: Nodes, at_s: float) -> None:
    with pytest.raises(BadScan) as refused:
        report(nodes, "NORTH", PLOT, at_s=at_s, now_s=0.0)
    assert refused.value.facts["field"] == "at"


@pytest.mark.parametrize("at_s", [5.0, 0.0, -600.0])
def test_a_clock_may_be_a_little_off_and_a_link_may_be_slow(nodes: Nodes, at_s: float) -> None:
    assert report(nodes, "NORTH", PLOT, at_s=at_s, now_s=0.0)


def test_more_plots_than_any_raid_has_are_flagged_not_believed(nodes: Nodes) -> None:
    assert report(nodes, "NORTH", *[PLOT] * 1_000)
    with pytest.raises(BadScan) as refused:
        report(nodes, "NORTH", *[PLOT] * 1_500, at_s=2.0, now_s=2.0)
    assert refused.value.facts["value"] == "1500 of them"


def test_that_nothing_was_seen_is_news_too(nodes: Nodes) -> None:
    assert report(nodes, "NORTH")


# Release


def test_a_release_must_reach_its_own_member_and_members_only(nodes: Nodes) -> None:
    for audience in (("KOR", "USA"), ("AUS", "JPN")):
        ask = ReleaseTracksAsk(Label(Classification.SECRET, audience), "no")
        with pytest.raises(BadField) as refused:
            nodes.ask("JPN", "release-tracks", ask, "release-1", after(0.0))
        assert refused.value.facts["field"] == "release.rel_to"


def test_a_release_is_proposed_to_everyone_and_then_as_it_stands(nodes: Nodes) -> None:
    node = nodes.of["JPN"]
    desk = node.desk("release-1", after(0.0))
    assert propose_release(node.view, desk).release == EVERYONE
    some = Label(Classification.SECRET, ("JPN", "USA"))
    nodes.ask("JPN", "release-tracks", ReleaseTracksAsk(some, "two only"), "release-1", after(1.0))
    assert propose_release(node.view, desk) == ReleaseTracksAsk(some, "two only")
    assert [record.label for record in node.said(StandingRelease)] == [HOME]


def fly_past(nodes: Nodes, seconds: int = 20) -> None:
    """A missile as NORTH sees it, once a second."""
    noise = np.random.default_rng(4)
    for t_s in range(seconds):
        plot = plot_of(over_japan(), float(t_s), NORTH, noise)
        report(nodes, "NORTH", plot, at_s=float(t_s), now_s=float(t_s))


def test_without_a_release_tracks_stay_at_home(nodes: Nodes) -> None:
    fly_past(nodes)
    reports = nodes.of["JPN"].said(TrackReport)
    assert reports
    assert {record.label for record in reports} == {HOME}
    assert nodes.of["KOR"].log == []


def test_a_release_lets_tracks_out_from_then_on_and_another_calls_them_back(nodes: Nodes) -> None:
    nodes.ask("JPN", "release-tracks", ReleaseTracksAsk(EVERYONE, "now"), "release-1", after(0.0))
    fly_past(nodes)
    reports = nodes.of["JPN"].said(TrackReport)
    assert {record.label for record in reports} == {EVERYONE}
    assert {record.precedence for record in reports} == {Precedence.IMMEDIATE}
    assert [record for _, record in nodes.of["KOR"].log if isinstance(record.body, TrackReport)] == reports
    kinds = dict(nodes.of["JPN"].log)
    about = [kinds[one].kind for one in reports[0].about]
    assert about == ["warning.scan.v1", "warning.standing-release.v1"]
    assert not [record for _, record in nodes.of["KOR"].log if isinstance(record.body, Scan | Sensor)]


# The tracker as a memory


def test_the_tracker_ends_in_the_same_state_when_the_log_is_repeated(nodes: Nodes) -> None:
    fly_past(nodes)
    node = nodes.of["JPN"]
    again, resumed = TRACKER.fresh(), TRACKER.fresh()
    for index, (record_id, record) in enumerate(node.log):
        if record.kind in TRACKER.kinds:
            silent = node.desk(record.author, record.at)
            TRACKER.step(again, record_id, record, node.view, silent)
            TRACKER.step(resumed, record_id, record, node.view, silent)
            if index == len(node.log) // 2:
                resumed = TRACKER.load(TRACKER.dump(resumed))
    assert TRACKER.dump(again) == TRACKER.dump(resumed) == TRACKER.dump(node.states[0])


def test_another_members_scan_never_moves_our_tracks(nodes: Nodes) -> None:
    fly_past(nodes)
    node = nodes.of["JPN"]
    before = TRACKER.dump(node.states[0])
    for body in (Sensor(**structs.asdict(NORTH)), Scan("NORTH", after(21.0), (PLOT,))):
        record_id, record = record_of(INSTRUMENT, Draft(body, EVERYONE), nodes.of["KOR"].desk(NODE, after(21.0)), 900)
        assert TRACKER.step(node.states[0], record_id, record, node.view, node.desk(NODE, after(21.0))) == []
    assert TRACKER.dump(node.states[0]) == before


@given(count=st.integers(0, 1_200))
@settings(max_examples=8, deadline=None)
def test_a_great_change_is_split_over_reports_that_fit(count: int) -> None:
    tracks: list[Track] = [track_of(over_japan(), 100.0, number=number + 1) for number in range(count)]
    parts = portions(tracks)
    assert [track for part in parts for track in part] == tracks
    for part in parts:
        assert 0 < len(part) <= MAX_TRACKS
        assert len(msgspec.json.encode(TrackReport(after(0.0), part))) < 190_000


# Alerts


def impact_alert(nodes: Nodes) -> str:
    body = TrackReport(after(60.0), (track_of(into_the_sea_of_japan(), 60.0),))
    nodes.ask("JPN", "release-tracks", ReleaseTracksAsk(EVERYONE, "now"), "release-1", after(0.0))
    nodes.say(Draft(body, EVERYONE, Precedence.IMMEDIATE), nodes.of["KOR"].desk(NODE, after(60.0)))
    nodes.settle(after(60.0))
    node = nodes.of["JPN"]
    return propose_cancel(node.view, node.desk("watch-1", after(61.0))).alert


def test_cancelling_takes_one_ask_and_works_once(nodes: Nodes) -> None:
    alert = impact_alert(nodes)
    ask = CancelAlertAsk(alert, "sent in error")
    (said,) = nodes.ask("JPN", "cancel-alert", ask, "watch-1", after(62.0))
    record = dict(nodes.of["KOR"].log)[said]
    assert record.precedence is Precedence.FLASH
    assert record.about == (alert,)
    with pytest.raises(BadField, match="replaced or is over"):
        nodes.ask("JPN", "cancel-alert", ask, "watch-1", after(63.0))


def test_nobody_cancels_what_another_member_said_or_nobody_did(nodes: Nodes) -> None:
    alert = impact_alert(nodes)
    with pytest.raises(BadField, match="an alert of KOR; JPN said this one"):
        nodes.ask("KOR", "cancel-alert", CancelAlertAsk(alert, "no"), "watch-1", after(62.0))
    with pytest.raises(Nothing):
        nodes.ask("JPN", "cancel-alert", CancelAlertAsk("0" * 64, "no"), "watch-1", after(62.0))
    with pytest.raises(Nothing):
        nodes.ask("JPN", "end-alert", EndAlertAsk("0" * 64), NODE, after(62.0))


def test_with_no_alert_in_force_there_is_nothing_to_cancel(nodes: Nodes) -> None:
    node = nodes.of["JPN"]
    with pytest.raises(Nothing):
        propose_cancel(node.view, node.desk("watch-1", after(0.0)))


def test_ending_anothers_alert_or_one_already_closed_says_nothing(nodes: Nodes) -> None:
    alert = impact_alert(nodes)
    assert nodes.ask("KOR", "end-alert", EndAlertAsk(alert), NODE, after(900.0)) == []
    assert len(nodes.ask("JPN", "end-alert", EndAlertAsk(alert), NODE, after(900.0))) == 1
    assert nodes.ask("JPN", "end-alert", EndAlertAsk(alert), NODE, after(901.0)) == []


def test_each_command_belongs_to_its_roles() -> None:
    roles = {command.name: command.roles for command in INSTRUMENT.commands}
    assert roles == {
        "register-sensor": {Role.ADMINISTRATOR},
        "report-scan": {Role.SENSOR},
        "release-tracks": {Role.RELEASE_AUTHORITY},
        "cancel-alert": {Role.WATCH_OFFICER},
        "end-alert": {Role.NODE},
        "acknowledge-alert": {Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL},
        "issue-public-alert": {Role.WATCH_OFFICER, Role.PRINCIPAL},
        "cancel-public-alert": {Role.WATCH_OFFICER, Role.PRINCIPAL},
    }


def test_a_misspelt_field_of_a_scan_or_sensor_is_refused() -> None:
    for ask in (NORTH, ReportScanAsk("NORTH", after(0.0), (PLOT,))):
        raw = msgspec.to_builtins(ask)
        assert msgspec.convert(raw, type(ask)) == ask
        with pytest.raises(msgspec.ValidationError, match="unknown field"):
            msgspec.convert({**raw, "perriod_s": 1.0}, type(ask))
