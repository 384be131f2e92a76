"""The Earth: WGS84 ellipsoid, local frames, geodesics, gravity in the rotating frame.

ECEF is the frame that turns with the Earth: origin at its centre, +Z through the north pole, +X through
0 N 0 E. Angles are degrees in public functions and radians in kernels (their names say which).
Sources: NIMA TR8350.2 (WGS84); Hofmann-Wellenhof & Moritz 2006 (zonal gravity).
"""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, pi, radians, sin, sqrt
from typing import NamedTuple

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.compiled import Matrix, Triple, Vector, compiled

GM_M3PS2 = 3.986004418e14
A_M = 6378137.0
INV_F = 298.257223563
F = 1.0 / INV_F
B_M = A_M * (1.0 - F)
E2 = F * (2.0 - F)
OMEGA_RADPS = 7.292115e-05
J2 = 0.00108262668355
J3 = -2.53265648533e-06
J4 = -1.61962159137e-06
MEAN_RADIUS_M = 6371008.8

_E2_PRIME = E2 / (1.0 - E2)


class BadPlace(BadAsk):
    """A latitude, longitude or height that is not on or above the Earth."""

    says = "this is not a place"
    remedy = "give latitude -90 to 90, longitude -360 to 360 and a finite height in metres"


class Look(NamedTuple):
    """Where a site sees a target: azimuth (degrees east of north, 0 to 360), elevation (degrees), range (m)."""

    azimuth_deg: float
    elevation_deg: float
    range_m: float


class Geodesic(NamedTuple):
    """The shortest way over the ellipsoid: length (m), azimuths of departure and arrival (degrees, 0 to 360)."""

    distance_m: float
    azimuth_deg: float
    arrival_azimuth_deg: float


@compiled
def to_ecef(lat_rad: float, lon_rad: float, alt_m: float) -> Triple:
    """Geodetic to ECEF metres (kernel)."""
    s = sin(lat_rad)
    c = cos(lat_rad)
    n = A_M / sqrt(1.0 - E2 * s * s)
    return (n + alt_m) * c * cos(lon_rad), (n + alt_m) * c * sin(lon_rad), (n * (1.0 - E2) + alt_m) * s


@compiled
def normal_and_height(x: float, y: float, z: float) -> Triple:
    """Cosine and sine of the geodetic latitude, and height in metres above the ellipsoid (kernel).

    Bowring's iteration on the reduced latitude, without angles, so the poles are like any other place. Two rounds
    reach rounding: below 2e-8 m and 1e-15 rad from 1,000 km depth to 40,000 km height.
    """
    p = sqrt(x * x + y * y)
    cb = p * (1.0 - F)
    sb = z
    n = sqrt(cb * cb + sb * sb)
    if n == 0.0:
        return 1.0, 0.0, -A_M
    cb /= n
    sb /= n
    c = 1.0
    s = 0.0
    for _ in range(2):
        s = z + _E2_PRIME * B_M * sb * sb * sb
        c = p - E2 * A_M * cb * cb * cb
        n = sqrt(s * s + c * c)
        s /= n
        c /= n
        cb = c
        sb = (1.0 - F) * s
        n = sqrt(cb * cb + sb * sb)
        cb /= n
        sb /= n
    return c, s, p * c + z * s - A_M * sqrt(1.0 - E2 * s * s)


@compiled
def height(x: float, y: float, z: float) -> float:
    """Height in metres above the ellipsoid (kernel)."""
    return normal_and_height(x, y, z)[2]


@compiled
def to_geodetic(x: float, y: float, z: float) -> Triple:
    """ECEF metres to latitude and longitude in radians and height in metres (kernel)."""
    c, s, h = normal_and_height(x, y, z)
    return atan2(s, c), atan2(y, x), h


