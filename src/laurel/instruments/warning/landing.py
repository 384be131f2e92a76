"""Where and when an estimate comes down: a cloud of landings, of which ellipses and time windows are told.

The estimate is Gaussian in seven numbers, state and ln beta. Thirteen arcs say where it lands: seven from the
corners of a simplex (Julier 2003) for the state at the expected beta, and seven (Chebyshev's places; the middle one
is known) along ln beta, with the state that goes with each. Between them the landing is the polynomial through them,
to 3 % of its spread. A fixed cloud of evenly spread points of the Gaussian, put through that, is as skewed as the
landings are.
"""

from __future__ import annotations

from math import asin, atan2, cos, exp, sin, sqrt
from statistics import NormalDist

import numpy as np

from laurel.instruments.warning.predict import LIMIT_S, root
from laurel.physics.ballistics import to_ground
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import MEAN_RADIUS_M, to_geodetic

TOLERANCE_M = 100.0
"""Of one step of the integrator; at impact that is about 1 m."""
WIND_M = 50.0
"""Wind and what else no model here knows, on each axis at impact: 15 m/s in the last 10 km at 4,000 kg/m2."""
POINTS = 1_024
CORNERS, NODES = 7, 7
REACH = 2.8
"""How far out ln beta is tried, in sigmas."""

SHARES = np.array([0.50, 0.90, 0.99])
EARLIEST, LATEST = 0.05, 0.95


def _simplex(dimensions: int) -> Matrix:
    """(n + 1, n) corners of a regular simplex around 0 whose covariance is the identity (Helmert)."""
    corners = np.zeros((dimensions + 1, dimensions))
    for j in range(dimensions):
        length = sqrt((dimensions + 1) / ((j + 1) * (j + 2)))
        corners[: j + 1, j] = -length
        corners[j + 1, j] = (j + 1) * length
    return corners


def _evenly(count: int) -> Matrix:
    """(count, 4) points of the standard Gaussian, evenly spread, of mean 0 and covariance 1.

    Even steps and multiples of the powers of the root of x^4 = x + 1 fill the cube (Roberts 2018); the middle two
    numbers come from it by Box and Muller 1958, so that rings around 0 hold what they should.
    """
    steps = np.arange(count)
    cube = (0.5 + np.outer(steps, 1.2207440846057596 ** -np.arange(1.0, 4.0))) % 1.0
    along = [NormalDist().inv_cdf(share) for share in ((0.5 + steps) / count).tolist()]
    after = [NormalDist().inv_cdf(share) for share in cube[:, 2].tolist()]
    ring, turn = np.sqrt(-2.0 * np.log(1.0 - cube[:, 0])), 2.0 * np.pi * cube[:, 1]
    points: Matrix = np.column_stack((along, ring * np.cos(turn), ring * np.sin(turn), after))
    points -= points.mean(axis=0)
    spread: Matrix = points.T @ points / count
    return points @ np.linalg.inv(np.linalg.cholesky(spread)).T


def _between_nodes(at: Vector, nodes: Vector) -> Matrix:
    """(n, k) Lagrange's polynomials of the nodes at these places."""
    return np.array(
        [
            np.prod([(at - other) / (node - other) for j, other in enumerate(nodes.tolist()) if j != i], axis=0)
            for i, node in enumerate(nodes.tolist())
        ]
    ).T.copy()


_CORNERS = _simplex(6)
_NODES = -REACH * np.cos((np.arange(NODES) + 0.5) * np.pi / NODES) / np.cos(0.5 * np.pi / NODES)
_CLOUD = _evenly(POINTS)
_BY_NODE = _between_nodes(_CLOUD[:, 0].copy(), _NODES)


@compiled
def ground_axes(lat_rad: float, lon_rad: float) -> Matrix:
    """(2, 3) east and north in ECEF."""
    out = np.zeros((2, 3))
    out[0, 0], out[0, 1] = -sin(lon_rad), cos(lon_rad)
    out[1, 0], out[1, 1], out[1, 2] = -sin(lat_rad) * cos(lon_rad), -sin(lat_rad) * sin(lon_rad), cos(lat_rad)
    return out


@compiled
def away(axes: Matrix, middle: Vector, end: Vector, out: Vector) -> None:
    """Writes metres east and north of the middle, along the ground rather than through it."""
    east, north = 0.0, 0.0
    for i in range(3):
        east += axes[0, i] * (end[i] - middle[i])
        north += axes[1, i] * (end[i] - middle[i])
    flat = sqrt(east * east + north * north) / MEAN_RADIUS_M
    bent = asin(min(flat, 1.0)) / flat if flat > 1e-9 else 1.0
    out[0], out[1] = east * bent, north * bent


