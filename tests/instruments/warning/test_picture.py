"""The one picture: the same on every node, in whatever order things arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.harness import NODE, WORLD, MemoryView, record_of
from tests.instruments.warning.flights import (
    BURNOUT,
    EVERYONE,
    after,
    into_the_sea_of_japan,
    launch_at,
    over_japan,
    reported,
    state_of,
    track_of,
)

from laurel.core.errors import Nothing
from laurel.core.instrument import Desk, NoAsk
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.warning import INSTRUMENT
from laurel.instruments.warning.picture import MANY, assess, assessments, draw, line_points
from laurel.instruments.warning.picture_types import Picture, SystemTrack, TrackHistory
from laurel.instruments.warning.queries import AlertsAsk, TrackAsk, docket
from laurel.instruments.warning.records import (
    Alert,
    AlertReason,
    AlertState,
    Area,
    Phase,
    Scan,
    Sensor,
    SensorKind,
    StandingRelease,
    Track,
    TrackReport,
    TrackState,
)
from laurel.instruments.warning.trails import legs
from laurel.instruments.warning.view import micros, moment

Records = list[tuple[str, Record[Any]]]

RADAR = Sensor("NORTH", SensorKind.RADAR, 41.0, 141.0, 100.0, 0.001, 30.0, 2.5e6, 2.0, 0.3, 0.9)


class Table:
    """One node's view, and records said by anyone."""

    def __init__(self) -> None:
        self.view = MemoryView(INSTRUMENT)
        self.records: Records = []

    def say(self, member: str, t_s: float, body: Any, label: Label = EVERYONE) -> str:
        desk = Desk(WORLD, member, NODE, after(t_s), ("JPN", "KOR", "USA"))
        record_id, record = record_of(INSTRUMENT, Draft(body, label, Precedence.IMMEDIATE), desk, len(self.records) + 1)
        self.view.fold(record_id, record)
        self.records.append((record_id, record))
        return record_id

    def tracks(self, member: str, t_s: float, *tracks: Track) -> str:
        return self.say(member, t_s, TrackReport(after(t_s), tracks))

    def ask(self, name: str, ask: Any, t_s: float) -> Any:
        query = next(query for query in INSTRUMENT.queries if query.name == name)
        return query.answer(ask, self.view, after(t_s))

    def picture(self, t_s: float) -> Picture:
        picture = self.ask("picture", NoAsk(), t_s)
        assert isinstance(picture, Picture)
        return picture

    def only(self, t_s: float) -> SystemTrack:
        (track,) = self.picture(t_s).tracks
        return track


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.view.close()


def alert(state: AlertState, *tracks: str) -> Alert:
    at = after(450.0) if state is AlertState.PREDICTED else None
    return Alert(
        AlertReason.IMPACT, state, tracks, (Area("JPN", "zone"),), "single source", None, at, 39.4, 135.8, "Said."
    )


# Every order


@cache
def a_busy_minute() -> Records:
    """Records of every kind, some of which meet: the same sensor, track, time or alert again."""
    table = Table()
    home = Label(Classification.SECRET, ("JPN",))
    flight = into_the_sea_of_japan()
    table.say("JPN", 0.0, RADAR, home)
    table.say("JPN", 1.0, structs.replace(RADAR, alt_m=200.0), home)
    table.say("JPN", 1.0, structs.replace(RADAR, alt_m=300.0), home)
    table.say("JPN", 2.0, Scan("NORTH", after(2.0), ()), home)
    table.say("JPN", 3.0, Scan("NORTH", after(1.0), ()), home)
    table.say("JPN", 4.0, StandingRelease(EVERYONE, "first"), home)
    table.say("JPN", 5.0, StandingRelease(home, "second"), home)
    for t_s in (60.0, 61.0, 63.0, 66.0):
        table.tracks("JPN", t_s, track_of(flight, t_s), track_of(over_japan(), t_s, number=2))
        table.tracks("KOR", t_s + 0.5, track_of(flight, t_s))
    table.tracks("KOR", 70.0, track_of(flight, 66.0, state=TrackState.LOST))
    table.tracks("KOR", 70.0, track_of(flight, 66.0, position_m=77.0), track_of(flight, 65.0, position_m=78.0))
    table.say("JPN", 64.0, alert(AlertState.PREDICTED, "JPN-1"))
    table.say("JPN", 65.0, alert(AlertState.PREDICTED, "JPN-1", "KOR-1"))
    table.say("JPN", 66.0, alert(AlertState.WITHDRAWN, "KOR-1"))
    table.say("KOR", 66.0, alert(AlertState.PREDICTED, "KOR-1"))
    table.view.close()
    return table.records


