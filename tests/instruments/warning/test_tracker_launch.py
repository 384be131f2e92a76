"""Where it came from, when the data bear it, with an ellipse that can be believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs
from tests.instruments.warning.firing_range import PAD, Shot, flown, infrared, radar, seconds, watch

from laurel.core.errors import LaurelError
from laurel.instruments.warning.records import LaunchPoint, Sensor, SensorKind, Track
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.boost import Site, Vehicle, launch
from laurel.physics.earth import destination, geodesic
from laurel.physics.vehicles import ICBM_LIQUID, ICBM_SOLID, IRBM, MRBM, VEHICLES

RUNS = 10
NINETY = 4.605
FLIGHTS = [(MRBM, 6.0), (MRBM, 9.0), (IRBM, 5.0), (IRBM, 10.0), (ICBM_SOLID, 5.0), (ICBM_LIQUID, 3.0)]


def said_of(vehicle: Vehicle, kick_deg: float, sensors: list[Sensor], seed: int) -> tuple[list[Track], Shot]:
    dice = np.random.default_rng(seed)
    shot = Shot(flown(vehicle, 100.0, kick_deg), float(dice.uniform(0.0, 10.0)))
    times = [float(t) for t in range(30, int(shot.burnout_s) + 20)]
    return watch(Tracker(sensors), sensors, [shot], times, dice), shot


def off(launch: LaunchPoint) -> tuple[float, float]:
    """How far it is from the pad: metres, and squared distance by its own covariance."""
    way = geodesic(PAD.lat_deg, PAD.lon_deg, launch.lat_deg, launch.lon_deg)
    turn = np.radians(way.azimuth_deg)
    gap = way.distance_m * np.array([np.sin(turn), np.cos(turn)])
    ee, en, nn = launch.covariance_m2
    return way.distance_m, float(gap @ np.linalg.solve(np.array([[ee, en], [en, nn]]), gap))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("with_infrared", [pytest.param(True, marks=pytest.mark.long), False])
def test_the_launch_point_lies_in_its_90_percent_ellipse_in_most_runs(*, with_infrared: bool) -> None:
    held = total = in_time = 0
    for vehicle, kick_deg in FLIGHTS:
        sensors = [radar(bearing_deg=120.0, away_m=700e3), *([infrared()] if with_infrared else [])]
        for seed in range(RUNS):
            said, shot = said_of(vehicle, kick_deg, sensors, seed)
            launch = next((track.launch for track in reversed(said) if track.launch is not None), None)
            if launch is None:
                assert not with_infrared
                continue
            _, apart2 = off(launch)
            total += 1
            held += apart2 < NINETY
            in_time += abs(seconds(launch.at) - shot.after_s) < 2.0 * launch.at_sigma_s
    assert total >= 0.8 * RUNS * len(FLIGHTS)
    assert held >= 0.85 * total
    assert in_time >= 0.85 * total


def test_infrared_finds_the_pad_within_a_few_kilometres() -> None:
    misses = [
        off(track.launch)[0]
        for seed in range(RUNS)
        for track in said_of(IRBM, 5.0, [radar(away_m=700e3), infrared()], seed)[0][-1:]
        if track.launch is not None
    ]
    assert len(misses) == RUNS
    assert np.sqrt(np.mean(np.square(misses))) < 4_000.0


def test_infrared_that_ended_before_the_radar_began_is_still_joined_to_the_track() -> None:
    # At 1,400 km the radar's horizon is higher than the plume is seen.
    said, _ = said_of(IRBM, 10.0, [radar(bearing_deg=80.0, away_m=1_400e3), infrared()], 1)
    both = [track for track in said if SensorKind.RADAR in track.kinds]
    assert both[-1].kinds == (SensorKind.RADAR, SensorKind.INFRARED)
    launch = said[-1].launch
    assert launch is not None
    assert off(launch)[0] < 8_000.0


def test_a_launch_beside_the_date_line_is_found_there() -> None:
    pad = Site(40.0, 179.99)
    shot = Shot(flown(IRBM, 300.0, 5.0, pad))
    lat_deg, lon_deg, _ = destination(pad.lat_deg, pad.lon_deg, 90.0, 500e3)
    site = structs.replace(radar(), lat_deg=lat_deg, lon_deg=lon_deg)
    for sensors in ([site], [site, infrared(lon_deg=170.0)]):
        times = [float(t) for t in range(30, 130)]
        said = watch(Tracker(sensors), sensors, [shot], times, np.random.default_rng(3))
        launch = said[-1].launch
        assert launch is not None
        assert geodesic(pad.lat_deg, pad.lon_deg, launch.lat_deg, launch.lon_deg).distance_m < 20e3
        assert -180.0 <= launch.lon_deg <= 180.0


def test_a_vehicle_first_seen_in_free_fall_has_no_launch_point() -> None:
    shot = Shot(flown(IRBM, 80.0, 10.0))
    site = radar(bearing_deg=80.0, away_m=2_000e3)
    times = [float(t) for t in range(300, 360)]
    said = watch(Tracker([site]), [site], [shot], times, np.random.default_rng(2))
    assert said
    assert all(track.launch is None for track in said)


def unlike_the_bank(count: int, dice: np.random.Generator) -> list[Shot]:
    """Flights of every class with other thrusts, masses, impulses, kicks and azimuths than any flight of the bank."""
    shots: list[Shot] = []
    vehicles = list(VEHICLES.values())
    while len(shots) < count:
        kind = vehicles[len(shots) % len(vehicles)]
        stages = tuple(
            replace(
                stage,
                thrust_n=stage.thrust_n * dice.uniform(0.85, 1.22),
                propellant_kg=stage.propellant_kg * dice.uniform(0.9, 1.1),
                dry_kg=stage.dry_kg * dice.uniform(0.8, 1.2),
                impulse_s=stage.impulse_s * dice.uniform(0.97, 1.03),
            )
            for stage in kind.stages
        )
        rise_s, kick_s = kind.rise_s * dice.uniform(0.7, 1.4), kind.kick_s * dice.uniform(0.7, 1.3)
        other = replace(
            kind, stages=stages, payload_kg=kind.payload_kg * dice.uniform(0.6, 1.5), rise_s=rise_s, kick_s=kick_s
        )
        try:
            flight = launch(other, PAD, float(dice.uniform(0.0, 360.0)), float(np.exp(dice.uniform(1.1, 2.5))))
        except LaurelError:
            continue
        if flight.apogee_m > 60e3:
            shots.append(Shot(flight, float(dice.uniform(0.0, 10.0))))
    return shots


@pytest.mark.long
@pytest.mark.parametrize("seen_by", ["radar", "satellite", "radar and satellite", "two satellites"])
def test_the_90_percent_ellipse_holds_over_a_spread_of_vehicles_that_no_flight_of_the_bank_equals(seen_by: str) -> None:
    held: list[bool] = []
    in_time: list[bool] = []
    for seed, shot in enumerate(unlike_the_bank(60, np.random.default_rng(5))):
        dice = np.random.default_rng(1_000 + seed)
        site = radar(bearing_deg=float(dice.uniform(90.0, 200.0)), away_m=float(dice.uniform(300e3, 700e3)))
        satellites = [infrared(), infrared("I2", lon_deg=90.0)]
        sensors = {
            "radar": [site],
            "satellite": satellites[:1],
            "radar and satellite": [site, satellites[0]],
            "two satellites": satellites,
        }[seen_by]
        times = [float(t) for t in range(25, int(shot.burnout_s) + 5)]
        said = watch(Tracker(sensors), sensors, [shot], times, np.random.default_rng(seed))
        found = next((track.launch for track in reversed(said) if track.launch is not None), None)
        if found is not None:
            held.append(off(found)[1] < NINETY)
            in_time.append(abs(seconds(found.at) - shot.after_s) < 1.645 * found.at_sigma_s)
    assert len(held) >= 45
    assert np.mean(held) >= 0.82
    assert np.mean(in_time) >= 0.82
