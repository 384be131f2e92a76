"""Where a plume is, by lines of sight alone. Kernels.

Two satellites: position, velocity and acceleration that meet all their lines of sight best. What lies across a
line of sight is linear in all nine numbers, so that is one least-squares fit and looks need not coincide.

One satellite: angles say nothing of the distance, but how a boost rises does. Every flight of the bank, come
out of the clouds at the first look, is laid along the lines of sight; those that fit are weighed and mixed. The
doubt along the line of sight is what the flights disagree about.
"""

from __future__ import annotations

from math import atan2, cos, inf, pi, sin, sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.estimate import sight
from laurel.instruments.warning.tracker.launch_point import (
    CLOUD_BREAK_M,
    CLOUD_BREAK_SIGMA_M,
    LEAST_DOUBT_M,
    half_turn,
    pierce,
    radii,
)
from laurel.instruments.warning.tracker.table import (
    EAST_EAST,
    EAST_NORTH,
    FREE,
    FULL,
    LAT,
    LAUNCH_BY_INFRARED,
    LON,
    NORTH_NORTH,
    SOURCE,
    WHEN,
    WHEN_SIGMA,
    Eye,
)
from laurel.instruments.warning.tracker.templates import CLIMB, FLOWN, OVER, PUSH, RISEN, fact, reached
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import freefall, to_ecef, to_geodetic

SPEED_SIGMA_MPS = 3_000.0
PUSH_SIGMA_MPS2 = 25.0
"""What is known of a boost before it is seen, on each axis."""
WINDOW_S = 12.0
JERK_MPS3 = 1.5
"""A push that grows while it is taken for constant."""

LEVELS_M = (5_000.0, 45_000.0, 95_000.0)
"""Lines of sight are laid out over the ground at these heights, and by a parabola between them."""
NODES = 1.2247449
"""Three equal shares at the mean and that many sigmas off it have the variance of a Gaussian."""
SHAPE_DOUBT = 0.03
"""How far a boost may leave the shape of every flight of the bank, as a share of its way."""
HEIGHT_DOUBT, SPEED_DOUBT, PUSH_DOUBT = 0.05, 0.06, 0.15
WIDEST_TURN_RAD = 1.8
FEWEST = 8.0
WIDENINGS = 8
ROW = 12
"""What a try comes to: position, velocity and push (ECEF), pad east and north (m), time of launch."""


class Plume(NamedTuple):
    """A boosting state at the last look, where it was launched, and how well that fits."""

    mean: Vector
    """(9,) position, velocity, push of the motor."""
    cov: Matrix
    """(9, 9)."""
    launch: Vector
    """(8,) a launch row; no source where none is told."""
    misfit: float
    """Chi-square of the looks."""
    freedom: float
    """Its degrees of freedom."""
    sound: bool


@compiled
def no_plume() -> Plume:
    """Nothing fits."""
    return Plume(np.zeros(FULL), np.zeros((FULL, FULL)), np.zeros(8), inf, 0.0, False)


@compiled
def _lean_on(eye: Eye, looks: Matrix, last_s: float, near: Vector, normal: Matrix, right: Vector) -> tuple[float, int]:
    """Adds the looks of one satellite to the normal equations about `near` (m, s); returns squares and how many."""
    squares, count = 0.0, 0
    for i in range(len(looks)):
        tau = looks[i, 0] - last_s
        if tau < -WINDOW_S:
            continue
        seen = sight(eye, looks[i, 1], looks[i, 2], 0.0)
        far = sqrt(((near - eye.site) ** 2).sum())
        for axis in range(2):
            way = seen.right if axis == 0 else seen.up
            sigma = far * (seen.sigma_right_rad if axis == 0 else eye.angle_sigma_rad)
            off = (way * (eye.site - near)).sum() / sigma
            row = np.empty(FULL)
            for j in range(3):
                row[j] = way[j] / sigma
                row[3 + j] = row[j] * tau
                row[6 + j] = 0.5 * row[j] * tau * tau
            normal += np.outer(row, row)
            right += row * off
            squares += off * off
            count += 1
    return squares, count