@given(order=st.permutations(range(21)))
@settings(max_examples=30, deadline=None)
def test_tables_and_picture_are_equal_under_every_order_of_arrival(order: list[int]) -> None:
    records = a_busy_minute()
    assert len(records) == len(order)
    plain, shuffled = Table(), Table()
    for (record_id, record), index in zip(records, order, strict=True):
        plain.view.fold(record_id, record)
        shuffled.view.fold(*records[index])
    assert plain.view.contents() == shuffled.view.contents()
    assert plain.picture(80.0) == shuffled.picture(80.0)
    assert plain.ask("alerts", AlertsAsk(), 80.0) == shuffled.ask("alerts", AlertsAsk(), 80.0)
    assert INSTRUMENT.due(plain.view) == INSTRUMENT.due(shuffled.view)
    plain.view.close()
    shuffled.view.close()


@given(at_us=st.integers(-(10**15), 10**16))
def test_a_moment_is_kept_to_the_microsecond(at_us: int) -> None:
    assert micros(moment(at_us)) == at_us


# System tracks


def test_a_system_track_says_who_sees_it_how_and_where(table: Table) -> None:
    flight = over_japan()
    table.tracks("JPN", 200.0, track_of(flight, 200.0, number=12, sensors=("A", "B"), first_s=-50.0))
    table.tracks("USA", 201.0, track_of(flight, 201.0, sensors=("A",), kinds=(SensorKind.INFRARED,), first_s=-60.0))
    track = table.only(201.0)
    assert track.number == "USA-1"
    assert track.members == ("JPN", "USA")
    assert track.tracks == ("JPN-12", "USA-1")
    assert track.sensors == 3
    assert track.sensor_kinds == (SensorKind.INFRARED, SensorKind.RADAR)
    assert track.confidence == "two kinds"
    assert track.first_at == after(-60.0)
    assert track.at == track.seen_at == after(201.0)
    true = state_of(flight, 201.0)
    assert track.speed_mps == pytest.approx(np.linalg.norm(true[3:]), rel=1e-3)
    assert track.position_sigma_m == pytest.approx(100.0, rel=0.2)
    assert track.speed_sigma_mps == pytest.approx(2.0, rel=0.2)
    assert 80.0 < track.heading_deg < 100.0
    assert track.climb_mps > 0.0


def test_confidence_counts_sensors_and_kinds(table: Table) -> None:
    flight = over_japan()
    table.tracks("JPN", 100.0, track_of(flight, 100.0))
    assert table.only(100.0).confidence == "single source"
    table.tracks("KOR", 101.0, track_of(flight, 101.0))
    assert table.only(101.0).confidence == "two of one kind"


