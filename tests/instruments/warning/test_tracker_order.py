"""Scans that come late, twice, at once, or spread over time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.firing_range import (
    NOON,
    covariance,
    followed,
    long_boost,
    look,
    miss,
    nearest,
    nees,
    radar,
    seconds,
)

from laurel.instruments.warning.records import Plot, Scan, Track
from laurel.instruments.warning.tracker import Tracker

A = radar("A", false_plots=0.0)
B = radar("B", bearing_deg=110.0, false_plots=0.0)
SHOT = long_boost()


def looks(first_s: int, last_s: int, seed: int) -> list[Scan]:
    """Both radars look every second at the same moment."""
    dice = np.random.default_rng(seed)
    return [look(sensor, [SHOT], float(t), dice) for t in range(first_s, last_s) for sensor in (A, B)]


def play(scans: Iterable[Scan]) -> tuple[Tracker, list[Track]]:
    tracker = Tracker([A, B])
    return tracker, [track for scan in scans for track in tracker.update(scan)]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_late_scans_correct_the_track_almost_as_well_as_prompt_ones() -> None:
    errors: list[list[float]] = []
    scores: list[float] = []
    for seed in range(12):
        prompt = looks(100, 300, seed)
        # Each scan of B comes six seconds late.
        late = sorted(prompt, key=lambda scan: scan.at + timedelta(seconds=6.0 if scan.sensor == "B" else 0.0))
        tracker, said = play(late)
        assert tracker.skipped.late == 0
        assert {track.number for track in said} == {1}
        last = followed(said)[-1]
        scores.append(nees(last, SHOT))
        alone = followed(play(scan for scan in prompt if scan.sensor == "A")[1])[-1]
        best = followed(play(prompt)[1])[-1]
        off = [float(np.linalg.norm(miss(one, SHOT)[:3])) for one in (alone, last, best)]
        errors.append(off)
    alone_m, late_m, prompt_m = np.sqrt(np.mean(np.square(errors), axis=0))
    assert late_m < 1.25 * prompt_m
    assert late_m < 0.7 * alone_m
    assert 3.0 < np.mean(scores) < 10.0


def test_a_late_scan_never_moves_a_track_back_in_time() -> None:
    scans = looks(100, 160, 1)
    _, said = play(sorted(scans, key=lambda scan: scan.at + timedelta(seconds=4.0 if scan.sensor == "B" else 0.0)))
    times = [track.at for track in said]
    assert times == sorted(times)


def test_scans_older_than_ten_seconds_are_counted_and_left_out() -> None:
    scans = looks(100, 140, 2)
    tracker, said = play(scans)
    old = structs.replace(scans[0], at=scans[0].at + timedelta(milliseconds=500))
    assert tracker.update(old) == []
    assert tracker.skipped.late == 1
    assert said[-1].number == 1


def test_a_scan_that_comes_twice_counts_once() -> None:
    once, _ = play(looks(100, 140, 3))
    twice, said = play(scan for scan in looks(100, 140, 3) for _ in range(2))
    assert twice.skipped.repeated == 80
    assert np.array_equal(once.memory.tracks.mean, twice.memory.tracks.mean)
    assert {track.number for track in said} == {1}


def test_a_plot_that_stands_twice_in_a_scan_counts_once() -> None:
    doubled = [structs.replace(scan, plots=scan.plots * 2) for scan in looks(100, 140, 3)]
    _, said = play(doubled)
    _, plain = play(looks(100, 140, 3))
    assert said == plain


def test_two_sensors_that_look_at_once_may_be_told_in_either_order() -> None:
    for seed in range(6):
        scans = looks(100, 260, seed)
        turned = [scan for pair in zip(scans[1::2], scans[::2], strict=True) for scan in pair]
        one, other = (nearest(play(order)[1], 259.0) for order in (scans, turned))
        gap = np.array(one.position_ecef_m) - np.array(other.position_ecef_m)
        assert float(np.linalg.norm(gap)) < 0.5 * float(np.sqrt(np.trace(covariance(one)[:3, :3])))


def test_plots_of_one_turn_are_taken_at_their_own_times() -> None:
    dice = np.random.default_rng(6)
    slow = radar("A", period_s=10.0, false_plots=1.0)
    tracker = Tracker([slow])
    said: list[Track] = []
    for end_s in range(110, 400, 10):
        # The beam meets the target at another moment of each turn; false plots come at all moments.
        met_s = end_s - float(dice.uniform(0.0, 10.0))
        seen = look(slow, [SHOT], met_s, dice)
        plots = tuple(structs.replace(plot, offset_s=met_s - end_s) for plot in seen.plots[:1])
        plots += tuple(structs.replace(plot, offset_s=-float(dice.uniform(0.0, 10.0))) for plot in seen.plots[1:])
        said += tracker.update(Scan("A", NOON + timedelta(seconds=end_s), plots))
    assert {track.number for track in said} == {1}
    assert abs(seconds(said[-1].at) - 390.0) <= 10.0
    assert nees(said[-1], SHOT) < 22.5


@settings(max_examples=40)
@given(
    plots=st.lists(
        st.builds(
            Plot,
            offset_s=st.floats(-60.0, 60.0),
            azimuth_rad=st.floats(-6.3, 6.3),
            elevation_rad=st.floats(-1.6, 1.6),
            range_m=st.floats(1e-3, 1e8),
            snr_db=st.just(10.0),
        ),
        max_size=12,
    ),
    after_s=st.lists(st.floats(-30.0, 400.0), min_size=1, max_size=8),
)
def test_no_plot_that_passes_the_edge_stops_the_tracker(plots: list[Plot], after_s: list[float]) -> None:
    tracker, _ = play(looks(100, 115, 7))
    for after in after_s:
        for track in tracker.update(Scan("A", NOON + timedelta(seconds=115.0 + after), tuple(plots))):
            assert np.isfinite(track.covariance).all()
            assert (np.linalg.eigvalsh(covariance(track)) > 0.0).all()
