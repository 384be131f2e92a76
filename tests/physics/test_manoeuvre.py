"""A vehicle that lifts on its way down."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.physics.boost import STANDARD_GRAVITY_MPS2, Site, launch
from laurel.physics.compiled import Vector
from laurel.physics.earth import A_M, GM_M3PS2, J2, J3, J4, OMEGA_RADPS, ecef_to_geodetic, freefall, geodesic
from laurel.physics.flight import Flight
from laurel.physics.manoeuvre import BadManoeuvre, Manoeuvre, manoeuvred
from laurel.physics.vehicles import MRBM

SITE = Site(40.0, 128.0, 100.0)
BETA = MRBM.beta_kgpm2


@pytest.fixture(scope="module")
def flight() -> Flight:
    return launch(MRBM, SITE, 115.0, 9.0, 0.95)


def energy_jpkg(state: Vector) -> float:
    """What is kept where nothing but gravity acts, in the frame that turns with the Earth."""
    x, y, z = state[:3].tolist()
    r = float(np.linalg.norm(state[:3]))
    u, q = z / r, A_M / r
    shape = 1.0 - J2 * q**2 * 0.5 * (3 * u**2 - 1) - J3 * q**3 * 0.5 * (5 * u**3 - 3 * u)
    shape -= J4 * q**4 * 0.125 * (35 * u**4 - 30 * u**2 + 3)
    return 0.5 * float(state[3:] @ state[3:]) - GM_M3PS2 / r * shape - 0.5 * OMEGA_RADPS**2 * (x * x + y * y)


def ground_m(flown: Flight) -> float:
    return geodesic(SITE.lat_deg, SITE.lon_deg, flown.impact_lat_deg, flown.impact_lon_deg).distance_m


@given(
    below_m=st.floats(5_000.0, 80_000.0),
    for_s=st.floats(1.0, 300.0),
    lift=st.floats(0.1, 4.0),
    bank_deg=st.floats(-180.0, 180.0),
    most_g=st.floats(1.0, 40.0),
)
@settings(deadline=None, max_examples=25)
def test_a_manoeuvre_never_gains_energy(
    flight: Flight, below_m: float, for_s: float, lift: float, bank_deg: float, most_g: float
) -> None:
    flown = manoeuvred(flight, BETA, Manoeuvre(below_m, for_s, lift, bank_deg, most_g))
    kept = [energy_jpkg(state) for t_s, state in zip(flown.node_t_s, flown.node_state, strict=True) if t_s >= 200.0]
    # A joule in sixty million a kilogram is what integration costs.
    assert all(after <= before + 5.0 for before, after in pairwise(kept))
    assert energy_jpkg(flown.node_state[-1]) < energy_jpkg(flight.node_state[-1]) + 2e6
    assert flown.impact_speed_mps < 4_000.0


def test_it_flies_as_before_until_it_begins(flight: Flight) -> None:
    flown = manoeuvred(flight, BETA, Manoeuvre(40_000.0, 60.0, 1.5))
    for t_s in (0.0, 50.0, 200.0, 350.0):
        assert flown.at(t_s)[0] == pytest.approx(flight.at(t_s)[0], abs=1e-6)
    assert flown.apogee_m == pytest.approx(flight.apogee_m, abs=1e-3)
    assert flown.burns == flight.burns


def test_lift_carries_it_farther_and_a_bank_carries_it_aside(flight: Flight) -> None:
    up = manoeuvred(flight, BETA, Manoeuvre(45_000.0, 60.0, 1.5))
    down = manoeuvred(flight, BETA, Manoeuvre(45_000.0, 60.0, 1.5, 180.0))
    right = manoeuvred(flight, BETA, Manoeuvre(45_000.0, 60.0, 1.5, 90.0))
    assert ground_m(down) < ground_m(flight) < ground_m(up)
    way = geodesic(SITE.lat_deg, SITE.lon_deg, flight.impact_lat_deg, flight.impact_lon_deg)
    aside = geodesic(SITE.lat_deg, SITE.lon_deg, right.impact_lat_deg, right.impact_lon_deg)
    assert aside.azimuth_deg > way.azimuth_deg + 0.1


def test_it_never_bears_more_than_it_can(flight: Flight) -> None:
    flown = manoeuvred(flight, BETA, Manoeuvre(30_000.0, 300.0, 4.0, 0.0, 8.0))
    across: list[float] = []
    for state, rate in zip(flown.node_state, flown.node_rate, strict=True):
        if ecef_to_geodetic(state[:3])[2] > 29_000.0 or flown.node_t_s[0] < 0.0:
            continue
        felt = rate[3:] - np.array(freefall(*state[:3].tolist(), *state[3:5].tolist()))
        along = state[3:] / max(float(np.linalg.norm(state[3:])), 1.0)
        across.append(float(np.linalg.norm(felt - (felt @ along) * along)))
    assert max(across) == pytest.approx(8.0 * STANDARD_GRAVITY_MPS2, rel=0.2)


def test_no_motion_jumps_where_the_manoeuvre_begins_or_ends(flight: Flight) -> None:
    flown = manoeuvred(flight, BETA, Manoeuvre(40_000.0, 20.0, 1.0))
    times = np.arange(flown.burnout_t_s + 1.0, flown.impact_t_s, 0.05)
    speeds = np.array([flown.at(float(t_s))[1] for t_s in times])
    assert np.abs(np.diff(speeds, axis=0)).max() < 0.05 * 1_000.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"below_m": 0.0, "for_s": 10.0, "lift_to_drag": 1.0},
        {"below_m": 120e3, "for_s": 10.0, "lift_to_drag": 1.0},
        {"below_m": 40e3, "for_s": -1.0, "lift_to_drag": 1.0},
        {"below_m": 40e3, "for_s": 10.0, "lift_to_drag": 60.0},
        {"below_m": 40e3, "for_s": 10.0, "lift_to_drag": 1.0, "most_g": 1_000.0},
    ],
)
def test_what_no_body_bears_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadManoeuvre, match="manoeuvre"):
        Manoeuvre(**wrong)


def test_a_flight_that_is_never_so_high_cannot_make_it() -> None:
    low = launch(MRBM, SITE, 115.0, 50.0, 0.6)
    with pytest.raises(BadManoeuvre, match="apogee_m"):
        manoeuvred(low, BETA, Manoeuvre(85_000.0, 10.0, 1.0))
