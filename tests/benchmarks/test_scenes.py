"""The raids that trackers are compared on are what they say they are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from benchmarks.raid.scenes import breakup, chance, radars, raid, seconds

from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import enu_matrix, geodetic_to_ecef
from laurel.physics.radar import radar_h


def test_one_seed_gives_one_raid() -> None:
    first, again, other = raid(4, 16.0), raid(4, 16.0), raid(4, 16.0, seed=1)
    assert first.scans == again.scans
    assert first.scans != other.scans


def test_the_two_of_a_pair_pass_each_other_in_the_crossing_phase() -> None:
    scene = raid(6, 64.0)
    crossing = next(phase for phase in scene.phases if phase.name == "crossing")
    times = np.arange(0.0, 64.0, 0.05)
    for first, second in zip(scene.flights[::2], scene.flights[1::2], strict=True):
        apart_m = [np.linalg.norm(first.at(float(t))[0] - second.at(float(t))[0]) for t in times]
        assert 290.0 < min(apart_m) < 1_600.0
        assert crossing.first_s < times[int(np.argmin(apart_m))] < crossing.last_s


def test_phases_follow_each_other_and_cover_the_scene() -> None:
    scene = raid(2, 32.0)
    assert scene.phases[0].first_s == 0.0
    assert all(before.last_s == after.first_s for before, after in pairwise(scene.phases))
    assert scene.phases[-1].last_s == 32.0
    assert len(scene.ends_s) == 32
    assert seconds(scene.scans[-1]) == pytest.approx(scene.ends_s[-1])


def test_as_many_plots_are_true_as_the_chance_of_detection_says_and_their_errors_are_the_sensors() -> None:
    scene = raid(10, 60.0, false_plots=0.0)
    expected = 0.0
    misses: list[Vector] = []
    for scan in scene.scans:
        sensor = next(sensor for sensor in scene.sensors if sensor.name == scan.sensor)
        site, frame = (
            geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m),
            enu_matrix(sensor.lat_deg, sensor.lon_deg),
        )
        true = np.array([radar_h(state, site, frame) for state in scene.truth(seconds(scan))])
        expected += sum(chance(sensor, float(away)) for away in true[:, 0])
        for plot in scan.plots:
            off = (np.array([plot.range_m, plot.azimuth_rad, plot.elevation_rad]) - true) / (50.0, 1e-3, 1e-3)
            misses.append(off[np.abs(off).sum(axis=1).argmin()])
    assert scene.true_plots == sum(len(scan.plots) for scan in scene.scans)
    assert scene.true_plots == pytest.approx(expected, abs=4.0 * np.sqrt(expected * 0.05))
    assert np.std(misses, axis=0) == pytest.approx([1.0, 1.0, 1.0], abs=0.08)


def test_clutter_is_as_dense_as_its_radars_say() -> None:
    scene = raid(2, 40.0, false_plots=50.0)
    false_plots = sum(len(scan.plots) for scan in scene.scans) - scene.true_plots
    assert false_plots == pytest.approx(50.0 * len(scene.scans), abs=4.0 * np.sqrt(50.0 * len(scene.scans)))


def test_debris_comes_in_tens_that_drift_apart() -> None:
    def spread_m(places: Matrix) -> float:
        return float(np.linalg.norm(places - places.mean(axis=0), axis=1).mean())

    scene = breakup(20, 10.0)
    for group in (scene.flights[:10], scene.flights[10:]):
        early, late = (np.array([flight.at(t_s)[0] for flight in group]) for t_s in (0.0, 9.0))
        assert spread_m(early) < 400.0
        assert 1.3 * spread_m(early) < spread_m(late) < 1_000.0


def test_a_radar_detects_at_half_its_reach_as_often_as_it_declares() -> None:
    sensor = radars()[0]
    assert chance(sensor, 0.5 * sensor.max_range_m) == pytest.approx(sensor.detection)
    assert chance(sensor, sensor.max_range_m) < sensor.detection < chance(sensor, 0.25 * sensor.max_range_m)
