"""Carrying an estimate through time and to the ground, as compiled kernels.

An estimate is a state (6,) ECEF metres and metres per second with its covariance (6, 6). The ballistic
coefficient of what flies is unknown: its inverse, to which drag is proportional, is one more dimension.
"""

from __future__ import annotations

from math import asin, atan2, cos, sin, sqrt

import numpy as np

from laurel.physics.ballistics import drag, propagate, to_ground, transition
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import MEAN_RADIUS_M, height, to_geodetic
from laurel.physics.flight import between

INV_BETA_M2PKG = 2.5e-4
INV_BETA_SIGMA_M2PKG = 1.0e-4
"""1 / ballistic coefficient of notional warheads and spent bodies: 90 % between 2,400 and 12,000 kg/m2."""

BOOST_LASTS_S = 120.0
"""For how long an unseen vehicle is thought to go on accelerating."""

AIR_M = 100_000.0
TOLERANCE_M = 20.0
"""Of one step of the integrator; at impact that is less than 1 m."""
UNMODELLED_M = 100.0
"""Wind and what else no model here knows, on each axis at impact."""
LIMIT_S = 7_200.0


@compiled
def root(covariance: Matrix) -> Matrix:
    """(n, n) lower triangle L with L L' = covariance; what rounding made negative counts as zero."""
    n = len(covariance)
    lower = np.zeros((n, n))
    for j in range(n):
        pivot = covariance[j, j]
        for k in range(j):
            pivot -= lower[j, k] * lower[j, k]
        if pivot <= 1e-14 * covariance[j, j]:
            continue
        lower[j, j] = sqrt(pivot)
        for i in range(j + 1, n):
            total = covariance[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            lower[i, j] = total / lower[j, j]
    return lower


@compiled
def carry(state: Vector, covariance: Matrix, dt_s: float, acceleration_mps2: float) -> tuple[Vector, Matrix, float]:
    """State and covariance `dt_s` later, and how much of that it flew before it met the ground.

    Linearised in steps of 10 s, or 1 s in the air. An unknown acceleration of that standard deviation on each
    axis is held for the whole time, at most BOOST_LASTS_S.
    """
    here = state.copy()
    wide = np.zeros((7, 7))
    wide[:6, :6] = covariance
    wide[6, 6] = INV_BETA_SIGMA_M2PKG * INV_BETA_SIGMA_M2PKG
    step = np.zeros((7, 7))
    step[6, 6] = 1.0
    flown = 0.0
    while flown < dt_s:
        h = height(here[0], here[1], here[2])
        if h < 0.0 and flown > 0.0:
            break
        dt = min(dt_s - flown, 10.0 if h > AIR_M else 1.0)
        step[:6, :6] = transition(here, dt, INV_BETA_M2PKG)
        if h < AIR_M:
            pull = drag(here, INV_BETA_M2PKG)
            for i in range(3):
                step[i, 6] = 0.5 * dt * dt * pull[i] / INV_BETA_M2PKG
                step[3 + i, 6] = dt * pull[i] / INV_BETA_M2PKG
        wide = step @ wide @ step.T
        here = propagate(here, dt, INV_BETA_M2PKG, dt)
        flown += dt
    out = wide[:6, :6].copy()
    pushed = min(flown, BOOST_LASTS_S)
    by_speed = acceleration_mps2 * pushed
    by_place = by_speed * (flown - 0.5 * pushed)
    for i in range(3):
        out[i, i] += by_place * by_place
        out[i, 3 + i] += by_place * by_speed
        out[3 + i, i] += by_place * by_speed
        out[3 + i, 3 + i] += by_speed * by_speed
    return here, out, flown


def _simplex(dimensions: int) -> Matrix:
    """(n + 1, n) corners of a regular simplex around 0 whose covariance is the identity (Helmert)."""
    corners = np.zeros((dimensions + 1, dimensions))
    for j in range(dimensions):
        length = sqrt((dimensions + 1) / ((j + 1) * (j + 2)))
        corners[: j + 1, j] = -length
        corners[j + 1, j] = (j + 1) * length
    return corners


_SIMPLEX = _simplex(6)


@compiled
def landing(state: Vector, covariance: Matrix, middle: Vector, middle_s: float) -> tuple[Vector, Matrix, bool]:
    """(3,) latitude (rad), longitude (rad) and seconds until impact; covariance (3, 3) of (east m, north m, s).

    `middle` is where the state itself comes down, after `middle_s`. Seven arcs around it from the corners of a
    simplex (Julier 2003) stand for the state, two (Gauss-Hermite, three points) for the drag. False when any
    of them does not come down.
    """
    mean = np.zeros(3)
    spread = np.zeros((3, 3))
    lat, lon, _ = to_geodetic(middle[0], middle[1], middle[2])
    axes = np.zeros((2, 3))
    axes[0] = np.array([-sin(lon), cos(lon), 0.0])
    axes[1] = np.array([-sin(lat) * cos(lon), -sin(lat) * sin(lon), cos(lat)])
    lower = root(covariance)
    rows = np.zeros((9, 3))
    start = np.empty(6)
    for point in range(9):
        inv_beta = INV_BETA_M2PKG
        start[:] = state
        if point < 7:
            for i in range(6):
                for j in range(i + 1):
                    start[i] += lower[i, j] * _SIMPLEX[point, j]
        else:
            inv_beta += (1.0 if point == 7 else -1.0) * sqrt(3.0) * INV_BETA_SIGMA_M2PKG
        end, t, lands = to_ground(start, inv_beta, TOLERANCE_M, LIMIT_S)
        if not lands:
            return mean, spread, False
        east, north = 0.0, 0.0
        for i in range(3):
            east += axes[0, i] * (end[i] - middle[i])
            north += axes[1, i] * (end[i] - middle[i])
        # Along the ground rather than through it.
        flat = sqrt(east * east + north * north) / MEAN_RADIUS_M
        bent = asin(min(flat, 1.0)) / flat if flat > 1e-9 else 1.0
        rows[point, 0] = east * bent
        rows[point, 1] = north * bent
        rows[point, 2] = t - middle_s
    for first, last, share in ((0, 7, 1.0 / 7.0), (7, 9, 1.0 / 6.0)):
        shift = np.zeros(3)
        for point in range(first, last):
            for i in range(3):
                shift[i] += share * rows[point, i]
        for i in range(3):
            mean[i] += shift[i]
            for j in range(3):
                for point in range(first, last):
                    spread[i, j] += share * rows[point, i] * rows[point, j]
                spread[i, j] -= shift[i] * shift[j]
    spread[0, 0] += UNMODELLED_M * UNMODELLED_M
    spread[1, 1] += UNMODELLED_M * UNMODELLED_M
    arc = sqrt(mean[0] * mean[0] + mean[1] * mean[1]) / MEAN_RADIUS_M
    heading = atan2(mean[0], mean[1])
    sine = sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(heading)
    mean[1] = lon + atan2(sin(heading) * sin(arc) * cos(lat), cos(arc) - sin(lat) * sine)
    mean[0] = asin(sine)
    mean[2] += middle_s
    return mean, spread, True


@compiled
def along(times_s: Vector, states: Matrix, rates: Matrix, wanted_s: Vector) -> Matrix:
    """(n, 3) latitude (degrees), longitude (degrees), height (m) on an arc's steps at the wanted times."""
    out = np.empty((len(wanted_s), 3))
    for row in range(len(wanted_s)):
        s = between(wanted_s[row], times_s, states, rates)
        lat, lon, h = to_geodetic(s[0], s[1], s[2])
        out[row, 0] = lat * 180.0 / np.pi
        out[row, 1] = lon * 180.0 / np.pi
        out[row, 2] = h
    return out