@compiled
def gravity(x: float, y: float, z: float) -> Triple:
    """Gravitational attraction, GM with J2, J3 and J4, in ECEF m/s2, without the centrifugal part (kernel)."""
    r2 = x * x + y * y + z * z
    r = sqrt(r2)
    u = z / r
    u2 = u * u
    q = A_M / r
    q2 = q * q
    k = -GM_M3PS2 / (r2 * r)
    # Gradient of -GM/r * sum Jn (a/r)^n Pn(u): `radial` multiplies the position, `axial` adds along +Z.
    radial = (
        1.0
        - 1.5 * J2 * q2 * (5.0 * u2 - 1.0)
        - 2.5 * J3 * q2 * q * (7.0 * u2 - 3.0) * u
        - 1.875 * J4 * q2 * q2 * (21.0 * u2 * u2 - 14.0 * u2 + 1.0)
    )
    axial = r * (3.0 * J2 * q2 * u + J3 * q2 * q * (7.5 * u2 - 1.5) + J4 * q2 * q2 * (17.5 * u2 - 7.5) * u)
    return k * x * radial, k * y * radial, k * (z * radial + axial)


@compiled
def freefall(x: float, y: float, z: float, vx: float, vy: float) -> Triple:
    """Acceleration of a free body in ECEF m/s2: gravity, centrifugal and Coriolis (kernel)."""
    gx, gy, gz = gravity(x, y, z)
    w = OMEGA_RADPS
    return gx + w * w * x + 2.0 * w * vy, gy + w * w * y - 2.0 * w * vx, gz


def geodetic_to_ecef(lat_deg: float, lon_deg: float, alt_m: float) -> Vector:
    """The place: (3,) ECEF metres. Raises BadPlace."""
    if not (-90.0 <= lat_deg <= 90.0 and -360.0 <= lon_deg <= 360.0 and -A_M < alt_m < float("inf")):
        raise BadPlace(lat_deg=lat_deg, lon_deg=lon_deg, alt_m=alt_m)
    return np.array(to_ecef(radians(lat_deg), radians(lon_deg), float(alt_m)))


def ecef_to_geodetic(position_ecef_m: Vector) -> Triple:
    """Latitude, longitude (degrees, -180 to 180) and height (m) of (3,) ECEF metres; error below 1e-6 m.

    Raises BadPlace for what is not finite.
    """
    if not np.isfinite(position_ecef_m).all():
        raise BadPlace(position_ecef_m=position_ecef_m)
    lat, lon, alt = to_geodetic(float(position_ecef_m[0]), float(position_ecef_m[1]), float(position_ecef_m[2]))
    return degrees(lat), degrees(lon), alt


def enu_matrix(lat_deg: float, lon_deg: float) -> Matrix:
    """Rows east, north, up of the place in ECEF: (3, 3), turns an ECEF vector into ENU; its transpose, back."""
    slat, clat = sin(radians(lat_deg)), cos(radians(lat_deg))
    slon, clon = sin(radians(lon_deg)), cos(radians(lon_deg))
    return np.array([[-slon, clon, 0.0], [-slat * clon, -slat * slon, clat], [clat * clon, clat * slon, slat]])


def enu_to_ecef(vector_enu: Vector, lat_deg: float, lon_deg: float) -> Vector:
    """The same direction, velocity or offset, (3,) from ENU of the place to ECEF; no shift of origin."""
    return enu_matrix(lat_deg, lon_deg).T @ np.asarray(vector_enu, dtype=np.float64)


def azimuth_elevation_range(position_ecef_m: Vector, lat_deg: float, lon_deg: float, alt_m: float) -> Look:
    """Where the site sees the position, geometrically (no refraction). Azimuth is 0 straight overhead."""
    site = geodetic_to_ecef(lat_deg, lon_deg, alt_m)
    e, n, u = (enu_matrix(lat_deg, lon_deg) @ (position_ecef_m - site)).tolist()
    return Look(degrees(atan2(e, n)) % 360.0, degrees(atan2(u, hypot(e, n))), hypot(e, n, u))


def looked_at(look: Look, lat_deg: float, lon_deg: float, alt_m: float) -> Vector:
    """The position, (3,) ECEF metres, that the site sees there: the inverse of `azimuth_elevation_range`."""
    az, el = radians(look.azimuth_deg), radians(look.elevation_deg)
    enu = look.range_m * np.array([sin(az) * cos(el), cos(az) * cos(el), sin(el)])
    return geodetic_to_ecef(lat_deg, lon_deg, alt_m) + enu_to_ecef(enu, lat_deg, lon_deg)