@compiled
def fan(mean: Vector, covariance: Matrix, middle: Vector, middle_s: float) -> tuple[Matrix, bool]:
    """(14, 3) where seven arcs for the state and then seven for ln beta come down, as `landings` counts it.

    False when any does not come down.
    """
    lat, lon, _ = to_geodetic(middle[0], middle[1], middle[2])
    axes = ground_axes(lat, lon)
    doubt = sqrt(covariance[6, 6])
    with_beta = covariance[:6, 6] / doubt
    given_beta = covariance[:6, :6].copy()
    for i in range(6):
        for j in range(6):
            given_beta[i, j] -= with_beta[i] * with_beta[j]
    lower = root(given_beta)
    ends = np.zeros((CORNERS + NODES, 3))
    start = np.empty(6)
    for arc in range(CORNERS + NODES):
        if arc == CORNERS + NODES // 2:
            continue
        along = 0.0
        start[:] = mean[:6]
        if arc < CORNERS:
            for i in range(6):
                for j in range(i + 1):
                    start[i] += lower[i, j] * _CORNERS[arc, j]
        else:
            along = _NODES[arc - CORNERS]
            start += along * with_beta
        end, t, lands = to_ground(start, exp(-mean[6] - along * doubt), TOLERANCE_M, LIMIT_S)
        if not lands:
            return ends, False
        away(axes, middle, end, ends[arc])
        ends[arc, 2] = t - middle_s
    return ends, True


@compiled
def landings(mean: Vector, covariance: Matrix, middle: Vector, middle_s: float) -> tuple[Matrix, bool]:
    """(POINTS, 3) metres east and north of where the mean comes down, and seconds after it does.

    `mean` (7,) and `covariance` (7, 7) are of ECEF metres, metres per second and ln beta; the mean itself lands at
    `middle` after `middle_s`. False when part of it might not come down.
    """
    cloud = np.zeros((POINTS, 3))
    ends, lands = fan(mean, covariance, middle, middle_s)
    if not lands:
        return cloud, False
    shift = np.zeros(3)
    for arc in range(CORNERS):
        shift += ends[arc] / CORNERS
    spread = np.zeros((3, 3))
    spread[0, 0] = spread[1, 1] = WIND_M * WIND_M
    for arc in range(CORNERS):
        for i in range(3):
            for j in range(3):
                spread[i, j] += (ends[arc, i] - shift[i]) * (ends[arc, j] - shift[j]) / CORNERS
    by_state = root(spread)
    for n in range(POINTS):
        for i in range(3):
            total = shift[i]
            for j in range(i + 1):
                total += by_state[i, j] * _CLOUD[n, 1 + j]
            for node in range(NODES):
                total += _BY_NODE[n, node] * ends[CORNERS + node, i]
            cloud[n, i] = total
    return cloud, True


@compiled
def quantile(ordered: Vector, share: float) -> float:
    """The value below which that share of the ordered values lies, each standing for the middle of its part."""
    at = min(max(share * len(ordered) - 0.5, 0.0), len(ordered) - 1.0)
    i = min(int(at), len(ordered) - 2)
    return ordered[i] + (at - i) * (ordered[i + 1] - ordered[i])


@compiled
def told(cloud: Matrix) -> tuple[Vector, Matrix, Vector, Vector]:
    """The cloud in words of a picture: mean (3,), covariance (3, 3), radii (3,) and time window (2,).

    The radii are those of ellipses of the covariance around the mean, in standard deviations, that hold SHARES of
    the cloud; for a Gaussian 1.177, 2.146 and 3.035. The window holds 90 % of the times.
    """
    count = len(cloud)
    mean = np.zeros(3)
    covariance = np.zeros((3, 3))
    for n in range(count):
        mean += cloud[n] / count
    for n in range(count):
        for i in range(3):
            for j in range(3):
                covariance[i, j] += (cloud[n, i] - mean[i]) * (cloud[n, j] - mean[j]) / count
    ee, en, nn = covariance[0, 0], covariance[0, 1], covariance[1, 1]
    over = 1.0 / (ee * nn - en * en)
    apart2 = np.empty(count)
    for n in range(count):
        east, north = cloud[n, 0] - mean[0], cloud[n, 1] - mean[1]
        apart2[n] = (nn * east * east - 2.0 * en * east * north + ee * north * north) * over
    apart2.sort()
    radii = np.empty(len(SHARES))
    for i in range(len(SHARES)):
        radii[i] = sqrt(quantile(apart2, SHARES[i]))
    times = cloud[:, 2].copy()
    times.sort()
    return mean, covariance, radii, np.array([quantile(times, EARLIEST), quantile(times, LATEST)])


@compiled
def displaced(lat_rad: float, lon_rad: float, east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude (rad) after going that far over a sphere."""
    arc = sqrt(east_m * east_m + north_m * north_m) / MEAN_RADIUS_M
    heading = atan2(east_m, north_m)
    sine = sin(lat_rad) * cos(arc) + cos(lat_rad) * sin(arc) * cos(heading)
    lon = lon_rad + atan2(sin(heading) * sin(arc) * cos(lat_rad), cos(arc) - sin(lat_rad) * sine)
    return asin(sine), lon
