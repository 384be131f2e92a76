from __future__ import annotations

from bisect import bisect
from math import exp, inf, log
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import Generator
from tests.instruments.warning.flights import BURNOUT, EVERYONE, covariance_of, over_japan, reported, track_of

from laurel.instruments.warning.fuse import Estimate
from laurel.instruments.warning.picture import assess
from laurel.instruments.warning.records import Phase
from laurel.instruments.warning.vehicle_class import (
    BOUNDS_M,
    CLASSES,
    GLIDING,
    INTERCONTINENTAL,
    INTERMEDIATE,
    MEDIUM,
    SHORT,
    SPACE,
    chances,
    published_chances,
    vehicle_classes,
)
from laurel.physics.boost import Site, Vehicle, ground_track, launch
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import MEAN_RADIUS_M, height
from laurel.physics.flight import Flight, NoImpact
from laurel.physics.vehicles import ICBM_LIQUID, ICBM_SOLID, IRBM, MRBM, SRBM_BALLISTIC, VEHICLES

SUNAN = Site(39.2, 125.67)
EXACT = covariance_of(1.0, 0.01)
COASTING = (0.02, 0.2, 0.5, 0.8, 0.97)
"""Shares of the way from burnout to impact."""


class Seen(NamedTuple):
    """What was claimed of a flight at one time, and the class it truly is of."""

    chances: Vector
    true: int


def known(state: Vector, covariance: Matrix = EXACT) -> Estimate:
    return Estimate(BURNOUT, state, covariance)


def coasting(flight: Flight, share: float) -> Vector:
    return np.concatenate(flight.at(flight.burnout_t_s + share * (flight.impact_t_s - flight.burnout_t_s)))


def greatest_range(vehicle: Vehicle, cutoff: float) -> float:
    """What the vehicle can reach with that cutoff, over all kicks, northwards."""
    best_m = 0.0
    for kick_deg in (1.0, 2.0, 3.0, 4.0) if vehicle is ICBM_LIQUID else (6.0, 8.5, 11.0, 14.0, 18.0):
        try:
            flight = launch(vehicle, SUNAN, 0.0, kick_deg, cutoff, tolerance_m=1.0)
        except NoImpact:
            return inf
        best_m = max(best_m, ground_track(SUNAN, flight).distance_m)
    return best_m


def flown(vehicle: Vehicle, dice: Generator) -> tuple[Flight, int]:
    """A flight at a random kick, cutoff and azimuth, and its class by its vehicle's reach or lift."""
    low, high = (10.0, 32.0) if vehicle.lift_to_drag else (0.3, 4.5) if vehicle is ICBM_LIQUID else (1.0, 22.0)
    while True:
        kick_deg, cutoff = exp(float(dice.uniform(log(low), log(high)))), float(dice.uniform(0.55, 1.0))
        try:
            flight = launch(vehicle, SUNAN, float(dice.uniform(30.0, 150.0)), kick_deg, cutoff, tolerance_m=1.0)
        except NoImpact:
            continue
        if flight.apogee_m > 20e3 and ground_track(SUNAN, flight).distance_m > 60e3:
            reach = greatest_range(vehicle, cutoff)
            return flight, GLIDING if vehicle.lift_to_drag else bisect(BOUNDS_M, reach)


def seen_in_coast(count: int, seed: int) -> list[Seen]:
    """Estimates of so many flights of each notional vehicle, off by their own covariance."""
    dice = np.random.default_rng(seed)
    seen: list[Seen] = []
    for vehicle in VEHICLES.values():
        for _ in range(count):
            flight, true = flown(vehicle, dice)
            for share in COASTING:
                covariance = covariance_of(float(dice.uniform(50.0, 2e3)), float(dice.uniform(1.0, 60.0)))
                state = dice.multivariate_normal(coasting(flight, share), covariance)
                low = height(*state[:3].tolist()) < 90e3 and share > 0.5
                phase = Phase.REENTRY if low else Phase.COAST
                seen.append(Seen(chances(known(state, covariance), phase), true))
    return seen


def brier(seen: list[Seen]) -> float:
    """0 is perfect, 2 is certain and wrong."""
    return float(np.mean([((one.chances - np.eye(len(CLASSES))[one.true]) ** 2).sum() for one in seen]))


def climatology(seen: list[Seen]) -> float:
    """The Brier score of one who knows just how common each class is."""
    common = np.mean([np.eye(len(CLASSES))[one.true] for one in seen], axis=0)
    return brier([Seen(common, one.true) for one in seen])


def test_classes_told_of_random_flights_are_worth_twice_those_told_from_how_common_they_are() -> None:
    seen = seen_in_coast(8, 4)
    assert brier(seen) < 0.5 * climatology(seen)


def test_what_is_told_with_a_probability_is_true_as_often() -> None:
    seen = seen_in_coast(60, 5)
    assert brier(seen) < 0.4
    told = np.concatenate([one.chances for one in seen])
    true = np.concatenate([np.eye(len(CLASSES))[one.true] for one in seen])
    for low, high in ((0.0, 0.05), (0.05, 0.25), (0.25, 0.45), (0.45, 0.6), (0.6, 0.8), (0.8, 0.95), (0.95, 1.0)):
        here = (told >= low) & (told < high)
        assert here.sum() > 40
        assert true[here].mean() == pytest.approx(told[here].mean(), abs=0.12), (low, high)


