"""The parts of the tracker, each against something that is surely right."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.random import Generator
from tests.instruments.warning.close_company import Verdict, abreast, crossing, debris, trial
from tests.instruments.warning.firing_range import Shot, radar

from laurel.instruments.warning.tracker.assignment import Pairs, assign, cheapest
from laurel.instruments.warning.tracker.associate import measure
from laurel.instruments.warning.tracker.motion import move
from laurel.instruments.warning.tracker.sight import compare, correct, sight
from laurel.instruments.warning.tracker.table import BIASES, BOOST, COAST, FULL, SIZES, SLOTS, eye_of
from laurel.physics.compiled import Matrix
from laurel.physics.earth import geodetic_to_ecef
from laurel.physics.flight import fly
from laurel.physics.radar import radar_h


@given(
    cost=st.integers(1, 5).flatmap(
        lambda rows: arrays(np.float64, (rows, rows + 1), elements=st.floats(-50.0, 50.0, width=16))
    )
)
def test_the_assignment_is_the_cheapest_of_all(cost: Matrix) -> None:
    rows, columns = cost.shape
    chosen = cheapest(cost)
    assert len(set(chosen.tolist())) == rows
    ways = [list(way) for way in permutations(range(int(columns)), int(rows))]
    best = min(float(cost[np.arange(rows), way].sum()) for way in ways)
    assert abs(cost[np.arange(rows), chosen].sum() - best) < 1e-9


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.floats(0.1, 30.0), max_size=12))
def test_clusters_solved_apart_are_worth_as_much_as_solved_at_once(pairs: dict[tuple[int, int], float]) -> None:
    rows = np.array([i for i, _ in pairs], dtype=np.int64)
    plots = np.array([k for _, k in pairs], dtype=np.int64)
    plot_of = assign(Pairs(rows, plots, np.array(list(pairs.values()), dtype=np.float64)), 5, 5)
    whole = np.zeros((5, 10))
    for (i, k), value in pairs.items():
        whole[i, k] = -value
    at_once = -whole[np.arange(5), cheapest(whole)].sum()
    worth = sum(pairs.get((i, k), 0.0) for i, k in enumerate(plot_of.tolist()))
    assert abs(worth - at_once) < 1e-9
    taken = plot_of[plot_of >= 0].tolist()
    assert len(taken) == len(set(taken))
    assert all((i, k) in pairs for i, k in enumerate(plot_of.tolist()) if k >= 0)


def spread_of(dice: Generator, size: int) -> Matrix:
    half = dice.standard_normal((size, size))
    return half @ half.T + 0.1 * np.eye(size)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_a_squared_distance_and_volume_are_those_of_the_textbook(seed: int) -> None:
    dice = np.random.default_rng(seed)
    cov, gap = spread_of(dice, 3), dice.standard_normal(3)
    distance2, volume = measure(cov, gap, 3)
    assert np.isclose(distance2, gap @ np.linalg.solve(cov, gap))
    assert np.isclose(volume, np.linalg.slogdet(2.0 * np.pi * cov)[1])


def test_a_covariance_that_is_none_puts_every_plot_out_of_reach() -> None:
    assert measure(np.zeros((3, 3)), np.ones(3), 3)[0] == np.inf
    assert measure(np.full((3, 3), np.nan), np.ones(3), 3)[0] == np.inf


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_one_number_corrects_as_kalman_says(seed: int) -> None:
    dice = np.random.default_rng(seed)
    mean, cov, slope = dice.standard_normal(FULL), spread_of(dice, FULL), dice.standard_normal(FULL)
    foreseen = float(slope @ cov @ slope) + 0.5
    gain = cov @ slope / foreseen
    better = (mean + gain * 1.7, cov - np.outer(gain, slope @ cov))
    assert np.isclose(correct(mean, cov, FULL, slope, 1.7, 0.5), foreseen)
    assert np.allclose(mean, better[0])
    assert np.allclose(cov, better[1], atol=1e-9)
    assert np.array_equal(cov, cov.T)


def test_a_ballistic_estimate_falls_as_physics_says() -> None:
    start = geodetic_to_ecef(40.0, 130.0, 200e3)
    flight = fly(start, np.array([-2000.0, -1500.0, 2500.0]))
    mean, cov, cross = np.zeros(FULL), np.eye(FULL), np.zeros((FULL, BIASES * SLOTS))
    mean[:6] = np.concatenate(flight.at(0.0))
    for _ in range(40):
        move(mean, cov, cross, COAST, 7.5)
    position, velocity = flight.at(300.0)
    # The flight lets no air act; at 200 km that is centimetres.
    assert np.allclose(mean[:3], position, atol=0.5)
    assert np.allclose(mean[3:6], velocity, atol=0.01)


def test_an_estimate_carried_forth_and_back_is_where_it_was_with_more_doubt() -> None:
    for mode in (COAST, BOOST):
        size, cross = SIZES[mode], np.zeros((FULL, BIASES * SLOTS))
        mean, cov = np.zeros(FULL), np.diag([1e4] * 3 + [100.0] * 3 + [4.0] * 3)
        mean[:3] = geodetic_to_ecef(40.0, 130.0, 300e3)
        mean[3:] = (800.0, 1500.0, 900.0, 10.0, 20.0, 12.0)
        before, doubt = mean.copy(), cov.copy()
        move(mean, cov, cross, mode, 4.0)
        move(mean, cov, cross, mode, -4.0)
        assert np.allclose(mean[:size], before[:size], rtol=1e-3, atol=2.0)
        assert (np.diag(cov)[:size] >= 0.999 * np.diag(doubt)[:size]).all()


def test_the_slopes_of_a_plot_are_its_derivatives_even_at_the_zenith() -> None:
    eye = eye_of(radar(), 0)
    for up_rad in (0.2, 1.0, np.pi / 2.0 - 1e-7):
        here = eye.site + 6e5 * (np.cos(up_rad) * eye.frame[1] + np.sin(up_rad) * eye.frame[2])
        away, azimuth, elevation = radar_h(here, eye.site, eye.frame).tolist()
        seen = sight(eye, azimuth, elevation, away)
        residual, slope, variance, count = compare(seen, eye, here)
        assert count == 3
        assert np.allclose(residual, 0.0, atol=1e-6)
        assert (variance > 0.0).all()
        for j in range(3):
            moved = here + 10.0 * np.eye(3)[j]
            assert np.allclose(compare(seen, eye, moved)[0], -10.0 * slope[:, j], rtol=1e-3, atol=1e-3)


def together(scene: Callable[[Generator], list[Shot]], radars: int, runs: int) -> list[Verdict]:
    """So many runs of a scene before one or two radars that miss three of ten and see 20 false plots a scan."""
    verdicts: list[Verdict] = []
    for seed in range(runs):
        sensors = [
            radar(f"R{nth}", bearing_deg=(190.0, 110.0)[nth], detection=0.7, false_plots=20.0) for nth in range(radars)
        ]
        dice = np.random.default_rng(seed)
        verdicts.append(trial(scene(dice), sensors, 110, dice))
    return verdicts


def gospa_m(verdicts: list[Verdict]) -> float:
    return float(np.mean([value for verdict in verdicts for value in verdict.gospa]))


def test_tracks_that_cross_keep_their_numbers() -> None:
    for radars, most_m in ((1, 600.0), (2, 350.0)):
        verdicts = together(crossing, radars, 10)
        assert sum(verdict.turned for verdict in verdicts) == 0
        assert gospa_m(verdicts) < most_m


def test_decoys_abreast_are_held_apart() -> None:
    verdicts = together(abreast, 1, 10)
    assert sum(verdict.turned for verdict in verdicts) <= 2
    assert sum(verdict.missed for verdict in verdicts) < 0.05 * 10 * 90 * 5
    assert gospa_m(verdicts) < 1_300.0


def test_a_cloud_of_pieces_is_neither_lost_nor_made_more_than_it_is() -> None:
    verdicts = together(debris, 1, 6)
    looks = sum(len(verdict.gospa) for verdict in verdicts)
    assert sum(verdict.false for verdict in verdicts) < 0.1 * looks
    assert sum(verdict.missed for verdict in verdicts) < 2.5 * looks
