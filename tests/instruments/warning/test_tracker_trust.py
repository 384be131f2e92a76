"""Sensors that lie, and bad input: the liar is named, and the tracker neither diverges nor stops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.firing_range import (
    NOON,
    Shot,
    covariance,
    infrared,
    long_boost,
    look,
    miss,
    nees,
    radar,
)

from laurel.instruments.warning.records import Flag, Plot, Scan, Sensor, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.dump import dump, load

SITES = {"A": 190.0, "B": 110.0, "C": 150.0}
FIRST_S = 90


def sites(names: str) -> list[Sensor]:
    return [radar(name, bearing_deg=SITES[name]) for name in names]


def lie(scan: Scan, aside_rad: float = 0.0, late_s: float = 0.0) -> Scan:
    """The scan turned about, or told as of another time."""
    plots = tuple(structs.replace(plot, azimuth_rad=plot.azimuth_rad + aside_rad) for plot in scan.plots)
    return structs.replace(scan, at=scan.at + timedelta(seconds=late_s), plots=plots)


def told(
    names: str, seed: int, aside_rad: float = 0.0, late_s: float = 0.0, false_s: tuple[int, int] = (0, 999)
) -> Iterator[tuple[int, Tracker, list[Track]]]:
    """What the tracker says each second, while B lies between two times."""
    sensors, dice = sites(names), np.random.default_rng(seed)
    tracker, shot = Tracker(sensors), long_boost()
    for t in range(FIRST_S, 300):
        said: list[Track] = []
        for nth, sensor in enumerate(sensors):
            scan = look(sensor, [shot], t + nth / len(sensors), dice)
            if sensor.name == "B" and false_s[0] <= t < false_s[1]:
                scan = lie(scan, aside_rad, late_s)
            said += tracker.update(scan)
        yield t, tracker, said


def names_of(tracker: Tracker) -> set[str]:
    return {suspect.name for suspect in tracker.suspects}


def test_honest_sensors_are_trusted_through_boost_and_coast() -> None:
    for seed in range(4):
        for _, tracker, said in told("ABC", seed):
            assert not tracker.suspects
            assert all(not track.flags for track in said)


@pytest.mark.parametrize("aside_rad", [0.01, 0.01745], ids=["ten sigma", "one degree"])
def test_of_three_the_one_that_lies_is_named_and_the_track_of_the_others_stays_honest(aside_rad: float) -> None:
    for seed in range(3):
        last: list[Track] = []
        for t, tracker, said in told("ABC", seed, aside_rad=aside_rad):
            assert names_of(tracker) <= {"B"}
            if t > FIRST_S + 40:
                assert names_of(tracker) == {"B"}
            last = [track for track in said if track.state is TrackState.TRACKED]
        best = min(last, key=lambda track: float(np.linalg.norm(miss(track, long_boost())[:3])))
        assert float(np.linalg.norm(miss(best, long_boost())[:3])) < 300.0
        assert nees(best, long_boost()) < 22.5
        assert Flag.SUSPECT_SENSOR not in best.flags
        assert all(Flag.SUSPECT_SENSOR in track.flags for track in last if track.sensors == ("B",))


def test_of_two_that_disagree_both_are_named_and_their_tracks_say_so() -> None:
    for seed in range(3):
        for t, tracker, said in told("AB", seed, aside_rad=0.01745):
            if t > FIRST_S + 50:
                assert names_of(tracker) == {"A", "B"}
                assert all(Flag.SUSPECT_SENSOR in track.flags for track in said)


def test_a_clock_that_jumps_by_seconds_is_named_with_its_sensor() -> None:
    for seed in range(2):
        for t, tracker, said in told("ABC", seed, late_s=4.0):
            assert np.isfinite([track.covariance for track in said]).all()
            if t > FIRST_S + 60:
                assert names_of(tracker) == {"B"}


def test_a_sensor_that_agrees_again_for_a_minute_is_trusted_again() -> None:
    named: list[int] = []
    trusted: list[int] = []
    for t, tracker, _ in told("ABC", 5, aside_rad=0.01745, false_s=(130, 170)):
        (named if "B" in names_of(tracker) else trusted).append(t)
    assert 130 < named[0] < 165
    assert 230 <= named[-1] < 290
    assert named == list(range(named[0], named[-1] + 1))


def test_a_suspect_says_why_in_words_and_since_when() -> None:
    *_, (_, tracker, _) = told("ABC", 1, aside_rad=0.01745)
    (suspect,) = tracker.suspects
    assert "other sensors" in suspect.why
    assert FIRST_S < suspect.since_s - tracker.memory.seconds(NOON) < FIRST_S + 60.0
    assert load(dump(tracker.memory)).trust.since_s[1] == suspect.since_s


def test_a_declared_bias_is_allowed() -> None:
    sensors = [structs.replace(site, angle_bias_rad=4e-3) for site in sites("ABC")]
    tracker, dice = Tracker(sensors), np.random.default_rng(2)
    for t in range(FIRST_S, 250):
        for nth, sensor in enumerate(sensors):
            scan = look(sensor, [long_boost()], t + nth / 3.0, dice)
            tracker.update(lie(scan, aside_rad=4e-3) if sensor.name == "B" else scan)
            assert not tracker.suspects


def test_a_track_that_begins_amid_unusual_clutter_is_flagged() -> None:
    calm, storm = radar(), radar(false_plots=30.0)
    tracker, dice = Tracker([calm]), np.random.default_rng(3)
    for t in range(FIRST_S - 60, FIRST_S + 10):
        tracker.update(look(storm, [], float(t), dice))
    said = [track for t in range(110, 140) for track in tracker.update(look(storm, [long_boost()], float(t), dice))]
    assert said
    assert all(Flag.CLUTTER in track.flags for track in said)


def wild() -> st.SearchStrategy[list[tuple[str, float, list[Plot]]]]:
    """Scans of two radars and a satellite at any near time, of any plots: bunched, doubled, contradictory."""
    near = st.builds(
        Plot,
        offset_s=st.sampled_from([0.0, 0.0, -1.0, 0.5]),
        azimuth_rad=st.sampled_from([0.0, 0.3, 0.3001, np.pi / 2.0, -3.0]),
        elevation_rad=st.sampled_from([-1.6, 0.0, 0.05, 0.6, np.pi / 2.0, 1.6]),
        range_m=st.sampled_from([1e-3, 1.0, 4e5, 4.001e5, 1.2e6, 1e8]),
        snr_db=st.just(10.0),
    )
    scan = st.tuples(st.sampled_from(["A", "B", "I1"]), st.floats(0.0, 3.0), st.lists(near, max_size=5))
    return st.lists(scan, min_size=5, max_size=25)


@settings(max_examples=25, deadline=None)
@given(parts=wild(), times=st.integers(1, 12))
def test_no_plots_make_it_diverge_stop_or_differ(parts: list[tuple[str, float, list[Plot]]], times: int) -> None:
    sensors = [*sites("AB"), infrared()]
    scans: list[Scan] = []
    t_s = 0.0
    for name, after_s, plots in parts * times:
        t_s += after_s
        fitting = [structs.replace(plot, range_m=None) for plot in plots] if name == "I1" else plots
        scans.append(Scan(name, NOON + timedelta(seconds=t_s), tuple(fitting)))
    one, other = Tracker(sensors), Tracker(sensors)
    for scan in scans:
        said = one.update(scan)
        assert said == other.update(scan)
        for track in said:
            assert np.isfinite(track.position_ecef_m + track.velocity_ecef_mps + track.covariance).all()
            assert (np.diag(covariance(track)) > 0.0).all()
        assert len(one.memory.tracks.t_s) < 400
        assert len(one.memory.seeds.t_s) < 2_000


def test_plots_of_one_moment_in_two_places_break_nothing() -> None:
    site, dice = radar(), np.random.default_rng(4)
    tracker, shot = Tracker([site]), long_boost()
    said: list[Track] = []
    for t in range(100, 200):
        scan = look(site, [shot, Shot(shot.flight)], float(t), dice)
        said += tracker.update(structs.replace(scan, plots=scan.plots + scan.plots[:1]))
    last = [track for track in said if track.number == 1][-1]
    assert last.state is TrackState.TRACKED
    assert float(np.linalg.norm(miss(last, shot)[:3])) < 1_500.0