@compiled
def _along(sigma: float, c2m: float, cos2_alpha: float) -> Triple:
    """Vincenty's A, delta sigma and C for an arc `sigma` with cos(2 sigma_m)."""
    u2 = cos2_alpha * _E2_PRIME
    a = 1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)))
    b = u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)))
    s = sin(sigma)
    c = cos(sigma)
    third = b / 6.0 * c2m * (-3.0 + 4.0 * s * s) * (-3.0 + 4.0 * c2m * c2m)
    delta = b * s * (c2m + b / 4.0 * (c * (-1.0 + 2.0 * c2m * c2m) - third))
    c_small = F / 16.0 * cos2_alpha * (4.0 + F * (4.0 - 3.0 * cos2_alpha))
    return a, delta, c_small


@compiled
def _sphere_excess(sigma: float, c2m: float, sin_alpha: float) -> float:
    """How much the longitude on the auxiliary sphere exceeds that on the ellipsoid, radians."""
    _, _, c = _along(sigma, c2m, 1.0 - sin_alpha * sin_alpha)
    inner = c2m + c * cos(sigma) * (-1.0 + 2.0 * c2m * c2m)
    return (1.0 - c) * F * sin_alpha * (sigma + c * sin(sigma) * inner)


@compiled
def _leave(alpha1: float, sb1: float, cb1: float, sb2: float) -> tuple[float, float, float, float]:
    """Leaving reduced latitude 1 at azimuth alpha1, the first northward arrival at 2.

    Longitude gained on the ellipsoid, arc on the sphere, cos(2 sigma_m), arrival azimuth. Needs
    sb1 <= 0 and |sb2| <= |sb1|. The longitude grows steadily with alpha1 (Karney 2013, section 4).
    """
    sin_alpha = sin(alpha1) * cb1
    ca1 = cos(alpha1) * cb1
    ca2 = sqrt(max(ca1 * ca1 + (sb1 * sb1 - sb2 * sb2), 0.0))
    sigma1 = atan2(sb1, ca1)
    sigma2 = atan2(sb2, ca2)
    omega = atan2(sin_alpha * sb2, ca2) - atan2(sin_alpha * sb1, ca1)
    omega = omega % (2.0 * pi)
    sigma = sigma2 - sigma1
    c2m = cos(sigma1 + sigma2)
    return omega - _sphere_excess(sigma, c2m, sin_alpha), sigma, c2m, atan2(sin_alpha, ca2)


