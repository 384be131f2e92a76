"""What a warning satellite measures: two angles to a burning motor, between the clouds and the end of the plume.

The angles are those of `radar_h` in the satellite's own frame: rows across, down and north, so that azimuth
and elevation are both 0 towards the Earth's centre and a few degrees anywhere on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import NamedTuple

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import A_M, B_M, geodetic_to_ecef, height
from laurel.physics.radar import radar_h, radar_jacobian

GEOSTATIONARY_ALT_M = 35_786_000.0


class BadInfrared(BadAsk):
    """A satellite that cannot watch."""

    says = "this satellite cannot watch"
    remedy = "give a height above 300 km, a positive sigma, a probability in (0, 1] and clouds below the fading height"


class Plot(NamedTuple):
    """One detection: azimuth and elevation (rad) in the satellite's frame."""

    azimuth_rad: float
    elevation_rad: float


@dataclass(frozen=True)
class Infrared:
    """A satellite that stands still over the Earth. It sees a burning motor from `cloud_m` up to `fade_m`."""

    lon_deg: float
    lat_deg: float = 0.0
    alt_m: float = GEOSTATIONARY_ALT_M
    sigma_rad: float = 20e-6
    cloud_m: float = 9_000.0
    fade_m: float = 80_000.0
    detection: float = 0.98

    def __post_init__(self) -> None:
        """Refuse what no satellite is: BadInfrared, BadPlace."""
        geodetic_to_ecef(self.lat_deg, self.lon_deg, self.alt_m)
        sound = 0.0 < self.sigma_rad < 1.0 and 0.0 < self.detection <= 1.0 and 0.0 <= self.cloud_m < self.fade_m
        if not (sound and self.alt_m >= 300_000.0):
            raise BadInfrared(infrared=self)

    @cached_property
    def position_ecef_m(self) -> Vector:
        """(3,) ECEF metres."""
        return geodetic_to_ecef(self.lat_deg, self.lon_deg, self.alt_m)

    @cached_property
    def frame(self) -> Matrix:
        """(3, 3) the frame of its angles."""
        return satellite_frame(self.position_ecef_m)


def satellite_frame(position_ecef_m: Vector) -> Matrix:
    """(3, 3) rows across (east at the equator), down (to the Earth's centre) and north of a satellite, in ECEF."""
    down = -position_ecef_m / np.linalg.norm(position_ecef_m)
    pole = np.array([0.0, 0.0, 1.0]) if abs(down[2]) < 0.99 else np.array([1.0, 0.0, 0.0])
    across = np.cross(down, pole)
    across /= np.linalg.norm(across)
    return np.array([across, down, np.cross(across, down)])


@compiled
def infrared_h(state: Vector, satellite_ecef_m: Vector, frame: Matrix) -> Vector:
    """(2,) azimuth and elevation (rad) of a state or position in the satellite's frame."""
    return radar_h(state, satellite_ecef_m, frame)[1:]


@compiled
def infrared_jacobian(state: Vector, satellite_ecef_m: Vector, frame: Matrix) -> Matrix:
    """(2, 6) derivative of `infrared_h` by the state."""
    return radar_jacobian(state, satellite_ecef_m, frame)[1:]


def hidden(satellite_ecef_m: Vector, position_ecef_m: Vector) -> bool:
    """Whether the Earth stands between the satellite and the position."""
    # A place on the ground is not hidden by that ground: hence the 1e-9, some centimetres of the way.
    # Stretching Z turns the ellipsoid into a sphere and keeps straight lines straight.
    stretch = np.array([1.0, 1.0, A_M / B_M])
    start, way = satellite_ecef_m * stretch, (position_ecef_m - satellite_ecef_m) * stretch
    a, b, c = float(way @ way), float(start @ way), float(start @ start) - A_M * A_M
    inside = b * b - a * c
    return b < 0.0 and inside > 0.0 and (-b - sqrt(inside)) / a < 1.0 - 1e-9


def observe(
    infrared: Infrared, position_ecef_m: Vector, normals: Vector, uniform: float, *, thrusting: bool
) -> Plot | None:
    """What one look gives of a vehicle: a plot while its motor burns in view above the clouds, or nothing.

    `normals` (2,) are standard normal errors; `uniform` in [0, 1) decides detection.
    """
    alt = height(position_ecef_m[0], position_ecef_m[1], position_ecef_m[2])
    if not thrusting or not infrared.cloud_m <= alt <= infrared.fade_m or uniform >= infrared.detection:
        return None
    if hidden(infrared.position_ecef_m, position_ecef_m):
        return None
    az, el = infrared_h(position_ecef_m, infrared.position_ecef_m, infrared.frame).tolist()
    return Plot(az + infrared.sigma_rad * float(normals[0]), el + infrared.sigma_rad * float(normals[1]))
