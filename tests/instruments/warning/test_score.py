"""Scores of tracks: hand-computed examples, the axioms of a metric, and bounds against other ways to find them."""

from __future__ import annotations

from functools import cache
from math import inf, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from msgspec import structs
from tests.instruments.warning.firing_range import infrared, radar
from tests.instruments.warning.flights import over_japan

from laurel.instruments.warning.score import (
    Look,
    Moment,
    Pairing,
    band,
    gospa,
    information,
    nearest,
    nees,
    nis,
    ospa,
    pcrlb,
    siap,
)
from laurel.instruments.warning.score.sets import BadMetric
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import enu_matrix, geodetic_to_ecef
from laurel.physics.radar import radar_h

NOTHING = np.zeros((0, 1))


def places(*numbers: float) -> Matrix:
    """So many points on a line."""
    return np.array(numbers).reshape(-1, 1)


sets_of_points = arrays(np.float64, st.tuples(st.integers(0, 5), st.just(2)), elements=st.floats(-30.0, 30.0))


def test_gospa_by_hand_splits_into_error_missed_and_false() -> None:
    found = gospa(places(3.0, 1_000.0), places(0.0, 100.0), cutoff_m=10.0, order=2.0)
    assert (found.localisation, found.missed, found.false) == (9.0, 50.0, 50.0)
    assert found.distance_m == pytest.approx(sqrt(109.0))
    assert found.pairs == ((0, 0),)


def test_gospa_pays_half_a_cutoff_for_each_that_has_no_counterpart() -> None:
    # Rahmathullah et al. 2017, section III: with alpha = 2 an empty estimate of n targets costs (n c^p / 2)^(1/p).
    assert gospa(NOTHING, places(0.0, 5.0), 8.0, 2.0).distance_m == pytest.approx(sqrt(2 * 64.0 / 2.0))
    assert gospa(places(1.0), NOTHING, 8.0, 1.0).distance_m == pytest.approx(4.0)
    assert gospa(NOTHING, NOTHING, 8.0).distance_m == 0.0


def test_gospa_would_rather_pair_both_than_the_nearest_alone() -> None:
    found = gospa(places(0.0, 4.0), places(3.0, -5.0), cutoff_m=20.0, order=2.0)
    assert set(found.pairs) == {(0, 1), (1, 0)}
    assert found.localisation == pytest.approx(25.0 + 1.0)


def test_ospa_by_hand() -> None:
    # Schuhmacher et al. 2008, equation 3: the mean over the larger set, the cutoff for each point without a partner.
    assert ospa(places(0.0), places(3.0, 100.0), cutoff_m=10.0, order=1.0) == pytest.approx(6.5)
    assert ospa(places(0.0), places(3.0, 100.0), cutoff_m=10.0, order=2.0) == pytest.approx(sqrt((9.0 + 100.0) / 2.0))
    assert ospa(NOTHING, places(3.0), cutoff_m=10.0) == 10.0
    assert ospa(NOTHING, NOTHING, cutoff_m=10.0) == 0.0


@given(sets_of_points, sets_of_points, sets_of_points, st.sampled_from((1.0, 2.0)))
def test_gospa_and_ospa_are_metrics(first: Matrix, second: Matrix, third: Matrix, order: float) -> None:
    def both(a: Matrix, b: Matrix) -> Vector:
        return np.array([gospa(a, b, 10.0, order).distance_m, ospa(a, b, 10.0, order)])

    assert (both(first, first) < 1e-6).all()
    assert both(first, second) == pytest.approx(both(second, first), abs=1e-9)
    assert (both(first, third) <= both(first, second) + both(second, third) + 1e-6).all()
    assert both(first, second)[1] <= 10.0


@given(sets_of_points, sets_of_points)
def test_the_parts_of_gospa_sum_to_its_power(first: Matrix, second: Matrix) -> None:
    found = gospa(first, second, 10.0, 2.0)
    assert found.distance_m**2 == pytest.approx(found.localisation + found.missed + found.false)
    assert found.missed / 50.0 - found.false / 50.0 == pytest.approx(len(second) - len(first))