@compiled
def _inverse(lat1: float, lon1: float, lat2: float, lon2: float) -> Triple:
    """Geodesic length (m) and both azimuths (radians).

    Bisection on the azimuth of departure: slower than Vincenty's iteration, and it cannot fail near
    antipodes, where that one does.
    """
    lon = (lon2 - lon1 + pi) % (2.0 * pi) - pi
    west = lon < 0.0
    lon = abs(lon)
    b1 = atan2((1.0 - F) * sin(lat1), cos(lat1))
    b2 = atan2((1.0 - F) * sin(lat2), cos(lat2))
    swapped = abs(b1) < abs(b2)
    if swapped:
        b1, b2 = b2, b1
    flipped = b1 > 0.0
    if flipped:
        b1, b2 = -b1, -b2
    sb1, cb1, sb2, cb2 = sin(b1), cos(b1), sin(b2), cos(b2)

    sigma = 0.0
    sin_alpha = 0.0
    c2m = 0.0
    alpha1 = 0.5 * pi
    alpha2 = 0.5 * pi
    lam = lon
    met = False
    for _ in range(40):
        t1 = cb2 * sin(lam)
        t2 = cb1 * sb2 - sb1 * cb2 * cos(lam)
        ss = sqrt(t1 * t1 + t2 * t2)
        cs = sb1 * sb2 + cb1 * cb2 * cos(lam)
        sigma = atan2(ss, cs)
        if ss < 1e-15:
            met = cs > 0.0
            break
        sin_alpha = cb1 * cb2 * sin(lam) / ss
        cos2 = 1.0 - sin_alpha * sin_alpha
        c2m = cs - 2.0 * sb1 * sb2 / cos2 if cos2 > 1e-15 else 0.0
        nxt = lon + _sphere_excess(sigma, c2m, sin_alpha)
        if nxt > pi:
            break
        met = abs(nxt - lam) < 1e-14
        lam = nxt
        if met:
            alpha1 = atan2(t1, t2)
            alpha2 = atan2(cb1 * sin(lam), -sb1 * cb2 + cb1 * sb2 * cos(lam))
            break
    if not met:
        sb1 = min(sb1, -1e-14)
        lo = 0.0
        hi = pi
        for _ in range(60):
            alpha1 = 0.5 * (lo + hi)
            gained, sigma, c2m, alpha2 = _leave(alpha1, sb1, cb1, sb2)
            if gained < lon:
                lo = alpha1
            else:
                hi = alpha1
        sin_alpha = sin(alpha1) * cb1
    a, delta, _ = _along(sigma, c2m, 1.0 - sin_alpha * sin_alpha)
    distance = B_M * a * (sigma - delta)
    if flipped:
        alpha1, alpha2 = pi - alpha1, pi - alpha2
    if swapped:
        alpha1, alpha2 = pi - alpha2, pi - alpha1
    if west:
        alpha1, alpha2 = -alpha1, -alpha2
    return distance, alpha1, alpha2


@compiled
def _direct(lat1: float, lon1: float, alpha1: float, distance: float) -> Triple:
    """Latitude, longitude and arrival azimuth (radians) after `distance` metres at azimuth alpha1."""
    b1 = atan2((1.0 - F) * sin(lat1), cos(lat1))
    sb1, cb1 = sin(b1), cos(b1)
    sa, ca = sin(alpha1), cos(alpha1)
    sigma1 = atan2(sb1, cb1 * ca)
    sin_alpha = cb1 * sa
    cos2 = 1.0 - sin_alpha * sin_alpha
    a, _, _ = _along(0.0, 0.0, cos2)
    sigma = distance / (B_M * a)
    for _ in range(20):
        _, delta, _ = _along(sigma, cos(2.0 * sigma1 + sigma), cos2)
        nxt = distance / (B_M * a) + delta
        done = abs(nxt - sigma) < 1e-15
        sigma = nxt
        if done:
            break
    ss, cs = sin(sigma), cos(sigma)
    t = sb1 * ss - cb1 * cs * ca
    lat2 = atan2(sb1 * cs + cb1 * ss * ca, (1.0 - F) * sqrt(sin_alpha * sin_alpha + t * t))
    lam = atan2(ss * sa, cb1 * cs - sb1 * ss * ca)
    lon2 = lon1 + lam - _sphere_excess(sigma, cos(2.0 * sigma1 + sigma), sin_alpha)
    return lat2, (lon2 + pi) % (2.0 * pi) - pi, atan2(sin_alpha, -t)


def geodesic(lat1_deg: float, lon1_deg: float, lat2_deg: float, lon2_deg: float) -> Geodesic:
    """The shortest way from 1 to 2 over the ellipsoid; error below 1 mm, antipodes included.

    Vincenty 1975, with the bracketing of Karney 2013 where Vincenty does not converge.
    """
    length, start, end = _inverse(radians(lat1_deg), radians(lon1_deg), radians(lat2_deg), radians(lon2_deg))
    return Geodesic(length, degrees(start) % 360.0, degrees(end) % 360.0)


def destination(lat_deg: float, lon_deg: float, azimuth_deg: float, distance_m: float) -> Triple:
    """Latitude, longitude and arrival azimuth (degrees) after going that far that way; error below 1 mm.

    Vincenty 1975, for at most half the way round the Earth.
    """
    lat, lon, azimuth = _direct(radians(lat_deg), radians(lon_deg), radians(azimuth_deg), distance_m)
    return degrees(lat), degrees(lon), degrees(azimuth) % 360.0