@pytest.mark.parametrize(
    ("said", "state", "phase"),
    [
        ([(TrackState.TRACKED, Phase.COAST), (TrackState.LOST, Phase.BOOST)], TrackState.TRACKED, Phase.COAST),
        ([(TrackState.COASTING, Phase.COAST), (TrackState.LOST, Phase.COAST)], TrackState.COASTING, Phase.COAST),
        ([(TrackState.TRACKED, Phase.COAST), (TrackState.TRACKED, Phase.BOOST)], TrackState.TRACKED, Phase.BOOST),
        ([(TrackState.TRACKED, Phase.UNKNOWN), (TrackState.TRACKED, Phase.COAST)], TrackState.TRACKED, Phase.COAST),
        ([(TrackState.TRACKED, Phase.UNKNOWN), (TrackState.LOST, Phase.COAST)], TrackState.TRACKED, Phase.UNKNOWN),
    ],
)
def test_the_best_state_and_the_phase_that_most_know(
    said: list[tuple[TrackState, Phase]], state: TrackState, phase: Phase
) -> None:
    reports = tuple(
        reported(member, track_of(over_japan(), 100.0, state=one, phase=another))
        for member, (one, another) in zip(("JPN", "KOR"), said, strict=True)
    )
    found = assess(reports)
    assert (found.state, found.phase) == (state, phase)


def test_a_track_no_longer_seen_moves_on_and_widens_with_age(table: Table) -> None:
    flight = over_japan()
    table.tracks("JPN", 200.0, track_of(flight, 200.0, state=TrackState.LOST))
    drawn = [table.only(t_s) for t_s in (200.0, 300.0, 600.0)]
    assert [one.at for one in drawn] == [after(200.0), after(300.0), after(600.0)]
    assert {one.seen_at for one in drawn} == {after(200.0)}
    widths = [one.position_sigma_m for one in drawn]
    assert widths[0] < widths[1] < widths[2]
    impacts = [one.impact.ellipse90.semi_major_m for one in drawn if one.impact is not None]
    assert impacts[0] < impacts[1] < impacts[2]
    assert len(drawn[2].path) < len(drawn[0].path)
    assert drawn[2].path[0].t_s > (drawn[2].at - drawn[2].first_at).total_seconds()


def test_of_very_many_the_lines_are_coarser_and_their_points_stay_where_they_are(table: Table) -> None:
    flight = over_japan()
    table.tracks("JPN", 200.0, track_of(flight, 200.0))
    view, now = table.view, after(200.0)
    (one,) = assessments(view, now)
    fine, coarse = (draw(one, (), None, now, line_points(count)).path for count in (MANY, MANY + 1))
    assert len(coarse) == pytest.approx(len(fine) / 4, abs=1)
    assert set(coarse) < set(fine)
    assert coarse[-1] == fine[-1]
    later = draw(one, (), None, after(230.0), line_points(MANY + 1)).path
    assert coarse[-len(later) :] == later


def test_a_track_stays_until_two_minutes_after_its_predicted_impact(table: Table) -> None:
    flight = into_the_sea_of_japan()
    table.tracks("JPN", 100.0, track_of(flight, 100.0, state=TrackState.LOST))
    on_the_ground = table.only(flight.impact_t_s + 60.0)
    assert on_the_ground.position.alt_m == pytest.approx(0.0, abs=2_000.0)
    assert abs((on_the_ground.at - after(flight.impact_t_s)).total_seconds()) < 15.0
    assert table.picture(flight.impact_t_s + 150.0).tracks == ()


def test_a_track_without_an_impact_point_stays_fifteen_minutes_after_its_last_plot(table: Table) -> None:
    boosting = track_of(over_japan(), 10.0, phase=Phase.BOOST, state=TrackState.LOST)
    table.tracks("JPN", 10.0, boosting)
    assert table.only(10.0 + 14 * 60.0).no_impact_because == "its motor was burning when last seen"
    assert table.picture(10.0 + 16 * 60.0).tracks == ()


def test_the_trail_is_what_was_seen_and_no_longer_than_needed(table: Table) -> None:
    flight = over_japan()
    for t_s in np.arange(0.0, 1_200.0, 4.0).tolist():
        table.tracks("JPN", t_s, track_of(flight, t_s, first_s=0.0))
    table.tracks(
        "JPN", 1_230.0, track_of(flight, 1_230.0, first_s=0.0, seen_at=after(1_196.0), state=TrackState.COASTING)
    )
    trail = table.only(1_230.0).trail
    assert 60 <= len(trail) <= 121
    times = [point.t_s for point in trail]
    assert times == sorted(times)
    assert times[-1] <= 1_196.0
    assert max(point.alt_m for point in trail) == pytest.approx(flight.apogee_m, rel=0.01)


