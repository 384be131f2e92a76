"""Where a plume is, by lines of sight alone. Kernels.

Two satellites: position, velocity and acceleration that meet all their lines of sight best. What lies across a
line of sight is linear in all nine numbers, so that is one least-squares fit and looks need not coincide.

One satellite: angles say nothing of the distance, but how a boost rises does. Every flight of the bank, come
out of the clouds at the first look, is laid along the lines of sight; those that fit are weighed and mixed. The
doubt along the line of sight is what the flights disagree about.
"""

from __future__ import annotations

from math import cos, inf, pi, sin, sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.launch_point import (
    CLOUD_BREAK_M,
    CLOUD_BREAK_SIGMA_M,
    LEAST_DOUBT_M,
    half_turn,
    pierce,
    radii,
)
from laurel.instruments.warning.tracker.sight import sight
from laurel.instruments.warning.tracker.table import (
    EAST_EAST,
    EAST_NORTH,
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
HEIGHT_DOUBT, SPEED_DOUBT, PUSH_DOUBT, TIME_DOUBT, WAY_DOUBT = 0.05, 0.06, 0.15, 0.12, 0.03
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
    return Plume(np.zeros(FULL), np.zeros((FULL, FULL)), np.zeros(8), inf, 0.0, sound=False)


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
    return Plume(mean, 0.5 * (cov + cov.T), np.zeros(8), misfit, count - 3.0, sound=True)


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
    """The heading whose unit step over the ground looks most like `wanted`, and its information for one of sigma2."""
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


@compiled
def _tries(
    flights: Matrix, eye: Eye, looks: Matrix, laid: tuple[Matrix, Matrix], slope: Matrix, lift: float
) -> tuple[Matrix, Vector, Matrix]:
    """Every flight at three heights of the first look, laid along the looks and turned three ways.

    (k, 7) flight, seconds since lift-off, heading, pad east and north (m), way and height now; (k,) misfit in
    squared sigmas; (k, 2) 1 / n and (way now - mean way)2 / sum of squares: how well the place now is borne.
    """
    n = len(looks)
    tries = np.empty((9 * len(flights), 7))
    misfit = np.empty(9 * len(flights))
    borne = np.empty((9 * len(flights), 2))
    back = np.linalg.inv(slope)
    z = np.empty((n, 2))
    way = np.empty(n)
    count = 0
    for j in range(len(flights)):
        for level in range(3):
            climb = 400.0
            start = reached(flights[j], CLOUD_BREAK_M)
            if start < inf:
                climb = fact(flights[j], start, CLIMB)
            # It came out of the clouds at some time within the period before the first look.
            middle = CLOUD_BREAK_M + 0.5 * climb * lift
            sigma_m = sqrt(CLOUD_BREAK_SIGMA_M**2 + (climb * lift) ** 2 / 12.0)
            start = reached(flights[j], middle + (level - 1) * NODES * sigma_m)
            if not fact(flights[j], start + looks[n - 1, 0] - looks[0, 0], PUSH) > 1.0:
                continue
            mid0, mid1, mid_way = 0.0, 0.0, 0.0
            for i in range(n):
                t_s = start + looks[i, 0] - looks[0, 0]
                alt, way[i] = fact(flights[j], t_s, RISEN), fact(flights[j], t_s, FLOWN)
                e, o = _at_level(laid[0][i], alt), _at_level(laid[1][i], alt)
                z[i, 0] = slope[0, 0] * e + slope[0, 1] * o
                z[i, 1] = slope[1, 0] * e + slope[1, 1] * o
                mid0 += z[i, 0] / n
                mid1 += z[i, 1] / n
                mid_way += way[i] / n
            dd = 1e-6
            wanted = np.zeros(2)
            for i in range(n):
                d = way[i] - mid_way
                dd += d * d
                wanted[0] += d * (z[i, 0] - mid0)
                wanted[1] += d * (z[i, 1] - mid1)
            wanted /= dd
            psi, bend = _turned(slope, wanted)
            turn = min(eye.angle_sigma_rad / sqrt(max(dd * bend, 1e-30)), WIDEST_TURN_RAD)
            for node in range(3):
                to = psi + (node - 1) * NODES * turn
                a = slope[0, 0] * sin(psi) + slope[0, 1] * cos(psi)
                b = slope[1, 0] * sin(psi) + slope[1, 1] * cos(psi)
                squares = 0.0
                for i in range(n):
                    d = way[i] - mid_way
                    squares += (z[i, 0] - mid0 - a * d) ** 2 + (z[i, 1] - mid1 - b * d) ** 2
                sigma2 = eye.angle_sigma_rad**2
                shape = SHAPE_DOUBT * (way[n - 1] - way[0])
                sigma2 += shape * shape * (slope[0, 0] ** 2 + slope[1, 1] ** 2) / 6.0
                misfit[count] = squares / sigma2
                east = back[0, 0] * mid0 + back[0, 1] * mid1 - mid_way * sin(to)
                north = back[1, 0] * mid0 + back[1, 1] * mid1 - mid_way * cos(to)
                t_s = start + looks[n - 1, 0] - looks[0, 0]
                tries[count, 0], tries[count, 1], tries[count, 2] = j, t_s, to
                tries[count, 3], tries[count, 4] = east, north
                tries[count, 5], tries[count, 6] = way[n - 1], fact(flights[j], t_s, RISEN)
                borne[count, 0], borne[count, 1] = 1.0 / n, (way[n - 1] - mid_way) ** 2 / dd
                count += 1
    return tries[:count].copy(), misfit[:count].copy(), borne[:count].copy()


@compiled
def lone(flights: Matrix, eye: Eye, looks: Matrix) -> Plume:
    """What one satellite sees, at its last look: a boost of the bank along its lines of sight, very wide along them."""
    n = len(looks)
    middle = pierce(eye.site, sight(eye, looks[n // 2, 1], looks[n // 2, 2], 0.0).along, LEVELS_M[1])
    if not np.isfinite(middle).all() or n < 3:
        return no_plume()
    lat0, lon0, _ = to_geodetic(middle[0], middle[1], middle[2])
    laid = _laid_out(eye, looks, lat0, lon0)
    if not (np.isfinite(laid[0]).all() and np.isfinite(laid[1]).all()):
        return no_plume()
    seen = sight(eye, looks[n // 2, 1], looks[n // 2, 2], 0.0)
    far = sqrt(((middle - eye.site) ** 2).sum())
    east = np.array([-sin(lon0), cos(lon0), 0.0])
    north = np.array([-sin(lat0) * cos(lon0), -sin(lat0) * sin(lon0), cos(lat0)])
    slope = np.empty((2, 2))
    slope[0, 0], slope[0, 1] = (seen.right * east).sum() / far, (seen.right * north).sum() / far
    slope[1, 0], slope[1, 1] = (seen.up * east).sum() / far, (seen.up * north).sum() / far
    if abs(slope[0, 0] * slope[1, 1] - slope[0, 1] * slope[1, 0]) * far * far < 0.05:
        return no_plume()
    tries, misfit, borne = _tries(flights, eye, looks, laid, slope, eye.period_s)
    if len(tries) < FEWEST:
        return no_plume()
    least = misfit.min()
    heat = 1.0
    weights = np.exp(-0.5 * (misfit - least))
    for _ in range(WIDENINGS):
        weights = np.exp(-0.5 * (misfit - least) / heat)
        if weights.sum() ** 2 / (weights * weights).sum() > 3.0 * FEWEST:
            break
        heat *= 1.6
    weights /= weights.sum()
    out = _mixed(flights, eye, looks, (lat0, lon0), slope, (tries, weights, borne))
    sound = bool(np.isfinite(out[0]).all() and np.isfinite(out[1]).all())
    return Plume(out[0], out[1], out[2], least, 2.0 * n - 4.0, sound=sound)


@compiled
def _mixed(
    flights: Matrix,
    eye: Eye,
    looks: Matrix,
    origin: tuple[float, float],
    slope: Matrix,
    weighed: tuple[Matrix, Vector, Matrix],
) -> tuple[Vector, Matrix, Vector]:
    """The tries as one Gaussian, with what each of them leaves open: (9,), (9, 9), and a launch row."""
    lat0, lon0 = origin
    tries, weights, borne = weighed
    to_north, to_east = radii(lat0)
    # Times count from the last look: from an epoch years ago, what the weights lack to 1 would be minutes.
    first_s, last = looks[0, 0], looks[-1]
    along = sight(eye, last[1], last[2], 0.0).along
    back = np.linalg.inv(slope) * eye.angle_sigma_rad
    ground = back @ back.T
    rows = np.zeros((len(tries), ROW))
    cov = np.zeros((ROW, ROW))
    mean = np.zeros(ROW)
    for k in range(len(tries)):
        if weights[k] < 1e-7:
            continue
        t_s, psi = tries[k, 1], tries[k, 2]
        flight = flights[int(tries[k, 0])]
        alt = tries[k, 6]
        lat = lat0 + (tries[k, 4] + tries[k, 5] * cos(psi)) / to_north
        lon = lon0 + (tries[k, 3] + tries[k, 5] * sin(psi)) / to_east
        x, y, z = to_ecef(lat, lon, alt)
        east = np.array([-sin(lon), cos(lon), 0.0])
        north = np.array([-sin(lat) * cos(lon), -sin(lat) * sin(lon), cos(lat)])
        up = np.array([cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)])
        ahead = sin(psi) * east + cos(psi) * north
        climb, over, push = fact(flight, t_s, CLIMB), fact(flight, t_s, OVER), fact(flight, t_s, PUSH)
        speed = sqrt(climb * climb + over * over)
        way = (climb * up + over * ahead) / speed
        rows[k, 0], rows[k, 1], rows[k, 2] = x, y, z
        rows[k, 3:6] = way * speed
        rows[k, 6:9] = way * push
        rows[k, 9], rows[k, 10], rows[k, 11] = tries[k, 3], tries[k, 4], -t_s
        mean += weights[k] * rows[k]
        # Higher up along the same line of sight, and faster: what the bank's shapes leave open.
        higher = HEIGHT_DOUBT * alt / max(abs((along * up).sum()), 0.2) * along
        here = borne[k, 0] + borne[k, 1]
        for a in range(3):
            for b in range(3):
                flat = east[a] * (ground[0, 0] * east[b] + ground[0, 1] * north[b])
                flat += north[a] * (ground[1, 0] * east[b] + ground[1, 1] * north[b])
                cov[a, b] += weights[k] * (here * flat + higher[a] * higher[b])
                same = 1.0 if a == b else 0.0
                cov[3 + a, 3 + b] += weights[k] * (SPEED_DOUBT * speed) ** 2 * same
                cov[6 + a, 6 + b] += weights[k] * (PUSH_DOUBT * push) ** 2 * same
        for a in range(2):
            for b in range(2):
                cov[9 + a, 9 + b] += weights[k] * borne[k, 0] * ground[a, b]
            cov[9 + a, 9 + a] += weights[k] * (LEAST_DOUBT_M**2 + (WAY_DOUBT * tries[k, 5]) ** 2)
        cov[11, 11] += weights[k] * (TIME_DOUBT * (first_s - last[0] - rows[k, 11])) ** 2
    for k in range(len(tries)):
        if weights[k] < 1e-7:
            continue
        d = rows[k] - mean
        for a in range(ROW):
            for b in range(ROW):
                cov[a, b] += weights[k] * d[a] * d[b]
    launch = np.zeros(8)
    launch[SOURCE] = LAUNCH_BY_INFRARED
    launch[LAT], launch[LON] = lat0 + mean[10] / to_north, half_turn(lon0 + mean[9] / to_east)
    launch[WHEN], launch[WHEN_SIGMA] = last[0] + mean[11], sqrt(cov[11, 11])
    launch[EAST_EAST], launch[EAST_NORTH], launch[NORTH_NORTH] = cov[9, 9], cov[9, 10], cov[10, 10]
    return mean[:FULL].copy(), cov[:FULL, :FULL].copy(), launch