@pytest.mark.parametrize(
    ("cutoff_m", "order"), [(0.0, 1.0), (-1.0, 1.0), (inf, 1.0), (nan, 1.0), (1.0, 0.5), (1.0, inf)]
)
def test_what_makes_no_metric_is_refused(cutoff_m: float, order: float) -> None:
    with pytest.raises(BadMetric):
        gospa(NOTHING, NOTHING, cutoff_m, order)
    with pytest.raises(BadMetric):
        ospa(NOTHING, NOTHING, cutoff_m, order)


def test_siap_by_hand() -> None:
    # Truth 1 is tracked by 10, unseen for a moment, then by 11 and 12; truth 2 never; 13 stands for nothing.
    moments = [
        Moment(0.0, (1, 2), (10,), (Pairing(1, 10, 5.0, 1.0),)),
        Moment(1.0, (1, 2), (10, 13), (Pairing(1, 10, 3.0, 1.0),)),
        Moment(2.0, (1, 2), (13,), ()),
        Moment(3.0, (1,), (11, 12), (Pairing(1, 11, 1.0, 2.0), Pairing(1, 12, 3.0, 0.0))),
        Moment(5.0, (1,), (11,), (Pairing(1, 11, 1.0, 2.0),)),
    ]
    found = siap(moments)
    assert found.completeness == pytest.approx(4 / 8)
    assert found.ambiguity == pytest.approx(5 / 4)
    assert found.spuriousness == pytest.approx(2 / 7)
    assert found.position_error_m == pytest.approx(13.0 / 5)
    assert found.velocity_error_mps == pytest.approx(6.0 / 5)
    # Tracked for 1 s by 10 and 2 s by 11: one change in 3 s. Lives of 5 s and 2 s, the longest track 2 s.
    assert found.changes_per_s == pytest.approx(1 / 3)
    assert found.longest == pytest.approx(2 / 7)


def test_siap_of_nothing_is_nothing() -> None:
    assert siap([]) == (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert siap([Moment(0.0, (), (), ())]).completeness == 0.0


def test_the_nearest_truth_within_the_gate_is_what_a_track_stands_for() -> None:
    truths = {1: np.zeros(6), 2: np.array([100.0, 0.0, 0.0, 0.0, 0.0, 0.0])}
    tracks = {7: np.array([90.0, 0.0, 0.0, 3.0, 4.0, 0.0]), 8: np.array([1e4, 0.0, 0.0, 0.0, 0.0, 0.0])}
    moment = nearest(3.0, truths, tracks, gate_m=50.0)
    assert moment.pairings == (Pairing(2, 7, 10.0, 5.0),)
    assert (moment.truths, moment.tracks) == ((1, 2), (7, 8))


def test_nees_and_nis_of_honest_errors_lie_in_the_band() -> None:
    dice = np.random.default_rng(4)
    root = dice.standard_normal((500, 3, 3)) + 3.0 * np.eye(3)
    errors = (root @ dice.standard_normal((500, 3, 1)))[:, :, 0]
    covariances = root @ root.transpose(0, 2, 1)
    assert band(3, 500).holds(float(nees(errors, covariances).mean()))
    assert not band(3, 500).holds(float(nis(1.3 * errors, covariances).mean()))
    assert not band(3, 500).holds(float(nees(0.7 * errors, covariances).mean()))


def test_the_band_of_one_sample_is_that_of_the_tables() -> None:
    # Chi-square, 3 degrees of freedom: 2.5 % and 97.5 %.
    assert band(3, 1) == pytest.approx((0.21580, 9.34840), abs=1e-4)
    # Bar-Shalom et al. 2001, section 5.4.2: 50 runs of a two-dimensional error, 95 %.
    assert band(2, 50) == pytest.approx((1.5, 2.6), abs=0.1)


@cache
def arc_states() -> tuple[tuple[float, Vector], ...]:
    flight = over_japan()
    return tuple((float(t), np.concatenate(flight.at(float(t)))) for t in range(61))


def arc(t_s: float) -> Vector:
    return propagate(arc_states()[0][1], t_s, 0.0)


def looks(*sensors: str, last_s: int = 30, detection: float = 1.0) -> list[Look]:
    known = {"R1": radar(), "R2": radar("R2", 120.0, 900e3), "I1": infrared()}
    return [Look(float(t), known[name], detection) for name in sensors for t in range(last_s)]


def stacked_information(last_s: int) -> Matrix:
    """Fisher information of the first state from all plots at once, by numerical derivatives."""
    sensor = radar()
    site, frame = (
        geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m),
        enu_matrix(sensor.lat_deg, sensor.lon_deg),
    )
    weight = 1.0 / np.array([sensor.range_sigma_m or inf, sensor.angle_sigma_rad, sensor.angle_sigma_rad])
    first = arc_states()[0][1]
    step = np.array([10.0] * 3 + [0.1] * 3)
    columns: list[Vector] = []
    for j in range(6):
        nudge = step[j] * np.eye(6)[j]
        ends = [
            np.concatenate(
                [radar_h(propagate(first + sign * nudge, float(t), 0.0), site, frame) for t in range(last_s)]
            )
            for sign in (1.0, -1.0)
        ]
        columns.append((ends[0] - ends[1]) / (2.0 * step[j]))
    slope = np.array(columns).T * np.tile(weight, last_s)[:, None]
    return slope.T @ slope