def test_a_trail_is_relayed_from_member_to_member() -> None:
    flight = over_japan()
    first = reported("KOR", track_of(flight, 300.0, first_s=0.0))
    inside = reported("USA", track_of(flight, 250.0, first_s=100.0))
    longest = reported("JPN", track_of(flight, 900.0, first_s=200.0))
    later = reported("USA", track_of(flight, 1_200.0, number=2, first_s=1_000.0))
    found = legs([longest, inside, later, first])
    assert [one.name for one, _ in found] == ["KOR-1", "JPN-1", "USA-2"]
    assert [start for _, start in found[1:]] == [micros(after(300.0)), micros(after(900.0))]


def test_a_report_that_makes_no_sense_is_kept_but_not_drawn(table: Table) -> None:
    good = track_of(over_japan(), 100.0)
    strange = [
        structs.replace(good, number=2, covariance=()),
        structs.replace(good, number=3, position_ecef_m=(0.0, 0.0, 0.0)),
        structs.replace(good, number=4, velocity_ecef_mps=(1e300, 1e300, 0.0)),
        structs.replace(good, number=5, at=BURNOUT + timedelta(days=36_000), seen_at=BURNOUT + timedelta(days=36_000)),
    ]
    table.tracks("KOR", 100.0, good, *strange)
    assert len(table.ask("tracks", NoAsk(), 100.0).tracks) == 5
    assert table.only(100.0).tracks == ("KOR-1",)


def test_a_report_that_makes_little_sense_is_drawn_as_far_as_it_goes(table: Table) -> None:
    flight = over_japan()
    x, y, z = (0.995 * number for number in flight.at(flight.impact_t_s)[0].tolist())
    last = BURNOUT.replace(year=9999, month=12, day=31)
    table.tracks(
        "KOR",
        100.0,
        track_of(flight, 100.0, number=1, sensors=(), kinds=()),
        track_of(flight, 100.0, number=2, launch=launch_at(40.6, 126.4, last)),
        track_of(flight, 100.0, number=3, launch=structs.replace(launch_at(40.6, 126.4), at_sigma_s=1e300)),
        track_of(flight, 100.0, number=4, position_ecef_m=(x, y, z)),
    )
    tracks = table.picture(150.0).tracks
    assert [track.number for track in tracks] == ["KOR-1", "KOR-2", "KOR-3", "KOR-4"]
    assert [track.launch for track in tracks] == [None] * 4


def test_the_picture_of_nothing_is_empty(table: Table) -> None:
    picture = table.picture(0.0)
    assert (picture.tracks, picture.alerts, picture.sensors) == ((), (), ())
    assert INSTRUMENT.due(table.view) == []
    assert docket(table.view, after(0.0)) == []


# What else may be looked up


def test_a_track_is_found_by_any_of_its_names_with_its_history(table: Table) -> None:
    flight = over_japan()
    for t_s in (100.0, 110.0):
        table.tracks("JPN", t_s, track_of(flight, t_s))
        table.tracks("KOR", t_s + 1.0, track_of(flight, t_s + 1.0, phase=Phase.UNKNOWN))
    for name in ("JPN-1", "KOR-1"):
        found = table.ask("track", TrackAsk(name), 112.0)
        assert isinstance(found, TrackHistory)
        assert [one.track for one in found.history] == ["JPN-1", "KOR-1", "JPN-1", "KOR-1"]
        assert found.history[1].phase is Phase.UNKNOWN
        assert found.history[0].position_sigma_m == pytest.approx(100.0)
    with pytest.raises(Nothing):
        table.ask("track", TrackAsk("USA-1"), 112.0)


