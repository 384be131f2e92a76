"""A raid under many radars costs less than the time it takes, and a long watch leaves nothing behind."""

from __future__ import annotations

import time
import tracemalloc
from collections import defaultdict

import numpy as np
import pytest
from tests.instruments.warning.firing_range import Shot, infrared, look, radar, short_hop
from tests.instruments.warning.test_tracker_raid import raid

from laurel.instruments.warning.records import Scan, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.dump import dump
from laurel.instruments.warning.tracker.out import REMEMBERED

RADARS = [
    radar(f"R{nth}", bearing_deg=100.0 + 10.0 * nth, away_m=750e3 + 40e3 * (nth % 3), false_plots=5.0)
    for nth in range(10)
]
VEHICLES = 200


def raid_scans(first_s: int, last_s: int, dice: np.random.Generator) -> list[Scan]:
    """Ten radars, each once a second in turn."""
    shots = raid(VEHICLES, dice)
    return [
        look(sensor, shots, t + 0.1 * nth, dice) for t in range(first_s, last_s) for nth, sensor in enumerate(RADARS)
    ]


@pytest.mark.long
def test_200_vehicles_under_ten_radars_keep_their_numbers_faster_than_real_time_though_scans_come_late() -> None:
    dice = np.random.default_rng(31)
    scans = raid_scans(150, 190, dice)
    # Every tenth comes after the next three.
    order = sorted(range(len(scans)), key=lambda nth: nth + (3.5 if nth % 10 == 7 else 0.0))
    tracker = Tracker(RADARS)
    seen: dict[int, int] = defaultdict(int)
    # What is not compiled yet is compiled here.
    first = Tracker(RADARS)
    for scan in scans[:100]:
        first.update(scan)
    began_s = time.process_time()
    for nth in order:
        for track in tracker.update(scans[nth]):
            seen[track.number] += track.state is TrackState.TRACKED
    spent_s = time.process_time() - began_s
    assert spent_s < 40.0
    assert tracker.skipped.late == tracker.skipped.ahead == 0
    held = int((tracker.memory.tracks.number > 0).sum())
    assert 0.97 * VEHICLES <= held <= 1.01 * VEHICLES
    assert sum(count > 100 for count in seen.values()) >= 0.95 * VEHICLES


@pytest.mark.long
def test_a_watch_of_three_hours_with_a_launch_every_ten_minutes_leaves_nothing_behind() -> None:
    sensors = [radar("R1", bearing_deg=125.0, away_m=700e3, false_plots=10.0), infrared(period_s=4.0)]
    shot, dice = short_hop(), np.random.default_rng(32)
    tracker = Tracker(sensors)
    numbers: set[int] = set()
    rows: list[int] = []
    sizes: list[int] = []
    memory_b: list[int] = []
    tracemalloc.start()
    for second in range(3 * 3_600):
        flying = [Shot(shot.flight, float(second - second % 600))] if second % 600 < 400 else []
        for sensor in sensors[: 2 if second % 4 == 0 else 1]:
            t_s = second + (0.5 if sensor is sensors[1] else 0.0)
            numbers |= {track.number for track in tracker.update(look(sensor, flying, t_s, dice))}
        if second % 600 == 599:
            rows.append(len(tracker.memory.tracks.number))
            sizes.append(len(dump(tracker.memory)))
            for told in REMEMBERED:
                told.cache_clear()
            memory_b.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert 18 <= len(numbers) <= 27
    assert max(rows) <= 3
    assert max(sizes) < 60_000
    assert len(tracker.memory.named) <= 3
    assert max(memory_b[-6:]) < 1.02 * max(memory_b[3:9])