def test_without_process_noise_the_bound_is_that_of_all_plots_at_once() -> None:
    found = pcrlb(looks("R1", last_s=20), arc)
    first = np.linalg.inv(stacked_information(20))
    moved = np.array([propagate(arc_states()[0][1] + nudge, 19.0, 0.0) for nudge in np.eye(6)]) - arc(19.0)
    expected = moved.T @ first @ moved
    assert found.covariance[-1] == pytest.approx(expected, rel=2e-3, abs=1e-3 * np.abs(expected).max())
    assert found.position_m[-1] == pytest.approx(sqrt(np.trace(expected[:3, :3])), rel=1e-3)
    assert found.velocity_mps[-1] == pytest.approx(sqrt(np.trace(expected[3:, 3:])), rel=1e-3)


def test_the_bound_is_infinite_until_six_numbers_are_fixed() -> None:
    found = pcrlb(looks("R1", last_s=5), arc)
    assert not np.isfinite(found.position_m[0])
    assert np.isfinite(found.position_m[2:]).all()
    known = pcrlb(looks("R1", last_s=5), arc, prior=np.diag([1e-6] * 3 + [1e-4] * 3))
    assert np.isfinite(known.position_m).all()


def test_another_sensor_never_makes_the_bound_worse_and_noise_never_better() -> None:
    alone = pcrlb(looks("R1"), arc)
    both, with_infrared = pcrlb(looks("R1", "R2"), arc), pcrlb(looks("R1", "I1"), arc)
    noisy = pcrlb(looks("R1"), arc, noise_m2ps3=1.0)
    for other, worse, better in ((both, alone, both), (with_infrared, alone, with_infrared), (noisy, noisy, alone)):
        assert np.isfinite(other.position_m[-1])
        assert np.linalg.eigvalsh(worse.covariance[-1] - better.covariance[-1]).min() > -1e-6
    assert both.position_m[-1] < 0.9 * alone.position_m[-1]
    assert noisy.velocity_mps[-1] > 1.01 * alone.velocity_mps[-1]


def test_a_look_that_may_miss_counts_by_its_chance() -> None:
    sure, half = pcrlb(looks("R1"), arc), pcrlb(looks("R1", detection=0.5), arc)
    assert half.covariance[-1] == pytest.approx(2.0 * sure.covariance[-1], rel=1e-6)


def test_one_detection_tells_of_place_and_not_of_speed() -> None:
    sharp = information(radar(), arc(0.0))
    blunt = information(structs.replace(radar(), range_sigma_m=500.0), arc(0.0))
    assert (sharp[3:, :] == 0.0).all()
    assert np.linalg.matrix_rank(sharp[:3, :3] / sharp.max()) == 3
    assert np.linalg.eigvalsh(sharp - blunt).min() > -1e-9
    assert np.linalg.matrix_rank(information(infrared(), arc(0.0))[:3, :3] * 1e6, tol=1e-12) == 2
