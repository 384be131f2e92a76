"""What a radar measures: geometry, refraction, horizon, detection; and the kernels a tracker needs.

A measurement is range (m), azimuth (rad, east of north) and elevation (rad) at the site. Randomness and
weather are arguments. Refraction is a simple fit, good to 5 % from 1 degree up: bending after Bennett 1982
scaled from light to radio refractivity (N = 313), delay after Marini 1972, ionosphere as a thin shell at 350 km.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import asin, atan2, cos, degrees, erfc, exp, hypot, isfinite, pi, radians, sin, sqrt, tan
from typing import NamedTuple

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import MEAN_RADIUS_M, enu_matrix, geodetic_to_ecef, height

EFFECTIVE_RADIUS_M = MEAN_RADIUS_M * 4.0 / 3.0
SCALE_HEIGHT_M = 7350.0
SHELL_M = 350_000.0
SHELL_DEPTH_M = 60_000.0
STANDARD_TECU = 50.0
SNR_AT_REACH = 20.0
MICROWAVE_HZ = 10e9


class BadRadar(BadAsk):
    """A radar no one can build."""

    says = "this radar cannot be"
    remedy = "give positive reach, frequency and sigmas, a false-alarm probability in (0, 1) and ordered elevations"


class Weather(NamedTuple):
    """The air as it is: refractivity relative to standard (0.8 to 1.2 in nature), vertical electron content (TECU)."""

    refractivity: float = 1.0
    electrons_tecu: float = STANDARD_TECU


STANDARD = Weather()


class Plot(NamedTuple):
    """One detection: range (m), azimuth east of north and elevation (rad), signal-to-noise ratio (linear)."""

    range_m: float
    azimuth_rad: float
    elevation_rad: float
    snr: float


@dataclass(frozen=True)
class Radar:
    """A radar site. `reach_m` is where a target of 1 m2 returns 13 dB: Swerling-1 Pd 0.52 at Pfa 1e-6.

    `sector_deg` is the full width of its view around `boresight_deg`; limits of elevation are apparent.
    """

    lat_deg: float
    lon_deg: float
    alt_m: float
    sigma_range_m: float
    sigma_angle_rad: float
    reach_m: float
    frequency_hz: float = MICROWAVE_HZ
    false_alarm: float = 1e-6
    boresight_deg: float = 0.0
    sector_deg: float = 360.0
    lowest_deg: float = 1.0
    highest_deg: float = 85.0

    def __post_init__(self) -> None:
        """Refuse what no radar is: BadRadar, BadPlace."""
        sizes = (self.sigma_range_m, self.sigma_angle_rad, self.reach_m, self.frequency_hz, self.sector_deg)
        positive = all(isfinite(size) and size > 0.0 for size in sizes) and isfinite(self.boresight_deg)
        geodetic_to_ecef(self.lat_deg, self.lon_deg, self.alt_m)
        if not (positive and 0.0 < self.false_alarm < 1.0 and -5.0 <= self.lowest_deg < self.highest_deg <= 90.0):
            raise BadRadar(radar=self)

    @cached_property
    def position_ecef_m(self) -> Vector:
        """(3,) ECEF metres."""
        return geodetic_to_ecef(self.lat_deg, self.lon_deg, self.alt_m)

    @cached_property
    def enu(self) -> Matrix:
        """(3, 3) rows east, north, up in ECEF."""
        return enu_matrix(self.lat_deg, self.lon_deg)


@compiled
def radar_h(state: Vector, site_ecef_m: Vector, site_enu: Matrix) -> Vector:
    """(3,) range (m), azimuth and elevation (rad) of a state or position, geometrically. Azimuth in (-pi, pi]."""
    d = state[:3] - site_ecef_m
    e = site_enu[0, 0] * d[0] + site_enu[0, 1] * d[1] + site_enu[0, 2] * d[2]
    n = site_enu[1, 0] * d[0] + site_enu[1, 1] * d[1] + site_enu[1, 2] * d[2]
    u = site_enu[2, 0] * d[0] + site_enu[2, 1] * d[1] + site_enu[2, 2] * d[2]
    across = sqrt(e * e + n * n)
    return np.array([sqrt(across * across + u * u), atan2(e, n), atan2(u, across)])


@compiled
def radar_jacobian(state: Vector, site_ecef_m: Vector, site_enu: Matrix) -> Matrix:
    """(3, 6) derivative of `radar_h` by the state."""
    d = state[:3] - site_ecef_m
    e = site_enu[0, 0] * d[0] + site_enu[0, 1] * d[1] + site_enu[0, 2] * d[2]
    n = site_enu[1, 0] * d[0] + site_enu[1, 1] * d[1] + site_enu[1, 2] * d[2]
    u = site_enu[2, 0] * d[0] + site_enu[2, 1] * d[1] + site_enu[2, 2] * d[2]
    a2 = e * e + n * n
    a = sqrt(a2)
    r2 = a2 + u * u
    r = sqrt(r2)
    out = np.zeros((3, 6))
    for j in range(3):
        de, dn, du = site_enu[0, j], site_enu[1, j], site_enu[2, j]
        out[0, j] = d[j] / r
        out[1, j] = (n * de - e * dn) / a2
        out[2, j] = (a * du - u * (e * de + n * dn) / a) / r2
    return out


@compiled
def radar_position(measured: Vector, site_ecef_m: Vector, site_enu: Matrix) -> Vector:
    """(3,) ECEF metres of a (range, azimuth, elevation): the inverse of `radar_h`."""
    r, az, el = measured[0], measured[1], measured[2]
    e, n, u = r * cos(el) * sin(az), r * cos(el) * cos(az), r * sin(el)
    return site_ecef_m + e * site_enu[0] + n * site_enu[1] + u * site_enu[2]


@compiled
def bending_rad(elevation_rad: float) -> float:
    """Total bending of a ray that arrives at that apparent elevation from beyond the air (rad)."""
    el = degrees(max(elevation_rad, 0.0))
    return radians(1.12 / 60.0) / tan(radians(el + 7.31 / (el + 4.4)))


@compiled
def air_delay_m(elevation_rad: float) -> float:
    """Extra range through the whole troposphere at that apparent elevation (m)."""
    el = max(elevation_rad, 0.0)
    return 2.35 / (sin(el) + 0.00158 / (tan(el) + 0.0696))


@compiled
def plasma_delay_m(elevation_rad: float, frequency_hz: float, electrons_tecu: float = STANDARD_TECU) -> float:
    """Extra range through the whole ionosphere (m), 40.3 TEC / f2 along the slant."""
    leans = MEAN_RADIUS_M * cos(max(elevation_rad, 0.0)) / (MEAN_RADIUS_M + SHELL_M)
    return 40.3e16 * electrons_tecu / frequency_hz**2 / sqrt(1.0 - leans * leans)


@compiled
def _scaled_erfc(x: float) -> float:
    """exp(x2) erfc(x) for x >= 0, to 1e-4."""
    if x < 5.0:
        return exp(x * x) * erfc(x)
    q = 0.5 / (x * x)
    return (1.0 - q + 3.0 * q * q) / (x * sqrt(pi))


@compiled
def _share(elevation_rad: float, range_m: float) -> tuple[float, float]:
    """How much of the air a ray has passed at that range, and of the bending how much shows in the angle.

    The ray climbs as s sin(el) + s2 / 2 radius, over 4/3 Earth, through air that thins exponentially: bending
    after s metres still turns the line of sight by (1 - s / range). Both integrals have a closed form.
    """
    c = EFFECTIVE_RADIUS_M * SCALE_HEIGHT_M
    climb = max(sin(elevation_rad), 0.0) / SCALE_HEIGHT_M
    x = climb * sqrt(0.5 * c)
    left = exp(-climb * range_m - 0.5 * range_m * range_m / c)
    whole = _scaled_erfc(x)
    passed = 1.0 - left * _scaled_erfc(x + range_m / sqrt(2.0 * c)) / whole
    reach = sqrt(0.5 * pi * c) * whole
    moment = c * ((1.0 - left) / reach - climb * passed)
    return passed, passed - moment / range_m


@compiled
def refraction(
    elevation_rad: float, range_m: float, alt_m: float, frequency_hz: float, refractivity: float, electrons_tecu: float
) -> tuple[float, float]:
    """How much too far (m) and too high (rad) a radar sees what stands at that apparent elevation (kernel)."""
    passed, shown = _share(elevation_rad, range_m)
    inside = 1.0 / (1.0 + exp(min((SHELL_M - alt_m) / SHELL_DEPTH_M, 50.0)))
    longer = air_delay_m(elevation_rad) * passed * refractivity
    longer += plasma_delay_m(elevation_rad, frequency_hz, electrons_tecu) * inside
    return longer, bending_rad(elevation_rad) * shown * refractivity


def apparent(radar: Radar, position_ecef_m: Vector, weather: Weather = STANDARD) -> tuple[float, float, float]:
    """Range (m), azimuth and elevation (rad) at which the radar sees the position through the air, without noise."""
    r, az, el = radar_h(position_ecef_m, radar.position_ecef_m, radar.enu).tolist()
    alt = height(position_ecef_m[0], position_ecef_m[1], position_ecef_m[2])
    longer, higher = 0.0, 0.0
    for _ in range(4):
        longer, higher = refraction(el + higher, r, alt, radar.frequency_hz, *weather)
    return r + longer, az, el + higher


def correct(radar: Radar, plot: Plot) -> Plot:
    """The plot without the refraction of a standard day, as a site reports it.

    On a standard day 1 % of the refraction remains at most; 10 % of refractivity off standard leaves 10 % of it:
    0.8 mrad and 7 m at 1 degree, 0.2 mrad and 1 m at 10 degrees. Ionosphere: 30 % is a common residual.
    """
    longer, higher = 0.0, 0.0
    for _ in range(3):
        true = np.array([plot.range_m - longer, plot.azimuth_rad, plot.elevation_rad - higher])
        x, y, z = radar_position(true, radar.position_ecef_m, radar.enu).tolist()
        longer, higher = refraction(
            plot.elevation_rad, plot.range_m - longer, height(x, y, z), radar.frequency_hz, *STANDARD
        )
    return plot._replace(range_m=plot.range_m - longer, elevation_rad=plot.elevation_rad - higher)


def lowest_visible_m(range_m: float) -> float:
    """Height of what just clears a radar's horizon at that range (m), over an Earth of 4/3 radius.

    For planning: beyond 1,000 km it is too low, for rays are straight above the air; `observe` bends the ray.
    """
    return hypot(EFFECTIVE_RADIUS_M, range_m) - EFFECTIVE_RADIUS_M


def snr(radar: Radar, range_m: float, rcs_m2: float = 1.0) -> float:
    """Mean signal-to-noise ratio (linear): falls with the fourth power of the range."""
    return SNR_AT_REACH * rcs_m2 * (radar.reach_m / range_m) ** 4


def detection(mean_snr: float, false_alarm: float) -> float:
    """Probability of detection of a Swerling-1 target: Pfa ** (1 / (1 + SNR))."""
    return false_alarm ** (1.0 / (1.0 + mean_snr))


def covers(radar: Radar, azimuth_rad: float, elevation_rad: float) -> bool:
    """Whether the radar looks that way (apparent elevation)."""
    off = (degrees(azimuth_rad) - radar.boresight_deg + 180.0) % 360.0 - 180.0
    return abs(off) <= 0.5 * radar.sector_deg and radar.lowest_deg <= degrees(elevation_rad) <= radar.highest_deg


def observe(
    radar: Radar,
    position_ecef_m: Vector,
    normals: Vector,
    uniform: float,
    rcs_m2: float = 1.0,
    weather: Weather = STANDARD,
) -> Plot | None:
    """What one dwell gives of a target: a plot as measured (not corrected), or nothing.

    `normals` (3,) are standard normal errors of range, azimuth and elevation; `uniform` in [0, 1) decides detection.
    """
    r, az, el = apparent(radar, position_ecef_m, weather)
    strength = snr(radar, r, rcs_m2)
    if not covers(radar, az, el) or uniform >= detection(strength, radar.false_alarm):
        return None
    return Plot(
        range_m=r + radar.sigma_range_m * float(normals[0]),
        azimuth_rad=(az + radar.sigma_angle_rad * float(normals[1])) % (2.0 * pi),
        elevation_rad=el + radar.sigma_angle_rad * float(normals[2]),
        snr=strength,
    )


def false_plot(radar: Radar, uniforms: Vector) -> Plot:
    """A plot of nothing, evenly spread over the volume the radar covers; `uniforms` (3,) in [0, 1)."""
    low, high = sin(radians(radar.lowest_deg)), sin(radians(radar.highest_deg))
    azimuth_deg = radar.boresight_deg + radar.sector_deg * (float(uniforms[1]) - 0.5)
    return Plot(
        range_m=radar.reach_m * float(uniforms[0]) ** (1.0 / 3.0),
        azimuth_rad=radians(azimuth_deg % 360.0),
        elevation_rad=asin(low + (high - low) * float(uniforms[2])),
        snr=SNR_AT_REACH,
    )
