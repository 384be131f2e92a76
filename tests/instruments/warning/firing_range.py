"""What flies, what a sensor makes of it, and how far a track is from the truth. All dice are handed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from math import asin, cos, pi, radians, sin

import numpy as np
from msgspec import structs
from numpy.random import Generator

from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.boost import Site, Vehicle, launch
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import destination, enu_matrix, geodetic_to_ecef, height
from laurel.physics.flight import Flight
from laurel.physics.infrared import hidden, satellite_frame
from laurel.physics.radar import radar_h
from laurel.physics.vehicles import IRBM, MRBM

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
PAD = Site(40.0, 129.0)
CLOUD_M, FADE_M = 9_000.0, 80_000.0


@dataclass(frozen=True, eq=False)
class Shot:
    """A flight that lifts off `after_s` after noon."""

    flight: Flight
    after_s: float = 0.0

    def flies(self, t_s: float) -> bool:
        return self.flight.start_t_s <= t_s - self.after_s <= self.flight.impact_t_s

    def at(self, t_s: float) -> Vector:
        """(6,) the true state."""
        return np.concatenate(self.flight.at(t_s - self.after_s))

    def burns(self, t_s: float) -> bool:
        return self.flight.thrusting(t_s - self.after_s)

    @property
    def burnout_s(self) -> float:
        return self.flight.burnout_t_s + self.after_s


@cache
def flown(vehicle: Vehicle, azimuth_deg: float, kick_deg: float, site: Site = PAD) -> Flight:
    return launch(vehicle, site, azimuth_deg, kick_deg)


def long_boost() -> Shot:
    """Two stages burn for three minutes."""
    return Shot(flown(IRBM, 80.0, 10.0))


def short_hop() -> Shot:
    """One stage, down again after some ten minutes."""
    return Shot(flown(MRBM, 100.0, 9.0))


def radar(name: str = "R1", bearing_deg: float = 190.0, away_m: float = 800e3, **changes: float) -> Sensor:
    """A radar that far from the pad: 50 m, 1 mrad, 1 Hz unless `changes` say otherwise."""
    lat_deg, lon_deg, _ = destination(PAD.lat_deg, PAD.lon_deg, bearing_deg, away_m)
    plain = Sensor(name, SensorKind.RADAR, lat_deg, lon_deg, 0.0, 1e-3, 50.0, 2.5e6, 1.0, 2.0, 0.95)
    return structs.replace(plain, **changes)


def infrared(name: str = "I1", lon_deg: float = 130.0, period_s: float = 1.0) -> Sensor:
    return Sensor(name, SensorKind.INFRARED, 0.0, lon_deg, 35_786_000.0, 20e-6, None, 1e8, period_s, 1.0, 0.98)


def look(sensor: Sensor, shots: Iterable[Shot], t_s: float, dice: Generator) -> Scan:
    """What the sensor makes of all that flies at that moment, false plots included."""
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    ranged = sensor.kind is SensorKind.RADAR
    frame = enu_matrix(sensor.lat_deg, sensor.lon_deg) if ranged else satellite_frame(site)
    plots = [
        _plot(sensor, radar_h(shot.at(t_s), site, frame), dice)
        for shot in shots
        if shot.flies(t_s) and dice.random() < sensor.detection and _in_view(sensor, shot, t_s, site, frame)
    ]
    plots += [_false_plot(sensor, dice) for _ in range(int(dice.poisson(sensor.false_plots)))]
    return Scan(sensor.name, NOON + timedelta(seconds=t_s), tuple(plots))


def _in_view(sensor: Sensor, shot: Shot, t_s: float, site: Vector, frame: Matrix) -> bool:
    state = shot.at(t_s)
    if sensor.kind is SensorKind.INFRARED:
        seen = CLOUD_M <= height(*state[:3].tolist()) <= FADE_M
        return shot.burns(t_s) and seen and not hidden(site, state[:3])
    away, _, elevation = radar_h(state, site, frame).tolist()
    return away < sensor.max_range_m and elevation > radians(sensor.min_elevation_deg)


def _plot(sensor: Sensor, true: Vector, dice: Generator) -> Plot:
    away, azimuth, elevation = (
        true + dice.standard_normal(3) * (sensor.range_sigma_m or 0.0, sensor.angle_sigma_rad, sensor.angle_sigma_rad)
    ).tolist()
    return Plot(0.0, azimuth, elevation, away if sensor.kind is SensorKind.RADAR else None, 20.0)


def _false_plot(sensor: Sensor, dice: Generator) -> Plot:
    if sensor.kind is SensorKind.RADAR:
        low = sin(radians(sensor.min_elevation_deg))
        away = sensor.max_range_m * float(dice.random()) ** (1.0 / 3.0)
        return Plot(0.0, float(dice.uniform(-pi, pi)), asin(float(dice.uniform(low, 1.0))), away, 13.0)
    off, turn = 0.15 * float(dice.random()) ** 0.5, float(dice.uniform(0.0, 2.0 * pi))
    return Plot(0.0, off * cos(turn), off * sin(turn), None, 13.0)


def watch(
    tracker: Tracker, sensors: Sequence[Sensor], shots: Sequence[Shot], times_s: Iterable[float], dice: Generator
) -> list[Track]:
    """Everything the tracker says while all sensors look at all these times."""
    said: list[Track] = []
    for t_s in times_s:
        for sensor in sensors:
            said += tracker.update(look(sensor, shots, t_s, dice))
    return said


def seconds(at: datetime) -> float:
    """Seconds after noon."""
    return (at - NOON).total_seconds()


def covariance(track: Track) -> Matrix:
    """(6, 6)."""
    half = np.zeros((6, 6))
    half[np.triu_indices(6)] = track.covariance
    return half + half.T - np.diag(np.diag(half))


def miss(track: Track, shot: Shot) -> Vector:
    """(6,) the track minus the truth at its own time."""
    return np.array(track.position_ecef_m + track.velocity_ecef_mps) - shot.at(seconds(track.at))


def nees(track: Track, shot: Shot) -> float:
    """Squared error over the claimed covariance: 6 on average if the claim is honest."""
    error = miss(track, shot)
    return float(error @ np.linalg.solve(covariance(track), error))


def followed(said: Iterable[Track]) -> list[Track]:
    """Those with a fresh plot."""
    return [track for track in said if track.state is TrackState.TRACKED]


def nearest(said: Iterable[Track], t_s: float) -> Track:
    """The followed track whose time is nearest."""
    return min(followed(said), key=lambda track: abs(seconds(track.at) - t_s))
