from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from laurel.physics.boost import (
    BadLaunch,
    BadVehicle,
    NoSuchFlight,
    Site,
    Stage,
    Vehicle,
    ground_track,
    launch,
    solve_boost,
)
from laurel.physics.earth import ecef_to_geodetic, enu_matrix, geodesic
from laurel.physics.flight import NoImpact
from laurel.physics.vehicles import (
    ICBM_SOLID,
    IRBM,
    MRBM,
    SRBM_QUASI_BALLISTIC,
    VEHICLES,
)

MUPYONG_RI = Site(40.61, 126.43)
SUNAN = Site(39.2, 125.67)


def test_the_flight_of_4_october_2022_can_pass_over_aomori() -> None:
    flight = solve_boost(IRBM, MUPYONG_RI, 86.0, 970e3, 4550e3).flight
    places = [ecef_to_geodetic(flight.at(float(t_s))[0]) for t_s in np.arange(0.0, flight.impact_t_s, 2.0)]
    nearest = min(geodesic(lat, lon, 40.82, 140.74).distance_m for lat, lon, _ in places)
    assert nearest < 60e3


def test_a_glide_ends_in_a_dive_once_it_is_slow() -> None:
    solution = solve_boost(SRBM_QUASI_BALLISTIC, SUNAN, 60.0, 50e3, 600e3)
    launched = solution.azimuth_deg, solution.kick_deg, solution.cutoff_fraction
    forever = launch(replace(SRBM_QUASI_BALLISTIC, dive_mps=0.0), SUNAN, *launched)
    assert forever.apogee_m == pytest.approx(solution.flight.apogee_m, abs=1.0)
    assert forever.impact_t_s > solution.flight.impact_t_s + 60.0
    assert ground_track(SUNAN, forever).distance_m > ground_track(SUNAN, solution.flight).distance_m
    assert forever.impact_speed_mps < 250.0 < solution.flight.impact_speed_mps


def test_a_quasi_ballistic_vehicle_flies_600_km_under_50_km() -> None:
    flight = solve_boost(SRBM_QUASI_BALLISTIC, SUNAN, 60.0, 50e3, 600e3).flight
    assert flight.apogee_m == pytest.approx(50e3, abs=1e3)
    ballistic = replace(SRBM_QUASI_BALLISTIC, lift_to_drag=0.0)
    solution = solve_boost(SRBM_QUASI_BALLISTIC, SUNAN, 60.0, 50e3, 600e3)
    short = launch(ballistic, SUNAN, solution.azimuth_deg, solution.kick_deg, solution.cutoff_fraction)
    assert ground_track(SUNAN, short).distance_m < 400e3


@pytest.mark.parametrize(
    ("vehicle", "apogee", "reach"),
    [(MRBM, 350e3, 5000e3), (IRBM, 20_000e3, 500e3), (SRBM_QUASI_BALLISTIC, 50e3, 2000e3), (IRBM, 5e3, 4000e3)],
)
def test_a_pair_no_vehicle_can_fly_is_refused_with_the_nearest_it_can(
    vehicle: Vehicle, apogee: float, reach: float
) -> None:
    with pytest.raises(NoSuchFlight, match="nearest") as refused:
        solve_boost(vehicle, SUNAN, 70.0, apogee, reach)
    assert refused.value.facts["nearest_range_km"] is not None


@pytest.mark.parametrize("pair", [(-1.0, 1e6), (1e5, 0.0), (float("nan"), 1e6), (1e5, 3e7)])
def test_a_senseless_aim_is_refused(pair: tuple[float, float]) -> None:
    with pytest.raises(NoSuchFlight):
        solve_boost(IRBM, SUNAN, 70.0, *pair)


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=VEHICLES)
def test_a_launch_rises_from_its_pad_and_burns_stage_after_stage(vehicle: Vehicle) -> None:
    flight = launch(vehicle, MUPYONG_RI, 80.0, 3.0, 0.6, limit_s=20_000.0)
    assert flight.start_t_s == 0.0
    assert ecef_to_geodetic(flight.at(0.0)[0]) == pytest.approx((*MUPYONG_RI[:2], 0.0), abs=1e-6)
    assert len(flight.burns) == len(vehicle.stages)
    for (lit, out), stage in zip(flight.burns[:-1], vehicle.stages, strict=False):
        assert out - lit == pytest.approx(stage.burn_s)
    assert flight.burns[-1][1] - flight.burns[-1][0] == pytest.approx(0.6 * vehicle.stages[-1].burn_s)
    assert flight.thrusting(1.0)
    assert not flight.thrusting(flight.burnout_t_s)
    assert flight.burnout_t_s < flight.impact_t_s


def test_speed_gained_is_what_the_rocket_equation_gives_less_gravity_and_drag() -> None:
    flight = launch(MRBM, MUPYONG_RI, 80.0, 5.0)
    ideal = 255.0 * 9.80665 * np.log(MRBM.liftoff_kg / (MRBM.payload_kg + 1_700.0))
    gained = float(np.linalg.norm(flight.at(flight.burnout_t_s)[1]))
    assert 0.65 * ideal < gained < 0.9 * ideal


def test_a_vehicle_rises_straight_then_leans_to_its_azimuth() -> None:
    flight = launch(IRBM, MUPYONG_RI, 80.0, 5.0)
    axes = enu_matrix(MUPYONG_RI.lat_deg, MUPYONG_RI.lon_deg)
    east, north, up = axes @ flight.at(IRBM.rise_s)[1]
    assert up > 30.0
    assert np.hypot(east, north) < 0.1
    east, north, up = axes @ flight.at(60.0)[1]
    assert np.degrees(np.arctan2(east, north)) == pytest.approx(80.0, abs=2.0)


def test_the_same_launch_flies_the_same_flight_to_the_bit() -> None:
    one, two = (launch(IRBM, SUNAN, 80.0, 5.0, 0.9) for _ in range(2))
    assert (one.node_state == two.node_state).all()
    assert one.impact_t_s == two.impact_t_s


def test_a_launch_that_tips_over_falls_while_still_burning() -> None:
    flight = launch(IRBM, SUNAN, 80.0, 60.0)
    assert flight.impact_t_s < 120.0
    assert flight.burnout_t_s <= flight.impact_t_s


def test_a_vehicle_too_fast_for_the_ground_has_no_impact() -> None:
    with pytest.raises(NoImpact):
        launch(replace(ICBM_SOLID, payload_kg=50.0), SUNAN, 80.0, 12.0)


@pytest.mark.parametrize(("kick", "cutoff"), [(-1.0, 1.0), (95.0, 1.0), (5.0, 0.0), (5.0, 1.1), (float("nan"), 1.0)])
def test_a_launch_out_of_range_is_refused(kick: float, cutoff: float) -> None:
    with pytest.raises(BadLaunch):
        launch(IRBM, SUNAN, 80.0, kick, cutoff)


def test_a_vehicle_heavier_than_its_thrust_is_refused() -> None:
    with pytest.raises(BadVehicle, match="weight_n"):
        Vehicle("brick", (Stage(1000.0, 100.0, 5e3, 250.0, 1.0),), 500.0, 3000.0)


@pytest.mark.parametrize("payload", [0.0, float("nan"), -5.0])
def test_a_vehicle_without_mass_is_refused(payload: float) -> None:
    with pytest.raises(BadVehicle):
        replace(MRBM, payload_kg=payload)
