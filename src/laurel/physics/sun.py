"""Where the Sun stands, and where its light deceives a satellite that looks for burning motors.

The place of the Sun is the low-precision formula of the Astronomical Almanac (section C; also Michalsky 1988):
within 0.01 degrees from 1950 to 2050. Its parallax, 0.0024 degrees, is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import asin, cos, radians, sin, sqrt

import numpy as np

from laurel.physics.compiled import Vector
from laurel.physics.earth import A_M, B_M
from laurel.physics.infrared import hidden

ASTRONOMICAL_UNIT_M = 1.495978707e11
J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
DAY_S = 86_400.0

CLOUD_TOPS_M = 12_000.0
MIRROR_RAD = radians(45.0)
"""Cloud tops and waves are tilted by up to some 22 degrees, which turns a mirrored ray by twice as much."""
LIT_RAD = radians(-4.0)
"""Clouds 12 km high see the Sun until it is so far below the horizon of the ground (dip 3.5, refraction 0.6)."""
BEHIND_RAD = radians(10.0)
"""So near the line of sight the Sun, or its light in the edge of the air, shines into the telescope."""
_STRETCH = np.array([1.0, 1.0, A_M / B_M])


def sun_direction(at: datetime) -> Vector:
    """(3,) unit vector from the Earth's centre to the Sun, ECEF, within 0.02 degrees from 1950 to 2050."""
    days = (at - J2000).total_seconds() / DAY_S
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = radians(357.528 + 0.9856003 * days)
    longitude = radians(mean_longitude + 1.915 * sin(anomaly) + 0.020 * sin(2.0 * anomaly))
    obliquity = radians(23.439 - 4.0e-7 * days)
    # Universal for terrestrial time: a minute, in which the Sun moves by 0.0007 degrees.
    turned = radians(greenwich_deg(at))
    x, y = cos(longitude), cos(obliquity) * sin(longitude)
    z = sin(obliquity) * sin(longitude)
    return np.array([cos(turned) * x + sin(turned) * y, cos(turned) * y - sin(turned) * x, z])


def greenwich_deg(at: datetime) -> float:
    """How far Greenwich has turned from the equinox, degrees, 0 to 360 (Meeus 1998, 12.4, small terms aside)."""
    days = (at - J2000).total_seconds() / DAY_S
    return (280.46061837 + 360.98564736629 * days) % 360.0


def sun_deceives(satellite_ecef_m: Vector, seen_ecef_m: Vector, at: datetime) -> bool:
    """Whether what a satellite sees in that direction may be sunlight.

    It may when the Sun shines past the Earth within 10 degrees of the line of sight; or when the clouds or
    the sea where that line meets them are lit and throw the light towards the satellite: within 45 degrees of
    where a level mirror would. A line that passes above the clouds is judged where it comes nearest to them.
    """
    sun = sun_direction(at)
    sight = seen_ecef_m - satellite_ecef_m
    sight = sight / np.linalg.norm(sight)
    if angle(sight, sun) < BEHIND_RAD and not hidden(satellite_ecef_m, sun * ASTRONOMICAL_UNIT_M):
        return True
    up = _background(satellite_ecef_m, sight)
    elevation = asin(min(max(float(sun @ up), -1.0), 1.0))
    mirrored = 2.0 * float(sun @ up) * up - sun
    return elevation > LIT_RAD and angle(mirrored, -sight) < MIRROR_RAD


def _background(satellite_ecef_m: Vector, sight: Vector) -> Vector:
    """(3,) the unit normal of the cloud tops where the line of sight meets them, or comes nearest."""
    # Stretching Z turns the ellipsoid into a sphere and keeps straight lines straight.
    start, way = satellite_ecef_m * _STRETCH, sight * _STRETCH
    a, b = float(way @ way), float(start @ way)
    c = float(start @ start) - (A_M + CLOUD_TOPS_M) ** 2
    along = (-b - sqrt(max(b * b - a * c, 0.0))) / a
    normal = (start + along * way) * _STRETCH
    return normal / np.linalg.norm(normal)


def angle(first: Vector, second: Vector) -> float:
    """The angle between two unit vectors, radians: exact near 0 and near half a turn."""
    return 2.0 * float(np.arctan2(np.linalg.norm(first - second), np.linalg.norm(first + second)))