@compiled
def crossing(eye: Eye, looks: Matrix, other: Eye, others: Matrix) -> Plume:
    """What two satellites see together, at the last of their looks; not sound where their lines are one plane."""
    last_s = max(looks[-1, 0], others[-1, 0])
    # The first guess is where the line of sight is at a middling height: it only sets the scale of the errors.
    near = pierce(eye.site, sight(eye, looks[-1, 1], looks[-1, 2], 0.0).along, LEVELS_M[1])
    if not np.isfinite(near).all():
        return no_plume()
    fall = freefall(near[0], near[1], near[2], 0.0, 0.0)
    normal = np.zeros((FULL, FULL))
    right = np.zeros(FULL)
    squares, count = 0.0, 0
    for j in range(3):
        normal[3 + j, 3 + j] += 1.0 / SPEED_SIGMA_MPS**2
        normal[6 + j, 6 + j] += 1.0 / PUSH_SIGMA_MPS2**2
        right[6 + j] += fall[j] / PUSH_SIGMA_MPS2**2
        squares += (fall[j] / PUSH_SIGMA_MPS2) ** 2
    by_one, one = _lean_on(eye, looks, last_s, near, normal, right)
    by_other, two = _lean_on(other, others, last_s, near, normal, right)
    squares += by_one + by_other
    count = one + two
    if one < 4 or two < 4:
        return no_plume()
    scale = np.sqrt(np.diag(normal))
    shaped = normal / np.outer(scale, scale)
    if not np.isfinite(shaped).all() or np.linalg.cond(shaped) > 1e12:
        return no_plume()
    cov = np.linalg.inv(shaped) / np.outer(scale, scale)
    found = cov @ right
    misfit = squares - (found * right).sum()
    mean = found.copy()
    mean[:3] += near
    fall = freefall(mean[0], mean[1], mean[2], mean[3], mean[4])
    for j in range(3):
        mean[6 + j] -= fall[j]
    span = min(WINDOW_S, max(last_s - looks[0, 0], last_s - others[0, 0]))
    jerk2 = JERK_MPS3 * JERK_MPS3
    for j in range(3):
        # The end of a parabola through a cubic (Legendre).
        cov[j, j] += jerk2 * (span**3 / 120.0) ** 2
        cov[3 + j, 3 + j] += jerk2 * (span**2 / 10.0) ** 2
        cov[6 + j, 6 + j] += jerk2 * (span / 2.0) ** 2
    if not (np.isfinite(mean).all() and np.isfinite(cov).all()):
        return no_plume()
    return Plume(mean, 0.5 * (cov + cov.T), np.zeros(8), misfit, float(count), True)


@compiled
def _laid_out(eye: Eye, looks: Matrix, lat0: float, lon0: float) -> tuple[Matrix, Matrix]:
    """East and north (m) of every look at the three levels: (n, 3) each; nan where it passes the Earth by."""
    n = len(looks)
    east, north = np.empty((n, 3)), np.empty((n, 3))
    to_north, to_east = radii(lat0)
    for i in range(n):
        way = sight(eye, looks[i, 1], looks[i, 2], 0.0).along
        for level in range(3):
            there = pierce(eye.site, way, LEVELS_M[level])
            lat, lon, _ = to_geodetic(there[0], there[1], there[2])
            east[i, level] = half_turn(lon - lon0) * to_east
            north[i, level] = (lat - lat0) * to_north
    return east, north


@compiled
def _at_level(row: Vector, alt_m: float) -> float:
    """The parabola through three levels."""
    a, b, c = LEVELS_M
    return (
        row[0] * (alt_m - b) * (alt_m - c) / ((a - b) * (a - c))
        + row[1] * (alt_m - a) * (alt_m - c) / ((b - a) * (b - c))
        + row[2] * (alt_m - a) * (alt_m - b) / ((c - a) * (c - b))
    )


@compiled
def _turned(slope: Matrix, wanted: Vector) -> tuple[float, float]:
    """The heading whose unit step over the ground looks most like `wanted`; and what 1 / variance it has per 1 / sigma2."""
    best, least = 0.0, inf
    for k in range(36):
        psi = 2.0 * pi * k / 36.0
        x, y = sin(psi), cos(psi)
        a = slope[0, 0] * x + slope[0, 1] * y - wanted[0]
        b = slope[1, 0] * x + slope[1, 1] * y - wanted[1]
        if a * a + b * b < least:
            least, best = a * a + b * b, psi
    bend = 0.0
    for _ in range(4):
        x, y = sin(best), cos(best)
        a = slope[0, 0] * x + slope[0, 1] * y - wanted[0]
        b = slope[1, 0] * x + slope[1, 1] * y - wanted[1]
        da = slope[0, 0] * y - slope[0, 1] * x
        db = slope[1, 0] * y - slope[1, 1] * x
        bend = da * da + db * db
        best -= (a * da + b * db) / max(bend, 1e-30)
    return best, bend
