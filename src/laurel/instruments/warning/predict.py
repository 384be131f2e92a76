"""Carrying an estimate through time and to the ground, as compiled kernels.

An estimate is a state (6,) ECEF metres and metres per second with its covariance (6, 6). The ballistic
coefficient of what flies is unknown: its logarithm is one more uncertain dimension.
"""

from __future__ import annotations

from math import atan2, cos, exp, log, sin, sqrt

import numpy as np

from laurel.physics.ballistics import drag, propagate, to_ground, transition
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import MEAN_RADIUS_M, height, to_geodetic
from laurel.physics.flight import between

LN_BETA = log(4_500.0)
LN_BETA_SIGMA = 0.5
"""Warheads and spent bodies of notional classes: 90 % between 2,000 and 10,000 kg/m2."""

INV_BETA_M2PKG = exp(-LN_BETA)

BOOST_LASTS_S = 120.0
"""For how long an unseen vehicle is thought to go on accelerating."""

AIR_M = 100_000.0
TOLERANCE_M = 1.0
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
def carry(
    state: Vector,
    covariance: Matrix,
    dt_s: float,
    acceleration_mps2: float,
    inv_beta_m2pkg: float,
    ln_beta_sigma: float,
) -> tuple[Vector, Matrix, float]:
    """State and covariance `dt_s` later, and how much of that it flew before it met the ground.

    Linearised in steps of 5 s, or 1 s in the air. An unknown acceleration of that standard deviation on each
    axis is held for the whole time, at most BOOST_LASTS_S.
    """
    here = state.copy()
    wide = np.zeros((7, 7))
    wide[:6, :6] = covariance
    wide[6, 6] = ln_beta_sigma * ln_beta_sigma
    step = np.zeros((7, 7))
    step[6, 6] = 1.0
    flown = 0.0
    while flown < dt_s:
        h = height(here[0], here[1], here[2])
        if h < 0.0 and flown > 0.0:
            break
        dt = min(dt_s - flown, 5.0 if h > AIR_M else 1.0)
        step[:6, :6] = transition(here, dt, inv_beta_m2pkg)
        if h < AIR_M:
            pull = drag(here, inv_beta_m2pkg)
            for i in range(3):
                step[i, 6] = -0.5 * dt * dt * pull[i]
                step[3 + i, 6] = -dt * pull[i]
        wide = step @ wide @ step.T
        here = propagate(here, dt, inv_beta_m2pkg, dt)
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


@compiled
def landing(state: Vector, covariance: Matrix, ln_beta: float, ln_beta_sigma: float) -> tuple[Vector, Matrix, bool]:
    """(3,) latitude (rad), longitude (rad) and seconds until impact; covariance (3, 3) of (east m, north m, s).

    By cubature over seven dimensions (Arasaratnam & Haykin 2009): 14 arcs, equal weights, around the mean's own.
    False when any of them does not come down.
    """
    mean = np.zeros(3)
    spread = np.zeros((3, 3))
    middle, _, lands = to_ground(state, exp(-ln_beta), TOLERANCE_M, LIMIT_S)
    if not lands:
        return mean, spread, False
    lat, lon, _ = to_geodetic(middle[0], middle[1], middle[2])
    east = np.array([-sin(lon), cos(lon), 0.0])
    north = np.array([-sin(lat) * cos(lon), -sin(lat) * sin(lon), cos(lat)])
    lower = root(covariance)
    reach = sqrt(7.0)
    rows = np.zeros((14, 3))
    start = np.empty(6)
    for point in range(14):
        axis = point // 2
        side = reach if point % 2 == 0 else -reach
        b = ln_beta
        start[:] = state
        if axis < 6:
            for i in range(6):
                start[i] += side * lower[i, axis]
        else:
            b += side * ln_beta_sigma
        end, t, lands = to_ground(start, exp(-b), TOLERANCE_M, LIMIT_S)
        if not lands:
            return mean, spread, False
        de = 0.0
        dn = 0.0
        for i in range(3):
            de += east[i] * (end[i] - middle[i])
            dn += north[i] * (end[i] - middle[i])
        # Along the ground rather than through it.
        flat = sqrt(de * de + dn * dn) / MEAN_RADIUS_M
        bent = np.arcsin(min(flat, 1.0)) / flat if flat > 1e-9 else 1.0
        rows[point, 0] = de * bent
        rows[point, 1] = dn * bent
        rows[point, 2] = t
    for i in range(3):
        mean[i] = rows[:, i].mean()
    for i in range(3):
        for j in range(3):
            spread[i, j] = ((rows[:, i] - mean[i]) * (rows[:, j] - mean[j])).mean()
    arc = sqrt(mean[0] * mean[0] + mean[1] * mean[1]) / MEAN_RADIUS_M
    heading = atan2(mean[0], mean[1])
    sine = sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(heading)
    mean[1] = lon + atan2(sin(heading) * sin(arc) * cos(lat), cos(arc) - sin(lat) * sine)
    mean[0] = np.arcsin(sine)
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