def test_sensors_show_when_they_were_last_heard(table: Table) -> None:
    home = Label(Classification.SECRET, ("JPN",))
    table.say("JPN", 0.0, RADAR, home)
    (site,) = table.ask("sensors", NoAsk(), 1.0).sensors
    assert (site.name, site.last_scan_at) == ("NORTH", None)
    table.say("JPN", 2.0, Scan("NORTH", after(2.0), ()), home)
    assert table.picture(3.0).sensors[0].last_scan_at == after(2.0)


def test_an_alert_in_force_replaces_the_earlier_ones_of_its_chain(table: Table) -> None:
    table.say("JPN", 60.0, alert(AlertState.PREDICTED, "JPN-1"))
    table.say("JPN", 80.0, alert(AlertState.PREDICTED, "JPN-1", "KOR-1"))
    (standing,) = table.picture(90.0).alerts
    assert standing.said_at == after(80.0)
    assert standing.tracks == ("JPN-1", "KOR-1")
    assert standing.banner == "SECRET//REL TO USA, JPN, KOR"
    # From the first warning, not from the last.
    assert standing.lead_s == pytest.approx(390.0)
    assert [one.said_at for one in table.ask("alerts", AlertsAsk(), 90.0).alerts] == [after(80.0), after(60.0)]


def test_a_closed_alert_is_shown_for_ten_minutes(table: Table) -> None:
    table.say("JPN", 60.0, alert(AlertState.PREDICTED, "JPN-1"))
    table.say("JPN", 80.0, alert(AlertState.WITHDRAWN, "JPN-1"))
    assert [one.state for one in table.picture(100.0).alerts] == [AlertState.WITHDRAWN]
    assert table.picture(700.0).alerts == ()
    assert INSTRUMENT.due(table.view) == []


def test_an_alert_whose_node_fell_silent_leaves_ten_minutes_after_its_time(table: Table) -> None:
    table.say("KOR", 60.0, alert(AlertState.PREDICTED, "KOR-1"))
    assert len(table.picture(450.0 + 60.0 + 590.0).alerts) == 1
    assert table.picture(450.0 + 60.0 + 610.0).alerts == ()


def test_two_reasons_and_two_members_do_not_replace_each_other(table: Table) -> None:
    table.say("JPN", 60.0, alert(AlertState.PREDICTED, "JPN-1"))
    table.say("KOR", 61.0, alert(AlertState.PREDICTED, "JPN-1"))
    table.say("JPN", 62.0, structs.replace(alert(AlertState.PREDICTED, "JPN-1"), reason=AlertReason.LAUNCH))
    assert len(table.picture(70.0).alerts) == 3
    assert len(INSTRUMENT.due(table.view)) == 3
    assert len({due.key for due in INSTRUMENT.due(table.view)}) == 3


def test_an_alert_of_any_time_whatsoever_stops_nobody(table: Table) -> None:
    last = after(0.0).replace(year=9999, month=12, day=31)
    table.say("KOR", 60.0, structs.replace(alert(AlertState.PREDICTED, "KOR-1"), impact_at=last))
    table.say("KOR", (last - BURNOUT).total_seconds(), alert(AlertState.PREDICTED, "KOR-2"))
    table.say("KOR", 60.0, alert(AlertState.PREDICTED))
    assert len(INSTRUMENT.due(table.view)) == 2
    assert len(table.picture(70.0).alerts) == 3


def test_the_docket_has_a_line_for_each_track_and_each_alert_in_force(table: Table) -> None:
    flight = into_the_sea_of_japan()
    table.tracks("JPN", 60.0, track_of(flight, 60.0))
    table.say("JPN", 61.0, alert(AlertState.PREDICTED, "JPN-1"))
    track, warned = docket(table.view, after(70.0))
    assert (track.subject, track.state, track.title) == ("JPN-1", "tracked", "Missile JPN-1")
    assert track.due is not None
    assert track.label == EVERYONE
    assert "Predicted impact near" in track.summary
    assert (warned.title, warned.due, warned.state) == ("JPN: impact alert", after(450.0), "predicted")
