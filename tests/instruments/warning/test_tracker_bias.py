"""Sensors that are off by a constant: what a track then knows, and what it must not think it knows."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs
from numpy.random import Generator
from tests.instruments.warning.firing_range import (
    Shot,
    covariance,
    followed,
    look,
    miss,
    radar,
    seconds,
    short_hop,
    watch,
)

from laurel.instruments.warning.records import Scan, Sensor
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.batch import eyes_of, restart
from laurel.instruments.warning.tracker.bias import (
    Place,
    bias_slopes,
    bias_variance,
    consider,
    correct_considering,
    led_astray,
    place_in,
)
from laurel.instruments.warning.tracker.modes import start_modes
from laurel.instruments.warning.tracker.sight import compare, sight
from laurel.instruments.warning.tracker.table import BIASES, COAST, FULL, RANGE_BIAS, SLOTS, eye_of, no_tracks
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.radar import radar_h


def unsure(name: str, bearing_deg: float, away_m: float) -> Sensor:
    """A radar whose registration may be off by 150 m, 1 mrad and 20 ms."""
    return radar(name, bearing_deg, away_m, detection=0.9, range_bias_m=150.0, angle_bias_rad=1e-3, time_bias_s=0.02)


ONE = [unsure("A", 190.0, 800e3)]
THREE = [*ONE, unsure("B", 120.0, 900e3), unsure("C", 60.0, 700e3)]


def drawn(sensor: Sensor, dice: Generator) -> Vector:
    """(4,) how far this sensor is off: range, azimuth, elevation, clock."""
    sigma = (sensor.range_bias_m, sensor.angle_bias_rad, sensor.angle_bias_rad, sensor.time_bias_s)
    return dice.standard_normal(4) * sigma


def off(scan: Scan, bias: Vector) -> Scan:
    """The scan as a sensor says it that is off by that much."""
    away, azimuth, elevation, clock = bias.tolist()
    plots = tuple(
        structs.replace(
            plot,
            offset_s=plot.offset_s + clock,
            azimuth_rad=plot.azimuth_rad + azimuth,
            elevation_rad=plot.elevation_rad + elevation,
            range_m=(plot.range_m or 0.0) + away,
        )
        for plot in scan.plots
    )
    return structs.replace(scan, plots=plots)


def distances2(sensors: list[Sensor], *, told: bool, after_s: float, runs: int) -> list[float]:
    """Squared distance in position that long after burnout, by a tracker that was told of the biases or was not."""
    shot = short_hop()
    first = int(shot.burnout_s) + 5
    known = (
        sensors
        if told
        else [structs.replace(s, range_bias_m=0.0, angle_bias_rad=0.0, time_bias_s=0.0) for s in sensors]
    )
    out: list[float] = []
    for seed in range(runs):
        dice = np.random.default_rng(seed)
        biases = [drawn(sensor, dice) for sensor in sensors]
        tracker = Tracker(known)
        scans = [
            off(look(sensor, [shot], float(t), dice), bias)
            for t in range(first, first + int(after_s))
            for sensor, bias in zip(sensors, biases, strict=True)
        ]
        said = followed(track for scan in scans for track in tracker.update(scan))
        last = max(said, key=lambda track: (seconds(track.at), -track.number))
        error = miss(last, shot)[:3]
        out.append(float(error @ np.linalg.solve(covariance(last)[:3, :3], error)))
    return out


def flying(shot: Shot, t_s: float) -> tuple[Vector, Matrix]:
    """(9,) and (9, 9): a start of what is truly there, well known."""
    mean = np.zeros(FULL)
    mean[:6] = shot.at(t_s)
    return mean, np.diag([1e4] * 3 + [1e2] * 3 + [4.0] * 3)


def test_what_a_bias_makes_of_a_flight_is_what_its_plots_would_show() -> None:
    eye, state = eye_of(ONE[0], 0), short_hop().at(200.0)
    away, azimuth, elevation = radar_h(state, eye.site, eye.frame).tolist()
    seen = sight(eye, azimuth, elevation, away)
    _, slope, _, _ = compare(seen, eye, state[:3])
    tilts = bias_slopes(slope, state[3:], np.cos(elevation))
    led = led_astray(state, eye)
    assert np.allclose(slope @ led[:3], tilts, rtol=1e-4, atol=1e-6)
    # And a moment later the flight that was led astray still agrees with such plots.
    steps = np.array([100.0, 1e-4, 1e-4, 0.01])
    later = propagate(state, 1.0, 0.0)
    for c in range(BIASES):
        moved = propagate(state + led[:, c] * steps[c], 1.0, 0.0)
        assert np.allclose(moved - later, led_astray(later, eye)[:, c] * steps[c], rtol=0.02, atol=0.1)


def test_one_number_corrects_as_schmidt_says() -> None:
    dice = np.random.default_rng(1)
    eye = eye_of(radar(range_bias_m=1.1, angle_bias_rad=0.05, time_bias_s=0.7), 0)
    prior = bias_variance(eye)
    for seed in range(20):
        dice = np.random.default_rng(seed)
        # Any joint covariance whose part of the biases is their prior.
        half = dice.standard_normal((FULL + BIASES, 30))
        joint = half @ half.T
        scale = np.concatenate((np.ones(FULL), np.sqrt(prior / np.diag(joint)[FULL:])))
        joint = joint * scale[:, None] * scale
        joint[FULL:, FULL:] = np.diag(prior)
        joint[:FULL, FULL:] *= 0.3
        joint[FULL:, :FULL] *= 0.3
        slope, tilt = dice.standard_normal(FULL), dice.standard_normal(BIASES)
        both = np.concatenate((slope, tilt))
        s = both @ joint @ both + 0.5
        gain = joint @ both / s
        gain[FULL:] = 0.0
        keep = np.eye(FULL + BIASES) - np.outer(gain, both)
        after = keep @ joint @ keep.T + 0.5 * np.outer(gain, gain)
        mean, cov, cross = np.zeros(FULL), joint[:FULL, :FULL].copy(), np.zeros((FULL, BIASES * SLOTS))
        cross[:, :BIASES] = joint[:FULL, FULL:]
        number = (slope, tilt, 1.7, 0.5, eye, Place(0, 1))
        assert np.isclose(correct_considering(mean, cov, cross, FULL, number), s)
        assert np.allclose(mean, gain[:FULL] * 1.7)
        assert np.allclose(cov, after[:FULL, :FULL], atol=1e-9)
        assert np.allclose(cross[:, :BIASES], after[:FULL, FULL:], atol=1e-9)


def test_a_start_knows_what_its_sensor_may_have_done_to_it() -> None:
    eye, tracks = eye_of(ONE[0], 7), no_tracks(1)
    mean, cov = flying(short_hop(), 200.0)
    start_modes(tracks, 0, mean, cov)
    sure = tracks.cov[0, COAST].copy()
    consider(tracks, 0, eye)
    led, prior = led_astray(mean, eye), bias_variance(eye)
    assert tracks.slots[0].tolist() == [7, -1, -1, -1, -1, -1]
    assert np.allclose(tracks.cov[0, COAST, :6, :6], sure[:6, :6] + led * prior @ led.T)
    assert np.allclose(tracks.cross[0, COAST, :6, :BIASES], -led * prior)


def test_a_sensor_without_bias_takes_no_slot_and_the_seventh_with_one_finds_none() -> None:
    tracks = no_tracks(1)
    assert place_in(tracks, 0, eye_of(radar(), 0)) == Place(-1, 0)
    biased = [eye_of(radar(f"R{i}", range_bias_m=10.0), i) for i in range(SLOTS + 1)]
    assert [place_in(tracks, 0, eye).slot for eye in biased] == [0, 1, 2, 3, 4, 5, -1]
    assert place_in(tracks, 0, biased[2]) == Place(2, SLOTS)


def test_a_track_of_a_biased_radar_is_as_wrong_as_it_says() -> None:
    assert np.mean(distances2(ONE, told=True, after_s=60.0, runs=6)) < 7.5
    assert np.mean(distances2(ONE, told=False, after_s=60.0, runs=6)) > 30.0


@pytest.mark.long
@pytest.mark.parametrize(("sensors", "after_s"), [(ONE, 60.0), (ONE, 120.0), (THREE, 60.0), (THREE, 100.0)])
def test_the_squared_distance_of_biased_radars_stays_in_its_band(sensors: list[Sensor], after_s: float) -> None:
    # 3 numbers, 60 runs: 95 % of honest filters lie within 2.4 and 3.65.
    assert 2.4 < np.mean(distances2(sensors, told=True, after_s=after_s, runs=60)) < 3.65
    assert np.mean(distances2(sensors, told=False, after_s=after_s, runs=6)) > 30.0


def test_a_track_started_anew_from_its_arc_lies_where_its_sensor_leads_it() -> None:
    site = radar(range_bias_m=100.0, range_sigma_m=5.0, angle_sigma_rad=1e-4, false_plots=0.0, detection=1.0)
    tracker, shot, dice = Tracker([site]), short_hop(), np.random.default_rng(4)
    for t in range(200, 206):
        watch(tracker, [site], [shot], [float(t)], dice)
    tracks, (eye,) = tracker.memory.tracks, tracker.memory.eyes
    assert restart(tracks, 0, eyes_of([eye]), -np.inf)
    away = shot.at(205.0)[:3] - eye.site
    along = away / np.linalg.norm(away)
    # True less estimated: a range read too long puts the estimate too far out.
    assert along @ tracks.cross[0, COAST, :3, RANGE_BIAS] == pytest.approx(-(100.0**2), rel=0.1)
