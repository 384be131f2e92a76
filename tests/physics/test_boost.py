from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from laurel.physics.boost import (
    BadLaunch,
    BadVehicle,
    NoSuchFlight,
    Site,
    Stage,
    Vehicle,
    consistent,
    ground_track,
    launch,
    solve_boost,
)
from laurel.physics.earth import ecef_to_geodetic, enu_matrix, geodesic
from laurel.physics.flight import NoImpact
from laurel.physics.vehicles import (
    ICBM_LIQUID,
    ICBM_SOLID,
    IRBM,
    MRBM,
    SRBM_QUASI_BALLISTIC,
    VEHICLES,
)

MUPYONG_RI = Site(40.61, 126.43)
PYONGSONG = Site(39.28, 125.87)
KUSONG = Site(40.0, 125.2)
SUNAN = Site(39.2, 125.67)
PYONGYANG = Site(39.0, 125.8)


class Report(NamedTuple):
    """What governments and the press reported of a flight, and the class of vehicle that we take for it."""

    day: str
    vehicle: Vehicle
    site: Site
    azimuth_deg: float
    apogee_km: float
    range_km: float
    seconds: float


REPORTS = [
    Report("2017-05-14", IRBM, KUSONG, 70.0, 2111.5, 787.0, 1800.0),
    Report("2017-07-28", ICBM_LIQUID, MUPYONG_RI, 70.0, 3724.9, 998.0, 2832.0),
    Report("2017-08-29", IRBM, SUNAN, 70.0, 550.0, 2700.0, 870.0),
    Report("2017-09-15", IRBM, SUNAN, 75.0, 770.0, 3700.0, 1140.0),
    Report("2017-11-29", ICBM_LIQUID, PYONGSONG, 85.0, 4475.0, 950.0, 3180.0),
    Report("2022-01-30", IRBM, MUPYONG_RI, 80.0, 2000.0, 800.0, 1800.0),
    Report("2022-10-04", IRBM, MUPYONG_RI, 80.0, 970.0, 4550.0, 1320.0),
    Report("2022-11-18", ICBM_LIQUID, SUNAN, 75.0, 6040.9, 999.2, 4135.0),
    Report("2023-07-12", ICBM_SOLID, PYONGYANG, 80.0, 6648.4, 1001.2, 4491.0),
    Report("2023-12-18", ICBM_SOLID, PYONGYANG, 80.0, 6518.2, 1002.3, 4415.0),
    Report("2024-10-31", ICBM_SOLID, PYONGYANG, 80.0, 7687.5, 1001.2, 5156.0),
]
each_report = pytest.mark.parametrize("report", REPORTS, ids=[report.day for report in REPORTS])


@each_report
def test_a_published_flight_is_met_in_apogee_range_direction_and_time(report: Report) -> None:
    aim = report.apogee_km * 1e3, report.range_km * 1e3
    flight = solve_boost(report.vehicle, report.site, report.azimuth_deg, *aim).flight
    way = ground_track(report.site, flight)
    assert (flight.apogee_m, way.distance_m) == pytest.approx(aim, abs=1e3)
    assert way.azimuth_deg == pytest.approx(report.azimuth_deg, abs=0.1)
    assert flight.impact_t_s == pytest.approx(report.seconds, abs=60.0)


@each_report
def test_a_report_that_can_be_true_is_not_called_false(report: Report) -> None:
    assert consistent(report.apogee_km * 1e3, report.range_km * 1e3, report.seconds).consistent


def test_the_flight_of_4_october_2022_can_pass_over_aomori() -> None:
    flight = solve_boost(IRBM, MUPYONG_RI, 86.0, 970e3, 4550e3).flight
    places = [ecef_to_geodetic(flight.at(float(t_s))[0]) for t_s in np.arange(0.0, flight.impact_t_s, 2.0)]
    nearest = min(geodesic(lat, lon, 40.82, 140.74).distance_m for lat, lon, _ in places)
    assert nearest < 60e3


def test_the_report_of_24_march_2022_leaves_no_time_for_a_boost() -> None:
    verdict = consistent(6248.5e3, 1090e3, 4052.0)
    assert not verdict.consistent
    assert verdict.left_s < 0.0


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
