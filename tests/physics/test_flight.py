from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.physics import ballistics, earth
from laurel.physics.compiled import Vector
from laurel.physics.earth import ecef_to_geodetic, enu_to_ecef, geodesic, geodetic_to_ecef
from laurel.physics.flight import BadStart, Flight, NoImpact, OutsideFlight, fly

LAT, LON = 39.28, 125.87


def start(speed: float, angle_deg: float, azimuth_deg: float = 85.0, alt: float = 100e3) -> tuple[Vector, Vector]:
    el, az = np.radians(angle_deg), np.radians(azimuth_deg)
    enu = speed * np.array([np.cos(el) * np.sin(az), np.cos(el) * np.cos(az), np.sin(el)])
    return geodetic_to_ecef(LAT, LON, alt), enu_to_ecef(enu, LAT, LON)


def jacobi(position: Vector, velocity: Vector) -> float:
    """Energy in the turning frame (J/kg), which a free body keeps."""
    r = float(np.linalg.norm(position))
    u = float(position[2]) / r
    zonal = 1.0
    for n, j in ((2, earth.J2), (3, earth.J3), (4, earth.J4)):
        zonal -= j * (earth.A_M / r) ** n * float(np.polynomial.legendre.Legendre.basis(n)(u))
    spin = 0.5 * earth.OMEGA_RADPS**2 * float(position[0] ** 2 + position[1] ** 2)
    return 0.5 * float(velocity @ velocity) - earth.GM_M3PS2 / r * zonal - spin


@given(speed=st.floats(500.0, 7500.0), angle=st.floats(5.0, 89.0), azimuth=st.floats(0.0, 360.0))
@settings(deadline=None, max_examples=50)
def test_a_free_flight_keeps_its_energy(speed: float, angle: float, azimuth: float) -> None:
    flight = fly(*start(speed, angle, azimuth))
    energy = jacobi(*flight.at(0.0))
    for t_s in np.linspace(0.0, flight.impact_t_s, 17):
        # 1 J/kg is 1 mm/s at 1 km/s.
        assert jacobi(*flight.at(float(t_s))) == pytest.approx(energy, abs=0.5)


@given(speed=st.floats(500.0, 7000.0), angle=st.floats(5.0, 89.0), beta=st.floats(500.0, 20_000.0))
@settings(deadline=None, max_examples=50)
def test_drag_only_takes_energy(speed: float, angle: float, beta: float) -> None:
    flight = fly(*start(speed, angle), beta)
    energies = [jacobi(*flight.at(float(t_s))) for t_s in np.linspace(0.0, flight.impact_t_s, 40)]
    assert all(later <= sooner + 1.0 for sooner, later in pairwise(energies))


@given(speed=st.floats(300.0, 7000.0), angle=st.floats(-30.0, 89.0), beta=st.none() | st.floats(300.0, 20_000.0))
@settings(deadline=None, max_examples=50)
def test_a_flight_ends_on_the_ground_and_nothing_is_higher_than_its_apogee(
    speed: float, angle: float, beta: float | None
) -> None:
    flight = fly(*start(speed, angle), beta)
    assert ecef_to_geodetic(flight.at(flight.impact_t_s)[0])[2] == pytest.approx(0.0, abs=1e-3)
    heights = [ecef_to_geodetic(flight.at(float(t))[0])[2] for t in np.linspace(0.0, flight.impact_t_s, 60)]
    assert max(heights) <= flight.apogee_m + 1e-3
    assert ecef_to_geodetic(flight.at(flight.apogee_t_s)[0])[2] == pytest.approx(flight.apogee_m, abs=1e-3)


def test_between_steps_velocity_is_the_slope_of_position() -> None:
    flight = fly(*start(3000.0, 40.0), 3000.0)
    for t_s in np.linspace(1.0, flight.impact_t_s - 1.0, 50):
        after, before = flight.at(t_s + 0.01)[0], flight.at(t_s - 0.01)[0]
        assert (after - before) / 0.02 == pytest.approx(flight.at(t_s)[1], abs=0.01)


def ground_km(flight: Flight) -> float:
    return geodesic(LAT, LON, flight.impact_lat_deg, flight.impact_lon_deg).distance_m / 1e3


def test_lift_takes_a_quasi_ballistic_vehicle_twice_as_far() -> None:
    burnout = start(2000.0, 18.0, 60.0, 30e3)
    drag_only, lifting = fly(*burnout, 6000.0), fly(*burnout, 6000.0, lift_to_drag=2.5)
    assert 45.0 < lifting.apogee_m / 1e3 < 65.0
    assert ground_km(lifting) > 600.0
    assert ground_km(drag_only) < 0.55 * ground_km(lifting)


