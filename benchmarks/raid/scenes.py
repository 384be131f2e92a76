"""Raids as radars see them: true flights, and every scan of three radars, from one seed.

Vehicles fly freely in pairs that cross: within the phase `crossing` the two of a pair pass each other at 300 to
1,500 m, which is about what one plot is off by, on courses 30 to 90 degrees apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import asin, cos, log, pi, radians, sin

import numpy as np
from msgspec import structs
from numpy.random import Generator

from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Vector
from laurel.physics.earth import enu_matrix, enu_to_ecef, geodetic_to_ecef
from laurel.physics.flight import Flight, fly
from laurel.physics.radar import detection, radar_h

START = datetime(2027, 1, 1, tzinfo=UTC)
BETA_KGPM2 = 4_000.0
FALSE_ALARM = 1e-6
STEP_S = 1.0
PASS_M = (300.0, 1_500.0)
PIECES = 10


@dataclass(frozen=True)
class Phase:
    """A stretch of a scene, in seconds from its start."""

    name: str
    first_s: float
    last_s: float


@dataclass(frozen=True, eq=False)
class Scene:
    """Flights, and what the sensors made of them in order of time. Each second ends with the last sensor's scan."""

    name: str
    sensors: tuple[Sensor, ...]
    flights: tuple[Flight, ...]
    scans: tuple[Scan, ...]
    phases: tuple[Phase, ...]
    true_plots: int

    @property
    def ends_s(self) -> tuple[float, ...]:
        """When each second's last scan was made."""
        return tuple(seconds(scan) for scan in self.scans[len(self.sensors) - 1 :: len(self.sensors)])

    def truth(self, t_s: float) -> Vector:
        """(n, 6) the true states, ECEF."""
        return np.array([np.concatenate(flight.at(t_s)) for flight in self.flights])


def seconds(scan: Scan) -> float:
    """Seconds from the start of the scene to the scan."""
    return (scan.at - START).total_seconds()


def radars(false_plots: float = 5.0, period_s: float = STEP_S) -> tuple[Sensor, ...]:
    """Three radars 600 to 900 km from the raid: 50 m, 1 mrad."""
    plain = Sensor("EAST", SensorKind.RADAR, 36.5, 137.0, 0.0, 1e-3, 50.0, 3e6, period_s, false_plots, 0.95)
    south = structs.replace(plain, name="SOUTH", lat_deg=34.0, lon_deg=130.0)
    north = structs.replace(plain, name="NORTH", lat_deg=45.0, lon_deg=136.5)
    return plain, south, north


def chance(sensor: Sensor, range_m: float) -> float:
    """That one look detects a vehicle: Swerling 1, `sensor.detection` at half of the greatest range."""
    half_way = log(FALSE_ALARM) / log(sensor.detection) - 1.0
    return detection(half_way * (0.5 * sensor.max_range_m / range_m) ** 4, FALSE_ALARM)


def look(sensor: Sensor, flights: tuple[Flight, ...], t_s: float, dice: Generator) -> tuple[Scan, int]:
    """What the radar makes of that moment, in no order, and how many of its plots are true."""
    site, frame = (
        geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m),
        enu_matrix(sensor.lat_deg, sensor.lon_deg),
    )
    sigma = (sensor.range_sigma_m or 0.0, sensor.angle_sigma_rad, sensor.angle_sigma_rad)
    plots: list[Plot] = []
    for flight in flights:
        true = radar_h(flight.at(t_s)[0], site, frame)
        seen = dice.random() < chance(sensor, float(true[0]))
        away, azimuth, elevation = (true + dice.standard_normal(3) * sigma).tolist()
        if seen and true[0] < sensor.max_range_m and true[2] > radians(sensor.min_elevation_deg):
            plots.append(Plot(0.0, azimuth, elevation, away, 20.0))
    true_plots = len(plots)
    low = sin(radians(sensor.min_elevation_deg))
    for _ in range(int(dice.poisson(sensor.false_plots))):
        away = sensor.max_range_m * float(dice.random()) ** (1.0 / 3.0)
        plots.append(Plot(0.0, float(dice.uniform(-pi, pi)), asin(float(dice.uniform(low, 1.0))), away, 13.0))
    order: list[int] = dice.permutation(len(plots)).tolist()
    mixed = tuple(plots[k] for k in order)
    return Scan(sensor.name, START + timedelta(seconds=t_s), mixed), true_plots


