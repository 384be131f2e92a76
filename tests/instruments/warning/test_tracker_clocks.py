"""Clocks that jump: one sensor's stops nothing, and when all of them jump, tracking goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.firing_range import NOON, long_boost, look, radar, seconds

from laurel.instruments.warning.records import Scan, Sensor, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.dump import dump, load

A = radar("A", false_plots=0.0)
B = radar("B", bearing_deg=110.0, false_plots=0.0)
C = radar("C", bearing_deg=150.0, false_plots=0.0)
SLOW = radar("SLOW", bearing_deg=150.0, false_plots=0.0, period_s=10.0)
SHOT = long_boost()


def looks(first_s: int, last_s: int, seed: int, sensors: Sequence[Sensor] = (A, B)) -> list[Scan]:
    """The sensors look in turn, each once in its period."""
    dice = np.random.default_rng(seed)
    return [
        look(sensor, [SHOT], t + 0.3 * nth, dice)
        for t in range(first_s, last_s)
        for nth, sensor in enumerate(sensors)
        if t % round(sensor.period_s) == 0
    ]


def shifted(scans: Iterable[Scan], by_s: float, which: Callable[[Scan], bool]) -> list[Scan]:
    """The same scans in the same order; some of them say another time."""
    return [structs.replace(scan, at=scan.at + timedelta(seconds=by_s)) if which(scan) else scan for scan in scans]


def play(scans: Iterable[Scan], sensors: Sequence[Sensor] = (A, B)) -> tuple[Tracker, list[Track]]:
    tracker = Tracker(sensors)
    return tracker, [track for scan in scans for track in tracker.update(scan)]


def after(t_s: float) -> Callable[[Scan], bool]:
    return lambda scan: seconds(scan.at) >= t_s


def test_one_clock_far_ahead_ends_no_track() -> None:
    scans = looks(100, 160, 4)
    wrong = structs.replace(scans[60], at=scans[60].at + timedelta(hours=1))
    tracker, said = play([*scans[:60], wrong, *scans[60:]])
    assert tracker.skipped.ahead == 1
    assert {track.number for track in said} == {1}
    assert said[-1].state is TrackState.TRACKED


@pytest.mark.parametrize("jump_s", [30.0, 100.0, 3_600.0, 1e6, -30.0, -100.0, -3_600.0, -1e6])
@pytest.mark.parametrize("sensors", [(A, B), (A, B, C), (B, SLOW), (SLOW, B)])
def test_one_sensor_whose_clock_jumps_for_good_neither_ends_tracks_nor_shuts_the_others_out(
    jump_s: float, sensors: tuple[Sensor, ...]
) -> None:
    bad = sensors[0].name
    scans = looks(100, 260, 5, sensors)
    jumped = shifted(scans, jump_s, lambda scan: scan.sensor == bad and seconds(scan.at) >= 150.0)
    tracker, said = play(jumped, sensors)
    wrong = sum(scan.sensor == bad and seconds(scan.at) >= 150.0 for scan in scans)
    skipped = tracker.skipped
    assert (skipped.ahead, skipped.late) == ((wrong, 0) if jump_s > 0.0 else (0, wrong))
    assert skipped.restarts == 0
    assert {track.number for track in said} == {1}
    assert said[-1].state is TrackState.TRACKED
    assert seconds(said[-1].at) > 245.0


def test_a_clock_that_says_any_time_it_likes_stops_nothing() -> None:
    dice = np.random.default_rng(6)
    scans = [
        structs.replace(scan, at=NOON + timedelta(seconds=float(dice.uniform(-1e5, 1e5))))
        if scan.sensor == "A"
        else scan
        for scan in looks(100, 260, 6)
    ]
    tracker, said = play(scans)
    assert tracker.skipped.ahead + tracker.skipped.late >= 155
    # It began with a time that was made up, and found back.
    assert tracker.skipped.restarts <= 1
    assert {track.number for track in said} == {1}
    assert said[-1].state is TrackState.TRACKED
    assert len(tracker.memory.held) <= 20


@pytest.mark.parametrize("jump_s", [60.0, 3_600.0, 1e6])
def test_when_all_clocks_jump_ahead_their_word_is_taken_and_no_scan_is_lost(jump_s: float) -> None:
    tracker, said = play(shifted(looks(100, 220, 7), jump_s, after(160.0)))
    assert tracker.skipped.ahead == tracker.skipped.late == 0
    assert seconds(said[-1].at) > 215.0 + jump_s
    assert said[-1].state is TrackState.TRACKED


@pytest.mark.parametrize("jump_s", [-60.0, -3_600.0, -1e6])
@pytest.mark.parametrize("sensors", [(A,), (A, B), (A, B, SLOW)])
def test_when_all_clocks_jump_back_tracking_begins_anew_within_a_minute(
    jump_s: float, sensors: tuple[Sensor, ...]
) -> None:
    tracker, said = play(shifted(looks(100, 300, 8, sensors), jump_s, after(160.0)), sensors)
    assert tracker.skipped.restarts == 1
    ended = [track for track in said if track.state is TrackState.LOST]
    assert [track.number for track in ended] == [1]
    again = said[said.index(ended[0]) + 1 :]
    assert {track.number for track in again} == {2}
    assert seconds(again[0].at) < 226.0 + jump_s
    assert again[-1].state is TrackState.TRACKED


def test_all_clocks_may_jump_ahead_and_back_again() -> None:
    there = shifted(looks(100, 300, 9), 3_600.0, lambda scan: 150.0 <= seconds(scan.at) < 200.0)
    tracker, said = play(there)
    assert tracker.skipped.restarts == 1
    assert said[-1].state is TrackState.TRACKED
    assert seconds(said[-1].at) > 295.0


def test_a_pause_of_hours_is_believed_when_a_second_sensor_says_so_and_old_tracks_are_lost() -> None:
    tracker, _ = play(looks(100, 160, 5))
    later = [Scan(name, NOON + timedelta(hours=3, seconds=k), ()) for k in range(3) for name in ("A", "B")]
    said = [tracker.update(scan) for scan in later]
    assert said[0] == []
    assert [track.state for track in said[1]] == [TrackState.LOST]
    assert said[2:] == [[], [], [], []]
    assert tracker.skipped.ahead == tracker.skipped.late == 0


def test_a_single_sensor_is_believed_at_its_second_scan_after_a_pause() -> None:
    tracker, _ = play(looks(100, 160, 5, (A,)), (A,))
    said = [tracker.update(Scan("A", NOON + timedelta(hours=3, seconds=k), ())) for k in range(3)]
    assert [len(tracks) for tracks in said] == [0, 1, 0]
    assert tracker.skipped.ahead == 0


def test_after_a_pause_one_sensor_of_two_is_believed_when_the_other_stays_silent() -> None:
    tracker, _ = play(looks(100, 160, 5))
    said = [tracker.update(Scan("A", NOON + timedelta(hours=3, seconds=k), ())) for k in range(20)]
    at = [bool(tracks) for tracks in said].index(True)
    assert at == 13
    assert tracker.skipped.ahead == 0


def test_a_late_bundle_of_one_sensor_is_counted_and_changes_nothing() -> None:
    scans = looks(100, 260, 10)
    cut = [scan for scan in scans if scan.sensor == "B" and 150.0 < seconds(scan.at) < 230.0]
    prompt = [scan for scan in scans if scan not in cut]
    tracker, said = play([*prompt[:-40], *(one for pair in zip(cut, prompt[-40:], strict=False) for one in pair)])
    assert tracker.skipped.restarts == 0
    assert tracker.skipped.late > 20
    assert {track.number for track in said} == {1}


def test_a_slow_radar_alone_is_followed_scan_by_scan_after_the_fast_one_fell_silent() -> None:
    fast = looks(100, 140, 11, (B,))
    tracker, _ = play(fast, (SLOW, B))
    changed = [bool(tracker.update(scan)) for scan in looks(200, 400, 12, (SLOW,))]
    assert changed.count(False) <= 3
    assert all(changed[-15:])
    assert tracker.skipped.ahead == 0


@settings(max_examples=15)
@given(
    jumps=st.lists(
        st.tuples(st.integers(0, 79), st.sampled_from([-1e6, -3_600.0, -60.0, -12.0, 12.0, 60.0, 3_600.0, 1e6])),
        max_size=30,
    )
)
def test_whatever_clocks_say_every_scan_is_run_held_or_counted_and_the_memory_stays_small(
    jumps: list[tuple[int, float]],
) -> None:
    scans = looks(100, 140, 13)
    for nth, by_s in jumps:
        scans[nth] = structs.replace(scans[nth], at=scans[nth].at + timedelta(seconds=by_s))
    tracker, said = play(scans)
    assert all(np.isfinite(track.covariance).all() for track in said)
    assert len(tracker.memory.held) <= 40
    assert len(tracker.memory.snapshots) <= 40
    # A sound minute later it follows what there is.
    later = shifted(looks(140, 200, 14), 1.1e6, lambda _: True)
    more = [track for scan in later for track in tracker.update(scan)]
    assert more[-1].state is TrackState.TRACKED
    assert dump(load(dump(tracker.memory))) == dump(tracker.memory)
