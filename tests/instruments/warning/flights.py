"""Made-up flights, and what a member's tracker would report of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from math import cos, radians, sin

import numpy as np
from msgspec import structs
from numpy.random import Generator

from laurel.core.label import Classification, Label
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.records import LaunchPoint, Phase, Plot, Sensor, SensorKind, Track, TrackState
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import azimuth_elevation_range, enu_to_ecef, geodetic_to_ecef
from laurel.physics.flight import Flight, fly

BURNOUT = datetime(2022, 10, 3, 22, 25, 0, tzinfo=UTC)
LAUNCHED = BURNOUT - timedelta(seconds=180)
EVERYONE = Label(Classification.SECRET, ("JPN", "KOR", "USA"))
UPPER = np.triu_indices(6)


@cache
def coasting(
    lat_deg: float, lon_deg: float, alt_m: float, azimuth_deg: float, speed_mps: float, climb_deg: float
) -> Flight:
    """Free flight from burnout."""
    azimuth, climb = radians(azimuth_deg), radians(climb_deg)
    up = speed_mps * np.array([sin(azimuth) * cos(climb), cos(azimuth) * cos(climb), sin(climb)])
    return fly(geodetic_to_ecef(lat_deg, lon_deg, alt_m), enu_to_ecef(up, lat_deg, lon_deg), 4_000.0)


def over_japan() -> Flight:
    """Over Aomori at 850 km, into the Pacific far from any coast, 1,341 s after burnout."""
    return coasting(40.8, 129.5, 190e3, 86.0, 5_400.0, 38.0)


def into_the_sea_of_japan() -> Flight:
    """Into Japan's zone, 450 s after burnout."""
    return coasting(39.3, 127.5, 90e3, 85.0, 2_400.0, 45.0)


def onto_korea() -> Flight:
    """Onto land south of Seoul, 286 s after burnout."""
    return coasting(39.0, 126.0, 60e3, 160.0, 1_500.0, 45.0)


def state_of(flight: Flight, t_s: float) -> Vector:
    """(6,) the true state."""
    return np.concatenate(flight.at(t_s))


def covariance_of(position_m: float, speed_mps: float) -> Matrix:
    """(6, 6) without correlations."""
    return np.diag([position_m**2] * 3 + [speed_mps**2] * 3)


def track_of(
    flight: Flight,
    t_s: float,
    *,
    number: int = 1,
    first_s: float = -120.0,
    position_m: float = 100.0,
    speed_mps: float = 2.0,
    noise: Generator | None = None,
    **changes: object,
) -> Track:
    """A track of the flight as of `t_s` after burnout, off by its own covariance where there is noise.

    One radar tracks it in free flight, unless `changes` to the record say otherwise.
    """
    true, covariance = state_of(flight, t_s), covariance_of(position_m, speed_mps)
    if noise is not None:
        true = noise.multivariate_normal(true, covariance)
    numbers = true.tolist()
    track = Track(
        number=number,
        state=TrackState.TRACKED,
        phase=Phase.COAST,
        first_at=BURNOUT + timedelta(seconds=first_s),
        at=BURNOUT + timedelta(seconds=t_s),
        seen_at=BURNOUT + timedelta(seconds=t_s),
        position_ecef_m=(numbers[0], numbers[1], numbers[2]),
        velocity_ecef_mps=(numbers[3], numbers[4], numbers[5]),
        covariance=tuple(covariance[UPPER].tolist()),
        plots=100,
        sensors=("A",),
        kinds=(SensorKind.RADAR,),
        launch=None,
    )
    return structs.replace(track, **changes)


def reported(member: str, track: Track, label: Label = EVERYONE) -> MemberTrack:
    """The track as that member reported it."""
    name = f"{member}-{track.number}"
    return MemberTrack(name, member, name.encode().hex().ljust(64, "0"), track.at, label, track)


def plot_of(flight: Flight, t_s: float, site: Sensor, noise: Generator) -> Plot:
    """What that radar measures of the flight, refraction corrected."""
    look = azimuth_elevation_range(flight.at(t_s)[0], site.lat_deg, site.lon_deg, site.alt_m)
    off = noise.standard_normal(3) * (site.angle_sigma_rad, site.angle_sigma_rad, site.range_sigma_m or 0.0)
    azimuth, elevation, distance = (
        np.array([radians(look.azimuth_deg), radians(look.elevation_deg), look.range_m]) + off
    ).tolist()
    return Plot(0.0, azimuth, elevation, distance, 20.0)


def launch_at(lat_deg: float, lon_deg: float, at: datetime = LAUNCHED, sigma_m: float = 5_000.0) -> LaunchPoint:
    """A launch estimate without correlation."""
    return LaunchPoint(lat_deg, lon_deg, at, 5.0, (sigma_m**2, 0.0, sigma_m**2))


def after(t_s: float) -> datetime:
    """So many seconds after burnout."""
    return BURNOUT + timedelta(seconds=t_s)