def crossing(count: int, at_s: tuple[float, float], dice: Generator) -> tuple[Flight, ...]:
    """So many vehicles from a box of 440 by 440 by 150 km, every two of which pass each other in that time."""
    return tuple(flight for _ in range((count + 1) // 2) for flight in _pair(at_s, dice))[:count]


def _pair(at_s: tuple[float, float], dice: Generator) -> tuple[Flight, Flight]:
    lat_deg, lon_deg = 40.0 + float(dice.uniform(-2.0, 2.0)), 131.0 + float(dice.uniform(-2.5, 2.5))
    where = geodetic_to_ecef(lat_deg, lon_deg, float(dice.uniform(350e3, 500e3)))
    when_s, azimuth_deg = float(dice.uniform(*at_s)), float(dice.uniform(60.0, 120.0))
    turn_deg = float(dice.uniform(30.0, 90.0))
    first = _course(azimuth_deg - 0.5 * turn_deg, lat_deg, lon_deg, dice)
    second = _course(azimuth_deg + 0.5 * turn_deg, lat_deg, lon_deg, dice)
    aside = np.cross(first, second)
    aside *= float(dice.uniform(*PASS_M)) / np.linalg.norm(aside)
    return _from_before(where, first, when_s), _from_before(where + aside, second, when_s)


def _course(azimuth_deg: float, lat_deg: float, lon_deg: float, dice: Generator) -> Vector:
    """(3,) ECEF velocity of a climbing vehicle."""
    azimuth, climb = radians(azimuth_deg), radians(float(dice.uniform(10.0, 35.0)))
    along = np.array([sin(azimuth) * cos(climb), cos(azimuth) * cos(climb), sin(climb)])
    return enu_to_ecef(float(dice.uniform(2_500.0, 4_500.0)) * along, lat_deg, lon_deg)


def _from_before(position: Vector, velocity: Vector, before_s: float) -> Flight:
    state = propagate(np.concatenate((position, velocity)), -before_s, 0.0)
    return fly(state[:3], state[3:], BETA_KGPM2)


def apart(count: int, dice: Generator) -> tuple[Flight, ...]:
    """So many vehicles from that box, which do not meet."""
    return tuple(_pair((60.0, 60.0), dice)[0] for _ in range(count))


def debris(count: int, dice: Generator) -> tuple[Flight, ...]:
    """Vehicles that each came apart into ten pieces just before the scene, which drift at 5 to 40 m/s."""
    pieces: list[Flight] = []
    while len(pieces) < count:
        whole = _pair((60.0, 60.0), dice)[0]
        position, velocity = whole.at(0.0)
        for _ in range(min(PIECES, count - len(pieces))):
            drift = dice.standard_normal(3)
            drift *= float(dice.uniform(5.0, 40.0)) / np.linalg.norm(drift)
            pieces.append(fly(position + 10.0 * drift, velocity + drift, BETA_KGPM2))
    return tuple(pieces)


def scene(
    name: str, flights: tuple[Flight, ...], sensors: tuple[Sensor, ...], phases: tuple[Phase, ...], dice: Generator
) -> Scene:
    """Those flights as those sensors see them until the last phase ends, each a little later than the one before."""
    scans: list[Scan] = []
    true_plots = 0
    period_s = sensors[0].period_s
    for nth in range(int(phases[-1].last_s / period_s)):
        for k, sensor in enumerate(sensors):
            scan, true = look(sensor, flights, period_s * (nth + k / len(sensors)), dice)
            scans.append(scan)
            true_plots += true
    return Scene(name, sensors, flights, tuple(scans), phases, true_plots)


def raid(count: int, last_s: float = 120.0, period_s: float = STEP_S, false_plots: float = 5.0, seed: int = 0) -> Scene:
    """So many vehicles in crossing pairs; the phases share the time 1 : 2 : 2 : 3."""
    part_s = last_s / 8.0
    phases = (
        Phase("start", 0.0, part_s),
        Phase("middle", part_s, 3.0 * part_s),
        Phase("crossing", 3.0 * part_s, 5.0 * part_s),
        Phase("end", 5.0 * part_s, last_s),
    )
    dice = np.random.default_rng((count, seed))
    flights = crossing(count, (3.2 * part_s, 4.8 * part_s), dice)
    name = f"{count} vehicles" if false_plots < 20.0 else f"{count} vehicles in clutter"
    return scene(name, flights, radars(false_plots, period_s), phases, dice)


def breakup(count: int, last_s: float = 60.0, seed: int = 0) -> Scene:
    """So many pieces of debris, ten of a vehicle."""
    dice = np.random.default_rng((count, seed))
    half_s = 0.5 * last_s
    phases = (Phase("start", 0.0, half_s), Phase("end", half_s, last_s))
    return scene(f"{count} pieces of debris", debris(count, dice), radars(), phases, dice)
