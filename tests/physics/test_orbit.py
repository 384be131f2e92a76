"""Two bodies and what the flattening of the Earth does to them."""

from __future__ import annotations

from math import atan2, cos, degrees, pi, radians, sin, sqrt, tan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Vector
from laurel.physics.earth import A_M, GM_M3PS2, J2, OMEGA_RADPS
from laurel.physics.orbit import BadOrbit, Orbit

DAY_S = 86_400.0


def orbit(
    semi_major_m: float = A_M + 800e3, eccentricity: float = 0.0, inclination_deg: float = 98.6, **angles: float
) -> Orbit:
    turned = {"node_deg": 0.0, "perigee_deg": 0.0, "anomaly_deg": 0.0, "greenwich_deg": 0.0} | angles
    return Orbit(semi_major_m, eccentricity, inclination_deg, **turned)


def inertial(one: Orbit, t_s: float) -> tuple[Vector, Vector]:
    """Position and velocity in the frame that does not turn."""
    position, velocity = one.at(t_s)
    turn = radians(one.greenwich_deg) + OMEGA_RADPS * t_s
    c, s = cos(turn), sin(turn)
    back = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return back @ position, back @ (velocity + np.cross([0.0, 0.0, OMEGA_RADPS], position))


def node_deg(position: Vector, velocity: Vector) -> float:
    pole = np.cross(position, velocity)
    return degrees(atan2(pole[0], -pole[1]))


def apart_deg(a: float, b: float) -> float:
    return (a - b + 180.0) % 360.0 - 180.0


def test_elements_give_the_state_that_vallado_gives() -> None:
    # Vallado 2013, example 2-6: p = 11,067.790 km, e = 0.83285, true anomaly 92.335 degrees. Its perigee lies
    # underground, so all lengths are doubled here, and all speeds less by the root of two.
    e, true = 0.83285, radians(92.335)
    eccentric = 2.0 * atan2(sqrt(1.0 - e) * tan(0.5 * true), sqrt(1.0 + e))
    mean = degrees(eccentric - e * sin(eccentric))
    one = Orbit(2.0 * 11_067.790e3 / (1.0 - e * e), e, 87.87, 227.89, 53.38, mean, 0.0)
    position, velocity = inertial(one, 0.0)
    assert 0.5 * position == pytest.approx([6_525.344e3, 6_861.535e3, 6_449.125e3], abs=1e3)
    # The plane turns, by up to 2 m/s here.
    assert sqrt(2.0) * velocity == pytest.approx([4_902.276, 5_533.124, -1_975.709], abs=3.0)


def test_keplers_equation_is_solved_as_in_vallados_example() -> None:
    # Example 2-1: M = 235.4 degrees, e = 0.4, E = 220.512074 degrees.
    one = orbit(20_000e3, 0.4, anomaly_deg=235.4)
    distance_m = float(np.linalg.norm(one.at(0.0)[0]))
    assert distance_m == pytest.approx(20_000e3 * (1.0 - 0.4 * cos(radians(220.512074767522))), abs=0.1)


@pytest.mark.parametrize(("height_km", "inclination_deg"), [(800.0, 98.6), (420.0, 51.64), (1_000.0, 30.0)])
def test_the_node_drifts_by_vallados_formula(height_km: float, inclination_deg: float) -> None:
    one = orbit(A_M + height_km * 1e3, 0.0, inclination_deg, node_deg=40.0)
    # Equation 9-38, over fifteen turns from node to node.
    motion = sqrt(GM_M3PS2 / one.semi_major_m**3)
    drift = -1.5 * motion * J2 * (A_M / one.semi_major_m) ** 2 * cos(radians(inclination_deg))
    after_s = 30.0 * pi / (one.drifts_radps[1] + one.drifts_radps[2])
    x, y, z = inertial(one, after_s)[0].tolist()
    assert z == pytest.approx(0.0, abs=1e-2)
    assert apart_deg(degrees(atan2(y, x)), 40.0) == pytest.approx(degrees(drift * after_s), abs=1e-8)


def test_a_sun_synchronous_orbit_follows_the_sun() -> None:
    seen = apart_deg(node_deg(*inertial(orbit(), DAY_S)), node_deg(*inertial(orbit(), 0.0)))
    assert seen == pytest.approx(360.0 / 365.2422, rel=0.01)


def test_the_drift_is_that_of_the_whole_gravity_integrated() -> None:
    one = orbit(A_M + 500e3, 0.0, 51.6)
    state = np.concatenate(one.at(0.0))
    turns, step_s = 15, 2.0 * pi / one.drifts_radps[2]
    there = propagate(state, turns * step_s, 0.0, 5.0)
    carried = Orbit(A_M + 500e3, 0.0, 51.6, 0.0, 0.0, 0.0, degrees(OMEGA_RADPS * turns * step_s))
    c, s = cos(radians(carried.greenwich_deg)), sin(radians(carried.greenwich_deg))
    back = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    position = back @ there[:3]
    velocity = back @ (there[3:] + np.cross([0.0, 0.0, OMEGA_RADPS], there[:3]))
    drifted = apart_deg(node_deg(position, velocity), 0.0)
    assert drifted == pytest.approx(degrees(one.drifts_radps[0]) * turns * step_s, rel=0.02)


@given(
    eccentricity=st.floats(0.0, 0.7),
    tilt=st.floats(0.0, 180.0),
    node=st.floats(0.0, 360.0),
    perigee=st.floats(0.0, 360.0),
    mean=st.floats(0.0, 360.0),
    t_s=st.floats(0.0, 3.0 * DAY_S),
)
@settings(deadline=None, max_examples=100)
def test_the_velocity_is_the_derivative_of_the_position(
    eccentricity: float, tilt: float, node: float, perigee: float, mean: float, t_s: float
) -> None:
    one = Orbit((A_M + 600e3) / (1.0 - eccentricity), eccentricity, tilt, node, perigee, mean, 100.0)
    moved = (one.at(t_s + 0.05)[0] - one.at(t_s - 0.05)[0]) / 0.1
    assert one.at(t_s)[1] == pytest.approx(moved, abs=0.01)


@pytest.mark.parametrize(
    "wrong",
    [{"semi_major_m": A_M + 50e3}, {"eccentricity": 0.3}, {"eccentricity": 1.0}, {"node_deg": float("nan")}],
)
def test_what_meets_the_air_orbits_nothing(wrong: dict[str, float]) -> None:
    with pytest.raises(BadOrbit, match="perigee"):
        orbit(**wrong)