@pytest.mark.parametrize(
    ("vehicle", "kick_deg", "cutoff", "wanted"),
    [
        (SRBM_BALLISTIC, 8.0, 0.9, SHORT),
        (MRBM, 2.0, 1.0, MEDIUM),
        (IRBM, 3.0, 0.8, INTERMEDIATE),
        (ICBM_SOLID, 3.0, 0.85, INTERCONTINENTAL),
        (ICBM_LIQUID, 0.5, 0.9, INTERCONTINENTAL),
    ],
)
def test_a_lofted_flight_counts_by_what_it_could_reach(
    vehicle: Vehicle, kick_deg: float, cutoff: float, wanted: int
) -> None:
    flight = launch(vehicle, SUNAN, 80.0, kick_deg, cutoff)
    assert ground_track(SUNAN, flight).distance_m < 0.55 * greatest_range(vehicle, cutoff) or wanted == SHORT
    for share in COASTING[:4]:
        assert int(chances(known(coasting(flight, share)), Phase.COAST).argmax()) == wanted


def test_the_class_stays_the_same_from_burnout_into_the_air() -> None:
    flight = launch(ICBM_SOLID, SUNAN, 80.0, 3.0, 0.85)
    falling = next(t for t in np.arange(flight.apogee_t_s, flight.impact_t_s) if height(*flight.at(t)[0]) < 25e3)
    told = chances(known(np.concatenate(flight.at(falling))), Phase.REENTRY)
    assert told[INTERCONTINENTAL] > 0.8


def test_what_maneuvers_is_called_gliding_and_so_is_what_flies_low_and_flat() -> None:
    flight = launch(VEHICLES["glider"], SUNAN, 80.0, 27.0, 0.9)
    low = known(coasting(flight, 0.02))
    assert chances(low, Phase.COAST)[GLIDING] > 0.5
    assert chances(low, Phase.MANEUVER)[GLIDING] > 0.85


def test_what_does_not_come_down_is_a_space_launch() -> None:
    radius_m = MEAN_RADIUS_M + 500e3
    orbit = np.array([radius_m, 0.0, 0.0, 0.0, 5_000.0, 5_500.0])
    assert chances(known(orbit), Phase.COAST)[SPACE] > 0.95


def test_while_the_motor_burns_little_is_said() -> None:
    for vehicle in VEHICLES.values():
        flight = launch(vehicle, SUNAN, 80.0, 3.0, 0.8)
        told = chances(known(np.concatenate(flight.at(0.4 * flight.burnout_t_s))), Phase.BOOST)
        assert told.max() < 0.6


def test_a_motor_that_still_burns_at_200_km_is_no_short_range_missile() -> None:
    flight = launch(ICBM_SOLID, SUNAN, 80.0, 3.0, 0.85)
    high = next(t for t in np.arange(0.0, flight.burnout_t_s) if height(*flight.at(t)[0]) > 200e3)
    told = chances(known(np.concatenate(flight.at(high))), Phase.BOOST)
    assert told[SHORT] + told[GLIDING] < 0.05
    assert told[INTERMEDIATE] + told[INTERCONTINENTAL] + told[SPACE] > 0.8


def test_a_wide_estimate_says_less() -> None:
    flight = launch(IRBM, SUNAN, 80.0, 5.0, 0.85)
    state = coasting(flight, 0.1)
    sharp, wide = (chances(known(state, covariance_of(1e3, sigma)), Phase.COAST) for sigma in (5.0, 900.0))
    assert wide.max() < sharp.max() - 0.1


@given(
    position=st.tuples(*[st.floats(-9e6, 9e6)] * 3),
    velocity=st.tuples(*[st.floats(-9e3, 9e3)] * 3),
    sigma=st.floats(1.0, 1e5),
    phase=st.sampled_from(Phase),
)
def test_probabilities_sum_to_one_whatever_the_estimate(
    position: tuple[float, float, float], velocity: tuple[float, float, float], sigma: float, phase: Phase
) -> None:
    state = np.array(position + velocity)
    if np.linalg.norm(state[:3]) < 6.2e6:
        state[0] = 6.5e6
    told = vehicle_classes(known(state, covariance_of(sigma, 0.01 * sigma)), phase)
    assert {one.name for one in told} == set(CLASSES)
    assert sum(one.probability for one in told) == pytest.approx(1.0)
    assert all(0.0 < one.probability < 1.0 for one in told)
    assert [one.probability for one in told] == sorted((one.probability for one in told), reverse=True)


@pytest.mark.parametrize(
    ("apogee_km", "range_km", "wanted"),
    [
        (50.0, 600.0, GLIDING),
        (97.0, 380.0, SHORT),
        (150.0, 650.0, SHORT),
        (550.0, 500.0, MEDIUM),
        (260.0, 1000.0, MEDIUM),
        (2111.5, 787.0, INTERMEDIATE),
        (970.0, 4500.0, INTERMEDIATE),
        (3724.9, 998.0, INTERCONTINENTAL),
        (6248.0, 1090.0, INTERCONTINENTAL),
    ],
)
def test_published_flights_fall_into_the_class_of_the_open_literature(
    apogee_km: float, range_km: float, wanted: int
) -> None:
    assert int(published_chances(apogee_km * 1e3, range_km * 1e3).argmax()) == wanted


def test_a_system_track_shows_its_classes() -> None:
    track = track_of(over_japan(), 200.0)
    told = assess((reported("JPN", track, EVERYONE),)).classes
    assert told[0].name == CLASSES[INTERMEDIATE]
    assert sum(one.probability for one in told) == pytest.approx(1.0)
