"""The four modes: which of them a track is in, what each learns, and that their numbers stay sound."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.firing_range import (
    PAD,
    Shot,
    flown,
    followed,
    miss,
    nees,
    radar,
    seconds,
    short_hop,
    watch,
)

from laurel.instruments.warning.records import Phase, Sensor, Track
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.bias import Place, place_in
from laurel.instruments.warning.tracker.estimate import take
from laurel.instruments.warning.tracker.modes import blend, carry, start_modes
from laurel.instruments.warning.tracker.motion import move
from laurel.instruments.warning.tracker.sight import sight, weigh
from laurel.instruments.warning.tracker.table import (
    BIASES,
    BOOST,
    COAST,
    FULL,
    MANEUVER,
    REENTRY,
    SIZES,
    SLOTS,
    Eye,
    Plots,
    Tracks,
    eye_of,
    no_tracks,
)
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import geodetic_to_ecef
from laurel.physics.radar import radar_h
from laurel.physics.vehicles import ICBM_SOLID, SRBM_QUASI_BALLISTIC


def sharp(bearing_deg: float, away_m: float) -> Sensor:
    """A radar of 10 m and 0.3 mrad that sees down to the horizon."""
    return radar("X", bearing_deg, away_m, angle_sigma_rad=3e-4, range_sigma_m=10.0, min_elevation_deg=0.2)


def staged() -> Shot:
    """Three stages, with pauses of five and ten seconds between them."""
    return Shot(flown(ICBM_SOLID, 60.0, 8.0))


def glider() -> Shot:
    """Over the top at 108 km, then lift pulls it up at 18 km and again lower down."""
    return Shot(flown(SRBM_QUASI_BALLISTIC, 100.0, 27.0, PAD))


def tracked(shot: Shot, site: Sensor, first_s: int, last_s: int, seed: int) -> list[Track]:
    times = [float(t) for t in range(first_s, last_s)]
    return followed(watch(Tracker([site]), [site], [shot], times, np.random.default_rng(seed)))


def flying(count: int = 1) -> tuple[Tracks, Eye, Vector]:
    """Rows of one vehicle at 200 s of its flight, a radar that sees it, and where it truly is."""
    tracks, state = no_tracks(count), short_hop().at(200.0)
    mean = np.zeros(FULL)
    mean[:6] = state
    for row in range(count):
        start_modes(tracks, row, mean, np.diag([1e5] * 3 + [1e3] * 3 + [25.0] * 3))
    return tracks, eye_of(radar(), 0), state


def plots_near(eye: Eye, state: Vector, off: list[tuple[float, float, float]]) -> Plots:
    """Plots at time 0 that lie so many sigmas in range, azimuth and elevation off the truth."""
    rows = radar_h(state, eye.site, eye.frame) + np.array(off) * (
        eye.range_sigma_m,
        eye.angle_sigma_rad,
        eye.angle_sigma_rad,
    )
    return Plots(np.zeros(len(off)), rows[:, 1].copy(), rows[:, 2].copy(), rows[:, 0].copy())


def test_a_motor_that_lights_again_after_a_pause_is_found_within_eight_seconds() -> None:
    shot = staged()
    for seed in range(6):
        said = tracked(shot, sharp(190.0, 500e3), 50, 170, seed)
        assert {track.number for track in said} == {1}
        for lit_s, out_s in shot.flight.burns[1:]:
            burning = [track for track in said if lit_s + 8.0 < seconds(track.at) < out_s]
            assert all(track.phase is Phase.BOOST for track in burning)


def test_a_reentering_track_learns_what_brakes_it_and_tells() -> None:
    shot = short_hop()
    # It looks on from 60 km beside the place where the vehicle falls.
    site = structs.replace(sharp(100.0, 0.0), lat_deg=35.0, lon_deg=146.3)
    for seed in range(4):
        said = tracked(shot, site, 500, int(shot.flight.impact_t_s), seed)
        assert all(track.drag is None for track in said if track.phase is Phase.COAST)
        drag = said[-1].drag
        assert drag is not None
        sigma = drag.covariance[6] ** 0.5
        assert sigma < 0.3
        assert abs(drag.log_beta - log(3_000.0)) < 3.5 * sigma
        assert np.mean([nees(track, shot) for track in said[-25:]]) < 9.0


def test_a_quasi_ballistic_vehicle_is_held_and_said_to_maneuver_while_it_pulls_up() -> None:
    shot, site = glider(), radar(bearing_deg=100.0, away_m=250e3, min_elevation_deg=0.3)
    for seed in range(3):
        said = tracked(shot, site, 60, 400, seed)
        assert {track.number for track in said} == {1}
        assert all(track.phase is Phase.MANEUVER for track in said if 328.0 < seconds(track.at) < 380.0)
        assert all(track.phase is not Phase.MANEUVER for track in said if seconds(track.at) < 250.0)
        pulling = [track for track in said if 305.0 < seconds(track.at) < 355.0]
        assert np.mean([nees(track, shot) for track in pulling]) < 12.0
        assert max(float(np.linalg.norm(miss(track, shot)[:3])) for track in pulling) < 1_500.0


def test_chances_sum_to_one_and_a_mode_that_is_not_kept_has_none_at_all() -> None:
    shot, site = glider(), radar(bearing_deg=100.0, away_m=250e3, min_elevation_deg=0.3)
    tracker, dice = Tracker([site]), np.random.default_rng(1)
    kept: set[tuple[int, ...]] = set()
    for t in range(60, 360):
        watch(tracker, [site], [shot], [float(t)], dice)
        chance = tracker.memory.tracks.chance
        assert np.allclose(chance.sum(axis=1), 1.0)
        assert not ((chance[:, COAST] > 0.0) & (chance[:, REENTRY] > 0.0)).any()
        kept |= {tuple(np.flatnonzero(row).tolist()) for row in chance}
    assert {(BOOST, COAST), (COAST,), (REENTRY, MANEUVER)} <= kept


def test_coasting_is_the_same_start_with_a_motor_known_to_be_out() -> None:
    tracks, dice = no_tracks(1), np.random.default_rng(2)
    half = dice.standard_normal((FULL, FULL))
    mean, cov = dice.standard_normal(FULL), half @ half.T + np.eye(FULL)
    start_modes(tracks, 0, mean, cov)
    gain = cov[:6, 6:] @ np.linalg.inv(cov[6:, 6:])
    assert np.allclose(tracks.mean[0, COAST, :6], mean[:6] - gain @ mean[6:])
    assert np.allclose(tracks.cov[0, COAST, :6, :6], cov[:6, :6] - gain @ cov[6:, :6], atol=1e-9)
    assert tracks.chance[0].tolist() == [0.5, 0.5, 0.0, 0.0]


def test_a_plot_that_is_surely_false_changes_nothing() -> None:
    tracks, eye, state = flying()
    before = tracks.mean.copy(), tracks.cov.copy(), tracks.chance.copy()
    take(tracks, 0, plots_near(eye, state, [(1.0, 2.0, -1.0)]), np.array([0]), np.array([0.0]), eye)
    assert np.allclose(tracks.mean, before[0])
    assert np.allclose(tracks.cov, before[1])
    assert np.allclose(tracks.chance, before[2])


def test_two_plots_of_which_one_is_sure_are_as_good_as_that_one() -> None:
    tracks, eye, state = flying(2)
    plots = plots_near(eye, state, [(1.0, 2.0, -1.0), (-9.0, 3.0, 8.0)])
    alone = take(tracks, 0, plots, np.array([0]), np.array([1.0]), eye)
    both = take(tracks, 1, plots, np.array([0, 1]), np.array([1.0, 0.0]), eye)
    assert np.isclose(alone, both)
    assert np.allclose(tracks.mean[0], tracks.mean[1])
    assert np.allclose(tracks.cov[0], tracks.cov[1])
    assert np.allclose(tracks.chance[0], tracks.chance[1])


@settings(max_examples=20, deadline=None)
@given(share=st.floats(0.01, 0.98), away=st.floats(-3.0, 3.0))
def test_a_doubtful_plot_makes_the_mixture_of_believing_it_and_not(share: float, away: float) -> None:
    tracks, eye, state = flying(2)
    plots = plots_near(eye, state, [(away, -away, 1.0)])
    mean, cov = tracks.mean[1, COAST, :6].copy(), tracks.cov[1, COAST, :6, :6].copy()
    before = tracks.chance[1, BOOST]
    take(tracks, 0, plots, np.array([0]), np.array([share]), eye)
    take(tracks, 1, plots, np.array([0]), np.array([1.0]), eye)
    moved = tracks.mean[1, COAST, :6] - mean
    spread = share * (1.0 - share) * np.outer(moved, moved)
    assert np.allclose(tracks.mean[0, COAST, :6], mean + share * moved)
    mixed = share * tracks.cov[1, COAST, :6, :6] + (1.0 - share) * cov + spread
    assert np.allclose(tracks.cov[0, COAST, :6, :6], mixed, rtol=1e-6, atol=1e-6)
    assert np.isclose(tracks.chance[0, BOOST], share * tracks.chance[1, BOOST] + (1.0 - share) * before)


def is_sound(cov: Matrix) -> bool:
    """Symmetric to the last bit, and positive definite once its units are taken out."""
    scale = np.sqrt(np.diag(cov))
    return bool(np.array_equal(cov, cov.T) and (np.linalg.eigvalsh(cov / np.outer(scale, scale)) > 0.0).all())


@pytest.mark.parametrize("bias", [0.0, 1.0])
def test_a_day_of_plots_leaves_a_covariance_symmetric_and_positive(bias: float) -> None:
    eye = eye_of(radar(range_bias_m=100.0 * bias, angle_bias_rad=1e-3 * bias, time_bias_s=0.01 * bias), 0)
    place = Place(0, 1) if bias else Place(-1, 0)
    mean, cov, cross = np.zeros(FULL), np.eye(FULL), np.zeros((FULL, BIASES * SLOTS))
    # An orbit of a day: the radar is allowed to see it through the Earth.
    mean[:3] = geodetic_to_ecef(40.0, 130.0, 35_786e3)
    mean[3:6] = (300.0, 200.0, 400.0)
    cov[:3, :3] *= 1e8
    cov[3:6, 3:6] *= 1e4
    for step in range(8_640):
        move(mean, cov, cross, COAST, 10.0)
        away, azimuth, elevation = radar_h(mean[:6], eye.site, eye.frame).tolist()
        weigh(mean, cov, cross, COAST, (sight(eye, azimuth, elevation, away), eye, 0.0, place))
        if step % 240 == 0:
            assert is_sound(cov[:6, :6])
    assert is_sound(cov[:6, :6])


def test_plots_without_error_or_without_time_between_them_leave_every_mode_sound() -> None:
    for range_sigma_m, angle_sigma_rad in ((50.0, 1e-3), (1e-2, 1e-3), (50.0, 1e-8), (1e-2, 1e-8)):
        site = radar(range_sigma_m=range_sigma_m, angle_sigma_rad=angle_sigma_rad, range_bias_m=30.0)
        tracks, _, state = flying()
        eye = eye_of(site, 0)
        plots = plots_near(eye, state, [(0.5, 0.5, 0.5)])
        for _ in range(500):
            assert abs(take(tracks, 0, plots, np.array([0]), np.array([1.0]), eye)) < np.inf
        carry(tracks, 0, 1e-6)
        for mode in (BOOST, COAST):
            size = SIZES[mode]
            assert is_sound(tracks.cov[0, mode, :size, :size])
        assert place_in(tracks, 0, eye).slot == 0


def test_the_blend_of_modes_that_agree_is_what_they_agree_on() -> None:
    tracks, _, state = flying()
    out, doubt = np.empty(6), np.empty((6, 6))
    blend(tracks.mean[0], tracks.cov[0], tracks.chance[0], out, doubt)
    assert np.allclose(out, state)
    assert np.allclose(doubt, tracks.cov[0, COAST, :6, :6])