def test_bank_turns_a_lifting_vehicle_to_the_right() -> None:
    burnout = start(2000.0, 18.0, 0.0, 30e3)
    right, left = (fly(*burnout, 6000.0, lift_to_drag=2.0, bank_rad=bank) for bank in (0.5, -0.5))
    assert right.impact_lon_deg > LON + 0.5
    assert left.impact_lon_deg < LON - 0.5


def test_a_body_let_go_falls_as_galileo_says_and_slower_through_the_air() -> None:
    aloft = geodetic_to_ecef(LAT, LON, 5000.0), np.zeros(3)
    free, slowed = fly(*aloft), fly(*aloft, 1000.0)
    assert free.apogee_m == pytest.approx(5000.0, abs=1e-6)
    assert free.apogee_t_s == 0.0
    assert free.impact_t_s == pytest.approx((2.0 * 5000.0 / 9.793) ** 0.5, abs=0.01)
    assert slowed.impact_t_s > free.impact_t_s + 5.0
    assert slowed.impact_speed_mps == pytest.approx((2.0 * 9.8 * 1000.0 / 1.225) ** 0.5, rel=0.05)


@pytest.mark.parametrize("speed", [11_500.0, 8_000.0])
def test_what_escapes_or_orbits_is_said_to_have_no_impact(speed: float) -> None:
    with pytest.raises(NoImpact, match="does not come down") as refused:
        fly(*start(speed, 0.0, alt=400e3))
    assert refused.value.facts["height_m"]


@pytest.mark.parametrize(
    ("position", "velocity", "beta"),
    [
        (np.array([np.nan, 0.0, 0.0]), np.zeros(3), None),
        (np.zeros(3), np.zeros(3), None),
        (geodetic_to_ecef(LAT, LON, -1500.0), np.array([0.0, 0.0, 3000.0]), None),
        (geodetic_to_ecef(LAT, LON, 0.0), np.zeros(3), None),
        (geodetic_to_ecef(LAT, LON, 1e5), np.array([3e4, 0.0, 0.0]), None),
        (geodetic_to_ecef(LAT, LON, 1e5), np.zeros(3), 0.0),
        (geodetic_to_ecef(LAT, LON, 1e5), np.zeros(3), float("nan")),
        (np.zeros(2), np.zeros(3), None),
    ],
)
def test_an_absurd_start_is_refused_with_its_facts(position: Vector, velocity: Vector, beta: float | None) -> None:
    with pytest.raises(BadStart) as refused:
        fly(position, velocity, beta)
    assert refused.value.facts


def test_a_moment_outside_the_flight_is_refused() -> None:
    flight = fly(*start(1000.0, 45.0))
    for t_s in (-0.1, flight.impact_t_s + 0.1, float("nan")):
        with pytest.raises(OutsideFlight):
            flight.at(t_s)


@given(speed=st.floats(500.0, 7000.0), angle=st.floats(10.0, 89.0), dt=st.floats(1.0, 100.0))
@settings(deadline=None, max_examples=50)
def test_the_trackers_step_goes_where_the_flight_goes_and_back(speed: float, angle: float, dt: float) -> None:
    position, velocity = start(speed, angle, alt=300e3)
    state = np.concatenate((position, velocity))
    later = ballistics.propagate(state, dt, 0.0)
    assert later == pytest.approx(np.concatenate(fly(position, velocity).at(dt)), abs=1e-3)
    assert ballistics.propagate(later, -dt, 0.0) == pytest.approx(state, abs=1e-3)


@given(
    speed=st.floats(500.0, 7000.0),
    angle=st.floats(-60.0, 80.0),
    alt=st.floats(20e3, 1500e3),
    inv_beta=st.sampled_from([0.0, 1 / 3000]),
)
@settings(deadline=None, max_examples=50)
def test_the_transition_is_the_slope_of_the_step(speed: float, angle: float, alt: float, inv_beta: float) -> None:
    state = np.concatenate(start(speed, angle, alt=alt))
    slope = np.empty((6, 6))
    for i, nudge in enumerate((20.0, 20.0, 20.0, 0.05, 0.05, 0.05)):
        moved = np.zeros(6)
        moved[i] = nudge
        ahead, behind = (ballistics.propagate(state + way * moved, 1.0, inv_beta, 0.25) for way in (1.0, -1.0))
        slope[:, i] = (ahead - behind) / (2.0 * nudge)
    given_by_us = ballistics.transition(state, 1.0, inv_beta)
    # In thick air the drag changes within the second, which the expansion at its start cannot know.
    assert given_by_us == pytest.approx(slope, abs=1e-6 if inv_beta == 0.0 or alt > 90e3 else 0.1)


def test_a_fall_that_takes_too_long_is_not_called_landed() -> None:
    _, _, landed = ballistics.to_ground(np.concatenate(start(11_500.0, 0.0)), 0.0, 0.05, 7200.0)
    assert not landed
